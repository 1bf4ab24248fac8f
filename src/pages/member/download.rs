//! The headshots' files: one by one, to be seen or taken along, and all of them as an archive.

use std::{
    cell::RefCell,
    io::{self, Seek, SeekFrom, Write},
    rc::Rc,
};

use actix_web::{
    HttpResponse,
    http::header::{Charset, ContentDisposition, ContentEncoding, DispositionParam, DispositionType, ExtendedValue},
    web::{Bytes, Data, Path, Query, ServiceConfig},
};
use futures::Stream;
use serde::Deserialize;
use zip::{CompressionMethod, DateTime, PreparedZipFile, ZipWriter, result::ZipError, write::SimpleFileOptions};

use super::picture;
use crate::{
    app::App,
    error::{Error, Result},
    ids::{ResultId, ShootId},
    members::{self, Member},
    results::{self, Headshot},
    shoots,
    storage::{HeadshotFile, Key, Storage},
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
    let (headshot, name) = app.db.read(|view| {
        let headshot = results::seen_by(view, id, viewer)?;
        Ok((headshot.clone(), name_of(members::of_shoot(view, &headshot.shoot)?.as_ref())))
    })?;
    let bytes = app.storage.get(Key::Headshot(id, file)).await?.ok_or(Error::NotFound("Photo"))?;
    let mut answer = picture(bytes);
    if wish.download.is_some() {
        let said = attachment(&file_name(&name, &headshot, file));
        answer
            .headers_mut()
            .insert(actix_web::http::header::CONTENT_DISPOSITION, said.to_string().parse().map_err(Error::internal)?);
    }
    Ok(answer)
}

/// `GET /team-member/shoots/{id}/headshots.zip`
async fn archive(app: Data<App>, who: SignedIn, id: Path<ShootId>) -> Result<HttpResponse> {
    let headshots = app.db.read(|view| {
        let shoot = shoots::own_results(view, &id, &who.member)?;
        results::of_shoot(view, &shoot.id)
    })?;
    let name = name_of(Some(&who.member));
    Ok(HttpResponse::Ok()
        .content_type("application/zip")
        .insert_header(attachment(&format!("{name}headshots.zip")))
        .insert_header(ContentEncoding::Identity)
        .streaming(pack(app.storage.clone(), name, headshots)))
}

/// The archive, made while it is sent: one file at a time is in memory, and the next one is read when the last one has gone.
/// Nothing is compressed, because JPEGs don't get smaller.
fn pack(storage: Storage, name: String, headshots: Vec<Headshot>) -> impl Stream<Item = Result<Bytes, Error>> {
    async_stream::try_stream! {
        let tray = Tray::default();
        let mut archive = ZipWriter::new(tray.clone());
        for headshot in &headshots {
            for (folder, file) in [("", HeadshotFile::Portrait), ("square/", HeadshotFile::Square)] {
                // Deleted meanwhile: the rest is still worth having.
                let Some(bytes) = storage.get(Key::Headshot(&headshot.id, file)).await? else { continue };
                let name = format!("{folder}{}", file_name(&name, headshot, file));
                let entry = PreparedZipFile::from_data(name, options(headshot), &bytes).map_err(zip_failed)?;
                archive.add_prepared_file(entry).map_err(zip_failed)?;
                yield tray.take();
            }
        }
        archive.finish().map_err(zip_failed)?;
        yield tray.take();
    }
}

fn options(headshot: &Headshot) -> SimpleFileOptions {
    use chrono::{Datelike, Timelike};
    let made = headshot.created_at.date_time();
    let part = |number: u32| u8::try_from(number).unwrap_or_default();
    let made = DateTime::from_date_and_time(
        u16::try_from(made.year()).unwrap_or_default(),
        part(made.month()),
        part(made.day()),
        part(made.hour()),
        part(made.minute()),
        part(made.second()),
    );
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored).unix_permissions(0o644);
    made.map_or(options, |made| options.last_modified_time(made))
}

fn zip_failed(cause: ZipError) -> Error {
    Error::internal(cause)
}

/// What the archive was told to write and nobody has taken yet. Each entry stays until it is complete, so the archive can go
/// back and say in front of it how long it is: without that, not every program can unpack what isn't compressed.
#[derive(Clone, Default)]
struct Tray(Rc<RefCell<Content>>);

#[derive(Default)]
struct Content {
    bytes: Vec<u8>,
    /// Bytes taken before these.
    taken: u64,
    /// Where the next byte goes.
    at: usize,
}

impl Tray {
    fn take(&self) -> Bytes {
        let mut content = self.0.borrow_mut();
        content.taken += content.bytes.len() as u64;
        content.at = 0;
        std::mem::take(&mut content.bytes).into()
    }
}

impl Write for Tray {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let content = &mut *self.0.borrow_mut();
        let over = bytes.len().min(content.bytes.len() - content.at);
        content.bytes[content.at..content.at + over].copy_from_slice(&bytes[..over]);
        content.bytes.extend_from_slice(&bytes[over..]);
        content.at += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Seek for Tray {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let content = &mut *self.0.borrow_mut();
        let end = content.taken + content.bytes.len() as u64;
        let place = match to {
            SeekFrom::Start(place) => Some(place),
            SeekFrom::Current(by) => (content.taken + content.at as u64).checked_add_signed(by),
            SeekFrom::End(by) => end.checked_add_signed(by),
        };
        let place = place.filter(|place| (content.taken..=end).contains(place)).ok_or(io::ErrorKind::InvalidInput)?;
        content.at = usize::try_from(place - content.taken).map_err(io::Error::other)?;
        Ok(place)
    }
}

/// `kim-lee-`, for the start of a file's name; empty if there is nothing to call them.
fn name_of(member: Option<&Member>) -> String {
    let Some(member) = member else { return String::new() };
    let address = member.email.as_ref().map(|email| email.as_str().split('@').next().unwrap_or_default());
    let name = member.name.as_deref().or(address).unwrap_or_default().to_lowercase();
    let words: Vec<&str> =
        name.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    words.iter().take(6).map(|word| format!("{}-", word.chars().take(40).collect::<String>())).collect()
}

/// `kim-lee-headshot-03-navy.jpg`
fn file_name(name: &str, headshot: &Headshot, file: HeadshotFile) -> String {
    let kind = match file {
        HeadshotFile::Portrait => "",
        HeadshotFile::Square => "-square",
        HeadshotFile::Thumbnail => "-small",
    };
    format!("{name}headshot-{:02}-{}{kind}.jpg", headshot.position, headshot.backdrop)
}

/// To be saved under this name; for programs that read ASCII only, under what is left of it.
fn attachment(name: &str) -> ContentDisposition {
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
