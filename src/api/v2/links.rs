//! Open invite links.

use actix_web::{
    HttpResponse,
    web::{Data, Path, Query},
};

use crate::{
    app::App,
    error::{Error, Result},
    ids::LinkId,
    links,
    web::{
        json::Json,
        key::{ApiKey, InvitesRead, InvitesWrite},
        list::List,
        once::Order,
        paging::Paging,
    },
    wire::{
        Pagination,
        links::{CreateLink, Links, OneLink, OpenLink, RevokedLink},
    },
};

/// List open invite links
///
/// Newest first, those that are over included: all of them or, with `limit`, `offset` or `cursor`, one page.
#[utoipa::path(
    get, path = "/api/v2/organization/links", tag = "Invites", operation_id = "listLinks",
    params(Paging),
    responses((status = 200, description = "The links.", body = Links)),
    security(("apiKey" = ["invites:read"])),
    extensions(("x-refusals" = json!("INVALID_REQUEST"))),
)]
pub(crate) async fn list(app: Data<App>, key: ApiKey<InvitesRead>, query: Query<Paging>) -> Result<List> {
    let (organization, window, urls) = (key.key.organization, query.asked()?, app.urls.clone());
    app.db
        .scan(move |view| {
            let (rows, pagination) = match window {
                None => (links::list(view, &organization)?, None),
                Some(window) => {
                    let (rows, more) = window.read(|window| links::page(view, &organization, window))?;
                    let next = rows.last().filter(|_| more).map(|row| &row.id);
                    let pagination = Pagination::new(links::count(view, &organization)?, &window, next);
                    (rows, Some(pagination))
                }
            };
            let links = rows.into_iter().map(|link| OpenLink::new(link, &urls, view.now)).collect();
            List::of(Links { links, pagination })
        })
        .await
}

/// Create an open invite link
///
/// Whoever has the link, and an address of a domain it names, can join: a mail lets them in. Needs a credit, which is only taken
/// when someone submits their photos.
#[utoipa::path(
    post, path = "/api/v2/organization/links", tag = "Invites", operation_id = "createLink",
    request_body = CreateLink,
    responses((status = 200, description = "The link was made.", body = OneLink)),
    security(("apiKey" = ["invites:write"])),
    extensions(("x-refusals" = json!("INVALID_REQUEST INSUFFICIENT_CREDITS NOT_FOUND"))),
)]
pub(crate) async fn create(
    app: Data<App>,
    key: ApiKey<InvitesWrite>,
    Order { body, once }: Order<CreateLink>,
) -> Result<HttpResponse> {
    let (by, new, urls) = (key.key.actor(), body.parse()?, app.urls.clone());
    once.answer(&app, &key.key.organization, move |tx| Ok(OneLink::new(links::create(tx, &by, &new)?, &urls, tx.now)))
        .await
}

/// Revoke an open invite link
///
/// Nobody can join by it from now on. Who has joined stays.
#[utoipa::path(
    delete, path = "/api/v2/organization/links/{id}", tag = "Invites", operation_id = "revokeLink",
    params(("id" = LinkId, Path, description = "The link.")),
    responses((status = 200, description = "The link was revoked.", body = RevokedLink)),
    security(("apiKey" = ["invites:write"])),
    extensions(("x-refusals" = json!("INVALID_REQUEST NOT_FOUND"))),
)]
pub(crate) async fn revoke(app: Data<App>, key: ApiKey<InvitesWrite>, id: Path<String>) -> Result<Json<RevokedLink>> {
    let (by, urls) = (key.key.actor(), app.urls.clone());
    let id: LinkId = id.parse().map_err(|_| Error::NotFound("Link"))?;
    app.db.write(move |tx| Ok(RevokedLink::new(links::revoke(tx, &by, &id)?, &urls, tx.now))).await.map(Json)
}
