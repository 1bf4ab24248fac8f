//! The OpenAPI document, made from the handlers and the structs themselves. What every operation has in common is said once, in
//! [`common`], and written to each.

use std::sync::LazyLock;

use actix_web::{
    HttpResponse,
    http::header::ContentType,
    web::{Data, ServiceConfig},
};
use serde_json::{Value, json};
use utoipa::OpenApi;

use super::{get, resource, v1, v2};
use crate::{
    app::App,
    wire::{
        Refusal,
        events::{EndpointEvent, ModelEvent},
    },
};

mod common;
mod examples;
mod links;
mod sentences;
mod shape;
mod webhooks;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Headroom API",
        description = "Professional headshots of everyone in your organization, for programs. A drop-in replacement for HeadshotPro's organization API: an existing client changes only its base URL.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    paths(
        v2::organization::show, v2::organization::credits, v2::organization::ledger,
        v2::invites::list, v2::invites::create, v2::invites::show, v2::invites::revoke,
        v2::links::list, v2::links::create, v2::links::revoke,
        v2::people::list, v2::people::list_at, v2::people::add, v2::people::change, v2::people::remove, v2::people::retry,
        v2::teams::list, v2::teams::create, v2::teams::rename, v2::teams::delete, v2::teams::add_members,
        v2::models::list, v2::models::show, v2::models::create, v2::models::delete,
        v2::photos::list, v2::photos::favorite, v2::photos::show, v2::photos::download, v2::photos::favorites,
        v2::whitelabel::create, v2::whitelabel::show, v2::whitelabel::delete,
        v2::webhooks::list, v2::webhooks::create, v2::webhooks::change, v2::webhooks::remove, v2::webhooks::rotate,
        v2::webhooks::log, v2::webhooks::show, v2::webhooks::replay, v2::webhooks::replay_failed, v2::webhooks::test,
        v1::organization::show, v1::organization::credits,
        v1::invites::create, v1::invites::revoke, v1::invites::list, v1::invites::show,
        v1::teams::create, v1::teams::rename, v1::teams::delete, v1::teams::add_members,
    ),
    components(schemas(Refusal, ModelEvent, EndpointEvent)),
    tags(
        (name = "Organization", description = "Your organization and its credits."),
        (name = "Invites", description = "Ask people by e-mail, and see how far they are."),
        (name = "Members", description = "Everyone who has joined."),
        (name = "Teams", description = "Divisions of your organization."),
        (name = "Models", description = "A model is one person's headshots in the making, from the first photo to the last result."),
        (name = "Photos", description = "Finished headshots, with URLs that open them for a day."),
        (name = "Whitelabel", description = "Headshots inside your own product, without an account: a signed URL lets your user in."),
        (name = "Webhooks", description = "Where you hear of what happens to a model, and the log of what was posted there."),
        (name = "API v1", description = "What older clients call. It goes on working; new clients use v2."),
    ),
)]
struct Operations;

/// The document, for a server whose links begin with `base`.
pub fn document(base: &str) -> Value {
    static FOR_ANY: LazyLock<Value> = LazyLock::new(for_any);
    let mut document = FOR_ANY.clone();
    document["servers"] = json!([{ "url": base }]);
    document
}

/// The document as text, as it is printed and served.
pub fn printed(base: &str) -> String {
    format!("{:#}\n", document(base))
}

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(resource("/openapi.json", "GET").route(get(serve)));
}

/// `GET /openapi.json`
async fn serve(app: Data<App>) -> HttpResponse {
    HttpResponse::Ok().content_type(ContentType::json()).body(printed(app.urls.base()))
}

/// The document but for where its server is.
fn for_any() -> Value {
    let mut document = serde_json::to_value(Operations::openapi()).unwrap_or_default();
    common::describe(&mut document);
    webhooks::describe(&mut document);
    shape::tidy(&mut document);
    examples::add(&mut document);
    links::add(&mut document);
    document
}
