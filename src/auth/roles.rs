//! Who leads an organization. A role is a privilege, so whoever's changes is signed out everywhere with it; the browser that
//! changes one's own goes on under a new cookie.

use super::{
    notices::{Notice, notify_of},
    sessions::{end_sessions, renew_session},
};
use crate::{
    audit::{Action, Change},
    db::{Topic, Tx},
    error::{Error, Result},
    ids::{MemberId, OrganizationId},
    members::{self, Actor, Kind, Member, Role},
    queue::{self, Job},
    secrets::Token,
};

/// Gives a member of the actor's organization another role: the owner makes admins and members, an admin can only step down
/// themselves. Its person is told by mail. The owner's own role goes by [`hand_over`] alone, so there is always one.
///
/// `cookie` is the browser that asks; if the role is its own person's, it stays signed in by the token that comes back.
///
/// # Errors
/// [`Error::Forbidden`] for whoever may not, also for one whose own role changed meanwhile; there is no such member; someone
/// without an address of their own can't lead.
pub fn change_role(tx: &Tx, by: &Actor, cookie: Option<&str>, id: &MemberId, role: Role) -> Result<Option<Token>> {
    let member = members::of_organization(tx, &by.organization, id)?;
    let own = by.member.as_ref() == Some(id);
    let steps_down = own && member.role == Role::Admin && role == Role::Member;
    if !steps_down && present_role(tx, by)? != Role::Owner {
        return Err(Error::forbidden(say!("Only the owner of the organization changes roles. Ask them.")));
    }
    if role == Role::Owner || member.role == Role::Owner {
        return Err(Error::invalid(say!("An organization has one owner. Hand it over to change who that is.")));
    }
    if member.role == role {
        return Ok(None);
    }
    if role == Role::Admin {
        must_be_able_to_lead(&member)?;
    }
    members::set_role(tx, id, role)?;
    by.note_change(tx, Action::RoleChanged, Some(&member), Change::new(member.role.as_str(), role.as_str()))?;
    let words =
        if role == Role::Admin { say!("You are an admin now.") } else { say!("You are a member now.") }.to_string();
    notify_of(tx, &member.account, Notice::Role, Some(&words))?;
    tx.ring(Topic::Organization(by.organization.clone()));
    end_all_but(tx, &member, cookie.filter(|_| own))
}

/// Hands the organization over to another of its people; the owner becomes an admin. Both are told by mail. At any time there
/// is exactly one owner: of two who are handed it at once, the second finds that it is no longer the owner who asks.
///
/// `cookie` is the owner's browser, which stays signed in by the token that comes back.
///
/// # Errors
/// As [`change_role`].
pub fn hand_over(tx: &Tx, by: &Actor, cookie: Option<&str>, to: &MemberId) -> Result<Option<Token>> {
    let successor = members::of_organization(tx, &by.organization, to)?;
    if present_role(tx, by)? != Role::Owner {
        return Err(Error::forbidden(say!("Only the owner hands an organization over, and you don't own it.")));
    }
    if successor.role == Role::Owner {
        return Err(Error::invalid(say!("{called} owns the organization already.", called = successor.called())));
    }
    must_be_able_to_lead(&successor)?;
    let owner = owner_of(tx, &by.organization)?;
    // In this order: the database has one owner at most, also between the two.
    if let Some(owner) = &owner {
        members::set_role(tx, &owner.id, Role::Admin)?;
    }
    members::set_role(tx, to, Role::Owner)?;
    let change = Change::between(owner.as_ref().map(Member::called), Some(successor.called()));
    by.note_change(tx, Action::HandedOver, Some(&successor), change)?;
    end_all_but(tx, &successor, None)?;
    queue::push(tx, Job::OwnershipMail(to.clone()))?;
    tx.ring(Topic::Organization(by.organization.clone()));
    let Some(owner) = owner else { return Ok(None) };
    queue::push(tx, Job::OwnershipMail(owner.id.clone()))?;
    end_all_but(tx, &owner, cookie.filter(|_| by.member.as_ref() == Some(&owner.id)))
}

/// Whether someone can lead: they have to come in by an address, for whoever leads can be written to and found.
pub fn can_lead(member: &Member) -> bool {
    member.kind != Kind::Anonymous && member.email.is_some()
}

fn must_be_able_to_lead(member: &Member) -> Result<()> {
    if can_lead(member) {
        return Ok(());
    }
    Err(Error::invalid(say!("{called} has no address to sign in by, so they can't lead.", called = member.called())))
}

/// What the actor may do now; it was looked up before this transaction, and another one may have come in between.
fn present_role(tx: &Tx, by: &Actor) -> Result<Role> {
    match &by.member {
        Some(id) => Ok(members::of_organization(tx, &by.organization, id)?.role),
        None => Ok(by.role),
    }
}

fn owner_of(tx: &Tx, organization: &OrganizationId) -> Result<Option<Member>> {
    Ok(members::leads(tx, organization)?.into_iter().find(|lead| lead.role == Role::Owner))
}

fn end_all_but(tx: &Tx, member: &Member, cookie: Option<&str>) -> Result<Option<Token>> {
    let renewed = match cookie {
        Some(cookie) => renew_session(tx, cookie)?,
        None => None,
    };
    end_sessions(tx, &member.account, renewed.as_ref())?;
    Ok(renewed)
}
