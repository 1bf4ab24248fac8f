//! What happens every hour. apalis-cron keeps its ticks in memory, by the machine's clock; ours are rows, by a clock that
//! tests can move: the next one is always in the table before its time, so a tick during a restart isn't lost.

use std::time::Duration;

use crate::{
    clock::Timestamp,
    db::{Db, Tx},
    error::Result,
    queue::{self, Job},
};

/// How often the house is kept.
const EVERY: Duration = Duration::from_secs(3600);

/// How long a database that can't be written is left alone before the next slot is offered to it again.
const PATIENCE: Duration = Duration::from_secs(5);

/// Keeps the next hour's housekeeping in the table, forever.
pub(super) async fn keep(db: Db) {
    keep_slots(db, add_next_slot).await;
}

/// Has `add` put the next slot into the table and say when it is, again and again, each time that moment has come.
pub(super) async fn keep_slots(db: Db, add: impl Fn(&Tx) -> Result<Timestamp> + Clone + Send + 'static) {
    loop {
        match db.write(add.clone()).await {
            Ok(slot) => db.clock().pass(slot.since(db.clock().now())).await,
            Err(cause) => {
                tracing::warn!(cause = cause.trail(), "could not schedule what comes next; will try again");
                tokio::time::sleep(PATIENCE).await;
            }
        }
    }
}

/// A slot is only ever added before its time and only ever runs after it, and while it waits its key keeps a second server
/// from adding it again: so no slot runs twice. Slots that passed while no server ran are one, not many.
fn add_next_slot(tx: &Tx) -> Result<Timestamp> {
    let slot = slot_after(tx.now, EVERY);
    queue::push_unique(tx, Job::Housekeeping, &format!("housekeeping@{slot}"), slot)?;
    Ok(slot)
}

/// The next moment that is a whole number of spans after 1970: for a span of an hour the next full hour.
pub(super) fn slot_after(now: Timestamp, every: Duration) -> Timestamp {
    let span = i64::try_from(every.as_millis()).unwrap_or(i64::MAX);
    Timestamp::from_millis(now.millis() - now.millis().rem_euclid(span)) + every
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_slot_is_the_next_full_hour() {
        let at = |time: &str| -> Timestamp { serde_json::from_value(time.into()).unwrap() };
        assert_eq!(slot_after(at("2026-03-01T10:30:00.000Z"), EVERY), at("2026-03-01T11:00:00.000Z"));
        assert_eq!(slot_after(at("2026-03-01T11:00:00.000Z"), EVERY), at("2026-03-01T12:00:00.000Z"));
        assert_eq!(slot_after(at("2026-12-31T23:59:59.999Z"), EVERY), at("2027-01-01T00:00:00.000Z"));
    }
}
