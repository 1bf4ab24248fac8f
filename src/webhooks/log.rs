//! The log of deliveries: what was sent where, what came back, and sending it once more.

use std::time::Duration;

use rusqlite::{Row, named_params};

use super::{Endpoint, endpoints, of_organization};
use crate::{
    audit::Action,
    clock::Timestamp,
    db::{Part, Slice, Topic, Tx, View, Window, stored_as_text},
    error::{Error, Result},
    ids::{DeliveryId, EndpointId, EventId, OrganizationId, ShootId},
    members::{Actor, Role},
    queue::{self, Job},
};

/// How long the log goes back.
const KEPT: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// A delivery that is due for so long waits for nobody any more.
const OVERDUE: Duration = Duration::from_secs(15 * 60);

stored_as_text! {
    /// What became of a delivery.
    pub enum State {
        /// It waits for its next attempt.
        Waiting = "waiting",
        /// It arrived.
        Delivered = "delivered",
        /// It was given up.
        Failed = "failed",
    }
}

/// A line of the log.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// Which.
    pub id: DeliveryId,
    /// To which endpoint.
    pub endpoint: EndpointId,
    /// Its address now.
    pub url: String,
    /// Of which event.
    pub event: EventId,
    /// The event's name in the API.
    pub name: String,
    /// About which shoot.
    pub shoot: Option<ShootId>,
    /// What is posted; gone with a deleted shoot.
    pub body: Option<String>,
    /// What became of it.
    pub state: State,
    /// Tries, replays included.
    pub attempts: u32,
    /// The last answer's status, if the last try was answered.
    pub status: Option<u16>,
    /// Why the last try wasn't.
    pub trouble: Option<String>,
    /// When it is tried next.
    pub next_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was over.
    pub finished_at: Option<Timestamp>,
}

impl Delivery {
    fn from_row(row: &Row) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            endpoint: row.get("endpoint_id")?,
            url: row.get("url")?,
            event: row.get("event_id")?,
            name: row.get("event")?,
            shoot: row.get("shoot_id")?,
            body: row.get("body")?,
            state: row.get("state")?,
            attempts: row.get("tries")?,
            status: row.get("status")?,
            trouble: row.get("trouble")?,
            next_at: row.get("next_at")?,
            created_at: row.get("created_at")?,
            finished_at: row.get("finished_at")?,
        })
    }
}

/// Which deliveries to show.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only to this endpoint.
    pub endpoint: Option<EndpointId>,
    /// Only those in this state.
    pub state: Option<State>,
}

/// One page of the log, newest first.
pub fn log(
    view: &View,
    organization: &OrganizationId,
    filter: &Filter,
    window: &Window<DeliveryId>,
) -> Result<Vec<Delivery>> {
    view.all(
        "select d.*, e.url, a.status, a.trouble, (select count(*) from delivery_attempts where delivery_id = d.id) as tries
         from webhook_endpoints e
         join deliveries d on d.endpoint_id = e.id
         left join delivery_attempts a on a.id = (select max(id) from delivery_attempts where delivery_id = d.id)
         where e.organization_id = :organization
           and (:endpoint is null or d.endpoint_id = :endpoint)
           and (:state is null or d.state = :state)
           and (:after is null or (d.created_at, d.id) < (select created_at, id from deliveries where id = :after))
         order by d.created_at desc, d.id desc
         limit :limit offset :offset",
        named_params! {
            ":organization": organization, ":endpoint": filter.endpoint, ":state": filter.state, ":after": window.after,
            ":limit": window.limit, ":offset": window.offset,
        },
        Delivery::from_row,
    )
}

/// One part of the log, for those who leaf through it in both directions.
pub fn page(
    view: &View,
    organization: &OrganizationId,
    filter: &Filter,
    part: &Part<DeliveryId>,
    limit: u32,
) -> Result<Slice<Delivery>> {
    part.read(
        limit,
        |after, limit| log(view, organization, filter, &Window { limit, offset: 0, after: after.cloned() }),
        |before, limit| newer(view, organization, filter, before, limit),
    )
}

fn newer(
    view: &View,
    organization: &OrganizationId,
    filter: &Filter,
    before: &DeliveryId,
    limit: u32,
) -> Result<Vec<Delivery>> {
    view.all(
        "select d.*, e.url, a.status, a.trouble, (select count(*) from delivery_attempts where delivery_id = d.id) as tries
         from webhook_endpoints e
         join deliveries d on d.endpoint_id = e.id
         left join delivery_attempts a on a.id = (select max(id) from delivery_attempts where delivery_id = d.id)
         where e.organization_id = :organization
           and (:endpoint is null or d.endpoint_id = :endpoint)
           and (:state is null or d.state = :state)
           and (d.created_at, d.id) > (select created_at, id from deliveries where id = :before)
         order by d.created_at, d.id
         limit :limit",
        named_params! {
            ":organization": organization, ":endpoint": filter.endpoint, ":state": filter.state, ":before": before,
            ":limit": limit,
        },
        Delivery::from_row,
    )
}

/// How many deliveries `filter` lets through.
pub fn count(view: &View, organization: &OrganizationId, filter: &Filter) -> Result<i64> {
    view.one(
        "select count(*) from webhook_endpoints e join deliveries d on d.endpoint_id = e.id
         where e.organization_id = :organization
           and (:endpoint is null or d.endpoint_id = :endpoint)
           and (:state is null or d.state = :state)",
        named_params! { ":organization": organization, ":endpoint": filter.endpoint, ":state": filter.state },
        |row| row.get(0),
    )
}

/// A delivery of this organization.
pub fn delivery(view: &View, organization: &OrganizationId, id: &DeliveryId) -> Result<Delivery> {
    view.find(
        "select d.*, e.url, a.status, a.trouble, (select count(*) from delivery_attempts where delivery_id = d.id) as tries
         from deliveries d
         join webhook_endpoints e on e.id = d.endpoint_id
         left join delivery_attempts a on a.id = (select max(id) from delivery_attempts where delivery_id = d.id)
         where d.id = :id and e.organization_id = :organization",
        named_params! { ":id": id, ":organization": organization },
        Delivery::from_row,
    )?
    .ok_or(Error::NotFound("Delivery"))
}

/// Whose a delivery is.
pub fn organization_of_delivery(view: &View, id: &DeliveryId) -> Result<OrganizationId> {
    view.find(
        "select e.organization_id from deliveries d join webhook_endpoints e on e.id = d.endpoint_id where d.id = :id",
        named_params! { ":id": id },
        |row| row.get(0),
    )?
    .ok_or(Error::NotFound("Delivery"))
}

/// One try.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// The headers that were sent, by name.
    pub headers: Vec<(String, String)>,
    /// The answer's status, if there was one.
    pub status: Option<u16>,
    /// Why there was none.
    pub trouble: Option<String>,
    /// The first 4 KiB of the answer's body.
    pub reply: Option<Vec<u8>>,
    /// How long it took.
    pub took: Duration,
    /// When.
    pub created_at: Timestamp,
}

/// The tries of a delivery, the first one first.
pub fn attempts(view: &View, delivery: &DeliveryId) -> Result<Vec<Attempt>> {
    view.all(
        "select * from delivery_attempts where delivery_id = :delivery order by id",
        named_params! { ":delivery": delivery },
        |row| {
            let headers: serde_json::Map<String, serde_json::Value> =
                serde_json::from_str(&row.get::<_, String>("headers")?).unwrap_or_default();
            Ok(Attempt {
                headers: headers
                    .into_iter()
                    .map(|(name, value)| (name, value.as_str().unwrap_or_default().to_owned()))
                    .collect(),
                status: row.get("status")?,
                trouble: row.get("trouble")?,
                reply: row.get("reply")?,
                took: Duration::from_millis(row.get::<_, i64>("took")?.unsigned_abs()),
                created_at: row.get("created_at")?,
            })
        },
    )
}

/// Delivers once more, at once, whatever became of it before: the same event with the same body, signed anew.
///
/// # Errors
/// The endpoint is switched off, or the body went with its model.
pub fn replay(tx: &Tx, by: &Actor, id: &DeliveryId) -> Result<Delivery> {
    by.must_be(Role::Admin)?;
    let old = delivery(tx, &by.organization, id)?;
    let endpoint = of_organization(tx, &by.organization, &old.endpoint)?;
    endpoint.must_be_on()?;
    if old.body.is_none() {
        return Err(Error::invalid(say!("What was sent is gone with its model, so it can't be sent again.")));
    }
    again(tx, &endpoint, id)?;
    by.note_about(tx, Action::DeliveryReplayed, &endpoint.host(), Some(&old.name))?;
    tx.ring(Topic::Organization(by.organization.clone()));
    delivery(tx, &by.organization, id)
}

/// Delivers all that was given up since then once more; how many.
pub fn replay_failed(tx: &Tx, by: &Actor, since: Timestamp) -> Result<usize> {
    by.must_be(Role::Admin)?;
    let failed: Vec<(DeliveryId, EndpointId)> = tx.all(
        "select d.id, e.id from webhook_endpoints e join deliveries d on d.endpoint_id = e.id
         where e.organization_id = :organization and e.disabled_at is null
           and d.state = 'failed' and d.body is not null and d.created_at >= :since
         order by d.created_at, d.place",
        named_params! { ":organization": by.organization, ":since": since },
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    let endpoints = endpoints(tx, &by.organization)?;
    for (id, of) in &failed {
        let endpoint = endpoints.iter().find(|one| one.id == *of).ok_or(Error::NotFound("Endpoint"))?;
        again(tx, endpoint, id)?;
    }
    for endpoint in endpoints.iter().filter(|endpoint| failed.iter().any(|(_, of)| *of == endpoint.id)) {
        let count = failed.iter().filter(|(_, of)| *of == endpoint.id).count();
        let words = if count == 1 { "1 delivery".to_owned() } else { format!("{count} deliveries") };
        by.note_about(tx, Action::DeliveryReplayed, &endpoint.host(), Some(&words))?;
    }
    tx.ring(Topic::Organization(by.organization.clone()));
    Ok(failed.len())
}

/// It goes to where its endpoint is now, which may have moved since the delivery was over.
fn again(tx: &Tx, endpoint: &Endpoint, id: &DeliveryId) -> Result<()> {
    tx.execute(
        "update deliveries set state = 'waiting', host = :host, attempts = 0, next_at = :now, finished_at = null
         where id = :id",
        named_params! { ":host": endpoint.host(), ":now": tx.now, ":id": id },
    )?;
    queue::push(tx, Job::Deliver(id.clone()))?;
    Ok(())
}

/// Deliveries that should have been tried long ago, one a host: their job is stuck or lost, as after a full disk.
pub fn overdue(view: &View) -> Result<Vec<DeliveryId>> {
    view.all(
        "select min(id) from deliveries where state = 'waiting' and next_at < :since group by host",
        named_params! { ":since": view.now - OVERDUE },
        |row| row.get(0),
    )
}

/// Gives an [`overdue`] delivery a new job.
pub fn wake(tx: &Tx, id: &DeliveryId) -> Result<()> {
    queue::push(tx, Job::Deliver(id.clone())).map(drop)
}

/// Throws away what is older than the log goes back, a batch at a time; how many.
pub fn expire(tx: &Tx) -> Result<usize> {
    tx.execute(
        "delete from deliveries where id in (
             select id from deliveries where created_at < :old and state != 'waiting' limit 500
         )",
        named_params! { ":old": tx.now - KEPT },
    )
}

/// Forgets what was sent of models that are deleted since, and what came back, which may repeat it: a batch at a time; how many.
pub fn forget_deleted(tx: &Tx) -> Result<usize> {
    let forgotten: Vec<DeliveryId> = tx.all(
        "update deliveries set body = null where id in (
             select d.id from deliveries d join shoots s on s.id = d.shoot_id
             where s.state = 'deleted' and d.state != 'waiting' and d.body is not null limit 500
         )
         returning id",
        [],
        |row| row.get(0),
    )?;
    for id in &forgotten {
        tx.execute("update delivery_attempts set reply = null where delivery_id = :id", named_params! { ":id": id })?;
    }
    Ok(forgotten.len())
}
