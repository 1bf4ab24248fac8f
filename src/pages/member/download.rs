//! The headshots' files: one by one, to be seen or taken along, and all of them as an archive.

use actix_web::{
    HttpResponse,
    http::header::{Charset, ContentDisposition, ContentEncoding, DispositionParam, DispositionType, ExtendedValue},
    web::{Bytes, Data, Path, Query, ServiceConfig},
};
use futures::Stream;
use serde::Deserialize;

use super::picture;
use crate::{
    app::{App, archive::Archive},
    error::{Error, Result},
    ids::{ResultId, ShootId},
    members::{self, Member},
    results::{self, Headshot},
    shoots,
    storage::{HeadshotFile, Key, Storage},
    styles::Names,
    web::{browser::SignedIn, get, resource},
};

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(resource("/team-member/headshots/{id}/portrait.jpg", "GET").route(get(portrait)))
        .service(resource("/team-member/headshots/{id}/square.jpg", "GET").route(get(square)))
        .service(resource("/team-member/headshots/{id}/thumbnail.jpg", "GET").route(get(thumbnail)))
        .service(resource("/team-member/shoots/{id}/headshots.zip", "GET").route(get(archive)));
}

/// Where a headshot's file is seen.
pub(super) fn address(who: &SignedIn, id: &ResultId, file: HeadshotFile) -> String {
    who.at(&format!("/headshots/{id}/{}.jpg", file.name()))
}

/// Where it is taken along.
pub(super) fn taken_along(who: &SignedIn, id: &ResultId, file: HeadshotFile) -> String {
    address(who, id, file) + "?download=1"
}

#[derive(Deserialize)]
struct Wish {
    download: Option<String>,
}

/// `GET /team-member/headshots/{id}/portrait.jpg`
async fn portrait(app: Data<App>, who: SignedIn, id: Path<ResultId>, wish: Query<Wish>) -> Result<HttpResponse> {
    file(&app, &who.member, &id, HeadshotFile::Portrait, &wish).await
}

/// `GET /team-member/headshots/{id}/square.jpg`
async fn square(app: Data<App>, who: SignedIn, id: Path<ResultId>, wish: Query<Wish>) -> Result<HttpResponse> {
    file(&app, &who.member, &id, HeadshotFile::Square, &wish).await
}

/// `GET /team-member/headshots/{id}/thumbnail.jpg`
async fn thumbnail(app: Data<App>, who: SignedIn, id: Path<ResultId>, wish: Query<Wish>) -> Result<HttpResponse> {
    file(&app, &who.member, &id, HeadshotFile::Thumbnail, &wish).await
}

async fn file(app: &App, viewer: &Member, id: &ResultId, file: HeadshotFile, wish: &Wish) -> Result<HttpResponse> {
    let name = app.db.read(|view| {
        let headshot = results::seen_by(view, id, viewer)?;
        let whose = name_of(members::of_shoot(view, &headshot.shoot)?.as_ref());
        let names = Names::of(view, &shoots::get(view, &headshot.shoot)?.organization)?;
        Ok(file_name(&whose, &headshot, &names, file))
    })?;
    let bytes = app.storage.get(Key::Headshot(id, file)).await?.ok_or(Error::NotFound("Photo"))?;
    let mut answer = picture(bytes);
    if wish.download.is_some() {
        let said = attachment(&name);
        answer
            .headers_mut()
            .insert(actix_web::http::header::CONTENT_DISPOSITION, said.to_string().parse().map_err(Error::internal)?);
    }
    Ok(answer)
}

/// `GET /team-member/shoots/{id}/headshots.zip`
async fn archive(app: Data<App>, who: SignedIn, id: Path<ShootId>) -> Result<HttpResponse> {
    let (headshots, names) = app.db.read(|view| {
        let shoot = shoots::own_results(view, &id, &who.member)?;
        Ok((results::of_shoot(view, &shoot.id)?, Names::of(view, &shoot.organization)?))
    })?;
    let name = name_of(Some(&who.member));
    Ok(HttpResponse::Ok()
        .content_type("application/zip")
        .insert_header(attachment(&format!("{name}headshots.zip")))
        .insert_header(ContentEncoding::Identity)
        .streaming(pack(app.storage.clone(), name, headshots, names)))
}

/// The archive, made while it is sent: one file at a time is in memory, and the next one is read when the last one has gone.
/// Nothing is compressed, because JPEGs don't get smaller.
fn pack(
    storage: Storage,
    name: String,
    headshots: Vec<Headshot>,
    names: Names,
) -> impl Stream<Item = Result<Bytes, Error>> {
    async_stream::try_stream! {
        let mut archive = Archive::default();
        for headshot in &headshots {
            for (folder, file) in [("", HeadshotFile::Portrait), ("square/", HeadshotFile::Square)] {
                // Deleted meanwhile: the rest is still worth having.
                let Some(bytes) = storage.get(Key::Headshot(&headshot.id, file)).await? else { continue };
                let name = format!("{folder}{}", file_name(&name, headshot, &names, file));
                yield archive.add(name, headshot.created_at, &bytes)?;
            }
        }
        yield archive.finish()?;
    }
}

/// `kim-lee-`, for the start of a file's name; empty if there is nothing to call them.
pub(super) fn name_of(member: Option<&Member>) -> String {
    let Some(member) = member else { return String::new() };
    let address = member.email.as_ref().map(|email| email.as_str().split('@').next().unwrap_or_default());
    let name = member.name.as_deref().or(address).unwrap_or_default().to_lowercase();
    let words: Vec<&str> =
        name.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    words.iter().take(6).map(|word| format!("{}-", word.chars().take(40).collect::<String>())).collect()
}

/// `kim-lee-headshot-03-navy.jpg`
fn file_name(name: &str, headshot: &Headshot, names: &Names, file: HeadshotFile) -> String {
    let kind = match file {
        HeadshotFile::Portrait => "",
        HeadshotFile::Square => "-square",
        HeadshotFile::Thumbnail => "-small",
    };
    format!("{name}headshot-{:02}-{}{kind}.jpg", headshot.position, names.for_file(&headshot.backdrop))
}

/// To be saved under this name; for programs that read ASCII only, under what is left of it.
pub(super) fn attachment(name: &str) -> ContentDisposition {
    let ascii: String = name.split('-').filter(|word| word.is_ascii()).collect::<Vec<_>>().join("-");
    let mut parameters = vec![DispositionParam::Filename(ascii)];
    if !name.is_ascii() {
        parameters.push(DispositionParam::FilenameExt(ExtendedValue {
            charset: Charset::Ext("UTF-8".to_owned()),
            language_tag: None,
            value: name.as_bytes().to_vec(),
        }));
    }
    ContentDisposition { disposition: DispositionType::Attachment, parameters }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_other_letters_has_a_plain_twin() {
        let said = |name| attachment(name).to_string();
        assert_eq!(said("kim-lee-headshot-03-navy.jpg"), "attachment; filename=\"kim-lee-headshot-03-navy.jpg\"");
        assert_eq!(
            said("łukasz-nowak-headshot-03-navy.jpg"),
            "attachment; filename=\"nowak-headshot-03-navy.jpg\"; filename*=UTF-8''%C5%82ukasz%2Dnowak%2Dheadshot%2D03%2Dnavy.jpg"
        );
    }
}
