//! The first step: who the member is, and where.

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{self, Data, Form, ServiceConfig},
};
use askama::Template;

use super::{
    START, frame,
    onboarding::{Draft, Step, StepView},
};
use crate::{
    app::App,
    db::View,
    error::{Error, Result},
    fields::{self, Given, Need},
    i18n::Message,
    members::{Kind, PersonName},
    pages::{
        filters,
        questions::{Asked, asked, long_form},
        shown_with, to,
        view::{Choice, Field, Page},
    },
    shoots::{self, Gender},
    web::{browser::SignedIn, get, resource},
};

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(
        resource("/team-member/onboarding/you", "GET, POST")
            .app_data(long_form())
            .route(get(show))
            .route(web::post().to(save)),
    );
}

#[derive(Template)]
#[template(path = "member/onboarding-you.html")]
struct OnboardingYou {
    page: Page,
    steps: Vec<StepView>,
    email: String,
    /// They have been here before, with another shoot or as a lead: they join nothing.
    belongs: bool,
    /// They may make headshots once more.
    once_more: bool,
    name: Field,
    name_label: Message,
    name_hint: Message,
    genders: Vec<Choice>,
    gender_error: Option<Message>,
    /// What the organization asks beside these.
    questions: Vec<Asked>,
}

/// `GET /team-member/onboarding/you`
async fn show(request: HttpRequest, app: Data<App>, who: SignedIn) -> Result<HttpResponse> {
    let name = Field::new(who.member.name.as_deref().unwrap_or_default());
    app.db.read(|view| answer(view, &request, &app, &who, StatusCode::OK, name, None))
}

/// What was posted.
struct Posted {
    gender: Option<Gender>,
    given: Given,
}

/// `POST /team-member/onboarding/you`: `name`, `gender`, and an answer to each question under its id.
async fn save(
    request: HttpRequest,
    app: Data<App>,
    who: SignedIn,
    Form(form): Form<Vec<(String, String)>>,
) -> Result<HttpResponse> {
    let value = |wanted: &str| form.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str());
    let typed = value("name").unwrap_or_default();
    let posted = Posted { gender: value("gender").and_then(|word| word.parse().ok()), given: Given::read(&form) };
    let faults = app.db.read(|view| fields::faults(view, &who.member, &posted.given, Need::All))?;
    let (name, gender) = match (PersonName::parse(typed), posted.gender) {
        (Ok(name), Some(gender)) if faults.is_empty() => (name, gender),
        (name, _) => {
            let name = name.map_or_else(|error| Field::wrong(typed, &error), |_| Field::new(typed));
            return app
                .db
                .read(|view| answer(view, &request, &app, &who, StatusCode::BAD_REQUEST, name, Some(&posted)));
        }
    };
    let (by, member) = (who.by.actor(), who.member.clone());
    let saved = app.db.write(move |tx| {
        shoots::introduce(tx, &member, &name, gender)?;
        fields::answer(tx, &by, &member, &posted.given, Need::All)
    });
    match saved.await {
        Ok(()) => Ok(to(who.at(Step::Photos.address()))),
        // Submitted in another window meanwhile, or one more is asked: the way on is known there.
        Err(Error::Invalid(_)) => Ok(to(who.at(START))),
        Err(other) => Err(other),
    }
}

/// The page; with what was `posted`, if a form was.
fn answer(
    view: &View,
    request: &HttpRequest,
    app: &App,
    who: &SignedIn,
    status: StatusCode,
    name: Field,
    posted: Option<&Posted>,
) -> Result<HttpResponse> {
    let draft = match Draft::at(view, app, who, Step::You)? {
        Ok(draft) => draft,
        Err(elsewhere) => return Ok(to(elsewhere)),
    };
    let chosen = match posted {
        Some(posted) => posted.gender,
        None => draft.shoot.as_ref().and_then(|shoot| shoot.gender),
    };
    let gender = |gender: &Gender| Choice {
        value: gender.to_string(),
        words: words(*gender).to_string(),
        chosen: chosen == Some(*gender),
    };
    let page = frame(view, request, say!("About you"), who)?;
    let colleagues = who.member.kind != Kind::Anonymous && !page.alone;
    let once_more = shoots::of_member(view, &who.member.id)?.len() > 1;
    let page = OnboardingYou {
        belongs: once_more || who.member.leads(),
        once_more,
        steps: draft.line(Step::You, who),
        email: who.member.email.as_ref().map(ToString::to_string).unwrap_or_default(),
        name,
        name_label: if who.for_another() { say!("Name") } else { say!("Your name") },
        name_hint: if colleagues { say!("As your colleagues know it.") } else { Message::new("") },
        page,
        genders: Gender::ALL.iter().map(gender).collect(),
        gender_error: posted.filter(|posted| posted.gender.is_none()).map(|_| say!("Choose one of the three.")),
        questions: asked(view, &who.member, posted.map(|posted| &posted.given), Need::All)?,
    };
    shown_with(request, status, &page)
}

const fn words(gender: Gender) -> Message {
    match gender {
        Gender::Female => say!("Woman"),
        Gender::Male => say!("Man"),
        Gender::Person => say!("Neither, or rather not say"),
    }
}
