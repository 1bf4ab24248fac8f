//! Profile pictures: the templates, each drawn as it is chosen, and whether favourites have public addresses.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        StatusCode,
        header::{CacheControl, CacheDirective},
    },
    web::{self, Data, Form, Path, Query, ServiceConfig},
};

use serde::{Deserialize, Serialize};
use url::form_urlencoded;

use super::Part;
use crate::{
    app::{App, portraits::Order},
    db::{View, Window},
    error::{Error, Result},
    i18n::Message,
    ids::TemplateId,
    organizations,
    pages::{
        admin::{Nav, Section, Tab, frame},
        filters, shown_with, to,
        view::{Choice, Field, Page, saying},
    },
    profile_pictures::{self, BORDERS, Corner, Design, Format, SIZES, Shape, TemplateName, Then},
    results,
    web::{browser::Lead, get, resource},
};

mod list;
mod rounds;

/// How large pictures are in the list, in pixels a side.
const SHOWN: u32 = 256;

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(resource("/settings/profile-pictures", "GET, POST").route(get(list::show)).route(web::post().to(add)))
        .configure(list::routes)
        .service(resource("/settings/profile-pictures/new", "GET").route(get(begin)))
        .configure(rounds::routes)
        .service(resource("/settings/profile-pictures/preview.png", "GET").route(get(preview)))
        .service(
            resource("/settings/profile-pictures/{id}", "GET, POST").route(get(edit)).route(web::post().to(change)),
        );
}

#[derive(askama::Template)]
#[template(path = "admin/profile-picture.html")]
struct Editor {
    page: Page,
    nav: Nav,
    tabs: Vec<Tab>,
    title: Message,
    /// Where it is posted to, and where it is previewed without script.
    action: String,
    here: String,
    button: Message,
    picture: String,
    name: Field,
    size: Field,
    border: Field,
    shapes: Vec<Choice>,
    corners: Vec<Choice>,
    own: bool,
    background: Field,
    border_colour: Field,
    greyscale: bool,
    has_logo: bool,
    /// Public pictures that change with it; nothing: none.
    changing: Option<u32>,
    /// They stay as they are.
    new_only: bool,
    /// What is wrong with it as a whole.
    refused: Option<String>,
}

/// A template as its form has it.
#[derive(Clone, Default, Deserialize, Serialize)]
#[serde(default)]
struct Typed {
    name: String,
    shape: String,
    size: String,
    ground: String,
    background: String,
    border: String,
    border_colour: String,
    greyscale: Option<String>,
    logo: String,
    /// `new`: public pictures there are stay as they are.
    then: String,
}

impl Typed {
    fn of(name: &str, design: &Design) -> Self {
        Self {
            name: name.to_owned(),
            shape: design.shape.to_string(),
            size: design.size.to_string(),
            ground: if design.background.is_some() { "colour" } else { "own" }.to_owned(),
            background: design.background.map_or_else(|| "#e8e4de".to_owned(), |colour| colour.to_string()),
            border: design.border.to_string(),
            border_colour: design.border_colour.to_string(),
            greyscale: design.greyscale.then(|| "on".to_owned()),
            logo: design.logo.map(|corner| corner.to_string()).unwrap_or_default(),
            then: String::new(),
        }
    }

    fn then(&self) -> Then {
        then(&self.then)
    }

    fn fresh() -> Self {
        Self::of("", &Design { shape: Shape::Circle, ..Design::plain(512) })
    }

    fn design(&self) -> Result<Design> {
        let logo = Some(self.logo.as_str()).filter(|corner| !corner.is_empty());
        Ok(Design {
            shape: self.shape.parse()?,
            size: size_of(&self.size)?,
            background: if self.ground == "colour" { Some(self.background.parse()?) } else { None },
            border: border_of(&self.border)?,
            border_colour: self.border_colour.parse()?,
            greyscale: self.greyscale.is_some(),
            logo: logo.map(str::parse).transpose()?,
        })
    }

    /// The address of what it looks like.
    fn picture(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query
            .append_pair("shape", &self.shape)
            .append_pair("size", &self.size)
            .append_pair("ground", &self.ground)
            .append_pair("background", &self.background)
            .append_pair("border", &self.border)
            .append_pair("border_colour", &self.border_colour)
            .append_pair("logo", &self.logo);
        if self.greyscale.is_some() {
            query.append_pair("greyscale", "on");
        }
        format!("{}/preview.png?{}", Part::ProfilePictures.href(), query.finish())
    }
}

fn then(said: &str) -> Then {
    if said == "new" { Then::NewOnly } else { Then::All }
}

fn size_of(text: &str) -> Result<u32> {
    let (least, most) = (SIZES.start().to_string(), SIZES.end().to_string());
    number(text, &SIZES)
        .ok_or_else(|| Error::invalid(say!("The size is a number of pixels from {least} to {most}.", least, most)))
}

fn border_of(text: &str) -> Result<u32> {
    let (least, most) = (BORDERS.start(), BORDERS.end());
    number(text, &BORDERS)
        .ok_or_else(|| Error::invalid(say!("The border is a number of pixels from {least} to {most}.", least, most)))
}

fn number(text: &str, within: &std::ops::RangeInclusive<u32>) -> Option<u32> {
    text.trim().parse().ok().filter(|number| within.contains(number))
}

/// `GET /app/admin/settings/profile-pictures/new`: with what was chosen so far, if a preview of it is asked for.
async fn begin(app: Data<App>, request: HttpRequest, lead: Lead, Query(typed): Query<Typed>) -> Result<HttpResponse> {
    let typed = if typed.shape.is_empty() { Typed::fresh() } else { typed };
    form(&app, &request, &lead, None, typed, None, StatusCode::OK)
}

/// `GET /app/admin/settings/profile-pictures/{id}`
async fn edit(
    app: Data<App>,
    request: HttpRequest,
    lead: Lead,
    id: Path<TemplateId>,
    Query(typed): Query<Typed>,
) -> Result<HttpResponse> {
    let kept = app.db.read(|view| profile_pictures::get(view, &lead.member.organization, &id))?;
    let typed = if typed.shape.is_empty() { Typed::of(&kept.name, &kept.design) } else { typed };
    form(&app, &request, &lead, Some(&kept.id), typed, None, StatusCode::OK)
}

fn form(
    app: &App,
    request: &HttpRequest,
    lead: &Lead,
    id: Option<&TemplateId>,
    typed: Typed,
    refused: Option<&Error>,
    status: StatusCode,
) -> Result<HttpResponse> {
    let home = Part::ProfilePictures.href();
    let view = app.db.read(|view| {
        let (page, nav) = frame(view, request, app, &lead.member, Section::Settings)?;
        let organization = organizations::get(view, &lead.member.organization)?;
        let has_logo = organization.logo.is_some();
        let first = profile_pictures::list(view, &organization.id)?.into_iter().next().map(|first| first.id);
        // Public pictures look like the first one, which the only one is.
        let changes = first.is_none() || first.as_ref() == id;
        let pictures = if changes { profile_pictures::shown_pictures(view, &organization.id)? } else { 0 };
        let shape = |shape: Shape, words: Message| Choice {
            value: shape.to_string(),
            words: words.into(),
            chosen: typed.shape == shape.as_str(),
        };
        let corner = |value: &str, words: Message| Choice {
            value: value.to_owned(),
            words: words.into(),
            chosen: typed.logo == value,
        };
        let (size, border) = (size_of(&typed.size), border_of(&typed.border));
        let judged = |text: &str, read: &Result<u32>| match read {
            Err(error) => Field::wrong(text, error),
            Ok(_) => Field::new(text),
        };
        let title = if id.is_some() { say!("Change the template") } else { say!("Add a template") };
        Ok(Editor {
            page,
            tabs: Part::ProfilePictures.tabs(&nav),
            nav,
            title,
            action: id.map_or_else(|| home.to_owned(), |id| format!("{home}/{id}")),
            here: id.map_or_else(|| format!("{home}/new"), |id| format!("{home}/{id}")),
            button: if id.is_some() { say!("Save template") } else { say!("Add template") },
            picture: if typed.design().is_ok() { typed.picture() } else { Typed::fresh().picture() },
            refused: refused.filter(|_| size.is_ok() && border.is_ok()).map(ToString::to_string),
            size: judged(&typed.size, &size),
            border: judged(&typed.border, &border),
            name: Field::new(typed.name.clone()),
            shapes: vec![
                shape(Shape::Circle, say!("Circle")),
                shape(Shape::Rounded, say!("Rounded square")),
                shape(Shape::Square, say!("Square")),
            ],
            corners: vec![
                corner("", say!("logo|None")),
                corner(Corner::TopLeft.as_str(), say!("Top left")),
                corner(Corner::TopRight.as_str(), say!("Top right")),
                corner(Corner::BottomLeft.as_str(), say!("Bottom left")),
                corner(Corner::BottomRight.as_str(), say!("Bottom right")),
            ],
            own: typed.ground != "colour",
            background: Field::new(typed.background.clone()),
            border_colour: Field::new(typed.border_colour.clone()),
            greyscale: typed.greyscale.is_some(),
            has_logo,
            changing: list::changing(pictures),
            new_only: typed.then() == Then::NewOnly,
        })
    })?;
    shown_with(request, status, &view)
}

/// `GET /app/admin/settings/profile-pictures/preview.png`: of the newest favourite, or of nobody.
async fn preview(app: Data<App>, lead: Lead, Query(typed): Query<Typed>) -> Result<HttpResponse> {
    let design = typed.design()?;
    let shown = design.at(design.size.min(2 * SHOWN));
    let order = app.db.read(|view| sample(view, &lead, shown))?;
    let bytes = app.portraits.draw(&order).await?;
    let kept = vec![CacheDirective::Private, CacheDirective::MaxAge(60)];
    Ok(HttpResponse::Ok().content_type("image/png").insert_header(CacheControl(kept)).body(bytes))
}

fn sample(view: &View, lead: &Lead, design: Design) -> Result<Order> {
    let organization = organizations::get(view, &lead.member.organization)?;
    let window = Window { limit: 1, offset: 0, after: None };
    let newest = results::favorites(view, &organization.id, None, &window)?.into_iter().next();
    Order::new(view, &organization, newest.map(|chosen| chosen.headshot).as_ref(), design, Format::Png)
}

/// `POST /app/admin/settings/profile-pictures`
async fn add(app: Data<App>, request: HttpRequest, lead: Lead, Form(typed): Form<Typed>) -> Result<HttpResponse> {
    let (by, then) = (lead.actor(), typed.then());
    let added = match (TemplateName::parse(&typed.name), typed.design()) {
        (Ok(name), Ok(design)) => app.db.write(move |tx| profile_pictures::add(tx, &by, &name, &design, then)).await,
        (Err(error), _) | (_, Err(error)) => Err(error),
    };
    match added {
        Ok(template) => {
            saying(&app, to(Part::ProfilePictures.href()), say!("Added the template {name}.", name = template.name))
        }
        Err(error @ Error::Invalid(_)) => {
            form(&app, &request, &lead, None, typed, Some(&error), StatusCode::BAD_REQUEST)
        }
        Err(other) => Err(other),
    }
}

/// `POST /app/admin/settings/profile-pictures/{id}`
async fn change(
    app: Data<App>,
    request: HttpRequest,
    lead: Lead,
    id: Path<TemplateId>,
    Form(typed): Form<Typed>,
) -> Result<HttpResponse> {
    let (by, which, then) = (lead.actor(), id.clone(), typed.then());
    let changed = match (TemplateName::parse(&typed.name), typed.design()) {
        (Ok(name), Ok(design)) => {
            app.db.write(move |tx| profile_pictures::change(tx, &by, &which, &name, &design, then)).await
        }
        (Err(error), _) | (_, Err(error)) => Err(error),
    };
    match changed {
        Ok(()) => saying(
            &app,
            to(Part::ProfilePictures.href()),
            say!("Saved. What people take along has this look from now on."),
        ),
        Err(error @ Error::Invalid(_)) => {
            app.db.read(|view| profile_pictures::get(view, &lead.member.organization, &id))?;
            form(&app, &request, &lead, Some(&id), typed, Some(&error), StatusCode::BAD_REQUEST)
        }
        Err(other) => Err(other),
    }
}
