//! Showing once more who one is, before something that matters: by the second factor if there is one, or else as one signs in.

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{self, Data, Form, Json, Query, ServiceConfig},
};
use askama::Template;
use serde::Deserialize;

use super::{super::second, frame};
use crate::{
    app::App,
    auth::{self, Ceremony, Device, Entered, Factors, Proof, Session},
    db::Tx,
    error::{Error, Result},
    i18n::Message,
    members::{self, Email},
    meters::Entrance,
    pages::{
        filters, shown, shown_with, signin, to,
        view::{Page, saying},
    },
    secrets::PasswordHash,
    web::{
        attempts,
        browser::{self, Person},
        get, resource,
    },
};

/// Its page.
pub(super) const PATH: &str = "/account/prove";

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(resource(PATH, "GET, POST").route(get(ask)).route(web::post().to(by_factor)))
        .service(resource("/account/prove/passkey", "POST").route(web::post().to(by_factor)))
        .service(resource("/account/prove/passkey/begin", "POST").route(web::post().to(begin)))
        .service(resource("/account/prove/password", "POST").route(web::post().to(by_password)))
        .service(resource("/account/prove/mail", "POST").route(web::post().to(mail)))
        .service(resource("/account/prove/code", "POST").route(web::post().to(by_code)));
}

/// For who has no second factor.
#[derive(Template)]
#[template(path = "bare/prove.html")]
struct Prove {
    page: Page,
    email: String,
    has_password: bool,
    /// A code is on its way.
    mailed: bool,
    password_error: Option<String>,
    code_error: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Filled {
    password: String,
    code: String,
}

/// `GET /account/prove`
async fn ask(
    app: Data<App>,
    request: HttpRequest,
    Person(session): Person,
    how: Query<second::How>,
) -> Result<HttpResponse> {
    let (page, factors) =
        app.db.read(|view| Ok((frame(view, &request, &session, TITLE)?, Factors::of(view, &session.account)?)))?;
    if factors.any() {
        return shown(&request, &second::Second::new(&app, page, PATH, factors, &how));
    }
    shown(&request, &prove(&app, &request, &session)?)
}

const TITLE: Message = say!("Confirm it's you");

fn prove(app: &App, request: &HttpRequest, session: &Session) -> Result<Prove> {
    app.db.read(|view| {
        Ok(Prove {
            page: frame(view, request, session, TITLE)?,
            email: session.email.as_ref().map(Email::to_string).unwrap_or_default(),
            has_password: members::account(view, &session.account)?.password.is_some(),
            mailed: false,
            password_error: None,
            code_error: None,
        })
    })
}

/// `POST /account/prove`, `POST /account/prove/passkey`
async fn by_factor(
    app: Data<App>,
    request: HttpRequest,
    Person(session): Person,
    Form(form): Form<second::Filled>,
) -> Result<HttpResponse> {
    app.limits.person(&request, session.account.as_str())?;
    let proof: Proof = form.proof();
    match second::prove(&app, &request, &session.account, proof.clone()).await {
        Err(Error::Unauthorized(words)) => {
            let cookie = browser::cookie_of(&request, &app).unwrap_or_default();
            if app.db.read(|view| auth::browser(view, &cookie))?.is_none() {
                return saying(&app, to("/signin"), &words);
            }
            let (page, factors) = app
                .db
                .read(|view| Ok((frame(view, &request, &session, TITLE)?, Factors::of(view, &session.account)?)))?;
            let again = second::Second::new(&app, page, PATH, factors, &second::How::default());
            shown_with(&request, StatusCode::UNAUTHORIZED, &again.wrong(&proof, words.to_string()))
        }
        other => back(&app, &other?),
    }
}

/// `POST /account/prove/passkey/begin`
async fn begin(app: Data<App>, request: HttpRequest, Person(session): Person) -> Result<Json<Ceremony>> {
    second::begin(&app, &request, Some(session.account)).await
}

/// To the account, with the new session.
fn back(app: &App, entered: &Entered) -> Result<HttpResponse> {
    let mut response = to(if entered.second_due { second::PATH } else { super::PATH });
    response.add_cookie(&browser::signed_in(app, &entered.session)).map_err(Error::internal)?;
    saying(app, response, say!("Thank you. For ten minutes you can change how you sign in."))
}

/// `POST /account/prove/password`
async fn by_password(
    app: Data<App>,
    request: HttpRequest,
    Person(session): Person,
    Form(form): Form<Filled>,
) -> Result<HttpResponse> {
    let email = address(&session)?;
    app.limits.person(&request, email.as_str())?;
    let kept = app.db.read(|view| members::account(view, &session.account))?.password;
    let right = web::block(move || if PasswordHash::matches(kept.as_ref(), &form.password) { kept } else { None });
    let Some(kept) = right.await.map_err(Error::internal)? else {
        attempts::refused(&app, Entrance::Password, Some(&session.account));
        let wrong = Some(say!("This is not your password. Try again, or have a code mailed to you.").to_string());
        let again = Prove { password_error: wrong, ..prove(&app, &request, &session)? };
        return shown_with(&request, StatusCode::UNAUTHORIZED, &again);
    };
    let proof = move |tx: &Tx, device: &Device| auth::use_password(tx, &email, &kept, device).map(Ok);
    back(&app, &signin::enter(&app, &request, Entrance::Password, Some(&session.account), proof).await?)
}

/// `POST /account/prove/mail`
async fn mail(app: Data<App>, request: HttpRequest, Person(session): Person) -> Result<HttpResponse> {
    let email = address(&session)?;
    app.limits.mail(&request, email.as_str())?;
    app.db.write(move |tx| auth::ask_for_access(tx, &email)).await?;
    shown(&request, &Prove { mailed: true, ..prove(&app, &request, &session)? })
}

/// `POST /account/prove/code`
async fn by_code(
    app: Data<App>,
    request: HttpRequest,
    Person(session): Person,
    Form(form): Form<Filled>,
) -> Result<HttpResponse> {
    let email = address(&session)?;
    app.limits.person(&request, email.as_str())?;
    let proof = move |tx: &Tx, device: &Device| auth::use_code(tx, &email, &form.code, device);
    match signin::enter(&app, &request, Entrance::Code, Some(&session.account), proof).await {
        Err(error @ Error::Unauthorized(_)) => {
            let again = Prove { mailed: true, code_error: Some(error.to_string()), ..prove(&app, &request, &session)? };
            shown_with(&request, error.status(), &again)
        }
        other => back(&app, &other?),
    }
}

fn address(session: &Session) -> Result<Email> {
    session.email.clone().ok_or_else(|| Error::internal("a person without an address"))
}
