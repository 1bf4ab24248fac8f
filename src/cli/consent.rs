//! `headroom consent`.

use std::path::PathBuf;

use clap::Subcommand;
use serde_json::json;

use super::{Said, Station, mails::read, table};
use crate::{
    error::Result,
    members::Actor,
    organizations::{self, Organization},
    shoots::{self, CONSENT, version_of},
};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Show the words an organization's people agree to
    Show {
        /// Id or exact name of the organization
        #[arg(long)]
        org: String,
    },
    /// List how many people agreed to which version
    List {
        /// Id or exact name of the organization
        #[arg(long)]
        org: String,
    },
    /// Make what stands in a file the next version
    Set {
        /// Id or exact name of the organization
        #[arg(long)]
        org: String,
        /// A text file
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Go back to our words
    Reset {
        /// Id or exact name of the organization
        #[arg(long)]
        org: String,
    },
}

pub(super) fn run(station: &Station, command: Command) -> Result<Said> {
    match command {
        Command::Show { org } => {
            let organization = company(station, &org)?;
            let newest = station.db.read(|view| shoots::wording_in_force(view, &organization.id))?;
            let own = newest.and_then(|newest| newest.text.map(|text| (newest.number, text)));
            let (number, text) = own.map_or((None, CONSENT.to_owned()), |(number, text)| (Some(number), text));
            let head = number.map_or_else(|| "Our words".to_owned(), |number| format!("Version {number}"));
            let words = format!("{head}:\n\n{text}");
            Ok(Said::new(json!({ "number": number, "version": version_of(&text), "text": text }), words))
        }
        Command::List { org } => {
            let organization = company(station, &org)?;
            let agreed = station.db.read(|view| shoots::agreed(view, &organization.id))?;
            let name = |number: Option<u32>| number.map_or_else(|| "ours".to_owned(), |number| number.to_string());
            let rows: Vec<_> = agreed
                .iter()
                .map(|one| vec![name(one.number), one.version.clone(), one.people.to_string(), one.last.to_string()])
                .collect();
            let said: Vec<_> = agreed
                .iter()
                .map(|one| json!({ "number": one.number, "version": one.version, "people": one.people, "last": one.last }))
                .collect();
            Ok(Said::new(json!({ "agreed": said }), table(&["VERSION", "WORDS", "PEOPLE", "LAST"], &rows)))
        }
        Command::Set { org, file } => set(station, &org, Some(shoots::read_wording(&read(&file)?)?)),
        Command::Reset { org } => set(station, &org, None),
    }
}

fn company(station: &Station, org: &str) -> Result<Organization> {
    station.db.read(|view| organizations::company(view, org))
}

fn set(station: &Station, org: &str, text: Option<String>) -> Result<Said> {
    let organization = company(station, org)?;
    let (by, ours) = (Actor::operator(organization.id.clone()), text.is_none());
    let number = station.db.write_and_wait(move |tx| shoots::set_wording(tx, &by, text.as_deref()))?;
    let words = match number {
        Some(_) if ours => "Our words are in force again.".to_owned(),
        Some(number) => format!("Version {number} is in force."),
        None => "These words are in force already.".to_owned(),
    };
    Ok(Said::new(json!({ "organization": organization.id, "number": number }), words))
}
