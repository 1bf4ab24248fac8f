//! Pictures of an organization's own, on their way in.

use std::io::{Read, Seek};

use super::{Received, Uploads, no_place};
use crate::{
    branding,
    db::Db,
    error::{Error, Result},
    members::Actor,
    storage::Storage,
    styles::{self, BackdropName, OwnBackdrop},
};

impl Uploads {
    /// Makes a received file a backdrop of the actor's organization, also if the sender is gone meanwhile.
    ///
    /// # Errors
    /// As [`styles::keep`].
    pub async fn keep_backdrop(
        &self,
        db: &Db,
        storage: &Storage,
        by: Actor,
        name: BackdropName,
        received: Received,
    ) -> Result<OwnBackdrop> {
        let (slots, studio, db, storage) = (self.slots.clone(), self.studio.clone(), db.clone(), storage.clone());
        let kept = tokio::spawn(async move {
            let _slot = slots.acquire().await.map_err(Error::internal)?;
            let file = tokio::task::spawn_blocking(move || whole(received)).await.map_err(Error::internal)??;
            // A stranger's bytes are decoded by a child; what comes of them is ours.
            let master = studio.develop(file.into(), false).await?.master;
            styles::keep(&db, &storage, by, name, master.to_vec()).await
        });
        kept.await.map_err(Error::internal)?
    }

    /// Makes a received file the logo of the actor's organization, also if the sender is gone meanwhile.
    ///
    /// # Errors
    /// As [`branding::keep`]; the file is no picture we can read, SVG among them.
    pub async fn keep_logo(&self, db: &Db, storage: &Storage, by: Actor, received: Received) -> Result<()> {
        let (slots, studio, db, storage) = (self.slots.clone(), self.studio.clone(), db.clone(), storage.clone());
        let kept = tokio::spawn(async move {
            let _slot = slots.acquire().await.map_err(Error::internal)?;
            let file = tokio::task::spawn_blocking(move || whole(received)).await.map_err(Error::internal)??;
            branding::must_be_pixels(&file)?;
            let (size, png) = studio.emblem(file.into()).await?;
            branding::keep(&db, &storage, by, size, png).await
        });
        kept.await.map_err(Error::internal)?
    }
}

fn whole(received: Received) -> Result<Vec<u8>> {
    let (mut file, mut bytes) = (received.file, Vec::new());
    file.rewind().and_then(|()| file.read_to_end(&mut bytes)).map_err(|cause| no_place(&cause))?;
    Ok(bytes)
}
