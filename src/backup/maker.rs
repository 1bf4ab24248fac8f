//! Makes the backups of a running server: one at a time, on a thread that stands behind all others.

use std::{
    fs::DirBuilder,
    os::unix::fs::DirBuilderExt,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use tokio::sync::{Mutex, oneshot, watch};

use super::{
    Counts, Losses, Source,
    files::cannot_write,
    make, manifest,
    retention::{self, name_at},
};
use crate::{
    clock::{Clock, Timestamp},
    config::{Backups, Priority},
    error::{Error, Result},
    priority::work_apart,
};

/// How long whoever asks waits for the end of a backup before it is told that it goes on.
const PATIENCE: Duration = Duration::from_secs(2);

/// The maker of a server's backups.
pub struct Maker {
    source: Source,
    settings: Backups,
    clock: Clock,
    stopping: watch::Receiver<bool>,
    under_way: Mutex<Option<oneshot::Receiver<Result<Counts>>>>,
    failures: AtomicU32,
}

impl Maker {
    /// Makes backups as `settings` say, until `stopping` is true: then the one under way is given up.
    pub fn new(source: Source, settings: Backups, clock: Clock, stopping: watch::Receiver<bool>) -> Self {
        Self { source, settings, clock, stopping, under_way: Mutex::default(), failures: AtomicU32::new(0) }
    }

    /// How often, and how long kept.
    pub fn settings(&self) -> &Backups {
        &self.settings
    }

    /// Whether the newest backup is older than it should ever be, or there is none, or none can be seen: who then makes one learns
    /// why. Reads the directory.
    pub fn is_overdue(&self, now: Timestamp) -> bool {
        let newest = retention::stored(&self.settings.directory).ok().and_then(|stored| stored.into_iter().next());
        newest.is_none_or(|newest| now.since(newest.made_at) > self.settings.every)
    }

    /// Begins a backup, unless one is under way, and waits a little for its end: none means that it goes on.
    ///
    /// # Errors
    /// Why none could be made; nothing is left of it.
    pub async fn go_on(&self) -> Result<Option<Counts>> {
        let mut under_way = self.under_way.lock().await;
        let end = match &mut *under_way {
            Some(end) => end,
            none => none.insert(self.begin()?),
        };
        let Ok(end) = tokio::time::timeout(PATIENCE, end).await else { return Ok(None) };
        *under_way = None;
        let end = end.unwrap_or_else(|_| Err(Error::internal("the thread that made the backup panicked")));
        match &end {
            Ok(_) => self.failures.store(0, Ordering::Relaxed),
            Err(_) => drop(self.failures.fetch_add(1, Ordering::Relaxed)),
        }
        end.map(Some)
    }

    /// How many have failed since the last that was made.
    pub fn failures(&self) -> u32 {
        self.failures.load(Ordering::Relaxed)
    }

    fn begin(&self) -> Result<oneshot::Receiver<Result<Counts>>> {
        let (source, settings, now) = (self.source.clone(), self.settings.clone(), self.clock.now());
        let stopping = self.stopping.clone();
        let make = move || make_and_prune(&source, &settings, now, &|| *stopping.borrow());
        Ok(work_apart("backup", Priority::Idle, make)?)
    }
}

fn make_and_prune(source: &Source, settings: &Backups, now: Timestamp, stop: &dyn Fn() -> bool) -> Result<Counts> {
    let directory = &settings.directory;
    DirBuilder::new().recursive(true).mode(0o700).create(directory).map_err(|cause| cannot_write(directory, &cause))?;
    // Of the same minute there is one at most; this one has the newer rows.
    let made = make(source, &directory.join(name_at(now)), now, true, &known_losses(settings)?, stop)?;
    let Counts { bytes, pictures, missing, lost, .. } = made;
    match retention::prune(directory, &settings.keep) {
        Ok(gone) => tracing::info!(bytes, pictures, missing, lost, removed = gone, "made a backup"),
        Err(cause) => tracing::error!(cause = cause.trail(), "made a backup, but could not remove the old ones"),
    }
    Ok(made)
}

/// What the newest backup goes without, because somebody said that it is lost: a later one need not have it either.
fn known_losses(settings: &Backups) -> Result<Losses> {
    let newest = retention::stored(&settings.directory)?.into_iter().next();
    // One that can't be read says nothing of losses; then there are none.
    let lost = newest.and_then(|newest| manifest(&newest.file).ok()).map(|manifest| manifest.lost);
    Ok(Losses::Known(lost.unwrap_or_default()))
}
