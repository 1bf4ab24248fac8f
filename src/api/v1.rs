//! API v1, under `/api/v1/organization`: what the oldest clients call. It goes through the same functions as v2, and where its
//! promise is the same, through the same handlers. [004]

use actix_web::web::{self, ServiceConfig, delete, post, put};

use super::{get, resource};

pub(super) mod invites;
pub(super) mod organization;
pub(super) mod teams;

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(
        web::scope("/v1/organization")
            .service(resource("", "GET").route(get(organization::show)))
            .service(resource("/", "GET").route(get(organization::show)))
            .service(resource("/credits", "GET").route(get(organization::credits)))
            .service(resource("/invite", "POST").route(post().to(invites::create)))
            .service(resource("/invite/revoke", "POST").route(post().to(invites::revoke)))
            .service(resource("/invites", "GET").route(get(invites::list)))
            .service(resource("/invite/id/{id}", "GET").route(get(invites::show)))
            .service(resource("/teams", "POST").route(post().to(teams::create)))
            .service(
                resource("/teams/{id}", "PUT, DELETE").route(put().to(teams::rename)).route(delete().to(teams::delete)),
            )
            .service(resource("/teams/{id}/add-members", "POST").route(post().to(teams::add_members))),
    );
}
