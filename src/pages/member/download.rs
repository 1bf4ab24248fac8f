//! The headshots' files: one by one, to be seen or taken along, and several of them as an archive.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header,
    web::{Data, Path, Query, ServiceConfig},
};
use serde::Deserialize;

pub(super) use crate::pages::taking::attachment;
use crate::{
    app::{
        App,
        darkroom::{self, Format},
    },
    db::View,
    error::{Error, Result},
    ids::{ResultId, ShootId},
    members::{self, Member},
    pages::{
        member::{picture, webp},
        taking::{self, Picked, Wish},
    },
    results::{self, Headshot},
    shoots,
    storage::{HeadshotFile, Key, Preview},
    styles::Names,
    web::{browser::SignedIn, get, resource},
};

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(resource("/team-member/headshots/{id}/portrait.jpg", "GET").route(get(portrait)))
        .service(resource("/team-member/headshots/{id}/square.jpg", "GET").route(get(square)))
        .service(resource("/team-member/headshots/{id}/thumbnail.jpg", "GET").route(get(thumbnail)))
        .service(resource("/team-member/headshots/{id}/320.webp", "GET").route(get(small)))
        .service(resource("/team-member/headshots/{id}/480.webp", "GET").route(get(large)))
        .service(resource("/team-member/headshots/{id}/download", "GET").route(get(take)))
        .service(resource("/team-member/shoots/{id}/headshots.zip", "GET").route(get(archive)));
}

/// Where a headshot's file is seen.
pub(super) fn address(who: &SignedIn, id: &ResultId, file: HeadshotFile) -> String {
    who.at(&format!("/headshots/{id}/{}.jpg", file.name()))
}

#[derive(Deserialize)]
struct Shown {
    download: Option<String>,
}

/// `GET /team-member/headshots/{id}/portrait.jpg`
async fn portrait(app: Data<App>, who: SignedIn, id: Path<ResultId>, how: Query<Shown>) -> Result<HttpResponse> {
    file(&app, &who.member, &id, HeadshotFile::Portrait, &how).await
}

/// `GET /team-member/headshots/{id}/square.jpg`
async fn square(app: Data<App>, who: SignedIn, id: Path<ResultId>, how: Query<Shown>) -> Result<HttpResponse> {
    file(&app, &who.member, &id, HeadshotFile::Square, &how).await
}

/// `GET /team-member/headshots/{id}/thumbnail.jpg`
async fn thumbnail(app: Data<App>, who: SignedIn, id: Path<ResultId>, how: Query<Shown>) -> Result<HttpResponse> {
    file(&app, &who.member, &id, HeadshotFile::Thumbnail, &how).await
}

async fn file(app: &App, viewer: &Member, id: &ResultId, file: HeadshotFile, how: &Shown) -> Result<HttpResponse> {
    let (headshot, whose, names) = app.db.read(|view| seen(view, id, viewer))?;
    let bytes = app.storage.get(Key::Headshot(id, file)).await?.ok_or(Error::NotFound("Photo"))?;
    let mut answer = picture(bytes);
    if how.download.is_some() {
        let said = attachment(&taking::file_name(&whose, &headshot, &names, file, Format::Jpeg));
        answer.headers_mut().insert(header::CONTENT_DISPOSITION, said.to_string().parse().map_err(Error::internal)?);
    }
    Ok(answer)
}

/// A headshot that the viewer may see, what its files' names begin with, and what else is in them.
fn seen(view: &View, id: &ResultId, viewer: &Member) -> Result<(Headshot, String, Names)> {
    let headshot = results::seen_by(view, id, viewer)?;
    let whose = name_of(members::of_shoot(view, &headshot.shoot)?.as_ref());
    let names = Names::of(view, &shoots::get(view, &headshot.shoot)?.organization)?;
    Ok((headshot, whose, names))
}

/// `GET /team-member/headshots/{id}/320.webp`
async fn small(app: Data<App>, who: SignedIn, id: Path<ResultId>) -> Result<HttpResponse> {
    preview(&app, &who.member, &id, Preview::Small).await
}

/// `GET /team-member/headshots/{id}/480.webp`
async fn large(app: Data<App>, who: SignedIn, id: Path<ResultId>) -> Result<HttpResponse> {
    preview(&app, &who.member, &id, Preview::Large).await
}

async fn preview(app: &App, viewer: &Member, id: &ResultId, wanted: Preview) -> Result<HttpResponse> {
    app.db.read(|view| results::seen_by(view, id, viewer))?;
    darkroom::preview(app, id, wanted).await?.map(webp).ok_or(Error::NotFound("Photo"))
}

/// `GET /team-member/headshots/{id}/download?size=square&format=webp`
async fn take(app: Data<App>, who: SignedIn, id: Path<ResultId>, wish: Query<Wish>) -> Result<HttpResponse> {
    let (headshot, whose, names) = app.db.read(|view| seen(view, &id, &who.member))?;
    taking::one(&app, &headshot, &whose, &names, &wish).await
}

/// `GET /team-member/shoots/{id}/headshots.zip?pick=…&pick=…&format=webp`
async fn archive(request: HttpRequest, app: Data<App>, who: SignedIn, id: Path<ShootId>) -> Result<HttpResponse> {
    let picked = Picked::of(request.query_string())?;
    let (headshots, names) = app.db.read(|view| {
        let shoot = shoots::own_results(view, &id, &who.member)?;
        Ok((results::of_shoot(view, &shoot.id)?, Names::of(view, &shoot.organization)?))
    })?;
    taking::several(&app, headshots, name_of(Some(&who.member)), names, &picked)
}

/// `kim-lee-`, for the start of a file's name; empty if there is nothing to call them.
pub(super) fn name_of(member: Option<&Member>) -> String {
    let Some(member) = member else { return String::new() };
    let address = member.email.as_ref().map(|email| email.as_str().split('@').next().unwrap_or_default());
    taking::named(member.name.as_deref().or(address).unwrap_or_default())
}
