//! Links that came by mail. Opening one only shows where it leads, however often a scanner does it; the page's own button
//! uses it. And the bare link of an invite, which asks for the address it was sent to.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        StatusCode,
        header::{HeaderValue, REFERRER_POLICY},
    },
    web::{self, Data, Form, Path, Query, ServiceConfig},
};
use askama::Template;
use serde::Deserialize;

use super::{
    join, shown, shown_with,
    signin::{self, Door},
    single_sign_on, to,
    view::{Field, Page},
};
use crate::{
    app::App,
    auth::{self, Before, Device, Errand, Gone, Session, Way},
    db::{Tx, View},
    error::{Error, Result},
    i18n::Message,
    ids::{InviteId, LinkId, OrganizationId},
    invites::{self, Invite, State},
    members::Email,
    meters::Entrance,
    pages::filters,
    secrets::Token,
    web::{
        browser::{self, Visitor},
        get,
        language::chosen_in,
        resource,
    },
};

/// Where a fresh link is asked for by who is known here.
const FRESH: &str = "/auth/link/fresh";

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(resource("/auth/link", "GET, POST").route(get(forgotten)).route(web::post().to(enter)))
        .service(resource(FRESH, "POST").route(web::post().to(fresh)))
        .service(resource("/auth/link/{token}", "GET").route(get(look)))
        .service(resource("/auth/signup", "GET, POST").route(get(ask_address)).route(web::post().to(mail_invite)));
}

#[derive(Template)]
#[template(path = "bare/link-confirm.html")]
struct LinkConfirm {
    page: Page,
    /// `k…@acme.test`
    masked_email: String,
    token: String,
    nonce: String,
    /// What has to be settled elsewhere.
    before: Before,
    /// It makes an account of their own, without any organization.
    alone: bool,
}

#[derive(Template)]
#[template(path = "bare/link-other.html")]
struct LinkOther {
    page: Page,
    /// Who is signed in now.
    present_email: String,
    masked_email: String,
    token: String,
    nonce: String,
    before: Before,
}

/// The link is for the owner of another organization, who can't leave it.
#[derive(Template)]
#[template(path = "bare/link-owner.html")]
struct LinkOwner {
    page: Page,
    masked_email: String,
    /// The organization they own.
    owned: String,
}

#[derive(Template)]
#[template(path = "bare/link-expired.html")]
struct LinkExpired {
    page: Page,
    used: bool,
    /// Where the address goes.
    ask: String,
    email: Field,
}

#[derive(Template)]
#[template(path = "bare/invite-address.html")]
struct InviteAddress {
    page: Page,
    invite: String,
    email: Field,
    /// The address is a good one, but another.
    wrong: bool,
}

#[derive(Template)]
#[template(path = "bare/invite-revoked.html")]
struct InviteRevoked {
    page: Page,
}

/// An invite that leads nowhere any more: it was accepted, or its time is over.
#[derive(Template)]
#[template(path = "bare/invite-over.html")]
struct InviteOver {
    page: Page,
    accepted: bool,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Pressed {
    token: String,
    nonce: String,
    /// They know that they sign someone else out.
    switch: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    invite: String,
    email: String,
}

/// `GET /auth/link/{token}`: changes nothing.
async fn look(app: Data<App>, request: HttpRequest, visitor: Visitor, token: Path<String>) -> Result<HttpResponse> {
    ask(&app, &request, &visitor, &token, StatusCode::OK)
}

/// `GET /auth/link`: the page above loaded again, after its token has left the address bar.
async fn forgotten() -> HttpResponse {
    to("/signin")
}

/// `POST /auth/link`: the button was pressed.
async fn enter(
    app: Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    Form(form): Form<Pressed>,
) -> Result<HttpResponse> {
    let way = app.db.read(|view| auth::look(view, &form.token))?;
    let unasked = someone_else(&visitor, &way).is_some() && form.switch.is_empty();
    let owner = matches!(way, Way::Invite { before: Before::Owns { .. }, .. });
    if owner || unasked || !browser::has_nonce(&request, &app, &form.nonce) {
        return ask(&app, &request, &visitor, &form.token, StatusCode::BAD_REQUEST);
    }
    let token = form.token.clone();
    let proof = move |tx: &Tx, device: &Device| auth::use_token(tx, &token, device).map(Ok);
    match signin::enter(&app, &request, Entrance::Link, None, proof).await {
        // Another click was faster, or its time has just run out.
        Err(Error::Unauthorized(_)) if nowhere(&app, &form.token)? => {
            ask(&app, &request, &visitor, &form.token, StatusCode::OK)
        }
        entered => {
            let mut response = signin::land(&app, &entered?)?;
            response.add_cookie(&browser::without_nonce(&app)).map_err(Error::internal)?;
            Ok(response)
        }
    }
}

fn nowhere(app: &App, token: &str) -> Result<bool> {
    app.db.read(|view| Ok(matches!(auth::look(view, token)?, Way::Gone { .. } | Way::Closed(_))))
}

/// Who is signed in, if the link isn't theirs.
fn someone_else<'v>(Visitor(visitor): &'v Visitor, way: &Way) -> Option<&'v Session> {
    let (Way::Invite { email, .. } | Way::Access { email, .. } | Way::Alone { email }) = way else { return None };
    visitor.as_ref().filter(|session| session.email.as_ref() != Some(email))
}

/// The page that says where a token leads and asks whether to go there, or why it leads nowhere.
fn ask(app: &App, request: &HttpRequest, visitor: &Visitor, token: &str, status: StatusCode) -> Result<HttpResponse> {
    app.db.read(|view| {
        let way = auth::look(view, token)?;
        if let Some(instead) = single_sign_on::in_the_way(app, view, request, &way)? {
            return Ok(instead);
        }
        let present = someone_else(visitor, &way);
        let alone = matches!(way, Way::Alone { .. });
        let (email, organization, before) = match way {
            Way::Invite { email, organization, before: Before::Owns { organization: owned }, .. } => {
                let page = page_for(view, request, say!("Hand your organization over first"), Some(&organization))?;
                let masked_email = email.hinted();
                return shown_with(request, StatusCode::FORBIDDEN, &LinkOwner { page, masked_email, owned });
            }
            Way::Invite { email, organization, before, .. } => (email, Some(organization), before),
            Way::Access { email, organization } => (email, organization, Before::Nothing),
            Way::Alone { email } if app.config.signup.is_some() => (email, None, Before::Nothing),
            Way::Alone { .. } => return gone(view, request, Gone::Expired, None, None),
            Way::Gone { why, organization, link } => {
                return gone(view, request, why, organization.as_ref(), link.as_ref());
            }
            Way::Closed(link) => return join::closed(view, request, &link),
            Way::Setup => return gone(view, request, Gone::Expired, None, None),
        };
        let fresh = Token::new();
        let (masked_email, token, nonce) = (email.hinted(), token.to_owned(), fresh.reveal().to_owned());
        let page = page_for(view, request, say!("Continue"), organization.as_ref())?;
        let mut response = match present {
            None => {
                let confirm = LinkConfirm { page, masked_email, token, nonce, before, alone };
                shown_with(request, status, &confirm)?
            }
            Some(session) => {
                let present_email = shown_name(session);
                let other = LinkOther { page, present_email, masked_email, token, nonce, before };
                shown_with(request, status, &other)?
            }
        };
        response.add_cookie(&browser::with_nonce(app, &fresh)).map_err(Error::internal)?;
        response.headers_mut().insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
        Ok(response)
    })
}

fn shown_name(session: &Session) -> String {
    let nobody = || say!("someone else").to_string();
    let name = || session.member.as_ref().map_or_else(nobody, |member| member.called().to_owned());
    session.email.as_ref().map_or_else(name, Email::to_string)
}

fn page_for(view: &View, request: &HttpRequest, title: Message, organization: Option<&OrganizationId>) -> Result<Page> {
    match organization {
        Some(organization) => Page::branded(view, request, title, organization),
        None => Ok(Page::open(request, title)),
    }
}

fn gone(
    view: &View,
    request: &HttpRequest,
    why: Gone,
    organization: Option<&OrganizationId>,
    link: Option<&LinkId>,
) -> Result<HttpResponse> {
    let page = |title| page_for(view, request, title, organization);
    match why {
        Gone::Revoked => shown(request, &InviteRevoked { page: page(say!("This invite was revoked"))? }),
        Gone::Used | Gone::Expired => {
            let used = why == Gone::Used;
            let page = page(if used { say!("This link was used") } else { say!("This link has expired") })?;
            // Who has not joined yet is known to the open link's own page only.
            let ask =
                link.filter(|_| !used).map_or_else(|| FRESH.to_owned(), |link| format!("/organization/join/{link}"));
            shown(request, &LinkExpired { page, used, ask, email: Field::default() })
        }
    }
}

/// `POST /auth/link/fresh`: a link is too old, and its person asks for another.
async fn fresh(app: Data<App>, request: HttpRequest, form: Form<Asked>) -> Result<HttpResponse> {
    match form.email.parse() {
        Ok(email) => signin::send(&app, &request, email, Door::TeamAccess).await,
        Err(error) => {
            let page = Page::open(&request, say!("This link has expired"));
            let again =
                LinkExpired { page, used: false, ask: FRESH.to_owned(), email: Field::wrong(&form.email, &error) };
            shown_with(&request, error.status(), &again)
        }
    }
}

/// `GET /auth/signup?invite=ID` [002]
async fn ask_address(app: Data<App>, request: HttpRequest, asked: Query<Asked>) -> Result<HttpResponse> {
    app.db.read(|view| {
        let invite = invite(view, &asked.invite)?;
        if let Some(over) = over(view, &request, &invite)? {
            return Ok(over);
        }
        shown(&request, &address(view, &request, &invite, Field::default(), false)?)
    })
}

/// `POST /auth/signup`
async fn mail_invite(app: Data<App>, request: HttpRequest, asked: Form<Asked>) -> Result<HttpResponse> {
    let parsed: Result<Email> = asked.email.parse();
    app.limits.mail(&request, parsed.as_ref().map_or("", Email::as_str))?;
    let invite = app.db.read(|view| invite(view, &asked.invite))?;
    if let Some(over) = app.db.read(|view| over(view, &request, &invite))? {
        return Ok(over);
    }
    let again = |email, wrong| {
        let view = app.db.read(|view| address(view, &request, &invite, email, wrong))?;
        shown_with(&request, StatusCode::BAD_REQUEST, &view)
    };
    let email = match parsed {
        Ok(email) => email,
        Err(error) => return again(Field::wrong(&asked.email, &error), false),
    };
    if invite.email == email
        && let Some(connection) = app.db.read(|view| auth::only_way_in(view, &email))?
    {
        if connection.organization != invite.organization {
            return single_sign_on::foreign(&app, &request, &email);
        }
        return single_sign_on::leave(&app, &request, connection, Some(&email), Errand::SignIn).await;
    }
    let (id, to, language) = (invite.id.clone(), email.clone(), chosen_in(&request));
    let asked = app.db.write(move |tx| {
        auth::ask_for_invite(tx, &id, &to)?;
        auth::asked_in(tx, &to, language)
    });
    match asked.await {
        Err(Error::Invalid(_)) => again(Field::new(email.as_str()), true),
        other => {
            other?;
            signin::sent(&app, &request, &email, &Door::TeamAccess)
        }
    }
}

fn invite(view: &View, id: &str) -> Result<Invite> {
    let id: InviteId = id.parse().map_err(|_| Error::NotFound("Invite"))?;
    invites::get(view, &id)
}

/// The page of an invite that can't be accepted any more.
fn over(view: &View, request: &HttpRequest, invite: &Invite) -> Result<Option<HttpResponse>> {
    if invite.open(view.now) {
        return Ok(None);
    }
    let page = |title| Page::branded(view, request, title, &invite.organization);
    let accepted = invite.state == State::Accepted;
    let response = if invite.state == State::Revoked {
        shown(request, &InviteRevoked { page: page(say!("This invite was revoked"))? })
    } else {
        let title = if accepted { say!("This invite was accepted") } else { say!("This invite has expired") };
        shown(request, &InviteOver { page: page(title)?, accepted })
    };
    response.map(Some)
}

fn address(view: &View, request: &HttpRequest, invite: &Invite, email: Field, wrong: bool) -> Result<InviteAddress> {
    let page = Page::branded(view, request, say!("Your headshots"), &invite.organization)?;
    Ok(InviteAddress { page, invite: invite.id.to_string(), email, wrong })
}
