//! What webhooks tell: the body of a delivery, to the key. [004]

use serde::Serialize;
use utoipa::ToSchema;

use super::{
    schemas::{EventName, ModelStatus},
    status::Standing,
};
use crate::{
    clock::Timestamp,
    error::{Error, Result},
    events::{Kind, Untold},
    ids::{EndpointId, EventId, OrganizationId, ShootId, ShootUid},
    shoots::{Gender, Shoot, State},
    webhooks::{Endpoint, Message},
};

/// What happened to a model.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ModelEvent {
    /// The same each time this event is delivered.
    id: EventId,
    /// When it happened.
    created_at: Timestamp,
    #[schema(value_type = EventName)]
    event: &'static str,
    /// What kind of thing `object` is: always `model`.
    #[schema(value_type = String, example = "model")]
    object_type: &'static str,
    object: ModelObject,
}

/// The model, as it stood just after the event.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ModelObject {
    #[serde(rename = "_id")]
    id: ShootId,
    uid: ShootUid,
    /// What to call it: the member's name, or else their address.
    #[schema(example = "Kim Lee")]
    title: String,
    /// How the member wants to be portrayed; null as long as they have not said.
    #[schema(required)]
    trigger: Option<Gender>,
    #[schema(value_type = ModelStatus)]
    status: &'static str,
    /// Present, and true, only for a model made of test data.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    is_development: Option<bool>,
    /// When its photos were ready, or null.
    #[schema(required)]
    finished_at: Option<Timestamp>,
    /// When it was deleted, or null.
    #[schema(required)]
    deleted_at: Option<Timestamp>,
    /// Until when its person can begin.
    invite_expires_at: Timestamp,
    created_at: Timestamp,
    organization: OrganizationId,
}

/// What an event is called in a delivery.
pub const fn name(kind: Kind) -> &'static str {
    match kind {
        Kind::Created => "model.created",
        Kind::Moved => "model.status.updated",
        Kind::Deleted => "model.deleted",
        Kind::PhotosReady => "model.photos_ready",
        Kind::FavoriteSelected => "model.favorite_selected",
    }
}

/// The events that are called so, each once.
///
/// # Errors
/// [`Error::Invalid`] for a name that is none, with all that are.
pub fn kinds(names: &[String]) -> Result<Vec<Kind>> {
    let kind = |text: &String| Kind::ALL.iter().copied().find(|kind| name(*kind) == text);
    if let Some(unknown) = names.iter().find(|text| kind(text).is_none()) {
        let known: Vec<&str> = Kind::ALL.iter().map(|kind| name(*kind)).collect();
        return Err(Error::invalid(plain!("There is no event \"{unknown:.50}\". There are: {}.", known.join(", "))));
    }
    Ok(Kind::ALL.iter().copied().filter(|kind| names.iter().any(|text| name(*kind) == text)).collect())
}

impl ModelEvent {
    /// As it was when it happened, however long ago that is: what the shoot became since is for later events.
    pub fn new(told: &Untold, shoot: Shoot, invite_expires_at: Timestamp) -> Self {
        let by_then = |at: &Timestamp| *at <= told.created_at;
        let state = told.state.parse().unwrap_or(shoot.state);
        // Steps can share a moment, so the time alone doesn't tell whether it had come so far.
        let finished = matches!(state, State::Ready | State::Deleted);
        Self {
            id: told.id.clone(),
            created_at: told.created_at,
            event: name(told.kind),
            object_type: "model",
            object: ModelObject {
                id: shoot.id,
                uid: shoot.uid,
                title: told.title.clone(),
                trigger: told.gender.as_deref().and_then(|gender| gender.parse().ok()),
                status: Standing::model(state),
                is_development: shoot.development.then_some(true),
                finished_at: shoot.finished_at.filter(|at| finished && by_then(at)),
                deleted_at: shoot.deleted_at.filter(|at| state == State::Deleted && by_then(at)),
                invite_expires_at,
                created_at: shoot.created_at,
                organization: shoot.organization,
            },
        }
    }
}

/// The name of the event that tries an endpoint out.
pub const TEST: &str = "webhook.test";

/// The name of the event that tells of an endpoint that was switched off.
pub const DISABLED: &str = "endpoint.disabled";

/// Something about an endpoint itself.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct EndpointEvent {
    /// The same each time this event is delivered.
    id: EventId,
    /// When it happened.
    created_at: Timestamp,
    /// `webhook.test` or `endpoint.disabled`.
    #[schema(value_type = String, example = "webhook.test")]
    event: &'static str,
    /// What kind of thing `object` is: always `endpoint`.
    #[schema(value_type = String, example = "endpoint")]
    object_type: &'static str,
    object: EndpointObject,
}

/// An endpoint.
#[derive(Debug, Serialize, ToSchema)]
pub struct EndpointObject {
    #[serde(rename = "_id")]
    id: EndpointId,
    #[schema(format = "uri", example = "https://acme.com/webhooks")]
    url: String,
    organization: OrganizationId,
}

impl EndpointEvent {
    /// Of this endpoint.
    pub fn new(id: EventId, created_at: Timestamp, event: &'static str, endpoint: &Endpoint) -> Self {
        let Endpoint { id: endpoint, url, organization, .. } = endpoint.clone();
        let object = EndpointObject { id: endpoint, url, organization };
        Self { id, created_at, event, object_type: "endpoint", object }
    }

    /// A new event of this name about this endpoint, as it is delivered.
    pub fn message(name: &'static str, endpoint: &Endpoint, now: Timestamp) -> Result<Message> {
        let event = EventId::new();
        let body = serde_json::to_string(&Self::new(event.clone(), now, name, endpoint))?;
        Ok(Message { event, name, shoot: None, place: 0, body })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_known_by_the_names_they_are_delivered_under() {
        let named = |names: &[&str]| kinds(&names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
        let all: Vec<&str> = Kind::ALL.iter().map(|kind| name(*kind)).collect();
        assert_eq!(named(&all).unwrap(), Kind::ALL);
        assert_eq!(
            named(&["model.deleted", "model.created", "model.deleted"]).unwrap(),
            [Kind::Created, Kind::Deleted]
        );
        assert_eq!(named(&[]).unwrap(), []);
        let told = named(&["model.created", "created"]).unwrap_err().to_string();
        assert!(told.starts_with("There is no event \"created\". There are: model.created, "), "{told}");
    }
}
