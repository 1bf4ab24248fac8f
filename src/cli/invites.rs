//! `headroom invite`.

use std::path::PathBuf;

use clap::Subcommand;
use serde_json::{Value, json};

use super::{Said, Station, table};
use crate::{
    error::{Error, Result},
    invites::{self, Invite, NewInvite},
    members::{Actor, Email},
    offboarding, organizations, teams,
    wire::v2::ListedInvite,
};

mod files;

use files::Sending;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Invite people by mail: all of the addresses named or, if one can't be, none; of a file, everyone who is new
    Send {
        /// Id or exact name of the organization
        #[arg(long)]
        org: String,
        /// Their addresses
        #[arg(required_unless_present = "file", conflicts_with = "file", value_name = "EMAIL")]
        emails: Vec<String>,
        /// A table with a column of addresses, or a list of them; - reads standard input
        #[arg(long, value_name = "FILE")]
        file: Option<PathBuf>,
        /// Id or name of the team they join; of a file, those whose row names none
        #[arg(long)]
        team: Option<String>,
        /// Leave people of a file out whose row names a team that isn't there, instead of making it
        #[arg(long, requires = "file")]
        known_teams: bool,
        /// Only say what would become of a file
        #[arg(long, requires = "file")]
        check: bool,
    },
    /// List an organization's invites, newest first
    List {
        /// Id or exact name of the organization
        #[arg(long)]
        org: String,
    },
    /// Remind people of pending invites, with a fresh link: all of the addresses or, if one can't be, none
    Remind {
        /// Id or exact name of the organization
        #[arg(long)]
        org: String,
        /// Their addresses
        #[arg(required = true, value_name = "EMAIL")]
        emails: Vec<String>,
    },
    /// Take an invite back, with the member and the shoot it led to
    Revoke {
        /// Id or exact name of the organization
        #[arg(long)]
        org: String,
        /// Whose
        email: String,
    },
}

pub(super) fn run(station: &Station, command: Command) -> Result<Said> {
    match command {
        Command::Send { org, file: Some(file), team, known_teams, check, .. } => {
            files::send(station, &Sending { org, file, team, known_teams, check })
        }
        Command::Send { org, emails, file: None, team, .. } => {
            let emails = emails.iter().map(|email| email.parse()).collect::<Result<Vec<Email>>>()?;
            let made = station.db.write_and_wait(move |tx| {
                let organization = organizations::company(tx, &org)?.id;
                let team = team.map(|text| teams::named(tx, &organization, &text)).transpose()?.map(|team| team.id);
                let by = Actor::operator(organization);
                emails
                    .into_iter()
                    .map(|email| invites::invite(tx, &by, &NewInvite { email, team: team.clone() }))
                    .collect::<Result<Vec<_>>>()
            })?;
            let words: Vec<String> = made.iter().map(|invite| format!("Invited {}.", invite.email)).collect();
            Ok(Said::new(json!({ "invites": shown(station, &made) }), words.join("\n")))
        }
        Command::List { org } => {
            let (listed, now) = station.db.read(|view| {
                let organization = organizations::company(view, &org)?;
                Ok((invites::list(view, &organization.id)?, view.now))
            })?;
            let invites: Vec<ListedInvite> = listed.into_iter().map(|one| ListedInvite::new(one, now)).collect();
            let rows: Vec<_> = invites.iter().map(ListedInvite::columns).collect();
            Ok(Said::new(json!({ "invites": invites }), table(&["EMAIL", "STATUS", "TEAM", "CREATED"], &rows)))
        }
        Command::Remind { org, emails } => {
            let emails = emails.iter().map(|email| email.parse()).collect::<Result<Vec<Email>>>()?;
            let reminded = station.db.write_and_wait(move |tx| {
                let by = Actor::operator(organizations::named(tx, &org)?.id);
                emails
                    .iter()
                    .map(|email| {
                        let invite = invites::live(tx, &by.organization, email)?
                            .ok_or_else(|| Error::invalid(plain!("{email} has no invite. Send one first.")))?;
                        invites::remind(tx, &by, &invite.id)
                    })
                    .collect::<Result<Vec<_>>>()
            })?;
            let words: Vec<String> = reminded.iter().map(|invite| format!("Reminded {}.", invite.email)).collect();
            let emails: Vec<_> = reminded.into_iter().map(|invite| invite.email).collect();
            Ok(Said::new(json!({ "reminded": emails }), words.join("\n")))
        }
        Command::Revoke { org, email } => {
            let email: Email = email.parse()?;
            let revoked = email.clone();
            station.db.write_and_wait(move |tx| {
                let organization = organizations::company(tx, &org)?.id;
                offboarding::revoke(tx, &Actor::operator(organization), &email)
            })?;
            Ok(Said::new(json!({ "email": revoked }), format!("Revoked the invite of {revoked}.")))
        }
    }
}

fn shown(station: &Station, made: &[Invite]) -> Vec<Value> {
    made.iter().map(|invite| shown_one(station, invite)).collect()
}

fn shown_one(station: &Station, invite: &Invite) -> Value {
    json!({ "id": invite.id, "email": invite.email, "link": station.urls.invite(&invite.id) })
}
