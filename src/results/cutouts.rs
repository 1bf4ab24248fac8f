//! The cut-outs that headshots were laid from. They are kept for edits, as long as the headshots and never longer.

use bytes::Bytes;
use rusqlite::{Row, named_params};

use super::{Headshot, get};
use crate::{
    clock::Timestamp,
    config::Priority,
    db::{Tx, View},
    error::{Error, Result},
    generator::{Cutout, Look, Retouch, Scene},
    ids::{CutoutId, PhotoId, ShootId},
    images,
    priority::work_apart,
    shoots,
    storage::{Key, Storage},
    styles,
};

/// A cut-out that is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct KeptCutout {
    /// Which; its file is stored under it.
    pub id: CutoutId,
    /// Of which shoot.
    pub shoot: ShootId,
    /// Of which photo, as long as that is kept.
    pub photo: Option<PhotoId>,
    /// The middle of the face, as parts of width and height.
    pub head: (f32, f32),
    /// When it was made.
    pub created_at: Timestamp,
}

impl KeptCutout {
    fn from_row(row: &Row) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            shoot: row.get("shoot_id")?,
            photo: row.get("photo_id")?,
            head: (row.get("head_x")?, row.get("head_y")?),
            created_at: row.get("created_at")?,
        })
    }
}

/// A cut-out whose file is stored already.
#[derive(Clone, Debug)]
pub struct NewCutout {
    /// The id its file is stored under.
    pub id: CutoutId,
    /// Of which photo.
    pub photo: PhotoId,
    /// The middle of the face, as parts of width and height.
    pub head: (f32, f32),
}

/// Stores the file of a cut-out that no headshot is laid from yet.
///
/// # Errors
/// [`Error::Invalid`] if it is none that we can read, or says of no place in it that the face is there.
pub(super) async fn store(storage: &Storage, made: Cutout, priority: Priority) -> Result<NewCutout> {
    let Cutout { photo, bytes, head } = made;
    let head = within(head).ok_or_else(|| Error::invalid(say!("The face of this cut-out is outside of it.")))?;
    let clean = work_apart("cutout", priority, move || images::clean_cutout(&bytes))?;
    let (_, file) = clean.await.map_err(Error::internal)??;
    let id = CutoutId::new();
    storage.put(Key::Cutout(&id), Bytes::from(file)).await?;
    Ok(NewCutout { id, photo, head })
}

/// A place in a picture, if it is one.
pub(super) fn within(place: (f32, f32)) -> Option<(f32, f32)> {
    let inside = |part: f32| (0.0..=1.0).contains(&part);
    (inside(place.0) && inside(place.1)).then_some(place)
}

/// Adds cut-outs to a shoot, before the headshots that were laid from them.
pub(super) fn add(tx: &Tx, shoot: &ShootId, made: &[NewCutout]) -> Result<()> {
    for new in made {
        // A generator may name a photo that is no more, or one that was never this shoot's.
        tx.execute(
            "insert into cutouts (id, shoot_id, photo_id, head_x, head_y, created_at)
             values (:id, :shoot, (select id from photos where id = :photo and shoot_id = :shoot), :x, :y, :now)",
            named_params! {
                ":id": new.id, ":shoot": shoot, ":photo": new.photo, ":x": new.head.0, ":y": new.head.1, ":now": tx.now,
            },
        )?;
    }
    Ok(())
}

/// A shoot's cut-outs, in the order they were made.
pub fn cutouts_of(view: &View, shoot: &ShootId) -> Result<Vec<KeptCutout>> {
    view.all(
        "select * from cutouts where shoot_id = :shoot order by created_at, id",
        named_params! { ":shoot": shoot },
        KeptCutout::from_row,
    )
}

/// Which of these cut-outs nobody knows: files that lie under their ids belong to no one.
pub fn unknown_cutouts(view: &View, ids: Vec<CutoutId>) -> Result<Vec<CutoutId>> {
    let mut unknown = Vec::new();
    for id in ids {
        let known: bool =
            view.one("select exists (select 1 from cutouts where id = :id)", named_params! { ":id": id }, |row| {
                row.get(0)
            })?;
        if !known {
            unknown.push(id);
        }
    }
    Ok(unknown)
}

/// Forgets a deleted shoot's cut-outs, once their files are gone.
pub(super) fn forget(tx: &Tx, shoot: &ShootId) -> Result<()> {
    tx.execute("delete from cutouts where shoot_id = :shoot", named_params! { ":shoot": shoot })?;
    Ok(())
}

/// What to ask the studio for, so that a headshot is laid before another scene or framed and lit otherwise. The look is brought
/// within bounds.
///
/// # Errors
/// Nothing is kept that it could be laid from anew; or the scene is another organization's own, or gone, which looks the same.
pub fn retouch_of(view: &View, headshot: &Headshot, scene: &Scene, look: Look) -> Result<Retouch> {
    let headshot = get(view, &headshot.id)?;
    let cutout = match &headshot.cutout {
        Some(id) => view.find(
            "select * from cutouts where id = :id and shoot_id = :shoot",
            named_params! { ":id": id, ":shoot": headshot.shoot },
            KeptCutout::from_row,
        )?,
        None => None,
    };
    let cutout = cutout.ok_or_else(|| {
        Error::invalid(say!(
            "This headshot can't be edited: what it was made of is not kept. It can still be downloaded."
        ))
    })?;
    if let Scene::Own(id) = scene {
        styles::get(view, &shoots::get(view, &headshot.shoot)?.organization, id)?;
    }
    Ok(Retouch { cutout: cutout.id, head: cutout.head, scene: scene.clone(), look: look.bounded() })
}
