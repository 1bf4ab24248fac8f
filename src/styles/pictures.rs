//! The files of an own backdrop: cut to the proportions of a headshot, and kept no larger than one.

use bytes::Bytes;

use super::{BackdropName, OwnBackdrop, SIZE, add, must_have_room};
use crate::{
    db::Db,
    error::{Error, Result},
    ids::BackdropId,
    images::{self, Area, FINE, SMALL, Size, THUMBNAIL_SIDE},
    members::{Actor, Role},
    storage::{BackdropFile, Folder, Key, Storage},
};

/// Makes an uploaded picture a backdrop of the actor's organization. Its files are stored first, then its row is written; if the
/// row is refused, they are removed again.
///
/// Only ever done [`to_its_end`](crate::to_its_end::to_its_end).
///
/// # Errors
/// The file is no picture we can read, or it is too small; the name is taken, or there are enough backdrops already.
pub async fn keep(db: &Db, storage: &Storage, by: Actor, name: BackdropName, file: Vec<u8>) -> Result<OwnBackdrop> {
    by.must_be(Role::Admin)?;
    db.read(|view| must_have_room(view, &by.organization, &name))?;
    let Developed { picture, thumbnail } =
        tokio::task::spawn_blocking(move || develop(&file)).await.map_err(Error::internal)??;
    let id = BackdropId::new();
    let kept = async {
        storage.put(Key::Backdrop(&id, BackdropFile::Picture), picture).await?;
        storage.put(Key::Backdrop(&id, BackdropFile::Thumbnail), thumbnail).await?;
        let id = id.clone();
        db.write(move |tx| add(tx, &by, &id, &name)).await
    };
    let kept = kept.await;
    if kept.is_err() {
        discard(storage, &id).await;
    }
    kept
}

/// Removes the files of a backdrop whose row is gone, or never was. What can't be removed now goes with the strays.
pub async fn discard(storage: &Storage, id: &BackdropId) {
    if let Err(error) = storage.delete_all(Folder::Backdrop(id)).await {
        tracing::error!(
            backdrop = id.as_str(),
            error = error.trail(),
            "files of a removed backdrop could not be deleted"
        );
    }
}

struct Developed {
    picture: Bytes,
    thumbnail: Bytes,
}

fn develop(file: &[u8]) -> Result<Developed> {
    let whole = images::decode(file)?;
    let area = middle(whole.size());
    if area.size.width < SIZE.width || area.size.height < SIZE.height {
        return Err(Error::invalid(say!(
            "This picture is too small: of its {size} a backdrop uses the middle {middle}, and it needs {least}.",
            size = whole.size().to_string(),
            middle = area.size.to_string(),
            least = SIZE.to_string()
        )));
    }
    let picture = images::scale(&images::crop(&whole, area), SIZE)?;
    drop(whole);
    let large = images::encode_jpeg(&picture, FINE)?.into();
    let thumbnail = images::encode_jpeg(&images::shrink(picture, THUMBNAIL_SIDE)?, SMALL)?.into();
    Ok(Developed { picture: large, thumbnail })
}

/// The largest part in the proportions of a headshot, in the middle.
fn middle(of: Size) -> Area {
    let Size { width, height } = of;
    let fits = |length: u32, by: u32, other: u32| {
        u32::try_from(u64::from(length) * u64::from(by) / u64::from(other)).unwrap_or(length).max(1)
    };
    let size = Size {
        width: width.min(fits(height, SIZE.width, SIZE.height)),
        height: height.min(fits(width, SIZE.height, SIZE.width)),
    };
    Area { left: (width - size.width) / 2, top: (height - size.height) / 2, size }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::images::Picture;

    fn file(width: u32, height: u32) -> Vec<u8> {
        let size = Size { width, height };
        let picture = Picture::new(size, vec![120; size.area() as usize * 3]).unwrap();
        images::encode_jpeg(&picture, 60).unwrap()
    }

    #[test]
    fn the_middle_has_the_proportions_of_a_headshot() {
        let area = |width, height| {
            let Area { left, top, size } = middle(Size { width, height });
            (left, top, size.width, size.height)
        };
        assert_eq!(area(1024, 1280), (0, 0, 1024, 1280));
        assert_eq!(area(3000, 2000), (700, 0, 1600, 2000));
        assert_eq!(area(1200, 3000), (0, 750, 1200, 1500));
        assert_eq!(area(1, 1), (0, 0, 1, 1));
    }

    #[test]
    fn a_picture_is_kept_as_large_as_a_headshot_and_refused_below() {
        let made = develop(&file(1600, 1280)).unwrap();
        assert_eq!(images::measure(&made.picture).unwrap(), SIZE);
        assert_eq!(images::measure(&made.thumbnail).unwrap(), Size { width: 384, height: 480 });
        assert!(develop(&file(1024, 1280)).is_ok());
        for (width, height) in [(1023, 1280), (1024, 1279), (2000, 1279)] {
            let refused = develop(&file(width, height)).map(drop).unwrap_err();
            assert!(refused.to_string().contains(&format!("of its {width} × {height} pixels")), "{refused}");
        }
        assert!(develop(b"no picture").is_err());
    }
}
