//! Webhooks: the endpoints, and the log of what was delivered to them.

use actix_web::{
    HttpResponse,
    web::{Data, Path, Query},
};
use serde::Deserialize;
use utoipa::IntoParams;

use super::people::Nothing;
use crate::{
    app::App,
    error::{Error, Result},
    ids::{DeliveryId, EndpointId},
    web::{
        json::Json,
        key::{ApiKey, OrganizationRead, OrganizationWrite},
        list::List,
        once::Order,
        paging::Paging,
    },
    webhooks::{self, Filter, State, Target},
    wire::{
        Pagination,
        events::{EndpointEvent, TEST},
        webhooks::{
            ChangeEndpoint, CreateEndpoint, Delivery, DeliveryList, Endpoint, EndpointList, EndpointWithSecret,
            OneDelivery, OneEndpoint, RemovedEndpoint, ReplayFailed, Replayed, TestEndpoint, WholeDelivery,
        },
    },
};

/// List webhook endpoints
///
/// Oldest first: the first one is the webhook URL.
#[utoipa::path(
    get, path = "/api/v2/organization/webhooks/endpoints", tag = "Webhooks", operation_id = "listEndpoints",
    responses((status = 200, description = "The endpoints.", body = EndpointList)),
    security(("apiKey" = ["organization:read"])),
)]
pub(crate) async fn list(app: Data<App>, key: ApiKey<OrganizationRead>) -> Result<List> {
    app.db.read(|view| {
        let endpoints = webhooks::endpoints(view, &key.key.organization)?;
        List::of(EndpointList { endpoints: endpoints.into_iter().map(|one| Endpoint::new(one, view.now)).collect() })
    })
}

/// Add a webhook endpoint
///
/// It hears of what happens from now on. Its secret, which signs each delivery, is in this reply and in no other.
#[utoipa::path(
    post, path = "/api/v2/organization/webhooks/endpoints", tag = "Webhooks", operation_id = "createEndpoint",
    request_body = CreateEndpoint,
    responses((status = 200, description = "The endpoint, with its secret.", body = EndpointWithSecret)),
    security(("apiKey" = ["organization:write"])),
    extensions(("x-refusals" = json!("INVALID_REQUEST"))),
)]
pub(crate) async fn create(
    app: Data<App>,
    key: ApiKey<OrganizationWrite>,
    Order { body, once }: Order<CreateEndpoint>,
) -> Result<HttpResponse> {
    let (target, events) = body.parse()?;
    app.outbound.must_be_allowed(target.url()).await?;
    let (by, sealed_with) = (key.key.actor(), app.key.clone());
    once.answer(&app, &key.key.organization, move |tx| {
        Ok(EndpointWithSecret::new(webhooks::create(tx, &by, &sealed_with, &target, &events)?, tx.now))
    })
    .await
}

/// Change a webhook endpoint
///
/// Its address, its events, or whether it is on. The secret stays.
#[utoipa::path(
    patch, path = "/api/v2/organization/webhooks/endpoints/{id}", tag = "Webhooks", operation_id = "changeEndpoint",
    params(("id" = EndpointId, Path, description = "The endpoint.")),
    request_body = ChangeEndpoint,
    responses((status = 200, description = "The endpoint, as changed.", body = OneEndpoint)),
    security(("apiKey" = ["organization:write"])),
    extensions(("x-refusals" = json!("INVALID_REQUEST NOT_FOUND"))),
)]
pub(crate) async fn change(
    app: Data<App>,
    key: ApiKey<OrganizationWrite>,
    id: Path<String>,
    Json(body): Json<ChangeEndpoint>,
) -> Result<Json<OneEndpoint>> {
    let (by, id, edit) = (key.key.actor(), endpoint(&id)?, body.parse()?);
    if let Some(target) = &edit.target {
        app.outbound.must_be_allowed(target.url()).await?;
    }
    app.db
        .write(move |tx| Ok(OneEndpoint { endpoint: Endpoint::new(webhooks::edit(tx, &by, &id, &edit)?, tx.now) }))
        .await
        .map(Json)
}

/// Remove a webhook endpoint
///
/// With what waits for it and its part of the log.
#[utoipa::path(
    delete, path = "/api/v2/organization/webhooks/endpoints/{id}", tag = "Webhooks", operation_id = "removeEndpoint",
    params(("id" = EndpointId, Path, description = "The endpoint.")),
    responses((status = 200, description = "The endpoint was removed.", body = RemovedEndpoint)),
    security(("apiKey" = ["organization:write"])),
    extensions(("x-refusals" = json!("NOT_FOUND"))),
)]
pub(crate) async fn remove(
    app: Data<App>,
    key: ApiKey<OrganizationWrite>,
    id: Path<String>,
) -> Result<Json<RemovedEndpoint>> {
    let (by, id) = (key.key.actor(), endpoint(&id)?);
    app.db.write(move |tx| webhooks::remove(tx, &by, &id).map(|()| RemovedEndpoint::new(id))).await.map(Json)
}

/// Replace a webhook endpoint's secret
///
/// The new secret is in this reply and in no other. The one before signs beside it for 24 hours, so that receivers can be
/// changed in peace.
#[utoipa::path(
    post, path = "/api/v2/organization/webhooks/endpoints/{id}/rotate", tag = "Webhooks", operation_id = "rotateSecret",
    params(("id" = EndpointId, Path, description = "The endpoint.")),
    responses((status = 200, description = "The endpoint, with its new secret.", body = EndpointWithSecret)),
    security(("apiKey" = ["organization:write"])),
    extensions(("x-refusals" = json!("INVALID_REQUEST NOT_FOUND"))),
)]
pub(crate) async fn rotate(
    app: Data<App>,
    key: ApiKey<OrganizationWrite>,
    id: Path<String>,
    Order { once, .. }: Order<Nothing>,
) -> Result<HttpResponse> {
    let (by, id, sealed_with) = (key.key.actor(), endpoint(&id)?, app.key.clone());
    once.answer(&app, &key.key.organization, move |tx| {
        Ok(EndpointWithSecret::new(webhooks::rotate(tx, &by, &sealed_with, &id)?, tx.now))
    })
    .await
}

/// Which deliveries to list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Wanted {
    /// Only those to this endpoint.
    #[param(value_type = Option<EndpointId>)]
    endpoint_id: Option<String>,
    /// Only those in this state.
    #[param(value_type = Option<State>)]
    status: Option<String>,
}

/// List webhook deliveries
///
/// The last 30 days, newest first.
#[utoipa::path(
    get, path = "/api/v2/organization/webhooks/deliveries", tag = "Webhooks", operation_id = "listDeliveries",
    params(Wanted, Paging),
    responses((status = 200, description = "One page of deliveries.", body = DeliveryList)),
    security(("apiKey" = ["organization:read"])),
    extensions(("x-refusals" = json!("INVALID_REQUEST NOT_FOUND"))),
)]
pub(crate) async fn log(
    app: Data<App>,
    key: ApiKey<OrganizationRead>,
    wanted: Query<Wanted>,
    paging: Query<Paging>,
) -> Result<List> {
    let (organization, window) = (key.key.organization, paging.window()?);
    let filter = Filter {
        endpoint: wanted.endpoint_id.as_deref().map(endpoint).transpose()?,
        state: wanted.status.as_deref().map(str::parse).transpose()?,
    };
    app.db
        .scan(move |view| {
            if let Some(id) = &filter.endpoint {
                webhooks::of_organization(view, &organization, id)?;
            }
            let (rows, more) = window.read(|window| webhooks::log(view, &organization, &filter, window))?;
            let next = rows.last().filter(|_| more).map(|row| &row.id);
            let pagination = Pagination::new(webhooks::count(view, &organization, &filter)?, &window, next);
            List::of(DeliveryList { deliveries: rows.into_iter().map(Delivery::from).collect(), pagination })
        })
        .await
}

/// Get a webhook delivery
///
/// With what is posted, and each attempt: its headers, what it was answered, how long it took.
#[utoipa::path(
    get, path = "/api/v2/organization/webhooks/deliveries/{id}", tag = "Webhooks", operation_id = "getDelivery",
    params(("id" = DeliveryId, Path, description = "The delivery.")),
    responses((status = 200, description = "The delivery.", body = WholeDelivery)),
    security(("apiKey" = ["organization:read"])),
    extensions(("x-refusals" = json!("NOT_FOUND"))),
)]
pub(crate) async fn show(
    app: Data<App>,
    key: ApiKey<OrganizationRead>,
    id: Path<String>,
) -> Result<Json<WholeDelivery>> {
    let id = delivery(&id)?;
    app.db
        .read(|view| {
            let delivery = webhooks::delivery(view, &key.key.organization, &id)?;
            WholeDelivery::new(delivery, webhooks::attempts(view, &id)?)
        })
        .map(Json)
}

/// Replay a webhook delivery
///
/// Delivers it once more, at once, whatever became of it before: the same event with the same body, signed anew.
#[utoipa::path(
    post, path = "/api/v2/organization/webhooks/deliveries/{id}/replay", tag = "Webhooks", operation_id = "replayDelivery",
    params(("id" = DeliveryId, Path, description = "The delivery.")),
    responses((status = 200, description = "The delivery, which waits again.", body = OneDelivery)),
    security(("apiKey" = ["organization:write"])),
    extensions(("x-refusals" = json!("INVALID_REQUEST NOT_FOUND"))),
)]
pub(crate) async fn replay(
    app: Data<App>,
    key: ApiKey<OrganizationWrite>,
    id: Path<String>,
    Order { once, .. }: Order<Nothing>,
) -> Result<HttpResponse> {
    let (by, id) = (key.key.actor(), delivery(&id)?);
    once.answer(&app, &key.key.organization, move |tx| {
        Ok(OneDelivery { delivery: webhooks::replay(tx, &by, &id)?.into() })
    })
    .await
}

/// Replay failed webhook deliveries
///
/// All that were given up, of those made since then. Those to endpoints that are off stay as they are.
#[utoipa::path(
    post, path = "/api/v2/organization/webhooks/deliveries/replay", tag = "Webhooks", operation_id = "replayFailed",
    request_body = ReplayFailed,
    responses((status = 200, description = "They wait again.", body = Replayed)),
    security(("apiKey" = ["organization:write"])),
    extensions(("x-refusals" = json!("INVALID_REQUEST"))),
)]
pub(crate) async fn replay_failed(
    app: Data<App>,
    key: ApiKey<OrganizationWrite>,
    Order { body, once }: Order<ReplayFailed>,
) -> Result<HttpResponse> {
    let (by, since) = (key.key.actor(), body.parse()?);
    once.answer(&app, &key.key.organization, move |tx| Ok(Replayed { count: webhooks::replay_failed(tx, &by, since)? }))
        .await
}

/// Try a webhook endpoint out
///
/// Sends it the event `webhook.test` at once, whatever events it asked for. The delivery tells what became of it.
#[utoipa::path(
    post, path = "/api/v2/organization/webhooks/test", tag = "Webhooks", operation_id = "testEndpoint",
    request_body = TestEndpoint,
    responses((status = 200, description = "The delivery.", body = OneDelivery)),
    security(("apiKey" = ["organization:write"])),
    extensions(("x-refusals" = json!("INVALID_REQUEST NOT_FOUND"))),
)]
pub(crate) async fn test(
    app: Data<App>,
    key: ApiKey<OrganizationWrite>,
    Order { body, once }: Order<TestEndpoint>,
) -> Result<HttpResponse> {
    let (by, named) = (key.key.actor(), body.parse()?);
    let endpoint = app.db.read(|view| webhooks::to_try(view, &by.organization, named.as_ref()))?;
    app.outbound.must_be_allowed(Target::parse(&endpoint.url)?.url()).await?;
    once.answer(&app, &key.key.organization, move |tx| {
        let message = EndpointEvent::message(TEST, &endpoint, tx.now)?;
        Ok(OneDelivery { delivery: webhooks::try_out(tx, &by, &endpoint, &message)?.into() })
    })
    .await
}

/// A text that can't be an endpoint's id names one that isn't there.
fn endpoint(id: &str) -> Result<EndpointId> {
    id.parse().map_err(|_| Error::NotFound("Endpoint"))
}

/// The same for a delivery's.
fn delivery(id: &str) -> Result<DeliveryId> {
    id.parse().map_err(|_| Error::NotFound("Delivery"))
}
