//! What a member's public picture is found by: 128 random bits, which nobody guesses and which say nothing of whose they are. Made
//! when somebody first needs it; a new one ends the old one.

use std::{fmt, str::FromStr};

use rusqlite::{
    named_params,
    types::{FromSql, FromSqlResult, ToSql, ToSqlOutput, ValueRef},
};

use super::{Member, get};
use crate::{
    db::{Tx, View},
    error::{Error, Result},
    ids::{MemberId, OrganizationId},
};

/// One of them: 32 hex digits in small letters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Avatar(String);

impl Avatar {
    fn new() -> Self {
        Self(format!("{:032x}", rand::random::<u128>()))
    }
}

impl FromStr for Avatar {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let fits = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
        if fits { Ok(Self(text.to_owned())) } else { Err(Error::NotFound("Picture")) }
    }
}

impl fmt::Display for Avatar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl ToSql for Avatar {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        self.0.to_sql()
    }
}

impl FromSql for Avatar {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        value.as_str().map(|text| Self(text.to_owned()))
    }
}

/// A member's, if they have one already.
pub fn avatar(view: &View, id: &MemberId) -> Result<Option<Avatar>> {
    view.one("select avatar from members where id = :id", named_params! { ":id": id }, |row| row.get(0))
}

/// A member's, made if they have none.
pub fn avatar_for(tx: &Tx, id: &MemberId) -> Result<Avatar> {
    match avatar(tx, id)? {
        Some(avatar) => Ok(avatar),
        None => renew_avatar(tx, id),
    }
}

/// Gives a member another one. What was found by the one before isn't found any more.
pub fn renew_avatar(tx: &Tx, id: &MemberId) -> Result<Avatar> {
    let avatar = Avatar::new();
    tx.execute("update members set avatar = :avatar where id = :id", named_params! { ":avatar": avatar, ":id": id })?;
    Ok(avatar)
}

/// Those of all members of an organization who have none yet are made, at most so many at once. How many that were.
pub fn avatars_for_all(tx: &Tx, organization: &OrganizationId, most: u32) -> Result<usize> {
    let without: Vec<MemberId> = tx.all(
        "select id from members where organization_id = :organization and avatar is null limit :most",
        named_params! { ":organization": organization, ":most": most },
        |row| row.get(0),
    )?;
    for id in &without {
        renew_avatar(tx, id)?;
    }
    Ok(without.len())
}

/// Whose it is.
///
/// # Errors
/// [`Error::NotFound`]: nobody's, or nobody's any more.
pub fn by_avatar(view: &View, avatar: &Avatar) -> Result<Member> {
    let id: Option<MemberId> =
        view.find("select id from members where avatar = :avatar", named_params! { ":avatar": avatar }, |row| {
            row.get(0)
        })?;
    get(view, &id.ok_or(Error::NotFound("Picture"))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_avatar_is_128_random_bits_as_text() {
        let (one, other) = (Avatar::new(), Avatar::new());
        assert_ne!(one, other);
        assert_eq!(one.to_string().parse::<Avatar>().unwrap(), one);
        let upper = one.to_string().to_uppercase() + "F";
        for wrong in ["", "0", &upper, "507f1f77bcf86cd7994390110000000g", "507f1f77bcf86cd7994390110000000é"] {
            assert!(wrong.parse::<Avatar>().is_err(), "{wrong}");
        }
    }
}
