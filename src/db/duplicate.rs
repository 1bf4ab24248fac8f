//! A copy of the database in a file of its own, made while others read and write the original.

use std::{collections::BTreeMap, path::Path, time::Duration};

use rusqlite::{Connection, OpenFlags};

use super::{Snapshot, View, schema};
use crate::{
    clock::Timestamp,
    error::{Error, Result},
};

/// A database file that nobody else has open: a copy just made, or one out of a backup.
pub struct Duplicate {
    connection: Connection,
}

impl Duplicate {
    /// Copies the database at `from`, as it is at this moment, to `to`, where nothing or an empty file may be. Whoever writes meanwhile waits
    /// for nothing: readers of a write-ahead log never hold up its writer. What was deleted is not in the copy, not even in its
    /// unused pages.
    ///
    /// # Errors
    /// There is no such database, or no room for the copy.
    pub fn make(from: &Path, to: &Path) -> Result<Self> {
        // Not as one that only reads: that would need a log to be there already, and one may begin at any moment.
        let original = open(from)?;
        let path = to.to_str().ok_or_else(|| Error::invalid(plain!("{} is no path in UTF-8.", to.display())))?;
        original.execute("vacuum into ?1", [path]).map_err(|cause| cannot_copy(to, cause))?;
        Self::open(to)
    }

    /// Opens a copy. It becomes no write-ahead log, so it stays one file.
    ///
    /// # Errors
    /// There is no such file, or it is no database.
    pub fn open(path: &Path) -> Result<Self> {
        let connection = open(path)?;
        connection.pragma_update(None, "foreign_keys", true)?;
        Ok(Self { connection })
    }

    /// Whether it is ours, its version, and the one this program knows.
    pub fn versions(&self) -> Result<(bool, i32, i32)> {
        schema::versions(&self.connection)
    }

    /// The first thing that is wrong with it: a damaged page, an index that misses a row, a row that refers to none.
    pub fn damage(&self) -> Result<Option<String>> {
        let found: String = self.connection.query_row("pragma integrity_check(1)", [], |row| row.get(0))?;
        if found != "ok" {
            return Ok(Some(found));
        }
        let mut orphans = self.connection.prepare("pragma foreign_key_check")?;
        let mut rows = orphans.query([])?;
        rows.next()?
            .map(|row| {
                let (table, parent): (String, String) = (row.get("table")?, row.get("parent")?);
                Ok(format!("a row of {table} refers to a row of {parent} that is not there"))
            })
            .transpose()
    }

    /// How many rows each table has.
    pub fn rows(&self) -> Result<BTreeMap<String, u64>> {
        let tables: Vec<String> = self
            .connection
            .prepare("select name from sqlite_schema where type = 'table' and name not like 'sqlite\\_%' escape '\\'")?
            .query_map([], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        let count = |table: String| {
            // The names are the schema's own; older versions had others than this one has.
            let sql = format!("values ((select count(*) from \"{table}\"))");
            let rows: i64 = self.connection.query_row(&sql, [], |row| row.get(0))?;
            Ok((table, rows.unsigned_abs()))
        };
        tables.into_iter().map(count).collect()
    }

    /// Brings an older schema up to this program's.
    ///
    /// # Errors
    /// It is a newer one's, or another program's.
    pub fn bring_up_to_date(&mut self, name: &Path) -> Result<()> {
        schema::bring_up_to_date(&mut self.connection, name)
    }

    /// Reads it, as of `now`.
    pub fn read<T>(&self, now: Timestamp, read: impl FnOnce(&View) -> Result<T>) -> Result<T> {
        let snapshot = Snapshot::of(&self.connection)?;
        read(&View { connection: snapshot.0, now })
    }
}

fn cannot_copy(to: &Path, cause: rusqlite::Error) -> Error {
    use rusqlite::ErrorCode::{DiskFull, SystemIoFailure};
    match cause.sqlite_error_code() {
        Some(DiskFull | SystemIoFailure) => Error::invalid(plain!(
            "The database can't be copied to {} ({cause}). Make room there, or choose another place; nothing was kept of it.",
            to.display()
        )),
        _ => cause.into(),
    }
}

fn open(path: &Path) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(|cause| schema::cannot_open(path, cause))?;
    connection.busy_timeout(Duration::from_secs(5))?;
    Ok(connection)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        clock::Clock,
        db::{Db, Place, Tx},
    };

    #[tokio::test]
    async fn a_copy_holds_what_was_committed_and_stays_one_file() {
        let directory = tempfile::tempdir().unwrap();
        let (original, copied) = (directory.path().join("headroom.db"), directory.path().join("copy.db"));
        let db = Db::open(&Place::File(original.clone()), Clock::system()).unwrap();
        let proven = |tx: &Tx| {
            tx.prove_writable()?;
            Ok(())
        };
        db.write(proven).await.unwrap();
        let copy = Duplicate::make(&original, &copied).unwrap();
        let (ours, version, newest) = copy.versions().unwrap();
        assert!(ours && version == newest);
        assert_eq!(copy.damage().unwrap(), None);
        let rows = copy.rows().unwrap();
        assert_eq!((rows["pulse"], rows["organizations"]), (1, 0));
        assert!(Duplicate::make(&original, &copied).is_err(), "what is there is not overwritten");
        drop(copy);
        let beside: Vec<_> =
            std::fs::read_dir(directory.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert!(!beside.iter().any(|name| name.to_string_lossy().starts_with("copy.db-")), "{beside:?}");
    }

    #[test]
    fn a_row_that_refers_to_none_is_damage() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("copy.db");
        let connection = Connection::open(&path).unwrap();
        connection.pragma_update(None, "foreign_keys", false).unwrap();
        connection
            .execute_batch(
                "create table parents (id text primary key) strict;
                 create table children (parent text references parents) strict;
                 insert into children values ('nobody');",
            )
            .unwrap();
        drop(connection);
        let damage = Duplicate::open(&path).unwrap().damage().unwrap().unwrap();
        assert_eq!(damage, "a row of children refers to a row of parents that is not there");
    }
}
