//! Every answer leaves through here: refusals get their body, panics become refusals, and each answer its request id and the
//! headers that keep a browser on the safe side.

use std::{panic::AssertUnwindSafe, sync::LazyLock};

use actix_web::{
    HttpMessage, HttpResponse, ResponseError,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    error::InternalError,
    http::{
        StatusCode,
        header::{self, HeaderMap, HeaderName, HeaderValue},
    },
    middleware::Next,
    web::Data,
};
use futures::FutureExt;

use super::{
    audience::{Audience, Traces},
    frames::Frames,
    sender::Sender,
};
use crate::{
    app::App,
    error::{Error, Result},
    wire::Refusal,
};

/// What one request is called in the log and towards its sender.
#[derive(Clone, Debug)]
pub struct RequestId(String);

impl RequestId {
    /// The id.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// That of a trusted proxy if it is a sensible one, which its own log has too; or else a new one. Anyone else could write
    /// into the log by it.
    pub(super) fn of(request: &ServiceRequest) -> Self {
        let trusted = request.app_data::<Data<App>>().is_some_and(|app| app.limits.is_proxy(request.peer_addr()));
        let given = request.headers().get(REQUEST_ID).filter(|_| trusted).and_then(|id| id.to_str().ok());
        let sensible = |id: &&str| {
            (8..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
        };
        Self(given.filter(sensible).map_or_else(|| uuid::Uuid::new_v4().simple().to_string(), ToOwned::to_owned))
    }
}

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

impl Error {
    /// The status it has over HTTP.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Invalid(_)
            | Self::InvalidEmail(_)
            | Self::AlreadyExists(_)
            | Self::AlreadyDeleted
            | Self::NoCreditsForModel => StatusCode::BAD_REQUEST,
            Self::Unauthorized(_) => StatusCode::UNAUTHORIZED,
            Self::NoCredits => StatusCode::PAYMENT_REQUIRED,
            Self::Forbidden(_) | Self::SecondFactorMissing => StatusCode::FORBIDDEN,
            Self::NotFound(_) => StatusCode::NOT_FOUND,
            Self::WrongMethod { .. } => StatusCode::METHOD_NOT_ALLOWED,
            Self::KeyInFlight => StatusCode::CONFLICT,
            Self::KeyReused | Self::TooHard(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Unsupported(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::InviteLimit { .. } | Self::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The code that programs go by.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Invalid(_) | Self::TooHard(_) => "INVALID_REQUEST",
            Self::InvalidEmail(_) => "INVALID_EMAIL",
            Self::AlreadyExists(_) => "ALREADY_EXISTS",
            Self::AlreadyDeleted => "ALREADY_DELETED",
            Self::Unauthorized(_) => "UNAUTHORIZED",
            Self::NoCredits | Self::NoCreditsForModel => "INSUFFICIENT_CREDITS",
            Self::KeyInFlight | Self::KeyReused => "IDEMPOTENCY_CONFLICT",
            Self::Forbidden(_) | Self::SecondFactorMissing => "FORBIDDEN",
            Self::NotFound(_) => "NOT_FOUND",
            Self::WrongMethod { .. } => "METHOD_NOT_ALLOWED",
            Self::TooLarge(_) => "PAYLOAD_TOO_LARGE",
            Self::Unsupported(_) => "UNSUPPORTED_MEDIA_TYPE",
            Self::InviteLimit { .. } => "INVITE_LIMIT_EXCEEDED",
            Self::TooMany { .. } => "RATE_LIMIT_EXCEEDED",
            Self::Unavailable(_) => "UNAVAILABLE",
            Self::Internal(_) => "INTERNAL_ERROR",
        }
    }
}

impl ResponseError for Error {
    fn status_code(&self) -> StatusCode {
        self.status()
    }

    /// Without a body: that depends on where it was asked, which only [`every_answer`] knows.
    fn error_response(&self) -> HttpResponse {
        HttpResponse::new(self.status())
    }
}

/// How a refusal is shown where people look; made by the pages, which lie above.
pub type Page = fn(&Error, &RequestId, &Audience) -> String;

/// What has to be known of a request to refuse it, once the request itself is gone.
struct Asked {
    id: RequestId,
    /// How a refusal is shown, where people look and not programs.
    page: Option<(Data<Page>, Traces)>,
    /// Who asks, of the API only.
    sender: Option<Sender>,
    app: Option<Data<App>>,
}

impl Asked {
    fn by(request: &ServiceRequest) -> Self {
        let by_path = ["/api", "/dev/"].iter().any(|door| request.path().starts_with(door));
        let by_program = by_path || super::json::wanted(request.headers());
        let app = request.app_data::<Data<App>>().cloned();
        let page = request.app_data::<Data<Page>>().zip(app.as_ref()).filter(|_| !by_program);
        let page = page.map(|(page, app)| (page.clone(), Traces::of(request, app)));
        let sender = request.path().starts_with("/api").then(|| Sender::of(request));
        let known = request.extensions().get::<RequestId>().cloned();
        Self { id: known.unwrap_or_else(|| RequestId::of(request)), page, sender, app }
    }

    /// Gives an answer the headers that each one has. `frames` come with the request, or else with the refusal that stands in
    /// for its page.
    fn finish<B>(&self, response: &mut HttpResponse<B>, frames: Option<Frames>) {
        let frames = frames.or_else(|| response.extensions().get().cloned());
        let headers = response.headers_mut();
        if let (Some(sender), Some(app)) = (&self.sender, &self.app) {
            sender.tell(&app.limits, headers);
        }
        if let Ok(value) = HeaderValue::from_str(self.id.as_str()) {
            headers.insert(REQUEST_ID, value);
        }
        keep_safe(headers, self.app.as_ref().is_some_and(|app| app.urls.secure()), frames.as_ref());
    }

    /// Finishes a refusal for when there is no request to answer to.
    fn unattached(&self, mut response: HttpResponse) -> actix_web::Error {
        self.finish(&mut response, None);
        InternalError::from_response("refused", response).into()
    }

    /// Gives a refusal the body that fits where it was asked.
    fn refuse(&self, error: &Error) -> HttpResponse {
        let status = error.status();
        if status.is_server_error() {
            // Which request it was, says its span: the path may hold what nobody else shall open.
            tracing::error!(error = error.trail(), "a request failed");
        }
        // The page where it is added says why they are there.
        if matches!(error, Error::SecondFactorMissing) && self.page.is_some() {
            return HttpResponse::SeeOther().insert_header((header::LOCATION, "/account")).finish();
        }
        let mut answer = HttpResponse::build(status);
        match error {
            Error::TooMany { retry_after } => answer.insert_header((header::RETRY_AFTER, retry_after.as_secs().max(1))),
            Error::Unavailable(_) => answer.insert_header((header::RETRY_AFTER, 2)),
            Error::KeyInFlight => answer.insert_header((header::RETRY_AFTER, 1)),
            Error::WrongMethod { allowed } => answer.insert_header((header::ALLOW, allowed.as_str())),
            _ => &mut answer,
        };
        let sentence = match error {
            Error::Internal(_) => say!(
                "Something went wrong on our side. If it happens again, tell your administrator this id: {id}.",
                id = self.id.as_str()
            )
            .to_string(),
            _ => error.to_string(),
        };
        match self.page.as_ref().zip(self.app.as_ref()) {
            Some(((page, traces), app)) => {
                let (audience, frames) = traces.audience(app);
                if let Some(frames) = frames {
                    answer.extensions_mut().insert(frames);
                }
                answer.content_type("text/html; charset=utf-8").body(page(error, &self.id, &audience))
            }
            None => answer.json(Refusal { success: false, error: &sentence, code: error.code() }),
        }
    }
}

/// The outermost layer around every route.
pub async fn every_answer(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let asked = Asked::by(&request);
    // The routes need the request for themselves alone, so after a panic there is none left to answer to.
    let answered = AssertUnwindSafe(next.call(request)).catch_unwind().await;
    match answered {
        Ok(Ok(response)) => {
            let response = response.map_into_boxed_body();
            let refusal = response.response().error().map(|error| refuse_any(&asked, error));
            let mut response = match refusal {
                Some(refusal) => response.into_response(refusal),
                None => response,
            };
            let frames = response.request().extensions().get().cloned();
            asked.finish(response.response_mut(), frames);
            Ok(response)
        }
        Ok(Err(error)) => Err(asked.unattached(refuse_any(&asked, &error))),
        Err(_) => Err(asked.unattached(asked.refuse(&Error::internal("a handler panicked")))),
    }
}

/// Refuses what went wrong, in our terms.
fn refuse_any(asked: &Asked, error: &actix_web::Error) -> HttpResponse {
    match error.as_error::<Error>() {
        Some(error) => asked.refuse(error),
        None => asked.refuse(&foreign_error(error.as_response_error().status_code())),
    }
}

/// What the HTTP library itself refused, in our words.
fn foreign_error(status: StatusCode) -> Error {
    match status {
        StatusCode::NOT_FOUND => Error::NotFound("Page"),
        StatusCode::PAYLOAD_TOO_LARGE => Error::TooLarge(say!("The request is larger than the server takes.")),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => {
            Error::Unsupported(say!("The request's content type is none the server reads."))
        }
        status if status.is_client_error() => {
            Error::invalid(say!("The server can't read this request. Check its address and its body."))
        }
        status => Error::internal(format!("the HTTP library answered {status}")),
    }
}

/// What pages may do, but for who may frame them.
const PAGES: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; \
    font-src 'self'; manifest-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors";

/// The same for a page nobody may frame, which is nearly every one.
static UNFRAMED: LazyLock<HeaderValue> = LazyLock::new(|| policy("'none'"));

fn policy(ancestors: &str) -> HeaderValue {
    // Sites are kept as browsers write them, so they fit into a header. If one ever did not, none may frame the page.
    HeaderValue::from_str(&format!("{PAGES} {ancestors}")).unwrap_or_else(|_| UNFRAMED.clone())
}

const PERMISSIONS: HeaderName = HeaderName::from_static("permissions-policy");

/// Lets a page use the camera, which no other may. In a frame the page around it has to agree.
pub fn let_use_camera(response: &mut HttpResponse) {
    let policy = HeaderValue::from_static("camera=(self), geolocation=(), microphone=(), payment=()");
    response.headers_mut().insert(PERMISSIONS, policy);
}

fn keep_safe(headers: &mut HeaderMap, secure: bool, frames: Option<&Frames>) {
    let fixed = HeaderValue::from_static;
    // A page the other product opened in a window of its own has to stay within its reach: it may want to close it.
    let opener = if frames.is_some() { "unsafe-none" } else { "same-origin" };
    let defaults = [
        (header::CONTENT_SECURITY_POLICY, frames.map_or_else(|| UNFRAMED.clone(), |frames| policy(frames.sources()))),
        (header::X_CONTENT_TYPE_OPTIONS, fixed("nosniff")),
        // With `no-referrer` browsers say `Origin: null` about our own forms, and over plain HTTP nothing else vouches for them.
        (header::REFERRER_POLICY, fixed("same-origin")),
        (header::CACHE_CONTROL, fixed("no-store")),
        (
            PERMISSIONS,
            fixed(
                "camera=(), geolocation=(), microphone=(), payment=(), publickey-credentials-create=(self), publickey-credentials-get=(self)",
            ),
        ),
        (HeaderName::from_static("cross-origin-opener-policy"), fixed(opener)),
    ];
    for (name, value) in defaults {
        if !headers.contains_key(&name) {
            headers.insert(name, value);
        }
    }
    if secure {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
}

#[cfg(test)]
mod tests {
    use actix_web::{
        App as Actix,
        http::Method,
        middleware::from_fn,
        test::{TestRequest, init_service, read_body, try_call_service},
        web,
    };

    use super::*;

    async fn panics() -> HttpResponse {
        panic!("on purpose")
    }

    #[actix_web::test]
    async fn a_panic_is_answered_like_any_failure_and_the_next_request_works() {
        let server = init_service(
            Actix::new()
                .route("/api/panics", web::route().to(panics))
                .route("/api/works", web::get().to(HttpResponse::Ok))
                .wrap(from_fn(every_answer)),
        )
        .await;
        for method in [Method::GET, Method::POST, Method::OPTIONS] {
            let request = TestRequest::with_uri("/api/panics").method(method);
            let refused = try_call_service(&server, request.to_request()).await.unwrap_err();
            let answer = refused.as_response_error().error_response();
            let id = answer.headers().get(REQUEST_ID).unwrap().to_str().unwrap().to_owned();
            assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
            let body = actix_web::body::to_bytes(answer.into_body()).await.unwrap();
            let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
            assert_eq!((&body["success"], &body["code"]), (&false.into(), &"INTERNAL_ERROR".into()));
            assert!(body["error"].as_str().unwrap().contains(&id), "{body}");
        }
        let works = try_call_service(&server, TestRequest::with_uri("/api/works").to_request()).await.unwrap();
        assert_eq!(works.status(), StatusCode::OK);
        assert_eq!(read_body(works).await.len(), 0);
    }
}
