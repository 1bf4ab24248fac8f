//! Open invite links.

use actix_web::web::{Data, Path, Query};

use crate::{
    app::App,
    error::{Error, Result},
    ids::LinkId,
    links,
    web::{
        json::Json,
        key::{ApiKey, InvitesRead, InvitesWrite},
        paging::Paging,
    },
    wire::{
        Pagination,
        links::{CreateLink, Links, Made, Revoked, Shown},
    },
};

/// `GET /api/v2/organization/links`
pub(super) async fn list(app: Data<App>, key: ApiKey<InvitesRead>, query: Query<Paging>) -> Result<Json<Links>> {
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
            let links = rows.into_iter().map(|link| Shown::new(link, &urls, view.now)).collect();
            Ok(Json(Links { links, pagination }))
        })
        .await
}

/// `POST /api/v2/organization/links`
pub(super) async fn create(
    app: Data<App>,
    key: ApiKey<InvitesWrite>,
    Json(body): Json<CreateLink>,
) -> Result<Json<Made>> {
    let (by, new, urls) = (key.key.actor(), body.parse()?, app.urls.clone());
    app.db.write(move |tx| Ok(Json(Made::new(links::create(tx, &by, &new)?, &urls, tx.now)))).await
}

/// `DELETE /api/v2/organization/links/{id}`
pub(super) async fn revoke(app: Data<App>, key: ApiKey<InvitesWrite>, id: Path<String>) -> Result<Json<Revoked>> {
    let (by, urls) = (key.key.actor(), app.urls.clone());
    let id: LinkId = id.parse().map_err(|_| Error::NotFound("Link"))?;
    app.db.write(move |tx| Ok(Json(Revoked::new(links::revoke(tx, &by, &id)?, &urls, tx.now)))).await
}
