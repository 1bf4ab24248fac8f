//! Pictures of an organization's own, on their way in.

use super::{Received, Uploads, read};
use crate::{
    branding,
    db::Db,
    error::Result,
    members::Actor,
    storage::Storage,
    styles::{self, BackdropName, OwnBackdrop},
    to_its_end::to_its_end,
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
        let (studio, db, storage) = (self.studio.clone(), db.clone(), storage.clone());
        let kept = async move {
            // A stranger's bytes are decoded by a child; what comes of them is ours.
            let master = studio.develop(read(received.file), false).await?.master;
            styles::keep(&db, &storage, by, name, master.to_vec()).await
        };
        to_its_end(kept).await
    }

    /// Makes a received file the logo of the actor's organization, also if the sender is gone meanwhile.
    ///
    /// # Errors
    /// As [`branding::keep`]; the file is no picture we can read, SVG among them.
    pub async fn keep_logo(&self, db: &Db, storage: &Storage, by: Actor, received: Received) -> Result<()> {
        let (studio, db, storage) = (self.studio.clone(), db.clone(), storage.clone());
        let kept = async move {
            let file = async {
                let file = read(received.file).await?;
                branding::must_be_pixels(&file)?;
                Ok(file)
            };
            let (size, png) = studio.emblem(file).await?;
            branding::keep(&db, &storage, by, size, png).await
        };
        to_its_end(kept).await
    }
}
