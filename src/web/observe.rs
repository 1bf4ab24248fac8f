//! Looks at each request from outside everything else, and tells of it: to the meters.

use std::time::Instant;

use actix_web::{
    Error,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    middleware::Next,
    web::Data,
};

use crate::app::App;

/// The outermost layer of all.
pub async fn every_request(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let begun = Instant::now();
    let method = request.method().clone();
    let app = request.app_data::<Data<App>>().cloned();
    let answered = next.call(request).await;
    let (status, route) = match &answered {
        Ok(answer) => (answer.status(), answer.request().match_pattern()),
        // Refused before any route was looked for, or a panic, after which nobody knows where it was.
        Err(refused) => (refused.as_response_error().status_code(), None),
    };
    if let Some(app) = app {
        app.meters.answered(method.as_str(), route, status.as_u16(), begun.elapsed());
    }
    answered.map(ServiceResponse::map_into_boxed_body)
}
