//! Development mode's own pages: the mails, the webhooks it caught, its clock, and failures on demand. `serve` has none of
//! them.

use std::collections::BTreeMap;

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header::HeaderMap},
    web::{self, Bytes, Data, Path, Query, ServiceConfig},
};
use askama::Template;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    mails::{MailRow, OpenMail, framed},
    shown,
    view::{Page, Pager, When},
};
use crate::{
    app::{App, Dev, catcher::Caught},
    clock::Timestamp,
    error::{Error, Result},
    i18n::grouped,
    ids::{MailId, ShootId},
    mail::{self, Mail},
    pages::filters,
    shoots,
    web::{get, json::Json, resource},
};

/// Mails on one page of the outbox.
const ON_A_PAGE: u32 = 50;

/// Mails in the outbox as JSON.
const IN_JSON: u32 = 1000;

/// Requests on the page of webhooks.
const WEBHOOKS_SHOWN: usize = 100;

/// How far the clock moves at once at most: beyond it, dates stop making sense.
const FARTHEST: std::time::Duration = std::time::Duration::from_secs(10 * 366 * 24 * 60 * 60);

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(resource("/dev/outbox", "GET").route(get(outbox)))
        .service(resource("/dev/outbox.json", "GET").route(get(outbox_json)))
        .service(resource("/dev/outbox/{mail}", "GET").route(get(mail_body)))
        .service(resource("/dev/webhooks", "GET, POST").route(get(webhooks)).route(web::post().to(catch)))
        .service(resource("/dev/webhooks.json", "GET").route(get(webhooks_json)))
        .service(resource("/dev/clock", "GET, POST").route(get(clock)).route(web::post().to(advance)))
        .service(resource("/dev/fail", "POST").route(web::post().to(fail)));
}

#[derive(Template)]
#[template(path = "dev/dev-outbox.html")]
struct DevOutbox {
    page: Page,
    open: Option<OpenMail>,
    back: &'static str,
    rows: Vec<MailRow>,
    count_words: String,
    pager: Pager,
}

#[derive(Template)]
#[template(path = "dev/dev-webhooks.html")]
struct DevWebhooks {
    page: Page,
    rows: Vec<CaughtRow>,
}

struct CaughtRow {
    event: String,
    at: When,
    headers: String,
    body: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Which {
    mail: Option<MailId>,
    after: Option<MailId>,
}

/// `GET /dev/outbox`, `GET /dev/outbox?mail=ID`
async fn outbox(app: Data<App>, request: HttpRequest, which: Query<Which>) -> Result<HttpResponse> {
    let view = app.db.read(|view| {
        let open = which.mail.as_ref().map(|id| mail::get(view, id)).transpose()?;
        let mut mails = mail::outbox(view, which.after.as_ref(), ON_A_PAGE + 1)?;
        let more = mails.len() > ON_A_PAGE as usize;
        mails.truncate(ON_A_PAGE as usize);
        let last = mails.last().filter(|_| more).map(|mail| format!("/dev/outbox?after={}", mail.id));
        Ok(DevOutbox {
            page: Page::open(&request, "Outbox"),
            open: open.map(|mail| opened(mail, view.now)),
            back: "/dev/outbox",
            count_words: if mails.len() == 1 {
                "1 mail".to_owned()
            } else {
                format!("{} mails", grouped(mails.len() as u64))
            },
            rows: mails.into_iter().map(|mail| row(mail, view.now)).collect(),
            pager: Pager { newer: which.after.as_ref().map(|_| "/dev/outbox".to_owned()), older: last },
        })
    })?;
    shown(&request, &view)
}

fn opened(mail: Mail, now: Timestamp) -> OpenMail {
    let body_href = format!("/dev/outbox/{}", mail.id);
    OpenMail::new(mail, body_href, now)
}

fn row(mail: Mail, now: Timestamp) -> MailRow {
    let href = format!("/dev/outbox?mail={}", mail.id);
    MailRow::new(mail, href, now)
}

/// `GET /dev/outbox/{mail}`: its HTML alone, for a frame.
async fn mail_body(app: Data<App>, id: Path<String>) -> Result<HttpResponse> {
    let id: MailId = id.parse().map_err(|_| Error::NotFound("Mail"))?;
    app.db.read(|view| mail::get(view, &id)).map(framed)
}

/// `GET /dev/outbox.json`
async fn outbox_json(app: Data<App>) -> Result<HttpResponse> {
    let mails = app.db.read(|view| mail::outbox(view, None, IN_JSON))?;
    let mails: Vec<Value> = mails
        .into_iter()
        .map(|mail| {
            let text = mail.text.unwrap_or_default();
            json!({
                "id": mail.id, "to": mail.to, "subject": mail.subject, "createdAt": mail.created_at,
                "links": links(&text), "text": text, "html": mail.html.unwrap_or_default(),
            })
        })
        .collect();
    Ok(HttpResponse::Ok().json(mails))
}

/// The web addresses in a text.
fn links(text: &str) -> Vec<&str> {
    let web = |word: &&str| word.starts_with("http://") || word.starts_with("https://");
    text.split(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"'))
        .map(|word| word.trim_start_matches(['(', '[']).trim_end_matches(['.', ',', ';', ':', ')', ']']))
        .filter(web)
        .collect()
}

/// `GET /dev/webhooks`
async fn webhooks(app: Data<App>, request: HttpRequest) -> Result<HttpResponse> {
    let now = app.db.clock().now();
    let caught = dev(&app)?.caught.all();
    let rows = caught.into_iter().take(WEBHOOKS_SHOWN).map(|caught| caught_row(caught, now)).collect();
    shown(&request, &DevWebhooks { page: Page::open(&request, "Webhooks caught"), rows })
}

fn caught_row(caught: Caught, now: Timestamp) -> CaughtRow {
    let headers: Vec<String> = caught.headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
    let body = match &caught.body {
        Value::String(text) => text.clone(),
        json => serde_json::to_string_pretty(json).unwrap_or_default(),
    };
    CaughtRow {
        event: caught.body["event"].as_str().unwrap_or("A request").to_owned(),
        at: When::ago(caught.received_at, now),
        headers: headers.join("\n"),
        body,
    }
}

/// `GET /dev/webhooks.json`
async fn webhooks_json(app: Data<App>) -> Result<HttpResponse> {
    Ok(HttpResponse::Ok().json(dev(&app)?.caught.all()))
}

#[derive(Deserialize)]
struct Wanted {
    #[serde(default = "fine")]
    status: u16,
}

fn fine() -> u16 {
    200
}

/// `POST /dev/webhooks`, `POST /dev/webhooks?status=500`: keeps the request and answers as asked.
async fn catch(app: Data<App>, request: HttpRequest, wanted: Query<Wanted>, body: Bytes) -> Result<HttpResponse> {
    let status = StatusCode::from_u16(wanted.status).ok().filter(|status| status.as_u16() >= 200);
    let status = status.ok_or_else(|| Error::invalid(plain!("An answer has a status from 200 to 599.")))?;
    let body = serde_json::from_slice(&body).unwrap_or_else(|_| Value::from(String::from_utf8_lossy(&body)));
    let headers = readable(request.headers());
    dev(&app)?.caught.keep(Caught { received_at: app.db.clock().now(), headers, body });
    Ok(HttpResponse::build(status).finish())
}

fn readable(headers: &HeaderMap) -> BTreeMap<String, String> {
    let mut readable: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in headers {
        let value = String::from_utf8_lossy(value.as_bytes());
        readable
            .entry(name.to_string())
            .and_modify(|all| {
                all.push_str(", ");
                all.push_str(&value);
            })
            .or_insert_with(|| value.to_string());
    }
    readable
}

#[derive(Deserialize)]
struct Advance {
    advance: String,
}

/// `GET /dev/clock`
async fn clock(app: Data<App>) -> HttpResponse {
    HttpResponse::Ok().json(json!({ "now": app.db.clock().now() }))
}

/// `POST /dev/clock`: moves the clock forward; jobs that are due then run at once.
async fn advance(app: Data<App>, Json(body): Json<Advance>) -> Result<HttpResponse> {
    let span = humantime::parse_duration(body.advance.trim())
        .map_err(|_| Error::invalid(plain!("\"{:.50}\" is not a span of time, such as 2h or 31days.", body.advance)))?;
    if span > FARTHEST {
        return Err(Error::invalid(plain!("The clock moves 10 years at most at once.")));
    }
    app.db.clock().advance(span);
    Ok(clock(app).await)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Failing {
    model_id: ShootId,
    #[serde(default = "once")]
    times: u32,
}

fn once() -> u32 {
    1
}

/// `POST /dev/fail`: lets the next stages of a model fail, to see the restart.
async fn fail(app: Data<App>, Json(body): Json<Failing>) -> Result<HttpResponse> {
    let shoot = app.db.read(|view| shoots::get(view, &body.model_id))?;
    dev(&app)?.sample.fail_next(&shoot.id, body.times);
    Ok(HttpResponse::Ok().json(json!({ "modelId": shoot.id, "times": body.times })))
}

fn dev(app: &App) -> Result<&Dev> {
    app.dev.as_ref().ok_or(Error::NotFound("Page"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_found_without_what_stands_around_them() {
        let text = "Open this:\n\n  http://x.test/auth/link/a_b-c\n\n(or <https://y.test/z?q=1>, see https://w.test.) ftp://no";
        assert_eq!(links(text), ["http://x.test/auth/link/a_b-c", "https://y.test/z?q=1", "https://w.test"]);
    }
}
