//! What leads do for their members: add those who won't do it themselves, and let someone try again.

use super::{State, begin, insert, latest};
use crate::{
    audit::Action,
    credits,
    db::{Topic, Tx},
    error::{Error, Result},
    members::{self, Actor, Email, Member, NewManaged, Role},
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

/// Lets a member try once more, for no credit; what they had made before is kept.
///
/// # Errors
/// There is no such member; or a shoot of theirs is on its way, so there is nothing to try again yet.
pub fn let_retry(tx: &Tx, by: &Actor, email: &Email) -> Result<Member> {
    by.must_be(Role::Admin)?;
    let member = members::named(tx, &by.organization, email)?;
    let refused = match latest(tx, &member.id)? {
        Some(shoot) if matches!(shoot.state, State::Ready | State::Deleted) || shoot.gave_up() => {
            insert(tx, &by.organization, &member.id, shoot.development, true)?;
            by.note(tx, Action::RetryGranted, Some(&member), None)?;
            return Ok(member);
        }
        Some(shoot) if shoot.state == State::Onboarding => {
            "This member is still adding photos, so there is nothing to retry yet."
        }
        Some(_) => "This member's headshots are being made. Wait until they are ready or have failed.",
        None => "This member has made no headshots yet, so there is nothing to retry.",
    };
    Err(Error::invalid(refused))
}
