//! Addresses as people paste them: out of a mail program, a table or a message, with commas, blanks, semicolons or line
//! breaks between them, bare or as `Name <address>`.

use std::collections::HashSet;

use serde::Serialize;

use super::{Invite, NewInvite, Taken, announce, insert, must_have_room, settle, taken};
use crate::{
    credits,
    db::{Tx, View},
    error::{Error, Result},
    ids::{OrganizationId, TeamId},
    members::{Actor, Email, Role},
    teams,
};

/// Most addresses taken at once. [001]
pub const MOST: usize = 5000;

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
    /// On which line of the text it stands, counted from 1.
    pub number: usize,
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
    /// Who was invited.
    pub invited: Vec<Invite>,
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
        return Err(Error::invalid(say!(
            "These are {pieces} addresses, and at most {most} can be invited at once. Nobody was invited. Send the first {most}, then the rest.",
            pieces = pieces.len(),
            most = MOST
        )));
    }
    let mut seen = HashSet::new();
    pieces
        .into_iter()
        .map(|(number, text)| {
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
            Ok(Line { number, text, email, verdict })
        })
        .collect()
}

/// Invites every new address of a text, and says which were left out.
///
/// # Errors
/// None is invited if the team is foreign, if there is no credit, or if they are more than may wait for an answer.
pub fn invite_all(tx: &Tx, by: &Actor, text: &str, team: Option<&TeamId>) -> Result<Asked> {
    by.must_be(Role::Admin)?;
    if let Some(team) = team {
        teams::must_exist(tx, &by.organization, team)?;
    }
    settle(tx, &by.organization)?;
    let (new, left_out): (Vec<Line>, Vec<Line>) =
        check(tx, &by.organization, text)?.into_iter().partition(|line| line.verdict == Verdict::New);
    if !new.is_empty() {
        credits::must_have_one(tx, &by.organization)?;
        must_have_room(tx, &by.organization, new.len())?;
    }
    // What `invite` looks at for each was looked at for all of them above: thousands at once would take seconds otherwise,
    // and nobody else writes meanwhile.
    let invited = new
        .into_iter()
        .filter_map(|line| line.email)
        .map(|email| insert(tx, by, &NewInvite { email, team: team.cloned() }))
        .collect::<Result<Vec<_>>>()?;
    announce(tx, &by.organization);
    Ok(Asked { invited, left_out })
}

/// The pieces that should be addresses, each with the number of its line.
fn split(text: &str) -> Vec<(usize, String)> {
    let lines = text.lines().enumerate();
    lines.flat_map(|(nth, line)| split_line(line).into_iter().map(move |piece| (nth + 1, piece))).collect()
}

/// The pieces of a single line that should be addresses, without the names that stand beside them.
pub fn split_line(line: &str) -> Vec<String> {
    let mut pieces = Vec::new();
    let mut quoted = false;
    // A comma inside quotes belongs to a name: "Lee, Kim" <kim@acme.test>.
    let stretches = line.split(|sign| match sign {
        '"' => {
            quoted = !quoted;
            false
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
    fn split(text: &str) -> Vec<String> {
        super::split(text).into_iter().map(|(_, piece)| piece).collect()
    }

    #[test]
    fn each_piece_knows_its_line() {
        let numbered = super::split("a@x.test b@x.test\r\n\r\n, c@x.test\nd@x.test");
        assert_eq!(numbered.iter().map(|(number, _)| *number).collect::<Vec<_>>(), [1, 1, 3, 4]);
    }

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
