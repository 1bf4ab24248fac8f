//! Sign-in links that join, by an invite or by an open link: what is checked once more when they are used.

use rusqlite::named_params;

use super::links::{MagicLink, Toward, place_of, send_link};
use crate::{
    db::{Tx, View},
    error::{Error, Result},
    ids::{InviteId, LinkId, MagicLinkId},
    invites,
    links::{self, Link, State},
    members::{Account, Email},
};

/// Someone followed an open link and typed an address. What happens here is the same for every address the link is for, so
/// that neither the answer nor its time tells who is known; whether it still lets anyone in is looked at when they come. [000]
///
/// # Errors
/// An address of another domain than the link is for.
pub fn ask_to_join(tx: &Tx, link: &LinkId, email: &Email) -> Result<()> {
    links::get(tx, link)?.must_admit(email)?;
    send_link(tx, email, Toward::Link(link))
}

/// The open link that a sign-in link is to join by. None for who belongs to its organization already: theirs becomes a plain
/// way back, which goes on working when the open link is revoked.
pub(super) fn still_outside(tx: &Tx, id: &MagicLinkId, link: &LinkId, email: &Email) -> Result<Option<Link>> {
    let link = links::get(tx, link)?;
    if !inside(tx, &link, email)? {
        return Ok(Some(link));
    }
    tx.execute("update magic_links set link_id = null where id = :id", named_params! { ":id": id })?;
    Ok(None)
}

/// The open link of a sign-in link, if its person can't join by it any more. Who has joined meanwhile can still come in, unless
/// it was revoked: that stops everything that was mailed for it.
pub(super) fn closed(view: &View, magic: &MagicLink) -> Result<Option<Link>> {
    let (Some(id), Some(email)) = (&magic.joins_by, &magic.email) else { return Ok(None) };
    let link = links::get(view, id)?;
    let closed = match link.state(view.now) {
        State::Open => false,
        State::Revoked => true,
        State::UsedUp | State::Expired => !inside(view, &link, email)?,
    };
    Ok(closed.then_some(link))
}

/// Joins, and answers a personal invite to the same organization by it. None for who belongs there already.
pub(super) fn join(tx: &Tx, id: &LinkId, email: &Email) -> Result<Option<Account>> {
    if inside(tx, &links::get(tx, id)?, email)? {
        return Ok(None);
    }
    let (account, member) = links::accept(tx, id, email)?;
    invites::accept_along(tx, &member)?;
    Ok(Some(account))
}

/// Joins by what a used sign-in link is for, as if it were used now. Whether that made them a member.
pub(super) fn resume(tx: &Tx, id: &MagicLinkId) -> Result<bool> {
    let link = tx.one("select * from magic_links where id = :id", named_params! { ":id": id }, MagicLink::from_row)?;
    if let Some(sentence) = closed(tx, &link)?.and_then(|closed| closed.state(tx.now).refusal()) {
        return Err(Error::Unauthorized(sentence.into()));
    }
    Ok(by_link(tx, &link)?.is_some())
}

/// Joins by what a sign-in link is for, if it is for more than coming back.
pub(super) fn by_link(tx: &Tx, link: &MagicLink) -> Result<Option<Account>> {
    match (link.toward(), &link.email) {
        (Toward::Invite(id), _) => accept_once(tx, id),
        (Toward::Link(id), Some(email)) => join(tx, id, email),
        _ => Ok(None),
    }
}

/// Accepts the invite if it is still open; an accepted one is a way back for its member.
fn accept_once(tx: &Tx, id: &InviteId) -> Result<Option<Account>> {
    if invites::get(tx, id)?.state == invites::State::Accepted {
        return Ok(None);
    }
    invites::accept(tx, id).map(|(account, _)| Some(account))
}

fn inside(view: &View, link: &Link, email: &Email) -> Result<bool> {
    Ok(place_of(view, email)?.is_some_and(|place| place.organization == link.organization))
}
