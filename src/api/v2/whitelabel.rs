//! The whitelabel API: headshots inside another product. [004]

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};

use super::models::model;
use crate::{
    app::App,
    error::{Error, Result},
    ids::ShootId,
    web::{
        json::Json,
        key::{ApiKey, ModelsRead, ModelsWrite},
        once::Order,
    },
    whitelabel,
    wire::whitelabel::{CreateModel, DeletedModel, OpenedModel},
};

/// Create a whitelabel model
///
/// Makes an anonymous member with a model, and a signed URL that lets them in: in an iframe, a new window or by redirect. Needs
/// whitelabel switched on, a webhook URL, and a credit, unless the model is made of test data. Takes no credit yet: that goes
/// when photos are submitted.
#[utoipa::path(
    post, path = "/api/v2/organization/whitelabel/model/create", tag = "Whitelabel",
    operation_id = "createWhitelabelModel",
    request_body = CreateModel,
    responses((status = 200, description = "The model was made.", body = OpenedModel)),
    security(("apiKey" = ["models:write"])),
    extensions(("x-refusals" = json!("INVALID_REQUEST INVALID_EMAIL ALREADY_EXISTS INSUFFICIENT_CREDITS:400 NOT_FOUND"))),
)]
pub(crate) async fn create(
    app: Data<App>,
    key: ApiKey<ModelsWrite>,
    Order { body, once }: Order<CreateModel>,
) -> Result<HttpResponse> {
    let (by, new, urls) = (key.key.actor(), body.parse()?, app.urls.clone());
    let answer = once
        .answer(&app, &key.key.organization, move |tx| Ok(OpenedModel::new(whitelabel::create(tx, &by, &new)?, &urls)));
    answer.await.map_err(|refused| match refused {
        Error::NoCredits => Error::NoCreditsForModel,
        other => other,
    })
}

/// Get a whitelabel model
///
/// How far the model is, with a new signed URL. Takes no credit.
#[utoipa::path(
    get, path = "/api/v2/organization/whitelabel/model/get/{id}", tag = "Whitelabel", operation_id = "getWhitelabelModel",
    params(("id" = ShootId, Path, description = "The model.")),
    responses((status = 200, description = "The model, with a new signed URL.", body = OpenedModel)),
    security(("apiKey" = ["models:read"])),
    extensions(("x-refusals" = json!("NOT_FOUND"))),
)]
pub(crate) async fn show(app: Data<App>, key: ApiKey<ModelsRead>, id: Path<String>) -> Result<Json<OpenedModel>> {
    let (by, id) = (key.key.actor(), model(&id)?);
    let opened = app.db.write(move |tx| whitelabel::open(tx, &by, &id)).await?;
    Ok(Json(OpenedModel::new(opened, &app.urls)))
}

/// Delete a whitelabel model
///
/// The model's photos go for good, and so does its anonymous member. `model.deleted` is sent to your webhooks.
#[utoipa::path(
    delete, path = "/api/v2/organization/whitelabel/model/delete/{id}", tag = "Whitelabel",
    operation_id = "deleteWhitelabelModel",
    params(("id" = ShootId, Path, description = "The model.")),
    responses((status = 200, description = "The model was deleted.", body = DeletedModel)),
    security(("apiKey" = ["models:write"])),
    extensions(("x-refusals" = json!("ALREADY_DELETED NOT_FOUND"))),
)]
pub(crate) async fn delete(app: Data<App>, key: ApiKey<ModelsWrite>, id: Path<String>) -> Result<Json<DeletedModel>> {
    let (by, id) = (key.key.actor(), model(&id)?);
    let gone = app.db.write(move |tx| whitelabel::delete(tx, &by, &id)).await?;
    Ok(Json(DeletedModel::new(gone.id)))
}
