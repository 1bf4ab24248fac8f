//! The organization itself.

use actix_web::web::Data;

use crate::{
    app::App,
    db::View,
    error::Result,
    ids::OrganizationId,
    organizations, teams,
    web::{
        json::Json,
        key::{ApiKey, OrganizationRead},
    },
    wire::v2::{Credits, Organization},
};

/// `GET /api/v2/organization`
pub(super) async fn show(app: Data<App>, key: ApiKey<OrganizationRead>) -> Result<Json<Organization>> {
    app.db.read(|view| described(view, &key.key.organization)).map(Json)
}

/// `GET /api/v2/organization/credits`
pub(super) async fn credits(app: Data<App>, key: ApiKey<OrganizationRead>) -> Result<Json<Credits>> {
    let organization = app.db.read(|view| organizations::get(view, &key.key.organization))?;
    Ok(Json(Credits { credits: organization.shown_credits() }))
}

/// The organization with its teams, as several calls answer it.
pub(super) fn described(view: &View, id: &OrganizationId) -> Result<Organization> {
    Ok(Organization::new(organizations::get(view, id)?, teams::list(view, id)?))
}
