//! The API for programs: one file a resource.
#![expect(unused_qualifications, reason = "the macros that describe operations write paths out")]

use actix_web::{HttpResponse, web};

use crate::{
    error::Error,
    web::{get, resource},
};

mod docs;
mod files;
pub mod openapi;
mod v1;
mod v2;
mod workers;

/// All of it.
pub fn routes(config: &mut web::ServiceConfig) {
    config.configure(openapi::routes).configure(workers::routes).service(
        web::scope("/api")
            .configure(v1::routes)
            .configure(v2::routes)
            .configure(files::routes)
            .configure(docs::routes)
            .default_service(web::to(nothing_here)),
    );
}

async fn nothing_here() -> Result<HttpResponse, Error> {
    Err(Error::NotFound("Endpoint"))
}
