//! Headshots out of photos, on the CPU and offline: finds the face, frames it, cuts the person out, grades the light, and lays
//! a studio backdrop behind them. It retouches and does not invent: clothes, pose and expression stay the person's own.
//!
//! Everything is a pure function of the photo: the same bytes come out with any number of threads. (Processors of another kind may
//! round otherwise.)

mod backdrop;
mod check;
mod colour;
mod compose;
mod face;
mod foreground;
mod frame;
mod gaps;
mod grade;
mod grid;
mod look;
mod matte;
mod mesh;
mod nets;
mod packed;
mod photo;
mod shapes;
mod studio;
mod upright;

pub use backdrop::Backdrop;
pub use check::{Check, Finding, Thresholds, Verdict, nearly_the_same};
pub use look::Look;
/// For the example that packs new weights.
#[doc(hidden)]
pub use packed::pack;
pub use photo::Photo;
pub use studio::{Behind, Cutout, Headshot, Studio};

/// Why no headshot comes of a photo.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The photo shows nobody.
    #[error("No face was found in the photo.")]
    NoFace,
    /// The pixels and the size of a picture don't go together.
    #[error("The picture's pixels do not fit its size.")]
    Malformed,
    /// A net didn't do what it was made for: the program is broken, not the photo.
    #[error("A net failed: {0}")]
    Net(String),
}

/// A place in a picture, in pixels from its left upper corner.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Point {
    pub(crate) x: f32,
    pub(crate) y: f32,
}

impl Point {
    pub(crate) const fn new(x: f32, y: f32) -> Self {
        Self { x, y }
    }

    pub(crate) fn distance(self, other: Self) -> f32 {
        (self.x - other.x).hypot(self.y - other.y)
    }

    pub(crate) fn halfway(self, other: Self) -> Self {
        Self::new((self.x + other.x) / 2.0, (self.y + other.y) / 2.0)
    }

    pub(crate) fn scaled(self, factor: f32) -> Self {
        Self::new(self.x * factor, self.y * factor)
    }
}
