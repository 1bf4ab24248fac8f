//! The time. Everything below the doors is handed a [`Timestamp`]; only the doors and the database ask the [`Clock`].

use std::{fmt, ops, str::FromStr, sync::Arc, time::Duration};

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use tokio::sync::watch;

/// A moment in UTC, to the millisecond. Shown as `2024-01-15T10:30:00.000Z`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// From milliseconds since 1970.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since 1970.
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// How long from `earlier` to this moment; zero if it is not earlier.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0 - earlier.0).unwrap_or(0))
    }

    /// The same moment for calendars.
    pub fn date_time(self) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(self.0).unwrap_or_default()
    }
}

impl ops::Add<Duration> for Timestamp {
    type Output = Self;
    fn add(self, span: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(span.as_millis()).unwrap_or(i64::MAX)))
    }
}

impl ops::Sub<Duration> for Timestamp {
    type Output = Self;
    fn sub(self, span: Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(span.as_millis()).unwrap_or(i64::MAX)))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.date_time().to_rfc3339_opts(SecondsFormat::Millis, true))
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl FromStr for Timestamp {
    type Err = chrono::ParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        DateTime::parse_from_rfc3339(text).map(|time| Self(time.timestamp_millis()))
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(de::Error::custom)
    }
}

/// So often it is asked for the time by those who wait for a moment: nobody says when the machine's clock is set, or when the
/// machine has slept.
const LOOK: Duration = Duration::from_secs(1);

/// Tells the time, and can be moved forward in tests and in development mode.
#[derive(Clone, Debug)]
pub struct Clock {
    offset: Arc<watch::Sender<i64>>,
}

impl Clock {
    /// The machine's clock.
    pub fn system() -> Self {
        Self { offset: Arc::new(watch::Sender::new(0)) }
    }

    /// The present moment.
    pub fn now(&self) -> Timestamp {
        Timestamp(Utc::now().timestamp_millis() + *self.offset.borrow())
    }

    /// Moves this clock forward; whoever waits for a moment looks again.
    pub fn advance(&self, span: Duration) {
        let millis = i64::try_from(span.as_millis()).unwrap_or(i64::MAX);
        self.offset.send_modify(|offset| *offset = offset.saturating_add(millis));
    }

    /// Returns at `moment`, also when the clock is moved past it meanwhile: this one at once, the machine's within a second.
    pub async fn reach(&self, moment: Timestamp) {
        let mut moved = self.offset.subscribe();
        loop {
            let left = moment.since(self.now());
            if left.is_zero() {
                return;
            }
            tokio::select! {
                () = tokio::time::sleep(left.min(LOOK)) => {}
                _ = moved.changed() => {}
            }
        }
    }

    /// Returns when so much time has passed, by this clock or in truth: who does something again and again goes on with it
    /// although the machine's clock was set back.
    pub async fn pass(&self, span: Duration) {
        tokio::select! {
            () = self.reach(self.now() + span) => {}
            () = tokio::time::sleep(span) => {}
        }
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::system()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_to_the_millisecond_in_utc() {
        assert_eq!(Timestamp::from_millis(1_705_314_600_000).to_string(), "2024-01-15T10:30:00.000Z");
    }

    #[tokio::test]
    async fn who_waits_for_a_moment_wakes_when_the_clock_is_moved_past_it() {
        let clock = Clock::system();
        let moment = clock.now() + Duration::from_secs(3600);
        let waiting = tokio::spawn({
            let clock = clock.clone();
            async move { clock.reach(moment).await }
        });
        tokio::task::yield_now().await;
        clock.advance(Duration::from_secs(3601));
        waiting.await.unwrap();
        assert!(clock.now() >= moment);
    }

    /// As an operator does with the machine's clock: nobody is told.
    fn set(clock: &Clock, hours: i64) {
        clock.offset.send_if_modified(|offset| {
            *offset += hours * 3_600_000;
            false
        });
    }

    #[tokio::test]
    async fn who_waits_for_a_moment_notices_that_the_machines_clock_was_set() {
        let clock = Clock::system();
        let moment = clock.now() + Duration::from_secs(3600);
        let waiting = tokio::spawn({
            let clock = clock.clone();
            async move { clock.reach(moment).await }
        });
        tokio::task::yield_now().await;
        set(&clock, 2);
        tokio::time::timeout(10 * LOOK, waiting).await.unwrap().unwrap();
    }

    #[tokio::test]
    async fn what_is_done_again_and_again_goes_on_although_the_clock_was_set_back() {
        let clock = Clock::system();
        let waiting = tokio::spawn({
            let clock = clock.clone();
            async move { clock.pass(Duration::from_millis(100)).await }
        });
        tokio::task::yield_now().await;
        set(&clock, -24);
        tokio::time::timeout(10 * LOOK, waiting).await.unwrap().unwrap();
    }
}
