//! What an organization has made its own about its mails: who they are from, and their words.

use rusqlite::{Row, named_params};

use super::{
    Letter,
    render::{Where, check, check_required},
    words::{self, Words},
};
use crate::{
    audit::{Action, Change},
    clock::Timestamp,
    db::{Tx, View},
    error::{Error, Result},
    i18n::{Language, Message},
    ids::OrganizationId,
    members::{Actor, Email, Role},
    organizations,
};

/// Longest name of a sender, in characters.
pub const LONGEST_NAME: usize = 100;
/// Longest subject and heading, in characters.
pub const LONGEST_LINE: usize = 150;
/// Longest words on a button, in characters.
pub const LONGEST_BUTTON: usize = 60;
/// Longest text, in characters.
pub const LONGEST_BODY: usize = 5000;
/// Longest signature, in characters.
pub const LONGEST_SIGNATURE: usize = 500;
/// So much of a mail's words stands in the audit log, in characters.
const LOGGED: usize = 600;
/// Most lines of a signature.
const SIGNATURE_LINES: usize = 8;

/// Who an organization's mails are from. The address stays the server's, since no other server is believed to send for it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sender {
    /// What they are called, if not as the server is.
    pub name: Option<String>,
    /// Where answers go, if not to the server.
    pub reply_to: Option<Email>,
    /// Lines below each text; empty: none.
    pub signature: String,
}

impl Sender {
    fn from_row(row: &Row) -> rusqlite::Result<Self> {
        Ok(Self { name: row.get("name")?, reply_to: row.get("reply_to")?, signature: row.get("signature")? })
    }

    fn in_words(&self) -> String {
        let reply = self.reply_to.as_ref().map_or("none", Email::as_str);
        let signature = if self.signature.is_empty() { "none" } else { &self.signature };
        format!("name {}, replies to {reply}, signature {signature}", self.name.as_deref().unwrap_or("none"))
    }
}

/// What the name, the address for answers and the signature are as someone typed them; or what is wrong with each.
pub type Typed = Result<Sender, Box<[Option<Error>; 3]>>;

/// Reads a sender as someone typed it.
pub fn read_sender(name: &str, reply_to: &str, signature: &str) -> Typed {
    let (name, reply_to, signature) = (name_of(name), reply_to_of(reply_to), signature_of(signature));
    match (name, reply_to, signature) {
        (Ok(name), Ok(reply_to), Ok(signature)) => Ok(Sender { name, reply_to, signature }),
        (name, reply_to, signature) => Err(Box::new([name.err(), reply_to.err(), signature.err()])),
    }
}

fn name_of(text: &str) -> Result<Option<String>> {
    let name = text.trim();
    if name.chars().any(char::is_control) || name.chars().count() > LONGEST_NAME {
        return Err(Error::invalid(say!(
            "A name is one line of up to {longest} characters. Shorten it.",
            longest = LONGEST_NAME
        )));
    }
    // A name that looks like an address makes readers believe in another sender.
    if name.contains(['@', '<', '>']) {
        return Err(Error::invalid(say!(
            "A name holds no {at}, {less} or {more}. Write what the sender is called, such as Acme People.",
            at = "@",
            less = "<",
            more = ">"
        )));
    }
    Ok((!name.is_empty()).then(|| name.to_owned()))
}

fn reply_to_of(text: &str) -> Result<Option<Email>> {
    let text = text.trim();
    if text.is_empty() { Ok(None) } else { text.parse().map(Some) }
}

fn signature_of(text: &str) -> Result<String> {
    let text = plain(text);
    if text.chars().count() > LONGEST_SIGNATURE || text.lines().count() > SIGNATURE_LINES {
        return Err(Error::invalid(say!(
            "A signature has up to {lines} lines and {longest} characters. Shorten it.",
            lines = SIGNATURE_LINES,
            longest = LONGEST_SIGNATURE
        )));
    }
    Ok(text)
}

/// The text with one kind of line break, and nothing that can't be seen.
fn plain(text: &str) -> String {
    let lines = text.replace("\r\n", "\n").replace('\r', "\n");
    let kept: String = lines.chars().filter(|c| *c == '\n' || !c.is_control()).collect();
    kept.lines().map(str::trim_end).collect::<Vec<_>>().join("\n").trim().to_owned()
}

/// Everything an organization has made its own about its mails.
#[derive(Clone, Debug, Default)]
pub struct Own {
    /// Who they are from.
    pub sender: Sender,
    texts: Vec<(Letter, Words)>,
}

impl Own {
    /// Its own words for a mail, if it has some.
    pub fn text(&self, letter: Letter) -> Option<&Words> {
        self.texts.iter().find(|(of, _)| *of == letter).map(|(_, words)| words)
    }

    /// The same with these words for one mail.
    #[must_use]
    pub fn with(mut self, letter: Letter, words: Words) -> Self {
        self.texts.retain(|(of, _)| *of != letter);
        self.texts.push((letter, words));
        self
    }
}

/// What an organization has made its own. Nobody writes for someone on their own.
pub fn own(view: &View, organization: &OrganizationId) -> Result<Own> {
    let texts = view.all(
        "select letter, subject, heading, body, button from mail_texts where organization_id = :organization",
        named_params! { ":organization": organization },
        |row| {
            let words = Words { subject: row.get(1)?, heading: row.get(2)?, body: row.get(3)?, button: row.get(4)? };
            Ok((row.get(0)?, words))
        },
    )?;
    Ok(Own { sender: sender(view, organization)?, texts })
}

/// Who its mails are from.
pub fn sender(view: &View, organization: &OrganizationId) -> Result<Sender> {
    let found = view.find(
        "select * from mail_senders where organization_id = :organization",
        named_params! { ":organization": organization },
        Sender::from_row,
    )?;
    Ok(found.unwrap_or_default())
}

/// Since when an organization has had its own words, for each mail it has some for.
pub fn changed(view: &View, organization: &OrganizationId) -> Result<Vec<(Letter, Timestamp)>> {
    view.all(
        "select letter, changed_at from mail_texts where organization_id = :organization",
        named_params! { ":organization": organization },
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

/// Changes who an organization's mails are from. Whether that is a change.
pub fn set_sender(tx: &Tx, by: &Actor, new: &Sender) -> Result<bool> {
    must_lead_a_company(tx, by)?;
    let before = sender(tx, &by.organization)?;
    if before == *new {
        return Ok(false);
    }
    tx.execute(
        "insert into mail_senders (organization_id, name, reply_to, signature)
         values (:organization, :name, :reply_to, :signature)
         on conflict (organization_id) do update
         set name = excluded.name, reply_to = excluded.reply_to, signature = excluded.signature",
        named_params! {
            ":organization": by.organization, ":name": new.name, ":reply_to": new.reply_to, ":signature": new.signature,
        },
    )?;
    let change = (before.in_words(), new.in_words());
    by.note_change_of(tx, Action::SettingsChanged, "Sender of mails", Change::new(&change.0, &change.1))?;
    Ok(true)
}

fn must_lead_a_company(tx: &Tx, by: &Actor) -> Result<()> {
    by.must_be(Role::Admin)?;
    if organizations::get(tx, &by.organization)?.is_alone() {
        return Err(Error::invalid(say!("Only a company has mails of its own.")));
    }
    Ok(())
}

/// What is wrong with the words of a mail, field by field.
#[derive(Debug, Default)]
pub struct Wrong {
    /// With the subject.
    pub subject: Option<Error>,
    /// With the heading.
    pub heading: Option<Error>,
    /// With the text.
    pub body: Option<Error>,
    /// With what is on the button.
    pub button: Option<Error>,
}

impl Wrong {
    /// The first of them, in one sentence.
    pub fn first(self) -> Option<Error> {
        let of = |what: Message, wrong: Option<Error>| {
            wrong.map(|error| Error::invalid(say!("{what}: {error}", what, error = error.to_string())))
        };
        of(say!("Subject"), self.subject)
            .or_else(|| of(say!("Heading"), self.heading))
            .or_else(|| of(say!("Text"), self.body))
            .or_else(|| of(say!("Button"), self.button))
    }
}

/// Reads the words of a mail as someone typed them.
///
/// # Errors
/// What is wrong with each field: empty, too long, a place the mail doesn't know, or one that is missing.
pub fn read_words(letter: Letter, typed: &Words) -> Result<Words, Box<Wrong>> {
    let line = |text: &str, longest: usize| -> Result<String> {
        let text = text.trim();
        if text.is_empty() {
            return Err(Error::invalid(say!("This can't be empty.")));
        }
        if text.chars().count() > longest || text.chars().any(char::is_control) {
            return Err(Error::invalid(say!("This is one line of up to {longest} characters. Shorten it.", longest)));
        }
        check(letter, text, Where::Line)?;
        Ok(text.to_owned())
    };
    let body = || -> Result<String> {
        let text = plain(&typed.body);
        if text.is_empty() {
            return Err(Error::invalid(say!("The text can't be empty. To go back to ours, use the button below.")));
        }
        if text.chars().count() > LONGEST_BODY {
            return Err(Error::invalid(say!(
                "The text has up to {longest} characters. Shorten it.",
                longest = LONGEST_BODY
            )));
        }
        check(letter, &text, Where::Body)?;
        check_required(letter, &text)?;
        Ok(text)
    };
    let button = || if letter.has_button() { line(&typed.button, LONGEST_BUTTON) } else { Ok(String::new()) };
    let subject = || {
        let subject = line(&typed.subject, LONGEST_LINE)?;
        // Whoever wanted to hide that an account was changed would begin here.
        if letter == Letter::Security && !subject.contains("{title}") {
            return Err(Error::invalid(say!(
                "{title} is missing: what happened, in a few words. Add it to the subject."
            )));
        }
        Ok(subject)
    };
    match (subject(), line(&typed.heading, LONGEST_LINE), body(), button()) {
        (Ok(subject), Ok(heading), Ok(body), Ok(button)) => Ok(Words { subject, heading, body, button }),
        (subject, heading, body, button) => {
            let (subject, heading, body, button) = (subject.err(), heading.err(), body.err(), button.err());
            Err(Box::new(Wrong { subject, heading, body, button }))
        }
    }
}

/// Has an organization's mails say these words, which [`read_words`] has read. Whether that is a change. Our own words are none
/// of its own: they change as the program does.
pub fn set_words(tx: &Tx, by: &Actor, letter: Letter, new: &Words) -> Result<bool> {
    let ours = words::ours_in(letter, organizations::get(tx, &by.organization)?.language);
    if *new == ours {
        return reset_words(tx, by, letter);
    }
    must_be_its_own(tx, by, letter)?;
    let before = own(tx, &by.organization)?.text(letter).cloned();
    if before.as_ref() == Some(new) {
        return Ok(false);
    }
    tx.execute(
        "insert into mail_texts (organization_id, letter, subject, heading, body, button, changed_at)
         values (:organization, :letter, :subject, :heading, :body, :button, :now)
         on conflict (organization_id, letter) do update
         set subject = excluded.subject, heading = excluded.heading, body = excluded.body, button = excluded.button,
             changed_at = excluded.changed_at",
        named_params! {
            ":organization": by.organization, ":letter": letter, ":subject": new.subject, ":heading": new.heading,
            ":body": new.body, ":button": new.button, ":now": tx.now,
        },
    )?;
    let before = before.unwrap_or(ours);
    note(tx, by, letter, &in_words(&before), &in_words(new))?;
    Ok(true)
}

/// Back to our words. Whether that is a change.
pub fn reset_words(tx: &Tx, by: &Actor, letter: Letter) -> Result<bool> {
    must_be_its_own(tx, by, letter)?;
    let Some(before) = own(tx, &by.organization)?.text(letter).cloned() else { return Ok(false) };
    tx.execute(
        "delete from mail_texts where organization_id = :organization and letter = :letter",
        named_params! { ":organization": by.organization, ":letter": letter },
    )?;
    note(tx, by, letter, &in_words(&before), "our text")?;
    Ok(true)
}

fn must_be_its_own(tx: &Tx, by: &Actor, letter: Letter) -> Result<()> {
    must_lead_a_company(tx, by)?;
    if letter.for_leads() {
        return Err(Error::invalid(say!("Only the words of mails to your people can be changed.")));
    }
    Ok(())
}

/// The words in the audit log: of a long text, its beginning.
fn in_words(words: &Words) -> String {
    let Words { subject, heading, body, button } = words;
    let all = [subject, heading, body, button].map(|part| part.replace('\n', " ")).join(" | ");
    if all.chars().count() <= LOGGED { all } else { all.chars().take(LOGGED).chain(['…']).collect() }
}

fn note(tx: &Tx, by: &Actor, letter: Letter, before: &str, after: &str) -> Result<()> {
    let name = format!("Mail: {}", letter.occasion().in_language(Language::English));
    by.note_change_of(tx, Action::SettingsChanged, &name, Change::new(before, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(letter: Letter) -> Words {
        words::ours_in(letter, Language::English)
    }

    #[test]
    fn our_own_words_keep_to_the_rules_for_everyone() {
        for (letter, language) in
            Letter::ALL.iter().flat_map(|letter| Language::ALL.map(|language| (*letter, language)))
        {
            let ours = words::ours_in(letter, language);
            let read = read_words(letter, &ours);
            let read = read.unwrap_or_else(|wrong| panic!("{letter} in {}: {:?}", language.tag(), wrong.first()));
            assert_eq!(read, ours, "{letter} in {}", language.tag());
        }
    }

    #[test]
    fn each_field_says_what_is_wrong_with_it() {
        let wrong = Words {
            subject: "Hi\nBcc: all@acme.test".to_owned(),
            heading: "Dear {you}".to_owned(),
            body: "No button".to_owned(),
            button: " ".to_owned(),
        };
        let wrong = read_words(Letter::Invite, &wrong).unwrap_err();
        assert!(wrong.subject.unwrap().to_string().contains("one line"));
        assert!(wrong.heading.unwrap().to_string().contains("no {you}"));
        assert!(wrong.body.unwrap().to_string().contains("{button} is missing"));
        assert!(wrong.button.unwrap().to_string().contains("can't be empty"));
        let long = Words { subject: "x".repeat(LONGEST_LINE + 1), ..typed(Letter::Invite) };
        assert!(read_words(Letter::Invite, &long).unwrap_err().subject.is_some());
        let hidden = Words { subject: "Lunch".to_owned(), ..typed(Letter::Security) };
        assert!(read_words(Letter::Security, &hidden).is_err());
    }

    #[test]
    fn a_sender_is_a_name_and_no_address() {
        let read = read_sender("  Acme People ", "People@Acme.test", "Kind regards\r\n\r\nAcme\u{7} ").unwrap();
        assert_eq!(read.name.as_deref(), Some("Acme People"));
        assert_eq!(read.reply_to.unwrap().as_str(), "people@acme.test");
        assert_eq!(read.signature, "Kind regards\n\nAcme");
        assert_eq!(read_sender("", " ", "").unwrap(), Sender::default());
        let wrong = read_sender("boss@bank.test", "nobody", &"x\n".repeat(9)).unwrap_err();
        assert!(wrong.iter().all(Option::is_some));
        assert!(read_sender("Acme\r\nBcc: x", "", "").is_err());
    }
}
