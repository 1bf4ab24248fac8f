//! The photos a member uploads. Their rows are here, their files in the storage; the uploaded bytes themselves are never
//! kept: what is stored was decoded and encoded anew.

use headroom_studio::Finding;
use rusqlite::{Row, named_params};

use crate::{
    clock::Timestamp,
    db::{Topic, Tx, View},
    error::{Error, Result},
    ids::{PhotoId, ShootId},
    members::Member,
    secrets::Digest,
    shoots,
};

mod allowing;
mod looked;
mod twins;
mod using;

pub use allowing::{allow, allow_all};
pub use looked::{Looked, Verdict, briefly, found, trouble};
pub use using::{Standing, best_first};

/// Largest file that is taken, in bytes.
pub const LARGEST: usize = 25 * 1024 * 1024;

/// An uploaded photo.
#[derive(Clone, Debug)]
pub struct Photo {
    /// Which.
    pub id: PhotoId,
    /// Of which shoot.
    pub shoot: ShootId,
    /// The file's name where it came from.
    pub name: String,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// Size of the uploaded file.
    pub bytes: u32,
    /// When it was added.
    pub created_at: Timestamp,
    /// What came of looking at it; nothing if nobody did.
    pub verdict: Option<Verdict>,
    /// What was found, worst first.
    pub findings: Vec<Finding>,
    /// How well it suits; of two, the higher one is used. Nothing if nobody looked.
    pub score: Option<f64>,
    /// 64 bits that nearly the same photos share; nothing if nobody looked.
    pub likeness: Option<u64>,
    /// An earlier photo of the shoot that it is nearly the same as.
    pub twin: Option<PhotoId>,
    /// A lead wants it used all the same.
    pub allowed: bool,
}

impl Photo {
    fn from_row(row: &Row) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            shoot: row.get("shoot_id")?,
            name: row.get("name")?,
            width: row.get("width")?,
            height: row.get("height")?,
            bytes: row.get("bytes")?,
            created_at: row.get("created_at")?,
            verdict: row.get("verdict")?,
            findings: looked::stored_findings(&row.get::<_, String>("findings")?),
            score: row.get("score")?,
            likeness: row.get::<_, Option<i64>>("likeness")?.map(i64::cast_unsigned),
            twin: row.get("twin_id")?,
            allowed: row.get("allowed")?,
        })
    }
}

/// A photo whose file is stored already.
#[derive(Clone, Debug)]
pub struct NewPhoto {
    /// The id its file is stored under.
    pub id: PhotoId,
    /// The file's name where it came from.
    pub name: String,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// Size of the uploaded file.
    pub bytes: usize,
    /// SHA-256 of the uploaded file.
    pub digest: Digest,
    /// What came of looking at it; nothing if nobody did.
    pub looked: Option<Looked>,
}

/// Adds a photo to a shoot. `alike` is [`headroom_studio::Thresholds::alike`].
///
/// # Errors
/// The shoot is submitted, full, or has this very photo already.
pub fn add(tx: &Tx, shoot: &ShootId, new: &NewPhoto, alike: u32) -> Result<Photo> {
    shoots::must_take_photos(tx, shoot)?;
    let known: bool = tx.one(
        "select exists (select 1 from photos where shoot_id = :shoot and digest = :digest)",
        named_params! { ":shoot": shoot, ":digest": new.digest },
        |row| row.get(0),
    )?;
    if known {
        return Err(Error::invalid(say!("You have added this photo already.")));
    }
    let looked = new.looked.as_ref();
    let twin = looked.map(|looked| twins::of_new(tx, shoot, looked, alike)).transpose()?.flatten();
    let photo = tx.one(
        "insert into photos
             (id, shoot_id, name, width, height, bytes, digest, verdict, findings, score, likeness, twin_id, created_at)
         values
             (:id, :shoot, :name, :width, :height, :bytes, :digest, :verdict, :findings, :score, :likeness, :twin, :now)
         returning *",
        named_params! {
            ":id": new.id, ":shoot": shoot, ":name": shown_name(&new.name), ":width": new.width, ":height": new.height,
            ":bytes": i64::try_from(new.bytes).unwrap_or(i64::MAX), ":digest": new.digest,
            ":verdict": looked.map(|looked| looked.verdict), ":findings": looked::to_store(looked)?,
            ":score": looked.map(|looked| looked.score), ":likeness": looked.map(|looked| looked.likeness.cast_signed()),
            ":twin": twin, ":now": tx.now,
        },
        Photo::from_row,
    )?;
    tx.ring(Topic::Shoot(shoot.clone()));
    tx.ring(Topic::Organization(shoots::get(tx, shoot)?.organization));
    Ok(photo)
}

/// Removes a photo from a shoot that isn't submitted yet. What was nearly the same as it, by `alike`, may be used from then on. The
/// caller removes its files after this is committed.
pub fn remove(tx: &Tx, shoot: &ShootId, photo: &PhotoId, alike: u32) -> Result<()> {
    let of = shoots::get(tx, shoot)?;
    of.must_be_open()?;
    let twins = twins::of(tx, shoot, photo)?;
    let removed = tx.execute(
        "delete from photos where id = :photo and shoot_id = :shoot",
        named_params! { ":photo": photo, ":shoot": shoot },
    )?;
    if removed == 0 {
        return Err(Error::NotFound("Photo"));
    }
    twins::find_again(tx, shoot, twins, alike)?;
    tx.ring(Topic::Shoot(shoot.clone()));
    tx.ring(Topic::Organization(of.organization));
    Ok(())
}

/// A shoot's photos in the order they were added.
pub fn of_shoot(view: &View, shoot: &ShootId) -> Result<Vec<Photo>> {
    view.all(
        "select * from photos where shoot_id = :shoot order by created_at, id",
        named_params! { ":shoot": shoot },
        Photo::from_row,
    )
}

/// The photo with this id.
pub fn get(view: &View, id: &PhotoId) -> Result<Photo> {
    view.find("select * from photos where id = :id", named_params! { ":id": id }, Photo::from_row)?
        .ok_or(Error::NotFound("Photo"))
}

/// The photo, for someone who may see it. To all others there is none.
pub fn seen_by(view: &View, id: &PhotoId, viewer: &Member) -> Result<Photo> {
    let photo = get(view, id)?;
    let seen = shoots::get(view, &photo.shoot)?.is_seen_by(viewer) && !are_going(view, &photo.shoot)?;
    if seen { Ok(photo) } else { Err(Error::NotFound("Photo")) }
}

/// Whether someone wished that a shoot's photos go, though the rest of it stays: nobody sees them from then on.
pub fn are_going(view: &View, shoot: &ShootId) -> Result<bool> {
    view.one(
        "select exists (select 1 from receipts where shoot_id = :shoot and what = 'photos')",
        named_params! { ":shoot": shoot },
        |row| row.get(0),
    )
}

/// Which of these photos nobody knows: files that lie under their ids belong to no one.
pub fn unknown(view: &View, ids: Vec<PhotoId>) -> Result<Vec<PhotoId>> {
    let mut unknown = Vec::new();
    for id in ids {
        let known: bool =
            view.one("select exists (select 1 from photos where id = :id)", named_params! { ":id": id }, |row| {
                row.get(0)
            })?;
        if !known {
            unknown.push(id);
        }
    }
    Ok(unknown)
}

/// Forgets a deleted shoot's photos, once their files are gone.
pub fn forget(tx: &Tx, shoot: &ShootId) -> Result<()> {
    tx.execute("delete from photos where shoot_id = :shoot", named_params! { ":shoot": shoot })?;
    Ok(())
}

/// A file name as it can be shown: its last part, without control characters, at most 100 characters.
pub fn shown_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let shown: String = last.chars().filter(|c| !c.is_control()).take(100).collect();
    if shown.trim().is_empty() { "Photo".to_owned() } else { shown }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_is_shown_without_its_path() {
        assert_eq!(shown_name("C:\\fakepath\\me\r\n.jpg"), "me.jpg");
        assert_eq!(shown_name("../../etc/passwd"), "passwd");
        assert_eq!(shown_name("  "), "Photo");
    }
}
