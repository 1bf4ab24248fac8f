//! The second step: photos.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, ServiceConfig},
};
use askama::Template;

use super::{
    frame,
    onboarding::{Draft, Step, StepView},
    pieces::Unfinished,
    verdicts::{Album, Card, Said},
};
use crate::{
    app::App,
    error::Result,
    i18n::Message,
    pages::{filters, shown, to, view::Page},
    shoots::MOST_PHOTOS,
    web::{answer, browser::SignedIn, get, resource},
};

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(resource("/team-member/onboarding/photos", "GET").route(get(show)));
}

#[derive(Template)]
#[template(path = "member/onboarding-photos.html")]
struct OnboardingPhotos {
    page: Page,
    steps: Vec<StepView>,
    photos: Vec<Card>,
    standing: Said,
    /// `7 photos`
    count_words: Message,
    /// Thirty are there.
    full: bool,
    /// Why the last upload without script was not taken.
    refused: Option<String>,
    /// What came in part, before the page was loaded.
    unfinished: Vec<Unfinished>,
}

/// `GET /team-member/onboarding/photos`
async fn show(request: HttpRequest, app: Data<App>, who: SignedIn) -> Result<HttpResponse> {
    app.db.read(|view| {
        let draft = match Draft::at(view, &app, &who, Step::Photos)? {
            Ok(draft) => draft,
            Err(elsewhere) => return Ok(to(elsewhere)),
        };
        let Album { cards, standing } = match &draft.shoot {
            Some(shoot) => Album::of(view, &who, shoot, app.config.checks.mode)?,
            None => Album::empty(),
        };
        let unfinished = match &draft.shoot {
            Some(shoot) => Unfinished::of(view, shoot)?,
            None => Vec::new(),
        };
        let mut page = frame(view, &request, say!("Your photos"), &who)?;
        // What an upload has to say belongs beside the photos.
        let refused = page.flash.take();
        let view = OnboardingPhotos {
            page,
            steps: draft.line(Step::Photos, &who),
            count_words: say!("{n} photo" | "{n} photos", n = cards.len()),
            full: cards.len() as i64 >= MOST_PHOTOS,
            refused,
            unfinished,
            photos: cards,
            standing,
        };
        let mut response = shown(&request, &view)?;
        answer::let_use_camera(&mut response);
        Ok(response)
    })
}
