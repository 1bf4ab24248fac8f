//! Embedding, a part of the API's page: headshots inside the organization's own product. [004]

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{self, Data, Form, ServiceConfig},
};
use serde::Deserialize;

use super::api_keys::{self, Showing};
use crate::{
    app::App,
    db::View,
    error::Result,
    ids::OrganizationId,
    organizations::{self, Embedding, Origins},
    pages::{
        to,
        view::{Field, saying},
    },
    web::{browser::Lead, resource},
    webhooks::{self, Endpoint, Made, Target},
    whitelabel::{self, Settings},
};

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(resource("/api/embedding", "POST").route(web::post().to(save)));
}

/// The form of it, as `admin/embedding.html` shows it.
pub(super) struct EmbeddingForm {
    pub(super) on: bool,
    pub(super) webhook: Field,
    pub(super) embed_origins: Field,
    pub(super) cors_origins: Field,
}

impl EmbeddingForm {
    /// As it is saved.
    pub(super) fn saved(view: &View, id: &OrganizationId) -> Result<Self> {
        let organization = organizations::get(view, id)?;
        let lines = |sites: &Origins| Field::new(sites.iter().collect::<Vec<_>>().join("\n"));
        Ok(Self {
            on: organization.whitelabel,
            webhook: webhooks::first(view, id)?.map(|endpoint| Field::new(endpoint.url)).unwrap_or_default(),
            embed_origins: lines(&organization.embed_origins),
            cors_origins: lines(&organization.cors_origins),
        })
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Posted {
    whitelabel: Option<String>,
    webhook: String,
    embed_origins: String,
    cors_origins: String,
}

/// `POST /app/admin/api/embedding`: answers with the secret of a new webhook URL, because it can be read this once only.
async fn save(app: Data<App>, request: HttpRequest, lead: Lead, Form(posted): Form<Posted>) -> Result<HttpResponse> {
    let kept = app.db.read(|view| webhooks::first(view, &lead.member.organization))?;
    let settings = match read(&app, kept.as_ref(), posted).await {
        Ok(settings) => settings,
        Err(again) => {
            return api_keys::screen(&app, &request, &lead, Showing::again(*again), StatusCode::BAD_REQUEST);
        }
    };
    let (by, on_server) = (lead.actor(), app.clone());
    match app.db.write(move |tx| whitelabel::save(tx, &by, &on_server.key, &settings)).await? {
        None => saying(&app, to(api_keys::EMBEDDING), "Saved. The changes count from now on."),
        Some(Made { secret, .. }) => api_keys::screen(&app, &request, &lead, Showing::secret(secret), StatusCode::OK),
    }
}

/// What was posted, or the form once more with what is wrong beside each field.
async fn read(app: &App, kept: Option<&Endpoint>, posted: Posted) -> Result<Settings, Box<EmbeddingForm>> {
    let on = posted.whitelabel.is_some();
    let webhook = target(app, kept, &posted.webhook).await;
    let (embed, cors) = (posted.embed_origins.parse(), posted.cors_origins.parse());
    match (webhook, embed, cors) {
        (Ok(webhook), Ok(embed_origins), Ok(cors_origins)) => {
            Ok(Settings { embedding: Embedding { whitelabel: on, embed_origins, cors_origins }, webhook })
        }
        (webhook, embed, cors) => Err(Box::new(EmbeddingForm {
            on,
            webhook: judged(posted.webhook, webhook),
            embed_origins: judged(posted.embed_origins, embed),
            cors_origins: judged(posted.cors_origins, cors),
        })),
    }
}

/// Where events are to go, if that is somewhere they may go; an empty field is nowhere. An address that stays as it is stands in
/// nobody's way: it is judged at each attempt.
async fn target(app: &App, kept: Option<&Endpoint>, typed: &str) -> Result<Option<Target>> {
    if typed.trim().is_empty() {
        return Ok(None);
    }
    let target = Target::parse(typed)?;
    if kept.is_none_or(|kept| kept.url != target.as_str()) {
        app.outbound.must_be_allowed(target.url()).await?;
    }
    Ok(Some(target))
}

fn judged<T>(typed: String, read: Result<T>) -> Field {
    match read {
        Ok(_) => Field::new(typed),
        Err(error) => Field::wrong(typed, &error),
    }
}
