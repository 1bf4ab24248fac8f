//! Models: everyone's headshots in the making. [docs]

use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    clock::Timestamp,
    ids::{ShootId, ShootUid, TeamId},
    members::Email,
    shoots,
    wire::{Pagination, schemas::ModelStatus, status::Standing},
};

/// One page of models, newest first.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ModelPage)]
pub struct Models {
    /// The models, deleted ones included.
    pub models: Vec<Model>,
    /// Where in the list.
    pub pagination: Pagination,
}

/// One model.
#[derive(Debug, Serialize, ToSchema)]
pub struct OneModel {
    /// The model.
    pub model: Model,
}

/// A model.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Model {
    id: ShootId,
    uid: ShootUid,
    /// The member's address; null once they are gone, and for someone who has none.
    #[schema(required)]
    email: Option<Email>,
    /// What to call it: the member's name, or else their address.
    #[schema(example = "Kim Lee")]
    title: String,
    #[schema(value_type = ModelStatus)]
    status: &'static str,
    /// The member's team, or null.
    #[schema(required)]
    team_id: Option<TeamId>,
    /// What the team is called now, or null.
    #[schema(required, example = "Marketing")]
    team_name: Option<String>,
    /// Present, and true, only for a model made of test data. [004]
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    is_development: Option<bool>,
    created_at: Timestamp,
    /// When its photos were ready, or null.
    #[schema(required)]
    finished_at: Option<Timestamp>,
}

impl From<shoots::Listed> for Model {
    fn from(listed: shoots::Listed) -> Self {
        let title = listed.title();
        let shoots::Listed { shoot, email, team, .. } = listed;
        let (team_id, team_name) = team.unzip();
        Self {
            id: shoot.id,
            uid: shoot.uid,
            title,
            email,
            status: Standing::model(shoot.state),
            team_id,
            team_name,
            is_development: shoot.development.then_some(true),
            created_at: shoot.created_at,
            finished_at: shoot.finished_at,
        }
    }
}
