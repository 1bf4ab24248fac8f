//! What is set for headshots as a file: given out, and read in once its changes were looked at.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        StatusCode,
        header::{CONTENT_DISPOSITION, CacheControl, CacheDirective},
    },
    web::{self, Data, Form, Payload, ServiceConfig},
};
use askama::Template;
use futures::StreamExt;
use serde::Deserialize;

use super::{
    Part,
    headshots::{Showing, screen},
};
use crate::{
    app::App,
    error::{Error, Result},
    house_style::{self, Change, MOST_BYTES, Style},
    pages::{
        admin::{Nav, Section, Tab, frame},
        filters,
        member::{Fields, broken},
        shown_with, to,
        view::{Page, saying},
    },
    web::{browser::Lead, get, resource},
};

/// Most bytes read of a form with a file; what is beyond the largest is thrown away, so that the browser hears why.
const MOST_OF_ONE: usize = 64 * MOST_BYTES;

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(resource("/settings/headshots/style.json", "GET").route(get(export)))
        .service(resource("/settings/headshots/style", "POST").route(web::post().to(ask)))
        .service(resource("/settings/headshots/style/apply", "POST").route(web::post().to(apply)));
}

/// `GET /app/admin/settings/headshots/style.json`
async fn export(app: Data<App>, lead: Lead) -> Result<HttpResponse> {
    let style = app.db.read(|view| house_style::of(view, &lead.member.organization))?;
    Ok(HttpResponse::Ok()
        .insert_header(CacheControl(vec![CacheDirective::Private, CacheDirective::NoStore]))
        .insert_header((CONTENT_DISPOSITION, "attachment; filename=\"headroom-style.json\""))
        .content_type("application/json")
        .body(serde_json::to_string_pretty(&style.file())? + "\n"))
}

#[derive(Template)]
#[template(path = "admin/style-import.html")]
struct Question {
    page: Page,
    nav: Nav,
    tabs: Vec<Tab>,
    changes: Vec<Change>,
    /// The file, to come back with the answer.
    file: String,
    /// Which changes these are.
    seen: String,
    /// They are other ones than were looked at.
    changed: bool,
}

/// `POST /app/admin/settings/headshots/style`: `style`, the file. Nothing is changed yet.
async fn ask(app: Data<App>, request: HttpRequest, lead: Lead, body: Payload) -> Result<HttpResponse> {
    let mut form = Fields::new(&request, body, MOST_OF_ONE);
    let read = read(&mut form).await.and_then(|bytes| house_style::read(&bytes));
    match read {
        Ok(style) => question(&app, &request, &lead, &style, false),
        Err(error) => refused(&app, &request, &lead, error),
    }
}

/// The file, up to a byte more than is taken.
async fn read(form: &mut Fields) -> Result<Vec<u8>> {
    let (mut bytes, mut found) = (Vec::new(), false);
    while let Some(field) = form.next().await {
        let mut field = field?;
        let wanted = field.name() == Some("style");
        while let Some(piece) = field.next().await {
            let piece = piece.map_err(broken)?;
            if wanted {
                found |= !piece.is_empty();
                let room = (MOST_BYTES + 1).saturating_sub(bytes.len());
                bytes.extend(piece.iter().take(room));
            }
        }
    }
    if found { Ok(bytes) } else { Err(Error::invalid(say!("Choose a file first."))) }
}

fn refused(app: &App, request: &HttpRequest, lead: &Lead, error: Error) -> Result<HttpResponse> {
    match error {
        Error::Invalid(_) | Error::TooLarge(_) => {
            let showing = Showing { unread: Some(error.to_string()), ..Showing::default() };
            screen(app, request, lead, showing, error.status())
        }
        other => Err(other),
    }
}

fn question(app: &App, request: &HttpRequest, lead: &Lead, style: &Style, changed: bool) -> Result<HttpResponse> {
    let changes = app.db.read(|view| house_style::changes(view, &lead.member.organization, style));
    let changes = match changes {
        Ok(changes) if changes.is_empty() => {
            return saying(
                app,
                to(Part::Headshots.href()),
                say!("Nothing to change: everything in the file is set already."),
            );
        }
        Ok(changes) => changes,
        Err(error) => return refused(app, request, lead, error),
    };
    let view = app.db.read(|view| {
        let (mut page, nav) = frame(view, request, app, &lead.member, Section::Settings)?;
        page.title = say!("noun|Import").into();
        Ok(Question {
            page,
            tabs: Part::Headshots.tabs(&nav),
            nav,
            file: style.file().to_string(),
            seen: house_style::version_of(view, &lead.member.organization, style)?,
            changes,
            changed,
        })
    })?;
    shown_with(request, if changed { StatusCode::CONFLICT } else { StatusCode::OK }, &view)
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Answer {
    file: String,
    seen: String,
}

/// `POST /app/admin/settings/headshots/style/apply`: after the question.
async fn apply(app: Data<App>, request: HttpRequest, lead: Lead, Form(answer): Form<Answer>) -> Result<HttpResponse> {
    let style = match house_style::read(answer.file.as_bytes()) {
        Ok(style) => style,
        Err(error) => return refused(&app, &request, &lead, error),
    };
    let (by, wanted) = (lead.actor(), style.clone());
    let applied = app.db.write(move |tx| {
        if house_style::version_of(tx, &by.organization, &wanted)? != answer.seen {
            return Ok(None);
        }
        house_style::apply(tx, &by, &wanted).map(Some)
    });
    match applied.await {
        Ok(Some(changes)) => {
            let words = say!("Imported: {n} change." | "Imported: {n} changes.", n = changes.len());
            saying(&app, to(Part::Headshots.href()), words)
        }
        // Something was set otherwise meanwhile.
        Ok(None) => question(&app, &request, &lead, &style, true),
        Err(error) => refused(&app, &request, &lead, error),
    }
}
