//! API v2, under `/api/v2/organization`. [002]

use actix_web::web::{self, ServiceConfig, delete, post, put};

use super::{get, resource};

mod invites;
mod organization;
mod teams;

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(
        web::scope("/v2/organization")
            .service(resource("", "GET").route(get(organization::show)))
            .service(resource("/", "GET").route(get(organization::show)))
            .service(resource("/credits", "GET").route(get(organization::credits)))
            .service(resource("/teams", "GET, POST").route(get(teams::list)).route(post().to(teams::create)))
            .service(
                resource("/teams/{id}", "PUT, DELETE").route(put().to(teams::rename)).route(delete().to(teams::delete)),
            )
            .service(resource("/teams/{id}/members", "POST").route(post().to(teams::add_members)))
            .service(resource("/teams/{id}/add-members", "POST").route(post().to(teams::add_members)))
            .service(resource("/invites", "GET, POST").route(get(invites::list)).route(post().to(invites::create)))
            .service(resource("/invites/revoke", "POST").route(post().to(invites::revoke)))
            .service(resource("/invites/{email}", "GET").route(get(invites::show))),
    );
}
