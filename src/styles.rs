//! An organization's own backdrops: pictures to stand behind its people. Their rows are here, their files in the storage.

use rusqlite::{Row, named_params};
use serde::Serialize;

use crate::{
    audit::{Action, Change},
    clock::Timestamp,
    db::{Tx, View},
    error::{Error, Result},
    ids::{BackdropId, OrganizationId},
    images::Size,
    members::{Actor, Role},
    one_line,
};

mod names;
mod offer;
mod pictures;

pub use names::Names;
pub use offer::{
    Whose, allow, allow_all, available, named_scene, none_left, offered, offered_by, offered_to_leads, set_for,
};
pub use pictures::{discard, keep};

/// How many an organization has at most.
pub const MOST: i64 = 12;

/// How large one is kept, and has to be at least: as large as a headshot.
pub const SIZE: Size = Size { width: 1024, height: 1280 };

/// A picture of an organization's own.
#[derive(Clone, Debug, Serialize)]
pub struct OwnBackdrop {
    /// Which; its files are stored under it.
    pub id: BackdropId,
    /// Whose.
    #[serde(skip)]
    pub organization: OrganizationId,
    /// Unique in its organization, whatever the case. Someone typed it.
    pub name: String,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// When it was added.
    pub created_at: Timestamp,
}

impl OwnBackdrop {
    fn from_row(row: &Row) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            organization: row.get("organization_id")?,
            name: row.get("name")?,
            width: row.get("width")?,
            height: row.get("height")?,
            created_at: row.get("created_at")?,
        })
    }
}

/// What a backdrop is called: 1 to 60 characters on one line.
#[derive(Clone, Debug)]
pub struct BackdropName(String);

impl BackdropName {
    /// The longest there is, in characters.
    pub const LONGEST: usize = 60;

    /// Reads it as a person typed it.
    ///
    /// # Errors
    /// Nothing was typed, or too much of it.
    pub fn parse(text: &str) -> Result<Self> {
        let name = text.trim();
        if !one_line::fits(name, Self::LONGEST) {
            return Err(Error::invalid(say!("A backdrop needs a name of 1 to 60 characters.")));
        }
        Ok(Self(name.to_owned()))
    }

    /// The name that was typed or, where none was, what the picture's file is called without its ending.
    ///
    /// # Errors
    /// As [`BackdropName::parse`].
    pub fn or_of_file(typed: &str, file: &str) -> Result<Self> {
        if !typed.trim().is_empty() {
            return Self::parse(typed);
        }
        let last = file.rsplit(['/', '\\']).next().unwrap_or_default();
        let stem = last.rsplit_once('.').map_or(last, |(stem, _)| stem);
        Self::parse(&stem.chars().filter(|letter| !letter.is_control()).take(Self::LONGEST).collect::<String>())
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// An organization's own backdrops, oldest first.
pub fn list(view: &View, organization: &OrganizationId) -> Result<Vec<OwnBackdrop>> {
    view.all(
        "select * from backdrops where organization_id = :organization order by created_at, id",
        named_params! { ":organization": organization },
        OwnBackdrop::from_row,
    )
}

/// The backdrop with this id, if it is this organization's. To all others there is none.
pub fn get(view: &View, organization: &OrganizationId, id: &BackdropId) -> Result<OwnBackdrop> {
    view.find(
        "select * from backdrops where id = :id and organization_id = :organization",
        named_params! { ":id": id, ":organization": organization },
        OwnBackdrop::from_row,
    )?
    .ok_or(Error::NotFound("Backdrop"))
}

/// The backdrop an operator means, by id or by name.
pub fn named(view: &View, organization: &OrganizationId, text: &str) -> Result<OwnBackdrop> {
    view.find(
        "select * from backdrops
         where organization_id = :organization and (id = :text or name = :text collate nocase)",
        named_params! { ":organization": organization, ":text": text.trim() },
        OwnBackdrop::from_row,
    )?
    .ok_or(Error::NotFound("Backdrop"))
}

/// Refuses one more backdrop, or one with this name.
///
/// # Errors
/// There are [`MOST`] already, or one of this name.
pub fn must_have_room(view: &View, organization: &OrganizationId, name: &BackdropName) -> Result<()> {
    let count: i64 = view.one(
        "select count(*) from backdrops where organization_id = :organization",
        named_params! { ":organization": organization },
        |row| row.get(0),
    )?;
    if count >= MOST {
        return Err(Error::invalid(say!(
            "You have {most} backdrops of your own, the most there can be. Remove one first.",
            most = MOST
        )));
    }
    name_must_be_free(view, organization, name, None)
}

/// Adds a backdrop whose files are stored already.
fn add(tx: &Tx, by: &Actor, id: &BackdropId, name: &BackdropName) -> Result<OwnBackdrop> {
    by.must_be(Role::Admin)?;
    must_have_room(tx, &by.organization, name)?;
    by.note_change_of(tx, Action::SettingsChanged, "Backdrops", Change::to(&name.0))?;
    tx.one(
        "insert into backdrops (id, organization_id, name, width, height, created_at)
         values (:id, :organization, :name, :width, :height, :now)
         returning *",
        named_params! {
            ":id": id, ":organization": by.organization, ":name": name.0, ":width": SIZE.width, ":height": SIZE.height,
            ":now": tx.now,
        },
        OwnBackdrop::from_row,
    )
}

/// Gives a backdrop another name.
///
/// # Errors
/// It isn't the organization's, or the name is taken.
pub fn rename(tx: &Tx, by: &Actor, id: &BackdropId, name: &BackdropName) -> Result<()> {
    by.must_be(Role::Admin)?;
    let before = get(tx, &by.organization, id)?.name;
    name_must_be_free(tx, &by.organization, name, Some(id))?;
    if before == name.0 {
        return Ok(());
    }
    by.note_change_of(tx, Action::SettingsChanged, "Backdrops", Change::new(&before, &name.0))?;
    tx.execute("update backdrops set name = :name where id = :id", named_params! { ":name": name.0, ":id": id })?;
    Ok(())
}

/// Removes a backdrop's row. Called by `shoots` alone, which also takes it from whoever has chosen it; whoever asked removes the
/// files after this is committed, with [`discard`].
pub fn remove(tx: &Tx, by: &Actor, id: &BackdropId) -> Result<OwnBackdrop> {
    by.must_be(Role::Admin)?;
    let gone = get(tx, &by.organization, id)?;
    by.note_change_of(tx, Action::SettingsChanged, "Backdrops", Change::from(&gone.name))?;
    offer::forget(tx, &by.organization, id)?;
    tx.execute("delete from backdrops where id = :id", named_params! { ":id": id })?;
    Ok(gone)
}

/// Which of these backdrops nobody knows: files that lie under their ids belong to no one.
pub fn unknown(view: &View, ids: Vec<BackdropId>) -> Result<Vec<BackdropId>> {
    let mut unknown = Vec::new();
    for id in ids {
        let known: bool =
            view.one("select exists (select 1 from backdrops where id = :id)", named_params! { ":id": id }, |row| {
                row.get(0)
            })?;
        if !known {
            unknown.push(id);
        }
    }
    Ok(unknown)
}

fn name_must_be_free(
    view: &View,
    organization: &OrganizationId,
    name: &BackdropName,
    except: Option<&BackdropId>,
) -> Result<()> {
    let taken: bool = view.one(
        "select exists (
             select 1 from backdrops
             where organization_id = :organization and name = :name collate nocase and id is not :except
         )",
        named_params! { ":organization": organization, ":name": name.0, ":except": except },
        |row| row.get(0),
    )?;
    if taken {
        Err(Error::invalid(say!("There is already a backdrop called \"{name}\".", name = name.0)))
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backdrop_is_called_what_was_typed_or_what_its_file_is_called() {
        let called = |typed, file| BackdropName::or_of_file(typed, file).map(|name| name.0);
        assert_eq!(called(" The lobby ", "IMG_1.jpg").unwrap(), "The lobby");
        assert_eq!(called("  ", "C:\\fakepath\\lobby.north.jpeg").unwrap(), "lobby.north");
        assert_eq!(called("", "no ending").unwrap(), "no ending");
        let file = format!("{}.png", "x".repeat(90));
        assert_eq!(called("", &file).unwrap().len(), 60);
        let long = "x".repeat(61);
        for (typed, file) in [("", ""), ("", ".jpg"), ("two\nlines", "a.jpg"), (long.as_str(), "a.jpg")] {
            assert!(called(typed, file).is_err(), "{typed} {file}");
        }
    }
}
