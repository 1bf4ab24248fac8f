//! A conversation with one child: what it is asked for, and what it gives.

use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::sync::OwnedSemaphorePermit;

use super::{
    Check, Drawn, Fault, Look,
    child::Child,
    words::{Ask, Ground, Said},
};
use crate::{
    error::Error,
    images::{self, Size},
};

/// An upload, decoded and encoded anew.
#[derive(Clone, Debug)]
pub struct Developed {
    /// Of the master.
    pub size: Size,
    /// What everything else is made from: a JPEG file of at most [`crate::images::MASTER_SIDE`].
    pub master: Bytes,
    /// For lists, a JPEG file.
    pub thumbnail: Bytes,
    /// What is to be said of the photo, and its likeness, which [`headroom_studio::nearly_the_same`] compares. Nothing if it
    /// wasn't looked at.
    pub seen: Option<(Check, u64)>,
}

/// A person cut out of a photo.
#[derive(Clone, Debug)]
pub struct Cut {
    /// What the child knows it by.
    pub number: usize,
    /// A PNG file with transparency.
    pub file: Bytes,
    /// The middle of the face, as parts of width and height.
    pub head: (f32, f32),
}

/// A finished headshot.
#[derive(Clone, Debug)]
pub struct Laid {
    /// A JPEG file.
    pub file: Bytes,
    /// The middle of the face, as parts of width and height.
    pub head: (f32, f32),
}

/// What stands behind someone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Behind {
    /// One of ours.
    Drawn(Drawn),
    /// What [`Session::picture`] gave this number.
    Picture(usize),
}

impl Behind {
    fn ground(self) -> Ground {
        match self {
            Self::Drawn(drawn) => Ground::Drawn(drawn),
            Self::Picture(number) => Ground::Picture(number),
        }
    }
}

/// One child at work, and the slot it takes. Both are given back when this is dropped.
pub struct Session {
    child: Child,
    until: Instant,
    pictures: usize,
    cutouts: usize,
    _slot: OwnedSemaphorePermit,
}

impl Session {
    /// With a child that has just been started, for so long at most.
    pub(super) fn new(child: Child, time: Duration, slot: OwnedSemaphorePermit) -> Self {
        Self { child, until: Instant::now() + time, pictures: 0, cutouts: 0, _slot: slot }
    }

    /// Lasts so long from now on.
    pub(super) fn lasts(&mut self, time: Duration) {
        self.until = Instant::now() + time;
    }

    pub(super) async fn develop(&mut self, file: Bytes, look: bool) -> Result<Developed, Fault> {
        match self.say(Ask::Develop { look }, vec![file]).await? {
            (Said::Developed { width, height, seen }, files) => {
                let [master, thumbnail] = <[Bytes; 2]>::try_from(files).map_err(|_| nonsense())?;
                let seen = seen.map(|seen| (seen.check, seen.likeness));
                Ok(Developed { size: Size { width, height }, master, thumbnail, seen })
            }
            _ => Err(nonsense()),
        }
    }

    pub(super) async fn emblem(&mut self, file: Bytes) -> Result<(Size, Bytes), Fault> {
        match self.say(Ask::Emblem, vec![file]).await? {
            (Said::Emblem { width, height }, files) => {
                let [file] = <[Bytes; 1]>::try_from(files).map_err(|_| nonsense())?;
                Ok((Size { width, height }, file))
            }
            _ => Err(nonsense()),
        }
    }

    /// What is to be said of a master, and what it is like.
    ///
    /// # Errors
    /// Any [`Fault`]; after [`Fault::Died`] and [`Fault::TimedOut`] the child is gone.
    pub async fn check(&mut self, master: Bytes) -> Result<(Check, u64), Fault> {
        match self.say(Ask::Check, vec![master]).await? {
            (Said::Checked { seen }, _) => Ok((seen.check, seen.likeness)),
            _ => Err(nonsense()),
        }
    }

    /// Cuts the person out of a master. The child keeps them for [`Session::lay`].
    ///
    /// # Errors
    /// As [`Session::check`].
    pub async fn cut_out(&mut self, master: Bytes) -> Result<Cut, Fault> {
        match self.say(Ask::CutOut, vec![master]).await? {
            (Said::CutOut { head }, files) => {
                let [file] = <[Bytes; 1]>::try_from(files).map_err(|_| nonsense())?;
                self.cutouts += 1;
                Ok(Cut { number: self.cutouts - 1, file, head })
            }
            _ => Err(nonsense()),
        }
    }

    /// Has a cut-out made earlier kept; only half of it in each direction if that is enough.
    pub(super) async fn keep(&mut self, cutout: Bytes, head: (f32, f32), half: bool) -> Result<(), Fault> {
        self.say(Ask::Keep { head, half }, vec![cutout]).await?;
        self.cutouts += 1;
        Ok(())
    }

    /// Has a picture kept, to stand behind people.
    ///
    /// # Errors
    /// As [`Session::check`].
    pub async fn picture(&mut self, file: Bytes) -> Result<Behind, Fault> {
        self.say(Ask::Picture, vec![file]).await?;
        self.pictures += 1;
        Ok(Behind::Picture(self.pictures - 1))
    }

    /// Lays a person before something.
    ///
    /// # Errors
    /// As [`Session::check`].
    pub async fn lay(&mut self, cutout: usize, behind: Behind, look: Look) -> Result<Laid, Fault> {
        match self.say(Ask::Lay { cutout, behind: behind.ground(), look }, Vec::new()).await? {
            (Said::Headshot { head }, files) => {
                let [file] = <[Bytes; 1]>::try_from(files).map_err(|_| nonsense())?;
                Ok(Laid { file, head })
            }
            _ => Err(nonsense()),
        }
    }

    pub(super) async fn say(&mut self, ask: Ask, files: Vec<Bytes>) -> Result<(Said, Vec<Bytes>), Fault> {
        let left = self.until.saturating_duration_since(Instant::now());
        match self.child.ask(ask, files, left).await? {
            (Said::NoFace, _) => Err(Fault::NoFace),
            (Said::Refused { words, unsupported: true }, _) => {
                Err(Fault::Refused(Error::Unsupported(images::refusal(&words))))
            }
            (Said::Refused { words, .. }, _) => Err(Fault::Refused(Error::invalid(images::refusal(&words)))),
            (Said::Broken { cause }, _) => Err(Fault::Died(cause)),
            answer => Ok(answer),
        }
    }
}

fn nonsense() -> Fault {
    Fault::Died("it talks nonsense".to_owned())
}
