//! Looking at a photo as it is uploaded: whether a headshot can be made of it, and if not, why.

use std::sync::OnceLock;

use headroom_studio::{Photo, Studio};

use crate::{
    config::{Checks, PhotoChecks},
    error::{Error, Result},
    images::{Picture, Size},
    photos::Looked,
};

/// Looks at photos. The nets are opened for the first one.
pub struct Examiner {
    checks: Checks,
    studio: OnceLock<Option<Studio>>,
}

impl Examiner {
    /// As the operator decided.
    pub fn new(checks: Checks) -> Self {
        Self { checks, studio: OnceLock::new() }
    }

    /// What there is to say of a decoded picture that was `from` in its file; nothing if nobody is to look. A photo is taken
    /// in also when looking at it fails, which is our fault and never its own.
    pub fn look(&self, picture: &Picture, from: Size) -> Option<Looked> {
        if self.checks.mode == PhotoChecks::Off {
            return None;
        }
        let open = || Studio::open(self.checks.thresholds).inspect_err(failed).ok();
        let studio = self.studio.get_or_init(open).as_ref()?;
        examine(studio, picture, from).inspect_err(|error| failed(&error.trail())).ok()
    }
}

/// Looks at a decoded picture, upright, that was `from` in its file, whichever way round.
///
/// # Errors
/// A net failed: the program is broken.
fn examine(studio: &Studio, picture: &Picture, from: Size) -> Result<Looked> {
    let Size { width, height } = picture.size();
    let enlarged = from.width.max(from.height) as f32 / width.max(height) as f32;
    let photo = Photo::new(width as usize, height as usize, picture.rgb().to_vec()).map_err(Error::internal)?;
    let check = studio.check(&photo, enlarged.max(1.0)).map_err(Error::internal)?;
    Ok(Looked::new(check, studio.likeness(&photo).map_err(Error::internal)?))
}

fn failed(why: &impl std::fmt::Display) {
    tracing::error!(%why, "a photo could not be looked at");
}
