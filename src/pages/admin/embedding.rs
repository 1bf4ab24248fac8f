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
    error::{Error, Result},
    ids::OrganizationId,
    organizations::{self, Embedding, Origins},
    pages::{
        to,
        view::{Field, saying},
    },
    web::{browser::Lead, resource},
    webhooks::{self, Made, Target},
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
        Ok(Self {
            on: organization.whitelabel,
            webhook: webhooks::first(view, id)?.map(|endpoint| Field::new(endpoint.url)).unwrap_or_default(),
            embed_origins: lines(&organization.embed_origins),
            cors_origins: lines(&organization.cors_origins),
        })
    }
}

fn lines(sites: &Origins) -> Field {
    Field::new(sites.iter().collect::<Vec<_>>().join("\n"))
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
    let settings = match read(posted) {
        Ok(settings) => settings,
        Err(again) => {
            return api_keys::screen(&app, &request, &lead, Showing::again(*again), StatusCode::BAD_REQUEST);
        }
    };
    if let Some(again) = led_astray(&app, &lead, &settings).await? {
        return api_keys::screen(&app, &request, &lead, Showing::again(again), StatusCode::BAD_REQUEST);
    }
    let (by, on_server) = (lead.actor(), app.clone());
    match app.db.write(move |tx| whitelabel::save(tx, &by, &on_server.key, &settings)).await? {
        None => saying(&app, to(api_keys::EMBEDDING), "Saved. The changes count from now on."),
        Some(Made { secret, .. }) => api_keys::screen(&app, &request, &lead, Showing::secret(secret), StatusCode::OK),
    }
}

/// The form once more, if the webhook URL leads where nothing may be posted to. One that is kept is judged at each attempt.
async fn led_astray(app: &App, lead: &Lead, settings: &Settings) -> Result<Option<EmbeddingForm>> {
    let Some(target) = &settings.webhook else { return Ok(None) };
    let kept = app.db.read(|view| webhooks::first(view, &lead.member.organization))?;
    if kept.is_some_and(|endpoint| endpoint.url == target.as_str()) {
        return Ok(None);
    }
    let Settings { embedding, .. } = settings;
    match app.outbound.must_be_allowed(target.url()).await {
        Ok(()) => Ok(None),
        Err(error @ Error::Invalid(_)) => Ok(Some(EmbeddingForm {
            on: embedding.whitelabel,
            webhook: Field::wrong(target.as_str(), &error),
            embed_origins: lines(&embedding.embed_origins),
            cors_origins: lines(&embedding.cors_origins),
        })),
        Err(error) => Err(error),
    }
}

/// What was posted, or the form once more with what is wrong beside each field.
fn read(posted: Posted) -> Result<Settings, Box<EmbeddingForm>> {
    let on = posted.whitelabel.is_some();
    let webhook = Some(posted.webhook.trim()).filter(|url| !url.is_empty()).map(Target::parse).transpose();
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

fn judged<T>(typed: String, read: Result<T>) -> Field {
    match read {
        Ok(_) => Field::new(typed),
        Err(error) => Field::wrong(typed, &error),
    }
}
