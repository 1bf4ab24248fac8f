//! Sign-in links that join, by an invite or by an open link: what is checked once more when they are used.

use rusqlite::named_params;

use super::{
    links::{MagicLink, Toward, place_of},
    mailed::send_link,
    sessions::{self, Session},
    single_sign_on,
};
use crate::{
    clock::Timestamp,
    db::{Tx, View},
    error::{Error, Result},
    ids::{LinkId, MagicLinkId, OrganizationId},
    invites::{self, Invite},
    links::{self, Link, State},
    members::{Account, Email, Member, Role},
    organizations, shoots,
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

/// What someone has elsewhere when they come into an organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Before {
    /// Nothing that matters.
    Nothing,
    /// Headshots of their own: the account is converted on a page of its own.
    Models,
    /// A place in another organization, which they give up.
    Leaves {
        /// What that one is called.
        organization: String,
        /// They help to lead it.
        leads: bool,
        /// There are headshots, which stay there.
        headshots: bool,
        /// There are photos they have not submitted, which go.
        photos: bool,
    },
    /// Another organization: it has to be handed over first.
    Owns {
        /// What that one is called.
        organization: String,
    },
}

impl Before {
    /// Whether a place is given up.
    pub fn leaves(&self) -> bool {
        matches!(self, Self::Leaves { .. })
    }
}

/// What has to be settled before an address comes into an organization. [000]
pub(super) fn before(view: &View, email: &Email, organization: &OrganizationId) -> Result<Before> {
    let Some(here) = place_of(view, email)?.filter(|here| here.organization != *organization) else {
        return Ok(Before::Nothing);
    };
    let there = organizations::get(view, &here.organization)?;
    if there.is_alone() {
        let none = shoots::own_models(view, &here)?.is_empty();
        return Ok(if none { Before::Nothing } else { Before::Models });
    }
    if here.role == Role::Owner {
        return Ok(Before::Owns { organization: there.name });
    }
    let (headshots, photos) = shoots::made_and_begun(view, &here)?;
    Ok(Before::Leaves { organization: there.name, leads: here.leads(), headshots, photos })
}

/// What came of a sign-in link that may lead into an organization.
pub(super) enum Taken {
    /// They are in.
    In(Account),
    /// Their own headshots have to go first: nothing happened yet.
    Held,
    /// It leads nowhere they aren't.
    Not,
}

/// Accepts the invite of a sign-in link, or joins by its open link. An invite that was accepted, and a link into where they
/// are, is just a way back.
pub(super) fn take(tx: &Tx, magic: &MagicLink) -> Result<Taken> {
    let Some(email) = &magic.email else { return Ok(Taken::Not) };
    let way = match way_of(tx, magic)? {
        Some(WayIn::Invite(invite)) if invite.state == invites::State::Accepted => return Ok(Taken::Not),
        Some(WayIn::Link(link)) if inside(tx, &link, email)? => return Ok(Taken::Not),
        Some(way) => way,
        None => return Ok(Taken::Not),
    };
    if before(tx, email, way.organization())? == Before::Models {
        return Ok(Taken::Held);
    }
    enter(tx, &way, email).map(|(account, _)| Taken::In(account))
}

/// A way into an organization.
#[derive(Clone, Debug)]
pub enum WayIn {
    /// By a personal invite.
    Invite(Invite),
    /// By an open link.
    Link(Link),
}

impl WayIn {
    /// Into which.
    pub fn organization(&self) -> &OrganizationId {
        match self {
            Self::Invite(invite) => &invite.organization,
            Self::Link(link) => &link.organization,
        }
    }

    /// Whether it lets anyone in now.
    pub fn open(&self, now: Timestamp) -> bool {
        match self {
            Self::Invite(invite) => invite.open(now),
            Self::Link(link) => link.state(now) == State::Open,
        }
    }
}

fn way_of(view: &View, magic: &MagicLink) -> Result<Option<WayIn>> {
    Ok(match magic.toward() {
        Toward::Invite(id) => Some(WayIn::Invite(invites::get(view, id)?)),
        Toward::Link(id) => Some(WayIn::Link(links::get(view, id)?)),
        Toward::Back | Toward::Alone => None,
    })
}

/// The way into an organization that waits for someone on their own: the one they came by, or else an invite to their address.
/// If neither lets anyone in any more, the one they came by, to say so.
pub fn way_in(view: &View, session: &Session) -> Result<Option<WayIn>> {
    let came_by = match &session.joins {
        Some(id) => {
            let magic =
                view.one("select * from magic_links where id = :id", named_params! { ":id": id }, MagicLink::from_row)?;
            way_of(view, &magic)?
        }
        None => None,
    };
    if came_by.as_ref().is_some_and(|way| way.open(view.now)) {
        return Ok(came_by);
    }
    let invited = match &session.email {
        Some(email) => invites::waiting_for(view, email)?,
        None => None,
    };
    Ok(invited.map(WayIn::Invite).or(came_by))
}

/// Lets an address in by a way; nothing waits for its account after that. Where single sign-on is the only way in, whoever came
/// by another one is signed out, and goes on by it.
///
/// # Errors
/// As [`invites::accept`] and [`links::accept`].
pub fn join_by(tx: &Tx, way: &WayIn, email: &Email) -> Result<Member> {
    let (account, member) = enter(tx, way, email)?;
    sessions::let_go(tx, &account.id)?;
    if single_sign_on::bound_to(tx, email)?.is_some() {
        sessions::end_sessions(tx, &account.id, None)?;
    }
    Ok(member)
}

/// Whoever joins by an open link answers a personal invite to the same organization by it.
fn enter(tx: &Tx, way: &WayIn, email: &Email) -> Result<(Account, Member)> {
    match way {
        WayIn::Invite(invite) => invites::accept(tx, &invite.id),
        WayIn::Link(link) => {
            let (account, member) = links::accept(tx, &link.id, email)?;
            invites::accept_along(tx, &member)?;
            Ok((account, member))
        }
    }
}

/// Does what a used sign-in link is for, as if it were used now.
///
/// # Errors
/// Its open link is closed by now; or as [`take`].
pub(super) fn resume(tx: &Tx, id: &MagicLinkId) -> Result<Taken> {
    let magic = tx.one("select * from magic_links where id = :id", named_params! { ":id": id }, MagicLink::from_row)?;
    if let Some(sentence) = closed(tx, &magic)?.and_then(|closed| closed.state(tx.now).refusal()) {
        return Err(Error::Unauthorized(sentence));
    }
    take(tx, &magic)
}

fn inside(view: &View, link: &Link, email: &Email) -> Result<bool> {
    Ok(place_of(view, email)?.is_some_and(|place| place.organization == link.organization))
}
