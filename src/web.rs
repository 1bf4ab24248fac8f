//! What all doors share: who is asking, how a refusal looks, and where a request may come from.

use actix_web::{HttpRequest, HttpResponse, Resource, Responder, guard, http::Method, web};

use crate::error::{Error, Result};

pub mod answer;
pub mod assets;
pub mod attempts;
pub mod audience;
pub mod behalf;
pub mod browser;
mod cors;
pub mod frames;
pub mod json;
pub mod kept;
pub mod key;
pub mod language;
pub mod list;
pub mod observe;
pub mod once;
pub mod origin;
pub mod paging;
pub mod sender;

/// An address that takes these methods, separated by commas. It tells them to whoever asks with `OPTIONS`, and to whoever
/// comes with another one, beside the 405. `HEAD` goes with `GET`, as [`get`] has it, and needs no mention.
pub fn resource(path: &str, methods: &str) -> Resource {
    let allowed = format!("{}, OPTIONS", methods.replace("GET", "GET, HEAD"));
    web::resource(path).default_service(web::to(move |request| no_route(request, allowed.clone())))
}

async fn no_route(request: HttpRequest, allowed: String) -> Result<HttpResponse> {
    if request.method() == Method::OPTIONS {
        cors::options(&request, &allowed)
    } else {
        Err(Error::WrongMethod { allowed })
    }
}

/// `GET`, and `HEAD` with it: the server sends the same answer without its body.
pub fn get<F, Args>(handler: F) -> actix_web::Route
where
    F: actix_web::Handler<Args>,
    Args: actix_web::FromRequest + 'static,
    F::Output: Responder + 'static,
{
    web::route().guard(guard::Any(guard::Method(Method::GET)).or(guard::Method(Method::HEAD))).to(handler)
}
