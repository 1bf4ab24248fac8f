//! Profile pictures on demand: drawn a few at a time, off the threads that answer, and kept in memory for the next who asks. What is
//! asked for is named by everything it is made of, so a picture that is kept is never an old one.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use bytes::Bytes;
use tokio::sync::Semaphore;

use crate::{
    db::View,
    error::{Error, Result},
    generator::{Backdrop, Retouch, Scene},
    ids::{OrganizationId, ResultId},
    images::{self, FINE, Picture, Size},
    organizations::Organization,
    profile_pictures::{self, Colour, Design, Format},
    results::{self, Headshot},
    secrets::Digest,
    storage::{HeadshotFile, Key, Storage},
    studio::{Fault, Scenery, Workshop},
};

/// Pictures drawn at the same time.
const AT_ONCE: usize = 2;

/// Pictures that may wait for that. Beyond, whoever asks is told to come again.
const IN_LINE: usize = 64;

/// Bytes kept in memory.
const MOST_KEPT: usize = 48 * 1024 * 1024;

/// Part of every tag: to be counted up whenever the same order is drawn otherwise.
const DRAWN_AS: &str = "1";

/// What is drawn.
#[derive(Clone, Debug)]
pub enum Subject {
    /// A headshot, and what to lay it from before another background, if that is kept.
    Headshot(ResultId, Option<Retouch>),
    /// Nobody in particular.
    Silhouette,
}

/// A profile picture that somebody wants.
#[derive(Clone, Debug)]
pub struct Order {
    subject: Subject,
    design: Design,
    format: Format,
    /// Whose logo is on it, and which version of that.
    logo: Option<(OrganizationId, String)>,
}

impl Order {
    /// One of a headshot of this organization, or of nobody.
    pub fn new(
        view: &View,
        organization: &Organization,
        headshot: Option<&Headshot>,
        design: Design,
        format: Format,
    ) -> Result<Self> {
        let subject = match headshot {
            Some(headshot) => Subject::Headshot(headshot.id.clone(), cutout(view, headshot, &design)?),
            None => Subject::Silhouette,
        };
        let version = organization.logo.clone().filter(|_| design.logo.is_some());
        let logo = version.map(|version| (organization.id.clone(), version));
        Ok(Self { subject, design, format, logo })
    }

    /// What it is written as.
    pub fn format(&self) -> Format {
        self.format
    }

    /// What names the very bytes of it.
    pub fn tag(&self) -> String {
        format!("\"{}\"", &Digest::of(&format!("{DRAWN_AS} {} {self:?}", env!("CARGO_PKG_VERSION"))).hex()[..32])
    }
}

/// What a headshot is laid from, if it is to stand before another background and that is kept.
fn cutout(view: &View, headshot: &Headshot, design: &Design) -> Result<Option<Retouch>> {
    if design.background.is_none() {
        return Ok(None);
    }
    // Which scene it is asked for is of no account: it becomes a colour.
    match results::retouch_of(view, headshot, &Scene::Drawn(Backdrop::White), headshot.look) {
        Ok(retouch) => Ok(Some(retouch)),
        Err(Error::Invalid(_)) => Ok(None),
        Err(other) => Err(other),
    }
}

/// Who draws them.
#[derive(Clone)]
pub struct Portraits {
    storage: Storage,
    studio: Arc<Workshop>,
    rooms: Arc<Semaphore>,
    line: Arc<Semaphore>,
    kept: Arc<Mutex<Kept>>,
}

impl Portraits {
    /// One who takes headshots from `storage`, and has `studio` lay them before other backgrounds.
    pub fn new(storage: Storage, studio: Arc<Workshop>) -> Self {
        let (rooms, line) = (Arc::new(Semaphore::new(AT_ONCE)), Arc::new(Semaphore::new(IN_LINE)));
        Self { storage, studio, rooms, line, kept: Arc::default() }
    }

    /// The picture as a file.
    ///
    /// # Errors
    /// [`Error::NotFound`] if the headshot's file is gone; [`Error::Unavailable`] if too many are waited for.
    pub async fn draw(&self, order: &Order) -> Result<Bytes> {
        let name = format!("{order:?}");
        if let Some(kept) = self.kept().find(&name) {
            return Ok(kept);
        }
        let busy = || Error::Unavailable(say!("Too many pictures are asked for at once. Try again in a moment."));
        let _place = self.line.try_acquire().map_err(|_| busy())?;
        let _room = self.rooms.acquire().await.map_err(Error::internal)?;
        // Someone else may have asked for it, and waited in front.
        if let Some(kept) = self.kept().find(&name) {
            return Ok(kept);
        }
        let source = self.source(order).await?;
        let logo = match &order.logo {
            Some((organization, _)) => self.storage.get(Key::Logo(organization)).await?,
            None => None,
        };
        let order = order.clone();
        let drawn = tokio::task::spawn_blocking(move || drawn(&order, source, logo.as_deref()));
        let drawn = drawn.await.map_err(Error::internal)??;
        self.kept().keep(name, &drawn);
        Ok(drawn)
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The square it is drawn of; none of a silhouette.
    async fn source(&self, order: &Order) -> Result<Option<Bytes>> {
        let Subject::Headshot(id, cutout) = &order.subject else { return Ok(None) };
        if let (Some(colour), Some(cutout)) = (order.design.background, cutout)
            && let Some(laid) = self.laid(cutout, colour).await?
        {
            return Ok(Some(laid));
        }
        let file = self.storage.get(Key::Headshot(id, HeadshotFile::Square)).await?;
        file.map(Some).ok_or(Error::NotFound("Photo"))
    }

    /// The square of someone before a colour. Nothing if it can't be made: then the headshot's own background stays.
    async fn laid(&self, retouch: &Retouch, colour: Colour) -> Result<Option<Bytes>> {
        let Retouch { cutout: id, head, look, .. } = retouch;
        let name = format!("{id} {look:?} {colour}");
        if let Some(kept) = self.kept().find(&name) {
            return Ok(Some(kept));
        }
        let Some(cutout) = self.storage.get(Key::Cutout(id)).await? else { return Ok(None) };
        let laid = match self.studio.retouch(cutout, *head, Scenery::Picture(paper(colour)?), *look).await {
            Ok(laid) => laid,
            Err(Fault::TimedOut) => {
                return Err(Error::Unavailable(say!("Pictures can't be drawn right now. Try again in a moment.")));
            }
            Err(fault) => {
                tracing::warn!(%fault, cutout = id.as_str(), "a headshot could not be laid before a colour");
                return Ok(None);
            }
        };
        let square = tokio::task::spawn_blocking(move || {
            let square = results::square_around(&images::decode(&laid.file)?, laid.head);
            Ok::<_, Error>(Bytes::from(images::encode_jpeg(&square, FINE)?))
        });
        let square = square.await.map_err(Error::internal)??;
        self.kept().keep(name, &square);
        Ok(Some(square))
    }
}

/// A picture of nothing but a colour, in the proportions of a headshot.
fn paper(colour: Colour) -> Result<Bytes> {
    let size = Size { width: 512, height: 640 };
    let rgb = colour.0.repeat((size.width * size.height) as usize);
    Ok(images::encode_png(&Picture::new(size, rgb)?)?.into())
}

fn drawn(order: &Order, source: Option<Bytes>, logo: Option<&[u8]>) -> Result<Bytes> {
    let design = &order.design;
    let square = match source {
        Some(file) => images::decode(&file)?,
        None => profile_pictures::silhouette(design.size, design.background)?,
    };
    let logo = logo.map(|file| images::decode_transparent(file, design.size)).transpose()?;
    let picture = profile_pictures::draw(&square, design, logo.as_ref())?;
    Ok(order.format.write(&picture)?.into())
}

/// What is kept: those asked for last.
#[derive(Default)]
struct Kept {
    files: HashMap<String, (u64, Bytes)>,
    bytes: usize,
    asked: u64,
}

impl Kept {
    fn find(&mut self, name: &str) -> Option<Bytes> {
        self.asked += 1;
        let (asked, file) = self.files.get_mut(name)?;
        *asked = self.asked;
        Some(file.clone())
    }

    fn keep(&mut self, name: String, file: &Bytes) {
        self.asked += 1;
        self.bytes += file.len() + name.len();
        if let Some((_, before)) = self.files.insert(name.clone(), (self.asked, file.clone())) {
            self.bytes -= before.len() + name.len();
        }
        while self.bytes > MOST_KEPT && self.files.len() > 1 {
            let Some(oldest) = self.files.iter().min_by_key(|(_, (asked, _))| *asked).map(|(name, _)| name.clone())
            else {
                return;
            };
            if let Some((_, gone)) = self.files.remove(&oldest) {
                self.bytes -= gone.len() + oldest.len();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_asked_for_last_are_kept() {
        let mut kept = Kept::default();
        let file = Bytes::from(vec![0; MOST_KEPT / 4]);
        for name in ["a", "b", "c"] {
            kept.keep(name.to_owned(), &file);
        }
        assert!(kept.find("a").is_some());
        kept.keep("d".to_owned(), &file);
        let there = ["a", "b", "c", "d"].map(|name| kept.find(name).is_some());
        assert_eq!(there, [true, false, true, true]);
        assert!(kept.bytes <= MOST_KEPT);
    }
}
