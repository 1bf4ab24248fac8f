//! Backups: the whole server in one file, and back.
//!
//! The file is a ZIP archive laid out like a data directory, so that any program can unpack it: `headroom.db`, `headroom.key`, the
//! pictures below `photos/`, and `manifest.json`, which says what has to be there and what it sums up to. Nothing in it is
//! compressed: pictures don't get smaller. It holds the server's key, so it is as secret as the server is.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use tokio::runtime::Handle;

use crate::{
    clock::Timestamp,
    config::Location,
    db::Duplicate,
    error::{Error, Result},
    storage::{FileName, Storage},
};

mod files;
mod maker;
mod making;
mod reading;
mod restoring;
mod retention;

pub use maker::Maker;
pub use making::make;
pub use reading::{manifest, verify};
pub use restoring::{Kept, finish_restoring, is_restoring, kept_by_restores, must_not_be_set_aside, restore};
pub use retention::{Stored, name_at, stored};

/// What says what is in the archive. It is the last entry.
const MANIFEST: &str = "manifest.json";
/// The database.
const DATABASE: &str = "headroom.db";
/// The server's key.
const KEY: &str = "headroom.key";
/// What the names of pictures begin with.
const PICTURES: &str = "photos/";

/// The version of this layout.
const FORMAT: u32 = 1;

/// What a server consists of, wherever it is.
#[derive(Clone, Debug)]
pub struct Source {
    /// The file of the database.
    pub database: PathBuf,
    /// The file of the server's own key.
    pub key: PathBuf,
    /// Where the pictures are.
    pub pictures: Storage,
    /// What people call that place.
    pub place: Location,
    /// What reads them: a runtime that runs on another thread than the one a backup is made on.
    pub runtime: Handle,
}

/// Which pictures a backup may go without, though the database knows them.
#[derive(Clone, Debug)]
pub enum Losses {
    /// Those of which somebody said before that they are lost, by their names; the first that is not among them ends the backup.
    Known(BTreeSet<String>),
    /// Any: whoever asks for the backup says that they are lost.
    Any,
}

impl Losses {
    fn allow(&self, picture: &str) -> bool {
        match self {
            Self::Known(names) => names.contains(picture),
            Self::Any => true,
        }
    }
}

/// What is in a backup, as its maker wrote it down.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Manifest {
    format: u32,
    /// The version of the program that made it.
    pub program: String,
    /// The version of the database's schema.
    pub schema: i32,
    /// When it was begun; everything that was committed before is in it.
    pub made_at: Timestamp,
    /// How many rows each table has.
    pub rows: BTreeMap<String, u64>,
    /// Every other entry of the archive.
    entries: BTreeMap<String, Entry>,
    /// Pictures that somebody deleted between the copy of the database and theirs.
    missing: BTreeSet<String>,
    /// Pictures that were not there though nobody had deleted them, and that somebody wanted to go without.
    #[serde(default)]
    lost: BTreeSet<String>,
}

/// An entry of the archive.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Entry {
    bytes: u64,
    sha256: String,
}

/// How much is in a backup.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Version of the database's schema.
    pub schema: i32,
    /// Tables of the database.
    pub tables: usize,
    /// Rows in all of them.
    pub rows: u64,
    /// Files of pictures.
    pub pictures: usize,
    /// Files of pictures that were deleted while the backup was made.
    pub missing: usize,
    /// Files of pictures that were lost before it was made.
    pub lost: usize,
    /// Of the whole file.
    pub bytes: u64,
}

impl Manifest {
    fn counts(&self, bytes: u64) -> Counts {
        Counts {
            schema: self.schema,
            tables: self.rows.len(),
            rows: self.rows.values().sum(),
            pictures: self.pictures().count(),
            missing: self.missing.len(),
            lost: self.lost.len(),
            bytes,
        }
    }

    /// In a sentence, how many files of pictures were lost before it was made; empty if none was.
    pub fn told_of_lost(&self) -> String {
        told_of_lost(self.lost.len())
    }

    /// Whether this picture is in the backup, or is said not to be.
    fn accounts_for(&self, picture: &FileName) -> bool {
        let name = picture.to_string();
        self.entries.contains_key(&entry_of(picture)) || self.missing.contains(&name) || self.lost.contains(&name)
    }

    fn pictures(&self) -> impl Iterator<Item = &str> {
        self.entries.keys().map(String::as_str).filter(|name| name.starts_with(PICTURES))
    }
}

impl Counts {
    /// In sentences, what the database knows and is not in the backup; empty if there is nothing.
    pub fn told_of_absent(&self) -> String {
        let missing = match self.missing {
            0 => String::new(),
            files => format!(" Files of pictures that were deleted while it was made: {files}."),
        };
        missing + &told_of_lost(self.lost)
    }
}

fn told_of_lost(files: usize) -> String {
    match files {
        0 => String::new(),
        _ => format!(" Files of pictures that were lost before, and are not in it: {files}."),
    }
}

/// What an entry with this picture is called.
fn entry_of(picture: &FileName) -> String {
    format!("{PICTURES}{picture}")
}

/// The picture that an entry is; nothing if it is none of ours.
fn picture_of(entry: &str) -> Option<FileName> {
    entry.strip_prefix(PICTURES)?.parse().ok()
}

/// Hands each picture that the database knows to `each`, until that fails. Previews are not among them: they are made anew when
/// somebody looks. Nor is what somebody wished to be deleted: its rows stay until its files are gone.
fn each_picture(copy: &Duplicate, now: Timestamp, mut each: impl FnMut(FileName) -> Result<()>) -> Result<()> {
    let mut all = |names: &[FileName]| names.iter().cloned().try_for_each(&mut each);
    copy.read(now, |view| {
        view.each(
            "select id from photos p
             where exists (select 1 from shoots s where s.id = p.shoot_id and s.deleted_at is null)
               and not exists (select 1 from receipts r where r.shoot_id = p.shoot_id and r.what = 'photos')
             order by id",
            [],
            |row| all(&FileName::of_photo(row.get(0)?)),
        )?;
        view.each(
            "select id from results h
             where deleted_at is null and exists (select 1 from shoots s where s.id = h.shoot_id and s.deleted_at is null)
             order by id",
            [],
            |row| all(&FileName::of_headshot(row.get(0)?)),
        )?;
        view.each(
            "select id from cutouts c
             where exists (select 1 from shoots s where s.id = c.shoot_id and s.deleted_at is null)
             order by id",
            [],
            |row| all(&[FileName::Cutout(row.get(0)?)]),
        )?;
        view.each("select id from backdrops order by id", [], |row| all(&FileName::of_backdrop(row.get(0)?)))?;
        view.each("select id from organizations where logo is not null order by id", [], |row| {
            all(&[FileName::Logo(row.get(0)?)])
        })
    })
}

/// Says why a file is no backup that can be used.
fn unusable(file: &Path, why: &str) -> Error {
    Error::invalid(plain!(
        "{} can't be used as a backup: {}. Use another one.",
        file.display(),
        why.trim_end_matches('.')
    ))
}
