//! `headroom webhook`.

use clap::Subcommand;
use serde_json::json;

use super::{Said, Station};
use crate::{
    error::Result,
    members::Actor,
    organizations,
    webhooks::{self, Target},
};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Set the organization's webhook URL; its signing secret is shown once
    Set {
        /// Id or exact name of the organization
        #[arg(long)]
        org: String,
        /// Where events are posted to
        url: String,
    },
}

pub(super) fn run(station: &Station, command: Command) -> Result<Said> {
    let Command::Set { org, url } = command;
    let (key, target) = (station.key()?, Target::parse(&url)?);
    let made = station.db.write_and_wait(move |tx| {
        let organization = organizations::named(tx, &org)?;
        webhooks::set_url(tx, &Actor::operator(organization.id), &key, &target)
    })?;
    let words = format!(
        "Events go to {}. Each is signed with this secret:\n\n  {}\n\n(shown only now)",
        made.endpoint.url, made.secret
    );
    Ok(Said::new(json!({ "id": made.endpoint.id, "secret": made.secret }), words))
}
