//! The API: keys for programs, and the first request.

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{self, Data, Form, Path, Query, ServiceConfig},
};
use askama::Template;
use serde::Deserialize;

use super::{Nav, Section, embedding::EmbeddingForm, frame};
use crate::{
    app::App,
    auth::{self, Access, Area, Key, Lifetime, NewKey, Scopes, Shown},
    clock::Timestamp,
    error::{Error, Result},
    i18n::Message,
    ids::KeyId,
    pages::{
        filters, shown_with, to,
        view::{Choice, Confirm, Field, Page, When, saying},
    },
    web::{browser::Lead, get, resource},
};

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(resource("/api", "GET, POST").route(get(show)).route(web::post().to(make)))
        .service(resource("/api/{id}/delete", "POST").route(web::post().to(delete)));
}

#[derive(Template)]
#[template(path = "admin/api-keys.html")]
struct ApiKeys {
    page: Page,
    nav: Nav,
    /// Shown once, on the page that answers the form.
    fresh: Option<FreshKey>,
    /// The same, of a new webhook URL.
    webhook_secret: Option<String>,
    keys: Vec<KeyRow>,
    name: Field,
    scopes: Vec<Scope>,
    scopes_error: Option<String>,
    expiries: Vec<Choice>,
    base_url: String,
    samples: Vec<Sample>,
    embedding: EmbeddingForm,
    /// `?delete=ID`
    confirm: Option<Confirm>,
}

/// Where embedding is on the page.
pub(super) const EMBEDDING: &str = "/app/admin/api#embedding";

/// What the page shows beside what is kept.
#[derive(Default)]
pub(super) struct Showing {
    typed: Typed,
    fresh: Option<Shown>,
    deleting: Option<KeyId>,
    /// What was typed about embedding and can't stay.
    embedding: Option<EmbeddingForm>,
    /// Of a webhook URL that was set just now.
    webhook_secret: Option<String>,
}

impl Showing {
    /// The form of embedding once more.
    pub(super) fn again(embedding: EmbeddingForm) -> Self {
        Self { embedding: Some(embedding), ..Self::default() }
    }

    /// The secret of a webhook URL, once.
    pub(super) fn secret(secret: String) -> Self {
        Self { webhook_secret: Some(secret), ..Self::default() }
    }
}

struct FreshKey {
    name: String,
    secret: String,
}

struct KeyRow {
    id: String,
    name: String,
    /// The part that is no secret.
    start: String,
    scopes: String,
    last_used: Option<When>,
    expires: Option<When>,
    expired: bool,
}

struct Scope {
    name: &'static str,
    words: Message,
    read: bool,
    write: bool,
}

/// A first request in one language.
struct Sample {
    language: &'static str,
    code: String,
}

/// How long keys can be made to work: the days, none for without end, and the words.
const EXPIRIES: [(&str, Message); 4] = [
    ("", say!("key expires|Never")),
    ("30", say!("key expires|In 30 days")),
    ("90", say!("key expires|In 90 days")),
    ("365", say!("key expires|In a year")),
];

/// What the form holds.
struct Typed {
    name: Field,
    scopes: String,
    scopes_error: Option<String>,
    expires: String,
}

impl Default for Typed {
    /// A key that can look and not touch, for as long as it is wanted.
    fn default() -> Self {
        let scopes: Vec<String> = Area::ALL.iter().map(|area| format!("{area}:read")).collect();
        Self { name: Field::default(), scopes: scopes.join(" "), scopes_error: None, expires: String::new() }
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    delete: Option<KeyId>,
}

/// `GET /app/admin/api`
async fn show(app: Data<App>, request: HttpRequest, lead: Lead, Query(asked): Query<Asked>) -> Result<HttpResponse> {
    screen(&app, &request, &lead, Showing { deleting: asked.delete, ..Showing::default() }, StatusCode::OK)
}

pub(super) fn screen(
    app: &App,
    request: &HttpRequest,
    lead: &Lead,
    showing: Showing,
    status: StatusCode,
) -> Result<HttpResponse> {
    let Showing { typed, fresh, deleting, embedding, webhook_secret } = showing;
    let base_url = app.urls.page("/api/v2");
    let view = app.db.read(|view| {
        let (page, nav) = frame(view, request, app, &lead.member, Section::Api)?;
        let keys = auth::keys_of(view, &lead.member.organization)?;
        let confirm = deleting
            .map(|id| keys.iter().find(|key| key.id == id).ok_or(Error::NotFound("API key")).map(question))
            .transpose()?;
        Ok(ApiKeys {
            page,
            nav,
            fresh: fresh.map(|shown| FreshKey { name: shown.key.name, secret: shown.text }),
            keys: keys.into_iter().map(|key| KeyRow::new(key, view.now)).collect(),
            scopes: Area::ALL.iter().map(|area| Scope::new(*area, &typed.scopes)).collect(),
            name: typed.name,
            scopes_error: typed.scopes_error,
            expiries: EXPIRIES
                .iter()
                .map(|(days, words)| Choice {
                    value: (*days).to_owned(),
                    words: words.to_string(),
                    chosen: typed.expires == *days,
                })
                .collect(),
            samples: Sample::all(&base_url),
            base_url,
            embedding: match embedding {
                Some(typed) => typed,
                None => EmbeddingForm::saved(view, &lead.member.organization)?,
            },
            webhook_secret,
            confirm,
        })
    })?;
    shown_with(request, status, &view)
}

impl KeyRow {
    fn new(key: Key, now: Timestamp) -> Self {
        Self {
            start: format!("hr_{}_…", key.id),
            id: key.id.to_string(),
            name: key.name,
            scopes: scopes_in_words(&key.scopes),
            last_used: key.last_used_at.map(|at| When::ago(at, now)),
            expires: key.expires_at.map(When::day),
            expired: key.expires_at.is_some_and(|end| end <= now),
        }
    }
}

const fn area_in_words(area: Area) -> Message {
    match area {
        Area::Organization => say!("Organization"),
        Area::Invites => say!("Invites"),
        Area::Teams => say!("Teams"),
        Area::Models => say!("Models"),
        Area::Photos => say!("Photos"),
    }
}

/// The same behind a colon.
const fn area_in_sentence(area: Area) -> Message {
    match area {
        Area::Organization => say!("organization"),
        Area::Invites => say!("invites"),
        Area::Teams => say!("teams"),
        Area::Models => say!("models"),
        Area::Photos => say!("photos"),
    }
}

fn scopes_in_words(scopes: &Scopes) -> String {
    if scopes.are_all() {
        return say!("Everything").into();
    }
    let with = |wanted: Access| {
        let areas = scopes.iter().filter(|(_, access)| *access == wanted);
        let areas = areas.map(|(area, _)| area_in_sentence(area).to_string()).collect::<Vec<_>>();
        (!areas.is_empty()).then(|| areas.join(", "))
    };
    let read = with(Access::Read).map(|areas| say!("Read: {areas}", areas).to_string());
    let write = with(Access::Write).map(|areas| say!("Read and write: {areas}", areas).to_string());
    [read, write].into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

impl Scope {
    fn new(area: Area, typed: &str) -> Self {
        let typed = |access: &str| typed.split(' ').any(|word| word == format!("{area}:{access}"));
        Self { name: area.as_str(), words: area_in_words(area), read: typed("read"), write: typed("write") }
    }
}

impl Sample {
    fn all(base_url: &str) -> Vec<Self> {
        let curl = format!("curl {base_url}/organization \\\n  -H \"Authorization: Bearer $HEADROOM_KEY\"");
        let javascript = format!(
            "const answer = await fetch(\"{base_url}/organization\", {{\n  headers: {{ Authorization: `Bearer ${{process.env.HEADROOM_KEY}}` }},\n}});\nconst {{ organization }} = await answer.json();\nconsole.log(organization.name);"
        );
        let python = format!(
            "import json, os, urllib.request\n\nrequest = urllib.request.Request(\n    \"{base_url}/organization\",\n    headers={{\"Authorization\": f\"Bearer {{os.environ['HEADROOM_KEY']}}\"}},\n)\nwith urllib.request.urlopen(request) as answer:\n    print(json.load(answer)[\"organization\"][\"name\"])"
        );
        vec![
            Self { language: "curl", code: curl },
            Self { language: "JavaScript", code: javascript },
            Self { language: "Python", code: python },
        ]
    }
}

fn question(key: &Key) -> Confirm {
    Confirm {
        title: say!("Delete the key {name}", name = key.name).into(),
        words: say!("Programs that use it are refused from this moment on. A deleted key can't be brought back.")
            .into(),
        action: format!("{}/{}/delete", Section::Api.href(), key.id),
        button: say!("Delete key").into(),
        cancel: Section::Api.href().to_owned(),
        name_to_type: None,
    }
}

/// `POST /app/admin/api`: answers with the key itself, because it can be read this once only.
async fn make(
    app: Data<App>,
    request: HttpRequest,
    lead: Lead,
    Form(form): Form<Vec<(String, String)>>,
) -> Result<HttpResponse> {
    let one = |name: &str| form.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone()).unwrap_or_default();
    let scopes: Vec<&str> = form.iter().filter(|(key, _)| key == "scope").map(|(_, value)| value.as_str()).collect();
    let (name, scopes, expires) = (one("name"), scopes.join(" "), one("expires"));
    let typed = |name, scopes_error| Typed { name, scopes_error, scopes: scopes.clone(), expires: expires.clone() };
    let parsed: Result<Scopes> = scopes.parse();
    let lifetime = lifetime(&expires)?;
    let scopes_given = match parsed {
        Ok(given) => given,
        Err(error) => {
            let typed = typed(Field::new(name), Some(error.to_string()));
            return screen(&app, &request, &lead, Showing { typed, ..Showing::default() }, error.status());
        }
    };
    let (by, new) = (lead.actor(), NewKey { name: name.clone(), scopes: scopes_given, lifetime });
    match app.db.write(move |tx| auth::make_key(tx, &by, &new)).await {
        Ok(made) => screen(&app, &request, &lead, Showing { fresh: Some(made), ..Showing::default() }, StatusCode::OK),
        Err(error @ Error::Invalid(_)) => {
            let typed = typed(Field::wrong(name, &error), None);
            screen(&app, &request, &lead, Showing { typed, ..Showing::default() }, error.status())
        }
        Err(error) => Err(error),
    }
}

fn lifetime(days: &str) -> Result<Lifetime> {
    match days {
        "" => Ok(Lifetime::Unlimited),
        days => days
            .parse()
            .map(Lifetime::Days)
            .map_err(|_| Error::invalid(say!("Choose one of the times a key can work for."))),
    }
}

/// `POST /app/admin/api/{id}/delete`
async fn delete(app: Data<App>, lead: Lead, id: Path<KeyId>) -> Result<HttpResponse> {
    let by = lead.actor();
    app.db.write(move |tx| auth::delete_key(tx, &by, &id)).await?;
    saying(&app, to(Section::Api.href()), say!("Deleted the key. It has stopped working."))
}
