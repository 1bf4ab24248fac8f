//! Photos as they are now, for pages that stay open: what one browser adds, removes or allows, another one of the same person
//! shows without being loaded again.

use actix_web::{
    HttpRequest, HttpResponse, Responder,
    web::{self, Data, ServiceConfig},
};
use serde::Serialize;

use super::{
    Place, START,
    onboarding::Step,
    verdicts::{Album, Changed},
};
use crate::{
    app::App,
    db::{Topic, View},
    error::{Error, Result},
    pages::{live, to},
    photos, shoots,
    web::{
        browser::SignedIn,
        json::{self, Json},
        resource,
    },
};

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(resource("/team-member/photos/events", "GET").route(web::get().to(events)));
}

/// `GET /team-member/photos`: all of them and what is said of each, for a script; people have a page for it.
pub(super) async fn all(request: HttpRequest, app: Data<App>, who: SignedIn) -> Result<HttpResponse> {
    if !json::wanted(request.headers()) {
        return Ok(to(who.at(Step::Photos.address())));
    }
    let album =
        app.db.read(|view| Album::of(view, &who, &shoots::own_open(view, &who.member)?, app.config.checks.mode))?;
    Ok(Json(Changed::new(album)?).respond_to(&request))
}

/// What is told of photos: enough to see that something changed.
#[derive(Serialize)]
struct Told {
    photos: Vec<String>,
    /// Where to go, once they are handed in or gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

impl Told {
    fn now(view: &View, who: &SignedIn) -> Result<Self> {
        let Place::Onboarding(Some(shoot)) = Place::of(view, &who.member)? else {
            return Ok(Self { photos: Vec::new(), next: Some(who.at(START)) });
        };
        let told = photos::of_shoot(view, &shoot.id)?.into_iter().map(|photo| {
            let verdict = photo.verdict.map(|verdict| verdict.to_string()).unwrap_or_default();
            format!("{} {verdict} {} {}", photo.id, photo.twin.is_some(), photo.allowed)
        });
        Ok(Self { photos: told.collect(), next: None })
    }
}

/// `GET /team-member/photos/events`: a line now, and one whenever photos come, go or are judged otherwise; over once they are
/// handed in.
async fn events(request: HttpRequest, app: Data<App>, who: SignedIn) -> Result<HttpResponse> {
    let shoot = app.db.read(|view| shoots::latest(view, &who.member.id))?.ok_or(Error::NotFound("Model"))?;
    live::stream(app, &request, Topic::Shoot(shoot.id), move |view| {
        let told = Told::now(view, &who)?;
        Ok(live::Told { data: serde_json::to_string(&told)?, over: told.next.is_some() })
    })
}
