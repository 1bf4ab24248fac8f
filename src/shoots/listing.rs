//! Shoots as lists show them: with whose they are.

use rusqlite::{Row, named_params};

use super::{Shoot, State};
use crate::{
    db::{View, Window},
    error::{Error, Result},
    ids::{OrganizationId, ShootId, TeamId},
    members::Email,
};

/// A line of the list of shoots.
#[derive(Clone, Debug)]
pub struct Listed {
    /// The shoot.
    pub shoot: Shoot,
    /// The member's address.
    pub email: Option<Email>,
    /// The member's name.
    pub name: Option<String>,
    /// The member's team.
    pub team: Option<(TeamId, String)>,
}

impl Listed {
    /// What to call it: the member's name, or else their address.
    pub fn title(&self) -> String {
        let address = || self.email.as_ref().map(ToString::to_string);
        self.name.clone().or_else(address).unwrap_or_else(|| "Former member".to_owned())
    }

    fn from_row(row: &Row) -> rusqlite::Result<Self> {
        let team: Option<TeamId> = row.get("team_id")?;
        Ok(Self {
            shoot: Shoot::from_row(row)?,
            email: row.get("email")?,
            name: row.get("name")?,
            team: team.zip(row.get("team_name")?),
        })
    }
}

/// Which shoots to list.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only those in this state.
    pub state: Option<State>,
    /// Only those of this team's members.
    pub team: Option<TeamId>,
}

/// One page of an organization's shoots, newest first, the deleted ones included.
pub fn page(
    view: &View,
    organization: &OrganizationId,
    filter: &Filter,
    window: &Window<ShootId>,
) -> Result<Vec<Listed>> {
    view.all(
        "select s.*, coalesce(a.email, m.contact) as email, a.name, t.id as team_id, t.name as team_name
         from shoots s
         left join members m on m.id = s.member_id
         left join accounts a on a.id = m.account_id
         left join teams t on t.id = m.team_id
         where s.organization_id = :organization
           and (:state is null or s.state = :state)
           and (:team is null or m.team_id = :team)
           and (:after is null or (s.created_at, s.id) <
               (select created_at, id from shoots where id = :after and organization_id = :organization))
         order by s.created_at desc, s.id desc
         limit :limit offset :offset",
        named_params! {
            ":organization": organization, ":state": filter.state, ":team": filter.team,
            ":after": window.after, ":limit": window.limit, ":offset": window.offset,
        },
        Listed::from_row,
    )
}

/// How many shoots `filter` lets through.
pub fn count(view: &View, organization: &OrganizationId, filter: &Filter) -> Result<i64> {
    view.one(
        "select count(*) from shoots s left join members m on m.id = s.member_id
         where s.organization_id = :organization
           and (:state is null or s.state = :state)
           and (:team is null or m.team_id = :team)",
        named_params! { ":organization": organization, ":state": filter.state, ":team": filter.team },
        |row| row.get(0),
    )
}

/// One shoot of an organization, with whose it is.
pub fn listed(view: &View, organization: &OrganizationId, id: &ShootId) -> Result<Listed> {
    view.find(
        "select s.*, coalesce(a.email, m.contact) as email, a.name, t.id as team_id, t.name as team_name
         from shoots s
         left join members m on m.id = s.member_id
         left join accounts a on a.id = m.account_id
         left join teams t on t.id = m.team_id
         where s.id = :id and s.organization_id = :organization",
        named_params! { ":id": id, ":organization": organization },
        Listed::from_row,
    )?
    .ok_or(Error::NotFound("Model"))
}
