//! Members as lists show them: searched, filtered, and page by page.

use rusqlite::{Row, named_params};

use crate::{
    clock::Timestamp,
    db::{View, stored_as_text},
    error::Result,
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
    /// Their team's name.
    pub team: Option<String>,
    /// Their latest shoot.
    pub shoot: Option<ShootId>,
    /// How far it is.
    pub stage: Stage,
    /// Since when they are a member.
    pub created_at: Timestamp,
}

impl Listed {
    fn from_row(row: &Row) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            role: row.get("role")?,
            email: row.get("email")?,
            name: row.get("name")?,
            team: row.get("team_name")?,
            shoot: row.get("shoot_id")?,
            stage: row.get("stage")?,
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
    /// Only those listed after this member.
    pub after: Option<MemberId>,
}

/// The members that `filter` lets through, newest first.
pub fn page(view: &View, organization: &OrganizationId, filter: &Filter, limit: u32) -> Result<Vec<Listed>> {
    let text = filter.search.trim().replace(['%', '_', '\\'], " ");
    view.all(
        "select p.* from people p
         where p.organization_id = :organization
           and (:search = '%%' or p.name like :search or p.email like :search)
           and (:team is null or p.team_id = :team)
           and (:stage is null or p.stage = :stage)
           and (:after is null or (p.created_at, p.id) < (select created_at, id from members where id = :after))
         order by p.created_at desc, p.id desc
         limit :limit",
        named_params! {
            ":organization": organization, ":search": format!("%{text}%"), ":team": filter.team,
            ":stage": filter.stage, ":after": filter.after, ":limit": limit,
        },
        Listed::from_row,
    )
}

/// How many members are at each stage.
pub fn funnel(view: &View, organization: &OrganizationId) -> Result<Vec<(Stage, i64)>> {
    view.all(
        "select stage, count(*) as people from people where organization_id = :organization group by stage",
        named_params! { ":organization": organization },
        |row| Ok((row.get("stage")?, row.get("people")?)),
    )
}
