//! The organization's people: who they are, how far they are, and what leads do for them.

use actix_web::{
    HttpResponse,
    web::{Data, Path, Query},
};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::{
    app::App,
    db::{View, Window},
    error::{Error, Result},
    invites,
    members::{self, Email},
    offboarding, shoots, teams,
    web::{
        json::Json,
        key::{ApiKey, OrganizationRead, OrganizationWrite},
        list::List,
        once::Order,
        paging::Paging,
    },
    wire::{
        Pagination,
        schemas::MemberStatus,
        v2::{self, AddMember, ChangeMember, OneMember, Removed, TeamAt, TeamMember, TeamPage},
    },
};

/// Which members to list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// Only members who stand here.
    #[param(value_type = Option<MemberStatus>)]
    status: Option<String>,
}

/// List members
///
/// Everyone who has joined, newest first, leads included. Who was only invited is in the list of invites.
#[utoipa::path(
    get, path = "/api/v2/organization/team", tag = "Members", operation_id = "listMembers",
    params(Wanted, Paging),
    responses((status = 200, description = "One page of members.", body = TeamPage)),
    security(("apiKey" = ["organization:read"])),
    extensions(("x-refusals" = json!("INVALID_REQUEST"))),
)]
pub(crate) async fn list(
    app: Data<App>,
    key: ApiKey<OrganizationRead>,
    wanted: Query<Wanted>,
    paging: Query<Paging>,
) -> Result<List> {
    let (organization, window) = (key.key.organization, paging.window()?);
    let stages = wanted.status.as_deref().map(v2::stages).transpose()?;
    app.db
        .scan(move |view| {
            let (rows, more) = window.read(|window| members::window(view, &organization, stages, window))?;
            let next = rows.last().filter(|_| more).map(members::Listed::place);
            let pagination = Pagination::new(members::count_at(view, &organization, stages)?, &window, next.as_ref());
            List::of(TeamPage { members: rows.into_iter().map(TeamMember::from).collect(), pagination })
        })
        .await
}

/// List members who stand somewhere
///
/// All of them at once, with their number.
#[utoipa::path(
    get, path = "/api/v2/organization/team/{status}", tag = "Members", operation_id = "listMembersAt",
    params(("status" = MemberStatus, Path, description = "Where they stand.")),
    responses((status = 200, description = "The members.", body = TeamAt)),
    security(("apiKey" = ["organization:read"])),
    extensions(("x-refusals" = json!("NOT_FOUND"))),
)]
pub(crate) async fn list_at(app: Data<App>, key: ApiKey<OrganizationRead>, status: Path<String>) -> Result<List> {
    let organization = key.key.organization;
    let stages = v2::stages(&status).map_err(|_| Error::NotFound("Endpoint"))?;
    let everyone = Window { limit: u32::MAX, offset: 0, after: None };
    let rows = app.db.scan(move |view| members::window(view, &organization, Some(stages), &everyone)).await?;
    let members: Vec<TeamMember> = rows.into_iter().map(TeamMember::from).collect();
    List::of(TeamAt { count: members.len(), members })
}

/// Add a member on their behalf
///
/// For someone who won't do it themselves: leads upload the photos for them. With an address, the member is told when the
/// headshots are ready. Needs a credit, which is only taken when photos are submitted.
#[utoipa::path(
    post, path = "/api/v2/organization/members", tag = "Members", operation_id = "addMember",
    request_body = AddMember,
    responses((status = 200, description = "The member was added.", body = OneMember)),
    security(("apiKey" = ["organization:write"])),
    extensions(("x-refusals" = json!("INVALID_REQUEST ALREADY_EXISTS INSUFFICIENT_CREDITS NOT_FOUND"))),
)]
pub(crate) async fn add(
    app: Data<App>,
    key: ApiKey<OrganizationWrite>,
    Order { body, once }: Order<AddMember>,
) -> Result<HttpResponse> {
    let (by, new) = (key.key.actor(), body.parse()?);
    once.answer(&app, &key.key.organization, move |tx| {
        let member = invites::add_on_behalf(tx, &by, &new)?;
        shown(tx, &member)
    })
    .await
}

/// Change a member
///
/// Their team, their job title, or both.
#[utoipa::path(
    patch, path = "/api/v2/organization/members/{email}", tag = "Members", operation_id = "changeMember",
    params(("email" = Email, Path, description = "The member's address.")),
    request_body = ChangeMember,
    responses((status = 200, description = "The member, as changed.", body = OneMember)),
    security(("apiKey" = ["organization:write"])),
    extensions(("x-refusals" = json!("INVALID_REQUEST NOT_FOUND"))),
)]
pub(crate) async fn change(
    app: Data<App>,
    key: ApiKey<OrganizationWrite>,
    email: Path<String>,
    Json(body): Json<ChangeMember>,
) -> Result<Json<OneMember>> {
    let (by, email, change) = (key.key.actor(), address(&email)?, body.parse()?);
    app.db
        .write(move |tx| {
            let member = teams::change_member(tx, &by, &email, &change)?;
            shown(tx, &member)
        })
        .await
        .map(Json)
}

/// Remove a member
///
/// Ends their access at once and deletes their models and photos. A personal account survives without a place in the
/// organization. Leads can't be removed, and someone with more than three models only by the operator of the server.
#[utoipa::path(
    delete, path = "/api/v2/organization/members/{email}", tag = "Members", operation_id = "removeMember",
    params(("email" = Email, Path, description = "The member's address.")),
    responses((status = 200, description = "The member was removed.", body = Removed)),
    security(("apiKey" = ["organization:write"])),
    extensions(("x-refusals" = json!("INVALID_REQUEST NOT_FOUND"))),
)]
pub(crate) async fn remove(
    app: Data<App>,
    key: ApiKey<OrganizationWrite>,
    email: Path<String>,
) -> Result<Json<Removed>> {
    let (by, email) = (key.key.actor(), address(&email)?);
    let removed = email.clone();
    app.db
        .write(move |tx| {
            let member = members::named(tx, &by.organization, &email)?;
            offboarding::remove(tx, &by, &member, false)
        })
        .await?;
    Ok(Json(Removed::new(removed)))
}

/// Grant a retry
///
/// Lets a member whose headshots are ready, deleted or have failed for good make new ones, for no credit.
#[utoipa::path(
    post, path = "/api/v2/organization/members/{email}/retry", tag = "Members", operation_id = "grantRetry",
    params(("email" = Email, Path, description = "The member's address.")),
    responses((status = 200, description = "The member, with their new model.", body = OneMember)),
    security(("apiKey" = ["organization:write"])),
    extensions(("x-refusals" = json!("INVALID_REQUEST NOT_FOUND"))),
)]
pub(crate) async fn retry(
    app: Data<App>,
    key: ApiKey<OrganizationWrite>,
    email: Path<String>,
    Order { once, .. }: Order<Nothing>,
) -> Result<HttpResponse> {
    let (by, email) = (key.key.actor(), address(&email)?);
    once.answer(&app, &key.key.organization, move |tx| {
        let member = shoots::let_retry(tx, &by, &email)?;
        shown(tx, &member)
    })
    .await
}

/// A body that holds nothing.
#[derive(Debug, Deserialize)]
pub(crate) struct Nothing {}

fn shown(view: &View, member: &members::Member) -> Result<OneMember> {
    Ok(OneMember { member: members::listed(view, &member.id)?.into() })
}

/// A text that can't be an address is nobody's.
fn address(text: &str) -> Result<Email> {
    text.parse().map_err(|_| Error::NotFound("Member"))
}
