//! Browsers: the session of a request, and what its person may see.

use actix_web::{
    FromRequest, HttpMessage, HttpRequest,
    cookie::{Cookie, SameSite, time::Duration},
    dev::Payload,
    http::header,
    web::Data,
};
use futures::future::{Ready, ready};

use super::{
    behalf::{self, ActsFor, is_for_someone},
    frames, language,
};
use crate::{
    app::App,
    auth::{self, Device, Session},
    db::View,
    error::{Error, Result},
    i18n::prefer,
    ids::{AccountId, OrganizationId},
    members::{Actor, Member},
    secrets::{Digest, Token},
    shoots,
};

/// Whoever is signed in on the browser, if anyone.
#[derive(Debug)]
pub struct Visitor(pub Option<Session>);

/// Someone who is signed in by an address of theirs, whether or not they belong to an organization; not inside another
/// product.
#[derive(Debug)]
pub struct Person(pub Session);

/// Someone who is signed in and belongs to an organization: at their own pages, or at those of someone they look after.
#[derive(Debug)]
pub struct SignedIn {
    /// Whose pages these are.
    pub member: Member,
    /// Who sits in front of them: the same person, or a lead for them.
    pub by: Member,
}

impl SignedIn {
    /// Whether somebody else acts for the member.
    pub fn for_another(&self) -> bool {
        self.by.id != self.member.id
    }

    /// The address of one of the member's pages, such as `/onboarding`, for whoever is looking. Every link, form and redirect of
    /// these pages is made here: who acts for someone goes on doing so.
    pub fn at(&self, page: &str) -> String {
        if self.for_another() { behalf::pages_for(&self.member.id) + page } else { format!("{MEMBER_PAGES}{page}") }
    }
}

/// Someone who looks at a page that stays open. What they may see is found out anew each time it is shown to them.
#[derive(Debug)]
pub struct Onlooker {
    /// As whom.
    pub account: AccountId,
    cookie: String,
    embedded: bool,
}

impl Onlooker {
    /// Their session, as long as it counts and is still theirs.
    pub fn session(&self, view: &View) -> Result<Option<Session>> {
        let session = auth::browser(view, &self.cookie)?;
        Ok(session.filter(|session| session.embedded == self.embedded && session.account == self.account))
    }

    /// Whether they still lead this organization, and have the factors it asks for.
    pub fn leads(&self, view: &View, organization: &OrganizationId) -> Result<bool> {
        let Some(session) = self.session(view)? else { return Ok(false) };
        let Some(member) = session.member.filter(|member| member.leads() && member.organization == *organization)
        else {
            return Ok(false);
        };
        Ok(!auth::lacks_factor(view, &member, session.method)?)
    }
}

/// Whoever is signed in where a request came from, for longer than the request.
///
/// # Errors
/// Nobody is.
pub fn onlooker(request: &HttpRequest, app: &Data<App>) -> Result<Onlooker> {
    let nobody = || Error::Unauthorized(say!("You are not signed in."));
    let session = session(request, app)?.ok_or_else(nobody)?;
    let embedded = session.embedded;
    let cookie = if embedded { embedded_cookie_of(request, app) } else { cookie_of(request, app) };
    Ok(Onlooker { account: session.account, cookie: cookie.ok_or_else(nobody)?, embedded })
}

/// How often the bell of a lead's organization had rung before anything was read for their page.
#[derive(Clone, Copy, Debug)]
pub struct AsOf(pub u64);

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
        ready(app(request).and_then(|app| session(request, app)).map(Self))
    }
}

impl FromRequest for Person {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let session = app(request).and_then(|app| session(request, app));
        ready(session.and_then(|session| {
            let session = session.filter(|session| !session.embedded && session.email.is_some());
            session.map(Self).ok_or_else(|| Error::Unauthorized(say!("You are not signed in.")))
        }))
    }
}

/// Someone at their own pages: what is theirs alone, nobody does for them.
#[derive(Debug)]
pub struct Own {
    /// Whose pages these are.
    pub member: Member,
}

impl FromRequest for Own {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(whose(request).and_then(|who| {
            if who.for_another() { Err(Error::NotFound("Page")) } else { Ok(Self { member: who.member }) }
        }))
    }
}

impl FromRequest for SignedIn {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(whose(request))
    }
}

impl FromRequest for Lead {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(member(request).and_then(|member| {
            if member.leads() {
                request.extensions_mut().insert(AsOf(app(request)?.db.changes(&member.organization)));
                Ok(Self { member })
            } else {
                Err(Error::forbidden(say!("This page is for the people who lead your organization.")))
            }
        }))
    }
}

fn app(request: &HttpRequest) -> Result<&Data<App>> {
    request.app_data::<Data<App>>().ok_or_else(|| Error::internal("a route without its app"))
}

fn member(request: &HttpRequest) -> Result<Member> {
    let app = app(request)?;
    let session = session(request, app)?.ok_or_else(|| Error::Unauthorized(say!("You are not signed in.")))?;
    let method = session.method;
    let member = session.member.ok_or_else(|| {
        Error::forbidden(say!("You don't belong to an organization any more. It takes a new invite to come back."))
    })?;
    if app.db.read(|view| auth::lacks_factor(view, &member, method))? {
        return Err(Error::SecondFactorMissing);
    }
    Ok(member)
}

/// Whose pages a request is for, and who asks. For whoever may not act for that member there is no such page.
fn whose(request: &HttpRequest) -> Result<SignedIn> {
    let by = member(request)?;
    let acts_for = request.extensions().get::<ActsFor>().cloned();
    let member = match acts_for {
        Some(ActsFor(id)) => app(request)?.db.read(|view| shoots::looked_after(view, &by, &id))?,
        None => by.clone(),
    };
    Ok(SignedIn { member, by })
}

/// Where members are.
pub const MEMBER_PAGES: &str = "/team-member";

/// Whether a path is one of the member's own pages.
pub fn is_member_page(path: &str) -> bool {
    let below = path.strip_prefix(MEMBER_PAGES).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    below && !is_for_someone(path)
}

/// The session that counts here. A session inside another product counts on the member's pages, and before any other one: who
/// has just opened a signed URL sees what it is of. Everywhere else it counts for nothing, so a lead's pages go on working.
fn session(request: &HttpRequest, app: &Data<App>) -> Result<Option<Session>> {
    if is_member_page(request.path())
        && !request.extensions().contains::<ActsFor>()
        && let Some(session) = embedded(request, app)?
    {
        if let Some(member) = &session.member {
            app.db.read(|view| frames::allow(request, app, view, &member.organization))?;
        }
        return Ok(Some(session));
    }
    kept_in(app, cookie_of(request, app), false)
}

/// The cookie of the session that counts here, as [`SignedIn`] finds it; and whether that is one inside another product.
pub fn counting_cookie(request: &HttpRequest, app: &Data<App>) -> Result<Option<(String, bool)>> {
    let embedded = session(request, app)?.map(|session| session.embedded);
    Ok(embedded.and_then(|embedded| {
        let cookie = if embedded { embedded_cookie_of(request, app) } else { cookie_of(request, app) };
        cookie.map(|cookie| (cookie, embedded))
    }))
}

/// The session inside another product, if there is one.
pub fn embedded(request: &HttpRequest, app: &Data<App>) -> Result<Option<Session>> {
    kept_in(app, embedded_cookie_of(request, app), true)
}

fn kept_in(app: &Data<App>, cookie: Option<String>, embedded: bool) -> Result<Option<Session>> {
    let Some(cookie) = cookie else { return Ok(None) };
    let found = app.db.read(|view| auth::browser(view, &cookie))?;
    let session = found.filter(|session| session.embedded == embedded);
    if let Some(language) = session.as_ref().and_then(|session| session.language) {
        prefer(language);
    }
    if session.as_ref().is_some_and(|session| session.stale) {
        let db = app.db.clone();
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

/// The same of a session inside another product.
pub fn embedded_cookie_of(request: &HttpRequest, app: &App) -> Option<String> {
    request.cookie(embedded_name(app)).map(|cookie| cookie.value().to_owned())
}

/// The browser as it shows itself.
pub fn device(request: &HttpRequest, app: &App) -> Device {
    let agent = request.headers().get(header::USER_AGENT).and_then(|agent| agent.to_str().ok()).map(ToOwned::to_owned);
    let mark = request.cookie(mark_name(app)).and_then(|cookie| Token::parse(cookie.value()));
    Device { mark, agent, address: app.limits.client(request), language: language::chosen_in(request) }
}

/// The cookie that keeps someone signed in.
pub fn signed_in(app: &App, session: &Token) -> Cookie<'static> {
    kept(app, cookie_name(app), session.reveal().to_owned(), Duration::days(90))
}

/// The cookie that takes it back.
pub fn signed_out(app: &App) -> Cookie<'static> {
    kept(app, cookie_name(app), String::new(), Duration::ZERO)
}

/// The cookie that the browser is recognised by when someone signs in on it again. It opens nothing.
pub fn recognised(app: &App, mark: &Token) -> Cookie<'static> {
    kept(app, mark_name(app), mark.reveal().to_owned(), Duration::days(365))
}

fn mark_name(app: &App) -> &'static str {
    if app.urls.secure() { "__Host-headroom-device" } else { "headroom-device" }
}

/// The cookie of a session inside another product, as the text of its header. On a page of another site a browser keeps it
/// only for that site, apart from what it keeps for any other, and also where it blocks the cookies of third parties.
pub fn let_in(request: &HttpRequest, app: &App, session: &Token) -> String {
    let cookie = kept(app, embedded_name(app), session.reveal().to_owned(), EMBEDDED_KEPT);
    within(cookie, app.urls.whitelabel_secure() || framed_by_another_name(request))
}

/// A cookie that says something to the next page, also where that is inside another product; as the text of its header.
pub fn passing(app: &App, name: &'static str, value: String, lifetime: Duration) -> String {
    within(kept(app, name, value, lifetime), app.urls.secure() && app.urls.whitelabel_secure())
}

/// `apart`: a browser keeps it on a page of another site too, for that site only.
fn within(mut cookie: Cookie<'static>, apart: bool) -> String {
    cookie.set_secure(apart);
    cookie.set_same_site(if apart { SameSite::None } else { SameSite::Lax });
    // The cookie library doesn't know this attribute yet.
    if apart { format!("{cookie}; Partitioned") } else { cookie.to_string() }
}

/// Whether a request is for a page in a frame.
pub fn in_frame(request: &HttpRequest) -> bool {
    request.headers().get("sec-fetch-dest").is_some_and(|dest| dest == "iframe" || dest == "frame")
}

/// Without TLS browsers keep such a cookie for the machine itself only. That is development: a page on `localhost` frames
/// `127.0.0.1`, which is another site. Another port alone is the same one, and needs none of it.
fn framed_by_another_name(request: &HttpRequest) -> bool {
    let says = |name: &str, wanted: &str| request.headers().get(name).is_some_and(|value| value == wanted);
    says("sec-fetch-site", "cross-site") && says("sec-fetch-dest", "iframe")
}

/// The cookie that takes it back.
pub fn let_out(app: &App) -> Cookie<'static> {
    let mut cookie = kept(app, embedded_name(app), String::new(), Duration::ZERO);
    cookie.set_secure(app.urls.whitelabel_secure());
    cookie
}

/// Longer than the session: whoever comes back too late is told so by a page that isn't ours either.
const EMBEDDED_KEPT: Duration = Duration::days(14);

/// Names nobody: it is seen inside other products.
fn embedded_name(app: &App) -> &'static str {
    if app.urls.whitelabel_secure() { "__Host-embedded" } else { "embedded" }
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
