//! What webhooks tell: the body of a delivery, to the key. [004]

use serde::Serialize;
use utoipa::ToSchema;

use super::{
    schemas::{EventName, ModelStatus},
    status::Standing,
};
use crate::{
    clock::Timestamp,
    events::Kind,
    ids::{EventId, OrganizationId, ShootId, ShootUid},
    shoots::{self, Gender},
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

impl ModelEvent {
    /// Of this event; `state` is where the shoot stood just after it, wherever it stands by now.
    pub fn new(
        id: EventId,
        created_at: Timestamp,
        kind: Kind,
        state: shoots::State,
        listed: shoots::Listed,
        invite_expires_at: Timestamp,
    ) -> Self {
        let title = listed.title();
        let shoot = listed.shoot;
        Self {
            id,
            created_at,
            event: name(kind),
            object_type: "model",
            object: ModelObject {
                id: shoot.id,
                uid: shoot.uid,
                title,
                trigger: shoot.gender,
                status: Standing::model(state),
                is_development: shoot.development.then_some(true),
                finished_at: shoot.finished_at,
                deleted_at: shoot.deleted_at,
                invite_expires_at,
                created_at: shoot.created_at,
                organization: shoot.organization,
            },
        }
    }
}
