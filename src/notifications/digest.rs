//! The daily mail: once a day at most, in the morning of the organization, and only if there is something to tell.

use std::time::Duration;

use rusqlite::named_params;

use super::{About, KEPT, Pace, happened_at, pace};
use crate::{
    clock::Timestamp,
    db::{Tx, View},
    error::Result,
    ids::{MemberId, OrganizationId},
    members,
    organizations::{self, Zone},
    queue::{self, Job},
};

/// The hour of the daily mail.
const HOUR: &str = "08:00";

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Which time a daily mail is about: from `since` on, before `until`.
#[derive(Clone, Copy)]
struct Span {
    since: Timestamp,
    until: Timestamp,
}

/// The latest moment that the daily mail was due at.
fn last_morning(zone: Zone, now: Timestamp) -> Result<Timestamp> {
    let morning = |moment: Timestamp| {
        let wall = zone.written(moment);
        let day = wall.split_once('T').map_or(wall.as_str(), |(day, _)| day).to_owned();
        zone.read(&format!("{day}T{HOUR}"))
    };
    let today = morning(now)?;
    if today <= now { Ok(today) } else { morning(now - DAY) }
}

/// The leads whose daily mail is due and has something to tell.
pub fn due(view: &View) -> Result<Vec<MemberId>> {
    let organizations: Vec<OrganizationId> = view.all(
        "select distinct organization_id from happenings where created_at >= :since",
        named_params! { ":since": view.now - KEPT },
        |row| row.get(0),
    )?;
    let mut due = Vec::new();
    for organization in organizations {
        let morning = last_morning(organizations::zone(view, &organization)?, view.now)?;
        for lead in members::leads(view, &organization)? {
            let since = told_until(view, &lead.id)?;
            if since < morning && !daily(view, &organization, &lead.id, Span { since, until: view.now })?.is_empty() {
                due.push(lead.id);
            }
        }
    }
    Ok(due)
}

fn told_until(view: &View, lead: &MemberId) -> Result<Timestamp> {
    let until =
        view.find("select until from digests where member_id = :lead", named_params! { ":lead": lead }, |row| {
            row.get(0)
        })?;
    Ok(until.unwrap_or(view.now - KEPT).max(view.now - KEPT))
}

/// What happened in a time that a lead wants to hear of daily, oldest first.
fn daily(view: &View, organization: &OrganizationId, lead: &MemberId, span: Span) -> Result<Vec<About>> {
    let happened = view.all(
        "select * from happenings
         where organization_id = :organization and created_at >= :since and created_at < :until
         order by created_at, id",
        named_params! { ":organization": organization, ":since": span.since, ":until": span.until },
        happened_at,
    )?;
    let mut wanted = Vec::new();
    for (about, _) in happened {
        if pace(view, lead, about.topic())? == Pace::Daily {
            wanted.push(about);
        }
    }
    Ok(wanted)
}

/// Begins the daily mail of these leads. One that waits for the mail server is not begun again.
pub fn begin_due(tx: &Tx, leads: Vec<MemberId>) -> Result<()> {
    for lead in leads {
        let since = told_until(tx, &lead)?;
        let key = format!("digest@{lead}");
        if queue::push_unique(tx, Job::DigestMail(lead.clone()), &key, tx.now)?.is_some() {
            // What happens in this very millisecond is for the next one.
            tx.execute(
                "insert into digests (member_id, since, until) values (:lead, :since, :now)
                 on conflict (member_id) do update set since = excluded.since, until = excluded.until",
                named_params! { ":lead": lead, ":since": since, ":now": tx.now },
            )?;
        }
    }
    Ok(())
}

/// What the latest daily mail of a lead tells: the same however often it is asked for.
pub fn latest(view: &View, organization: &OrganizationId, lead: &MemberId) -> Result<Vec<About>> {
    let span = view.find(
        "select since, until from digests where member_id = :lead",
        named_params! { ":lead": lead },
        |row| Ok(Span { since: row.get(0)?, until: row.get(1)? }),
    )?;
    span.map_or_else(|| Ok(Vec::new()), |span| daily(view, organization, lead, span))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_morning_is_that_of_the_organization() {
        let at = |time: &str| -> Timestamp { serde_json::from_value(time.into()).unwrap() };
        let utc: Zone = "UTC".parse().unwrap();
        let kathmandu: Zone = "Asia/Kathmandu".parse().unwrap();
        assert_eq!(last_morning(utc, at("2026-03-01T10:30:00.000Z")).unwrap(), at("2026-03-01T08:00:00.000Z"));
        assert_eq!(last_morning(utc, at("2026-03-01T07:59:59.999Z")).unwrap(), at("2026-02-28T08:00:00.000Z"));
        assert_eq!(last_morning(utc, at("2026-03-01T08:00:00.000Z")).unwrap(), at("2026-03-01T08:00:00.000Z"));
        // Five hours and three quarters ahead.
        assert_eq!(last_morning(kathmandu, at("2026-03-01T02:15:00.000Z")).unwrap(), at("2026-03-01T02:15:00.000Z"));
    }
}
