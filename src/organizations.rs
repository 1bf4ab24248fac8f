//! Organizations and what they have decided about themselves.

use std::fmt;

use rusqlite::{Row, named_params};
use serde::Serialize;

use crate::{
    clock::Timestamp,
    db::{Tx, View, stored_as_text},
    error::{Error, Result},
    i18n::Language,
    ids::OrganizationId,
    one_line,
};

mod agreement;
mod brand;
mod first;
mod headshots;
mod keeping;
mod language;
mod origins;
mod reminders;
mod words;
mod zone;

pub use agreement::{agree, agreed, agrees, disagree};
pub use brand::{Ground, Identity, brand_of, set_avatars, set_identity, set_logo, without_logo};
pub use first::first;
pub use headshots::{
    HEADSHOTS, MOST_EDITS, backdrops, edits, headshots, headshots_in_a_shoot, set_backdrops, set_edits, set_headshots,
};
pub use keeping::{RESULTS_DAYS, results_days, set_results_days};
pub use language::{language_of, set_language};
pub use origins::Origins;
pub use reminders::{Quiet, Reminders, quiet_hours, reminder_days, reminding, set_reminders, timezone, timezones};
pub use zone::{Zone, zone};

/// What the API shows as the balance of an organization with unlimited credits.
pub const UNLIMITED: i64 = 999_999;

stored_as_text! {
    /// Whom it is made for.
    pub enum Kind {
        /// People who work together, some of whom lead.
        Company = "company",
        /// One person, for themselves: nobody leads.
        Individual = "individual",
    }
}

/// An organization.
#[derive(Clone, Debug, Serialize)]
pub struct Organization {
    /// Its id; the API's `uid`.
    pub id: OrganizationId,
    /// What it is called.
    pub name: String,
    /// Whom it is made for.
    pub kind: Kind,
    /// Its web site.
    pub website: Option<String>,
    /// A sentence about it.
    pub description: Option<String>,
    /// It runs on its own hardware: no credit is ever asked for.
    pub unlimited: bool,
    /// It may embed Headroom in its own product.
    pub whitelabel: bool,
    /// Its colour on pages, as `#rrggbb`.
    pub accent: Option<String>,
    /// The version of its logo, if it has one.
    pub logo: Option<String>,
    /// The only ground its logo can be seen on; nothing: both.
    #[serde(skip)]
    pub logo_ground: Option<Ground>,
    /// Whether its people's favourites have public addresses.
    pub avatars: bool,
    /// Sites whose scripts may call its API.
    pub cors_origins: Origins,
    /// Sites that may show its members' pages in a frame.
    pub embed_origins: Origins,
    /// When it reminds people by itself.
    #[serde(flatten)]
    pub reminders: Reminders,
    /// What it writes in to people whose own language isn't known.
    pub language: Language,
    /// How many headshots a shoot makes.
    pub headshots: u8,
    /// How many edits its members may make of their own headshots.
    pub edits: u8,
    /// How many edits its leads may make for each member.
    pub lead_edits: u8,
    /// For how many days headshots are kept; nothing: until someone deletes them.
    #[serde(rename = "resultsDays")]
    pub results_days: Option<u16>,
    /// The sum of its ledger.
    pub credits: i64,
    /// Invites that wait for an answer; those past their time may still be among them.
    pub pending_invites: i64,
    /// All invites ever made and not deleted.
    pub all_invites: i64,
    /// Grows whenever one of its lists would look different.
    pub changes: i64,
}

impl Organization {
    /// Whether it is one person's own.
    pub fn is_alone(&self) -> bool {
        self.kind == Kind::Individual
    }

    /// The balance as the API shows it.
    pub fn shown_credits(&self) -> i64 {
        if self.unlimited { UNLIMITED } else { self.credits }
    }

    fn from_row(row: &Row) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            name: row.get("name")?,
            kind: row.get("kind")?,
            website: row.get("website")?,
            description: row.get("description")?,
            unlimited: row.get("unlimited")?,
            whitelabel: row.get("whitelabel")?,
            accent: row.get("accent")?,
            logo: row.get("logo")?,
            logo_ground: row.get("logo_ground")?,
            avatars: row.get("avatars")?,
            cors_origins: row.get("cors_origins")?,
            embed_origins: row.get("embed_origins")?,
            reminders: Reminders::from_row(row)?,
            language: row.get("language")?,
            headshots: row.get("headshots")?,
            edits: row.get("edits")?,
            lead_edits: row.get("lead_edits")?,
            results_days: row.get("results_days")?,
            credits: row.get("credits")?,
            pending_invites: row.get("pending_invites")?,
            all_invites: row.get("all_invites")?,
            changes: row.get("changes")?,
        })
    }
}

/// The name of an organization: 1 to 200 characters on one line.
#[derive(Clone, Debug)]
pub struct OrganizationName(String);

impl OrganizationName {
    /// Reads it as a person typed it.
    pub fn parse(text: &str) -> Result<Self> {
        let name = text.trim();
        if !one_line::fits(name, 200) {
            return Err(Error::invalid(say!("The organization needs a name of 1 to 200 characters.")));
        }
        Ok(Self(name.to_owned()))
    }
}

impl fmt::Display for OrganizationName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a new organization is made of.
#[derive(Clone, Debug)]
pub struct NewOrganization {
    /// What it is called.
    pub name: OrganizationName,
    /// Its web site, as [`website`] reads it.
    pub website: Option<String>,
    /// No credit is ever asked for.
    pub unlimited: bool,
    /// It may embed Headroom in its own product.
    pub whitelabel: bool,
}

/// Makes an organization, with nobody in it yet.
pub fn create(tx: &Tx, new: &NewOrganization) -> Result<Organization> {
    tx.one(
        "insert into organizations (id, name, website, unlimited, whitelabel, created_at)
         values (:id, :name, :website, :unlimited, :whitelabel, :now)
         returning *",
        named_params! {
            ":id": OrganizationId::new(), ":name": new.name.0, ":website": new.website,
            ":unlimited": new.unlimited, ":whitelabel": new.whitelabel, ":now": tx.now,
        },
        Organization::from_row,
    )
}

/// Makes one for a single person, with nobody in it yet. What it is called is for the operator to see, and nobody else.
pub fn create_for_one(tx: &Tx, called: &str) -> Result<Organization> {
    let name: String = called.chars().take(200).collect();
    tx.one(
        "insert into organizations (id, name, kind, created_at) values (:id, :name, 'individual', :now) returning *",
        named_params! { ":id": OrganizationId::new(), ":name": name, ":now": tx.now },
        Organization::from_row,
    )
}

/// The organization with this id.
pub fn get(view: &View, id: &OrganizationId) -> Result<Organization> {
    view.find("select * from organizations where id = :id", named_params! { ":id": id }, Organization::from_row)?
        .ok_or(Error::NotFound("Organization"))
}

/// How many changes its lists have seen: as long as it stays the same, so do they.
pub fn changes(view: &View, id: &OrganizationId) -> Result<i64> {
    view.one("select changes from organizations where id = :id", named_params! { ":id": id }, |row| row.get(0))
}

/// Whether scripts on this site, named as browsers name it, may call the organization's API.
pub fn lets_call(view: &View, id: &OrganizationId, origin: &str) -> Result<bool> {
    view.one(
        "select exists (
             select 1 from organizations, json_each(organizations.cors_origins) as listed
             where organizations.id = :id and listed.value = :origin
         )",
        named_params! { ":id": id, ":origin": origin },
        |row| row.get(0),
    )
}

/// Whether they may call that of any organization.
pub fn any_lets_call(view: &View, origin: &str) -> Result<bool> {
    view.one(
        "select exists (
             select 1 from organizations, json_each(organizations.cors_origins) as listed where listed.value = :origin
         )",
        named_params! { ":origin": origin },
        |row| row.get(0),
    )
}

/// All organizations, oldest first.
pub fn list(view: &View) -> Result<Vec<Organization>> {
    view.all("select * from organizations order by created_at, id", [], Organization::from_row)
}

/// Whether there is a company: without one, the server offers its setup.
pub fn any(view: &View) -> Result<bool> {
    view.one("select exists (select 1 from organizations where kind = 'company')", [], |row| row.get(0))
}

/// Since when there is an organization, if there is one.
pub fn oldest(view: &View) -> Result<Option<Timestamp>> {
    view.one("select min(created_at) from organizations", [], |row| row.get(0))
}

/// The organization an operator means by an id or by its exact name.
pub fn named(view: &View, text: &str) -> Result<Organization> {
    let found = view.all(
        "select * from organizations where id = :text or name = :text collate nocase",
        named_params! { ":text": text },
        Organization::from_row,
    )?;
    let mut found = found.into_iter();
    match (found.next(), found.next()) {
        (Some(one), None) => Ok(one),
        (Some(_), Some(_)) => {
            Err(Error::invalid(plain!("Several organizations are called \"{text}\". Use the id: headroom org list.")))
        }
        (None, _) => Err(Error::invalid(plain!("There is no organization \"{text}\". See: headroom org list."))),
    }
}

/// [`named`], for what only a company can have.
///
/// # Errors
/// It is one person's own.
pub fn company(view: &View, text: &str) -> Result<Organization> {
    let found = named(view, text)?;
    if found.is_alone() {
        return Err(Error::invalid(plain!("{} is one person on their own: only a company can have this.", found.name)));
    }
    Ok(found)
}

/// Forgets an organization with everything that is left of it.
pub fn forget(tx: &Tx, id: &OrganizationId) -> Result<()> {
    tx.execute("delete from organizations where id = :id", named_params! { ":id": id })?;
    Ok(())
}

/// Changes one setting, given as text.
///
/// # Errors
/// An unknown key or a value it can't have.
pub fn set(tx: &Tx, id: &OrganizationId, key: &str, value: &str) -> Result<()> {
    let params = |value: rusqlite::types::Value| [rusqlite::types::Value::from(id.to_string()), value];
    let changed = match key {
        "name" => tx.execute(
            "update organizations set name = ?2 where id = ?1",
            params(OrganizationName::parse(value)?.0.into()),
        )?,
        "website" => {
            tx.execute("update organizations set website = ?2 where id = ?1", params(website(value)?.into()))?
        }
        "description" => {
            tx.execute("update organizations set description = ?2 where id = ?1", params(value.to_owned().into()))?
        }
        "unlimited" => {
            tx.execute("update organizations set unlimited = ?2 where id = ?1", params(switch(key, value)?.into()))?
        }
        "whitelabel" => {
            tx.execute("update organizations set whitelabel = ?2 where id = ?1", params(switch(key, value)?.into()))?
        }
        "avatars" => {
            tx.execute("update organizations set avatars = ?2 where id = ?1", params(switch(key, value)?.into()))?
        }
        "accent" => tx.execute("update organizations set accent = ?2 where id = ?1", params(accent(value)?.into()))?,
        "cors_origins" => tx.execute(
            "update organizations set cors_origins = :origins where id = :id",
            named_params! { ":id": id, ":origins": value.parse::<Origins>()? },
        )?,
        "embed_origins" => tx.execute(
            "update organizations set embed_origins = :origins where id = :id",
            named_params! { ":id": id, ":origins": value.parse::<Origins>()? },
        )?,
        "reminders" => tx.execute(
            "update organizations set reminders = ?2 where id = ?1",
            params(serde_json::to_string(&reminder_days(value)?)?.into()),
        )?,
        "quiet_hours" | "quiet-hours" => {
            let (from, to) = quiet_hours(value)?;
            tx.execute(
                "update organizations set quiet_from = :from, quiet_to = :to where id = :id",
                named_params! { ":id": id, ":from": from, ":to": to },
            )?
        }
        "timezone" => tx.execute(
            "update organizations set timezone = ?2 where id = ?1",
            params(timezone(value)?.name().to_owned().into()),
        )?,
        "language" => set_language(tx, id, language_of(value)?)?,
        "headshots" => tx.execute(
            "update organizations set headshots = ?2 where id = ?1",
            params(i64::from(headshots(value)?).into()),
        )?,
        "edits" => {
            tx.execute("update organizations set edits = ?2 where id = ?1", params(i64::from(edits(value)?).into()))?
        }
        "lead_edits" => tx.execute(
            "update organizations set lead_edits = ?2 where id = ?1",
            params(i64::from(edits(value)?).into()),
        )?,
        _ => {
            return Err(Error::invalid(plain!(
                "There is no setting \"{key}\". There are: name, website, description, unlimited, whitelabel, accent, avatars, \
                 cors_origins, embed_origins, reminders, quiet_hours, timezone, language, headshots, edits, lead_edits, resultsDays."
            )));
        }
    };
    if changed == 0 { Err(Error::NotFound("Organization")) } else { Ok(()) }
}

/// Whether its leads need a second factor.
pub fn needs_two_factor(view: &View, id: &OrganizationId) -> Result<bool> {
    view.one("select two_factor from organizations where id = :id", named_params! { ":id": id }, |row| row.get(0))
}

/// Has its leads need a second factor, or no longer. Whether that is a change.
pub fn set_two_factor(tx: &Tx, id: &OrganizationId, on: bool) -> Result<bool> {
    let changed = tx.execute(
        "update organizations set two_factor = :on where id = :id and two_factor != :on",
        named_params! { ":id": id, ":on": on },
    )?;
    Ok(changed > 0)
}

/// How an organization is embedded elsewhere.
#[derive(Clone, Debug)]
pub struct Embedding {
    /// Whether it is.
    pub whitelabel: bool,
    /// The sites that may show its anonymous members' pages in a frame.
    pub embed_origins: Origins,
    /// The sites whose scripts may call its API.
    pub cors_origins: Origins,
}

/// Changes all of it at once.
pub fn set_embedding(tx: &Tx, id: &OrganizationId, new: &Embedding) -> Result<()> {
    tx.execute(
        "update organizations set whitelabel = :whitelabel, embed_origins = :embed, cors_origins = :cors where id = :id",
        named_params! { ":id": id, ":whitelabel": new.whitelabel, ":embed": new.embed_origins, ":cors": new.cors_origins },
    )?;
    Ok(())
}

/// A web address as a person types it; without a scheme it is taken for https. An empty one is none.
pub fn website(text: &str) -> Result<Option<String>> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let full = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
    let good = url::Url::parse(&full).is_ok_and(|url| {
        matches!(url.scheme(), "http" | "https") && url.host_str().is_some_and(|host| host.contains('.'))
    });
    if good {
        Ok(Some(full))
    } else {
        Err(Error::invalid(say!("\"{text}\" is not a web address, such as https://acme.com.", text)))
    }
}

fn switch(key: &str, value: &str) -> Result<i64> {
    match value {
        "true" | "on" | "yes" | "1" => Ok(1),
        "false" | "off" | "no" | "0" => Ok(0),
        _ => Err(Error::invalid(plain!("{key} is on or off, not \"{value}\"."))),
    }
}

/// A colour as `#rrggbb`, in small letters; an empty text is none.
pub fn accent(value: &str) -> Result<Option<String>> {
    let value = value.trim().to_ascii_lowercase();
    let hex = value
        .strip_prefix('#')
        .is_some_and(|digits| digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
    match value.as_str() {
        "" => Ok(None),
        _ if hex => Ok(Some(value)),
        _ => Err(Error::invalid(say!("\"{text}\" is not a colour, such as #2f6f5e.", text = value))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_web_site_may_be_typed_without_its_scheme() {
        assert_eq!(website(" acme.com ").unwrap().as_deref(), Some("https://acme.com"));
        assert_eq!(website("").unwrap(), None);
        for wrong in ["javascript://acme.com/%0aalert(1)", "acme", "https://", "not a site.com"] {
            assert!(website(wrong).is_err(), "{wrong}");
        }
    }
}
