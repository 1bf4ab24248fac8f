//! A table while people are invited out of it, and after: how far it is, and what became of each row.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::ContentEncoding,
    web::{Bytes, Data, Path, Query},
};
use askama::Template;
use futures::Stream;
use serde::Deserialize;

use super::{Figure, HOME, ImportState, RowResult, headings, href, rows, words};
use crate::{
    app::App,
    db::{Part, View},
    error::{Error, Result},
    i18n::{Language, Message, grouped},
    ids::ImportId,
    imports::{self, Column, Counts, Filter, Import, Kept, Outcome, State},
    pages::{
        admin::{Nav, ROWS, Section, address, frame, pager, said},
        filters, shown,
        taking::{attachment, named},
        to,
        view::{Page, Pager, saying},
    },
    web::browser::Lead,
    wire::csv,
};

/// Rows that are in memory at once while a file is made.
const PIECE: u32 = 500;

#[derive(Template)]
#[template(path = "admin/import.html")]
struct Results {
    page: Page,
    nav: Nav,
    name: String,
    state: ImportState,
    running: bool,
    done: bool,
    progress: Progress,
    stop: String,
    /// Where the rest can be taken up, and what that is called.
    go_on: Option<(String, Message)>,
    discard: Option<String>,
    stopped: bool,
    figures: Vec<Figure>,
    rows: Vec<KeptRow>,
    filtered: bool,
    all: String,
    csv: String,
    count_words: Message,
    pager: Pager,
}

struct KeptRow {
    line: String,
    who: String,
    name: String,
    team: String,
    new_team: bool,
    result: Option<RowResult>,
    note: Option<Message>,
}

/// How far it is.
struct Progress {
    words: Message,
    percent: u32,
}

impl Progress {
    fn of(import: &Import, counts: &Counts) -> Self {
        let (done, all) = (counts.worked(), import.rows);
        Self {
            words: say!(
                "{done} of {n} row, {invited} invited" | "{done} of {n} rows, {invited} invited",
                n = all,
                done,
                invited = counts.of(Outcome::Invited)
            ),
            percent: (u64::from(done) * 100).checked_div(all.into()).map_or(100, |percent| percent as u32),
        }
    }
}

/// What is chosen, as the address has it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Chosen {
    result: String,
    after: Option<String>,
    before: Option<String>,
}

impl Chosen {
    fn filter(&self) -> Filter {
        Filter::named(&self.result)
    }
}

fn with(id: &ImportId, filter: Filter) -> String {
    address(&href(id), &[("result", filter.as_str())])
}

/// The page of a table that people are or were invited from.
pub(super) async fn screen(
    app: &Data<App>,
    request: &HttpRequest,
    lead: &Lead,
    import: Import,
    chosen: &Chosen,
) -> Result<HttpResponse> {
    let filter = chosen.filter();
    let part = Part::named(said(chosen.after.as_deref()), said(chosen.before.as_deref()));
    let asked = import.clone();
    let (slice, counts) = app
        .db
        .scan(move |view| Ok((imports::page(view, &asked, filter, &part, ROWS)?, imports::counts(view, &asked)?)))
        .await?;
    let (mut page, nav) = app.db.read(|view| frame(view, request, app, &lead.member, Section::Invites))?;
    page.title = say!("Import {table}", table = Message::english(import.name.clone())).into();
    let left = counts.waiting + counts.of(Outcome::Credits);
    let (running, at) = (import.state == State::Running, |verb: &str| format!("{}/{verb}", href(&import.id)));
    let shown_count = match filter {
        Filter::All => import.rows,
        Filter::With(outcome) => counts.of(outcome),
        Filter::NewTeam => counts.new_teams,
    };
    let view = Results {
        page,
        nav,
        running,
        done: import.state == State::Done,
        progress: Progress::of(&import, &counts),
        stop: at("stop"),
        go_on: (!running && left > 0)
            .then(|| (at("go-on"), say!("Go on with {n} person" | "Go on with {n} people", n = left))),
        discard: (!running).then(|| at("discard")),
        stopped: import.state == State::Stopped,
        figures: figures(&import, &counts, filter),
        pager: pager(&with(&import.id, filter), &slice, |row| row.number),
        rows: slice.rows.into_iter().map(|row| KeptRow::new(row, &import)).collect(),
        filtered: filter != Filter::All,
        all: href(&import.id),
        csv: address(&at("results.csv"), &[("result", filter.as_str())]),
        count_words: rows(shown_count),
        state: ImportState(import.state),
        name: Message::english(import.name).into(),
    };
    shown(request, &view)
}

impl KeptRow {
    fn new(row: Kept, import: &Import) -> Self {
        let cell = |wanted: Column| {
            let at = import.choices.columns.iter().position(|column| *column == wanted);
            at.and_then(|at| row.cells.get(at)).map(|cell| cell.trim().to_owned()).unwrap_or_default()
        };
        let halves = format!("{} {}", cell(Column::First), cell(Column::Last));
        let (who, name) = (cell(Column::Email), cell(Column::Name));
        Self {
            line: grouped(row.line),
            name: if name.is_empty() { halves.trim().to_owned() } else { name },
            team: cell(Column::Team),
            who: if who.is_empty() { say!("cell|Nothing").into() } else { who },
            new_team: row.new_team,
            result: row.outcome.map(RowResult),
            note: row.note.as_deref().map(imports::told),
        }
    }
}

fn figures(import: &Import, counts: &Counts, shown: Filter) -> Vec<Figure> {
    let figure = |filter: Filter, count: u32, words: Message| Figure {
        value: grouped(count),
        words,
        href: Some(with(&import.id, filter)).filter(|_| count > 0),
        here: filter == shown,
    };
    let results = Outcome::ALL.iter().filter(|outcome| **outcome == Outcome::Invited || counts.of(**outcome) > 0);
    let teams = (counts.new_teams > 0).then(|| figure(Filter::NewTeam, counts.new_teams, say!("Teams made")));
    results.map(|outcome| figure(Filter::With(*outcome), counts.of(*outcome), words(*outcome))).chain(teams).collect()
}

/// `POST /app/admin/imports/{id}/stop`
pub(super) async fn stop(app: Data<App>, lead: Lead, id: Path<ImportId>) -> Result<HttpResponse> {
    let (by, here) = (lead.actor(), href(&id));
    let words = match app.db.write(move |tx| imports::stop(tx, &by, &id)).await {
        Ok(()) => say!("Stopped. Who is invited stays invited; the rest waits.").to_string(),
        Err(refused @ Error::Invalid(_)) => refused.to_string(),
        Err(other) => return Err(other),
    };
    saying(&app, to(here), &words)
}

/// `POST /app/admin/imports/{id}/go-on`
pub(super) async fn go_on(app: Data<App>, lead: Lead, id: Path<ImportId>) -> Result<HttpResponse> {
    let (by, here) = (lead.actor(), href(&id));
    match app.db.write(move |tx| imports::go_on(tx, &by, &id)).await {
        Ok(_) => Ok(to(here)),
        Err(refused @ Error::Invalid(_)) => saying(&app, to(here), refused.to_string()),
        Err(other) => Err(other),
    }
}

/// `POST /app/admin/imports/{id}/discard`
pub(super) async fn discard(app: Data<App>, lead: Lead, id: Path<ImportId>) -> Result<HttpResponse> {
    let (by, here) = (lead.actor(), href(&id));
    match app.db.write(move |tx| imports::discard(tx, &by, &id)).await {
        Ok(()) => saying(&app, to(HOME), say!("Deleted the table. Who was invited out of it stays invited.")),
        Err(refused @ Error::Invalid(_)) => saying(&app, to(here), refused.to_string()),
        Err(other) => Err(other),
    }
}

/// `GET /app/admin/imports/{id}/results.csv`: each row as it came, with its line and what became of it before it.
pub(super) async fn csv(
    app: Data<App>,
    lead: Lead,
    id: Path<ImportId>,
    Query(chosen): Query<Chosen>,
) -> Result<HttpResponse> {
    let organization = &lead.member.organization;
    let read = |view: &View| {
        let import = imports::get(view, organization, &id)?;
        let headings = headings(view, organization, &import)?;
        Ok((import, headings))
    };
    let (import, headings) = app.db.read(read)?;
    let base = import.name.rsplit_once('.').map_or(import.name.as_str(), |(base, _)| base);
    Ok(HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header(attachment(&format!("{}results.csv", named(base))))
        .insert_header(ContentEncoding::Identity)
        .streaming(written(app, import, headings, chosen.filter())))
}

/// The file, made while it is sent: a piece of it at a time is in memory.
fn written(
    app: Data<App>,
    import: Import,
    headings: Vec<String>,
    filter: Filter,
) -> impl Stream<Item = Result<Bytes, Error>> {
    async_stream::try_stream! {
        let first = ["Line", "Result", "Note"].into_iter().chain(headings.iter().map(String::as_str));
        yield Bytes::from(format!("{}{}", csv::BEGINNING, csv::line(first)));
        let mut next = i64::from(import.choices.headed);
        loop {
            let id = import.id.clone();
            let rows = app.db.scan(move |view| imports::rows(view, &id, filter, next, PIECE)).await?;
            let Some(last) = rows.last() else { break };
            next = last.number + 1;
            yield Bytes::from(rows.iter().map(|row| line(row, headings.len())).collect::<String>());
        }
    }
}

fn line(row: &Kept, columns: usize) -> String {
    // Programs read it too, so it is the same for everyone.
    let result =
        row.outcome.map_or_else(|| "Waiting".to_owned(), |outcome| words(outcome).in_language(Language::English));
    let note = match (&row.note, row.new_team) {
        (Some(note), _) => note,
        (None, true) => "Its team was made",
        (None, false) => "",
    };
    let number = row.line.to_string();
    let cells = (0..columns).map(|nth| row.cells.get(nth).map_or("", String::as_str));
    csv::line([number.as_str(), &result, note].into_iter().chain(cells))
}
