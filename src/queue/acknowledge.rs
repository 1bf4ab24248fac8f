//! Acknowledging: how a run ends, written down before apalis hears of it.

use std::{
    error::Error as StdError,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use apalis_core::{
    error::{AbortError, BoxDynError, RetryAfterError},
    task::Task,
};
use futures::{FutureExt, future::BoxFuture};
use rusqlite::named_params;
use tower::{Layer, Service, timeout::error::Elapsed};

use super::{
    Job, Next,
    claim::{Claim, Run},
};
use crate::{
    clock::Timestamp,
    db::{Db, Topic, Tx},
    error::{Error, Result, causes},
    ids::OrganizationId,
};

/// How long a database that can't be written gets before the end of a run is offered to it again.
const PATIENCE: Duration = Duration::from_millis(500);

/// As much of an error as is kept.
const LONGEST_ERROR: usize = 2000;

/// How a run ended, as far as the table cares.
#[derive(Debug)]
pub(super) enum End {
    Done,
    InVain { why: String },
    Again { at: Timestamp },
    Failed { retry_after: Duration, why: String },
    Parked { why: String },
}

impl End {
    fn of(outcome: &Result<Next, BoxDynError>, claim: &Claim) -> Self {
        match outcome {
            Ok(Next::Done) => Self::Done,
            Ok(Next::InVain(why)) => Self::InVain { why: why.chars().take(LONGEST_ERROR).collect() },
            Ok(Next::Again(at)) => Self::Again { at: *at },
            Err(error) => Self::after(error.as_ref(), claim),
        }
    }

    fn after(error: &(dyn StdError + 'static), claim: &Claim) -> Self {
        let why = words(error);
        let attempt = claim.run.attempt;
        if attempt >= claim.of || causes(error).any(<dyn StdError>::is::<AbortError>) {
            return Self::Parked { why };
        }
        let asked = causes(error).find_map(asked_pause);
        Self::Failed { retry_after: asked.unwrap_or_else(|| claim.run.queue.policy().jittered_pause(attempt)), why }
    }
}

/// Writes down the end of a run, unless the job has been taken over: then it is not this run's to end, and this says `false`.
pub(super) fn settle(tx: &Tx, run: &Run, worker: &str, end: &End) -> Result<bool> {
    let (state, run_at, attempts, why) = match end {
        End::Done => ("done", None, run.attempt, None),
        End::InVain { why } => ("done", None, run.attempt, Some(why)),
        End::Again { at } => ("waiting", Some(*at), 0, None),
        End::Failed { retry_after, why } => ("waiting", Some(tx.now + *retry_after), run.attempt, Some(why)),
        End::Parked { why } => ("parked", None, run.attempt, Some(why)),
    };
    let finished_at = matches!(end, End::Done | End::InVain { .. } | End::Parked { .. }).then_some(tx.now);
    // What was in the way of an earlier attempt says nothing about how a job ended.
    let of = tx.find(
        "update jobs
         set state = :state, run_at = coalesce(:run_at, run_at), attempts = :attempts,
             last_error = iif(:state = 'done', :why, coalesce(:why, last_error)), finished_at = :finished_at,
             worker = null, lease_until = null
         where id = :job and worker = :worker and attempts = :attempt and claimed_at = :claimed_at
         returning organization_id",
        named_params! {
            ":state": state, ":run_at": run_at, ":attempts": attempts, ":why": why, ":finished_at": finished_at,
            ":job": run.job, ":worker": worker, ":attempt": run.attempt, ":claimed_at": run.claimed_at,
        },
        |row| row.get::<_, Option<OrganizationId>>(0),
    )?;
    if of.is_some() && run_at.is_some() {
        tx.ring(run.queue.topic());
    }
    if let Some(Some(organization)) = &of {
        tx.ring(Topic::Organization(organization.clone()));
    }
    Ok(of.is_some())
}

/// Wraps a worker's service: what comes out of a run is in the database before its result goes on.
#[derive(Clone)]
pub(crate) struct Acknowledge {
    pub(super) db: Db,
}

impl<S> Layer<S> for Acknowledge {
    type Service = Acknowledged<S>;

    fn layer(&self, inner: S) -> Acknowledged<S> {
        Acknowledged { inner, db: self.db.clone() }
    }
}

#[derive(Clone)]
pub(crate) struct Acknowledged<S> {
    inner: S,
    db: Db,
}

impl<S> Service<Task<Job>> for Acknowledged<S>
where
    S: Service<Task<Job>, Response = Next, Error: Into<BoxDynError>, Future: Send + 'static>,
{
    type Response = Next;
    type Error = BoxDynError;
    type Future = BoxFuture<'static, Result<Next, BoxDynError>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxDynError>> {
        self.inner.poll_ready(cx).map_err(Into::into)
    }

    fn call(&mut self, task: Task<Job>) -> Self::Future {
        let claim = task.data().get::<Arc<Claim>>().cloned();
        let run = self.inner.call(task);
        let db = self.db.clone();
        async move {
            let outcome = run.await.map_err(Into::into);
            if let Some(claim) = claim {
                let end = End::of(&outcome, &claim);
                log(&claim, &end);
                acknowledge(&db, claim, end).await;
            }
            outcome
        }
        .boxed()
    }
}

/// Offers the end to the database until it takes it. Meanwhile the claim stays held, so nobody runs the job a second time.
async fn acknowledge(db: &Db, claim: Arc<Claim>, end: End) {
    let end = Arc::new(end);
    loop {
        let (mine, how) = (claim.clone(), end.clone());
        match db.write(move |tx| settle(tx, &mine.run, mine.runner.name(), &how)).await {
            Ok(true) => return,
            Ok(false) => {
                tracing::warn!(job = %claim.run.job, "a job was taken over before it ended here; the end was ignored");
                return;
            }
            Err(Error::Unavailable(_)) => tokio::time::sleep(PATIENCE).await,
            Err(cause) => {
                tracing::error!(job = %claim.run.job, cause = cause.trail(), "the end of a job could not be written down");
                return;
            }
        }
    }
}

fn log(claim: &Claim, end: &End) {
    let Run { job, queue, attempt, .. } = &claim.run;
    match end {
        End::Done | End::InVain { .. } | End::Again { .. } => tracing::debug!(%job, %queue, attempt, "a job ran"),
        End::Failed { retry_after, why } => {
            tracing::warn!(%job, %queue, attempt, ?retry_after, why, "a job failed and will be tried again");
        }
        End::Parked { why } => {
            tracing::error!(%job, %queue, attempt, why, "a job was parked; it waits for someone to look");
        }
    }
}

/// When the other side said to come back.
fn asked_pause(error: &(dyn StdError + 'static)) -> Option<Duration> {
    match error.downcast_ref() {
        Some(Error::TooMany { retry_after }) => Some(*retry_after),
        _ => error.downcast_ref().map(RetryAfterError::get_duration),
    }
}

/// The error in one line for whoever looks at parked jobs. Wrappings say nothing they'd want to know.
fn words(error: &(dyn StdError + 'static)) -> String {
    let mut line = String::new();
    for cause in causes(error).filter(|cause| !is_wrapping(*cause)) {
        let part = if cause.is::<Elapsed>() { "took longer than it may".to_owned() } else { cause.to_string() };
        if !line.is_empty() {
            line.push_str(": ");
        }
        line.push_str(&part);
    }
    line.chars().take(LONGEST_ERROR).collect()
}

fn is_wrapping(error: &(dyn StdError + 'static)) -> bool {
    matches!(error.downcast_ref(), Some(Error::Internal(_)))
        || error.is::<AbortError>()
        || error.is::<RetryAfterError>()
}
