//! What a member answered to their organization's questions, to be changed at any time.

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{self, Data, Form, ServiceConfig},
};
use askama::Template;

use super::{START, frame};
use crate::{
    app::App,
    error::{Error, Result},
    fields::{self, Given, Need},
    pages::{
        filters,
        questions::{Asked, asked, long_form},
        shown_with, to,
        view::{Page, saying},
    },
    web::{browser::SignedIn, get, resource},
};

/// As [`SignedIn::at`] takes it.
const PAGE: &str = "/answers";

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(
        resource("/team-member/answers", "GET, POST")
            .app_data(long_form())
            .route(get(show))
            .route(web::post().to(save)),
    );
}

#[derive(Template)]
#[template(path = "member/answers.html")]
struct Answers {
    page: Page,
    questions: Vec<Asked>,
}

/// `GET /team-member/answers`
async fn show(request: HttpRequest, app: Data<App>, who: SignedIn) -> Result<HttpResponse> {
    screen(&request, &app, &who, None, StatusCode::OK)
}

/// `POST /team-member/answers`
async fn save(
    request: HttpRequest,
    app: Data<App>,
    who: SignedIn,
    Form(posted): Form<Vec<(String, String)>>,
) -> Result<HttpResponse> {
    let given = Given::read(&posted);
    let (by, member, answers) = (who.by.actor(), who.member.clone(), given.clone());
    match app.db.write(move |tx| fields::answer(tx, &by, &member, &answers, Need::Kept)).await {
        Ok(()) => saying(&app, to(who.at(PAGE)), say!("Saved the answers.")),
        Err(error @ Error::Invalid(_)) => screen(&request, &app, &who, Some(&given), error.status()),
        Err(other) => Err(other),
    }
}

fn screen(
    request: &HttpRequest,
    app: &App,
    who: &SignedIn,
    typed: Option<&Given>,
    status: StatusCode,
) -> Result<HttpResponse> {
    app.db.read(|view| {
        let questions = asked(view, &who.member, typed, Need::Kept)?;
        if questions.is_empty() {
            return Ok(to(who.at(START)));
        }
        let page = frame(view, request, if who.for_another() { say!("Answers") } else { say!("Your answers") }, who)?;
        shown_with(request, status, &Answers { page, questions })
    })
}
