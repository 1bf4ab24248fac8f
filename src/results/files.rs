//! The files of headshots and cut-outs: what a generator made goes through our own decoding and encoding; a headshot is kept in
//! three sizes, and in two more for pages.

use bytes::Bytes;

use super::{
    NewHeadshot,
    cutouts::{self, NewCutout, within},
};
use crate::{
    config::Priority,
    error::{Error, Result},
    generator::{Image, Made},
    ids::{CutoutId, ResultId},
    images::{self, Area, FINE, Picture, SMALL, Size, THUMBNAIL_SIDE},
    priority::{Metronome, work_apart},
    storage::{Folder, HeadshotFile, Key, Preview, Storage},
};

/// No shoot has more headshots than this, or more cut-outs, whatever a generator hands over.
const MOST: usize = 40;

/// How high the middle of the face sits in a square: a little above its middle.
const FACE_AT: f32 = 0.45;

/// The smallest square is this part of the portrait's width: 800 of 1024 pixels.
const NARROWEST: f32 = 0.785;

/// WebP quality of previews: forty of them have to be there at once, and each leads to the headshot itself.
const PREVIEW: u8 = 50;

/// What of a shoot is stored and has no rows yet.
#[derive(Clone, Debug, Default)]
pub struct Stored {
    /// Cut-outs.
    pub cutouts: Vec<NewCutout>,
    /// Headshots, in their order.
    pub headshots: Vec<NewHeadshot>,
}

/// Stores the files of all that was made, which isn't shown yet. What is in `stored` then has its files, also after an error. The
/// work on the pictures gets a processor as this priority says.
///
/// # Errors
/// [`Error::Unsupported`] or [`Error::Invalid`] if something of what the generator made is nothing we can read.
pub async fn store_all(storage: &Storage, made: Made, priority: Priority, stored: &mut Stored) -> Result<()> {
    let Made { images, cutouts } = made;
    // One for all of them: each would begin and end its own.
    let _metronome = Metronome::beside(priority);
    for cutout in cutouts.into_iter().take(MOST) {
        stored.cutouts.push(cutouts::store(storage, cutout, priority).await?);
    }
    for image in images.into_iter().take(MOST) {
        let laid_from = image.cutout.and_then(|at| stored.cutouts.get(at)).map(|cutout| cutout.id.clone());
        let (bytes, head) = (image.bytes.clone(), image.head);
        let finished = work_apart("headshot", priority, move || finish(&bytes, head))?;
        let finished = finished.await.map_err(Error::internal)??;
        stored.headshots.push(keep(storage, finished, image, laid_from).await?);
    }
    Ok(())
}

/// Stores the files of an edit, which is laid from the cut-out of its original and isn't shown yet. Somebody waits for it.
///
/// # Errors
/// [`Error::Unsupported`] or [`Error::Invalid`] if what the generator made is nothing we can read; nothing is stored then.
pub async fn store_version(storage: &Storage, image: Image, cutout: CutoutId) -> Result<NewHeadshot> {
    let (bytes, head) = (image.bytes.clone(), image.head);
    let finished = tokio::task::spawn_blocking(move || finish(&bytes, head)).await.map_err(Error::internal)??;
    keep(storage, finished, image, Some(cutout)).await
}

/// Stores the files of one headshot.
async fn keep(storage: &Storage, finished: Finished, made: Image, cutout: Option<CutoutId>) -> Result<NewHeadshot> {
    let id = ResultId::new();
    let files = finished.files.into_iter().map(|(file, bytes)| (Key::Headshot(&id, file), bytes));
    let previews = finished.previews.into_iter().map(|(preview, bytes)| (Key::Preview(&id, preview), bytes));
    for (key, bytes) in files.chain(previews) {
        if let Err(error) = storage.put(key, bytes).await {
            // The others would lie about unknown; on a full disk each further try would leave more of them.
            storage.delete_all(Folder::Headshot(&id)).await?;
            return Err(error);
        }
    }
    let Size { width, height } = finished.size;
    Ok(NewHeadshot { id, backdrop: made.scene, width, height, cutout, look: made.look.bounded() })
}

struct Finished {
    size: Size,
    files: [(HeadshotFile, Bytes); 3],
    previews: [(Preview, Bytes); 2],
}

/// A headshot as pages show it among others, from [`Preview::source`]; for those that were made before there were any, and for those
/// that are made when somebody looks.
///
/// # Errors
/// When the file is no picture: the disk's fault.
pub fn preview(source: &[u8], wanted: Preview) -> Result<Bytes> {
    smaller(&images::decode(source)?, wanted)
}

fn smaller(portrait: &Picture, wanted: Preview) -> Result<Bytes> {
    let Size { width, height } = portrait.size();
    let to = wanted.width().min(width);
    let high = (u64::from(height) * u64::from(to) + u64::from(width) / 2) / u64::from(width);
    let size = Size { width: to, height: u32::try_from(high).unwrap_or(height).max(1) };
    Ok(images::encode_webp(&images::scale(portrait, size)?, PREVIEW)?.into())
}

fn finish(bytes: &[u8], head: Option<(f32, f32)>) -> Result<Finished> {
    let portrait = images::decode(bytes)?;
    let size = portrait.size();
    let square = images::crop(&portrait, square(size, head.and_then(within)));
    let thumbnail = images::shrink(portrait.clone(), THUMBNAIL_SIDE)?;
    let jpeg = |picture: &Picture, quality| images::encode_jpeg(picture, quality).map(Bytes::from);
    Ok(Finished {
        size,
        files: [
            (HeadshotFile::Portrait, jpeg(&portrait, FINE)?),
            (HeadshotFile::Square, jpeg(&square, FINE)?),
            (HeadshotFile::Thumbnail, jpeg(&thumbnail, SMALL)?),
        ],
        previews: [
            (Preview::Small, smaller(&portrait, Preview::Small)?),
            (Preview::Large, smaller(&portrait, Preview::Large)?),
        ],
    })
}

/// The part of a portrait for profile pictures: around the middle of the face, given as parts of width and height.
pub fn square_around(portrait: &Picture, head: (f32, f32)) -> Picture {
    images::crop(portrait, square(portrait.size(), within(head)))
}

/// The square of a portrait for profile pictures: around the face, if it is known where that is.
fn square(size: Size, head: Option<(f32, f32)>) -> Area {
    match head {
        Some(head) => around(size, head),
        None => upper(size),
    }
}

/// The upper part of a portrait, where the head is; a little below the edge, so that the head sits in the middle.
fn upper(size: Size) -> Area {
    let side = size.width.min(size.height);
    Area { left: (size.width - side) / 2, top: (size.height - side) / 4, size: Size { width: side, height: side } }
}

/// The largest square with the face in the middle from left to right, and a little above the middle from top to bottom. With the face
/// at an edge it would be too small, so then the face is off the middle.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "parts between 0 and 1 of a length in pixels are lengths in pixels"
)]
fn around(size: Size, (x, y): (f32, f32)) -> Area {
    let of = |part: f32, length: u32| ((part * length as f32).round() as u32).min(length);
    let (x, y) = (of(x, size.width), of(y, size.height));
    let most = size.width.min(size.height);
    let side = (2 * x.min(size.width - x)).max(of(NARROWEST, size.width)).min(most);
    Area {
        left: x.saturating_sub(side / 2).min(size.width - side),
        top: y.saturating_sub(of(FACE_AT, side)).min(size.height - side),
        size: Size { width: side, height: side },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PORTRAIT: Size = Size { width: 1024, height: 1280 };

    fn cut(size: Size, head: Option<(f32, f32)>) -> (u32, u32, u32) {
        let Area { left, top, size: square } = square(size, head);
        assert_eq!(square.width, square.height);
        assert!(left + square.width <= size.width && top + square.height <= size.height, "{head:?}");
        (left, top, square.width)
    }

    #[test]
    fn a_square_is_cut_around_the_face() {
        assert_eq!(cut(PORTRAIT, Some((0.5, 0.4))), (0, 51, 1024));
        let (left, top, side) = cut(PORTRAIT, Some((0.45, 0.4)));
        assert_eq!((left, side), (0, 922));
        assert_eq!(top, 512 - 415);
        assert_eq!(cut(PORTRAIT, None), (0, 64, 1024));
    }

    #[test]
    fn a_face_at_the_edge_still_gets_a_square_of_800_pixels() {
        for x in [0.0, 0.02, 0.5, 0.97, 1.0] {
            for y in [0.0, 0.1, 0.5, 0.95, 1.0] {
                let (left, top, side) = cut(PORTRAIT, Some((x, y)));
                assert!((800..=1024).contains(&side), "{x} {y}: {side}");
                let (x, y) = (x * 1024.0, y * 1280.0);
                assert!(left as f32 <= x && x <= (left + side) as f32 && top as f32 <= y && y <= (top + side) as f32);
            }
        }
        assert_eq!(cut(PORTRAIT, Some((0.9, 0.05))).1, 0);
        assert_eq!(cut(Size { width: 1600, height: 900 }, Some((0.9, 0.5))), (700, 0, 900));
    }
}
