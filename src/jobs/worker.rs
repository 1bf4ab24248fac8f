//! The workers: apalis with our queues for its backend, one worker a queue, and the tasks that go with them.

use std::{
    any::Any,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use apalis::{
    layers::{WorkerBuilderExt, catch_panic::CatchPanicLayer},
    prelude::{Event, Monitor, ParallelizeExt, WorkerBuilder},
};
use futures::FutureExt;
use tokio::{
    sync::{Notify, watch},
    task::{JoinError, JoinHandle, JoinSet},
};

use super::schedule;
use crate::{
    db::Db,
    error::{Result, panic_words},
    queue::{self, Attempt, Job, Next, Queue, Runner, Source},
};

/// How often other processes' pushes are looked for. One pragma on the writer; the table isn't asked.
const OTHERS: Duration = Duration::from_millis(500);

/// The pause before a worker that ended by itself is started again, so that a lasting fault doesn't spin.
const RESTART: Duration = Duration::from_secs(1);

/// Runs the jobs of a database, from [`Workers::start`] to [`Workers::stop`]. Dropped without a stop it is like a process
/// that was killed: what ran is cut off and runs again once its lease is out.
pub struct Workers {
    db: Db,
    runner: Runner,
    stopping: watch::Sender<bool>,
    queues: JoinSet<()>,
    companions: JoinSet<()>,
}

impl Workers {
    /// How long running jobs get to finish when a server stops.
    pub const GRACE: Duration = Duration::from_secs(10);

    /// Takes over what a killed server left running and begins to work off the queues, on the runtime it is called on.
    /// `handle` does the work; an error (or a panic, or taking too long) has the job tried again later.
    ///
    /// Only for the server that holds the lock on the data directory: another's running jobs would be run a second time.
    ///
    /// # Errors
    /// The database can't be written.
    pub async fn start<Handle, Handling, End>(db: Db, handle: Handle) -> Result<Self>
    where
        Handle: Fn(Job, Attempt) -> Handling + Clone + Send + Sync + 'static,
        Handling: Future<Output = Result<End>> + Send + 'static,
        End: Into<Next> + Send + 'static,
    {
        let runner = Runner::new();
        queue::reclaim_from_the_dead(&db, &runner).await?;
        let (stopping, stop) = watch::channel(false);
        let mut queues = JoinSet::new();
        for queue in Queue::ALL {
            let source = {
                let (db, runner) = (db.clone(), runner.clone());
                move || Source::new(db.clone(), *queue, runner.clone())
            };
            queues.spawn(work_off(*queue, source, handle.clone(), stop.clone()));
        }
        let mut companions = JoinSet::new();
        companions.spawn(queue::keep_leases(db.clone(), runner.clone()));
        companions.spawn(notice_others(db.clone()));
        companions.spawn(schedule::keep(db.clone()));
        Ok(Self { db, runner, stopping, queues, companions })
    }

    /// Begins no further job, lets running ones finish for as long as `within`, cuts off those that don't, and hands back
    /// all that was claimed and not finished: it waits as before, with no attempt lost.
    pub async fn stop(mut self, within: Duration) {
        self.stopping.send_replace(true);
        let finished = async { while self.queues.join_next().await.is_some() {} };
        if tokio::time::timeout(within, finished).await.is_err() {
            tracing::warn!(?within, "jobs still ran when the time to finish them was over; they are cut off");
            self.queues.shutdown().await;
        }
        self.companions.shutdown().await;
        if let Err(cause) = queue::hand_back(&self.db, &self.runner).await {
            // Nothing is lost: the next server takes over whatever is still marked as running.
            tracing::warn!(cause = cause.trail(), "could not hand back unfinished jobs");
        }
    }

    /// How often `queue` was asked for due jobs since the start. It stays as it is while there is nothing to do.
    pub fn claims(&self, queue: Queue) -> u64 {
        self.runner.claims(queue)
    }
}

/// Works off one queue until it is told to stop. A worker that ends before is started again; what it had claimed runs again
/// when its leases are out.
async fn work_off<Handle, Handling, End>(
    queue: Queue,
    source: impl Fn() -> Source + Clone + Send + Sync + 'static,
    handle: Handle,
    stop: watch::Receiver<bool>,
) where
    Handle: Fn(Job, Attempt) -> Handling + Clone + Send + Sync + 'static,
    Handling: Future<Output = Result<End>> + Send + 'static,
    End: Into<Next> + Send + 'static,
{
    loop {
        let ended = Arc::new(Notify::new());
        let monitor = monitor(queue, source.clone(), handle.clone(), ended.clone());
        let mut stop_signal = stop.clone();
        let signal = async move {
            // The sender is gone with `Workers`, and then this task is too.
            let _ = stop_signal.wait_for(|stop| *stop).await;
            Ok(())
        };
        // A monitor keeps waiting for its signal when its worker has ended, so the end is listened to as well.
        tokio::select! {
            _ = monitor.run_with_signal(signal) => {}
            () = ended.notified() => {}
        }
        if *stop.borrow() {
            return;
        }
        tracing::error!(%queue, "a worker ended by itself; it is started again");
        tokio::time::sleep(RESTART).await;
    }
}

/// From the outside in: at most so many runs at once; each a task of its own, so that one that computes holds up no other; a
/// panic is an error like any other; the time limit is innermost, because a run that is given up must also be dropped.
fn monitor<Handle, Handling, End>(
    queue: Queue,
    source: impl Fn() -> Source + Send + Sync + 'static,
    handle: Handle,
    ended: Arc<Notify>,
) -> Monitor
where
    Handle: Fn(Job, Attempt) -> Handling + Clone + Send + Sync + 'static,
    Handling: Future<Output = Result<End>> + Send + 'static,
    End: Into<Next> + Send + 'static,
{
    let policy = queue.policy();
    let failed = ended.clone();
    Monitor::new()
        .register(move |_| {
            let handle = handle.clone();
            WorkerBuilder::new(queue.as_str())
                .backend(source())
                .concurrency(policy.concurrency)
                .parallelize(spawn_bound)
                .layer(CatchPanicLayer::with_panic_handler(Panicked::new))
                .timeout(policy.time_limit)
                .build(move |job: Job, attempt: Attempt| handle(job, attempt).map(|end| end.map(Into::<Next>::into)))
        })
        .on_event(move |_, event| {
            if matches!(event, Event::Exit) {
                ended.notify_one();
            }
        })
        // apalis would start it again without a pause; `work_off` does it with one.
        .should_restart(move |worker, error| {
            tracing::error!(worker = worker.name(), %error, "a worker failed");
            failed.notify_one();
            false
        })
}

async fn notice_others(db: Db) {
    let mut ticks = tokio::time::interval(OTHERS);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if let Err(cause) = db.notice_other_processes().await {
            tracing::debug!(cause = cause.trail(), "could not look for other processes' writes");
        }
    }
}

/// A task that ends with whoever waits for it. By itself tokio would let a run go on after its worker gave it up.
struct Bound<T>(JoinHandle<T>);

fn spawn_bound<F: Future<Output: Send> + Send + 'static>(run: F) -> Bound<F::Output> {
    Bound(tokio::spawn(run))
}

impl<T> Future for Bound<T> {
    type Output = Result<T, JoinError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.poll_unpin(cx)
    }
}

impl<T> Drop for Bound<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// A handler's panic. apalis would have its job given up; most panics are as passing as other errors.
#[derive(Debug, thiserror::Error)]
#[error("panicked: {0}")]
struct Panicked(String);

impl Panicked {
    fn new(panic: &Box<dyn Any + Send>) -> Self {
        Self(panic_words(panic.as_ref()).to_owned())
    }
}
