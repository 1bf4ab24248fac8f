//! People imported out of a table: the table is taken, looked at, and then worked off while its page shows how far it is.

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{self, Data, ServiceConfig},
};
use askama::Template;

use super::{
    Nav, Section, Tone,
    add_member::{choices, team},
    frame,
};
use crate::{
    app::App,
    db::View,
    error::{Error, Result},
    i18n::{Message, grouped},
    ids::{ImportId, OrganizationId},
    imports::{self, Import, MOST_ROWS, Outcome, Sheet, State},
    members::Actor,
    pages::{
        filters, shown_with, to,
        view::{Choice, Field, Page, When},
    },
    web::{browser::Lead, get, resource},
};

mod preview;
mod results;
mod sending;

use sending::Uploaded;

/// Where they are.
const HOME: &str = "/app/admin/imports";

/// Imports that are listed.
const LISTED: u32 = 20;

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(resource("/imports", "GET, POST").route(get(home)).route(web::post().to(take)))
        .service(resource("/imports/{id}", "GET, POST").route(get(show)).route(web::post().to(preview::decide)))
        .service(resource("/imports/{id}/discard", "POST").route(web::post().to(results::discard)))
        .service(resource("/imports/{id}/stop", "POST").route(web::post().to(results::stop)))
        .service(resource("/imports/{id}/go-on", "POST").route(web::post().to(results::go_on)))
        .service(resource("/imports/{id}/results.csv", "GET").route(get(results::csv)));
}

fn href(id: &ImportId) -> String {
    format!("{HOME}/{id}")
}

#[derive(Template)]
#[template(path = "admin/imports.html")]
struct Imports {
    page: Page,
    nav: Nav,
    table: Field,
    /// What is wrong with the file.
    file: Option<String>,
    /// Empty when the organization has no teams.
    teams: Vec<Choice>,
    /// Most rows of a table.
    most: String,
    rows: Vec<ImportRow>,
}

struct ImportRow {
    href: String,
    name: String,
    state: ImportState,
    people: Message,
    at: When,
}

/// How far an import is.
struct ImportState(State);

impl ImportState {
    const fn words(&self) -> Message {
        match self.0 {
            State::Reading | State::Draft => say!("import|Not begun"),
            State::Running => say!("import|Inviting"),
            State::Stopped => say!("import|Stopped"),
            State::Done => say!("import|Done"),
        }
    }

    fn tone(&self) -> &'static str {
        match self.0 {
            State::Reading | State::Draft => Tone::Waiting,
            State::Running => Tone::Working,
            State::Stopped => Tone::Warn,
            State::Done => Tone::Good,
        }
        .class()
    }
}

/// What became of a row, or would.
struct RowResult(Outcome);

impl RowResult {
    const fn words(&self) -> Message {
        words(self.0)
    }

    fn tone(&self) -> &'static str {
        match self.0 {
            Outcome::Invited => Tone::Good,
            Outcome::Member | Outcome::Pending | Outcome::Duplicate => Tone::Ended,
            Outcome::Invalid => Tone::Bad,
            Outcome::Team | Outcome::Credits => Tone::Warn,
        }
        .class()
    }
}

const fn words(outcome: Outcome) -> Message {
    match outcome {
        Outcome::Invited => say!("row|Invited"),
        Outcome::Member => say!("Already a member"),
        Outcome::Pending => say!("Already invited"),
        Outcome::Duplicate => say!("Twice in the table"),
        Outcome::Invalid => say!("Not valid"),
        Outcome::Team => say!("Unknown team"),
        Outcome::Credits => say!("Over your credits"),
    }
}

/// `GET /app/admin/imports`
async fn home(app: Data<App>, request: HttpRequest, lead: Lead) -> Result<HttpResponse> {
    screen(&app, &request, &lead, Field::default(), None, "", StatusCode::OK)
}

fn screen(
    app: &App,
    request: &HttpRequest,
    lead: &Lead,
    table: Field,
    file: Option<String>,
    team: &str,
    status: StatusCode,
) -> Result<HttpResponse> {
    let view = app.db.read(|view| {
        let organization = &lead.member.organization;
        let (mut page, nav) = frame(view, request, app, &lead.member, Section::Invites)?;
        page.title = say!("Import people").into();
        let listed = imports::lately(view, organization, LISTED)?;
        let rows = listed.into_iter().map(|one| ImportRow {
            href: href(&one.id),
            people: people(one.rows),
            at: When::ago(one.created_at, view.now),
            state: ImportState(one.state),
            name: Message::english(one.name).into(),
        });
        Ok(Imports {
            page,
            nav,
            table,
            file,
            teams: choices(view, organization, team)?,
            most: grouped(MOST_ROWS as u64),
            rows: rows.collect(),
        })
    })?;
    shown_with(request, status, &view)
}

fn people(count: u32) -> Message {
    say!("{n} person" | "{n} people", n = count)
}

/// `POST /app/admin/imports`
async fn take(app: Data<App>, request: HttpRequest, lead: Lead, uploaded: Uploaded) -> Result<HttpResponse> {
    let Uploaded { table, team: chosen, name, bytes, wrong } = uploaded;
    let taken = match wrong {
        Some(error) => Err(error),
        None => {
            taken(&app, lead.actor(), &chosen, name.clone(), bytes.unwrap_or_else(|| table.clone().into_bytes())).await
        }
    };
    match taken {
        Ok(import) => Ok(to(href(&import.id))),
        Err(error @ (Error::Invalid(_) | Error::TooLarge(_))) => {
            // What is wrong with a file stands at the file, and what was typed stays.
            let (table, file) = match name.is_empty() {
                true => (Field::wrong(table, &error), None),
                false => (Field::new(table), Some(error.to_string())),
            };
            screen(&app, &request, &lead, table, file, &chosen, error.status())
        }
        Err(error) => Err(error),
    }
}

async fn taken(app: &App, by: Actor, chosen: &str, name: String, bytes: Vec<u8>) -> Result<Import> {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(Error::invalid(say!("Choose a file, or paste a table.")));
    }
    let Ok(team) = team(chosen) else {
        return Err(Error::invalid(say!("This team is not there any more. Choose another, then try again.")));
    };
    let sheet = tokio::task::spawn_blocking(move || imports::read(&bytes)).await.map_err(Error::internal)??;
    let Sheet { rows, headed, columns } = sheet;
    let about = Sheet { rows: Vec::new(), headed, columns };
    let import = app.db.write(move |tx| imports::begin(tx, &by, &name, &about, team.as_ref())).await?;
    let (mut rows, mut from) = (rows.into_iter().peekable(), 0);
    while rows.peek().is_some() {
        let piece: Vec<_> = rows.by_ref().take(imports::BATCH).collect();
        let (id, length) = (import.id.clone(), piece.len());
        app.db.write(move |tx| imports::take_down(tx, &id, from, &piece)).await?;
        from += length;
    }
    let id = import.id.clone();
    app.db.write(move |tx| imports::complete(tx, &id)).await?;
    Ok(import)
}

/// `GET /app/admin/imports/{id}`: what the table would do, or what it does.
async fn show(
    app: Data<App>,
    request: HttpRequest,
    lead: Lead,
    id: web::Path<ImportId>,
    web::Query(chosen): web::Query<results::Chosen>,
) -> Result<HttpResponse> {
    let import = app.db.read(|view| imports::get(view, &lead.member.organization, &id))?;
    match import.state {
        State::Reading | State::Draft => preview::screen(&app, &request, &lead, import, None, StatusCode::OK).await,
        State::Running | State::Stopped | State::Done => results::screen(&app, &request, &lead, import, &chosen).await,
    }
}

/// A count worth a figure, with what it counts and where to see them.
struct Figure {
    value: String,
    words: Message,
    href: Option<String>,
    here: bool,
}

/// The headings of a table, or what stands for them.
fn headings(view: &View, organization: &OrganizationId, import: &Import) -> Result<Vec<String>> {
    imports::get(view, organization, &import.id)?;
    let written = imports::headings(view, import)?;
    let called = |nth: usize| {
        let heading = written.get(nth).map(|heading| heading.split_whitespace().collect::<Vec<_>>().join(" "));
        heading.filter(|heading| !heading.is_empty()).unwrap_or_else(|| say!("Column {n}", n = nth + 1).into())
    };
    Ok((0..import.choices.columns.len()).map(called).collect())
}

/// `12 rows`
fn rows(count: u32) -> Message {
    say!("{n} row" | "{n} rows", n = count)
}
