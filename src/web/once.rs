//! Changes that a program can ask for again: with the same `Idempotency-Key` they are made once, and answered the same.

use actix_web::{
    FromRequest, HttpRequest, HttpResponse,
    dev::Payload,
    http::header::{ContentType, HeaderMap, HeaderName},
};
use futures::future::LocalBoxFuture;
use serde::{Serialize, de::DeserializeOwned};

use super::json;
use crate::{
    app::App,
    db::Tx,
    error::{Error, Result},
    idempotency::{self, Fingerprint, Key},
    ids::OrganizationId,
    secrets::ServerKey,
    wire::Success,
};

const KEY: HeaderName = HeaderName::from_static("idempotency-key");

const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// A body of JSON that asks for a change, as [`json::Json`] reads it, and what makes the change happen once.
#[derive(Debug)]
pub struct Order<T> {
    /// What is asked for.
    pub body: T,
    /// Makes the change.
    pub once: Once,
}

/// Makes a change: once for each `Idempotency-Key`, or each time if the request has none.
#[derive(Debug)]
pub struct Once(Option<Named>);

/// A request that may be asked again.
#[derive(Debug)]
struct Named {
    key: Key,
    fingerprint: Fingerprint,
}

impl<T: DeserializeOwned + 'static> FromRequest for Order<T> {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, body) = (request.clone(), json::body(request, payload));
        Box::pin(async move {
            let body = body.await?;
            let named = key(request.headers())?.map(|key| Named { key, fingerprint: fingerprint(&request, &body) });
            Ok(Self { body: json::parse(&body)?, once: Once(named) })
        })
    }
}

fn key(headers: &HeaderMap) -> Result<Option<Key>> {
    let mut given = headers.get_all(KEY);
    match (given.next(), given.next()) {
        (None, _) => Ok(None),
        // What is no text is read as none, which no key is.
        (Some(key), None) => key.to_str().unwrap_or_default().parse().map(Some),
        (Some(_), Some(_)) => Err(Error::invalid(say!("The request has several Idempotency-Key headers. Send one."))),
    }
}

fn fingerprint(request: &HttpRequest, body: &[u8]) -> Fingerprint {
    let address = request.uri().path_and_query().map_or("/", |address| address.as_str());
    Fingerprint::of(request.method().as_str(), address, body)
}

/// A reply as it goes out, and whether it went out before.
struct Said {
    reply: Vec<u8>,
    again: bool,
}

impl Once {
    /// Runs `change` in one write transaction and answers with what it returns. If the request has a key that was
    /// answered before, answers those bytes again and runs nothing. What is refused is not kept: nothing was changed, so
    /// the same key may try again.
    ///
    /// # Errors
    /// Those of `change`; [`Error::KeyReused`] if the key belongs to another request; [`Error::KeyInFlight`] while one with
    /// the same key is being answered.
    pub async fn answer<R: Serialize + Send + 'static>(
        self,
        app: &App,
        organization: &OrganizationId,
        change: impl FnOnce(&Tx) -> Result<R> + Send + 'static,
    ) -> Result<HttpResponse> {
        let Some(named) = self.0 else {
            let reply = app.db.write(change).await?;
            return Ok(HttpResponse::Ok().json(Success::from(reply)));
        };
        let _claim = app.in_flight.claim(organization, &named.key)?;
        let (server, organization) = (app.key.clone(), organization.clone());
        let said = app.db.write(move |tx| named.answer(tx, &server, &organization, change)).await?;
        let mut answer = HttpResponse::Ok();
        if said.again {
            answer.insert_header((REPLAYED, "true"));
        }
        Ok(answer.content_type(ContentType::json()).body(said.reply))
    }
}

impl Named {
    /// Looks, changes and keeps in one transaction: of two that come at once, also of two whose first sender has gone
    /// away, the second finds what the first has kept.
    fn answer<R: Serialize>(
        &self,
        tx: &Tx,
        server: &ServerKey,
        organization: &OrganizationId,
        change: impl FnOnce(&Tx) -> Result<R>,
    ) -> Result<Said> {
        if let Some(reply) = idempotency::recall(tx, server, organization, &self.key, &self.fingerprint)? {
            return Ok(Said { reply, again: true });
        }
        let reply = serde_json::to_vec(&Success::from(change(tx)?))?;
        idempotency::keep(tx, server, organization, &self.key, &self.fingerprint, &reply)?;
        Ok(Said { reply, again: false })
    }
}

/// Makes what a form asks for, in the caller's transaction: sent again, it makes nothing, and answers what was made first. A
/// form without a mark of its own makes it each time.
///
/// # Errors
/// Those of `make`. What is refused is not kept, so the same form may try again.
pub fn once_for_form(
    tx: &Tx,
    server: &ServerKey,
    organization: &OrganizationId,
    (shown, filled_in): (&str, &[&str]),
    make: impl FnOnce() -> Result<String>,
) -> Result<String> {
    if shown.is_empty() {
        return make();
    }
    let (key, fingerprint) = (Key::of_form(shown, filled_in), Fingerprint::of("FORM", "", b""));
    if let Some(made) = idempotency::recall(tx, server, organization, &key, &fingerprint)? {
        return String::from_utf8(made).map_err(Error::internal);
    }
    let made = make()?;
    idempotency::keep(tx, server, organization, &key, &fingerprint, made.as_bytes())?;
    Ok(made)
}
