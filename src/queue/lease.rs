//! Leases: who may believe that a job is being run, for how long, and what happens when nobody may any more.

use std::time::Duration;

use rusqlite::named_params;

use super::{Queue, Runner};
use crate::{
    clock::Timestamp,
    db::{Db, Tx},
    error::Result,
    i18n::Language,
};

/// Takes over whatever another start of a server was running, at once: for the server that holds the lock on the data
/// directory, so that no other can be alive. A command beside a running server must never do this.
pub(crate) async fn reclaim_from_the_dead(db: &Db, runner: &Runner) -> Result<()> {
    let runner = runner.clone();
    let jobs = db.write(move |tx| reclaim(tx, Orphans::OfOthers(&runner))).await?;
    if jobs > 0 {
        tracing::warn!(jobs, "took over jobs that were running when the last server ended");
    }
    Ok(())
}

/// Renews the leases of what `runner` holds and takes over those that ran out, forever. A task of its own: no full buffer
/// and no busy worker can starve it.
pub(crate) async fn keep_leases(db: Db, runner: Runner) {
    let pause = Queue::ALL.iter().map(|queue| queue.policy().lease / 3).min().unwrap_or(Duration::from_secs(10));
    loop {
        db.clock().pass(pause).await;
        let mine = runner.clone();
        match db.write(move |tx| renew_then_reclaim(tx, &mine)).await {
            Ok(0) => {}
            Ok(jobs) => tracing::warn!(jobs, "took over jobs whose lease ran out"),
            Err(cause) => {
                tracing::warn!(cause = cause.trail(), "could not renew the leases of running jobs; will try again");
            }
        }
    }
}

/// Gives back what `runner` has claimed and not ended, due as before and without counting the attempt: being interrupted
/// by the end of the server is not the job's fault. Only once nothing of it runs any more.
pub(crate) async fn hand_back(db: &Db, runner: &Runner) -> Result<()> {
    let runner = runner.clone();
    let jobs = db.write(move |tx| hand_back_all(tx, &runner)).await?;
    if jobs > 0 {
        tracing::info!(jobs, "handed back jobs that were not finished");
    }
    Ok(())
}

/// Its own first: after the machine slept, or the clock was moved, they have all run out, yet somebody does run them.
fn renew_then_reclaim(tx: &Tx, runner: &Runner) -> Result<usize> {
    for run in runner.held() {
        tx.execute(
            "update jobs
             set lease_until = :lease_until
             where id = :job and worker = :worker and attempts = :attempt and claimed_at = :claimed_at",
            named_params! {
                ":lease_until": tx.now + run.queue.policy().lease, ":job": run.job, ":worker": runner.name(),
                ":attempt": run.attempt, ":claimed_at": run.claimed_at,
            },
        )?;
    }
    reclaim(tx, Orphans::ExpiredBefore(tx.now))
}

enum Orphans<'r> {
    OfOthers(&'r Runner),
    ExpiredBefore(Timestamp),
}

/// Makes orphans run again, or parks those that had their last attempt. From the second time on they come back spread
/// over four seconds: a job that takes the process down then doesn't take the same neighbours with it each time.
fn reclaim(tx: &Tx, orphans: Orphans) -> Result<usize> {
    let (not_of, expired_before, why) = match orphans {
        Orphans::OfOthers(runner) => (Some(runner.name()), None, say!("The server ended while it ran.")),
        Orphans::ExpiredBefore(moment) => (None, Some(moment), say!("Its lease ran out while it ran.")),
    };
    let queues: Vec<Queue> = tx.all(
        "update jobs
         set state = iif(attempts < max_attempts, 'waiting', 'parked'),
             finished_at = iif(attempts < max_attempts, null, :now),
             run_at = iif(attempts = 1, :now, :now + (random() & 4095)),
             last_error = :why, worker = null, lease_until = null
         where state = 'running' and (worker != :not_of or lease_until < :expired_before)
         returning queue",
        named_params! { ":now": tx.now, ":why": why.in_language(Language::English), ":not_of": not_of, ":expired_before": expired_before },
        |row| row.get(0),
    )?;
    ring(tx, &queues);
    Ok(queues.len())
}

fn hand_back_all(tx: &Tx, runner: &Runner) -> Result<usize> {
    let queues: Vec<Queue> = tx.all(
        "update jobs
         set state = 'waiting', attempts = attempts - 1, worker = null, lease_until = null
         where state = 'running' and worker = :worker
         returning queue",
        named_params! { ":worker": runner.name() },
        |row| row.get(0),
    )?;
    ring(tx, &queues);
    Ok(queues.len())
}

fn ring(tx: &Tx, queues: &[Queue]) {
    for queue in queues {
        tx.ring(queue.topic());
    }
}
