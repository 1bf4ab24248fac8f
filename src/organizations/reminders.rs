//! When an organization reminds people by itself: so many days after the invite, by the clock on its own wall, and never
//! within its quiet hours.

use chrono::{Days as Later, NaiveDateTime, TimeDelta, TimeZone, Timelike};
use chrono_tz::{TZ_VARIANTS, Tz};
use rusqlite::{Row, named_params};
use serde::Serialize;

use crate::{
    clock::Timestamp,
    db::{Tx, View},
    error::{Error, Result},
    ids::OrganizationId,
};

/// Reminders one invite gets by itself at most.
const MOST: usize = 5;

/// An invite lives 30 days; on the last one a reminder would come too late.
const LAST_DAY: u8 = 29;

/// Clocks are set by whole quarters of an hour, so the quiet hours of any zone begin and end at one.
const QUARTER: i64 = 15 * 60 * 1000;

/// What an organization has decided about reminders.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reminders {
    /// So many days after an invite, rising; none: nobody is reminded automatically.
    pub days: Vec<u8>,
    /// When automatic mails wait.
    #[serde(flatten)]
    pub quiet: Quiet,
}

/// The hours in which automatic mails wait, on the organization's wall clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Quiet {
    /// The hour they begin with, 0 to 23.
    #[serde(rename = "quiet_from")]
    pub from: u8,
    /// The hour they end before; the same as `from`: there are none.
    #[serde(rename = "quiet_to")]
    pub to: u8,
    /// Where the clock hangs.
    #[serde(rename = "timezone", serialize_with = "by_name")]
    pub zone: Tz,
}

fn by_name<S: serde::Serializer>(zone: &Tz, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(zone.name())
}

impl Quiet {
    /// Whether there are any.
    pub fn any(&self) -> bool {
        self.from != self.to
    }

    /// Whether a moment is within them.
    pub fn hold(&self, moment: Timestamp) -> bool {
        let hour = u8::try_from(moment.date_time().with_timezone(&self.zone).hour()).unwrap_or_default();
        match self.from <= self.to {
            true => (self.from..self.to).contains(&hour),
            false => hour >= self.from || hour < self.to,
        }
    }

    /// The first moment from this one on that is outside of them. It is looked for step by step, so that a night with a
    /// change of the clock is as long as it is.
    pub fn end(&self, moment: Timestamp) -> Timestamp {
        let mut moment = moment;
        while self.hold(moment) {
            moment = Timestamp::from_millis((moment.millis().div_euclid(QUARTER) + 1) * QUARTER);
        }
        moment
    }

    /// The same time of day, so many days later; where the clock skips it, the first that follows.
    fn days_after(&self, moment: Timestamp, days: u8) -> Timestamp {
        let wall = moment.date_time().with_timezone(&self.zone).naive_local();
        let later = wall.checked_add_days(Later::new(days.into())).unwrap_or(wall);
        let at = |wall: NaiveDateTime| self.zone.from_local_datetime(&wall).earliest();
        // The longest skip ever was a day, where a country moved across the date line.
        (0..=96)
            .find_map(|quarters| at(later + TimeDelta::minutes(15 * quarters)))
            .map_or(moment, |there| Timestamp::from_millis(there.timestamp_millis()))
    }
}

impl Reminders {
    /// When the reminder was due that an invite of this moment has reached last, if it has reached any. One that falls into
    /// the quiet hours is due when they end. Those before it are not made up for.
    pub fn last_due(&self, invited: Timestamp, now: Timestamp) -> Option<Timestamp> {
        let due = |day: &u8| self.quiet.end(self.quiet.days_after(invited, *day));
        self.days.iter().rev().map(due).find(|due| *due <= now)
    }

    pub(super) fn from_row(row: &Row) -> rusqlite::Result<Self> {
        let days: String = row.get("reminders")?;
        let zone: String = row.get("timezone")?;
        Ok(Self {
            // What an older or newer version wrote there reminds nobody rather than at a wrong time.
            days: serde_json::from_str(&days).unwrap_or_default(),
            quiet: Quiet {
                from: row.get("quiet_from")?,
                to: row.get("quiet_to")?,
                zone: zone.parse().unwrap_or(Tz::UTC),
            },
        })
    }
}

/// Reads the days as people type them: `3, 7`; an empty text, `off` or `none` is none.
///
/// # Errors
/// More than five, or a day outside of 1 to 29.
pub fn reminder_days(text: &str) -> Result<Vec<u8>> {
    if matches!(text.trim().to_lowercase().as_str(), "" | "off" | "none" | "no") {
        return Ok(Vec::new());
    }
    let wrong = || {
        Error::invalid(say!(
            "\"{text}\" is no list of days. Write up to {most} numbers from 1 to {last}, such as 3, 7.",
            text = format!("{:.60}", text.trim()),
            most = MOST,
            last = LAST_DAY
        ))
    };
    let mut days = text
        .split(|c: char| c == ',' || c.is_whitespace())
        .filter(|day| !day.is_empty())
        .map(|day| day.parse().ok().filter(|day| (1..=LAST_DAY).contains(day)).ok_or_else(wrong))
        .collect::<Result<Vec<u8>>>()?;
    days.sort_unstable();
    days.dedup();
    if days.is_empty() || days.len() > MOST { Err(wrong()) } else { Ok(days) }
}

/// Reads quiet hours as people type them: `20-8`; `off` or `none` is none.
///
/// # Errors
/// They are no two hours of a day.
pub fn quiet_hours(text: &str) -> Result<(u8, u8)> {
    if matches!(text.trim().to_lowercase().as_str(), "" | "off" | "none" | "no") {
        return Ok((0, 0));
    }
    let hour = |text: &str| text.trim().trim_end_matches(":00").parse().ok().filter(|hour| *hour < 24);
    let both = text.split_once(['-', '–']).and_then(|(from, to)| Some((hour(from)?, hour(to)?)));
    both.ok_or_else(|| {
        Error::invalid(say!(
            "\"{text}\" is no span of hours. Write two from 0 to 23, such as 20-8.",
            text = format!("{:.40}", text.trim())
        ))
    })
}

/// Reads the name of a time zone, whatever its case.
///
/// # Errors
/// There is none of this name.
pub fn timezone(text: &str) -> Result<Tz> {
    let name = text.trim().replace(' ', "_");
    TZ_VARIANTS.iter().copied().find(|zone| zone.name().eq_ignore_ascii_case(&name)).ok_or_else(|| {
        Error::invalid(say!(
            "\"{text}\" is no time zone. Name one such as Europe/Berlin, or UTC.",
            text = format!("{:.64}", text.trim())
        ))
    })
}

/// The time zones people choose from, by name: those of a place, and UTC.
pub fn timezones() -> impl Iterator<Item = &'static str> {
    let place = |name: &&str| *name == "UTC" || (name.contains('/') && !name.starts_with("Etc/"));
    TZ_VARIANTS.iter().map(|zone| zone.name()).filter(place)
}

/// Changes all of it at once.
pub fn set_reminders(tx: &Tx, id: &OrganizationId, new: &Reminders) -> Result<()> {
    tx.execute(
        "update organizations set reminders = :days, quiet_from = :from, quiet_to = :to, timezone = :zone where id = :id",
        named_params! {
            ":id": id, ":days": serde_json::to_string(&new.days)?, ":from": new.quiet.from, ":to": new.quiet.to,
            ":zone": new.quiet.zone.name(),
        },
    )?;
    Ok(())
}

/// The organizations that remind people by themselves, each with how.
pub fn reminding(view: &View) -> Result<Vec<(OrganizationId, Reminders)>> {
    view.all("select * from organizations where reminders != '[]'", [], |row| {
        Ok((row.get("id")?, Reminders::from_row(row)?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(time: &str) -> Timestamp {
        time.parse().unwrap()
    }

    fn quiet(from: u8, to: u8, zone: &str) -> Quiet {
        Quiet { from, to, zone: timezone(zone).unwrap() }
    }

    #[test]
    fn quiet_hours_end_by_the_clock_on_the_wall() {
        for (hours, zone, moment, end) in [
            ((20, 8), "UTC", "2027-03-01T19:59:00Z", "2027-03-01T19:59:00Z"),
            ((20, 8), "UTC", "2027-03-01T20:00:00Z", "2027-03-02T08:00:00Z"),
            ((20, 8), "UTC", "2027-03-01T03:10:00Z", "2027-03-01T08:00:00Z"),
            ((9, 17), "UTC", "2027-03-01T12:00:00Z", "2027-03-01T17:00:00Z"),
            ((0, 0), "UTC", "2027-03-01T03:10:00Z", "2027-03-01T03:10:00Z"),
            // Berlin: an hour ahead in winter, two in summer; nights of eleven, twelve and thirteen hours.
            ((20, 8), "Europe/Berlin", "2027-03-01T19:30:00Z", "2027-03-02T07:00:00Z"),
            ((20, 8), "Europe/Berlin", "2027-03-27T19:00:00Z", "2027-03-28T06:00:00Z"),
            ((20, 8), "Europe/Berlin", "2027-10-30T18:00:00Z", "2027-10-31T07:00:00Z"),
            // They end with an hour that is skipped: at the first that is there.
            ((20, 2), "Europe/Berlin", "2027-03-28T00:30:00Z", "2027-03-28T01:00:00Z"),
            // They end with an hour that comes twice: at the first.
            ((20, 2), "Europe/Berlin", "2027-10-30T23:30:00Z", "2027-10-31T00:00:00Z"),
            // And where zones are off by parts of an hour.
            ((20, 8), "Asia/Kathmandu", "2027-03-01T14:20:00Z", "2027-03-02T02:15:00Z"),
            ((20, 8), "Australia/Lord_Howe", "2027-04-03T12:00:00Z", "2027-04-03T21:30:00Z"),
        ] {
            let quiet = quiet(hours.0, hours.1, zone);
            assert_eq!(quiet.end(at(moment)), at(end), "{hours:?} {zone} {moment}");
        }
    }

    #[test]
    fn whatever_the_hours_the_zone_and_the_moment_they_end_and_not_too_late() {
        let step = 7 * 60 * 60 * 1000 + 11 * 60 * 1000;
        for zone in
            ["UTC", "Europe/Berlin", "America/New_York", "America/St_Johns", "Pacific/Apia", "Africa/Casablanca"]
        {
            for (from, to) in [(20, 8), (0, 23), (23, 0), (1, 2), (2, 3), (12, 11), (5, 5)] {
                let quiet = quiet(from, to, zone);
                let mut moment = at("2027-01-01T00:07:30Z").millis();
                while moment < at("2028-01-01T00:00:00Z").millis() {
                    let (begun, end) = (Timestamp::from_millis(moment), quiet.end(Timestamp::from_millis(moment)));
                    assert!(!quiet.hold(end) && end >= begun, "{zone} {from}-{to} {begun}");
                    assert!(end == begun || quiet.hold(Timestamp::from_millis(end.millis() - 1)), "{zone} {begun}");
                    assert!(end.since(begun).as_secs() <= 25 * 3600, "{zone} {from}-{to} {begun}");
                    moment += step;
                }
            }
        }
    }

    fn reminders(days: &[u8], quiet: Quiet) -> Reminders {
        Reminders { days: days.into(), quiet }
    }

    #[test]
    fn a_reminder_is_due_at_the_time_of_day_of_the_invite() {
        let berlin = reminders(&[3, 7], quiet(20, 8, "Europe/Berlin"));
        // Invited on a Friday at ten; the clock is set forward on Sunday.
        let invited = at("2027-03-26T09:00:00Z");
        let due = |now| berlin.last_due(invited, at(now));
        assert_eq!(due("2027-03-29T07:59:59Z"), None);
        assert_eq!(due("2027-03-29T08:00:00Z"), Some(at("2027-03-29T08:00:00Z")));
        assert_eq!(due("2027-04-02T07:59:59Z"), Some(at("2027-03-29T08:00:00Z")));
        assert_eq!(due("2027-04-20T00:00:00Z"), Some(at("2027-04-02T08:00:00Z")));
        assert_eq!(reminders(&[], berlin.quiet).last_due(invited, at("2027-04-20T00:00:00Z")), None);
    }

    #[test]
    fn one_that_falls_into_the_night_is_due_in_the_morning() {
        let berlin = reminders(&[1], quiet(20, 8, "Europe/Berlin"));
        let invited = at("2027-03-01T22:30:00Z");
        assert_eq!(berlin.last_due(invited, at("2027-03-03T06:59:00Z")), None);
        assert_eq!(berlin.last_due(invited, at("2027-03-03T07:00:00Z")), Some(at("2027-03-03T07:00:00Z")));
    }

    #[test]
    fn a_time_that_is_skipped_is_due_when_the_clock_has_skipped_it() {
        let berlin = reminders(&[1], quiet(0, 0, "Europe/Berlin"));
        let due = berlin.last_due(at("2027-03-27T01:30:00Z"), at("2027-03-28T12:00:00Z"));
        assert_eq!(due, Some(at("2027-03-28T01:00:00Z")));
        // A whole day that an island left out.
        let apia = reminders(&[1], quiet(0, 0, "Pacific/Apia"));
        let due = apia.last_due(at("2011-12-29T20:00:00Z"), at("2012-01-03T00:00:00Z"));
        assert_eq!(due, Some(at("2011-12-30T10:00:00Z")));
    }

    #[test]
    fn settings_are_read_as_people_type_them() {
        assert_eq!(reminder_days(" 7, 3 3").unwrap(), [3, 7]);
        assert_eq!(reminder_days("off").unwrap(), Vec::<u8>::new());
        for wrong in ["0", "30", "3;7", "soon", "1 2 3 4 5 6", ",", "-3"] {
            assert!(reminder_days(wrong).is_err(), "{wrong}");
        }
        assert_eq!(quiet_hours("20-8").unwrap(), (20, 8));
        assert_eq!(quiet_hours("20:00 – 08:00").unwrap(), (20, 8));
        assert_eq!(quiet_hours("off").unwrap(), (0, 0));
        for wrong in ["20", "20-24", "a-b", "8-"] {
            assert!(quiet_hours(wrong).is_err(), "{wrong}");
        }
        assert_eq!(timezone(" europe/berlin ").unwrap(), Tz::Europe__Berlin);
        assert_eq!(timezone("America/New York").unwrap(), Tz::America__New_York);
        assert!(timezone("Berlin").is_err() && timezone("").is_err());
        assert!(timezones().any(|name| name == "UTC") && timezones().count() > 300);
    }
}
