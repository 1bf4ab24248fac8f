//! Webhook endpoints and the log of their deliveries over API v2: what a request may hold and what each reply holds.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::{
    Pagination,
    events::{kinds, name},
    schemas::EventName,
};
use crate::{
    clock::Timestamp,
    error::{Error, Result},
    events::Kind,
    ids::{DeliveryId, EndpointId, EventId, ShootId},
    webhooks::{self, Attempt, Edit, Made, State, Target, Why},
};

/// An endpoint to add.
#[derive(Debug, Deserialize, ToSchema)]
pub struct CreateEndpoint {
    /// Where events are posted to: a public `https` or `http` address.
    #[schema(required, nullable = false, format = "uri", max_length = 2000, example = "https://acme.com/webhooks")]
    url: Option<String>,
    /// What it hears of; everything if nothing is named.
    #[schema(value_type = Option<Vec<EventName>>, nullable = false)]
    events: Option<Vec<String>>,
}

impl CreateEndpoint {
    /// Address and events, checked in this order.
    pub fn parse(self) -> Result<(Target, Vec<Kind>)> {
        let url = self
            .url
            .ok_or_else(|| Error::invalid(plain!("\"url\" is missing. It has to say where events are posted to.")))?;
        Ok((Target::parse(&url)?, kinds(&self.events.unwrap_or_default())?))
    }
}

/// What is to become different about an endpoint. What is left out stays as it is.
#[derive(Debug, Deserialize, ToSchema)]
pub struct ChangeEndpoint {
    /// Where events are posted to from now on, those that wait included.
    #[schema(format = "uri", max_length = 2000, example = "https://acme.com/webhooks")]
    url: Option<String>,
    /// What it hears of; everything if nothing is named.
    #[schema(value_type = Option<Vec<EventName>>)]
    events: Option<Vec<String>>,
    /// Whether anything is posted to it. What waits for it when it is switched off is given up.
    enabled: Option<bool>,
}

impl ChangeEndpoint {
    /// The change, checked in this order: something is said, address, events.
    pub fn parse(self) -> Result<Edit> {
        if self.url.is_none() && self.events.is_none() && self.enabled.is_none() {
            return Err(Error::invalid(say!(
                "Say what to change: \"url\", \"events\", \"enabled\" or several of them."
            )));
        }
        Ok(Edit {
            target: self.url.as_deref().map(Target::parse).transpose()?,
            events: self.events.as_deref().map(kinds).transpose()?,
            on: self.enabled,
        })
    }
}

/// An endpoint.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "id": "we_507f1f77bcf86cd799439018", "url": "https://acme.com/webhooks", "events": ["model.created"], "enabled": true,
    "disabledAt": null, "disabledReason": null, "failingSince": null, "previousSecretUntil": null,
    "createdAt": "2024-01-15T10:30:00.000Z",
}))]
pub struct Endpoint {
    id: EndpointId,
    #[schema(format = "uri")]
    url: String,
    /// What it hears of; everything if this is empty.
    #[schema(value_type = Vec<EventName>)]
    events: Vec<&'static str>,
    /// Whether anything is posted to it.
    enabled: bool,
    /// Since when it is off, or null.
    #[schema(required)]
    disabled_at: Option<Timestamp>,
    /// Why it is off, or null.
    #[schema(required)]
    disabled_reason: Option<Why>,
    /// Since when nothing has arrived there, or null.
    #[schema(required)]
    failing_since: Option<Timestamp>,
    /// Until when the secret before the present one goes on signing too, or null.
    #[schema(required)]
    previous_secret_until: Option<Timestamp>,
    created_at: Timestamp,
}

impl Endpoint {
    /// As it stands at `now`.
    pub fn new(endpoint: webhooks::Endpoint, now: Timestamp) -> Self {
        let (disabled_at, disabled_reason) = endpoint.disabled.unzip();
        Self {
            id: endpoint.id,
            url: endpoint.url,
            events: endpoint.events.into_iter().map(name).collect(),
            enabled: disabled_at.is_none(),
            disabled_at,
            disabled_reason,
            failing_since: endpoint.failing_since,
            previous_secret_until: endpoint.old_until.filter(|until| *until > now),
            created_at: endpoint.created_at,
        }
    }
}

/// The endpoints.
#[derive(Debug, Serialize, ToSchema)]
pub struct EndpointList {
    /// Oldest first: the first one is the webhook URL.
    pub endpoints: Vec<Endpoint>,
}

/// One endpoint.
#[derive(Debug, Serialize, ToSchema)]
pub struct OneEndpoint {
    /// The endpoint.
    pub endpoint: Endpoint,
}

/// An endpoint with a new secret.
#[derive(Debug, Serialize, ToSchema)]
pub struct EndpointWithSecret {
    endpoint: Endpoint,
    /// What its deliveries are signed with. This is the only time it is shown.
    #[schema(pattern = "^whsec_", example = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")]
    secret: String,
}

impl EndpointWithSecret {
    /// From what was made.
    pub fn new(made: Made, now: Timestamp) -> Self {
        Self { endpoint: Endpoint::new(made.endpoint, now), secret: made.secret }
    }
}

/// An endpoint was removed.
#[derive(Debug, Serialize, ToSchema)]
pub struct RemovedEndpoint {
    #[schema(value_type = String, example = "Endpoint removed")]
    message: &'static str,
    id: EndpointId,
}

impl RemovedEndpoint {
    /// The one that had this id.
    pub fn new(id: EndpointId) -> Self {
        Self { message: "Endpoint removed", id }
    }
}

/// A delivery: an event on its way to an endpoint.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "id": "507f1f77bcf86cd799439019", "endpointId": "we_507f1f77bcf86cd799439018", "url": "https://acme.com/webhooks",
    "eventId": "evt_018d0c1e-5f3a-7c3e-9a51-0242ac120002", "event": "webhook.test", "modelId": null, "status": "delivered",
    "attempts": 1, "lastStatus": 200, "lastError": null, "nextAttemptAt": null, "createdAt": "2024-01-15T10:30:00.000Z",
    "finishedAt": "2024-01-15T10:30:00.250Z",
}))]
pub struct Delivery {
    id: DeliveryId,
    endpoint_id: EndpointId,
    /// Where the endpoint is now.
    #[schema(format = "uri")]
    url: String,
    event_id: EventId,
    /// What happened: one of the events, `webhook.test` or `endpoint.disabled`.
    event: String,
    /// The model it is about, or null.
    #[schema(required)]
    model_id: Option<ShootId>,
    status: State,
    /// How often it was tried, replays included.
    attempts: u32,
    /// The status that the last attempt was answered with, or null if there was no answer.
    #[schema(required)]
    last_status: Option<u16>,
    /// Why the last attempt had no answer, or null.
    #[schema(required)]
    last_error: Option<String>,
    /// When it is tried next, or null once it is over.
    #[schema(required)]
    next_attempt_at: Option<Timestamp>,
    created_at: Timestamp,
    /// When it was over, or null.
    #[schema(required)]
    finished_at: Option<Timestamp>,
}

impl From<webhooks::Delivery> for Delivery {
    fn from(delivery: webhooks::Delivery) -> Self {
        Self {
            id: delivery.id,
            endpoint_id: delivery.endpoint,
            url: delivery.url,
            event_id: delivery.event,
            event: delivery.name,
            model_id: delivery.shoot,
            status: delivery.state,
            attempts: delivery.attempts,
            last_status: delivery.status,
            last_error: delivery.trouble,
            next_attempt_at: delivery.next_at,
            created_at: delivery.created_at,
            finished_at: delivery.finished_at,
        }
    }
}

/// One page of deliveries, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeliveryList {
    /// The deliveries.
    pub deliveries: Vec<Delivery>,
    /// Where in the list.
    pub pagination: Pagination,
}

/// One delivery.
#[derive(Debug, Serialize, ToSchema)]
pub struct OneDelivery {
    /// The delivery.
    pub delivery: Delivery,
}

/// One delivery, with all there is to know of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct WholeDelivery {
    delivery: DeliveryWithHistory,
}

/// A delivery with what was sent and what came back.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeliveryWithHistory {
    #[serde(flatten)]
    delivery: Delivery,
    /// What is posted; null once the model it tells of is deleted and the delivery is over.
    #[schema(required, value_type = Option<Object>)]
    body: Option<Value>,
    /// Each attempt, the first one first.
    history: Vec<OneAttempt>,
}

/// One attempt to deliver.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "attemptedAt": "2024-01-15T10:30:00.250Z", "status": 200, "error": null, "durationMs": 120,
    "requestHeaders": {
        "webhook-id": "evt_018d0c1e-5f3a-7c3e-9a51-0242ac120002",
        "webhook-signature": "v1,GZC4OilaZRBm3hSWC5uaLWFYVX1PJJ+NaeandFVM3Fw=",
        "webhook-timestamp": "1705314600",
        "x-headshotpro-signature": "sha256=b6974ac6d7fd2ac6e37c3cea117ba7ee3cfde56b98ea4e8b5fb26b9fee534ba7",
        "x-headshotpro-timestamp": "1705314600",
    },
    "reply": "ok",
}))]
pub struct OneAttempt {
    attempted_at: Timestamp,
    /// The status it was answered with, or null if there was no answer.
    #[schema(required)]
    status: Option<u16>,
    /// Why there was no answer, or null.
    #[schema(required)]
    error: Option<String>,
    /// How long it took, in milliseconds.
    duration_ms: u64,
    /// The headers that signed it.
    request_headers: BTreeMap<String, String>,
    /// The first 4 KiB of the answer, read as text; null if there was no answer.
    #[schema(required)]
    reply: Option<String>,
}

impl From<Attempt> for OneAttempt {
    fn from(attempt: Attempt) -> Self {
        Self {
            attempted_at: attempt.created_at,
            status: attempt.status,
            error: attempt.trouble,
            duration_ms: u64::try_from(attempt.took.as_millis()).unwrap_or(u64::MAX),
            request_headers: attempt.headers.into_iter().collect(),
            reply: attempt.reply.map(|reply| String::from_utf8_lossy(&reply).into_owned()),
        }
    }
}

impl WholeDelivery {
    /// With its attempts, the first one first.
    pub fn new(mut delivery: webhooks::Delivery, attempts: Vec<Attempt>) -> Result<Self> {
        let body = delivery.body.take().map(|body| serde_json::from_str(&body)).transpose()?;
        let history = attempts.into_iter().map(OneAttempt::from).collect();
        Ok(Self { delivery: DeliveryWithHistory { delivery: delivery.into(), body, history } })
    }
}

/// Which failed deliveries to replay.
#[derive(Debug, Deserialize, ToSchema)]
pub struct ReplayFailed {
    /// Those that were made then or later.
    #[schema(required, nullable = false, format = DateTime, example = "2024-01-15T00:00:00.000Z")]
    since: Option<String>,
}

impl ReplayFailed {
    /// The moment, checked.
    pub fn parse(self) -> Result<Timestamp> {
        self.since.as_deref().and_then(|text| text.parse().ok()).ok_or_else(|| {
            Error::invalid(plain!(
                "\"since\" has to be a date and time with its zone, such as 2024-01-15T00:00:00.000Z."
            ))
        })
    }
}

/// How many deliveries are replayed.
#[derive(Debug, Serialize, ToSchema)]
pub struct Replayed {
    /// So many.
    #[schema(example = 3)]
    pub count: usize,
}

/// Which endpoint to try out.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TestEndpoint {
    /// An endpoint of the organization; its first one if this is left out.
    #[schema(value_type = Option<EndpointId>, nullable = false)]
    endpoint_id: Option<String>,
}

impl TestEndpoint {
    /// The endpoint, if one is named. A text that can't be an endpoint's id names one that isn't there.
    pub fn parse(self) -> Result<Option<EndpointId>> {
        self.endpoint_id.map(|id| id.parse().map_err(|_| Error::NotFound("Endpoint"))).transpose()
    }
}
