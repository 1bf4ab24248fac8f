//! The second factor at the end of signing in, and passkeys, which are both factors in one.

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{self, Data, Form, Json, Query, ServiceConfig},
};
use askama::Template;
use serde::Deserialize;

use super::{
    shown, shown_with, signin, to,
    view::{Page, saying},
};
use crate::{
    app::App,
    auth::{self, Answer, Ceremony, Device, Entered, Factors, Proof},
    db::Tx,
    error::{Error, Result},
    ids::AccountId,
    meters::Entrance,
    pages::filters,
    web::{attempts, browser, get, resource},
};

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(resource("/signin/passkey", "POST").route(web::post().to(by_passkey)))
        .service(resource("/signin/passkey/begin", "POST").route(web::post().to(ask_for_any)))
        .service(resource(PATH, "GET, POST").route(get(ask)).route(web::post().to(by_code)))
        .service(resource("/signin/second/passkey", "POST").route(web::post().to(by_own_passkey)))
        .service(resource("/signin/second/passkey/begin", "POST").route(web::post().to(ask_for_own)));
}

/// Where it is shown.
pub(super) const PATH: &str = "/signin/second";

#[derive(Template)]
#[template(path = "bare/second.html")]
pub(super) struct Second {
    pub(super) page: Page,
    /// Where the answers go.
    pub(super) path: &'static str,
    /// What to do when one has none of it at hand.
    pub(super) signing_in: bool,
    pub(super) passkey: bool,
    pub(super) app: bool,
    pub(super) recovery: bool,
    /// A recovery code is asked for.
    pub(super) with_recovery: bool,
    pub(super) error: Option<String>,
    pub(super) recovery_error: Option<String>,
    pub(super) passkey_error: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct How {
    with: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Filled {
    code: String,
    recovery: String,
    ceremony: String,
    credential: String,
}

impl Filled {
    /// What was typed or shown.
    pub(super) fn proof(self) -> Proof {
        if !self.credential.is_empty() {
            Proof::Passkey(Answer { ceremony: self.ceremony, credential: self.credential })
        } else if self.recovery.is_empty() {
            Proof::Digits(self.code)
        } else {
            Proof::Recovery(self.recovery)
        }
    }
}

impl Second {
    pub(super) fn new(app: &App, page: Page, path: &'static str, factors: Factors, how: &How) -> Self {
        let (passkey, has_app) = (factors.passkeys > 0 && app.passkeys.works(), factors.authenticator.is_some());
        let recovery = factors.recovery > 0;
        Self {
            page,
            path,
            signing_in: path == PATH,
            passkey,
            app: has_app,
            recovery,
            with_recovery: how.with == "recovery" || !(passkey || has_app),
            error: None,
            recovery_error: None,
            passkey_error: None,
        }
    }

    /// The same with what was wrong beside where it was typed.
    pub(super) fn wrong(mut self, proof: &Proof, words: String) -> Self {
        match proof {
            Proof::Digits(_) => self.error = Some(words),
            Proof::Recovery(_) => (self.with_recovery, self.recovery_error) = (true, Some(words)),
            Proof::Passkey(_) => self.passkey_error = Some(words),
        }
        self
    }
}

/// `GET /signin/second`
async fn ask(app: Data<App>, request: HttpRequest, how: Query<How>) -> Result<HttpResponse> {
    match halfway(&app, &request)? {
        Some(account) => shown(&request, &second(&app, &request, &account, &how)?),
        None => Ok(to("/signin")),
    }
}

fn halfway(app: &App, request: &HttpRequest) -> Result<Option<AccountId>> {
    match browser::cookie_of(request, app) {
        Some(cookie) => app.db.read(|view| auth::halfway(view, &cookie)),
        None => Ok(None),
    }
}

fn second(app: &App, request: &HttpRequest, account: &AccountId, how: &How) -> Result<Second> {
    let factors = app.db.read(|view| Factors::of(view, account))?;
    Ok(Second::new(app, Page::open(request, say!("One more step")), PATH, factors, how))
}

/// `POST /signin/second`
async fn by_code(app: Data<App>, request: HttpRequest, Form(form): Form<Filled>) -> Result<HttpResponse> {
    finish(&app, &request, form.proof()).await
}

/// `POST /signin/second/passkey`
async fn by_own_passkey(app: Data<App>, request: HttpRequest, Form(form): Form<Filled>) -> Result<HttpResponse> {
    finish(&app, &request, form.proof()).await
}

async fn finish(app: &Data<App>, request: &HttpRequest, proof: Proof) -> Result<HttpResponse> {
    let Some(account) = halfway(app, request)? else { return Ok(to("/signin")) };
    app.limits.person(request, account.as_str())?;
    match prove(app, request, &account, proof.clone()).await {
        Err(Error::Unauthorized(words)) if halfway(app, request)?.is_some() => {
            let again = second(app, request, &account, &How::default())?.wrong(&proof, words.to_string());
            shown_with(request, StatusCode::UNAUTHORIZED, &again)
        }
        Err(Error::Unauthorized(words)) => saying(app, to("/signin"), &words),
        other => signin::land(app, &other?),
    }
}

/// Shows a second factor on this browser's session, which a new one takes the place of. A session bears few wrong ones, and an
/// account few a day, so that one session after another gets nobody in. A passkey can't be guessed.
pub(super) async fn prove(
    app: &Data<App>,
    request: &HttpRequest,
    account: &AccountId,
    proof: Proof,
) -> Result<Entered> {
    if !matches!(proof, Proof::Passkey(_)) {
        app.limits.factor(account)?;
    }
    let cookie = browser::cookie_of(request, app).unwrap_or_default();
    let (on_server, device, by) = (app.clone(), browser::device(request, app), attempts::by_factor(&proof));
    let shown =
        app.db.write(move |tx| auth::prove(tx, &on_server.key, &on_server.passkeys, &cookie, &proof, &device)).await;
    let entered = shown.flatten();
    attempts::ended(app, by, Some(account), entered.as_ref());
    entered
}

/// `POST /signin/second/passkey/begin`
async fn ask_for_own(app: Data<App>, request: HttpRequest) -> Result<Json<Ceremony>> {
    let account = halfway(&app, &request)?;
    let account = account.ok_or_else(|| Error::Unauthorized(say!("This took too long. Sign in again.")))?;
    begin(&app, &request, Some(account)).await
}

/// `POST /signin/passkey/begin`
async fn ask_for_any(app: Data<App>, request: HttpRequest) -> Result<Json<Ceremony>> {
    begin(&app, &request, None).await
}

/// Asks the browser for a passkey.
pub(super) async fn begin(
    app: &Data<App>,
    request: &HttpRequest,
    account: Option<AccountId>,
) -> Result<Json<Ceremony>> {
    app.limits.address(request)?;
    let on_server = app.clone();
    app.db.write(move |tx| auth::ask_for_passkey(tx, &on_server.passkeys, account.as_ref())).await.map(Json)
}

/// `POST /signin/passkey`
async fn by_passkey(app: Data<App>, request: HttpRequest, Form(form): Form<Filled>) -> Result<HttpResponse> {
    app.limits.address(&request)?;
    let (on_server, answer) = (app.clone(), Answer { ceremony: form.ceremony, credential: form.credential });
    let proof = move |tx: &Tx, device: &Device| auth::use_passkey(tx, &on_server.passkeys, &answer, device);
    match signin::enter(&app, &request, Entrance::Passkey, None, proof).await {
        Err(error @ (Error::Unauthorized(_) | Error::Invalid(_))) => signin::refused_passkey(&app, &request, &error),
        other => signin::land(&app, &other?),
    }
}
