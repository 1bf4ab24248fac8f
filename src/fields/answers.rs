//! What people answer.

use std::collections::HashMap;

use rusqlite::named_params;

use super::{Asks, Question, list};
use crate::{
    audit::Action,
    db::{Tx, View},
    error::{Error, Result},
    i18n::Message,
    ids::{FieldId, MemberId, OrganizationId},
    members::{Actor, Member, Role},
};

/// The longest answer, in characters.
const LONGEST: usize = 1000;

/// What a tick is stored as, and what a form posts for it.
const YES: &str = "yes";
const NO: &str = "no";

/// A question, and what someone answered.
#[derive(Clone, Debug)]
pub struct Answered {
    /// The question.
    pub question: Question,
    /// What they answered, as it is stored; nothing if they didn't yet.
    pub value: Option<String>,
}

impl Answered {
    /// Whether photos can be submitted, as far as this question is concerned.
    pub fn is_enough(&self) -> bool {
        suffices(&self.question, self.value.as_deref())
    }

    /// Whether it is a tick.
    pub fn is_ticked(&self) -> bool {
        self.value.as_deref() == Some(YES)
    }

    /// The answer in words, in English, where it is kept or programs read it.
    pub fn words(&self) -> Option<&str> {
        self.value.as_deref().map(|value| in_words(&self.question, value))
    }

    /// The answer as people read it.
    pub fn shown(&self) -> Option<Message> {
        let value = self.value.as_deref()?;
        Some(match (&self.question.asks, value) {
            (Asks::Checkbox, YES) => say!("Yes"),
            (Asks::Checkbox, NO) => say!("No"),
            _ => Message::plain(value),
        })
    }
}

/// The answer as people read it.
fn in_words<'a>(question: &Question, value: &'a str) -> &'a str {
    match (&question.asks, value) {
        (Asks::Checkbox, YES) => "Yes",
        (Asks::Checkbox, NO) => "No",
        _ => value,
    }
}

fn suffices(question: &Question, value: Option<&str>) -> bool {
    match question.asks {
        _ if !question.required => true,
        Asks::Checkbox => value == Some(YES),
        Asks::Text | Asks::Choice(_) => value.is_some(),
    }
}

/// Answers as a form posts them, by their questions. What belongs to no question is left out: it was removed while somebody
/// filled the form in.
#[derive(Clone, Debug, Default)]
pub struct Given(HashMap<FieldId, String>);

impl Given {
    /// Takes them out of a form. The last one counts: a box that is not ticked posts nothing, so a hidden "no" stands before it.
    pub fn read(posted: &[(String, String)]) -> Self {
        let own = |(name, value): &(String, String)| Some((name.parse::<FieldId>().ok()?, value.clone()));
        Self(posted.iter().filter_map(own).collect())
    }

    /// What was typed for a question.
    pub fn of(&self, question: &FieldId) -> Option<&str> {
        self.0.get(question).map(String::as_str)
    }
}

/// Which answers can't be missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Those of all required questions.
    All,
    /// Those that required questions have already: what was never answered may stay so until photos are submitted.
    Kept,
}

/// Why an answer can't stay.
#[derive(Debug)]
pub struct Fault {
    /// To which question.
    pub question: FieldId,
    /// What is wrong with it, and what to do.
    pub error: Error,
}

/// All questions a member is asked, in their order, with what they answered.
pub fn of_member(view: &View, member: &Member) -> Result<Vec<Answered>> {
    let kept = view.all(
        "select field_id, value from custom_values where member_id = :member",
        named_params! { ":member": member.id },
        |row| Ok((row.get("field_id")?, row.get("value")?)),
    )?;
    let mut kept: HashMap<FieldId, String> = kept.into_iter().collect();
    let all = list(view, &member.organization)?;
    Ok(all.into_iter().map(|question| Answered { value: kept.remove(&question.id), question }).collect())
}

/// Refuses who has not answered what has to be.
///
/// # Errors
/// A required question has no answer.
pub fn must_be_answered(view: &View, member: &Member) -> Result<()> {
    match of_member(view, member)?.iter().find(|one| !one.is_enough()) {
        None => Ok(()),
        Some(open) => Err(Error::invalid(say!("Answer \"{label}\" first.", label = open.question.label))),
    }
}

/// What is wrong with answers, question by question; nothing if they can be taken down.
pub fn faults(view: &View, member: &Member, given: &Given, need: Need) -> Result<Vec<Fault>> {
    let fault = |one: Answered| {
        let error = judged(&one, given, need).err()?;
        Some(Fault { question: one.question.id, error })
    };
    Ok(of_member(view, member)?.into_iter().filter_map(fault).collect())
}

/// Takes down what a member answered, or a lead for them, which is written down. Questions that were not asked keep their answer.
///
/// # Errors
/// The first of the [`faults`]; or somebody who doesn't lead answers for another.
pub fn answer(tx: &Tx, by: &Actor, member: &Member, given: &Given, need: Need) -> Result<()> {
    let own = by.member.as_ref() == Some(&member.id);
    if !own {
        by.must_be(Role::Admin)?;
    }
    if by.organization != member.organization {
        return Err(Error::NotFound("Member"));
    }
    let mut changed = Vec::new();
    for one in of_member(tx, member)? {
        let value = judged(&one, given, need)?;
        if value != one.value {
            keep(tx, &member.id, &one.question.id, value.as_deref())?;
            changed.push(format!("\"{}\"", one.question.label));
        }
    }
    if own || changed.is_empty() {
        return Ok(());
    }
    by.note(tx, Action::MemberChanged, Some(member), Some(&format!("answers to {}", changed.join(", "))))
}

fn keep(tx: &Tx, member: &MemberId, question: &FieldId, value: Option<&str>) -> Result<()> {
    match value {
        Some(value) => tx.execute(
            "insert into custom_values (member_id, field_id, value) values (:member, :question, :value)
             on conflict (member_id, field_id) do update set value = excluded.value",
            named_params! { ":member": member, ":question": question, ":value": value },
        )?,
        None => tx.execute(
            "delete from custom_values where member_id = :member and field_id = :question",
            named_params! { ":member": member, ":question": question },
        )?,
    };
    Ok(())
}

/// What will be kept for a question once the answers are taken down.
fn judged(before: &Answered, given: &Given, need: Need) -> Result<Option<String>> {
    let question = &before.question;
    let kept = before.value.as_deref();
    let after = match given.of(&question.id) {
        Some(typed) => read(question, kept, typed)?,
        None => kept.map(str::to_owned),
    };
    let had = suffices(question, kept);
    if !suffices(question, after.as_deref()) && (need == Need::All || had) {
        return Err(Error::invalid(match question.asks {
            Asks::Text => say!("This needs an answer."),
            Asks::Choice(_) => say!("Choose an answer."),
            Asks::Checkbox => say!("Tick this box to go on."),
        }));
    }
    Ok(after)
}

fn read(question: &Question, kept: Option<&str>, typed: &str) -> Result<Option<String>> {
    let value = typed.trim();
    match &question.asks {
        Asks::Checkbox => Ok(Some(if value == YES { YES } else { NO }.to_owned())),
        _ if value.is_empty() => Ok(None),
        Asks::Text if value.chars().any(char::is_control) => Err(Error::invalid(say!("An answer is on one line."))),
        Asks::Text if value.chars().count() > LONGEST => Err(Error::invalid(say!(
            "An answer has up to {longest} characters. Shorten this one.",
            longest = LONGEST.to_string()
        ))),
        // What was chosen while it was offered stays, until another answer is chosen.
        Asks::Choice(_) if kept != Some(value) && !question.asks.choices().iter().any(|choice| choice == value) => {
            Err(Error::invalid(say!("This can't be chosen any more. Choose another answer.")))
        }
        Asks::Text | Asks::Choice(_) => Ok(Some(value.to_owned())),
    }
}

/// What people answered, for a table: some of them at a time.
pub struct Sheet {
    questions: Vec<Question>,
    answers: HashMap<(MemberId, FieldId), String>,
}

impl Sheet {
    /// What is asked: the headings.
    pub fn headings(&self) -> impl Iterator<Item = &str> {
        self.questions.iter().map(|question| question.label.as_str())
    }

    /// With the answers of these members, and of nobody else.
    pub fn of(self, view: &View, members: &[MemberId]) -> Result<Self> {
        let answers = view.all(
            "select v.member_id, v.field_id, v.value from json_each(:members) m
             join custom_values v on v.member_id = m.value",
            named_params! { ":members": serde_json::to_string(members)? },
            |row| Ok(((row.get("member_id")?, row.get("field_id")?), row.get("value")?)),
        )?;
        Ok(Self { answers: answers.into_iter().collect(), ..self })
    }

    /// What someone answered, one cell under each heading; empty where they didn't.
    pub fn row(&self, member: &MemberId) -> impl Iterator<Item = &str> {
        self.questions.iter().map(|question| {
            let value = self.answers.get(&(member.clone(), question.id.clone()));
            value.map(|value| in_words(question, value)).unwrap_or_default()
        })
    }
}

/// What an organization asks, with nobody's answers yet.
pub fn sheet(view: &View, organization: &OrganizationId) -> Result<Sheet> {
    Ok(Sheet { questions: list(view, organization)?, answers: HashMap::new() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fields::{Choices, Kind};

    fn question(kind: Kind, required: bool) -> Question {
        let choices = Choices::parse("Berlin\nLisbon").unwrap();
        Question {
            id: FieldId::new(),
            organization: OrganizationId::new(),
            label: "Where?".to_owned(),
            asks: Asks::new(kind, Some(choices)).unwrap(),
            required,
        }
    }

    fn judge(
        question: &Question,
        kept: Option<&str>,
        typed: Option<&str>,
        need: Need,
    ) -> Result<Option<String>, String> {
        let posted: Vec<_> = typed.map(|typed| (question.id.to_string(), typed.to_owned())).into_iter().collect();
        let before = Answered { question: question.clone(), value: kept.map(str::to_owned) };
        judged(&before, &Given::read(&posted), need).map_err(|error| error.to_string())
    }

    #[test]
    fn each_kind_takes_its_answers() {
        let [text, choice, tick] = [Kind::Text, Kind::Choice, Kind::Checkbox].map(|kind| question(kind, false));
        let keep = |question, kept, typed| judge(question, kept, Some(typed), Need::All);
        assert_eq!(keep(&text, None, "  Ada's desk "), Ok(Some("Ada's desk".to_owned())));
        assert_eq!(keep(&text, Some("before"), " "), Ok(None));
        let (long, longest) = ("x".repeat(1001), "ü".repeat(1000));
        assert!(keep(&text, None, &long).unwrap_err().contains("up to 1000"));
        assert!(keep(&text, None, "two\nlines").unwrap_err().contains("one line"));
        assert!(keep(&text, None, &longest).is_ok());

        assert_eq!(keep(&choice, None, "Lisbon"), Ok(Some("Lisbon".to_owned())));
        assert!(keep(&choice, None, "lisbon").unwrap_err().contains("another answer"));
        assert_eq!(keep(&choice, Some("Paris"), "Paris"), Ok(Some("Paris".to_owned())), "it was offered once");
        assert!(keep(&choice, Some("Paris"), "Rome").is_err());

        assert_eq!(keep(&tick, None, "yes"), Ok(Some("yes".to_owned())));
        assert_eq!(keep(&tick, Some("yes"), "no"), Ok(Some("no".to_owned())));
    }

    #[test]
    fn a_required_answer_is_there_and_stays() {
        for (kind, value, nothing) in
            [(Kind::Text, "here", ""), (Kind::Choice, "Berlin", ""), (Kind::Checkbox, "yes", "no")]
        {
            let question = question(kind, true);
            assert!(judge(&question, None, Some(nothing), Need::All).is_err(), "{kind:?}");
            assert!(judge(&question, None, None, Need::All).is_err(), "{kind:?}, added while the form was filled in");
            assert!(judge(&question, None, Some(nothing), Need::Kept).is_ok(), "{kind:?}, not yet");
            assert!(judge(&question, Some(value), Some(nothing), Need::Kept).is_err(), "{kind:?}, taken back");
            assert_eq!(judge(&question, Some(value), None, Need::All), Ok(Some(value.to_owned())));
            assert_eq!(judge(&question, None, Some(value), Need::All), Ok(Some(value.to_owned())));
        }
    }

    #[test]
    fn the_last_value_of_a_name_counts() {
        let id = FieldId::new();
        let posted = [("name", "Ada"), (id.as_str(), "no"), (id.as_str(), "yes")];
        let given = Given::read(&posted.map(|(name, value)| (name.to_owned(), value.to_owned())));
        assert_eq!((given.of(&id), given.0.len()), (Some("yes"), 1));
    }
}
