//! Coming in: by a link and a code that are mailed, or by a password; and going out.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{HeaderName, HeaderValue},
    web::{self, Data, Form, Query, ServiceConfig},
};
use askama::Template;
use serde::Deserialize;

use super::{
    home, second, shown, shown_with, single_sign_on, to,
    view::{Field, Page},
};
use crate::{
    app::App,
    auth::{self, Device, Entered, Errand, Then},
    db::Tx,
    error::{Error, Result},
    i18n::Message,
    ids::{AccountId, LinkId},
    links,
    members::{self, Email},
    meters::Entrance,
    pages::filters,
    secrets::PasswordHash,
    web::{
        attempts,
        browser::{self, Visitor},
        get,
        language::chosen_in,
        resource,
    },
};

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(resource("/signin", "GET, POST").route(get(ask)).route(web::post().to(mail)))
        .service(resource("/signin/password", "POST").route(web::post().to(by_password)))
        .service(resource("/auth/code", "POST").route(web::post().to(by_code)))
        .service(resource("/team-access", "GET, POST").route(get(ask_member)).route(web::post().to(mail_member)))
        .service(resource("/signup", "GET, POST").route(get(ask_anyone)).route(web::post().to(mail_anyone)))
        .service(resource("/signup/begin", "POST").route(web::post().to(begin)))
        .service(resource("/signout", "POST").route(web::post().to(leave)));
}

#[derive(Template)]
#[template(path = "bare/signin.html")]
struct SignIn {
    page: Page,
    with_password: bool,
    /// Anyone may sign up here by themselves.
    signup: bool,
    /// A mail is asked for, also by who could go to a provider.
    with_link: bool,
    email: Field,
    password_error: Option<String>,
    /// Passkeys can be used at this address.
    passkeys: bool,
    passkey_error: Option<String>,
}

#[derive(Template)]
#[template(path = "bare/team-access.html")]
struct TeamAccess {
    page: Page,
    email: Field,
}

#[derive(Template)]
#[template(path = "bare/signup.html")]
struct SignUp {
    page: Page,
    email: Field,
}

/// The same for every address.
#[derive(Template)]
#[template(path = "bare/check-mail.html")]
struct CheckMail {
    page: Page,
    email: String,
    code_error: Option<String>,
    /// The page to ask again on.
    again: String,
    /// Whoever asks there gets a mail, known or not.
    joins: bool,
}

/// The page that an address was typed on.
#[derive(Clone)]
pub(super) enum Door {
    SignIn,
    TeamAccess,
    SignUp,
    /// An open invite link.
    Join(LinkId),
}

impl Door {
    /// The one at this path; a path that is none of theirs is never repeated.
    fn at(path: &str) -> Self {
        let link = path.strip_prefix("/organization/join/").and_then(|id| id.parse().ok());
        match (path, link) {
            (_, Some(link)) => Self::Join(link),
            ("/team-access", _) => Self::TeamAccess,
            ("/signup", _) => Self::SignUp,
            _ => Self::SignIn,
        }
    }

    fn path(&self) -> String {
        match self {
            Self::SignIn => "/signin".to_owned(),
            Self::TeamAccess => "/team-access".to_owned(),
            Self::SignUp => "/signup".to_owned(),
            Self::Join(link) => format!("/organization/join/{link}"),
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct How {
    with: String,
}

/// A form with an address, and what goes with it on some.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Filled {
    email: String,
    password: String,
    code: String,
    again: String,
    with: String,
}

/// `GET /signin`, `GET /signin?with=password`, `GET /signin?with=link`
async fn ask(app: Data<App>, request: HttpRequest, visitor: Visitor, how: Query<How>) -> Result<HttpResponse> {
    if visitor.0.is_some() {
        return Ok(to("/app"));
    }
    if let Some(hint) = home::not_set_up(&app, &request)? {
        return Ok(hint);
    }
    let with_link = how.with == "link";
    shown(&request, &SignIn { with_link, ..sign_in(&app, &request, how.with == "password") })
}

/// `POST /signin`
async fn mail(app: Data<App>, request: HttpRequest, form: Form<Filled>) -> Result<HttpResponse> {
    match form.email.parse() {
        Ok(email) if form.with == "link" => send_mail(&app, &request, email, Door::SignIn).await,
        Ok(email) => send(&app, &request, email, Door::SignIn).await,
        Err(error) => {
            let with_link = form.with == "link";
            let again =
                SignIn { with_link, email: Field::wrong(&form.email, &error), ..sign_in(&app, &request, false) };
            shown_with(&request, error.status(), &again)
        }
    }
}

/// `POST /signin/password`
async fn by_password(app: Data<App>, request: HttpRequest, Form(form): Form<Filled>) -> Result<HttpResponse> {
    let typed = form.email;
    let email: Email = match typed.parse() {
        Ok(email) => email,
        Err(error) => {
            let again = SignIn { email: Field::wrong(typed, &error), ..sign_in(&app, &request, true) };
            return shown_with(&request, error.status(), &again);
        }
    };
    app.limits.person(&request, email.as_str())?;
    let known = app.db.read(|view| members::account_by_email(view, &email))?;
    let (account, kept) = known.map(|known| (known.id, known.password)).unzip();
    let kept = kept.flatten();
    // As long for an address without an account or without a password.
    let password = form.password;
    let right = web::block(move || if PasswordHash::matches(kept.as_ref(), &password) { kept } else { None });
    let entered = match right.await.map_err(Error::internal)? {
        Some(kept) => {
            let proof = move |tx: &Tx, device: &Device| auth::use_password(tx, &email, &kept, device).map(Ok);
            enter(&app, &request, Entrance::Password, account.as_ref(), proof).await
        }
        None => {
            attempts::refused(&app, Entrance::Password, account.as_ref());
            Err(auth::wrong_password())
        }
    };
    match entered {
        Err(error @ Error::Unauthorized(_)) => {
            let wrong = Some(error.to_string());
            let again = SignIn { email: Field::new(typed), password_error: wrong, ..sign_in(&app, &request, true) };
            shown_with(&request, error.status(), &again)
        }
        other => land(&app, &other?),
    }
}

/// `POST /auth/code`
async fn by_code(app: Data<App>, request: HttpRequest, Form(form): Form<Filled>) -> Result<HttpResponse> {
    let email: Email = form.email.parse()?;
    app.limits.person(&request, email.as_str())?;
    let account = app.db.read(|view| members::account_by_email(view, &email))?.map(|account| account.id);
    let (of, door) = (email.clone(), Door::at(&form.again));
    let proof = move |tx: &Tx, device: &Device| auth::use_code(tx, &of, &form.code, device);
    match enter(&app, &request, Entrance::Code, account.as_ref(), proof).await {
        Err(error @ Error::Unauthorized(_)) => {
            let again = CheckMail { code_error: Some(error.to_string()), ..check_mail(&app, &request, &email, &door)? };
            shown_with(&request, error.status(), &again)
        }
        other => land(&app, &other?),
    }
}

/// `GET /team-access`
async fn ask_member(request: HttpRequest) -> Result<HttpResponse> {
    shown(&request, &team_access(&request, Field::default()))
}

/// `POST /team-access`
async fn mail_member(app: Data<App>, request: HttpRequest, form: Form<Filled>) -> Result<HttpResponse> {
    match form.email.parse() {
        Ok(email) => send(&app, &request, email, Door::TeamAccess).await,
        Err(error) => shown_with(&request, error.status(), &team_access(&request, Field::wrong(&form.email, &error))),
    }
}

/// `GET /signup`: for headshots of one's own, where the operator lets anyone have them.
async fn ask_anyone(app: Data<App>, request: HttpRequest, visitor: Visitor) -> Result<HttpResponse> {
    must_be_open(&app)?;
    if visitor.0.is_some() {
        return Ok(to("/app"));
    }
    if let Some(hint) = home::not_set_up(&app, &request)? {
        return Ok(hint);
    }
    shown(&request, &sign_up(&request, Field::default()))
}

/// `POST /signup`
async fn mail_anyone(app: Data<App>, request: HttpRequest, form: Form<Filled>) -> Result<HttpResponse> {
    must_be_open(&app)?;
    if let Some(hint) = home::not_set_up(&app, &request)? {
        return Ok(hint);
    }
    let email: Email = match form.email.parse() {
        Ok(email) => email,
        Err(error) => {
            return shown_with(&request, error.status(), &sign_up(&request, Field::wrong(&form.email, &error)));
        }
    };
    app.limits.mail(&request, email.as_str())?;
    let (to, language) = (email.clone(), chosen_in(&request));
    let asked = app.db.write(move |tx| {
        auth::ask_to_sign_up(tx, &to)?;
        auth::asked_in(tx, &to, language)
    });
    asked.await?;
    sent(&app, &request, &email, &Door::SignUp)
}

/// `POST /signup/begin`: of someone who is signed in and has no place.
async fn begin(app: Data<App>, Visitor(visitor): Visitor) -> Result<HttpResponse> {
    must_be_open(&app)?;
    let Some(session) = visitor else { return Ok(to("/signup")) };
    let granted = app.config.signup;
    app.db.write(move |tx| auth::begin_alone(tx, &session.account, granted)).await?;
    Ok(to("/app"))
}

/// Where nobody signs up by themselves, there is no such page.
fn must_be_open(app: &App) -> Result<()> {
    if app.config.signup.is_some() { Ok(()) } else { Err(Error::NotFound("Page")) }
}

/// `POST /signout`
async fn leave(app: Data<App>, request: HttpRequest) -> Result<HttpResponse> {
    if let Some(cookie) = browser::cookie_of(&request, &app) {
        app.db.write(move |tx| auth::end_session(tx, &cookie)).await?;
    }
    let mut response = to("/signin");
    response.add_cookie(&browser::signed_out(&app)).map_err(Error::internal)?;
    // Not "cookies": that would take those of every other host of the same domain along.
    response.headers_mut().insert(CLEAR_SITE_DATA, HeaderValue::from_static(r#""cache", "storage""#));
    Ok(response)
}

const CLEAR_SITE_DATA: HeaderName = HeaderName::from_static("clear-site-data");

/// Sends who has an address of a provider's domain to that provider, whoever it is [000]; has a link mailed to anyone else.
pub(super) async fn send(app: &App, request: &HttpRequest, email: Email, door: Door) -> Result<HttpResponse> {
    match single_sign_on::provider_of(app, &email)? {
        Some(connection) => {
            app.limits.mail(request, email.as_str())?;
            single_sign_on::leave(app, request, connection, Some(&email), Errand::SignIn).await
        }
        None => send_mail(app, request, email, door).await,
    }
}

/// Has a link mailed to whoever has this address, if anyone; the answer is the same for all.
async fn send_mail(app: &App, request: &HttpRequest, email: Email, door: Door) -> Result<HttpResponse> {
    app.limits.mail(request, email.as_str())?;
    let (to, language) = (email.clone(), chosen_in(request));
    let asked = app.db.write(move |tx| {
        auth::ask_for_access(tx, &to)?;
        auth::asked_in(tx, &to, language)
    });
    asked.await?;
    sent(app, request, &email, &door)
}

/// The page after a link was asked for.
pub(super) fn sent(app: &App, request: &HttpRequest, email: &Email, door: &Door) -> Result<HttpResponse> {
    shown(request, &check_mail(app, request, email, door)?)
}

/// Signs someone in by what `proof` finds; the session this browser had before ends with it. `account` is whose door they try, if
/// that is known before.
pub(super) async fn enter(
    app: &App,
    request: &HttpRequest,
    by: Entrance,
    account: Option<&AccountId>,
    proof: impl FnOnce(&Tx, &Device) -> Result<Result<Entered>> + Send + 'static,
) -> Result<Entered> {
    let entered = enter_unless(app, request, proof).await.flatten();
    attempts::ended(app, by, account, entered.as_ref());
    entered
}

/// The same, where what is refused isn't refused by an error of ours, and whoever calls tells of the attempt.
pub(super) async fn enter_unless<E: Send + 'static>(
    app: &App,
    request: &HttpRequest,
    proof: impl FnOnce(&Tx, &Device) -> Result<Result<Entered, E>> + Send + 'static,
) -> Result<Result<Entered, E>> {
    let (before, device) = (browser::cookie_of(request, app), browser::device(request, app));
    let granted = app.config.signup;
    let entered = app.db.write(move |tx| {
        let entered = match proof(tx, &device)? {
            Ok(entered) => Ok(auth::sign_up(tx, entered, granted)?),
            refused => refused,
        };
        if let (Ok(_), Some(before)) = (&entered, before) {
            auth::end_session(tx, &before)?;
        }
        Ok(entered)
    });
    entered.await
}

/// Takes who has just signed in to where they belong.
pub(super) fn land(app: &App, entered: &Entered) -> Result<HttpResponse> {
    let place = match &entered.member {
        _ if entered.second_due => second::PATH,
        Some(_) if entered.then == Then::Begin => "/team-member/onboarding",
        Some(_) if entered.then == Then::Convert => "/team-member/convert",
        member => home::of(member.as_ref()).unwrap_or("/app"),
    };
    land_at(app, entered, place)
}

/// Takes who has just signed in to a page.
pub(super) fn land_at(app: &App, entered: &Entered, place: &str) -> Result<HttpResponse> {
    let mut response = to(place);
    response.add_cookie(&browser::signed_in(app, &entered.session)).map_err(Error::internal)?;
    if let Some(mark) = &entered.mark {
        response.add_cookie(&browser::recognised(app, mark)).map_err(Error::internal)?;
    }
    // Who came last is who the member's pages are of.
    response.add_cookie(&browser::let_out(app)).map_err(Error::internal)?;
    Ok(response)
}

fn sign_in(app: &App, request: &HttpRequest, with_password: bool) -> SignIn {
    SignIn {
        page: Page::open(request, say!("Sign in")),
        with_password,
        signup: app.config.signup.is_some(),
        with_link: false,
        email: Field::default(),
        password_error: None,
        passkeys: app.passkeys.works(),
        passkey_error: None,
    }
}

fn sign_up(request: &HttpRequest, email: Field) -> SignUp {
    SignUp { page: Page::open(request, say!("Sign up")), email }
}

/// The page to sign in on once more, after a passkey was not accepted.
pub(super) fn refused_passkey(app: &App, request: &HttpRequest, error: &Error) -> Result<HttpResponse> {
    let again = SignIn { passkey_error: Some(error.to_string()), ..sign_in(app, request, false) };
    shown_with(request, error.status(), &again)
}

fn team_access(request: &HttpRequest, email: Field) -> TeamAccess {
    TeamAccess { page: Page::open(request, say!("Back to your headshots")), email }
}

fn check_mail(app: &App, request: &HttpRequest, email: &Email, door: &Door) -> Result<CheckMail> {
    const TITLE: Message = say!("Check your mail");
    let page = match door {
        Door::Join(link) => {
            app.db.read(|view| Page::branded(view, request, TITLE, &links::get(view, link)?.organization))?
        }
        Door::SignIn | Door::TeamAccess | Door::SignUp => Page::open(request, TITLE),
    };
    let (email, again, joins) = (email.to_string(), door.path(), matches!(door, Door::Join(_) | Door::SignUp));
    Ok(CheckMail { page, email, code_error: None, again, joins })
}
