//! What `object_store` leaves to do in a directory.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// What is in a directory; nothing in one that isn't there.
pub(super) fn entries(path: &Path) -> io::Result<Vec<PathBuf>> {
    match fs::read_dir(path) {
        Err(cause) if matches!(cause.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(Vec::new()),
        entries => entries?.map(|entry| entry.map(|entry| entry.path())).collect(),
    }
}

/// Removes a directory with everything in it: also what a killed process left there half-written,
/// which `object_store` doesn't list.
pub(super) fn remove_directory(path: &Path) -> io::Result<()> {
    match fs::remove_dir_all(path) {
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(()),
        other => other?,
    }
    path.parent().map_or(Ok(()), sync_directory)
}

/// Brings to disk which files a directory has. `object_store` does so after a put, not after a delete.
pub(super) fn sync_directory(path: &Path) -> io::Result<()> {
    match fs::File::open(path) {
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(()), // gone as a whole meanwhile
        opened => opened?.sync_all(),
    }
}
