//! Whether a server can work, check by check. Looks only: beside a running server, within one, or without one.
//!
//! A check is a function that takes a [`Bench`] and says what it found; each stands once, in [`Check`]. What was found is for whoever
//! runs the server, so it is said in English on pages too; only what a check is called has a translation.

use std::time::Duration;

use crate::{
    clock::Timestamp,
    config::Config,
    error::{Error, Result},
    i18n::Message,
};

mod backups;
mod checkup;
mod database;
mod files;
mod network;
mod report;

pub use checkup::{Checkup, Taken};
pub use files::Sizes;
pub use report::report;

/// Something that is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Check {
    /// The data directory can be written, and by nobody else.
    Data,
    /// So can the photos.
    Photos,
    /// There is room.
    Disk,
    /// The database is one of ours, of a schema that is known.
    Database,
    /// Its file is whole.
    Integrity,
    /// The clock is set.
    Clock,
    /// Jobs run.
    Queue,
    /// The audit logs are as they were written.
    Audit,
    /// There is a backup, and it is young enough.
    Backup,
    /// The generator could begin.
    Generator,
    /// Workers on other machines were seen, where there should be some.
    Workers,
    /// The mail server takes mails.
    Mail,
    /// People reach the server where links lead, and its certificate is valid.
    Url,
}

/// What a check found.
#[derive(Clone, Debug)]
pub struct Found {
    /// Which check.
    pub check: Check,
    /// Whether it is well.
    pub ok: bool,
    /// It is well, and all the same there is something to see to.
    pub warning: bool,
    /// How it is, and what to do where it is not well.
    pub detail: String,
}

/// What is checked, and who waits for the network.
#[derive(Debug)]
pub struct Bench<'c> {
    config: &'c Config,
    now: Timestamp,
    /// Whether a server uses the data directory.
    runs: bool,
    /// Whether its rows are there: what development mode has in memory is out of reach.
    on_file: bool,
    runtime: tokio::runtime::Runtime,
}

/// How it is.
enum Finding {
    /// It is well.
    Fine(String),
    /// It is, as far as can be told by asking; something was in the way lately.
    Doubtful(String),
    /// It is not: what it is, and what to do about it.
    Bad(String),
}

impl Check {
    /// All checks, in the order they are said in.
    pub const ALL: &[Self] = &[
        Self::Data,
        Self::Photos,
        Self::Disk,
        Self::Database,
        Self::Integrity,
        Self::Clock,
        Self::Queue,
        Self::Audit,
        Self::Backup,
        Self::Generator,
        Self::Workers,
        Self::Mail,
        Self::Url,
    ];

    /// Those that make sense where everything is in memory, as in development mode.
    pub const WITHOUT_FILES: &[Self] = &[Self::Generator, Self::Mail, Self::Url];

    /// Its name on the command line.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Data => "data",
            Self::Photos => "photos",
            Self::Disk => "disk",
            Self::Database => "database",
            Self::Integrity => "integrity",
            Self::Clock => "clock",
            Self::Queue => "queue",
            Self::Audit => "audit",
            Self::Backup => "backup",
            Self::Generator => "generator",
            Self::Workers => "workers",
            Self::Mail => "mail",
            Self::Url => "url",
        }
    }

    /// Its name on a page.
    pub const fn called(self) -> Message {
        match self {
            Self::Data => say!("Data directory"),
            Self::Photos => say!("Directory of the photos"),
            Self::Disk => say!("Free space"),
            Self::Database => say!("Database"),
            Self::Integrity => say!("The database's file"),
            Self::Clock => say!("Clock"),
            Self::Queue => say!("Queues"),
            Self::Audit => say!("Audit logs"),
            Self::Backup => say!("Backups"),
            Self::Generator => say!("Generator"),
            Self::Workers => say!("Workers"),
            Self::Mail => say!("Mail server"),
            Self::Url => say!("Address and certificate"),
        }
    }

    fn look(self, bench: &Bench) -> Result<Finding> {
        match self {
            Self::Data => files::data(bench),
            Self::Photos => files::photos(bench),
            Self::Disk => files::disk(bench),
            Self::Database => database::schema(bench),
            Self::Integrity => database::integrity(bench),
            Self::Clock => database::clock(bench),
            Self::Queue => database::queue(bench),
            Self::Audit => database::audit(bench),
            Self::Backup => backups::backup(bench),
            Self::Generator => network::generator(bench),
            Self::Workers => database::workers(bench),
            Self::Mail => network::mail(bench),
            Self::Url => network::url(bench),
        }
    }
}

impl<'c> Bench<'c> {
    /// For a server with this configuration; `runs`: one uses its data directory now.
    pub fn new(config: &'c Config, now: Timestamp, runs: bool) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        Ok(Self { config, now, runs, on_file: true, runtime })
    }

    /// The same for a server whose rows are in memory: a database in the data directory is another's.
    #[must_use]
    pub fn in_memory(self) -> Self {
        Self { on_file: false, ..self }
    }

    /// Looks, for seconds where the network or the whole database is to be asked: not on a thread that others wait for.
    pub fn look(&self, check: Check) -> Found {
        let (ok, warning, detail) = match check.look(self) {
            Ok(Finding::Fine(words)) => (true, false, words),
            Ok(Finding::Doubtful(words)) => (true, true, words),
            Ok(Finding::Bad(words)) => (false, false, words),
            Err(error) => (false, false, explained(&error)),
        };
        Found { check, ok, warning, detail }
    }
}

impl Found {
    /// As a line for whoever reads plain text.
    pub fn line(&self) -> String {
        let how = match (self.ok, self.warning) {
            (true, false) => "ok",
            (true, true) => "warn",
            (false, _) => "FAIL",
        };
        format!("{how:<4}  {:<10}  {}", self.check.word(), self.detail)
    }
}

/// A check that could not be made has failed, and whoever sits here is who can do something about it.
fn explained(error: &Error) -> String {
    match error {
        Error::Internal(_) => format!("This could not be checked: {}.", error.trail().trim_end_matches('.')),
        _ => error.to_string(),
    }
}

/// Seconds as people say them.
fn spoken(span: Duration) -> String {
    let whole = Duration::from_secs(span.as_secs());
    humantime::format_duration(whole).to_string().split(' ').take(2).collect::<Vec<_>>().join(" ")
}
