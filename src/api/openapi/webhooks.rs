//! The document's `webhooks`: what is posted to an organization's endpoints.

use serde_json::{Map, Value, json};

use crate::{
    events::Kind,
    wire::events::{self, DISABLED, TEST},
};

/// Adds one for each kind of event.
pub(super) fn describe(document: &mut Value) {
    let models = Kind::ALL.iter().map(|kind| about_model(*kind));
    let all = models.chain([TEST, DISABLED].map(about_endpoint));
    document["webhooks"] = Value::Object(all.collect::<Map<_, _>>());
}

fn about_model(kind: Kind) -> (String, Value) {
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
    (events::name(kind).to_owned(), webhook(events::name(kind), summary, when, "ModelEvent", &model_example(kind)))
}

fn about_endpoint(name: &str) -> (String, Value) {
    let (summary, when) = if name == TEST {
        ("An endpoint is tried out", "Sent when someone asks for a test, whatever events the endpoint asked for.")
    } else {
        (
            "An endpoint was switched off",
            "Nothing has arrived there for five days, or it answered 410. Sent to your other endpoints that hear of every event.",
        )
    };
    (name.to_owned(), webhook(name, summary, when, "EndpointEvent", &endpoint_example(name)))
}

fn webhook(name: &str, summary: &str, when: &str, schema: &str, example: &Value) -> Value {
    json!({
        "post": {
            "tags": ["Webhooks"],
            "summary": summary,
            "description": when,
            "operationId": format!("on{}", camel_case(name)),
            "parameters": [
                header("webhook-id", true, "The event's id: the same for each attempt."),
                header("webhook-timestamp", true, "When this attempt was made, in seconds since 1970."),
                header("webhook-signature", true, "`v1,` and the base64 HMAC-SHA256 of `{id}.{timestamp}.{body}`, as Standard Webhooks has it. For a day after the secret was replaced, two of them with a blank between."),
                header("X-HeadshotPro-Timestamp", true, "The same moment, for clients of HeadshotPro."),
                header("X-HeadshotPro-Signature", true, "`sha256=` and the hex HMAC-SHA256 of `{timestamp}.{body}`."),
                header("X-HeadshotPro-Signature-Previous", false, "The same by the secret before the present one. Only for a day after the secret was replaced."),
            ],
            "requestBody": {
                "required": true,
                "content": { "application/json": { "schema": { "$ref": format!("#/components/schemas/{schema}") }, "example": example } },
            },
            "responses": { "2XX": { "description": "Delivered. Any other answer, or none within 10 seconds, is tried again; after a 410 the endpoint is switched off." } },
            "security": [],
        }
    })
}

fn header(name: &str, required: bool, words: &str) -> Value {
    json!({ "name": name, "in": "header", "required": required, "description": words, "schema": { "type": "string" } })
}

/// `ModelStatusUpdated` of `model.status.updated`.
fn camel_case(name: &str) -> String {
    let words = name.split(['.', '_']);
    words.map(|word| word[..1].to_uppercase() + &word[1..]).collect()
}

fn model_example(kind: Kind) -> Value {
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

fn endpoint_example(name: &str) -> Value {
    json!({
        "id": "evt_018d0c1e-5f3a-7c3e-9a51-0242ac120002",
        "createdAt": "2024-01-15T10:30:00.000Z",
        "event": name,
        "objectType": "endpoint",
        "object": {
            "_id": "we_507f1f77bcf86cd799439018",
            "url": "https://acme.com/webhooks",
            "organization": "org_507f1f77bcf86cd799439011",
        },
    })
}
