//! The templates as a list, which of them go, and whether favourites have public addresses.

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{self, Data, Form, Path, Query, ServiceConfig},
};
use serde::Deserialize;

use super::{Part, Typed, rounds::Standing, then};
use crate::{
    app::App,
    audit::{Action, Change},
    error::Result,
    i18n::Message,
    ids::TemplateId,
    members::Role,
    organizations,
    pages::{
        admin::{Nav, Section, Tab, frame},
        filters, shown_with, to,
        undoing::{Leaving, leave},
        view::{Confirm, Page, saying},
    },
    profile_pictures::{self, MOST, Shape, Template},
    undo::{self, As, Thing},
    web::{browser::Lead, resource},
};

/// What stands before `/settings/profile-pictures/{id}` has to be named before it.
pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(resource("/settings/profile-pictures/avatars", "POST").route(web::post().to(switch)))
        .service(resource("/settings/profile-pictures/{id}/remove", "POST").route(web::post().to(remove)));
}

#[derive(askama::Template)]
#[template(path = "admin/profile-pictures.html")]
struct Screen {
    page: Page,
    nav: Nav,
    tabs: Vec<Tab>,
    templates: Vec<Card>,
    /// No more can be added.
    full: bool,
    avatars: bool,
    /// `?remove=ID`
    confirm: Option<Confirm>,
    /// Public pictures that would change with what is asked about; nothing: none.
    changing: Option<u32>,
    standing: Standing,
}

/// So many pictures, where it is to be asked what becomes of them.
pub(super) fn changing(pictures: u32) -> Option<u32> {
    Some(pictures).filter(|pictures| *pictures > 0)
}

struct Card {
    id: String,
    name: String,
    words: Message,
    picture: String,
    /// Avatars look like it.
    first: bool,
    /// Before it is deleted, it is asked what becomes of those.
    asks: bool,
    /// It is being deleted.
    leaving: Option<Leaving>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    remove: Option<TemplateId>,
}

/// `GET /app/admin/settings/profile-pictures`
pub(super) async fn show(
    app: Data<App>,
    request: HttpRequest,
    lead: Lead,
    Query(asked): Query<Asked>,
) -> Result<HttpResponse> {
    let view = app.db.read(|view| {
        let (page, nav) = frame(view, &request, &app, &lead.member, Section::Settings)?;
        let organization = organizations::get(view, &lead.member.organization)?;
        let listed = profile_pictures::list(view, &organization.id)?;
        let going = undo::going(view, &organization.id, undo::Kind::Template)?;
        let full = listed.len() as i64 >= MOST;
        let changing = changing(profile_pictures::shown_pictures(view, &organization.id)?);
        let asks = changing.is_some();
        // Only what public pictures look like leaves something to decide.
        let first = listed.first().filter(|first| asks && asked.remove.as_ref() == Some(&first.id));
        let confirm = first.map(question);
        let standing = Standing::of(view, &organization.id)?;
        let alone = undo::going(view, &organization.id, undo::Kind::TemplateAlone)?;
        let templates = (0..).zip(listed).map(|(nth, template): (usize, Template)| {
            let id = template.id.as_str();
            let leaving = Leaving::of(&going, id, &lead.member).or_else(|| Leaving::of(&alone, id, &lead.member));
            card(nth, template, asks && nth == 0, leaving)
        });
        let templates = templates.collect();
        let tabs = Part::ProfilePictures.tabs(&nav);
        Ok(Screen { page, nav, tabs, templates, full, avatars: organization.avatars, confirm, changing, standing })
    })?;
    shown_with(&request, StatusCode::OK, &view)
}

fn question(template: &Template) -> Confirm {
    let home = Part::ProfilePictures.href();
    Confirm {
        title: say!("Delete the template {name}", name = template.name).into(),
        words: say!("People can't take pictures of this look any more. Those they took stay theirs, and the headshots are untouched.").into(),
        action: format!("{home}/{}/remove", template.id),
        button: say!("Delete template").into(),
        cancel: home.to_owned(),
        name_to_type: None,
    }
}

fn card(nth: usize, template: Template, asks: bool, leaving: Option<Leaving>) -> Card {
    let design = &template.design;
    let size = design.size.to_string();
    let words = match design.shape {
        Shape::Circle => say!("Circle, {size} pixels", size),
        Shape::Rounded => say!("Rounded square, {size} pixels", size),
        Shape::Square => say!("Square, {size} pixels", size),
    };
    Card {
        words,
        picture: Typed::of("", design).picture(),
        id: template.id.to_string(),
        name: template.name,
        first: nth == 0,
        asks,
        leaving,
    }
}

/// What is said with a deletion.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Removed {
    then: String,
}

/// `POST /app/admin/settings/profile-pictures/{id}/remove`
async fn remove(app: Data<App>, lead: Lead, id: Path<TemplateId>, Form(said): Form<Removed>) -> Result<HttpResponse> {
    let id = id.into_inner();
    let template = app.db.read(|view| profile_pictures::get(view, &lead.member.organization, &id))?;
    let (what, back) = (say!("the template {name}", name = template.name), Part::ProfilePictures.href().to_owned());
    leave(&app, &lead.member, As::Lead, Thing::Template(id, then(&said.then)), what, back).await
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Switched {
    avatars: Option<String>,
}

/// `POST /app/admin/settings/profile-pictures/avatars`
async fn switch(app: Data<App>, lead: Lead, Form(switched): Form<Switched>) -> Result<HttpResponse> {
    let (by, on) = (lead.actor(), switched.avatars.is_some());
    app.db
        .write(move |tx| {
            by.must_be(Role::Admin)?;
            if organizations::get(tx, &by.organization)?.avatars == on {
                return Ok(());
            }
            organizations::set_avatars(tx, &by.organization, on)?;
            if !on {
                profile_pictures::forget_pins(tx, &by.organization)?;
            }
            by.note_change_of(tx, Action::SettingsChanged, "Public pictures", Change::switched(on))
        })
        .await?;
    let words = if on {
        say!("Saved. Each favourite has a public address from now on.")
    } else {
        say!("Saved. The public addresses show nothing any more.")
    };
    saying(&app, to(Part::ProfilePictures.href()), words)
}
