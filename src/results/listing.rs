//! Headshots as lists show them: of one shoot, and the favourites of a whole organization.

use rusqlite::{Row, named_params};

use super::{Headshot, Liked};
use crate::{
    clock::Timestamp,
    db::{View, Window},
    error::{Error, Result},
    ids::{MemberId, OrganizationId, ResultId, ShootId, TeamId},
    members::Email,
};

/// Which headshots of a shoot to list.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Those whose files are gone, instead of those that can be seen.
    pub deleted: bool,
    /// Only those the member thinks this of.
    pub liked: Option<Liked>,
}

/// One page of a shoot's headshots, in their order.
pub fn page(view: &View, shoot: &ShootId, filter: &Filter, window: &Window<ResultId>) -> Result<Vec<Headshot>> {
    view.all(
        "select r.* from results r join shoots s on s.id = r.shoot_id
         where r.shoot_id = :shoot
           and (s.state = 'deleted' or r.deleted_at is not null) = :deleted
           and (:liked is null or r.liked = :liked)
           and (:after is null or r.position > (select position from results where id = :after and shoot_id = :shoot))
         order by r.position
         limit :limit offset :offset",
        named_params! {
            ":shoot": shoot, ":deleted": filter.deleted, ":liked": filter.liked, ":after": window.after,
            ":limit": window.limit, ":offset": window.offset,
        },
        Headshot::from_row,
    )
}

/// How many headshots of a shoot `filter` lets through.
pub fn count(view: &View, shoot: &ShootId, filter: &Filter) -> Result<i64> {
    view.one(
        "select count(*) from results r join shoots s on s.id = r.shoot_id
         where r.shoot_id = :shoot
           and (s.state = 'deleted' or r.deleted_at is not null) = :deleted
           and (:liked is null or r.liked = :liked)",
        named_params! { ":shoot": shoot, ":deleted": filter.deleted, ":liked": filter.liked },
        |row| row.get(0),
    )
}

/// A shoot's favourite, if its member chose one.
pub fn favorite(view: &View, shoot: &ShootId) -> Result<Option<Headshot>> {
    view.find(
        "select r.* from results r join shoots s on s.id = r.shoot_id
         where r.shoot_id = :shoot and r.favorite = 1 and s.state = 'ready'",
        named_params! { ":shoot": shoot },
        Headshot::from_row,
    )
}

/// The favourite of a member's newest shoot that has one, among those that can be seen.
pub fn newest_favorite(view: &View, member: &MemberId) -> Result<Option<Headshot>> {
    view.find(
        "select r.* from shoots s join results r on r.shoot_id = s.id and r.favorite = 1 and r.deleted_at is null
         where s.member_id = :member and s.state = 'ready'
         order by s.created_at desc, s.id desc
         limit 1",
        named_params! { ":member": member },
        Headshot::from_row,
    )
}

/// A headshot of this shoot of this organization. One whose files are gone, or are about to go, is marked as deleted.
pub fn of_organization(view: &View, organization: &OrganizationId, shoot: &ShootId, id: &ResultId) -> Result<Headshot> {
    view.find(
        "select r.*, s.deleted_at as shoot_deleted_at
         from results r join shoots s on s.id = r.shoot_id
         where r.id = :id and r.shoot_id = :shoot and s.organization_id = :organization",
        named_params! { ":id": id, ":shoot": shoot, ":organization": organization },
        |row| {
            let headshot = Headshot::from_row(row)?;
            let with_shoot: Option<Timestamp> = row.get("shoot_deleted_at")?;
            Ok(Headshot { deleted_at: headshot.deleted_at.or(with_shoot), ..headshot })
        },
    )?
    .ok_or(Error::NotFound("Photo"))
}

/// A favourite, with whose it is.
#[derive(Clone, Debug)]
pub struct Chosen {
    /// The headshot.
    pub headshot: Headshot,
    /// The member's address.
    pub email: Option<Email>,
    /// The member's name.
    pub name: Option<String>,
    /// The member's team.
    pub team: Option<(TeamId, String)>,
}

impl Chosen {
    fn from_row(row: &Row) -> rusqlite::Result<Self> {
        let team: Option<TeamId> = row.get("team_id")?;
        Ok(Self {
            headshot: Headshot::from_row(row)?,
            email: row.get("email")?,
            name: row.get("name")?,
            team: team.zip(row.get("team_name")?),
        })
    }
}

/// One page of the favourites an organization's members chose, newest first.
pub fn favorites(
    view: &View,
    organization: &OrganizationId,
    team: Option<&TeamId>,
    window: &Window<ResultId>,
) -> Result<Vec<Chosen>> {
    view.all(
        "select r.*, coalesce(a.email, m.contact) as email, a.name, t.id as team_id, t.name as team_name
         from shoots s
         join results r on r.shoot_id = s.id and r.favorite = 1
         join members m on m.id = s.member_id
         join accounts a on a.id = m.account_id
         left join teams t on t.id = m.team_id
         where s.organization_id = :organization and s.state = 'ready'
           and (:team is null or m.team_id = :team)
           and (:after is null or (r.created_at, r.id) <
               (select o.created_at, o.id from results o join shoots os on os.id = o.shoot_id
                where o.id = :after and os.organization_id = :organization))
         order by r.created_at desc, r.id desc
         limit :limit offset :offset",
        named_params! {
            ":organization": organization, ":team": team, ":after": window.after, ":limit": window.limit,
            ":offset": window.offset,
        },
        Chosen::from_row,
    )
}

/// How many favourites there are.
pub fn count_favorites(view: &View, organization: &OrganizationId, team: Option<&TeamId>) -> Result<i64> {
    view.one(
        "select count(*)
         from shoots s
         join results r on r.shoot_id = s.id and r.favorite = 1
         join members m on m.id = s.member_id
         where s.organization_id = :organization and s.state = 'ready' and (:team is null or m.team_id = :team)",
        named_params! { ":organization": organization, ":team": team },
        |row| row.get(0),
    )
}
