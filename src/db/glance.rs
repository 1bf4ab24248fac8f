//! Looks at a database without changing it, while a server uses it or none does.

use std::path::Path;

use rusqlite::{Connection, ErrorCode, OpenFlags};
use url::Url;

use super::{Snapshot, View, schema};
use crate::{
    clock::Timestamp,
    error::{Error, Result},
};

/// A database that is only looked at.
pub struct Glance {
    connection: Connection,
}

impl Glance {
    /// Opens it as it is: nothing is made, and no schema brought up to date.
    ///
    /// # Errors
    /// There is no such file, or it is no database.
    pub fn open(path: &Path) -> Result<Self> {
        let full = path.canonicalize()?;
        let mut name = Url::from_file_path(&full)
            .map_err(|()| Error::invalid(plain!("{} is no path to a database.", full.display())))?;
        let mut log = full.into_os_string();
        log.push("-wal");
        // Without a log nobody has it open. SQLite would make one even to read, unless told that nothing changes.
        let query = if Path::new(&log).exists() { "mode=ro" } else { "mode=ro&immutable=1" };
        name.set_query(Some(query));
        let flags = OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_READ_ONLY;
        let connection = Connection::open_with_flags(name.as_str(), flags)?;
        connection.busy_timeout(std::time::Duration::from_secs(5))?;
        Ok(Self { connection })
    }

    /// Whether it is ours, its version, and the one this program knows.
    pub fn versions(&self) -> Result<(bool, i32, i32)> {
        schema::versions(&self.connection)
    }

    /// What SQLite finds wrong with the file; nothing if it is whole. Reads all of it.
    pub fn damage(&self) -> Result<Vec<String>> {
        let check = || -> rusqlite::Result<Vec<String>> {
            self.connection.prepare("pragma quick_check(5)")?.query_map([], |row| row.get(0))?.collect()
        };
        match check() {
            Ok(found) => Ok(found.into_iter().filter(|line| line != "ok").collect()),
            // Too little is left to begin with, as of a file that was cut short.
            Err(cause) if cause.sqlite_error_code() == Some(ErrorCode::DatabaseCorrupt) => Ok(vec![cause.to_string()]),
            Err(cause) => Err(cause.into()),
        }
    }

    /// Reads a consistent state, as of `now`.
    pub fn read<T>(&self, now: Timestamp, read: impl FnOnce(&View) -> Result<T>) -> Result<T> {
        let snapshot = Snapshot::of(&self.connection)?;
        read(&View { connection: snapshot.0, now })
    }
}
