//! From a screen to a phone: a code to scan, and the page it opens. As with links in mails, opening it only shows where it leads,
//! however often a scanner does it; the page's own button uses it.

use actix_web::{
    HttpRequest, HttpResponse, Responder,
    http::header::{HeaderValue, SET_COOKIE},
    web::{self, Data, Form, Path, ServiceConfig},
};
use askama::Template;
use base64::{Engine, prelude::BASE64_STANDARD};
use serde::{Deserialize, Serialize};

use super::{member, qr, shown, signin, to, view::Page};
use crate::{
    app::App,
    auth::{self, Handoff},
    db::View,
    error::{Error, Result},
    i18n::Message,
    ids::OrganizationId,
    members::Member,
    meters::Entrance,
    pages::filters,
    web::{
        attempts,
        browser::{self, SignedIn, Visitor},
        get,
        json::{self, Json},
        resource,
    },
};

/// Where a phone signs in.
const PHONE: &str = "/auth/phone";

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(resource("/team-member/handoff", "POST").route(web::post().to(offer)))
        .service(resource(PHONE, "GET, POST").route(get(forgotten)).route(web::post().to(enter)))
        .service(resource("/auth/phone/{token}", "GET").route(get(look)));
}

#[derive(Template)]
#[template(path = "member/handoff.html")]
struct Offer {
    page: Page,
    /// The code, as a picture in an address.
    picture: String,
    address: String,
    /// Back to where it was asked for.
    back: String,
}

/// The same for a script.
#[derive(Serialize)]
struct Offered {
    picture: String,
    address: String,
}

/// `POST /team-member/handoff`: a code that leads a phone to the same person's photos. Whoever acts for someone goes on doing so.
async fn offer(request: HttpRequest, app: Data<App>, who: SignedIn) -> Result<HttpResponse> {
    let cookie = browser::counting_cookie(&request, &app)?;
    let (cookie, embedded) = cookie.ok_or_else(|| Error::Unauthorized(say!("You are not signed in.")))?;
    let back = who.at("/onboarding/photos");
    let path = back.clone();
    let token = app.db.write(move |tx| auth::hand_off(tx, &cookie, &path)).await?;
    let address = app.urls.phone(&token, embedded);
    let picture = format!("data:image/svg+xml;base64,{}", BASE64_STANDARD.encode(qr::svg(&address)?));
    if json::wanted(request.headers()) {
        return Ok(Json(Offered { picture, address }).respond_to(&request));
    }
    app.db.read(|view| {
        let page = member::frame(view, &request, say!("Continue on your phone"), &who)?;
        shown(&request, &Offer { page, picture, address, back })
    })
}

#[derive(Template)]
#[template(path = "bare/phone.html")]
struct Phone {
    page: Page,
    /// Who goes on.
    name: String,
    token: String,
    /// Who is signed in on this phone now, and is somebody else.
    other: Option<String>,
}

#[derive(Template)]
#[template(path = "bare/phone-gone.html")]
struct PhoneGone {
    page: Page,
}

/// `GET /auth/phone/{token}`: changes nothing.
async fn look(app: Data<App>, request: HttpRequest, visitor: Visitor, token: Path<String>) -> Result<HttpResponse> {
    app.db.read(|view| {
        let handoff = auth::look_at_handoff(view, &token)?;
        let Some(Handoff { session, .. }) = handoff else { return gone(view, &request, &token) };
        let Some(member) = &session.member else { return gone(view, &request, &token) };
        let present = visitor.0.filter(|present| !session.embedded && present.account != session.account);
        let other = present.map(|present| {
            let member = present.member.as_ref().map(Member::called);
            member.map_or_else(|| say!("someone else").into(), str::to_owned)
        });
        let page = page(view, &request, say!("Continue on this phone"), &member.organization, session.embedded)?;
        let name = member.called().to_owned();
        shown(&request, &Phone { page, name, token: token.to_string(), other })
    })
}

/// `GET /auth/phone`: the page above loaded again, after its token has left the address bar.
async fn forgotten() -> HttpResponse {
    to(browser::MEMBER_PAGES)
}

#[derive(Deserialize)]
struct Pressed {
    #[serde(default)]
    token: String,
}

/// `POST /auth/phone`: the button was pressed.
async fn enter(app: Data<App>, request: HttpRequest, Form(form): Form<Pressed>) -> Result<HttpResponse> {
    app.limits.address(&request)?;
    let Some(handoff) = app.db.read(|view| auth::look_at_handoff(view, &form.token))? else {
        attempts::refused(&app, Entrance::Handoff, None);
        return app.db.read(|view| gone(view, &request, &form.token));
    };
    let entered = if handoff.session.embedded {
        enter_embedded(&app, &request, form.token.clone()).await
    } else {
        enter_own(&app, &request, form.token.clone(), &handoff.path).await
    };
    match entered {
        // Another press was faster, or its time has just run out.
        Err(Error::Unauthorized(_)) if app.db.read(|view| auth::look_at_handoff(view, &form.token))?.is_none() => {
            app.db.read(|view| gone(view, &request, &form.token))
        }
        entered => entered,
    }
}

async fn enter_own(app: &App, request: &HttpRequest, token: String, path: &str) -> Result<HttpResponse> {
    let entered = signin::enter(app, request, Entrance::Handoff, None, move |tx, device| {
        auth::use_handoff(tx, &token, device).map(|(entered, _)| Ok(entered))
    });
    signin::land_at(app, &entered.await?, path)
}

async fn enter_embedded(app: &App, request: &HttpRequest, token: String) -> Result<HttpResponse> {
    let (before, device) = (browser::embedded_cookie_of(request, app), browser::device(request, app));
    let entered = app.db.write(move |tx| {
        let entered = auth::use_handoff(tx, &token, &device)?;
        if let Some(before) = before {
            auth::end_session(tx, &before)?;
        }
        Ok(entered)
    });
    let taken = entered.await;
    attempts::ended(app, Entrance::Handoff, None, taken.as_ref().map(|(entered, _)| entered));
    let (entered, path) = taken?;
    let mut response = to(path);
    let cookie = browser::let_in(request, app, &entered.session);
    response.headers_mut().append(SET_COOKIE, HeaderValue::try_from(cookie).map_err(Error::internal)?);
    Ok(response)
}

fn gone(view: &View, request: &HttpRequest, token: &str) -> Result<HttpResponse> {
    const TITLE: Message = say!("This code works no more");
    let page = match auth::organization_of_handoff(view, token)? {
        Some((organization, embedded)) => page(view, request, TITLE, &organization, embedded)?,
        None => Page::open(request, TITLE),
    };
    shown(request, &PhoneGone { page })
}

/// In the organization's name; and in nobody else's for someone from another product.
fn page(
    view: &View,
    request: &HttpRequest,
    title: Message,
    organization: &OrganizationId,
    embedded: bool,
) -> Result<Page> {
    let mut page = Page::branded(view, request, title, organization)?;
    page.brand.product &= !embedded;
    Ok(page)
}
