//! The tab "On their behalf": someone whose photos the leads add. Leads straight to that person's photos. [001]

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{self, Data, Form, ServiceConfig},
};
use serde::Deserialize;

use super::{Back, Refused, Typed as Dialog, Way, again, can_be_mended, team, with};
use crate::{
    app::App,
    error::{Error, Result},
    invites,
    members::{self, Email, NewManaged, PersonName, Title},
    pages::{
        to,
        view::{self, Field},
    },
    web::{browser::Lead, once::once_for_form, resource},
};

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(resource("/managed", "POST").route(web::post().to(add)));
}

/// The tab's form.
#[derive(Default)]
pub(in crate::pages::admin) struct ManagedForm {
    pub(in crate::pages::admin) name: Field,
    pub(in crate::pages::admin) email: Field,
    pub(in crate::pages::admin) title: Field,
}

/// What was typed.
#[derive(Clone, Default)]
pub(super) struct Typed {
    name: Field,
    email: Field,
    title: Field,
}

impl ManagedForm {
    pub(super) fn new(typed: &Typed) -> Self {
        Self { name: typed.name.clone(), email: typed.email.clone(), title: typed.title.clone() }
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Adding {
    name: String,
    email: String,
    title: String,
    team: String,
    from: String,
    once: String,
}

/// Where someone's photos are added for them.
fn onboarding_for(member: &str) -> String {
    format!("/team-member/for/{member}/onboarding")
}

/// `POST /app/admin/managed`
async fn add(app: Data<App>, request: HttpRequest, lead: Lead, Form(form): Form<Adding>) -> Result<HttpResponse> {
    let back = Back::parse(&form.from);
    let new = match read(&form) {
        Ok(new) => new,
        Err(typed) => {
            let typed =
                Dialog { way: Some(Way::Managed), team: form.team.clone(), managed: *typed, ..Dialog::default() };
            return again(&app, &request, &lead, &back, &typed, StatusCode::BAD_REQUEST).await;
        }
    };
    let (by, server) = (lead.actor(), app.key.clone());
    let (once, filled_in) = (form.once.clone(), [&form.name, &form.email, &form.title, &form.team].map(Clone::clone));
    let made = match team(&form.team) {
        Ok(team) => {
            let new = NewManaged { team, ..new };
            app.db
                .write(move |tx| {
                    let filled_in = filled_in.each_ref().map(String::as_str);
                    once_for_form(tx, &server, &by.organization, (&once, &filled_in), || {
                        invites::add_on_behalf(tx, &by, &new).map(|member| member.id.to_string())
                    })
                })
                .await
        }
        Err(error) => Err(error),
    };
    match made {
        Ok(member) => Ok(to(onboarding_for(&member))),
        Err(error) if can_be_mended(&error) => {
            let typed = refused(&app, &lead, &form, &back, &error)?;
            again(&app, &request, &lead, &back, &typed, error.status()).await
        }
        Err(error) => Err(error),
    }
}

/// Someone new, with no team yet; or what was typed, with what is wrong about it.
fn read(form: &Adding) -> Result<NewManaged, Box<Typed>> {
    let email = match form.email.trim() {
        "" => Ok(None),
        email => email.parse().map(Some),
    };
    match (PersonName::parse(&form.name), email, Title::parse(&form.title)) {
        (Ok(name), Ok(email), Ok(title)) => Ok(NewManaged { name, email, title, team: None }),
        (name, email, title) => {
            let field = |value: &str, error: Option<Error>| Field {
                value: value.to_owned(),
                error: error.map(|error| error.to_string()),
            };
            Err(Box::new(Typed {
                name: field(&form.name, name.err()),
                email: field(&form.email, email.err()),
                title: field(&form.title, title.err()),
            }))
        }
    }
}

fn refused(app: &App, lead: &Lead, form: &Adding, back: &Back, error: &Error) -> Result<Dialog> {
    let managed =
        Typed { name: Field::new(&form.name), email: Field::new(&form.email), title: Field::new(&form.title) };
    let typed = Dialog { way: Some(Way::Managed), team: form.team.clone(), managed, ..Dialog::default() };
    let Error::AlreadyExists(words) = error else { return Ok(typed.refused_by(error)) };
    // Whoever is a member can't be invited either.
    let is_here = match form.email.parse::<Email>() {
        Ok(email) => app.db.read(|view| members::by_email(view, &lead.member.organization, &email))?.is_some(),
        Err(_) => false,
    };
    let invite = || with(&back.href, &[("add", Way::Invite.as_str()), ("emails", form.email.trim())]);
    let next = (!is_here).then(|| view::Link::new(invite(), say!("Invite them")));
    Ok(Dialog { refused: Some(Refused::new(words.to_string(), next)), ..typed })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_says_what_is_wrong_with_it() {
        let form = Adding { email: "kim@".to_owned(), title: "x".repeat(201), ..Adding::default() };
        let typed = read(&form).err().unwrap();
        assert!(typed.name.error.is_some() && typed.email.error.is_some() && typed.title.error.is_some());
        assert_eq!(typed.email.value, "kim@");
        let good = Adding { name: " Kim Lee ".to_owned(), email: " ".to_owned(), ..Adding::default() };
        assert!(read(&good).is_ok_and(|new| new.email.is_none()));
    }
}
