//! The chain: each row holds a digest of itself and of the row before it, so that a row that was changed, taken out or put in
//! shows. An anchor beside it knows where the chain begins and ends.
//!
//! The digest of a row is the SHA-256 of a text: the digest of the row before it in hexadecimal digits, a line break, and the
//! row as a JSON array without blanks. The chain of an organization begins with the SHA-256 of its id. What stands for members
//! who are still here is left out, because it goes when they do; what they were called stays.

use std::{borrow::Cow, time::Duration};

use rusqlite::{Row, named_params};
use serde::Serialize;

use super::Deed;
use crate::{
    clock::Timestamp,
    db::{Topic, Tx, View},
    error::Result,
    i18n::{Language, Message},
    ids::OrganizationId,
    secrets::Digest,
};

/// How long a deed can be looked up.
const KEPT: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// Characters kept of what was so before, and of what is so since.
const LONGEST: usize = 500;

/// Rows that go in one transaction, so that nobody waits behind it.
const BATCH: i64 = 500;

/// How often the server looks at every chain by itself.
const CHECKED_EVERY: Duration = Duration::from_secs(24 * 60 * 60);

/// What of a row its digest is made of, in this order.
#[derive(Serialize)]
struct Link<'a>(
    i64,
    &'a str,
    &'a str,
    &'a str,
    Option<&'a str>,
    Option<&'a str>,
    Option<&'a str>,
    Option<&'a str>,
    Timestamp,
);

impl Link<'_> {
    fn after(&self, previous: &Digest) -> Result<Digest> {
        Ok(Digest::of(&format!("{}\n{}", previous.hex(), serde_json::to_string(self)?)))
    }
}

struct Anchor {
    gone: i64,
    gone_digest: Digest,
    head: i64,
    head_digest: Digest,
}

impl Anchor {
    fn from_row(row: &Row) -> rusqlite::Result<Self> {
        Ok(Self {
            gone: row.get("gone")?,
            gone_digest: row.get("gone_digest")?,
            head: row.get("head")?,
            head_digest: row.get("head_digest")?,
        })
    }
}

fn anchor(view: &View, organization: &OrganizationId) -> Result<Option<Anchor>> {
    view.find(
        "select gone, gone_digest, head, head_digest from audit_anchors where organization_id = :organization",
        named_params! { ":organization": organization },
        Anchor::from_row,
    )
}

fn beginning(organization: &OrganizationId) -> Digest {
    Digest::of(organization.as_str())
}

/// Writes a deed down, behind the organization's last one.
pub fn write(tx: &Tx, deed: &Deed) -> Result<()> {
    let (previous, head) = match anchor(tx, deed.organization)? {
        Some(anchor) => (anchor.head_digest, anchor.head),
        None => (beginning(deed.organization), 0),
    };
    // Whatever a lead, a program or the operator does to an organization, its open pages may show.
    tx.ring(Topic::Organization(deed.organization.clone()));
    // One thread writes, so nobody takes the number meanwhile. A number that expired is never given out again.
    let newest: i64 = tx.one("select coalesce(max(id), 0) from audit", [], |row| row.get(0))?;
    let number = newest.max(head) + 1;
    let (before, after) = (deed.change.before.map(short), deed.change.after.map(short));
    let (before, after) = (before.as_deref(), after.as_deref());
    let (via, action) = (deed.via.as_str(), deed.action.as_str());
    let digest =
        Link(number, via, deed.who, action, deed.subject, deed.detail, before, after, tx.now).after(&previous)?;
    // What is there and in no chain yet is older than the chain.
    tx.execute(
        "insert into audit_anchors (organization_id, gone, gone_digest, head, head_digest)
         select :organization, coalesce(max(id), 0), :previous, :number, :digest
         from audit where organization_id = :organization
         on conflict (organization_id) do update set head = excluded.head, head_digest = excluded.head_digest",
        named_params! {
            ":organization": deed.organization, ":previous": previous, ":number": number, ":digest": digest,
        },
    )?;
    tx.execute(
        "insert into audit (
             id, organization_id, via, member_id, who, action, subject_id, subject, detail, before, after, digest, created_at
         ) values (
             :number, :organization, :via, :member, :who, :action, :subject_id, :subject, :detail, :before, :after, :digest, :now
         )",
        named_params! {
            ":number": number, ":organization": deed.organization, ":via": via, ":member": deed.member,
            ":who": deed.who, ":action": action, ":subject_id": deed.subject_id, ":subject": deed.subject,
            ":detail": deed.detail, ":before": before, ":after": after, ":digest": digest, ":now": tx.now,
        },
    )?;
    Ok(())
}

/// As much of what was changed as is kept.
fn short(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]).into(),
        None => text.into(),
    }
}

/// What a look at the whole log of an organization found.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Check {
    /// When.
    pub checked_at: Timestamp,
    /// Rows of the chain that are there.
    pub entries: u64,
    /// Rows from before there was a chain: nothing can be said of them.
    pub older: u64,
    /// The last row that went because its time was over; 0 if none has. The chain goes on from its digest.
    pub expired: i64,
    /// The newest row, if there is one, and its digest: noted elsewhere, they prove later that nothing up to it was changed.
    pub head: Option<Head>,
    /// The first thing that is wrong; nothing if the chain holds.
    pub fault: Option<Fault>,
}

/// The end of a chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Head {
    /// The number of the newest row.
    pub number: i64,
    /// Its digest in hexadecimal digits.
    pub digest: String,
}

/// Where a chain breaks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// At this row.
    pub number: i64,
    /// What is wrong there.
    pub words: String,
}

impl Fault {
    /// The same in one sentence.
    pub fn in_words(&self) -> String {
        format!("Entry {}: {}", self.number, self.words)
    }
}

/// What was kept of a [`Fault`] in English, to be read in any language.
pub fn told(kept: &str) -> Message {
    let parts = kept.strip_prefix("Entry ").and_then(|kept| kept.split_once(": "));
    let Some((number, words)) = parts else { return Message::english(kept.to_owned()) };
    // The only figures in the words are the number of another entry.
    let other: String = words.chars().filter(char::is_ascii_digit).collect();
    let why = match other.is_empty() {
        true => Message::english(words.to_owned()),
        false => Message::english(words.replace(&other, "{entry}")).with("entry", other),
    };
    say!("Entry {number}: {why}", number, why)
}

/// Looks at the whole log of an organization: for [`crate::db::Db::scan`].
pub fn verify(view: &View, organization: &OrganizationId) -> Result<Check> {
    let anchor = anchor(view, organization)?;
    let mut walk = Walk::from(anchor.as_ref(), organization);
    view.each(
        "select * from audit where organization_id = :organization order by id",
        named_params! { ":organization": organization },
        |row| walk.step(row),
    )?;
    let cut_off = anchor.as_ref().and_then(|anchor| walk.misses(anchor));
    Ok(Check {
        checked_at: view.now,
        entries: walk.entries,
        older: walk.older,
        expired: anchor.as_ref().filter(|anchor| anchor.gone_digest != beginning(organization)).map_or(0, |it| it.gone),
        head: (walk.entries > 0).then(|| Head { number: walk.last, digest: walk.previous.hex() }),
        fault: walk.fault.or(cut_off),
    })
}

/// A walk along a chain, row by row.
struct Walk {
    /// The row before the next one, and its digest.
    last: i64,
    previous: Digest,
    /// Whether there is an anchor, and the last row that is not in the chain.
    anchored: bool,
    gone: i64,
    entries: u64,
    older: u64,
    fault: Option<Fault>,
}

impl Walk {
    fn from(anchor: Option<&Anchor>, organization: &OrganizationId) -> Self {
        let gone = anchor.map_or(0, |anchor| anchor.gone);
        Self {
            last: gone,
            previous: anchor.map_or_else(|| beginning(organization), |anchor| anchor.gone_digest.clone()),
            anchored: anchor.is_some(),
            gone,
            entries: 0,
            older: 0,
            fault: None,
        }
    }

    fn step(&mut self, row: &Row) -> Result<()> {
        let number: i64 = row.get("id")?;
        let kept: Option<Digest> = row.get("digest")?;
        let Some(kept) = kept else {
            match self.anchored && number > self.gone {
                true => self.note(number, || say!("It has no digest, although the log was a chain by then.")),
                false => self.older += 1,
            }
            return Ok(());
        };
        if !self.anchored {
            self.note(number, || say!("The record of where the log begins and ends is missing."));
        } else if number <= self.gone {
            let gone = self.gone;
            self.note(number, || {
                say!("The log begins behind entry {entry}, so it was put in later.", entry = gone.to_string())
            });
        } else if digest_of(row, number, &self.previous)? != kept {
            let last = self.last;
            self.note(number, || match last {
                0 => say!("It was changed, or what stood before it was taken out."),
                last => say!(
                    "It was changed, or something between it and entry {entry} was taken out or put in.",
                    entry = last.to_string()
                ),
            });
        }
        (self.last, self.previous, self.entries) = (number, kept, self.entries + 1);
        Ok(())
    }

    /// Only the first is told: what follows may follow from it.
    fn note(&mut self, number: i64, words: impl FnOnce() -> Message) {
        if self.fault.is_none() {
            self.fault = Some(Fault { number, words: words().in_language(Language::English) });
        }
    }

    /// What is wrong with the end of the chain.
    fn misses(&self, anchor: &Anchor) -> Option<Fault> {
        if self.last == anchor.head && self.previous == anchor.head_digest {
            return None;
        }
        let words = match self.last < anchor.head {
            true => say!(
                "It was the newest one, and is not there. The log ends with entry {entry}.",
                entry = self.last.to_string()
            ),
            false => {
                say!("The log ends with entry {entry}, which was put in or changed.", entry = self.last.to_string())
            }
        };
        Some(Fault { number: anchor.head, words: words.in_language(Language::English) })
    }
}

/// Of a row as it stands now. Read as text: what was changed need not be a word we know.
fn digest_of(row: &Row, number: i64, previous: &Digest) -> Result<Digest> {
    let (via, who, action): (String, String, String) = (row.get("via")?, row.get("who")?, row.get("action")?);
    let (subject, detail): (Option<String>, Option<String>) = (row.get("subject")?, row.get("detail")?);
    let (before, after): (Option<String>, Option<String>) = (row.get("before")?, row.get("after")?);
    Link(
        number,
        &via,
        &who,
        &action,
        subject.as_deref(),
        detail.as_deref(),
        before.as_deref(),
        after.as_deref(),
        row.get("created_at")?,
    )
    .after(previous)
}

/// The organizations whose log is due to be looked at, at most so many. None has ever been looked at twice before another was.
pub fn unchecked(view: &View, at_most: u32) -> Result<Vec<OrganizationId>> {
    view.all(
        "select organization_id from audit_anchors
         where checked_at is null or checked_at < :before
         order by checked_at
         limit :at_most",
        named_params! { ":before": view.now - CHECKED_EVERY, ":at_most": at_most },
        |row| row.get(0),
    )
}

/// Keeps what a look at a log found, for its leads to see.
pub fn keep(tx: &Tx, organization: &OrganizationId, check: &Check) -> Result<()> {
    let trouble = check.fault.as_ref().map(Fault::in_words);
    tx.execute(
        "update audit_anchors set checked_at = :at, trouble = :trouble where organization_id = :organization",
        named_params! { ":at": check.checked_at, ":trouble": trouble, ":organization": organization },
    )?;
    Ok(())
}

/// What the last look at a log found.
#[derive(Clone, Debug)]
pub struct Last {
    /// When it was.
    pub checked_at: Timestamp,
    /// What is wrong; nothing if the chain held.
    pub trouble: Option<String>,
}

/// What the last look at an organization's log found, if there was one.
pub fn last_check(view: &View, organization: &OrganizationId) -> Result<Option<Last>> {
    view.find(
        "select checked_at, trouble from audit_anchors where organization_id = :organization and checked_at is not null",
        named_params! { ":organization": organization },
        |row| Ok(Last { checked_at: row.get("checked_at")?, trouble: row.get("trouble")? }),
    )
}

/// How many logs were found broken when they were looked at last.
pub fn broken(view: &View) -> Result<u32> {
    view.one("select count(*) from audit_anchors where trouble is not null", [], |row| row.get(0))
}

/// Forgets what has had its time, from the oldest end of one log, a few rows at once. The anchor remembers what the rest of
/// the chain goes on from. Answers how many went.
pub fn expire(tx: &Tx) -> Result<usize> {
    let old = tx.now - KEPT;
    let found: Option<OrganizationId> = tx.find(
        "select organization_id from audit as a
         where created_at < :old
           and not exists (select 1 from audit b where b.organization_id = a.organization_id and b.id < a.id)
         limit 1",
        named_params! { ":old": old },
        |row| row.get(0),
    )?;
    let Some(organization) = found else { return Ok(0) };
    let oldest: Vec<(i64, Option<Digest>, Timestamp)> = tx.all(
        "select id, digest, created_at from audit where organization_id = :organization order by id limit :batch",
        named_params! { ":organization": organization, ":batch": BATCH },
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )?;
    let Some((last, digest, _)) = oldest.into_iter().take_while(|(_, _, created_at)| *created_at < old).last() else {
        return Ok(0);
    };
    if let Some(digest) = digest {
        tx.execute(
            "update audit_anchors set gone = :last, gone_digest = :digest where organization_id = :organization",
            named_params! { ":last": last, ":digest": digest, ":organization": organization },
        )?;
    }
    tx.execute(
        "delete from audit where organization_id = :organization and id <= :last",
        named_params! { ":organization": organization, ":last": last },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_of_what_stands_in_the_manual() {
        let beginning = Digest::of("org_507f1f77bcf86cd799439011");
        let time = Timestamp::from_millis(1_705_314_600_000);
        let link = Link(7, "session", "Ada \"A\" Lovelace", "team.made", Some("Sales"), None, None, Some("é"), time);
        let text = format!(
            "{}\n[7,\"session\",\"Ada \\\"A\\\" Lovelace\",\"team.made\",\"Sales\",null,null,\"é\",\"2024-01-15T10:30:00.000Z\"]",
            beginning.hex()
        );
        assert_eq!(link.after(&beginning).unwrap(), Digest::of(&text));
    }

    #[test]
    fn what_stands_in_one_field_is_not_what_stands_in_the_next() {
        let (beginning, time) = (Digest::of("o"), Timestamp::from_millis(0));
        let of =
            |subject, detail| Link(1, "key", "a", "b.c", subject, detail, None, None, time).after(&beginning).unwrap();
        assert_ne!(of(Some("x"), None), of(None, Some("x")));
        assert_ne!(of(Some(""), None), of(None, None));
        assert_ne!(of(Some("x\",null,\""), None), of(Some("x"), Some("")));
    }
}
