//! The wall: of everyone in an organization who has headshots, the one they are known by. That is the favourite of their newest shoot
//! that has one; as long as they chose none, the first headshot of their newest shoot.

use rusqlite::{Row, named_params};

use super::Headshot;
use crate::{
    clock::Timestamp,
    db::View,
    error::Result,
    ids::{MemberId, OrganizationId, TeamId},
    members::{Email, Filter},
};

/// Of whom to show it.
#[derive(Clone, Debug, Default)]
pub struct Sieve {
    /// By name, address and team; the stage is of no account.
    pub who: Filter,
    /// Only those who chose, or only those who did not.
    pub chosen: Option<bool>,
    /// Only these.
    pub only: Option<Vec<MemberId>>,
}

impl Sieve {
    /// These people and nobody else.
    pub fn of(members: Vec<MemberId>) -> Self {
        Self { only: Some(members), ..Self::default() }
    }

    fn only(&self) -> Result<Option<String>> {
        Ok(self.only.as_ref().map(serde_json::to_string).transpose()?)
    }
}

/// Someone on the wall.
#[derive(Clone, Debug)]
pub struct Face {
    /// Who.
    pub member: MemberId,
    /// Their name, if they have said it.
    pub name: Option<String>,
    /// Their address.
    pub email: Option<Email>,
    /// What they do.
    pub title: Option<String>,
    /// Their team.
    pub team: Option<(TeamId, String)>,
    /// The headshot they are known by.
    pub headshot: Headshot,
    /// When they chose it; nothing if they did not, or nobody wrote it down then.
    pub chosen_at: Option<Timestamp>,
}

impl Face {
    /// What they are called.
    pub fn called(&self) -> &str {
        self.name.as_deref().or(self.email.as_ref().map(Email::as_str)).unwrap_or("Someone without a name")
    }

    fn from_row(row: &Row) -> rusqlite::Result<Self> {
        let team: Option<TeamId> = row.get("team_id")?;
        let headshot = Headshot::from_row(row)?;
        let chosen_at: Option<Timestamp> = row.get("chosen_at")?;
        Ok(Self {
            member: row.get("member_id")?,
            name: row.get("name")?,
            email: row.get("email")?,
            title: row.get("title")?,
            team: team.zip(row.get("team_name")?),
            chosen_at: chosen_at.filter(|_| headshot.favorite),
            headshot,
        })
    }
}

/// How many are on the wall.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// People.
    pub people: u32,
    /// Those of them who chose.
    pub chosen: u32,
}

/// A part of the wall: those behind `after`, by name, or by team and then by name; who has no team comes last. For
/// [`crate::db::Db::scan`].
pub fn wall(
    view: &View,
    organization: &OrganizationId,
    sieve: &Sieve,
    by_team: bool,
    after: Option<&MemberId>,
    limit: u32,
) -> Result<Vec<Face>> {
    view.all(
        r"select r.*, page.member_id, page.name, page.email, page.title, page.team_id, page.team_name
          from (
              select m.id as member_id, a.name, coalesce(a.email, m.contact) as email, m.title, m.team_id, t.name as team_name,
                     :by_team and m.team_id is null as apart,
                     case when :by_team then lower(coalesce(t.name, '')) else '' end as grouped,
                     lower(coalesce(a.name, a.email, m.contact, '')) as called
              from members m
              join accounts a on a.id = m.account_id
              left join teams t on t.id = m.team_id
              where m.organization_id = :organization
                and (:only is null or m.id in (select value from json_each(:only)))
                and (:search = '%%' or a.name like :search escape '\' or coalesce(a.email, m.contact) like :search escape '\')
                and (:team is null or m.team_id = :team)
                and exists (select 1 from shoots s join results r on r.shoot_id = s.id and r.deleted_at is null
                            where s.member_id = m.id and s.state = 'ready')
                and (:chosen is null or :chosen =
                    exists (select 1 from shoots s join results r on r.shoot_id = s.id and r.favorite = 1
                            where s.member_id = m.id and s.state = 'ready'))
                and (:after is null or (apart, grouped, called, m.id) >
                    (select :by_team and o.team_id is null,
                            case when :by_team then lower(coalesce(ot.name, '')) else '' end,
                            lower(coalesce(oa.name, oa.email, o.contact, '')), o.id
                     from members o
                     join accounts oa on oa.id = o.account_id
                     left join teams ot on ot.id = o.team_id
                     where o.id = :after and o.organization_id = :organization))
              order by apart, grouped, called, m.id
              limit :limit
          ) page
          join results r on r.id = (
              select known.id from shoots s join results known on known.shoot_id = s.id and known.deleted_at is null
              where s.member_id = page.member_id and s.state = 'ready'
              order by known.favorite desc, s.created_at desc, s.id desc, known.position
              limit 1)
          order by page.apart, page.grouped, page.called, page.member_id",
        named_params! {
            ":organization": organization, ":only": sieve.only()?, ":search": sieve.who.pattern(), ":team": sieve.who.team,
            ":chosen": sieve.chosen, ":by_team": by_team, ":after": after, ":limit": limit,
        },
        Face::from_row,
    )
}

/// How many of an organization's people are on the wall, and how many of them chose. For [`crate::db::Db::scan`].
pub fn wall_tally(view: &View, organization: &OrganizationId, sieve: &Sieve) -> Result<Tally> {
    view.one(
        r"select count(*) as people, count(*) filter (where chosen) as chosen
          from (
              select exists (select 1 from shoots s join results r on r.shoot_id = s.id and r.favorite = 1
                             where s.member_id = m.id and s.state = 'ready') as chosen
              from members m
              join accounts a on a.id = m.account_id
              where m.organization_id = :organization
                and (:only is null or m.id in (select value from json_each(:only)))
                and (:search = '%%' or a.name like :search escape '\' or coalesce(a.email, m.contact) like :search escape '\')
                and (:team is null or m.team_id = :team)
                and exists (select 1 from shoots s join results r on r.shoot_id = s.id and r.deleted_at is null
                            where s.member_id = m.id and s.state = 'ready')
          )
          where :chosen is null or chosen = :chosen",
        named_params! {
            ":organization": organization, ":only": sieve.only()?, ":search": sieve.who.pattern(), ":team": sieve.who.team,
            ":chosen": sieve.chosen,
        },
        |row| Ok(Tally { people: row.get("people")?, chosen: row.get("chosen")? }),
    )
}
