//! Trying an endpoint out.

use super::{Delivery, Endpoint, Message, add, delivery, first, of_organization};
use crate::{
    audit::Action,
    db::{Tx, View},
    error::{Error, Result},
    ids::{EndpointId, OrganizationId},
    members::{Actor, Role},
};

/// The endpoint to try out: this one or, if none is named, the organization's first.
///
/// # Errors
/// [`Error::NotFound`] for another organization's; [`Error::Invalid`] if there is none at all.
pub fn to_try(view: &View, organization: &OrganizationId, named: Option<&EndpointId>) -> Result<Endpoint> {
    match named {
        Some(id) => of_organization(view, organization, id),
        None => first(view, organization)?.ok_or_else(|| {
            Error::invalid(say!("There is no webhook URL yet. Set one, so that a test has somewhere to go."))
        }),
    }
}

/// Sends an endpoint `message` at once, whatever events it asked for.
///
/// # Errors
/// The endpoint is switched off, or another organization's.
pub fn try_out(tx: &Tx, by: &Actor, endpoint: &Endpoint, message: &Message) -> Result<Delivery> {
    by.must_be(Role::Admin)?;
    of_organization(tx, &by.organization, &endpoint.id)?.must_be_on()?;
    by.note_about(tx, Action::EndpointTested, &endpoint.host(), None)?;
    let added = add(tx, endpoint, message, tx.now)?;
    let id = added.ok_or_else(|| Error::internal("an event that was made just now has been delivered already"))?;
    delivery(tx, &by.organization, &id)
}
