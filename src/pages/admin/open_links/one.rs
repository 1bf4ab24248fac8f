//! One open invite link: to copy, to hold up as a QR code, with who joined by it; and taken back.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{self, Data, Path, Query, ServiceConfig},
};
use askama::Template;
use serde::Deserialize;

use super::{LinkRow, list};
use crate::{
    app::App,
    error::{Error, Result},
    ids::LinkId,
    links::{self, Joined, State},
    members::Email,
    organizations,
    pages::{
        admin::{Nav, Section, frame},
        filters, qr, shown,
        undoing::{Leaving, leave},
        view::{Page, When, initials},
    },
    undo::{self, As, Thing},
    web::{browser::Lead, get, resource},
};

/// People listed on a link's page; the rest is counted.
const LISTED: u32 = 500;

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(resource("/links/{id}", "GET").route(get(show)))
        .service(resource("/links/{id}/qr.svg", "GET").route(get(code)))
        .service(resource("/links/{id}/revoke", "POST").route(web::post().to(revoke)));
}

#[derive(Template)]
#[template(path = "admin/link.html")]
struct OneLink {
    page: Page,
    nav: Nav,
    link: LinkRow,
    open: bool,
    list: String,
    /// The code as a picture, and as a file.
    code: String,
    people: Vec<Person>,
    /// Those who joined and are not listed: they left, or are too many.
    others: Option<String>,
}

struct Person {
    name: String,
    email: String,
    initials: String,
    photo: Option<String>,
    at: When,
}

impl Person {
    fn new(joined: Joined) -> Self {
        let email = joined.email.as_ref().map(Email::to_string).unwrap_or_default();
        let (name, email) = match joined.name {
            Some(name) => (name, email),
            None => (email, String::new()),
        };
        Self { initials: initials(&name), name, email, photo: None, at: When::day(joined.at) }
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    download: Option<String>,
}

fn known(id: &str) -> Result<LinkId> {
    id.parse().map_err(|_| Error::NotFound("Link"))
}

/// `GET /app/admin/links/{id}`
async fn show(app: Data<App>, request: HttpRequest, lead: Lead, id: Path<String>) -> Result<HttpResponse> {
    let id = known(&id)?;
    let view = app.db.read(|view| {
        let organization = &lead.member.organization;
        let link = links::of_organization(view, organization, &id)?;
        let (page, nav) = frame(view, &request, &app, &lead.member, Section::Invites)?;
        let zone = organizations::zone(view, organization)?;
        let going = undo::going(view, organization, undo::Kind::Link)?;
        let leaving = Leaving::of(&going, id.as_str(), &lead.member);
        let row = LinkRow::new(view, &app, zone, &link, leaving)?;
        let people: Vec<Person> = links::who_joined(view, &id, LISTED)?.into_iter().map(Person::new).collect();
        let here = links::still_here(view, &id)?;
        Ok(OneLink {
            page: Page { title: say!("Open link: {whom}", whom = row.whom).into(), ..page },
            nav,
            open: link.state(view.now) == State::Open,
            list: list(),
            code: format!("{}/qr.svg", row.href),
            others: others(link.uses.saturating_sub(here), here.saturating_sub(people.len() as u32)),
            link: row,
            people,
        })
    })?;
    shown(&request, &view)
}

/// Who left is nobody's business any more, but their use of the link is.
fn others(left: u32, more: u32) -> Option<String> {
    let left = (left > 0).then(|| {
        say!("{n} more joined and has left since." | "{n} more joined and have left since.", n = left).to_string()
    });
    let more = (more > 0).then(|| {
        say!("{n} earlier member not listed here." | "{n} earlier members not listed here.", n = more).to_string()
    });
    match (more, left) {
        (None, None) => None,
        (more, left) => Some([more, left].into_iter().flatten().collect::<Vec<_>>().join(" ")),
    }
}

/// `GET /app/admin/links/{id}/qr.svg`, and with `?download` as a file.
async fn code(app: Data<App>, lead: Lead, id: Path<String>, Query(asked): Query<Asked>) -> Result<HttpResponse> {
    let link = app.db.read(|view| links::of_organization(view, &lead.member.organization, &known(&id)?))?;
    qr::answer(&app.urls.join(&link.id), asked.download.is_some().then_some("invite-link.svg"))
}

/// `POST /app/admin/links/{id}/revoke`
async fn revoke(app: Data<App>, lead: Lead, id: Path<String>) -> Result<HttpResponse> {
    let id = known(&id)?;
    let link = app.db.read(|view| links::of_organization(view, &lead.member.organization, &id))?;
    let what = match link.domains_or() {
        any if any.is_empty() => say!("the link for anyone"),
        domains => say!("the link for {whom}", whom = domains),
    };
    leave(&app, &lead.member, As::Lead, Thing::Link(id), what, list()).await
}
