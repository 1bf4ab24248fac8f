//! Whether photos are worth handing in.

use rusqlite::named_params;

use super::Shoot;
use crate::{
    config::PhotoChecks,
    db::View,
    error::{Error, Result},
};

/// Whether photos that were turned down keep a shoot from being handed in. Test data may be anything.
pub fn are_held_to_checks(shoot: &Shoot, checks: PhotoChecks) -> bool {
    checks == PhotoChecks::On && !shoot.development
}

/// Whether a shoot's photos are enough to hand it in: one that was not turned down, or, where checks don't count, any.
pub fn has_enough_photos(view: &View, shoot: &Shoot, checks: PhotoChecks) -> Result<bool> {
    if !are_held_to_checks(shoot, checks) {
        return Ok(shoot.photos > 0);
    }
    view.one(
        "select exists (
             select 1 from photos where shoot_id = :shoot and (verdict is null or verdict != 'unusable' or allowed = 1)
         )",
        named_params! { ":shoot": shoot.id },
        |row| row.get(0),
    )
}

/// Refuses a shoot without enough photos.
pub(super) fn must_have_enough_photos(view: &View, shoot: &Shoot, checks: PhotoChecks) -> Result<()> {
    if has_enough_photos(view, shoot, checks)? {
        Ok(())
    } else if shoot.photos == 0 {
        Err(Error::invalid(say!("Add at least one photo first.")))
    } else {
        Err(Error::invalid(say!("None of these photos can be used. Each says why; add at least one that can.")))
    }
}
