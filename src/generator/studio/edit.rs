//! Edits: a kept cut-out laid anew, on this machine, whoever made the headshots it was kept with and whoever makes them now. What
//! was cut out of photos goes nowhere for that.

use bytes::Bytes;

use super::{failure, paper, scenery};
use crate::{
    generator::{Answer, Backdrop, Failure, Image, Retouch, Scene},
    storage::{BackdropFile, Key, Storage},
    studio::{Behind, Easel, Workshop},
};

/// Lays a kept cut-out as a headshot.
///
/// # Errors
/// [`Failure::Rejected`] if its file is gone; otherwise the child's, and the storage's.
pub(crate) async fn retouch(workshop: &Workshop, storage: &Storage, retouch: &Retouch) -> Answer<Image> {
    let cutout = cutout(storage, retouch).await?;
    let (scene, behind) = scenery(storage, &retouch.scene).await?;
    let laid = workshop.retouch(cutout, retouch.head, behind, retouch.look).await.map_err(failure)?;
    let look = retouch.look.bounded();
    Ok(Image { scene, bytes: laid.file, head: Some(laid.head), cutout: None, look })
}

/// The same at half its width and height, as a JPEG file: for whoever tries out how an edit would look, and wants to see it at
/// once. Laid on the easel that has the cut-out already, if there is one.
///
/// # Errors
/// As [`retouch`].
pub(crate) async fn preview(workshop: &Workshop, storage: &Storage, retouch: &Retouch) -> Answer<Bytes> {
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
        let cutout = cutout(storage, retouch).await?;
        easel.set(cutout, retouch.head).await.map_err(failure)?;
    }
    let behind = behind(easel, storage, &retouch.scene).await?;
    Ok(easel.lay(behind, retouch.look).await.map_err(failure)?.file)
}

/// The cut-out that is to be laid anew.
async fn cutout(storage: &Storage, retouch: &Retouch) -> Answer<Bytes> {
    let kept = storage.get(Key::Cutout(&retouch.cutout)).await.map_err(Failure::unavailable)?;
    kept.ok_or_else(|| {
        Failure::Rejected(say!("This headshot can't be edited any more: what it was made of is gone.").into())
    })
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
