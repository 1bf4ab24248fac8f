//! `headroom member`.

use clap::Subcommand;
use serde_json::json;

use super::{Said, Station};
use crate::{
    error::Result,
    ids::MemberId,
    members::{self, Actor},
    offboarding, organizations,
};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Remove a member with their shoots, photos and headshots; a personal account survives
    Remove {
        /// Id or exact name of the organization
        #[arg(long)]
        org: String,
        /// Whom: their address, or their id if they have none
        #[arg(value_name = "EMAIL")]
        who: String,
        /// Also someone with more than three shoots
        #[arg(long)]
        force: bool,
    },
}

pub(super) fn run(station: &Station, command: Command) -> Result<Said> {
    match command {
        Command::Remove { org, who, force } => {
            let removed = station.db.write_and_wait(move |tx| {
                let by = Actor::operator(organizations::named(tx, &org)?.id);
                let member = match who.parse::<MemberId>() {
                    Ok(id) => members::of_organization(tx, &by.organization, &id)?,
                    Err(_) => members::named(tx, &by.organization, &who.parse()?)?,
                };
                offboarding::remove(tx, &by, &member, force)?;
                Ok(member)
            })?;
            let said = json!({ "id": removed.id, "email": removed.email });
            Ok(Said::new(said, format!("Removed {}.", removed.called())))
        }
    }
}
