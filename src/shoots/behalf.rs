//! What leads do for their members: add those who won't do it themselves, and let someone try again.

use super::{Shoot, State, begin, insert, latest};
use crate::{
    audit::{self, Action},
    credits,
    db::{Topic, Tx, View},
    error::{Error, Result},
    i18n::Message,
    ids::MemberId,
    members::{self, Actor, Email, Kind, Member, NewManaged, Role},
    queue::{self, Job},
    teams,
};

/// Adds someone on their behalf, with a shoot to add photos to. Costs nothing yet. [001]
///
/// # Errors
/// In this order: a foreign team, an address that has an account, no credit.
pub fn add_on_behalf(tx: &Tx, by: &Actor, new: &NewManaged) -> Result<Member> {
    by.must_be(Role::Admin)?;
    if let Some(team) = &new.team {
        teams::must_exist(tx, &by.organization, team)?;
    }
    let member = members::add_managed(tx, &by.organization, new)?;
    credits::must_have_one(tx, &by.organization)?;
    begin(tx, &by.organization, &member.id, false)?;
    by.note(tx, Action::MemberAdded, Some(&member), None)?;
    tx.ring(Topic::Organization(by.organization.clone()));
    Ok(member)
}

/// The member a lead acts for: one of their own organization who is looked after. To everyone else there is none. [001]
pub fn looked_after(view: &View, by: &Member, id: &MemberId) -> Result<Member> {
    let member = members::of_organization(view, &by.organization, id)?;
    if by.leads() && member.is_looked_after() { Ok(member) } else { Err(Error::NotFound("Member")) }
}

/// Writes down that a lead did something for someone they look after; what people do for themselves is nobody's business. The
/// same deed again within the hour is the same row: ten photos in a row are one thing that was done.
pub fn note_behalf(tx: &Tx, by: &Member, member: &Member, action: Action) -> Result<()> {
    if by.id == member.id || audit::lately(tx, &by.id, action, &member.id)? {
        return Ok(());
    }
    by.actor().note(tx, action, Some(member), None)
}

/// Lets a member try once more, for no credit; what they had made before is kept. Who signs in by an address is told.
///
/// # Errors
/// There is no such member; or a shoot of theirs is on its way, so there is nothing to try again yet.
pub fn let_retry(tx: &Tx, by: &Actor, email: &Email) -> Result<Member> {
    let member = members::named(tx, &by.organization, email)?;
    grant_retry(tx, by, &member)?;
    Ok(member)
}

/// [`let_retry`] of a member at hand.
pub fn grant_retry(tx: &Tx, by: &Actor, member: &Member) -> Result<()> {
    by.must_be(Role::Admin)?;
    let before = latest(tx, &member.id)?;
    if let Some(why) = cannot_retry(before.as_ref()) {
        return Err(Error::invalid(why));
    }
    let development = before.is_some_and(|shoot| shoot.development);
    let shoot = insert(tx, &by.organization, &member.id, development, true)?;
    by.note(tx, Action::RetryGranted, Some(member), None)?;
    if member.kind != Kind::Anonymous && member.email.is_some() {
        queue::push(tx, Job::RetryMail(shoot.id))?;
    }
    tx.ring(Topic::Organization(by.organization.clone()));
    Ok(())
}

/// Why someone whose latest shoot this is can't be granted a retry; nothing if they can.
pub fn cannot_retry(latest: Option<&Shoot>) -> Option<Message> {
    match latest {
        Some(shoot) if matches!(shoot.state, State::Ready | State::Deleted) || shoot.gave_up() => None,
        Some(shoot) if shoot.state == State::Onboarding => {
            Some(say!("This member is still adding photos, so there is nothing to retry yet."))
        }
        Some(_) => Some(say!("This member's headshots are being made. Wait until they are ready or have failed.")),
        None => Some(say!("This member has made no headshots yet, so there is nothing to retry.")),
    }
}
