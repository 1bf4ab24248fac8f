//! Taking things down: revoking an invite with all it led to, removing what is left of a deleted shoot. Above everything it
//! takes down; each module forgets its own.

mod removal;

pub use removal::{Bar, Removal, removal, remove_all};

use crate::{
    audit::Action,
    auth,
    db::{Topic, Tx},
    error::{Error, Result},
    ids::{InviteId, ShootId},
    invites::{self, Invite, NewInvite},
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

/// Takes an invite back that went to a wrong address, and invites the right one into the same team.
///
/// # Errors
/// It was accepted or can't be any more; or what [`invites::invite`] refuses. Then the old one stays as it is.
pub fn correct_invite(tx: &Tx, by: &Actor, id: &InviteId, email: &Email) -> Result<Invite> {
    let wrong = invites::of_organization(tx, &by.organization, id)?;
    if !wrong.open(tx.now) {
        return Err(Error::invalid("This invite can't be accepted any more, so invite the right address anew."));
    }
    if wrong.email == *email {
        return Err(Error::invalid("This is the address the invite went to. Enter another one, or send it again."));
    }
    let wrong = take_back(tx, by, wrong)?;
    invites::invite(tx, by, &NewInvite { email: email.clone(), team: wrong.team })
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

/// Removes a member from the organization: access ends at once; shoots, results and links not used yet go. A personal account
/// survives without a place, a managed or anonymous one is deleted. [001]
///
/// # Errors
/// Someone who leads the organization; a member with more than three shoots (deleted ones not counted), unless `forced`.
pub fn remove(tx: &Tx, by: &Actor, member: &Member, forced: bool) -> Result<()> {
    by.must_be(Role::Admin)?;
    if member.leads() {
        return Err(Error::invalid("This person leads your organization. Change their role first."));
    }
    let left = shoots::of_member(tx, &member.id)?.iter().filter(|shoot| shoot.state != shoots::State::Deleted).count();
    if left > MOST_SHOOTS && !forced {
        return Err(Error::invalid(format!(
            "{} has {left} shoots. Someone with more than {MOST_SHOOTS} can only be removed by the operator of this server.",
            member.called()
        )));
    }
    by.note(tx, Action::MemberRemoved, Some(member), member.email.as_ref().map(Email::as_str))?;
    delete_shoots(tx, member, "Member removed")?;
    if let Some(email) = &member.email {
        auth::forget_links(tx, &by.organization, email)?;
    }
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
