//! Half sessions: good for nothing but showing a second factor, after which a whole one takes their place. And whole ones whose
//! person shows again who they are.

use std::time::Duration;

use rusqlite::named_params;

use super::{
    joining::{self, Taken},
    sessions::{self, Device, Entered, IDLE, LONGEST, Method, Then, end_session, keep, whole},
    single_sign_on,
};
use crate::{
    db::{Tx, View},
    error::Result,
    ids::{AccountId, ConnectionId, MagicLinkId},
    members,
    secrets::Digest,
};

/// How long someone may take to show their second factor.
const WITHIN: Duration = Duration::from_secs(10 * 60);

/// Wrong second factors a session bears.
const TRIES: i64 = 5;

/// Begins a session that is good for showing the second factor only. What the person came to join waits for it.
pub(super) fn begin_half(
    tx: &Tx,
    account: &AccountId,
    method: Method,
    device: &Device,
    joins: Option<&MagicLinkId>,
) -> Result<Entered> {
    let session = keep(tx, account, method, None, device, tx.now + WITHIN)?;
    tx.execute(
        "update sessions set second_due = 1, joins = :joins where digest = :digest",
        named_params! { ":joins": joins, ":digest": session.digest() },
    )?;
    let (account, then) = (account.clone(), Then::Home);
    Ok(Entered { session, account, member: None, then, second_due: true, mark: None })
}

/// A session whose person can show a second factor.
pub(super) struct Provable {
    pub(super) account: AccountId,
    method: Method,
    connection: Option<ConnectionId>,
    joins: Option<MagicLinkId>,
    half: bool,
}

/// The session of this cookie, whole or half, if a second factor can be shown on it.
pub(super) fn provable(view: &View, cookie: &str) -> Result<Option<Provable>> {
    view.find(
        "select account_id, method, connection_id, joins, second_due from sessions
         where digest = :digest and expires_at > :now and seen_at > :idle and embedded = 0 and tries < :tries",
        named_params! {
            ":digest": Digest::of(cookie), ":now": view.now, ":idle": view.now - IDLE, ":tries": TRIES,
        },
        |row| {
            Ok(Provable {
                account: row.get("account_id")?,
                method: row.get("method")?,
                connection: row.get("connection_id")?,
                joins: row.get("joins")?,
                half: row.get("second_due")?,
            })
        },
    )
}

/// Counts a wrong second factor. Whether that ended the session.
pub(super) fn count_wrong(tx: &Tx, cookie: &str) -> Result<bool> {
    let tries: Option<i64> = tx.find(
        "update sessions set tries = tries + 1 where digest = :digest and tries < :tries returning tries",
        named_params! { ":digest": Digest::of(cookie), ":tries": TRIES },
        |row| row.get(0),
    )?;
    let over = tries.is_none_or(|tries| tries >= TRIES);
    if over {
        end_session(tx, cookie)?;
    }
    Ok(over)
}

/// Begins a whole session in place of another. What waited for the second factor is done now; what waits until its person
/// converts their account goes on waiting.
///
/// # Errors
/// The way in has closed meanwhile; or single sign-on has become the only one, as [`single_sign_on::must_be_open`] says.
pub(super) fn renew(tx: &Tx, cookie: &str, open: Provable, device: &Device) -> Result<Entered> {
    end_session(tx, cookie)?;
    let taken = match &open.joins {
        Some(link) if open.half => joining::resume(tx, link)?,
        Some(_) => Taken::Held,
        None => Taken::Not,
    };
    single_sign_on::must_be_open(tx, &members::account(tx, &open.account)?, open.method)?;
    let session = keep(tx, &open.account, open.method, open.connection.as_ref(), device, tx.now + LONGEST)?;
    let then = match (taken, &open.joins) {
        (Taken::In(_), _) => Then::Begin,
        (Taken::Held, Some(link)) => {
            sessions::hold(tx, &session, link)?;
            Then::Convert
        }
        (Taken::Held, None) | (Taken::Not, _) => Then::Home,
    };
    let how = open.method.words_with_second();
    Ok(Entered { then, ..whole(tx, &open.account, session, device, how)? })
}

/// Whose second factor this browser still has to show.
pub fn halfway(view: &View, cookie: &str) -> Result<Option<AccountId>> {
    view.find(
        "select account_id from sessions where digest = :digest and second_due = 1 and expires_at > :now",
        named_params! { ":digest": Digest::of(cookie), ":now": view.now },
        |row| row.get(0),
    )
}
