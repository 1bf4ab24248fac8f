//! People to invite, out of a table: it is taken down as it came, looked at before anything is sent, and then worked off by a
//! job, a piece at a time. Each row has its own result, so that nothing is lost and everything can be corrected.

use std::time::Duration;

use rusqlite::{Row, named_params};

use crate::{
    audit::{Action, Via},
    clock::Timestamp,
    db::{Topic, Tx, View, stored_as_text},
    error::{Error, Result},
    i18n::{Language, Message},
    ids::{ImportId, MemberId, OrganizationId, TeamId},
    members::{self, Actor, Role},
    queue::{self, Job},
    tables, teams,
};

mod columns;
mod listing;
mod people;
mod reading;
mod work;

pub use columns::Column;
pub use listing::{Counts, Filter, Kept, counts, lately, page, rows};
pub use people::{Seen, Sight, look, told};
pub use reading::{MOST_ROWS, Sheet, read};
pub use work::work;

/// A table that nobody begins to invite from, and what became of one, is kept so long.
const DRAFTS: Duration = Duration::from_secs(24 * 60 * 60);
const RESULTS: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// Imports thrown away in one transaction: each has thousands of rows.
const FEW: u32 = 5;

stored_as_text! {
    /// How far an import is.
    pub enum State {
        /// Its rows are being taken down.
        Reading = "reading",
        /// It can be looked at and changed.
        Draft = "draft",
        /// People are being invited.
        Running = "running",
        /// That was stopped; the rest waits.
        Stopped = "stopped",
        /// Every row has its result.
        Done = "done",
    }
}

stored_as_text! {
    /// What becomes of somebody who is to join a team that isn't there.
    pub enum NewTeams {
        /// It is made.
        Create = "create",
        /// They are not invited.
        LeaveOut = "leave_out",
    }
}

stored_as_text! {
    /// What became of a row, or would.
    pub enum Outcome {
        /// They are invited.
        Invited = "invited",
        /// They have a place here already.
        Member = "member",
        /// They have an invite that they can accept.
        Pending = "pending",
        /// They stand further up in the same table.
        Duplicate = "duplicate",
        /// There is no address, or something else is wrong with the row.
        Invalid = "invalid",
        /// Their team isn't there.
        Team = "team",
        /// No more may wait for an answer, for want of credits.
        Credits = "credits",
    }
}

/// A table of people, and how it is understood.
#[derive(Clone, Debug)]
pub struct Import {
    /// Which.
    pub id: ImportId,
    /// Whose.
    pub organization: OrganizationId,
    /// What the file is called.
    pub name: String,
    /// How it is understood.
    pub choices: Choices,
    /// How far it is.
    pub state: State,
    /// Rows of people.
    pub rows: u32,
    /// When it was begun.
    pub created_at: Timestamp,
    via: Via,
    made_by: Option<MemberId>,
}

/// What can be chosen of an import before anybody is invited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choices {
    /// Whether the first row says what the columns hold.
    pub headed: bool,
    /// What each column holds, from the left.
    pub columns: Vec<Column>,
    /// The team of people whose row names none.
    pub team: Option<TeamId>,
    /// What becomes of the people of teams that aren't there.
    pub new_teams: NewTeams,
}

impl Choices {
    /// Why nobody can be invited by them yet.
    pub fn fault(&self) -> Option<Message> {
        let twice = |column: &Column| self.columns.iter().filter(|one| *one == column).count() > 1;
        if Column::ALL.iter().any(|column| *column != Column::Other && twice(column)) {
            return Some(say!(
                "Two columns are said to hold the same. Choose one of them, and \"Nothing we need\" for the other."
            ));
        }
        let addressed = self.columns.contains(&Column::Email);
        (!addressed).then(|| say!("No column is said to hold the e-mail addresses. Choose the one that does."))
    }
}

impl Import {
    fn from_row(row: &Row) -> rusqlite::Result<Self> {
        let columns: String = row.get("columns")?;
        Ok(Self {
            id: row.get("id")?,
            organization: row.get("organization_id")?,
            name: row.get("name")?,
            choices: Choices {
                headed: row.get("headed")?,
                columns: serde_json::from_str(&columns).unwrap_or_default(),
                team: row.get("team_id")?,
                new_teams: row.get("new_teams")?,
            },
            state: row.get("state")?,
            rows: row.get("rows")?,
            created_at: row.get("created_at")?,
            via: row.get("via")?,
            made_by: row.get("made_by")?,
        })
    }

    /// Who invites; nobody if they lead nobody here any more.
    fn inviter(&self, view: &View) -> Result<Option<Actor>> {
        let by = match (self.via, &self.made_by) {
            (Via::Operator, _) => Some(Actor::operator(self.organization.clone())),
            (_, Some(id)) => Some(members::of_organization(view, &self.organization, id)?.actor()),
            (_, None) => None,
        };
        Ok(by.filter(|by| by.must_be(Role::Admin).is_ok()))
    }
}

/// Begins an import out of a table that was read. Its rows follow by [`take_down`].
///
/// # Errors
/// Whoever does it leads nobody; a foreign team.
pub fn begin(tx: &Tx, by: &Actor, name: &str, sheet: &Sheet, team: Option<&TeamId>) -> Result<Import> {
    by.must_be(Role::Admin)?;
    if let Some(team) = team {
        teams::must_exist(tx, &by.organization, team)?;
    }
    let called: String = name.chars().filter(|sign| !sign.is_control()).take(200).collect();
    let pasted = say!("Pasted table").in_language(Language::English);
    let called = if called.trim().is_empty() { pasted.as_str() } else { called.trim() };
    tx.one(
        "insert into imports (id, organization_id, name, headed, columns, team_id, via, made_by, created_at, touched_at)
         values (:id, :organization, :name, :headed, :columns, :team, :via, :by, :now, :now)
         returning *",
        named_params! {
            ":id": ImportId::new(), ":organization": by.organization, ":name": called, ":headed": sheet.headed,
            ":columns": serde_json::to_string(&sheet.columns)?, ":team": team, ":via": door(by), ":by": by.member,
            ":now": tx.now,
        },
        Import::from_row,
    )
}

/// A key of the API can't import.
fn door(by: &Actor) -> Via {
    if by.member.is_some() { Via::Session } else { Via::Operator }
}

/// Rows taken down in one transaction, so that nobody waits behind it.
pub const BATCH: usize = 1000;

/// Takes down rows of the table, of which the first one is its `from`th, counted from 0.
pub fn take_down(tx: &Tx, id: &ImportId, from: usize, rows: &[tables::Row]) -> Result<()> {
    for (nth, row) in rows.iter().enumerate() {
        tx.execute(
            "insert into import_rows (import_id, number, line, cells) values (:import, :number, :line, :cells)",
            named_params! {
                ":import": id, ":number": i64::try_from(from + nth).map_err(Error::internal)?,
                ":line": i64::try_from(row.number).map_err(Error::internal)?,
                ":cells": serde_json::to_string(&row.cells)?,
            },
        )?;
    }
    Ok(())
}

/// All rows are there: it can be looked at.
pub fn complete(tx: &Tx, id: &ImportId) -> Result<()> {
    tx.execute(
        "update imports set state = 'draft', touched_at = :now,
             rows = (select count(*) from import_rows where import_id = :id) - headed
         where id = :id and state = 'reading'",
        named_params! { ":id": id, ":now": tx.now },
    )?;
    Ok(())
}

/// The import with this id, if it is this organization's and was read to its end.
pub fn get(view: &View, organization: &OrganizationId, id: &ImportId) -> Result<Import> {
    view.find(
        "select * from imports where id = :id and organization_id = :organization and state != 'reading'",
        named_params! { ":id": id, ":organization": organization },
        Import::from_row,
    )?
    .ok_or(Error::NotFound("Import"))
}

/// What the columns are headed with; nothing where the table has no headings.
pub fn headings(view: &View, import: &Import) -> Result<Vec<String>> {
    if !import.choices.headed {
        return Ok(Vec::new());
    }
    first_row(view, import)
}

/// The first row of the table, whatever it is.
pub fn first_row(view: &View, import: &Import) -> Result<Vec<String>> {
    let cells: String = view.one(
        "select cells from import_rows where import_id = :id and number = 0",
        named_params! { ":id": import.id },
        |row| row.get(0),
    )?;
    Ok(serde_json::from_str(&cells)?)
}

/// Says how the table is to be understood.
///
/// # Errors
/// People are invited out of it already; a foreign team; a column too many or too few.
pub fn choose(tx: &Tx, by: &Actor, id: &ImportId, choices: &Choices) -> Result<Import> {
    by.must_be(Role::Admin)?;
    let import = get(tx, &by.organization, id)?;
    must_be(&import, &[State::Draft])?;
    if let Some(team) = &choices.team {
        teams::must_exist(tx, &by.organization, team)?;
    }
    if choices.columns.len() != import.choices.columns.len() {
        return Err(Error::invalid(say!("This form is of another table. Load the page again, then choose.")));
    }
    tx.one(
        "update imports set headed = :headed, columns = :columns, team_id = :team, new_teams = :new_teams, touched_at = :now,
             rows = (select count(*) from import_rows where import_id = :id) - :headed
         where id = :id
         returning *",
        named_params! {
            ":headed": choices.headed, ":columns": serde_json::to_string(&choices.columns)?, ":team": choices.team,
            ":new_teams": choices.new_teams, ":now": tx.now, ":id": id,
        },
        Import::from_row,
    )
}

fn must_be(import: &Import, states: &[State]) -> Result<()> {
    if states.contains(&import.state) {
        return Ok(());
    }
    Err(Error::invalid(match import.state {
        State::Running => say!("People are being invited out of this table now. Stop that first."),
        State::Reading | State::Draft => say!("Nobody was invited out of this table yet."),
        State::Stopped | State::Done => {
            say!("People were invited out of this table already. Import it again to change how it is read.")
        }
    }))
}

/// Begins to invite: a job works the rows off.
///
/// # Errors
/// It was begun before, or can't be by what was chosen.
pub fn start(tx: &Tx, by: &Actor, id: &ImportId) -> Result<Import> {
    by.must_be(Role::Admin)?;
    let import = get(tx, &by.organization, id)?;
    must_be(&import, &[State::Draft])?;
    if let Some(fault) = import.choices.fault() {
        return Err(Error::invalid(fault));
    }
    run(tx, by, &import, None)
}

/// Takes an import up again: the rows that wait, and those that were over the credits.
///
/// # Errors
/// There are none.
pub fn go_on(tx: &Tx, by: &Actor, id: &ImportId) -> Result<Import> {
    by.must_be(Role::Admin)?;
    let import = get(tx, &by.organization, id)?;
    must_be(&import, &[State::Stopped, State::Done])?;
    let again = tx.execute(
        "update import_rows set result = null, note = null, email = null where import_id = :id and result = 'credits'",
        named_params! { ":id": id },
    )?;
    if import.state == State::Done && again == 0 {
        return Err(Error::invalid(say!("Every row of this table has its result. There is nobody left to invite.")));
    }
    run(tx, by, &import, Some("once more"))
}

fn run(tx: &Tx, by: &Actor, import: &Import, again: Option<&str>) -> Result<Import> {
    let running = tx.one(
        "update imports set state = 'running', via = :via, made_by = :by, touched_at = :now where id = :id returning *",
        named_params! { ":via": door(by), ":by": by.member, ":now": tx.now, ":id": import.id },
        Import::from_row,
    )?;
    push(tx, &import.id)?;
    let rows = if import.rows == 1 { "1 row".to_owned() } else { format!("{} rows", import.rows) };
    let detail = again.map(str::to_owned).unwrap_or(rows);
    by.note_about(tx, Action::PeopleImported, &import.name, Some(&detail))?;
    tx.ring(Topic::Organization(import.organization.clone()));
    Ok(running)
}

fn push(tx: &Tx, id: &ImportId) -> Result<()> {
    queue::push_unique(tx, Job::Import(id.clone()), &format!("import@{id}"), tx.now).map(drop)
}

/// Stops inviting. Who is invited stays so; the rest waits.
///
/// # Errors
/// Nobody is being invited.
pub fn stop(tx: &Tx, by: &Actor, id: &ImportId) -> Result<()> {
    by.must_be(Role::Admin)?;
    let import = get(tx, &by.organization, id)?;
    if import.state != State::Running {
        return Err(Error::invalid(say!(
            "Nobody is being invited out of this table now, so there is nothing to stop."
        )));
    }
    step(tx, &import, State::Stopped)?;
    by.note_about(tx, Action::PeopleImported, &import.name, Some("stopped"))
}

fn step(tx: &Tx, import: &Import, state: State) -> Result<()> {
    tx.execute(
        "update imports set state = :state, touched_at = :now where id = :id",
        named_params! { ":state": state, ":now": tx.now, ":id": import.id },
    )?;
    tx.ring(Topic::Organization(import.organization.clone()));
    Ok(())
}

/// Throws a table away, with the results of its rows. Who was invited out of it stays invited.
///
/// # Errors
/// People are being invited out of it.
pub fn discard(tx: &Tx, by: &Actor, id: &ImportId) -> Result<()> {
    by.must_be(Role::Admin)?;
    let import = get(tx, &by.organization, id)?;
    must_be(&import, &[State::Draft, State::Stopped, State::Done])?;
    forget(tx, id)
}

fn forget(tx: &Tx, id: &ImportId) -> Result<()> {
    tx.execute("delete from imports where id = :id", named_params! { ":id": id })?;
    Ok(())
}

/// Throws away what has had its time. How many that were.
pub fn expire(tx: &Tx) -> Result<usize> {
    let old: Vec<ImportId> = tx.all(
        "select id from imports
         where touched_at < :results or (touched_at < :drafts and state in ('reading', 'draft'))
         limit :few",
        named_params! { ":results": tx.now - RESULTS, ":drafts": tx.now - DRAFTS, ":few": FEW },
        |row| row.get(0),
    )?;
    for id in &old {
        forget(tx, id)?;
    }
    Ok(old.len())
}
