//! `headroom field`.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{Said, Station, table};
use crate::{
    error::{Error, Result},
    fields::{self, Asks, Change, Choices, Kind, Label, NewQuestion, Question},
    members::Actor,
    organizations,
};

/// Whose.
#[derive(Debug, Args)]
pub(super) struct Org {
    /// Id or exact name of the organization
    #[arg(long, alias = "organization")]
    org: String,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// List what an organization asks its people, in the order they are asked
    List {
        #[command(flatten)]
        of: Org,
    },
    /// Ask one thing more, behind all others
    Add {
        #[command(flatten)]
        of: Org,
        /// What is asked
        label: String,
        /// How it is answered: text, choice or checkbox [default: choice if there are choices, text otherwise]
        #[arg(long, value_parser = ["text", "choice", "checkbox"])]
        kind: Option<String>,
        /// An answer to choose from; once for each, 2 to 30
        #[arg(long = "choice", value_name = "ANSWER")]
        choices: Vec<String>,
        /// Nobody can submit photos without an answer
        #[arg(long)]
        required: bool,
    },
    /// Change what is asked; answers given before stay
    Change {
        #[command(flatten)]
        of: Org,
        /// Id of the question, or what it asks
        question: String,
        /// What it asks from now on
        #[arg(long)]
        label: Option<String>,
        /// An answer to choose from, in place of all there were; once for each
        #[arg(long = "choice", value_name = "ANSWER")]
        choices: Vec<String>,
        /// Nobody can submit photos without an answer
        #[arg(long, conflicts_with = "optional")]
        required: bool,
        /// It can be left out
        #[arg(long)]
        optional: bool,
    },
    /// Ask it no more, and delete what was answered
    Remove {
        #[command(flatten)]
        of: Org,
        /// Id of the question, or what it asks
        question: String,
    },
}

pub(super) fn run(station: &Station, command: Command) -> Result<Said> {
    match command {
        Command::List { of } => list(station, &of.org),
        Command::Add { of, label, kind, choices, required } => {
            let kind = match kind {
                Some(kind) => kind.parse()?,
                None if choices.is_empty() => Kind::Text,
                None => Kind::Choice,
            };
            if kind != Kind::Choice && !choices.is_empty() {
                return Err(Error::invalid(plain!(
                    "Only a choice has answers to choose from. Leave --choice out, or --kind."
                )));
            }
            let asks = Asks::new(kind, offered(&choices)?)?;
            let new = NewQuestion { label: Label::parse(&label)?, asks, required };
            let question = station.db.write_and_wait(move |tx| {
                let by = Actor::operator(organizations::company(tx, &of.org)?.id);
                fields::add(tx, &by, &new)
            })?;
            let words = format!("Added \"{}\" as {}.", question.label, question.id);
            Ok(Said::new(json!({ "field": wire(&question) }), words))
        }
        Command::Change { of, question, label, choices, required, optional } => {
            let change = Change {
                label: label.as_deref().map(Label::parse).transpose()?,
                choices: offered(&choices)?,
                required: (required || optional).then_some(required),
            };
            let (question, outdated) = station.db.write_and_wait(move |tx| {
                let by = Actor::operator(organizations::company(tx, &of.org)?.id);
                let question = fields::named(tx, &by.organization, &question)?;
                let question = fields::change(tx, &by, &question.id, &change)?;
                Ok((question.clone(), fields::outdated(tx, &question)?))
            })?;
            let words = match outdated {
                0 => format!("Changed \"{}\".", question.label),
                outdated => format!(
                    "Changed \"{}\". Answers given before that it no longer offers, and that stay: {outdated}.",
                    question.label
                ),
            };
            Ok(Said::new(json!({ "field": wire(&question), "outdated": outdated }), words))
        }
        Command::Remove { of, question } => {
            let (gone, answers) = station.db.write_and_wait(move |tx| {
                let by = Actor::operator(organizations::company(tx, &of.org)?.id);
                let question = fields::named(tx, &by.organization, &question)?;
                fields::remove(tx, &by, &question.id)
            })?;
            let words = format!("Removed \"{}\". Answers deleted with it: {answers}.", gone.label);
            Ok(Said::new(json!({ "id": gone.id, "label": gone.label, "answers": answers }), words))
        }
    }
}

fn list(station: &Station, org: &str) -> Result<Said> {
    let all = station.db.read(|view| {
        let all = fields::list(view, &organizations::company(view, org)?.id)?;
        all.into_iter().map(|one| Ok((fields::count(view, &one.id)?, one))).collect::<Result<Vec<_>>>()
    })?;
    let row = |(answers, one): &(u32, Question)| {
        let required = if one.required { "yes" } else { "no" };
        let kind = one.asks.kind().to_string();
        vec![one.id.to_string(), one.label.clone(), kind, required.to_owned(), answers.to_string()]
    };
    let rows: Vec<_> = all.iter().map(row).collect();
    let listed: Vec<_> = all
        .iter()
        .map(|(answers, one)| {
            let mut listed = wire(one);
            listed["answers"] = json!(answers);
            listed
        })
        .collect();
    Ok(Said::new(json!({ "fields": listed }), table(&["ID", "QUESTION", "KIND", "REQUIRED", "ANSWERS"], &rows)))
}

/// What was named to choose from; nothing if nothing was.
fn offered(choices: &[String]) -> Result<Option<Choices>> {
    if choices.is_empty() { Ok(None) } else { Choices::parse(&choices.join("\n")).map(Some) }
}

fn wire(question: &Question) -> Value {
    json!({
        "id": question.id, "label": question.label, "kind": question.asks.kind(), "choices": question.asks.choices(),
        "required": question.required,
    })
}
