//! Trying an endpoint out: a delivery like any other, though nothing happened.

use super::{Endpoint, Message, add, of_organization};
use crate::{
    db::Tx,
    error::{Error, Result},
    ids::{DeliveryId, EventId},
    members::{Actor, Role},
};

/// What its event is called in the API.
pub const TEST: &str = "webhook.test";

/// Sends an endpoint this body at once, whatever events it wants to hear of otherwise.
///
/// # Errors
/// The endpoint is switched off.
pub fn add_test(tx: &Tx, by: &Actor, endpoint: &Endpoint, event: EventId, body: String) -> Result<DeliveryId> {
    by.must_be(Role::Admin)?;
    of_organization(tx, &by.organization, &endpoint.id)?.must_be_on()?;
    let message = Message { event, name: TEST, shoot: None, place: 0, body };
    add(tx, endpoint, &message, tx.now)?.ok_or_else(|| Error::internal("a test event's id was there before"))
}
