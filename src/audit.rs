//! Who did what in an organization: written in the transaction of the deed, read by its leads, gone after a year. That nobody
//! changed it since is what [`verify`] looks at; `docs/audit.md` says how.

use std::time::Duration;

use rusqlite::{Row, named_params};

use crate::{
    clock::Timestamp,
    db::{View, stored_as_text},
    error::Result,
    ids::{MemberId, OrganizationId},
    secrets::Digest,
};

mod action;
mod chain;
mod listing;

pub use action::{Action, Group};
pub use chain::{Check, Fault, Head, Last, broken, expire, keep, last_check, told, unchecked, verify, write};
pub use listing::{Filter, export, page, search};

stored_as_text! {
    /// By which door someone came.
    pub enum Via {
        /// A person on our pages.
        Session = "session",
        /// A program with an API key.
        Key = "key",
        /// The operator at the command line.
        Operator = "operator",
        /// The server by itself, on a schedule.
        Server = "server",
    }
}

/// What was so before a deed and after it: short, in words, never a secret.
#[derive(Clone, Copy, Debug, Default)]
pub struct Change<'a> {
    /// Until then; nothing if there was nothing.
    pub before: Option<&'a str>,
    /// From then on; nothing if there is nothing any more.
    pub after: Option<&'a str>,
}

impl<'a> Change<'a> {
    /// From this to that.
    pub const fn new(before: &'a str, after: &'a str) -> Self {
        Self { before: Some(before), after: Some(after) }
    }

    /// Something there was not before.
    pub const fn to(after: &'a str) -> Self {
        Self { before: None, after: Some(after) }
    }

    /// Something that is no more.
    pub const fn from(before: &'a str) -> Self {
        Self { before: Some(before), after: None }
    }

    /// Between what may be there and what may be there.
    pub fn between(before: Option<&'a str>, after: Option<&'a str>) -> Self {
        Self { before, after }
    }

    /// Of a switch that is set to `on`.
    pub const fn switched(on: bool) -> Self {
        if on { Self::new("off", "on") } else { Self::new("on", "off") }
    }
}

/// A deed, as it is written down.
#[derive(Clone, Debug)]
pub struct Deed<'a> {
    /// In which organization.
    pub organization: &'a OrganizationId,
    /// By which door.
    pub via: Via,
    /// By which member, if it was one.
    pub member: Option<&'a MemberId>,
    /// What they were called.
    pub who: &'a str,
    /// What was done.
    pub action: Action,
    /// To which member, if to one.
    pub subject_id: Option<&'a MemberId>,
    /// What it was done to, as it is called.
    pub subject: Option<&'a str>,
    /// What else there is to know.
    pub detail: Option<&'a str>,
    /// What it changed.
    pub change: Change<'a>,
}

/// A deed, as it is read.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its number; later ones are higher.
    pub number: i64,
    /// By which door.
    pub via: Via,
    /// By which member, if it was one who is still here.
    pub member: Option<MemberId>,
    /// What they were called then.
    pub who: String,
    /// What was done.
    pub action: Action,
    /// To which member, if to one who is still here.
    pub subject_id: Option<MemberId>,
    /// What it was done to, as it was called then.
    pub subject: Option<String>,
    /// What else there is to know.
    pub detail: Option<String>,
    /// What was so before it, in words.
    pub before: Option<String>,
    /// What is so since, in words.
    pub after: Option<String>,
    /// Its place in the chain; nothing if it is older than the chain.
    pub digest: Option<Digest>,
    /// When.
    pub created_at: Timestamp,
}

impl Entry {
    fn from_row(row: &Row) -> rusqlite::Result<Self> {
        Ok(Self {
            number: row.get("id")?,
            via: row.get("via")?,
            member: row.get("member_id")?,
            who: row.get("who")?,
            action: row.get("action")?,
            subject_id: row.get("subject_id")?,
            subject: row.get("subject")?,
            detail: row.get("detail")?,
            before: row.get("before")?,
            after: row.get("after")?,
            digest: row.get("digest")?,
            created_at: row.get("created_at")?,
        })
    }
}

/// When this was done to a member last; nothing if never, or too long ago.
pub fn last(view: &View, subject: &MemberId, action: Action) -> Result<Option<Timestamp>> {
    view.one(
        "select max(created_at) from audit where subject_id = :subject and action = :action",
        named_params! { ":subject": subject, ":action": action },
        |row| row.get(0),
    )
}

/// What the person was called who did this to a member last; nothing if it was no person on our pages, or too long ago.
pub fn last_by(view: &View, subject: &MemberId, action: Action) -> Result<Option<String>> {
    view.find(
        "select who from audit where subject_id = :subject and action = :action and via = 'session' order by id desc limit 1",
        named_params! { ":subject": subject, ":action": action },
        |row| row.get(0),
    )
}

/// How long the same deed done again counts as the one before.
const SAME_DEED: Duration = Duration::from_secs(60 * 60);

/// Whether a member has done this to another one within the hour.
pub fn lately(view: &View, by: &MemberId, action: Action, to: &MemberId) -> Result<bool> {
    view.one(
        "select exists (
             select 1 from audit
             where subject_id = :to and member_id = :by and action = :action and created_at > :since
         )",
        named_params! { ":to": to, ":by": by, ":action": action, ":since": view.now - SAME_DEED },
        |row| row.get(0),
    )
}
