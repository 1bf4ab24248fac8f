//! How many headshots a shoot makes, how often they may be edited and for how long they are kept: each is set here, by whichever door,
//! and written down with what it was before.

use crate::{
    audit::{Action, Change},
    db::Tx,
    error::Result,
    i18n::Message,
    members::{Actor, Role},
    organizations, shoots,
};

/// Says how many headshots the next shoots make; whether that is a change.
///
/// # Errors
/// Only leads may.
pub fn set_headshots(tx: &Tx, by: &Actor, number: u8) -> Result<bool> {
    by.must_be(Role::Admin)?;
    let before = organizations::get(tx, &by.organization)?.headshots;
    organizations::set_headshots(tx, &by.organization, number)?;
    note(tx, by, "Headshots", &in_a_shoot(before), &in_a_shoot(number))
}

/// Says how many edits members may make of their own headshots, and leads for each of them; whether that is a change.
///
/// # Errors
/// Only leads may.
pub fn set_edits(tx: &Tx, by: &Actor, members: u8, leads: u8) -> Result<bool> {
    by.must_be(Role::Admin)?;
    let before = organizations::get(tx, &by.organization)?;
    organizations::set_edits(tx, &by.organization, members, leads)?;
    note(tx, by, "Edits", &edits_of(before.edits, before.lead_edits).to_string(), &edits_of(members, leads).to_string())
}

/// Says for how many days headshots are kept, or that they are kept until someone deletes them; whether that is a change.
///
/// # Errors
/// Only leads may.
pub fn keep_results(tx: &Tx, by: &Actor, days: Option<u16>) -> Result<bool> {
    by.must_be(Role::Admin)?;
    let before = organizations::get(tx, &by.organization)?.results_days;
    shoots::keep_results(tx, &by.organization, days)?;
    note(tx, by, "Headshots", &kept_for(before).to_string().to_lowercase(), &kept_for(days).to_string().to_lowercase())
}

fn note(tx: &Tx, by: &Actor, what: &str, before: &str, after: &str) -> Result<bool> {
    if before == after {
        return Ok(false);
    }
    by.note_change_of(tx, Action::SettingsChanged, what, Change::new(before, after))?;
    Ok(true)
}

fn in_a_shoot(number: u8) -> String {
    format!("{number} in a shoot")
}

/// `10 by each member, 5 by leads for each member`
pub(super) fn edits_of(members: u8, leads: u8) -> Message {
    say!("{members} by each member, {leads} by leads for each member", members, leads)
}

/// `Deleted after 90 days`
pub(super) fn kept_for(days: Option<u16>) -> Message {
    match days {
        Some(days) => say!("Deleted after {days} days", days = days.to_string()),
        None => say!("Kept until someone deletes them"),
    }
}
