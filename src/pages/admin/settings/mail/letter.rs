//! One mail: how it looks, its words where they are the organization's to change, and a test to oneself.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header},
    web::{self, Data, Form, Path, Query, ServiceConfig},
};
use askama::Template;
use serde::Deserialize;
use serde_json::json;

use super::{href, preview_href, sample, shared};
use crate::{
    app::App,
    error::{Error, Result},
    i18n,
    mail::{self, LONGEST_BODY, LONGEST_BUTTON, LONGEST_LINE, Letter, Message, Words, Wrong},
    members::Email,
    pages::{
        admin::{Nav, Section, Tab, frame, settings::Part},
        filters,
        mails::{Look, framed_in},
        shown_with, to,
        view::{Field, Page, saying},
    },
    queue::{self, Job},
    web::{browser::Lead, get, resource},
};

/// A mail, by its word.
const LETTER: &str = "/settings/mail/{letter}";

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(resource(LETTER, "GET, POST").route(get(show)).route(web::post().to(save)))
        .service(
            resource("/settings/mail/{letter}/preview", "GET, POST")
                .route(get(preview))
                .route(web::post().to(preview_draft)),
        )
        .service(resource("/settings/mail/{letter}/reset", "POST").route(web::post().to(reset)))
        .service(resource("/settings/mail/{letter}/test", "POST").route(web::post().to(test)));
}

fn read(letter: &str) -> Result<Letter> {
    letter.parse().map_err(|_| Error::NotFound("Mail"))
}

#[derive(Template)]
#[template(path = "admin/mail-text.html")]
struct Text {
    page: Page,
    nav: Nav,
    tabs: Vec<Tab>,
    href: String,
    preview: String,
    occasion: i18n::Message,
    /// What the language is called that our words are shown in.
    language: &'static str,
    /// What can be filled in; none where the words are not theirs to change.
    places: Vec<PlaceView>,
    own: bool,
    editable: bool,
    has_button: bool,
    subject: Field,
    heading: Field,
    body: Field,
    button: Field,
    longest_line: usize,
    longest_button: usize,
    longest_body: usize,
    from: String,
    shown_subject: String,
    text: String,
    me: String,
    sends: bool,
}

struct PlaceView {
    name: &'static str,
    hint: i18n::Message,
    required: bool,
    optional: bool,
}

/// What the form holds when it is posted.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
struct Posted {
    subject: String,
    heading: String,
    body: String,
    button: String,
}

impl Posted {
    fn of(words: Words) -> Self {
        let Words { subject, heading, body, button } = words;
        Self { subject, heading, body, button }
    }

    fn words(&self) -> Words {
        let Self { subject, heading, body, button } = self.clone();
        Words { subject, heading, body, button }
    }
}

/// `GET /app/admin/settings/mail/{letter}`
async fn show(app: Data<App>, request: HttpRequest, lead: Lead, letter: Path<String>) -> Result<HttpResponse> {
    screen(&app, &request, &lead, read(&letter)?, None, StatusCode::OK)
}

fn screen(
    app: &App,
    request: &HttpRequest,
    lead: &Lead,
    letter: Letter,
    typed: Option<(Posted, Wrong)>,
    status: StatusCode,
) -> Result<HttpResponse> {
    let view = app.db.read(|view| {
        let (page, nav) = frame(view, request, app, &lead.member, Section::Settings)?;
        let shared = shared(app, view, &lead.member)?;
        let language = shared.language.own_name();
        let (has_own, saved) = (shared.own.text(letter).is_some(), shared.words(letter));
        let message = sample(app, shared, &lead.member, letter).message()?;
        let (typed, wrong) = typed.unwrap_or_else(|| (Posted::of(saved), Wrong::default()));
        let field = |value: String, wrong: Option<Error>| match wrong {
            Some(error) => Field::wrong(value, &error),
            None => Field::new(value),
        };
        let places = letter.places().iter().map(|place| PlaceView {
            name: place.name,
            hint: place.hint(),
            required: place.required,
            optional: place.optional,
        });
        Ok(Text {
            page,
            tabs: Part::Mail.tabs(&nav),
            nav,
            href: href(letter),
            preview: preview_href(letter),
            occasion: letter.occasion(),
            language,
            places: places.collect(),
            own: has_own,
            editable: !letter.for_leads(),
            has_button: letter.has_button(),
            subject: field(typed.subject, wrong.subject),
            heading: field(typed.heading, wrong.heading),
            body: field(typed.body, wrong.body),
            button: field(typed.button, wrong.button),
            longest_line: LONGEST_LINE,
            longest_button: LONGEST_BUTTON,
            longest_body: LONGEST_BODY,
            from: from(app, &message),
            shown_subject: message.subject,
            text: message.text,
            me: address(lead)?.to_string(),
            sends: app.mailer.sends(),
        })
    })?;
    shown_with(request, status, &view)
}

/// Who a mail is from, as its reader sees it.
fn from(app: &App, message: &Message) -> String {
    let (usual, address) = app.mailer.from();
    match message.from.as_deref().or(usual) {
        Some(name) => format!("{name} <{address}>"),
        None => address.to_owned(),
    }
}

fn address(lead: &Lead) -> Result<Email> {
    lead.member
        .email
        .clone()
        .ok_or_else(|| Error::invalid(say!("Your account has no e-mail address to send a test to.")))
}

/// `POST /app/admin/settings/mail/{letter}`
async fn save(
    app: Data<App>,
    request: HttpRequest,
    lead: Lead,
    letter: Path<String>,
    Form(posted): Form<Posted>,
) -> Result<HttpResponse> {
    let letter = read(&letter)?;
    let new = match mail::read_words(letter, &posted.words()) {
        Ok(new) => new,
        Err(wrong) => {
            return screen(&app, &request, &lead, letter, Some((posted, *wrong)), StatusCode::BAD_REQUEST);
        }
    };
    let by = lead.actor();
    let changed = app.db.write(move |tx| mail::set_words(tx, &by, letter, &new)).await?;
    let said = if changed { say!("Saved the mail.") } else { say!("The mail is as it was.") };
    saying(&app, to(href(letter)), said)
}

/// `POST /app/admin/settings/mail/{letter}/reset`
async fn reset(app: Data<App>, lead: Lead, letter: Path<String>) -> Result<HttpResponse> {
    let (letter, by) = (read(&letter)?, lead.actor());
    let changed = app.db.write(move |tx| mail::reset_words(tx, &by, letter)).await?;
    let said = if changed { say!("The mail has our text again.") } else { say!("The mail has our text.") };
    saying(&app, to(href(letter)), said)
}

/// `POST /app/admin/settings/mail/{letter}/test`: with the words that are saved.
async fn test(app: Data<App>, lead: Lead, letter: Path<String>) -> Result<HttpResponse> {
    let (letter, me) = (read(&letter)?, address(&lead)?);
    let (id, whom) = (lead.member.id.clone(), me.clone());
    app.db
        .write(move |tx| {
            mail::must_not_flood(tx, &whom)?;
            queue::push(tx, Job::TestMail(id, letter.to_string()))
        })
        .await?;
    let (_, address) = app.mailer.from();
    let said = match app.mailer.sends() {
        true => say!(
            "A test is on its way to {me}, from {address}. Look among spam if it does not come within a minute.",
            me = me.to_string(),
            address
        ),
        false => say!("No mail server is set up, so the test to {me} stays in the outbox.", me = me.to_string()),
    };
    saying(&app, to(href(letter)), said)
}

/// How a preview is asked for.
#[derive(Deserialize)]
struct Wanted {
    /// `html`, `text`, or `json` with what is wrong.
    #[serde(default, rename = "as")]
    form: Option<String>,
}

/// `GET …/preview`: the mail with the words that are saved.
async fn preview(
    app: Data<App>,
    lead: Lead,
    letter: Path<String>,
    Query(wanted): Query<Wanted>,
    Query(look): Query<Light>,
) -> Result<HttpResponse> {
    let letter = read(&letter)?;
    let message =
        app.db.read(|view| sample(&app, shared(&app, view, &lead.member)?, &lead.member, letter).message())?;
    Ok(shown(&app, &message, &wanted, look.look))
}

/// In which light it is looked at.
#[derive(Default, Deserialize)]
struct Light {
    #[serde(default)]
    look: Look,
}

#[derive(Deserialize)]
struct Draft {
    #[serde(flatten)]
    posted: Posted,
    #[serde(default)]
    look: Look,
}

/// `POST …/preview`: the mail with the words that are typed; nothing is saved.
async fn preview_draft(
    app: Data<App>,
    lead: Lead,
    letter: Path<String>,
    Query(wanted): Query<Wanted>,
    Form(draft): Form<Draft>,
) -> Result<HttpResponse> {
    let letter = read(&letter)?;
    let read = match letter.for_leads() {
        true => Ok(None),
        false => mail::read_words(letter, &draft.posted.words()).map(Some),
    };
    let own = match read {
        Ok(own) => own,
        Err(wrong) => return Ok(refused(*wrong, &wanted)),
    };
    let message = app.db.read(|view| {
        let mut shared = shared(&app, view, &lead.member)?;
        if let Some(words) = own {
            shared.own = shared.own.with(letter, words);
        }
        sample(&app, shared, &lead.member, letter).message()
    })?;
    Ok(shown(&app, &message, &wanted, draft.look))
}

fn shown(app: &App, message: &Message, wanted: &Wanted, look: Look) -> HttpResponse {
    match wanted.form.as_deref() {
        Some("json") => HttpResponse::Ok()
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .json(json!({ "subject": message.subject, "text": message.text, "errors": {} })),
        Some("text") => {
            let answers = match &message.reply_to {
                Some(address) => format!("{}\n", say!("Answers to: {address}", address = address.to_string())),
                None => String::new(),
            };
            let from = say!("From: {sender}", sender = from(app, message));
            let subject = say!("Subject: {subject}", subject = message.subject);
            plain(format!("{from}\n{answers}{subject}\n\n{}", message.text))
        }
        _ => framed_in(look, &message.html),
    }
}

/// What keeps a draft from being shown.
fn refused(wrong: Wrong, wanted: &Wanted) -> HttpResponse {
    if wanted.form.as_deref() == Some("json") {
        let words = |error: &Option<Error>| error.as_ref().map(ToString::to_string);
        let errors = json!({
            "subject": words(&wrong.subject), "heading": words(&wrong.heading), "body": words(&wrong.body),
            "button": words(&wrong.button),
        });
        return HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(json!({ "errors": errors }));
    }
    let words = wrong.first().map(|error| error.to_string()).unwrap_or_default();
    plain(say!("There is nothing to see yet.\n\n{words}", words).into())
}

fn plain(text: String) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .insert_header((header::CONTENT_SECURITY_POLICY, crate::pages::mails::POLICY))
        .body(text)
}
