//! The first step: who the member is, and where.

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
};
use crate::{
    app::App,
    db::View,
    error::{Error, Result},
    members::{Kind, PersonName},
    pages::{
        shown_with, to,
        view::{Choice, Field, Page},
    },
    shoots::{self, Gender},
    web::{browser::SignedIn, get, resource},
};

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(resource("/team-member/onboarding/you", "GET, POST").route(get(show)).route(web::post().to(save)));
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
    name_label: &'static str,
    name_hint: &'static str,
    genders: Vec<Choice>,
    gender_error: Option<String>,
}

/// `GET /team-member/onboarding/you`
async fn show(request: HttpRequest, app: Data<App>, who: SignedIn) -> Result<HttpResponse> {
    let name = Field::new(who.member.name.as_deref().unwrap_or_default());
    app.db.read(|view| answer(view, &request, &app, &who, StatusCode::OK, name, None))
}

#[derive(Deserialize)]
struct About {
    #[serde(default)]
    name: String,
    gender: Option<Gender>,
}

/// `POST /team-member/onboarding/you`
async fn save(request: HttpRequest, app: Data<App>, who: SignedIn, Form(about): Form<About>) -> Result<HttpResponse> {
    let (name, gender) = match (PersonName::parse(&about.name), about.gender) {
        (Ok(name), Some(gender)) => (name, gender),
        (name, gender) => {
            let name = match name {
                Ok(_) => Field::new(about.name),
                Err(error) => Field::wrong(about.name, &error),
            };
            return app.db.read(|view| answer(view, &request, &app, &who, StatusCode::BAD_REQUEST, name, Some(gender)));
        }
    };
    let member = who.member.clone();
    match app.db.write(move |tx| shoots::introduce(tx, &member, &name, gender)).await {
        Ok(()) => Ok(to(who.at(Step::Photos.address()))),
        // Submitted in another window meanwhile.
        Err(Error::Invalid(_)) => Ok(to(who.at(START))),
        Err(other) => Err(other),
    }
}

/// The page; with the gender `posted`, if a form was.
fn answer(
    view: &View,
    request: &HttpRequest,
    app: &App,
    who: &SignedIn,
    status: StatusCode,
    name: Field,
    posted: Option<Option<Gender>>,
) -> Result<HttpResponse> {
    let draft = match Draft::at(view, app, who, Step::You)? {
        Ok(draft) => draft,
        Err(elsewhere) => return Ok(to(elsewhere)),
    };
    let chosen = posted.unwrap_or_else(|| draft.shoot.as_ref().and_then(|shoot| shoot.gender));
    let gender = |gender: &Gender| Choice {
        value: gender.to_string(),
        words: words(*gender).to_owned(),
        chosen: chosen == Some(*gender),
    };
    let page = frame(view, request, "About you", who)?;
    let colleagues = who.member.kind != Kind::Anonymous && !page.alone;
    let once_more = shoots::of_member(view, &who.member.id)?.len() > 1;
    let page = OnboardingYou {
        belongs: once_more || who.member.leads(),
        once_more,
        steps: draft.line(Step::You, who),
        email: who.member.email.as_ref().map(ToString::to_string).unwrap_or_default(),
        name,
        name_label: if who.for_another() { "Name" } else { "Your name" },
        name_hint: if colleagues { "As your colleagues know it." } else { "" },
        page,
        genders: Gender::ALL.iter().map(gender).collect(),
        gender_error: (posted == Some(None)).then(|| "Choose one of the three.".to_owned()),
    };
    shown_with(request, status, &page)
}

const fn words(gender: Gender) -> &'static str {
    match gender {
        Gender::Female => "Woman",
        Gender::Male => "Man",
        Gender::Person => "Neither, or rather not say",
    }
}
