//! Its domains: named, looked for in the DNS, given up.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{self, Data, Form, Path, ServiceConfig},
};
use serde::Deserialize;

use super::{HREF, Showing, screen};
use crate::{
    app::App,
    connections::{self, Connection, Domain},
    dns::Silence,
    error::{Error, Result},
    i18n::Message,
    ids::DomainId,
    members::DomainName,
    pages::{
        to,
        view::{Confirm, Field, saying},
    },
    web::{browser::Lead, resource},
};

pub(super) fn routes(config: &mut ServiceConfig) {
    let post = web::post;
    config
        .service(resource("/settings/single-sign-on/domains", "POST").route(post().to(add)))
        .service(resource("/settings/single-sign-on/domains/{id}/check", "POST").route(post().to(check)))
        .service(resource("/settings/single-sign-on/domains/{id}/remove", "POST").route(post().to(remove)));
}

/// Asked before a domain is given up.
pub(super) fn question(domain: &Domain, connection: Option<&Connection>) -> Confirm {
    let words = match (domain.proven_at, connection) {
        (Some(_), Some(_)) => say!(
            "Addresses of {domain} are no longer sent to your provider, and whoever comes from it for the first time is refused. Members stay. To add it again, it has to be proven again.",
            domain = domain.name
        ),
        (Some(_), None) => say!("To add it again, it has to be proven again."),
        (None, _) => say!("It isn't proven, so nothing changes for anyone. Added again, it gets another record."),
    };
    Confirm {
        title: say!("Remove {name}", name = domain.name).into(),
        words: words.into(),
        action: format!("{HREF}/domains/{}/remove", domain.id),
        button: say!("Remove domain").into(),
        cancel: HREF.to_owned(),
        name_to_type: None,
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Named {
    domain: String,
}

/// `POST /app/admin/settings/single-sign-on/domains`
async fn add(app: Data<App>, request: HttpRequest, lead: Lead, Form(form): Form<Named>) -> Result<HttpResponse> {
    let by = lead.actor();
    let added = match form.domain.parse::<DomainName>() {
        Ok(name) => app.db.write(move |tx| connections::add(tx, &by, &name)).await,
        Err(error) => Err(error),
    };
    match added {
        Ok(domain) => {
            saying(&app, to(HREF), say!("Added {domain}. Set its record, then check it.", domain = domain.name))
        }
        Err(error @ Error::Invalid(_)) => {
            let showing = Showing { domain: Field::wrong(form.domain, &error), ..Showing::default() };
            screen(&app, &request, &lead, showing, error.status())
        }
        Err(error) => Err(error),
    }
}

/// `POST /app/admin/settings/single-sign-on/domains/{id}/check`
async fn check(app: Data<App>, request: HttpRequest, lead: Lead, id: Path<DomainId>) -> Result<HttpResponse> {
    let domain = app.db.read(|view| connections::domain(view, &lead.member.organization, &id))?;
    app.limits.person(&request, &format!("dns {}", domain.organization))?;
    let mut found = Vec::new();
    for name in domain.places() {
        match app.dns.texts(&name).await {
            Ok(texts) => found.push((name, texts)),
            Err(Silence(why)) => return saying(&app, to(HREF), say!("{why} Try again in a moment.", why)),
        }
    }
    let by = lead.actor();
    match app.db.write(move |tx| connections::check(tx, &by, &id, &found)).await {
        Ok(domain) if domain.proven_at.is_some() => {
            saying(&app, to(HREF), say!("{domain} is proven. The record can go.", domain = domain.name))
        }
        Ok(domain) => saying(&app, to(HREF), domain.found_instead().unwrap_or(Message::new(""))),
        Err(error @ Error::Invalid(_)) => saying(&app, to(HREF), error.to_string()),
        Err(error) => Err(error),
    }
}

/// `POST /app/admin/settings/single-sign-on/domains/{id}/remove`
async fn remove(app: Data<App>, lead: Lead, id: Path<DomainId>) -> Result<HttpResponse> {
    let by = lead.actor();
    let domain = app.db.write(move |tx| connections::remove_domain(tx, &by, &id)).await?;
    saying(&app, to(HREF), say!("Removed {name}.", name = domain.name))
}
