//! What happened to a shoot, told in the transaction it happened in: for the activity list, for pages that are open, and
//! for whoever is to be told.

use std::time::Duration;

use rusqlite::named_params;

use crate::{
    clock::Timestamp,
    db::{Topic, Tx, View, stored_as_text},
    error::Result,
    ids::{EventId, MemberId, OrganizationId, ShootId},
    queue::{self, Job},
};

/// An event that is untold for so long waits for nobody any more.
const OVERDUE: Duration = Duration::from_secs(15 * 60);

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
    /// What the shoot is called: its member may be gone when it is told.
    pub title: String,
    /// How its member is portrayed.
    pub gender: Option<&'static str>,
}

/// Writes an event down, and lets open pages know once it is true. Where an organization listens, a job tells it.
pub fn tell(tx: &Tx, event: &Event) -> Result<()> {
    let (id, told) = tx.one(
        "insert into events (id, organization_id, shoot_id, kind, state, title, gender, place, told, created_at)
         values (
             :id, :organization, :shoot, :kind, :state, :title, :gender,
             (select coalesce(max(place), 0) + 1 from events where shoot_id = :shoot),
             not exists (select 1 from webhook_endpoints where organization_id = :organization and disabled_at is null),
             :now
         )
         returning id, told",
        named_params! {
            ":id": EventId::new(), ":organization": event.organization, ":shoot": event.shoot, ":kind": event.kind,
            ":state": event.state, ":title": event.title, ":gender": event.gender, ":now": tx.now,
        },
        |row| Ok((row.get::<_, EventId>(0)?, row.get::<_, bool>(1)?)),
    )?;
    if !told {
        queue::push(tx, Job::Tell(id))?;
    }
    tx.ring(Topic::Shoot(event.shoot.clone()));
    tx.ring(Topic::Organization(event.organization.clone()));
    Ok(())
}

/// An event that endpoints have to be told of.
#[derive(Clone, Debug)]
pub struct Untold {
    /// Which.
    pub id: EventId,
    /// Whose.
    pub organization: OrganizationId,
    /// About which shoot.
    pub shoot: ShootId,
    /// What.
    pub kind: Kind,
    /// The state the shoot was in afterwards, in its own words.
    pub state: String,
    /// What the shoot was called.
    pub title: String,
    /// How its member was portrayed, in its own word.
    pub gender: Option<String>,
    /// Its place among the shoot's events.
    pub place: i64,
    /// When.
    pub created_at: Timestamp,
}

/// The events of a shoot up to this one that are still to be told, in their order: whichever job comes first tells them all.
pub fn untold(view: &View, until: &EventId) -> Result<Vec<Untold>> {
    view.all(
        "select e.* from events u join events e on e.shoot_id = u.shoot_id and e.place <= u.place
         where u.id = :until and e.told = 0
         order by e.place",
        named_params! { ":until": until },
        |row| {
            Ok(Untold {
                id: row.get("id")?,
                organization: row.get("organization_id")?,
                shoot: row.get("shoot_id")?,
                kind: row.get("kind")?,
                state: row.get("state")?,
                title: row.get::<_, Option<String>>("title")?.unwrap_or_default(),
                gender: row.get("gender")?,
                place: row.get("place")?,
                created_at: row.get("created_at")?,
            })
        },
    )
}

/// The events that should have been told long ago, the last one of each shoot: their job is stuck or lost.
pub fn overdue(view: &View) -> Result<Vec<EventId>> {
    view.all(
        "select id from (select id, max(place) from events where told = 0 and created_at < :since group by shoot_id)",
        named_params! { ":since": view.now - OVERDUE },
        |row| row.get(0),
    )
}

/// Gives an [`overdue`] event a new job.
pub fn wake(tx: &Tx, id: &EventId) -> Result<()> {
    queue::push(tx, Job::Tell(id.clone())).map(drop)
}

/// Deliveries were made of this event.
pub fn mark_told(tx: &Tx, id: &EventId) -> Result<()> {
    tx.execute("update events set told = 1 where id = :id", named_params! { ":id": id })?;
    Ok(())
}

/// Forgets what deleted shoots were called, a batch at a time; how many events that were.
pub fn forget_deleted(tx: &Tx) -> Result<usize> {
    tx.execute(
        "update events set title = null, gender = null where id in (
             select e.id from events e join shoots s on s.id = e.shoot_id
             where s.state = 'deleted' and e.told = 1 and e.title is not null limit 500
         )",
        [],
    )
}

/// A line of the activity list.
#[derive(Clone, Debug)]
pub struct Activity {
    /// What.
    pub kind: Kind,
    /// The state the shoot was in afterwards.
    pub state: String,
    /// A try before this step had failed: it starts again by itself.
    pub again: bool,
    /// The member it is about: name or address, if they are still here.
    pub who: Option<String>,
    /// When.
    pub created_at: Timestamp,
}

/// What happened to the shoots of a member, newest first: to which shoot, and what.
pub fn of_member(view: &View, member: &MemberId, limit: u32) -> Result<Vec<(ShootId, Activity)>> {
    view.all(
        "select e.shoot_id, e.kind, e.state, e.created_at,
             e.kind = 'moved' and exists (
                 select 1 from events b where b.shoot_id = e.shoot_id and b.place = e.place - 1 and b.state = 'failed'
             ) as again
         from events e join shoots s on s.id = e.shoot_id
         where s.member_id = :member
         order by e.created_at desc, e.place desc
         limit :limit",
        named_params! { ":member": member, ":limit": limit },
        |row| {
            let activity = Activity {
                kind: row.get("kind")?,
                state: row.get("state")?,
                again: row.get("again")?,
                who: None,
                created_at: row.get("created_at")?,
            };
            Ok((row.get("shoot_id")?, activity))
        },
    )
}

/// How often a shoot was begun by its generator, or was to be: handed in once, and started again after each failure.
pub fn tries(view: &View, shoot: &ShootId) -> Result<i64> {
    view.one(
        "select count(*) from events where shoot_id = :shoot and kind = 'moved' and state = 'submitted'",
        named_params! { ":shoot": shoot },
        |row| row.get(0),
    )
}

/// An organization's latest events, newest first.
pub fn latest(view: &View, organization: &OrganizationId, limit: u32) -> Result<Vec<Activity>> {
    view.all(
        "select e.kind, e.state, coalesce(a.name, a.email) as who, e.created_at,
             e.kind = 'moved' and exists (
                 select 1 from events b where b.shoot_id = e.shoot_id and b.place = e.place - 1 and b.state = 'failed'
             ) as again
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
                again: row.get("again")?,
                who: row.get("who")?,
                created_at: row.get("created_at")?,
            })
        },
    )
}
