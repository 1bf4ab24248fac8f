//! Edits of headshots: versions beside an original, each a headshot like any other, made from the same cut-out.

use rusqlite::named_params;

use super::{Headshot, NewHeadshot, choose, get};
use crate::{
    db::{Topic, Tx, View},
    error::{Error, Result},
    ids::{ResultId, ShootId},
};

/// A headshot among those that are of the same original.
#[derive(Clone, Debug)]
pub struct Version {
    /// The headshot.
    pub headshot: Headshot,
    /// 1 for the original; it stays the same when others go.
    pub number: u32,
}

/// A headshot's original, then its edits, oldest first; whichever of them it is.
pub fn versions(view: &View, headshot: &Headshot) -> Result<Vec<Version>> {
    let original = headshot.original.as_ref().unwrap_or(&headshot.id);
    view.all(
        "select r.*, 1 + (select count(*) from results e where e.original_id = :original and e.position <= r.position) as number
         from results r
         where (r.id = :original or r.original_id = :original) and r.deleted_at is null
         order by r.position",
        named_params! { ":original": original },
        |row| Ok(Version { headshot: Headshot::from_row(row)?, number: row.get("number")? }),
    )
}

/// Adds an edit whose files are stored already; it comes last among the headshots of its shoot. An edit of an edit is one of the
/// original.
pub fn add_version(tx: &Tx, of: &Headshot, new: &NewHeadshot) -> Result<Headshot> {
    let added = tx.one(
        "insert into results (id, shoot_id, position, backdrop, width, height, cutout_id, look, original_id, created_at)
         values (:id, :shoot, (select max(position) + 1 from results where shoot_id = :shoot), :backdrop, :width, :height,
                 :cutout, :look, :original, :now)
         returning *",
        named_params! {
            ":id": new.id, ":shoot": of.shoot, ":backdrop": new.backdrop, ":width": new.width, ":height": new.height,
            ":cutout": new.cutout, ":look": serde_json::to_string(&new.look)?,
            ":original": of.original.as_ref().unwrap_or(&of.id), ":now": tx.now,
        },
        Headshot::from_row,
    )?;
    tx.ring(Topic::Shoot(of.shoot.clone()));
    Ok(added)
}

/// Takes an edit back: a tombstone stays. If it was the favourite, its original becomes it. Its files are for the caller to remove.
/// Called by `edits` alone. The original.
///
/// # Errors
/// It is no edit.
pub fn take_back(tx: &Tx, version: &Headshot) -> Result<Headshot> {
    let original = version.original.as_ref().ok_or_else(|| {
        Error::invalid(say!(
            "This is the original, which can't be undone. Under Your data, all headshots can be deleted."
        ))
    })?;
    if version.favorite {
        choose(tx, original)?;
    }
    tx.execute(
        "update results set deleted_at = :now, liked = 'none', look = '{}' where id = :id and deleted_at is null",
        named_params! { ":now": tx.now, ":id": version.id },
    )?;
    tx.ring(Topic::Shoot(version.shoot.clone()));
    get(tx, original)
}

/// The edits of a shoot that were taken back: their files may still be there, if the job that removes them has not come to it.
pub fn removed_versions(view: &View, shoot: &ShootId) -> Result<Vec<ResultId>> {
    view.all(
        "select id from results
         where shoot_id = :shoot and original_id is not null and deleted_at is not null",
        named_params! { ":shoot": shoot },
        |row| row.get(0),
    )
}
