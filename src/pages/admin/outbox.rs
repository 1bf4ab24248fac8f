//! The outbox: mails that wait for want of a mail server. They hold links that sign others in, so it is the owner's only.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Path, Query, ServiceConfig},
};
use askama::Template;
use serde::Deserialize;

use super::{Nav, ROWS, Section, frame, pager, said};
use crate::{
    app::App,
    db::Part,
    error::{Error, Result},
    ids::MailId,
    mail,
    members::Role,
    pages::{
        filters,
        mails::{MailRow, OpenMail, framed},
        shown,
        view::{Page, Pager},
    },
    web::{browser::Lead, get, resource},
};

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(resource("/outbox", "GET").route(get(list)))
        .service(resource("/outbox/{id}", "GET").route(get(open)))
        .service(resource("/outbox/{id}/body", "GET").route(get(body)));
}

#[derive(Template)]
#[template(path = "admin/outbox.html")]
struct Outbox {
    page: Page,
    nav: Nav,
    /// Mails go out by now; what is here was written before.
    sends: bool,
    open: Option<OpenMail>,
    /// The list this mail was opened from.
    back: String,
    rows: Vec<MailRow>,
    count_words: String,
    pager: Pager,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    after: Option<String>,
    before: Option<String>,
}

fn must_own(lead: &Lead) -> Result<()> {
    if lead.member.role == Role::Owner {
        return Ok(());
    }
    Err(Error::forbidden(say!(
        "Mails hold links that sign people in, so only the owner of the organization can read them."
    )))
}

/// `GET /app/admin/outbox`
async fn list(app: Data<App>, request: HttpRequest, lead: Lead, Query(asked): Query<Asked>) -> Result<HttpResponse> {
    must_own(&lead)?;
    let part = Part::named(said(asked.after.as_deref()), said(asked.before.as_deref()));
    let view = app.db.read(|view| {
        let organization = &lead.member.organization;
        let (page, nav) = frame(view, &request, &app, &lead.member, Section::Outbox)?;
        let slice = mail::kept(view, organization, &part, ROWS)?;
        Ok(Outbox {
            page,
            nav,
            sends: app.mailer.sends(),
            open: None,
            back: String::new(),
            pager: pager(Section::Outbox.href(), &slice, |mail| mail.id.clone()),
            rows: slice
                .rows
                .into_iter()
                .map(|mail| {
                    let href = address_of(&mail.id);
                    MailRow::new(mail, href, view.now)
                })
                .collect(),
            count_words: say!("{n} mail" | "{n} mails", n = mail::count_kept(view, organization)?).into(),
        })
    })?;
    shown(&request, &view)
}

fn address_of(id: &MailId) -> String {
    format!("{}/{id}", Section::Outbox.href())
}

/// `GET /app/admin/outbox/{id}`
async fn open(app: Data<App>, request: HttpRequest, lead: Lead, id: Path<MailId>) -> Result<HttpResponse> {
    must_own(&lead)?;
    let view = app.db.read(|view| {
        let mail = mail::of_organization(view, &lead.member.organization, &id)?;
        let (page, nav) = frame(view, &request, &app, &lead.member, Section::Outbox)?;
        let body_href = format!("{}/body", address_of(&mail.id));
        Ok(Outbox {
            page,
            nav,
            sends: app.mailer.sends(),
            open: Some(OpenMail::new(mail, body_href, view.now)),
            back: Section::Outbox.href().to_owned(),
            rows: Vec::new(),
            count_words: String::new(),
            pager: Pager::default(),
        })
    })?;
    shown(&request, &view)
}

/// `GET /app/admin/outbox/{id}/body`: the mail as its reader would see it, for a frame.
async fn body(app: Data<App>, lead: Lead, id: Path<MailId>) -> Result<HttpResponse> {
    must_own(&lead)?;
    let mail = app.db.read(|view| mail::of_organization(view, &lead.member.organization, &id))?;
    Ok(framed(mail))
}
