//! Webhooks: where events go, what became of each, and how a receiver knows them.

use std::time::Duration;

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{self, Data, Query, ServiceConfig},
};
use askama::Template;
use serde::Deserialize;

use super::{Nav, Section, address, frame, said};
use crate::{
    app::App,
    db::Part,
    error::{Error, Result},
    i18n::Message,
    ids::EndpointId,
    pages::{
        filters, shown_with,
        undoing::Leaving,
        view::{Confirm, Page},
    },
    undo,
    web::{browser::Lead, get, resource},
    webhooks,
};

mod changes;
mod delivery;
mod endpoints;
mod log;
mod questions;
mod snippets;

pub(super) use endpoints::because;
use endpoints::{EndpointForm, EndpointRow};
use log::Log;
use snippets::Snippet;

pub(super) fn routes(config: &mut ServiceConfig) {
    let post = web::post;
    config
        .service(resource("/webhooks", "GET, POST").route(get(show)).route(post().to(changes::add)))
        .service(resource("/webhooks/replay", "POST").route(post().to(delivery::replay_failed)))
        .service(resource("/webhooks/deliveries/{id}", "GET").route(get(delivery::show)))
        .service(resource("/webhooks/deliveries/{id}/replay", "POST").route(post().to(delivery::replay)))
        .service(resource("/webhooks/{id}", "POST").route(post().to(changes::change)))
        .service(resource("/webhooks/{id}/remove", "POST").route(post().to(changes::remove)))
        .service(resource("/webhooks/{id}/rotate", "POST").route(post().to(changes::rotate)))
        .service(resource("/webhooks/{id}/off", "POST").route(post().to(changes::switch_off)))
        .service(resource("/webhooks/{id}/on", "POST").route(post().to(changes::switch_on)))
        .service(resource("/webhooks/{id}/test", "POST").route(post().to(changes::test)));
}

#[derive(Template)]
#[template(path = "admin/webhooks.html")]
struct Webhooks {
    page: Page,
    nav: Nav,
    /// Shown once, on the page that answers the form.
    fresh: Option<Fresh>,
    endpoints: Vec<EndpointRow>,
    /// The dialog that adds an endpoint, or with `?edit=ID` changes one.
    form: EndpointForm,
    log: Log,
    snippets: &'static [Snippet],
    /// That it is tried again after 5 min, 15 min and 1 hour.
    pauses: Option<Message>,
    /// `?remove=ID`, `?rotate=ID`, `?off=ID`
    confirm: Option<Confirm>,
    /// `?replay=failed`
    asks_replay: bool,
    spans: [(&'static str, Message, Duration); 4],
}

/// A secret that can be read this once only.
struct Fresh {
    title: Message,
    words: Message,
    secret: String,
}

/// What is chosen, as the address has it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Chosen {
    endpoint: Option<String>,
    state: Option<String>,
    after: Option<String>,
    before: Option<String>,
    add: Option<String>,
    edit: Option<String>,
    remove: Option<String>,
    rotate: Option<String>,
    off: Option<String>,
    replay: Option<String>,
}

/// What the page shows beside what is kept.
#[derive(Default)]
struct Showing {
    chosen: Chosen,
    form: Option<EndpointForm>,
    fresh: Option<Fresh>,
}

/// `GET /app/admin/webhooks`
async fn show(app: Data<App>, request: HttpRequest, lead: Lead, Query(chosen): Query<Chosen>) -> Result<HttpResponse> {
    screen(&app, &request, &lead, Showing { chosen, ..Showing::default() }, StatusCode::OK).await
}

async fn screen(
    app: &Data<App>,
    request: &HttpRequest,
    lead: &Lead,
    showing: Showing,
    status: StatusCode,
) -> Result<HttpResponse> {
    let Showing { chosen, form, fresh } = showing;
    let posted = form.is_some() || fresh.is_some();
    let part = Part::named(said(chosen.after.as_deref()), said(chosen.before.as_deref()));
    let (organization, filter, reader) = (lead.member.organization.clone(), log::filter(&chosen), lead.member.clone());
    let (endpoints, log) = app
        .db
        .scan(move |view| {
            let endpoints = webhooks::endpoints(view, &organization)?;
            let log = Log::read(view, &organization, &endpoints, &filter, &part)?;
            let going = undo::going(view, &organization, undo::Kind::Endpoint)?;
            let rows = endpoints.into_iter().map(|endpoint| {
                let leaving = Leaving::of(&going, endpoint.id.as_str(), &reader);
                EndpointRow::read(view, endpoint, leaving)
            });
            Ok((rows.collect::<Result<Vec<_>>>()?, log))
        })
        .await?;
    let view = app.db.read(|view| {
        let (page, nav) = frame(view, request, app, &lead.member, Section::Webhooks)?;
        let organization = &lead.member.organization;
        let form = match (form, named(&chosen.edit)?) {
            (Some(typed), _) => typed,
            (None, Some(id)) => EndpointForm::of(&webhooks::of_organization(view, organization, &id)?),
            (None, None) => EndpointForm { open: chosen.add.is_some(), ..EndpointForm::new() },
        };
        Ok(Webhooks {
            page,
            nav: if posted { nav.standing_for(Section::Webhooks) } else { nav },
            fresh,
            form,
            snippets: snippets::ALL,
            pauses: pauses(&app.config.webhooks.schedule),
            confirm: questions::asked(view, organization, &chosen)?,
            asks_replay: chosen.replay.is_some() && !endpoints.is_empty(),
            spans: delivery::spans(),
            endpoints,
            log,
        })
    })?;
    shown_with(request, status, &view)
}

/// The endpoint an address names, if it names one.
fn named(id: &Option<String>) -> Result<Option<EndpointId>> {
    id.as_deref().map(|id| id.parse().map_err(|_| Error::NotFound("Endpoint"))).transpose()
}

/// The page with something asked on it.
fn asking(what: &str, id: &EndpointId) -> String {
    address(Section::Webhooks.href(), &[(what, id.as_str())])
}

/// How long is waited after each failure, in words.
fn pauses(schedule: &[Duration]) -> Option<Message> {
    let words: Vec<String> = schedule.iter().skip(1).map(|pause| span(*pause).to_string()).collect();
    let pauses = match words.as_slice() {
        [] => return None,
        [one] => one.clone(),
        [first @ .., last] => say!("{spans} and {last}", spans = first.join(", "), last).to_string(),
    };
    Some(say!("After anything else it is tried again after {pauses}.", pauses))
}

/// A span as it is configured.
fn span(span: Duration) -> Message {
    match span.as_secs() {
        seconds if seconds > 0 && seconds.is_multiple_of(3600) => {
            say!("{n} hour" | "{n} hours", n = seconds / 3600)
        }
        seconds if seconds > 0 && seconds.is_multiple_of(60) => {
            say!("{minutes} min", minutes = seconds / 60)
        }
        seconds => say!("{seconds} s", seconds),
    }
}
