//! Taking things down: revoking an invite with all it led to, removing a member, deleting photos. Above everything it takes
//! down; each module forgets its own. Whatever is deleted goes through here, and leaves a receipt.

use std::time::Duration;

use rusqlite::named_params;

use crate::{
    audit::Action,
    auth::{self, WayIn},
    db::{Topic, Tx},
    error::{Error, Result},
    ids::{AccountId, InviteId, OrganizationId},
    invites::{self, Invite, NewInvite},
    members::{self, Actor, Email, Kind, Member, Role},
    organizations,
    receipts::{AskedBy, Receipt, take_down},
    shoots::{self, Shoot},
};

mod expiry;
mod own;
mod purge;
mod removal;

pub use expiry::expire_results;
pub use own::{delete_own_photos, delete_own_shoot, leave, may_delete_photos, must_be_free_to_leave};
pub use purge::{Remains, expire_photos, photos_kept_until, purged, remains};
pub use removal::{Bar, Removal, removal, remove_all};

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
        return Err(Error::invalid(say!(
            "This invite was accepted by someone who leads your organization now. Change their role first."
        )));
    }
    invites::mark_revoked(tx, &invite)?;
    by.note_about(tx, Action::InviteRevoked, invite.email.as_str(), None)?;
    match (&member, &invite.shoot) {
        (Some(member), _) => {
            delete_shoots(tx, AskedBy::of(by, member), member, "Invite revoked")?;
            forget(tx, member)?;
        }
        // They left for another organization; what they had made here stayed.
        (None, Some(left)) => {
            let shoot = shoots::get(tx, left)?;
            if shoot.state != shoots::State::Deleted {
                take_down(tx, AskedBy::by(by), &shoot, "Invite revoked")?;
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
        return Err(Error::invalid(say!("This invite can't be accepted any more, so invite the right address anew.")));
    }
    if wrong.email == *email {
        return Err(Error::invalid(say!(
            "This is the address the invite went to. Enter another one, or send it again."
        )));
    }
    let wrong = take_back(tx, by, wrong)?;
    let right = invites::invite(tx, by, &NewInvite { email: email.clone(), team: wrong.team.clone() })?;
    invites::pass_on(tx, &wrong, &right)?;
    Ok(right)
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
    let whose = members::of_shoot(tx, &shoot.id)?;
    by.note(tx, Action::PhotosDeleted, whose.as_ref(), Some("photos and headshots"))?;
    match whose {
        Some(member) if member.kind == Kind::Anonymous => {
            delete_shoots(tx, AskedBy::of(by, &member), &member, "Model deleted")?;
            forget(tx, &member)?;
        }
        Some(member) => drop(take_down(tx, AskedBy::of(by, &member), &shoot, "Model deleted")?),
        None => drop(take_down(tx, AskedBy::by(by), &shoot, "Model deleted")?),
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
    let removal = removal(tx, &by.organization, &member.id)?;
    match removal.bar {
        Some(Bar::Leads) => {
            return Err(Error::invalid(say!("This person leads your organization. Change their role first.")));
        }
        Some(Bar::TooManyShoots) if !forced => {
            return Err(Error::invalid(say!(
                "{called} has {shoots} shoots. Someone with more than {most} can only be removed by the operator of this server.",
                called = member.called(),
                shoots = removal.shoots,
                most = MOST_SHOOTS
            )));
        }
        Some(Bar::TooManyShoots) | None => {}
    }
    by.note(tx, Action::MemberRemoved, Some(member), member.email.as_ref().map(Email::as_str))?;
    delete_shoots(tx, AskedBy::of(by, member), member, "Member removed")?;
    if let Some(email) = &member.email {
        auth::forget_links_into(tx, &by.organization, email)?;
    }
    match member.kind {
        Kind::Personal => members::leave(tx, &member.id)?,
        Kind::Managed | Kind::Anonymous => forget(tx, member)?,
    }
    tx.ring(Topic::Organization(by.organization.clone()));
    Ok(())
}

fn delete_shoots(tx: &Tx, asked_by: AskedBy, member: &Member, reason: &str) -> Result<Vec<Receipt>> {
    let mut receipts = Vec::new();
    for shoot in shoots::of_member(tx, &member.id)? {
        if shoot.state != shoots::State::Deleted {
            receipts.push(take_down(tx, asked_by, &shoot, reason)?);
        }
    }
    Ok(receipts)
}

/// Converts the account of someone on their own: their headshots go, and they come into the organization that waits. All of it
/// or nothing. Whoever is there already stays there. [000]
///
/// # Errors
/// They have a place in another organization; or the way in closed meanwhile, as [`auth::join_by`] says.
pub fn convert(tx: &Tx, account: &AccountId, way: &WayIn) -> Result<Member> {
    let here = members::of_account(tx, account)?.ok_or(Error::NotFound("Member"))?;
    if here.organization == *way.organization() {
        return Ok(here);
    }
    let email = here.email.as_ref().ok_or(Error::NotFound("Member"))?;
    if !shoots::is_alone(tx, &here)? {
        return Err(Error::invalid(say!("You belong to another organization by now, so there is nothing to convert.")));
    }
    delete_shoots(tx, AskedBy::Person, &here, "Account converted")?;
    auth::join_by(tx, way, email)
}

/// How long the books of someone who was on their own are kept after they have gone.
const BOOKS: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Forgets one organization that its only person left long ago, once every file of it is gone. Answers whether there was one.
pub fn forget_emptied(tx: &Tx) -> Result<usize> {
    let emptied: Option<OrganizationId> = tx.find(
        "select o.id from organizations o
         where o.kind = 'individual' and o.created_at < :before
           and not exists (select 1 from members where organization_id = o.id)
           and not exists (
               select 1 from shoots s
               where s.organization_id = o.id
                 and (s.state != 'deleted' or s.deleted_at >= :before
                   or exists (select 1 from photos where shoot_id = s.id)
                   or exists (select 1 from results where shoot_id = s.id and deleted_at is null)
                   or exists (select 1 from cutouts where shoot_id = s.id))
           )
         limit 1",
        named_params! { ":before": tx.now - BOOKS },
        |row| row.get(0),
    )?;
    match emptied {
        Some(id) => organizations::forget(tx, &id).map(|()| 1),
        None => Ok(0),
    }
}

/// Forgets a person altogether: the account, and every way in that was sent to its address.
fn forget(tx: &Tx, member: &Member) -> Result<()> {
    if let Some(email) = member.email.as_ref().filter(|_| member.kind != Kind::Anonymous) {
        auth::forget_links(tx, email)?;
    }
    members::forget(tx, member)
}
