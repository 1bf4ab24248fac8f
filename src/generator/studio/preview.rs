//! How an edit would look, small and at once.

use bytes::Bytes;

use super::{failure, paper};
use crate::{
    generator::{Answer, Backdrop, Failure, Retouch, Scene},
    storage::{BackdropFile, Key, Storage},
    studio::{Behind, Easel, Workshop},
};

/// Lays a kept cut-out at half its size, on the easel that has it already if there is one.
pub(super) async fn look_at(workshop: &Workshop, storage: &Storage, retouch: &Retouch) -> Answer<Bytes> {
    let mut easel = workshop.easel(retouch.cutout.as_str()).await;
    let had_waited = easel.is_set();
    match laid(&mut easel, storage, retouch).await {
        // Whoever waits may have been ended meanwhile, say because it had worked as long as it may.
        Err(Failure::Unavailable(_)) if had_waited => laid(&mut easel, storage, retouch).await,
        other => other,
    }
}

async fn laid(easel: &mut Easel<'_>, storage: &Storage, retouch: &Retouch) -> Answer<Bytes> {
    if !easel.is_set() {
        let cutout = super::cutout(storage, retouch).await?;
        easel.set(cutout, retouch.head).await.map_err(failure)?;
    }
    let behind = behind(easel, storage, &retouch.scene).await?;
    Ok(easel.lay(behind, retouch.look).await.map_err(failure)?.file)
}

/// A picture of the organization's own that was removed meanwhile is grey, as in the edit itself.
async fn behind(easel: &mut Easel<'_>, storage: &Storage, scene: &Scene) -> Answer<Behind> {
    let drawn = |backdrop| Behind::Drawn(paper(backdrop));
    let id = match scene {
        Scene::Drawn(backdrop) => return Ok(drawn(*backdrop)),
        Scene::Own(id) => id,
    };
    if let Some(known) = easel.picture(id.as_str()) {
        return Ok(known);
    }
    let file = storage.get(Key::Backdrop(id, BackdropFile::Picture)).await.map_err(Failure::unavailable)?;
    match file {
        Some(file) => easel.add_picture(id.as_str(), file).await.map_err(failure),
        None => Ok(drawn(Backdrop::Grey)),
    }
}
