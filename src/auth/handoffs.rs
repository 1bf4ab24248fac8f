//! From a browser that is signed in to a phone: a link, shown as a QR code, that signs in once and within minutes.
//!
//! What it begins is as good as the session it comes from, and no better: signed in in the same way, at the same time and until
//! the same time. So it never counts as having just shown who one is, and a chain of phones outlives nothing.

use std::time::Duration;

use rusqlite::{Row, named_params};

use super::{
    sessions::{self, Device, Entered, Session, Then, keep, of_digest, whole},
    single_sign_on,
};
use crate::{
    clock::Timestamp,
    db::{Tx, View},
    error::{Error, Result},
    ids::{AccountId, ConnectionId, OrganizationId},
    members,
    secrets::{Digest, Token},
};

/// How long such a link works.
const LIFETIME: Duration = Duration::from_secs(10 * 60);

/// Where everything is that it may lead to.
const BELOW: &str = "/team-member";

/// Where a link leads that still works.
#[derive(Clone, Debug)]
pub struct Handoff {
    /// The session it comes from: whom it signs in, and whether inside another product.
    pub session: Session,
    /// Where it goes on.
    pub path: String,
}

/// Makes a link for the browser with this cookie. Earlier ones of it that were not used work no more: the code on the screen is
/// the one that counts.
///
/// # Errors
/// [`Error::Unauthorized`] for a browser that isn't signed in, or has yet to show a second factor; a path anywhere but among the
/// member's pages.
pub fn hand_off(tx: &Tx, cookie: &str, path: &str) -> Result<Token> {
    let from = Digest::of(cookie);
    if of_digest(tx, &from)?.is_none() {
        return Err(Error::Unauthorized(say!("You are not signed in.")));
    }
    let below = path.strip_prefix(BELOW).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    if !below || path.contains(['\\', '?', '#']) || path.contains("..") {
        return Err(Error::invalid(say!("There is nothing to go on with at this address.")));
    }
    forget_of(tx, &from)?;
    let token = Token::new();
    tx.execute(
        "insert into handoffs (digest, session_digest, path, created_at, expires_at)
         values (:digest, :from, :path, :now, :expires_at)",
        named_params! {
            ":digest": token.digest(), ":from": from, ":path": path, ":now": tx.now, ":expires_at": tx.now + LIFETIME,
        },
    )?;
    Ok(token)
}

/// Where a link leads; nowhere if it was used, is too old, or the session it comes from has ended. Changes nothing.
pub fn look_at_handoff(view: &View, token: &str) -> Result<Option<Handoff>> {
    let found = view.find(
        "select session_digest, path from handoffs where digest = :digest and used_at is null and expires_at > :now",
        named_params! { ":digest": Digest::of(token), ":now": view.now },
        |row| Ok((row.get::<_, Digest>("session_digest")?, row.get("path")?)),
    )?;
    let Some((from, path)) = found else { return Ok(None) };
    Ok(of_digest(view, &from)?.map(|session| Handoff { session, path }))
}

/// The organization whose pages a link leads to, also when it works no more; and whether inside another product.
pub fn organization_of_handoff(view: &View, token: &str) -> Result<Option<(OrganizationId, bool)>> {
    view.find(
        "select m.organization_id, s.embedded from handoffs h
         join sessions s on s.digest = h.session_digest
         join members m on m.account_id = s.account_id
         where h.digest = :digest",
        named_params! { ":digest": Digest::of(token) },
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

/// What the new session takes over.
struct Parent {
    account: AccountId,
    method: sessions::Method,
    connection: Option<ConnectionId>,
    created_at: Timestamp,
    expires_at: Timestamp,
}

impl Parent {
    fn from_row(row: &Row) -> rusqlite::Result<Self> {
        Ok(Self {
            account: row.get("account_id")?,
            method: row.get("method")?,
            connection: row.get("connection_id")?,
            created_at: row.get("created_at")?,
            expires_at: row.get("expires_at")?,
        })
    }
}

/// Signs a phone in by a link. Of two that try at once, one wins. Where it goes on comes with it.
///
/// Its person is told of the phone if it was never seen before, as of any other: a code on a screen can be photographed by
/// whoever passes, and the mail is how one gets to know.
///
/// # Errors
/// [`Error::Unauthorized`] if it was used, is too old, or what it comes from has ended.
pub fn use_handoff(tx: &Tx, token: &str, device: &Device) -> Result<(Entered, String)> {
    let gone = || Error::Unauthorized(say!("This code was used or is too old. Show a fresh one on the other screen."));
    let used = tx.find(
        "update handoffs set used_at = :now where digest = :digest and used_at is null and expires_at > :now
         returning session_digest, path",
        named_params! { ":now": tx.now, ":digest": Digest::of(token) },
        |row| Ok((row.get::<_, Digest>(0)?, row.get::<_, String>(1)?)),
    )?;
    let (from, path) = used.ok_or_else(gone)?;
    let session = of_digest(tx, &from)?.ok_or_else(gone)?;
    let parent = tx.one(
        "select account_id, method, connection_id, created_at, expires_at from sessions where digest = :digest",
        named_params! { ":digest": from },
        Parent::from_row,
    )?;
    let (account, method) = (&parent.account, parent.method);
    if !session.embedded {
        single_sign_on::must_be_open(tx, &members::account(tx, account)?, method)?;
    }
    let begun = keep(tx, account, method, parent.connection.as_ref(), device, parent.expires_at)?;
    tx.execute(
        "update sessions set created_at = :created_at where digest = :digest",
        named_params! { ":created_at": parent.created_at, ":digest": begun.digest() },
    )?;
    if session.embedded {
        let (account, member) = (parent.account, session.member);
        return Ok((
            Entered { session: begun, account, member, then: Then::Home, second_due: false, mark: None },
            path,
        ));
    }
    Ok((whole(tx, account, begun, device, say!("by a code on a screen that was signed in"))?, path))
}

/// Takes back what a session has handed on and nobody used.
pub(super) fn forget_of(tx: &Tx, session: &Digest) -> Result<()> {
    tx.execute("delete from handoffs where session_digest = :session", named_params! { ":session": session })?;
    Ok(())
}

/// Forgets those whose time is over, a few at a time. They stay a day, so that who comes late sees whose they were.
pub(super) fn expire(tx: &Tx) -> Result<usize> {
    tx.execute(
        "delete from handoffs where digest in (select digest from handoffs where expires_at < :old limit 500)",
        named_params! { ":old": tx.now - Duration::from_secs(24 * 60 * 60) },
    )
}
