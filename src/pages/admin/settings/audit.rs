//! The audit log: who did what, newest first.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Query, ServiceConfig},
};
use askama::Template;
use serde::Deserialize;

use super::Part;
use crate::{
    app::App,
    audit::{self, Action, Entry, Via},
    clock::Timestamp,
    db,
    error::Result,
    pages::{
        admin::{Nav, ROWS, Section, Tab, frame, pager},
        shown,
        view::{Page, Pager, When},
    },
    web::{browser::Lead, get, resource},
};

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(resource("/settings/audit", "GET").route(get(list)));
}

#[derive(Template)]
#[template(path = "admin/audit.html")]
struct Audit {
    page: Page,
    nav: Nav,
    tabs: Vec<Tab>,
    rows: Vec<Row>,
    pager: Pager,
}

/// A deed in words.
pub(in crate::pages::admin) struct Row {
    pub(in crate::pages::admin) who: String,
    /// By which door, if it was no person on our pages.
    pub(in crate::pages::admin) via: Option<&'static str>,
    pub(in crate::pages::admin) words: &'static str,
    pub(in crate::pages::admin) subject: Option<String>,
    pub(in crate::pages::admin) detail: Option<String>,
    pub(in crate::pages::admin) when: When,
}

impl Row {
    pub(in crate::pages::admin) fn new(entry: Entry) -> Self {
        let via = match entry.via {
            Via::Session => None,
            Via::Key => Some("API key"),
            Via::Operator => Some("Command line"),
            Via::Server => Some("Automatic"),
        };
        Self {
            who: entry.who,
            via,
            words: words(entry.action),
            subject: entry.subject,
            detail: entry.detail,
            when: When::exact(entry.created_at),
        }
    }

    /// Beside other things that happened, where the second says nothing.
    pub(in crate::pages::admin) fn lately(entry: Entry, now: Timestamp) -> Self {
        let when = When::ago(entry.created_at, now);
        Self { when, ..Self::new(entry) }
    }
}

fn words(action: Action) -> &'static str {
    match action {
        Action::MemberAdded => "Began to look after",
        Action::MemberRemoved => "Removed",
        Action::MemberMoved => "Changed the team of",
        Action::AddressGiven => "Gave an address to",
        Action::MemberChanged => "Changed the details of",
        Action::RoleChanged => "Changed the role of",
        Action::HandedOver => "Handed the organization over to",
        Action::PhotosFor => "Changed the photos of",
        Action::PhotosAllowed => "Let photos be used that were turned down, of",
        Action::PhotosBarred => "Took back the permission for photos of",
        Action::SubmittedFor => "Submitted the photos of",
        Action::ChoseFor => "Chose among the headshots of",
        Action::EditedFor => "Edited headshots of",
        Action::SharedFor => "Changed who sees the headshots of",
        Action::RetryGranted => "Granted a retry to",
        Action::Reminded => "Sent a reminder to",
        Action::InviteRevoked => "Revoked the invite of",
        Action::LinkMade => "Made an invite link",
        Action::LinkRevoked => "Revoked an invite link",
        Action::SignOnChanged => "Changed single sign-on",
        Action::DomainChanged => "Changed the domain",
        Action::TwoFactorRequired => "Changed two-factor for leads",
        Action::TwoFactorReset => "Reset two-factor of",
        Action::SettingsChanged => "Changed settings",
        Action::PhotosDeleted => "Deleted photos of",
        Action::DataExported => "Exported the data of",
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Chosen {
    after: Option<i64>,
    before: Option<i64>,
}

/// `GET /app/admin/settings/audit`
async fn list(app: Data<App>, request: HttpRequest, lead: Lead, Query(chosen): Query<Chosen>) -> Result<HttpResponse> {
    let view = app.db.read(|view| {
        let (page, nav) = frame(view, &request, &app, &lead.member, Section::Settings)?;
        let part = db::Part::named(chosen.after, chosen.before);
        let slice = audit::page(view, &lead.member.organization, None, &part, ROWS)?;
        let pager = pager(Part::Audit.href(), &slice, |entry: &Entry| entry.number);
        let rows = slice.rows.into_iter().map(Row::new).collect();
        Ok(Audit { page, nav, tabs: Part::Audit.tabs(), rows, pager })
    })?;
    shown(&request, &view)
}
