//! Teams, for clients of v1: each change answers the whole organization. [004]

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};

use crate::{
    app::App,
    db::View,
    error::{Error, Result},
    ids::{OrganizationId, TeamId},
    organizations, teams,
    web::{
        json::Json,
        key::{ApiKey, TeamsWrite},
        once::Order,
    },
    wire::{
        v1::DescribedOrganization,
        v2::{NamedTeam, TeamMembers},
    },
};

/// Create a team
#[utoipa::path(
    post, path = "/api/v1/organization/teams", tag = "API v1", operation_id = "v1CreateTeam",
    request_body = NamedTeam,
    responses((status = 200, description = "The organization, with the team.", body = DescribedOrganization)),
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
    put, path = "/api/v1/organization/teams/{id}", tag = "API v1", operation_id = "v1RenameTeam",
    params(("id" = TeamId, Path, description = "The team.")),
    request_body = NamedTeam,
    responses((status = 200, description = "The organization, with the team renamed.", body = DescribedOrganization)),
    security(("apiKey" = ["teams:write"])),
    extensions(("x-refusals" = json!("INVALID_REQUEST NOT_FOUND"))),
)]
pub(crate) async fn rename(
    app: Data<App>,
    key: ApiKey<TeamsWrite>,
    id: Path<String>,
    Json(body): Json<NamedTeam>,
) -> Result<Json<DescribedOrganization>> {
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
    delete, path = "/api/v1/organization/teams/{id}", tag = "API v1", operation_id = "v1DeleteTeam",
    params(("id" = TeamId, Path, description = "The team.")),
    responses((status = 200, description = "The organization, without the team.", body = DescribedOrganization)),
    security(("apiKey" = ["teams:write"])),
    extensions(("x-refusals" = json!("NOT_FOUND"))),
)]
pub(crate) async fn delete(
    app: Data<App>,
    key: ApiKey<TeamsWrite>,
    id: Path<String>,
) -> Result<Json<DescribedOrganization>> {
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
/// All of them or, if one address belongs to no member, none.
#[utoipa::path(
    post, path = "/api/v1/organization/teams/{id}/add-members", tag = "API v1", operation_id = "v1AddTeamMembers",
    params(("id" = TeamId, Path, description = "The team.")),
    request_body = TeamMembers,
    responses((status = 200, description = "The organization.", body = DescribedOrganization)),
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
        described(tx, &by.organization)
    })
    .await
}

fn described(view: &View, id: &OrganizationId) -> Result<DescribedOrganization> {
    Ok(DescribedOrganization::new(organizations::get(view, id)?, teams::list(view, id)?))
}

/// A text that can't be a team's id names a team that isn't there.
fn team(id: &str) -> Result<TeamId> {
    id.parse().map_err(|_| Error::NotFound("Team"))
}
