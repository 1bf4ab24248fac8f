//! The teams: made, renamed, deleted.

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{self, Data, Form, Path, Query, ServiceConfig},
};
use askama::Template;
use serde::Deserialize;

use super::{Nav, Section, frame, picks};
use crate::{
    app::App,
    error::{Error, Result},
    i18n::grouped,
    ids::TeamId,
    pages::{
        filters, shown_with, to,
        undoing::{Leaving, leave},
        view::{Field, Page, saying},
    },
    styles::{self, Whose},
    teams::{self, TeamName},
    undo::{self, As, Thing},
    web::{browser::Lead, get, resource},
};

pub(super) mod style;

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(resource("/teams", "GET, POST").route(get(list)).route(web::post().to(create)))
        .service(resource("/teams/{id}", "POST").route(web::post().to(rename)))
        .service(resource("/teams/{id}/delete", "POST").route(web::post().to(delete)))
        .configure(style::routes);
}

#[derive(Template)]
#[template(path = "admin/teams.html")]
struct Teams {
    page: Page,
    nav: Nav,
    name: Field,
    rows: Vec<TeamRow>,
}

struct TeamRow {
    id: String,
    name: String,
    members: String,
    /// What its people choose from: `2 backdrops`.
    style: String,
    style_href: String,
    /// `?rename=ID`: the row is a form.
    renaming: Option<Field>,
    /// It is being deleted.
    leaving: Option<Leaving>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    rename: Option<TeamId>,
}

/// `GET /app/admin/teams`
async fn list(app: Data<App>, request: HttpRequest, lead: Lead, Query(asked): Query<Asked>) -> Result<HttpResponse> {
    screen(&app, &request, &lead, Field::default(), asked.rename.map(|id| (id, None)), StatusCode::OK)
}

fn screen(
    app: &App,
    request: &HttpRequest,
    lead: &Lead,
    name: Field,
    renaming: Option<(TeamId, Option<Field>)>,
    status: StatusCode,
) -> Result<HttpResponse> {
    let view = app.db.read(|view| {
        let (page, nav) = frame(view, request, app, &lead.member, Section::Teams)?;
        let listed = teams::list_with_sizes(view, &lead.member.organization)?;
        let there = |id: &TeamId| listed.iter().find(|(team, _)| team.id == *id).ok_or(Error::NotFound("Team"));
        if let Some((id, _)) = &renaming {
            there(id)?;
        }
        let going = undo::going(view, &lead.member.organization, undo::Kind::Team)?;
        let organization = &lead.member.organization;
        let mut chosen = Vec::new();
        for (team, _) in &listed {
            chosen.push(styles::set_for(view, organization, &Whose::Team(team.id.clone()))?);
        }
        let rows = listed.into_iter().zip(chosen).map(|((team, size), chosen)| TeamRow {
            style: picks::how_many(&chosen, say!("As everyone")).to_string(),
            style_href: style::href(&team.id),
            leaving: Leaving::of(&going, team.id.as_str(), &lead.member),
            renaming: renaming
                .as_ref()
                .filter(|(id, _)| *id == team.id)
                .map(|(_, typed)| typed.clone().unwrap_or_else(|| Field::new(team.name.clone()))),
            id: team.id.to_string(),
            name: team.name,
            members: grouped(size),
        });
        Ok(Teams { page, nav, name, rows: rows.collect() })
    })?;
    shown_with(request, status, &view)
}

#[derive(Deserialize)]
struct Named {
    #[serde(default, alias = "rename")]
    name: String,
}

/// `POST /app/admin/teams`
async fn create(app: Data<App>, request: HttpRequest, lead: Lead, Form(form): Form<Named>) -> Result<HttpResponse> {
    let by = lead.actor();
    let made = match TeamName::parse(&form.name) {
        Ok(name) => app.db.write(move |tx| teams::create(tx, &by, &name)).await,
        Err(error) => Err(error),
    };
    match made {
        Ok(team) => saying(&app, to(Section::Teams.href()), say!("Created the team {name}.", name = team.name)),
        Err(error @ Error::Invalid(_)) => {
            screen(&app, &request, &lead, Field::wrong(form.name, &error), None, error.status())
        }
        Err(error) => Err(error),
    }
}

/// `POST /app/admin/teams/{id}`
async fn rename(
    app: Data<App>,
    request: HttpRequest,
    lead: Lead,
    id: Path<TeamId>,
    Form(form): Form<Named>,
) -> Result<HttpResponse> {
    let (by, team) = (lead.actor(), id.clone());
    let renamed = match TeamName::parse(&form.name) {
        Ok(name) => app.db.write(move |tx| teams::rename(tx, &by, &team, &name)).await,
        Err(error) => Err(error),
    };
    match renamed {
        Ok(()) => saying(&app, to(Section::Teams.href()), say!("Renamed the team to {name}.", name = form.name.trim())),
        Err(error @ Error::Invalid(_)) => {
            let renaming = Some((id.into_inner(), Some(Field::wrong(form.name, &error))));
            screen(&app, &request, &lead, Field::default(), renaming, error.status())
        }
        Err(error) => Err(error),
    }
}

/// `POST /app/admin/teams/{id}/delete`
async fn delete(app: Data<App>, lead: Lead, id: Path<TeamId>) -> Result<HttpResponse> {
    let id = id.into_inner();
    let team = app.db.read(|view| teams::get(view, &lead.member.organization, &id))?;
    let what = say!("the team {name}", name = team.name);
    leave(&app, &lead.member, As::Lead, Thing::Team(id), what, Section::Teams.href().to_owned()).await
}
