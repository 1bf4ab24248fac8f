//! Taking things down: revoking an invite with all it led to, removing what is left of a deleted shoot. Above everything it
//! takes down; each module forgets its own.

use crate::{
    db::Tx,
    error::{Error, Result},
    ids::{InviteId, ShootId},
    invites::{self, Invite},
    members::{self, Actor, Email, Role},
    photos, results, shoots,
};

/// Takes an invite back, with the member and the shoot it led to. A credit comes back if generating has not begun. [002]
///
/// The person's access ends with this transaction; their files go by a job. The invite stays in the list as revoked.
pub fn revoke(tx: &Tx, by: &Actor, email: &Email) -> Result<Invite> {
    let invite = invites::live(tx, &by.organization, email)?.ok_or(Error::NotFound("Invite"))?;
    take_back(tx, by, invite)
}

/// [`revoke`] of this very invite, whatever others its address has.
pub fn revoke_one(tx: &Tx, by: &Actor, id: &InviteId) -> Result<Invite> {
    let invite = invites::of_organization(tx, &by.organization, id)?;
    take_back(tx, by, invite)
}

fn take_back(tx: &Tx, by: &Actor, invite: Invite) -> Result<Invite> {
    by.must_be(Role::Admin)?;
    let member = match &invite.member {
        Some(id) => Some(members::get(tx, id)?),
        None => None,
    };
    if member.as_ref().is_some_and(members::Member::leads) {
        return Err(Error::invalid(
            "This invite was accepted by someone who leads your organization now. Change their role first.",
        ));
    }
    invites::mark_revoked(tx, &invite)?;
    let mut led_to = match &member {
        Some(member) => shoots::of_member(tx, &member.id)?,
        // They left for another organization; what they had made here stayed.
        None => invite.shoot.iter().map(|id| shoots::get(tx, id)).collect::<Result<_>>()?,
    };
    led_to.retain(|shoot| shoot.state != shoots::State::Deleted);
    for shoot in led_to {
        shoots::delete(tx, &shoot, "Invite revoked")?;
    }
    if let Some(member) = member {
        members::forget(tx, &member)?;
    }
    Ok(invite)
}

/// Forgets what hung on a deleted shoot, after its files are gone.
pub fn forget_pictures(tx: &Tx, shoot: &ShootId) -> Result<()> {
    photos::forget(tx, shoot)?;
    results::forget(tx, shoot)
}
