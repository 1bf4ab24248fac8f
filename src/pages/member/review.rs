//! The last step: looking it over, agreeing, and handing the photos in.

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{self, Data, Form, ServiceConfig},
};
use askama::Template;
use serde::Deserialize;

use super::{
    START,
    backdrops::SceneView,
    frame,
    onboarding::{Draft, Step, StepView},
    verdicts::{Album, Card},
};
use crate::{
    app::App,
    credits,
    db::View,
    error::{Error, Result},
    generator::Destination,
    i18n::{Language, Message, language, speaking},
    members::{Kind, Member},
    organizations,
    pages::{
        filters,
        questions::told,
        shown_with, to,
        view::{Page, When},
    },
    shoots::{self, Consent, Consenting, HandedIn, ToAgree, Whereabouts, consent_words, version_of},
    styles::Names,
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
    /// What the organization asks, and what they answered.
    answers: Vec<(String, String)>,
    photos: Vec<Card>,
    count_words: Message,
    /// `5 of them used`, if not all are.
    unused: Option<Message>,
    backdrops: Vec<SceneView>,
    what_happens: String,
    who_sees: Message,
    consent: String,
    /// Which words these are.
    version: String,
    /// The version of the organization's own words.
    number: Option<u32>,
    /// When they agreed to other words.
    agreed_before: Option<When>,
    consent_error: Option<Message>,
    no_credit: bool,
    /// Where the photos would go, and may not yet.
    not_agreed: Option<String>,
}

/// `GET /team-member/onboarding/review`
async fn show(request: HttpRequest, app: Data<App>, who: SignedIn) -> Result<HttpResponse> {
    app.db.read(|view| answer(view, &request, &app, &who, StatusCode::OK, None))
}

#[derive(Deserialize)]
struct Submission {
    consent: Option<String>,
    /// Which words were shown.
    words: Option<String>,
}

/// `POST /team-member/onboarding/review`
async fn submit(
    request: HttpRequest,
    app: Data<App>,
    who: SignedIn,
    Form(form): Form<Submission>,
) -> Result<HttpResponse> {
    if form.consent.is_none() {
        let error = say!("Tick this box to go on: without your consent no headshots are made.");
        return app.db.read(|view| answer(view, &request, &app, &who, StatusCode::BAD_REQUEST, Some(error)));
    }
    if app.db.read(|view| Draft::must_choose_again(view, &app, &who))? {
        return Ok(to(who.at("/onboarding")));
    }
    let consent = Consenting { by: who.by.id.clone(), reads: language(), saw: form.words };
    let (member, checks, at) = (who.member.clone(), app.config.checks.mode, app.whereabouts());
    let submitted = app.db.write(move |tx| shoots::submit_once(tx, &member, &consent, checks, &at));
    match submitted.await {
        Ok(HandedIn::Done) => Ok(to(who.at(START))),
        Ok(HandedIn::WordsChanged) => {
            let error = say!("These words have changed since you saw them. Read them again.");
            app.db.read(|view| answer(view, &request, &app, &who, StatusCode::CONFLICT, Some(error)))
        }
        Err(Error::NoCredits) => {
            app.db.read(|view| answer(view, &request, &app, &who, StatusCode::PAYMENT_REQUIRED, None))
        }
        Err(Error::Forbidden(_)) => app.db.read(|view| answer(view, &request, &app, &who, StatusCode::FORBIDDEN, None)),
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
    consent_error: Option<Message>,
) -> Result<HttpResponse> {
    let draft = match Draft::at(view, app, who, Step::Review)? {
        Ok(draft) => draft,
        Err(elsewhere) => return Ok(to(elsewhere)),
    };
    let Some(shoot) = &draft.shoot else { return Ok(to(who.at(START))) };
    let at = app.whereabouts().of(shoot);
    let mut photos = Album::of(view, who, shoot, app.config.checks.mode)?.cards;
    photos.sort_by_key(|photo| !photo.used);
    let used = photos.iter().filter(|photo| photo.used).count();
    let names = Names::of(view, &shoot.organization)?;
    let ToAgree { text: consent, number, .. } = shoots::to_agree(view, &who.member, &who.by.id, &at)?;
    let version = version_of(&consent);
    let before = shoots::consents_of(view, &who.member.account)?.into_iter().next();
    // Whoever reads another language now has not agreed to something else.
    let same = |one: &Consent| {
        let words = |read| speaking(read, || consent_words(view, &who.member, &who.by.id, &at));
        Language::ALL.into_iter().any(|read| words(read).is_ok_and(|words| version_of(&words) == one.version))
    };
    let agreed_before = before.filter(|one| !same(one)).map(|one| When::day(one.created_at));
    let page = frame(view, request, say!("step|Review"), who)?;
    let who_sees = match who.member.kind {
        Kind::Anonymous => say!("You and {organization} can see them.", organization = page.brand.name),
        _ if page.alone => say!("You and the people who run this server can see them."),
        _ if who.for_another() => {
            say!("{person} and the people who lead your organization can see them.", person = who.member.called())
        }
        _ => say!("You and the people who lead your organization can see them."),
    };
    let page = OnboardingReview {
        page,
        who_sees,
        steps: draft.line(Step::Review, who),
        name: who.member.called().to_owned(),
        answers: told(view, &who.member)?,
        count_words: say!("{n} photo" | "{n} photos", n = photos.len()),
        unused: (used < photos.len()).then(|| say!("{n} of them used" | "{n} of them used", n = used)),
        photos,
        backdrops: shoot.backdrops.iter().map(|scene| SceneView::new(who, &names, scene, true)).collect(),
        what_happens: what_happens(
            &at,
            app.pool.is_some() && !shoot.development,
            app.generator_for(shoot).capabilities().promise(),
        ),
        version,
        number,
        agreed_before,
        consent,
        consent_error,
        not_agreed: not_agreed(view, &who.member, at.made.as_ref())?,
        no_credit: !shoot.development && !shoot.granted && no_credit(view, &who.member)?,
    };
    shown_with(request, status, &page)
}

/// Where photos are kept and what is done with them, in a sentence each.
fn what_happens(at: &Whereabouts, by_workers: bool, promise: Option<Message>) -> String {
    let kept = match &at.kept {
        None => say!("They are kept on this server without the place and the camera data a phone adds."),
        Some(host) => say!("They are kept at {host} without the place and the camera data a phone adds.", host),
    };
    let made = match (&at.made, &at.kept) {
        (Some(to), _) => say!("They are sent to {host}, where the headshots are made.", host = to.host),
        (None, _) if by_workers => say!(
            "Headshots are made of them on this server and on other machines of the people who run it; they go nowhere else."
        ),
        (None, None) => say!("Headshots are made of them here; nothing leaves the server."),
        (None, Some(_)) => say!("Headshots are made of them on this server; they go nowhere else."),
    };
    let mut words = vec![kept, made];
    words.extend(promise);
    words.into_iter().map(String::from).collect::<Vec<_>>().join(" ")
}

/// Where photos go, if that keeps them from being submitted: people on their own agree by submitting.
fn not_agreed(view: &View, member: &Member, to: Option<&Destination>) -> Result<Option<String>> {
    let Some(to) = to else { return Ok(None) };
    let organization = organizations::get(view, &member.organization)?;
    let may = organization.is_alone() || organizations::agrees(view, &organization.id, to)?;
    Ok((!may).then(|| to.host.clone()))
}

/// Whether submitting would be refused for want of a credit.
fn no_credit(view: &View, member: &Member) -> Result<bool> {
    match credits::must_have_one(view, &member.organization) {
        Ok(_) => Ok(false),
        Err(Error::NoCredits) => Ok(true),
        Err(other) => Err(other),
    }
}
