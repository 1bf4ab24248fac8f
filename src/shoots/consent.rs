//! Consent: what someone agrees to before photos are handed in, and the record that they did.
//!
//! The record is the row in `consents`; it stays with the shoot's tombstone. `shoots.consent` repeats the text only for the
//! schema, which by it refuses a shoot that was handed in without.

use rusqlite::{Row, named_params};

use super::{
    Shoot, stages,
    wordings::{self, Wording},
};
use crate::{
    clock::Timestamp,
    db::{Tx, View, stored_as_text},
    error::{Error, Result},
    generator::Destination,
    i18n::{Language, Message},
    ids::{AccountId, MemberId, OrganizationId, ShootId},
    members::{self, Member},
    organizations,
    secrets::Digest,
};

/// What the member agrees to when submitting. Kept word for word with each shoot, so that a later change of words changes no
/// one's consent.
pub const CONSENT: &str = "I am the person in these photos, or have their permission, and agree that headshots are made of them. \
    The photos and the headshots are kept on this server: the photos for 30 days after the headshots are ready, the headshots, with what \
    was cut out of the photos for them, for as long as the organization that asked for them keeps them. It may see and use them. I can take this back at any time under \
    “Your data”: that deletes them for good.";

/// Where photos are, as far as that is not this machine: people hear of it before they hand theirs in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Whereabouts {
    /// Where headshots are made of them.
    pub made: Option<Destination>,
    /// The host of the bucket that keeps them, and the headshots.
    pub kept: Option<String>,
}

impl Whereabouts {
    /// The same for a shoot: test data is made into headshots here.
    pub fn of(&self, shoot: &Shoot) -> Self {
        let made = self.made.clone().filter(|_| !shoot.development);
        Self { made, ..self.clone() }
    }
}

/// Where the photos go, if that isn't here.
fn sent_away(to: &Destination) -> Message {
    say!("The photos are sent to {host}, where the headshots are made.", host = to.host)
}

/// Our words in the language of whoever reads them: [`CONSENT`] for a member, and what differs for someone on their own and for
/// a lead who hands in photos of someone they look after.
pub(super) fn ours(own: bool, alone: bool, at: &Whereabouts) -> String {
    let agrees = match own {
        true => say!(
            "I am the person in these photos, or have their permission, and agree that headshots are made of them."
        ),
        false => say!("The person in these photos has agreed that headshots are made of them, and I say so for them."),
    };
    let kept = match (own, alone, &at.kept) {
        (false, _, None) => say!(
            "The photos and the headshots are kept on this server: the photos for 30 days after the headshots are ready, the headshots, with what was cut out of the photos for them, for as long as the organization keeps them."
        ),
        (false, _, Some(host)) => say!(
            "The photos and the headshots are kept at {host}: the photos for 30 days after the headshots are ready, the headshots, with what was cut out of the photos for them, for as long as the organization keeps them.",
            host
        ),
        (true, true, None) => say!(
            "The photos and the headshots are kept on this server: the photos for 30 days after the headshots are ready, the headshots, with what was cut out of the photos for them, until I delete them."
        ),
        (true, true, Some(host)) => say!(
            "The photos and the headshots are kept at {host}: the photos for 30 days after the headshots are ready, the headshots, with what was cut out of the photos for them, until I delete them.",
            host
        ),
        (true, false, None) => say!(
            "The photos and the headshots are kept on this server: the photos for 30 days after the headshots are ready, the headshots, with what was cut out of the photos for them, for as long as the organization that asked for them keeps them. It may see and use them."
        ),
        (true, false, Some(host)) => say!(
            "The photos and the headshots are kept at {host}: the photos for 30 days after the headshots are ready, the headshots, with what was cut out of the photos for them, for as long as the organization that asked for them keeps them. It may see and use them.",
            host
        ),
    };
    let back = match own {
        true => say!("I can take this back at any time under “Your data”: that deletes them for good."),
        false => say!("They can take this back at any time: that deletes them for good."),
    };
    match &at.made {
        Some(to) => format!("{agrees} {} {kept} {back}", sent_away(to)),
        None => format!("{agrees} {kept} {back}"),
    }
}

/// What is agreed to before photos are handed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToAgree {
    /// The words.
    pub text: String,
    /// The version of the organization's own words that they are; nothing if they are ours.
    pub number: Option<u32>,
    pub(super) wording: Option<i64>,
}

/// What is agreed to when a member's photos are handed in, by the member or by a lead for them. Our words are in the language of
/// whoever reads.
pub fn to_agree(view: &View, member: &Member, given_by: &MemberId, at: &Whereabouts) -> Result<ToAgree> {
    let (own, alone) = (member.id == *given_by, organizations::get(view, &member.organization)?.is_alone());
    let wording = if alone { None } else { wordings::in_force(view, &member.organization)? };
    if let Some(Wording { id, number, text: Some(words), .. }) = wording {
        let words = match own {
            true => words,
            false => format!(
                "{}\n\n{words}",
                say!("The person in these photos has agreed to the following, and I say so for them:")
            ),
        };
        let kept = at.kept.as_ref().map(|host| say!("The photos and the headshots are kept at {host}.", host));
        let where_they_are = [at.made.as_ref().map(sent_away), kept];
        let text = where_they_are.into_iter().flatten().fold(words, |words, more| format!("{words}\n\n{more}"));
        return Ok(ToAgree { text, number: Some(number), wording: Some(id) });
    }
    Ok(ToAgree { text: ours(own, alone, at), number: None, wording: None })
}

/// The words of [`to_agree`].
pub fn consent_words(view: &View, member: &Member, given_by: &MemberId, at: &Whereabouts) -> Result<String> {
    Ok(to_agree(view, member, given_by, at)?.text)
}

/// Refuses photos that would leave the machine although their organization has not agreed to it. Whoever is on their own
/// agrees for themselves, by handing them in.
pub(super) fn must_be_agreed(tx: &Tx, shoot: &Shoot, to: &Destination) -> Result<()> {
    let organization = organizations::get(tx, &shoot.organization)?;
    if organization.is_alone() {
        return organizations::agree(tx, &organization.id, to).map(drop);
    }
    if organizations::agrees(tx, &organization.id, to)? {
        return Ok(());
    }
    Err(Error::forbidden(say!(
        "{organization} has not agreed that photos are sent to {host}, where the headshots are made. An admin can agree under Settings, Generator. The photos are saved.",
        organization = organization.name,
        host = to.host
    )))
}

/// Why a shoot that was handed in can't go there after all; nothing if it can. What was agreed to may have been taken back, and
/// the operator may have changed where headshots are made.
pub fn cannot_go(view: &View, shoot: &Shoot, to: &Destination) -> Result<Option<String>> {
    if shoot.development {
        return Ok(None);
    }
    if !organizations::agrees(view, &shoot.organization, to)? {
        return Ok(Some(never_agreed(to)));
    }
    let text: Option<String> = view.find(
        "select consent from shoots where id = :id and consent is not null",
        named_params! { ":id": shoot.id },
        |row| row.get(0),
    )?;
    // The words tell where they go, in the language they were agreed to in.
    let tells = |text: &str| {
        text.contains(&format!("sent to {},", to.host))
            || Language::ALL.into_iter().any(|language| text.contains(&sent_away(to).in_language(language)))
    };
    Ok(match text {
        Some(text) if tells(&text) => None,
        _ => Some(format!(
            "Headshots are now made on {}. Nobody had agreed to that for these photos, so they were not sent there.",
            to.host
        )),
    })
}

/// Why nothing was sent there.
fn never_agreed(to: &Destination) -> String {
    format!("Nobody has agreed to the photos being sent to {}, so they weren't sent.", to.host)
}

/// Why nothing is made there any more. Not every generator can be told to delete what it has, and none is seen doing it.
fn no_longer_allowed(organization: &str, to: &Destination) -> String {
    format!(
        "{organization} no longer allows photos to be sent to {}. We have asked for what was there to be deleted, as far as that is possible.",
        to.host
    )
}

/// Takes back that an organization's photos are sent `to` where headshots are made, and whatever waits or is being made there: it
/// is stopped and forgotten, and its credits come back. Whether there was anything to take back.
pub fn withdraw(tx: &Tx, organization: &OrganizationId, to: Option<&Destination>) -> Result<bool> {
    let to = match to {
        Some(to) if organizations::agrees(tx, organization, to)? => Some(to),
        // Headshots are made here now, or elsewhere.
        _ => None,
    };
    if !organizations::disagree(tx, organization)? {
        return Ok(false);
    }
    let Some(to) = to else { return Ok(true) };
    let words = no_longer_allowed(&organizations::get(tx, organization)?.name, to);
    // One that waits to be tried again may be there too: that nothing came back doesn't mean that nothing arrived.
    let there: Vec<Shoot> = tx.all(
        "select * from shoots
         where organization_id = :organization and development = 0
           and (state in ('submitted', 'training', 'generating') or (state = 'failed' and restarts < 3))
         order by id",
        named_params! { ":organization": organization },
        Shoot::from_row,
    )?;
    for shoot in there {
        stages::take_back(tx, &shoot, &words)?;
    }
    Ok(true)
}

stored_as_text! {
    /// Who agreed.
    pub enum Giver {
        /// The person in the photos.
        Person = "person",
        /// Someone who looks after them.
        Lead = "lead",
        /// Someone who has left since.
        Gone = "gone",
    }
}

/// That someone agreed.
#[derive(Clone, Debug)]
pub struct Consent {
    /// To headshots of which shoot.
    pub shoot: ShootId,
    /// To which words.
    pub text: String,
    /// The same for the same words.
    pub version: String,
    /// The version of the organization's own words that they are; nothing if they are ours.
    pub number: Option<u32>,
    /// Who.
    pub given_by: Giver,
    /// When.
    pub created_at: Timestamp,
}

impl Consent {
    fn from_row(row: &Row) -> rusqlite::Result<Self> {
        Ok(Self {
            shoot: row.get("shoot_id")?,
            text: row.get("text")?,
            version: row.get("version")?,
            number: row.get("number")?,
            given_by: row.get("giver")?,
            created_at: row.get("created_at")?,
        })
    }
}

/// A short name of these words: the first digits of their SHA-256.
pub fn version_of(text: &str) -> String {
    Digest::of(text).hex().chars().take(12).collect()
}

/// Writes down that someone agrees to these words, for this shoot.
pub(super) fn record(tx: &Tx, shoot: &Shoot, agreed: &ToAgree, given_by: &MemberId) -> Result<()> {
    let account = members::of_shoot(tx, &shoot.id)?.map(|member| member.account);
    tx.execute(
        "insert into consents (shoot_id, account_id, given_by, text, version, created_at, text_id)
         values (:shoot, :account, :given_by, :text, :version, :now, :wording)",
        named_params! {
            ":shoot": shoot.id, ":account": account, ":given_by": given_by, ":text": agreed.text,
            ":version": version_of(&agreed.text), ":now": tx.now, ":wording": agreed.wording,
        },
    )?;
    Ok(())
}

/// Everything that was agreed to for someone's photos, newest first.
pub fn consents_of(view: &View, account: &AccountId) -> Result<Vec<Consent>> {
    view.all(
        "select c.*, t.number, case when m.id is null then 'gone' when m.account_id = c.account_id then 'person' else 'lead' end as giver
         from consents c
         left join members m on m.id = c.given_by
         left join consent_texts t on t.id = c.text_id
         where c.account_id = :account
         order by c.id desc",
        named_params! { ":account": account },
        Consent::from_row,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shoots::told_of_failure;

    #[test]
    fn where_photos_go_is_part_of_the_words() {
        let here = Whereabouts::default();
        let to = Destination { generator: "http", host: "images.example.com".to_owned() };
        let away = Whereabouts { made: Some(to), kept: None };
        assert_eq!(ours(true, false, &here), CONSENT);
        for (own, alone) in [(true, false), (true, true), (false, false)] {
            let words = ours(own, alone, &here);
            assert!(!words.contains("sent to"), "{words}");
            let there = ours(own, alone, &away);
            assert!(there.contains("The photos are sent to images.example.com, where"), "{there}");
            assert_eq!(
                there.replace(" The photos are sent to images.example.com, where the headshots are made.", ""),
                words
            );
        }
    }

    #[test]
    fn where_photos_are_kept_is_part_of_the_words() {
        let bucket = Whereabouts { made: None, kept: Some("s3.example.com".to_owned()) };
        for (own, alone) in [(true, false), (true, true), (false, false)] {
            let words = ours(own, alone, &bucket);
            assert!(words.contains("headshots are kept at s3.example.com: the photos for 30 days"), "{words}");
            assert_eq!(
                words.replace("kept at s3.example.com", "kept on this server"),
                ours(own, alone, &Whereabouts::default())
            );
        }
    }

    #[test]
    fn why_photos_stay_is_read_in_any_language() {
        let to = Destination { generator: "http", host: "images.example.com".to_owned() };
        for stored in [never_agreed(&to), no_longer_allowed("Acme", &to)] {
            let told = told_of_failure(&stored);
            assert_eq!(told.in_language(Language::English), stored);
            let german = told.in_language(Language::German);
            assert!(german != stored && german.contains("images.example.com"), "{german}");
        }
    }

    #[test]
    fn other_words_are_another_version() {
        assert_eq!(version_of(CONSENT), version_of(CONSENT));
        assert_ne!(version_of(CONSENT), version_of("I agree."));
        assert!(version_of("I agree.").len() == 12 && version_of("").starts_with("e3b0c44298fc"));
    }
}
