//! Adding an authenticator app, and removing it.

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{self, Data, Form, ServiceConfig},
};
use askama::Template;
use base64::{Engine, prelude::BASE64_STANDARD};
use serde::Deserialize;

use super::{PATH, frame, show_codes, unless_fresh};
use crate::{
    app::App,
    auth::{self, Session},
    error::{Error, Result},
    members::Email,
    pages::{
        filters, shown_with, to,
        view::{Page, saying},
    },
    web::{browser::Person, get, resource},
};

/// Where it is scanned.
const HERE: &str = "/account/authenticator";

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(resource(HERE, "GET, POST").route(get(show)).route(web::post().to(begin)))
        .service(resource("/account/authenticator/confirm", "POST").route(web::post().to(confirm)))
        .service(resource("/account/authenticator/remove", "POST").route(web::post().to(remove)));
}

#[derive(Template)]
#[template(path = "account/authenticator.html")]
struct Authenticator {
    page: Page,
    /// A picture to scan, as an address.
    picture: String,
    typed: String,
    error: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Filled {
    code: String,
}

/// `POST /account/authenticator`
async fn begin(app: Data<App>, Person(session): Person) -> Result<HttpResponse> {
    if let Some(elsewhere) = unless_fresh(&session) {
        return Ok(elsewhere);
    }
    let on_server = app.clone();
    match app.db.write(move |tx| auth::offer_authenticator(tx, &on_server.key, &session.account)).await {
        Err(Error::Invalid(words)) => saying(&app, to(PATH), &words),
        other => other.map(|()| to(HERE)),
    }
}

/// `GET /account/authenticator`
async fn show(app: Data<App>, request: HttpRequest, Person(session): Person) -> Result<HttpResponse> {
    screen(&app, &request, &session, None, StatusCode::OK)
}

fn screen(
    app: &App,
    request: &HttpRequest,
    session: &Session,
    error: Option<String>,
    status: StatusCode,
) -> Result<HttpResponse> {
    if let Some(elsewhere) = unless_fresh(session) {
        return Ok(elsewhere);
    }
    let view = app.db.read(|view| {
        let page = frame(view, request, session, say!("Add an authenticator app"))?;
        let called = session.email.as_ref().map_or("account", Email::as_str);
        let offer = auth::offered_authenticator(view, &app.key, &session.account, &page.brand.name, called)?;
        Ok(offer.map(|offer| Authenticator {
            page,
            picture: format!("data:image/svg+xml;base64,{}", BASE64_STANDARD.encode(offer.picture)),
            typed: offer.typed,
            error,
        }))
    })?;
    match view {
        Some(view) => shown_with(request, status, &view),
        None => Ok(to(PATH)),
    }
}

/// `POST /account/authenticator/confirm`
async fn confirm(
    app: Data<App>,
    request: HttpRequest,
    Person(session): Person,
    Form(form): Form<Filled>,
) -> Result<HttpResponse> {
    if let Some(elsewhere) = unless_fresh(&session) {
        return Ok(elsewhere);
    }
    app.limits.person(&request, session.account.as_str())?;
    let (on_server, account) = (app.clone(), session.account.clone());
    let done = app.db.write(move |tx| auth::confirm_authenticator(tx, &on_server.key, &account, &form.code));
    match done.await {
        Err(Error::Invalid(words)) => {
            screen(&app, &request, &session, Some(words.to_string()), StatusCode::BAD_REQUEST)
        }
        Err(other) => Err(other),
        Ok(Some(codes)) => show_codes(&app, &request, &session, &codes),
        Ok(None) => saying(&app, to(PATH), say!("Added the authenticator app.")),
    }
}

/// `POST /account/authenticator/remove`
async fn remove(app: Data<App>, Person(session): Person) -> Result<HttpResponse> {
    if let Some(elsewhere) = unless_fresh(&session) {
        return Ok(elsewhere);
    }
    match app.db.write(move |tx| auth::remove_authenticator(tx, &session.account)).await {
        Err(Error::Invalid(words)) => saying(&app, to(PATH), &words),
        other => {
            other?;
            saying(&app, to(PATH), say!("Removed the authenticator app."))
        }
    }
}
