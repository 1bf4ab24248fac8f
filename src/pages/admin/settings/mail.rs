//! The organization's mails: who they are from, and which of them it has put into words of its own.

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{self, Data, Form, ServiceConfig},
};
use askama::Template;
use serde::Deserialize;

use super::Part;
use crate::{
    app::App,
    db::View,
    error::{Error, Result},
    i18n::Message,
    mail::{self, Letter, Sender, Shared, Telling},
    members::{Member, Role},
    pages::{
        admin::{Nav, Section, Tab, frame},
        filters, shown_with, to,
        view::{Field, Page, When, saying},
    },
    web::{browser::Lead, get, resource},
};

mod letter;

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(resource("/settings/mail", "GET, POST").route(get(show)).route(web::post().to(save)))
        .configure(letter::routes);
}

/// Where a mail is looked at and changed.
fn href(letter: Letter) -> String {
    format!("{}/{letter}", Part::Mail.href())
}

/// Where it is shown as it is sent, for a frame.
pub(super) fn preview_href(letter: Letter) -> String {
    format!("{}/preview", href(letter))
}

/// A mail as this organization's people would get it.
fn sample(app: &App, shared: Shared, lead: &Member, letter: Letter) -> Box<dyn Telling> {
    // Nothing is behind it: a preview opens nothing.
    let link = app.urls.page("/auth/link/…");
    mail::sample(letter, shared, lead.called(), &link)
}

fn shared(app: &App, view: &View, lead: &Member) -> Result<Shared> {
    Shared::of(view, &lead.organization, app.urls.base())
}

/// The subject of a mail as it is sent.
pub(super) fn subject_of(app: &App, view: &View, lead: &Member, letter: Letter) -> Result<String> {
    Ok(sample(app, shared(app, view, lead)?, lead, letter).subject())
}

#[derive(Template)]
#[template(path = "admin/mail.html")]
struct Mails {
    page: Page,
    nav: Nav,
    tabs: Vec<Tab>,
    name: Field,
    reply_to: Field,
    signature: Field,
    /// What the sender is called without a name of its own.
    usual_name: String,
    address: String,
    sends: bool,
    owner: bool,
    people: Vec<MailRow>,
    leads: Vec<MailRow>,
}

struct MailRow {
    href: String,
    occasion: Message,
    subject: String,
    /// Since when it is in words of their own.
    own: Option<When>,
}

/// What the form of the sender holds when it is posted.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Posted {
    name: String,
    reply_to: String,
    signature: String,
}

impl Posted {
    fn of(sender: Sender) -> Self {
        let reply_to = sender.reply_to.map(|email| email.to_string()).unwrap_or_default();
        Self { name: sender.name.unwrap_or_default(), reply_to, signature: sender.signature }
    }
}

/// `GET /app/admin/settings/mail`
async fn show(app: Data<App>, request: HttpRequest, lead: Lead) -> Result<HttpResponse> {
    let saved = app.db.read(|view| mail::sender(view, &lead.member.organization))?;
    screen(&app, &request, &lead, &Posted::of(saved), [None, None, None], StatusCode::OK)
}

fn screen(
    app: &App,
    request: &HttpRequest,
    lead: &Lead,
    typed: &Posted,
    wrong: [Option<Error>; 3],
    status: StatusCode,
) -> Result<HttpResponse> {
    let field = |value: &str, wrong: Option<Error>| match wrong {
        Some(error) => Field::wrong(value, &error),
        None => Field::new(value),
    };
    let [name, reply_to, signature] = wrong;
    let (usual_name, address) = app.mailer.from();
    let view = app.db.read(|view| {
        let (page, nav) = frame(view, request, app, &lead.member, Section::Settings)?;
        let changed = mail::changed(view, &lead.member.organization)?;
        let shared = shared(app, view, &lead.member)?;
        let rows = |leads: bool| {
            let row = |letter: Letter| MailRow {
                href: href(letter),
                occasion: letter.occasion(),
                subject: sample(app, shared.clone(), &lead.member, letter).subject(),
                own: changed.iter().find(|(of, _)| *of == letter).map(|(_, at)| When::ago(*at, view.now)),
            };
            Letter::ALL.iter().copied().filter(|letter| letter.for_leads() == leads).map(row).collect()
        };
        Ok(Mails {
            page,
            tabs: Part::Mail.tabs(&nav),
            nav,
            name: field(&typed.name, name),
            reply_to: field(&typed.reply_to, reply_to),
            signature: field(&typed.signature, signature),
            usual_name: usual_name.unwrap_or(address).to_owned(),
            address: address.to_owned(),
            sends: app.mailer.sends(),
            owner: lead.member.role == Role::Owner,
            people: rows(false),
            leads: rows(true),
        })
    })?;
    shown_with(request, status, &view)
}

/// `POST /app/admin/settings/mail`
async fn save(app: Data<App>, request: HttpRequest, lead: Lead, Form(posted): Form<Posted>) -> Result<HttpResponse> {
    let new = match mail::read_sender(&posted.name, &posted.reply_to, &posted.signature) {
        Ok(new) => new,
        Err(wrong) => return screen(&app, &request, &lead, &posted, *wrong, StatusCode::BAD_REQUEST),
    };
    let by = lead.actor();
    let changed = app.db.write(move |tx| mail::set_sender(tx, &by, &new)).await?;
    let said = if changed { say!("Saved the sender.") } else { say!("The sender is as it was.") };
    saying(&app, to(Part::Mail.href()), said)
}
