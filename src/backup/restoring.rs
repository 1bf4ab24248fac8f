//! Puts a backup in place of what a data directory holds.
//!
//! Everything is unpacked into `restore-TIME.partial` in the data directory first, and brought to disk. Renaming that to
//! `restore-TIME.ready` is the decision: before it nothing was touched, after it the rest is renames on one disk, each of which
//! can be told to have been done. Whoever comes next to an interrupted restore finishes it, before anything is opened.

use std::{
    fs::{self, DirBuilder},
    io,
    os::unix::fs::{DirBuilderExt, MetadataExt},
    path::{self, Path, PathBuf},
};

use tokio::runtime::Handle;

use super::{
    Counts, DATABASE, KEY,
    files::{cannot_write, sync_directory},
    picture_of,
    reading::{Backup, verify},
};
use crate::{
    clock::Timestamp,
    config::Location,
    error::{Error, Result},
    storage::Storage,
};

/// What the directories of a restore are called, before its time.
const RESTORE: &str = "restore-";
/// And what they end with: while they are filled, and when they are full.
const PARTIAL: &str = ".partial";
const READY: &str = ".ready";
/// What the directories of what was replaced are called, before the time of the restore.
const REPLACED: &str = "before-restore-";

/// The pictures' directory in a data directory.
const PHOTOS: &str = "photos";

/// What belongs to the old database alone, and goes with it: its log, and what Litestream knows of it.
const OF_THE_OLD: [&str; 3] = ["headroom.db-wal", "headroom.db-shm", ".headroom.db-litestream"];

/// What a restore left of what was there before: the directory it lies in now; none if there was nothing.
pub type Kept = Option<PathBuf>;

/// Restores a backup into a data directory, which may be empty. What was there is kept in a directory inside it. Pictures go to
/// `elsewhere`, if this server has them in another place than its data directory; there they are added to what is there.
///
/// The caller holds the lock of the data directory. For a thread that may block; `runtime` runs on another one.
///
/// # Errors
/// The backup is not as it should be; there is no room. Then nothing was changed.
pub fn restore(
    file: &Path,
    data: &Path,
    elsewhere: Option<&Storage>,
    now: Timestamp,
    runtime: &Handle,
) -> Result<(Counts, Kept)> {
    let counts = verify(file, now)?;
    let photos = data.join(PHOTOS);
    if elsewhere.is_none() && photos.exists() && photos.metadata()?.dev() != data.metadata()?.dev() {
        return Err(Error::invalid(plain!(
            "{} is on another disk than {}. Unmount it, restore, move the pictures there, and mount it again.",
            photos.display(),
            data.display()
        )));
    }
    for left in named(data, PARTIAL)? {
        fs::remove_dir_all(left)?;
    }
    let time = now.date_time().format("%Y-%m-%dT%H%M%SZ");
    let unpacked = data.join(format!("{RESTORE}{time}{PARTIAL}"));
    let ready = data.join(format!("{RESTORE}{time}{READY}"));
    unpack(&mut Backup::open(file)?, &unpacked, elsewhere, runtime).inspect_err(|_| {
        // If even that fails, the next restore removes it.
        let _ = fs::remove_dir_all(&unpacked);
    })?;
    fs::rename(&unpacked, &ready)?;
    sync_directory(data)?;
    Ok((counts, finish_restoring(data)?))
}

fn unpack(backup: &mut Backup<'_>, into: &Path, elsewhere: Option<&Storage>, runtime: &Handle) -> Result<()> {
    let no_place = |cause: io::Error| cannot_write(into, &cause);
    DirBuilder::new().mode(0o700).create(into).map_err(no_place)?;
    for name in [DATABASE, KEY] {
        backup.unpack(name, &into.join(name))?;
    }
    let own = match elsewhere {
        Some(_) => None,
        None => Some(Storage::directory(into.join(PHOTOS))?),
    };
    let pictures: Vec<String> = backup.manifest.pictures().map(str::to_owned).collect();
    for name in pictures {
        let Some(picture) = picture_of(&name) else { continue };
        let bytes = backup.bytes(&name)?;
        if let Some(storage) = elsewhere.or(own.as_ref()) {
            runtime.block_on(storage.put(picture.key(), bytes.into()))?;
        }
    }
    if own.is_some() {
        sync_directory(&into.join(PHOTOS)).map_err(no_place)?;
    }
    sync_directory(into).map_err(no_place)
}

/// Whether a restore into this data directory was decided and not finished.
pub fn is_restoring(data: &Path) -> bool {
    named(data, READY).is_ok_and(|ready| !ready.is_empty())
}

/// Finishes a restore that was interrupted, if one was: what is unpacked goes where it belongs, what lies there into the directory
/// of what is kept. Every step that was done already is left as it is. The caller holds the lock of the data directory.
///
/// # Errors
/// Something can't be moved; doing it again goes on there.
pub fn finish_restoring(data: &Path) -> Result<Kept> {
    let mut kept = None;
    for ready in named(data, READY)? {
        let time = ready.file_name().and_then(|name| name.to_str()?.strip_prefix(RESTORE)?.strip_suffix(READY));
        let aside = data.join(format!("{REPLACED}{}", time.unwrap_or("unknown")));
        DirBuilder::new().recursive(true).mode(0o700).create(&aside)?;
        replace(data, &ready, &aside, PHOTOS)?;
        replace(data, &ready, &aside, KEY)?;
        if ready.join(DATABASE).exists() {
            // The new one has no such files, so these are the old one's.
            for name in OF_THE_OLD {
                set_aside(data, &aside, name)?;
            }
        }
        replace(data, &ready, &aside, DATABASE)?;
        sync_directory(&aside)?;
        sync_directory(data)?;
        fs::remove_dir(&ready)?;
        if fs::read_dir(&aside)?.next().is_none() {
            fs::remove_dir(&aside)?;
        } else {
            kept = Some(aside);
        }
        sync_directory(data)?;
    }
    Ok(kept)
}

/// Puts one thing in place of another of the same name. Once that was done, there is nothing to put there any more.
fn replace(data: &Path, ready: &Path, aside: &Path, name: &str) -> Result<()> {
    if ready.join(name).exists() {
        set_aside(data, aside, name)?;
        fs::rename(ready.join(name), data.join(name))?;
    }
    Ok(())
}

fn set_aside(data: &Path, aside: &Path, name: &str) -> Result<()> {
    match fs::rename(data.join(name), aside.join(name)) {
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(()),
        moved => Ok(moved?),
    }
}

/// The directories of what restores replaced, which nobody removes but the operator.
pub fn kept_by_restores(data: &Path) -> Vec<PathBuf> {
    below(data)
        .unwrap_or_default()
        .into_iter()
        .filter(|(_, name)| name.starts_with(REPLACED))
        .map(|(path, _)| path)
        .collect()
}

/// Sees to it that what a restore set aside is not served while its pictures are in `elsewhere`, together with those of the
/// server that was restored.
///
/// # Errors
/// `data` is such a directory.
pub fn must_not_be_set_aside(data: &Path, elsewhere: &Location) -> Result<()> {
    let name = path::absolute(data)?.file_name().map(|name| name.to_string_lossy().into_owned());
    if !name.is_some_and(|name| name.starts_with(REPLACED)) {
        return Ok(());
    }
    Err(Error::invalid(plain!(
        "{} is what a restore replaced, and its pictures are in {elsewhere} with those of the restored server: of two servers, each \
         would delete what only the other knows. To go back, stop the restored one, move this directory to another place and name, \
         and serve that.",
        data.display()
    )))
}

fn named(data: &Path, ending: &str) -> Result<Vec<PathBuf>> {
    let ours = |name: &str| name.starts_with(RESTORE) && name.ends_with(ending);
    Ok(below(data)?.into_iter().filter(|(_, name)| ours(name)).map(|(path, _)| path).collect())
}

fn below(data: &Path) -> io::Result<Vec<(PathBuf, String)>> {
    match fs::read_dir(data) {
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        entries => entries?
            .map(|entry| entry.map(|entry| (entry.path(), entry.file_name().to_string_lossy().into_owned())))
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIME: &str = "2026-11-22T030000Z";

    /// A data directory in which a restore was decided, and nothing else done yet.
    fn decided() -> tempfile::TempDir {
        let data = tempfile::tempdir().unwrap();
        let put = |name: &str, text: &str| {
            let file = data.path().join(name);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text).unwrap();
        };
        for name in ["headroom.db", "headroom.db-wal", "headroom.key", "photos/a/x.jpg"] {
            put(name, "old");
        }
        for name in ["headroom.db", "headroom.key", "photos/b/y.jpg"] {
            put(&format!("restore-{TIME}.ready/{name}"), "new");
        }
        data
    }

    /// The renames of a restore, one after the other.
    fn steps() -> Vec<(String, String)> {
        let (ready, aside) = (format!("restore-{TIME}.ready"), format!("before-restore-{TIME}"));
        let out = |name: &str| (name.to_owned(), format!("{aside}/{name}"));
        let back = |name: &str| (format!("{ready}/{name}"), name.to_owned());
        vec![out(PHOTOS), back(PHOTOS), out(KEY), back(KEY), out("headroom.db-wal"), out(DATABASE), back(DATABASE)]
    }

    #[test]
    fn a_restore_that_was_killed_anywhere_is_finished_to_the_same_end() {
        for done in 0..=steps().len() {
            let data = decided();
            let data = data.path();
            assert!(is_restoring(data));
            fs::create_dir(data.join(format!("before-restore-{TIME}"))).unwrap();
            for (from, to) in steps().into_iter().take(done) {
                fs::rename(data.join(from), data.join(to)).unwrap();
            }
            let kept = finish_restoring(data).unwrap().unwrap();
            assert_eq!(kept, data.join(format!("before-restore-{TIME}")));
            for (place, word, picture) in [(data, "new", "photos/b/y.jpg"), (&kept, "old", "photos/a/x.jpg")] {
                for name in ["headroom.db", "headroom.key", picture] {
                    assert_eq!(fs::read_to_string(place.join(name)).unwrap(), word, "{name} after {done} steps");
                }
            }
            assert!(kept.join("headroom.db-wal").exists() && !data.join("headroom.db-wal").exists());
            assert_eq!(fs::read_dir(data).unwrap().count(), 4, "nothing is left over");
            assert_eq!(finish_restoring(data).unwrap(), None);
        }
    }

    #[test]
    fn a_log_of_the_new_database_is_left_where_it_is() {
        let data = decided();
        let data = data.path();
        fs::create_dir(data.join(format!("before-restore-{TIME}"))).unwrap();
        for (from, to) in steps() {
            fs::rename(data.join(from), data.join(to)).unwrap();
        }
        fs::write(data.join("headroom.db-wal"), "new").unwrap();
        finish_restoring(data).unwrap();
        assert_eq!(fs::read_to_string(data.join("headroom.db-wal")).unwrap(), "new");
    }
}
