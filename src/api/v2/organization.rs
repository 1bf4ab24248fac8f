//! The organization itself.

use actix_web::web::{Data, Query};

use crate::{
    app::App,
    credits::{self, Position},
    db::View,
    error::Result,
    ids::OrganizationId,
    organizations, teams,
    web::{
        json::Json,
        key::{ApiKey, OrganizationRead},
        list::List,
        paging::Paging,
    },
    wire::{
        Pagination,
        v2::{Credits, Entry, Ledger, Organization},
    },
};

/// Get the organization
///
/// With its teams, by name.
#[utoipa::path(
    get, path = "/api/v2/organization", tag = "Organization", operation_id = "getOrganization",
    responses((status = 200, description = "The organization.", body = Organization)),
    security(("apiKey" = ["organization:read"])),
)]
pub(crate) async fn show(app: Data<App>, key: ApiKey<OrganizationRead>) -> Result<Json<Organization>> {
    app.db.read(|view| described(view, &key.key.organization)).map(Json)
}

/// Get the balance of credits
///
/// One credit makes the headshots of one person. It is taken when they submit their photos.
#[utoipa::path(
    get, path = "/api/v2/organization/credits", tag = "Organization", operation_id = "getCredits",
    responses((status = 200, description = "The balance.", body = Credits)),
    security(("apiKey" = ["organization:read"])),
)]
pub(crate) async fn credits(app: Data<App>, key: ApiKey<OrganizationRead>) -> Result<Json<Credits>> {
    let organization = app.db.read(|view| organizations::get(view, &key.key.organization))?;
    Ok(Json(Credits { credits: organization.shown_credits() }))
}

/// List the ledger of credits
///
/// Every change of the balance, newest first: it is the sum of these entries.
#[utoipa::path(
    get, path = "/api/v2/organization/credits/ledger", tag = "Organization", operation_id = "listLedger",
    params(Paging),
    responses((status = 200, description = "One page of entries.", body = Ledger)),
    security(("apiKey" = ["organization:read"])),
    extensions(("x-refusals" = json!("INVALID_REQUEST"))),
)]
pub(crate) async fn ledger(app: Data<App>, key: ApiKey<OrganizationRead>, paging: Query<Paging>) -> Result<List> {
    let (organization, window) = (key.key.organization, paging.window()?);
    app.db
        .scan(move |view| {
            let (rows, more) = window.read(|window| credits::ledger(view, &organization, window))?;
            let next = rows.last().filter(|_| more).map(|row| Position(row.id));
            let total = i64::from(credits::totals(view, &organization)?.entries);
            let pagination = Pagination::new(total, &window, next.as_ref());
            List::of(Ledger { entries: rows.into_iter().map(Entry::from).collect(), pagination })
        })
        .await
}

/// The organization with its teams, as several calls answer it.
pub(super) fn described(view: &View, id: &OrganizationId) -> Result<Organization> {
    Ok(Organization::new(organizations::get(view, id)?, teams::list(view, id)?))
}
