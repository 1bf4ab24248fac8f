//! One delivery: what was sent, what came back, and sending it once more.

use std::time::Duration;

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Data, Form, Path},
};
use askama::Template;
use serde::Deserialize;
use serde_json::Value;
use url::{Position, Url};

use super::log::Outcome;
use crate::{
    app::App,
    clock::Timestamp,
    db::View,
    error::{Error, Result},
    i18n::{Message, decimal},
    ids::DeliveryId,
    pages::{
        admin::{Nav, Section, Tone, frame},
        filters, shown, to,
        view::{Page, When, saying},
    },
    web::browser::Lead,
    webhooks::{self, Attempt, Delivery, Endpoint, State},
    wire::events::DISABLED,
};

const HOUR: Duration = Duration::from_secs(60 * 60);

/// How far back failed deliveries can be replayed: the value, the words, the span.
pub(super) const fn spans() -> [(&'static str, Message, Duration); 4] {
    [
        ("1h", say!("An hour ago"), HOUR),
        ("24h", say!("24 hours ago"), Duration::from_secs(24 * 60 * 60)),
        ("7d", say!("7 days ago"), Duration::from_secs(7 * 24 * 60 * 60)),
        ("30d", say!("30 days ago"), Duration::from_secs(30 * 24 * 60 * 60)),
    ]
}

/// What is kept of a reply; a longer one was cut here.
const KEPT: usize = 4096;

#[derive(Template)]
#[template(path = "admin/delivery.html")]
struct DeliveryPage {
    page: Page,
    nav: Nav,
    event: String,
    event_id: String,
    about: String,
    url: String,
    state: Outcome,
    made: When,
    next: Option<When>,
    /// Where a replay is posted.
    replay: String,
    /// Why there can be none.
    unreplayable: Option<Message>,
    body: Option<String>,
    attempts: Vec<AttemptRow>,
    /// Said where there are none.
    untried: Message,
}

struct AttemptRow {
    tone: &'static str,
    /// `404 Not Found`, or why there was no answer.
    result: Message,
    at: When,
    took: String,
    headers: String,
    reply: Option<Reply>,
}

/// What the other side said, as text.
struct Reply {
    text: String,
    /// There was more.
    cut: bool,
}

/// Where a delivery is shown.
pub(super) fn address(id: &DeliveryId) -> String {
    format!("{}/deliveries/{id}", Section::Webhooks.href())
}

/// `GET /app/admin/webhooks/deliveries/{id}`
pub(super) async fn show(
    app: Data<App>,
    request: HttpRequest,
    lead: Lead,
    id: Path<DeliveryId>,
) -> Result<HttpResponse> {
    let view = app.db.read(|view| {
        let (page, nav) = frame(view, &request, &app, &lead.member, Section::Webhooks)?;
        let delivery = webhooks::delivery(view, &lead.member.organization, &id)?;
        let endpoint = webhooks::get(view, &delivery.endpoint)?;
        DeliveryPage::new(view, page, nav, delivery, &endpoint)
    })?;
    shown(&request, &view)
}

impl DeliveryPage {
    fn new(view: &View, page: Page, nav: Nav, delivery: Delivery, endpoint: &Endpoint) -> Result<Self> {
        let attempts = webhooks::attempts(view, &delivery.id)?;
        Ok(Self {
            page,
            nav,
            about: about(&delivery),
            state: Outcome::of(&delivery),
            made: When::exact(delivery.created_at),
            next: delivery.next_at.map(|next| next_try(next, view.now)),
            replay: format!("{}/replay", address(&delivery.id)),
            unreplayable: match (&delivery.body, endpoint.disabled) {
                (None, _) => Some(say!("What was sent is gone with its model, so it can't be sent again.")),
                (Some(_), Some(_)) => Some(say!("Its endpoint is switched off. Switch it on to send this again.")),
                (Some(_), None) => None,
            },
            untried: match delivery.state {
                State::Failed => say!("None: its endpoint was switched off before it came to that."),
                _ => say!("None yet. Each try is written here, with the answer."),
            },
            event_id: delivery.event.to_string(),
            event: delivery.name,
            url: delivery.url,
            body: delivery.body.as_deref().map(pretty),
            attempts: attempts.into_iter().map(AttemptRow::new).collect(),
        })
    }
}

impl AttemptRow {
    fn new(attempt: Attempt) -> Self {
        let good = attempt.status.is_some_and(|status| (200..300).contains(&status));
        let headers: Vec<String> = attempt.headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        Self {
            tone: if good { Tone::Good } else { Tone::Bad }.class(),
            result: match attempt.status {
                Some(status) => Message::plain(in_words(status)),
                None => attempt.trouble.map_or_else(|| say!("No answer."), trouble),
            },
            at: When::exact(attempt.created_at),
            took: took(attempt.took),
            headers: headers.join("\n"),
            reply: attempt.reply.filter(|reply| !reply.is_empty()).map(|reply| Reply::new(&reply)),
        }
    }
}

impl Reply {
    fn new(bytes: &[u8]) -> Self {
        // Anyone may write here what they like: what isn't text, or would turn the text around, shows as a mark.
        let shown = |c: char| match c {
            '\n' | '\t' => c,
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => char::REPLACEMENT_CHARACTER,
            c if c.is_control() => char::REPLACEMENT_CHARACTER,
            c => c,
        };
        let text = String::from_utf8_lossy(bytes).replace("\r\n", "\n");
        Self { text: text.chars().map(shown).collect(), cut: bytes.len() >= KEPT }
    }
}

/// Why there was no answer, as it was written down.
fn trouble(stored: String) -> Message {
    let between = |before: &str, after: &str| stored.strip_prefix(before)?.strip_suffix(after).map(str::to_owned);
    if let Some(seconds) = between("No answer within ", " seconds.") {
        say!("No answer within {seconds} seconds.", seconds)
    } else if let Some(seconds) = between("Connecting took longer than ", " seconds.") {
        say!("Connecting took longer than {seconds} seconds.", seconds)
    } else if let Some(size) = between("The answer is larger than ", " KiB.") {
        say!("The answer is larger than {size} KiB.", size)
    } else if let Some(details) = between("Could not connect: ", ".") {
        say!("Could not connect: {details}.", details)
    } else if let Some(details) = between("The connection broke: ", ".") {
        say!("The connection broke: {details}.", details)
    } else {
        Message::english(stored)
    }
}

fn in_words(status: u16) -> String {
    let reason = StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
    reason.map_or_else(|| status.to_string(), |reason| format!("{status} {reason}"))
}

fn took(span: Duration) -> String {
    match span.as_millis() {
        millis @ 0..1000 => format!("{millis} ms"),
        millis => format!("{} s", decimal(&format!("{}.{}", millis / 1000, millis % 1000 / 100))),
    }
}

/// JSON in lines.
fn pretty(body: &str) -> String {
    let json: Option<Value> = serde_json::from_str(body).ok();
    json.and_then(|json| serde_json::to_string_pretty(&json).ok()).unwrap_or_else(|| body.to_owned())
}

/// What a delivery is about: what its model was called then, or else its id; or the endpoint that was switched off.
pub(super) fn about(delivery: &Delivery) -> String {
    let body: Option<Value> = delivery.body.as_deref().and_then(|body| serde_json::from_str(body).ok());
    let named = if delivery.name == DISABLED { "url" } else { "title" };
    let title = body.as_ref().and_then(|body| body["object"][named].as_str()).filter(|title| !title.is_empty());
    match (title, &delivery.shoot) {
        (Some(title), _) => title.to_owned(),
        (None, Some(shoot)) => shoot.to_string(),
        (None, None) => String::new(),
    }
}

/// When a delivery is tried next. One that is due already waits for an earlier one of its model, or for a moment.
pub(super) fn next_try(next: Timestamp, now: Timestamp) -> When {
    let when = When::to_come(next, now);
    if next <= now { When { words: say!("In its turn").into(), ..when } } else { when }
}

/// Host and port of an address.
pub(super) fn host(url: &str) -> String {
    let url = Url::parse(url);
    url.map(|url| url[Position::BeforeHost..Position::AfterPort].to_owned()).unwrap_or_default()
}

/// `POST /app/admin/webhooks/deliveries/{id}/replay`
pub(super) async fn replay(app: Data<App>, lead: Lead, id: Path<DeliveryId>) -> Result<HttpResponse> {
    let (by, back) = (lead.actor(), address(&id));
    app.db.write(move |tx| webhooks::replay(tx, &by, &id)).await?;
    saying(&app, to(back), say!("On its way again, with a new signature."))
}

#[derive(Deserialize)]
pub(super) struct Since {
    #[serde(default)]
    since: String,
}

/// `POST /app/admin/webhooks/replay`
pub(super) async fn replay_failed(app: Data<App>, lead: Lead, Form(form): Form<Since>) -> Result<HttpResponse> {
    let span = spans().into_iter().find(|(value, ..)| *value == form.since).map(|(.., span)| span);
    let span = span.ok_or_else(|| Error::invalid(say!("Choose how far back deliveries are replayed.")))?;
    let by = lead.actor();
    let sent = app.db.write(move |tx| webhooks::replay_failed(tx, &by, tx.now - span)).await?;
    let words = match sent {
        0 => say!("Nothing to replay: no delivery has failed since then, or its endpoint is off."),
        sent => say!("{n} delivery is on its way again." | "{n} deliveries are on their way again.", n = sent),
    };
    saying(&app, to(Section::Webhooks.href()), words)
}
