//! What the mails say. A language is one file below this one: the words of every mail, and the phrases that are filled into them.

use std::time::Duration;

use super::Letter;
use crate::{receipts::AskedBy, webhooks::Why};

mod english;

/// The words of a mail that an organization may have its own way.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words {
    /// The line in the list.
    pub subject: String,
    /// The line above the text.
    pub heading: String,
    /// Paragraphs, with an empty line between them.
    pub body: String,
    /// What is on the button; nothing where there is none.
    pub button: String,
}

/// A mail in our words.
#[derive(Clone, Copy, Debug)]
pub struct Ours {
    /// The line in the list. No code is ever in it: subjects show on locked screens.
    pub subject: &'static str,
    /// What lists of mails show beside the subject.
    pub glimpse: &'static str,
    /// The line above the text.
    pub heading: &'static str,
    /// Paragraphs, with an empty line between them.
    pub body: &'static str,
    /// What is on the button; empty where there is none.
    pub button: &'static str,
    /// Why one gets it. No organization changes this.
    pub foot: &'static str,
}

impl Ours {
    /// These words as ones that can be changed.
    pub fn words(&self) -> Words {
        let Self { subject, heading, body, button, .. } = *self;
        Words {
            subject: subject.to_owned(),
            heading: heading.to_owned(),
            body: body.to_owned(),
            button: button.to_owned(),
        }
    }
}

/// Our words for a mail.
pub fn ours(letter: Letter) -> Ours {
    english::letter(letter)
}

/// What stands around the words of every mail, and what is filled into them.
pub(super) struct Phrases {
    /// Above the code.
    pub code: &'static str,
    /// The same in plain text, with `{code}`.
    pub code_in_text: &'static str,
    /// Above the address that the button leads to.
    pub address: &'static str,
    /// With `{host}`.
    pub sent_by: &'static str,
    photo: (&'static str, &'static str),
    headshot: (&'static str, &'static str),
    attempt: (&'static str, &'static str),
    credit: (&'static str, &'static str),
    minute: (&'static str, &'static str),
    both: &'static str,
    asked_person: &'static str,
    asked_organization: &'static str,
    asked_operator: &'static str,
    asked_server: &'static str,
    endpoint_gone: &'static str,
    endpoint_failing: &'static str,
    someone: &'static str,
    made_by: &'static str,
    ready: (&'static str, &'static str),
    favorite: (&'static str, &'static str),
    failed: (&'static str, &'static str),
    bounced: (&'static str, &'static str),
    endpoint: (&'static str, &'static str),
    low: &'static str,
    test: &'static str,
}

pub(super) const PHRASES: Phrases = english::PHRASES;

fn counted(forms: (&str, &str), count: i64) -> String {
    let form = if count == 1 { forms.0 } else { forms.1 };
    form.replace("{n}", &count.to_string())
}

/// `8 photos`
pub fn photos(count: i64) -> String {
    counted(PHRASES.photo, count)
}

/// `12 headshots`
pub fn headshots(count: i64) -> String {
    counted(PHRASES.headshot, count)
}

/// `4 attempts`
pub fn attempts(count: i64) -> String {
    counted(PHRASES.attempt, count)
}

/// `12 credits`
pub fn credits(count: i64) -> String {
    counted(PHRASES.credit, count)
}

/// `20 minutes`, rounded up.
pub fn minutes(span: Duration) -> String {
    counted(PHRASES.minute, i64::try_from(span.as_secs().div_ceil(60)).unwrap_or(1).max(1))
}

/// `8 photos and 12 headshots`, or what there is of it.
pub fn pictures(photos_: i64, headshots_: i64) -> String {
    match (photos_, headshots_) {
        (count, 0) => photos(count),
        (0, count) => headshots(count),
        (first, second) => PHRASES.both.replacen("{a}", &photos(first), 1).replacen("{b}", &headshots(second), 1),
    }
}

/// Who wished that something was deleted: `You asked for it`.
pub fn asked(by: AskedBy, organization: &str) -> String {
    match by {
        AskedBy::Person => PHRASES.asked_person.to_owned(),
        AskedBy::Lead | AskedBy::Program => PHRASES.asked_organization.replacen("{organization}", organization, 1),
        AskedBy::Operator => PHRASES.asked_operator.to_owned(),
        AskedBy::Server => PHRASES.asked_server.to_owned(),
    }
}

/// Why an endpoint was switched off; nothing if a lead did it.
pub const fn switched_off(why: Why) -> Option<&'static str> {
    match why {
        Why::Gone => Some(PHRASES.endpoint_gone),
        Why::Failures => Some(PHRASES.endpoint_failing),
        Why::Lead => None,
    }
}

/// Somebody without a name.
pub const fn someone() -> &'static str {
    PHRASES.someone
}

/// Who had something made: `Ada at Acme`.
pub fn made_by(who: &str, organization: &str) -> String {
    PHRASES.made_by.replacen("{organization}", organization, 1).replacen("{who}", who, 1)
}

/// The subject of a mail that a lead sends to themselves.
pub(super) fn test(subject: &str) -> String {
    PHRASES.test.replacen("{subject}", subject, 1)
}

/// What happened since the last digest, counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Whose headshots are ready.
    pub ready: Vec<String>,
    /// Who chose a favourite.
    pub favorite: Vec<String>,
    /// Whose headshots could not be made.
    pub failed: Vec<String>,
    /// To which addresses mails could not be delivered.
    pub bounced: Vec<String>,
    /// Which endpoints were switched off.
    pub endpoint: Vec<String>,
    /// The balance, if it fell to what leads want to hear of.
    pub low: Option<i64>,
}

/// Names told in a line of a digest; the rest is counted.
const NAMED: usize = 5;

impl Tally {
    /// A line each, what needs someone first.
    pub fn lines(&self) -> Vec<String> {
        let low = self.low.map(|balance| PHRASES.low.replacen("{balance}", &credits(balance), 1));
        let told = [
            (PHRASES.failed, &self.failed),
            (PHRASES.endpoint, &self.endpoint),
            (PHRASES.bounced, &self.bounced),
            (PHRASES.ready, &self.ready),
            (PHRASES.favorite, &self.favorite),
        ];
        let line = |(forms, names): ((&str, &str), &Vec<String>)| {
            let count = i64::try_from(names.len()).unwrap_or(i64::MAX);
            let some = names.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
            let more = if names.len() > NAMED { ", …" } else { "" };
            (count > 0).then(|| format!("{}: {some}{more}", counted(forms, count)))
        };
        low.into_iter().chain(told.into_iter().filter_map(line)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_counted_reads_as_people_say_it() {
        assert_eq!((photos(1), headshots(12)), ("1 photo".to_owned(), "12 headshots".to_owned()));
        assert_eq!(pictures(8, 12), "8 photos and 12 headshots");
        assert_eq!((pictures(1, 0), pictures(0, 3)), ("1 photo".to_owned(), "3 headshots".to_owned()));
        assert_eq!(minutes(Duration::from_secs(61)), "2 minutes");
        assert_eq!(minutes(Duration::ZERO), "1 minute");
        assert_eq!(asked(AskedBy::Program, "Acme"), "Acme asked for it");
        // What somebody is called is put in as it is, braces and all.
        assert_eq!(made_by("{organization}", "Acme"), "{organization} at Acme");
    }

    #[test]
    fn a_digest_names_a_few_and_counts_the_rest() {
        let names = |count: usize| (1..=count).map(|nth| format!("P{nth}")).collect::<Vec<_>>();
        let tally = Tally { ready: names(7), failed: names(1), low: Some(4), ..Tally::default() };
        let lines =
            ["4 credits are left", "1 shoot failed: P1", "7 people's headshots are ready: P1, P2, P3, P4, P5, …"];
        assert_eq!(tally.lines(), lines);
        assert!(Tally::default().lines().is_empty());
    }
}
