//! `/auth/social`: the way in for someone whom another product sends, in a frame, a window or by redirect. [004]

use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        Method,
        header::{HeaderValue, REFERRER_POLICY, SET_COOKIE},
    },
    web::{Data, Query, ServiceConfig},
};
use askama::Template;
use serde::Deserialize;
use url::form_urlencoded;

use super::{
    problem, shown, to,
    view::{Brand, Page},
};
use crate::{
    app::App,
    auth,
    error::{Error, Result},
    meters::Entrance,
    organizations,
    pages::filters,
    web::{attempts, browser, frames, get, resource},
};

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(resource(ENTER, "GET").route(get(enter))).service(resource(ARRIVED, "GET").route(get(arrived)));
}

const ENTER: &str = "/auth/social";
/// Where a frame goes on, to see whether the browser has kept the cookie.
const ARRIVED: &str = "/auth/social/arrived";

/// `anonymous=1` stands in the address too, and says nothing that the token doesn't.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Signed {
    token: String,
}

impl Signed {
    fn at(&self, path: &str) -> String {
        format!("{path}?{}", form_urlencoded::Serializer::new(String::new()).append_pair("token", &self.token).finish())
    }
}

#[derive(Template)]
#[template(path = "bare/nothing-kept.html")]
struct NothingKept {
    page: Page,
    /// The same signed URL, to open in a window.
    again: String,
}

/// `GET /auth/social?token=…&anonymous=1`: signs the token's member in and leaves it behind. Works as often as wanted for a day,
/// because the page around a frame is loaded again and again.
async fn enter(app: Data<App>, request: HttpRequest, Query(signed): Query<Signed>) -> Result<HttpResponse> {
    let mut response = match app.db.read(|view| auth::look_at_signed_url(view, &signed.token)) {
        Ok(member) => {
            app.db.read(|view| frames::allow(&request, &app, view, &member.organization))?;
            let on = if browser::in_frame(&request) { signed.at(ARRIVED) } else { browser::MEMBER_PAGES.to_owned() };
            sign_in(&app, &request, signed.token, &on).await?
        }
        Err(Error::Unauthorized(_)) => {
            attempts::refused(&app, Entrance::SignedUrl, None);
            too_old(&app, &request, &signed.token)?
        }
        Err(other) => return Err(other),
    };
    response.headers_mut().insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    Ok(response)
}

async fn sign_in(app: &App, request: &HttpRequest, token: String, on: &str) -> Result<HttpResponse> {
    let mut response = to(on);
    if request.method() == Method::HEAD {
        return Ok(response);
    }
    let (before, device) = (browser::embedded_cookie_of(request, app), browser::device(request, app));
    let entered = app.db.write(move |tx| {
        if let Some(before) = before {
            auth::end_session(tx, &before)?;
        }
        auth::use_signed_url(tx, &token, &device)
    });
    let entered = entered.await;
    attempts::ended(app, Entrance::SignedUrl, None, entered.as_ref());
    let cookie = browser::let_in(request, app, &entered?.session);
    response.headers_mut().append(SET_COOKIE, HeaderValue::try_from(cookie).map_err(Error::internal)?);
    Ok(response)
}

/// `GET /auth/social/arrived?token=…`: goes on to the member's pages, or says why that is impossible in this frame.
async fn arrived(app: Data<App>, request: HttpRequest, Query(signed): Query<Signed>) -> Result<HttpResponse> {
    let member = match app.db.read(|view| auth::look_at_signed_url(view, &signed.token)) {
        Ok(member) => member,
        Err(Error::Unauthorized(_)) => return too_old(&app, &request, &signed.token),
        Err(other) => return Err(other),
    };
    let session = browser::embedded(&request, &app)?;
    let mut response = if session.and_then(|session| session.member).is_some_and(|kept| kept.id == member.id) {
        to(browser::MEMBER_PAGES)
    } else {
        app.db.read(|view| {
            frames::allow(&request, &app, view, &member.organization)?;
            let mut page = Page::branded(view, &request, say!("Go on in a window"), &member.organization)?;
            page.brand.product = false;
            shown(&request, &NothingKept { page, again: signed.at(ENTER) })
        })?
    };
    response.headers_mut().insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    Ok(response)
}

fn too_old(app: &App, request: &HttpRequest, token: &str) -> Result<HttpResponse> {
    let organization = app.db.read(|view| {
        let Some(id) = auth::organization_of_signed_url(view, token)? else { return Ok(None) };
        frames::allow(request, app, view, &id)?;
        organizations::get(view, &id).map(Some)
    })?;
    problem::too_old(request, organization.map_or_else(Brand::nobodys, Brand::of))
}
