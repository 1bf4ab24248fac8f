//! For whoever looks after the queues: how full they are, what is parked and why, and what may be forgotten.

use std::time::Duration;

use rusqlite::{Row, named_params};

use super::{Job, Queue};
use crate::{
    clock::Timestamp,
    db::{Tx, View},
    error::{Error, Result},
    i18n::Message,
    ids::{JobId, OrganizationId},
};

/// How full a queue is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Load {
    /// Which.
    pub queue: Queue,
    /// Jobs that wait, due or not.
    pub waiting: u32,
    /// Jobs that run now.
    pub running: u32,
    /// Jobs done and not yet forgotten.
    pub done: u32,
    /// Jobs that failed for good and wait for someone to look.
    pub parked: u32,
    /// Since when the job that has waited longest could have run; none is due otherwise. A healthy queue has seconds here.
    pub overdue: Option<Duration>,
}

/// A job that failed for good.
#[derive(Clone, Debug)]
pub struct Parked {
    /// Which.
    pub id: JobId,
    /// The queue it was in.
    pub queue: Queue,
    /// What it was to do, as stored: it may be something this version can't read.
    pub payload: String,
    /// How often it was begun.
    pub attempts: u32,
    /// Why it failed the last time.
    pub last_error: Option<String>,
    /// Since when it is parked.
    pub parked_at: Timestamp,
    /// Whose work it is, if that is known.
    pub organization: Option<OrganizationId>,
}

impl Parked {
    /// What it was to do, in words.
    pub fn words(&self) -> Message {
        serde_json::from_str::<Job>(&self.payload)
            .map_or_else(|_| say!("Something this version does not know"), |job| job.words())
    }
}

/// How the jobs of one organization stand in a queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnLoad {
    /// Which.
    pub queue: Queue,
    /// Jobs that wait, due or not.
    pub waiting: u32,
    /// Jobs that run now.
    pub running: u32,
    /// Jobs that failed for good and wait for someone to look.
    pub parked: u32,
    /// How long the job has been due that has been for longest; nothing if none is.
    pub overdue: Option<Duration>,
    /// Jobs done within the last hour.
    pub done: u32,
    /// How long those took on average, from when they were due.
    pub usual: Option<Duration>,
    /// The same of the slowest one.
    pub longest: Option<Duration>,
}

/// How full each queue is, in their order. It counts, each state in an index of its own: for [`crate::db::Db::scan`].
pub fn loads(view: &View) -> Result<Vec<Load>> {
    let mut loads: Vec<Load> = Queue::ALL.iter().map(|queue| Load::empty(*queue)).collect();
    view.each(
        "select queue, 'waiting' as state, count(*) as jobs, min(run_at) as oldest from jobs where state = 'waiting' group by queue
         union all
         select queue, 'running', count(*), null from jobs where state = 'running' group by queue
         union all
         select queue, 'done', count(*), null from jobs where state = 'done' group by queue
         union all
         select queue, 'parked', count(*), null from jobs where state = 'parked' group by queue",
        [],
        |row| {
            let queue: Queue = row.get("queue")?;
            loads[queue as usize].add(row, view.now)
        },
    )?;
    Ok(loads)
}

/// The parked jobs, the latest first.
pub fn parked(view: &View, at_most: u32) -> Result<Vec<Parked>> {
    view.all(
        "select id, queue, payload, attempts, last_error, finished_at, organization_id
         from jobs
         where state = 'parked'
         order by finished_at desc
         limit :at_most",
        named_params! { ":at_most": at_most },
        Parked::from_row,
    )
}

/// The parked jobs of an organization, the latest first.
pub fn parked_of(view: &View, organization: &OrganizationId, at_most: u32) -> Result<Vec<Parked>> {
    view.all(
        "select id, queue, payload, attempts, last_error, finished_at, organization_id
         from jobs
         where organization_id = :organization and state = 'parked'
         order by finished_at desc
         limit :at_most",
        named_params! { ":organization": organization, ":at_most": at_most },
        Parked::from_row,
    )
}

/// Why a job that waits for another attempt, or is parked, failed the last time; nothing if it did not.
pub fn last_failure(view: &View, job: &Job) -> Result<Option<String>> {
    view.find(
        "select last_error from jobs
         where queue = :queue and payload = :payload and state in ('waiting', 'running', 'parked') and last_error is not null
         order by run_at desc
         limit 1",
        named_params! { ":queue": job.queue(), ":payload": serde_json::to_string(job)? },
        |row| row.get(0),
    )
}

/// How many jobs of an organization are parked.
pub fn parked_count(view: &View, organization: &OrganizationId) -> Result<u32> {
    view.one(
        "select count(*) from jobs where organization_id = :organization and state = 'parked'",
        named_params! { ":organization": organization },
        |row| row.get(0),
    )
}

/// What was done counts as lately for so long.
const LATELY: Duration = Duration::from_secs(60 * 60);

/// How the jobs of an organization stand in each queue, in their order: for [`crate::db::Db::scan`].
pub fn own_loads(view: &View, organization: &OrganizationId) -> Result<Vec<OwnLoad>> {
    let mut loads: Vec<OwnLoad> = Queue::ALL.iter().map(|queue| OwnLoad::empty(*queue)).collect();
    view.each(
        "select queue,
             count(*) filter (where state = 'waiting') as waiting,
             count(*) filter (where state = 'running') as running,
             count(*) filter (where state = 'parked') as parked,
             min(run_at) filter (where state = 'waiting' and run_at <= :now) as oldest,
             count(*) filter (where state = 'done' and finished_at > :since) as done,
             cast(avg(max(finished_at - run_at, 0)) filter (where state = 'done' and finished_at > :since) as integer) as usual,
             max(max(finished_at - run_at, 0)) filter (where state = 'done' and finished_at > :since) as longest
         from jobs
         where organization_id = :organization
         group by queue",
        named_params! { ":organization": organization, ":now": view.now, ":since": view.now - LATELY },
        |row| {
            let queue: Queue = row.get("queue")?;
            let span = |millis: Option<i64>| millis.map(|millis| Duration::from_millis(millis.unsigned_abs()));
            loads[queue as usize] = OwnLoad {
                queue,
                waiting: row.get("waiting")?,
                running: row.get("running")?,
                parked: row.get("parked")?,
                overdue: row.get::<_, Option<Timestamp>>("oldest")?.map(|oldest| view.now.since(oldest)),
                done: row.get("done")?,
                usual: span(row.get("usual")?),
                longest: span(row.get("longest")?),
            };
            Ok(())
        },
    )?;
    Ok(loads)
}

/// [`run_again`] for who may do so with the jobs of one organization only. Answers the job, as it was parked.
///
/// # Errors
/// As [`run_again`]; another organization's job is not there.
pub fn run_again_of(tx: &Tx, organization: &OrganizationId, id: &JobId) -> Result<Parked> {
    let job = one_parked(tx, id)?;
    if job.organization.as_ref() != Some(organization) {
        return Err(Error::NotFound("Parked job"));
    }
    run_again(tx, id)?;
    Ok(job)
}

/// A parked job.
///
/// # Errors
/// There is none with this id, or it is not parked.
pub fn one_parked(view: &View, id: &JobId) -> Result<Parked> {
    view.find(
        "select id, queue, payload, attempts, last_error, finished_at, organization_id
         from jobs where id = :id and state = 'parked'",
        named_params! { ":id": id },
        Parked::from_row,
    )?
    .ok_or(Error::NotFound("Parked job"))
}

/// Lets a parked job run again, with all its attempts before it.
///
/// # Errors
/// The job is not parked, or a newer one with its key does the same work already.
pub fn run_again(tx: &Tx, id: &JobId) -> Result<()> {
    let (queue, replaced): (Queue, bool) = tx
        .find(
            "select queue, exists (
                 select 1 from jobs as newer
                 where newer.queue = jobs.queue and newer.unique_key = jobs.unique_key
                     and newer.state in ('waiting', 'running')
             ) as replaced
             from jobs
             where id = :id and state = 'parked'",
            named_params! { ":id": id },
            |row| Ok((row.get("queue")?, row.get("replaced")?)),
        )?
        .ok_or(Error::NotFound("Parked job"))?;
    if replaced {
        return Err(Error::invalid(say!("A newer job already does the same. This one is not needed any more.")));
    }
    tx.execute(
        "update jobs set state = 'waiting', attempts = 0, run_at = :now, finished_at = null where id = :id",
        named_params! { ":id": id, ":now": tx.now },
    )?;
    tx.ring(queue.topic());
    Ok(())
}

/// Deletes the oldest of the jobs that were done before `before`, at most so many, and says how many it were: asked again
/// until it says less than `at_most`, it never keeps other writers waiting. Parked jobs stay until someone has looked.
pub fn forget_finished(tx: &Tx, before: Timestamp, at_most: u32) -> Result<usize> {
    tx.execute(
        "delete from jobs
         where id in (
             select id from jobs
             where state = 'done' and finished_at < :before
             order by finished_at
             limit :at_most
         )",
        named_params! { ":before": before, ":at_most": at_most },
    )
}

impl OwnLoad {
    const fn empty(queue: Queue) -> Self {
        Self { queue, waiting: 0, running: 0, parked: 0, overdue: None, done: 0, usual: None, longest: None }
    }
}

impl Load {
    const fn empty(queue: Queue) -> Self {
        Self { queue, waiting: 0, running: 0, done: 0, parked: 0, overdue: None }
    }

    fn add(&mut self, row: &Row, now: Timestamp) -> Result<()> {
        let state: String = row.get("state")?;
        let jobs = row.get("jobs")?;
        match state.as_str() {
            "waiting" => {
                let oldest: Timestamp = row.get("oldest")?;
                self.waiting = jobs;
                self.overdue = (oldest <= now).then(|| now.since(oldest));
            }
            "running" => self.running = jobs,
            "done" => self.done = jobs,
            _ => self.parked = jobs,
        }
        Ok(())
    }
}

impl Parked {
    fn from_row(row: &Row) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            queue: row.get("queue")?,
            payload: row.get("payload")?,
            attempts: row.get("attempts")?,
            last_error: row.get("last_error")?,
            parked_at: row.get("finished_at")?,
            organization: row.get("organization_id")?,
        })
    }
}
