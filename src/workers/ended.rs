//! What came of a shoot, as its holder tells it.

use serde::{Deserialize, Serialize};

use crate::{
    error::{Error, trail},
    generator::{self, Cutout, Failure, Look, Scene},
    i18n::Message,
    ids::PhotoId,
};

/// The most that is kept of a holder's words.
const LONGEST_WORDS: usize = 2_000;

/// What came of a shoot.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Ended {
    /// Headshots, whose files lie beside.
    Made(Made),
    /// None.
    Failed {
        /// What should happen next.
        kind: Kind,
        /// Why, for the member if the photos are the cause, otherwise for the log.
        words: String,
    },
}

/// What was made, but for the files.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Made {
    /// The headshots, in the order to show them in.
    pub images: Vec<MadeImage>,
    /// The cut-outs they were laid from.
    pub cutouts: Vec<MadeCutout>,
}

/// A headshot without its file.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct MadeImage {
    /// What stands behind the person.
    pub scene: Scene,
    /// The middle of the face, as parts of width and height.
    pub head: Option<(f32, f32)>,
    /// Which of the cut-outs it was laid from.
    pub cutout: Option<usize>,
    /// How that was framed and lit.
    pub look: Look,
}

/// A cut-out without its file.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct MadeCutout {
    /// Of which photo.
    pub photo: PhotoId,
    /// The middle of the face, as parts of width and height.
    pub head: (f32, f32),
}

/// [`Failure`], as far as a studio knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Kind {
    /// These photos don't make headshots.
    Rejected,
    /// Not now, or not there.
    Unavailable,
    /// It took longer than it may.
    TimedOut,
}

impl Kind {
    /// The failure it is.
    pub(super) fn failure(self, words: String) -> Failure {
        match self {
            Self::Rejected => Failure::Rejected(words),
            Self::Unavailable => Failure::unavailable(Error::Unavailable(Message::english(words))),
            Self::TimedOut => Failure::TimedOut,
        }
    }
}

impl Ended {
    /// What is told of a failure. What a studio loses it begins again itself, so that is a failure of the moment.
    pub(super) fn failed(failure: &Failure) -> Self {
        let (kind, words) = match failure {
            Failure::Rejected(words) => (Kind::Rejected, words.clone()),
            Failure::TimedOut => (Kind::TimedOut, failure.to_string()),
            Failure::Unavailable(cause) => (Kind::Unavailable, trail(&**cause)),
            Failure::Lost => (Kind::Unavailable, failure.to_string()),
        };
        Self::Failed { kind, words: words.chars().take(LONGEST_WORDS).collect() }
    }

    pub(super) fn lost_too_often() -> Self {
        let words = "Everyone who began with it was never heard of again.".to_owned();
        Self::Failed { kind: Kind::Unavailable, words }
    }

    /// Whether the cause may be the machine that tried, not the photos.
    pub(super) fn may_be_the_machines_fault(&self) -> bool {
        matches!(self, Self::Failed { kind, .. } if *kind != Kind::Rejected)
    }

    /// The same with no more words than are kept.
    pub(super) fn shortened(self) -> Self {
        match self {
            Self::Failed { kind, words } => Self::Failed { kind, words: words.chars().take(LONGEST_WORDS).collect() },
            made => made,
        }
    }
}

impl From<&generator::Made> for Made {
    fn from(made: &generator::Made) -> Self {
        let image = |image: &generator::Image| MadeImage {
            scene: image.scene.clone(),
            head: image.head,
            cutout: image.cutout,
            look: image.look,
        };
        let cutout = |cutout: &Cutout| MadeCutout { photo: cutout.photo.clone(), head: cutout.head };
        Self { images: made.images.iter().map(image).collect(), cutouts: made.cutouts.iter().map(cutout).collect() }
    }
}
