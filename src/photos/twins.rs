//! Photos that are almost the same: ten of one moment make no better headshots than one.

use headroom_studio::nearly_the_same;
use rusqlite::named_params;

use super::{Looked, Photo, Verdict, of_shoot};
use crate::{
    db::{Tx, View},
    error::Result,
    ids::{PhotoId, ShootId},
};

/// The earlier photo of a shoot that a new one is almost the same as. One that can't be used has none: what is wrong with it
/// is the thing to say.
pub(super) fn of_new(view: &View, shoot: &ShootId, looked: &Looked, alike: u32) -> Result<Option<PhotoId>> {
    if looked.verdict == Verdict::Unusable {
        return Ok(None);
    }
    Ok(nearest(&of_shoot(view, shoot)?, looked.likeness, alike))
}

/// The photos of a shoot whose twin is this one, oldest first.
pub(super) fn of(view: &View, shoot: &ShootId, photo: &PhotoId) -> Result<Vec<PhotoId>> {
    view.all(
        "select id from photos where twin_id = :photo and shoot_id = :shoot order by created_at, id",
        named_params! { ":photo": photo, ":shoot": shoot },
        |row| row.get(0),
    )
}

/// Whether a photo is almost the same as another one of its shoot, whichever of them is used.
pub(super) fn has_any(view: &View, photo: &Photo) -> Result<bool> {
    Ok(photo.twin.is_some() || !of(view, &photo.shoot, &photo.id)?.is_empty())
}

/// Looks for another twin of photos whose own is no longer used; without one they are used from now on.
pub(super) fn find_again(tx: &Tx, shoot: &ShootId, photos: Vec<PhotoId>, alike: u32) -> Result<()> {
    for id in photos {
        let all = of_shoot(tx, shoot)?;
        let Some(place) = all.iter().position(|photo| photo.id == id) else { continue };
        let (earlier, later) = all.split_at(place);
        let twin =
            later.first().and_then(|photo| photo.likeness).and_then(|likeness| nearest(earlier, likeness, alike));
        tx.execute("update photos set twin_id = :twin where id = :id", named_params! { ":twin": twin, ":id": id })?;
    }
    Ok(())
}

/// The first of those in use that is close enough.
fn nearest(photos: &[Photo], likeness: u64, alike: u32) -> Option<PhotoId> {
    let close = |photo: &&Photo| photo.likeness.is_some_and(|other| nearly_the_same(other, likeness, alike));
    photos.iter().filter(|photo| photo.can_be_used() && photo.twin.is_none()).find(close).map(|photo| photo.id.clone())
}
