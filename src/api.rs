//! The API for programs: one file a resource.

use actix_web::{HttpResponse, Resource, Responder, http::Method, web};

use crate::error::Error;

mod v2;

/// All of it.
pub fn routes(config: &mut web::ServiceConfig) {
    config.service(web::scope("/api").configure(v2::routes).default_service(web::to(nothing_here)));
}

async fn nothing_here() -> Result<HttpResponse, Error> {
    Err(Error::NotFound("Endpoint"))
}

/// A route that answers any other method with 405 and says which it takes.
fn resource(path: &str, allowed: &'static str) -> Resource {
    web::resource(path).default_service(web::to(move || wrong_method(allowed)))
}

async fn wrong_method(allowed: &'static str) -> Result<HttpResponse, Error> {
    Err(Error::WrongMethod { allowed })
}

/// `GET`, and `HEAD` with it: the server sends the same answer without its body.
fn get<F, Args>(handler: F) -> actix_web::Route
where
    F: actix_web::Handler<Args>,
    Args: actix_web::FromRequest + 'static,
    F::Output: Responder + 'static,
{
    web::route()
        .guard(actix_web::guard::Any(actix_web::guard::Method(Method::GET)).or(actix_web::guard::Method(Method::HEAD)))
        .to(handler)
}
