//! The first run: whoever holds the link that the server printed makes the organization and becomes its owner.

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{self, Data, Form, Query, ServiceConfig},
};
use askama::Template;
use serde::Deserialize;

use super::{
    shown, shown_with, to,
    view::{Field, Page, saying},
};
use crate::{
    app::App,
    auth::{self, FirstRun, Way},
    error::{Error, Result},
    members::Email,
    meters::Entrance,
    organizations::{self, NewOrganization, OrganizationName},
    pages::filters,
    secrets::Password,
    web::{attempts, browser, get, resource},
};

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(resource("/setup", "GET, POST").route(get(ask)).route(web::post().to(make)));
}

#[derive(Template)]
#[template(path = "bare/setup.html")]
struct Setup {
    page: Page,
    token: String,
    organization: Field,
    website: Field,
    email: Field,
    password_error: Option<String>,
}

#[derive(Template)]
#[template(path = "bare/setup-gone.html")]
struct SetupGone {
    page: Page,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Filled {
    token: String,
    organization: String,
    website: String,
    email: String,
    password: String,
}

/// `GET /setup?token=…`
async fn ask(app: Data<App>, request: HttpRequest, filled: Query<Filled>) -> Result<HttpResponse> {
    if !leads_here(&app, &filled.token)? {
        return gone(&request);
    }
    shown(&request, &form(&request, &filled.token))
}

/// `POST /setup`
async fn make(app: Data<App>, request: HttpRequest, Form(filled): Form<Filled>) -> Result<HttpResponse> {
    app.limits.address(&request)?;
    if !leads_here(&app, &filled.token)? {
        attempts::refused(&app, Entrance::Setup, None);
        return gone(&request);
    }
    let (new, password) = match understood(&request, &filled) {
        Ok(understood) => understood,
        Err(form) => return shown_with(&request, StatusCode::BAD_REQUEST, &*form),
    };
    // Tens of milliseconds on purpose, so not on a thread that answers others and not in the transaction.
    let hash = web::block(move || password.map(|password| password.hash()).transpose());
    let first = FirstRun { password: hash.await.map_err(Error::internal)??, ..new };
    let device = browser::device(&request, &app);
    let made = app.db.write(move |tx| auth::set_up(tx, &filled.token, &first, &device)).await;
    attempts::ended(&app, Entrance::Setup, None, made.as_ref().map(|(_, entered)| entered));
    let (organization, entered) = match made {
        Err(Error::Unauthorized(_)) => return gone(&request),
        other => other?,
    };
    let mut response = to("/app/admin");
    response.add_cookie(&browser::signed_in(&app, &entered.session)).map_err(Error::internal)?;
    if let Some(mark) = &entered.mark {
        response.add_cookie(&browser::recognised(&app, mark)).map_err(Error::internal)?;
    }
    saying(&app, response, say!("{organization} is set up.", organization = organization.name))
}

fn leads_here(app: &App, token: &str) -> Result<bool> {
    app.db.read(|view| Ok(matches!(auth::look(view, token)?, Way::Setup) && !organizations::any(view)?))
}

/// What was filled in or, if something can't stay, the form with each reason beside its field.
fn understood(request: &HttpRequest, filled: &Filled) -> Result<(FirstRun, Option<Password>), Box<Setup>> {
    let name = OrganizationName::parse(&filled.organization);
    let website = organizations::website(&filled.website);
    let email: Result<Email> = filled.email.parse();
    let password = Password::parse(&filled.password, &[&filled.email, &filled.organization]);
    match (name, website, email, password) {
        (Ok(name), Ok(website), Ok(email), Ok(password)) => {
            let organization = NewOrganization { name, website, unlimited: false, whitelabel: false };
            Ok((FirstRun { organization, email, name: None, password: None }, password))
        }
        (name, website, email, password) => Err(Box::new(Setup {
            organization: Field { value: filled.organization.clone(), error: sentence(name) },
            website: Field { value: filled.website.clone(), error: sentence(website) },
            email: Field { value: filled.email.clone(), error: sentence(email) },
            password_error: sentence(password),
            ..form(request, &filled.token)
        })),
    }
}

fn sentence<T>(read: Result<T>) -> Option<String> {
    read.err().map(|error| error.to_string())
}

fn form(request: &HttpRequest, token: &str) -> Setup {
    Setup {
        page: Page::open(request, say!("Set up your organization")),
        token: token.to_owned(),
        organization: Field::default(),
        website: Field::default(),
        email: Field::default(),
        password_error: None,
    }
}

fn gone(request: &HttpRequest) -> Result<HttpResponse> {
    shown(request, &SetupGone { page: Page::open(request, say!("This setup link is used up")) })
}
