//! Claiming: how a job passes from the table to one run in one process.

use std::{
    collections::HashSet,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use rusqlite::{Row, named_params};

use super::{
    Job, Priority, Queue,
    acknowledge::{End, settle},
};
use crate::{clock::Timestamp, db::Tx, error::Result, ids::JobId};

/// One start of a server: the name its claims carry, and which of them it still holds.
#[derive(Clone)]
pub(crate) struct Runner(Arc<Inner>);

struct Inner {
    name: String,
    held: Mutex<HashSet<Run>>,
    claims: [AtomicU64; Queue::ALL.len()],
}

/// One run of a job. A job that was handed back or told to run again starts counting anew, so the attempt alone doesn't
/// tell two runs apart; together with the moment of the claim it does, and nothing else may end the job.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Run {
    pub(super) job: JobId,
    pub(super) queue: Queue,
    pub(super) attempt: u32,
    pub(super) claimed_at: Timestamp,
}

impl Runner {
    /// A name that no other start of a server has.
    pub(crate) fn new() -> Self {
        Self(Arc::new(Inner {
            name: uuid::Uuid::now_v7().to_string(),
            held: Mutex::default(),
            claims: [const { AtomicU64::new(0) }; Queue::ALL.len()],
        }))
    }

    pub(super) fn name(&self) -> &str {
        &self.0.name
    }

    /// What is claimed and not yet ended: its lease is to be renewed. Nothing else is, so a claim that got lost inside the
    /// process (a worker that had to be started again) comes back by itself.
    pub(super) fn held(&self) -> Vec<Run> {
        self.0.held.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    /// How often `queue` was asked for due jobs. An idle queue isn't asked at all.
    pub(crate) fn claims(&self, queue: Queue) -> u64 {
        self.0.claims[queue as usize].load(Ordering::Relaxed)
    }

    pub(super) fn count_claim(&self, queue: Queue) {
        self.0.claims[queue as usize].fetch_add(1, Ordering::Relaxed);
    }
}

/// A claimed job; held until this is dropped.
pub(super) struct Claim {
    pub(super) run: Run,
    pub(super) runner: Runner,
    /// Runs until it is parked.
    pub(super) of: u32,
}

impl Claim {
    fn new(run: Run, runner: &Runner, of: u32) -> Arc<Self> {
        runner.0.held.lock().unwrap_or_else(PoisonError::into_inner).insert(run.clone());
        Arc::new(Self { run, runner: runner.clone(), of })
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.runner.0.held.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.run);
    }
}

/// What a look into the queue found.
pub(super) struct Found {
    /// Due jobs, now claimed, in the order they should start.
    pub(super) claimed: Vec<(Job, Arc<Claim>)>,
    /// When the next job becomes due, if one waits.
    pub(super) next_due: Option<Timestamp>,
}

/// Claims up to a batch of due jobs, the urgent ones first. The attempt is counted here, before anything is run: a job that
/// takes the process down has had it, and is parked after its last one like any other.
pub(super) fn claim(tx: &Tx, queue: Queue, runner: &Runner) -> Result<Found> {
    let mut found = Found { claimed: Vec::new(), next_due: None };
    for priority in Priority::URGENT_FIRST {
        let room = queue.policy().batch - found.claimed.len();
        for row in claim_of(tx, queue, priority, runner, room)? {
            found.claimed.extend(readable(tx, row, queue, runner)?);
        }
    }
    found.next_due = next_due(tx, queue)?;
    Ok(found)
}

struct ClaimedRow {
    job: JobId,
    payload: String,
    attempt: u32,
    of: u32,
    run_at: Timestamp,
}

fn claim_of(tx: &Tx, queue: Queue, priority: Priority, runner: &Runner, room: usize) -> Result<Vec<ClaimedRow>> {
    if room == 0 {
        return Ok(Vec::new());
    }
    let mut rows = tx.all(
        "update jobs
         set state = 'running', attempts = attempts + 1, worker = :worker, lease_until = :lease_until, claimed_at = :now
         where id in (
             select id from jobs
             where queue = :queue and state = 'waiting' and priority = :priority and run_at <= :now
             order by run_at
             limit :room
         )
         returning id, payload, attempts, max_attempts, run_at",
        named_params! {
            ":worker": runner.name(), ":lease_until": tx.now + queue.policy().lease, ":now": tx.now,
            ":queue": queue, ":priority": priority as u8, ":room": room as i64,
        },
        ClaimedRow::from_row,
    )?;
    // SQLite returns changed rows in no particular order.
    rows.sort_by(|one, other| (one.run_at, &one.job).cmp(&(other.run_at, &other.job)));
    Ok(rows)
}

/// A payload that this version can't read (written by a newer one, say) is parked here: inside apalis it would end the worker.
fn readable(tx: &Tx, row: ClaimedRow, queue: Queue, runner: &Runner) -> Result<Option<(Job, Arc<Claim>)>> {
    let run = Run { job: row.job, queue, attempt: row.attempt, claimed_at: tx.now };
    match serde_json::from_str(&row.payload) {
        Ok(job) => Ok(Some((job, Claim::new(run, runner, row.of)))),
        Err(cause) => {
            tracing::error!(job = %run.job, %cause, "parked a job that can't be read");
            settle(tx, &run, runner.name(), &End::Parked { why: format!("can't be read: {cause}") })?;
            Ok(None)
        }
    }
}

fn next_due(tx: &Tx, queue: Queue) -> Result<Option<Timestamp>> {
    let mut next = None;
    for priority in Priority::URGENT_FIRST {
        let due: Option<Timestamp> = tx.one(
            "select min(run_at) from jobs where queue = :queue and state = 'waiting' and priority = :priority",
            named_params! { ":queue": queue, ":priority": priority as u8 },
            |row| row.get(0),
        )?;
        next = next.into_iter().chain(due).min();
    }
    Ok(next)
}

impl ClaimedRow {
    fn from_row(row: &Row) -> rusqlite::Result<Self> {
        Ok(Self {
            job: row.get("id")?,
            payload: row.get("payload")?,
            attempt: row.get("attempts")?,
            of: row.get("max_attempts")?,
            run_at: row.get("run_at")?,
        })
    }
}
