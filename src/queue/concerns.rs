//! Whose work a job is: found by what its id names, at the moment it is pushed.

use rusqlite::{ToSql, named_params};

use super::Job;
use crate::{db::View, error::Result, ids::OrganizationId};

/// The organization a job is for; nothing if it is everyone's, or if what it is about is gone or belongs to nobody here.
pub(super) fn organization(view: &View, job: &Job) -> Result<Option<OrganizationId>> {
    let of = |sql: &str, id: &dyn ToSql| -> Result<Option<OrganizationId>> {
        Ok(view.find(sql, named_params! { ":id": id }, |row| row.get::<_, Option<OrganizationId>>(0))?.flatten())
    };
    match job {
        Job::InviteMail(id) | Job::ReminderMail(id) | Job::ScheduledReminder(id) => {
            of("select organization_id from invites where id = :id", id)
        }
        Job::NudgeMail(id) | Job::OwnershipMail(id) | Job::DigestMail(id) | Job::TestMail(id, _) => {
            of("select organization_id from members where id = :id", id)
        }
        Job::SubmittedMail(id)
        | Job::ReadyMail(id)
        | Job::ExpiringMail(id)
        | Job::FailedMail(id)
        | Job::RetryMail(id)
        | Job::Shoot(id)
        | Job::Cancel(id, _)
        | Job::PurgeFiles(id) => of("select organization_id from shoots where id = :id", id),
        Job::PurgeVersion(id) => {
            of("select s.organization_id from results r join shoots s on s.id = r.shoot_id where r.id = :id", id)
        }
        Job::Import(id) => of("select organization_id from imports where id = :id", id),
        Job::RefreshPictures(id) => of("select id from organizations where id = :id", id),
        Job::EndpointMail(id) => of("select organization_id from webhook_endpoints where id = :id", id),
        Job::HappeningMail(id) => of("select organization_id from happenings where id = :id", id),
        Job::DeletedMail(id) => of("select organization_id from receipts where id = :id", id),
        Job::SecurityMail(id) => of(
            "select m.organization_id from notices n join members m on m.account_id = n.account_id where n.id = :id",
            id,
        ),
        Job::Tell(id) => of("select organization_id from events where id = :id", id),
        Job::Deliver(id) => of(
            "select e.organization_id from deliveries d join webhook_endpoints e on e.id = d.endpoint_id where d.id = :id",
            id,
        ),
        Job::Settle(id) => of("select organization_id from undoables where id = :id", id),
        // Whoever asks for a link is not looked up here: the answer must take as long for those nobody knows.
        Job::AccessMail(_) | Job::Backup | Job::Housekeeping => Ok(None),
    }
}
