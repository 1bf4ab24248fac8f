//! Reads a backup, and believes nothing in it that isn't proven.

use std::{
    collections::BTreeSet,
    fs::File,
    io::{BufReader, Read, Write},
    path::Path,
};

use serde::Deserialize;
use zip::{ZipArchive, result::ZipError};

use super::{
    Counts, DATABASE, FORMAT, KEY, MANIFEST, Manifest, each_picture,
    files::{cannot_write, readable_by_owner},
    picture_of, unusable,
};
use crate::{
    clock::Timestamp,
    db::Duplicate,
    error::{Error, Result},
    secrets::Digesting,
};

/// What every version of the manifest says.
#[derive(Deserialize)]
struct Any {
    format: u32,
}

/// A backup that is open.
pub(super) struct Backup<'f> {
    file: &'f Path,
    archive: ZipArchive<BufReader<File>>,
    pub(super) manifest: Manifest,
}

impl<'f> Backup<'f> {
    /// Opens it, and compares its list of entries with its manifest.
    ///
    /// # Errors
    /// It isn't there; it is no backup, not a whole one, or one with entries that don't belong in it.
    pub(super) fn open(file: &'f Path) -> Result<Self> {
        let opened = File::open(file)
            .map_err(|cause| Error::invalid(plain!("{} can't be read: {cause}. Check its name.", file.display())))?;
        let mut archive = ZipArchive::new(BufReader::with_capacity(1 << 18, opened))
            .map_err(|cause| unusable(file, &format!("it is no ZIP archive, or not all of one ({cause})")))?;
        if archive.has_duplicate_names() {
            return Err(unusable(file, "it has two entries of one name"));
        }
        archive.validate_header_consistency().map_err(|cause| broken(file, &cause))?;
        let mut text = String::new();
        archive
            .by_name(MANIFEST)
            .map_err(|cause| match cause {
                ZipError::FileNotFound => unusable(file, "it has no manifest, so it is an archive of something else"),
                other => broken(file, &other),
            })?
            .read_to_string(&mut text)
            .map_err(|cause| broken(file, &cause.into()))?;
        let manifest = understood(file, &text)?;
        let backup = Self { file, archive, manifest };
        backup.must_have_its_entries()?;
        Ok(backup)
    }

    fn must_have_its_entries(&self) -> Result<()> {
        let said: BTreeSet<&str> = self.manifest.entries.keys().map(String::as_str).chain([MANIFEST]).collect();
        let mut found = BTreeSet::new();
        for name in self.archive.file_names() {
            let name = name.map_err(|cause| broken(self.file, &cause))?;
            // Whatever unpacks this writes nowhere else than it should.
            let ours = matches!(&*name, MANIFEST | DATABASE | KEY) || picture_of(&name).is_some();
            if !ours || !said.contains(&*name) {
                return Err(unusable(self.file, &format!("{name:?} does not belong in it")));
            }
            found.insert(name.into_owned());
        }
        match said.iter().chain(&[DATABASE, KEY]).find(|name| !found.contains(**name)) {
            Some(name) => Err(unusable(self.file, &format!("{name} is missing in it"))),
            None => Ok(()),
        }
    }

    /// Hands an entry to `take` in pieces, and looks whether it was what the manifest says.
    fn copy_out(&mut self, name: &str, mut take: impl FnMut(&[u8]) -> Result<()>) -> Result<()> {
        let said =
            self.manifest.entries.get(name).ok_or_else(|| unusable(self.file, &format!("{name} is missing in it")))?;
        let mut entry = self.archive.by_name(name).map_err(|cause| broken(self.file, &cause))?;
        let (mut sum, mut bytes, mut buffer) = (Digesting::default(), 0, vec![0; 1 << 16]);
        loop {
            let read = entry
                .read(&mut buffer)
                .map_err(|cause| unusable(self.file, &format!("{name} is damaged ({cause})")))?;
            if read == 0 {
                break;
            }
            take(&buffer[..read])?;
            sum.add(&buffer[..read]);
            bytes += read as u64;
        }
        if bytes != said.bytes || sum.finish().hex() != said.sha256 {
            return Err(unusable(self.file, &format!("{name} is not what its manifest says")));
        }
        Ok(())
    }

    /// Reads an entry that fits into memory.
    pub(super) fn bytes(&mut self, name: &str) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.copy_out(name, |piece| {
            bytes.extend_from_slice(piece);
            Ok(())
        })?;
        Ok(bytes)
    }

    /// Writes an entry to a file that only its owner can read, and brings it to disk.
    pub(super) fn unpack(&mut self, name: &str, to: &Path) -> Result<()> {
        let refused = |cause| cannot_write(to, &cause);
        let mut file = readable_by_owner(to).map_err(refused)?;
        self.copy_out(name, |piece| file.write_all(piece).map_err(refused))?;
        file.sync_all().map_err(refused)
    }
}

fn understood(file: &Path, text: &str) -> Result<Manifest> {
    let newer = || unusable(file, "a newer Headroom made it; install that version");
    let any: Any = serde_json::from_str(text).map_err(|_| unusable(file, "its manifest can't be read"))?;
    if any.format > FORMAT {
        return Err(newer());
    }
    serde_json::from_str(text).map_err(|cause| unusable(file, &format!("its manifest can't be read ({cause})")))
}

fn broken(file: &Path, cause: &ZipError) -> Error {
    unusable(file, &format!("it is damaged ({cause})"))
}

/// What a backup says of itself, without a look at the rest of it.
///
/// # Errors
/// It is none, or not a whole one.
pub fn manifest(file: &Path) -> Result<Manifest> {
    Backup::open(file).map(|backup| backup.manifest)
}

/// Looks whether a backup can be restored: every entry is whole, the database too, with the rows it should have and a schema that
/// this program knows or can bring up to date, and every picture is there that the database knows. The database is unpacked into
/// the system's temporary directory for it.
///
/// # Errors
/// The first thing that is wrong.
pub fn verify(file: &Path, now: Timestamp) -> Result<Counts> {
    let mut backup = Backup::open(file)?;
    let directory = tempfile::tempdir()?;
    let path = directory.path().join(DATABASE);
    backup.unpack(DATABASE, &path)?;
    let mut copy = Duplicate::open(&path)?;
    let (ours, schema, newest) = copy.versions().map_err(|_| unusable(file, "its database is none"))?;
    if !ours || schema != backup.manifest.schema {
        return Err(unusable(file, "its database is not the one that its manifest tells of"));
    }
    if schema > newest {
        return Err(Error::invalid(plain!(
            "{} was made by a newer Headroom (schema {schema}, this one knows {newest}). Install that version, or use an older backup.",
            file.display()
        )));
    }
    if let Some(damage) = copy.damage()? {
        return Err(unusable(file, &format!("its database is damaged ({damage})")));
    }
    let rows = copy.rows()?;
    if rows != backup.manifest.rows {
        let differs = rows.iter().find(|(table, count)| backup.manifest.rows.get(*table) != Some(count));
        let table = differs.map_or("a table", |(table, _)| table.as_str());
        return Err(unusable(file, &format!("{table} has other rows than its manifest says")));
    }
    copy.bring_up_to_date(&path)?;
    each_picture(&copy, now, |picture| {
        if backup.manifest.accounts_for(&picture) {
            return Ok(());
        }
        Err(unusable(file, &format!("its database knows a picture that is not in it ({picture})")))
    })?;
    let rest: Vec<String> = backup.manifest.entries.keys().filter(|name| *name != DATABASE).cloned().collect();
    for name in rest {
        backup.copy_out(&name, |_| Ok(()))?;
    }
    Ok(backup.manifest.counts(file.metadata()?.len()))
}
