//! The clock on an organization's wall: what people type and read as date and time.

use std::str::FromStr;

use chrono::{Duration, LocalResult, NaiveDateTime, TimeZone};
use chrono_tz::Tz;

use super::timezone;
use crate::{
    clock::Timestamp,
    db::View,
    error::{Error, Result},
    i18n::{long_day, short_day, short_moment},
    ids::OrganizationId,
};

/// A time zone, such as `Europe/Berlin`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Zone(Tz);

impl Zone {
    /// Where no organization has chosen another.
    pub const UTC: Self = Self(Tz::UTC);

    /// Its name.
    pub fn name(self) -> &'static str {
        self.0.name()
    }

    /// The moment as it stands on the wall.
    pub fn wall(self, moment: Timestamp) -> NaiveDateTime {
        moment.date_time().with_timezone(&self.0).naive_local()
    }

    /// The moment that is `2027-03-01T18:00` on the wall, as browsers send what was chosen. A time that is there twice is the
    /// first of both; one that is skipped is an hour later.
    ///
    /// # Errors
    /// It is no date and time.
    pub fn read(self, text: &str) -> Result<Timestamp> {
        let text = text.trim().replace(' ', "T");
        let wall = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]
            .iter()
            .find_map(|form| NaiveDateTime::parse_from_str(&text, form).ok())
            .ok_or_else(|| {
                Error::invalid(say!(
                    "This is no date and time. Write it as year, month, day and time: 2027-03-01 18:00."
                ))
            })?;
        let moment = match self.0.from_local_datetime(&wall) {
            LocalResult::Single(moment) | LocalResult::Ambiguous(moment, _) => Some(moment),
            LocalResult::None => self.0.from_local_datetime(&(wall + Duration::hours(1))).earliest(),
        };
        let moment =
            moment.ok_or_else(|| Error::invalid(say!("There is no such time on this day. Choose another.")))?;
        Ok(Timestamp::from_millis(moment.timestamp_millis()))
    }

    /// The moment as browsers write it into a field: `2027-03-01T18:00`.
    pub fn written(self, moment: Timestamp) -> String {
        moment.date_time().with_timezone(&self.0).format("%Y-%m-%dT%H:%M").to_string()
    }

    /// Its day as people read it: `March 1, 2027`.
    pub fn day(self, moment: Timestamp) -> String {
        long_day(self.wall(moment))
    }

    /// The same, short: `Mar 1, 2027`.
    pub fn short_day(self, moment: Timestamp) -> String {
        short_day(self.wall(moment))
    }

    /// The moment as people read it: `Mar 1, 2027, 18:00 UTC`.
    pub fn words(self, moment: Timestamp) -> String {
        let wall = short_moment(self.wall(moment));
        match self.0 {
            Tz::UTC => format!("{wall} UTC"),
            zone => format!("{wall} ({})", zone.name()),
        }
    }
}

impl FromStr for Zone {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        timezone(text).map(Self)
    }
}

/// The time zone an organization has chosen; UTC as long as it has chosen none that is known here.
pub fn zone(view: &View, organization: &OrganizationId) -> Result<Zone> {
    Ok(Zone(super::get(view, organization)?.reminders.quiet.zone))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::{Language, speaking};

    #[test]
    fn times_are_those_on_the_wall() {
        let berlin: Zone = "Europe/Berlin".parse().unwrap();
        let utc: Zone = "UTC".parse().unwrap();
        let read = |zone: Zone, text| zone.read(text).unwrap().to_string();
        assert_eq!(read(utc, "2027-03-01T18:00"), "2027-03-01T18:00:00.000Z");
        assert_eq!(read(berlin, "2027-03-01 18:00:30"), "2027-03-01T17:00:30.000Z");
        assert_eq!(read(berlin, "2027-07-01T18:00"), "2027-07-01T16:00:00.000Z");
        // Skipped in spring, there twice in autumn.
        assert_eq!(read(berlin, "2027-03-28T02:30"), "2027-03-28T01:30:00.000Z");
        assert_eq!(read(berlin, "2027-10-31T02:30"), "2027-10-31T00:30:00.000Z");
        let moment = berlin.read("2027-07-01T18:00").unwrap();
        assert_eq!(berlin.words(moment), "Jul 1, 2027, 18:00 (Europe/Berlin)");
        assert_eq!(utc.words(moment), "Jul 1, 2027, 16:00 UTC");
        let night = berlin.read("2027-07-02T01:00").unwrap();
        assert_eq!((berlin.day(night), utc.short_day(night)), ("July 2, 2027".into(), "Jul 1, 2027".into()));
        speaking(Language::German, || {
            assert_eq!(berlin.words(moment), "1. Juli 2027, 18:00 (Europe/Berlin)");
            assert_eq!(berlin.day(night), "2. Juli 2027");
        });
        assert_eq!(berlin.written(moment), "2027-07-01T18:00");
        for wrong in ["", "tomorrow", "2027-02-30T10:00", "2027-03-01T25:00", "2027-03-01"] {
            assert!(berlin.read(wrong).is_err(), "{wrong}");
        }
        assert!("Mars/Olympus".parse::<Zone>().is_err());
    }
}
