//! The pages for people: one file a screen. A handler understands the form, calls one domain function, and shows a view.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header},
    web,
};
use askama::Template;

use crate::{
    error::{Error, Result},
    web::{assets, get, resource},
};

mod account;
mod admin;
mod avatars;
pub mod demo;
mod dev;
mod embedded;
mod filters;
mod handoffs;
mod health;
mod home;
mod host;
mod join;
mod links;
mod live;
mod mails;
mod member;
mod problem;
mod qr;
mod questions;
mod receipts;
mod second;
mod setup;
mod shared;
mod signin;
mod single_sign_on;
mod taking;
mod undoing;
mod view;

pub use problem::problem;

/// All of them; those of development mode only there.
pub fn routes(config: &mut web::ServiceConfig, development: bool) {
    if development {
        config.configure(dev::routes);
    }
    config
        .service(resource("/assets/{name}", "GET").route(get(assets::get)))
        .configure(health::routes)
        .configure(home::routes)
        .configure(avatars::routes)
        .configure(setup::routes)
        .configure(signin::routes)
        .configure(single_sign_on::routes)
        .configure(second::routes)
        .configure(account::routes)
        .configure(links::routes)
        .configure(handoffs::routes)
        .configure(join::routes)
        .configure(embedded::routes)
        .configure(shared::routes)
        .configure(undoing::routes)
        .configure(admin::routes)
        .configure(member::routes)
        .default_service(web::to(nothing_here));
}

async fn nothing_here() -> Result<HttpResponse> {
    Err(Error::NotFound("Page"))
}

/// A page, as asked for.
fn shown(request: &HttpRequest, view: &impl Template) -> Result<HttpResponse> {
    shown_with(request, StatusCode::OK, view)
}

/// A form once more, with what was typed and what is wrong with it.
fn shown_with(request: &HttpRequest, status: StatusCode, view: &impl Template) -> Result<HttpResponse> {
    let html = view.render().map_err(Error::internal)?;
    let mut response = HttpResponse::build(status).content_type("text/html; charset=utf-8").body(html);
    view::said(request, &mut response);
    Ok(response)
}

/// On to another page, after a form was posted.
fn to(path: impl AsRef<str>) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((header::LOCATION, path.as_ref())).finish()
}
