//! What people agree to: the versions there have been, and a new one.

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{self, Data, Form, Path, ServiceConfig},
};
use askama::Template;
use serde::Deserialize;

use super::Part;
use crate::{
    app::App,
    db::View,
    error::{Error, Result},
    i18n::Message,
    ids::OrganizationId,
    pages::{
        admin::{Nav, Section, Tab, frame},
        filters, shown, shown_with, to,
        view::{Field, Page, When, saying},
    },
    shoots::{self, Agreed, CONSENT, LONGEST_WORDING, version_of},
    web::{browser::Lead, get, resource},
};

/// Where the words are written.
const EDIT: &str = "/app/admin/settings/privacy/consent";

/// The short name of our words is so long; numbers of an organization's own never are.
const VERSION: usize = 12;

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(resource("/settings/privacy/consent", "GET, POST").route(get(edit)).route(web::post().to(save)))
        .service(resource("/settings/privacy/consent/reset", "POST").route(web::post().to(reset)))
        .service(resource("/settings/privacy/consent/{version:[0-9a-f]{1,12}}", "GET").route(get(read)));
}

/// The words in force, and all there have been.
pub(super) struct Standing {
    pub(super) text: String,
    pub(super) version: Message,
    pub(super) versions: Vec<VersionView>,
}

/// A version, as it is listed.
pub(super) struct VersionView {
    pub(super) href: String,
    pub(super) words: Message,
    /// Who wrote it; nothing for ours.
    pub(super) by: Option<String>,
    pub(super) since: When,
    pub(super) people: Message,
    pub(super) in_force: bool,
}

impl Standing {
    pub(super) fn of(view: &View, organization: &OrganizationId) -> Result<Self> {
        let (wordings, agreed) = (shoots::wordings(view, organization)?, shoots::agreed(view, organization)?);
        let newest = wordings.first();
        let in_force = newest.and_then(|newest| newest.text.clone().map(|text| (newest.number, text)));
        let ours = version_of(CONSENT);
        let people = |one: Option<&Agreed>| say!("{n} person" | "{n} people", n = one.map_or(0, |one| one.people));
        let own = wordings.iter().filter(|one| one.text.is_some()).map(|one| VersionView {
            href: format!("{EDIT}/{}", one.number),
            words: numbered(one.number),
            by: Some(one.who.clone()),
            since: When::day(one.created_at),
            people: people(agreed.iter().find(|agreed| agreed.number == Some(one.number))),
            in_force: in_force.as_ref().is_some_and(|(number, _)| *number == one.number),
        });
        // Ours change with the program, and with where the photos go.
        let theirs = agreed.iter().filter(|agreed| agreed.number.is_none()).map(|agreed| VersionView {
            href: format!("{EDIT}/{}", agreed.version),
            words: say!("Ours, {version}", version = agreed.version),
            by: None,
            since: When::day(agreed.first),
            people: people(Some(agreed)),
            in_force: in_force.is_none() && agreed.version == ours,
        });
        let versions = own.chain(theirs).collect();
        let (text, version) = match in_force {
            Some((number, text)) => (text, numbered(number)),
            None => (Message::english(CONSENT).into(), say!("Version {version}, ours", version = ours)),
        };
        Ok(Self { text, version, versions })
    }
}

fn numbered(version: u32) -> Message {
    say!("Version {version}", version = version.to_string())
}

#[derive(Template)]
#[template(path = "admin/consent.html")]
struct Screen {
    page: Page,
    nav: Nav,
    tabs: Vec<Tab>,
    text: Field,
    longest: usize,
    /// The number the next version would have.
    next: u32,
    own: bool,
    ours: Message,
    /// How it would look.
    preview: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Posted {
    text: String,
    /// Only to look at it.
    preview: Option<String>,
}

/// `GET /app/admin/settings/privacy/consent`
async fn edit(app: Data<App>, request: HttpRequest, lead: Lead) -> Result<HttpResponse> {
    screen(&app, &request, &lead, None, None, StatusCode::OK)
}

fn screen(
    app: &App,
    request: &HttpRequest,
    lead: &Lead,
    typed: Option<Field>,
    preview: Option<String>,
    status: StatusCode,
) -> Result<HttpResponse> {
    let view = app.db.read(|view| {
        let (page, nav) = frame(view, request, app, &lead.member, Section::Settings)?;
        let newest = shoots::wording_in_force(view, &lead.member.organization)?;
        let next = newest.as_ref().map_or(1, |newest| newest.number + 1);
        let own = newest.and_then(|newest| newest.text);
        Ok(Screen {
            page,
            tabs: Part::Privacy.tabs(&nav),
            nav,
            own: own.is_some(),
            text: typed.unwrap_or_else(|| Field::new(own.unwrap_or_else(|| CONSENT.to_owned()))),
            longest: LONGEST_WORDING,
            next,
            ours: Message::english(CONSENT),
            preview,
        })
    })?;
    shown_with(request, status, &view)
}

/// `POST /app/admin/settings/privacy/consent`: looks at a draft, or makes it the next version.
async fn save(app: Data<App>, request: HttpRequest, lead: Lead, Form(posted): Form<Posted>) -> Result<HttpResponse> {
    let text = match shoots::read_wording(&posted.text) {
        Ok(text) => text,
        Err(error) => {
            let field = Field::wrong(posted.text, &error);
            return screen(&app, &request, &lead, Some(field), None, StatusCode::BAD_REQUEST);
        }
    };
    if posted.preview.is_some() {
        return screen(&app, &request, &lead, Some(Field::new(posted.text)), Some(text), StatusCode::OK);
    }
    let by = lead.actor();
    let saved = app
        .db
        .write(move |tx| {
            // Ours stay ours: they go on changing with the program.
            let own = Some(text.as_str()).filter(|text| *text != CONSENT);
            shoots::set_wording(tx, &by, own)
        })
        .await?;
    let said = match saved {
        Some(number) => {
            say!(
                "Version {version} is in force. Who agreed to an older one is asked before they next submit photos.",
                version = number.to_string()
            )
        }
        None => say!("These words are in force already."),
    };
    saying(&app, to(Part::Privacy.href()), said)
}

/// `POST /app/admin/settings/privacy/consent/reset`
async fn reset(app: Data<App>, lead: Lead) -> Result<HttpResponse> {
    let by = lead.actor();
    let changed = app.db.write(move |tx| shoots::set_wording(tx, &by, None)).await?;
    let said = if changed.is_some() { say!("Our words are in force again.") } else { say!("Our words are in force.") };
    saying(&app, to(Part::Privacy.href()), said)
}

#[derive(Template)]
#[template(path = "admin/consent-version.html")]
struct Version {
    page: Page,
    nav: Nav,
    tabs: Vec<Tab>,
    title: Message,
    by: Option<String>,
    since: When,
    text: String,
}

/// `GET /app/admin/settings/privacy/consent/{version}`: a number of theirs, or the short name of words of ours.
async fn read(app: Data<App>, request: HttpRequest, lead: Lead, version: Path<String>) -> Result<HttpResponse> {
    let view = app.db.read(|view| {
        let organization = &lead.member.organization;
        let (page, nav) = frame(view, &request, &app, &lead.member, Section::Settings)?;
        let tabs = Part::Privacy.tabs(&nav);
        if version.len() == VERSION {
            let all = shoots::agreed(view, organization)?;
            let ours = all.into_iter().find(|agreed| agreed.number.is_none() && agreed.version == *version);
            let Agreed { text, first, .. } = ours.ok_or(Error::NotFound("Version"))?;
            let title = say!("Our words, version {version}", version = version.as_str());
            return Ok(Version { page, nav, tabs, title, by: None, since: When::day(first), text });
        }
        let number = version.parse().map_err(|_| Error::NotFound("Version"))?;
        let found = shoots::wording(view, organization, number)?;
        let text = found.text.ok_or(Error::NotFound("Version"))?;
        let (title, by) = (numbered(number), Some(found.who));
        Ok(Version { page, nav, tabs, title, by, since: When::day(found.created_at), text })
    })?;
    shown(&request, &view)
}
