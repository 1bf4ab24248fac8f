//! `headroom notify`.

use clap::Subcommand;
use serde_json::{Map, Value, json};

use super::{Said, Station, table};
use crate::{
    error::{Error, Result},
    members::{self, Actor, Email, Member},
    notifications::{self, Pace, Topic},
    organizations,
};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Show what a lead hears of by mail, and when
    List {
        /// Id or exact name of the organization
        #[arg(long)]
        org: String,
        /// Which lead
        email: String,
    },
    /// Change it: credits, failed, endpoint, bounced, ready and favorite are at-once, daily or never
    Set {
        /// Id or exact name of the organization
        #[arg(long)]
        org: String,
        /// Which lead
        email: String,
        /// TOPIC=PACE, as often as needed
        #[arg(required = true, value_name = "TOPIC=PACE")]
        choices: Vec<String>,
    },
    /// Set with how many credits left all leads are told; 0: never
    Credits {
        /// Id or exact name of the organization
        #[arg(long)]
        org: String,
        /// How many
        threshold: String,
    },
}

pub(super) fn run(station: &Station, command: Command) -> Result<Said> {
    match command {
        Command::List { org, email } => told(station, &lead(station, &org, &email)?),
        Command::Set { org, email, choices } => {
            let wanted = choices.iter().map(|choice| pair(choice)).collect::<Result<Vec<_>>>()?;
            let lead = lead(station, &org, &email)?;
            let (by, member) = (Actor::operator(lead.organization.clone()), lead.clone());
            station.db.write_and_wait(move |tx| notifications::choose(tx, &by, &member, &wanted))?;
            told(station, &lead)
        }
        Command::Credits { org, threshold } => {
            let organization = station.db.read(|view| organizations::company(view, &org))?;
            let new = notifications::read_threshold(&threshold)?;
            let by = Actor::operator(organization.id.clone());
            station.db.write_and_wait(move |tx| notifications::set_threshold(tx, &by, new))?;
            let words = match new {
                0 => format!("Nobody at {} is told of few credits.", organization.name),
                new => format!("The leads of {} are told once the balance falls to {new}.", organization.name),
            };
            Ok(Said::new(json!({ "organization": organization.id, "threshold": new }), words))
        }
    }
}

fn pair(choice: &str) -> Result<(Topic, Pace)> {
    let (topic, pace) =
        choice.split_once('=').ok_or_else(|| Error::invalid(plain!("\"{choice}\" is not TOPIC=PACE.")))?;
    Ok((topic.trim().parse()?, pace.trim().parse()?))
}

fn lead(station: &Station, org: &str, email: &str) -> Result<Member> {
    let email: Email = email.parse()?;
    let lead = station.db.read(|view| members::named(view, &organizations::company(view, org)?.id, &email))?;
    if lead.leads() { Ok(lead) } else { Err(Error::invalid(plain!("{email} does not lead {org}."))) }
}

fn told(station: &Station, lead: &Member) -> Result<Said> {
    let choices = station.db.read(|view| notifications::choices(view, &lead.id))?;
    let rows: Vec<_> = choices.iter().map(|(topic, pace)| vec![topic.to_string(), pace.to_string()]).collect();
    let said: Map<String, Value> = choices.iter().map(|(topic, pace)| (topic.to_string(), json!(pace))).collect();
    Ok(Said::new(json!({ "email": lead.email, "topics": said }), table(&["TOPIC", "WHEN"], &rows)))
}
