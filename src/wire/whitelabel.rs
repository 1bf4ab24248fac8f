//! The whitelabel API: models of anonymous members, whom signed URLs let in. [004]

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    schemas::{ModelStatus, TeamChoice},
    status::Standing,
};
use crate::{
    config::Urls,
    error::{Error, Result},
    ids::ShootId,
    members::Email,
    whitelabel::{self, NewModel},
};

/// For whom to make a model.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreateModel {
    /// What your product knows the person by. Nothing is sent to it.
    #[schema(required, value_type = String, format = Email, example = "user@example.com")]
    email: Option<String>,
    /// A team of the organization; null or empty for none.
    #[schema(value_type = Option<TeamChoice>)]
    team_id: Option<String>,
    /// Make it of test data: ready in about three minutes, for no credit.
    #[schema(default = false)]
    is_development: Option<bool>,
}

impl CreateModel {
    /// The values, checked in this order: address, team.
    ///
    /// # Errors
    /// [`Error::InvalidEmail`], which only this API has; a text that can't be a team's id names a team that isn't there.
    pub fn parse(self) -> Result<NewModel> {
        let email: Email = self
            .email
            .ok_or_else(|| Error::InvalidEmail(plain!("\"email\" is missing. It has to say whom the model is for.")))?
            .parse()
            .map_err(|refused: Error| Error::InvalidEmail(plain!("{refused}")))?;
        let team = self.team_id.filter(|id| !id.is_empty()).map(|id| id.parse().map_err(|_| Error::NotFound("Team")));
        Ok(NewModel { email, team: team.transpose()?, development: self.is_development.unwrap_or(false) })
    }
}

/// A model, and the way in for its person.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OpenedModel {
    model_id: ShootId,
    #[schema(value_type = ModelStatus)]
    status: &'static str,
    /// Present, and true, only for a model made of test data.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    is_development: Option<bool>,
    /// Signs the person in, in an iframe, a new window or by redirect. Works for 24 hours; each request makes a new one.
    #[schema(format = "uri", example = "https://headshots.acme.com/auth/social?token=AUTH_TOKEN&anonymous=1")]
    signed_url: String,
}

impl OpenedModel {
    /// From what was opened.
    pub fn new(opened: whitelabel::Opened, urls: &Urls) -> Self {
        Self {
            signed_url: urls.signed(&opened.token),
            model_id: opened.shoot.id,
            status: Standing::model(opened.shoot.state),
            is_development: opened.shoot.development.then_some(true),
        }
    }
}

/// A model was deleted.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeletedModel {
    #[schema(value_type = String, example = "Model deleted successfully")]
    message: &'static str,
    model_id: ShootId,
}

impl DeletedModel {
    /// This one.
    pub fn new(model_id: ShootId) -> Self {
        Self { message: "Model deleted successfully", model_id }
    }
}
