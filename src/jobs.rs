//! What is done for each job, and the workers that do it. A job finds what its ids name, does one thing, and is safe to run
//! twice.

use std::sync::Arc;

use crate::{
    app::App,
    error::Result,
    queue::{Attempt, Job, Next},
};

mod backup;
mod housekeeping;
mod imports;
mod mails;
mod people_mails;
mod pictures;
mod purge;
mod schedule;
mod shoot;
mod undoing;
mod webhooks;
pub mod worker;

pub use backup::schedule as schedule_backups;

/// Does a job.
pub async fn run(app: Arc<App>, job: Job, attempt: Attempt) -> Result<Next> {
    let app = &*app;
    match job {
        Job::InviteMail(invite) => mails::invite(app, &attempt, invite).await.map(Next::from),
        Job::ReminderMail(invite) => mails::reminder(app, &attempt, invite).await.map(Next::from),
        Job::ScheduledReminder(invite) => mails::scheduled_reminder(app, &attempt, invite).await,
        Job::NudgeMail(member) => mails::nudge(app, &attempt, member).await.map(Next::from),
        Job::AccessMail(link) => mails::access(app, &attempt, link).await.map(Next::from),
        Job::SubmittedMail(shoot) => mails::submitted(app, &attempt, shoot).await.map(Next::from),
        Job::ReadyMail(shoot) => mails::ready(app, &attempt, shoot).await.map(Next::from),
        Job::ExpiringMail(shoot) => mails::expiring(app, &attempt, shoot).await,
        Job::FailedMail(shoot) => mails::leads::failed(app, &attempt, shoot).await.map(Next::from),
        Job::RetryMail(shoot) => people_mails::retry(app, &attempt, shoot).await.map(Next::from),
        Job::OwnershipMail(member) => people_mails::ownership(app, &attempt, member).await.map(Next::from),
        Job::EndpointMail(endpoint) => mails::leads::endpoint(app, &attempt, endpoint).await.map(Next::from),
        Job::HappeningMail(id) => mails::leads::happening(app, &attempt, id).await.map(Next::from),
        Job::DigestMail(lead) => mails::leads::digest(app, &attempt, lead).await.map(Next::from),
        Job::TestMail(lead, letter) => mails::leads::test(app, &attempt, lead, &letter).await.map(Next::from),
        Job::DeletedMail(receipt) => mails::deleted(app, &attempt, receipt).await.map(Next::from),
        Job::SecurityMail(notice) => mails::security::send(app, &attempt, notice).await.map(Next::from),
        Job::Tell(event) => webhooks::tell(app, event).await.map(Next::from),
        Job::Deliver(delivery) => webhooks::deliver(app, delivery).await,
        Job::Shoot(shoot) => shoot::move_on(app, &attempt, shoot).await,
        Job::Cancel(shoot, handle) => shoot::cancel(app, &shoot, &handle).await.map(Next::from),
        Job::PurgeFiles(shoot) => purge::files(app, shoot).await.map(Next::from),
        Job::PurgeVersion(headshot) => purge::version(app, headshot).await.map(Next::from),
        Job::Settle(undoable) => undoing::settle(app, undoable).await.map(Next::from),
        Job::Import(import) => imports::go_on(app, import).await,
        Job::RefreshPictures(organization) => pictures::refresh(app, organization).await,
        Job::Backup => backup::make(app).await,
        Job::Housekeeping => housekeeping::tidy(app).await.map(Next::from),
    }
}
