//! `headroom style`: what is set for headshots, as a file.

use std::{
    io::Read,
    path::{Path, PathBuf},
};

use clap::Subcommand;
use serde_json::json;

use super::{Said, Station, backdrops::Org, table};
use crate::{
    error::{Error, Result},
    house_style::{self, Change, MOST_BYTES},
    members::Actor,
    organizations,
};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Write what is set for headshots: backdrops, those of teams, how many, edits, how long they are kept
    Export {
        #[command(flatten)]
        of: Org,
        /// Where to [default: to the screen]
        file: Option<PathBuf>,
    },
    /// Set what such a file says. Finished headshots may go by it: look first with --dry-run
    Import {
        #[command(flatten)]
        of: Org,
        /// Only say what would change
        #[arg(long)]
        dry_run: bool,
        /// The file
        file: PathBuf,
    },
}

pub(super) fn run(station: &Station, command: Command) -> Result<Said> {
    match command {
        Command::Export { of, file } => {
            let style =
                station.db.read(|view| house_style::of(view, &organizations::company(view, &of.org)?.id))?.file();
            let text = serde_json::to_string_pretty(&style)?;
            let Some(file) = file else { return Ok(Said::new(style, text)) };
            let shown = file.display();
            std::fs::write(&file, text + "\n")
                .map_err(|cause| Error::invalid(plain!("{shown} can't be written: {cause}. Name another file.")))?;
            Ok(Said::new(json!({ "file": file }), format!("Wrote {shown}.")))
        }
        Command::Import { of, dry_run, file } => {
            let style = house_style::read(&read(&file)?)?;
            let changes = if dry_run {
                station
                    .db
                    .read(|view| house_style::changes(view, &organizations::company(view, &of.org)?.id, &style))?
            } else {
                station.db.write_and_wait(move |tx| {
                    house_style::apply(tx, &Actor::operator(organizations::company(tx, &of.org)?.id), &style)
                })?
            };
            Ok(told(&changes, dry_run))
        }
    }
}

/// A file, up to a byte more than is taken.
fn read(path: &Path) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let most = u64::try_from(MOST_BYTES).map_err(Error::internal)? + 1;
    let file = std::fs::File::open(path).and_then(|file| file.take(most).read_to_end(&mut bytes));
    file.map_err(|cause| Error::invalid(plain!("{} can't be read: {cause}. Name another file.", path.display())))?;
    Ok(bytes)
}

fn told(changes: &[Change], dry_run: bool) -> Said {
    let said = |change: &Change| json!({ "what": change.what.to_string(), "now": change.now.to_string(), "then": change.then.to_string(), "means": change.means.as_ref().map(ToString::to_string) });
    let json = json!({ "applied": !dry_run, "changes": changes.iter().map(said).collect::<Vec<_>>() });
    if changes.is_empty() {
        return Said::new(json, "Nothing to change: everything in the file is set already.");
    }
    let rows: Vec<_> = changes
        .iter()
        .map(|change| vec![change.what.to_string(), change.now.to_string(), change.then.to_string()])
        .collect();
    let mut words = table(&["SETTING", if dry_run { "NOW" } else { "BEFORE" }, "THEN"], &rows);
    for means in changes.iter().filter_map(|change| change.means.as_ref()) {
        words = format!("{}\n{means}", words.trim_end());
    }
    Said::new(json, words)
}
