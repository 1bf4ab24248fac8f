//! API keys: `hr_<id>_<secret>`. The id finds the row, the secret's SHA-256 is compared in constant time.

use std::{fmt, str::FromStr, time::Duration};

use rusqlite::{
    Row, named_params,
    types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef},
};
use serde::Serialize;

use crate::{
    audit::{Action, Change, Via},
    clock::Timestamp,
    db::{Tx, View, stored_as_text},
    error::{Error, Result},
    ids::{KeyId, OrganizationId},
    members::{Actor, Role},
    one_line,
    secrets::{Digest, Token},
};

/// How exactly its last use is known: more often than this, a key isn't written.
const USED_EVERY: Duration = Duration::from_secs(60);

stored_as_text! {
    /// What a scope is about.
    pub enum Area {
        /// The organization, its credits and its members.
        Organization = "organization",
        /// Invites.
        Invites = "invites",
        /// Teams.
        Teams = "teams",
        /// Models.
        Models = "models",
        /// Photos.
        Photos = "photos",
    }
}

/// How far a scope goes. Writing includes reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Access {
    /// Look.
    Read,
    /// Look and change.
    Write,
}

/// What a key may do, written as `invites:write organization:read`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scopes(Vec<(Area, Access)>);

impl Scopes {
    /// Everything.
    pub fn all() -> Self {
        Self(Area::ALL.iter().map(|area| (*area, Access::Write)).collect())
    }

    /// Whether these scopes suffice.
    pub fn allow(&self, area: Area, access: Access) -> bool {
        self.0.iter().any(|(held, reach)| *held == area && *reach >= access)
    }

    /// Each area with how far they go there.
    pub fn iter(&self) -> impl Iterator<Item = (Area, Access)> + '_ {
        self.0.iter().copied()
    }

    /// Whether these scopes leave nothing out.
    pub fn are_all(&self) -> bool {
        Area::ALL.iter().all(|area| self.allow(*area, Access::Write))
    }
}

impl FromStr for Scopes {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let mut scopes: Vec<(Area, Access)> = Vec::new();
        for word in text.split([' ', ',']).filter(|word| !word.is_empty()) {
            let (area, access) = match word.split_once(':') {
                Some((area, "read")) => (area, Access::Read),
                Some((area, "write")) => (area, Access::Write),
                _ => return Err(unknown_scope(word)),
            };
            let area: Area = area.parse().map_err(|_| unknown_scope(word))?;
            match scopes.iter_mut().find(|(held, _)| *held == area) {
                Some((_, reach)) => *reach = access.max(*reach),
                None => scopes.push((area, access)),
            }
        }
        if scopes.is_empty() { Err(Error::invalid(say!("A key needs at least one scope."))) } else { Ok(Self(scopes)) }
    }
}

fn unknown_scope(word: &str) -> Error {
    let areas: Vec<&str> = Area::ALL.iter().map(|area| area.as_str()).collect();
    Error::invalid(say!(
        "There is no scope \"{word}\". A scope is one of {areas} with :read or :write.",
        word,
        areas = areas.join(", ")
    ))
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (nth, (area, access)) in self.0.iter().enumerate() {
            let gap = if nth > 0 { " " } else { "" };
            let access = if *access == Access::Write { "write" } else { "read" };
            write!(f, "{gap}{area}:{access}")?;
        }
        Ok(())
    }
}

impl ToSql for Scopes {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.to_string().into())
    }
}

impl FromSql for Scopes {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        value.as_str()?.parse().map_err(|_| FromSqlError::InvalidType)
    }
}

/// A key as its organization sees it.
#[derive(Clone, Debug, Serialize)]
pub struct Key {
    /// The part of it that is no secret.
    pub id: KeyId,
    /// Whose.
    pub organization: OrganizationId,
    /// What it is for, in its maker's words.
    pub name: String,
    /// What it may do.
    #[serde(serialize_with = "serialize_as_text")]
    pub scopes: Scopes,
    /// Since when.
    pub created_at: Timestamp,
    /// Until when, if not forever.
    pub expires_at: Option<Timestamp>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Timestamp>,
}

fn serialize_as_text<S: serde::Serializer>(scopes: &Scopes, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(scopes)
}

impl Key {
    /// This key, as the one who acts: with a lead's rights, within its scopes.
    pub fn actor(&self) -> Actor {
        let (organization, who) = (self.organization.clone(), self.name.clone());
        Actor { organization, member: None, role: Role::Admin, via: Via::Key, who }
    }

    /// Refuses what the key's scopes leave out.
    pub fn must_reach(&self, area: Area, access: Access) -> Result<()> {
        if self.scopes.allow(area, access) {
            return Ok(());
        }
        let needed = if access == Access::Write { "write" } else { "read" };
        Err(Error::forbidden(say!(
            "This API key lacks the scope {area}:{needed}. Use a key that has it.",
            area = area.to_string(),
            needed
        )))
    }

    /// Whether its last use is long enough ago to be written down.
    pub fn stale(&self, now: Timestamp) -> bool {
        self.last_used_at.is_none_or(|last| now.since(last) > USED_EVERY)
    }

    /// What it may do, and until when: for whoever looks up later what there was.
    fn in_words(&self) -> String {
        let scopes = if self.scopes.are_all() { "all scopes".to_owned() } else { self.scopes.to_string() };
        match self.expires_at {
            Some(end) => format!("{scopes}, until {}", end.date_time().format("%Y-%m-%d")),
            None => scopes,
        }
    }

    fn from_row(row: &Row) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            organization: row.get("organization_id")?,
            name: row.get("name")?,
            scopes: row.get("scopes")?,
            created_at: row.get("created_at")?,
            expires_at: row.get("expires_at")?,
            last_used_at: row.get("last_used_at")?,
        })
    }
}

/// How long a new key works.
#[derive(Clone, Copy, Debug)]
pub enum Lifetime {
    /// Until it is deleted.
    Unlimited,
    /// So many days.
    Days(u32),
}

/// What a new key is to be.
#[derive(Clone, Debug)]
pub struct NewKey {
    /// What it is for.
    pub name: String,
    /// What it may do.
    pub scopes: Scopes,
    /// How long.
    pub lifetime: Lifetime,
}

/// A key that was made just now: the only moment it can be read.
#[derive(Debug)]
pub struct Shown {
    /// As it is kept.
    pub key: Key,
    /// As it is used.
    pub text: String,
}

/// Makes a key.
pub fn make_key(tx: &Tx, by: &Actor, new: &NewKey) -> Result<Shown> {
    by.must_be(Role::Admin)?;
    let name = new.name.trim();
    if !one_line::fits(name, 100) {
        return Err(Error::invalid(say!("A key needs a name of 1 to 100 characters, such as \"Onboarding script\".")));
    }
    let expires_at = match new.lifetime {
        Lifetime::Unlimited => None,
        Lifetime::Days(days @ 1..=3650) => Some(tx.now + Duration::from_secs(u64::from(days) * 24 * 60 * 60)),
        Lifetime::Days(_) => {
            return Err(Error::invalid(say!("A key can be valid for 1 to 3650 days, or without end.")));
        }
    };
    let (id, secret) = (KeyId::new(), Token::new());
    let text = format!("hr_{id}_{}", secret.reveal());
    let key = tx.one(
        "insert into api_keys (id, organization_id, name, digest, scopes, created_by, created_at, expires_at)
         values (:id, :organization, :name, :digest, :scopes, :by, :now, :expires_at)
         returning *",
        named_params! {
            ":id": id, ":organization": by.organization, ":name": name, ":digest": secret.digest(), ":scopes": new.scopes,
            ":by": by.member, ":now": tx.now, ":expires_at": expires_at,
        },
        Key::from_row,
    )?;
    by.note_change_of(tx, Action::KeyMade, &key.name, Change::to(&key.in_words()))?;
    Ok(Shown { key, text })
}

/// An organization's keys, newest first.
pub fn keys_of(view: &View, organization: &OrganizationId) -> Result<Vec<Key>> {
    view.all(
        "select * from api_keys where organization_id = :organization order by created_at desc, id desc",
        named_params! { ":organization": organization },
        Key::from_row,
    )
}

/// The organization a key belongs to, for the operator, who names no organization.
pub fn organization_of_key(view: &View, id: &KeyId) -> Result<OrganizationId> {
    view.find("select organization_id from api_keys where id = :id", named_params! { ":id": id }, |row| row.get(0))?
        .ok_or(Error::NotFound("API key"))
}

/// Deletes a key. It stops working with this transaction.
pub fn delete_key(tx: &Tx, by: &Actor, id: &KeyId) -> Result<()> {
    by.must_be(Role::Admin)?;
    let gone = tx
        .find(
            "select * from api_keys where id = :id and organization_id = :organization",
            named_params! { ":id": id, ":organization": by.organization },
            Key::from_row,
        )?
        .ok_or(Error::NotFound("API key"))?;
    tx.execute("delete from api_keys where id = :id", named_params! { ":id": id })?;
    by.note_change_of(tx, Action::KeyRevoked, &gone.name, Change::from(&gone.in_words()))
}

/// The key a program sent, if it is one and still works.
pub fn program(view: &View, text: &str) -> Result<Option<Key>> {
    let Some((id, secret)) = text.strip_prefix("hr_").and_then(|rest| rest.split_once('_')) else { return Ok(None) };
    let Ok(id) = id.parse::<KeyId>() else { return Ok(None) };
    let found = view.find("select * from api_keys where id = :id", named_params! { ":id": id }, |row| {
        Ok((Key::from_row(row)?, row.get::<_, Digest>("digest")?))
    })?;
    Ok(found
        .filter(|(key, digest)| *digest == Digest::of(secret) && key.expires_at.is_none_or(|end| end > view.now))
        .map(|(key, _)| key))
}

/// Writes down that a key was used.
pub fn mark_used(tx: &Tx, id: &KeyId) -> Result<()> {
    tx.execute("update api_keys set last_used_at = :now where id = :id", named_params! { ":now": tx.now, ":id": id })?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writing_includes_reading_and_nothing_else() {
        let scopes: Scopes = "invites:write organization:read".parse().unwrap();
        assert!(scopes.allow(Area::Invites, Access::Read) && scopes.allow(Area::Invites, Access::Write));
        assert!(scopes.allow(Area::Organization, Access::Read) && !scopes.allow(Area::Organization, Access::Write));
        assert!(!scopes.allow(Area::Photos, Access::Read));
        assert_eq!(scopes.to_string(), "invites:write organization:read");
        assert!(Scopes::all().are_all());
        assert_eq!("teams:read teams:write teams:read".parse::<Scopes>().unwrap().to_string(), "teams:write");
    }

    #[test]
    fn a_scope_that_does_not_exist_is_refused() {
        for wrong in ["", "invites", "invites:delete", "secrets:read"] {
            assert!(wrong.parse::<Scopes>().is_err(), "{wrong}");
        }
    }
}
