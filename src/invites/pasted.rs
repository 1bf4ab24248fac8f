//! Addresses as people paste them: out of a mail program, a table or a message, with commas, blanks, semicolons or line
//! breaks between them, bare or as `Name <address>`.

use std::collections::HashSet;

use serde::Serialize;

use super::{NewInvite, Taken, invite, must_have_room, settle, taken};
use crate::{
    credits,
    db::{Tx, View},
    error::{Error, Result},
    ids::{OrganizationId, TeamId},
    members::{Actor, Email, Role},
};

/// Most addresses taken at once.
pub const MOST: usize = 500;

/// What is to be said about one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Can be invited.
    New,
    /// Is no address.
    Bad,
    /// Stands further up in the same text.
    Duplicate,
    /// Belongs to a member.
    Member,
    /// Has an invite already.
    Invited,
}

/// One of the addresses, or what stands where one should.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// As it was pasted, without what stood around it.
    pub text: String,
    /// The address, if it is one.
    pub email: Option<Email>,
    /// What is to be said about it.
    pub verdict: Verdict,
}

/// What became of a text.
#[derive(Clone, Debug)]
pub struct Asked {
    /// How many were invited.
    pub invited: usize,
    /// Which were left out, and why.
    pub left_out: Vec<Line>,
}

/// Looks at each address of a text, without doing anything yet.
///
/// # Errors
/// More addresses than are taken at once.
pub fn check(view: &View, organization: &OrganizationId, text: &str) -> Result<Vec<Line>> {
    let pieces = split(text);
    if pieces.len() > MOST {
        return Err(Error::invalid(format!(
            "These are {} addresses. Send at most {MOST} at a time, then the rest.",
            pieces.len()
        )));
    }
    let mut seen = HashSet::new();
    pieces
        .into_iter()
        .map(|text| {
            let email = text.parse::<Email>().ok();
            let verdict = match &email {
                None => Verdict::Bad,
                Some(email) if !seen.insert(email.clone()) => Verdict::Duplicate,
                Some(email) => match taken(view, organization, email)? {
                    None => Verdict::New,
                    Some(Taken::Member) => Verdict::Member,
                    Some(Taken::Invited) => Verdict::Invited,
                },
            };
            Ok(Line { text, email, verdict })
        })
        .collect()
}

/// Invites every new address of a text, and says which were left out.
///
/// # Errors
/// None is invited if there is no credit, or if they are more than may wait for an answer.
pub fn invite_all(tx: &Tx, by: &Actor, text: &str, team: Option<&TeamId>) -> Result<Asked> {
    by.must_be(Role::Admin)?;
    let (new, left_out): (Vec<Line>, Vec<Line>) =
        check(tx, &by.organization, text)?.into_iter().partition(|line| line.verdict == Verdict::New);
    let emails: Vec<Email> = new.into_iter().filter_map(|line| line.email).collect();
    if !emails.is_empty() {
        settle(tx, &by.organization)?;
        credits::must_have_one(tx, &by.organization)?;
        must_have_room(tx, &by.organization, emails.len())?;
    }
    let invited = emails.len();
    for email in emails {
        invite(tx, by, &NewInvite { email, team: team.cloned() })?;
    }
    Ok(Asked { invited, left_out })
}

/// The pieces that should be addresses.
fn split(text: &str) -> Vec<String> {
    let mut pieces = Vec::new();
    let mut quoted = false;
    // A comma inside quotes belongs to a name: "Lee, Kim" <kim@acme.test>.
    let stretches = text.split(|sign| match sign {
        '"' => {
            quoted = !quoted;
            false
        }
        '\n' | '\r' => {
            quoted = false;
            true
        }
        ',' | ';' => !quoted,
        _ => false,
    });
    for stretch in stretches {
        take(stretch, &mut pieces);
    }
    pieces
}

/// The pieces between two separators: bare ones, and those with a name before them.
fn take(stretch: &str, pieces: &mut Vec<String>) {
    let mut rest = stretch;
    while let Some((name, behind)) = rest.split_once('<') {
        let Some((address, behind)) = behind.split_once('>') else { break };
        let address = bare(address);
        // What stands before is a name, unless it looks like an address of its own.
        pieces.extend(
            name.split_whitespace().map(bare).filter(|word| word.contains('@') && *word != address).map(str::to_owned),
        );
        if !address.is_empty() {
            pieces.push(address.to_owned());
        }
        rest = behind;
    }
    pieces.extend(rest.split_whitespace().map(bare).filter(|word| !word.is_empty()).map(str::to_owned));
}

/// Without what often stands around an address.
fn bare(word: &str) -> &str {
    let word = word.trim().trim_matches(['"', '\'', '<', '>', '(', ')', ',', ';']);
    word.strip_prefix("mailto:").unwrap_or(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_may_be_separated_in_any_usual_way() {
        let expected = ["a@x.test", "b@x.test", "c@x.test", "d@x.test", "e@x.test"];
        assert_eq!(split("a@x.test, b@x.test;c@x.test d@x.test\r\n\n\te@x.test ,"), expected);
        assert_eq!(split(" \n ,; \n"), Vec::<String>::new());
    }

    #[test]
    fn names_beside_addresses_are_left_away() {
        assert_eq!(split("Kim Lee <kim@x.test>, sam@x.test"), ["kim@x.test", "sam@x.test"]);
        assert_eq!(split("\"Lee, Kim\" <kim@x.test>; \"Roe, Sam\" <sam@x.test>"), ["kim@x.test", "sam@x.test"]);
        assert_eq!(split("'kim@x.test' <kim@x.test>"), ["kim@x.test"]);
        assert_eq!(split("kim@x.test Sam <sam@x.test> Ann <ann@x.test>"), ["kim@x.test", "sam@x.test", "ann@x.test"]);
        assert_eq!(split("<mailto:kim@x.test>"), ["kim@x.test"]);
    }

    #[test]
    fn a_quote_left_open_ends_with_its_line() {
        assert_eq!(
            split("\"Lee, Kim <kim@x.test>\nsam@x.test, ann@x.test"),
            ["kim@x.test", "sam@x.test", "ann@x.test"]
        );
    }

    #[test]
    fn what_is_no_address_stays_to_be_corrected() {
        assert_eq!(split("kim@x, sam"), ["kim@x", "sam"]);
        assert_eq!(split("Kim <kim"), ["Kim", "kim"]);
    }
}
