//! Photos: the headshots of models, with URLs that open them for a day. [docs]

use actix_web::{
    HttpResponse,
    web::{Data, Path, Query},
};
use serde::Deserialize;
use utoipa::IntoParams;

use super::models::{model, team};
use crate::{
    app::App,
    db::View,
    error::{Error, Result},
    ids::{OrganizationId, ResultId, ShootId, TeamId},
    results::{self, Filter, Headshot, Liked},
    shoots::{self, Shoot},
    web::{
        json::Json,
        key::{ApiKey, PhotosRead},
        list::List,
        once::Order,
        paging::Paging,
    },
    wire::{
        Pagination,
        v2::{
            DownloadPhotos, Downloads, FavoritePhoto, Favorites, Include, MembersPhoto, OnePhoto, Photo, PhotoStatus,
            Photos, Signer,
        },
    },
};

/// Which photos to list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Wanted {
    /// Photos that can be seen, or those whose files are gone.
    #[param(value_type = Option<PhotoStatus>, default = "active")]
    status: Option<String>,
    /// Only those the member thinks this of.
    #[param(value_type = Option<Liked>)]
    liked_status: Option<String>,
}

impl Wanted {
    fn parse(&self) -> Result<Filter> {
        let status: Option<PhotoStatus> = self.status.as_deref().map(str::parse).transpose()?;
        let liked = self.liked_status.as_deref().map(str::parse).transpose()?;
        Ok(Filter { deleted: status == Some(PhotoStatus::Deleted), liked })
    }
}

/// Which URLs photos come with.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Including {
    /// `main` for the picture to show, `all` for every size.
    #[param(value_type = Option<Include>, default = "main")]
    include: Option<String>,
}

impl Including {
    fn parse(&self) -> Result<Include> {
        Ok(self.include.as_deref().map(str::parse).transpose()?.unwrap_or(Include::Main))
    }
}

fn signer<'a>(app: &'a App, view: &View) -> Signer<'a> {
    Signer::new(&app.key, &app.urls, view.now)
}

fn shoot(view: &View, organization: &OrganizationId, id: &str) -> Result<Shoot> {
    shoots::of_organization(view, organization, &model(id)?)
}

/// List a model's photos
///
/// In their order. The URLs work for 24 hours; list the photos again for new ones.
#[utoipa::path(
    get, path = "/api/v2/organization/models/{id}/photos", tag = "Photos", operation_id = "listPhotos",
    params(("id" = ShootId, Path, description = "The model."), Wanted, Including, Paging),
    responses((status = 200, description = "One page of photos.", body = Photos)),
    security(("apiKey" = ["photos:read"])),
    extensions(("x-refusals" = json!("INVALID_REQUEST NOT_FOUND"))),
)]
pub(crate) async fn list(
    app: Data<App>,
    key: ApiKey<PhotosRead>,
    id: Path<String>,
    wanted: Query<Wanted>,
    including: Query<Including>,
    paging: Query<Paging>,
) -> Result<List> {
    let (filter, include, window) = (wanted.parse()?, including.parse()?, paging.window()?);
    app.db.read(|view| {
        let shoot = shoot(view, &key.key.organization, &id)?;
        let (rows, more) = window.read(|window| results::page(view, &shoot.id, &filter, window))?;
        let next = rows.last().filter(|_| more).map(|row| &row.id);
        let pagination = Pagination::new(results::count(view, &shoot.id, &filter)?, &window, next);
        let signer = signer(&app, view);
        let photos = rows.into_iter().map(|row| Photo::new(&marked(row, &shoot), include, &signer)).collect();
        List::of(Photos { photos, pagination })
    })
}

/// The files of a deleted shoot's headshots are gone, or about to go.
fn marked(headshot: Headshot, shoot: &Shoot) -> Headshot {
    Headshot { deleted_at: headshot.deleted_at.or(shoot.deleted_at), ..headshot }
}

/// Get a model's favorite photo
///
/// The one photo the member chose for the organization, or null with a message as long as they have chosen none.
#[utoipa::path(
    get, path = "/api/v2/organization/models/{id}/photos/favorite", tag = "Photos", operation_id = "getFavoritePhoto",
    params(("id" = ShootId, Path, description = "The model."), Including),
    responses((status = 200, description = "The photo, if there is one.", body = FavoritePhoto)),
    security(("apiKey" = ["photos:read"])),
    extensions(("x-refusals" = json!("INVALID_REQUEST NOT_FOUND"))),
)]
pub(crate) async fn favorite(
    app: Data<App>,
    key: ApiKey<PhotosRead>,
    id: Path<String>,
    including: Query<Including>,
) -> Result<Json<FavoritePhoto>> {
    let include = including.parse()?;
    app.db
        .read(|view| {
            let shoot = shoot(view, &key.key.organization, &id)?;
            let chosen = results::favorite(view, &shoot.id)?;
            Ok(FavoritePhoto::new(chosen.map(|headshot| Photo::new(&headshot, include, &signer(&app, view)))))
        })
        .map(Json)
}

/// Get a photo
///
/// With new URLs, which work for 24 hours.
#[utoipa::path(
    get, path = "/api/v2/organization/models/{id}/photos/{photoId}", tag = "Photos", operation_id = "getPhoto",
    params(
        ("id" = ShootId, Path, description = "The model."), ("photoId" = ResultId, Path, description = "The photo."),
        Including,
    ),
    responses((status = 200, description = "The photo.", body = OnePhoto)),
    security(("apiKey" = ["photos:read"])),
    extensions(("x-refusals" = json!("INVALID_REQUEST NOT_FOUND"))),
)]
pub(crate) async fn show(
    app: Data<App>,
    key: ApiKey<PhotosRead>,
    ids: Path<(String, String)>,
    including: Query<Including>,
) -> Result<Json<OnePhoto>> {
    let (id, photo) = ids.into_inner();
    let (id, photo) = (model(&id)?, photo.parse().map_err(|_| Error::NotFound("Photo"))?);
    let include = including.parse()?;
    app.db
        .read(|view| {
            let headshot = results::of_organization(view, &key.key.organization, &id, &photo)?;
            Ok(OnePhoto { photo: Photo::new(&headshot, include, &signer(&app, view)) })
        })
        .map(Json)
}

/// Get download URLs
///
/// Of the photos that are named, or of all of them. The URLs work for 24 hours.
#[utoipa::path(
    post, path = "/api/v2/organization/models/{id}/photos/download", tag = "Photos", operation_id = "downloadPhotos",
    params(("id" = ShootId, Path, description = "The model.")),
    request_body = DownloadPhotos,
    responses((status = 200, description = "The URLs.", body = Downloads)),
    security(("apiKey" = ["photos:read"])),
    extensions(("x-refusals" = json!("INVALID_REQUEST NOT_FOUND"))),
)]
pub(crate) async fn download(
    app: Data<App>,
    key: ApiKey<PhotosRead>,
    id: Path<String>,
    Order { body, once }: Order<DownloadPhotos>,
) -> Result<HttpResponse> {
    let (named, include) = body.parse()?;
    let (organization, server_key, urls) = (key.key.organization.clone(), app.key.clone(), app.urls.clone());
    once.answer(&app, &key.key.organization, move |tx| {
        let shoot = shoot(tx, &organization, &id)?;
        let headshots = match &named {
            None => results::of_shoot(tx, &shoot.id)?.into_iter().map(|row| marked(row, &shoot)).collect(),
            Some(ids) => ids
                .iter()
                .map(|id| results::of_organization(tx, &organization, &shoot.id, id))
                .collect::<Result<Vec<_>>>()?,
        };
        let there: Vec<Headshot> = headshots.into_iter().filter(|headshot| headshot.deleted_at.is_none()).collect();
        if named.is_some_and(|ids| ids.len() != there.len()) {
            return Err(Error::NotFound("Photo"));
        }
        Ok(Downloads::new(&there, include, &Signer::new(&server_key, &urls, tx.now)))
    })
    .await
}

/// Which favorites to list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OfTeam {
    /// Only those of this team's members.
    #[param(value_type = Option<TeamId>)]
    team_id: Option<String>,
}

/// List favorite photos
///
/// The photos that members chose for the organization, each with whose it is, newest first.
#[utoipa::path(
    get, path = "/api/v2/organization/photos/favorites", tag = "Photos", operation_id = "listFavorites",
    params(OfTeam, Including, Paging),
    responses((status = 200, description = "One page of photos.", body = Favorites)),
    security(("apiKey" = ["photos:read"])),
    extensions(("x-refusals" = json!("INVALID_REQUEST NOT_FOUND"))),
)]
pub(crate) async fn favorites(
    app: Data<App>,
    key: ApiKey<PhotosRead>,
    wanted: Query<OfTeam>,
    including: Query<Including>,
    paging: Query<Paging>,
) -> Result<List> {
    let (organization, include, window) = (key.key.organization, including.parse()?, paging.window()?);
    let (chosen, pagination, now) = app
        .db
        .scan(move |view| {
            let team = wanted.team_id.as_deref().map(|id| team(view, &organization, id)).transpose()?;
            let (rows, more) = window.read(|window| results::favorites(view, &organization, team.as_ref(), window))?;
            let next = rows.last().filter(|_| more).map(|row| &row.headshot.id);
            let total = results::count_favorites(view, &organization, team.as_ref())?;
            let pagination = Pagination::new(total, &window, next);
            Ok((rows, pagination, view.now))
        })
        .await?;
    let signer = Signer::new(&app.key, &app.urls, now);
    let photos = chosen.into_iter().map(|one| MembersPhoto::new(one, include, &signer)).collect();
    List::of(Favorites { photos, pagination })
}
