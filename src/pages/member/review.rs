//! The last step: looking it over, agreeing, and handing the photos in.

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{self, Data, Form, ServiceConfig},
};
use askama::Template;
use serde::Deserialize;

use super::{
    START, frame,
    onboarding::{Draft, Step, StepView},
    photos::{PhotoView, list},
    style::choice,
};
use crate::{
    app::App,
    credits,
    db::View,
    error::{Error, Result},
    members::{Kind, Member},
    pages::{
        shown_with, to,
        view::{Choice, Page, counted},
    },
    shoots::{self, consent_words},
    web::{browser::SignedIn, get, resource},
};

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(
        resource("/team-member/onboarding/review", "GET, POST").route(get(show)).route(web::post().to(submit)),
    );
}

#[derive(Template)]
#[template(path = "member/onboarding-review.html")]
struct OnboardingReview {
    page: Page,
    steps: Vec<StepView>,
    name: String,
    photos: Vec<PhotoView>,
    count_words: String,
    backdrops: Vec<Choice>,
    what_happens: &'static str,
    /// Beside the member.
    who_else: String,
    consent: &'static str,
    consent_error: Option<&'static str>,
    no_credit: bool,
}

/// `GET /team-member/onboarding/review`
async fn show(request: HttpRequest, app: Data<App>, who: SignedIn) -> Result<HttpResponse> {
    app.db.read(|view| answer(view, &request, &app, &who, StatusCode::OK, None))
}

#[derive(Deserialize)]
struct Submission {
    consent: Option<String>,
}

/// `POST /team-member/onboarding/review`
async fn submit(
    request: HttpRequest,
    app: Data<App>,
    who: SignedIn,
    Form(form): Form<Submission>,
) -> Result<HttpResponse> {
    if form.consent.is_none() {
        let error = "Tick this box to go on: without your consent no headshots are made.";
        return app.db.read(|view| answer(view, &request, &app, &who, StatusCode::BAD_REQUEST, Some(error)));
    }
    let (member, given_by) = (who.member.clone(), who.by.id.clone());
    match app.db.write(move |tx| shoots::submit_once(tx, &member, &given_by)).await {
        Ok(()) => Ok(to(who.at(START))),
        Err(Error::NoCredits) => {
            app.db.read(|view| answer(view, &request, &app, &who, StatusCode::PAYMENT_REQUIRED, None))
        }
        // Something is missing, say a photo removed in another window: the first step that isn't done says what.
        Err(Error::Invalid(_)) => Ok(to(who.at("/onboarding"))),
        Err(other) => Err(other),
    }
}

fn answer(
    view: &View,
    request: &HttpRequest,
    app: &App,
    who: &SignedIn,
    status: StatusCode,
    consent_error: Option<&'static str>,
) -> Result<HttpResponse> {
    let draft = match Draft::at(view, who, Step::Review)? {
        Ok(draft) => draft,
        Err(elsewhere) => return Ok(to(elsewhere)),
    };
    let Some(shoot) = &draft.shoot else { return Ok(to(who.at(START))) };
    let photos = list(view, who, &shoot.id)?;
    let page = frame(view, request, "Review", who)?;
    let who_else = match who.member.kind {
        Kind::Anonymous => page.brand.name.clone(),
        _ if page.alone => "the people who run this server".to_owned(),
        _ => "the people who lead your organization".to_owned(),
    };
    let page = OnboardingReview {
        page,
        who_else,
        steps: draft.line(Step::Review, who),
        name: who.member.called().to_owned(),
        count_words: counted(photos.len() as u64, "photo"),
        photos,
        backdrops: shoot.backdrops.iter().map(|scene| choice(scene, true)).collect(),
        what_happens: if app.generator_for(shoot).capabilities().remote { SENT_AWAY } else { STAYS_HERE },
        consent: consent_words(view, &who.member, &who.by.id)?,
        consent_error,
        no_credit: !shoot.development && !shoot.granted && no_credit(view, &who.member)?,
    };
    shown_with(request, status, &page)
}

const STAYS_HERE: &str = "They are kept on this server without the place and the camera data a phone adds. Headshots are made of them here; \
    nothing leaves the server.";

const SENT_AWAY: &str = "They are kept on this server without the place and the camera data a phone adds, and sent to the service that makes \
    the headshots.";

/// Whether submitting would be refused for want of a credit.
fn no_credit(view: &View, member: &Member) -> Result<bool> {
    match credits::must_have_one(view, &member.organization) {
        Ok(_) => Ok(false),
        Err(Error::NoCredits) => Ok(true),
        Err(other) => Err(other),
    }
}
