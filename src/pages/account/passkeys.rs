//! Adding passkeys, naming them, and removing them.

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{self, Data, Form, Json, Path, ServiceConfig},
};
use serde::Deserialize;

use super::{PATH, Showing, screen, show_codes, unless_fresh};
use crate::{
    app::App,
    auth::{self, Answer, Ceremony},
    error::{Error, Result},
    ids::PasskeyId,
    members,
    pages::{
        to,
        view::{Field, saying},
    },
    web::{browser::Person, resource},
};

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(resource("/account/passkeys", "POST").route(web::post().to(add)))
        .service(resource("/account/passkeys/begin", "POST").route(web::post().to(begin)))
        .service(resource("/account/passkeys/{id}", "POST").route(web::post().to(rename)))
        .service(resource("/account/passkeys/{id}/remove", "POST").route(web::post().to(remove)));
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Filled {
    passkey: String,
    ceremony: String,
    credential: String,
}

/// `POST /account/passkeys/begin`
async fn begin(app: Data<App>, request: HttpRequest, Person(session): Person) -> Result<Json<Ceremony>> {
    if !session.fresh {
        return Err(Error::forbidden(say!("Confirm that it's you first, then add the passkey.")));
    }
    app.limits.address(&request)?;
    let on_server = app.clone();
    let begun = app.db.write(move |tx| {
        let account = members::account(tx, &session.account)?;
        auth::begin_passkey(tx, &on_server.passkeys, &account)
    });
    begun.await.map(Json)
}

/// `POST /account/passkeys`
async fn add(
    app: Data<App>,
    request: HttpRequest,
    Person(session): Person,
    Form(form): Form<Filled>,
) -> Result<HttpResponse> {
    if let Some(elsewhere) = unless_fresh(&session) {
        return Ok(elsewhere);
    }
    let (on_server, account, name) = (app.clone(), session.account.clone(), form.passkey.clone());
    let answer = Answer { ceremony: form.ceremony, credential: form.credential };
    let added = app.db.write(move |tx| auth::add_passkey(tx, &on_server.passkeys, &account, &answer, &name)).await;
    match added.and_then(|inner| inner) {
        Err(error @ (Error::Invalid(_) | Error::Unauthorized(_))) => {
            let showing = Showing { passkey_name: Some(Field::wrong(form.passkey, &error)), ..Showing::default() };
            screen(&app, &request, &session, showing, StatusCode::BAD_REQUEST)
        }
        Err(other) => Err(other),
        Ok(Some(codes)) => show_codes(&app, &request, &session, &codes),
        Ok(None) => saying(&app, to(PATH), say!("Added the passkey.")),
    }
}

fn read(id: &str) -> Result<PasskeyId> {
    id.parse().map_err(|_| Error::NotFound("Passkey"))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Named {
    rename: String,
}

/// `POST /account/passkeys/{id}`
async fn rename(
    app: Data<App>,
    request: HttpRequest,
    Person(session): Person,
    id: Path<String>,
    Form(form): Form<Named>,
) -> Result<HttpResponse> {
    let (id, account, name) = (read(&id)?, session.account.clone(), form.rename.clone());
    let of = id.clone();
    match app.db.write(move |tx| auth::rename_passkey(tx, &account, &of, &name)).await {
        Err(error @ Error::Invalid(_)) => {
            let renaming = Some((id, Some(Field::wrong(form.rename, &error))));
            screen(&app, &request, &session, Showing { renaming, ..Showing::default() }, StatusCode::BAD_REQUEST)
        }
        other => {
            other?;
            saying(&app, to(PATH), say!("Renamed the passkey."))
        }
    }
}

/// `POST /account/passkeys/{id}/remove`
async fn remove(app: Data<App>, Person(session): Person, id: Path<String>) -> Result<HttpResponse> {
    let id = read(&id)?;
    if let Some(elsewhere) = unless_fresh(&session) {
        return Ok(elsewhere);
    }
    match app.db.write(move |tx| auth::remove_passkey(tx, &session.account, &id)).await {
        Err(Error::Invalid(words)) => saying(&app, to(PATH), &words),
        other => {
            other?;
            saying(&app, to(PATH), say!("Removed the passkey."))
        }
    }
}
