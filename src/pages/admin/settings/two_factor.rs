//! Second factors of the leads: whether they need one, who has one, and taking one off that is lost.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{self, Data, Form, Path, Query, ServiceConfig},
};
use askama::Template;
use serde::Deserialize;

use super::Part;
use crate::{
    app::App,
    auth::{self, Factors},
    error::{Error, Result},
    ids::MemberId,
    members::{self, Member, Role},
    organizations,
    pages::{
        admin::{Nav, Section, Tab, frame},
        shown, to,
        view::{Confirm, Page, counted, saying},
    },
    web::{browser::Lead, get, resource},
};

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(resource("/settings/two-factor", "GET, POST").route(get(show)).route(web::post().to(save)))
        .service(resource("/settings/two-factor/{member}/reset", "POST").route(web::post().to(reset)));
}

#[derive(Template)]
#[template(path = "admin/two-factor.html")]
struct TwoFactor {
    page: Page,
    nav: Nav,
    tabs: Vec<Tab>,
    required: bool,
    /// Only they may change it.
    owner: bool,
    rows: Vec<Row>,
    confirm: Option<Confirm>,
}

struct Row {
    id: String,
    name: String,
    email: String,
    role: &'static str,
    /// What they have; none if nothing.
    has: Option<String>,
    can_reset: bool,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    reset: Option<MemberId>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Filled {
    required: Option<String>,
}

/// `GET /app/admin/settings/two-factor`
async fn show(app: Data<App>, request: HttpRequest, lead: Lead, Query(asked): Query<Asked>) -> Result<HttpResponse> {
    let view = app.db.read(|view| {
        let (page, nav) = frame(view, &request, &app, &lead.member, Section::Settings)?;
        let owner = lead.member.role == Role::Owner;
        let leads = auth::leads_with_factors(view, &lead.member.organization)?;
        let confirm = match asked.reset.filter(|_| owner) {
            Some(id) => {
                let (member, _) = leads.iter().find(|(member, _)| member.id == id).ok_or(Error::NotFound("Member"))?;
                Some(question(member))
            }
            None => None,
        };
        let required = organizations::needs_two_factor(view, &lead.member.organization)?;
        let rows = leads.into_iter().map(|(member, factors)| row(&member, &factors, owner, &lead.member)).collect();
        Ok(TwoFactor { page, nav, tabs: Part::TwoFactor.tabs(), required, owner, rows, confirm })
    })?;
    shown(&request, &view)
}

fn row(member: &Member, factors: &Factors, owner: bool, me: &Member) -> Row {
    let passkeys = (factors.passkeys > 0).then(|| counted(factors.passkeys, "passkey"));
    let app = factors.authenticator.map(|_| "authenticator app".to_owned());
    let has: Vec<String> = passkeys.into_iter().chain(app).collect();
    let has = (!has.is_empty()).then(|| has.join(", "));
    Row {
        id: member.id.to_string(),
        name: member.called().to_owned(),
        email: member.email.as_ref().map(ToString::to_string).unwrap_or_default(),
        role: if member.role == Role::Owner { "Owner" } else { "Lead" },
        can_reset: owner && has.is_some() && member.id != me.id,
        has,
    }
}

fn question(member: &Member) -> Confirm {
    Confirm {
        title: format!("Reset two-factor of {}", member.called()),
        words: "Their passkeys, their authenticator app and their recovery codes go, and every browser of theirs is signed out. They sign in by mail and add new ones.".to_owned(),
        action: format!("{}/{}/reset", Part::TwoFactor.href(), member.id),
        button: "Reset two-factor".to_owned(),
        cancel: Part::TwoFactor.href().to_owned(),
        name_to_type: None,
    }
}

/// `POST /app/admin/settings/two-factor`
async fn save(app: Data<App>, lead: Lead, Form(form): Form<Filled>) -> Result<HttpResponse> {
    let (by, on) = (lead.actor(), form.required.is_some());
    let said = match app.db.write(move |tx| auth::require_factors(tx, &by, on)).await {
        Ok(()) if on => "Leads need a second factor from now on.".into(),
        Ok(()) => "Leads no longer need a second factor.".into(),
        Err(Error::Invalid(words)) => words,
        Err(other) => return Err(other),
    };
    saying(&app, to(Part::TwoFactor.href()), &said)
}

/// `POST /app/admin/settings/two-factor/{member}/reset`
async fn reset(app: Data<App>, lead: Lead, id: Path<String>) -> Result<HttpResponse> {
    let id: MemberId = id.parse().map_err(|_| Error::NotFound("Member"))?;
    let by = lead.actor();
    let reset = app.db.write(move |tx| {
        let member = members::get(tx, &id)?;
        auth::reset_factors(tx, &by, &member)?;
        Ok(member.called().to_owned())
    });
    let said = match reset.await {
        Ok(name) => format!("Reset two-factor of {name}."),
        Err(Error::Invalid(words)) => words.into_owned(),
        Err(other) => return Err(other),
    };
    saying(&app, to(Part::TwoFactor.href()), &said)
}
