//! Looks at each request from outside everything else, and tells of it: to the log, by one line under one id, and to the meters.
//!
//! The log learns the pattern of the route and never the path, which may hold an address or a token; no query, no header, no body.

use std::time::Instant;

use actix_web::{
    Error, HttpMessage,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    middleware::Next,
    web::Data,
};
use tracing::Instrument;

use super::answer::RequestId;
use crate::{app::App, meters};

/// What the lines of requests are filtered by: `HEADROOM_LOG=info,headroom::access=off`.
const ACCESS: &str = "headroom::access";

/// Routes that are asked all the time and say nothing: they are told of only where somebody wants to know everything.
const QUIET: [&str; 3] = ["/livez", "/readyz", "/assets/{name}"];

/// The outermost layer of all.
pub async fn every_request(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let begun = Instant::now();
    let app = request.app_data::<Data<App>>().cloned();
    let method = meters::known_method(request.method().as_str());
    let id = RequestId::of(&request);
    // Whatever is logged while the request is answered is logged within this.
    let span = tracing::info_span!("request", id = %id.as_str());
    request.extensions_mut().insert(id);
    async {
        let answered = next.call(request).await;
        let (status, route) = match &answered {
            Ok(answer) => (answer.status(), answer.request().match_pattern()),
            // Refused before any route was looked for, or a panic, after which nobody knows where it was.
            Err(refused) => (refused.as_response_error().status_code(), None),
        };
        let took = begun.elapsed();
        tell(method, route.as_deref(), status.as_u16(), took.as_secs_f64() * 1000.0);
        if let Some(app) = app {
            app.meters.answered(method, route, status.as_u16(), took);
        }
        answered.map(ServiceResponse::map_into_boxed_body)
    }
    .instrument(span)
    .await
}

/// One line, when the head of the answer is there.
fn tell(method: &str, route: Option<&str>, status: u16, ms: f64) {
    let route = route.unwrap_or(meters::NO_ROUTE);
    let ms = (ms * 10.0).round() / 10.0;
    if QUIET.contains(&route) {
        tracing::debug!(target: ACCESS, method, route, status, ms, "answered");
    } else {
        tracing::info!(target: ACCESS, method, route, status, ms, "answered");
    }
}
