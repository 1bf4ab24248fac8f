//! Work on pictures in processes of its own. What strangers upload is decoded, and headshots are made of it, by children of the
//! server: the same program, with little memory, little time, nothing of its environment and a low priority. A picture that
//! brings one down brings down nothing else.
//!
//! [`Workshop`] is the server's side. What children may take stands in [`config::Studio`]; how they are confined, in `docs/studio.md`.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use tokio::sync::Semaphore;

use crate::{
    config::{self, CORES_A_SHOOT, cores},
    error::{Error, Result},
    images::Size,
    priority::Metronome,
};

mod bench;
mod child;
mod easel;
mod frames;
mod session;
mod words;

pub(crate) use bench::work;
pub(crate) use child::COMMAND;
use child::{Child, Life};
pub use easel::Easel;
use easel::Rack;
pub use headroom_studio::{Backdrop as Drawn, Check, Finding, Look, Thresholds, Verdict};
pub use session::{Behind, Cut, Developed, Laid, Session};
use words::{Ask, Terms, Turn};

/// Uploads that are developed at the same time. No more of them are in memory, either.
const DEVELOPED_AT_ONCE: usize = 2;

/// Edits that are made at the same time. Each is done in a blink.
const RETOUCHED_AT_ONCE: usize = 2;

/// What an edit may take.
const RETOUCH_TIME: Duration = Duration::from_secs(20);

/// Why a child didn't do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The file is no photo we can use, in words for whoever uploaded it.
    #[error("{0}")]
    Refused(Error),
    /// There is nobody in the photo.
    #[error("No face was found in the photo.")]
    NoFace,
    /// It took longer than it may.
    #[error("It took too long.")]
    TimedOut,
    /// No process could be started. Why is for the log.
    #[error("No child process could be started: {0}")]
    NotStarted(String),
    /// It needed more memory than it may have. How it ended is for the log.
    #[error("A child process ran out of memory: {0}")]
    TooMuch(String),
    /// Somebody ended it, which is nothing the picture did. How is for the log.
    #[error("A child process was ended: {0}")]
    Killed(String),
    /// It broke, or talked nonsense. How is for the log.
    #[error("A child process failed: {0}")]
    Died(String),
}

/// Starts children and gives them work, a few at a time.
pub struct Workshop {
    settings: config::Studio,
    shoots: Arc<Semaphore>,
    uploads: Arc<Semaphore>,
    edits: Arc<Semaphore>,
    easels: Arc<Semaphore>,
    rack: Arc<Rack>,
    alive: Mutex<Vec<(Purpose, Weak<Life>)>>,
    stopping: AtomicBool,
}

/// What children are for.
#[derive(Clone, Copy, PartialEq)]
enum Purpose {
    Shoot,
    Upload,
    Edit,
    Preview,
}

impl Purpose {
    /// As the list of processes has it.
    const fn word(self) -> &'static str {
        match self {
            Self::Shoot => "shoot",
            Self::Upload => "upload",
            Self::Edit => "edit",
            Self::Preview => "preview",
        }
    }
}

impl Workshop {
    /// One whose children are allowed this much.
    pub fn new(settings: config::Studio) -> Self {
        Self {
            shoots: Arc::new(Semaphore::new(settings.at_once().max(1))),
            settings,
            uploads: Arc::new(Semaphore::new(DEVELOPED_AT_ONCE)),
            edits: Arc::new(Semaphore::new(RETOUCHED_AT_ONCE)),
            easels: Arc::new(Semaphore::new(easel::MOST)),
            rack: Arc::default(),
            alive: Mutex::default(),
            stopping: AtomicBool::new(false),
        }
    }

    /// Where what is found about photos begins.
    pub fn thresholds(&self) -> Thresholds {
        self.settings.thresholds
    }

    /// How many children work on shoots at the same time.
    pub fn at_once(&self) -> usize {
        self.settings.at_once()
    }

    /// A child for a shoot, once it is this one's turn: whoever asked first is first.
    ///
    /// # Errors
    /// The server stops.
    pub async fn shoot(&self) -> Result<Session, Fault> {
        self.session(Purpose::Shoot).await
    }

    /// Starts a child that does nothing but get ready to work.
    ///
    /// # Errors
    /// Why none can.
    pub async fn try_out(&self) -> Result<(), Fault> {
        self.session(Purpose::Edit).await?.say(Ask::Open, Vec::new()).await.map(drop)
    }

    /// Makes master and thumbnail of an upload, and looks at it if that is wanted. Nothing of the sender's bytes goes on. The file
    /// is fetched once it is this one's turn.
    ///
    /// # Errors
    /// What fetching it says. [`Error::Invalid`] and [`Error::Unsupported`] for a file that can't be used, one that breaks the child
    /// among them; [`Error::TooHard`] for one that takes too long or too much memory; [`Error::Unavailable`] when it is not the
    /// file's fault: no child can be started, one is killed, or the server stops.
    pub async fn develop(&self, file: impl Future<Output = Result<Bytes>>, look: bool) -> Result<Developed> {
        let developed = async {
            let mut session = self.session(Purpose::Upload).await?;
            session.develop(file.await.map_err(Fault::Refused)?, look).await
        };
        developed.await.map_err(|fault| self.unread(fault))
    }

    /// Makes a logo anew, with what can be seen through: a PNG file of at most 1024 pixels a side, and its size.
    ///
    /// # Errors
    /// As [`Workshop::develop`].
    pub async fn emblem(&self, file: impl Future<Output = Result<Bytes>>) -> Result<(Size, Bytes)> {
        let made = async {
            let mut session = self.session(Purpose::Upload).await?;
            session.emblem(file.await.map_err(Fault::Refused)?).await
        };
        made.await.map_err(|fault| self.unread(fault))
    }

    /// What a fault means for whoever uploaded the file.
    fn unread(&self, fault: Fault) -> Error {
        match fault {
            Fault::Refused(refusal) => refusal,
            _ if self.uploads.is_closed() => {
                Error::Unavailable(say!("The server stops. Upload the photo again in a moment."))
            }
            fault @ (Fault::NotStarted(_) | Fault::Killed(_)) => {
                tracing::error!(%fault, "a photo could not be developed");
                Error::Unavailable(say!(
                    "This photo could not be read, which is our fault and not the photo's. Upload it again in a moment."
                ))
            }
            fault @ (Fault::TimedOut | Fault::TooMuch(_)) => {
                tracing::warn!(%fault, "a photo could not be developed");
                Error::TooHard(say!(
                    "This photo takes more work to read than one may. Make it smaller, or save it as JPEG, and upload it again."
                ))
            }
            fault => {
                tracing::warn!(%fault, "a photo could not be developed");
                Error::invalid(say!(
                    "This photo could not be read. Open it to see whether it is whole, save it as JPEG, or choose another."
                ))
            }
        }
    }

    /// Lays a kept cut-out anew.
    ///
    /// # Errors
    /// The child's; a picture behind that can't be read is [`Fault::Refused`].
    pub async fn retouch(&self, cutout: Bytes, head: (f32, f32), behind: Scenery, look: Look) -> Result<Laid, Fault> {
        let mut session = self.session(Purpose::Edit).await?;
        session.keep(cutout, head, false).await?;
        let behind = match behind {
            Scenery::Drawn(drawn) => Behind::Drawn(drawn),
            Scenery::Picture(file) => session.picture(file).await?,
        };
        session.lay(0, behind, look).await
    }

    /// Ends the children that work on shoots, and begins no other: those take long, and the next server begins them again.
    pub fn stop_shoots(&self) {
        self.stopping.store(true, Ordering::Release);
        self.shoots.close();
        self.end(|purpose| purpose == Purpose::Shoot);
    }

    /// Ends all children, now, and begins no other.
    pub fn stop(&self) {
        self.stopping.store(true, Ordering::Release);
        for slots in [&self.shoots, &self.uploads, &self.edits, &self.easels] {
            slots.close();
        }
        self.end(|_| true);
    }

    /// Whether shoots end because the server does: through no fault of their own.
    pub fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Acquire)
    }

    fn end(&self, which: impl Fn(Purpose) -> bool) {
        for (purpose, life) in self.alive().iter() {
            if let Some(life) = life.upgrade().filter(|_| which(*purpose)) {
                life.end();
            }
        }
    }

    fn alive(&self) -> MutexGuard<'_, Vec<(Purpose, Weak<Life>)>> {
        self.alive.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn session(&self, purpose: Purpose) -> Result<Session, Fault> {
        let config::Studio { memory, time, priority, upload_memory, upload_time, .. } = self.settings;
        // Someone waits in front of a screen for an edit, and for an upload; for a shoot they may go away.
        let (slots, memory, time, turn) = match purpose {
            Purpose::Shoot => (&self.shoots, memory, time, Turn::of(priority)),
            Purpose::Upload => (&self.uploads, upload_memory, upload_time, Turn::Nice(10)),
            Purpose::Edit => (&self.edits, memory, RETOUCH_TIME, Turn::Nice(5)),
            Purpose::Preview => (&self.easels, memory, easel::IDLE, Turn::Nice(5)),
        };
        let stopped = || Fault::Died("the server stops".to_owned());
        let slot = slots.clone().acquire_owned().await.map_err(|_| stopped())?;
        let threads = cores().min(CORES_A_SHOOT);
        let terms = Terms {
            memory,
            // Only for what doesn't hear of its end any more; the server looks at the clock.
            seconds: (time.as_secs() + 5) * threads as u64,
            turn,
            thresholds: self.settings.thresholds,
        };
        let metronome = matches!(turn, Turn::Idle).then(Metronome::hold);
        let child = Child::start(&self.settings.program, purpose.word(), terms, threads, metronome)?;
        let mut alive = self.alive();
        alive.retain(|(_, life)| life.strong_count() > 0);
        alive.push((purpose, Arc::downgrade(&child.life())));
        drop(alive);
        // Closed in between, nobody would have ended this one.
        if slots.is_closed() {
            return Err(stopped());
        }
        Ok(Session::new(child, time, slot))
    }
}

impl Drop for Workshop {
    fn drop(&mut self) {
        self.stop();
    }
}

/// What stands behind someone in an edit.
#[derive(Clone, Debug)]
pub enum Scenery {
    /// One of ours.
    Drawn(Drawn),
    /// A picture file.
    Picture(Bytes),
}
