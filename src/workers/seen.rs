//! The workers that were heard of, for whoever looks after the server.

use std::time::Duration;

use rusqlite::named_params;
use serde::Serialize;

use crate::{
    clock::Timestamp,
    db::{Tx, View},
    error::Result,
};

/// A worker with nothing to do asks every half minute: one that was not heard of for longer than this is gone.
pub const RECENTLY: Duration = Duration::from_secs(2 * 60);

/// One that was not heard of for so long is forgotten.
const KEPT: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// How exactly the last time is known: more often than this it isn't written.
const WRITTEN_EVERY: Duration = Duration::from_secs(20);

/// A worker on another machine.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Seen {
    /// As it calls itself.
    pub name: String,
    /// Of its Headroom.
    pub version: String,
    /// Shoots it makes at the same time.
    pub at_once: u32,
    /// When it was last heard of, to the half minute.
    pub seen_at: Timestamp,
    /// Shoots it has made.
    pub made: u32,
    /// Shoots it makes now.
    pub makes: u32,
}

/// The workers that were heard of [`RECENTLY`], by their names.
///
/// # Errors
/// The database can't be read.
pub fn seen(view: &View) -> Result<Vec<Seen>> {
    view.all(
        "select name, version, at_once, seen_at, made,
             (select count(*) from work where work.worker = workers.name and state = 'held' and lease_until > :now) as makes
         from workers where seen_at > :since order by name",
        named_params! { ":now": view.now, ":since": view.now - RECENTLY },
        |row| {
            Ok(Seen {
                name: row.get("name")?,
                version: row.get("version")?,
                at_once: row.get("at_once")?,
                seen_at: row.get("seen_at")?,
                made: row.get("made")?,
                makes: row.get("makes")?,
            })
        },
    )
}

/// How many shoots the workers make at the same time that were heard of [`RECENTLY`].
///
/// # Errors
/// The database can't be read.
pub fn at_once(view: &View) -> Result<usize> {
    Ok(seen(view)?.iter().map(|worker| worker.at_once as usize).sum())
}

/// A worker that holds a shoot was heard of, which is not written more often than need be.
pub(super) fn hears(tx: &Tx, name: &str) -> Result<()> {
    tx.execute(
        "update workers set seen_at = :now where name = :name and seen_at < :stale",
        named_params! { ":now": tx.now, ":name": name, ":stale": tx.now - WRITTEN_EVERY },
    )?;
    Ok(())
}

/// A worker has come, or asks for something to do, and says what it is. That is not written more often than need be either.
pub(super) fn came(tx: &Tx, name: &str, version: &str, at_once: u32) -> Result<()> {
    tx.execute(
        "insert into workers (name, version, at_once, seen_at) values (:name, :version, :at_once, :now)
         on conflict (name) do update set version = :version, at_once = :at_once, seen_at = :now
         where seen_at < :stale or version != :version or at_once != :at_once",
        named_params! {
            ":name": name, ":version": version, ":at_once": at_once, ":now": tx.now, ":stale": tx.now - WRITTEN_EVERY,
        },
    )?;
    Ok(())
}

/// A worker has made one more.
pub(super) fn has_made(tx: &Tx, name: &str) -> Result<()> {
    tx.execute(
        "update workers set made = made + 1, seen_at = :now where name = :name",
        named_params! { ":now": tx.now, ":name": name },
    )?;
    Ok(())
}

/// Forgets workers that were not heard of for a week. How many.
pub(super) fn expire(tx: &Tx) -> Result<usize> {
    tx.execute("delete from workers where seen_at < :before", named_params! { ":before": tx.now - KEPT })
}
