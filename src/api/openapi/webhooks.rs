//! The document's `webhooks`: what is posted to an organization's endpoints.

use serde_json::{Map, Value, json};

use crate::{events::Kind, wire::events};

/// Adds one for each kind of event.
pub(super) fn describe(document: &mut Value) {
    let all = Kind::ALL.iter().map(|kind| (events::name(*kind).to_owned(), webhook(*kind)));
    document["webhooks"] = Value::Object(all.collect::<Map<_, _>>());
}

fn webhook(kind: Kind) -> Value {
    let (summary, when) = match kind {
        Kind::Created => {
            ("A model was created", "Someone signed up by an invite or a link, or a model was created by the API.")
        }
        Kind::Moved => ("A model's status changed", "Sent for every change of its status."),
        Kind::Deleted => ("A model was deleted", "Its photos are gone, and so is everything personal."),
        Kind::PhotosReady => ("A model's photos are ready", "The member can see them, and so can you."),
        Kind::FavoriteSelected => {
            ("A member chose their favorite photo", "Fetch it from the model's `photos/favorite`.")
        }
    };
    json!({
        "post": {
            "tags": ["Webhooks"],
            "summary": summary,
            "description": when,
            "operationId": format!("on{}", camel_case(events::name(kind))),
            "parameters": [
                header("webhook-id", "The event's id: the same for each attempt."),
                header("webhook-timestamp", "When this attempt was made, in seconds since 1970."),
                header("webhook-signature", "`v1,` and the base64 HMAC-SHA256 of `{id}.{timestamp}.{body}`, as Standard Webhooks has it."),
                header("X-HeadshotPro-Timestamp", "The same moment, for clients of HeadshotPro."),
                header("X-HeadshotPro-Signature", "`sha256=` and the hex HMAC-SHA256 of `{timestamp}.{body}`."),
            ],
            "requestBody": {
                "required": true,
                "content": { "application/json": { "schema": { "$ref": "#/components/schemas/ModelEvent" }, "example": example(kind) } },
            },
            "responses": { "2XX": { "description": "Delivered. Any other answer, or none within 10 seconds, is tried again." } },
            "security": [],
        }
    })
}

fn header(name: &str, words: &str) -> Value {
    json!({ "name": name, "in": "header", "required": true, "description": words, "schema": { "type": "string" } })
}

/// `ModelStatusUpdated` of `model.status.updated`.
fn camel_case(name: &str) -> String {
    let words = name.split(['.', '_']);
    words.map(|word| word[..1].to_uppercase() + &word[1..]).collect()
}

fn example(kind: Kind) -> Value {
    let (status, finished, deleted) = match kind {
        Kind::Created => ("onboarding", Value::Null, Value::Null),
        Kind::Moved => ("waiting", Value::Null, Value::Null),
        Kind::Deleted => ("deleted", Value::Null, json!("2024-01-16T09:00:00.000Z")),
        Kind::PhotosReady | Kind::FavoriteSelected => ("active", json!("2024-01-15T11:30:00.000Z"), Value::Null),
    };
    json!({
        "id": "evt_018d0c1e-5f3a-7c3e-9a51-0242ac120002",
        "createdAt": "2024-01-15T10:30:00.000Z",
        "event": events::name(kind),
        "objectType": "model",
        "object": {
            "_id": "507f1f77bcf86cd799439011",
            "uid": "anon_507f1f77bcf86cd799439016",
            "title": "Kim Lee",
            "trigger": "female",
            "status": status,
            "finishedAt": finished,
            "deletedAt": deleted,
            "inviteExpiresAt": "2024-02-14T10:30:00.000Z",
            "createdAt": "2024-01-15T10:30:00.000Z",
            "organization": "org_507f1f77bcf86cd799439011",
        },
    })
}
