//! Invites as lists show them: with their team and how far the invited person is.

use rusqlite::{Row, named_params};

use super::State;
use crate::{
    clock::Timestamp,
    db::{View, Window},
    error::Result,
    ids::{InviteId, OrganizationId, ShootId, TeamId},
    members::Email,
    shoots,
};

/// How far the shoot of an accepted invite is.
#[derive(Clone, Debug)]
pub struct Progress {
    /// Which shoot.
    pub shoot: ShootId,
    /// Where it stands.
    pub state: shoots::State,
    /// Whether it has a photo.
    pub has_photos: bool,
}

/// A line of the list of invites.
#[derive(Clone, Debug)]
pub struct Listed {
    /// Which.
    pub id: InviteId,
    /// The address that was invited.
    pub email: Email,
    /// What became of it.
    pub state: State,
    /// The team, as it is called now.
    pub team: Option<(TeamId, String)>,
    /// How far the person is, once they accepted.
    pub progress: Option<Progress>,
    /// Whether somebody accepted it, even if it was revoked since.
    pub accepted: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// Until when it can be accepted.
    pub expires_at: Timestamp,
}

impl Listed {
    pub(super) fn from_row(row: &Row) -> rusqlite::Result<Self> {
        let team: Option<TeamId> = row.get(3)?;
        let name: Option<String> = row.get(4)?;
        let shoot: Option<ShootId> = row.get(5)?;
        let progress = match shoot {
            Some(shoot) => Some(Progress { shoot, state: row.get(6)?, has_photos: row.get::<_, i64>(7)? > 0 }),
            None => None,
        };
        Ok(Self {
            id: row.get(0)?,
            email: row.get(1)?,
            state: row.get(2)?,
            team: team.zip(name),
            progress,
            created_at: row.get(8)?,
            expires_at: row.get(9)?,
            accepted: row.get(10)?,
        })
    }
}

/// All of an organization's invites, newest first. [002]
pub fn list(view: &View, organization: &OrganizationId) -> Result<Vec<Listed>> {
    view.all(
        "select i.id, i.email, i.state, t.id, t.name, s.id, s.state, s.photos, i.created_at, i.expires_at, i.accepted_at is not null
         from invites i
         left join teams t on t.id = i.team_id
         left join shoots s on s.id = coalesce((select id from shoots where member_id = i.member_id order by created_at desc, id desc limit 1), i.shoot_id)
         where i.organization_id = :organization
         order by i.created_at desc, i.id desc",
        named_params! { ":organization": organization },
        Listed::from_row,
    )
}

/// One page of an organization's invites, newest first.
pub fn page(view: &View, organization: &OrganizationId, page: &Window<InviteId>) -> Result<Vec<Listed>> {
    match &page.after {
        Some(after) => view.all(
            "select i.id, i.email, i.state, t.id, t.name, s.id, s.state, s.photos, i.created_at, i.expires_at, i.accepted_at is not null
             from invites i
             left join teams t on t.id = i.team_id
             left join shoots s on s.id = coalesce((select id from shoots where member_id = i.member_id order by created_at desc, id desc limit 1), i.shoot_id)
             where i.organization_id = :organization
               and (i.created_at, i.id) < (select created_at, id from invites where id = :after and organization_id = :organization)
             order by i.created_at desc, i.id desc
             limit :limit",
            named_params! { ":organization": organization, ":after": after, ":limit": page.limit },
            Listed::from_row,
        ),
        None => view.all(
            "select i.id, i.email, i.state, t.id, t.name, s.id, s.state, s.photos, i.created_at, i.expires_at, i.accepted_at is not null
             from invites i
             left join teams t on t.id = i.team_id
             left join shoots s on s.id = coalesce((select id from shoots where member_id = i.member_id order by created_at desc, id desc limit 1), i.shoot_id)
             where i.organization_id = :organization
             order by i.created_at desc, i.id desc
             limit :limit offset :offset",
            named_params! { ":organization": organization, ":limit": page.limit, ":offset": page.offset },
            Listed::from_row,
        ),
    }
}
