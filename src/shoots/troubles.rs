//! Why headshots could not be made, for whoever can do something about it. People are told no more than that it was so.

use rusqlite::named_params;

use crate::{clock::Timestamp, db::View, error::Result, ids::OrganizationId};

/// What was in the way of a shoot.
#[derive(Clone, Debug)]
pub struct Trouble {
    /// What, in English, as the generator said it.
    pub cause: String,
    /// When the shoot failed.
    pub at: Timestamp,
}

/// What was in the way of the last shoot of an organization, or of anyone's; nothing once a shoot has succeeded since, or the job
/// that failed is forgotten, which is after a week. Refused photos are no trouble, and test data is not made by the generator.
pub fn trouble(view: &View, organization: Option<&OrganizationId>) -> Result<Option<Trouble>> {
    let last = view.find(
        "select jobs.last_error, jobs.finished_at
         from jobs
         join shoots on shoots.id = jobs.payload ->> 'id'
         where jobs.state = 'done' and jobs.queue = 'shoots' and jobs.last_error is not null
             and shoots.finished_at is null
             and shoots.development = 0 and (:organization is null or shoots.organization_id = :organization)
         order by jobs.finished_at desc
         limit 1",
        named_params! { ":organization": organization },
        |row| Ok(Trouble { cause: row.get("last_error")?, at: row.get("finished_at")? }),
    )?;
    let Some(trouble) = last else { return Ok(None) };
    let is_over: bool = view.one(
        "select exists (
             select 1 from shoots
             where finished_at > :at and development = 0 and (:organization is null or organization_id = :organization)
         )",
        named_params! { ":at": trouble.at, ":organization": organization },
        |row| row.get(0),
    )?;
    Ok(Some(trouble).filter(|_| !is_over))
}
