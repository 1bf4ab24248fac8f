//! Makes a backup beside a running server, or without one.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::File,
    io::{self, BufReader, BufWriter, Read, Write},
    path::Path,
};

use zip::{CompressionMethod, ZipWriter, result::ZipError, write::SimpleFileOptions};

use super::{
    Counts, DATABASE, Entry, FORMAT, KEY, Losses, MANIFEST, Manifest, Source, each_picture, entry_of,
    files::{Target, cannot_write},
};
use crate::{
    clock::Timestamp,
    db::Duplicate,
    error::{Error, Result},
    secrets::Digesting,
    storage::FileName,
};

/// Writes a backup to `file`: it is there whole, on disk and readable by its owner alone, or not at all. First the database is
/// copied and looked through, then every picture that the copy knows. Whoever writes to the database meanwhile waits for nothing.
///
/// A picture that is not there is gone if somebody deleted it since the database was copied. Otherwise it is lost, or looked for in
/// the wrong place: then only `losses` let the backup go without it.
///
/// For a thread that may block. `stop` is asked now and then; once it says so, the backup is given up.
///
/// # Errors
/// The file is there already and may not be replaced; there is no room; the database is damaged; a picture is lost. Nothing is left
/// then, and a file that was to be replaced is as it was.
pub fn make(
    source: &Source,
    file: &Path,
    now: Timestamp,
    replace: bool,
    losses: &Losses,
    stop: &dyn Fn() -> bool,
) -> Result<Counts> {
    let (target, opened) = Target::begin(file, replace)?;
    let mut copy = Duplicate::make(&source.database, &target.copy)?;
    let (ours, schema, newest) = copy.versions()?;
    if !ours || schema > newest {
        return Err(Error::invalid(plain!(
            "{} is not a database of this Headroom: another program's, or a newer one's. Make the backup with the program it belongs to.",
            source.database.display()
        )));
    }
    if let Some(damage) = copy.damage()? {
        return Err(Error::invalid(plain!(
            "The database is damaged ({damage}), and is not backed up over good backups. Keep those, and see: headroom doctor."
        )));
    }
    let rows = copy.rows()?;
    let mut archive = Archive::new(opened, file);
    archive.add(DATABASE, BufReader::new(File::open(&target.copy)?), stop)?;
    archive.add(KEY, File::open(&source.key)?, stop)?;
    // It is in the archive as it was; here it is asked in today's words.
    copy.bring_up_to_date(&target.copy)?;
    let mut is_taken = |picture: &FileName| {
        let found = source.runtime.block_on(source.pictures.get(picture.key()))?;
        found.map(|bytes| archive.add(&entry_of(picture), &*bytes, stop)).transpose().map(|taken| taken.is_some())
    };
    let (mut missing, mut lost) = (BTreeSet::new(), BTreeSet::new());
    each_picture(&copy, now, |picture| {
        if !is_taken(&picture)? {
            missing.insert(picture.to_string());
        }
        Ok(())
    })?;
    drop(copy);
    if !missing.is_empty() {
        // What the database still knows, nobody deleted meanwhile.
        target.clear_copy()?;
        let mut later = Duplicate::make(&source.database, &target.copy)?;
        later.bring_up_to_date(&target.copy)?;
        each_picture(&later, now, |picture| {
            let name = picture.to_string();
            // A logo may have been taken away and another one put there since.
            if missing.remove(&name) && !is_taken(&picture)? {
                lost.insert(name);
            }
            Ok(())
        })?;
        must_be_allowed(&lost, losses, source, file)?;
    }
    let program = env!("CARGO_PKG_VERSION").to_owned();
    let entries = std::mem::take(&mut archive.entries);
    let manifest = Manifest { format: FORMAT, program, schema, made_at: now, rows, entries, missing, lost };
    archive.add(MANIFEST, &*serde_json::to_vec(&manifest)?, stop)?;
    let written = archive.finish()?;
    let bytes = written.metadata()?.len();
    target.finish(written)?;
    Ok(manifest.counts(bytes))
}

/// Sees to it that all of these are pictures that the backup may go without.
fn must_be_allowed(lost: &BTreeSet<String>, losses: &Losses, source: &Source, file: &Path) -> Result<()> {
    let refused: Vec<&String> = lost.iter().filter(|name| !losses.allow(name)).collect();
    let Some(first) = refused.first() else { return Ok(()) };
    let (place, file) = (&source.place, file.display());
    let what = match refused.len() {
        1 => format!("A file of a picture that the database knows is not in {place}: {first}"),
        more => format!("{more} files of pictures that the database knows are not in {place}, {first} for one"),
    };
    Err(Error::invalid(plain!(
        "{what}. No backup was made, and older ones stay. Is {place} where the server keeps its pictures? Mount it, or set \
         HEADROOM_STORAGE (or --config) as the server has it. If they are lost for good, go on without them: \
         headroom backup {file} --allow-missing"
    )))
}

/// The archive while it is written.
struct Archive<'f> {
    zip: ZipWriter<BufWriter<File>>,
    entries: BTreeMap<String, Entry>,
    file: &'f Path,
}

impl<'f> Archive<'f> {
    fn new(opened: File, file: &'f Path) -> Self {
        Self { zip: ZipWriter::new(BufWriter::with_capacity(1 << 18, opened)), entries: BTreeMap::new(), file }
    }

    fn add(&mut self, name: &str, mut content: impl Read, stop: &dyn Fn() -> bool) -> Result<()> {
        // Room for a length beyond 4 GB has to be left before anyone knows that it is needed.
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Stored)
            .unix_permissions(0o600)
            .large_file(name == DATABASE);
        self.zip.start_file(name, options).map_err(|cause| self.failed(cause))?;
        let (mut sum, mut bytes, mut buffer) = (Digesting::default(), 0, vec![0; 1 << 16]);
        loop {
            if stop() {
                return Err(Error::Unavailable(plain!("The backup was given up, because the server stops.")));
            }
            let read = content.read(&mut buffer)?;
            if read == 0 {
                break;
            }
            let piece = &buffer[..read];
            self.zip.write_all(piece).map_err(|cause| cannot_write(self.file, &cause))?;
            sum.add(piece);
            bytes += read as u64;
        }
        self.entries.insert(name.to_owned(), Entry { bytes, sha256: sum.finish().hex() });
        Ok(())
    }

    fn finish(self) -> Result<File> {
        let file = self.file;
        let buffered = self.zip.finish().map_err(|cause| failed(file, cause))?;
        buffered.into_inner().map_err(|cause| cannot_write(file, cause.error()))
    }

    fn failed(&self, cause: ZipError) -> Error {
        failed(self.file, cause)
    }
}

fn failed(file: &Path, cause: ZipError) -> Error {
    match cause {
        ZipError::Io(cause) => cannot_write(file, &cause),
        other => cannot_write(file, &io::Error::other(other)),
    }
}
