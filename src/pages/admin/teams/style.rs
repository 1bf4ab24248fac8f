//! What one team's people choose from.

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{self, Data, Form, Path, Query, ServiceConfig},
};
use askama::Template;

use crate::{
    app::App,
    error::{Error, Result},
    generator::Scene,
    ids::TeamId,
    members::Actor,
    pages::{
        admin::{
            Nav, Section, address, frame,
            picks::{self, Asked, Pick},
        },
        filters, shown_with, to,
        view::{Confirm, Page, saying},
    },
    styles::{self, Names, Whose},
    teams,
    web::{browser::Lead, get, resource},
};

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(resource("/teams/{id}/style", "GET, POST").route(get(show)).route(web::post().to(ask)))
        .service(resource("/teams/{id}/style/{list}", "POST").route(web::post().to(save)));
}

/// A team's page of backdrops.
pub(in crate::pages::admin) fn href(team: &TeamId) -> String {
    format!("{}/{team}/style", Section::Teams.href())
}

#[derive(Template)]
#[template(path = "admin/team-style.html")]
struct Style {
    page: Page,
    nav: Nav,
    href: String,
    name: String,
    organization: String,
    /// What everyone else chooses from: `Lobby, Navy`; nothing if that is all there is.
    others: Option<String>,
    /// It has a choice of its own.
    own: bool,
    picks: Vec<Pick>,
    error: Option<String>,
    confirm: Option<Confirm>,
}

/// `GET /app/admin/teams/{id}/style`
async fn show(
    app: Data<App>,
    request: HttpRequest,
    lead: Lead,
    id: Path<TeamId>,
    Query(asked): Query<Asked>,
) -> Result<HttpResponse> {
    screen(&app, &request, &lead, &id, asked.allow.as_deref().and_then(picks::of_address), None)
}

/// The page, with these ticked; or with what is wrong with them.
fn screen(
    app: &App,
    request: &HttpRequest,
    lead: &Lead,
    id: &TeamId,
    ticked: Option<Vec<Scene>>,
    error: Option<&Error>,
) -> Result<HttpResponse> {
    let view = app.db.read(|view| {
        let organization = &lead.member.organization;
        let team = teams::get(view, organization, id)?;
        let whose = Whose::Team(id.clone());
        let (mut page, nav) = frame(view, request, app, &lead.member, Section::Teams)?;
        page.title = say!("Backdrops of {team}", team = team.name).into();
        let names = Names::of(view, organization)?;
        let confirm = match &ticked {
            Some(scenes) if error.is_none() => {
                picks::question(view, organization, &whose, scenes, &href(id), &href(id))?
            }
            _ => None,
        };
        let shown = match ticked {
            Some(ticked) if error.is_some() || !ticked.is_empty() => ticked,
            _ => styles::offered_by(view, organization, &whose)?,
        };
        let others = styles::set_for(view, organization, &Whose::Everyone)?;
        Ok(Style {
            href: href(id),
            name: team.name,
            organization: page.brand.name.clone(),
            others: (!others.is_empty()).then(|| names.in_a_row(&others)),
            own: !styles::set_for(view, organization, &whose)?.is_empty(),
            picks: picks::picks(view, app, organization, &names, &shown)?,
            error: error.map(ToString::to_string),
            confirm,
            page,
            nav,
        })
    })?;
    shown_with(request, error.map_or(StatusCode::OK, Error::status), &view)
}

/// `POST /app/admin/teams/{id}/style`: `backdrop`, once for each that is ticked; or `usual`, to go by the organization.
async fn ask(
    app: Data<App>,
    request: HttpRequest,
    lead: Lead,
    id: Path<TeamId>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<HttpResponse> {
    let usual = fields.iter().any(|(name, _)| name == "usual");
    let scenes = if usual { Vec::new() } else { picks::ticked(&fields) };
    if scenes.is_empty() && !usual {
        app.db.read(|view| teams::must_exist(view, &lead.member.organization, &id))?;
        return screen(&app, &request, &lead, &id, Some(scenes), Some(&styles::none_left()));
    }
    let asks = app.db.read(|view| {
        let organization = &lead.member.organization;
        teams::must_exist(view, organization, &id)?;
        Ok(picks::meaning(view, organization, &Whose::Team(id.clone()), &scenes)?.is_some())
    })?;
    if asks {
        return Ok(to(address(&href(&id), &[("allow", &picks::in_address(&scenes))])));
    }
    set(&app, &request, &lead, &id, scenes).await
}

/// `POST /app/admin/teams/{id}/style/{list}`: after the question.
async fn save(app: Data<App>, request: HttpRequest, lead: Lead, path: Path<(TeamId, String)>) -> Result<HttpResponse> {
    let (id, list) = path.into_inner();
    let scenes = picks::of_address(&list).ok_or(Error::NotFound("Page"))?;
    set(&app, &request, &lead, &id, scenes).await
}

async fn set(app: &App, request: &HttpRequest, lead: &Lead, id: &TeamId, scenes: Vec<Scene>) -> Result<HttpResponse> {
    let (by, team, wanted): (Actor, _, _) = (lead.actor(), id.clone(), scenes.clone());
    let saved = app.db.write(move |tx| {
        let name = teams::get(tx, &by.organization, &team)?.name;
        let whose = Whose::Team(team);
        picks::set(tx, &by, &whose, &wanted)?;
        Ok((name, styles::set_for(tx, &by.organization, &whose)?))
    });
    match saved.await {
        Ok((team, set)) => {
            let names = app.db.read(|view| Ok(Names::of(view, &lead.member.organization)?.in_a_row(&set)))?;
            let words = match set.len() {
                0 => say!("Saved. {team} goes by what holds for everyone.", team),
                1 => say!("Saved. Everybody in {team} gets {backdrop}.", team, backdrop = names),
                _ => say!("Saved. {team} chooses from {backdrops}.", team, backdrops = names),
            };
            saying(app, to(Section::Teams.href()), words)
        }
        Err(error @ Error::Invalid(_)) => screen(app, request, lead, id, Some(scenes), Some(&error)),
        Err(other) => Err(other),
    }
}
