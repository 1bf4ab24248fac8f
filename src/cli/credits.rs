//! `headroom credits`.

use clap::Subcommand;
use serde_json::json;

use super::{Said, Station, table};
use crate::{credits, db::Window, error::Result, members::Actor, organizations};

/// Rows the ledger shows; more can be asked for through the API.
const ROWS: u32 = 1000;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Give an organization credits
    Grant {
        /// Id or exact name of the organization
        #[arg(long)]
        org: String,
        /// How many
        amount: i64,
        /// Stands in the ledger
        #[arg(long, default_value = "Granted by the operator")]
        reason: String,
    },
    /// Show an organization's ledger, newest first
    Ledger {
        /// Id or exact name of the organization
        #[arg(long)]
        org: String,
    },
}

pub(super) fn run(station: &Station, command: Command) -> Result<Said> {
    match command {
        Command::Grant { org, amount, reason } => {
            let (organization, balance) = station.db.write_and_wait(move |tx| {
                let organization = organizations::named(tx, &org)?;
                let by = Actor::operator(organization.id.clone());
                let balance = credits::grant_by(tx, &by, amount, &reason)?;
                Ok((organization, balance))
            })?;
            let words = format!("{} has {balance} credits now.", organization.name);
            Ok(Said::new(json!({ "organization": organization.id, "credits": balance }), words))
        }
        Command::Ledger { org } => {
            let (organization, entries) = station.db.read(|view| {
                let organization = organizations::named(view, &org)?;
                let entries = credits::ledger(view, &organization.id, &Window { limit: ROWS, offset: 0, after: None })?;
                Ok((organization, entries))
            })?;
            let rows: Vec<_> = entries
                .iter()
                .map(|entry| {
                    vec![
                        entry.created_at.to_string(),
                        entry.kind.to_string(),
                        format!("{:+}", entry.amount),
                        entry.balance.to_string(),
                        entry.reason.clone(),
                    ]
                })
                .collect();
            let said =
                json!({ "organization": organization.id, "credits": organization.shown_credits(), "ledger": entries });
            Ok(Said::new(said, table(&["TIME", "KIND", "AMOUNT", "BALANCE", "REASON"], &rows)))
        }
    }
}
