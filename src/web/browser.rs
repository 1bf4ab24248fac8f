//! Browsers: the session of a request, and what its person may see.

use actix_web::{
    FromRequest, HttpRequest,
    cookie::{Cookie, SameSite, time::Duration},
    dev::Payload,
    http::header,
    web::Data,
};
use futures::future::{Ready, ready};

use crate::{
    app::App,
    auth::{self, Session},
    error::{Error, Result},
    members::{Actor, Member},
    secrets::{Digest, Token},
};

/// Whoever is signed in on the browser, if anyone.
#[derive(Debug)]
pub struct Visitor(pub Option<Session>);

/// Someone who is signed in and belongs to an organization.
#[derive(Debug)]
pub struct SignedIn {
    /// Their place.
    pub member: Member,
}

/// Someone who is signed in and leads an organization.
#[derive(Debug)]
pub struct Lead {
    /// Their place.
    pub member: Member,
}

impl Lead {
    /// This lead, as the one who acts.
    pub fn actor(&self) -> Actor {
        self.member.actor()
    }
}

impl FromRequest for Visitor {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(session(request).map(Self))
    }
}

impl FromRequest for SignedIn {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(member(request).map(|member| Self { member }))
    }
}

impl FromRequest for Lead {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(member(request).and_then(|member| {
            if member.leads() {
                Ok(Self { member })
            } else {
                Err(Error::forbidden("This page is for the people who lead your organization."))
            }
        }))
    }
}

fn member(request: &HttpRequest) -> Result<Member> {
    let session = session(request)?.ok_or_else(|| Error::Unauthorized("You are not signed in.".into()))?;
    session
        .member
        .ok_or_else(|| Error::forbidden("You don't belong to an organization any more. Ask its lead for a new invite."))
}

fn session(request: &HttpRequest) -> Result<Option<Session>> {
    let app = request.app_data::<Data<App>>().ok_or_else(|| Error::internal("a route without its app"))?;
    let Some(cookie) = request.cookie(cookie_name(app)) else { return Ok(None) };
    let session = app.db.read(|view| auth::browser(view, cookie.value()))?;
    if session.as_ref().is_some_and(|session| session.stale) {
        let (db, cookie) = (app.db.clone(), cookie.value().to_owned());
        actix_web::rt::spawn(async move {
            if let Err(error) = db.write(move |tx| auth::keep_alive(tx, &cookie)).await {
                tracing::warn!(error = error.trail(), "could not write down that a session was used");
            }
        });
    }
    Ok(session)
}

/// The cookie's text, for signing out.
pub fn cookie_of(request: &HttpRequest, app: &App) -> Option<String> {
    request.cookie(cookie_name(app)).map(|cookie| cookie.value().to_owned())
}

/// What the browser called itself.
pub fn agent(request: &HttpRequest) -> Option<String> {
    request.headers().get(header::USER_AGENT).and_then(|agent| agent.to_str().ok()).map(ToOwned::to_owned)
}

/// The cookie that keeps someone signed in.
pub fn signed_in(app: &App, session: &Token) -> Cookie<'static> {
    kept(app, cookie_name(app), session.reveal().to_owned(), Duration::days(90))
}

/// The cookie that takes it back.
pub fn signed_out(app: &App) -> Cookie<'static> {
    kept(app, cookie_name(app), String::new(), Duration::ZERO)
}

/// What ties a page to the form that is posted from it: kept beside the page, and never sent along by another site.
pub fn with_nonce(app: &App, nonce: &Token) -> Cookie<'static> {
    let mut cookie = kept(app, nonce_name(app), nonce.reveal().to_owned(), Duration::hours(2));
    cookie.set_same_site(SameSite::Strict);
    cookie
}

/// Whether a form was posted from the page that this browser was shown last.
pub fn has_nonce(request: &HttpRequest, app: &App, posted: &str) -> bool {
    request.cookie(nonce_name(app)).is_some_and(|cookie| Digest::of(cookie.value()) == Digest::of(posted))
}

/// The cookie that takes it back.
pub fn without_nonce(app: &App) -> Cookie<'static> {
    kept(app, nonce_name(app), String::new(), Duration::ZERO)
}

fn nonce_name(app: &App) -> &'static str {
    if app.urls.secure() { "__Host-headroom-nonce" } else { "headroom-nonce" }
}

/// A cookie no script can read and no other site sends along.
pub fn kept(app: &App, name: &'static str, value: String, lifetime: Duration) -> Cookie<'static> {
    Cookie::build(name, value)
        .path("/")
        .http_only(true)
        .secure(app.urls.secure())
        .same_site(SameSite::Lax)
        .max_age(lifetime)
        .finish()
}

/// The prefix makes browsers insist on TLS and on this very host.
fn cookie_name(app: &App) -> &'static str {
    if app.urls.secure() { "__Host-headroom" } else { "headroom" }
}
