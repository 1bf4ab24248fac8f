//! `headroom audit`.

use std::io::Write;

use clap::Subcommand;
use serde_json::json;

use super::{Said, Station, table};
use crate::{
    audit::{self, Check, Filter},
    db::View,
    error::{Error, Result},
    organizations::{self, Organization},
    wire::audit::Format,
};

/// Rows read at once for a file.
const BATCH: u32 = 500;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Look whether the log is as it was written: no entry changed, taken out or put in; fails where it is not
    Verify {
        /// Id or exact name of the organization; all of them if none is named
        #[arg(long, alias = "organization", value_name = "ORG")]
        org: Option<String>,
    },
    /// Print the log on standard output, oldest entry first
    Export {
        /// Id or exact name of the organization
        #[arg(long, alias = "organization", value_name = "ORG")]
        org: String,
        /// csv for spreadsheets, jsonl for programs
        #[arg(long, default_value = "jsonl", value_name = "FORMAT")]
        format: String,
    },
}

pub(super) fn run(station: &Station, command: Command) -> Result<Option<Said>> {
    match command {
        Command::Verify { org } => verify(station, org.as_deref()).map(Some),
        Command::Export { org, format } => export(station, &org, format.parse()?).map(|()| None),
    }
}

fn verify(station: &Station, org: Option<&str>) -> Result<Said> {
    let found = station.db.read(|view| {
        let organizations = match org {
            Some(org) => vec![organizations::named(view, org)?],
            None => organizations::list(view)?,
        };
        organizations.into_iter().map(|one| looked_at(view, one)).collect::<Result<Vec<_>>>()
    })?;
    let rows: Vec<_> = found
        .iter()
        .map(|(organization, check)| {
            let state = match &check.fault {
                None => "ok".to_owned(),
                Some(fault) => format!("BROKEN  {}", fault.in_words()),
            };
            let head = check.head.as_ref().map_or_else(|| "-".to_owned(), |head| head.number.to_string());
            vec![organization.id.to_string(), organization.name.clone(), check.entries.to_string(), head, state]
        })
        .collect();
    let logs: Vec<_> = found
        .iter()
        .map(|(organization, check)| {
            json!({ "organization": organization.id, "name": organization.name, "holds": check.fault.is_none(), "check": check })
        })
        .collect();
    let broken = found.iter().filter(|(_, check)| check.fault.is_some()).count();
    let words = table(&["ORGANIZATION", "NAME", "ENTRIES", "NEWEST", "CHAIN"], &rows);
    Ok(Said { failed: broken > 0, ..Said::new(json!({ "holds": broken == 0, "logs": logs }), words) })
}

fn looked_at(view: &View, organization: Organization) -> Result<(Organization, Check)> {
    let check = audit::verify(view, &organization.id)?;
    Ok((organization, check))
}

fn export(station: &Station, org: &str, format: Format) -> Result<()> {
    let organization = station.db.read(|view| organizations::named(view, org))?.id;
    let mut out = std::io::stdout().lock();
    let cannot = |cause: std::io::Error| Error::invalid(plain!("The log can't be written: {cause}."));
    out.write_all(format.beginning().as_bytes()).map_err(cannot)?;
    let mut behind = 0;
    loop {
        let rows = station.db.read(|view| audit::export(view, &organization, &Filter::default(), behind, BATCH))?;
        let Some(last) = rows.last() else { break };
        behind = last.number;
        for entry in &rows {
            out.write_all(format.line(entry)?.as_bytes()).map_err(cannot)?;
        }
    }
    out.flush().map_err(cannot)
}
