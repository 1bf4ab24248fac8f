//! To an organization's identity provider and back: nobody types anything here.

use actix_web::{
    HttpRequest, HttpResponse,
    cookie::time::Duration,
    http::header::{HeaderName, HeaderValue, LOCATION},
    web::{self, Data, Query, ServiceConfig},
};
use askama::Template;
use serde::Deserialize;

use super::{
    shown, shown_with, signin,
    view::{Link, Page},
};
use crate::{
    app::App,
    auth::{self, Errand, Refusal, Returned, Way},
    connections::{self, Connection},
    db::View,
    error::{Error, Result},
    i18n::Message,
    ids::OrganizationId,
    members::{DomainName, Email},
    meters::Entrance,
    oidc::{Claims, Fault, Provider},
    pages::filters,
    secrets::{Digest, Token},
    web::{
        attempts,
        browser::{self, Visitor},
        resource,
    },
};

mod words;

use words::Words;

/// Where providers send people back to.
pub(super) const CALLBACK: &str = "/auth/sso/callback";

/// How long a browser keeps what it left with.
const KEPT: Duration = Duration::minutes(10);

pub(super) fn routes(config: &mut ServiceConfig) {
    // Not HEAD: it would use the state up.
    config.service(resource(CALLBACK, "GET").route(web::get().to(back)));
}

/// On the way to the provider.
#[derive(Template)]
#[template(path = "bare/sso-away.html")]
struct Away {
    page: Page,
    host: String,
    href: String,
}

/// A way in that an organization has closed in favour of its provider.
#[derive(Template)]
#[template(path = "bare/sso-instead.html")]
struct Instead {
    page: Page,
    email: String,
    masked_email: String,
    /// Where the address goes.
    action: String,
}

#[derive(Template)]
#[template(path = "bare/sso-refused.html")]
struct Refused {
    page: Page,
    words: Words,
    /// The cause as it was found, for the owner who tests.
    detail: Option<String>,
    next: Link,
    /// A way in without the provider is open.
    mail: bool,
}

/// The provider of an address's domain, if it has one, and nobody has asked for another way.
pub(super) fn provider_of(app: &App, email: &Email) -> Result<Option<Connection>> {
    app.db.read(|view| connections::for_address(view, email))
}

/// Sends someone to their provider.
pub(super) async fn leave(
    app: &App,
    request: &HttpRequest,
    connection: Connection,
    email: Option<&Email>,
    errand: Errand,
) -> Result<HttpResponse> {
    let state = Token::new();
    let relation = connection.relation(&app.key, app.urls.page(CALLBACK))?;
    let testing = matches!(errand, Errand::Test(_));
    let provider = match Provider::discover(&app.outbound, relation).await {
        Ok(provider) => provider,
        Err(fault) => return refused(app, request, Some(&connection), testing, &Trouble::Provider(fault)),
    };
    let departure = provider.departure(state.reveal(), email.map(Email::as_str))?;
    // The same for all windows of a browser, so that one way doesn't end another.
    let browser = left_with(request, app).unwrap_or_else(|| Token::new().reveal().to_owned());
    let (kept, key, of, token) = (departure.kept, app.key.clone(), connection.clone(), Digest::of(&browser));
    app.db.write(move |tx| auth::leave_for_provider(tx, &key, &of, &errand, kept, &state, &token)).await?;
    let href = departure.url.to_string();
    let mut response = if request.headers().contains_key("sec-fetch-mode") {
        // Chromium holds the redirects that follow a form to the page's policy on forms, which names nobody but us, and a
        // provider may redirect further to anyone: so this is a page that moves on by itself.
        let page = app.db.read(|view| Page::branded(view, request, say!("Signing in"), &connection.organization))?;
        let host = departure.url.host_str().unwrap_or_default().to_owned();
        let mut response = shown(request, &Away { page, host, href: href.clone() })?;
        let refresh = HeaderValue::from_str(&format!("0; url={href}")).map_err(Error::internal)?;
        response.headers_mut().insert(HeaderName::from_static("refresh"), refresh);
        response
    } else {
        HttpResponse::SeeOther().insert_header((LOCATION, href)).finish()
    };
    let cookie = browser::kept(app, cookie_name(app), browser, KEPT);
    response.add_cookie(&cookie).map_err(Error::internal)?;
    Ok(response)
}

/// What ties a way to this browser. Too short a text is none of ours.
fn left_with(request: &HttpRequest, app: &App) -> Option<String> {
    request.cookie(cookie_name(app)).map(|cookie| cookie.value().to_owned()).filter(|value| value.len() >= 40)
}

fn cookie_name(app: &App) -> &'static str {
    if app.urls.secure() { "__Host-headroom-sso" } else { "headroom-sso" }
}

/// What a provider sends someone back with.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Answer {
    state: String,
    code: Option<String>,
    error: Option<String>,
    error_description: Option<String>,
    iss: Option<String>,
}

/// Why nobody is let in.
enum Trouble {
    /// By our rules.
    Rule(Refusal),
    /// The provider's word can't be believed, or there is none.
    Provider(Fault),
    /// The provider says no, by this code.
    Said(String),
    /// The address may sign in by its own organization's provider only, and that is another one.
    Foreign(String),
    /// A test came back to someone else.
    NotTheirs,
}

impl From<Refusal> for Trouble {
    fn from(refusal: Refusal) -> Self {
        Self::Rule(refusal)
    }
}

impl From<Fault> for Trouble {
    fn from(fault: Fault) -> Self {
        Self::Provider(fault)
    }
}

/// `GET /auth/sso/callback`
async fn back(
    app: Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    Query(answer): Query<Answer>,
) -> Result<HttpResponse> {
    let (key, state) = (app.key.clone(), answer.state.clone());
    let browser = left_with(&request, &app);
    let returned = app.db.write(move |tx| auth::return_from_provider(tx, &key, &state, browser.as_deref())).await?;
    let returned = match returned {
        Ok(returned) => returned,
        Err(refusal) => return refused(&app, &request, None, false, &refusal.into()),
    };
    let (connection, testing) = (returned.connection.clone(), returned.tester.is_some());
    let done = match vouched(&app, &returned, answer).await? {
        Ok(claims) if testing => told(&app, &request, &visitor, &returned, &claims).await?,
        Ok(claims) => {
            let entered = signin::enter_unless(&app, &request, move |tx, device| {
                auth::enter_by_provider(tx, &returned, &claims, device)
            });
            match entered.await? {
                Ok(entered) => {
                    attempts::accepted(&app, Entrance::SingleSignOn, &entered);
                    Ok(signin::land(&app, &entered)?)
                }
                Err(refusal) => Err(Trouble::Rule(refusal)),
            }
        }
        Err(trouble) => Err(trouble),
    };
    match done {
        Ok(response) => Ok(response),
        Err(trouble) => refused(&app, &request, Some(&connection), testing, &trouble),
    }
}

/// What the provider proves of whoever is back.
async fn vouched(app: &App, returned: &Returned, answer: Answer) -> Result<Result<Claims, Trouble>> {
    let relation = returned.connection.relation(&app.key, app.urls.page(CALLBACK))?;
    if let Some(error) = answer.error {
        let said = [Some(error), answer.error_description].into_iter().flatten().collect::<Vec<_>>().join(": ");
        return Ok(Err(Trouble::Said(said.chars().take(300).collect())));
    }
    let Some(code) = answer.code else {
        return Ok(Err(Fault::Garbled("the provider sent neither a code nor an error".to_owned()).into()));
    };
    let claims = async {
        let provider = Provider::discover(&app.outbound, relation).await?;
        provider.must_have_answered(answer.iss.as_deref())?;
        provider.redeem(&code, &returned.kept, app.db.clock().now()).await
    };
    Ok(claims.await.map_err(Trouble::Provider))
}

/// Tells the lead who tests what came back. Nobody is signed in by it.
async fn told(
    app: &App,
    request: &HttpRequest,
    Visitor(visitor): &Visitor,
    returned: &Returned,
    claims: &Claims,
) -> Result<Result<HttpResponse, Trouble>> {
    let lead = visitor.as_ref().and_then(|session| session.member.clone());
    let Some(lead) = lead.filter(|lead| lead.leads() && Some(&lead.id) == returned.tester.as_ref()) else {
        return Ok(Err(Trouble::NotTheirs));
    };
    let connection = returned.connection.clone();
    let outcome = app.db.read(|view| auth::would_enter(view, &connection, claims))?;
    if auth::shows_that_it_works(&outcome) {
        let (by, tried) = (lead.actor(), connection.clone());
        app.db.write(move |tx| auth::tested(tx, &by, &tried)).await?;
    }
    super::admin::tested(app, request, &lead, &connection, claims, &outcome).map(Ok)
}

/// The page of a refusal: what happened, what it means, what to do. What a provider wrote is for the owner who tests; nobody
/// else sees a word of it.
fn refused(
    app: &App,
    request: &HttpRequest,
    connection: Option<&Connection>,
    testing: bool,
    trouble: &Trouble,
) -> Result<HttpResponse> {
    let (words, cause) = (Words::of(trouble), trouble.cause());
    tracing::info!(connection = connection.map(|one| one.id.as_str()), cause, "single sign-on was refused");
    if !testing {
        attempts::refused(app, Entrance::SingleSignOn, None);
    }
    let page = page_for(app, request, words.title.clone(), connection.map(|one| &one.organization))?;
    let next = if testing {
        Link::new("/app/admin/settings/single-sign-on", say!("Back to the settings"))
    } else {
        Link::new("/signin", words.again.clone())
    };
    // On their own they keep every way in, also where this is the only one for others.
    let free = matches!(trouble, Trouble::Rule(Refusal::OwnHeadshots(_)));
    let mail = !testing && words.mail && (free || connection.is_none_or(|connection| !connection.enforced));
    let detail = testing.then_some(cause);
    let status = words.status;
    shown_with(request, status, &Refused { page, words, detail, next, mail })
}

fn page_for(app: &App, request: &HttpRequest, title: Message, organization: Option<&OrganizationId>) -> Result<Page> {
    match organization {
        Some(organization) => app.db.read(|view| Page::branded(view, request, title, organization)),
        None => Ok(Page::open(request, title)),
    }
}

/// The page of an invite or an open link that can't be taken, because its address signs in at another organization's provider.
pub(super) fn foreign(app: &App, request: &HttpRequest, email: &Email) -> Result<HttpResponse> {
    let domain = DomainName::of(email).map(|domain| domain.to_string()).unwrap_or_default();
    refused(app, request, None, false, &Trouble::Foreign(domain))
}

/// The page that stands in the way of a mailed link whose address has to come by its provider. None for any other.
pub(super) fn in_the_way(app: &App, view: &View, request: &HttpRequest, way: &Way) -> Result<Option<HttpResponse>> {
    let (email, wanted, action) = match way {
        Way::Invite { email, organization, joins_by, .. } => {
            let page = joins_by.as_ref().map(|link| format!("/organization/join/{link}"));
            (email, Some(organization), page.unwrap_or_else(|| "/signin".to_owned()))
        }
        Way::Access { email, .. } => (email, None, "/signin".to_owned()),
        _ => return Ok(None),
    };
    let Some(connection) = auth::bound_to(view, email)? else { return Ok(None) };
    if wanted.is_some_and(|wanted| *wanted != connection.organization) {
        return foreign(app, request, email).map(Some);
    }
    let page = Page::branded(view, request, say!("Continue with single sign-on"), &connection.organization)?;
    let instead = Instead { page, email: email.to_string(), masked_email: email.hinted(), action };
    shown(request, &instead).map(Some)
}
