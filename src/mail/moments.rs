//! Moments as mails tell them: in the language of the reader, by the organization's clock.

use std::fmt::{self, Display, Formatter};

use chrono::NaiveDateTime;

use crate::{
    clock::Timestamp,
    i18n::{long_day, short_moment},
    organizations::Zone,
};

/// A moment that is told in a mail.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    wall: NaiveDateTime,
    zone: Zone,
    told: Told,
}

#[derive(Clone, Copy, Debug)]
enum Told {
    Time,
    Day,
    Exactly,
    Shortly,
}

impl Moment {
    const fn new(wall: NaiveDateTime, zone: Zone, told: Told) -> Self {
        Self { wall, zone, told }
    }

    /// `14:05 UTC`
    pub fn time(zone: Zone, moment: Timestamp) -> Self {
        Self::new(zone.wall(moment), zone, Told::Time)
    }

    /// `March 2, 2027`
    pub fn day(zone: Zone, moment: Timestamp) -> Self {
        Self::new(zone.wall(moment), zone, Told::Day)
    }

    /// `March 2, 2027, 14:05 UTC`
    pub fn exactly(zone: Zone, moment: Timestamp) -> Self {
        Self::new(zone.wall(moment), zone, Told::Exactly)
    }

    /// `Mar 2, 2027, 14:05 UTC`
    pub fn shortly(zone: Zone, moment: Timestamp) -> Self {
        Self::new(zone.wall(moment), zone, Told::Shortly)
    }
}

impl Display for Moment {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let time = self.wall.format("%H:%M");
        match self.told {
            Told::Day => return f.write_str(&long_day(self.wall)),
            Told::Time => write!(f, "{time}")?,
            Told::Exactly => write!(f, "{}, {time}", long_day(self.wall))?,
            Told::Shortly => f.write_str(&short_moment(self.wall))?,
        }
        if self.zone == Zone::UTC { f.write_str(" UTC") } else { write!(f, " ({})", self.zone.name()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::{Language, speaking};

    #[test]
    fn a_moment_is_told_by_the_clock_and_in_the_language_of_its_readers() {
        let moment: Timestamp = "2027-03-02T14:05:00.000Z".parse().unwrap();
        let berlin: Zone = "Europe/Berlin".parse().unwrap();
        assert_eq!(Moment::time(Zone::UTC, moment).to_string(), "14:05 UTC");
        assert_eq!(Moment::exactly(Zone::UTC, moment).to_string(), "March 2, 2027, 14:05 UTC");
        assert_eq!(Moment::shortly(Zone::UTC, moment).to_string(), "Mar 2, 2027, 14:05 UTC");
        speaking(Language::German, || {
            assert_eq!(Moment::time(berlin, moment).to_string(), "15:05 (Europe/Berlin)");
            assert_eq!(Moment::day(berlin, moment).to_string(), "2. März 2027");
        });
    }
}
