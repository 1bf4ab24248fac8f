//! The one thread that writes. It takes changes from a channel, runs as many as are waiting in one transaction, each in
//! its own savepoint, and commits them with one `fsync`. So `synchronous = full` costs next to nothing, no request ever
//! meets a locked database, and a change that fails takes nobody else's with it.

use std::{
    any::Any,
    cell::RefCell,
    ops::Deref,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::Duration,
    time::Instant,
};

use rusqlite::{Connection, Params};
use tokio::sync::{mpsc, oneshot};
use tracing::Span;

use super::{Bells, Topic, View};
use crate::{
    clock::Clock,
    error::{Error, Result, panic_words},
    meters::Meters,
};

/// Changes that may wait; beyond it a caller is told to try again. [503]
const WAITING: usize = 4096;

/// Changes committed together at most, so that the first one never waits long for the last.
const GROUP: usize = 128;

/// How long the end of the last reader is waited for when the database is closed.
const LAST_PATIENCE: Duration = Duration::from_millis(500);

/// A change in progress: reads like a [`View`], and writes. Pure database work: no network, no files, no hashing.
pub struct Tx<'c> {
    view: View<'c>,
    topics: &'c RefCell<Vec<Topic>>,
}

impl Tx<'_> {
    /// Runs one statement and says how many rows it changed.
    pub fn execute(&self, sql: &str, params: impl Params) -> Result<usize> {
        Ok(self.view.connection.prepare_cached(sql)?.execute(params)?)
    }

    /// Makes a change that may be refused without taking what was done before it back: after an `Err`, nothing of it is left.
    pub fn attempt<T>(&self, change: impl FnOnce(&Self) -> Result<T>) -> Result<T> {
        self.within(change, Result::is_ok)
    }

    /// Makes a change and takes it back, to learn whether it would be refused.
    pub fn rehearse<T>(&self, change: impl FnOnce(&Self) -> Result<T>) -> Result<T> {
        self.within(change, |_| false)
    }

    fn within<T>(&self, change: impl FnOnce(&Self) -> Result<T>, keep: impl FnOnce(&Result<T>) -> bool) -> Result<T> {
        let rung = self.topics.borrow().len();
        self.execute("savepoint part", [])?;
        let outcome = change(self);
        if !keep(&outcome) {
            self.execute("rollback to part", [])?;
            self.topics.borrow_mut().truncate(rung);
        }
        self.execute("release part", [])?;
        outcome
    }

    /// Writes something that means nothing, for whoever has to know that writing works.
    pub fn prove_writable(&self) -> Result<()> {
        self.execute("update pulse set beats = beats + 1", []).map(drop)
    }

    /// Once this change is on disk, whoever listens to `topic` hears of it. Never if it isn't.
    pub fn ring(&self, topic: Topic) {
        let mut topics = self.topics.borrow_mut();
        if !topics.contains(&topic) {
            topics.push(topic);
        }
    }
}

impl<'c> Deref for Tx<'c> {
    type Target = View<'c>;
    fn deref(&self) -> &View<'c> {
        &self.view
    }
}

/// A change that waits: run inside the transaction, answered after its commit.
trait Change: Send {
    /// Since when it waits, if that is measured.
    fn handed_in(&self) -> Option<Instant>;
    fn run(&mut self, tx: &Tx) -> bool;
    fn answer(self: Box<Self>, committed: Result<(), &rusqlite::Error>);
}

struct Waiting<F, T> {
    change: Option<F>,
    outcome: Option<Result<T>>,
    answer: oneshot::Sender<Result<T>>,
    handed_in: Option<Instant>,
    /// What the change is part of, for what it logs.
    span: Span,
}

impl<F, T> Change for Waiting<F, T>
where
    F: FnOnce(&Tx) -> Result<T> + Send,
    T: Send,
{
    fn handed_in(&self) -> Option<Instant> {
        self.handed_in
    }

    fn run(&mut self, tx: &Tx) -> bool {
        let Some(change) = self.change.take() else {
            return false;
        };
        let outcome = catch_unwind(AssertUnwindSafe(|| self.span.in_scope(|| change(tx))))
            .unwrap_or_else(|panic| Err(panicked(panic.as_ref())));
        let kept = outcome.is_ok();
        self.outcome = Some(outcome);
        kept
    }

    fn answer(mut self: Box<Self>, committed: Result<(), &rusqlite::Error>) {
        let outcome = match (committed, self.outcome.take()) {
            (Ok(()), Some(outcome)) => outcome,
            // Refused by its own rules: true whether or not the others could be committed.
            (Err(_), Some(Err(refused))) => Err(refused),
            (Err(cause), _) => Err(not_committed(cause)),
            (Ok(()), None) => Err(stopped()),
        };
        // A caller who has gone away meanwhile doesn't need the answer.
        let _ = self.answer.send(outcome);
    }
}

fn panicked(panic: &(dyn Any + Send)) -> Error {
    Error::internal(format!("a change panicked: {}", panic_words(panic)))
}

/// Nothing of the group is on disk. The cause is told to each of its callers, so it is shared as words.
fn not_committed(cause: &rusqlite::Error) -> Error {
    tracing::error!(%cause, "a group of changes could not be committed");
    if cause.sqlite_error_code() == Some(rusqlite::ErrorCode::DatabaseBusy) {
        return Error::Unavailable(plain!("The database is busy. Nothing was changed. Try again."));
    }
    Error::Unavailable(plain!("The server can't write to its disk right now. Nothing was changed. Try again later."))
}

fn stopped() -> Error {
    Error::Unavailable(plain!("The server is stopping. Try again in a moment."))
}

enum Order {
    Change(Box<dyn Change>),
    /// Has another process written since this was last asked?
    WrittenByOthers(oneshot::Sender<bool>),
    /// Write what is waiting and end.
    Close(oneshot::Sender<()>),
}

/// The way to the writing thread. The thread ends when the last clone is gone, after everything handed in is answered.
#[derive(Clone)]
pub(super) struct Writer {
    orders: mpsc::Sender<Order>,
    meters: Meters,
}

impl Writer {
    pub(super) fn start(connection: Connection, clock: Clock, bells: Arc<Bells>, meters: Meters) -> Result<Self> {
        let (orders, waiting) = mpsc::channel(WAITING);
        let measured = meters.clone();
        std::thread::Builder::new()
            .name("writer".into())
            .spawn(move || Thread { connection, clock, bells, meters: measured, seen: None }.run(waiting))?;
        Ok(Self { orders, meters })
    }

    pub(super) async fn write<T: Send + 'static>(
        &self,
        change: impl FnOnce(&Tx) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.hand_in(change)?.await.map_err(|_| stopped())?
    }

    pub(super) fn write_and_wait<T: Send + 'static>(
        &self,
        change: impl FnOnce(&Tx) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.hand_in(change)?.blocking_recv().map_err(|_| stopped())?
    }

    pub(super) async fn written_by_others(&self) -> Result<bool> {
        let (answer, answered) = oneshot::channel();
        self.orders.send(Order::WrittenByOthers(answer)).await.map_err(|_| stopped())?;
        answered.await.map_err(|_| stopped())
    }

    pub(super) async fn close(&self) {
        let (answer, closed) = oneshot::channel();
        if self.orders.send(Order::Close(answer)).await.is_ok() {
            // An error means that the thread ended just now, which is what was asked for.
            let _ = closed.await;
        }
    }

    fn hand_in<T: Send + 'static>(
        &self,
        change: impl FnOnce(&Tx) -> Result<T> + Send + 'static,
    ) -> Result<oneshot::Receiver<Result<T>>> {
        let (answer, answered) = oneshot::channel();
        let waiting = Waiting {
            change: Some(change),
            outcome: None,
            answer,
            handed_in: self.meters.now(),
            span: Span::current(),
        };
        self.orders.try_send(Order::Change(Box::new(waiting))).map_err(|refused| match refused {
            mpsc::error::TrySendError::Full(_) => {
                self.meters.change_refused();
                Error::Unavailable(plain!("Too many changes are waiting. Try again in a moment."))
            }
            mpsc::error::TrySendError::Closed(_) => stopped(),
        })?;
        Ok(answered)
    }
}

struct Thread {
    connection: Connection,
    clock: Clock,
    bells: Arc<Bells>,
    meters: Meters,
    /// SQLite's count of commits by other connections. Only other processes write beside this one.
    seen: Option<i64>,
}

impl Thread {
    fn run(mut self, mut orders: mpsc::Receiver<Order>) {
        let mut group: Vec<Box<dyn Change>> = Vec::with_capacity(GROUP);
        let mut closing = None;
        while let Some(order) = orders.blocking_recv() {
            let mut next = Some(order);
            while let Some(order) = next.take() {
                match order {
                    Order::Change(change) => group.push(change),
                    Order::WrittenByOthers(answer) => {
                        let _ = answer.send(self.written_by_others());
                    }
                    Order::Close(answer) => {
                        orders.close();
                        closing = Some(answer);
                    }
                }
                if group.len() < GROUP {
                    next = orders.try_recv().ok();
                }
            }
            if group.is_empty() {
                continue;
            }
            let topics = RefCell::new(Vec::new());
            let begun = self.meters.now();
            let committed = self.commit(&mut group, &topics);
            self.meters.committed(group.len(), begun);
            if committed.is_ok() {
                self.bells.ring(topics.into_inner());
            }
            for change in group.drain(..) {
                change.answer(committed.as_ref().copied());
            }
        }
        // A closed database is one file again, with nothing left beside it. Whoever replicates it may read for as long as it
        // runs, and is not waited for.
        let _ = self.connection.busy_timeout(LAST_PATIENCE);
        if let Err(cause) = self.connection.query_row("pragma wal_checkpoint(truncate)", [], |_| Ok(())) {
            tracing::debug!(%cause, "left the write-ahead log in place");
        }
        drop(self.connection);
        if let Some(answer) = closing {
            let _ = answer.send(());
        }
    }

    fn commit(&self, group: &mut [Box<dyn Change>], topics: &RefCell<Vec<Topic>>) -> rusqlite::Result<()> {
        let run = |sql: &str| self.connection.prepare_cached(sql)?.execute([]).map(drop);
        run("begin immediate")?;
        let done = (|| {
            for change in group {
                let rung = topics.borrow().len();
                self.meters.change_begun(change.handed_in());
                run("savepoint change")?;
                let tx = Tx { view: View { connection: &self.connection, now: self.clock.now() }, topics };
                if !change.run(&tx) {
                    run("rollback to change")?;
                    topics.borrow_mut().truncate(rung);
                }
                run("release change")?;
            }
            run("commit")
        })();
        if done.is_err() && !self.connection.is_autocommit() {
            run("rollback")?;
        }
        done
    }

    fn written_by_others(&mut self) -> bool {
        let version = self.connection.pragma_query_value(None, "data_version", |row| row.get(0)).ok();
        let before = std::mem::replace(&mut self.seen, version);
        before.is_some() && before != version
    }
}
