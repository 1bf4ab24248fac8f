//! `headroom member`.

use clap::Subcommand;
use serde_json::json;

use super::{Said, Station, table};
use crate::{
    auth,
    db::{Tx, Window},
    error::{Error, Result},
    ids::MemberId,
    members::{self, Actor, Email, Member, Role},
    offboarding::{self, Bar, Removal},
    organizations, photos, shoots,
};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// List an organization's people, newest first
    List {
        /// Id or exact name of the organization
        #[arg(long)]
        org: String,
    },
    /// Remove someone, with their headshots and photos
    Remove {
        /// Id or exact name of the organization
        #[arg(long)]
        org: String,
        /// Their address, or their id if they have none
        #[arg(value_name = "EMAIL")]
        who: String,
        /// Also someone with more than 3 shoots
        #[arg(long)]
        force: bool,
    },
    /// Change what someone may do; "owner" hands the organization over
    Role {
        /// Id or exact name of the organization
        #[arg(long)]
        org: String,
        /// Their address
        #[arg(value_name = "EMAIL")]
        who: String,
        /// owner, admin or member
        role: String,
    },
    /// Let someone make headshots once more, for no credit
    Retry {
        /// Id or exact name of the organization
        #[arg(long)]
        org: String,
        /// Their address, or their id if they have none
        #[arg(value_name = "EMAIL")]
        who: String,
    },
    /// Let photos be used that were turned down, of someone who has not submitted them yet
    AllowPhotos {
        /// Id or exact name of the organization
        #[arg(long)]
        org: String,
        /// Their address, or their id if they have none
        #[arg(value_name = "EMAIL")]
        who: String,
        /// Take that back
        #[arg(long)]
        undo: bool,
    },
}

pub(super) fn run(station: &Station, command: Command) -> Result<Said> {
    match command {
        Command::List { org } => list(station, &org),
        Command::Remove { org, who, force } => {
            let (member, gone) = station.db.write_and_wait(move |tx| {
                let (by, member) = found(tx, &org, &who)?;
                let gone = offboarding::removal(tx, &by.organization, &member.id)?;
                if gone.bar == Some(Bar::TooManyShoots) && !force {
                    return Err(Error::invalid(plain!(
                        "{} has {} shoots. To remove someone with more than 3, add --force.",
                        member.called(),
                        gone.shoots
                    )));
                }
                offboarding::remove(tx, &by, &member, force)?;
                Ok((member, gone))
            })?;
            let Removal { shoots, headshots, .. } = gone;
            Ok(Said::new(
                json!({ "id": member.id, "email": member.email, "shoots": shoots, "headshots": headshots }),
                format!("Removed {}. Gone with it: {shoots} shoots, {headshots} headshots.", member.called()),
            ))
        }
        Command::Role { org, who, role } => {
            let role: Role = role
                .parse()
                .map_err(|_| Error::invalid(plain!("\"{role}\" is no role. There are: owner, admin, member.")))?;
            let member = station.db.write_and_wait(move |tx| {
                let (by, member) = found(tx, &org, &who)?;
                match role {
                    Role::Owner => auth::hand_over(tx, &by, None, &member.id)?,
                    Role::Admin | Role::Member => auth::change_role(tx, &by, None, &member.id, role)?,
                };
                Ok(member)
            })?;
            Ok(Said::new(
                json!({ "id": member.id, "email": member.email, "role": role }),
                format!("{} is {role} now, and has to sign in again.", member.called()),
            ))
        }
        Command::Retry { org, who } => {
            let member = station.db.write_and_wait(move |tx| {
                let (by, member) = found(tx, &org, &who)?;
                shoots::grant_retry(tx, &by, &member)?;
                Ok(member)
            })?;
            Ok(Said::new(
                json!({ "id": member.id, "email": member.email }),
                format!("{} can make headshots once more.", member.called()),
            ))
        }
        Command::AllowPhotos { org, who, undo } => {
            let alike = station.config.checks.thresholds.alike;
            let (member, photos) = station.db.write_and_wait(move |tx| {
                let (by, member) = found(tx, &org, &who)?;
                let photos = photos::allow_all(tx, &by, &member, !undo, alike)?;
                Ok((member, photos))
            })?;
            let may = if undo { "can't be used any more" } else { "may be used all the same" };
            let count = if photos == 1 { "1 photo".to_owned() } else { format!("{photos} photos") };
            Ok(Said::new(
                json!({ "id": member.id, "email": member.email, "photos": photos, "allowed": !undo }),
                format!("{count} of {} {may}.", member.called()),
            ))
        }
    }
}

/// Everyone, so that no window is too small.
const ALL: Window<members::Place> = Window { limit: u32::MAX, offset: 0, after: None };

fn list(station: &Station, org: &str) -> Result<Said> {
    let listed = station.db.read(|view| {
        let organization = organizations::named(view, org)?;
        members::window(view, &organization.id, None, &ALL)
    })?;
    let members: Vec<_> = listed
        .iter()
        .map(|one| {
            json!({
                "id": one.id, "email": one.email, "name": one.name, "title": one.title, "role": one.role,
                "team": one.team, "stage": one.stage, "joined": one.created_at,
            })
        })
        .collect();
    let rows: Vec<Vec<String>> = listed
        .iter()
        .map(|one| {
            let email = one.email.as_ref().map_or_else(|| one.id.to_string(), Email::to_string);
            let name = one.name.clone().unwrap_or_default();
            vec![email, name, one.role.to_string(), one.team.clone().unwrap_or_default(), one.stage.to_string()]
        })
        .collect();
    Ok(Said::new(json!({ "members": members }), table(&["EMAIL", "NAME", "ROLE", "TEAM", "STAGE"], &rows)))
}

/// The operator at work on an organization, and whom an address or an id there means.
fn found(tx: &Tx, org: &str, who: &str) -> Result<(Actor, Member)> {
    let organization = organizations::named(tx, org)?.id;
    let member = match who.parse::<MemberId>() {
        Ok(id) => members::of_organization(tx, &organization, &id),
        Err(_) => members::named(tx, &organization, &who.parse()?),
    };
    let member = member.map_err(|error| match error {
        Error::NotFound(_) => Error::invalid(plain!("Nobody there is {who}. See: headroom member list --org {org}.")),
        other => other,
    })?;
    Ok((Actor::operator(organization), member))
}
