//! What an organization asks its people, as forms ask it and pages tell it.

use actix_web::web::FormConfig;

use super::view::{Choice, Field};
use crate::{
    db::View,
    error::Result,
    fields::{self, Answered, Given, Kind, Need},
    members::Member,
};

/// Most bytes of a form with answers: 20 of 1,000 characters, each of which may take 12 bytes on the way, and a name.
const LARGEST: usize = 256 * 1024;

/// For forms with answers, which are longer than others.
pub(super) fn long_form() -> FormConfig {
    FormConfig::default().limit(LARGEST)
}

/// A question in a form.
pub(super) struct Asked {
    pub(super) id: String,
    pub(super) label: String,
    kind: Kind,
    /// What they answered or typed, and what is wrong with it.
    pub(super) field: Field,
    /// What can be chosen; the first one has an empty value: no answer.
    pub(super) options: Vec<Choice>,
    /// The form can't be sent without an answer.
    pub(super) must: bool,
}

impl Asked {
    pub(super) fn is_choice(&self) -> bool {
        self.kind == Kind::Choice
    }

    pub(super) fn is_checkbox(&self) -> bool {
        self.kind == Kind::Checkbox
    }

    pub(super) fn is_ticked(&self) -> bool {
        self.field.value == "yes"
    }
}

/// All questions as a member's form asks them: with their answers, or with what was `typed` and is to be judged.
pub(super) fn asked(view: &View, member: &Member, typed: Option<&Given>, need: Need) -> Result<Vec<Asked>> {
    let mut faults = match typed {
        Some(given) => fields::faults(view, member, given, need)?,
        None => Vec::new(),
    };
    let all = fields::of_member(view, member)?;
    let each = all.into_iter().map(|one| {
        let fault = faults.iter().position(|fault| fault.question == one.question.id).map(|at| faults.swap_remove(at));
        let value = typed.and_then(|given| given.of(&one.question.id)).or(one.value.as_deref()).unwrap_or_default();
        Asked {
            id: one.question.id.to_string(),
            label: one.question.label.clone(),
            kind: one.question.asks.kind(),
            options: options(&one, value),
            must: one.question.required && (need == Need::All || one.is_enough()),
            field: Field { value: value.to_owned(), error: fault.map(|fault| fault.error.to_string()) },
        }
    });
    Ok(each.collect())
}

fn options(one: &Answered, value: &str) -> Vec<Choice> {
    let choices = one.question.asks.choices();
    if choices.is_empty() {
        return Vec::new();
    }
    let option = |text: &str, words: String| Choice { value: text.to_owned(), words, chosen: text == value };
    let none = option("", if one.question.required { say!("Choose one") } else { say!("No answer") }.into());
    let gone = one.value.as_ref().filter(|kept| !choices.contains(kept));
    let gone = gone.map(|kept| option(kept, say!("{answer} (no longer offered)", answer = kept).into()));
    std::iter::once(none).chain(choices.iter().map(|choice| option(choice, choice.clone()))).chain(gone).collect()
}

/// What a member answered, to be read: question and answer.
pub(super) fn told(view: &View, member: &Member) -> Result<Vec<(String, String)>> {
    let line = |one: Answered| {
        let answer = one.shown().unwrap_or(say!("Not answered")).into();
        (one.question.label, answer)
    };
    Ok(fields::of_member(view, member)?.into_iter().map(line).collect())
}
