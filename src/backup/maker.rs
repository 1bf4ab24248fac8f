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

/// Where the end of a backup is heard of.
type End = oneshot::Receiver<Result<Counts>>;

/// The maker of a server's backups.
pub struct Maker {
    source: Source,
    settings: Backups,
    clock: Clock,
    stopping: watch::Receiver<bool>,
    under_way: Mutex<Option<End>>,
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
        self.go_on_or(|| self.begin()).await
    }

    /// How many have failed since the last that was made, those that could not be begun among them.
    pub fn failures(&self) -> u32 {
        self.failures.load(Ordering::Relaxed)
    }

    async fn go_on_or(&self, begin: impl FnOnce() -> Result<End>) -> Result<Option<Counts>> {
        let gone_on = self.wait_for(begin).await;
        match &gone_on {
            Ok(Some(_)) => self.failures.store(0, Ordering::Relaxed),
            Ok(None) => {}
            Err(_) => drop(self.failures.fetch_add(1, Ordering::Relaxed)),
        }
        gone_on
    }

    async fn wait_for(&self, begin: impl FnOnce() -> Result<End>) -> Result<Option<Counts>> {
        let mut under_way = self.under_way.lock().await;
        let end = match &mut *under_way {
            Some(end) => end,
            none => none.insert(begin()?),
        };
        let Ok(end) = tokio::time::timeout(PATIENCE, end).await else { return Ok(None) };
        *under_way = None;
        end.unwrap_or_else(|_| Err(Error::internal("the thread that made the backup panicked"))).map(Some)
    }

    fn begin(&self) -> Result<End> {
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

#[cfg(test)]
mod tests {
    use tokio::runtime::Handle;

    use super::*;
    use crate::{
        config::{Keep, Location},
        storage::Storage,
    };

    #[tokio::test]
    async fn one_that_can_not_be_begun_is_a_failure_like_any() {
        let nowhere = std::path::PathBuf::from("/nowhere");
        let source = Source {
            database: nowhere.clone(),
            key: nowhere.clone(),
            pictures: Storage::memory(),
            place: Location::Directory(nowhere.clone()),
            runtime: Handle::current(),
        };
        let settings = Backups { directory: nowhere, every: Duration::from_secs(60), keep: Keep(Vec::new()) };
        let (_stop, stopping) = watch::channel(false);
        let maker = Maker::new(source, settings, Clock::system(), stopping);
        for failures in 1..=4 {
            assert!(maker.go_on_or(|| Err(Error::internal("no thread is to be had"))).await.is_err());
            assert_eq!(maker.failures(), failures);
        }
        // The next one can be begun, and is made.
        let (told, end) = oneshot::channel();
        let counts = Counts { schema: 1, tables: 1, rows: 1, pictures: 0, missing: 0, lost: 0, bytes: 1 };
        told.send(Ok(counts)).unwrap();
        assert_eq!(maker.go_on_or(|| Ok(end)).await.unwrap(), Some(counts));
        assert_eq!(maker.failures(), 0);
    }
}
