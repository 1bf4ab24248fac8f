//! Mail domains: said to be an organization's own, then proven by its DNS or by the operator.

use rusqlite::{Row, named_params};

use super::must_be_owner;
use crate::{
    audit::Action,
    clock::Timestamp,
    db::{Tx, View, stored_as_text},
    error::{Error, Result},
    i18n::Message,
    ids::{DomainId, OrganizationId},
    members::{Actor, DomainName},
    secrets::Token,
};

/// What stands before a domain in the name of the record that proves it. The domain itself will do as well.
pub const RECORD: &str = "_headroom";

/// What stands before the token in that record.
const MARK: &str = "headroom-verification=";

/// The most domains an organization can name.
const MOST: usize = 100;

/// Where anyone has an address: such a domain is nobody's own.
const EVERYBODYS: [&str; 34] = [
    "aol.com",
    "duck.com",
    "fastmail.com",
    "free.fr",
    "gmail.com",
    "gmx.com",
    "gmx.de",
    "gmx.net",
    "googlemail.com",
    "hey.com",
    "hotmail.co.uk",
    "hotmail.com",
    "hotmail.fr",
    "icloud.com",
    "laposte.net",
    "libero.it",
    "live.com",
    "mac.com",
    "mail.com",
    "mail.ru",
    "me.com",
    "msn.com",
    "orange.fr",
    "outlook.com",
    "outlook.de",
    "posteo.de",
    "proton.me",
    "protonmail.com",
    "qq.com",
    "t-online.de",
    "web.de",
    "yahoo.co.uk",
    "yahoo.com",
    "yandex.ru",
];

stored_as_text! {
    /// What shows whose a domain is.
    pub enum Proof {
        /// A record in its DNS.
        Dns = "dns",
        /// The operator's word.
        Operator = "operator",
    }
}

/// A mail domain of an organization.
#[derive(Clone, Debug)]
pub struct Domain {
    /// Which.
    pub id: DomainId,
    /// Who says that it is theirs.
    pub organization: OrganizationId,
    /// The domain.
    pub name: String,
    /// Since when it is proven.
    pub proven_at: Option<Timestamp>,
    /// By what.
    pub proven_by: Option<Proof>,
    /// When its DNS was last looked at.
    pub checked_at: Option<Timestamp>,
    /// What was found there instead of the proof.
    pub trouble: Option<String>,
    token: String,
}

impl Domain {
    /// The text that proves it, once it stands in its DNS.
    pub fn text(&self) -> String {
        format!("{MARK}{}", self.token)
    }

    /// What was found there instead of the proof, to be read: it is kept in English.
    pub fn found_instead(&self) -> Option<Message> {
        self.trouble.as_deref().map(told)
    }

    /// The names it is looked for under, the one we tell of first.
    pub fn places(&self) -> [String; 2] {
        [format!("{RECORD}.{}", self.name), self.name.clone()]
    }

    fn from_row(row: &Row) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            organization: row.get("organization_id")?,
            name: row.get("name")?,
            proven_at: row.get("proven_at")?,
            proven_by: row.get("proven_by")?,
            checked_at: row.get("checked_at")?,
            trouble: row.get("trouble")?,
            token: row.get("token")?,
        })
    }
}

/// Names a domain, which has to be proven before it counts.
///
/// # Errors
/// Someone who isn't the owner; a domain where anyone has an address; one that is named already; too many.
pub fn add(tx: &Tx, by: &Actor, name: &DomainName) -> Result<Domain> {
    must_be_owner(by)?;
    if EVERYBODYS.contains(&name.as_str()) {
        return Err(Error::invalid(say!(
            "Anyone can have an address at {name}, so it can't be your organization's own. Name a domain that is.",
            name = name.as_str()
        )));
    }
    let all = domains(tx, &by.organization)?;
    if all.iter().any(|domain| domain.name == name.as_str()) {
        return Err(Error::invalid(say!("{name} is in the list already.", name = name.as_str())));
    }
    if all.len() >= MOST {
        return Err(Error::invalid(say!(
            "An organization can name at most {most} domains. Remove one first.",
            most = MOST
        )));
    }
    let domain = tx.one(
        "insert into domains (id, organization_id, name, token, created_at)
         values (:id, :organization, :name, :token, :now)
         returning *",
        named_params! {
            ":id": DomainId::new(), ":organization": by.organization, ":name": name.as_str(),
            ":token": Token::new().reveal(), ":now": tx.now,
        },
        Domain::from_row,
    )?;
    by.note_about(tx, Action::DomainChanged, name.as_str(), Some("added"))?;
    Ok(domain)
}

/// An organization's domains by their names.
pub fn domains(view: &View, organization: &OrganizationId) -> Result<Vec<Domain>> {
    view.all(
        "select * from domains where organization_id = :organization order by name",
        named_params! { ":organization": organization },
        Domain::from_row,
    )
}

/// A domain of an organization.
pub fn domain(view: &View, organization: &OrganizationId, id: &DomainId) -> Result<Domain> {
    view.find(
        "select * from domains where id = :id and organization_id = :organization",
        named_params! { ":id": id, ":organization": organization },
        Domain::from_row,
    )?
    .ok_or(Error::NotFound("Domain"))
}

/// The same by its name.
pub fn named(view: &View, organization: &OrganizationId, name: &DomainName) -> Result<Domain> {
    view.find(
        "select * from domains where name = :name and organization_id = :organization",
        named_params! { ":name": name.as_str(), ":organization": organization },
        Domain::from_row,
    )?
    .ok_or(Error::NotFound("Domain"))
}

/// Whose a domain is proven to be.
pub fn proven_for(view: &View, name: &DomainName) -> Result<Option<OrganizationId>> {
    view.find(
        "select organization_id from domains where name = :name and proven_at is not null",
        named_params! { ":name": name.as_str() },
        |row| row.get(0),
    )
}

/// Judges what stands in a domain's DNS, each text with the name it was found under: proven, or what was found instead. What is
/// proven stays so, whatever is found later.
///
/// # Errors
/// Someone who isn't the owner; a domain that is proven for another organization, without saying which.
pub fn check(tx: &Tx, by: &Actor, id: &DomainId, found: &[(String, Vec<String>)]) -> Result<Domain> {
    must_be_owner(by)?;
    let domain = domain(tx, &by.organization, id)?;
    if domain.proven_at.is_some() {
        return Ok(domain);
    }
    let text = domain.text();
    if found.iter().any(|(_, texts)| texts.iter().any(|one| one.trim() == text)) {
        return settle(tx, by, &domain, Proof::Dns);
    }
    tx.one(
        "update domains set checked_at = :now, trouble = :trouble where id = :id returning *",
        named_params! { ":now": tx.now, ":trouble": instead(found), ":id": id },
        Domain::from_row,
    )
}

/// Takes the operator's word for it.
///
/// # Errors
/// As [`check`].
pub fn prove(tx: &Tx, by: &Actor, id: &DomainId) -> Result<Domain> {
    must_be_owner(by)?;
    let domain = domain(tx, &by.organization, id)?;
    if domain.proven_at.is_some() {
        return Ok(domain);
    }
    settle(tx, by, &domain, Proof::Operator)
}

fn settle(tx: &Tx, by: &Actor, domain: &Domain, proof: Proof) -> Result<Domain> {
    let taken: bool = tx.one(
        "select exists (select 1 from domains where name = :name and proven_at is not null)",
        named_params! { ":name": domain.name },
        |row| row.get(0),
    )?;
    if taken {
        return Err(Error::invalid(say!(
            "{domain} is proven for another organization on this server. Ask the operator of this server.",
            domain = domain.name
        )));
    }
    let proven = tx.one(
        "update domains set proven_at = :now, proven_by = :proof, checked_at = :now, trouble = null where id = :id returning *",
        named_params! { ":now": tx.now, ":proof": proof, ":id": domain.id },
        Domain::from_row,
    )?;
    let words = match proof {
        Proof::Dns => "proven by its DNS",
        Proof::Operator => "proven by the operator",
    };
    by.note_about(tx, Action::DomainChanged, &domain.name, Some(words))?;
    Ok(proven)
}

/// What was found instead of the proof, for whoever has to mend it.
fn instead(found: &[(String, Vec<String>)]) -> String {
    let ours: Vec<_> = found.iter().flat_map(|(name, texts)| texts.iter().map(move |text| (name, text))).collect();
    let short = |text: &str| text.chars().filter(|letter| !letter.is_control()).take(120).collect::<String>();
    if let Some((name, text)) = ours.iter().find(|(_, text)| text.contains(MARK)) {
        return format!("{name} holds \"{}\", which is not this record's value.", short(text));
    }
    let names: Vec<&str> = found.iter().map(|(name, _)| name.as_str()).collect();
    match ours.as_slice() {
        [] => format!("There is no TXT record at {}.", names.join(" or ")),
        [(name, text), rest @ ..] => {
            let more = if rest.is_empty() { String::new() } else { format!(" and {} more", rest.len()) };
            format!("The record isn't there yet. Found instead: \"{}\" at {name}{more}.", short(text))
        }
    }
}

/// The same as a message.
fn told(trouble: &str) -> Message {
    let none = trouble.strip_prefix("There is no TXT record at ").and_then(|rest| rest.strip_suffix('.'));
    if let Some((name, other)) = none.and_then(|names| names.split_once(" or ")) {
        return say!("There is no TXT record at {name} or {other}.", name, other);
    }
    let older = trouble.strip_suffix("\", which is not this record's value.");
    if let Some((name, text)) = older.and_then(|rest| rest.split_once(" holds \"")) {
        return say!("{name} holds \"{text}\", which is not this record's value.", name, text);
    }
    let others = trouble.strip_prefix("The record isn't there yet. Found instead: \"");
    let Some((text, place)) = others.and_then(|rest| rest.strip_suffix('.')?.rsplit_once("\" at ")) else {
        return Message::plain(trouble);
    };
    match place.strip_suffix(" more").and_then(|place| place.split_once(" and ")) {
        Some((name, more)) => {
            say!("The record isn't there yet. Found instead: \"{text}\" at {name} and {more} more.", text, name, more)
        }
        None => say!("The record isn't there yet. Found instead: \"{text}\" at {name}.", text, name = place),
    }
}

/// Gives a domain up: its people are like any others from now on.
///
/// # Errors
/// Someone who isn't the owner; a domain that isn't theirs.
pub fn remove_domain(tx: &Tx, by: &Actor, id: &DomainId) -> Result<Domain> {
    must_be_owner(by)?;
    let domain = domain(tx, &by.organization, id)?;
    tx.execute("delete from domains where id = :id", named_params! { ":id": id })?;
    by.note_about(tx, Action::DomainChanged, &domain.name, Some("removed"))?;
    Ok(domain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_found_instead_is_said() {
        let found = |texts: &[&str]| {
            let texts = texts.iter().map(ToString::to_string).collect();
            let said = instead(&[("_headroom.acme.test".to_owned(), texts), ("acme.test".to_owned(), Vec::new())]);
            assert_eq!(told(&said).to_string(), said);
            said
        };
        assert_eq!(found(&[]), "There is no TXT record at _headroom.acme.test or acme.test.");
        assert_eq!(
            found(&["v=spf1 -all", "x"]),
            "The record isn't there yet. Found instead: \"v=spf1 -all\" at _headroom.acme.test and 1 more."
        );
        assert_eq!(
            found(&["v=spf1 -all", "headroom-verification=old"]),
            "_headroom.acme.test holds \"headroom-verification=old\", which is not this record's value."
        );
        assert!(EVERYBODYS.is_sorted());
    }
}
