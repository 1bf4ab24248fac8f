//! A lead's word against a verdict: photos that were turned down, or are almost the same as others, are used all the same.

use rusqlite::named_params;

use super::{Photo, Verdict, get, of_shoot, trouble, twins, using::troubles};
use crate::{
    audit::Action,
    db::{Topic, Tx},
    error::{Error, Result},
    ids::PhotoId,
    members::{Actor, Member, Role},
    shoots::{self, State},
};

/// Lets one photo be used that was left out, or takes that back: then photos of its moment are told by `alike` again. Said twice, the
/// second time changes nothing.
///
/// # Errors
/// Whoever asks leads nobody; the photo is none of the member's, or was never left out; it is handed in.
pub fn allow(tx: &Tx, by: &Actor, member: &Member, photo: &PhotoId, allowed: bool, alike: u32) -> Result<()> {
    by.must_be(Role::Admin)?;
    let photo = get(tx, photo)?;
    let shoot = shoots::get(tx, &photo.shoot)?;
    if shoot.organization != by.organization || !shoot.is_of(member) || shoot.state == State::Deleted {
        return Err(Error::NotFound("Photo"));
    }
    shoot.must_be_open()?;
    let left_out = photo.is_turned_down() || twins::has_any(tx, &photo)?;
    if !left_out && !photo.allowed {
        return Err(Error::invalid(say!("This photo is used already: nothing stands in its way.")));
    }
    change(tx, by, member, &[photo], allowed, alike)
}

/// The same for all photos that were turned down of those someone has added and not handed in yet. How many it changed.
///
/// # Errors
/// Whoever asks leads nobody; the member has nothing to hand in, or no such photo in it.
pub fn allow_all(tx: &Tx, by: &Actor, member: &Member, allowed: bool, alike: u32) -> Result<usize> {
    by.must_be(Role::Admin)?;
    let called = member.called();
    let shoot = shoots::latest(tx, &member.id)?.filter(|shoot| shoot.organization == by.organization);
    let shoot = shoot.ok_or_else(|| Error::invalid(say!("{called} has added no photos yet.", called)))?;
    shoot.must_be_open()?;
    let mut photos = of_shoot(tx, &shoot.id)?;
    photos.retain(|photo| if allowed { photo.is_turned_down() } else { photo.allowed });
    if photos.is_empty() {
        return Err(Error::invalid(match allowed {
            true => say!("No photo of {called} is turned down, so there is nothing to allow.", called),
            false => say!("No photo of {called} was allowed, so there is nothing to take back.", called),
        }));
    }
    change(tx, by, member, &photos, allowed, alike)?;
    Ok(photos.len())
}

/// Writes it, and who did it to whom. The photos are of one shoot.
fn change(tx: &Tx, by: &Actor, member: &Member, photos: &[Photo], allowed: bool, alike: u32) -> Result<()> {
    let changed: Vec<&Photo> = photos.iter().filter(|photo| photo.allowed != allowed).collect();
    let Some(first) = changed.first() else { return Ok(()) };
    for photo in &changed {
        tx.execute(
            "update photos set allowed = :allowed where id = :id",
            named_params! { ":allowed": allowed, ":id": photo.id },
        )?;
        if photo.verdict == Some(Verdict::Unusable) && !allowed {
            let twins = twins::of(tx, &photo.shoot, &photo.id)?;
            twins::find_again(tx, &photo.shoot, twins, alike)?;
        }
    }
    let action = if allowed { Action::PhotosAllowed } else { Action::PhotosBarred };
    by.note(tx, action, Some(member), Some(&in_words(&changed)))?;
    tx.ring(Topic::Shoot(first.shoot.clone()));
    Ok(())
}

/// `2 photos: blurred, more than one person`
fn in_words(photos: &[&Photo]) -> String {
    let mut troubles: Vec<String> = troubles(photos).into_iter().map(trouble).collect();
    if photos.iter().any(|photo| photo.verdict != Some(Verdict::Unusable)) {
        troubles.push("almost the same as another".to_owned());
    }
    let count = if photos.len() == 1 { "1 photo".to_owned() } else { format!("{} photos", photos.len()) };
    format!("{count}: {}", troubles.join(", "))
}
