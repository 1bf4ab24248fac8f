//! Models: everyone's headshots in the making. [docs]

use actix_web::{
    HttpResponse,
    web::{Data, Path, Query},
};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::{
    app::App,
    db::View,
    error::{Error, Result},
    ids::{OrganizationId, ShootId, TeamId},
    offboarding,
    shoots::{self, Filter},
    teams,
    web::{
        json::Json,
        key::{ApiKey, ModelsRead, ModelsWrite},
        list::List,
        once::Order,
        paging::Paging,
    },
    whitelabel,
    wire::{
        Pagination,
        schemas::ModelStatus,
        status::Standing,
        v2::{Model, Models, OneModel},
        whitelabel::{CreateModel, DeletedModel, OpenedModel},
    },
};

/// Which models to list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Wanted {
    /// Only models that stand here.
    #[param(value_type = Option<ModelStatus>)]
    status: Option<String>,
    /// Only models of this team's members.
    #[param(value_type = Option<TeamId>)]
    team_id: Option<String>,
}

impl Wanted {
    fn parse(&self, view: &View, organization: &OrganizationId) -> Result<Filter> {
        let state = self.status.as_deref().map(|status| {
            Standing::state_of_model(status)
                .ok_or_else(|| Error::invalid(plain!("There is no model status \"{status:.50}\".")))
        });
        let team = self.team_id.as_deref().map(|id| team(view, organization, id));
        Ok(Filter { state: state.transpose()?, team: team.transpose()? })
    }
}

/// A team of the organization, as a query names it.
pub(super) fn team(view: &View, organization: &OrganizationId, id: &str) -> Result<TeamId> {
    let team = id.parse().map_err(|_| Error::NotFound("Team"))?;
    teams::must_exist(view, organization, &team)?;
    Ok(team)
}

/// A text that can't be a model's id names a model that isn't there.
pub(super) fn model(id: &str) -> Result<ShootId> {
    id.parse().map_err(|_| Error::NotFound("Model"))
}

/// List models
///
/// All models of the organization, newest first, deleted ones included.
#[utoipa::path(
    get, path = "/api/v2/organization/models", tag = "Models", operation_id = "listModels",
    params(Wanted, Paging),
    responses((status = 200, description = "One page of models.", body = Models)),
    security(("apiKey" = ["models:read"])),
    extensions(("x-refusals" = json!("INVALID_REQUEST NOT_FOUND"))),
)]
pub(crate) async fn list(
    app: Data<App>,
    key: ApiKey<ModelsRead>,
    wanted: Query<Wanted>,
    paging: Query<Paging>,
) -> Result<List> {
    let (organization, window) = (key.key.organization, paging.window()?);
    app.db
        .scan(move |view| {
            let filter = wanted.parse(view, &organization)?;
            let (rows, more) = window.read(|window| shoots::page(view, &organization, &filter, window))?;
            let next = rows.last().filter(|_| more).map(|row| &row.shoot.id);
            let pagination = Pagination::new(shoots::count(view, &organization, &filter)?, &window, next);
            List::of(Models { models: rows.into_iter().map(Model::from).collect(), pagination })
        })
        .await
}

/// Get a model
///
/// Also a deleted one: of it, its id, its times and its status are left.
#[utoipa::path(
    get, path = "/api/v2/organization/models/{id}", tag = "Models", operation_id = "getModel",
    params(("id" = ShootId, Path, description = "The model.")),
    responses((status = 200, description = "The model.", body = OneModel)),
    security(("apiKey" = ["models:read"])),
    extensions(("x-refusals" = json!("NOT_FOUND"))),
)]
pub(crate) async fn show(app: Data<App>, key: ApiKey<ModelsRead>, id: Path<String>) -> Result<Json<OneModel>> {
    let id = model(&id)?;
    let listed = app.db.read(|view| shoots::listed(view, &key.key.organization, &id))?;
    Ok(Json(OneModel { model: listed.into() }))
}

/// Create a model
///
/// Makes an anonymous member with a model, and a signed URL that lets them in: the same as creating a whitelabel model. Takes
/// no credit yet: that goes when photos are submitted.
#[utoipa::path(
    post, path = "/api/v2/organization/models", tag = "Models", operation_id = "createModel",
    request_body = CreateModel,
    responses((status = 200, description = "The model was made.", body = OpenedModel)),
    security(("apiKey" = ["models:write"])),
    extensions(("x-refusals" = json!("INVALID_REQUEST INVALID_EMAIL ALREADY_EXISTS INSUFFICIENT_CREDITS NOT_FOUND"))),
)]
pub(crate) async fn create(
    app: Data<App>,
    key: ApiKey<ModelsWrite>,
    Order { body, once }: Order<CreateModel>,
) -> Result<HttpResponse> {
    let (by, new, urls) = (key.key.actor(), body.parse()?, app.urls.clone());
    once.answer(&app, &key.key.organization, move |tx| Ok(OpenedModel::new(whitelabel::create(tx, &by, &new)?, &urls)))
        .await
}

/// Delete a model
///
/// Its photos go, and so does everything personal; a tombstone stays in the list. An anonymous member goes with it, anyone else
/// stays a member. A credit comes back if generating has not begun.
#[utoipa::path(
    delete, path = "/api/v2/organization/models/{id}", tag = "Models", operation_id = "deleteModel",
    params(("id" = ShootId, Path, description = "The model.")),
    responses((status = 200, description = "The model was deleted.", body = DeletedModel)),
    security(("apiKey" = ["models:write"])),
    extensions(("x-refusals" = json!("ALREADY_DELETED NOT_FOUND"))),
)]
pub(crate) async fn delete(app: Data<App>, key: ApiKey<ModelsWrite>, id: Path<String>) -> Result<Json<DeletedModel>> {
    let (by, id) = (key.key.actor(), model(&id)?);
    let gone = app
        .db
        .write(move |tx| {
            let shoot = shoots::of_organization(tx, &by.organization, &id)?;
            offboarding::delete_shoot(tx, &by, shoot)
        })
        .await?;
    Ok(Json(DeletedModel::new(gone.id)))
}
