//! Pictures that are made while somebody waits for them: headshots in other formats, and previews of those that have none yet.
//! A few at once, off the threads that answer requests, so that a curious visitor can neither fill the memory nor hold up the
//! rest.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use tokio::{sync::Semaphore, time::timeout};

use super::App;
use crate::{
    db::Db,
    error::{Error, Result},
    ids::ResultId,
    images::{self, FINE},
    results,
    storage::{Folder, HeadshotFile, Key, Preview, Storage},
    to_its_end::to_its_end,
};

/// Pictures worked on at once: each takes up to 60 MB while it is.
const AT_ONCE: usize = 2;

/// How long a request waits for its turn. A picture takes a tenth of a second, so this is a long queue.
const PATIENCE: Duration = Duration::from_secs(20);

/// A file format for taking headshots along.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// As they are kept.
    #[default]
    Jpeg,
    /// Without loss, large.
    Png,
    /// Small.
    Webp,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Jpeg, Self::Png, Self::Webp];

    /// What it is called in addresses.
    pub fn name(self) -> &'static str {
        match self {
            Self::Jpeg => "jpeg",
            Self::Png => "png",
            Self::Webp => "webp",
        }
    }

    /// What it is called by people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Jpeg => "JPEG",
            Self::Png => "PNG",
            Self::Webp => "WebP",
        }
    }

    /// The end of a file's name, without the dot.
    pub fn ending(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            other => other.name(),
        }
    }

    /// The media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Webp => "image/webp",
        }
    }
}

/// The places there are to work at.
#[derive(Debug)]
pub struct Darkroom(Arc<Semaphore>);

impl Default for Darkroom {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(AT_ONCE)))
    }
}

impl Darkroom {
    /// Works on a picture once there is a place.
    async fn work<T: Send + 'static>(&self, work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
        let waited = timeout(PATIENCE, self.0.clone().acquire_owned()).await;
        let place = waited
            .map_err(|_| Error::Unavailable(say!("Many pictures are being made right now. Try again in a moment.")))?
            .map_err(Error::internal)?;
        // The place goes along: whoever stops waiting doesn't free it while the work goes on.
        let done = tokio::task::spawn_blocking(move || {
            let _place = place;
            work()
        });
        done.await.map_err(Error::internal)?
    }
}

/// A headshot's file in a format; none if there is none any more.
///
/// # Errors
/// [`Error::Unavailable`] when too many are asked for, or the disk fails.
pub async fn developed(app: &App, id: &ResultId, file: HeadshotFile, format: Format) -> Result<Option<Bytes>> {
    let Some(kept) = app.storage.get(Key::Headshot(id, file)).await? else { return Ok(None) };
    let encode = match format {
        Format::Jpeg => return Ok(Some(kept)),
        Format::Png => images::encode_png,
        Format::Webp => |picture: &_| images::encode_webp(picture, FINE),
    };
    let made = app.darkroom.work(move || Ok(encode(&images::decode(&kept)?)?));
    Ok(Some(made.await?.into()))
}

/// A headshot as pages show it among others. Made now, and kept, if it was delivered before there were any.
///
/// # Errors
/// As [`developed`].
pub async fn preview(app: &App, id: &ResultId, wanted: Preview) -> Result<Option<Bytes>> {
    if let Some(kept) = app.storage.get(Key::Preview(id, wanted)).await? {
        return Ok(Some(kept));
    }
    let Some(source) = app.storage.get(Key::Headshot(id, wanted.source())).await? else { return Ok(None) };
    let made = app.darkroom.work(move || results::preview(&source, wanted)).await?;
    keep(&app.db, &app.storage, id, wanted, made).await
}

/// Keeps a preview, and hands it back; none if its headshot was deleted meanwhile, of which nothing may come back.
async fn keep(db: &Db, storage: &Storage, id: &ResultId, wanted: Preview, made: Bytes) -> Result<Option<Bytes>> {
    let (db, storage, id) = (db.clone(), storage.clone(), id.clone());
    to_its_end(async move {
        storage.put(Key::Preview(&id, wanted), made.clone()).await?;
        if db.read(|view| results::stays(view, &id))? {
            return Ok(Some(made));
        }
        storage.delete_all(Folder::Headshot(&id)).await?;
        Ok(None)
    })
    .await
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;
    use crate::{
        clock::Clock,
        db::Place,
        storage::gate::{Gate, until_gone},
    };

    #[test]
    fn a_preview_of_a_deleted_headshot_does_not_come_back_when_whoever_looks_has_gone() {
        let folder = tempfile::tempdir().unwrap();
        let storage = Storage::directory(folder.path()).unwrap();
        let db = Db::open(&Place::Memory, Clock::system()).unwrap();
        let id = ResultId::new();
        Gate::runtime().block_on(async {
            let gate = Gate::close();
            let keeping = keep(&db, &storage, &id, Preview::Small, Bytes::from_static(b"a face"));
            assert!(keeping.now_or_never().is_none(), "it is on its way");
            gate.open().await;
            until_gone(&storage, Key::Preview(&id, Preview::Small)).await;
        });
    }
}
