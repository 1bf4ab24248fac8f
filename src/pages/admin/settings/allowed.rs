//! What people choose from. Whoever has to choose again because of it is counted before it is done.

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{self, Data, Form, Path, ServiceConfig},
};

use super::{
    Part,
    headshots::{Showing, screen},
};
use crate::{
    app::App,
    error::{Error, Result},
    generator::Scene,
    members::Actor,
    pages::{
        admin::{address, picks},
        to,
        view::saying,
    },
    styles::{self, Names, Whose},
    web::{browser::Lead, resource},
};

/// Where it is posted.
pub(super) const ACTION: &str = "/app/admin/settings/headshots/allowed";

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(resource("/settings/headshots/allowed", "POST").route(web::post().to(ask)))
        .service(resource("/settings/headshots/allowed/{list}", "POST").route(web::post().to(save)));
}

/// `POST /app/admin/settings/headshots/allowed`: `backdrop`, once for each that is ticked.
async fn ask(
    app: Data<App>,
    request: HttpRequest,
    lead: Lead,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<HttpResponse> {
    let ticked = picks::ticked(&fields);
    let organization = lead.member.organization.clone();
    let (scenes, asks) = app.db.read(|view| {
        let all = styles::available(view, &organization)?.iter().all(|scene| ticked.contains(scene));
        let scenes = if all { Vec::new() } else { ticked.clone() };
        let asks = !ticked.is_empty() && picks::meaning(view, &organization, &Whose::Everyone, &scenes)?.is_some();
        Ok((scenes, asks))
    })?;
    if asks {
        return Ok(to(address(Part::Headshots.href(), &[("allow", &picks::in_address(&scenes))]) + "#allowed"));
    }
    let set = if ticked.is_empty() { Err(styles::none_left()) } else { set(&app, lead.actor(), scenes).await };
    match set {
        Err(error @ Error::Invalid(_)) => {
            let showing = Showing { allow: Some(ticked), not_allowed: Some(error.to_string()), ..Showing::default() };
            screen(&app, &request, &lead, showing, StatusCode::BAD_REQUEST)
        }
        other => other,
    }
}

/// `POST /app/admin/settings/headshots/allowed/{list}`: after the question.
async fn save(app: Data<App>, request: HttpRequest, lead: Lead, list: Path<String>) -> Result<HttpResponse> {
    let scenes = picks::of_address(&list).ok_or(Error::NotFound("Page"))?;
    match set(&app, lead.actor(), scenes).await {
        Err(error @ Error::Invalid(_)) => {
            let showing = Showing { not_allowed: Some(error.to_string()), ..Showing::default() };
            screen(&app, &request, &lead, showing, StatusCode::BAD_REQUEST)
        }
        other => other,
    }
}

async fn set(app: &App, by: Actor, scenes: Vec<Scene>) -> Result<HttpResponse> {
    let (names, set) = app
        .db
        .write(move |tx| {
            picks::set(tx, &by, &Whose::Everyone, &scenes)?;
            let set = styles::set_for(tx, &by.organization, &Whose::Everyone)?;
            Ok((Names::of(tx, &by.organization)?, set))
        })
        .await?;
    let words = match set.as_slice() {
        [] => say!("Saved. People choose from all backdrops, also from those you add later."),
        [one] => say!("Saved. Everybody gets {name}.", name = names.shown(one)),
        several => say!("Saved. People choose from {names}.", names = names.in_a_row(several)),
    };
    saying(app, to(Part::Headshots.href()), words)
}
