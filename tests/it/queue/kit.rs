//! Ways to look at jobs and to steer the ones that run.

use std::{
    future::Future,
    sync::Arc,
    time::{Duration, Instant},
};

use headroom::{
    clock::{Clock, Timestamp},
    db::{Db, Place},
    error::Result,
    ids::{JobId, ShootId},
    jobs::worker::Workers,
    queue::{self, Attempt, Job},
};
use tokio::sync::{Mutex, Semaphore, mpsc};

/// Longer than anything takes on a busy machine.
pub(super) const LONG: Duration = Duration::from_secs(90);

pub(super) fn in_memory() -> Db {
    Db::open(&Place::Memory, Clock::system()).unwrap()
}

pub(super) fn on_file(directory: &tempfile::TempDir, clock: Clock) -> Db {
    Db::open(&Place::File(directory.path().join("headroom.db")), clock).unwrap()
}

pub(super) fn a_mail() -> Job {
    Job::SubmittedMail(ShootId::new())
}

pub(super) fn a_shoot() -> Job {
    Job::Shoot(ShootId::new())
}

pub(super) async fn push(db: &Db, job: Job) -> JobId {
    db.write(|tx| queue::push(tx, job)).await.unwrap()
}

pub(super) async fn push_at(db: &Db, job: Job, run_at: Timestamp) -> JobId {
    db.write(move |tx| queue::push_at(tx, job, run_at)).await.unwrap()
}

pub(super) async fn push_with_key(db: &Db, job: Job, key: &'static str) -> Option<JobId> {
    db.write(move |tx| queue::push_unique(tx, job, key, tx.now)).await.unwrap()
}

/// A job as it stands in the table.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) state: String,
    pub(super) attempts: u32,
    pub(super) run_at: Timestamp,
    pub(super) lease_until: Option<Timestamp>,
    pub(super) last_error: Option<String>,
}

impl Row {
    pub(super) fn is(&self, state: &str, attempts: u32) -> bool {
        self.state == state && self.attempts == attempts
    }
}

pub(super) fn row(db: &Db, id: &JobId) -> Row {
    db.read(|view| {
        view.one("select * from jobs where id = ?1", [id], |row| {
            Ok(Row {
                state: row.get("state")?,
                attempts: row.get("attempts")?,
                run_at: row.get("run_at")?,
                lease_until: row.get("lease_until")?,
                last_error: row.get("last_error")?,
            })
        })
    })
    .unwrap()
}

/// How many jobs are in `state`, the hourly housekeeping aside.
pub(super) fn count(db: &Db, state: &str) -> u32 {
    let sql = "select count(*) from jobs where state = ?1 and unique_key is null";
    db.read(|view| view.one(sql, [state], |row| row.get(0))).unwrap()
}

/// Waits until a job has come so far, and shows it.
pub(super) async fn until(db: &Db, id: &JobId, arrived: impl Fn(&Row) -> bool) -> Row {
    until_some(|| Some(row(db, id)).filter(&arrived)).await
}

pub(super) async fn until_some<T>(look: impl Fn() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(seen) = look() {
            return seen;
        }
        assert!(began.elapsed() < LONG, "it never came");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

pub(super) async fn soon<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(LONG, what).await.expect("it never came")
}

/// A handler that reports each run as it begins and then waits to be let go.
#[derive(Clone)]
pub(super) struct Gate {
    begun: mpsc::UnboundedSender<(Job, Attempt)>,
    seen: Arc<Mutex<mpsc::UnboundedReceiver<(Job, Attempt)>>>,
    passes: Arc<Semaphore>,
}

impl Gate {
    pub(super) fn closed() -> Self {
        let (begun, seen) = mpsc::unbounded_channel();
        Self { begun, seen: Arc::new(Mutex::new(seen)), passes: Arc::new(Semaphore::new(0)) }
    }

    pub(super) fn open() -> Self {
        let gate = Self::closed();
        gate.let_pass(Semaphore::MAX_PERMITS);
        gate
    }

    /// Starts workers whose jobs all go through this gate. Housekeeping passes unseen.
    pub(super) async fn workers(&self, db: &Db) -> Workers {
        let gate = self.clone();
        let handle = move |job, attempt| {
            let gate = gate.clone();
            async move { gate.pass(job, attempt).await }
        };
        Workers::start(db.clone(), handle).await.unwrap()
    }

    pub(super) async fn pass(&self, job: Job, attempt: Attempt) -> Result<()> {
        if job == Job::Housekeeping {
            return Ok(());
        }
        self.begun.send((job, attempt)).unwrap();
        self.passes.acquire().await.unwrap().forget();
        Ok(())
    }

    pub(super) async fn next(&self) -> (Job, Attempt) {
        soon(async { self.seen.lock().await.recv().await.unwrap() }).await
    }

    pub(super) async fn nothing_more(&self) -> bool {
        self.seen.lock().await.try_recv().is_err()
    }

    pub(super) fn let_pass(&self, runs: usize) {
        self.passes.add_permits(runs);
    }
}
