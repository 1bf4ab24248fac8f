//! The log as it is looked through: newest first on pages, oldest first in files.

use rusqlite::{named_params, types::Value};

use super::{Entry, Group, Via};
use crate::{
    clock::Timestamp,
    db::{Part, Slice, View},
    error::Result,
    ids::{MemberId, OrganizationId},
};

/// Which deeds to show. What is left out leaves none out.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only those of whoever has this in what they were called, whatever the case.
    pub by: String,
    /// Only those that came in by this door.
    pub via: Option<Via>,
    /// Only those in this part of the work.
    pub group: Option<Group>,
    /// Only those done to what has this in what it was called, whatever the case.
    pub to: String,
    /// Only those done to this member.
    pub about: Option<MemberId>,
    /// Only those from then on.
    pub from: Option<Timestamp>,
    /// Only those before then.
    pub until: Option<Timestamp>,
}

impl Filter {
    /// Whether it leaves something out.
    pub fn any(&self) -> bool {
        let Self { by, via, group, to, about, from, until } = self;
        let words = !by.trim().is_empty() || !to.trim().is_empty();
        words || via.is_some() || group.is_some() || about.is_some() || from.is_some() || until.is_some()
    }

    /// The actions of its group as a JSON list.
    fn actions(&self) -> Result<Value> {
        let actions =
            self.group.map(|group| serde_json::to_string(&group.actions().collect::<Vec<_>>())).transpose()?;
        Ok(actions.into())
    }
}

/// An organization's deeds, newest first; those about one member only, if one is named.
pub fn page(
    view: &View,
    organization: &OrganizationId,
    about: Option<&MemberId>,
    part: &Part<i64>,
    limit: u32,
) -> Result<Slice<Entry>> {
    search(view, organization, &Filter { about: about.cloned(), ..Filter::default() }, part, limit)
}

/// Those of an organization's deeds that a filter lets through, newest first.
pub fn search(
    view: &View,
    organization: &OrganizationId,
    filter: &Filter,
    part: &Part<i64>,
    limit: u32,
) -> Result<Slice<Entry>> {
    let actions = filter.actions()?;
    // SQLite knows upper and lower case of a to z only; so both sides are brought down by the same rule.
    let (by, to) = (filter.by.trim().to_ascii_lowercase(), filter.to.trim().to_ascii_lowercase());
    part.read(
        limit,
        |after, limit| {
            view.all(
                "select * from audit
                 where organization_id = :organization and id < :after
                   and (:about is null or subject_id = :about) and (:via is null or via = :via)
                   and (:actions is null or action in (select value from json_each(:actions)))
                   and (:by = '' or instr(lower(who), :by) > 0)
                   and (:to = '' or instr(lower(coalesce(subject, '')), :to) > 0)
                   and (:from is null or created_at >= :from) and (:until is null or created_at < :until)
                 order by id desc
                 limit :limit",
                named_params! {
                    ":organization": organization, ":after": after.unwrap_or(&i64::MAX), ":about": filter.about,
                    ":via": filter.via, ":actions": actions, ":by": by, ":to": to, ":from": filter.from,
                    ":until": filter.until, ":limit": limit,
                },
                Entry::from_row,
            )
        },
        |before, limit| {
            view.all(
                "select * from audit
                 where organization_id = :organization and id > :before
                   and (:about is null or subject_id = :about) and (:via is null or via = :via)
                   and (:actions is null or action in (select value from json_each(:actions)))
                   and (:by = '' or instr(lower(who), :by) > 0)
                   and (:to = '' or instr(lower(coalesce(subject, '')), :to) > 0)
                   and (:from is null or created_at >= :from) and (:until is null or created_at < :until)
                 order by id
                 limit :limit",
                named_params! {
                    ":organization": organization, ":before": before, ":about": filter.about, ":via": filter.via,
                    ":actions": actions, ":by": by, ":to": to, ":from": filter.from, ":until": filter.until,
                    ":limit": limit,
                },
                Entry::from_row,
            )
        },
    )
}

/// The next of an organization's deeds behind this number, oldest first: a log is taken out part by part, however long it is.
pub fn export(
    view: &View,
    organization: &OrganizationId,
    filter: &Filter,
    behind: i64,
    limit: u32,
) -> Result<Vec<Entry>> {
    let mut rows = search(view, organization, filter, &Part::Before(behind), limit)?.rows;
    rows.reverse();
    Ok(rows)
}
