//! The door for workers on other machines. It is none of the organizations' API: whoever runs the server starts them, and without
//! a `worker_token` there is nothing here. What a worker sees, it sees by the lease of the one shoot it holds.

use std::sync::Arc;

use actix_web::{
    FromRequest, HttpRequest, HttpResponse,
    dev::Payload,
    http::header,
    web::{self, Data, Path, ServiceConfig},
};
use bytes::{Bytes, BytesMut};
use futures::{
    StreamExt,
    future::{Ready, ready},
};

use super::{get, resource};
use crate::{
    app::App,
    error::{Error, Result},
    ids::{BackdropId, PhotoId},
    secrets::Token,
    storage::MadeFile,
    web::json::Json,
    wire,
    workers::{
        Ended, Held, Pool,
        protocol::{Hello, LARGEST, LEASE_HEADER, PATIENCE, Progress, VERSION, VERSION_HEADER, Work},
    },
};

pub(super) fn routes(config: &mut ServiceConfig) {
    let put = || web::put();
    config.service(
        web::scope("/worker")
            .service(resource("/hello", "POST").route(web::post().to(hello)))
            .service(resource("/claim", "POST").route(web::post().to(claim)))
            .service(resource("/progress", "POST").route(web::post().to(progress)))
            .service(resource("/ended", "POST").route(web::post().to(ended)))
            .service(resource("/hand-back", "POST").route(web::post().to(hand_back)))
            .service(resource("/photos/{id}", "GET").route(get(photo)))
            .service(resource("/backdrops/{id}", "GET").route(get(backdrop)))
            .service(resource("/headshots/{place}", "PUT").route(put().to(headshot)))
            .service(resource("/cutouts/{place}", "PUT").route(put().to(cutout))),
    );
}

/// A worker that knows the token and speaks our version.
struct Worker(Arc<Pool>);

impl FromRequest for Worker {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(admitted(request).map(Self))
    }
}

fn admitted(request: &HttpRequest) -> Result<Arc<Pool>> {
    let app = request.app_data::<Data<App>>().ok_or_else(|| Error::internal("a route without its app"))?;
    let pool = app.pool.clone().ok_or(Error::NotFound("Page"))?;
    let text = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    let token = text(header::AUTHORIZATION.as_str()).and_then(|value| value.strip_prefix("Bearer "));
    if !token.is_some_and(|token| pool.admits(token.trim())) {
        app.limits.address(request)?;
        return Err(Error::Unauthorized(plain!("This is not the token that workers of this server have.")));
    }
    match text(VERSION_HEADER).map(str::parse) {
        Some(Ok(VERSION)) => Ok(pool),
        theirs => {
            let theirs: u32 = theirs.and_then(std::result::Result::ok).unwrap_or_default();
            Err(Error::invalid(plain!(
                "This server speaks version {VERSION} with workers, and this worker speaks version {theirs}. Install the same Headroom on both machines; this server has {}.",
                env!("CARGO_PKG_VERSION")
            )))
        }
    }
}

/// One that holds a shoot, or says so.
struct Holder(Arc<Pool>, Token);

impl FromRequest for Holder {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let lease = || {
            let text = request.headers().get(LEASE_HEADER).and_then(|value| value.to_str().ok());
            text.and_then(Token::parse).ok_or_else(|| {
                Error::invalid(plain!("The header {LEASE_HEADER} is missing, or is not 256 random bits in base64url."))
            })
        };
        ready(admitted(request).and_then(|pool| Ok(Self(pool, lease()?))))
    }
}

/// `POST /worker/hello`
async fn hello(worker: Worker, Json(hello): Json<Hello>) -> Result<HttpResponse> {
    Ok(HttpResponse::Ok().json(worker.0.welcome(hello).await?))
}

/// `POST /worker/claim`. The worker makes up the lease itself, so it can claim again, or hand back, what it never heard it got.
async fn claim(app: Data<App>, holder: Holder, Json(hello): Json<Hello>) -> Result<HttpResponse> {
    let Holder(pool, lease) = holder;
    let patience = std::time::Duration::from_secs(PATIENCE);
    Ok(match pool.next(hello, &lease, patience, app.stopping.clone()).await? {
        Some(wanted) => HttpResponse::Ok().json(Work { wanted, thresholds: pool.thresholds() }),
        None => HttpResponse::NoContent().finish(),
    })
}

/// `POST /worker/progress`
async fn progress(holder: Holder, Json(progress): Json<Progress>) -> Result<HttpResponse> {
    Ok(noted(holder.0.progress(&holder.1, progress.into()).await?))
}

/// `POST /worker/ended`
async fn ended(holder: Holder, Json(ended): Json<Ended>) -> Result<HttpResponse> {
    Ok(noted(holder.0.ended(&holder.1, ended).await?))
}

/// `POST /worker/hand-back`
async fn hand_back(holder: Holder) -> Result<HttpResponse> {
    holder.0.handed_back(&holder.1).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// `GET /worker/photos/{id}`
async fn photo(holder: Holder, id: Path<String>) -> Result<HttpResponse> {
    let id: PhotoId = id.parse().map_err(|_| Error::NotFound("Photo"))?;
    Ok(sent(holder.0.photo(&holder.1, &id).await?))
}

/// `GET /worker/backdrops/{id}`
async fn backdrop(holder: Holder, id: Path<String>) -> Result<HttpResponse> {
    let id: BackdropId = id.parse().map_err(|_| Error::NotFound("Backdrop"))?;
    Ok(sent(holder.0.backdrop(&holder.1, &id).await?))
}

/// `PUT /worker/headshots/{place}`
async fn headshot(holder: Holder, place: Path<usize>, body: web::Payload) -> Result<HttpResponse> {
    let place = MadeFile::Headshot(place.into_inner());
    Ok(noted(holder.0.received(holder.1, place, received(body).await?).await?))
}

/// `PUT /worker/cutouts/{place}`
async fn cutout(holder: Holder, place: Path<usize>, body: web::Payload) -> Result<HttpResponse> {
    let place = MadeFile::Cutout(place.into_inner());
    Ok(noted(holder.0.received(holder.1, place, received(body).await?).await?))
}

/// Reads a file, and no more than one may have.
async fn received(mut body: web::Payload) -> Result<Bytes> {
    let mut file = BytesMut::new();
    while let Some(piece) = body.next().await {
        let piece = piece.map_err(|_| Error::invalid(say!("The body ended before it was complete.")))?;
        if file.len() + piece.len() > LARGEST {
            return Err(Error::TooLarge(plain!("A file may have {} MB.", LARGEST >> 20)));
        }
        file.extend_from_slice(&piece);
    }
    Ok(file.freeze())
}

fn noted(held: Held<()>) -> HttpResponse {
    match held {
        Held::Done(()) => HttpResponse::NoContent().finish(),
        Held::Over => over(),
    }
}

/// A file, or 204 if it was deleted since: a 404 could as well come from a proxy whose server is not there at the moment.
fn sent(held: Held<Option<Bytes>>) -> HttpResponse {
    match held {
        Held::Done(Some(file)) => HttpResponse::Ok().content_type("image/jpeg").body(file),
        Held::Done(None) => HttpResponse::NoContent().finish(),
        Held::Over => over(),
    }
}

/// The shoot is somebody else's by now, or nobody's: nothing has changed, and nothing is shown.
fn over() -> HttpResponse {
    let error = "This lease is over. The shoot is made by another worker, or was deleted.";
    HttpResponse::Gone().json(wire::Refusal { success: false, error, code: "LEASE_OVER" })
}
