//! The database, and what its rows say about the clock and the workers.

use std::time::Duration;

use super::{Bench, Finding, spoken};
use crate::{audit as log, clock::Timestamp, db::Glance, error::Result, queue, workers as makers};

/// Rows may be this much newer than now: another process stamped them an instant ago.
const LEEWAY: Duration = Duration::from_secs(60);

/// A job that has been due for longer waits for workers that don't work; `/readyz` asks for the same.
const LONGEST_WAIT: Duration = Duration::from_secs(5 * 60);

/// Nothing here is older than the program: a clock that is was never set.
const EARLIEST: Timestamp = Timestamp::from_millis(1_735_689_600_000);

/// The database, if it can be read by this version; or what is to be said instead.
pub(super) fn current(bench: &Bench) -> Result<Result<Glance, Finding>> {
    if !bench.on_file {
        return Ok(Err(Finding::Fine("The database is in memory.".to_owned())));
    }
    let path = bench.config.database();
    let shown = path.display();
    if !path.exists() {
        return Ok(Err(Finding::Fine(format!("There is no {shown} yet; the server makes it."))));
    }
    let glance = Glance::open(&path)?;
    let (ours, version, newest) = glance.versions()?;
    Ok(match version {
        _ if !ours => {
            Err(Finding::Bad(format!("{shown} belongs to another program. Point --data at a directory of its own.")))
        }
        _ if version > newest => Err(Finding::Bad(format!(
            "{shown} was written by a newer Headroom (schema {version}, this one knows {newest}). Install that version again."
        ))),
        _ if version < newest => Err(Finding::Fine(format!(
            "Schema {version} is older than this program's {newest}: the next start of the server brings it up to date."
        ))),
        _ => Ok(glance),
    })
}

pub(super) fn schema(bench: &Bench) -> Result<Finding> {
    Ok(match current(bench)? {
        Ok(glance) => Finding::Fine(format!("Schema {} is this program's.", glance.versions()?.1)),
        Err(other) => other,
    })
}

pub(super) fn integrity(bench: &Bench) -> Result<Finding> {
    let path = bench.config.database();
    if !path.exists() {
        return Ok(Finding::Fine("There is no database yet.".to_owned()));
    }
    let damage = Glance::open(&path)?.damage()?;
    Ok(match damage.first() {
        None => Finding::Fine("The database's file is whole.".to_owned()),
        Some(first) => Finding::Bad(format!(
            "The database is damaged ({first}). Stop the server, keep a copy of the data directory, and restore a backup."
        )),
    })
}

pub(super) fn clock(bench: &Bench) -> Result<Finding> {
    if bench.now < EARLIEST {
        return Ok(Finding::Bad(format!("The clock says {}. Set it, best by NTP.", said(bench.now))));
    }
    let Ok(glance) = current(bench)? else {
        return Ok(Finding::Fine(format!("The clock says {}.", said(bench.now))));
    };
    let newest: Option<Timestamp> = glance.read(bench.now, |view| {
        view.one(
            "select max(newest) from (
                 select max(created_at) as newest from events
                 union all select max(created_at) from audit
                 union all select max(created_at) from jobs
                 union all select max(created_at) from mails
                 union all select max(created_at) from sessions
                 union all select max(created_at) from organizations
             )",
            [],
            |row| row.get(0),
        )
    })?;
    let Some(newest) = newest else { return Ok(Finding::Fine(format!("The clock says {}.", said(bench.now)))) };
    let ahead = newest.since(bench.now);
    Ok(match ahead > LEEWAY {
        true => Finding::Bad(format!(
            "The clock says {}, and the newest row is {} later. Set the clock, best by NTP: until then nothing that is due runs.",
            said(bench.now),
            spoken(ahead)
        )),
        false => Finding::Fine(format!("The clock says {}; the newest row is from {}.", said(bench.now), said(newest))),
    })
}

/// A moment as it is said.
pub(super) fn said(time: Timestamp) -> String {
    time.date_time().format("%Y-%m-%d %H:%M UTC").to_string()
}

pub(super) fn queue(bench: &Bench) -> Result<Finding> {
    let Ok(glance) = current(bench)? else { return Ok(Finding::Fine("There are no jobs to look at.".to_owned())) };
    let loads = glance.read(bench.now, queue::loads)?;
    let parked: u32 = loads.iter().map(|load| load.parked).sum();
    let late =
        loads.iter().filter_map(|load| load.overdue.map(|wait| (wait, load.queue))).max_by_key(|(wait, _)| *wait);
    let runs = bench.runs;
    let given_up = match parked {
        0 => String::new(),
        1 => " 1 job gave up. See why: headroom jobs list.".to_owned(),
        more => format!(" {more} jobs gave up. See why: headroom jobs list."),
    };
    Ok(match late.filter(|(wait, _)| *wait >= LONGEST_WAIT) {
        Some((wait, queue)) if runs => Finding::Bad(format!(
            "A job of the queue {queue} has been due for {}. Restart the server, and look into its log.{given_up}",
            spoken(wait)
        )),
        Some((wait, queue)) => Finding::Bad(format!(
            "No server runs, and a job of the queue {queue} has been due for {}. Start the server.{given_up}",
            spoken(wait)
        )),
        None if parked > 0 => Finding::Bad(given_up.trim_start().to_owned()),
        None => Finding::Fine("No job is late, and none gave up.".to_owned()),
    })
}

/// What the server found when it looked at the logs last: a look at all of them takes as long as they are.
pub(super) fn audit(bench: &Bench) -> Result<Finding> {
    let Ok(glance) = current(bench)? else { return Ok(Finding::Fine("There is no audit log yet.".to_owned())) };
    Ok(match glance.read(bench.now, log::broken)? {
        0 => Finding::Fine("No audit log was found changed.".to_owned()),
        1 => Finding::Bad("An audit log is not as it was written. See which: headroom audit verify.".to_owned()),
        more => {
            Finding::Bad(format!("{more} audit logs are not as they were written. See which: headroom audit verify."))
        }
    })
}

/// Whether somebody makes headshots for a server that leaves them to others.
pub(super) fn workers(bench: &Bench) -> Result<Finding> {
    if bench.config.worker_token.is_none() {
        return Ok(Finding::Fine("No worker_token is set: this server makes headshots alone.".to_owned()));
    }
    let Ok(glance) = current(bench)? else { return Ok(Finding::Fine("No worker was here yet.".to_owned())) };
    let seen = glance.read(bench.now, makers::seen)?;
    let lately = format!("during the last {}", spoken(makers::RECENTLY));
    Ok(match seen.as_slice() {
        [] if bench.config.studio.at_once() == 0 => Finding::Bad(format!(
            "No worker has reported in {lately}, and studio_shoots is 0: nobody makes headshots. Start one: headroom worker --server URL."
        )),
        [] => Finding::Fine(format!("No worker has reported in {lately}; this server makes headshots alone.")),
        [_] => Finding::Fine(format!("1 worker has reported in {lately}.")),
        more => Finding::Fine(format!("{} workers have reported in {lately}.", more.len())),
    })
}
