//! Backups by the clock.

use std::{sync::Arc, time::Duration};

use super::schedule::{keep_slots, slot_after};
use crate::{
    app::App,
    backup::Maker,
    clock::Timestamp,
    db::Tx,
    error::{Error, Result},
    queue::{self, Job, Next},
};

/// Backups of every day are made at this hour of UTC: of most places it is night there.
const HOUR: Duration = Duration::from_secs(3 * 60 * 60);

/// How soon a backup that goes on is looked after again.
const LOOK: Duration = Duration::from_secs(5);

/// The pause after one that failed.
const PAUSE: Duration = Duration::from_secs(15 * 60);

/// So many in a row may fail before the job is parked, for somebody to look.
const MOST_FAILURES: u32 = 4;

/// Makes a backup. It takes as long as there are pictures, so the job doesn't stand in the way of others in its queue: it begins one
/// and then only looks now and then. After a crash it begins anew.
pub(super) async fn make(app: &App) -> Result<Next> {
    // Switched off since it was scheduled.
    let Some(maker) = &app.backups else { return Ok(Next::Done) };
    match maker.go_on().await {
        Ok(Some(_)) => Ok(Next::Done),
        Ok(None) => Ok(Next::Again(app.db.clock().now() + LOOK)),
        Err(_) if *app.stopping.borrow() => Ok(Next::Again(app.db.clock().now())),
        Err(cause) => Err(failed(maker, &cause)),
    }
}

/// The attempts of the queue are counted anew whenever the job goes on, so those that fail are counted here.
fn failed(maker: &Maker, cause: &Error) -> Error {
    let why = cause.trail();
    let failures = maker.failures();
    tracing::error!(cause = why, failures, "no backup could be made");
    match failures % MOST_FAILURES {
        0 => queue::give_up(why),
        _ => queue::retry_after(why, PAUSE),
    }
}

/// Keeps the next backup in the table of jobs, for as long as the server runs; one that is overdue is due at once.
pub async fn schedule(app: Arc<App>) {
    let Some(maker) = &app.backups else { return };
    let every = maker.settings().every;
    if let Err(cause) = catch_up(&app).await {
        tracing::error!(cause = cause.trail(), "could not look for the newest backup");
    }
    keep_slots(app.db.clone(), move |tx| add_next_slot(tx, every)).await;
}

async fn catch_up(app: &Arc<App>) -> Result<()> {
    let (looker, now) = (app.clone(), app.db.clock().now());
    let look = move || looker.backups.as_ref().is_some_and(|maker| maker.is_overdue(now));
    if tokio::task::spawn_blocking(look).await.map_err(Error::internal)? {
        app.db.write(|tx| queue::push_unique(tx, Job::Backup, "backup@start", tx.now)).await?;
    }
    Ok(())
}

fn add_next_slot(tx: &Tx, every: Duration) -> Result<Timestamp> {
    let slot = slot_after(tx.now - HOUR, every) + HOUR;
    queue::push_unique(tx, Job::Backup, &format!("backup@{slot}"), slot)?;
    Ok(slot)
}
