//! What the organization is known by: its name, its web site, its colour and its logo.

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{self, Data, Form, Payload, Query, ServiceConfig},
};
use askama::Template;
use futures::StreamExt;
use serde::Deserialize;

use super::Part;
use crate::{
    app::{App, uploads::Received},
    audit::{Action, Change},
    branding,
    error::{Error, Result},
    i18n::{Language, Message},
    members::Role,
    organizations::{self, Ground, Identity, OrganizationName},
    pages::{
        admin::{Nav, Section, Tab, frame},
        filters,
        member::{Fields, broken, name_of},
        shown_with, to,
        undoing::{Leaving, leave},
        view::{Field, Page, saying},
    },
    photos::LARGEST,
    undo::{self, As, Thing},
    web::{browser::Lead, get, resource},
};

/// Most bytes read of a form with one logo.
const MOST_OF_ONE: usize = 4 * LARGEST;

/// What the colour field shows while there is no colour.
const UNCHOSEN: &str = "#1a6b75";

mod contrast;

use contrast::Contrast;

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(resource("/settings/organization", "GET, POST").route(get(show)).route(web::post().to(save)))
        .service(resource("/settings/organization/logo", "POST").route(web::post().to(add_logo)))
        .service(resource("/settings/organization/logo/remove", "POST").route(web::post().to(remove_logo)));
}

#[derive(Template)]
#[template(path = "admin/organization.html")]
struct Screen {
    page: Page,
    nav: Nav,
    tabs: Vec<Tab>,
    name: Field,
    website: Field,
    languages: Vec<LanguageChoice>,
    coloured: bool,
    accent: Field,
    /// Of the colour in the field.
    contrast: Contrast,
    logo: Option<String>,
    /// What is done where the logo can't be seen.
    logo_words: Option<Message>,
    /// What is wrong with the logo that was to be added.
    refused: Option<String>,
    /// It is being removed.
    leaving: Option<Leaving>,
}

/// A language to choose.
struct LanguageChoice {
    value: &'static str,
    words: &'static str,
    chosen: bool,
}

/// What the page shows otherwise than usual.
#[derive(Default)]
struct Showing {
    typed: Option<(Field, Field, bool, Field)>,
    refused: Option<String>,
    language: Option<Language>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    /// A look at a colour before it is saved, with all that is typed.
    preview: Option<String>,
    #[serde(flatten)]
    typed: Posted,
}

/// `GET /app/admin/settings/organization`
async fn show(app: Data<App>, request: HttpRequest, lead: Lead, Query(asked): Query<Asked>) -> Result<HttpResponse> {
    let Asked { preview, typed } = asked;
    let language = Language::parse(&typed.language);
    let typed = preview.map(|_| {
        let Posted { name, website, coloured, accent, .. } = typed;
        let read = organizations::accent(&accent);
        (Field::new(name), Field::new(website), coloured.is_some(), judged(accent, read))
    });
    screen(&app, &request, &lead, Showing { typed, language, ..Showing::default() }, StatusCode::OK)
}

fn screen(app: &App, request: &HttpRequest, lead: &Lead, shown: Showing, status: StatusCode) -> Result<HttpResponse> {
    let view = app.db.read(|view| {
        let (page, nav) = frame(view, request, app, &lead.member, Section::Settings)?;
        let organization = organizations::get(view, &lead.member.organization)?;
        let logo = organization.logo.as_ref().map(|version| branding::address(&organization.id, version));
        let (name, website, coloured, accent) = shown.typed.clone().unwrap_or_else(|| {
            let accent = organization.accent.clone();
            (
                Field::new(organization.name.clone()),
                Field::new(organization.website.clone().unwrap_or_default()),
                accent.is_some(),
                Field::new(accent.unwrap_or_else(|| UNCHOSEN.to_owned())),
            )
        });
        let written = shown.language.unwrap_or(organization.language);
        let languages = Language::ALL.into_iter().map(|language| LanguageChoice {
            value: language.tag(),
            words: language.own_name(),
            chosen: language == written,
        });
        let languages = languages.collect();
        let going = undo::going(view, &organization.id, undo::Kind::Logo)?;
        let thing = organization.logo.map(|version| Thing::Logo(organization.id, version));
        let leaving =
            thing.and_then(|logo| logo.subjects().iter().find_map(|id| Leaving::of(&going, id, &lead.member)));
        let (tabs, refused) = (Part::Organization.tabs(&nav), shown.refused.clone());
        // What is no colour shows how the usual one fares.
        let contrast = Contrast::of(&accent.value).or_else(|_| Contrast::of(UNCHOSEN))?;
        let logo_words = organization.logo_ground.map(|ground| match ground {
            Ground::Light => say!("It can't be seen on a dark page, so it stands on white there. One in colours that show on both needs no ground of its own."),
            Ground::Dark => say!("It can't be seen on a light page, so it stands on a dark ground there. One in colours that show on both needs no ground of its own."),
        });
        Ok(Screen {
            page,
            nav,
            tabs,
            name,
            website,
            languages,
            coloured,
            accent,
            contrast,
            logo,
            logo_words,
            refused,
            leaving,
        })
    })?;
    shown_with(request, status, &view)
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Posted {
    name: String,
    website: String,
    /// Its tag; empty: as it is.
    language: String,
    coloured: Option<String>,
    accent: String,
}

/// `POST /app/admin/settings/organization`
async fn save(app: Data<App>, request: HttpRequest, lead: Lead, Form(posted): Form<Posted>) -> Result<HttpResponse> {
    let coloured = posted.coloured.is_some();
    let (name, website) = (OrganizationName::parse(&posted.name), organizations::website(&posted.website));
    let accent = if coloured { organizations::accent(&posted.accent) } else { Ok(None) };
    let language = Language::parse(&posted.language);
    let new = match (name, website, accent) {
        (Ok(name), Ok(website), Ok(accent)) => Identity { name, website, accent },
        (name, website, accent) => {
            let typed = Some((
                judged(posted.name, name),
                judged(posted.website, website),
                coloured,
                judged(posted.accent, accent),
            ));
            let shown = Showing { typed, language, ..Showing::default() };
            return screen(&app, &request, &lead, shown, StatusCode::BAD_REQUEST);
        }
    };
    let by = lead.actor();
    app.db
        .write(move |tx| {
            by.must_be(Role::Admin)?;
            let before = organizations::set_identity(tx, &by.organization, &new)?;
            let unchosen = || "none".to_owned();
            let language = language.unwrap_or(before.language);
            organizations::set_language(tx, &by.organization, language)?;
            let changes = [
                ("Name", before.name, new.name.to_string()),
                ("Website", before.website.unwrap_or_else(unchosen), new.website.unwrap_or_else(unchosen)),
                ("Language", before.language.own_name().to_owned(), language.own_name().to_owned()),
                ("Accent", before.accent.unwrap_or_else(unchosen), new.accent.unwrap_or_else(unchosen)),
            ];
            for (what, before, after) in changes.iter().filter(|(_, before, after)| before != after) {
                by.note_change_of(tx, Action::SettingsChanged, what, Change::new(before, after))?;
            }
            Ok(())
        })
        .await?;
    saying(&app, to(Part::Organization.href()), say!("Saved."))
}

fn judged<T>(typed: String, read: Result<T>) -> Field {
    match read {
        Ok(_) => Field::new(typed),
        Err(error) => Field::wrong(typed, &error),
    }
}

/// `POST /app/admin/settings/organization/logo`: `logo`
async fn add_logo(app: Data<App>, request: HttpRequest, lead: Lead, body: Payload) -> Result<HttpResponse> {
    let mut form = Fields::new(&request, body, MOST_OF_ONE);
    let kept = async {
        let received = read(&app, &mut form).await?;
        app.uploads.keep_logo(&app.db, &app.storage, lead.actor(), received).await
    };
    match kept.await {
        Ok(()) => {
            saying(&app, to(Part::Organization.href()), say!("Saved. Pages and mails show the logo from now on."))
        }
        Err(error @ (Error::Invalid(_) | Error::TooLarge(_) | Error::Unsupported(_) | Error::Unavailable(_))) => {
            // Only who has sent all of it hears the answer.
            while let Some(Ok(_)) = form.next().await {}
            let refused = Some(error.to_string());
            screen(&app, &request, &lead, Showing { refused, ..Showing::default() }, error.status())
        }
        Err(other) => Err(other),
    }
}

async fn read(app: &App, form: &mut Fields) -> Result<Received> {
    while let Some(field) = form.next().await {
        let mut field = field?;
        if field.name() == Some("logo") {
            let (mut incoming, mut empty) = (app.uploads.open()?, true);
            while let Some(piece) = field.next().await {
                let piece = piece.map_err(broken)?;
                empty &= piece.is_empty();
                incoming.add(&piece).await?;
            }
            if !empty {
                return incoming.finish(name_of(&field)).await;
            }
        }
    }
    Err(Error::invalid(say!("Choose a picture first.")))
}

/// `POST /app/admin/settings/organization/logo/remove`
async fn remove_logo(app: Data<App>, lead: Lead) -> Result<HttpResponse> {
    let logo = app.db.read(|view| organizations::brand_of(view, &lead.member.organization))?;
    let thing = Thing::Logo(lead.member.organization.clone(), logo.ok_or(Error::NotFound("Logo"))?);
    leave(&app, &lead.member, As::Lead, thing, say!("the logo"), Part::Organization.href().to_owned()).await
}
