//! `headroom invite send --file`: the same import as on the page, worked off here and now.

use std::{
    io::{self, Read},
    path::{Path, PathBuf},
};

use serde_json::{Value, json};

use super::{Said, Station, shown_one};
use crate::{
    error::{Error, Result},
    imports::{self, Column, Filter, Import, Kept, NewTeams, Outcome, Sheet, Sight},
    invites,
    members::{Actor, Email},
    organizations, teams,
};

/// Rows read at once to say what became of them.
const PIECE: u32 = 500;

/// What was asked for.
pub(super) struct Sending {
    pub(super) org: String,
    pub(super) file: PathBuf,
    pub(super) team: Option<String>,
    pub(super) known_teams: bool,
    pub(super) check: bool,
}

/// Invites everyone who can be out of a file, and says line by line who was left out. A run that is cut off is gone on with by the
/// server, and is listed on the page of imports like any other.
pub(super) fn send(station: &Station, sending: &Sending) -> Result<Said> {
    let sheet = imports::read(&read(&sending.file)?)?;
    let (by, import) = taken(station, sending, sheet)?;
    let id = import.id.clone();
    if sending.check {
        let sight = station.db.read(|view| imports::look(view, &import, usize::MAX));
        station.db.write_and_wait(move |tx| imports::discard(tx, &by, &id))?;
        return sight.map(|sight| foreseen(&sight));
    }
    station.db.write_and_wait(move |tx| imports::start(tx, &by, &id))?;
    let mut more = true;
    while more {
        let id = import.id.clone();
        more = station.db.write_and_wait(move |tx| imports::work(tx, &id))?;
    }
    told(station, &import)
}

/// The table, as it is to be understood.
fn taken(station: &Station, sending: &Sending, sheet: Sheet) -> Result<(Actor, Import)> {
    let name = match sending.file.file_name().filter(|_| sending.file != Path::new("-")) {
        Some(name) => name.to_string_lossy().into_owned(),
        None => "Standard input".to_owned(),
    };
    let (org, team) = (sending.org.clone(), sending.team.clone());
    let new_teams = if sending.known_teams { NewTeams::LeaveOut } else { NewTeams::Create };
    station.db.write_and_wait(move |tx| {
        let organization = organizations::named(tx, &org)?.id;
        let team = team.map(|text| teams::named(tx, &organization, &text)).transpose()?.map(|team| team.id);
        let by = Actor::operator(organization);
        let import = imports::begin(tx, &by, &name, &sheet, team.as_ref())?;
        imports::take_down(tx, &import.id, 0, &sheet.rows)?;
        imports::complete(tx, &import.id)?;
        let choices = imports::Choices { new_teams, ..import.choices };
        let import = imports::choose(tx, &by, &import.id, &choices)?;
        Ok((by, import))
    })
}

/// What became of each row. The same words for programs as ever, and two more.
fn told(station: &Station, import: &Import) -> Result<Said> {
    let (mut invited, mut left_out, mut words) = (Vec::new(), Vec::new(), Vec::new());
    let mut next = i64::from(import.choices.headed);
    loop {
        let rows = station.db.read(|view| imports::rows(view, &import.id, Filter::All, next, PIECE))?;
        let Some(last) = rows.last() else { break };
        next = last.number + 1;
        for row in &rows {
            match row.outcome {
                Some(Outcome::Invited) => {
                    let (one, said) = asked(station, import, row)?;
                    invited.push(one);
                    words.push(said);
                }
                outcome => {
                    let (text, name) = (written(import, row), name(outcome));
                    let why = row.note.as_deref().unwrap_or_else(|| why(outcome));
                    words.push(format!("Left out line {}, {text}: {why}.", row.line));
                    left_out.push(json!({ "line": row.line, "text": text, "why": name }));
                }
            }
        }
    }
    if invited.is_empty() {
        let credits = left_out.iter().any(|row| row["why"] == "credits");
        return Err(Error::invalid(match credits {
            true => {
                plain!(
                    "Nobody was invited: as many invites are open as the credits allow. Grant credits, then send the file again."
                )
            }
            false => plain!("Nobody was invited: there is no new address in this file."),
        }));
    }
    let json = json!({ "import": import.id, "invites": invited, "leftOut": left_out });
    Ok(Said::new(json, words.join("\n")))
}

fn asked(station: &Station, import: &Import, row: &Kept) -> Result<(Value, String)> {
    let email: Email = row.email.as_deref().unwrap_or_default().parse()?;
    let invite = station.db.read(|view| invites::live(view, &import.organization, &email))?;
    let shown = invite.map(|invite| shown_one(station, &invite)).unwrap_or_else(|| json!({ "email": email }));
    Ok((shown, format!("Invited {email}.")))
}

/// What stands in a row for an address.
fn written(import: &Import, row: &Kept) -> String {
    let at = import.choices.columns.iter().position(|column| *column == Column::Email);
    let cell = at.and_then(|at| row.cells.get(at)).map(|cell| cell.trim()).unwrap_or_default();
    row.email.clone().unwrap_or_else(|| cell.to_owned())
}

/// What would become of it.
fn foreseen(sight: &Sight) -> Said {
    let counts: serde_json::Map<String, Value> =
        Outcome::ALL.iter().map(|outcome| (name(Some(*outcome)).to_owned(), json!(sight.of(*outcome)))).collect();
    let mut words = vec![format!("Would invite {}.", sight.of(Outcome::Invited))];
    let wrong = sight.first.iter().filter(|row| row.outcome != Outcome::Invited);
    words.extend(wrong.map(|row| {
        format!(
            "Would leave out line {}, {}: {}.",
            row.line,
            row.email,
            row.note.as_ref().map_or_else(|| why(Some(row.outcome)).to_owned(), ToString::to_string)
        )
    }));
    words.extend(sight.new_teams.iter().map(|team| format!("Would make the team {team}.")));
    Said::new(json!({ "check": counts, "newTeams": sight.new_teams }), words.join("\n"))
}

fn name(outcome: Option<Outcome>) -> &'static str {
    match outcome {
        Some(Outcome::Invited) => "new",
        Some(Outcome::Member) => "member",
        Some(Outcome::Pending) => "invited",
        Some(Outcome::Duplicate) => "duplicate",
        Some(Outcome::Invalid) => "bad",
        Some(Outcome::Team) => "team",
        Some(Outcome::Credits) => "credits",
        None => "waiting",
    }
}

fn why(outcome: Option<Outcome>) -> &'static str {
    match outcome {
        Some(Outcome::Invited) => "new",
        Some(Outcome::Member) => "already a member",
        Some(Outcome::Pending) => "already invited",
        Some(Outcome::Duplicate) => "already in this file",
        Some(Outcome::Invalid) => "not an e-mail address",
        Some(Outcome::Team) => "its team is not there",
        Some(Outcome::Credits) => "over the credits",
        None => "stopped before it",
    }
}

fn read(file: &Path) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if file == Path::new("-") {
        io::stdin().lock().read_to_end(&mut bytes)?;
        return Ok(bytes);
    }
    std::fs::read(file).map_err(|cause| {
        Error::invalid(plain!(
            "{} can't be read: {cause}. Name a file with addresses, or - for standard input.",
            file.display()
        ))
    })
}
