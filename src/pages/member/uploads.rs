//! Photos come in, are shown small, and are taken out again.

use std::time::Duration;

use actix_multipart::{Field, Multipart, MultipartError};
use actix_web::{
    HttpRequest, HttpResponse, Responder,
    error::PayloadError,
    web::{self, Bytes, Data, Form, Path, Payload, ServiceConfig},
};
use futures::{Stream, StreamExt};
use serde::Deserialize;

use super::{
    START, following,
    onboarding::Step,
    picture,
    verdicts::{Added, Album, Changed},
};
use crate::{
    app::{
        App,
        uploads::{self, Place, Received},
    },
    audit::Action,
    error::{Error, Result},
    ids::{PhotoId, ShootId},
    pages::{to, view::saying},
    photos::{self, LARGEST, Photo},
    shoots::{self, MOST_PHOTOS},
    storage::{Key, PhotoFile},
    to_its_end::to_its_end,
    web::{
        browser::SignedIn,
        get,
        json::{self, Json},
        resource,
    },
};

/// An upload that says nothing for so long has broken off.
const SILENCE: Duration = Duration::from_secs(30);

/// Most bytes read of a request with one photo. What is beyond the largest photo is thrown away, only so that the browser
/// gets to hear why: one that is cut off while it sends doesn't listen.
const MOST_OF_ONE: usize = 4 * LARGEST;

/// Most bytes read of a form with several.
const MOST_OF_MANY: usize = (MOST_PHOTOS as usize + 1) * LARGEST;

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(resource("/team-member/photos", "GET, POST").route(get(following::all)).route(web::post().to(add)))
        .service(resource("/team-member/photos/{id}/remove", "POST").route(web::post().to(remove)))
        .service(resource("/team-member/photos/{id}/allow", "POST").route(web::post().to(allow)))
        .service(resource("/team-member/photos/{id}/thumbnail", "GET").route(get(show)));
}

/// `POST /team-member/photos`: one photo for a script, any number for a form.
async fn add(request: HttpRequest, app: Data<App>, who: SignedIn, body: Payload) -> Result<HttpResponse> {
    let open = app.db.read(|view| shoots::own_open(view, &who.member));
    let place = open.map(|shoot| place_of(&who, &shoot.id));
    if json::wanted(request.headers()) {
        let mut form = Fields::new(&request, body, MOST_OF_ONE);
        let added = async { add_one(&app, &place?, &mut form).await };
        let added = added.await;
        if added.is_err() {
            while let Some(Ok(_)) = form.next().await {}
        }
        let added = added?;
        let album =
            app.db.read(|view| Album::of(view, &who, &shoots::get(view, &added.shoot)?, app.config.checks.mode))?;
        return Ok(Json(Added::new(album, &added.id)?).respond_to(&request));
    }
    let Ok(place) = place else { return Ok(to(who.at(START))) };
    let mut form = Fields::new(&request, body, MOST_OF_MANY);
    let refused = add_all(&app, &place, &mut form).await?;
    let back = to(who.at(Step::Photos.address()));
    if refused.is_empty() { Ok(back) } else { saying(&app, back, in_words(&refused)) }
}

/// Into which shoot a photo goes, and who adds it.
pub(super) fn place_of(who: &SignedIn, shoot: &ShootId) -> Place {
    let behalf = who.for_another().then(|| (who.by.clone(), who.member.clone()));
    Place { shoot: shoot.clone(), behalf, upload: None }
}

async fn add_one(app: &App, place: &Place, form: &mut Fields) -> Result<Photo> {
    app.db.read(|view| shoots::must_take_photos(view, &place.shoot))?;
    while let Some(field) = form.next().await {
        if let Some(received) = receive(app, &mut field?).await? {
            return app.uploads.keep(&app.db, &app.storage, place, received).await;
        }
    }
    Err(Error::invalid(say!("There is no photo in this upload. Choose one and try again.")))
}

/// Adds what can be added, and tells what can't and why.
async fn add_all(app: &App, place: &Place, form: &mut Fields) -> Result<Vec<(String, Error)>> {
    let mut refused = Vec::new();
    while let Some(field) = form.next().await {
        let mut field = field?;
        let name = name_of(&field);
        let kept = match receive(app, &mut field).await {
            Ok(Some(received)) => app.uploads.keep(&app.db, &app.storage, place, received).await.map(drop),
            Ok(None) => Ok(()),
            Err(error) => Err(error),
        };
        match kept {
            Ok(()) => {}
            Err(error @ Error::Internal(_)) => return Err(error),
            Err(error) => refused.push((name, error)),
        }
    }
    Ok(refused)
}

/// The file in a field; nothing for other fields, and for a form that was sent without a file.
async fn receive(app: &App, field: &mut Field) -> Result<Option<Received>> {
    if field.name() != Some("photo") {
        return Ok(None);
    }
    let name = name_of(field);
    let (mut incoming, mut empty) = (app.uploads.open()?, true);
    while let Some(piece) = field.next().await {
        let piece = piece.map_err(broken)?;
        empty &= piece.is_empty();
        incoming.add(&piece).await?;
    }
    if empty && name.is_empty() { Ok(None) } else { incoming.finish(name).await.map(Some) }
}

pub(in crate::pages) fn name_of(field: &Field) -> String {
    field.content_disposition().and_then(|said| said.get_filename()).unwrap_or_default().to_owned()
}

/// The fields of a form, one after the other.
pub(in crate::pages) struct Fields {
    form: Multipart,
    /// Nothing comes any more: the library doesn't take being asked again.
    over: bool,
}

impl Fields {
    pub(in crate::pages) fn new(request: &HttpRequest, body: Payload, most: usize) -> Self {
        Self { form: Multipart::new(request.headers(), bounded(body, most)), over: false }
    }

    /// The next field, once what is left of the one before is read and thrown away.
    pub(in crate::pages) async fn next(&mut self) -> Option<Result<Field>> {
        if self.over {
            return None;
        }
        let next = self.form.next().await;
        self.over = !matches!(next, Some(Ok(_)));
        next.map(|field| field.map_err(broken))
    }
}

/// The body, up to `most` bytes, as long as it keeps coming.
pub(super) fn bounded(mut body: Payload, most: usize) -> impl Stream<Item = Result<Bytes, PayloadError>> {
    async_stream::stream! {
        let mut left = most;
        loop {
            match tokio::time::timeout(SILENCE, body.next()).await {
                Ok(Some(Ok(piece))) if piece.len() <= left => {
                    left -= piece.len();
                    yield Ok(piece);
                }
                Ok(Some(Ok(_))) => return yield Err(PayloadError::Overflow),
                Ok(Some(Err(cause))) => return yield Err(cause),
                Ok(None) => return,
                Err(_) => return yield Err(PayloadError::Incomplete(None)),
            }
        }
    }
}

pub(in crate::pages) fn broken(cause: MultipartError) -> Error {
    match cause {
        MultipartError::Payload(PayloadError::Overflow) => {
            Error::TooLarge(say!("That is too much at once. Choose fewer or smaller photos."))
        }
        MultipartError::ContentTypeMissing | MultipartError::ContentTypeIncompatible => {
            Error::Unsupported(say!("Photos are taken as multipart/form-data, in fields called photo."))
        }
        _ => Error::invalid(say!("The upload broke off before it was complete. Try again.")),
    }
}

/// Which files were not taken and why; the first few of them.
fn in_words(refused: &[(String, Error)]) -> String {
    const NAMED: usize = 3;
    let one = |(name, error): &(String, Error)| {
        let name: String = name.chars().filter(|letter| !letter.is_control()).take(60).collect();
        if name.is_empty() { error.to_string() } else { format!("{name}: {error}") }
    };
    let mut words: Vec<String> = refused.iter().take(NAMED).map(one).collect();
    if refused.len() > NAMED {
        words.push(say!("And {n} more.", n = refused.len() - NAMED).to_string());
    }
    words.join(" ")
}

/// `POST /team-member/photos/{id}/remove`
async fn remove(request: HttpRequest, app: Data<App>, who: SignedIn, id: Path<PhotoId>) -> Result<HttpResponse> {
    let (db, storage, id) = (app.db.clone(), app.storage.clone(), id.into_inner());
    let (photo, member, by) = (id.clone(), who.member.clone(), who.by.clone());
    let alike = app.config.checks.thresholds.alike;
    let removed = to_its_end(async move {
        db.write(move |tx| {
            photos::remove(tx, &shoots::own_open(tx, &member)?.id, &photo, alike)?;
            shoots::note_behalf(tx, &by, &member, Action::PhotosFor)
        })
        .await?;
        uploads::discard(&storage, &id).await;
        Ok(())
    });
    removed.await?;
    changed(&request, &app, &who)
}

/// What was found out by a change of photos that were there: told to a script, or shown on the page.
fn changed(request: &HttpRequest, app: &App, who: &SignedIn) -> Result<HttpResponse> {
    if !json::wanted(request.headers()) {
        return Ok(to(who.at(Step::Photos.address())));
    }
    let album =
        app.db.read(|view| Album::of(view, who, &shoots::own_open(view, &who.member)?, app.config.checks.mode))?;
    Ok(Json(Changed::new(album)?).respond_to(request))
}

#[derive(Deserialize)]
struct Permission {
    /// Left out: it is taken back.
    allowed: Option<String>,
}

/// `POST /team-member/photos/{id}/allow`: a lead who acts for someone lets a photo be used that was left out. Nobody does so
/// for themselves.
async fn allow(
    request: HttpRequest,
    app: Data<App>,
    who: SignedIn,
    id: Path<PhotoId>,
    Form(form): Form<Permission>,
) -> Result<HttpResponse> {
    if !who.for_another() {
        return Err(Error::NotFound("Page"));
    }
    let (by, member, id) = (who.by.actor(), who.member.clone(), id.into_inner());
    let alike = app.config.checks.thresholds.alike;
    match app.db.write(move |tx| photos::allow(tx, &by, &member, &id, form.allowed.is_some(), alike)).await {
        Ok(()) => changed(&request, &app, &who),
        // Submitted or removed in another window: the way on says what there is to do.
        Err(Error::Invalid(_)) if !json::wanted(request.headers()) => Ok(to(who.at(Step::Photos.address()))),
        Err(error) => Err(error),
    }
}

/// `GET /team-member/photos/{id}/thumbnail`
async fn show(app: Data<App>, who: SignedIn, id: Path<PhotoId>) -> Result<HttpResponse> {
    app.db.read(|view| photos::seen_by(view, &id, &who.member))?;
    let bytes = app.storage.get(Key::Photo(&id, PhotoFile::Thumbnail)).await?;
    Ok(picture(bytes.ok_or(Error::NotFound("Photo"))?))
}
