//! What an organization asks its people besides their photos: the questions here, what was answered in [`answers`].

use std::ops::RangeInclusive;

use rusqlite::{Row, named_params};
use serde::Serialize;

use crate::{
    audit::Action,
    db::{Tx, View, stored_as_text},
    error::{Error, Result},
    ids::{FieldId, OrganizationId},
    members::{Actor, Role},
    one_line,
};

mod answers;

pub use answers::{Answered, Fault, Given, Need, Sheet, answer, faults, must_be_answered, of_member, sheet};

/// How many questions an organization has at most.
pub const MOST: i64 = 20;

/// How many answers a choice may offer.
pub const CHOICES: RangeInclusive<usize> = 2..=30;

stored_as_text! {
    /// How a question is answered. It never changes: answers of one kind make no sense as those of another.
    pub enum Kind {
        /// With a line of words.
        Text = "text",
        /// With one of several answers.
        Choice = "choice",
        /// With a tick.
        Checkbox = "checkbox",
    }
}

/// How a question is answered, and with what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asks {
    /// For a line of words.
    Text,
    /// For one of these.
    Choice(Choices),
    /// For a tick.
    Checkbox,
}

impl Asks {
    /// Puts the two together; choices of a question that offers none are left out.
    ///
    /// # Errors
    /// A choice that offers nothing to choose from.
    pub fn new(kind: Kind, choices: Option<Choices>) -> Result<Self> {
        match kind {
            Kind::Text => Ok(Self::Text),
            Kind::Checkbox => Ok(Self::Checkbox),
            Kind::Choice => choices.map(Self::Choice).ok_or_else(too_few),
        }
    }

    /// How.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Text => Kind::Text,
            Self::Choice(_) => Kind::Choice,
            Self::Checkbox => Kind::Checkbox,
        }
    }

    /// What there is to choose from; nothing unless it is a choice.
    pub fn choices(&self) -> &[String] {
        match self {
            Self::Choice(choices) => &choices.0,
            Self::Text | Self::Checkbox => &[],
        }
    }
}

/// A question.
#[derive(Clone, Debug)]
pub struct Question {
    /// Which.
    pub id: FieldId,
    /// Whose.
    pub organization: OrganizationId,
    /// What is asked. Unique in its organization, whatever the case.
    pub label: String,
    /// How it is answered.
    pub asks: Asks,
    /// Nobody can submit photos before they have answered it.
    pub required: bool,
}

impl Question {
    fn from_row(row: &Row) -> rusqlite::Result<Self> {
        let (kind, choices): (Kind, String) = (row.get("kind")?, row.get("choices")?);
        let asks = match kind {
            Kind::Text => Asks::Text,
            Kind::Choice => Asks::Choice(Choices(serde_json::from_str(&choices).unwrap_or_default())),
            Kind::Checkbox => Asks::Checkbox,
        };
        Ok(Self {
            id: row.get("id")?,
            organization: row.get("organization_id")?,
            label: row.get("label")?,
            asks,
            required: row.get("required")?,
        })
    }
}

/// What a question asks: 1 to 100 characters on one line.
#[derive(Clone, Debug)]
pub struct Label(String);

impl Label {
    /// The longest there is, in characters.
    pub const LONGEST: usize = 100;

    /// Reads it as a person typed it.
    ///
    /// # Errors
    /// Nothing was typed, or too much of it.
    pub fn parse(text: &str) -> Result<Self> {
        match line_of(text) {
            Some(label) => Ok(Self(label.to_owned())),
            None => Err(Error::invalid(say!("A question needs 1 to 100 characters."))),
        }
    }

    /// The words.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The answers a choice offers: 2 to 30, each of 1 to 100 characters, no two alike.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Choices(Vec<String>);

impl Choices {
    /// Reads them as a person typed them, one a line. Empty lines are left out.
    ///
    /// # Errors
    /// There are too few or too many, one is too long, or two are the same but for their case.
    pub fn parse(lines: &str) -> Result<Self> {
        let mut choices: Vec<String> = Vec::new();
        for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let Some(choice) = line_of(line) else {
                return Err(Error::invalid(say!(
                    "\"{line}…\" is too long: an answer has up to 100 characters.",
                    line = format!("{line:.40}")
                )));
            };
            if choices.iter().any(|other| other.to_lowercase() == choice.to_lowercase()) {
                return Err(Error::invalid(say!(
                    "\"{choice}\" is there twice. Each answer can be there once.",
                    choice
                )));
            }
            choices.push(choice.to_owned());
        }
        match choices.len() {
            few if few < *CHOICES.start() => Err(too_few()),
            many if many > *CHOICES.end() => Err(Error::invalid(say!(
                "These are {many} answers. A choice has at most {end}.",
                many,
                end = CHOICES.end()
            ))),
            _ => Ok(Self(choices)),
        }
    }
}

fn too_few() -> Error {
    Error::invalid(say!("A choice needs at least 2 answers to choose from, one a line."))
}

fn line_of(text: &str) -> Option<&str> {
    let line = text.trim();
    one_line::fits(line, Label::LONGEST).then_some(line)
}

/// A question as it is added.
#[derive(Clone, Debug)]
pub struct NewQuestion {
    /// What is asked.
    pub label: Label,
    /// How it is answered.
    pub asks: Asks,
    /// Whether it must be.
    pub required: bool,
}

/// What changes about a question; what is left out stays.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// What is asked.
    pub label: Option<Label>,
    /// What there is to choose from.
    pub choices: Option<Choices>,
    /// Whether it must be answered.
    pub required: Option<bool>,
}

/// Where a question goes in the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Before the one above it.
    Up,
    /// Behind the one below it.
    Down,
}

/// An organization's questions, in the order they are asked.
pub fn list(view: &View, organization: &OrganizationId) -> Result<Vec<Question>> {
    view.all(
        "select * from custom_fields where organization_id = :organization order by position, id",
        named_params! { ":organization": organization },
        Question::from_row,
    )
}

/// How many people answered a question.
pub fn count(view: &View, id: &FieldId) -> Result<u32> {
    view.one("select count(*) from custom_values where field_id = :id", named_params! { ":id": id }, |row| row.get(0))
}

/// How many people chose an answer that a question offers no more.
pub fn outdated(view: &View, question: &Question) -> Result<u32> {
    if question.asks.kind() != Kind::Choice {
        return Ok(0);
    }
    view.one(
        "select count(*) from custom_values v
         join custom_fields f on f.id = v.field_id
         where v.field_id = :id and v.value not in (select value from json_each(f.choices))",
        named_params! { ":id": question.id },
        |row| row.get(0),
    )
}

/// The question with this id, if it is this organization's. To all others there is none.
pub fn get(view: &View, organization: &OrganizationId, id: &FieldId) -> Result<Question> {
    view.find(
        "select * from custom_fields where id = :id and organization_id = :organization",
        named_params! { ":id": id, ":organization": organization },
        Question::from_row,
    )?
    .ok_or(Error::NotFound("Question"))
}

/// The question an operator means, by id or by what it asks.
pub fn named(view: &View, organization: &OrganizationId, text: &str) -> Result<Question> {
    view.find(
        "select * from custom_fields
         where organization_id = :organization and (id = :text or label = :text collate nocase)",
        named_params! { ":organization": organization, ":text": text.trim() },
        Question::from_row,
    )?
    .ok_or(Error::NotFound("Question"))
}

/// Adds a question, behind all others.
///
/// # Errors
/// There are [`MOST`] already, or one that asks the same.
pub fn add(tx: &Tx, by: &Actor, new: &NewQuestion) -> Result<Question> {
    by.must_be(Role::Admin)?;
    let (count, last): (i64, i64) = tx.one(
        "select count(*), coalesce(max(position), 0) from custom_fields where organization_id = :organization",
        named_params! { ":organization": by.organization },
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    if count >= MOST {
        return Err(Error::invalid(say!(
            "You ask {most} questions, the most there can be. Remove one first.",
            most = MOST
        )));
    }
    label_must_be_free(tx, &by.organization, &new.label, None)?;
    let question = tx.one(
        "insert into custom_fields (id, organization_id, position, label, kind, choices, required, created_at)
         values (:id, :organization, :position, :label, :kind, :choices, :required, :now)
         returning *",
        named_params! {
            ":id": FieldId::new(), ":organization": by.organization, ":position": last + 1, ":label": new.label.0,
            ":kind": new.asks.kind(), ":choices": serde_json::to_string(new.asks.choices())?,
            ":required": new.required, ":now": tx.now,
        },
        Question::from_row,
    )?;
    note(tx, by, &format!("added \"{}\"", question.label))?;
    Ok(question)
}

/// Changes what a question asks. What people answered before stays as it is, also if it is none of the choices any more.
///
/// # Errors
/// It isn't the organization's, another one asks the same, or it offers no choices.
pub fn change(tx: &Tx, by: &Actor, id: &FieldId, change: &Change) -> Result<Question> {
    by.must_be(Role::Admin)?;
    let before = get(tx, &by.organization, id)?;
    if change.choices.is_some() && before.asks.kind() != Kind::Choice {
        return Err(Error::invalid(say!(
            "Only a choice has answers to choose from. Remove this question and add a choice."
        )));
    }
    if let Some(label) = &change.label {
        label_must_be_free(tx, &by.organization, label, Some(id))?;
    }
    let choices = change.choices.as_ref().map_or(before.asks.choices(), |choices| &choices.0);
    let after = tx.one(
        "update custom_fields set label = :label, choices = :choices, required = :required where id = :id returning *",
        named_params! {
            ":label": change.label.as_ref().map_or(before.label.as_str(), Label::as_str),
            ":choices": serde_json::to_string(choices)?, ":required": change.required.unwrap_or(before.required),
            ":id": id,
        },
        Question::from_row,
    )?;
    if let Some(what) = what_changed(&before, &after) {
        note(tx, by, &format!("changed \"{}\": {what}", before.label))?;
    }
    Ok(after)
}

fn what_changed(before: &Question, after: &Question) -> Option<String> {
    let mut changed = Vec::new();
    if before.label != after.label {
        changed.push(format!("it asks \"{}\" now", after.label));
    }
    if before.asks != after.asks {
        changed.push("other answers to choose from".to_owned());
    }
    if before.required != after.required {
        changed.push(if after.required { "has to be answered now" } else { "optional now" }.to_owned());
    }
    (!changed.is_empty()).then(|| changed.join(", "))
}

/// Moves a question one place. The first one can't go up and the last one can't go down: they stay.
///
/// # Errors
/// It isn't the organization's.
pub fn shift(tx: &Tx, by: &Actor, id: &FieldId, way: Way) -> Result<Question> {
    by.must_be(Role::Admin)?;
    let mut all = list(tx, &by.organization)?;
    let place = all.iter().position(|question| question.id == *id).ok_or(Error::NotFound("Question"))?;
    let other = match way {
        Way::Up => place.checked_sub(1),
        Way::Down => Some(place + 1).filter(|other| *other < all.len()),
    };
    if let Some(other) = other {
        all.swap(place, other);
        for (position, question) in (1_i64..).zip(&all) {
            tx.execute(
                "update custom_fields set position = :position where id = :id and position != :position",
                named_params! { ":position": position, ":id": question.id },
            )?;
        }
        let moved = if way == Way::Up { "up" } else { "down" };
        note(tx, by, &format!("moved \"{}\" {moved}", all[other].label))?;
    }
    get(tx, &by.organization, id)
}

/// Removes a question with everything people answered to it, and says how many answers that were.
///
/// # Errors
/// It isn't the organization's.
pub fn remove(tx: &Tx, by: &Actor, id: &FieldId) -> Result<(Question, u32)> {
    by.must_be(Role::Admin)?;
    let question = get(tx, &by.organization, id)?;
    let answers = count(tx, id)?;
    tx.execute("delete from custom_fields where id = :id", named_params! { ":id": id })?;
    let gone = if answers == 1 { "1 answer".to_owned() } else { format!("{answers} answers") };
    note(tx, by, &format!("removed \"{}\" with {gone}", question.label))?;
    Ok((question, answers))
}

fn note(tx: &Tx, by: &Actor, what: &str) -> Result<()> {
    by.note_about(tx, Action::SettingsChanged, "Questions", Some(what))
}

fn label_must_be_free(
    view: &View,
    organization: &OrganizationId,
    label: &Label,
    except: Option<&FieldId>,
) -> Result<()> {
    let taken: bool = view.one(
        "select exists (
             select 1 from custom_fields
             where organization_id = :organization and label = :label collate nocase and id is not :except
         )",
        named_params! { ":organization": organization, ":label": label.0, ":except": except },
        |row| row.get(0),
    )?;
    if taken { Err(Error::invalid(say!("You ask \"{label}\" already.", label = label.0))) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_is_one_line_of_1_to_100_characters() {
        assert_eq!(Label::parse("  Which office?\t").unwrap().as_str(), "Which office?");
        assert!(Label::parse(&"ü".repeat(100)).is_ok());
        for wrong in ["", "  ", "two\nlines", &"x".repeat(101)] {
            assert!(Label::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn choices_are_trimmed_and_differ() {
        let choices = Choices::parse(" Berlin\r\n\n  Lisbon  \n").unwrap();
        assert_eq!(choices.0, ["Berlin", "Lisbon"]);
        for (wrong, words) in [
            ("", "at least 2"),
            ("Berlin\n \n", "at least 2"),
            ("Berlin\nLisbon\nBERLIN", "there twice"),
            (&format!("a\n{}", "x".repeat(101)), "too long"),
            (&(0..31).map(|number| format!("{number}\n")).collect::<String>(), "at most 30"),
        ] {
            let error = Choices::parse(wrong).unwrap_err().to_string();
            assert!(error.contains(words), "{error}");
        }
        assert!(Choices::parse(&(0..30).map(|number| format!("{number}\n")).collect::<String>()).is_ok());
    }

    #[test]
    fn a_choice_offers_something() {
        assert!(Asks::new(Kind::Choice, None).is_err());
        assert_eq!(Asks::new(Kind::Text, Some(Choices::parse("a\nb").unwrap())).unwrap(), Asks::Text);
    }
}
