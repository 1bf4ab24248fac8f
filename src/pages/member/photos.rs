//! The second step: photos.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, ServiceConfig},
};
use askama::Template;

use super::{
    frame,
    onboarding::{Draft, Step, StepView},
};
use crate::{
    app::App,
    db::View,
    error::Result,
    ids::{PhotoId, ShootId},
    pages::{
        shown, to,
        view::{Page, counted},
    },
    photos,
    shoots::MOST_PHOTOS,
    web::{browser::SignedIn, get, resource},
};

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(resource("/team-member/onboarding/photos", "GET").route(get(show)));
}

#[derive(Template)]
#[template(path = "member/onboarding-photos.html")]
struct OnboardingPhotos {
    page: Page,
    steps: Vec<StepView>,
    photos: Vec<PhotoView>,
    /// `7 photos`
    count_words: String,
    /// Thirty are there.
    full: bool,
    /// Why the last upload without script was not taken.
    refused: Option<String>,
}

/// A photo in a list.
pub(super) struct PhotoView {
    pub(super) id: PhotoId,
    pub(super) thumbnail: String,
    pub(super) name: String,
}

/// `GET /team-member/onboarding/photos`
async fn show(request: HttpRequest, app: Data<App>, who: SignedIn) -> Result<HttpResponse> {
    app.db.read(|view| {
        let draft = match Draft::at(view, &who, Step::Photos)? {
            Ok(draft) => draft,
            Err(elsewhere) => return Ok(to(elsewhere)),
        };
        let photos = match &draft.shoot {
            Some(shoot) => list(view, &who, &shoot.id)?,
            None => Vec::new(),
        };
        let mut page = frame(view, &request, "Your photos", &who)?;
        // What an upload has to say belongs beside the photos.
        let refused = page.flash.take();
        let view = OnboardingPhotos {
            page,
            steps: draft.line(Step::Photos, &who),
            count_words: counted(photos.len() as u64, "photo"),
            full: photos.len() as i64 >= MOST_PHOTOS,
            refused,
            photos,
        };
        shown(&request, &view)
    })
}

/// A shoot's photos, to be shown.
pub(super) fn list(view: &View, who: &SignedIn, shoot: &ShootId) -> Result<Vec<PhotoView>> {
    let photos = photos::of_shoot(view, shoot)?;
    let shown =
        |photo: photos::Photo| PhotoView { thumbnail: thumbnail(who, &photo.id), id: photo.id, name: photo.name };
    Ok(photos.into_iter().map(shown).collect())
}

/// Where a photo's thumbnail is.
pub(super) fn thumbnail(who: &SignedIn, photo: &PhotoId) -> String {
    who.at(&format!("/photos/{photo}/thumbnail"))
}
