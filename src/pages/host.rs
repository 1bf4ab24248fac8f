//! The page of another product around ours, and what it is told: how the model stands, whenever a page of ours is shown. The
//! messages are described in `docs/embedding.md`; `assets/js/host.mjs` sends them.

use actix_web::{HttpRequest, web::Data};
use serde::Serialize;

use crate::{
    app::App,
    db::View,
    error::Result,
    ids::{ResultId, ShootId},
    members::Member,
    organizations::Organization,
    results, shoots,
    web::frames::Frames,
    wire::status::Standing,
};

/// Who may hear, and what there is to tell.
pub(super) struct Host {
    /// The sites it may be, separated by blanks. Nobody else hears anything.
    pub(super) origins: String,
    /// As JSON; nothing where no model is known any more, because the session is over.
    pub(super) model: Option<String>,
}

/// How a model stands, in the words of the API.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Model {
    #[serde(rename = "_id")]
    id: ShootId,
    status: &'static str,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    is_development: bool,
    favorite: Option<ResultId>,
}

impl Host {
    /// Around a page of a member whom another product let in.
    pub(super) fn of(
        view: &View,
        request: &HttpRequest,
        organization: &Organization,
        member: &Member,
    ) -> Result<Option<Self>> {
        let development = request.app_data::<Data<App>>().is_some_and(|app| app.dev.is_some());
        let Some(shoot) = shoots::latest(view, &member.id)? else { return Ok(None) };
        let model = Model {
            status: Standing::model(shoot.state),
            is_development: shoot.development,
            favorite: results::favorite(view, &shoot.id)?.map(|headshot| headshot.id),
            id: shoot.id,
        };
        let origins = Frames::of(Some(organization), development).others();
        Ok(Some(Self { origins, model: Some(serde_json::to_string(&model)?) }))
    }

    /// Around a page that says that the session is over.
    pub(super) fn of_nobody(frames: &Frames) -> Self {
        Self { origins: frames.others(), model: None }
    }
}
