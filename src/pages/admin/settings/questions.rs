//! Questions: what the organization asks its people besides their photos.

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{self, Data, Form, Path, Query, ServiceConfig},
};
use askama::Template;
use serde::Deserialize;

use super::Part;
use crate::{
    app::App,
    db::View,
    error::{Error, Result},
    fields::{self, Asks, Change, Choices, Kind, Label, MOST, NewQuestion, Question, Way},
    i18n::{self, Message},
    ids::FieldId,
    pages::{
        admin::{Nav, Section, Tab, frame},
        filters, shown_with, to,
        undoing::{Leaving, leave},
        view::{Choice, Confirm, Field, Page, saying},
    },
    undo::{self, As, Thing},
    web::{browser::Lead, get, resource},
};

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(resource("/settings/questions", "GET, POST").route(get(show)).route(web::post().to(add)))
        .service(resource("/settings/questions/{id}", "POST").route(web::post().to(change)))
        .service(resource("/settings/questions/{id}/move", "POST").route(web::post().to(shift)))
        .service(resource("/settings/questions/{id}/remove", "POST").route(web::post().to(remove)));
}

#[derive(Template)]
#[template(path = "admin/questions.html")]
struct Questions {
    page: Page,
    nav: Nav,
    tabs: Vec<Tab>,
    rows: Vec<Row>,
    /// `?add`
    adding: Option<Wording>,
    /// No more can be added.
    full: bool,
    most: i64,
    /// `?remove=ID`
    confirm: Option<Confirm>,
}

struct Row {
    id: String,
    label: String,
    kind: Message,
    choices: String,
    required: bool,
    answers: String,
    first: bool,
    last: bool,
    /// Somebody has answered it, so it is asked before it is removed.
    answered: bool,
    /// `?edit=ID`: the row is a form.
    editing: Option<Wording>,
    /// It is being removed.
    leaving: Option<Leaving>,
}

/// A question as its form has it.
struct Wording {
    label: Field,
    /// None where the kind is settled.
    kinds: Vec<Choice>,
    /// What there is to choose from, one a line; nothing where nothing is to be chosen.
    choices: Option<Field>,
    required: bool,
}

impl Wording {
    fn of(question: &Question) -> Self {
        let lines = || Field::new(question.asks.choices().join("\n"));
        Self {
            label: Field::new(question.label.clone()),
            kinds: Vec::new(),
            choices: (question.asks.kind() == Kind::Choice).then(lines),
            required: question.required,
        }
    }

    /// What was typed, and what is wrong with it.
    fn typed(typed: Typed, kinds: bool, choices: bool, wrong: Wrong) -> Self {
        let field = |value, error| Field { value, error };
        Self {
            kinds: if kinds { kinds_with(typed.kind()) } else { Vec::new() },
            label: field(typed.label, wrong.label),
            choices: choices.then(|| field(typed.choices, wrong.choices)),
            required: typed.required.is_some(),
        }
    }
}

/// What is wrong with what was typed.
#[derive(Default)]
struct Wrong {
    label: Option<String>,
    choices: Option<String>,
}

fn kinds_with(chosen: Kind) -> Vec<Choice> {
    let kind = |kind: &Kind| Choice { value: kind.to_string(), words: words_of(*kind).into(), chosen: *kind == chosen };
    Kind::ALL.iter().map(kind).collect()
}

const fn words_of(kind: Kind) -> Message {
    match kind {
        Kind::Text => say!("Text"),
        Kind::Choice => say!("Choice"),
        Kind::Checkbox => say!("Checkbox"),
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    add: Option<String>,
    edit: Option<FieldId>,
    remove: Option<FieldId>,
}

/// What the page shows beside the list.
#[derive(Default)]
struct Showing {
    adding: Option<Wording>,
    editing: Option<(FieldId, Option<Wording>)>,
    removing: Option<FieldId>,
}

/// `GET /app/admin/settings/questions`
async fn show(app: Data<App>, request: HttpRequest, lead: Lead, Query(asked): Query<Asked>) -> Result<HttpResponse> {
    let fresh = || Wording::typed(Typed::default(), true, true, Wrong::default());
    let showing = Showing {
        adding: asked.add.map(|_| fresh()),
        editing: asked.edit.map(|id| (id, None)),
        removing: asked.remove,
    };
    screen(&app, &request, &lead, showing, StatusCode::OK)
}

fn screen(app: &App, request: &HttpRequest, lead: &Lead, showing: Showing, status: StatusCode) -> Result<HttpResponse> {
    let Showing { adding, mut editing, removing } = showing;
    let view = app.db.read(|view| {
        let (page, nav) = frame(view, request, app, &lead.member, Section::Settings)?;
        let organization = &lead.member.organization;
        let confirm = match &removing {
            Some(id) => Some(asked_before(view, &fields::get(view, organization, id)?)?),
            None => None,
        };
        if let Some((id, _)) = &editing {
            fields::get(view, organization, id)?;
        }
        let listed = fields::list(view, organization)?;
        let last = listed.len().saturating_sub(1);
        let full = listed.len() as i64 >= MOST;
        let going = undo::going(view, organization, undo::Kind::Question)?;
        let row = |(place, question): (usize, Question)| {
            let answers = fields::count(view, &question.id)?;
            let edited = editing.take_if(|(id, _)| *id == question.id);
            Ok(Row {
                kind: words_of(question.asks.kind()),
                choices: question.asks.choices().join(", "),
                required: question.required,
                answers: i18n::grouped(answers),
                answered: answers > 0,
                leaving: Leaving::of(&going, question.id.as_str(), &lead.member),
                first: place == 0,
                last: place == last,
                editing: edited.map(|(_, typed)| typed.unwrap_or_else(|| Wording::of(&question))),
                id: question.id.to_string(),
                label: question.label,
            })
        };
        let rows = listed.into_iter().enumerate().map(row).collect::<Result<_>>()?;
        Ok(Questions {
            page,
            tabs: Part::Questions.tabs(&nav),
            nav,
            rows,
            adding: adding.filter(|_| !full),
            full,
            most: MOST,
            confirm,
        })
    })?;
    shown_with(request, status, &view)
}

fn asked_before(view: &View, question: &Question) -> Result<Confirm> {
    let home = Part::Questions.href();
    let words = match fields::count(view, &question.id)? {
        0 => say!("Nobody has answered it yet. People are not asked any more."),
        answers => say!(
            "The one answer that was given to it is deleted with it. People are not asked any more."
                | "The {n} answers that were given to it are deleted with it. People are not asked any more.",
            n = answers
        ),
    };
    Ok(Confirm {
        title: say!("Remove \"{question}\"", question = question.label).into(),
        words: words.into(),
        action: format!("{home}/{}/remove", question.id),
        button: say!("Remove question").into(),
        cancel: home.to_owned(),
        name_to_type: None,
    })
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Typed {
    label: String,
    kind: String,
    choices: String,
    required: Option<String>,
}

impl Typed {
    fn kind(&self) -> Kind {
        self.kind.parse().unwrap_or(Kind::Text)
    }
}

/// `POST /app/admin/settings/questions`
async fn add(app: Data<App>, request: HttpRequest, lead: Lead, Form(typed): Form<Typed>) -> Result<HttpResponse> {
    let choices = match typed.kind() {
        Kind::Choice => Choices::parse(&typed.choices).map(Some),
        Kind::Text | Kind::Checkbox => Ok(None),
    };
    let wrong = match (Label::parse(&typed.label), choices) {
        (Ok(label), Ok(choices)) => {
            let asks = Asks::new(typed.kind(), choices)?;
            let (by, new) = (lead.actor(), NewQuestion { label, asks, required: typed.required.is_some() });
            match app.db.write(move |tx| fields::add(tx, &by, &new)).await {
                Ok(question) => {
                    return saying(
                        &app,
                        to(Part::Questions.href()),
                        say!("Added \"{question}\".", question = question.label),
                    );
                }
                Err(Error::Invalid(why)) => Wrong { label: Some(why.to_string()), choices: None },
                Err(other) => return Err(other),
            }
        }
        (label, choices) => wrong(label.err(), choices.err()),
    };
    let adding = Some(Wording::typed(typed, true, true, wrong));
    screen(&app, &request, &lead, Showing { adding, ..Showing::default() }, StatusCode::BAD_REQUEST)
}

fn wrong(label: Option<Error>, choices: Option<Error>) -> Wrong {
    Wrong { label: label.map(|error| error.to_string()), choices: choices.map(|error| error.to_string()) }
}

/// `POST /app/admin/settings/questions/{id}`
async fn change(
    app: Data<App>,
    request: HttpRequest,
    lead: Lead,
    id: Path<FieldId>,
    Form(typed): Form<Typed>,
) -> Result<HttpResponse> {
    let id = id.into_inner();
    let kept = app.db.read(|view| fields::get(view, &lead.member.organization, &id))?;
    let chosen = kept.asks.kind() == Kind::Choice;
    let choices = if chosen { Choices::parse(&typed.choices).map(Some) } else { Ok(None) };
    let wrong = match (Label::parse(&typed.label), choices) {
        (Ok(label), Ok(choices)) => {
            let change = Change { label: Some(label), choices, required: Some(typed.required.is_some()) };
            let (by, which) = (lead.actor(), id.clone());
            let changed = app.db.write(move |tx| {
                let question = fields::change(tx, &by, &which, &change)?;
                fields::outdated(tx, &question)
            });
            match changed.await {
                Ok(outdated) => return saying(&app, to(Part::Questions.href()), saved(outdated)),
                Err(Error::Invalid(why)) => Wrong { label: Some(why.to_string()), choices: None },
                Err(other) => return Err(other),
            }
        }
        (label, choices) => wrong(label.err(), choices.err()),
    };
    let editing = Some((id, Some(Wording::typed(typed, false, chosen, wrong))));
    screen(&app, &request, &lead, Showing { editing, ..Showing::default() }, StatusCode::BAD_REQUEST)
}

fn saved(outdated: u32) -> Message {
    match outdated {
        0 => say!("Saved."),
        outdated => say!(
            "Saved. One person chose an answer that is no longer offered; it stays until they choose another."
                | "Saved. {n} members chose an answer that is no longer offered; it stays until they choose another.",
            n = outdated
        ),
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Moved {
    way: String,
}

/// `POST /app/admin/settings/questions/{id}/move`: `up` or `down`.
async fn shift(app: Data<App>, lead: Lead, id: Path<FieldId>, Form(moved): Form<Moved>) -> Result<HttpResponse> {
    let way = if moved.way == "up" { Way::Up } else { Way::Down };
    let by = lead.actor();
    let question = app.db.write(move |tx| fields::shift(tx, &by, &id, way)).await?;
    let words = match way {
        Way::Up => say!("Moved \"{question}\" up.", question = question.label),
        Way::Down => say!("Moved \"{question}\" down.", question = question.label),
    };
    saying(&app, to(Part::Questions.href()), words)
}

/// `POST /app/admin/settings/questions/{id}/remove`
async fn remove(app: Data<App>, lead: Lead, id: Path<FieldId>) -> Result<HttpResponse> {
    let id = id.into_inner();
    let (question, answers) = app.db.read(|view| {
        let question = fields::get(view, &lead.member.organization, &id)?;
        Ok((question, fields::count(view, &id)?))
    })?;
    let what = match answers {
        0 => say!("\"{question}\"", question = question.label),
        answers => say!(
            "\"{question}\" and {n} answer" | "\"{question}\" and {n} answers",
            n = answers,
            question = question.label
        ),
    };
    leave(&app, &lead.member, As::Lead, Thing::Question(id), what, Part::Questions.href().to_owned()).await
}
