//! Files that are there whole or not at all.

use std::{
    ffi::OsString,
    fs::{self, File, TryLockError},
    io,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use crate::error::{Error, Result};

/// A file on its way. Until [`Target::finish`] it has another name, and what has that name goes with the target.
pub(super) struct Target {
    file: PathBuf,
    partial: PathBuf,
    /// The copy of the database, before it goes into the archive.
    pub(super) copy: PathBuf,
}

impl Target {
    /// Begins a file that only its owner can read.
    ///
    /// # Errors
    /// It is there already, and `replace` doesn't say that it may go; its directory can't be written; another process writes it.
    pub(super) fn begin(file: &Path, replace: bool) -> Result<(Self, File)> {
        if file.is_dir() {
            return Err(Error::invalid(plain!("{} is a directory. Name a file.", file.display())));
        }
        if !replace && file.exists() {
            return Err(Error::invalid(plain!(
                "{} is there already. Name another file, or overwrite it with --force.",
                file.display()
            )));
        }
        let partial = with_ending(file, PARTIAL);
        let opened = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(&partial)
            .map_err(|cause| cannot_write(file, &cause))?;
        match opened.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(Error::invalid(plain!(
                    "Another backup is being written to {}. Wait for it.",
                    file.display()
                )));
            }
            Err(TryLockError::Error(cause)) => return Err(cannot_write(file, &cause)),
        }
        let target = Self { file: file.to_owned(), copy: with_ending(file, COPY), partial };
        // What a killed process left there.
        opened.set_len(0).map_err(|cause| cannot_write(file, &cause))?;
        target.clear_copy()?;
        Ok((target, opened))
    }

    /// Leaves an empty file for a copy of the database, in place of one that is there.
    pub(super) fn clear_copy(&self) -> Result<()> {
        remove(&self.copy);
        // SQLite fills an empty file, and would let others read one that it makes itself.
        readable_by_owner(&self.copy).map(drop).map_err(|cause| cannot_write(&self.file, &cause))
    }

    /// Gives the file its name, once all of it is on disk.
    pub(super) fn finish(self, written: File) -> Result<()> {
        written
            .sync_all()
            .and_then(|()| fs::rename(&self.partial, &self.file))
            .and_then(|()| sync_directory(parent(&self.file)))
            .map_err(|cause| cannot_write(&self.file, &cause))
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        remove(&self.partial);
        remove(&self.copy);
    }
}

/// What a file on its way ends with.
const PARTIAL: &str = ".partial";
/// What the copy of the database ends with.
const COPY: &str = ".db.partial";

/// Removes what a killed process left beside a file it was to write.
pub(super) fn remove_leftovers(file: &Path) {
    remove(&with_ending(file, PARTIAL));
    remove(&with_ending(file, COPY));
}

/// The file that something was on its way to be, if it was.
pub(super) fn on_its_way_to(name: &str) -> Option<&str> {
    name.strip_suffix(COPY).or_else(|| name.strip_suffix(PARTIAL))
}

fn with_ending(file: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(file);
    name.push(ending);
    name.into()
}

/// Removes a file that is in nobody's way if it stays.
fn remove(file: &Path) {
    let _ = fs::remove_file(file);
}

/// The directory of a file.
pub(super) fn parent(file: &Path) -> &Path {
    file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Makes a file that only its owner can read.
pub(super) fn readable_by_owner(file: &Path) -> io::Result<File> {
    File::options().create_new(true).write(true).mode(0o600).open(file)
}

/// Brings to disk which files a directory has.
pub(super) fn sync_directory(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

/// Says in one sentence that a file can't be written, and what to do.
pub(super) fn cannot_write(file: &Path, cause: &io::Error) -> Error {
    use io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
    let shown = file.display();
    Error::invalid(match cause.kind() {
        StorageFull | QuotaExceeded | FileTooLarge => {
            plain!(
                "There is no room left to write {shown}. Make room, or choose another place; nothing was kept of it."
            )
        }
        _ => plain!("{shown} can't be written: {cause}. Choose another place, or give this user write access."),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_given_up_leaves_nothing() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("backup.zip");
        fs::write(with_ending(&file, COPY), "of a process that was killed").unwrap();
        let (target, opened) = Target::begin(&file, false).unwrap();
        assert_eq!(fs::metadata(&target.copy).unwrap().len(), 0);
        assert!(Target::begin(&file, false).err().unwrap().to_string().contains("Another backup"));
        drop((target, opened));
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_full_disk_is_told_from_one_that_cant_be_written() {
        let file = Path::new("/backups/a.zip");
        let full = cannot_write(file, &io::ErrorKind::StorageFull.into()).to_string();
        assert!(full.starts_with("There is no room left to write /backups/a.zip."), "{full}");
        assert!(cannot_write(file, &io::ErrorKind::PermissionDenied.into()).to_string().contains("write access"));
    }
}
