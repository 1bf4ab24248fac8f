//! Photos and headshots by key: in a directory, in a bucket, or in memory for tests.

use std::{fs::DirBuilder, io, os::unix::fs::DirBuilderExt, path::PathBuf, str::FromStr, sync::Arc};

use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures::TryStreamExt;
use object_store::{
    ObjectMeta, ObjectStore, ObjectStoreExt, local::LocalFileSystem, memory::InMemory, path::Path, prefix::PrefixStore,
};

use crate::{
    clock::Timestamp,
    config::Location,
    error::{Error, Result, causes},
    ids::OrganizationId,
};

mod bucket;
mod disk;
#[cfg(test)]
pub(crate) mod gate;
mod keys;
mod moving;
mod names;
mod probe;

use bucket::Bucket;
use disk::{entries, remove_directory, sync_directory};
pub use keys::{BackdropFile, Folder, HeadshotFile, Ids, Key, Kind, MadeFile, PhotoFile, Preview};
pub use moving::{Shelf, Stored};
pub use names::FileName;
pub use probe::{Reached, Versions, probe};

/// Where the files are. Cheap to clone: all clones are the same place.
#[derive(Clone, Debug)]
pub struct Storage {
    files: Arc<dyn ObjectStore>,
    /// The directory, if they are in one.
    root: Option<PathBuf>,
    /// The host of the bucket that they are in, if that isn't on this machine.
    host: Option<Arc<str>>,
}

impl Storage {
    /// Files where the operator wants them. A bucket isn't asked for yet; each of its requests is over after 35 seconds.
    ///
    /// # Errors
    /// As [`Storage::directory`]; `Invalid` when the `AWS_…` variables of a bucket make no sense.
    pub fn open(location: &Location) -> Result<Self> {
        match location {
            Location::Directory(path) => Self::directory(path),
            Location::Bucket { name, prefix } => {
                let Bucket { files, host, .. } = Bucket::open(name)?;
                let files = Arc::new(PrefixStore::new(files, prefix.as_str()));
                Ok(Self { files, root: None, host: host.map(Arc::from) })
            }
        }
    }

    /// Files in a directory, which is made if need be.
    ///
    /// # Errors
    /// `Unavailable` when the directory can't be made or opened.
    pub fn directory(path: impl Into<PathBuf>) -> Result<Self> {
        let root = path.into();
        // Faces lie in it: nobody else on the machine may look into one we make.
        DirBuilder::new().recursive(true).mode(0o700).create(&root).map_err(|cause| unavailable("open", &cause))?;
        // Without `with_fsync` a put that returned could be gone after a power cut. With it the file, its directory
        // and each directory made for it are on disk first, and the file appears under its name whole or not at all.
        let files = LocalFileSystem::new_with_prefix(&root).map_err(|cause| unavailable("open", &cause))?;
        Ok(Self { files: Arc::new(files.with_fsync(true)), root: Some(root), host: None })
    }

    /// Files in memory, gone with the process.
    pub fn memory() -> Self {
        Self { files: Arc::new(InMemory::new()), root: None, host: None }
    }

    /// The host that the files are on, if that isn't this machine.
    pub fn host(&self) -> Option<&str> {
        self.host.as_deref()
    }

    /// Keeps `bytes` under `key`, in place of what was there. When this returns, they are on disk, or the bucket has said so.
    /// Readers see the old file or the new one, never a part.
    ///
    /// # Errors
    /// `Unavailable` when the disk is full or fails; then nothing was kept.
    pub async fn put(&self, key: Key<'_>, bytes: Bytes) -> Result<()> {
        self.files.put(&key.path(), bytes.into()).await.map_err(|cause| unavailable("put", &cause))?;
        Ok(())
    }

    /// The bytes under `key`; none if there are none, or not any more.
    ///
    /// # Errors
    /// `Unavailable` when the disk or the bucket fails.
    pub async fn get(&self, key: Key<'_>) -> Result<Option<Bytes>> {
        let found = async { self.files.get(&key.path()).await?.bytes().await };
        match found.await {
            Ok(bytes) => Ok(Some(bytes)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(cause) => Err(unavailable("get", &cause)),
        }
    }

    /// Deletes the file under `key`, for good: when this returns, no power cut brings it back. Deleting what is not there is fine.
    /// A bucket that keeps old versions keeps this one too, of which `headroom doctor` tells.
    ///
    /// # Errors
    /// `Unavailable` when the disk or the bucket fails; deleting again is safe.
    pub async fn delete(&self, key: Key<'_>) -> Result<()> {
        match self.files.delete(&key.path()).await {
            Ok(()) => {}
            Err(object_store::Error::NotFound { .. }) => return Ok(()),
            Err(cause) => return Err(unavailable("delete", &cause)),
        }
        let Some(parent) = self.on_disk(&key.path()).and_then(|path| path.parent().map(PathBuf::from)) else {
            return Ok(());
        };
        on_blocking_thread("delete", move || sync_directory(&parent)).await
    }

    /// Deletes all files of one upload or headshot, as [`Storage::delete`] does one.
    ///
    /// # Errors
    /// `Unavailable` when the disk or the bucket fails; deleting again is safe.
    pub async fn delete_all(&self, folder: Folder<'_>) -> Result<()> {
        if let Some(path) = self.on_disk(&folder.path()) {
            return on_blocking_thread("delete", move || remove_directory(&path)).await;
        }
        let listed = self.files.list(Some(&folder.path())).map_ok(|file| file.location);
        self.files
            .delete_stream(Box::pin(listed))
            .try_for_each(|_| async { Ok(()) })
            .await
            .map_err(|cause| unavailable("delete", &cause))
    }

    /// Looks whether anything is left of one upload or headshot, half-written files included.
    ///
    /// # Errors
    /// `Unavailable` when that can't be told, which is not the same as no.
    pub async fn holds(&self, folder: Folder<'_>) -> Result<bool> {
        if let Some(path) = self.on_disk(&folder.path()) {
            return on_blocking_thread("look", move || match std::fs::symlink_metadata(&path) {
                Ok(_) => Ok(true),
                Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(false),
                Err(cause) => Err(cause),
            })
            .await;
        }
        let first = self.files.list(Some(&folder.path())).try_next().await;
        Ok(first.map_err(|cause| unavailable("look", &cause))?.is_some())
    }

    /// The ids under which anything is stored.
    ///
    /// # Errors
    /// `Unavailable` when the disk or the bucket fails.
    pub async fn ids(&self) -> Result<Ids> {
        Ok(Ids {
            photos: ids(&self.names(Kind::Photos).await?),
            headshots: ids(&self.names(Kind::Headshots).await?),
            cutouts: ids(&self.names(Kind::Cutouts).await?),
            backdrops: ids(&self.names(Kind::Backdrops).await?),
            made: ids(&self.names(Kind::Made).await?),
        })
    }

    /// The organizations under whose ids a logo is stored that was put there before this moment. An organization's id says
    /// nothing of how old its logo is.
    ///
    /// # Errors
    /// `Unavailable` when the disk or the bucket fails.
    pub async fn logos_before(&self, moment: Timestamp) -> Result<Vec<OrganizationId>> {
        let logos = Kind::Logos.path();
        if let Some(path) = self.on_disk(&logos) {
            return on_blocking_thread("list", move || {
                let mut found = Vec::new();
                for spread in entries(&path)? {
                    for folder in entries(&spread)? {
                        let id = folder.file_name().and_then(|name| name.to_str()?.parse().ok());
                        // Each file that is put there touches its folder, also one that is only half written.
                        let touched: DateTime<Utc> = match std::fs::metadata(&folder) {
                            Err(cause) if cause.kind() == io::ErrorKind::NotFound => continue,
                            looked => looked?.modified()?.into(),
                        };
                        found.extend(id.filter(|_| touched < moment.date_time()));
                    }
                }
                Ok(found)
            })
            .await;
        }
        let listed = self.files.list(Some(&logos));
        let files: Vec<ObjectMeta> = listed.try_collect().await.map_err(|cause| unavailable("list", &cause))?;
        let old = files.iter().filter(|file| file.last_modified < moment.date_time());
        Ok(old.filter_map(|file| file.location.parts().nth(2)?.as_ref().parse().ok()).collect())
    }

    /// The names of the folders two levels below one.
    async fn names(&self, kind: Kind) -> Result<Vec<String>> {
        if let Some(path) = self.on_disk(&kind.path()) {
            return on_blocking_thread("list", move || {
                let mut names = Vec::new();
                for spread in entries(&path)? {
                    names.extend(
                        entries(&spread)?.iter().filter_map(|entry| Some(entry.file_name()?.to_str()?.to_owned())),
                    );
                }
                Ok(names)
            })
            .await;
        }
        let listed = self.files.list(Some(&kind.path())).map_ok(|file| file.location);
        let files: Vec<Path> = listed.try_collect().await.map_err(|cause| unavailable("list", &cause))?;
        let mut names: Vec<String> =
            files.iter().filter_map(|file| Some(file.parts().nth(2)?.as_ref().to_owned())).collect();
        names.sort();
        names.dedup();
        Ok(names)
    }

    /// The file's or folder's place in the directory, if there is one.
    fn on_disk(&self, path: &Path) -> Option<PathBuf> {
        Some(self.root.as_ref()?.join(path.as_ref()))
    }
}

/// The names that are ids; what has another name is none of ours.
fn ids<T: FromStr>(names: &[String]) -> Vec<T> {
    names.iter().filter_map(|name| name.parse().ok()).collect()
}

async fn on_blocking_thread<T: Send + 'static>(
    what: &'static str,
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(Error::internal)?.map_err(|cause| unavailable(what, &cause))
}

/// What the person is told; the cause goes to the log here, since the sentence can't carry it.
fn unavailable(what: &'static str, cause: &(dyn std::error::Error + 'static)) -> Error {
    tracing::error!(what, cause = told_once(cause), "The storage of photos failed");
    Error::Unavailable(if is_full(cause) {
        say!("There is no room left to store photos. Ask your administrator to free some, then try again.")
    } else {
        say!("Photos can't be stored or read right now. Try again in a moment.")
    })
}

/// An error and its causes, without those that another one has in its own words already: `object_store` has all of them.
fn told_once(error: &(dyn std::error::Error + 'static)) -> String {
    causes(error).map(ToString::to_string).fold(String::new(), |told, next| match told.contains(&next) {
        _ if told.is_empty() => next,
        true => told,
        false => format!("{told}: {next}"),
    })
}

/// What buckets call a full disk or a used-up quota.
const FULL: [&str; 3] = ["<Code>QuotaExceeded", "<Code>XMinioStorageFull", "<Code>InsufficientStorage"];

/// Whether somewhere beneath an error lies a full disk or a used-up quota.
fn is_full(error: &(dyn std::error::Error + 'static)) -> bool {
    let words = error.to_string();
    FULL.iter().any(|code| words.contains(code))
        || causes(error)
            .filter_map(|error| error.downcast_ref::<io::Error>())
            .any(|error| matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded))
}

#[cfg(test)]
mod tests;
