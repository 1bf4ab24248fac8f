//! `headroom privacy`.

use std::{io::Write, path::PathBuf, pin::pin};

use clap::Subcommand;
use futures::TryStreamExt;
use serde_json::json;

use super::{Said, Station, table};
use crate::{
    app::export::{self, Export},
    audit::Action,
    db::Part,
    error::{Error, Result},
    members::{self, Actor, Email},
    organizations,
    receipts::{self, Receipt},
    storage::Storage,
};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Write everything that is kept about a member into a ZIP archive
    Export {
        /// Id or exact name of the organization
        #[arg(long)]
        org: String,
        /// Whose
        email: String,
        /// The file to write; one that is there already is left alone
        #[arg(long, value_name = "FILE.zip")]
        out: PathBuf,
    },
    /// List the receipts of what was deleted, newest first
    Receipts {
        /// Id or exact name of the organization
        #[arg(long)]
        org: String,
        /// How many at most
        #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=10_000))]
        limit: u32,
    },
}

pub(super) fn run(station: &Station, command: Command) -> Result<Said> {
    match command {
        Command::Export { org, email, out } => export(station, org, &email, out),
        Command::Receipts { org, limit } => receipts(station, &org, limit),
    }
}

fn export(station: &Station, org: String, email: &str, out: PathBuf) -> Result<Said> {
    let email: Email = email.parse()?;
    let export = station.db.read(|view| {
        let organization = organizations::named(view, &org)?;
        Export::of(view, &members::named(view, &organization.id, &email)?)
    })?;
    let shown = out.display().to_string();
    let mut file = std::fs::File::create_new(&out)
        .map_err(|cause| Error::invalid(plain!("{shown} can't be made: {cause}. Name another file with --out.")))?;
    let written = tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
        let mut pieces = pin!(export.pack(Storage::open(&station.config.photos)?));
        let mut bytes = 0;
        while let Some(piece) = pieces.try_next().await? {
            file.write_all(&piece)?;
            bytes += piece.len();
        }
        file.sync_all()?;
        Ok::<_, Error>(bytes)
    });
    let bytes = written.inspect_err(|_| {
        // A part of an archive is worse than none; if even that fails, the sentence below says enough.
        let _ = std::fs::remove_file(&out);
    })?;
    station.db.write_and_wait(move |tx| {
        let organization = organizations::named(tx, &org)?.id;
        let member = members::named(tx, &organization, &email)?;
        Actor::operator(organization).note(tx, Action::DataExported, Some(&member), None)
    })?;
    Ok(Said::new(json!({ "file": out, "bytes": bytes }), format!("Wrote {shown}.")))
}

fn receipts(station: &Station, org: &str, limit: u32) -> Result<Said> {
    let receipts = station.db.read(|view| {
        let organization = organizations::named(view, org)?.id;
        Ok(receipts::page(view, &organization, &Part::Newest, limit)?.rows)
    })?;
    let rows: Vec<_> = receipts.iter().map(row).collect();
    let words = table(&["RECEIPT", "WHOSE", "WHAT", "PHOTOS", "HEADSHOTS", "ASKED BY", "ASKED", "GONE"], &rows);
    let shown: Vec<_> = receipts.iter().map(export::receipt).collect();
    Ok(Said::new(json!({ "receipts": shown }), words))
}

fn row(receipt: &Receipt) -> Vec<String> {
    vec![
        receipt.id.to_string(),
        receipt.whose.clone().unwrap_or_else(|| "-".to_owned()),
        receipt.what.to_string(),
        receipt.photos.to_string(),
        receipt.headshots.to_string(),
        receipt.asked_by.to_string(),
        receipt.asked_at.to_string(),
        receipt.purged_at.map_or_else(|| "still going".to_owned(), |at| at.to_string()),
    ]
}
