//! Photos on their way in: from the network to a file nobody else sees, from there to the two pictures that are kept.

use std::{
    io::{Read, Seek},
    path::PathBuf,
    sync::Arc,
};

use bytes::Bytes;
use tokio::{fs::File, io::AsyncWriteExt};

use crate::{
    audit::Action,
    db::Db,
    error::{Error, Result},
    ids::{PhotoId, ShootId, UploadId},
    images::Size,
    members::Member,
    photos::{self, LARGEST, Looked, NewPhoto, Photo},
    secrets::{Digest, Digesting},
    shoots,
    storage::{Folder, Key, PhotoFile, Storage},
    studio::{Developed, Workshop},
    to_its_end::to_its_end,
    uploads,
};

mod backdrops;
mod pieces;

pub use pieces::Piece;
use pieces::Pieces;

/// Where a photo goes.
#[derive(Clone, Debug)]
pub struct Place {
    /// Into which shoot.
    pub shoot: ShootId,
    /// The lead who adds it, and for whom; nobody if people add their own.
    pub behalf: Option<(Member, Member)>,
    /// What it came as, if it came in pieces: over with the photo's row.
    pub upload: Option<UploadId>,
}

/// Takes photos in.
#[derive(Clone)]
pub struct Uploads {
    folder: PathBuf,
    pieces: Pieces,
    studio: Arc<Workshop>,
    /// Whether photos are looked at.
    look: bool,
}

impl Uploads {
    /// With files on their way in `folder`, where they have no names, so that even a killed process leaves none behind; those
    /// that come in pieces have names, in a folder below it. Without one, in a folder that goes with the process. Decoded by the
    /// children of `studio`, which look at them as well if `look` says so.
    ///
    /// # Errors
    /// The folder of pieces can't be made.
    pub fn new(folder: Option<PathBuf>, studio: Arc<Workshop>, look: bool) -> Result<Self> {
        let pieces = Pieces::below(folder.as_deref())?;
        let folder = folder.unwrap_or_else(std::env::temp_dir);
        Ok(Self { folder, pieces, studio, look })
    }

    /// Begins to receive a file.
    pub fn open(&self) -> Result<Incoming> {
        let file = tempfile::tempfile_in(&self.folder).map_err(|cause| no_place(&cause))?;
        Ok(Incoming { file: File::from_std(file), sum: Digesting::default(), bytes: 0 })
    }

    /// Makes a received file a photo of the shoot. Its pictures are stored first, then its row is written; if the row is
    /// refused, they are removed again. Only ever done [`to_its_end`].
    async fn take_in(&self, db: &Db, storage: &Storage, place: Place, received: Received) -> Result<Photo> {
        let Received { file, name, digest, bytes } = received;
        let developed = self.studio.develop(read(file), self.look).await?;
        let Developed { size: Size { width, height }, master, thumbnail, seen } = developed;
        let looked = seen.map(|(check, likeness)| Looked::new(check, likeness));
        let new = NewPhoto { id: PhotoId::new(), name, width, height, bytes, digest, looked };
        let (id, alike) = (new.id.clone(), self.studio.thresholds().alike);
        let kept = async {
            storage.put(Key::Photo(&id, PhotoFile::Master), master).await?;
            storage.put(Key::Photo(&id, PhotoFile::Thumbnail), thumbnail).await?;
            db.write(move |tx| {
                let photo = photos::add(tx, &place.shoot, &new, alike)?;
                if let Some((by, member)) = &place.behalf {
                    shoots::note_behalf(tx, by, member, Action::PhotosFor)?;
                }
                if let Some(upload) = &place.upload {
                    uploads::forget(tx, upload)?;
                }
                Ok(photo)
            })
            .await
        };
        let kept = kept.await;
        if kept.is_err() {
            discard(storage, &id).await;
        }
        kept
    }

    /// Makes a received file a photo of the shoot, also if the sender is gone meanwhile.
    ///
    /// # Errors
    /// The file is no photo we can read; the shoot is submitted, full, or has this photo already.
    pub async fn keep(&self, db: &Db, storage: &Storage, place: &Place, received: Received) -> Result<Photo> {
        let (uploads, db, storage, place) = (self.clone(), db.clone(), storage.clone(), place.clone());
        to_its_end(async move { uploads.take_in(&db, &storage, place, received).await }).await
    }
}

/// Removes the files of a photo whose row is gone, or never was.
pub async fn discard(storage: &Storage, id: &PhotoId) {
    if let Err(error) = storage.delete_all(Folder::Photo(id)).await {
        tracing::error!(photo = id.as_str(), error = error.trail(), "files of a removed photo could not be deleted");
    }
}

/// A file that is being received.
#[derive(Debug)]
pub struct Incoming {
    file: File,
    sum: Digesting,
    bytes: usize,
}

impl Incoming {
    /// Takes the next piece.
    ///
    /// # Errors
    /// [`Error::TooLarge`] once it is more than is taken.
    pub async fn add(&mut self, piece: &[u8]) -> Result<()> {
        self.bytes += piece.len();
        if self.bytes > LARGEST {
            return Err(Error::TooLarge(say!(
                "This file is larger than {value} MB. Choose a smaller one.",
                value = LARGEST / 1024 / 1024
            )));
        }
        self.sum.add(piece);
        self.file.write_all(piece).await.map_err(|cause| no_place(&cause))
    }

    /// That was all of it. `name` is what it was called where it came from.
    pub async fn finish(mut self, name: String) -> Result<Received> {
        self.file.flush().await.map_err(|cause| no_place(&cause))?;
        Ok(Received { file: self.file.into_std().await, name, digest: self.sum.finish(), bytes: self.bytes })
    }
}

/// A file that was received whole.
#[derive(Debug)]
pub struct Received {
    file: std::fs::File,
    name: String,
    digest: Digest,
    bytes: usize,
}

/// All of a file, which is read only when it is decoded next.
async fn read(mut file: std::fs::File) -> Result<Bytes> {
    let whole = move || {
        let mut bytes = Vec::new();
        file.rewind().and_then(|()| file.read_to_end(&mut bytes)).map(|_| Bytes::from(bytes))
    };
    tokio::task::spawn_blocking(whole).await.map_err(Error::internal)?.map_err(|cause| no_place(&cause))
}

fn no_place(cause: &std::io::Error) -> Error {
    tracing::error!(%cause, "a photo on its way in could not be written or read");
    Error::Unavailable(say!("Photos can't be taken in right now. Try again in a moment."))
}
