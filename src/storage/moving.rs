//! Files as they lie, whatever they are of: for copying all of them from one place to another.

use std::collections::BTreeSet;

use bytes::Bytes;
use futures::{StreamExt, TryStreamExt, stream};
use md5::{Digest, Md5};
use object_store::{ObjectMeta, ObjectStore, ObjectStoreExt, path::Path};

use super::{Kind, Storage, on_blocking_thread, remove_directory, unavailable};
use crate::error::{Error, Result};

/// One of the folders that the things of a kind are spread over.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Shelf {
    kind: &'static str,
    name: String,
}

/// A file as a listing has it.
#[derive(Clone, Debug)]
pub struct Stored {
    id: String,
    path: Path,
    size: u64,
    /// What the place says its MD5 is, if it says something that looks like one. Not to be taken for it: what is encrypted with
    /// a key of its own has something else there.
    mark: Option<String>,
}

impl Shelf {
    fn path(&self) -> Path {
        Path::from_iter([self.kind, &self.name])
    }
}

impl Stored {
    /// Of what it is, as its kind writes ids.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Which file of all: the same in every place.
    pub fn name(&self) -> &str {
        self.path.as_ref()
    }

    /// Bytes.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// None if it is none of ours.
    fn listed(kind: Kind, file: ObjectMeta) -> Option<Self> {
        let id = file.location.parts().nth(2).map(|id| id.as_ref().to_owned()).filter(|id| kind.is_id(id))?;
        Some(Self { id, size: file.size, mark: mark(file.e_tag.as_deref()), path: file.location })
    }
}

impl Storage {
    /// The folders that anything of a kind is in.
    ///
    /// # Errors
    /// `Unavailable` when they can't be listed.
    pub async fn shelves(&self, kind: Kind) -> Result<BTreeSet<Shelf>> {
        let found =
            self.files.list_with_delimiter(Some(&kind.path())).await.map_err(|cause| unavailable("list", &cause))?;
        let names = found.common_prefixes.iter().filter_map(|path| Some(path.filename()?.to_owned()));
        Ok(names.map(|name| Shelf { kind: kind.name(), name }).collect())
    }

    /// The files in one of them. What has a name that we give to nothing is left out.
    ///
    /// # Errors
    /// `Unavailable` when they can't be listed.
    pub async fn on_shelf(&self, kind: Kind, shelf: &Shelf) -> Result<Vec<Stored>> {
        let listed = self.files.list(Some(&shelf.path()));
        let files: Vec<ObjectMeta> = listed.try_collect().await.map_err(|cause| unavailable("list", &cause))?;
        Ok(files.into_iter().filter_map(|file| Stored::listed(kind, file)).collect())
    }

    /// Whether another place has the same bytes. Reads as little as tells for sure.
    ///
    /// # Errors
    /// `Unavailable` when one of the two can't be read.
    pub async fn is_same(&self, file: &Stored, other: &Self, its: &Stored) -> Result<bool> {
        if file.size != its.size {
            return Ok(false);
        }
        match (&file.mark, &its.mark) {
            (Some(one), Some(another)) if one == another => return Ok(true),
            (Some(one), None) if other.bytes(&its.path).await?.is_some_and(|bytes| *one == digest(&bytes)) => {
                return Ok(true);
            }
            (None, Some(another)) if self.bytes(&file.path).await?.is_some_and(|bytes| *another == digest(&bytes)) => {
                return Ok(true);
            }
            _ => {}
        }
        // No mark, or none that is a digest: then only the bytes themselves tell.
        Ok(self.bytes(&file.path).await? == other.bytes(&its.path).await?)
    }

    /// Copies a file to another place, and looks whether it is there as it is here. One that is gone meanwhile is not copied.
    ///
    /// # Errors
    /// `Unavailable` when one of the two fails, or when what is there afterwards is not what was sent.
    pub async fn copy_to(&self, file: &Stored, other: &Self) -> Result<bool> {
        let Some(bytes) = self.bytes(&file.path).await? else { return Ok(false) };
        let put =
            other.files.put(&file.path, bytes.clone().into()).await.map_err(|cause| unavailable("put", &cause))?;
        let arrived = mark(put.e_tag.as_deref()).is_some_and(|mark| mark == digest(&bytes))
            || other.bytes(&file.path).await? == Some(bytes);
        if arrived {
            return Ok(true);
        }
        tracing::error!(file = file.name(), "What was copied is not what was sent");
        Err(Error::Unavailable(plain!("{} was not stored as it was sent. Run this again.", file.name())))
    }

    /// Deletes files, and with each what else lies in its folder: these are all files of what they are of.
    ///
    /// # Errors
    /// `Unavailable` when the disk or the bucket fails; deleting again is safe.
    pub async fn clear(&self, files: Vec<Stored>) -> Result<()> {
        if self.root.is_none() {
            let paths = stream::iter(files).map(|file| Ok(file.path));
            let done = self.files.delete_stream(paths.boxed()).try_for_each(|_| async { Ok(()) }).await;
            return done.map_err(|cause| unavailable("delete", &cause));
        }
        let folders: BTreeSet<Path> = files.iter().map(|file| file.path.parts().take(3).collect()).collect();
        for folder in folders.iter().filter_map(|folder| self.on_disk(folder)) {
            on_blocking_thread("delete", move || remove_directory(&folder)).await?;
        }
        Ok(())
    }

    /// Removes what half-written files and empty folders are left of a directory's shelf once it was cleared.
    ///
    /// # Errors
    /// `Unavailable` when the disk fails.
    pub async fn clear_away(&self, kind: Kind, shelf: &Shelf) -> Result<()> {
        let Some(path) = self.on_disk(&shelf.path()) else { return Ok(()) };
        on_blocking_thread("delete", move || {
            for left in super::entries(&path)? {
                if left.file_name().and_then(|name| name.to_str()).is_some_and(|name| kind.is_id(name)) {
                    remove_directory(&left)?;
                }
            }
            // What is not empty has something in it that isn't ours, and stays.
            let _ = std::fs::remove_dir(&path);
            let _ = path.parent().map(std::fs::remove_dir);
            Ok(())
        })
        .await
    }

    async fn bytes(&self, path: &Path) -> Result<Option<Bytes>> {
        let found = async { self.files.get(path).await?.bytes().await };
        match found.await {
            Ok(bytes) => Ok(Some(bytes)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(cause) => Err(unavailable("get", &cause)),
        }
    }
}

/// An entity tag that looks like an MD5.
fn mark(tag: Option<&str>) -> Option<String> {
    let tag = tag?.trim_matches('"').to_ascii_lowercase();
    (tag.len() == 32 && tag.bytes().all(|byte| byte.is_ascii_hexdigit())).then_some(tag)
}

fn digest(bytes: &[u8]) -> String {
    Md5::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
