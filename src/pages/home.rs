//! The front door: sends people where they belong. And the small files every page asks for.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{CacheControl, CacheDirective, LOCATION},
    web::{Data, Path, ServiceConfig},
};
use askama::Template;

use super::{shown, to, view::Page};
use crate::{
    app::App,
    branding::Palette,
    error::Result,
    members::{Email, Member},
    organizations,
    pages::filters,
    web::{
        assets,
        browser::{self, Visitor},
        get, resource,
    },
};

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(resource("/", "GET").route(get(show)))
        .service(resource("/app", "GET").route(get(show)))
        .service(resource("/brand/{hex:[0-9a-f]{6}}.css", "GET").route(get(brand)))
        .service(resource("/brand/{hex:[0-9a-f]{6}}/preview.css", "GET").route(get(brand_preview)))
        .service(resource("/brand/{hex:[0-9a-f]{6}}.svg", "GET").route(get(brand_icon)))
        .service(resource("/favicon.ico", "GET").route(get(icon)));
}

/// Says where the setup link is.
#[derive(Template)]
#[template(path = "bare/not-set-up.html")]
struct NotSetUp {
    page: Page,
}

#[derive(Template)]
#[template(path = "bare/no-place.html")]
struct NoPlace {
    page: Page,
    who: String,
    /// They may begin on their own.
    signup: bool,
}

/// `GET /`, `GET /app`
async fn show(app: Data<App>, request: HttpRequest, Visitor(visitor): Visitor) -> Result<HttpResponse> {
    let Some(session) = visitor else {
        // Who came from another product belongs where that product sent them.
        if browser::embedded(&request, &app)?.is_some() {
            return Ok(to("/team-member"));
        }
        return Ok(not_set_up(&app, &request)?.unwrap_or_else(|| to("/signin")));
    };
    match of(session.member.as_ref()) {
        Some(place) => Ok(to(place)),
        None => {
            let nobody = || say!("someone without an address").to_string();
            let who = session.email.as_ref().map_or_else(nobody, Email::to_string);
            let (page, signup) = (Page::open(&request, say!("No organization")), app.config.signup.is_some());
            shown(&request, &NoPlace { page, who, signup })
        }
    }
}

/// Where someone belongs, if they have a place.
pub(super) fn of(member: Option<&Member>) -> Option<&'static str> {
    member.map(|member| if member.leads() { "/app/admin" } else { "/team-member" })
}

/// What an instance without an organization says instead of asking anyone to sign in.
pub(super) fn not_set_up(app: &App, request: &HttpRequest) -> Result<Option<HttpResponse>> {
    if app.db.read(organizations::any)? {
        return Ok(None);
    }
    shown(request, &NotSetUp { page: Page::open(request, say!("Not set up yet")) }).map(Some)
}

/// `GET /brand/{hex}.css`: an organization's colour. Pages carry no inline style, and every shade follows from this one.
async fn brand(hex: Path<String>) -> Result<HttpResponse> {
    Ok(style(Palette::of(hex.parse()?).stylesheet()))
}

/// `GET /brand/{hex}/preview.css`: the same for the settings, which show it on light and dark pages side by side.
async fn brand_preview(hex: Path<String>) -> Result<HttpResponse> {
    Ok(style(Palette::of(hex.parse()?).preview()))
}

fn style(sheet: String) -> HttpResponse {
    HttpResponse::Ok().content_type("text/css; charset=utf-8").insert_header(assets::for_good()).body(sheet)
}

/// `GET /brand/{hex}.svg`: the browser's picture for an organization's pages, where ours has no place.
async fn brand_icon(hex: Path<String>) -> HttpResponse {
    let icon = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 28 28\"><rect width=\"28\" height=\"28\" rx=\"7\" fill=\"#{hex}\"/></svg>"
    );
    HttpResponse::Ok().content_type("image/svg+xml").insert_header(assets::for_good()).body(icon)
}

/// `GET /favicon.ico`, for what asks without reading a page.
async fn icon() -> HttpResponse {
    HttpResponse::Found()
        .insert_header((LOCATION, assets::address("favicon.svg")))
        .insert_header(CacheControl(vec![CacheDirective::Public, CacheDirective::MaxAge(86_400)]))
        .finish()
}
