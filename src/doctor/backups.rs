//! Backups: whether there are any, and how old the newest is.

use std::time::Duration;

use super::{Bench, Finding, database::current, spoken};
use crate::{
    backup::{self, Stored},
    config::Backups,
    error::Result,
    queue::{self, Job},
};

/// So much later than planned a backup may be: making it takes its time, and a start makes one that is overdue.
const LEEWAY: Duration = Duration::from_secs(60 * 60);

pub(super) fn backup(bench: &Bench) -> Result<Finding> {
    let found = match &bench.config.backups {
        Some(backups) => newest(bench, backups)?,
        None => Finding::Fine(
            "This server makes no backups by itself. Set backup_dir, or see to it otherwise: docs/backup.md."
                .to_owned(),
        ),
    };
    let replaced = backup::kept_by_restores(&bench.config.data);
    Ok(match (found, replaced.first()) {
        (Finding::Fine(words), Some(first)) => Finding::Fine(format!(
            "{words} {} has what a restore replaced, with faces in it. Remove it once you are sure.",
            first.display()
        )),
        (found, _) => found,
    })
}

fn newest(bench: &Bench, backups: &Backups) -> Result<Finding> {
    let shown = backups.directory.display();
    let Some(Stored { made_at, file }) = backup::stored(&backups.directory)?.into_iter().next() else {
        let why = last_failure(bench)?;
        return Ok(Finding::Bad(format!(
            "There is no backup in {shown} yet.{why} The server makes one when it starts; if it runs, look into its log."
        )));
    };
    let age = bench.now.since(made_at);
    if age > backups.every + LEEWAY {
        return Ok(Finding::Bad(format!(
            "The newest backup in {shown} is {} old, and one is due every {}.{} Is the server running? Look into its log.",
            spoken(age),
            spoken(backups.every),
            last_failure(bench)?
        )));
    }
    // All of it is read by `headroom backup verify`; this is a look at its ends.
    let manifest = match backup::manifest(&file) {
        Ok(manifest) => manifest,
        Err(broken) => return Ok(Finding::Bad(format!("The newest backup is no good. {broken}"))),
    };
    Ok(Finding::Fine(format!(
        "The newest backup is {} old, with {} rows: {}.{}",
        spoken(age),
        manifest.rows.values().sum::<u64>(),
        file.display(),
        manifest.told_of_lost()
    )))
}

/// What the server found in the way when it last tried.
fn last_failure(bench: &Bench) -> Result<String> {
    let Ok(glance) = current(bench)? else { return Ok(String::new()) };
    let why = glance.read(bench.now, |view| queue::last_failure(view, &Job::Backup))?;
    Ok(why.map_or_else(String::new, |why| format!(" It failed the last time: {}.", why.trim_end_matches('.'))))
}
