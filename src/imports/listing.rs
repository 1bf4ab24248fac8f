//! What became of the rows of a table, to look through and to take out.

use std::collections::HashMap;

use rusqlite::{Row, named_params};

use super::{Import, Outcome};
use crate::{
    db::{Part, Slice, View},
    error::Result,
    ids::{ImportId, OrganizationId},
};

/// How many rows have which result.
#[derive(Clone, Debug, Default)]
pub struct Counts {
    each: HashMap<Outcome, u32>,
    /// Rows that wait.
    pub waiting: u32,
    /// Rows whose team was made for them: as many teams.
    pub new_teams: u32,
}

impl Counts {
    /// How many have this one.
    pub fn of(&self, outcome: Outcome) -> u32 {
        self.each.get(&outcome).copied().unwrap_or_default()
    }

    /// How many have one at all.
    pub fn worked(&self) -> u32 {
        self.each.values().sum()
    }
}

/// Counts the results of an import.
pub fn counts(view: &View, import: &Import) -> Result<Counts> {
    let mut counts = Counts::default();
    view.each(
        "select result, count(*) as rows, sum(new_team) as new_teams from import_rows
         where import_id = :id and number >= :first
         group by result",
        named_params! { ":id": import.id, ":first": i64::from(import.choices.headed) },
        |row| {
            let rows = row.get("rows")?;
            counts.new_teams += row.get::<_, u32>("new_teams")?;
            match row.get("result")? {
                Some(outcome) => drop(counts.each.insert(outcome, rows)),
                None => counts.waiting = rows,
            }
            Ok(())
        },
    )?;
    Ok(counts)
}

/// An organization's imports, newest first.
pub fn lately(view: &View, organization: &OrganizationId, limit: u32) -> Result<Vec<Import>> {
    view.all(
        "select * from imports where organization_id = :organization and state != 'reading'
         order by created_at desc, id desc limit :limit",
        named_params! { ":organization": organization, ":limit": limit },
        Import::from_row,
    )
}

/// Which rows to list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Filter {
    /// All of them.
    #[default]
    All,
    /// With this result.
    With(Outcome),
    /// Whose team was made for them.
    NewTeam,
}

impl Filter {
    /// As addresses name it; any other name is all.
    pub fn named(text: &str) -> Self {
        match text {
            "new-team" => Self::NewTeam,
            text => text.parse().map(Self::With).unwrap_or_default(),
        }
    }

    /// What addresses name it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::All => "",
            Self::With(outcome) => outcome.as_str(),
            Self::NewTeam => "new-team",
        }
    }

    fn outcome(self) -> Option<Outcome> {
        if let Self::With(outcome) = self { Some(outcome) } else { None }
    }
}

/// A row of a table, and what became of it.
#[derive(Clone, Debug)]
pub struct Kept {
    /// Its place in the table.
    pub number: i64,
    /// Where it begins in the file.
    pub line: u32,
    /// As it came.
    pub cells: Vec<String>,
    /// Whom it names, once it was worked off.
    pub email: Option<String>,
    /// What became of it; nothing yet while it waits.
    pub outcome: Option<Outcome>,
    /// What else there is to say.
    pub note: Option<String>,
    /// Its team was made for it.
    pub new_team: bool,
}

impl Kept {
    fn from_row(row: &Row) -> rusqlite::Result<Self> {
        let cells: String = row.get("cells")?;
        Ok(Self {
            number: row.get("number")?,
            line: row.get("line")?,
            cells: serde_json::from_str(&cells).unwrap_or_default(),
            email: row.get("email")?,
            outcome: row.get("result")?,
            note: row.get("note")?,
            new_team: row.get("new_team")?,
        })
    }
}

/// A part of the rows of an import, in the order of the table.
pub fn page(view: &View, import: &Import, filter: Filter, part: &Part<i64>, limit: u32) -> Result<Slice<Kept>> {
    let headed = i64::from(import.choices.headed);
    part.read(
        limit,
        |after, limit| rows(view, &import.id, filter, after.map_or(headed, |after| after + 1), limit),
        |before, limit| {
            view.all(
                "select * from import_rows
                 where import_id = :id and number >= :first and number < :before
                   and (:result is null or result = :result) and new_team >= :new_team
                 order by number desc limit :limit",
                named_params! {
                    ":id": import.id, ":first": headed, ":before": before, ":result": filter.outcome(),
                    ":new_team": filter == Filter::NewTeam, ":limit": limit,
                },
                Kept::from_row,
            )
        },
    )
}

/// The rows of an import from its `first` on, which for the one of headings is 0.
pub fn rows(view: &View, id: &ImportId, filter: Filter, first: i64, limit: u32) -> Result<Vec<Kept>> {
    view.all(
        "select * from import_rows
         where import_id = :id and number >= :first and (:result is null or result = :result) and new_team >= :new_team
         order by number limit :limit",
        named_params! {
            ":id": id, ":first": first, ":result": filter.outcome(), ":new_team": filter == Filter::NewTeam, ":limit": limit,
        },
        Kept::from_row,
    )
}
