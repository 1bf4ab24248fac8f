//! The audit log: who did what, newest first; looked through, taken out, and looked at as a whole.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::ContentEncoding,
    web::{self, Bytes, Data, Path, Query, ServiceConfig},
};
use askama::Template;
use chrono::NaiveDate;
use futures::Stream;
use serde::Deserialize;

use super::Part;
use crate::{
    app::App,
    audit::{self, Entry, Filter, Group, Via},
    clock::Timestamp,
    db::{self, View},
    error::{Error, Result},
    i18n::{Message, Rich},
    ids::{MemberId, OrganizationId},
    members,
    organizations::{self, Zone},
    pages::{
        admin::{Nav, ROWS, Section, Tab, address, frame, pager, said},
        filters, shown,
        taking::attachment,
        to,
        view::{Choice, Page, Pager, When, saying},
    },
    web::{browser::Lead, get, resource},
    wire::audit::Format,
};

mod words;

/// Rows read at once for a file.
const BATCH: u32 = 500;

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(resource("/settings/audit", "GET").route(get(list)))
        .service(resource("/settings/audit/check", "POST").route(web::post().to(check)))
        .service(resource("/settings/audit/log.{format}", "GET").route(get(file)));
}

#[derive(Template)]
#[template(path = "admin/audit.html")]
struct Audit {
    page: Page,
    nav: Nav,
    tabs: Vec<Tab>,
    chain: Option<Chain>,
    by: String,
    to: String,
    groups: Vec<Choice>,
    doors: Vec<Choice>,
    from: String,
    until: String,
    /// The member whom all of it is about, with their id.
    about: Option<(String, String)>,
    filtered: bool,
    rows: Vec<Row>,
    /// The log as a file.
    csv: String,
    json_lines: String,
    pager: Pager,
}

/// Whether the log is as it was written.
struct Chain {
    /// What is wrong with it.
    trouble: Option<Message>,
    at: When,
}

/// A deed in words.
pub(in crate::pages::admin) struct Row {
    pub(in crate::pages::admin) who: String,
    /// By which door, if it was no person on our pages.
    pub(in crate::pages::admin) via: Option<Message>,
    /// What they did, and to whom or what.
    pub(in crate::pages::admin) said: Rich,
    pub(in crate::pages::admin) detail: Option<Message>,
    pub(in crate::pages::admin) before: Option<Message>,
    pub(in crate::pages::admin) after: Option<Message>,
    pub(in crate::pages::admin) when: When,
}

impl Row {
    pub(in crate::pages::admin) fn new(entry: Entry) -> Self {
        Self {
            said: words::told(&entry),
            // What people are called is theirs; the operator has a name in each language.
            who: if entry.via == Via::Operator { say!("The operator").to_string() } else { entry.who },
            via: Some(words::door(entry.via)).filter(|_| entry.via != Via::Session),
            detail: entry.detail.as_deref().map(words::detail),
            before: entry.before.as_deref().map(words::value),
            after: entry.after.as_deref().map(words::value),
            when: When::exact(entry.created_at),
        }
    }

    /// Beside other things that happened, where the second says nothing.
    pub(in crate::pages::admin) fn lately(entry: Entry, now: Timestamp) -> Self {
        let when = When::ago(entry.created_at, now);
        Self { when, ..Self::new(entry) }
    }
}

/// What is chosen, as the address has it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Chosen {
    by: String,
    to: String,
    part: String,
    door: String,
    from: String,
    until: String,
    person: String,
    after: Option<i64>,
    before: Option<i64>,
}

impl Chosen {
    /// What is no choice counts as not chosen. A day begins and ends by the organization's clock.
    fn filter(&self, zone: Zone) -> Filter {
        Filter {
            by: self.by.clone(),
            to: self.to.clone(),
            via: said(Some(&self.door)),
            group: said(Some(&self.part)),
            about: said(Some(&self.person)),
            from: day(&self.from).and_then(|day| begins(zone, day)),
            until: day(&self.until).and_then(|day| day.succ_opt()).and_then(|day| begins(zone, day)),
        }
    }

    /// The same choice at another address of ours.
    fn at(&self, path: &str) -> String {
        let words = [("by", self.by.trim()), ("to", self.to.trim()), ("part", &self.part), ("door", &self.door)];
        let others = [("from", self.from.as_str()), ("until", &self.until), ("person", &self.person)];
        address(path, &[&words[..], &others[..]].concat())
    }
}

fn day(text: &str) -> Option<NaiveDate> {
    NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()
}

fn begins(zone: Zone, day: NaiveDate) -> Option<Timestamp> {
    zone.read(&format!("{day}T00:00")).ok()
}

/// `GET /app/admin/settings/audit`
async fn list(app: Data<App>, request: HttpRequest, lead: Lead, Query(chosen): Query<Chosen>) -> Result<HttpResponse> {
    let (organization, asked) = (lead.member.organization.clone(), chosen.clone());
    let (slice, filtered, about, chain) = app
        .db
        .scan(move |view| {
            let filter = asked.filter(organizations::zone(view, &organization)?);
            let part = db::Part::named(asked.after, asked.before);
            let slice = audit::search(view, &organization, &filter, &part, ROWS)?;
            let about = filter.about.as_ref().map(|id| person(view, &organization, id)).transpose()?;
            Ok((slice, filter.any(), about, Chain::of(view, &organization)?))
        })
        .await?;
    let view = app.db.read(|view| {
        let (page, nav) = frame(view, &request, &app, &lead.member, Section::Settings)?;
        let choice = |value: &str, words: Message, chosen: &str| Choice {
            chosen: value == chosen,
            value: value.to_owned(),
            words: words.into(),
        };
        let groups = Group::ALL.iter().map(|one| choice(one.as_str(), words::group(*one), &chosen.part));
        let doors = Via::ALL.iter().map(|one| choice(one.as_str(), words::door(*one), &chosen.door));
        let here = Part::Audit.href();
        let file = |name: &str| chosen.at(&format!("{here}/log.{name}"));
        Ok(Audit {
            page,
            tabs: Part::Audit.tabs(&nav),
            nav,
            chain,
            by: chosen.by.clone(),
            to: chosen.to.clone(),
            groups: [choice("", say!("Everything"), &chosen.part)].into_iter().chain(groups).collect(),
            doors: [choice("", say!("By any door"), &chosen.door)].into_iter().chain(doors).collect(),
            from: day(&chosen.from).map(|day| day.to_string()).unwrap_or_default(),
            until: day(&chosen.until).map(|day| day.to_string()).unwrap_or_default(),
            about,
            filtered,
            pager: pager(&chosen.at(here), &slice, |entry: &Entry| entry.number),
            rows: slice.rows.into_iter().map(Row::new).collect(),
            csv: file("csv"),
            json_lines: file("jsonl"),
        })
    })?;
    shown(&request, &view)
}

/// What someone is called, and their id.
fn person(view: &View, organization: &OrganizationId, id: &MemberId) -> Result<(String, String)> {
    let member = members::of_organization(view, organization, id)?;
    Ok((member.called().to_owned(), id.to_string()))
}

impl Chain {
    /// As the server found it when it looked last, which it does once a day; of a log it has not come to yet, as it is now.
    fn of(view: &View, organization: &OrganizationId) -> Result<Option<Self>> {
        if let Some(last) = audit::last_check(view, organization)? {
            return Ok(Some(Self {
                trouble: last.trouble.as_deref().map(audit::told),
                at: When::exact(last.checked_at),
            }));
        }
        let check = audit::verify(view, organization)?;
        let trouble = check.fault.map(|fault| audit::told(&fault.in_words()));
        Ok((check.entries > 0 || trouble.is_some()).then(|| Self { trouble, at: When::exact(view.now) }))
    }
}

/// `POST /app/admin/settings/audit/check`
async fn check(app: Data<App>, lead: Lead) -> Result<HttpResponse> {
    let organization = lead.member.organization.clone();
    let check = app.db.scan(move |view| audit::verify(view, &organization)).await?;
    let words = match &check.fault {
        None => say!(
            "The log is as it was written: {n} entry." | "The log is as it was written: {n} entries.",
            n = check.entries
        ),
        Some(_) => say!("The log is not as it was written."),
    };
    let organization = lead.member.organization.clone();
    app.db.write(move |tx| audit::keep(tx, &organization, &check)).await?;
    saying(&app, to(Part::Audit.href()), words)
}

/// `GET /app/admin/settings/audit/log.csv` and `….jsonl`: what the list shows, oldest first, however much it is.
async fn file(app: Data<App>, lead: Lead, format: Path<String>, Query(chosen): Query<Chosen>) -> Result<HttpResponse> {
    let format: Format = format.parse().map_err(|_| Error::NotFound("Page"))?;
    let organization = lead.member.organization.clone();
    let filter = app.db.read(|view| Ok(chosen.filter(organizations::zone(view, &organization)?)))?;
    Ok(HttpResponse::Ok()
        .content_type(format.mime())
        .insert_header(attachment(&format!("audit-log.{format}")))
        .insert_header(ContentEncoding::Identity)
        .streaming(written(app, organization, filter, format)))
}

/// The file, made while it is sent: a batch of rows at a time is in memory.
fn written(
    app: Data<App>,
    organization: OrganizationId,
    filter: Filter,
    format: Format,
) -> impl Stream<Item = Result<Bytes, Error>> {
    async_stream::try_stream! {
        yield Bytes::from(format.beginning());
        let mut behind = 0;
        loop {
            let (whose, filter) = (organization.clone(), filter.clone());
            let rows = app.db.scan(move |view| audit::export(view, &whose, &filter, behind, BATCH)).await?;
            let Some(last) = rows.last() else { break };
            behind = last.number;
            let lines = rows.iter().map(|entry| format.line(entry)).collect::<Result<String>>()?;
            yield Bytes::from(lines);
        }
    }
}
