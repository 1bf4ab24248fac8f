//! The password: set, changed, removed.

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{self, Data, Form, ServiceConfig},
};
use serde::Deserialize;

use super::{PATH, Showing, screen, unless_fresh};
use crate::{
    app::App,
    auth::{self, Session},
    db::View,
    error::{Error, Result},
    members::{self, Email},
    organizations,
    pages::{to, view::saying},
    secrets::{Password, PasswordHash},
    web::{browser::Person, resource},
};

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(resource("/account/password", "POST").route(web::post().to(change)))
        .service(resource("/account/password/remove", "POST").route(web::post().to(remove)));
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Filled {
    current: String,
    new: String,
}

/// `POST /account/password`: with the current one, if there is one.
async fn change(
    app: Data<App>,
    request: HttpRequest,
    Person(session): Person,
    Form(form): Form<Filled>,
) -> Result<HttpResponse> {
    if let Some(elsewhere) = unless_fresh(&session) {
        return Ok(elsewhere);
    }
    app.limits.person(&request, session.account.as_str())?;
    let again = |showing| screen(&app, &request, &session, showing, StatusCode::BAD_REQUEST);
    let wrong_new = |words: String| Showing { new_error: Some(words), ..Showing::default() };
    let theirs = app.db.read(|view| theirs(view, &session))?;
    let new = match Password::parse(&form.new, &theirs.each_ref().map(String::as_str)) {
        Ok(Some(new)) => new,
        Ok(None) => return again(wrong_new(say!("Choose a password of at least 10 characters.").to_string())),
        Err(error) => return again(wrong_new(error.to_string())),
    };
    let kept = app.db.read(|view| members::account(view, &session.account))?.password;
    // Slow on purpose, so neither on a thread that answers others nor in the transaction.
    let hashed = web::block(move || {
        let right = kept.is_none() || PasswordHash::matches(kept.as_ref(), &form.current);
        if right { new.hash().map(Some) } else { Ok(None) }
    });
    let Some(hash) = hashed.await.map_err(Error::internal)?? else {
        let wrong = Some(say!("This is not your password now. Try again.").to_string());
        return again(Showing { password_error: wrong, ..Showing::default() });
    };
    app.db.write(move |tx| auth::change_password(tx, &session, Some(&hash))).await?;
    saying(&app, to(PATH), say!("Changed your password. Other browsers are signed out."))
}

/// What whoever guesses begins with: the person's address and their organization's name.
fn theirs(view: &View, session: &Session) -> Result<[String; 2]> {
    let organization = match &session.member {
        Some(member) => organizations::get(view, &member.organization)?.name.to_string(),
        None => String::new(),
    };
    Ok([session.email.as_ref().map(Email::to_string).unwrap_or_default(), organization])
}

/// `POST /account/password/remove`
async fn remove(app: Data<App>, Person(session): Person) -> Result<HttpResponse> {
    if let Some(elsewhere) = unless_fresh(&session) {
        return Ok(elsewhere);
    }
    app.db.write(move |tx| auth::change_password(tx, &session, None)).await?;
    saying(&app, to(PATH), say!("Removed your password. Other browsers are signed out."))
}
