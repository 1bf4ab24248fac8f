//! Photos that come in pieces: a script announces a file, sends what is missing of it, and goes on after whatever came in between.

use actix_web::{
    HttpRequest, HttpResponse, Responder,
    http::StatusCode,
    web::{self, Data, Path, Payload, Query, ServiceConfig},
};
use futures::StreamExt;
use serde::{Deserialize, Serialize};

use super::{
    onboarding::Step,
    uploads::{bounded, place_of},
    verdicts::{Added, Album},
};
use crate::{
    app::{App, uploads::Piece},
    db::View,
    error::Result,
    ids::UploadId,
    pages::to,
    shoots::{self, Shoot},
    uploads::{self, NewUpload, Upload},
    web::{
        browser::SignedIn,
        json::{self, Json},
        resource,
    },
};

/// Most bytes of one request. Scripts send less, so that little is lost when it breaks off.
const MOST_OF_A_PIECE: usize = 4 * 1024 * 1024;

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(resource("/team-member/uploads", "POST").route(web::post().to(begin)))
        .service(resource("/team-member/uploads/{id}", "PATCH").route(web::patch().to(go_on)))
        .service(resource("/team-member/uploads/{id}/discard", "POST").route(web::post().to(discard)));
}

/// A file as a script announces it.
#[derive(Deserialize)]
struct Announced {
    #[serde(default)]
    name: String,
    /// In bytes.
    size: u64,
    /// What the browser knows the file by.
    mark: String,
}

/// How an upload stands.
#[derive(Serialize)]
struct Begun {
    id: UploadId,
    /// How many bytes are there: where the next piece begins.
    received: u64,
}

/// `POST /team-member/uploads`: the same file in the same shoot is the same upload.
async fn begin(
    request: HttpRequest,
    app: Data<App>,
    who: SignedIn,
    Json(file): Json<Announced>,
) -> Result<HttpResponse> {
    let member = who.member.clone();
    let new = NewUpload { name: file.name, mark: file.mark, bytes: file.size };
    let upload = app.db.write(move |tx| uploads::begin(tx, &shoots::own_open(tx, &member)?.id, &new)).await?;
    let received = app.uploads.here(&upload).await?;
    Ok(Json(Begun { id: upload.id, received }).respond_to(&request))
}

#[derive(Deserialize)]
struct From {
    /// Where the piece begins.
    offset: u64,
}

/// Where the next piece has to begin.
#[derive(Serialize)]
struct Received {
    received: u64,
}

/// The refusal of a piece that doesn't follow on what is there.
#[derive(Serialize)]
struct Elsewhere {
    success: bool,
    error: &'static str,
    code: &'static str,
    received: u64,
}

/// `PATCH /team-member/uploads/{id}?offset=N`: the body is the next piece. The answer to the last one is that to a whole photo.
async fn go_on(
    request: HttpRequest,
    app: Data<App>,
    who: SignedIn,
    id: Path<UploadId>,
    Query(from): Query<From>,
    body: Payload,
) -> Result<HttpResponse> {
    let upload = app.db.read(|view| {
        let (shoot, upload) = own(view, &who, &id)?;
        shoots::must_take_photos(view, &shoot.id)?;
        Ok(upload)
    })?;
    let body = bounded(body, MOST_OF_A_PIECE).map(|piece| piece.map_err(|cause| super::broken(cause.into())));
    let place = place_of(&who, &upload.shoot);
    match app.uploads.take_piece(&app.db, &app.storage, &place, &upload, from.offset, body).await? {
        Piece::Here(received) => Ok(Json(Received { received }).respond_to(&request)),
        Piece::Elsewhere(received) => Ok(HttpResponse::build(StatusCode::CONFLICT).json(Elsewhere {
            success: false,
            error: "This piece doesn't follow on what is there.",
            code: "UPLOAD_OFFSET",
            received,
        })),
        Piece::Photo(photo) => {
            let album =
                app.db.read(|view| Album::of(view, &who, &shoots::get(view, &photo.shoot)?, app.config.checks.mode))?;
            Ok(Json(Added::new(album, &photo.id)?).respond_to(&request))
        }
    }
}

/// `POST /team-member/uploads/{id}/discard`
async fn discard(request: HttpRequest, app: Data<App>, who: SignedIn, id: Path<UploadId>) -> Result<HttpResponse> {
    let upload = app.db.read(|view| own(view, &who, &id))?.1.id;
    app.uploads.discard(&app.db, upload).await?;
    if json::wanted(request.headers()) {
        return Ok(Json(serde_json::json!({})).respond_to(&request));
    }
    Ok(to(who.at(Step::Photos.address())))
}

/// An upload into the shoot that is open here. To all others there is none.
fn own(view: &View, who: &SignedIn, id: &UploadId) -> Result<(Shoot, Upload)> {
    let shoot = shoots::own_open(view, &who.member)?;
    let upload = uploads::get(view, &shoot.id, id)?;
    Ok((shoot, upload))
}

/// An upload that is not finished, as the page shows it.
pub(super) struct Unfinished {
    pub(super) id: UploadId,
    pub(super) name: String,
    /// Of how many megabytes so many are here.
    pub(super) here: u64,
    pub(super) all: u64,
}

impl Unfinished {
    /// Those of a shoot.
    pub(super) fn of(view: &View, shoot: &Shoot) -> Result<Vec<Self>> {
        let uploads = uploads::of_shoot(view, &shoot.id)?;
        Ok(uploads
            .into_iter()
            .map(|upload| {
                let (here, all) = amount(&upload);
                Self { here, all, id: upload.id, name: upload.name }
            })
            .collect())
    }
}

/// In whole megabytes: not rounded up, since what isn't there yet has to come.
fn amount(upload: &Upload) -> (u64, u64) {
    const MB: u64 = 1024 * 1024;
    (upload.received / MB, upload.bytes.div_ceil(MB))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{clock::Timestamp, ids::ShootId};

    #[test]
    fn what_is_there_is_said_in_megabytes() {
        let upload = |received, bytes| Upload {
            id: UploadId::new(),
            shoot: ShootId::new(),
            name: "me.jpg".to_owned(),
            bytes,
            received,
            touched_at: Timestamp::from_millis(0),
        };
        assert_eq!(amount(&upload(12_900_000, 26_214_400)), (12, 25));
        assert_eq!(amount(&upload(0, 2_500_000)), (0, 3));
    }
}
