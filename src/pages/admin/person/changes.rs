//! What leads change about a person.

use actix_web::{
    HttpRequest, HttpResponse, Route,
    http::StatusCode,
    web::{self, Data, Form, Path, ServiceConfig},
};
use serde::Deserialize;

use super::{Ask, Typed, href, screen};
use crate::{
    app::App,
    error::{Error, Result},
    fields::{self, Given, Need},
    ids::{MemberId, TeamId},
    invites,
    members::{self, Change, Email, PersonName, Title},
    offboarding,
    pages::{
        admin::{Section, said},
        to,
        undoing::leave,
        view::{Field, saying},
    },
    shoots, teams,
    undo::{As, Thing},
    web::{browser::Lead, resource},
};

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(resource("/members/{id:[0-9a-f]{24}}/address", "POST").route(web::post().to(give_address)))
        .service(resource("/members/{id:[0-9a-f]{24}}/answers", "POST").route(web::post().to(answer)))
        .service(resource("/members/{id:[0-9a-f]{24}}/retry", "POST").route(web::post().to(retry)))
        .service(resource("/members/{id:[0-9a-f]{24}}/remove", "POST").route(web::post().to(remove)));
}

/// The form on the page itself.
pub(super) fn saving() -> Route {
    web::post().to(save)
}

#[derive(Deserialize)]
struct Details {
    name: Option<String>,
    #[serde(default)]
    title: String,
    /// Empty: none. Left out where there are no teams.
    team: Option<String>,
}

/// `POST /app/admin/members/{id}`
async fn save(
    app: Data<App>,
    request: HttpRequest,
    lead: Lead,
    id: Path<MemberId>,
    Form(form): Form<Details>,
) -> Result<HttpResponse> {
    let id = id.into_inner();
    let name = form.name.as_deref().map(PersonName::parse).transpose();
    let title = Title::parse(&form.title);
    let team = match form.team.as_deref() {
        None => None,
        Some("") => Some(None),
        Some(text) => Some(Some(said::<TeamId>(Some(text)).ok_or(Error::NotFound("Team"))?)),
    };
    let (name, title) = match (name, title) {
        (Ok(name), Ok(title)) => (name, title),
        (name, title) => {
            let typed = Typed {
                name: form.name.map(|text| field(text, name.err().as_ref())),
                title: Some(field(form.title, title.err().as_ref())),
                team,
                ..Typed::default()
            };
            return screen(&app, &request, &lead, &id, typed, StatusCode::BAD_REQUEST).await;
        }
    };
    let (by, person) = (lead.actor(), id.clone());
    let saved = app.db.write(move |tx| {
        let member = members::of_organization(tx, &by.organization, &person)?;
        if let Some(name) = name.filter(|_| member.is_looked_after()) {
            teams::rename_member(tx, &by, &member, &name)?;
        }
        teams::change_one(tx, &by, &member, &Change { team, title: Some(title) })
    });
    let member = saved.await?;
    saying(&app, to(href(&id)), say!("Saved the details of {name}.", name = member.called()))
}

fn field(text: String, error: Option<&Error>) -> Field {
    match error {
        Some(error) => Field::wrong(text, error),
        None => Field::new(text),
    }
}

#[derive(Deserialize)]
struct Address {
    #[serde(default)]
    email: String,
}

/// `POST /app/admin/members/{id}/address`
async fn give_address(
    app: Data<App>,
    request: HttpRequest,
    lead: Lead,
    id: Path<MemberId>,
    Form(form): Form<Address>,
) -> Result<HttpResponse> {
    let (by, person) = (lead.actor(), id.clone());
    let given = match form.email.parse::<Email>() {
        Ok(email) => {
            let given = app.db.write(move |tx| {
                let member = members::of_organization(tx, &by.organization, &person)?;
                invites::give_address(tx, &by, &member, &email)
            });
            given.await
        }
        Err(error) => Err(error),
    };
    match given {
        Ok(member) => {
            saying(&app, to(href(&id)), say!("{name} can sign in by this address now.", name = member.called()))
        }
        Err(error @ (Error::Invalid(_) | Error::AlreadyExists(_))) => {
            let typed = Typed { address: Some(Field::wrong(form.email, &error)), ..Typed::default() };
            screen(&app, &request, &lead, &id, typed, error.status()).await
        }
        Err(error) => Err(error),
    }
}

/// `POST /app/admin/members/{id}/answers`: to the organization's questions, each under its id.
async fn answer(
    app: Data<App>,
    request: HttpRequest,
    lead: Lead,
    id: Path<MemberId>,
    Form(posted): Form<Vec<(String, String)>>,
) -> Result<HttpResponse> {
    let (by, person, given) = (lead.actor(), id.clone(), Given::read(&posted));
    let answers = given.clone();
    let saved = app.db.write(move |tx| {
        let member = members::of_organization(tx, &by.organization, &person)?;
        fields::answer(tx, &by, &member, &given, Need::Kept)?;
        Ok(member)
    });
    match saved.await {
        Ok(member) => saying(&app, to(href(&id)), say!("Saved the answers of {name}.", name = member.called())),
        Err(error @ Error::Invalid(_)) => {
            let typed = Typed { answers: Some(answers), ..Typed::default() };
            screen(&app, &request, &lead, &id, typed, error.status()).await
        }
        Err(error) => Err(error),
    }
}

/// `POST /app/admin/members/{id}/retry`
async fn retry(app: Data<App>, lead: Lead, id: Path<MemberId>) -> Result<HttpResponse> {
    let (by, person) = (lead.actor(), id.clone());
    let granted = app.db.write(move |tx| {
        let member = members::of_organization(tx, &by.organization, &person)?;
        shoots::grant_retry(tx, &by, &member)?;
        Ok(member)
    });
    match granted.await {
        Ok(member) => saying(&app, to(href(&id)), say!("{name} can make headshots once more.", name = member.called())),
        // Granted in another window, or going on already: the page says how things stand.
        Err(Error::Invalid(why)) => saying(&app, to(href(&id)), &why),
        Err(error) => Err(error),
    }
}

#[derive(Deserialize)]
struct Confirmed {
    #[serde(default)]
    confirm: String,
}

/// `POST /app/admin/members/{id}/remove`
async fn remove(
    app: Data<App>,
    request: HttpRequest,
    lead: Lead,
    id: Path<MemberId>,
    Form(form): Form<Confirmed>,
) -> Result<HttpResponse> {
    let removal = app.db.read(|view| offboarding::removal(view, &lead.member.organization, &id))?;
    let called = removal.member.called().to_owned();
    if removal.headshots > 0 && !same_name(&form.confirm, &called) {
        let typed = Typed { ask: Some(Ask::Remove), unconfirmed: true, ..Typed::default() };
        return screen(&app, &request, &lead, &id, typed, StatusCode::BAD_REQUEST).await;
    }
    let thing = Thing::Members(vec![id.clone()]);
    match leave(&app, &lead.member, As::Lead, thing, called, Section::Members.href().to_owned()).await {
        Err(Error::Invalid(why)) => saying(&app, to(href(&id)), &why),
        done => done,
    }
}

/// As people type it: case and blanks around it don't count.
pub(in crate::pages::admin) fn same_name(typed: &str, name: &str) -> bool {
    typed.trim().to_lowercase() == name.trim().to_lowercase()
}
