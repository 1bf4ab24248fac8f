//! The organization, for clients of v1. [004]

use actix_web::web::Data;

use crate::{
    api::v2,
    app::App,
    error::Result,
    web::{
        json::Json,
        key::{ApiKey, OrganizationRead},
    },
    wire::v2::{Credits, Organization},
};

/// Get the organization
///
/// The same as in v2.
#[utoipa::path(
    get, path = "/api/v1/organization", tag = "API v1", operation_id = "v1GetOrganization",
    responses((status = 200, description = "The organization.", body = Organization)),
    security(("apiKey" = ["organization:read"])),
)]
pub(crate) async fn show(app: Data<App>, key: ApiKey<OrganizationRead>) -> Result<Json<Organization>> {
    v2::organization::show(app, key).await
}

/// Get the balance of credits
///
/// The same as in v2.
#[utoipa::path(
    get, path = "/api/v1/organization/credits", tag = "API v1", operation_id = "v1GetCredits",
    responses((status = 200, description = "The balance.", body = Credits)),
    security(("apiKey" = ["organization:read"])),
)]
pub(crate) async fn credits(app: Data<App>, key: ApiKey<OrganizationRead>) -> Result<Json<Credits>> {
    v2::organization::credits(app, key).await
}
