//! What all doors share: who is asking, how a refusal looks, and where a request may come from.

use actix_web::{HttpResponse, Resource, Responder, guard, http::Method, web};

use crate::error::{Error, Result};

pub mod answer;
pub mod assets;
pub mod browser;
pub mod json;
pub mod kept;
pub mod key;
pub mod list;
pub mod once;
pub mod origin;
pub mod paging;

/// A route that answers any other method with 405 and says which it takes.
pub fn resource(path: &str, allowed: &'static str) -> Resource {
    web::resource(path).default_service(web::to(move || wrong_method(allowed)))
}

async fn wrong_method(allowed: &'static str) -> Result<HttpResponse> {
    Err(Error::WrongMethod { allowed })
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
