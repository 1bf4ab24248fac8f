//! How long headshots are kept. An organization may let them go some days after they were ready; whoever is in them is told
//! twice before, and they never go sooner than a day after the last time.

use std::{ops::RangeInclusive, time::Duration};

use rusqlite::{Row, named_params};

use super::{Shoot, State, get};
use crate::{
    clock::Timestamp,
    db::{Topic, Tx, View},
    error::Result,
    ids::{OrganizationId, ShootId},
    organizations,
};

const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A warning is sent so much before the day it is meant for: housekeeping comes once an hour, and no mail is sent at night.
const LEEWAY: Duration = HOUR.saturating_mul(12);

/// The first warning, before they go.
const FIRST: Duration = DAY.saturating_mul(7);

/// The last one. However late it is sent, they stay as long after it.
const LAST: Duration = DAY;

/// A first warning that would be sent later than this before they go comes too late to do anything about it.
const TOO_LATE: Duration = DAY.saturating_mul(2);

/// Whatever an organization decides, what was made before stays at least so long: there is time for both warnings.
const SOONEST: Duration = FIRST.saturating_add(LEEWAY).saturating_add(LEEWAY);

/// How many warnings are sent.
const WARNINGS: u8 = 2;

/// Days an organization may keep headshots for.
pub const KEPT_DAYS: RangeInclusive<u16> = organizations::RESULTS_DAYS;

/// When headshots go that were ready at `finished`, in an organization that keeps them for so many days.
fn date(finished: Timestamp, days: u16, now: Timestamp) -> Timestamp {
    (finished + DAY.saturating_mul(days.into())).max(now + SOONEST)
}

/// Sets the day on which a shoot's headshots go, now that they are ready.
pub(super) fn set_date(tx: &Tx, shoot: &Shoot) -> Result<()> {
    let Some(days) = organizations::get(tx, &shoot.organization)?.results_days else { return Ok(()) };
    tx.execute(
        "update shoots set expires_at = :at, warnings = 0 where id = :id",
        named_params! { ":at": date(shoot.finished_at.unwrap_or(tx.now), days, tx.now), ":id": shoot.id },
    )?;
    Ok(())
}

/// Has an organization keep headshots for so many days, or until someone deletes them. What is ready is dated anew: never so
/// soon that the warnings could not be sent. Whether that is a change; the same once more moves no date.
///
/// # Errors
/// There is no such organization.
pub fn keep_results(tx: &Tx, organization: &OrganizationId, days: Option<u16>) -> Result<bool> {
    if !organizations::set_results_days(tx, organization, days)? {
        return Ok(false);
    }
    let span = days.map(|days| millis(DAY.saturating_mul(days.into())));
    let dated = tx.all(
        "update shoots
         set expires_at = case when :span is not null then max(finished_at + :span, :soonest) end, warnings = 0
         where organization_id = :organization and state = 'ready'
         returning id",
        named_params! { ":organization": organization, ":span": span, ":soonest": tx.now + SOONEST },
        |row| row.get::<_, ShootId>(0),
    )?;
    for shoot in dated {
        tx.ring(Topic::Shoot(shoot));
    }
    Ok(true)
}

fn millis(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}

/// Headshots that go, all of an organization's or some.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Going {
    /// So many.
    pub headshots: u32,
    /// Of so many people.
    pub people: u32,
    /// When the first go; nothing if none do.
    pub first: Option<Timestamp>,
    /// When the last go.
    pub last: Option<Timestamp>,
}

impl Going {
    fn from_row(row: &Row) -> rusqlite::Result<Self> {
        Ok(Self {
            headshots: row.get("headshots")?,
            people: row.get("people")?,
            first: row.get("first")?,
            last: row.get("last")?,
        })
    }
}

/// What [`keep_results`] for so many days would mean for the headshots that are ready now.
pub fn would_go(view: &View, organization: &OrganizationId, days: u16) -> Result<Going> {
    view.one(
        "select count(distinct member_id) as people, min(goes) as first, max(goes) as last,
             coalesce(sum((select count(*) from results r where r.shoot_id = s.id and r.deleted_at is null)), 0) as headshots
         from (
             select id, member_id, max(finished_at + :span, :soonest) as goes
             from shoots
             where organization_id = :organization and state = 'ready'
         ) s",
        named_params! {
            ":organization": organization, ":span": millis(DAY.saturating_mul(days.into())), ":soonest": view.now + SOONEST,
        },
        Going::from_row,
    )
}

/// An organization's headshots that go within the week.
pub fn going_soon(view: &View, organization: &OrganizationId) -> Result<Going> {
    view.one(
        "select count(distinct s.member_id) as people, min(s.expires_at) as first, max(s.expires_at) as last,
             coalesce(sum((select count(*) from results r where r.shoot_id = s.id and r.deleted_at is null)), 0) as headshots
         from shoots s
         where s.organization_id = :organization and s.state = 'ready' and s.expires_at < :soon",
        named_params! { ":organization": organization, ":soon": view.now + FIRST + LEEWAY },
        Going::from_row,
    )
}

/// The shoots whose people have to be warned now, of all organizations: for [`crate::db::Db::scan`].
pub fn to_warn_of(view: &View) -> Result<Vec<ShootId>> {
    view.all(
        "select id from shoots
         where state = 'ready' and expires_at is not null
           and ((warnings = 0 and expires_at <= :first) or (warnings = 1 and expires_at <= :last))
         order by expires_at",
        named_params! { ":first": view.now + FIRST + LEEWAY, ":last": view.now + LAST + LEEWAY },
        |row| row.get(0),
    )
}

/// Whether a warning is due, and with which date: a server that stood still has the date moved, so that nobody's headshots go
/// without time to save them.
fn due(warnings: u8, expires_at: Timestamp, now: Timestamp) -> Option<Timestamp> {
    match warnings {
        0 if expires_at <= now + FIRST + LEEWAY => {
            Some(if expires_at < now + TOO_LATE { now + FIRST } else { expires_at })
        }
        1 if expires_at <= now + LAST + LEEWAY => Some(expires_at.max(now + LAST)),
        _ => None,
    }
}

/// Counts a warning that goes out in this transaction, and says when the headshots go; nothing if none is due any more.
pub fn warn(tx: &Tx, id: &ShootId) -> Result<Option<Timestamp>> {
    let shoot = get(tx, id)?;
    let Some(at) = shoot.goes_at().and_then(|at| due(shoot.warnings, at, tx.now)) else { return Ok(None) };
    move_to(tx, id, at, shoot.warnings + 1)?;
    Ok(Some(at))
}

/// The same for a warning that was counted before and is written once more, because it could not be sent or goes to several
/// people: they still have a day from now.
pub fn warn_again(tx: &Tx, id: &ShootId) -> Result<Option<Timestamp>> {
    let shoot = get(tx, id)?;
    let Some(at) = shoot.goes_at().filter(|_| shoot.warnings > 0) else { return Ok(None) };
    let at = at.max(tx.now + LAST);
    move_to(tx, id, at, shoot.warnings)?;
    Ok(Some(at))
}

fn move_to(tx: &Tx, id: &ShootId, at: Timestamp, warnings: u8) -> Result<()> {
    tx.execute(
        "update shoots set expires_at = :at, warnings = :warnings where id = :id",
        named_params! { ":at": at, ":warnings": warnings, ":id": id },
    )?;
    Ok(())
}

/// Shoots whose headshots have had their time, a few at once. Nothing goes of which nobody was warned.
pub fn over(view: &View, limit: u32) -> Result<Vec<ShootId>> {
    view.all(
        "select id from shoots
         where state = 'ready' and expires_at <= :now and warnings >= :warnings
         order by expires_at limit :limit",
        named_params! { ":now": view.now, ":warnings": WARNINGS, ":limit": limit },
        |row| row.get(0),
    )
}

/// Writes on a deleted shoot's tombstone that it went because its time had come.
pub fn mark_expired(tx: &Tx, id: &ShootId) -> Result<()> {
    tx.execute("update shoots set expired = 1 where id = :id", named_params! { ":id": id })?;
    Ok(())
}

impl Shoot {
    /// When its headshots go, if they do by themselves.
    pub fn goes_at(&self) -> Option<Timestamp> {
        self.expires_at.filter(|_| self.state == State::Ready)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

    #[test]
    fn nothing_goes_before_both_warnings_have_had_their_time() {
        assert_eq!(date(NOW, 90, NOW), NOW + DAY * 90);
        // An old shoot, and an organization that has just decided.
        assert_eq!(date(NOW - DAY * 400, 90, NOW), NOW + DAY * 8);
        assert_eq!(date(NOW, 7, NOW), NOW + DAY * 8);
    }

    #[test]
    fn warnings_are_due_a_week_and_a_day_before() {
        assert_eq!(due(0, NOW + DAY * 8, NOW), None);
        assert_eq!(due(0, NOW + DAY * 7, NOW), Some(NOW + DAY * 7));
        assert_eq!(due(1, NOW + DAY * 2, NOW), None);
        assert_eq!(due(1, NOW + DAY, NOW), Some(NOW + DAY));
        assert_eq!(due(2, NOW, NOW), None, "never a third time");
    }

    #[test]
    fn a_server_that_stood_still_moves_the_date() {
        // Late, with time left: the date stays.
        assert_eq!(due(0, NOW + DAY * 3, NOW), Some(NOW + DAY * 3));
        for late in [NOW + DAY, NOW, NOW - DAY * 30] {
            assert_eq!(due(0, late, NOW), Some(NOW + DAY * 7), "there is time for both");
            assert_eq!(due(1, late, NOW), Some(NOW + DAY));
        }
    }
}
