//! A queue as apalis sees it: an endless source of due jobs.
//!
//! It is polled as a small machine: look for due jobs, hand them out, sleep until there may be more. It never ends and
//! never fails: an error here would end the worker, so a database that can't be written is waited for instead.
//!
//! Jobs come out as [`Job`]s, read when they are claimed, so apalis needs no codec (`WireFormatBackend`). It gets no
//! `Sink` either: a job pushed through apalis would be committed apart from its cause. Nor the listing traits, which only
//! apalis-board calls; our own lists are in [`super::upkeep`].

use std::{
    collections::VecDeque,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use apalis_core::{
    backend::{Backend, BackendConfig, finalize::Ephemeral},
    task::{Task, builder::TaskBuilder, data::MissingDataError, from_request::FromRequest, task_id::TaskId},
    worker::context::WorkerContext,
};
use futures::{FutureExt, future::BoxFuture};
use tokio::sync::watch;

use super::{
    Attempt, Job, Policy, Queue, Runner,
    acknowledge::Acknowledge,
    claim::{Claim, Found, claim},
};
use crate::{
    clock::Timestamp,
    db::Db,
    error::{Error, Result},
    ids::JobId,
};

/// How long a database that can't be written is left alone before it is asked for jobs again.
const PATIENCE: Duration = Duration::from_millis(500);

/// The due jobs of one queue.
pub(crate) struct Source {
    db: Db,
    queue: Queue,
    policy: Policy,
    runner: Runner,
    bell: watch::Receiver<u64>,
    state: State,
}

enum State {
    /// Nothing is known of the queue.
    Ignorant,
    Looking(BoxFuture<'static, Result<Found>>),
    /// Claimed jobs that wait for a free place.
    Holding(VecDeque<Task<Job>>, Option<Timestamp>),
    Asleep(BoxFuture<'static, ()>),
}

impl Source {
    pub(crate) fn new(db: Db, queue: Queue, runner: Runner) -> Self {
        let bell = db.listen(queue.topic());
        Self { db, queue, policy: queue.policy(), runner, bell, state: State::Ignorant }
    }

    fn look(&mut self) -> State {
        // Armed before the look, not after: what is pushed while we look wakes us as soon as we sleep.
        self.bell.borrow_and_update();
        self.runner.count_claim(self.queue);
        let (db, queue, runner) = (self.db.clone(), self.queue, self.runner.clone());
        State::Looking(async move { db.write(move |tx| claim(tx, queue, &runner)).await }.boxed())
    }

    fn found(&self, found: Result<Found>) -> State {
        match found {
            Ok(Found { claimed, next_due }) => {
                State::Holding(claimed.into_iter().map(|(job, claim)| task(job, claim)).collect(), next_due)
            }
            Err(cause) => {
                tracing::warn!(queue = %self.queue, cause = cause.trail(), "could not look for due jobs; will look again");
                State::Asleep(tokio::time::sleep(PATIENCE).boxed())
            }
        }
    }

    /// Sleeps until the next job is due or the bell rings, whichever is first. Nothing is asked meanwhile.
    fn sleep(&self, next_due: Option<Timestamp>) -> State {
        let (clock, mut bell) = (self.db.clock().clone(), self.bell.clone());
        let due = async move {
            match next_due {
                Some(moment) => clock.reach(moment).await,
                None => std::future::pending().await,
            }
        };
        let asleep = async move {
            tokio::select! {
                () = due => {}
                _ = bell.changed() => {}
            }
        };
        State::Asleep(asleep.boxed())
    }
}

impl Backend for Source {
    type Task = Task<Job>;
    type Error = Error;

    fn poll_ready(&mut self, _: &mut Context<'_>, _: &WorkerContext) -> Poll<Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_next(&mut self, cx: &mut Context<'_>, _: &WorkerContext) -> Poll<Option<Result<Task<Job>>>> {
        loop {
            self.state = match &mut self.state {
                State::Ignorant => self.look(),
                State::Looking(looking) => {
                    let found = ready!(looking.poll_unpin(cx));
                    self.found(found)
                }
                State::Holding(tasks, next_due) => match tasks.pop_front() {
                    Some(task) => return Poll::Ready(Some(Ok(task))),
                    None => {
                        let next_due = *next_due;
                        self.sleep(next_due)
                    }
                },
                State::Asleep(asleep) => {
                    ready!(asleep.poll_unpin(cx));
                    State::Ignorant
                }
            };
        }
    }

    /// There is nothing to do: `Workers::stop` hands back what is still claimed, also what this held and what it was just
    /// looking for, in one statement once nothing runs.
    fn poll_close(&mut self, _: &mut Context<'_>, _: &WorkerContext) -> Poll<Result<()>> {
        Poll::Ready(Ok(()))
    }
}

impl BackendConfig for Source {
    type Args = Job;
    type Id = JobId;
    type Kind = Ephemeral;
    type Config = Policy;
    type Layer = Acknowledge;

    fn config(&self) -> &Policy {
        &self.policy
    }

    fn middleware(&mut self, _: &mut WorkerContext) -> Acknowledge {
        Acknowledge { db: self.db.clone() }
    }
}

fn task(job: Job, claim: Arc<Claim>) -> Task<Job> {
    let run = &claim.run;
    let task = TaskBuilder::new(job)
        .task_id(TaskId::from_string(run.job.as_str()))
        // apalis counts the run itself when it begins; ours is counted already.
        .attempt(run.attempt.saturating_sub(1) as usize)
        .max_attempts(claim.of as usize);
    task.data(claim).build()
}

impl FromRequest<Task<Job>> for Attempt {
    type Error = MissingDataError;

    async fn from_request(task: &Task<Job>) -> Result<Self, MissingDataError> {
        let claim: &Arc<Claim> = task.data().get_checked()?;
        Ok(Self { job: claim.run.job.clone(), number: claim.run.attempt, of: claim.of })
    }
}
