//! Profile pictures: how an organization wants those of its people to look, and what is drawn by that. The templates' rows are here;
//! pictures are drawn when they are asked for, and belong to nobody but whoever asked.

use std::{fmt, str::FromStr};

use rusqlite::{
    Row, named_params,
    types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef},
};
use serde::{Deserialize, Serialize};

use crate::{
    audit::{Action, Change},
    clock::Timestamp,
    db::{Tx, View, stored_as_text},
    error::{Error, Result},
    ids::{OrganizationId, TemplateId},
    members::{Actor, Role},
    one_line,
};

mod draw;
mod rounds;
mod sizes;

pub use draw::{Format, draw, silhouette};
pub use rounds::{
    Due, Round, Then, bring_up_to_date, brought_up_to_date, due, finish_round, forget_pins, look, outdated, pinned,
    round, shown_pictures,
};
pub use sizes::{AVATAR_SIZES, avatar_size};

/// How many templates an organization has at most.
pub const MOST: i64 = 12;

/// How large a profile picture may be, in pixels a side.
pub const SIZES: std::ops::RangeInclusive<u32> = 128..=1024;

/// How wide a border may be, in pixels.
pub const BORDERS: std::ops::RangeInclusive<u32> = 0..=64;

stored_as_text! {
    /// What of the square is seen.
    pub enum Shape {
        /// The largest circle in it.
        Circle = "circle",
        /// All but its rounded corners.
        Rounded = "rounded",
        /// All of it.
        Square = "square",
    }
}

stored_as_text! {
    /// Where the logo is.
    pub enum Corner {
        /// Above, left.
        TopLeft = "top-left",
        /// Above, right.
        TopRight = "top-right",
        /// Below, left.
        BottomLeft = "bottom-left",
        /// Below, right.
        BottomRight = "bottom-right",
    }
}

/// A colour without transparency, written as `#rrggbb`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Colour(pub [u8; 3]);

impl Colour {
    /// What is around a picture unless another colour is chosen.
    pub const WHITE: Self = Self([255; 3]);
}

impl FromStr for Colour {
    type Err = Error;

    /// Reads it as a person or a colour field wrote it.
    fn from_str(text: &str) -> Result<Self> {
        let wrong = || Error::invalid(say!("\"{text}\" is not a colour, such as #2f6f5e.", text = text.trim()));
        let digits = text.trim().strip_prefix('#').filter(|digits| digits.len() == 6 && digits.is_ascii());
        let number = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        let number = number.filter(|_| digits.is_some_and(|digits| !digits.starts_with('+')));
        let [_, red, green, blue] = number.ok_or_else(wrong)?.to_be_bytes();
        Ok(Self([red, green, blue]))
    }
}

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [red, green, blue] = self.0;
        write!(f, "#{red:02x}{green:02x}{blue:02x}")
    }
}

impl Serialize for Colour {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Colour {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl ToSql for Colour {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.to_string().into())
    }
}

impl FromSql for Colour {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        value.as_str()?.parse().map_err(FromSqlError::other)
    }
}

/// How a profile picture looks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Design {
    /// What of the square is seen.
    pub shape: Shape,
    /// Pixels a side; one of [`SIZES`].
    pub size: u32,
    /// What is behind the person; nothing: the headshot's own backdrop.
    pub background: Option<Colour>,
    /// How wide the border is, in pixels; one of [`BORDERS`].
    pub border: u32,
    /// Its colour.
    pub border_colour: Colour,
    /// Without colours, logo and border aside.
    pub greyscale: bool,
    /// Where the organization's logo is, if it is on it and the organization has one.
    pub logo: Option<Corner>,
}

impl Design {
    /// What it looks like under this name, for the audit log.
    fn in_words(&self, name: &str) -> String {
        let mut words = vec![format!("{name}: {}, {} pixels", self.shape, self.size)];
        words.extend(self.background.as_ref().map(|colour| format!("background {colour}")));
        words.extend((self.border > 0).then(|| format!("border {} {}", self.border, self.border_colour)));
        words.extend(self.greyscale.then(|| "greyscale".to_owned()));
        words.extend(self.logo.map(|corner| format!("logo {corner}")));
        words.join(", ")
    }

    /// The headshot's square as it is.
    pub fn plain(size: u32) -> Self {
        let (border, border_colour) = (0, Colour::WHITE);
        Self { shape: Shape::Square, size, background: None, border, border_colour, greyscale: false, logo: None }
    }

    /// The same at another size, with a border that is as wide in proportion.
    #[must_use]
    pub fn at(&self, size: u32) -> Self {
        let border = (self.border * size + self.size / 2) / self.size.max(1);
        Self { size, border: if self.border > 0 { border.max(1) } else { 0 }, ..self.clone() }
    }

    /// Whether anything of it can be seen through.
    pub fn is_see_through(&self) -> bool {
        self.shape != Shape::Square
    }

    fn must_be_possible(&self) -> Result<()> {
        let (least, most) = SIZES.into_inner();
        if !SIZES.contains(&self.size) {
            return Err(Error::invalid(say!(
                "A profile picture is {least} to {most} pixels a side.",
                least = least.to_string(),
                most = most.to_string()
            )));
        }
        if !BORDERS.contains(&self.border) || self.border * 4 > self.size {
            let most = (*BORDERS.end()).min(self.size / 4);
            return Err(Error::invalid(say!("The border of this one is 0 to {most} pixels wide.", most)));
        }
        Ok(())
    }
}

/// What a template is called: 1 to 60 characters on one line.
#[derive(Clone, Debug)]
pub struct TemplateName(String);

impl TemplateName {
    /// Reads it as a person typed it.
    ///
    /// # Errors
    /// Nothing was typed, or too much of it.
    pub fn parse(text: &str) -> Result<Self> {
        let name = text.trim();
        if !one_line::fits(name, 60) {
            return Err(Error::invalid(say!("A template needs a name of 1 to 60 characters.")));
        }
        Ok(Self(name.to_owned()))
    }
}

/// How an organization wants profile pictures to look.
#[derive(Clone, Debug, Serialize)]
pub struct Template {
    /// Which.
    pub id: TemplateId,
    /// What it is called; unique in its organization, whatever the case.
    pub name: String,
    /// How pictures look by it.
    #[serde(flatten)]
    pub design: Design,
    /// When it was last changed.
    pub changed_at: Timestamp,
}

impl Template {
    fn from_row(row: &Row) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            name: row.get("name")?,
            design: Design {
                shape: row.get("shape")?,
                size: row.get("size")?,
                background: row.get("background")?,
                border: row.get("border")?,
                border_colour: row.get("border_colour")?,
                greyscale: row.get("greyscale")?,
                logo: row.get("logo")?,
            },
            changed_at: row.get("changed_at")?,
        })
    }
}

/// An organization's templates, in their order. The first is the one avatars look like.
pub fn list(view: &View, organization: &OrganizationId) -> Result<Vec<Template>> {
    view.all(
        "select * from picture_templates where organization_id = :organization order by position, id",
        named_params! { ":organization": organization },
        Template::from_row,
    )
}

/// Whether there is one.
pub fn any(view: &View, organization: &OrganizationId) -> Result<bool> {
    view.one(
        "select exists (select 1 from picture_templates where organization_id = :organization)",
        named_params! { ":organization": organization },
        |row| row.get(0),
    )
}

/// The template with this id, if it is this organization's. To all others there is none.
pub fn get(view: &View, organization: &OrganizationId, id: &TemplateId) -> Result<Template> {
    view.find(
        "select * from picture_templates where id = :id and organization_id = :organization",
        named_params! { ":id": id, ":organization": organization },
        Template::from_row,
    )?
    .ok_or(Error::NotFound("Template"))
}

/// Adds a template, behind the others. Of the first one there is, `then` says what becomes of public pictures.
///
/// # Errors
/// There are [`MOST`] already, or one of this name; or a size or border is out of bounds.
pub fn add(tx: &Tx, by: &Actor, name: &TemplateName, design: &Design, then: Then) -> Result<Template> {
    by.must_be(Role::Admin)?;
    design.must_be_possible()?;
    if list(tx, &by.organization)?.len() as i64 >= MOST {
        return Err(Error::invalid(say!(
            "You have {most} templates, the most there can be. Delete one first.",
            most = MOST
        )));
    }
    name_must_be_free(tx, &by.organization, name, None)?;
    by.note_change_of(tx, Action::SettingsChanged, "Profile pictures", Change::to(&design.in_words(&name.0)))?;
    let look = look(tx, &by.organization)?;
    let added = tx.one(
        "insert into picture_templates (
             id, organization_id, name, position, shape, size, background, border, border_colour, greyscale, logo,
             created_at, changed_at
         ) values (
             :id, :organization, :name,
             (select coalesce(max(position), 0) + 1 from picture_templates where organization_id = :organization),
             :shape, :size, :background, :border, :border_colour, :greyscale, :logo, :now, :now
         )
         returning *",
        named_params! {
            ":id": TemplateId::new(), ":organization": by.organization, ":name": name.0, ":shape": design.shape,
            ":size": design.size, ":background": design.background, ":border": design.border,
            ":border_colour": design.border_colour, ":greyscale": design.greyscale, ":logo": design.logo,
            ":now": tx.now,
        },
        Template::from_row,
    )?;
    rounds::follow(tx, by, look.as_ref(), then)?;
    Ok(added)
}

/// Changes a template. What members take along looks like it at once; `then` says what becomes of public pictures, if they do.
///
/// # Errors
/// It isn't the organization's, the name is taken, or a size or border is out of bounds.
pub fn change(tx: &Tx, by: &Actor, id: &TemplateId, name: &TemplateName, design: &Design, then: Then) -> Result<()> {
    by.must_be(Role::Admin)?;
    design.must_be_possible()?;
    let before = get(tx, &by.organization, id)?;
    name_must_be_free(tx, &by.organization, name, Some(id))?;
    if before.name == name.0 && before.design == *design {
        return Ok(());
    }
    let (old, now) = (before.design.in_words(&before.name), design.in_words(&name.0));
    by.note_change_of(tx, Action::SettingsChanged, "Profile pictures", Change::new(&old, &now))?;
    let look = look(tx, &by.organization)?;
    tx.execute(
        "update picture_templates
         set name = :name, shape = :shape, size = :size, background = :background, border = :border,
             border_colour = :border_colour, greyscale = :greyscale, logo = :logo, changed_at = :now
         where id = :id",
        named_params! {
            ":id": id, ":name": name.0, ":shape": design.shape, ":size": design.size,
            ":background": design.background, ":border": design.border, ":border_colour": design.border_colour,
            ":greyscale": design.greyscale, ":logo": design.logo, ":now": tx.now,
        },
    )?;
    rounds::follow(tx, by, look.as_ref(), then)
}

/// Deletes a template. If public pictures look like it, `then` says what becomes of them.
///
/// # Errors
/// It isn't the organization's.
pub fn remove(tx: &Tx, by: &Actor, id: &TemplateId, then: Then) -> Result<Template> {
    by.must_be(Role::Admin)?;
    let gone = get(tx, &by.organization, id)?;
    let gone_in_words = gone.design.in_words(&gone.name);
    by.note_change_of(tx, Action::SettingsChanged, "Profile pictures", Change::from(&gone_in_words))?;
    let look = look(tx, &by.organization)?;
    tx.execute("delete from picture_templates where id = :id", named_params! { ":id": id })?;
    rounds::follow(tx, by, look.as_ref(), then)?;
    Ok(gone)
}

fn name_must_be_free(
    view: &View,
    organization: &OrganizationId,
    name: &TemplateName,
    except: Option<&TemplateId>,
) -> Result<()> {
    let taken: bool = view.one(
        "select exists (
             select 1 from picture_templates
             where organization_id = :organization and name = :name collate nocase and id is not :except
         )",
        named_params! { ":organization": organization, ":name": name.0, ":except": except },
        |row| row.get(0),
    )?;
    if taken {
        Err(Error::invalid(say!("There is already a template called \"{name}\".", name = name.0)))
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_colour_is_six_hex_digits() {
        assert_eq!("#2F6f5e ".parse::<Colour>().unwrap().to_string(), "#2f6f5e");
        for wrong in ["", "2f6f5e", "#2f6", "#2f6f5e00", "#+f6f5e", "#2f6f5g", "red", "#2f6fé", "#fff\"><"] {
            assert!(wrong.parse::<Colour>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_border_is_as_wide_in_proportion_at_any_size() {
        let design = Design { border: 16, ..Design::plain(512) };
        assert_eq!([1024, 256, 64, 16].map(|size| design.at(size).border), [32, 8, 2, 1]);
        assert_eq!(Design::plain(512).at(16).border, 0);
    }

    #[test]
    fn a_picture_has_room_for_its_border() {
        let possible = |size, border| Design { border, ..Design::plain(size) }.must_be_possible().is_ok();
        assert!(possible(128, 32) && possible(1024, 64) && possible(256, 0));
        assert!(!possible(128, 33) && !possible(1024, 65) && !possible(127, 0) && !possible(1025, 0));
    }
}
