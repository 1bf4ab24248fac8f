//! Changing an endpoint: where it is, what it hears of, whether it is on.

use rusqlite::named_params;

use super::{Endpoint, Target, deliveries, enable, of_organization, switch_off};
use crate::{
    audit::{Action, Change},
    db::Tx,
    error::Result,
    events::Kind,
    ids::EndpointId,
    members::{Actor, Role},
};

/// What is to become different about an endpoint. What is left out stays as it is.
#[derive(Clone, Debug, Default)]
pub struct Edit {
    /// Where it is.
    pub target: Option<Target>,
    /// What it hears of; everything if nothing is named.
    pub events: Option<Vec<Kind>>,
    /// Whether it is on.
    pub on: Option<bool>,
}

/// Changes an endpoint. What waits for it goes to where it is now.
///
/// # Errors
/// [`crate::error::Error::NotFound`] for another organization's.
pub fn edit(tx: &Tx, by: &Actor, id: &EndpointId, edit: &Edit) -> Result<Endpoint> {
    by.must_be(Role::Admin)?;
    let before = of_organization(tx, &by.organization, id)?;
    let endpoint = tx.one(
        "update webhook_endpoints
         set url = coalesce(:url, url), events = coalesce(:events, events),
             failing_since = case when :url is null or :url = url then failing_since end
         where id = :id
         returning *",
        named_params! {
            ":url": edit.target.as_ref().map(Target::as_str),
            ":events": edit.events.as_ref().map(serde_json::to_string).transpose()?, ":id": id,
        },
        Endpoint::from_row,
    )?;
    if edit.target.is_some() {
        tx.execute(
            "update deliveries set host = :host where endpoint_id = :id and state = 'waiting'",
            named_params! { ":host": endpoint.host(), ":id": id },
        )?;
        // Who was to take it along goes to the old host.
        deliveries::wake_host(tx, &endpoint.host())?;
    }
    note_changes(tx, by, &before, &endpoint)?;
    match (edit.on, endpoint.disabled) {
        (Some(true), Some(_)) => enable(tx, by, id),
        (Some(false), None) => switch_off(tx, by, id),
        _ => Ok(endpoint),
    }
}

/// Of an address only the host is written down: what follows may be a secret of whoever listens there.
fn note_changes(tx: &Tx, by: &Actor, before: &Endpoint, after: &Endpoint) -> Result<()> {
    let (old, new) = (before.host(), after.host());
    if old != new {
        by.note_change_of(tx, Action::EndpointChanged, &old, Change::new(&old, &new))?;
    } else if before.url != after.url {
        by.note_about(tx, Action::EndpointChanged, &old, Some("another address at the same host"))?;
    }
    if before.events != after.events {
        let (old, now) = (events_in_words(before), events_in_words(after));
        by.note_change_of(tx, Action::EndpointChanged, &new, Change::new(&old, &now))?;
    }
    Ok(())
}

/// What an endpoint hears of.
pub(super) fn events_in_words(endpoint: &Endpoint) -> String {
    match endpoint.events.as_slice() {
        [] => "all events".to_owned(),
        some => some.iter().map(|kind| kind.as_str().replace('_', " ")).collect::<Vec<_>>().join(", "),
    }
}

/// Moves an endpoint, and has it hear of other events.
pub fn change(tx: &Tx, by: &Actor, id: &EndpointId, target: &Target, events: &[Kind]) -> Result<Endpoint> {
    edit(tx, by, id, &Edit { target: Some(target.clone()), events: Some(events.to_vec()), on: None })
}
