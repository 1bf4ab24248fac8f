//! The files behind signed URLs of photos: no key, no session, only the URL itself.

use actix_web::{
    HttpResponse,
    http::header::{self, CacheControl, CacheDirective},
    web::{Data, Path, Query, ServiceConfig},
};
use serde::Deserialize;

use super::{get, resource};
use crate::{
    app::App,
    error::{Error, Result},
    ids::ResultId,
    results,
    shoots::{self, State},
    storage::{HeadshotFile, Key},
    wire::v2::must_open,
};

/// Seconds a browser may keep a picture: it never changes, but it may be deleted.
const KEPT: u32 = 60 * 60;

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(resource("/photos/{id}/{file}.jpg", "GET").route(get(file)));
}

#[derive(Debug, Deserialize)]
pub(super) struct Signed {
    #[serde(default)]
    expires: i64,
    #[serde(default)]
    signature: String,
}

/// `GET /api/photos/{id}/{file}.jpg?expires=…&signature=…`
pub(super) async fn file(app: Data<App>, names: Path<(String, String)>, signed: Query<Signed>) -> Result<HttpResponse> {
    let (id, name) = names.into_inner();
    let gone = || Error::NotFound("Photo");
    let id: ResultId = id.parse().map_err(|_| gone())?;
    let file = HeadshotFile::ALL.into_iter().find(|file| file.name() == name).ok_or_else(gone)?;
    app.db.read(|view| {
        must_open(&app.key, &id, file.name(), signed.expires, &signed.signature, view.now)?;
        let shoot = results::get(view, &id)?.shoot;
        if shoots::get(view, &shoot)?.state == State::Deleted { Err(gone()) } else { Ok(()) }
    })?;
    let bytes = app.storage.get(Key::Headshot(&id, file)).await?.ok_or_else(gone)?;
    let kept = vec![CacheDirective::Private, CacheDirective::MaxAge(KEPT)];
    Ok(HttpResponse::Ok()
        .content_type("image/jpeg")
        .insert_header(CacheControl(kept))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"))
        .insert_header(("cross-origin-resource-policy", "cross-origin"))
        .body(bytes))
}
