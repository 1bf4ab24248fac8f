//! The files of a headshot: what a generator made goes through our own decoding and encoding, and is kept in three sizes.

use bytes::Bytes;

use super::NewHeadshot;
use crate::{
    error::{Error, Result},
    generator::Image,
    ids::ResultId,
    images::{self, Area, FINE, Picture, SMALL, Size, THUMBNAIL_SIDE},
    storage::{Folder, HeadshotFile, Key, Storage},
};

/// Stores the files of a headshot that isn't shown yet.
///
/// # Errors
/// [`Error::Invalid`] if what the generator made is no picture we can read.
pub async fn store(storage: &Storage, made: Image) -> Result<NewHeadshot> {
    let Image { bytes, scene, .. } = made;
    let finished = tokio::task::spawn_blocking(move || finish(&bytes)).await.map_err(Error::internal)??;
    let id = ResultId::new();
    for (file, bytes) in finished.files {
        if let Err(error) = storage.put(Key::Headshot(&id, file), bytes).await {
            // The others would lie about unknown; on a full disk each further try would leave more of them.
            storage.delete_all(Folder::Headshot(&id)).await?;
            return Err(error);
        }
    }
    let Size { width, height } = finished.size;
    Ok(NewHeadshot { id, backdrop: scene, width, height })
}

struct Finished {
    size: Size,
    files: [(HeadshotFile, Bytes); 3],
}

fn finish(bytes: &[u8]) -> Result<Finished> {
    let portrait = images::decode(bytes)?;
    let size = portrait.size();
    let square = images::crop(&portrait, head_square(size));
    let thumbnail = images::shrink(portrait.clone(), THUMBNAIL_SIDE)?;
    let jpeg = |picture: &Picture, quality| images::encode_jpeg(picture, quality).map(Bytes::from);
    Ok(Finished {
        size,
        files: [
            (HeadshotFile::Portrait, jpeg(&portrait, FINE)?),
            (HeadshotFile::Square, jpeg(&square, FINE)?),
            (HeadshotFile::Thumbnail, jpeg(&thumbnail, SMALL)?),
        ],
    })
}

/// The upper part of a portrait, where the head is; a little below the edge, so that the head sits in the middle.
fn head_square(size: Size) -> Area {
    let side = size.width.min(size.height);
    Area { left: (size.width - side) / 2, top: (size.height - side) / 4, size: Size { width: side, height: side } }
}
