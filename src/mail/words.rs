//! What the mails say: the words of every mail, and what is filled into them. They are messages, put into the language of whoever
//! reads the mail.

use std::time::Duration;

use super::Letter;
use crate::{
    i18n::{Language, Message, speaking},
    receipts::AskedBy,
    webhooks::Why,
};

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

/// A mail in our words. What is told in it still stands between braces: it is filled in where the mail is set.
#[derive(Clone, Debug)]
pub(super) struct Ours {
    /// The line in the list. No code is ever in it: subjects show on locked screens.
    pub(super) subject: Message,
    /// What lists of mails show beside the subject.
    pub(super) glimpse: Message,
    /// The line above the text.
    pub(super) heading: Message,
    /// Paragraphs, with an empty line between them.
    pub(super) body: Message,
    /// What is on the button; empty where there is none.
    pub(super) button: Message,
    /// Why one gets it. No organization changes this.
    pub(super) foot: Message,
}

impl Ours {
    /// These words as ones that can be changed, in the language that is being read.
    pub(super) fn words(&self) -> Words {
        let pattern = |message: &Message| message.pattern().into_owned();
        Words {
            subject: pattern(&self.subject),
            heading: pattern(&self.heading),
            body: pattern(&self.body),
            button: if self.button.is_empty() { String::new() } else { pattern(&self.button) },
        }
    }
}

/// Our words for a mail, whatever the language.
pub(super) fn ours(letter: Letter) -> Ours {
    english::letter(letter)
}

/// Our words for a mail in a language.
pub fn ours_in(letter: Letter, language: Language) -> Words {
    speaking(language, || ours(letter).words())
}

/// Above the code.
pub(super) const ABOVE_CODE: Message = say!("On another device? This code is valid for 10 minutes");

/// Above the address that the button leads to.
pub(super) const ABOVE_ADDRESS: Message = say!("If the button does nothing, open this address:");

/// The code in plain text.
pub(super) fn code_in_text(code: &str) -> Message {
    say!("On another device? Type this code within 10 minutes: {code}", code)
}

/// Which server a mail comes from.
pub(super) fn sent_by(host: &str) -> Message {
    say!("Sent by Headroom at {host}.", host)
}

/// `8 photos`
pub fn photos(count: i64) -> Message {
    say!("{n} photo" | "{n} photos", n = count)
}

/// `12 headshots`
pub fn headshots(count: i64) -> Message {
    say!("{n} headshot" | "{n} headshots", n = count)
}

/// `4 attempts`
pub fn attempts(count: i64) -> Message {
    say!("{n} attempt" | "{n} attempts", n = count)
}

/// `12 credits`
pub fn credits(count: i64) -> Message {
    say!("{n} credit" | "{n} credits", n = count)
}

/// `20 minutes`, rounded up.
pub fn minutes(span: Duration) -> Message {
    say!("{n} minute" | "{n} minutes", n = span.as_secs().div_ceil(60).max(1))
}

/// `8 photos and 12 headshots`, or what there is of it.
pub fn pictures(photos_: i64, headshots_: i64) -> Message {
    match (photos_, headshots_) {
        (count, 0) => photos(count),
        (0, count) => headshots(count),
        (first, second) => {
            say!("{photos} and {headshots}", photos = photos(first), headshots = headshots(second))
        }
    }
}

/// Who wished that something was deleted: `You asked for it`.
pub fn asked(by: AskedBy, organization: &str) -> Message {
    match by {
        AskedBy::Person => say!("You asked for it"),
        AskedBy::Lead | AskedBy::Program => say!("{organization} asked for it", organization),
        AskedBy::Operator => say!("The operator of the server asked for it"),
        AskedBy::Server => say!("The time they are kept was over"),
    }
}

/// Why an endpoint was switched off; nothing if a lead did it.
pub const fn switched_off(why: Why) -> Option<Message> {
    match why {
        Why::Gone => Some(say!("It answered 410, which means that it is gone for good.")),
        Why::Failures => Some(failing()),
        Why::Lead => None,
    }
}

/// Of an endpoint that was switched off because nothing reached it.
pub(super) const fn failing() -> Message {
    say!("It has failed for five days, and worked not once meanwhile.")
}

/// Somebody without a name.
pub const fn someone() -> Message {
    say!("Someone")
}

/// Who had something made: `Ada at Acme`.
pub fn made_by(who: &str, organization: &str) -> Message {
    say!("{who} at {organization}", who, organization)
}

/// The subject of a mail that a lead sends to themselves.
pub(super) fn test(subject: &str) -> Message {
    say!("Test: {subject}", subject)
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
    pub fn lines(&self) -> Vec<Message> {
        let mut lines = Vec::new();
        if let Some(balance) = self.low {
            lines.push(say!("{balance} are left", balance = credits(balance)));
        }
        let mut told = |names: &[String], line: fn(usize, String) -> Message| {
            if !names.is_empty() {
                lines.push(line(names.len(), some(names)));
            }
        };
        told(&self.failed, |n, names| say!("{n} shoot failed: {names}" | "{n} shoots failed: {names}", n = n, names));
        told(&self.endpoint, |n, names| {
            say!(
                "{n} webhook endpoint was switched off: {names}" | "{n} webhook endpoints were switched off: {names}",
                n = n,
                names
            )
        });
        told(&self.bounced, |n, names| {
            say!("{n} mail could not be delivered: {names}" | "{n} mails could not be delivered: {names}", n = n, names)
        });
        told(&self.ready, |n, names| {
            say!(
                "{n} person's headshots are ready: {names}" | "{n} people's headshots are ready: {names}",
                n = n,
                names
            )
        });
        told(&self.favorite, |n, names| {
            say!("{n} favourite was chosen: {names}" | "{n} favourites were chosen: {names}", n = n, names)
        });
        lines
    }
}

/// The first few of them.
fn some(names: &[String]) -> String {
    let named = names.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
    if names.len() > NAMED { named + ", …" } else { named }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_counted_reads_as_people_say_it() {
        for (message, words) in [
            (photos(1), "1 photo"),
            (headshots(12), "12 headshots"),
            (pictures(8, 12), "8 photos and 12 headshots"),
            (pictures(1, 0), "1 photo"),
            (pictures(0, 3), "3 headshots"),
            (minutes(Duration::from_secs(61)), "2 minutes"),
            (minutes(Duration::ZERO), "1 minute"),
            (asked(AskedBy::Program, "Acme"), "Acme asked for it"),
            // What somebody is called is put in as it is, braces and all.
            (made_by("{organization}", "Acme"), "{organization} at Acme"),
        ] {
            assert_eq!(message.to_string(), words);
        }
    }

    #[test]
    fn a_digest_names_a_few_and_counts_the_rest() {
        let names = |count: usize| (1..=count).map(|nth| format!("P{nth}")).collect::<Vec<_>>();
        let tally = Tally { ready: names(7), failed: names(1), low: Some(4), ..Tally::default() };
        let lines =
            ["4 credits are left", "1 shoot failed: P1", "7 people's headshots are ready: P1, P2, P3, P4, P5, …"];
        assert_eq!(tally.lines().iter().map(Message::to_string).collect::<Vec<_>>(), lines);
        assert!(Tally::default().lines().is_empty());
    }
}
