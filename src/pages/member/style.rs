//! The third step: what stands behind the member.

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{self, Data, Form, ServiceConfig},
};
use askama::Template;

use super::{
    backdrops::{SceneView, offered},
    frame,
    onboarding::{Draft, Step, StepView},
};
use crate::{
    app::App,
    db::View,
    error::{Error, Result},
    generator::Scene,
    pages::{filters, shown_with, to, view::Page},
    shoots,
    styles::{self, Names},
    teams,
    web::{browser::SignedIn, get, resource},
};

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(resource("/team-member/onboarding/style", "GET, POST").route(get(show)).route(web::post().to(save)));
}

#[derive(Template)]
#[template(path = "member/onboarding-style.html")]
struct OnboardingStyle {
    page: Page,
    steps: Vec<StepView>,
    backdrops: Vec<SceneView>,
    /// What was chosen and is not offered any more: `Lobby, Navy`.
    gone: Option<String>,
    /// A lead chooses for someone whose team chooses from fewer than the organization allows: the team's name.
    narrowed: Option<String>,
    error: Option<String>,
}

/// `GET /team-member/onboarding/style`
async fn show(request: HttpRequest, app: Data<App>, who: SignedIn) -> Result<HttpResponse> {
    app.db.read(|view| answer(view, &request, &app, &who, StatusCode::OK, None))
}

/// `POST /team-member/onboarding/style`: `backdrop`, once for each that was chosen.
async fn save(
    request: HttpRequest,
    app: Data<App>,
    who: SignedIn,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<HttpResponse> {
    let offered = app.db.read(|view| offered(view, &app, &who))?;
    let chosen: Vec<Scene> = fields
        .iter()
        .filter(|(name, _)| name == "backdrop")
        .filter_map(|(_, value)| value.parse().ok())
        .filter(|scene| offered.contains(scene))
        .collect();
    let saved = app.db.write({
        let (member, chosen) = (who.member.clone(), chosen.clone());
        move |tx| shoots::choose_backdrops(tx, &shoots::own_open(tx, &member)?, &chosen)
    });
    match saved.await {
        Ok(()) => Ok(to(who.at(Step::Review.address()))),
        Err(error @ Error::Invalid(_)) => app.db.read(|view| {
            answer(view, &request, &app, &who, StatusCode::BAD_REQUEST, Some((chosen, error.to_string())))
        }),
        Err(other) => Err(other),
    }
}

/// The page; with what was `posted` and what is wrong with it, if a form was.
fn answer(
    view: &View,
    request: &HttpRequest,
    app: &App,
    who: &SignedIn,
    status: StatusCode,
    posted: Option<(Vec<Scene>, String)>,
) -> Result<HttpResponse> {
    let draft = match Draft::at(view, app, who, Step::Style)? {
        Ok(draft) => draft,
        Err(elsewhere) => return Ok(to(elsewhere)),
    };
    let (chosen, error) = match posted {
        Some((chosen, error)) => (chosen, Some(error)),
        None => (draft.shoot.as_ref().map(|shoot| shoot.backdrops.clone()).unwrap_or_default(), None),
    };
    let names = Names::of(view, &who.member.organization)?;
    let own = styles::offered(view, &who.member)?;
    let backdrops: Vec<SceneView> = offered(view, app, who)?
        .iter()
        .map(|scene| SceneView {
            beyond: !own.contains(scene),
            ..SceneView::new(who, &names, scene, chosen.contains(scene))
        })
        .collect();
    let team = who.member.team.as_ref().filter(|_| backdrops.iter().any(|scene| scene.beyond));
    let page = OnboardingStyle {
        page: frame(view, request, say!("Backdrops"), who)?,
        steps: draft.line(Step::Style, who),
        gone: (!draft.gone.is_empty()).then(|| names.in_a_row(&draft.gone).to_string()),
        narrowed: team.map(|team| teams::get(view, &who.member.organization, team)).transpose()?.map(|team| team.name),
        backdrops,
        error,
    };
    shown_with(request, status, &page)
}
