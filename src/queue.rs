//! Work that is done later: pushed in the transaction of its cause, run by [`crate::jobs::worker`], kept in the table `jobs`.
//!
//! A job holds ids only and is safe to run twice, because a run can always be cut off between its effect and the note that
//! it is done. apalis runs the jobs; this module is where it finds them. What is promised stands in `docs/queue.md`.

use std::time::Duration;

use rusqlite::named_params;
use serde::{Deserialize, Serialize};

use crate::{
    clock::Timestamp,
    db::{Topic, Tx, stored_as_text},
    error::{Error, Result},
    generator::Handle,
    i18n::Message,
    ids::{
        DeliveryId, EndpointId, EventId, HappeningId, ImportId, InviteId, JobId, MagicLinkId, MemberId, NoticeId,
        OrganizationId, ReceiptId, ResultId, ShootId, UndoableId,
    },
};

mod acknowledge;
mod backend;
mod claim;
mod concerns;
mod lease;
mod policy;
mod upkeep;

pub(crate) use backend::Source;
pub(crate) use claim::Runner;
pub(crate) use lease::{hand_back, keep_leases, reclaim_from_the_dead};
pub use policy::Policy;
pub use upkeep::{
    Load, OwnLoad, Parked, forget_finished, last_failure, loads, one_parked, own_loads, parked, parked_count,
    parked_of, run_again, run_again_of,
};

/// Something to do, and what to do it with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "job", content = "id", rename_all = "snake_case")]
pub enum Job {
    /// Sends a personal invite.
    InviteMail(InviteId),
    /// Reminds someone of a personal invite, because a lead wants it.
    ReminderMail(InviteId),
    /// The same because its day has come; it waits until the quiet hours are over.
    ScheduledReminder(InviteId),
    /// Reminds a member to hand in their photos.
    NudgeMail(MemberId),
    /// Sends a sign-in link to someone who waits for it.
    AccessMail(MagicLinkId),
    /// Tells someone that their photos have arrived.
    SubmittedMail(ShootId),
    /// Tells someone that their headshots are ready.
    ReadyMail(ShootId),
    /// Tells someone that their headshots are deleted soon.
    ExpiringMail(ShootId),
    /// Tells leads that a shoot failed.
    FailedMail(ShootId),
    /// Tells someone that they may make headshots once more.
    RetryMail(ShootId),
    /// Tells someone that they own the organization now, or no longer.
    OwnershipMail(MemberId),
    /// Tells leads that a webhook endpoint was switched off.
    EndpointMail(EndpointId),
    /// Tells leads what else has happened.
    HappeningMail(HappeningId),
    /// Tells a lead what happened since their last daily mail.
    DigestMail(MemberId),
    /// Shows a lead, by its word, how a mail looks.
    TestMail(MemberId, String),
    /// Tells someone that their photos are gone.
    DeletedMail(ReceiptId),
    /// Tells someone what happened to their account.
    SecurityMail(NoticeId),
    /// Makes deliveries of an event.
    Tell(EventId),
    /// Delivers what is due at the host of this delivery.
    Deliver(DeliveryId),
    /// Moves a shoot on, as far as it goes today.
    Shoot(ShootId),
    /// Has the generator stop and forget a shoot that it has under this handle. Where no handle ever came back, it is the id of
    /// the shoot.
    Cancel(ShootId, Handle),
    /// Removes the files of a shoot that was deleted, or whose photos were.
    PurgeFiles(ShootId),
    /// Removes the files of an edit that was undone.
    PurgeVersion(ResultId),
    /// Does what could be undone until now, unless it was.
    Settle(UndoableId),
    /// Invites the next people out of a table.
    Import(ImportId),
    /// Brings the public pictures of an organization up to date.
    RefreshPictures(OrganizationId),
    /// Makes a backup.
    Backup,
    /// Throws away what has had its time.
    Housekeeping,
}

impl Job {
    /// The queue it waits in.
    pub const fn queue(&self) -> Queue {
        match self {
            Self::InviteMail(_)
            | Self::ReminderMail(_)
            | Self::ScheduledReminder(_)
            | Self::NudgeMail(_)
            | Self::AccessMail(_)
            | Self::SubmittedMail(_)
            | Self::ReadyMail(_)
            | Self::ExpiringMail(_)
            | Self::FailedMail(_)
            | Self::EndpointMail(_)
            | Self::HappeningMail(_)
            | Self::DigestMail(_)
            | Self::TestMail(..)
            | Self::RetryMail(_)
            | Self::OwnershipMail(_)
            | Self::DeletedMail(_)
            | Self::SecurityMail(_) => Queue::Mail,
            Self::Tell(_) | Self::Deliver(_) => Queue::Webhooks,
            Self::Shoot(_) => Queue::Shoots,
            Self::Cancel(..)
            | Self::PurgeFiles(_)
            | Self::PurgeVersion(_)
            | Self::Settle(_)
            | Self::Import(_)
            | Self::RefreshPictures(_)
            | Self::Backup
            | Self::Housekeeping => Queue::Housekeeping,
        }
    }

    /// What it does, for whoever looks at the queues.
    pub const fn words(&self) -> Message {
        match self {
            Self::InviteMail(_) => say!("Mail with an invite"),
            Self::ReminderMail(_) | Self::ScheduledReminder(_) => say!("Mail that reminds of an invite"),
            Self::NudgeMail(_) => say!("Mail that reminds of photos"),
            Self::AccessMail(_) => say!("Mail with a sign-in link"),
            Self::SubmittedMail(_) => say!("Mail that photos have arrived"),
            Self::ReadyMail(_) => say!("Mail that headshots are ready"),
            Self::ExpiringMail(_) => say!("Mail that headshots are deleted soon"),
            Self::FailedMail(_) => say!("Mail that headshots could not be made"),
            Self::RetryMail(_) => say!("Mail that headshots may be made again"),
            Self::OwnershipMail(_) => say!("Mail about another owner"),
            Self::EndpointMail(_) => say!("Mail about a webhook endpoint"),
            Self::HappeningMail(_) => say!("Mail to leads about what happened"),
            Self::DigestMail(_) => say!("Daily mail to a lead"),
            Self::TestMail(..) => say!("Test mail to a lead"),
            Self::DeletedMail(_) => say!("Mail that photos are gone"),
            Self::SecurityMail(_) => say!("Mail about an account"),
            Self::Tell(_) => say!("Telling endpoints of an event"),
            Self::Deliver(_) => say!("Webhook delivery"),
            Self::Shoot(_) => say!("Making headshots"),
            Self::Cancel(..) => say!("Stopping the generator"),
            Self::PurgeFiles(_) => say!("Removing deleted files"),
            Self::PurgeVersion(_) => say!("Removing the files of an undone edit"),
            Self::Settle(_) => say!("Removing what was not kept after all"),
            Self::Import(_) => say!("Inviting people out of a table"),
            Self::RefreshPictures(_) => say!("Drawing profile pictures in a new look"),
            Self::Backup => say!("Backup"),
            Self::Housekeeping => say!("Housekeeping"),
        }
    }

    /// Who asked for a sign-in link looks at the screen until it comes; it must not wait behind a thousand invites. Nor must what was
    /// promised for the end of some seconds.
    const fn priority(&self) -> Priority {
        match self {
            Self::AccessMail(_) | Self::TestMail(..) | Self::Settle(_) => Priority::Urgent,
            _ => Priority::Normal,
        }
    }
}

stored_as_text! {
    /// Jobs of one kind. Queues don't wait for each other; how each is worked off is its [`Policy`].
    pub enum Queue {
        /// Everything sent by mail.
        Mail = "mail",
        /// Events on their way to other programs.
        Webhooks = "webhooks",
        /// Shoots on their way to headshots.
        Shoots = "shoots",
        /// Whatever nobody waits for.
        Housekeeping = "housekeeping",
    }
}

impl Queue {
    /// What its workers listen to.
    const fn topic(self) -> Topic {
        Topic::Queue(self.as_str())
    }
}

/// Which of the due jobs of a queue goes first.
#[derive(Clone, Copy)]
enum Priority {
    Normal = 0,
    Urgent = 1,
}

impl Priority {
    const URGENT_FIRST: [Self; 2] = [Self::Urgent, Self::Normal];
}

/// What becomes of a job whose run met no error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// There is nothing left to do.
    Done,
    /// There is nothing left to do, and nothing came of it: why is kept with the job. What follows from that was seen to, so
    /// the job is neither tried again nor parked.
    InVain(String),
    /// It goes on at this moment, with its attempts counted anew: the run got somewhere, so it is no failure.
    ///
    /// This is how a shoot waits for its generator. One row lives as long as the shoot is on its way: a crash at any point
    /// leaves that row, and it is run again. A job that pushed its own successor would, after a crash between that push and
    /// its own end, run twice side by side from then on.
    Again(Timestamp),
}

impl From<()> for Next {
    fn from((): ()) -> Self {
        Self::Done
    }
}

/// Which run of which job this is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// Stays the same over all attempts; what an effect outside can be recognised by.
    pub job: JobId,
    /// The first is 1.
    pub number: u32,
    /// After this many it is parked.
    pub of: u32,
}

/// The error of a job that no further attempt can help: it is parked at once.
pub fn give_up(why: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::internal(apalis_core::error::AbortError::new(why))
}

/// The error of a job that was told when to come back. It counts as an attempt.
pub fn retry_after(why: impl Into<Box<dyn std::error::Error + Send + Sync>>, wait: Duration) -> Error {
    Error::internal(apalis_core::error::RetryAfterError::new(why, wait))
}

/// Adds a job that is due at once. It exists if and only if `tx` is committed; then the workers hear of it.
pub fn push(tx: &Tx, job: Job) -> Result<JobId> {
    push_at(tx, job, tx.now)
}

/// Adds a job that is due at `run_at`.
pub fn push_at(tx: &Tx, job: Job, run_at: Timestamp) -> Result<JobId> {
    let id = JobId::new();
    insert(tx, &id, &job, None, run_at)?;
    Ok(id)
}

/// Adds a job unless one with this key waits or runs in its queue already.
pub fn push_unique(tx: &Tx, job: Job, key: &str, run_at: Timestamp) -> Result<Option<JobId>> {
    let id = JobId::new();
    Ok(insert(tx, &id, &job, Some(key), run_at)?.then_some(id))
}

fn insert(tx: &Tx, id: &JobId, job: &Job, key: Option<&str>, run_at: Timestamp) -> Result<bool> {
    let queue = job.queue();
    let added = tx.execute(
        "insert into jobs (id, queue, payload, priority, max_attempts, run_at, unique_key, created_at, organization_id)
         values (:id, :queue, :payload, :priority, :max_attempts, :run_at, :key, :now, :organization)
         on conflict (queue, unique_key) where state in ('waiting', 'running') do nothing",
        named_params! {
            ":id": id, ":queue": queue, ":payload": serde_json::to_string(job)?, ":priority": job.priority() as u8,
            ":max_attempts": queue.policy().attempts, ":run_at": run_at, ":key": key, ":now": tx.now,
            ":organization": concerns::organization(tx, job)?,
        },
    )? == 1;
    if added {
        tx.ring(queue.topic());
    }
    Ok(added)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_is_stored_as_its_name_and_an_id() {
        let id: ShootId = "507f1f77bcf86cd799439011".parse().unwrap();
        assert_eq!(
            serde_json::to_string(&Job::ReadyMail(id)).unwrap(),
            r#"{"job":"ready_mail","id":"507f1f77bcf86cd799439011"}"#
        );
        let id: ShootId = "507f1f77bcf86cd799439011".parse().unwrap();
        assert_eq!(
            serde_json::to_string(&Job::Cancel(id, Handle::new("run-7"))).unwrap(),
            r#"{"job":"cancel","id":["507f1f77bcf86cd799439011","run-7"]}"#
        );
        let id: ShootId = "507f1f77bcf86cd799439011".parse().unwrap();
        let with_whose = r#"{"job":"cancel","id":["507f1f77bcf86cd799439011","http|run-7"]}"#;
        assert_eq!(
            serde_json::to_string(&Job::Cancel(id.clone(), Handle::new("run-7").of("http"))).unwrap(),
            with_whose
        );
        let before: Job =
            serde_json::from_str(r#"{"job":"cancel","id":["507f1f77bcf86cd799439011","run-7"]}"#).unwrap();
        assert_eq!(before, Job::Cancel(id, Handle::new("run-7")));
        assert_eq!(serde_json::to_string(&Job::Housekeeping).unwrap(), r#"{"job":"housekeeping"}"#);
        let read: Job = serde_json::from_str(r#"{"job":"housekeeping"}"#).unwrap();
        assert_eq!(read, Job::Housekeeping);
    }
}
