//! The page of an open invite link: whoever has it types a work address, and is mailed the way in. [000]

use actix_web::{
    HttpRequest, HttpResponse,
    web::{self, Data, Form, Path, ServiceConfig},
};
use askama::Template;
use serde::Deserialize;

use super::{
    shown, shown_with,
    signin::{self, Door},
    single_sign_on,
    view::{Field, Page, When},
};
use crate::{
    app::App,
    auth::{self, Errand},
    db::View,
    error::{Error, Result},
    i18n::Message,
    links::{self, Link, State},
    members::Email,
    pages::filters,
    web::{get, language::chosen_in, resource},
};

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(resource("/organization/join/{id}", "GET, POST").route(get(ask)).route(web::post().to(mail)));
}

#[derive(Template)]
#[template(path = "bare/join.html")]
struct Join {
    page: Page,
    link: String,
    /// Whose addresses it is for, in words; empty if it is for any.
    rule: String,
    email: Field,
}

/// An open link that lets nobody in any more.
#[derive(Template)]
#[template(path = "bare/join-closed.html")]
struct Closed {
    page: Page,
    title: Message,
    state: State,
    /// When its time was over, if it had one.
    ended: Option<When>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Typed {
    email: String,
}

/// `GET /organization/join/{id}`
async fn ask(app: Data<App>, request: HttpRequest, id: Path<String>) -> Result<HttpResponse> {
    app.db.read(|view| {
        let link = link(view, &id)?;
        if link.state(view.now) != State::Open {
            return closed(view, &request, &link);
        }
        shown(&request, &form(view, &request, &link, Field::default())?)
    })
}

/// `POST /organization/join/{id}`
async fn mail(app: Data<App>, request: HttpRequest, id: Path<String>, typed: Form<Typed>) -> Result<HttpResponse> {
    let parsed: Result<Email> = typed.email.parse();
    app.limits.mail(&request, parsed.as_ref().map_or("", Email::as_str))?;
    let (link, now) = app.db.read(|view| Ok((link(view, &id)?, view.now)))?;
    if link.state(now) != State::Open {
        return app.db.read(|view| closed(view, &request, &link));
    }
    if let Ok(email) = &parsed
        && link.admits(email)
        && let Some(connection) = app.db.read(|view| auth::only_way_in(view, email))?
    {
        if connection.organization != link.organization {
            return single_sign_on::foreign(&app, &request, email);
        }
        let errand = Errand::Join(link.id, email.clone());
        return single_sign_on::leave(&app, &request, connection, Some(email), errand).await;
    }
    let asked = match parsed {
        Ok(email) => {
            let (id, to, language) = (link.id.clone(), email.clone(), chosen_in(&request));
            let asked = app.db.write(move |tx| {
                auth::ask_to_join(tx, &id, &to)?;
                auth::asked_in(tx, &to, language)
            });
            asked.await.map(|()| email)
        }
        Err(error) => Err(error),
    };
    match asked {
        Ok(email) => signin::sent(&app, &request, &email, &Door::Join(link.id)),
        Err(error @ Error::Invalid(_)) => {
            let email = Field::wrong(&typed.email, &error);
            let again = app.db.read(|view| form(view, &request, &link, email))?;
            shown_with(&request, error.status(), &again)
        }
        Err(error) => Err(error),
    }
}

/// A text that can't be a link's id names a link that isn't there.
fn link(view: &View, id: &str) -> Result<Link> {
    links::get(view, &id.parse().map_err(|_| Error::NotFound("Link"))?)
}

fn form(view: &View, request: &HttpRequest, link: &Link, email: Field) -> Result<Join> {
    let page = Page::branded(view, request, say!("Your headshots"), &link.organization)?;
    let domains = link.domains_or();
    let rule = if domains.is_empty() { domains } else { say!("Use your {domains} address.", domains).to_string() };
    Ok(Join { page, link: link.id.to_string(), rule, email })
}

/// The page of a link that lets nobody in any more: why, and whom to ask.
pub(super) fn closed(view: &View, request: &HttpRequest, link: &Link) -> Result<HttpResponse> {
    let state = link.state(view.now);
    let title = match state {
        State::UsedUp => say!("This invite link is used up"),
        State::Expired => say!("This invite link has expired"),
        State::Open | State::Revoked => say!("This invite link was revoked"),
    };
    let page = Page::branded(view, request, title.clone(), &link.organization)?;
    shown(request, &Closed { page, title, state, ended: link.expires_at.map(When::day) })
}
