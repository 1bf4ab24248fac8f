//! `headroom mail`.

use std::path::PathBuf;

use clap::Subcommand;
use serde_json::{Value, json};

use super::{Said, Station, table};
use crate::{
    error::{Error, Result},
    mail::{self, Letter, Sender, Shared, Words, words},
    members::{Actor, Email},
    organizations::{self, Organization},
};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Show or change who an organization's mails are from; the address stays the server's
    Sender {
        /// Id or exact name of the organization
        #[arg(long)]
        org: String,
        /// What the sender is called; empty: as the server is
        #[arg(long)]
        name: Option<String>,
        /// Where answers go; empty: to the server
        #[arg(long, value_name = "EMAIL")]
        reply_to: Option<String>,
        /// Lines below each text
        #[arg(long)]
        signature: Option<String>,
    },
    /// List the mails there are, each with its subject
    List {
        /// Id or exact name of the organization
        #[arg(long)]
        org: String,
    },
    /// Show a mail with made-up content, as plain text
    Show {
        /// Id or exact name of the organization
        #[arg(long)]
        org: String,
        /// Which, as `headroom mail list` names it
        mail: String,
    },
    /// Change the words of a mail; what is not given stays
    Set {
        /// Id or exact name of the organization
        #[arg(long)]
        org: String,
        /// Which, as `headroom mail list` names it
        mail: String,
        /// The line in the list
        #[arg(long)]
        subject: Option<String>,
        /// The line above the text
        #[arg(long)]
        heading: Option<String>,
        /// A file with the text
        #[arg(long, value_name = "FILE")]
        text: Option<PathBuf>,
        /// What is on the button
        #[arg(long)]
        button: Option<String>,
    },
    /// Go back to our words for a mail
    Reset {
        /// Id or exact name of the organization
        #[arg(long)]
        org: String,
        /// Which, as `headroom mail list` names it
        mail: String,
    },
}

pub(super) fn run(station: &Station, command: Command) -> Result<Said> {
    match command {
        Command::Sender { org, name, reply_to, signature } => sender(station, &org, name, reply_to, signature),
        Command::List { org } => list(station, &org),
        Command::Show { org, mail } => show(station, &org, mail.parse()?),
        Command::Set { org, mail, subject, heading, text, button } => {
            let body = text.map(|file| read(&file)).transpose()?;
            change(station, &org, mail.parse()?, move |was, _| Words {
                subject: subject.unwrap_or(was.subject),
                heading: heading.unwrap_or(was.heading),
                body: body.unwrap_or(was.body),
                button: button.unwrap_or(was.button),
            })
        }
        Command::Reset { org, mail } => change(station, &org, mail.parse()?, move |_, ours| ours),
    }
}

/// What stands in a text file.
pub(super) fn read(file: &PathBuf) -> Result<String> {
    std::fs::read_to_string(file)
        .map_err(|cause| Error::invalid(plain!("{} can't be read: {cause}. Name a text file.", file.display())))
}

fn sender(
    station: &Station,
    org: &str,
    name: Option<String>,
    reply_to: Option<String>,
    signature: Option<String>,
) -> Result<Said> {
    let organization = station.db.read(|view| organizations::company(view, org))?;
    let was = station.db.read(|view| mail::sender(view, &organization.id))?;
    let now = mail::read_sender(
        &name.or(was.name).unwrap_or_default(),
        &reply_to.or(was.reply_to.map(|email| email.to_string())).unwrap_or_default(),
        &signature.unwrap_or(was.signature),
    );
    let now = now.map_err(|wrong| wrong.into_iter().flatten().next().unwrap_or(Error::NotFound("Sender")))?;
    let (by, new) = (Actor::operator(organization.id.clone()), now.clone());
    station.db.write_and_wait(move |tx| mail::set_sender(tx, &by, &new))?;
    let Sender { name, reply_to, signature } = now;
    let told = |text: Option<&str>| text.filter(|text| !text.is_empty()).unwrap_or("none").to_owned();
    let rows = [
        vec!["Name".to_owned(), told(name.as_deref())],
        vec!["Answers go to".to_owned(), told(reply_to.as_ref().map(Email::as_str))],
        vec!["Signature".to_owned(), told(Some(&signature.replace('\n', " / ")))],
    ];
    let said = json!({ "organization": organization.id, "name": name, "replyTo": reply_to, "signature": signature });
    Ok(Said::new(said, table(&["SENDER", "IS"], &rows)))
}

fn list(station: &Station, org: &str) -> Result<Said> {
    let shared = shared(station, org)?.1;
    let mut mails = Vec::new();
    for letter in Letter::ALL.iter().copied() {
        let subject = mail::sample(letter, shared.clone(), "Ada", station.urls.base()).subject();
        mails.push((letter, shared.own.text(letter).is_some(), subject));
    }
    let rows: Vec<_> = mails
        .iter()
        .map(|(letter, own, subject)| {
            let to = if letter.for_leads() { "leads" } else { "people" };
            let whose = if *own { "its own" } else { "ours" };
            vec![letter.to_string(), to.to_owned(), whose.to_owned(), subject.clone()]
        })
        .collect();
    let told: Vec<Value> = mails
        .iter()
        .map(|(letter, own, subject)| json!({ "mail": letter, "toLeads": letter.for_leads(), "own": own, "subject": subject }))
        .collect();
    Ok(Said::new(json!({ "mails": told }), table(&["MAIL", "TO", "WORDS", "SUBJECT"], &rows)))
}

fn shared(station: &Station, org: &str) -> Result<(Organization, Shared)> {
    station.db.read(|view| {
        let organization = organizations::company(view, org)?;
        let shared = Shared::of(view, &organization.id, station.urls.base())?;
        Ok((organization, shared))
    })
}

fn show(station: &Station, org: &str, letter: Letter) -> Result<Said> {
    let (_, shared) = shared(station, org)?;
    let words = shared.words(letter);
    let message = mail::sample(letter, shared, "Ada", station.urls.base()).message()?;
    let said = json!({
        "mail": letter, "subject": words.subject, "heading": words.heading, "text": words.body, "button": words.button,
        "sample": { "subject": message.subject, "text": message.text },
    });
    Ok(Said::new(said, format!("Subject: {}\n\n{}", message.subject, message.text)))
}

fn change(
    station: &Station,
    org: &str,
    letter: Letter,
    change: impl FnOnce(Words, Words) -> Words + Send + 'static,
) -> Result<Said> {
    let (organization, shared) = shared(station, org)?;
    let ours = words::ours_in(letter, shared.language);
    let new = change(shared.words(letter), ours);
    let new = mail::read_words(letter, &new).map_err(|wrong| wrong.first().unwrap_or(Error::NotFound("Mail")))?;
    let by = Actor::operator(organization.id.clone());
    let changed = station.db.write_and_wait(move |tx| mail::set_words(tx, &by, letter, &new))?;
    let words =
        if changed { format!("Changed the mail {letter}.") } else { format!("The mail {letter} is as it was.") };
    Ok(Said::new(json!({ "organization": organization.id, "mail": letter, "changed": changed }), words))
}
