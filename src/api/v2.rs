//! API v2, under `/api/v2/organization`. [002] [docs]

use actix_web::web::{self, ServiceConfig, delete, patch, post, put};

use super::{get, resource};

pub(super) mod invites;
pub(super) mod links;
pub(super) mod models;
pub(super) mod organization;
pub(super) mod people;
pub(super) mod photos;
pub(super) mod teams;
pub(super) mod webhooks;
pub(super) mod whitelabel;

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(
        web::scope("/v2/organization")
            .service(resource("", "GET").route(get(organization::show)))
            .service(resource("/", "GET").route(get(organization::show)))
            .service(resource("/credits", "GET").route(get(organization::credits)))
            .service(resource("/credits/ledger", "GET").route(get(organization::ledger)))
            .service(resource("/teams", "GET, POST").route(get(teams::list)).route(post().to(teams::create)))
            .service(
                resource("/teams/{id}", "PUT, DELETE").route(put().to(teams::rename)).route(delete().to(teams::delete)),
            )
            .service(resource("/teams/{id}/members", "POST").route(post().to(teams::add_members)))
            .service(resource("/teams/{id}/add-members", "POST").route(post().to(teams::add_members)))
            .service(resource("/invites", "GET, POST").route(get(invites::list)).route(post().to(invites::create)))
            .service(resource("/invites/revoke", "POST").route(post().to(invites::revoke)))
            .service(resource("/invites/{email}", "GET").route(get(invites::show)))
            .service(resource("/team", "GET").route(get(people::list)))
            .service(resource("/team/{status}", "GET").route(get(people::list_at)))
            .service(resource("/members", "POST").route(post().to(people::add)))
            .service(
                resource("/members/{email}", "PATCH, DELETE")
                    .route(patch().to(people::change))
                    .route(delete().to(people::remove)),
            )
            .service(resource("/members/{email}/retry", "POST").route(post().to(people::retry)))
            .service(resource("/models", "GET, POST").route(get(models::list)).route(post().to(models::create)))
            .service(
                resource("/models/{id}", "GET, DELETE").route(get(models::show)).route(delete().to(models::delete)),
            )
            .service(resource("/models/{id}/photos", "GET").route(get(photos::list)))
            .service(resource("/models/{id}/photos/favorite", "GET").route(get(photos::favorite)))
            .service(resource("/models/{id}/photos/download", "POST").route(post().to(photos::download)))
            .service(resource("/models/{id}/photos/{photo}", "GET").route(get(photos::show)))
            .service(resource("/photos/favorites", "GET").route(get(photos::favorites)))
            .service(resource("/whitelabel/model/create", "POST").route(post().to(whitelabel::create)))
            .service(resource("/whitelabel/model/get/{id}", "GET").route(get(whitelabel::show)))
            .service(resource("/whitelabel/model/delete/{id}", "DELETE").route(delete().to(whitelabel::delete)))
            .service(resource("/links", "GET, POST").route(get(links::list)).route(post().to(links::create)))
            .service(resource("/links/{id}", "DELETE").route(delete().to(links::revoke)))
            .service(
                resource("/webhooks/endpoints", "GET, POST")
                    .route(get(webhooks::list))
                    .route(post().to(webhooks::create)),
            )
            .service(
                resource("/webhooks/endpoints/{id}", "PATCH, DELETE")
                    .route(patch().to(webhooks::change))
                    .route(delete().to(webhooks::remove)),
            )
            .service(resource("/webhooks/endpoints/{id}/rotate", "POST").route(post().to(webhooks::rotate)))
            .service(resource("/webhooks/deliveries", "GET").route(get(webhooks::log)))
            .service(resource("/webhooks/deliveries/replay", "POST").route(post().to(webhooks::replay_failed)))
            .service(resource("/webhooks/deliveries/{id}", "GET").route(get(webhooks::show)))
            .service(resource("/webhooks/deliveries/{id}/replay", "POST").route(post().to(webhooks::replay)))
            .service(resource("/webhooks/test", "POST").route(post().to(webhooks::test))),
    );
}
