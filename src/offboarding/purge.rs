//! What is left of something deleted: its files, until a job has removed and looked for them; then their rows.

use std::time::Duration;

use rusqlite::named_params;

use crate::{
    audit::Action,
    clock::Timestamp,
    db::{Tx, View},
    error::Result,
    ids::{CutoutId, PhotoId, ResultId, ShootId, UploadId},
    members::{self, Actor},
    photos,
    receipts::{self, AskedBy, What, issue},
    results,
    shoots::{self, Shoot, State},
    uploads,
};

/// Uploaded photos are kept so long after the headshots were ready, or could not be made for good.
const PHOTOS_KEPT: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// What has to go of a shoot.
#[derive(Clone, Debug)]
pub struct Remains {
    /// All of it, or the uploaded photos alone.
    pub what: What,
    /// Photos whose files may still be there.
    pub photos: Vec<PhotoId>,
    /// Headshots whose files may still be there, edits that were undone among them.
    pub headshots: Vec<ResultId>,
    /// Cut-outs whose files may still be there; they go with the headshots, not with the photos.
    pub cutouts: Vec<CutoutId>,
    /// Photos that were still coming in pieces.
    pub uploads: Vec<UploadId>,
}

/// What has to go of a shoot; nothing if nobody wished it, or if it is gone.
pub fn remains(view: &View, id: &ShootId) -> Result<Option<Remains>> {
    let what = match shoots::get(view, id)?.state {
        State::Deleted => What::Shoot,
        _ if photos::are_going(view, id)? => What::Photos,
        _ => return Ok(None),
    };
    let photos: Vec<PhotoId> = photos::of_shoot(view, id)?.into_iter().map(|photo| photo.id).collect();
    let (headshots, cutouts): (Vec<ResultId>, Vec<CutoutId>) = match what {
        What::Photos => Default::default(),
        What::Shoot => (
            results::of_shoot(view, id)?.into_iter().map(|headshot| headshot.id).collect(),
            results::cutouts_of(view, id)?.into_iter().map(|cutout| cutout.id).collect(),
        ),
    };
    let open: bool = view.one(
        "select exists (select 1 from receipts where shoot_id = :shoot and purged_at is null)",
        named_params! { ":shoot": id },
        |row| row.get(0),
    )?;
    let uploads: Vec<UploadId> = uploads::of_shoot(view, id)?.into_iter().map(|upload| upload.id).collect();
    let over = !open && photos.is_empty() && headshots.is_empty() && cutouts.is_empty() && uploads.is_empty();
    if over {
        return Ok(None);
    }
    let undone = if what == What::Shoot { results::removed_versions(view, id)? } else { Vec::new() };
    Ok(Some(Remains { what, photos, headshots: [headshots, undone].concat(), cutouts, uploads }))
}

/// Every file of it was looked for and is gone: forgets the rows, completes the receipts, and has the people told.
pub fn purged(tx: &Tx, id: &ShootId, what: What) -> Result<()> {
    photos::forget(tx, id)?;
    uploads::forget_all(tx, id)?;
    if what == What::Shoot {
        results::forget(tx, id)?;
    }
    receipts::complete(tx, id, what)
}

/// Until when a shoot's uploaded photos are kept; nothing as long as headshots are made of them.
pub fn photos_kept_until(shoot: &Shoot) -> Option<Timestamp> {
    let since = if shoot.gave_up() { Some(shoot.stage_at) } else { shoot.finished_at };
    since.filter(|_| shoot.state != State::Deleted).map(|since| since + PHOTOS_KEPT)
}

/// Deletes uploaded photos that have had their time, of a few shoots at once; of how many.
pub fn expire_photos(tx: &Tx) -> Result<usize> {
    let due: Vec<ShootId> = tx.all(
        "select id from shoots s
         where photos > 0 and ((state = 'ready' and finished_at < :old) or (state = 'failed' and restarts = 3 and stage_at < :old))
           and not exists (select 1 from receipts r where r.shoot_id = s.id and r.what = 'photos')
         limit 50",
        named_params! { ":old": tx.now - PHOTOS_KEPT },
        |row| row.get(0),
    )?;
    for id in &due {
        let shoot = shoots::get(tx, id)?;
        issue(tx, &shoot, What::Photos, AskedBy::Server)?;
        let whose = members::of_shoot(tx, id)?;
        let server = Actor::server(shoot.organization);
        server.note(tx, Action::PhotosDeleted, whose.as_ref(), Some("their time was over"))?;
    }
    Ok(due.len())
}
