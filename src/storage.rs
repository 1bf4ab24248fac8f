//! Photos and headshots by key: in a directory, or in memory for tests.

use std::{io, path::PathBuf, str::FromStr, sync::Arc};

use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures::TryStreamExt;
use object_store::{ObjectMeta, ObjectStore, ObjectStoreExt, local::LocalFileSystem, memory::InMemory, path::Path};

use crate::{
    clock::Timestamp,
    error::{Error, Result, causes, trail},
    ids::OrganizationId,
};

mod keys;

pub use keys::{BackdropFile, Folder, HeadshotFile, Ids, Key, MadeFile, PhotoFile, Preview};

/// Where the files are. Cheap to clone: all clones are the same place.
#[derive(Clone, Debug)]
pub struct Storage {
    files: Arc<dyn ObjectStore>,
    /// The directory, if they are in one.
    root: Option<PathBuf>,
}

impl Storage {
    /// Files in a directory, which is made if need be.
    ///
    /// # Errors
    /// `Unavailable` when the directory can't be made or opened.
    pub fn directory(path: impl Into<PathBuf>) -> Result<Self> {
        let root = path.into();
        std::fs::create_dir_all(&root).map_err(|cause| unavailable("open", &cause))?;
        // Without `with_fsync` a put that returned could be gone after a power cut. With it the file, its directory
        // and each directory made for it are on disk first, and the file appears under its name whole or not at all.
        let files = LocalFileSystem::new_with_prefix(&root).map_err(|cause| unavailable("open", &cause))?;
        Ok(Self { files: Arc::new(files.with_fsync(true)), root: Some(root) })
    }

    /// Files in memory, gone with the process.
    pub fn memory() -> Self {
        Self { files: Arc::new(InMemory::new()), root: None }
    }

    /// Keeps `bytes` under `key`, in place of what was there. When this returns, they are on disk.
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
    /// `Unavailable` when the disk fails.
    pub async fn get(&self, key: Key<'_>) -> Result<Option<Bytes>> {
        let found = async { self.files.get(&key.path()).await?.bytes().await };
        match found.await {
            Ok(bytes) => Ok(Some(bytes)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(cause) => Err(unavailable("get", &cause)),
        }
    }

    /// Deletes the file under `key`, for good: when this returns, no power cut brings it back. Deleting what is not there is fine.
    ///
    /// # Errors
    /// `Unavailable` when the disk fails; deleting again is safe.
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
    /// `Unavailable` when the disk fails; deleting again is safe.
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
    /// `Unavailable` when the disk fails.
    pub async fn ids(&self) -> Result<Ids> {
        Ok(Ids {
            photos: ids(&self.names("photos").await?),
            headshots: ids(&self.names("headshots").await?),
            cutouts: ids(&self.names("cutouts").await?),
            backdrops: ids(&self.names("backdrops").await?),
            made: ids(&self.names("made").await?),
        })
    }

    /// The organizations under whose ids a logo is stored that was put there before this moment. An organization's id says
    /// nothing of how old its logo is.
    ///
    /// # Errors
    /// `Unavailable` when the disk fails.
    pub async fn logos_before(&self, moment: Timestamp) -> Result<Vec<OrganizationId>> {
        const LOGOS: &str = "logos";
        if let Some(path) = self.on_disk(&Path::from(LOGOS)) {
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
        let listed = self.files.list(Some(&Path::from(LOGOS)));
        let files: Vec<ObjectMeta> = listed.try_collect().await.map_err(|cause| unavailable("list", &cause))?;
        let old = files.iter().filter(|file| file.last_modified < moment.date_time());
        Ok(old.filter_map(|file| file.location.parts().nth(2)?.as_ref().parse().ok()).collect())
    }

    /// The names of the folders two levels below one.
    async fn names(&self, kind: &'static str) -> Result<Vec<String>> {
        if let Some(path) = self.on_disk(&Path::from(kind)) {
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
        let listed = self.files.list(Some(&Path::from(kind))).map_ok(|file| file.location);
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

/// What is in a directory; nothing in one that isn't there.
fn entries(path: &std::path::Path) -> io::Result<Vec<PathBuf>> {
    match std::fs::read_dir(path) {
        Err(cause) if matches!(cause.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(Vec::new()),
        entries => entries?.map(|entry| entry.map(|entry| entry.path())).collect(),
    }
}

/// Removes a directory with everything in it: also what a killed process left there half-written,
/// which `object_store` doesn't list.
fn remove_directory(path: &std::path::Path) -> io::Result<()> {
    match std::fs::remove_dir_all(path) {
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(()),
        other => other?,
    }
    path.parent().map_or(Ok(()), sync_directory)
}

/// Brings to disk which files a directory has. `object_store` does so after a put, not after a delete.
fn sync_directory(path: &std::path::Path) -> io::Result<()> {
    match std::fs::File::open(path) {
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(()), // gone as a whole meanwhile
        opened => opened?.sync_all(),
    }
}

async fn on_blocking_thread<T: Send + 'static>(
    what: &'static str,
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(Error::internal)?.map_err(|cause| unavailable(what, &cause))
}

/// What the person is told; the cause goes to the log here, since the sentence can't carry it.
fn unavailable(what: &'static str, cause: &(dyn std::error::Error + 'static)) -> Error {
    tracing::error!(what, cause = trail(cause), "The storage of photos failed");
    Error::Unavailable(if is_full(cause) {
        say!("There is no room left to store photos. Ask your administrator to free some, then try again.")
    } else {
        say!("Photos can't be stored or read right now. Try again in a moment.")
    })
}

/// Whether somewhere beneath an error lies a full disk or a used-up quota.
fn is_full(error: &(dyn std::error::Error + 'static)) -> bool {
    causes(error)
        .filter_map(|error| error.downcast_ref::<io::Error>())
        .any(|error| matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        clock::Clock,
        ids::{BackdropId, CutoutId, PhotoId, ResultId},
    };

    const DAY: std::time::Duration = std::time::Duration::from_secs(24 * 60 * 60);

    fn both() -> (tempfile::TempDir, [Storage; 2]) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("photos and headshots");
        (directory, [Storage::directory(path).unwrap(), Storage::memory()])
    }

    #[test]
    fn files_are_spread_by_the_random_part_of_the_id() {
        let id = "018bcfe568004f1c2d3e4a5b".parse().unwrap();
        let path = Key::Photo(&id, PhotoFile::Master).path();
        assert_eq!(path.as_ref(), "photos/4f/018bcfe568004f1c2d3e4a5b/master.jpg");
    }

    #[tokio::test]
    async fn what_was_put_is_there_until_it_is_deleted() {
        let (_directory, storages) = both();
        for storage in storages {
            let (id, other) = (PhotoId::new(), PhotoId::new());
            let key = Key::Photo(&id, PhotoFile::Master);
            assert_eq!(storage.get(key).await.unwrap(), None);
            storage.put(key, "first".into()).await.unwrap();
            storage.put(key, "second".into()).await.unwrap();
            storage.put(Key::Photo(&other, PhotoFile::Master), "other".into()).await.unwrap();
            assert_eq!(storage.get(key).await.unwrap().unwrap(), "second");
            assert_eq!(storage.get(Key::Photo(&id, PhotoFile::Thumbnail)).await.unwrap(), None);

            storage.delete(key).await.unwrap();
            storage.delete(key).await.unwrap();
            assert_eq!(storage.get(key).await.unwrap(), None);
            assert!(storage.get(Key::Photo(&other, PhotoFile::Master)).await.unwrap().is_some());
        }
    }

    #[tokio::test]
    async fn a_headshots_files_go_together() {
        let (_directory, storages) = both();
        for storage in storages {
            let (id, other) = (ResultId::new(), ResultId::new());
            for file in [HeadshotFile::Portrait, HeadshotFile::Square, HeadshotFile::Thumbnail] {
                storage.put(Key::Headshot(&id, file), "picture".into()).await.unwrap();
                storage.put(Key::Headshot(&other, file), "picture".into()).await.unwrap();
            }
            storage.delete_all(Folder::Headshot(&id)).await.unwrap();
            storage.delete_all(Folder::Headshot(&id)).await.unwrap();
            for file in [HeadshotFile::Portrait, HeadshotFile::Square, HeadshotFile::Thumbnail] {
                assert_eq!(storage.get(Key::Headshot(&id, file)).await.unwrap(), None);
                assert!(storage.get(Key::Headshot(&other, file)).await.unwrap().is_some());
            }
        }
    }

    #[tokio::test]
    async fn what_is_there_is_listed_until_it_is_gone() {
        let (_directory, storages) = both();
        for storage in storages {
            assert_eq!(storage.ids().await.unwrap(), Ids::default());
            let (photo, headshot) = (PhotoId::new(), ResultId::new());
            let (cutout, backdrop) = (CutoutId::new(), BackdropId::new());
            storage.put(Key::Cutout(&cutout), "picture".into()).await.unwrap();
            storage.put(Key::Backdrop(&backdrop, BackdropFile::Picture), "picture".into()).await.unwrap();
            storage.put(Key::Backdrop(&backdrop, BackdropFile::Thumbnail), "picture".into()).await.unwrap();
            storage.put(Key::Photo(&photo, PhotoFile::Master), "picture".into()).await.unwrap();
            storage.put(Key::Headshot(&headshot, HeadshotFile::Square), "picture".into()).await.unwrap();
            storage.put(Key::Headshot(&headshot, HeadshotFile::Thumbnail), "picture".into()).await.unwrap();
            let found = storage.ids().await.unwrap();
            assert_eq!((&found.photos, &found.headshots), (&vec![photo.clone()], &vec![headshot.clone()]));
            assert_eq!((found.cutouts, found.backdrops), (vec![cutout], vec![backdrop]));
            assert!(storage.holds(Folder::Photo(&photo)).await.unwrap());
            storage.delete_all(Folder::Photo(&photo)).await.unwrap();
            assert!(!storage.holds(Folder::Photo(&photo)).await.unwrap());
            assert!(storage.holds(Folder::Headshot(&headshot)).await.unwrap());
        }
    }

    #[tokio::test]
    async fn a_logo_is_as_old_as_its_file() {
        let (_directory, storages) = both();
        for storage in storages {
            let id: OrganizationId = "org_018bcfe568004f1c2d3e4a5b".parse().unwrap();
            let begun = Clock::system().now();
            assert_eq!(storage.logos_before(begun + DAY).await.unwrap(), []);
            storage.put(Key::Logo(&id), "picture".into()).await.unwrap();
            assert_eq!(storage.logos_before(begun - DAY).await.unwrap(), []);
            assert_eq!(storage.logos_before(begun + DAY).await.unwrap(), std::slice::from_ref(&id));
            storage.delete_all(Folder::Logo(&id)).await.unwrap();
            assert_eq!(storage.logos_before(begun + DAY).await.unwrap(), []);
        }
    }

    #[tokio::test]
    async fn a_disk_that_cannot_be_read_is_not_taken_for_empty() {
        let directory = tempfile::tempdir().unwrap();
        let storage = Storage::directory(directory.path()).unwrap();
        std::fs::write(directory.path().join("photos"), "a file where a directory belongs").unwrap();
        assert!(matches!(storage.holds(Folder::Photo(&PhotoId::new())).await, Err(Error::Unavailable(_))));
    }

    #[tokio::test]
    async fn half_written_files_are_never_seen_and_go_with_the_rest() {
        let directory = tempfile::tempdir().unwrap();
        let storage = Storage::directory(directory.path()).unwrap();
        let id = PhotoId::new();
        let key = Key::Photo(&id, PhotoFile::Master);
        let folder = directory.path().join(Folder::Photo(&id).path().as_ref());
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("master.jpg#1"), "of a process that was killed").unwrap();

        assert_eq!(storage.get(key).await.unwrap(), None);
        storage.put(key, "whole".into()).await.unwrap();
        assert_eq!(storage.get(key).await.unwrap().unwrap(), "whole");
        storage.delete_all(Folder::Photo(&id)).await.unwrap();
        assert!(!folder.exists());
    }

    #[tokio::test]
    async fn a_failing_disk_is_told_calmly_and_leaves_nothing() {
        let directory = tempfile::tempdir().unwrap();
        let storage = Storage::directory(directory.path()).unwrap();
        std::fs::write(directory.path().join("photos"), "a file where a directory belongs").unwrap();
        let id = PhotoId::new();
        let refused = storage.put(Key::Photo(&id, PhotoFile::Master), "photo".into()).await.unwrap_err();
        assert!(matches!(refused, Error::Unavailable(_)));
        assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_full_disk_is_recognised_beneath_the_storages_own_error() {
        let source = Box::new(io::Error::from(io::ErrorKind::StorageFull));
        let cause = object_store::Error::Generic { store: "LocalFileSystem", source };
        assert!(unavailable("put", &cause).to_string().starts_with("There is no room left"));
        assert!(unavailable("put", &io::Error::other("hiss")).to_string().starts_with("Photos can't be"));
    }
}
