//! Teams.

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};

use super::organization::described;
use crate::{
    app::App,
    error::{Error, Result},
    ids::TeamId,
    teams,
    web::{
        json::Json,
        key::{ApiKey, TeamsRead, TeamsWrite},
        list::List,
        once::Order,
    },
    wire::v2::{Message, NamedTeam, Organization, TeamMembers, Teams},
};

/// `GET /api/v2/organization/teams`
pub(super) async fn list(app: Data<App>, key: ApiKey<TeamsRead>) -> Result<List> {
    let teams = app.db.read(|view| teams::list(view, &key.key.organization))?;
    List::of(Teams { teams })
}

/// `POST /api/v2/organization/teams`
pub(super) async fn create(
    app: Data<App>,
    key: ApiKey<TeamsWrite>,
    Order { body, once }: Order<NamedTeam>,
) -> Result<HttpResponse> {
    let (by, name) = (key.key.actor(), body.parse()?);
    once.answer(&app, &key.key.organization, move |tx| {
        teams::create(tx, &by, &name)?;
        described(tx, &by.organization)
    })
    .await
}

/// `PUT /api/v2/organization/teams/{id}`
pub(super) async fn rename(
    app: Data<App>,
    key: ApiKey<TeamsWrite>,
    id: Path<String>,
    Json(body): Json<NamedTeam>,
) -> Result<Json<Organization>> {
    let (by, team, name) = (key.key.actor(), team(&id)?, body.parse()?);
    app.db
        .write(move |tx| {
            teams::rename(tx, &by, &team, &name)?;
            described(tx, &by.organization)
        })
        .await
        .map(Json)
}

/// `DELETE /api/v2/organization/teams/{id}`
pub(super) async fn delete(app: Data<App>, key: ApiKey<TeamsWrite>, id: Path<String>) -> Result<Json<Organization>> {
    let (by, team) = (key.key.actor(), team(&id)?);
    app.db
        .write(move |tx| {
            teams::delete(tx, &by, &team)?;
            described(tx, &by.organization)
        })
        .await
        .map(Json)
}

/// `POST /api/v2/organization/teams/{id}/members`, also at `…/add-members`
pub(super) async fn add_members(
    app: Data<App>,
    key: ApiKey<TeamsWrite>,
    id: Path<String>,
    Order { body, once }: Order<TeamMembers>,
) -> Result<HttpResponse> {
    let (by, team, emails) = (key.key.actor(), team(&id)?, body.parse()?);
    once.answer(&app, &key.key.organization, move |tx| {
        teams::add_members(tx, &by, &team, &emails)?;
        Ok(Message { message: "Members added to the team" })
    })
    .await
}

/// A text that can't be a team's id names a team that isn't there.
fn team(id: &str) -> Result<TeamId> {
    id.parse().map_err(|_| Error::NotFound("Team"))
}
