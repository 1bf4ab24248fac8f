//! Members as lists show them: searched, filtered, and page by page.

use std::{fmt, str::FromStr};

use rusqlite::{Row, named_params};

use crate::{
    clock::Timestamp,
    db::{Part, Slice, View, Window, stored_as_text},
    error::{Error, Result},
    ids::{MemberId, OrganizationId, ShootId, TeamId},
    members::{Email, Role},
};

stored_as_text! {
    /// How far a member is, by their latest shoot.
    pub enum Stage {
        /// Runs the organization and has no headshots made.
        Lead = "lead",
        /// Signed up, no photo yet.
        Joined = "joined",
        /// Has uploaded a photo.
        Uploading = "uploading",
        /// Submitted; the headshots are being made.
        Generating = "generating",
        /// The headshots could not be made, and no further try is made.
        Failed = "failed",
        /// Has headshots.
        Finished = "finished",
        /// The headshots are deleted.
        Deleted = "deleted",
    }
}

/// A line of the list of members.
#[derive(Clone, Debug)]
pub struct Listed {
    /// Who.
    pub id: MemberId,
    /// What they may do.
    pub role: Role,
    /// Their address.
    pub email: Option<Email>,
    /// Their name.
    pub name: Option<String>,
    /// What they do.
    pub title: Option<String>,
    /// Their team.
    pub team_id: Option<TeamId>,
    /// Their team's name.
    pub team: Option<String>,
    /// Their latest shoot.
    pub shoot: Option<ShootId>,
    /// The state it is in, in its own words.
    pub shoot_state: Option<String>,
    /// How far it is.
    pub stage: Stage,
    /// Why its last try failed.
    pub failure: Option<String>,
    /// Since when they are a member.
    pub created_at: Timestamp,
}

impl Listed {
    pub(super) fn from_row(row: &Row) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            role: row.get("role")?,
            email: row.get("email")?,
            name: row.get("name")?,
            title: row.get("title")?,
            team_id: row.get("team_id")?,
            team: row.get("team_name")?,
            shoot: row.get("shoot_id")?,
            shoot_state: row.get("shoot_state")?,
            stage: row.get("stage")?,
            failure: row.get("failure")?,
            created_at: row.get("created_at")?,
        })
    }
}

/// Which members to list.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Part of a name or an address.
    pub search: String,
    /// Only this team.
    pub team: Option<TeamId>,
    /// Only these.
    pub stage: Option<Stage>,
}

impl Filter {
    /// Whether it leaves anyone out.
    pub fn narrows(&self) -> bool {
        !self.search.trim().is_empty() || self.team.is_some() || self.stage.is_some()
    }

    /// The search as `like` takes it, with the signs that mean something there taken as themselves.
    pub fn pattern(&self) -> String {
        let text = self.search.trim().replace('\\', r"\\").replace('%', r"\%").replace('_', r"\_");
        format!("%{text}%")
    }
}

/// A part of the members that `filter` lets through, newest first.
pub fn page(
    view: &View,
    organization: &OrganizationId,
    filter: &Filter,
    part: &Part<MemberId>,
    limit: u32,
) -> Result<Slice<Listed>> {
    part.read(
        limit,
        |after, limit| {
            view.all(
                r"select p.* from people p
                  where p.organization_id = :organization
                    and (:search = '%%' or p.name like :search escape '\' or p.email like :search escape '\')
                    and (:team is null or p.team_id = :team)
                    and (:stage is null or p.stage = :stage)
                    and (:after is null or (p.created_at, p.id) <
                        (select created_at, id from members where id = :after and organization_id = :organization))
                  order by p.created_at desc, p.id desc
                  limit :limit",
                named_params! {
                    ":organization": organization, ":search": filter.pattern(), ":team": filter.team,
                    ":stage": filter.stage, ":after": after, ":limit": limit,
                },
                Listed::from_row,
            )
        },
        |before, limit| {
            view.all(
                r"select p.* from people p
                  where p.organization_id = :organization
                    and (:search = '%%' or p.name like :search escape '\' or p.email like :search escape '\')
                    and (:team is null or p.team_id = :team)
                    and (:stage is null or p.stage = :stage)
                    and (p.created_at, p.id) >
                        (select created_at, id from members where id = :before and organization_id = :organization)
                  order by p.created_at, p.id
                  limit :limit",
                named_params! {
                    ":organization": organization, ":search": filter.pattern(), ":team": filter.team,
                    ":stage": filter.stage, ":before": before, ":limit": limit,
                },
                Listed::from_row,
            )
        },
    )
}

/// How many members `filter` lets through.
pub fn count(view: &View, organization: &OrganizationId, filter: &Filter) -> Result<u32> {
    view.one(
        r"select count(*) from people p
          where p.organization_id = :organization
            and (:search = '%%' or p.name like :search escape '\' or p.email like :search escape '\')
            and (:team is null or p.team_id = :team)
            and (:stage is null or p.stage = :stage)",
        named_params! {
            ":organization": organization, ":search": filter.pattern(), ":team": filter.team, ":stage": filter.stage,
        },
        |row| row.get(0),
    )
}

/// The member as a list would show them.
pub fn listed(view: &View, id: &MemberId) -> Result<Listed> {
    view.one("select * from people where id = :id", named_params! { ":id": id }, Listed::from_row)
}

/// A member's place in the list. It stays where it is when the member goes, so that whoever pages on from there misses nobody.
#[derive(Clone, Debug)]
pub struct Place {
    since: Timestamp,
    id: MemberId,
}

impl Listed {
    /// Its place in the list.
    pub fn place(&self) -> Place {
        Place { since: self.created_at, id: self.id.clone() }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:012x}{}", self.since.millis(), self.id)
    }
}

impl FromStr for Place {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let place = text.split_at_checked(12).and_then(|(since, id)| {
            Some(Self { since: Timestamp::from_millis(i64::from_str_radix(since, 16).ok()?), id: id.parse().ok()? })
        });
        place.ok_or_else(|| Error::invalid(plain!("\"{text:.50}\" is no place in the list of members.")))
    }
}

/// The members at these stages, or all of them, as programs page through them: newest first.
pub fn window(
    view: &View,
    organization: &OrganizationId,
    stages: Option<&[Stage]>,
    window: &Window<Place>,
) -> Result<Vec<Listed>> {
    let (since, after) = window.after.as_ref().map(|place| (place.since, &place.id)).unzip();
    view.all(
        "select p.* from people p
         where p.organization_id = :organization
           and (:stages is null or p.stage in (select value from json_each(:stages)))
           and (:after is null or (p.created_at, p.id) < (:since, :after))
         order by p.created_at desc, p.id desc
         limit :limit offset :offset",
        named_params! {
            ":organization": organization, ":stages": as_list(stages)?, ":since": since, ":after": after,
            ":limit": window.limit, ":offset": window.offset,
        },
        Listed::from_row,
    )
}

/// How many members are at these stages, or at all.
pub fn count_at(view: &View, organization: &OrganizationId, stages: Option<&[Stage]>) -> Result<i64> {
    let Some(stages) = as_list(stages)? else {
        return view.one(
            "select count(*) from members where organization_id = :organization",
            named_params! { ":organization": organization },
            |row| row.get(0),
        );
    };
    view.one(
        "select count(*) from people
         where organization_id = :organization and stage in (select value from json_each(:stages))",
        named_params! { ":organization": organization, ":stages": stages },
        |row| row.get(0),
    )
}

fn as_list(stages: Option<&[Stage]>) -> Result<Option<String>> {
    Ok(stages.map(serde_json::to_string).transpose()?)
}

/// How many members are at each stage.
pub fn funnel(view: &View, organization: &OrganizationId) -> Result<Vec<(Stage, i64)>> {
    view.all(
        "select stage, count(*) as people from people where organization_id = :organization group by stage",
        named_params! { ":organization": organization },
        |row| Ok((row.get("stage")?, row.get("people")?)),
    )
}
