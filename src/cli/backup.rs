//! `headroom backup` and `headroom restore`.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{Common, Said, load};
use crate::{
    backup::{self, Counts, Losses, Source},
    clock::Clock,
    config::{Config, Sources},
    error::{Error, Result},
    secrets::ServerKey,
    server,
    storage::Storage,
};

/// What `backup` takes.
#[derive(Debug, Args)]
#[command(subcommand_negates_reqs = true, args_conflicts_with_subcommands = true)]
pub(super) struct BackupArgs {
    /// The file to write; one that is there already is left alone
    #[arg(required = true, value_name = "FILE")]
    file: Option<PathBuf>,
    /// Overwrite a file that is there
    #[arg(long)]
    force: bool,
    /// Go without pictures that the database knows and that are lost
    #[arg(long)]
    allow_missing: bool,
    #[command(subcommand)]
    look: Option<Look>,
}

#[derive(Debug, Subcommand)]
enum Look {
    /// Look whether a backup is whole and can be restored
    Verify {
        /// The backup
        file: PathBuf,
    },
}

/// What `restore` takes.
#[derive(Debug, Args)]
pub(super) struct RestoreArgs {
    /// The backup
    file: PathBuf,
}

pub(super) fn run(common: &Common, args: &BackupArgs) -> Result<Said> {
    match (&args.look, &args.file) {
        (Some(Look::Verify { file }), _) => verify(file),
        (None, Some(file)) => make(common, file, args),
        (None, None) => Err(Error::invalid(plain!("Name the file to write: headroom backup FILE"))),
    }
}

fn make(common: &Common, file: &Path, args: &BackupArgs) -> Result<Said> {
    let config = load(common, &Sources::default())?;
    finish_restoring(&config)?;
    let database = config.database();
    if !database.exists() {
        let shown = database.display();
        return Err(Error::invalid(plain!("There is no {shown} to back up. Point --data at the right directory.")));
    }
    // The server makes its key at its first start, which may be still to come.
    let key = config.key_file();
    ServerKey::kept_in(&key)?;
    let runtime = runtime()?;
    let pictures = Storage::open(&config.photos)?;
    let source = Source { database, key, pictures, place: config.photos, runtime: runtime.handle().clone() };
    let losses = if args.allow_missing { Losses::Any } else { Losses::Known(BTreeSet::new()) };
    let counts = backup::make(&source, file, Clock::system().now(), args.force, &losses, &|| false)?;
    let words = format!("Wrote {}: {}", file.display(), shown(counts));
    Ok(Said::new(with_file(file, counts)?, words))
}

fn verify(file: &Path) -> Result<Said> {
    let counts = backup::verify(file, Clock::system().now())?;
    Ok(Said::new(with_file(file, counts)?, format!("{} is whole: {}", file.display(), shown(counts))))
}

pub(super) fn restore(common: &Common, args: &RestoreArgs) -> Result<Said> {
    let config = load(common, &Sources::default())?;
    // Held until everything is in its place.
    let _lock = server::claim(&config)?;
    let runtime = runtime()?;
    let now = Clock::system().now();
    let elsewhere = config.photos_elsewhere().map(Storage::open).transpose()?;
    let (counts, kept) = backup::restore(&args.file, &config.data, elsewhere.as_ref(), now, runtime.handle())?;
    let mut said = with_file(&args.file, counts)?;
    said["kept"] = json!(kept);
    let before = match (&kept, config.photos_elsewhere()) {
        (Some(kept), None) => format!(
            " What was there before is in {}. Remove it once you are sure: there are faces in it.",
            kept.display()
        ),
        (Some(kept), Some(place)) => format!(
            " The database and the key from before are in {}. Their pictures stayed in {place}, beside the restored ones; none is \
             tidied away as long as that directory is there. Never serve both on the same pictures, and remove it once you are sure.",
            kept.display()
        ),
        (None, _) => String::new(),
    };
    let words = format!("Restored {} into {}: {}{before}", args.file.display(), config.data.display(), shown(counts));
    Ok(Said::new(said, words))
}

/// Finishes a restore that was interrupted, before anything of the data directory is used.
pub(super) fn finish_restoring(config: &Config) -> Result<()> {
    if backup::is_restoring(&config.data) {
        server::claim(config)?;
    }
    Ok(())
}

/// What reads and writes pictures. On a thread of its own: this one waits for it.
fn runtime() -> Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?)
}

fn with_file(file: &Path, counts: Counts) -> Result<Value> {
    let mut said = serde_json::to_value(counts)?;
    said["file"] = json!(file);
    Ok(said)
}

fn shown(counts: Counts) -> String {
    let Counts { schema, tables, rows, pictures, bytes, .. } = counts;
    let absent = counts.told_of_absent();
    format!("schema {schema}, {rows} rows in {tables} tables, {pictures} files of pictures, {bytes} bytes.{absent}")
}
