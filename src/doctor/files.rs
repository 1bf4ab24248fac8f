//! The data directory and the disk it is on.

use std::{os::unix::fs::PermissionsExt, path::Path};

use rustix::fs::{Access, access, statvfs};

use super::{Bench, Finding};
use crate::{
    config::{Config, Location},
    error::Result,
    storage::{self, Reached, Versions},
};

/// How large things are, in bytes.
#[derive(Clone, Copy, Debug)]
pub struct Sizes {
    /// The database's file.
    pub database: u64,
    /// Its write-ahead log.
    pub log: u64,
    /// What is free on the disk that has the photos, or the database if they are in a bucket.
    pub free: u64,
}

impl Sizes {
    /// As they are now. What isn't there yet has none.
    pub fn of(config: &Config) -> Self {
        let size = |path: &Path| path.metadata().map_or(0, |file| file.len());
        let database = config.database();
        let mut log = database.clone().into_os_string();
        log.push("-wal");
        let disk = statvfs(config.photos.directory().unwrap_or(&config.data));
        let free = disk.map_or(0, |disk| disk.f_bavail.saturating_mul(disk.f_frsize));
        Self { database: size(&database), log: size(Path::new(&log)), free }
    }
}

/// Free space below which uploads would soon fail, in bytes; `/readyz` asks for the same.
const LEAST_FREE: u64 = 200 << 20;

/// Below this it is time to look after it.
const LITTLE_FREE: u64 = 2 << 30;

pub(super) fn data(bench: &Bench) -> Result<Finding> {
    let data = &bench.config.data;
    let shown = data.display();
    if !data.is_dir() {
        return Ok(Finding::Bad(format!(
            "There is no data directory {shown}. Start the server once, which makes it, or point --data at the right one."
        )));
    }
    if let Some(refused) = unwritable(data) {
        return Ok(Finding::Bad(refused));
    }
    let mode = data.metadata()?.permissions().mode() & 0o777;
    if mode & 0o007 != 0 {
        return Ok(Finding::Bad(format!(
            "{shown} can be opened by everyone on this machine (mode {mode:03o}), and faces lie in it. Do: chmod 700 {shown}"
        )));
    }
    Ok(Finding::Fine(format!("{shown} can be written, and has mode {mode:03o}.")))
}

pub(super) fn photos(bench: &Bench) -> Result<Finding> {
    let photos = match &bench.config.photos {
        Location::Bucket { name, prefix } => return bucket(bench, name, prefix),
        Location::Directory(path) => path,
    };
    let shown = photos.display();
    if !photos.is_dir() {
        return Ok(Finding::Fine(format!("There is no {shown} yet; the server makes it.")));
    }
    Ok(match unwritable(photos) {
        Some(refused) => Finding::Bad(refused),
        None => Finding::Fine(format!("{shown} can be written.")),
    })
}

/// A bucket can't be asked whether it would take a file, so it gets a small one for a moment.
fn bucket(bench: &Bench, name: &str, prefix: &str) -> Result<Finding> {
    let Reached { took, versions } = bench.runtime.block_on(storage::probe(name, prefix))?;
    let place = &bench.config.photos;
    let words = format!("{place}: a file was put, read, listed and deleted in {} ms", took.as_millis());
    Ok(match versions {
        Versions::Gone => Finding::Fine(format!("{words}.")),
        Versions::Expire(days) => Finding::Fine(format!("{words}. It keeps what is deleted for {days} more days.")),
        Versions::Unknown => Finding::Fine(format!(
            "{words}. Whether it keeps old versions can't be asked (s3:GetBucketVersioning); it must not, or deleted photos live on."
        )),
        Versions::Kept => Finding::Bad(format!(
            "{place} keeps old versions, so photos of people who were deleted live on in it, against their receipts. Add a lifecycle rule \
             that expires noncurrent versions after a day, or use a bucket that was never versioned."
        )),
    })
}

/// Asked, not tried: nothing is written here.
fn unwritable(directory: &Path) -> Option<String> {
    let cause = access(directory, Access::WRITE_OK | Access::READ_OK | Access::EXEC_OK).err()?;
    Some(format!(
        "{} can't be written ({cause}). Give the user that runs the server write access to it.",
        directory.display()
    ))
}

pub(super) fn disk(bench: &Bench) -> Result<Finding> {
    let data = room(&bench.config.data)?;
    // Photos in a directory of their own may have a disk of their own, and fill it first.
    let photos = bench.config.photos.directory().map(room).transpose()?;
    let free = photos.map_or(data, |photos| if photos.0 < data.0 { photos } else { data });
    let (free, words) = (free.0, format!("{} of {} are free", size(free.0), size(free.1)));
    Ok(match free {
        ..LEAST_FREE => {
            Finding::Bad(format!("{words}: uploads will fail. Make room, or move the data to a larger disk."))
        }
        LEAST_FREE..LITTLE_FREE => Finding::Fine(format!("{words}: that is little. Make room before it is used up.")),
        _ => Finding::Fine(format!("{words}.")),
    })
}

/// Bytes that are free on the disk a directory is or will be on, and all there are.
fn room(directory: &Path) -> Result<(u64, u64)> {
    // Before the first start it is the disk that the directory will be on.
    let there = directory.ancestors().find(|path| path.is_dir()).unwrap_or(Path::new("."));
    let disk = statvfs(there).map_err(std::io::Error::from)?;
    Ok((disk.f_bavail.saturating_mul(disk.f_frsize), disk.f_blocks.saturating_mul(disk.f_frsize)))
}

fn size(bytes: u64) -> String {
    match bytes >> 20 {
        mega @ ..2048 => format!("{mega} MB"),
        mega => format!("{} GB", mega >> 10),
    }
}
