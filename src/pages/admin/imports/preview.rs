//! A table before anybody is invited: how it is read, what would come of it, and the choice to read it otherwise.

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Data, Form, Path},
};
use askama::Template;

use super::{Figure, RowResult, headings, href, words};
use crate::{
    app::App,
    error::{Error, Result},
    i18n::{Message, grouped},
    ids::ImportId,
    imports::{self, Choices, Column, Filter, Import, NewTeams, Outcome, Seen, Sight},
    organizations,
    pages::{
        admin::{
            Nav, Section,
            add_member::{choices, team},
            frame, said,
        },
        filters, shown_with, to,
        view::{Choice, Page, saying},
    },
    web::browser::Lead,
};

/// Rows shown of each kind.
const FEW: usize = 8;

/// Rows whose cells are shown beside the columns, as examples.
const EXAMPLES: u32 = 3;

/// New teams named before the rest is counted.
const NAMED: usize = 12;

#[derive(Template)]
#[template(path = "admin/import-preview.html")]
struct Preview {
    page: Page,
    nav: Nav,
    name: String,
    action: String,
    discard: String,
    /// What went wrong with the last press.
    wrong: Option<String>,
    /// Why nobody can be invited yet.
    fault: Option<Message>,
    /// `12 rows. Nobody is invited yet.`
    rows: Message,
    headed: bool,
    columns: Vec<ColumnRow>,
    /// Columns that stay unread, by their headings.
    unread: String,
    teams: Vec<Choice>,
    new_teams: Vec<Choice>,
    /// The table names teams.
    names_teams: bool,
    figures: Vec<Figure>,
    /// Teams that would be made, in words.
    making: Option<Message>,
    over_credits: Option<Message>,
    first: Vec<SeenRow>,
    wrong_rows: Vec<SeenRow>,
    /// None if nobody would be invited.
    button: Option<Message>,
}

struct ColumnRow {
    heading: String,
    examples: String,
    field: String,
    holds: Vec<Choice>,
}

/// What would become of a row.
struct Foreseen(Outcome);

impl Foreseen {
    const fn words(&self) -> Message {
        match self.0 {
            Outcome::Invited => say!("row|Can be invited"),
            outcome => words(outcome),
        }
    }

    fn tone(&self) -> &'static str {
        RowResult(self.0).tone()
    }
}

struct SeenRow {
    line: String,
    email: String,
    name: String,
    team: String,
    title: String,
    result: Foreseen,
    note: Option<Message>,
}

impl SeenRow {
    fn new(seen: Seen) -> Self {
        Self {
            line: grouped(seen.line),
            email: if seen.email.trim().is_empty() { say!("cell|Nothing").into() } else { seen.email },
            name: seen.name,
            team: seen.team.unwrap_or_default(),
            title: seen.title,
            result: Foreseen(seen.outcome),
            note: seen.note,
        }
    }
}

const fn holds(column: Column) -> Message {
    match column {
        Column::Email => say!("E-mail address"),
        Column::Name => say!("Name"),
        Column::First => say!("First name"),
        Column::Last => say!("Last name"),
        Column::Team => say!("Team"),
        Column::Title => say!("Job title"),
        Column::Other => say!("Nothing we need"),
    }
}

/// The page of a table that nobody was invited from yet.
pub(super) async fn screen(
    app: &Data<App>,
    request: &HttpRequest,
    lead: &Lead,
    import: Import,
    wrong: Option<&Error>,
    status: StatusCode,
) -> Result<HttpResponse> {
    let import_seen = import.clone();
    let (sight, examples) = app
        .db
        .scan(move |view| {
            let first = i64::from(import_seen.choices.headed);
            let examples = imports::rows(view, &import_seen.id, Filter::All, first, EXAMPLES)?;
            // Without addresses every row would be wrong, which says nothing.
            let addressed = import_seen.choices.columns.contains(&Column::Email);
            Ok((if addressed { imports::look(view, &import_seen, FEW)? } else { Sight::default() }, examples))
        })
        .await?;
    let organization = &lead.member.organization;
    let view = app.db.read(|view| {
        let (mut page, nav) = frame(view, request, app, &lead.member, Section::Invites)?;
        page.title = say!("Import {table}", table = Message::english(import.name.clone())).into();
        let headings = headings(view, organization, &import)?;
        let balance = organizations::get(view, organization)?.credits;
        let fault = import.choices.fault();
        let invited = sight.of(Outcome::Invited);
        let columns = import.choices.columns.iter().zip(&headings).enumerate();
        let column = |(nth, (column, heading)): (usize, (&Column, &String))| {
            let cells = examples.iter().filter_map(|row| row.cells.get(nth)).map(|cell| cell.trim());
            let cells: Vec<String> = cells.filter(|cell| !cell.is_empty()).map(shortened).collect();
            let one =
                |held: &Column| Choice { value: held.to_string(), words: holds(*held).into(), chosen: held == column };
            ColumnRow {
                heading: heading.clone(),
                examples: cells.join(" · "),
                field: format!("c{nth}"),
                holds: Column::ALL.iter().map(one).collect(),
            }
        };
        let unread = import.choices.columns.iter().zip(&headings).filter(|(column, _)| **column == Column::Other);
        let new_team = |value: NewTeams, words: Message| Choice {
            value: value.to_string(),
            words: words.into(),
            chosen: import.choices.new_teams == value,
        };
        let chosen = import.choices.team.as_ref().map(ToString::to_string).unwrap_or_default();
        Ok(Preview {
            page,
            nav,
            action: href(&import.id),
            discard: format!("{}/discard", href(&import.id)),
            wrong: wrong.map(ToString::to_string),
            rows: say!("{n} row. Nobody is invited yet." | "{n} rows. Nobody is invited yet.", n = import.rows),
            headed: import.choices.headed,
            unread: unread.map(|(_, heading)| heading.as_str()).collect::<Vec<_>>().join(", "),
            columns: columns.map(column).collect(),
            teams: choices(view, organization, &chosen)?,
            new_teams: vec![
                new_team(NewTeams::Create, say!("Make the team")),
                new_team(NewTeams::LeaveOut, say!("Leave the person out")),
            ],
            names_teams: import.choices.columns.contains(&Column::Team),
            figures: figures(&sight),
            making: making(&sight),
            over_credits: over_credits(&sight, balance),
            button: (fault.is_none() && invited > 0)
                .then(|| say!("Invite {n} person" | "Invite {n} people", n = invited)),
            fault,
            first: sight.first.into_iter().map(SeenRow::new).collect(),
            wrong_rows: sight.wrong.into_iter().map(SeenRow::new).collect(),
            name: Message::english(import.name.clone()).into(),
        })
    })?;
    shown_with(request, status, &view)
}

fn shortened(cell: &str) -> String {
    const LONGEST: usize = 40;
    match cell.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &cell[..end]),
        None => cell.to_owned(),
    }
}

fn figures(sight: &Sight) -> Vec<Figure> {
    let figure = |outcome: &Outcome| Figure {
        value: grouped(sight.of(*outcome)),
        words: Foreseen(*outcome).words(),
        href: None,
        here: false,
    };
    let counted = |outcome: &&Outcome| **outcome == Outcome::Invited || sight.of(**outcome) > 0;
    Outcome::ALL.iter().filter(counted).map(figure).collect()
}

fn making(sight: &Sight) -> Option<Message> {
    let names: Vec<&str> = sight.new_teams.iter().take(NAMED).map(String::as_str).collect();
    match sight.new_teams.len() {
        0 => None,
        1 => Some(say!("The team {team} will be made.", team = names.join(""))),
        all if all > NAMED => Some(say!(
            "{all} teams will be made: {teams} and {more} more.",
            all = all,
            teams = names.join(", "),
            more = all - NAMED
        )),
        all => Some(say!("{all} teams will be made: {teams}.", all = all, teams = names.join(", "))),
    }
}

fn over_credits(sight: &Sight, balance: i64) -> Option<Message> {
    let over = sight.of(Outcome::Credits);
    (over > 0).then(|| {
        say!(
            "{n} person waits of this table for more credits: with {balance}, twice as many invites may be open at a time. Once there are more, invite them from here."
                | "{n} people wait of this table for more credits: with {balance}, twice as many invites may be open at a time. Once there are more, invite them from here.",
            n = over,
            balance = balance.unsigned_abs()
        )
    })
}

/// `POST /app/admin/imports/{id}`: how the table is to be read, and whether to invite now.
pub(super) async fn decide(
    app: Data<App>,
    request: HttpRequest,
    lead: Lead,
    id: Path<ImportId>,
    Form(form): Form<Vec<(String, String)>>,
) -> Result<HttpResponse> {
    let import = app.db.read(|view| imports::get(view, &lead.member.organization, &id))?;
    let (by, here) = (lead.actor(), href(&id));
    let choices = match choices_of(&form, &import) {
        Ok(choices) => choices,
        Err(error) => return screen(&app, &request, &lead, import, Some(&error), error.status()).await,
    };
    let invite = value(&form, "do") == "invite";
    // What is pressed beside a change was not seen with it.
    if !invite || choices != import.choices {
        let whose = by.clone();
        let chosen = app.db.write(move |tx| imports::choose(tx, &whose, &id, &choices)).await;
        return match chosen {
            Ok(_) if invite => saying(
                &app,
                to(here),
                say!("Nobody is invited yet: the table is read otherwise now. Look again, then invite."),
            ),
            Ok(_) => Ok(to(here)),
            Err(error) => refused(&app, &request, &lead, import, error).await,
        };
    }
    match app.db.write(move |tx| imports::start(tx, &by, &id)).await {
        Ok(_) => Ok(to(here)),
        Err(error) => refused(&app, &request, &lead, import, error).await,
    }
}

/// A draft once more, with why it can't be; whatever else it is by now, its own page.
async fn refused(
    app: &Data<App>,
    request: &HttpRequest,
    lead: &Lead,
    import: Import,
    error: Error,
) -> Result<HttpResponse> {
    match error {
        Error::Invalid(_) if import.state == imports::State::Draft => {
            screen(app, request, lead, import, Some(&error), error.status()).await
        }
        Error::Invalid(words) => saying(app, to(href(&import.id)), &words),
        Error::NotFound("Team") => {
            let gone = Error::invalid(say!("This team is not there any more. Choose another, then try again."));
            screen(app, request, lead, import, Some(&gone), gone.status()).await
        }
        other => Err(other),
    }
}

fn value<'f>(form: &'f [(String, String)], name: &str) -> &'f str {
    form.iter().find(|(given, _)| given == name).map_or("", |(_, value)| value)
}

fn choices_of(form: &[(String, String)], import: &Import) -> Result<Choices> {
    let column = |nth: usize| said(Some(value(form, &format!("c{nth}")))).unwrap_or(Column::Other);
    let team = team(value(form, "team"));
    Ok(Choices {
        headed: value(form, "headed") == "yes",
        columns: (0..import.choices.columns.len()).map(column).collect(),
        team: team
            .map_err(|_| Error::invalid(say!("This team is not there any more. Choose another, then try again.")))?,
        new_teams: said(Some(value(form, "new_teams"))).unwrap_or(import.choices.new_teams),
    })
}
