//! Taking things down: revoking an invite with all it led to, removing what is left of a deleted shoot. Above everything it
//! takes down; each module forgets its own.

use crate::{
    audit::Action,
    db::{Topic, Tx, View},
    error::{Error, Result},
    ids::{InviteId, ShootId},
    invites::{self, Invite},
    members::{self, Actor, Email, Kind, Member, Role},
    photos, results,
    shoots::{self, Shoot},
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
    if member.as_ref().is_some_and(Member::leads) {
        return Err(Error::invalid(
            "This invite was accepted by someone who leads your organization now. Change their role first.",
        ));
    }
    invites::mark_revoked(tx, &invite)?;
    by.note_about(tx, Action::InviteRevoked, invite.email.as_str(), None)?;
    match (&member, &invite.shoot) {
        (Some(member), _) => {
            delete_shoots(tx, member, "Invite revoked")?;
            members::forget(tx, member)?;
        }
        // They left for another organization; what they had made here stayed.
        (None, Some(left)) => {
            let shoot = shoots::get(tx, left)?;
            if shoot.state != shoots::State::Deleted {
                shoots::delete(tx, &shoot, "Invite revoked")?;
            }
        }
        (None, None) => {}
    }
    Ok(invite)
}

/// Deletes a shoot of an organization, whoever's it is. An anonymous member, who has nothing else here, goes with it. [004]
///
/// # Errors
/// [`Error::AlreadyDeleted`] the second time.
pub fn delete_shoot(tx: &Tx, by: &Actor, shoot: Shoot) -> Result<Shoot> {
    by.must_be(Role::Admin)?;
    if shoot.state == shoots::State::Deleted {
        return Err(Error::AlreadyDeleted);
    }
    match members::of_shoot(tx, &shoot.id)?.filter(|member| member.kind == Kind::Anonymous) {
        Some(member) => {
            delete_shoots(tx, &member, "Model deleted")?;
            members::forget(tx, &member)?;
        }
        None => shoots::delete(tx, &shoot, "Model deleted")?,
    }
    shoots::get(tx, &shoot.id)
}

/// Shoots beyond which a removal is left to the operator. [001]
const MOST_SHOOTS: usize = 3;

/// What goes with a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leaving {
    /// Shoots, deleted ones not counted.
    pub shoots: usize,
    /// Headshots in them.
    pub headshots: usize,
    /// There are too many for anyone but the operator.
    pub barred: bool,
}

/// What would go with a member who is removed now.
pub fn leaving(view: &View, member: &Member) -> Result<Leaving> {
    let mut leaving = Leaving { shoots: 0, headshots: 0, barred: false };
    for shoot in shoots::of_member(view, &member.id)?.iter().filter(|shoot| shoot.state != shoots::State::Deleted) {
        leaving.shoots += 1;
        leaving.headshots += results::of_shoot(view, &shoot.id)?.len();
    }
    leaving.barred = leaving.shoots > MOST_SHOOTS;
    Ok(leaving)
}

/// Removes a member from the organization: access ends at once, shoots and results go. A personal account survives without a
/// place, a managed or anonymous one is deleted. [001]
///
/// # Errors
/// Someone who leads the organization; a member with more than three shoots (deleted ones not counted), unless `forced`.
pub fn remove(tx: &Tx, by: &Actor, member: &Member, forced: bool) -> Result<()> {
    by.must_be(Role::Admin)?;
    if member.leads() {
        return Err(Error::invalid("This person leads your organization. Change their role first."));
    }
    let Leaving { shoots: left, barred, .. } = leaving(tx, member)?;
    if barred && !forced {
        return Err(Error::invalid(format!(
            "{} has {left} shoots. Someone with more than {MOST_SHOOTS} can only be removed by the operator of this server.",
            member.called()
        )));
    }
    by.note(tx, Action::MemberRemoved, Some(member), member.email.as_ref().map(Email::as_str))?;
    delete_shoots(tx, member, "Member removed")?;
    members::leave_for_good(tx, member)?;
    tx.ring(Topic::Organization(by.organization.clone()));
    Ok(())
}

fn delete_shoots(tx: &Tx, member: &Member, reason: &str) -> Result<()> {
    for shoot in shoots::of_member(tx, &member.id)? {
        if shoot.state != shoots::State::Deleted {
            shoots::delete(tx, &shoot, reason)?;
        }
    }
    Ok(())
}

/// Forgets what hung on a deleted shoot, after its files are gone.
pub fn forget_pictures(tx: &Tx, shoot: &ShootId) -> Result<()> {
    photos::forget(tx, shoot)?;
    results::forget(tx, shoot)
}
