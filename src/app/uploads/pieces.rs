//! Photos that come in pieces: what is there of each is in a file under its id, which only this process can read.
//!
//! Pieces are written where they belong in the file, so two that overlap, say of a connection that is not known to be dead yet
//! and of the one after it, write the same bytes to the same place. How long the file is says how much is there, and nothing else.

use std::{
    collections::HashSet,
    fs::{DirBuilder, File, OpenOptions},
    io::{ErrorKind, Read, Seek},
    os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use bytes::Bytes;
use futures::{Stream, StreamExt};
use tempfile::TempDir;

use super::{Place, Received, Uploads, no_place};
use crate::{
    db::Db,
    error::{Error, Result},
    ids::UploadId,
    images,
    photos::Photo,
    secrets::Digesting,
    shoots,
    storage::Storage,
    to_its_end::to_its_end,
    uploads::{self, Upload},
};

/// The folder below the data directory.
const FOLDER: &str = "uploads";

/// Read of a finished file at once.
const BLOCK: usize = 256 * 1024;

/// As many bytes say of what kind a file is.
const HEAD: usize = 12;

/// What became of a piece.
#[derive(Debug)]
pub enum Piece {
    /// It doesn't follow on what is there: so many bytes are.
    Elsewhere(u64),
    /// It is there; so many bytes are now.
    Here(u64),
    /// It was the last one, and this is the photo.
    Photo(Box<Photo>),
}

/// Where pieces are.
#[derive(Clone)]
pub(super) struct Pieces {
    folder: PathBuf,
    /// Goes with the process, if it is of its own.
    _own: Option<Arc<TempDir>>,
    /// Those that are being made photos.
    finishing: Arc<Mutex<HashSet<UploadId>>>,
}

impl Pieces {
    pub(super) fn below(data: Option<&Path>) -> Result<Self> {
        let (folder, own) = match data {
            Some(data) => (data.join(FOLDER), None),
            None => {
                let own = tempfile::Builder::new().prefix("headroom-uploads-").tempdir()?;
                (own.path().to_owned(), Some(Arc::new(own)))
            }
        };
        DirBuilder::new().recursive(true).mode(0o700).create(&folder)?;
        Ok(Self { folder, _own: own, finishing: Arc::default() })
    }

    fn path(&self, id: &UploadId) -> PathBuf {
        self.folder.join(id.as_str())
    }

    fn open(&self, id: &UploadId) -> Result<File> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).mode(0o600);
        options.open(self.path(id)).map_err(|cause| no_place(&cause))
    }

    fn remove(&self, id: &UploadId) -> Result<()> {
        match std::fs::remove_file(self.path(id)) {
            Err(cause) if cause.kind() != ErrorKind::NotFound => Err(no_place(&cause)),
            _ => Ok(()),
        }
    }

    /// Those that have a file.
    fn stored(&self) -> Result<Vec<UploadId>> {
        let mut stored = Vec::new();
        for entry in std::fs::read_dir(&self.folder)? {
            // Whatever else lies there is none of ours.
            stored.extend(entry?.file_name().to_str().and_then(|name| name.parse::<UploadId>().ok()));
        }
        Ok(stored)
    }
}

/// Held while an upload is made a photo.
struct Finishing<'a>(&'a Pieces, UploadId);

impl<'a> Finishing<'a> {
    /// None if that is under way already.
    fn begin(pieces: &'a Pieces, id: &UploadId) -> Option<Self> {
        let mut all = pieces.finishing.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(id.clone()).then(|| Self(pieces, id.clone()))
    }
}

impl Drop for Finishing<'_> {
    fn drop(&mut self) {
        self.0.finishing.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.1);
    }
}

impl Uploads {
    /// How many bytes of an upload are there.
    pub async fn here(&self, upload: &Upload) -> Result<u64> {
        let path = self.pieces.path(&upload.id);
        let found = blocking(move || match path.metadata() {
            Ok(found) => Ok(found.len()),
            Err(cause) if cause.kind() == ErrorKind::NotFound => Ok(0),
            Err(cause) => Err(no_place(&cause)),
        });
        Ok(found.await?.min(upload.bytes))
    }

    /// Takes the next piece, which begins at `offset`. If it breaks off, what came of it stays. The last one makes it a photo in
    /// `place`, as [`Uploads::keep`] does for whole ones; an empty one after that tries so again.
    ///
    /// # Errors
    /// What the sender is told of `body`; more than was announced; the upload was discarded meanwhile; it begins as no photo that
    /// is taken; and for the last one as [`Uploads::keep`]. What is no photo we take is over with that.
    pub async fn take_piece(
        &self,
        db: &Db,
        storage: &Storage,
        place: &Place,
        upload: &Upload,
        offset: u64,
        body: impl Stream<Item = Result<Bytes>>,
    ) -> Result<Piece> {
        let here = self.here(upload).await?;
        if offset != here {
            return Ok(Piece::Elsewhere(here));
        }
        let file = Arc::new(self.open_wanted(db, upload).await?);
        let (at, ended) = write(&file, offset, upload.bytes, body).await;
        if offset < HEAD as u64 && at >= HEAD as u64 && !is_photo(&file).await? {
            // Nobody sends the rest of what would be refused at its end.
            let id = upload.id.clone();
            db.write(move |tx| uploads::forget(tx, &id)).await?;
            self.discard_pieces(&upload.id).await?;
            return Err(Error::Unsupported(images::no_photo()));
        }
        if at > offset {
            // What is written down as there outlives a machine that loses its power.
            blocking(move || file.sync_data().map_err(|cause| no_place(&cause))).await?;
        }
        let id = upload.id.clone();
        if let Err(error) = db.write(move |tx| uploads::arrived(tx, &id, at)).await {
            if matches!(error, Error::NotFound(_)) {
                self.discard_pieces(&upload.id).await?;
            }
            return Err(error);
        }
        ended?;
        if at < upload.bytes {
            return Ok(Piece::Here(at));
        }
        let place = Place { upload: Some(upload.id.clone()), ..place.clone() };
        let (uploads, db, storage, upload) = (self.clone(), db.clone(), storage.clone(), upload.clone());
        let photo = to_its_end(async move { uploads.finish(&db, &storage, &place, &upload).await }).await?;
        Ok(Piece::Photo(Box::new(photo)))
    }

    /// The file of an upload, made if need be. If the upload is discarded by then, or its shoot deleted, the file that was there may
    /// have gone already: then this one goes too, before anything is in it.
    async fn open_wanted(&self, db: &Db, upload: &Upload) -> Result<File> {
        let (itself, db, upload) = (self.clone(), db.clone(), upload.clone());
        to_its_end(async move {
            let (pieces, id) = (itself.pieces.clone(), upload.id.clone());
            let file = blocking(move || pieces.open(&id)).await?;
            let wanted = db.read(|view| {
                uploads::get(view, &upload.shoot, &upload.id)?;
                shoots::get(view, &upload.shoot)?.must_be_open()
            });
            if matches!(wanted, Err(Error::NotFound(_) | Error::Invalid(_))) {
                itself.discard_pieces(&upload.id).await?;
            }
            wanted.map(|()| file)
        })
        .await
    }

    async fn finish(&self, db: &Db, storage: &Storage, place: &Place, upload: &Upload) -> Result<Photo> {
        let Some(_finishing) = Finishing::begin(&self.pieces, &upload.id) else {
            return Err(Error::Unavailable(say!("This photo is being looked at. Try again in a moment.")));
        };
        // The one before may have ended between the last piece and here.
        db.read(|view| uploads::get(view, &upload.shoot, &upload.id))?;
        let (pieces, known) = (self.pieces.clone(), upload.clone());
        let received = blocking(move || whole(pieces.open(&known.id)?, known)).await?;
        let kept = self.keep(db, storage, place, received).await;
        match &kept {
            // Not the photo's fault: it can be tried again.
            Err(Error::Unavailable(_) | Error::Internal(_)) => return kept,
            Err(_) => {
                let id = upload.id.clone();
                db.write(move |tx| uploads::forget(tx, &id)).await?;
            }
            Ok(_) => {}
        }
        self.discard_pieces(&upload.id).await?;
        kept
    }

    /// Forgets an upload, and removes what is there of it.
    ///
    /// # Errors
    /// The database can't be written, or the folder.
    pub async fn discard(&self, db: &Db, id: UploadId) -> Result<()> {
        let (itself, db) = (self.clone(), db.clone());
        to_its_end(async move {
            let gone = id.clone();
            db.write(move |tx| uploads::forget(tx, &gone)).await?;
            itself.discard_pieces(&id).await
        })
        .await
    }

    /// Removes what is there of an upload.
    pub async fn discard_pieces(&self, id: &UploadId) -> Result<()> {
        let (pieces, id) = (self.pieces.clone(), id.clone());
        blocking(move || pieces.remove(&id)).await
    }

    /// Removes files of uploads that nobody knows any more. A row comes before its file, so none of them is about to get one.
    pub async fn discard_unknown_pieces(&self, db: &Db) -> Result<()> {
        let pieces = self.pieces.clone();
        let stored = blocking(move || pieces.stored()).await?;
        for id in db.scan(move |view| uploads::unknown(view, stored)).await? {
            self.discard_pieces(&id).await?;
        }
        Ok(())
    }
}

/// Writes what comes, from `offset` on. Up to where it came, and why it ended there if it broke off.
async fn write(file: &Arc<File>, offset: u64, most: u64, body: impl Stream<Item = Result<Bytes>>) -> (u64, Result<()>) {
    let (mut at, mut body) = (offset, std::pin::pin!(body));
    while let Some(bytes) = body.next().await {
        let bytes = match bytes {
            Ok(bytes) => bytes,
            Err(error) => return (at, Err(error)),
        };
        let length = bytes.len() as u64;
        if length > most - at {
            return (at, Err(Error::TooLarge(say!("More came than was announced, so the rest was not taken."))));
        }
        let (file, from) = (file.clone(), at);
        if let Err(error) = blocking(move || file.write_all_at(&bytes, from).map_err(|cause| no_place(&cause))).await {
            return (at, Err(error));
        }
        at += length;
    }
    (at, Ok(()))
}

/// Whether a file begins as a photo of a kind that is taken.
async fn is_photo(file: &Arc<File>) -> Result<bool> {
    let file = file.clone();
    blocking(move || {
        let mut head = [0; HEAD];
        file.read_exact_at(&mut head, 0).map_err(|cause| no_place(&cause))?;
        Ok(images::recognise(&head).is_some())
    })
    .await
}

/// A file that is complete.
fn whole(mut file: File, upload: Upload) -> Result<Received> {
    let (mut sum, mut block, mut bytes) = (Digesting::default(), vec![0; BLOCK], 0);
    file.rewind().map_err(|cause| no_place(&cause))?;
    loop {
        let read = file.read(&mut block).map_err(|cause| no_place(&cause))?;
        if read == 0 {
            break;
        }
        sum.add(block.get(..read).unwrap_or_default());
        bytes += read;
    }
    Ok(Received { file, name: upload.name, digest: sum.finish(), bytes })
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(Error::internal)?
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use futures::stream;

    use super::*;
    use crate::{
        clock::{Clock, Timestamp},
        config::{Config, Sources},
        db,
        ids::ShootId,
        studio::Workshop,
    };

    #[tokio::test]
    async fn a_piece_of_a_discarded_upload_is_not_listened_to_and_leaves_no_file() {
        let folder = tempfile::tempdir().unwrap();
        let workshop = Arc::new(Workshop::new(Config::load(&Sources::default()).unwrap().studio));
        let uploads = Uploads::new(Some(folder.path().to_owned()), workshop, false).unwrap();
        let db = Db::open(&db::Place::Memory, Clock::system()).unwrap();
        // Looked up a moment ago, and discarded since.
        let upload = Upload {
            id: UploadId::new(),
            shoot: ShootId::new(),
            name: "me.jpg".to_owned(),
            bytes: 1_000,
            received: 0,
            touched_at: Timestamp::from_millis(0),
        };
        let place = Place { shoot: upload.shoot.clone(), behalf: None, upload: None };
        let (storage, body) = (Storage::memory(), stream::pending());
        let taken = uploads.take_piece(&db, &storage, &place, &upload, 0, body);
        let refused = tokio::time::timeout(Duration::from_secs(30), taken).await.expect("nobody waits for its bytes");
        assert!(matches!(refused, Err(Error::NotFound(_))), "{refused:?}");
        assert_eq!(uploads.pieces.stored().unwrap(), []);
    }
}
