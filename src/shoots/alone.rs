//! People on their own, and what people have made that has to be settled before they come into an organization. [000]

use rusqlite::named_params;

use super::{Shoot, State, begin, latest, of_member};
use crate::{
    credits,
    db::{Tx, View},
    error::{Error, Result},
    members::{self, Account, Member, Role},
    organizations,
};

/// What the first credits of someone on their own are called in the ledger.
const SIGNED_UP: &str = "Signed up";

/// Gives an account without a place one of its own, with the first `granted` credits and a shoot to begin. Whoever has a place
/// keeps it.
pub fn begin_alone(tx: &Tx, account: &Account, granted: i64) -> Result<Member> {
    if let Some(here) = members::of_account(tx, &account.id)? {
        return Ok(here);
    }
    let called = account.email.as_ref().map_or("Someone", |email| email.as_str());
    let own = organizations::create_for_one(tx, called)?;
    let member = members::join(tx, &own.id, &account.id, None, Role::Member)?;
    if granted > 0 {
        credits::grant(tx, &own.id, granted, SIGNED_UP)?;
    }
    begin(tx, &own.id, &member.id, false)?;
    Ok(member)
}

/// Whether someone makes headshots for themselves alone.
pub fn is_alone(view: &View, member: &Member) -> Result<bool> {
    Ok(organizations::get(view, &member.organization)?.is_alone())
}

/// What someone on their own has made, which goes before they join an organization. A shoot that was begun and never got a
/// photo is nothing.
pub fn own_models(view: &View, member: &Member) -> Result<Vec<Shoot>> {
    let mut all = of_member(view, &member.id)?;
    all.retain(|shoot| match shoot.state {
        State::Deleted => false,
        State::Onboarding => shoot.photos > 0,
        _ => true,
    });
    Ok(all)
}

/// Someone on their own begins once more. They pay for it when they submit, like the first time.
///
/// # Errors
/// They are in an organization, whose leads decide; or their last shoot is still under way; or they have no credit.
pub fn begin_again(tx: &Tx, member: &Member) -> Result<Shoot> {
    if !is_alone(tx, member)? {
        return Err(Error::forbidden(say!(
            "Your organization decides who makes headshots again. Ask one of its leads."
        )));
    }
    let last = latest(tx, &member.id)?;
    if last.is_some_and(|last| !matches!(last.state, State::Ready | State::Deleted) && !last.gave_up()) {
        return Err(Error::invalid(say!("Your last headshots are still under way. Finish those first.")));
    }
    credits::must_have_one(tx, &member.organization)?;
    begin(tx, &member.organization, &member.id, false)
}

/// Whether a member has headshots to look at, and whether photos they have not submitted.
pub fn made_and_begun(view: &View, member: &Member) -> Result<(bool, bool)> {
    view.one(
        "select coalesce(max(state = 'ready'), 0) as made, coalesce(max(state = 'onboarding' and photos > 0), 0) as begun
         from shoots where member_id = :member",
        named_params! { ":member": member.id },
        |row| Ok((row.get("made")?, row.get("begun")?)),
    )
}
