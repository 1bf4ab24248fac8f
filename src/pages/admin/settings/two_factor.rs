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
    i18n::Message,
    ids::MemberId,
    members::{self, Member, Role},
    organizations,
    pages::{
        admin::{Nav, Section, Tab, frame},
        filters, shown, to,
        view::{Confirm, Page, saying},
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
    role: Message,
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
        Ok(TwoFactor { page, tabs: Part::TwoFactor.tabs(&nav), nav, required, owner, rows, confirm })
    })?;
    shown(&request, &view)
}

fn row(member: &Member, factors: &Factors, owner: bool, me: &Member) -> Row {
    let passkeys = (factors.passkeys > 0).then(|| say!("{n} passkey" | "{n} passkeys", n = factors.passkeys));
    let app = factors.authenticator.map(|_| say!("authenticator app"));
    let has: Vec<String> = passkeys.into_iter().chain(app).map(String::from).collect();
    let has = (!has.is_empty()).then(|| has.join(", "));
    Row {
        id: member.id.to_string(),
        name: member.called().to_owned(),
        email: member.email.as_ref().map(ToString::to_string).unwrap_or_default(),
        role: if member.role == Role::Owner { say!("Owner") } else { say!("Lead") },
        can_reset: owner && has.is_some() && member.id != me.id,
        has,
    }
}

fn question(member: &Member) -> Confirm {
    Confirm {
        title: say!("Reset two-factor of {name}", name = member.called()).into(),
        words: say!("Their passkeys, their authenticator app and their recovery codes go, and every browser of theirs is signed out. They sign in by mail and add new ones.").into(),
        action: format!("{}/{}/reset", Part::TwoFactor.href(), member.id),
        button: say!("Reset two-factor").into(),
        cancel: Part::TwoFactor.href().to_owned(),
        name_to_type: None,
    }
}

/// `POST /app/admin/settings/two-factor`
async fn save(app: Data<App>, lead: Lead, Form(form): Form<Filled>) -> Result<HttpResponse> {
    let (by, on) = (lead.actor(), form.required.is_some());
    let said = match app.db.write(move |tx| auth::require_factors(tx, &by, on)).await {
        Ok(()) if on => say!("Leads need a second factor from now on."),
        Ok(()) => say!("Leads no longer need a second factor."),
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
        Ok(name) => say!("Reset two-factor of {name}.", name),
        Err(Error::Invalid(words)) => words,
        Err(other) => return Err(other),
    };
    saying(&app, to(Part::TwoFactor.href()), &said)
}
