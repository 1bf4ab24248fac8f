//! `headroom jobs`.

use clap::Subcommand;
use serde_json::json;

use super::{Said, Station, table};
use crate::{
    audit::Action,
    error::{Error, Result},
    ids::JobId,
    members::Actor,
    queue::{self, Parked},
};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// How full each queue is, and the jobs that gave up, with their reasons
    List {
        /// How many of those at most
        #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=10_000))]
        limit: u32,
    },
    /// Let jobs that gave up run again, with all their tries before them
    RunAgain {
        /// Their ids, as listed
        #[arg(value_name = "ID", required_unless_present = "all")]
        ids: Vec<String>,
        /// All that gave up and are still needed
        #[arg(long, conflicts_with = "ids")]
        all: bool,
    },
}

pub(super) fn run(station: &Station, command: Command) -> Result<Said> {
    match command {
        Command::List { limit } => list(station, limit),
        Command::RunAgain { ids, all } => run_again(station, &ids, all),
    }
}

fn list(station: &Station, limit: u32) -> Result<Said> {
    let (loads, parked) = station.db.read(|view| Ok((queue::loads(view)?, queue::parked(view, limit)?)))?;
    let rows: Vec<_> = loads
        .iter()
        .map(|load| {
            let late = load.overdue.map_or_else(|| "-".to_owned(), |span| format!("{} s", span.as_secs()));
            let counts = [load.waiting, load.running, load.parked].map(|count| count.to_string());
            [vec![load.queue.to_string()], counts.to_vec(), vec![late]].concat()
        })
        .collect();
    let mut words = table(&["QUEUE", "WAITING", "RUNNING", "GAVE UP", "OLDEST DUE FOR"], &rows);
    if !parked.is_empty() {
        let rows: Vec<_> = parked.iter().map(row).collect();
        let headings = ["ID", "ORGANIZATION", "GAVE UP", "TRIES", "WHAT", "WHY"];
        words = format!("{words}\n\n{}", table(&headings, &rows));
    }
    let queues: Vec<_> = loads
        .iter()
        .map(|load| {
            json!({
                "queue": load.queue, "waiting": load.waiting, "running": load.running, "parked": load.parked,
                "dueForSeconds": load.overdue.map(|span| span.as_secs()),
            })
        })
        .collect();
    let parked: Vec<_> = parked
        .iter()
        .map(|job| {
            json!({
                "id": job.id, "queue": job.queue, "organization": job.organization, "what": job.words().to_string(),
                "why": job.last_error, "attempts": job.attempts, "parkedAt": job.parked_at,
            })
        })
        .collect();
    Ok(Said::new(json!({ "queues": queues, "parked": parked }), words))
}

fn row(job: &Parked) -> Vec<String> {
    vec![
        job.id.to_string(),
        job.organization.as_ref().map_or_else(|| "-".to_owned(), ToString::to_string),
        job.parked_at.to_string(),
        job.attempts.to_string(),
        job.words().to_string(),
        job.last_error.clone().unwrap_or_default(),
    ]
}

/// As many as are looked at when all are meant.
const ALL: u32 = 10_000;

fn run_again(station: &Station, ids: &[String], all: bool) -> Result<Said> {
    let named = ids.iter().map(|id| id.parse().map_err(|_| Error::NotFound("Parked job")));
    let named: Vec<JobId> = named.collect::<Result<_>>()?;
    let ran = station.db.write_and_wait(move |tx| {
        let jobs = match all {
            true => queue::parked(tx, ALL)?,
            false => named.iter().map(|id| queue::one_parked(tx, id)).collect::<Result<_>>()?,
        };
        let mut ran = Vec::new();
        for job in jobs {
            match queue::run_again(tx, &job.id) {
                Ok(()) => {}
                // Whoever names one hears that it is not needed any more; of all, those are left out.
                Err(Error::Invalid(_)) if all => continue,
                Err(other) => return Err(other),
            }
            if let Some(organization) = &job.organization {
                let by = Actor::operator(organization.clone());
                by.note_about(tx, Action::JobRunAgain, &job.words().to_string(), job.last_error.as_deref())?;
            }
            ran.push(job.id);
        }
        Ok(ran)
    })?;
    let words = match ran.len() {
        0 => "No job gave up.".to_owned(),
        1 => "1 job runs again.".to_owned(),
        more => format!("{more} jobs run again."),
    };
    Ok(Said::new(json!({ "ranAgain": ran }), words))
}
