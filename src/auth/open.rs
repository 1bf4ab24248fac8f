//! The browsers an account is signed in on, as its person sees them, and signing them out.

use rusqlite::named_params;

use super::{
    notices::{Notice, notify},
    sessions::{IDLE, Method, Session},
};
use crate::{
    clock::Timestamp,
    db::{Topic, Tx, View},
    error::{Error, Result},
    ids::{AccountId, SessionId},
    members,
    secrets::PasswordHash,
};

/// A browser that is signed in, as its person sees it in a list.
#[derive(Clone, Debug)]
pub struct Open {
    /// Which.
    pub id: SessionId,
    /// What the browser calls itself.
    pub agent: Option<String>,
    /// Where it was when it signed in.
    pub address: Option<String>,
    /// How it signed in.
    pub method: Method,
    /// Since when.
    pub created_at: Timestamp,
    /// When it was last used, to ten minutes.
    pub seen_at: Timestamp,
}

/// The browsers an account is signed in on, last used first.
pub fn sessions_of(view: &View, account: &AccountId) -> Result<Vec<Open>> {
    view.all(
        "select id, agent, address, method, created_at, seen_at from sessions
         where account_id = :account and embedded = 0 and second_due = 0 and expires_at > :now and seen_at > :idle
         order by seen_at desc, created_at desc",
        named_params! { ":account": account, ":now": view.now, ":idle": view.now - IDLE },
        |row| {
            Ok(Open {
                id: row.get("id")?,
                agent: row.get("agent")?,
                address: row.get("address")?,
                method: row.get("method")?,
                created_at: row.get("created_at")?,
                seen_at: row.get("seen_at")?,
            })
        },
    )
}

/// Signs one of an account's browsers out.
///
/// # Errors
/// It is none of theirs.
pub fn revoke_session(tx: &Tx, account: &AccountId, id: &SessionId) -> Result<()> {
    let ended = tx.execute(
        "delete from sessions where id = :id and account_id = :account and embedded = 0",
        named_params! { ":id": id, ":account": account },
    )?;
    tx.ring(Topic::SignedOut);
    if ended == 0 { Err(Error::NotFound("Session")) } else { Ok(()) }
}

/// Signs all of an account's browsers out but this one. How many that were.
pub fn end_others(tx: &Tx, account: &AccountId, this: &SessionId) -> Result<usize> {
    tx.ring(Topic::SignedOut);
    tx.execute(
        "delete from sessions where account_id = :account and id != :this and embedded = 0",
        named_params! { ":account": account, ":this": this },
    )
}

/// Sets the password of whoever is signed in, or with none removes it. Their other browsers are signed out.
pub fn change_password(tx: &Tx, session: &Session, password: Option<&PasswordHash>) -> Result<()> {
    match password {
        Some(password) => members::set_password(tx, &session.account, password)?,
        None => members::remove_password(tx, &session.account)?,
    }
    end_others(tx, &session.account, &session.id)?;
    notify(tx, &session.account, Notice::PasswordChanged)
}
