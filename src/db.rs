//! The database: one SQLite file, read by many and written by one thread.
//!
//! A [`View`] reads a consistent state; a [`Tx`] also writes, and its effects become visible and durable together or not
//! at all. Both carry the time, so nothing below the doors reads the clock. How writes are grouped is in [`writer`].

use std::{fmt, path::PathBuf, sync::Arc, time::Duration};

use r2d2_sqlite::SqliteConnectionManager;
use rusqlite::{
    Connection, OpenFlags, OptionalExtension, Params, Row,
    types::{FromSql, FromSqlResult, ToSql, ToSqlOutput, ValueRef},
};

use crate::{
    clock::{Clock, Timestamp},
    error::{Error, Result},
    i18n::{language, speaking},
    ids::OrganizationId,
    meters::Meters,
};

mod bells;
mod duplicate;
mod glance;
mod languages;
mod paging;
mod schema;
mod writer;

pub use bells::Topic;
pub use duplicate::Duplicate;
pub use glance::Glance;
pub use paging::{Part, Slice, Window};
pub use writer::Tx;

use bells::Bells;
use writer::Writer;

/// Connections that read at the same time; each holds a page cache of its own.
const READERS: u32 = 8;

/// How long another process may keep the lock for writing before it is told to us, and how often we ask for it. SQLite's own
/// handler ends up asking ten times a second: a command beside a busy server then never meets the moment between two commits.
const BUSY: Duration = Duration::from_secs(5);
const ASK_AGAIN: Duration = Duration::from_millis(2);

/// Where the database lives.
#[derive(Clone, Debug)]
pub enum Place {
    /// A file, made if it isn't there.
    File(PathBuf),
    /// Memory, shared by the connections of one [`Db`] and gone with it.
    Memory,
}

/// A database that can be shared between threads; clones are the same database.
#[derive(Clone)]
pub struct Db {
    readers: r2d2::Pool<SqliteConnectionManager>,
    writer: Writer,
    bells: Arc<Bells>,
    clock: Clock,
}

impl Db {
    /// Opens it, and brings its schema up to this version's.
    ///
    /// # Errors
    /// A file that can't be read or written, isn't ours, or was written by a newer version: one sentence with what to do.
    pub fn open(place: &Place, clock: Clock) -> Result<Self> {
        Self::open_measured(place, clock, Meters::default())
    }

    /// The same, with its writes measured.
    ///
    /// # Errors
    /// As [`Db::open`].
    pub fn open_measured(place: &Place, clock: Clock, meters: Meters) -> Result<Self> {
        let name = match place {
            Place::File(path) => path.clone(),
            // Memory that several connections share needs a name that begins with a slash.
            Place::Memory => format!("file:/headroom-{}?vfs=memdb", uuid::Uuid::new_v4()).into(),
        };
        let flags = OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_READ_WRITE;
        let mut connection = Connection::open_with_flags(&name, flags | OpenFlags::SQLITE_OPEN_CREATE)
            .and_then(|mut connection| prepare(&mut connection).map(|()| connection))
            .map_err(|cause| schema::cannot_open(&name, cause))?;
        schema::bring_up_to_date(&mut connection, &name)?;
        let bells = Arc::new(Bells::default());
        let writer = Writer::start(connection, clock.clone(), bells.clone(), meters)?;
        let manager = SqliteConnectionManager::file(&name).with_flags(flags).with_init(|connection| {
            prepare(connection)?;
            connection.pragma_update(None, "query_only", true)
        });
        // One is opened now and none is ever given up: while the disk fails no other can be opened, and who waits for that wastes
        // seconds before they are told.
        let readers = r2d2::Pool::builder()
            .max_size(READERS)
            .min_idle(Some(1))
            .max_lifetime(None)
            .idle_timeout(None)
            .test_on_check_out(false)
            .connection_timeout(Duration::from_secs(5))
            .build(manager)
            .map_err(Error::internal)?;
        Ok(Self { readers, writer, bells, clock })
    }

    /// The clock this database stamps its rows with.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Reads, here and now: for look-ups by an index, which cost less than a hop to another thread.
    pub fn read<T>(&self, read: impl FnOnce(&View) -> Result<T>) -> Result<T> {
        let connection =
            self.readers.get().map_err(|_| Error::Unavailable(say!("The database is busy. Try again.")))?;
        let snapshot = Snapshot::of(&connection)?;
        read(&View { connection: snapshot.0, now: self.clock.now() })
    }

    /// Reads on a thread that may block: for scans and exports. Words are in the language of whoever reads.
    pub async fn scan<T: Send + 'static>(&self, read: impl FnOnce(&View) -> Result<T> + Send + 'static) -> Result<T> {
        let (db, language, span) = (self.clone(), language(), tracing::Span::current());
        let work = move || span.in_scope(|| speaking(language, || db.read(read)));
        tokio::task::spawn_blocking(work).await.map_err(Error::internal)?
    }

    /// Writes. When this returns `Ok`, everything `change` did is on disk; after an `Err`, nothing of it is.
    pub async fn write<T: Send + 'static>(&self, change: impl FnOnce(&Tx) -> Result<T> + Send + 'static) -> Result<T> {
        self.writer.write(change).await
    }

    /// [`Db::write`] for a caller outside any runtime.
    pub fn write_and_wait<T: Send + 'static>(
        &self,
        change: impl FnOnce(&Tx) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.writer.write_and_wait(change)
    }

    /// Hears each later commit that rang `topic`; several in a row may be heard as one.
    pub fn listen(&self, topic: Topic) -> tokio::sync::watch::Receiver<u64> {
        self.bells.listen(topic)
    }

    /// How often an organization's bell has rung. Asked before something is read, a later answer that differs says that what
    /// was read may be true no more.
    pub fn changes(&self, organization: &OrganizationId) -> u64 {
        self.bells.count(&Topic::Organization(organization.clone()))
    }

    /// Finishes what was handed in and puts everything into the one file. Whatever is to be written after is refused.
    pub async fn close(&self) {
        self.writer.close().await;
    }

    /// Looks whether another process, such as a command, has written since the last look, and then rings everything.
    pub async fn notice_other_processes(&self) -> Result<()> {
        let bells = self.bells.clone();
        if self.writer.written_by_others().await? {
            bells.ring_all();
        }
        Ok(())
    }
}

fn prepare(connection: &mut Connection) -> rusqlite::Result<()> {
    connection.busy_handler(Some(|asked| {
        std::thread::sleep(ASK_AGAIN);
        ASK_AGAIN * u32::try_from(asked).unwrap_or(u32::MAX) < BUSY
    }))?;
    connection.pragma_update(None, "journal_mode", "wal")?;
    connection.pragma_update(None, "synchronous", "full")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "temp_store", "memory")?;
    connection.pragma_update(None, "mmap_size", 1_i64 << 30)?;
    connection.set_prepared_statement_cache_capacity(256);
    Ok(())
}

/// A read transaction that ends with its scope, also when what reads in it panics: a connection that went back to the pool
/// inside one could never begin another, and would keep the log from being emptied.
struct Snapshot<'c>(&'c Connection);

impl<'c> Snapshot<'c> {
    fn of(connection: &'c Connection) -> rusqlite::Result<Self> {
        connection.prepare_cached("begin")?.execute([])?;
        Ok(Self(connection))
    }
}

impl Drop for Snapshot<'_> {
    fn drop(&mut self) {
        if let Err(cause) = self.0.prepare_cached("commit").and_then(|mut commit| commit.execute([])) {
            tracing::error!(%cause, "a reader could not end its transaction");
        }
    }
}

/// A consistent state of the database, and the time it is read at.
pub struct View<'c> {
    connection: &'c Connection,
    /// The present moment for everything read or written here.
    pub now: Timestamp,
}

impl View<'_> {
    /// The version of the schema.
    pub fn schema_version(&self) -> Result<i32> {
        Ok(self.connection.pragma_query_value(None, "user_version", |row| row.get(0))?)
    }

    /// The one row that must be there.
    pub fn one<T>(&self, sql: &str, params: impl Params, map: impl FnOnce(&Row) -> rusqlite::Result<T>) -> Result<T> {
        Ok(self.connection.prepare_cached(sql)?.query_row(params, map)?)
    }

    /// The row, if there is one.
    pub fn find<T>(
        &self,
        sql: &str,
        params: impl Params,
        map: impl FnOnce(&Row) -> rusqlite::Result<T>,
    ) -> Result<Option<T>> {
        Ok(self.connection.prepare_cached(sql)?.query_row(params, map).optional()?)
    }

    /// All rows, in the order of the query.
    pub fn all<T>(
        &self,
        sql: &str,
        params: impl Params,
        map: impl FnMut(&Row) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map(params, map)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Hands each row to `each` as it is read, without keeping them.
    pub fn each(&self, sql: &str, params: impl Params, mut each: impl FnMut(&Row) -> Result<()>) -> Result<()> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query(params)?;
        while let Some(row) = rows.next()? {
            each(row)?;
        }
        Ok(())
    }
}

impl From<rusqlite::Error> for Error {
    /// A full disk, a failing one or a busy file passes; anything else is a mistake of ours.
    fn from(cause: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode::{
            CannotOpen, DatabaseBusy, DatabaseCorrupt, DatabaseLocked, DiskFull, ReadOnly, SystemIoFailure,
        };
        match cause.sqlite_error_code() {
            // SQLite takes a page that the disk won't read for a malformed one.
            Some(DiskFull | SystemIoFailure | ReadOnly | DatabaseCorrupt | CannotOpen) => {
                tracing::error!(%cause, "the disk refuses to be read or written");
                Self::Unavailable(say!(
                    "The server can't write to its disk right now. Nothing was changed. Try again later."
                ))
            }
            Some(DatabaseBusy | DatabaseLocked) => Self::Unavailable(say!("The database is busy. Try again.")),
            _ => Self::internal(cause),
        }
    }
}

impl ToSql for Timestamp {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.millis().into())
    }
}

impl FromSql for Timestamp {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        value.as_i64().map(Self::from_millis)
    }
}

impl fmt::Debug for Db {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Db")
    }
}

/// Declares an enum that is stored as text: each name with its word, the same words as its `check` in `schema.sql`.
macro_rules! stored_as_text {
    ($(#[$doc:meta])* $vis:vis enum $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
        $vis enum $name { $($(#[$variant_doc])* #[serde(rename = $word)] $variant),+ }

        impl $name {
            /// Every one of them, in the order they are declared in.
            $vis const ALL: &[Self] = &[$(Self::$variant),+];

            /// The word it is stored as.
            $vis const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::error::Error;

            fn from_str(word: &str) -> $crate::error::Result<Self> {
                Self::ALL.iter().copied().find(|one| one.as_str() == word).ok_or_else(|| {
                    let words: Vec<_> = Self::ALL.iter().map(|one| one.as_str()).collect();
                    $crate::error::Error::invalid(plain!("\"{word}\" is none of {}.", words.join(", ")))
                })
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl rusqlite::types::ToSql for $name {
            fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
                Ok(self.as_str().into())
            }
        }

        impl rusqlite::types::FromSql for $name {
            fn column_result(value: rusqlite::types::ValueRef<'_>) -> rusqlite::types::FromSqlResult<Self> {
                let word = value.as_str()?;
                Self::ALL.iter().copied().find(|one| one.as_str() == word).ok_or(rusqlite::types::FromSqlError::InvalidType)
            }
        }
    };
}
pub(crate) use stored_as_text;

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::*;

    #[test]
    fn what_the_disk_does_passes_and_what_we_do_does_not() {
        use rusqlite::ffi;
        let told = |code| Error::from(rusqlite::Error::SqliteFailure(ffi::Error::new(code), None));
        for disk in [
            ffi::SQLITE_FULL,
            ffi::SQLITE_IOERR_READ,
            ffi::SQLITE_IOERR_FSYNC,
            ffi::SQLITE_CORRUPT,
            ffi::SQLITE_CANTOPEN,
            ffi::SQLITE_BUSY,
        ] {
            assert!(matches!(told(disk), Error::Unavailable(_)), "{disk}");
        }
        for ours in [ffi::SQLITE_ERROR, ffi::SQLITE_CONSTRAINT, ffi::SQLITE_MISUSE] {
            assert!(matches!(told(ours), Error::Internal(_)), "{ours}");
        }
    }

    fn beat(tx: &Tx) -> Result<()> {
        tx.prove_writable()
    }

    #[test]
    fn another_process_gets_in_between_the_commits_of_a_busy_one() {
        let folder = tempfile::tempdir().unwrap();
        let place = Place::File(folder.path().join("headroom.db"));
        let (busy, other) = (Db::open(&place, Clock::system()).unwrap(), Db::open(&place, Clock::system()).unwrap());
        let over = std::sync::atomic::AtomicBool::new(false);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    while !over.load(std::sync::atomic::Ordering::Relaxed) {
                        busy.write_and_wait(beat).unwrap();
                    }
                });
            }
            let begun = std::time::Instant::now();
            let got_in = (0..20).map(|_| other.write_and_wait(beat)).collect::<Result<Vec<()>>>();
            over.store(true, std::sync::atomic::Ordering::Relaxed);
            got_in.unwrap();
            assert!(begun.elapsed() < BUSY, "20 changes took {:?}", begun.elapsed());
        });
    }

    #[test]
    fn a_reader_that_panics_spoils_no_connection() {
        let db = Db::open(&Place::Memory, Clock::system()).unwrap();
        for _ in 0..READERS {
            let spoilt = catch_unwind(AssertUnwindSafe(|| db.read(|_| -> Result<()> { panic!("on purpose") })));
            assert!(spoilt.is_err());
        }
        let beats: i64 = db.read(|view| view.one("select count(*) from pulse", [], |row| row.get(0))).unwrap();
        assert_eq!(beats, 1);
    }
}
