//! The port to whoever makes headshots. What it needs to know of a shoot, what it says on the way, and how it can fail.
//!
//! The work is long and may happen elsewhere, so nobody waits for it: [`Generator::submit`] gives a [`Handle`],
//! which is stored, and [`Generator::poll`] is asked about it until the headshots are there.

pub mod comfyui;
pub mod http;
pub mod openai;
pub mod sample;
pub mod studio;

use std::{fmt, sync::Arc, time::Duration};

use bytes::Bytes;
use futures::{FutureExt, future::BoxFuture};
pub use headroom_studio::{Check, Look};
use serde::{Deserialize, Serialize};

use crate::{
    config::{self, Way},
    db::stored_as_text,
    error::{Error, Result},
    i18n::Message,
    ids::{CutoutId, PhotoId, ShootId},
    outbound::Means,
    storage::Storage,
};

mod destination;
mod pairs;
mod scene;
mod site;
mod waiting;
mod words;

pub use destination::Destination;
pub use scene::Scene;

/// The generator elsewhere that the configuration names, if it names one.
///
/// # Errors
/// Something about it can't be used, say a graph without placeholders: what, and what to do.
pub fn elsewhere(config: &config::Generator, storage: &Storage, means: &Means) -> Result<Option<Arc<dyn Generator>>> {
    let Some(elsewhere) = &config.elsewhere else { return Ok(None) };
    let (storage, means) = (storage.clone(), means.clone());
    Ok(Some(match &elsewhere.way {
        Way::Headroom => Arc::new(http::Http::new(elsewhere, storage, means)?),
        Way::OpenAi { .. } => Arc::new(openai::OpenAi::new(elsewhere, storage, means)?),
        Way::ComfyUi { .. } => Arc::new(comfyui::ComfyUi::new(elsewhere, storage, means)?),
    }))
}

/// Someone who makes headshots. One is chosen in the configuration; all are spoken to alike.
///
/// Futures are boxed because the choice is made when the program starts (`Arc<dyn Generator>`).
pub trait Generator: Send + Sync {
    /// What it is called in the configuration, in the log and to the organization.
    fn name(&self) -> &'static str;

    /// Which of [`DRIVERS`] it is: two that are called the same speak differently.
    fn driver(&self) -> &'static str {
        self.name()
    }

    /// What it can do. Pages offer nothing else.
    fn capabilities(&self) -> Capabilities;

    /// Where photos go that leave the machine; nowhere if they stay here. An organization agrees to this before any do.
    fn destination(&self) -> Option<&Destination> {
        None
    }

    /// How long it takes over a shoot, if it knows that beforehand.
    fn usual(&self) -> Option<Duration> {
        None
    }

    /// How many shoots it makes at the same time itself, as far as it knows. Others wait for one of these to end.
    fn at_once(&self) -> usize {
        1
    }

    /// Whether it could start on a shoot now.
    fn health(&self) -> BoxFuture<'_, Health>;

    /// Hands a shoot over. The shoot's id is the idempotency key: submitting it again, because the handle was not
    /// stored in time, doesn't make it twice.
    fn submit<'a>(&'a self, request: &'a Request) -> BoxFuture<'a, Answer<Handle>>;

    /// How far a shoot is. Safe to ask as often as one likes, also after it is done, and after a restart of the program.
    fn poll<'a>(&'a self, handle: &'a Handle) -> BoxFuture<'a, Answer<Status>>;

    /// Stops a shoot nobody wants any more, or forgets one whose headshots were taken in. Fine for one that is unknown.
    fn cancel<'a>(&'a self, handle: &'a Handle) -> BoxFuture<'a, Answer<()>>;

    /// The same of a shoot that may have arrived although no handle came back. Fine for one that never did. Those that know
    /// a shoot by nothing but their handle can do nothing, and say that they did.
    fn cancel_unanswered<'a>(&'a self, _shoot: &'a ShootId) -> BoxFuture<'a, Answer<()>> {
        async { Ok(()) }.boxed()
    }
}

/// What a generator answers: what was asked for, or why not.
pub type Answer<T> = Result<T, Failure>;

/// What a generator can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// Photos leave the machine. The organization is told, and has to switch it on knowingly.
    pub remote: bool,
    /// It can dress people in other clothes.
    pub outfits: bool,
    /// It takes a description in words.
    pub prompts: bool,
    /// It says how far it is. Otherwise pages estimate from earlier shoots.
    pub progress: bool,
    /// It can stop on the way.
    pub cancel: bool,
    /// How many photos it makes use of at most.
    pub most_inputs: usize,
    /// What can stand behind people.
    pub backdrops: &'static [Backdrop],
    /// So can pictures of an organization's own.
    pub own_backdrops: bool,
    /// It hands over what it cut out of the photos, so that its headshots can be edited afterwards.
    pub cutouts: bool,
}

impl Capabilities {
    /// Whether this can stand behind people.
    pub fn shows(&self, scene: &Scene) -> bool {
        match scene {
            Scene::Drawn(backdrop) => self.backdrops.contains(backdrop),
            Scene::Own(_) => self.own_backdrops,
        }
    }

    /// What people may rely on in how it shows them, where it only retouches and invents nothing.
    pub fn promise(&self) -> Option<Message> {
        let invents = self.outfits || self.prompts;
        (!invents).then(|| say!("Clothes, pose and expression stay as they are in the photos."))
    }
}

/// Whether a generator could start on a shoot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Health {
    /// It could.
    Ready,
    /// It couldn't, for this reason, as a sentence for the operator.
    Down(String),
    /// It answers, and nothing can come of it as it is configured: what is wrong, and what to change.
    Misconfigured(String),
}

/// A shoot as a generator sees it. It reads the photos' masters from the storage itself, when it needs them:
/// together they may take a hundred megabytes.
#[derive(Clone, Debug)]
pub struct Request {
    /// The shoot, and the idempotency key.
    pub shoot: ShootId,
    /// The photos, best first. It may leave some out, and uses the first ones most.
    pub inputs: Vec<PhotoId>,
    /// Those of them that a lead wants used, whatever a check says.
    pub insisted: Vec<PhotoId>,
    /// What was seen of those that were looked at when they were uploaded.
    pub seen: Vec<Looked>,
    /// What is to stand behind the person: each about equally often.
    pub scenes: Vec<Scene>,
    /// How many headshots are wanted.
    pub count: usize,
    /// `female`, `male` or `person`, if it is known how to portray them.
    pub gender: Option<&'static str>,
}

/// What was seen of a photo.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Looked {
    /// Which.
    pub photo: PhotoId,
    /// What is to be said of it.
    pub check: Check,
    /// 64 bits that nearly the same photos share.
    pub likeness: u64,
}

/// What a generator calls a shoot. Means something to that generator only; stored before the first poll, with whose it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct Handle {
    text: String,
    /// [`Generator::driver`]; none if it was stored before that was.
    by: Option<String>,
}

impl Handle {
    /// As a generator says it.
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), by: None }
    }

    /// What the generator said.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The same as the word of this driver.
    pub fn of(self, driver: &str) -> Self {
        Self { by: Some(driver.to_owned()), ..self }
    }

    /// Whether this driver may have said it: not, if another one is known to have.
    pub fn may_be_of(&self, driver: &str) -> bool {
        self.by.as_deref().is_none_or(|by| by == driver)
    }

    /// The text to store, which [`Handle::from`] reads: `http|run-7`.
    pub fn stored(&self) -> String {
        match &self.by {
            Some(by) => format!("{by}|{}", self.text),
            None => self.text.clone(),
        }
    }
}

/// The drivers there are; what else stands before a bar is part of the handle.
const DRIVERS: [&str; 5] = ["sample", "studio", "http", "openai", "comfyui"];

impl From<String> for Handle {
    fn from(stored: String) -> Self {
        match stored.split_once('|') {
            Some((by, text)) if DRIVERS.contains(&by) => Self::new(text).of(by),
            _ => Self::new(stored),
        }
    }
}

impl From<Handle> for String {
    fn from(handle: Handle) -> Self {
        handle.stored()
    }
}

/// The answer to a poll.
#[derive(Clone, Debug)]
pub struct Status {
    /// How far the shoot is.
    pub progress: Progress,
    /// After how long asking again makes sense. Zero when done.
    pub next_poll: Duration,
}

/// How far a shoot is.
#[derive(Clone, Debug)]
pub enum Progress {
    /// Waiting for its turn.
    Queued {
        /// How many are before it.
        position: u32,
    },
    /// Being worked on.
    Running {
        /// At what.
        stage: Stage,
        /// How much of this stage is done, 0 to 99.
        percent: u8,
    },
    /// Finished.
    Done(Made),
}

/// What came of a shoot.
#[derive(Clone, Debug, Default)]
pub struct Made {
    /// The headshots, in the order to show them in.
    pub images: Vec<Image>,
    /// The cut-outs they were laid from, if the generator works with such.
    pub cutouts: Vec<Cutout>,
}

/// A person cut out of a photo, to be kept for edits.
#[derive(Clone)]
pub struct Cutout {
    /// Of which photo.
    pub photo: PhotoId,
    /// A PNG file with transparency.
    pub bytes: Bytes,
    /// The middle of the face, as parts of width and height.
    pub head: (f32, f32),
}

impl fmt::Debug for Cutout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Cutout({}, {} bytes)", self.photo.as_str(), self.bytes.len())
    }
}

/// A kept cut-out that is to be laid anew: by the [`studio`] of this server, whoever made the headshots and whoever makes them now.
#[derive(Clone, Debug)]
pub struct Retouch {
    /// Which.
    pub cutout: CutoutId,
    /// The middle of its face, as parts of width and height.
    pub head: (f32, f32),
    /// Before what.
    pub scene: Scene,
    /// How.
    pub look: Look,
}

/// What a generator does with a shoot, one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Learning the face: a model is trained, or photos are checked and ranked.
    Training,
    /// Making the pictures.
    Generating,
}

/// One headshot as the generator made it. Whatever it is, it goes through our own decoding, with its limits, and encoding.
#[derive(Clone)]
pub struct Image {
    /// What stands behind the person.
    pub scene: Scene,
    /// The file: of a kind that `images` reads, 4:5, about 300 KB.
    pub bytes: Bytes,
    /// The middle of the face, as parts of width and height, if the generator knows.
    pub head: Option<(f32, f32)>,
    /// Which of the cut-outs it was laid from, by its index among [`Made::cutouts`].
    pub cutout: Option<usize>,
    /// How that was framed and lit for it.
    pub look: Look,
}

impl fmt::Debug for Image {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Image({}, {} bytes)", self.scene, self.bytes.len())
    }
}

/// Why a generator doesn't do what it is asked, by what should happen next.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Failure {
    /// These photos don't make headshots, today or tomorrow: the member is told in these words, and nothing is tried again.
    #[error("{0}")]
    Rejected(String),
    /// Not now: down, busy, or broken on the way. Trying again after a growing while makes sense. The cause is for the log.
    #[error("{}", say!("The generator is not available right now."))]
    Unavailable(#[source] Arc<Error>),
    /// It doesn't know the handle, say after losing its own data: the shoot is submitted again.
    #[error("{}", say!("The generator has lost this shoot."))]
    Lost,
    /// It took longer than it may. Submitting again makes sense, a few times.
    #[error("{}", say!("The generator took too long."))]
    TimedOut,
}

impl Failure {
    /// Not now, because of this.
    pub fn unavailable(cause: impl Into<Error>) -> Self {
        Self::Unavailable(Arc::new(cause.into()))
    }
}

stored_as_text! {
    /// What can stand behind a person, of what everyone has. See [`Scene`] for the rest.
    pub enum Backdrop {
        /// Light grey paper.
        Grey = "grey",
        /// Dark grey, almost black at the edges.
        Charcoal = "charcoal",
        /// White.
        White = "white",
        /// Dark blue.
        Navy = "navy",
        /// An office, out of focus.
        Office = "office",
        /// Trees in the sun, out of focus.
        Garden = "garden",
    }
}

impl Backdrop {
    /// What it is called in English, where programs read it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Grey => "Light grey",
            Self::Charcoal => "Charcoal",
            Self::White => "White",
            Self::Navy => "Navy",
            Self::Office => "Office",
            Self::Garden => "Garden",
        }
    }

    /// The same in the language of whoever reads.
    pub const fn called(self) -> Message {
        match self {
            Self::Grey => say!("Light grey"),
            Self::Charcoal => say!("Charcoal"),
            Self::White => say!("White"),
            Self::Navy => say!("Navy"),
            Self::Office => say!("Office"),
            Self::Garden => say!("Garden"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handle_is_stored_with_whose_it_is_and_read_without() {
        let handle = Handle::new("run|7").of("http");
        assert_eq!((handle.stored().as_str(), handle.as_str()), ("http|run|7", "run|7"));
        assert_eq!(Handle::from(handle.stored()), handle);
        assert!(handle.may_be_of("http") && !handle.may_be_of("openai"));
        for before in ["run-7", "nobody|7", "1700000000000:507f:12:grey:a,b"] {
            let read = Handle::from(before.to_owned());
            assert_eq!((read.as_str(), read.stored().as_str()), (before, before));
            assert!(read.may_be_of("http") && read.may_be_of("openai"));
        }
    }
}
