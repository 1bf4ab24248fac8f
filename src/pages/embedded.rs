//! `/auth/social`: the way in for someone whom another product sends, in a frame, a window or by redirect. [004]

use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        Method,
        header::{HeaderValue, REFERRER_POLICY, SET_COOKIE},
    },
    web::{Data, Query, ServiceConfig},
};
use serde::Deserialize;

use super::{problem, to, view::Brand};
use crate::{
    app::App,
    auth,
    error::{Error, Result},
    organizations,
    web::{browser, frames, get, resource},
};

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(resource("/auth/social", "GET").route(get(enter)));
}

/// `anonymous=1` stands in the address too, and says nothing that the token doesn't.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Signed {
    token: String,
}

/// `GET /auth/social?token=…&anonymous=1`: signs the token's member in and leaves it behind. Works as often as wanted for a day,
/// because the page around a frame is loaded again and again.
async fn enter(app: Data<App>, request: HttpRequest, Query(signed): Query<Signed>) -> Result<HttpResponse> {
    let mut response = match app.db.read(|view| auth::look_at_signed_url(view, &signed.token)) {
        Ok(member) => {
            app.db.read(|view| frames::allow(&request, &app, view, &member.organization))?;
            sign_in(&app, &request, signed.token).await?
        }
        Err(Error::Unauthorized(_)) => too_old(&app, &request, &signed.token)?,
        Err(other) => return Err(other),
    };
    response.headers_mut().insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    Ok(response)
}

async fn sign_in(app: &App, request: &HttpRequest, token: String) -> Result<HttpResponse> {
    let mut response = to("/team-member");
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
    let cookie = browser::let_in(request, app, &entered.await?.session);
    response.headers_mut().append(SET_COOKIE, HeaderValue::try_from(cookie).map_err(Error::internal)?);
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
