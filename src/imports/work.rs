//! The rows of a table, worked off: a piece of them in one transaction, so that a server that is killed has lost nothing and done
//! nothing twice, and nobody else waits behind it.

use rusqlite::named_params;

use super::{
    Import, Outcome, State,
    people::{Teams, lacks_team, outcome_of, person},
    step,
};
use crate::{
    db::{Topic, Tx},
    error::Result,
    i18n::Language,
    ids::{ImportId, TeamId},
    invites::{self, Answer, NewInvite, Series},
    members::{Actor, Email},
    teams::{self, TeamName},
};

/// Rows in one transaction.
const PIECE: u32 = 100;

/// What became of a row.
struct Done {
    email: Option<Email>,
    outcome: Outcome,
    note: Option<String>,
    new_team: bool,
}

/// Works off the next rows of an import. Whether more of them wait.
///
/// # Errors
/// None that whoever started it could do something about.
pub fn work(tx: &Tx, id: &ImportId) -> Result<bool> {
    let found = tx.find("select * from imports where id = :id", named_params! { ":id": id }, Import::from_row)?;
    let Some(import) = found.filter(|import| import.state == State::Running) else { return Ok(false) };
    let Some(by) = import.inviter(tx)? else {
        // Whoever leads here now can take it up.
        step(tx, &import, State::Stopped)?;
        return Ok(false);
    };
    let rows: Vec<(i64, String)> = tx.all(
        "select number, cells from import_rows
         where import_id = :id and result is null and number >= :first
         order by number limit :piece",
        named_params! { ":id": id, ":first": i64::from(import.choices.headed), ":piece": PIECE },
        |row| Ok((row.get("number")?, row.get("cells")?)),
    )?;
    let mut series = Series::begin(tx, &by)?;
    let mut teams = Teams::of(tx, &import.organization)?;
    for (number, cells) in &rows {
        let cells: Vec<String> = serde_json::from_str(cells)?;
        let done = one(tx, &by, &import, &mut series, &mut teams, *number, &cells)?;
        keep(tx, id, *number, &done)?;
    }
    let more = rows.len() == PIECE as usize;
    if more {
        tx.execute("update imports set touched_at = :now where id = :id", named_params! { ":now": tx.now, ":id": id })?;
        tx.ring(Topic::Organization(import.organization.clone()));
    } else {
        step(tx, &import, State::Done)?;
    }
    Ok(more)
}

fn one(
    tx: &Tx,
    by: &Actor,
    import: &Import,
    series: &mut Series,
    teams: &mut Teams,
    number: i64,
    cells: &[String],
) -> Result<Done> {
    let person = match person(cells, &import.choices) {
        Ok(person) => person,
        Err(why) => {
            return Ok(Done {
                email: None,
                outcome: Outcome::Invalid,
                note: Some(why.in_language(Language::English)),
                new_team: false,
            });
        }
    };
    let done = |outcome| Done { email: Some(person.email.clone()), outcome, note: None, new_team: false };
    if stands_above(tx, &import.id, number, &person.email)? {
        return Ok(done(Outcome::Duplicate));
    }
    if let Some(taken) = invites::taken(tx, &import.organization, &person.email)? {
        return Ok(done(outcome_of(taken)));
    }
    if lacks_team(&person, teams, &import.choices) {
        return Ok(done(Outcome::Team));
    }
    if !series.has_room() {
        return Ok(done(Outcome::Credits));
    }
    let (team, new_team) = team(tx, by, import, teams, person.team.as_deref())?;
    let new = NewInvite { email: person.email.clone(), team };
    Ok(match series.ask(&new, &person.known)? {
        Answer::Invited => Done { new_team, ..done(Outcome::Invited) },
        Answer::Taken(taken) => done(outcome_of(taken)),
        Answer::OverCredits => done(Outcome::Credits),
    })
}

/// Whether an address stands further up in the table.
fn stands_above(tx: &Tx, id: &ImportId, number: i64, email: &Email) -> Result<bool> {
    tx.one(
        "select exists (select 1 from import_rows where import_id = :id and email = :email and number < :number)",
        named_params! { ":id": id, ":email": email, ":number": number },
        |row| row.get(0),
    )
}

/// The team somebody joins, and whether it was made for them.
fn team(
    tx: &Tx,
    by: &Actor,
    import: &Import,
    teams: &mut Teams,
    named: Option<&str>,
) -> Result<(Option<TeamId>, bool)> {
    let Some(name) = named else { return Ok((import.choices.team.clone(), false)) };
    if let Some(team) = teams.named(name) {
        return Ok((Some(team.clone()), false));
    }
    let made = teams::create(tx, by, &TeamName::parse(name)?)?;
    teams.add(name, made.id.clone());
    Ok((Some(made.id), true))
}

fn keep(tx: &Tx, id: &ImportId, number: i64, done: &Done) -> Result<()> {
    tx.execute(
        "update import_rows set email = :email, result = :result, note = :note, new_team = :new_team
         where import_id = :id and number = :number",
        named_params! {
            ":email": done.email, ":result": done.outcome, ":note": done.note, ":new_team": done.new_team, ":id": id,
            ":number": number,
        },
    )?;
    Ok(())
}
