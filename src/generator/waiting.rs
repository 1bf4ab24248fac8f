//! How often it is worth asking for shoots that wait for their turn on our own machines.

use std::time::Duration;

use super::{Progress, Status};

/// For the one that is next in line.
const FIRST: Duration = Duration::from_secs(2);

/// So much later for each that is before it: asked as often as the first, five hundred that wait would keep the database busy.
const EACH: Duration = Duration::from_millis(250);

/// However many are before it.
const LAST: Duration = Duration::from_secs(60);

impl Status {
    /// Of a shoot that waits, with so many before it.
    pub fn queued(position: u32) -> Self {
        Self { progress: Progress::Queued { position }, next_poll: (FIRST + EACH * position).min(LAST) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_stands_further_back_is_asked_about_less_often() {
        let next_poll = |position| Status::queued(position).next_poll.as_millis();
        assert_eq!([0, 1, 4, 231].map(next_poll), [2_000, 2_250, 3_000, 59_750]);
        assert_eq!([232, u32::MAX].map(next_poll), [60_000, 60_000]);
        let questions: f64 = (0..500).map(|position| Status::queued(position).next_poll.as_secs_f64().recip()).sum();
        assert!(questions < 20.0, "{questions} a second for five hundred that wait");
    }
}
