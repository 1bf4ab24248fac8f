//! What an organization has its people agree to in its own words. Each change is a version of its own, which is never changed and
//! stays for as long as the organization does: somebody may have agreed to it.

use rusqlite::{Row, named_params};

use crate::{
    audit::{Action, Change},
    clock::Timestamp,
    db::{Tx, View},
    error::{Error, Result},
    ids::OrganizationId,
    members::{Actor, Role},
    organizations,
};

/// Longest words of consent, in characters.
pub const LONGEST_WORDING: usize = 10_000;

/// Shorter ones say too little to agree to.
const SHORTEST: usize = 20;

/// A version of what is agreed to.
#[derive(Clone, Debug)]
pub struct Wording {
    pub(super) id: i64,
    /// Rises by one with each change, from 1 on.
    pub number: u32,
    /// The organization's words; nothing: from then on ours.
    pub text: Option<String>,
    /// Who wrote it, as they were called then.
    pub who: String,
    /// When.
    pub created_at: Timestamp,
}

impl Wording {
    fn from_row(row: &Row) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            number: row.get("number")?,
            text: row.get("text")?,
            who: row.get("who")?,
            created_at: row.get("created_at")?,
        })
    }
}

/// The version that is agreed to from now on; nothing as long as it never had words of its own.
pub fn in_force(view: &View, organization: &OrganizationId) -> Result<Option<Wording>> {
    view.find(
        "select * from consent_texts where organization_id = :organization order by number desc limit 1",
        named_params! { ":organization": organization },
        Wording::from_row,
    )
}

/// All versions, newest first.
pub fn wordings(view: &View, organization: &OrganizationId) -> Result<Vec<Wording>> {
    view.all(
        "select * from consent_texts where organization_id = :organization order by number desc",
        named_params! { ":organization": organization },
        Wording::from_row,
    )
}

/// The version with this number, if it is this organization's.
pub fn wording(view: &View, organization: &OrganizationId, number: u32) -> Result<Wording> {
    view.find(
        "select * from consent_texts where organization_id = :organization and number = :number",
        named_params! { ":organization": organization, ":number": number },
        Wording::from_row,
    )?
    .ok_or(Error::NotFound("Version"))
}

/// Reads words of consent as someone typed them.
///
/// # Errors
/// They are too short to say something, or too long.
pub fn read_wording(text: &str) -> Result<String> {
    let lines = text.replace("\r\n", "\n").replace('\r', "\n");
    let kept: String = lines.chars().filter(|c| *c == '\n' || !c.is_control()).collect();
    let text = kept.trim().to_owned();
    let length = text.chars().count();
    if length < SHORTEST {
        return Err(Error::invalid(say!(
            "These words are too few to agree to. Say what is kept, for how long, who sees it, and how to take it back."
        )));
    }
    if length > LONGEST_WORDING {
        return Err(Error::invalid(say!(
            "These are {length} characters; {most} is the most. Shorten the text, or name the page that has all of it.",
            length,
            most = LONGEST_WORDING
        )));
    }
    Ok(text)
}

/// Has people agree to these words from now on, which [`read_wording`] has read; to ours, if there are none. The number of the new
/// version; nothing if they are in force already.
pub fn set_wording(tx: &Tx, by: &Actor, text: Option<&str>) -> Result<Option<u32>> {
    by.must_be(Role::Admin)?;
    if organizations::get(tx, &by.organization)?.is_alone() {
        return Err(Error::invalid(say!("Only a company has words of its own to agree to.")));
    }
    let before = in_force(tx, &by.organization)?;
    if before.as_ref().and_then(|wording| wording.text.as_deref()) == text {
        return Ok(None);
    }
    let number = before.as_ref().map_or(1, |wording| wording.number + 1);
    tx.execute(
        "insert into consent_texts (organization_id, number, text, member_id, who, created_at)
         values (:organization, :number, :text, :member, :who, :now)",
        named_params! {
            ":organization": by.organization, ":number": number, ":text": text, ":member": by.member, ":who": by.who,
            ":now": tx.now,
        },
    )?;
    let called = |number: u32, text: Option<&str>| match text {
        Some(_) => format!("version {number}"),
        None => "our words".to_owned(),
    };
    let before = before.map_or_else(|| "our words".to_owned(), |was| called(was.number, was.text.as_deref()));
    by.note_change_of(tx, Action::SettingsChanged, "Consent text", Change::new(&before, &called(number, text)))?;
    Ok(Some(number))
}

/// Who agreed to which words.
#[derive(Clone, Debug)]
pub struct Agreed {
    /// The version of the organization's own words; nothing if they are ours.
    pub number: Option<u32>,
    /// The short name of the words as they were agreed to last.
    pub version: String,
    /// As they were agreed to last.
    pub text: String,
    /// How many people agreed.
    pub people: u32,
    /// When the first one did.
    pub first: Timestamp,
    /// When the last one did.
    pub last: Timestamp,
}

/// How many people agreed to which words, the latest first.
pub fn agreed(view: &View, organization: &OrganizationId) -> Result<Vec<Agreed>> {
    // With max(), SQLite takes the other columns from the row that has it.
    view.all(
        "select t.number, c.version, c.text, count(distinct coalesce(c.account_id, c.shoot_id)) as people,
             min(c.created_at) as first, max(c.created_at) as last
         from consents c
         join shoots s on s.id = c.shoot_id
         left join consent_texts t on t.id = c.text_id
         where s.organization_id = :organization
         group by coalesce(t.number, c.version)
         order by last desc, c.version",
        named_params! { ":organization": organization },
        |row| {
            Ok(Agreed {
                number: row.get("number")?,
                version: row.get("version")?,
                text: row.get("text")?,
                people: row.get("people")?,
                first: row.get("first")?,
                last: row.get("last")?,
            })
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_to_agree_to_say_something_and_not_a_book() {
        assert_eq!(
            read_wording("  I agree that this is done.\r\n\r\nAll of it.\u{7} ").unwrap(),
            "I agree that this is done.\n\nAll of it."
        );
        assert!(read_wording("I agree.").unwrap_err().to_string().contains("too few"));
        assert!(read_wording(&"agree ".repeat(2000)).unwrap_err().to_string().contains("10,000 is the most"));
    }
}
