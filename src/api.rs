//! The API for programs: one file a resource.

use actix_web::{HttpResponse, web};

use crate::{
    error::Error,
    web::{get, resource},
};

mod v2;

/// All of it.
pub fn routes(config: &mut web::ServiceConfig) {
    config.service(web::scope("/api").configure(v2::routes).default_service(web::to(nothing_here)));
}

async fn nothing_here() -> Result<HttpResponse, Error> {
    Err(Error::NotFound("Endpoint"))
}
