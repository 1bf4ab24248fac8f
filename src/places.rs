//! Coming into an organization, from wherever one was before.

use crate::{
    db::Tx,
    error::{Error, Result},
    ids::{AccountId, OrganizationId, TeamId},
    members::{self, Member},
    receipts::{AskedBy, take_down},
    shoots::{self, Shoot, State},
};

/// Brings an account into an organization as a member with a shoot to begin, whatever place it has: one here it keeps, with what
/// was begun or made there; one elsewhere it gives up.
/// What it had made for another organization stays with that one, which paid for it; what it had only begun there goes, since
/// nobody could ever finish it. [000]
///
/// # Errors
/// It owns another organization, which has to be handed over first; or it is one person's own and has models, which go first.
pub fn take_in(
    tx: &Tx,
    organization: &OrganizationId,
    account: &AccountId,
    team: Option<&TeamId>,
) -> Result<(Member, Shoot)> {
    if let Some(elsewhere) = members::of_account(tx, account)?.filter(|place| place.organization != *organization) {
        if shoots::is_alone(tx, &elsewhere)? && !shoots::own_models(tx, &elsewhere)?.is_empty() {
            return Err(Error::invalid(say!(
                "This address has headshots of its own here. They have to be removed before it joins an organization."
            )));
        }
        // Whoever may not leave is refused below, and then none of this happens.
        for shoot in shoots::of_member(tx, &elsewhere.id)?.iter().filter(|shoot| shoot.state == State::Onboarding) {
            take_down(tx, AskedBy::Person, shoot, "Left the organization")?;
        }
    }
    let member = members::move_in(tx, organization, account, team)?;
    let shoot = match shoots::latest(tx, &member.id)?.filter(|shoot| shoot.state != State::Deleted) {
        Some(shoot) => shoot,
        None => shoots::begin(tx, organization, &member.id, false)?,
    };
    Ok((member, shoot))
}
