//! Deliveries: an event on its way to an endpoint, tried until it arrives or its schedule is over. Those of one model keep their
//! order; those of one host keep nobody else waiting.

use std::time::Duration;

use chrono::DateTime;
use rusqlite::{Row, named_params};

use super::{Endpoint, State, Why, disable, get};
use crate::{
    clock::Timestamp,
    db::{Topic, Tx, View},
    error::Result,
    ids::{DeliveryId, EndpointId, EventId, OrganizationId, ShootId},
    members::Actor,
    outbound::Outcome,
    queue::{self, Job},
};

/// A receiver that says when to come back is believed up to this.
const LONGEST_WAIT: Duration = Duration::from_secs(24 * 60 * 60);

/// An endpoint that has failed for so long, and never worked meanwhile, is switched off.
const FAILING_AT_MOST: Duration = Duration::from_secs(5 * 24 * 60 * 60);

/// What endpoints are to be told.
#[derive(Clone, Debug)]
pub struct Message {
    /// Which event; the same for each attempt and each endpoint.
    pub event: EventId,
    /// Its name in the API.
    pub name: &'static str,
    /// About which shoot.
    pub shoot: Option<ShootId>,
    /// Its place among that shoot's events.
    pub place: i64,
    /// What is posted, to the byte.
    pub body: String,
}

/// Adds a delivery that is first tried at `first`. An event goes to an endpoint once.
pub fn add(tx: &Tx, endpoint: &Endpoint, message: &Message, first: Timestamp) -> Result<Option<DeliveryId>> {
    let id = DeliveryId::new();
    let added = tx.execute(
        "insert into deliveries (id, endpoint_id, host, event_id, event, shoot_id, place, body, next_at, created_at)
         values (:id, :endpoint, :host, :event_id, :event, :shoot, :place, :body, :next, :now)
         on conflict (endpoint_id, event_id) do nothing",
        named_params! {
            ":id": id, ":endpoint": endpoint.id, ":host": endpoint.host(), ":event_id": message.event, ":event": message.name,
            ":shoot": message.shoot, ":place": message.place, ":body": message.body, ":next": first, ":now": tx.now,
        },
    )?;
    if added == 0 {
        return Ok(None);
    }
    queue::push_at(tx, Job::Deliver(id.clone()), first)?;
    tx.ring(Topic::Organization(endpoint.organization.clone()));
    Ok(Some(id))
}

/// The host a delivery goes to, or went to: once it is over, others may still wait behind it.
pub fn host_of(view: &View, id: &DeliveryId) -> Result<Option<String>> {
    view.find("select host from deliveries where id = :id", named_params! { ":id": id }, |row| row.get(0))
}

/// Has someone look what is due at a host, where jobs may have gone with what they were for.
pub(super) fn wake_host(tx: &Tx, host: &str) -> Result<()> {
    let due: Option<DeliveryId> = tx.find(
        "select id from deliveries where host = :host and state = 'waiting' and next_at <= :now limit 1",
        named_params! { ":host": host, ":now": tx.now },
        |row| row.get(0),
    )?;
    due.map_or(Ok(()), |id| queue::push(tx, Job::Deliver(id)).map(drop))
}

/// A delivery that is due.
#[derive(Clone, Debug)]
pub struct Due {
    /// Which.
    pub id: DeliveryId,
    /// To where.
    pub endpoint: EndpointId,
    /// Whose.
    pub organization: OrganizationId,
    /// The address.
    pub url: String,
    /// Of which event.
    pub event: EventId,
    /// What is posted.
    pub body: String,
    secret: Vec<u8>,
    old_secret: Option<Vec<u8>>,
}

impl Due {
    /// The secrets that sign it, sealed: the present one first.
    pub fn secrets(&self) -> impl Iterator<Item = &[u8]> {
        [Some(self.secret.as_slice()), self.old_secret.as_deref()].into_iter().flatten()
    }

    fn from_row(row: &Row) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            endpoint: row.get("endpoint_id")?,
            organization: row.get("organization_id")?,
            url: row.get("url")?,
            event: row.get("event_id")?,
            body: row.get("body")?,
            secret: row.get("secret")?,
            old_secret: row.get("old_secret")?,
        })
    }
}

/// What is due at a host, the longest due first; of each model only what comes next.
pub fn due(view: &View, host: &str, limit: usize) -> Result<Vec<Due>> {
    view.all(
        "select d.id, d.endpoint_id, d.event_id, d.body, e.organization_id, e.url, e.secret,
             case when e.old_until > :now then e.old_secret end as old_secret
         from deliveries d join webhook_endpoints e on e.id = d.endpoint_id
         where d.host = :host and d.state = 'waiting' and d.next_at <= :now
           and not exists (
               select 1 from deliveries b
               where b.endpoint_id = d.endpoint_id and b.shoot_id = d.shoot_id and b.state = 'waiting' and b.place < d.place
           )
         order by d.next_at
         limit :limit",
        named_params! { ":host": host, ":now": view.now, ":limit": i64::try_from(limit).unwrap_or(i64::MAX) },
        Due::from_row,
    )
}

/// What an attempt led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It arrived.
    Delivered,
    /// It is tried again then.
    Later(Timestamp),
    /// It is given up.
    GivenUp,
    /// It is given up, and its endpoint was switched off.
    Disabled(Why),
    /// It had been given up meanwhile, or taken away with its endpoint.
    TooLate,
}

/// What became of a delivery while it was tried.
struct Meanwhile {
    state: State,
    attempts: u32,
    /// Its endpoint is on, and still where it was tried.
    concerns: bool,
    /// Its body is forgotten, and so is what came back.
    forgotten: bool,
}

fn meanwhile(tx: &Tx, due: &Due) -> Result<Option<Meanwhile>> {
    tx.find(
        "select d.state, d.attempts, d.body is null as forgotten, e.url = :url and e.disabled_at is null as concerns
         from deliveries d join webhook_endpoints e on e.id = d.endpoint_id
         where d.id = :id",
        named_params! { ":url": due.url, ":id": due.id },
        |row| {
            Ok(Meanwhile {
                state: row.get("state")?,
                attempts: row.get("attempts")?,
                concerns: row.get("concerns")?,
                forgotten: row.get("forgotten")?,
            })
        },
    )
}

/// Writes an attempt down, with what it leads to. An endpoint that was switched off or moved while it was tried is judged by
/// it no more, so that sixteen who say that it is gone switch it off once.
pub fn record(
    tx: &Tx,
    due: &Due,
    headers: &[(&'static str, String)],
    outcome: &Outcome,
    schedule: &[Duration],
) -> Result<Verdict> {
    let Some(meanwhile) = meanwhile(tx, due)? else { return Ok(Verdict::TooLate) };
    let answer = outcome.answer.as_ref();
    let reply = answer.ok().filter(|_| !meanwhile.forgotten).map(|answer| &answer.body);
    let sent: serde_json::Map<_, _> =
        headers.iter().map(|(name, value)| ((*name).to_owned(), value.clone().into())).collect();
    tx.execute(
        "insert into delivery_attempts (delivery_id, headers, status, trouble, reply, took, created_at)
         values (:delivery, :headers, :status, :trouble, :reply, :took, :now)",
        named_params! {
            ":delivery": due.id, ":headers": serde_json::to_string(&sent)?, ":status": answer.ok().map(|answer| answer.status),
            ":trouble": answer.err().map(ToString::to_string), ":reply": reply,
            ":took": i64::try_from(outcome.took.as_millis()).unwrap_or(i64::MAX), ":now": tx.now,
        },
    )?;
    tx.ring(Topic::Organization(due.organization.clone()));
    match answer {
        Ok(answer) if (200..300).contains(&answer.status) => {
            finish(tx, &due.id, "delivered")?;
            if meanwhile.concerns {
                tx.execute(
                    "update webhook_endpoints set failing_since = null where id = :id and failing_since is not null",
                    named_params! { ":id": due.endpoint },
                )?;
            }
            Ok(Verdict::Delivered)
        }
        _ if meanwhile.state != State::Waiting => {
            tx.execute(
                "update deliveries set attempts = attempts + 1 where id = :id",
                named_params! { ":id": due.id },
            )?;
            Ok(Verdict::TooLate)
        }
        Ok(answer) if answer.status == 410 && meanwhile.concerns => {
            finish(tx, &due.id, "failed")?;
            switch_off_by_itself(tx, &due.endpoint, Why::Gone)?;
            Ok(Verdict::Disabled(Why::Gone))
        }
        other => {
            let wished = other.ok().and_then(|answer| answer.retry_after.as_deref());
            if meanwhile.concerns && failing_for(tx, &due.endpoint)? > FAILING_AT_MOST {
                finish(tx, &due.id, "failed")?;
                switch_off_by_itself(tx, &due.endpoint, Why::Failures)?;
                return Ok(Verdict::Disabled(Why::Failures));
            }
            later(tx, due, schedule.get(meanwhile.attempts as usize + 1), wished.and_then(|text| wait_of(text, tx.now)))
        }
    }
}

fn switch_off_by_itself(tx: &Tx, id: &EndpointId, why: Why) -> Result<()> {
    let server = Actor::server(get(tx, id)?.organization);
    disable(tx, &server, id, why)
}

/// How long an endpoint has failed, now that it does once more.
fn failing_for(tx: &Tx, endpoint: &EndpointId) -> Result<Duration> {
    let since: Timestamp = tx.one(
        "update webhook_endpoints set failing_since = coalesce(failing_since, :now) where id = :id returning failing_since",
        named_params! { ":now": tx.now, ":id": endpoint },
        |row| row.get(0),
    )?;
    Ok(tx.now.since(since))
}

fn later(tx: &Tx, due: &Due, pause: Option<&Duration>, wished: Option<Duration>) -> Result<Verdict> {
    let Some(pause) = pause else {
        finish(tx, &due.id, "failed")?;
        return Ok(Verdict::GivenUp);
    };
    let next = tx.now + jittered(*pause).max(wished.unwrap_or_default().min(LONGEST_WAIT));
    tx.execute(
        "update deliveries set attempts = attempts + 1, next_at = :next where id = :id",
        named_params! { ":next": next, ":id": due.id },
    )?;
    queue::push_at(tx, Job::Deliver(due.id.clone()), next)?;
    Ok(Verdict::Later(next))
}

fn finish(tx: &Tx, id: &DeliveryId, state: &str) -> Result<()> {
    tx.execute(
        "update deliveries set state = :state, attempts = attempts + 1, next_at = null, finished_at = :now where id = :id",
        named_params! { ":state": state, ":now": tx.now, ":id": id },
    )?;
    Ok(())
}

/// Up to a fifth more, so that what failed together doesn't come back together.
fn jittered(pause: Duration) -> Duration {
    pause + pause.mul_f64(rand::random::<f64>() / 5.0)
}

/// What a `Retry-After` asks for: seconds, or a date.
fn wait_of(text: &str, now: Timestamp) -> Option<Duration> {
    let text = text.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = DateTime::parse_from_rfc2822(text).ok()?;
    Some(Timestamp::from_millis(date.timestamp_millis()).since(now))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receiver_may_say_when_in_seconds_or_as_a_date() {
        let now = Timestamp::from_millis(1_445_412_420_000);
        assert_eq!(wait_of(" 120 ", now), Some(Duration::from_secs(120)));
        assert_eq!(wait_of("Wed, 21 Oct 2015 07:28:00 GMT", now), Some(Duration::from_secs(60)));
        assert_eq!(wait_of("Wed, 21 Oct 2015 07:00:00 GMT", now), Some(Duration::ZERO));
        for nonsense in ["", "-1", "soon", "1e9"] {
            assert_eq!(wait_of(nonsense, now), None, "{nonsense}");
        }
    }
}
