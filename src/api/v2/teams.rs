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
    wire::v2::{Message, NamedTeam, Organization, Team, TeamMembers, Teams},
};

/// List teams
///
/// By name.
#[utoipa::path(
    get, path = "/api/v2/organization/teams", tag = "Teams", operation_id = "listTeams",
    responses((status = 200, description = "All teams.", body = Teams)),
    security(("apiKey" = ["teams:read"])),
)]
pub(crate) async fn list(app: Data<App>, key: ApiKey<TeamsRead>) -> Result<List> {
    let teams = app.db.read(|view| teams::list(view, &key.key.organization))?;
    List::of(Teams { teams: teams.into_iter().map(Team::from).collect() })
}

/// Create a team
///
/// Its name has to be new in the organization.
#[utoipa::path(
    post, path = "/api/v2/organization/teams", tag = "Teams", operation_id = "createTeam",
    request_body = NamedTeam,
    responses((status = 200, description = "The organization, with the team.", body = Organization)),
    security(("apiKey" = ["teams:write"])),
    extensions(("x-refusals" = json!("INVALID_REQUEST"))),
)]
pub(crate) async fn create(
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

/// Rename a team
#[utoipa::path(
    put, path = "/api/v2/organization/teams/{id}", tag = "Teams", operation_id = "renameTeam",
    params(("id" = TeamId, Path, description = "The team.")),
    request_body = NamedTeam,
    responses((status = 200, description = "The organization, with the team renamed.", body = Organization)),
    security(("apiKey" = ["teams:write"])),
    extensions(("x-refusals" = json!("INVALID_REQUEST NOT_FOUND"))),
)]
pub(crate) async fn rename(
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

/// Delete a team
///
/// Its members stay in the organization, with no team.
#[utoipa::path(
    delete, path = "/api/v2/organization/teams/{id}", tag = "Teams", operation_id = "deleteTeam",
    params(("id" = TeamId, Path, description = "The team.")),
    responses((status = 200, description = "The organization, without the team.", body = Organization)),
    security(("apiKey" = ["teams:write"])),
    extensions(("x-refusals" = json!("NOT_FOUND"))),
)]
pub(crate) async fn delete(app: Data<App>, key: ApiKey<TeamsWrite>, id: Path<String>) -> Result<Json<Organization>> {
    let (by, team) = (key.key.actor(), team(&id)?);
    app.db
        .write(move |tx| {
            teams::delete(tx, &by, &team)?;
            described(tx, &by.organization)
        })
        .await
        .map(Json)
}

/// Add members to a team
///
/// All of them or, if one address belongs to no member, none. Also at `…/add-members`, as in v1.
#[utoipa::path(
    post, path = "/api/v2/organization/teams/{id}/members", tag = "Teams", operation_id = "addTeamMembers",
    params(("id" = TeamId, Path, description = "The team.")),
    request_body = TeamMembers,
    responses((status = 200, description = "They are in the team.", body = Message)),
    security(("apiKey" = ["teams:write"])),
    extensions(("x-refusals" = json!("INVALID_REQUEST NOT_FOUND"))),
)]
pub(crate) async fn add_members(
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
