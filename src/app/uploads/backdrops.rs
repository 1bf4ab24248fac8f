//! Pictures of an organization's own, on their way in.

use super::{Received, Uploads, read};
use crate::{
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
        let (studio, db, storage) = (self.studio.clone(), db.clone(), storage.clone());
        let kept = tokio::spawn(async move {
            // A stranger's bytes are decoded by a child; what comes of them is ours.
            let master = studio.develop(read(received.file), false).await?.master;
            styles::keep(&db, &storage, by, name, master.to_vec()).await
        });
        kept.await.map_err(Error::internal)?
    }
}
