//! JSON in and out.

use actix_web::{
    FromRequest, HttpRequest, HttpResponse, Responder,
    dev::Payload,
    http::header::{self, HeaderMap},
};
use futures::{StreamExt, future::LocalBoxFuture};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    error::{Error, Result},
    wire::Success,
};

/// Largest JSON body, in bytes.
const LARGEST: usize = 256 * 1024;

/// A body of JSON, or a reply of it: `{"success": true, …}`.
#[derive(Debug)]
pub struct Json<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for Json<T> {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let body = body(request, payload);
        Box::pin(async move { parse(&body.await?).map(Self) })
    }
}

/// The bytes of a body that says it is JSON, or says nothing.
pub(super) fn body(request: &HttpRequest, payload: &mut Payload) -> impl Future<Output = Result<Vec<u8>>> + use<> {
    let kind = request.headers().get(header::CONTENT_TYPE).map(|kind| kind.to_str().unwrap_or("?").to_owned());
    let payload = payload.take();
    async move {
        if kind.as_deref().is_some_and(|kind| !is_json(kind)) {
            return Err(Error::Unsupported(say!("The body has to be JSON: send Content-Type: application/json.")));
        }
        collect(payload).await
    }
}

/// Reads a body. An empty one is an object with nothing in it: not every change needs words.
pub(super) fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T> {
    let body = if body.is_empty() { b"{}" } else { body };
    // serde takes a list for an object as well, its values in the order of the keys.
    if body.trim_ascii_start().first().is_some_and(|first| *first == b'[') {
        return Err(Error::invalid(plain!("The body has to be a JSON object, not a list.")));
    }
    serde_json::from_slice(body).map_err(|cause| Error::invalid(plain!("The body can't be read as JSON: {cause}.")))
}

async fn collect(mut payload: Payload) -> Result<Vec<u8>> {
    let mut body = Vec::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| Error::invalid(say!("The body ended before it was complete.")))?;
        if body.len() + chunk.len() > LARGEST {
            return Err(Error::invalid(say!("The body is larger than {value} KB.", value = LARGEST / 1024)));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn is_json(kind: &str) -> bool {
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    kind == "application/json" || kind.ends_with("+json")
}

/// Whether the sender would rather have JSON than a page.
pub fn wanted(headers: &HeaderMap) -> bool {
    headers
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.starts_with("application/json"))
}

impl<T: Serialize> Responder for Json<T> {
    type Body = actix_web::body::BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        HttpResponse::Ok().json(Success::from(self.0))
    }
}
