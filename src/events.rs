//! What happened to a shoot, told in the transaction it happened in: for the activity list, for pages that are open, and
//! for whoever is to be told.

use rusqlite::named_params;

use crate::{
    clock::Timestamp,
    db::{Topic, Tx, View, stored_as_text},
    error::Result,
    ids::{EventId, OrganizationId, ShootId},
};

stored_as_text! {
    /// What happened.
    pub enum Kind {
        /// It was begun.
        Created = "created",
        /// It took a step.
        Moved = "moved",
        /// It was deleted.
        Deleted = "deleted",
        /// Its headshots can be seen.
        PhotosReady = "photos_ready",
        /// One of them was chosen.
        FavoriteSelected = "favorite_selected",
    }
}

/// Something that happened to a shoot.
#[derive(Clone, Debug)]
pub struct Event<'a> {
    /// Whose.
    pub organization: &'a OrganizationId,
    /// To which.
    pub shoot: &'a ShootId,
    /// What.
    pub kind: Kind,
    /// The state the shoot is in afterwards.
    pub state: &'static str,
}

/// Writes an event down, and lets open pages know once it is true.
pub fn tell(tx: &Tx, event: &Event) -> Result<()> {
    tx.execute(
        "insert into events (id, organization_id, shoot_id, kind, state, created_at)
         values (:id, :organization, :shoot, :kind, :state, :now)",
        named_params! {
            ":id": EventId::new(), ":organization": event.organization, ":shoot": event.shoot,
            ":kind": event.kind, ":state": event.state, ":now": tx.now,
        },
    )?;
    tx.ring(Topic::Shoot(event.shoot.clone()));
    tx.ring(Topic::Organization(event.organization.clone()));
    Ok(())
}

/// A line of the activity list.
#[derive(Clone, Debug)]
pub struct Activity {
    /// What.
    pub kind: Kind,
    /// The state the shoot was in afterwards.
    pub state: String,
    /// The member it is about: name or address, if they are still here.
    pub who: Option<String>,
    /// When.
    pub created_at: Timestamp,
}

/// An organization's latest events, newest first.
pub fn latest(view: &View, organization: &OrganizationId, limit: u32) -> Result<Vec<Activity>> {
    view.all(
        "select e.kind, e.state, coalesce(a.name, a.email) as who, e.created_at
         from events e
         join shoots s on s.id = e.shoot_id
         left join members m on m.id = s.member_id
         left join accounts a on a.id = m.account_id
         where e.organization_id = :organization
         order by e.created_at desc, e.id desc
         limit :limit",
        named_params! { ":organization": organization, ":limit": limit },
        |row| {
            Ok(Activity {
                kind: row.get("kind")?,
                state: row.get("state")?,
                who: row.get("who")?,
                created_at: row.get("created_at")?,
            })
        },
    )
}
