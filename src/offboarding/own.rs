//! What people delete of their own.

use super::{delete_shoots, forget};
use crate::{
    audit::Action,
    db::{Topic, Tx, View},
    error::{Error, Result},
    ids::ShootId,
    members::{Kind, Member},
    organizations, photos,
    receipts::{AskedBy, Receipt, What, issue, of_account, take_down},
    shoots::{self, Shoot, State},
};

/// Whether a shoot's uploaded photos can go while the rest stays: nothing is made of them any more, and there are some.
pub fn may_delete_photos(view: &View, shoot: &Shoot) -> Result<bool> {
    let done_with = shoot.state == State::Ready || shoot.gave_up();
    Ok(done_with && shoot.photos > 0 && !photos::are_going(view, &shoot.id)?)
}

/// Deletes the photos a member uploaded to one of their own shoots; the headshots stay. Asked twice, the second time finds
/// them going.
///
/// # Errors
/// To all others there is no such shoot; headshots are still made of the photos, or there are none.
pub fn delete_own_photos(tx: &Tx, member: &Member, id: &ShootId) -> Result<Receipt> {
    let shoot = own(tx, member, id)?;
    if photos::are_going(tx, id)? {
        let before = of_account(tx, &member.account)?;
        let same = |receipt: &Receipt| receipt.shoot == *id && receipt.what == What::Photos;
        return before.into_iter().find(same).ok_or(Error::NotFound("Receipt"));
    }
    if !may_delete_photos(tx, &shoot)? {
        return Err(Error::invalid(match shoot.state {
            State::Onboarding => {
                say!("You are still adding photos. Remove them one by one on the page with your photos.")
            }
            state if state.waits() && !shoot.gave_up() => {
                say!("Headshots are being made of these photos. Wait until they are ready, or delete all of it.")
            }
            _ => say!("There are no uploaded photos left to delete."),
        }));
    }
    member.actor().note(tx, Action::PhotosDeleted, Some(member), Some("uploaded photos"))?;
    issue(tx, &shoot, What::Photos, AskedBy::Person)
}

/// Deletes one of a member's own shoots, whatever state it is in: photos, headshots, everything. What is being made of it
/// stops. Who came from another product, and has nothing else here, is forgotten with it.
///
/// # Errors
/// To all others there is no such shoot; [`Error::AlreadyDeleted`].
pub fn delete_own_shoot(tx: &Tx, member: &Member, id: &ShootId) -> Result<Receipt> {
    let shoot = own(tx, member, id)?;
    if shoot.state == State::Deleted {
        return Err(Error::AlreadyDeleted);
    }
    member.actor().note(tx, Action::PhotosDeleted, Some(member), Some("photos and headshots"))?;
    let receipt = take_down(tx, AskedBy::Person, &shoot, "Deleted by the person")?;
    if member.kind == Kind::Anonymous {
        delete_shoots(tx, AskedBy::Person, member, "Deleted by the person")?;
        forget(tx, member)?;
    }
    Ok(receipt)
}

/// Refuses who can't go on their own: leads, and whoever others look after.
pub fn must_be_free_to_leave(view: &View, member: &Member) -> Result<()> {
    let organization = organizations::get(view, &member.organization)?.name;
    if member.leads() {
        return Err(Error::invalid(say!(
            "You lead {organization}. Another lead has to take that role from you first; an owner hands the organization over.",
            organization
        )));
    }
    match member.kind {
        Kind::Personal => Ok(()),
        Kind::Managed => Err(Error::invalid(say!(
            "The people who lead {organization} look after this account. Ask one of them to remove it.",
            organization
        ))),
        Kind::Anonymous => {
            Err(Error::invalid(say!("Delete your photos and headshots: everything else goes with them.")))
        }
    }
}

/// A member leaves, and their account goes: photos, headshots, their place, and what they sign in with. The receipts stay.
///
/// # Errors
/// As [`must_be_free_to_leave`].
pub fn leave(tx: &Tx, member: &Member) -> Result<Vec<Receipt>> {
    must_be_free_to_leave(tx, member)?;
    member.actor().note(tx, Action::MemberRemoved, Some(member), Some("by themselves"))?;
    let receipts = delete_shoots(tx, AskedBy::Person, member, "The member left")?;
    forget(tx, member)?;
    tx.ring(Topic::Organization(member.organization.clone()));
    Ok(receipts)
}

fn own(view: &View, member: &Member, id: &ShootId) -> Result<Shoot> {
    Some(shoots::get(view, id)?).filter(|shoot| shoot.is_of(member)).ok_or(Error::NotFound("Model"))
}
