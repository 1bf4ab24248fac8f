//! The rows of a table as people: what each says, and what would become of it. The job asks the same questions.

use std::collections::{BTreeSet, HashMap, HashSet};

use rusqlite::named_params;

use super::{Choices, Column, Import, NewTeams, Outcome, reading};
use crate::{
    db::View,
    error::Result,
    i18n::Message,
    ids::{OrganizationId, TeamId},
    invites::{self, Known, Taken},
    members::{Email, PersonName, Title},
    teams::{self, TeamName},
};

/// Somebody as a row names them.
#[derive(Clone, Debug)]
pub(super) struct Person {
    pub(super) email: Email,
    pub(super) known: Known,
    /// The team the row names.
    pub(super) team: Option<String>,
}

/// Reads a row; or says what is wrong with it.
pub(super) fn person(cells: &[String], choices: &Choices) -> Result<Person, Message> {
    let cell = |wanted: Column| {
        let at = choices.columns.iter().position(|column| *column == wanted)?;
        cells.get(at).map(|cell| cell.trim()).filter(|cell| !cell.is_empty())
    };
    let written = cell(Column::Email).ok_or_else(|| say!("No address in this row"))?;
    let addresses: Vec<String> = reading::addresses(written).collect();
    let address = match addresses.as_slice() {
        [] => written,
        [one] => one,
        _ => return Err(say!("More than one address in this row")),
    };
    let email = address.parse::<Email>().map_err(|_| no_address(&format!("{address:.100}")))?;
    let whole = cell(Column::Name).map(str::to_owned);
    let halves: Vec<&str> = [cell(Column::First), cell(Column::Last)].into_iter().flatten().collect();
    let beside = || written.split_once('<').map(|(name, _)| name.trim_matches(['"', '\'', ' ']).to_owned());
    let name = whole.or_else(|| (!halves.is_empty()).then(|| halves.join(" "))).or_else(beside);
    let name = name.filter(|name| !name.is_empty()).map(|name| PersonName::parse(&name)).transpose();
    let title = Title::parse(cell(Column::Title).unwrap_or_default());
    let team = cell(Column::Team).map(|team| team.split_whitespace().collect::<Vec<_>>().join(" "));
    if let Some(team) = &team {
        TeamName::parse(team).map_err(|_| say!("The team's name is longer than 100 characters"))?;
    }
    Ok(Person {
        email,
        known: Known {
            name: name.map_err(|_| say!("The name is longer than 200 characters"))?,
            title: title.map_err(|_| say!("The job title is longer than 200 characters"))?,
        },
        team,
    })
}

fn no_address(written: &str) -> Message {
    say!("\"{written}\" is not an e-mail address", written)
}

/// What was noted of a row in English, to be read in any language.
pub fn told(note: &str) -> Message {
    Message::recognised(note, [say!("\"{written}\" is not an e-mail address")])
}

/// The teams of an organization, to be found by their names.
pub(super) struct Teams(HashMap<String, TeamId>);

impl Teams {
    pub(super) fn of(view: &View, organization: &OrganizationId) -> Result<Self> {
        let listed = teams::list(view, organization)?.into_iter();
        Ok(Self(listed.map(|team| (team.name.to_ascii_lowercase(), team.id)).collect()))
    }

    /// The same letters, large or small, are the same name, as the schema has it.
    pub(super) fn named(&self, name: &str) -> Option<&TeamId> {
        self.0.get(&name.to_ascii_lowercase())
    }

    pub(super) fn add(&mut self, name: &str, id: TeamId) {
        self.0.insert(name.to_ascii_lowercase(), id);
    }
}

/// Why somebody who has no place and no invite here is not asked all the same: their team.
pub(super) fn lacks_team(person: &Person, teams: &Teams, choices: &Choices) -> bool {
    let unknown = person.team.as_deref().is_some_and(|team| teams.named(team).is_none());
    unknown && choices.new_teams == NewTeams::LeaveOut
}

pub(super) fn outcome_of(taken: Taken) -> Outcome {
    match taken {
        Taken::Member => Outcome::Member,
        Taken::Invited => Outcome::Pending,
    }
}

/// A row as it is understood.
#[derive(Clone, Debug)]
pub struct Seen {
    /// Where it begins in the file.
    pub line: u32,
    /// The address, or what stands in its place.
    pub email: String,
    /// The name.
    pub name: String,
    /// The team they would join, by its name; none if they would join none.
    pub team: Option<String>,
    /// The job title.
    pub title: String,
    /// What would become of it.
    pub outcome: Outcome,
    /// What else there is to say.
    pub note: Option<Message>,
}

/// What would become of a table.
#[derive(Clone, Debug, Default)]
pub struct Sight {
    /// Its first rows.
    pub first: Vec<Seen>,
    /// The first rows behind them with something wrong.
    pub wrong: Vec<Seen>,
    /// How many would have each outcome.
    pub counts: HashMap<Outcome, u32>,
    /// Teams that would be made, by name.
    pub new_teams: BTreeSet<String>,
}

impl Sight {
    /// How many would have this outcome.
    pub fn of(&self, outcome: Outcome) -> u32 {
        self.counts.get(&outcome).copied().unwrap_or_default()
    }
}

/// Looks at a whole table as it would be worked off now, without doing anything: for [`crate::db::Db::scan`]. `few` rows of each
/// kind are kept; of the others, their addresses only.
///
/// # Errors
/// None that a caller could do something about.
pub fn look(view: &View, import: &Import, few: usize) -> Result<Sight> {
    let teams = Teams::of(view, &import.organization)?;
    let standard = match &import.choices.team {
        Some(team) => Some(teams::get(view, &import.organization, team)?.name),
        None => None,
    };
    let (mut sight, mut seen, mut made) = (Sight::default(), HashSet::new(), HashSet::new());
    let mut room = invites::room(view, &import.organization)?;
    view.each(
        "select line, cells from import_rows where import_id = :id and number >= :first order by number",
        named_params! { ":id": import.id, ":first": i64::from(import.choices.headed) },
        |row| {
            let cells: String = row.get("cells")?;
            let cells: Vec<String> = serde_json::from_str(&cells)?;
            let read = person(&cells, &import.choices);
            let (outcome, note) = match &read {
                Err(why) => (Outcome::Invalid, Some(why.clone())),
                Ok(person) if !seen.insert(person.email.clone()) => (Outcome::Duplicate, None),
                Ok(person) => match invites::taken(view, &import.organization, &person.email)? {
                    Some(taken) => (outcome_of(taken), None),
                    None if lacks_team(person, &teams, &import.choices) => (Outcome::Team, None),
                    None if room == Some(0) => (Outcome::Credits, None),
                    None => {
                        room = room.map(|room| room - 1);
                        (Outcome::Invited, None)
                    }
                },
            };
            *sight.counts.entry(outcome).or_default() += 1;
            let team = read.as_ref().ok().and_then(|person| person.team.clone());
            let unknown = team.as_ref().filter(|team| outcome == Outcome::Invited && teams.named(team).is_none());
            if let Some(team) = unknown.filter(|team| made.insert(team.to_ascii_lowercase())) {
                sight.new_teams.insert(team.clone());
            }
            let wrong = matches!(outcome, Outcome::Invalid | Outcome::Team);
            let first = sight.first.len() < few;
            let rows = if first { &mut sight.first } else { &mut sight.wrong };
            if rows.len() < few && (first || wrong) {
                let team = team.or_else(|| standard.clone());
                rows.push(shown(row.get("line")?, &cells, &import.choices, read.ok(), team, outcome, note));
            }
            Ok(())
        },
    )?;
    Ok(sight)
}

fn shown(
    line: u32,
    cells: &[String],
    choices: &Choices,
    person: Option<Person>,
    team: Option<String>,
    outcome: Outcome,
    note: Option<Message>,
) -> Seen {
    let at = choices.columns.iter().position(|column| *column == Column::Email);
    let written = at.and_then(|at| cells.get(at)).cloned().unwrap_or_default();
    let (email, name, title) = match person {
        Some(Person { email, known, .. }) => (
            email.to_string(),
            known.name.map(|name| name.as_str().to_owned()).unwrap_or_default(),
            known.title.as_str().unwrap_or_default().to_owned(),
        ),
        None => (written, String::new(), String::new()),
    };
    Seen { line, email, name, team, title, outcome, note }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Language;

    fn read(columns: &[Column], cells: &[&str]) -> Result<Person, Message> {
        let choices = Choices { headed: true, columns: columns.to_vec(), team: None, new_teams: NewTeams::Create };
        person(&cells.iter().map(|cell| (*cell).to_owned()).collect::<Vec<_>>(), &choices)
    }

    #[test]
    fn a_row_is_read_as_a_person() {
        use Column::{Email, First, Last, Name, Other, Team, Title};
        let kim =
            read(&[Other, First, Last, Email, Team, Title], &["7", " Kim ", "Lee", "KIM@x.test ", " R & D\n1", "Lead"])
                .unwrap();
        assert_eq!(kim.email.as_str(), "kim@x.test");
        assert_eq!(kim.known.name.unwrap().as_str(), "Kim Lee");
        assert_eq!((kim.known.title.as_str(), kim.team.as_deref()), (Some("Lead"), Some("R & D 1")));
        let name = |columns: &[Column], cells: &[&str]| {
            read(columns, cells).unwrap().known.name.map(|name| name.as_str().to_owned())
        };
        assert_eq!(name(&[Email], &["Lee, Kim <kim@x.test>"]), Some("Lee, Kim".to_owned()));
        assert_eq!(name(&[Name, Email], &["Kim", "K. Lee <kim@x.test>"]), Some("Kim".to_owned()));
        assert_eq!(name(&[Email, Last], &["mailto:kim@x.test", "Lee"]), Some("Lee".to_owned()));
        assert_eq!(name(&[Email, Name], &["<kim@x.test>"]), None);
    }

    #[test]
    fn what_is_wrong_with_a_row_is_said() {
        use Column::{Email, Name, Team};
        let long = "x".repeat(201);
        for (cells, words) in [
            (["", "Kim", ""], "No address"),
            (["kim at x", "Kim", ""], "\"kim at x\" is not an e-mail address"),
            (["kim@x", "Kim", ""], "not an e-mail address"),
            (["kim@x.test / sam@x.test", "", ""], "More than one address"),
            (["kim@x.test", &long, ""], "longer than 200"),
            (["kim@x.test", "", &long], "longer than 100"),
        ] {
            let why = read(&[Email, Name, Team], &cells).unwrap_err();
            assert!(why.to_string().contains(words), "{why}");
            assert_eq!(told(&why.to_string()).in_language(Language::Pseudo), why.in_language(Language::Pseudo));
        }
    }
}
