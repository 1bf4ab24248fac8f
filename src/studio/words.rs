//! What a server and its child say to each other.

use headroom_studio::{Backdrop, Check, Look, Thresholds};
use serde::{Deserialize, Serialize};

use crate::config::Priority;

/// What a child may take, and where findings begin: the first thing it hears.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Terms {
    /// Bytes of memory.
    pub(super) memory: u64,
    /// Seconds of work for the processor, on all threads together.
    pub(super) seconds: u64,
    pub(super) turn: Turn,
    pub(super) thresholds: Thresholds,
}

/// When a child gets a processor that others want too.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Turn {
    /// When nobody else wants it.
    Idle,
    /// As often as a process of this niceness.
    Nice(i32),
}

impl Turn {
    /// A shoot's.
    pub(super) const fn of(priority: Priority) -> Self {
        match priority {
            Priority::Idle => Self::Idle,
            Priority::Low => Self::Nice(19),
            Priority::Normal => Self::Nice(0),
        }
    }
}

/// What a child is asked to do. Files come with it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case")]
pub(super) enum Ask {
    /// Nothing but to load the nets.
    Open,
    /// An upload: make master and thumbnail of it, and look at it if that is wanted.
    Develop {
        /// It is.
        look: bool,
    },
    /// An organization's logo: make it anew, what can be seen through included.
    Emblem,
    /// A master: look at it.
    Check,
    /// A master: cut the person out, and keep that for headshots.
    CutOut,
    /// A cut-out made earlier: keep it for headshots.
    Keep {
        head: (f32, f32),
        /// Only of half the size in each direction: headshots of it are for looking at.
        half: bool,
    },
    /// A picture to stand behind people: keep it for headshots.
    Picture,
    /// Lay the cut-out of this number. Nothing comes with it.
    Lay { cutout: usize, behind: Ground, look: Look },
}

/// What stands behind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Ground {
    /// One of ours.
    Drawn(Backdrop),
    /// The picture of this number.
    Picture(usize),
}

/// What a child answers.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "said", rename_all = "snake_case")]
pub(super) enum Said {
    /// Master and thumbnail come with it.
    Developed {
        width: u32,
        height: u32,
        seen: Option<Seen>,
    },
    /// A PNG file comes with it.
    Emblem {
        width: u32,
        height: u32,
    },
    Checked {
        seen: Seen,
    },
    /// A PNG file comes with it.
    CutOut {
        head: (f32, f32),
    },
    Kept,
    /// A JPEG file comes with it.
    Headshot {
        head: (f32, f32),
    },
    /// There is nobody in the photo.
    NoFace,
    /// The file is no photo we can use, for this reason; or it is of a kind we don't read.
    Refused {
        words: String,
        unsupported: bool,
    },
    /// Something broke, for this reason.
    Broken {
        cause: String,
    },
}

/// What is seen of a photo.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Seen {
    pub(super) check: Check,
    pub(super) likeness: u64,
}
