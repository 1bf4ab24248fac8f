//! Photos that come in pieces, so that a large one goes on where it broke off. What is known of each is here, what is there of
//! it in a file under its id; when the two differ, the file is right.

use std::time::Duration;

use rusqlite::{Row, named_params};

use crate::{
    clock::Timestamp,
    db::{Tx, View},
    error::{Error, Result},
    ids::{ShootId, UploadId},
    photos::{self, LARGEST},
    secrets::Digest,
    shoots::{self, MOST_PHOTOS},
};

/// An upload that nobody goes on with for so long is given up.
pub const PATIENCE: Duration = Duration::from_secs(24 * 60 * 60);

/// Most bytes that the open uploads of one shoot may come to, as announced: twelve of the largest.
const MOST_OF_A_SHOOT: u64 = 12 * LARGEST as u64;

/// Most bytes that all open uploads may come to, as announced, so that what is never finished can't fill a disk.
const MOST_ALTOGETHER: u64 = 20 * 1024 * 1024 * 1024;

/// Longest that a sender may say of what it knows a file by, in bytes.
const LONGEST_MARK: usize = 1000;

/// A photo that comes in pieces.
#[derive(Clone, Debug)]
pub struct Upload {
    /// Which; also what its file is called.
    pub id: UploadId,
    /// Into which shoot.
    pub shoot: ShootId,
    /// The file's name where it comes from, shortened for showing.
    pub name: String,
    /// Size of the whole file.
    pub bytes: u64,
    /// How many of them were there when a piece ended last; never more than there are.
    pub received: u64,
    /// When a piece came last.
    pub touched_at: Timestamp,
}

impl Upload {
    fn from_row(row: &Row) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            shoot: row.get("shoot_id")?,
            name: row.get("name")?,
            bytes: row.get::<_, i64>("bytes")?.cast_unsigned(),
            received: row.get::<_, i64>("received")?.cast_unsigned(),
            touched_at: row.get("touched_at")?,
        })
    }
}

/// What a sender announces.
#[derive(Clone, Debug)]
pub struct NewUpload {
    /// The file's name where it comes from.
    pub name: String,
    /// What the sender knows the file by.
    pub mark: String,
    /// Size of the whole file.
    pub bytes: u64,
}

impl NewUpload {
    /// What tells files apart: what the sender knows them by, their name and their size. Of any length, so only its sum is kept.
    fn kept_mark(&self) -> String {
        Digest::of(&format!("{}\n{}\n{}", self.bytes, self.name, self.mark)).hex()
    }
}

/// Begins an upload, or finds the one of the same file in the same shoot, to go on with it.
///
/// # Errors
/// The shoot is submitted or full; the file is empty or larger than is taken; too much is under way already.
pub fn begin(tx: &Tx, shoot: &ShootId, new: &NewUpload) -> Result<Upload> {
    shoots::must_take_photos(tx, shoot)?;
    if new.bytes == 0 || new.mark.is_empty() || new.mark.len() > LONGEST_MARK {
        return Err(Error::invalid(say!("Say what the file is known by, and how many bytes it has.")));
    }
    if new.bytes > LARGEST as u64 {
        return Err(Error::TooLarge(say!(
            "This file is larger than {value} MB. Choose a smaller one.",
            value = LARGEST / 1024 / 1024
        )));
    }
    let mark = new.kept_mark();
    let begun = tx.find(
        "update uploads set touched_at = :now where shoot_id = :shoot and mark = :mark returning *",
        named_params! { ":shoot": shoot, ":mark": mark, ":now": tx.now },
        Upload::from_row,
    )?;
    if let Some(begun) = begun {
        return Ok(begun);
    }
    must_have_room(tx, shoot, new.bytes)?;
    tx.one(
        "insert into uploads (id, shoot_id, name, mark, bytes, created_at, touched_at)
         values (:id, :shoot, :name, :mark, :bytes, :now, :now)
         returning *",
        named_params! {
            ":id": UploadId::new(), ":shoot": shoot, ":name": photos::shown_name(&new.name), ":mark": mark,
            ":bytes": new.bytes.cast_signed(), ":now": tx.now,
        },
        Upload::from_row,
    )
}

fn must_have_room(view: &View, shoot: &ShootId, bytes: u64) -> Result<()> {
    let count = |row: &Row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?.cast_unsigned()));
    let (open, of_shoot) = view.one(
        "select count(*), coalesce(sum(bytes), 0) from uploads where shoot_id = :shoot",
        named_params! { ":shoot": shoot },
        count,
    )?;
    if open >= MOST_PHOTOS || of_shoot + bytes > MOST_OF_A_SHOOT {
        return Err(Error::invalid(say!("Too many uploads are unfinished. Finish or discard some, then try again.")));
    }
    let (_, altogether) = view.one("select count(*), coalesce(sum(bytes), 0) from uploads", [], count)?;
    if altogether + bytes > MOST_ALTOGETHER {
        return Err(Error::Unavailable(say!("The server is taking in too many photos just now. Try again later.")));
    }
    Ok(())
}

/// An upload of this shoot. To all others there is none.
pub fn get(view: &View, shoot: &ShootId, id: &UploadId) -> Result<Upload> {
    view.find(
        "select * from uploads where id = :id and shoot_id = :shoot",
        named_params! { ":id": id, ":shoot": shoot },
        Upload::from_row,
    )?
    .ok_or(Error::NotFound("Upload"))
}

/// The uploads of a shoot that are not finished, in the order they were begun.
pub fn of_shoot(view: &View, shoot: &ShootId) -> Result<Vec<Upload>> {
    view.all(
        "select * from uploads where shoot_id = :shoot order by created_at, id",
        named_params! { ":shoot": shoot },
        Upload::from_row,
    )
}

/// Writes down how many bytes are there, once they are.
///
/// # Errors
/// The upload was discarded meanwhile.
pub fn arrived(tx: &Tx, id: &UploadId, received: u64) -> Result<()> {
    let known = tx.execute(
        "update uploads set received = :received, touched_at = :now where id = :id and bytes >= :received",
        named_params! { ":id": id, ":received": received.cast_signed(), ":now": tx.now },
    )?;
    if known == 1 { Ok(()) } else { Err(Error::NotFound("Upload")) }
}

/// Forgets an upload that is a photo by now, or is no longer wanted. The caller removes its file after this is committed.
pub fn forget(tx: &Tx, id: &UploadId) -> Result<()> {
    tx.execute("delete from uploads where id = :id", named_params! { ":id": id })?;
    Ok(())
}

/// The same for all of a shoot.
pub fn forget_all(tx: &Tx, shoot: &ShootId) -> Result<()> {
    tx.execute("delete from uploads where shoot_id = :shoot", named_params! { ":shoot": shoot })?;
    Ok(())
}

/// Forgets uploads that nobody went on with, and those of shoots that take no more photos, a few at a time.
pub fn expire(tx: &Tx) -> Result<usize> {
    tx.execute(
        "delete from uploads where id in (
             select u.id from uploads u join shoots s on s.id = u.shoot_id
             where u.touched_at < :old or s.state not in ('onboarding', 'deleted')
             limit 500
         )",
        named_params! { ":old": tx.now - PATIENCE },
    )
}

/// Which of these uploads nobody knows: files that lie under their ids belong to no one.
pub fn unknown(view: &View, ids: Vec<UploadId>) -> Result<Vec<UploadId>> {
    let mut unknown = Vec::new();
    for id in ids {
        let known: bool =
            view.one("select exists (select 1 from uploads where id = :id)", named_params! { ":id": id }, |row| {
                row.get(0)
            })?;
        if !known {
            unknown.push(id);
        }
    }
    Ok(unknown)
}
