//! Scripts on other sites. A browser lets them read an answer of the API if the organization whose key they send lists their
//! site; unless one does, this is all off. A key is sent on purpose and never by the browser itself: a browser's own
//! credentials, its cookies, are never asked for.

use actix_web::{
    HttpRequest, HttpResponse, HttpResponseBuilder,
    http::header::{self, HeaderMap, HeaderValue},
    web::Data,
};

use crate::{app::App, db::View, error::Result, ids::OrganizationId, organizations};

/// What a script may send beside what any page can.
const SENT: &str = "Authorization, Content-Type, Idempotency-Key, If-None-Match";

/// What a script may read beside what any page can.
const READ: &str = "X-Request-Id, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, RateLimit, RateLimit-Policy, \
    ETag, Idempotent-Replayed, Retry-After";

/// Seconds for which a browser need not ask before it asks.
const REMEMBERED: &str = "600";

/// Answers `OPTIONS`: with the methods of the address and, if a browser asks on behalf of a script, whether that may go
/// on. It doesn't say yet with which key, so any organization's list will do; the answer itself is read by whom that
/// key's lists.
pub(super) fn options(request: &HttpRequest, methods: &str) -> Result<HttpResponse> {
    let mut answer = HttpResponse::NoContent();
    answer.insert_header((header::ALLOW, methods));
    if let Some((app, site)) = asks_first(request)
        && let Ok(text) = site.to_str()
        && app.db.read(|view| organizations::any_lets_call(view, text))?
    {
        let_go_on(&mut answer, site, methods);
    }
    Ok(answer.finish())
}

/// The site whose script wants to know whether it may call the API.
fn asks_first(request: &HttpRequest) -> Option<(&Data<App>, &HeaderValue)> {
    let to_programs = request.path().starts_with("/api/");
    let first = request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    request.headers().get(header::ORIGIN).filter(|_| to_programs && first).and_then(|site| {
        let app = request.app_data::<Data<App>>()?;
        Some((app, site))
    })
}

fn let_go_on(answer: &mut HttpResponseBuilder, site: &HeaderValue, methods: &str) {
    answer
        .insert_header((header::ACCESS_CONTROL_ALLOW_ORIGIN, site))
        .insert_header((header::ACCESS_CONTROL_ALLOW_METHODS, methods))
        .insert_header((header::ACCESS_CONTROL_ALLOW_HEADERS, SENT))
        .insert_header((header::ACCESS_CONTROL_MAX_AGE, REMEMBERED))
        .insert_header((header::VARY, "Origin"));
}

/// The site a request comes from, if this organization lists it.
pub(super) fn listed(view: &View, organization: &OrganizationId, request: &HttpRequest) -> Result<Option<HeaderValue>> {
    let Some(site) = request.headers().get(header::ORIGIN) else { return Ok(None) };
    let Ok(text) = site.to_str() else { return Ok(None) };
    let listed = organizations::lets_call(view, organization, text)?;
    Ok(listed.then(|| site.clone()))
}

/// Lets scripts on this site read an answer.
pub(super) fn let_read(headers: &mut HeaderMap, site: &HeaderValue) {
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, site.clone());
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(READ));
    headers.append(header::VARY, HeaderValue::from_static("Origin"));
}
