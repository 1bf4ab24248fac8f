//! Headshots: how many a shoot makes, what can stand behind people, and who makes them.

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{self, Data, Form, Path, Payload, Query, ServiceConfig},
};
use askama::Template;
use futures::StreamExt;
use serde::Deserialize;

use super::{Part, allowed, keeping};
use crate::{
    app::{App, uploads::Received},
    audit::{Action, Change},
    db::View,
    error::{Error, Result},
    generator::Scene,
    ids::{BackdropId, OrganizationId},
    members::Role,
    organizations,
    pages::{
        admin::{
            Nav, Section, Tab, frame,
            picks::{self, Pick},
            teams::style::href as team_style,
        },
        member::{Fields, backdrop_file, broken, name_of},
        shown_with, to,
        view::{Confirm, Field, Link, Page, saying},
    },
    photos::LARGEST,
    shoots,
    storage::BackdropFile,
    styles::{self, BackdropName, MOST, Names, OwnBackdrop, Whose},
    teams,
    web::{browser::Lead, get, resource},
};

/// Most bytes read of a form with one picture; what is beyond the largest is thrown away, so that the browser hears why.
const MOST_OF_ONE: usize = 4 * LARGEST;

/// Longer than any name that is taken, in bytes.
const MOST_OF_A_NAME: usize = 1024;

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(resource("/settings/headshots", "GET, POST").route(get(show)).route(web::post().to(save)))
        .service(resource("/settings/headshots/edits", "POST").route(web::post().to(save_edits)))
        .service(resource("/settings/headshots/backdrops", "POST").route(web::post().to(add)))
        .service(resource("/settings/headshots/backdrops/{id}", "POST").route(web::post().to(rename)))
        .service(resource("/settings/headshots/backdrops/{id}/remove", "POST").route(web::post().to(remove)))
        .service(resource("/settings/headshots/backdrops/{id}/thumbnail.jpg", "GET").route(get(thumbnail)));
}

#[derive(Template)]
#[template(path = "admin/headshots.html")]
struct Screen {
    page: Page,
    nav: Nav,
    tabs: Vec<Tab>,
    count: Field,
    keeping: Field,
    keeps: std::ops::RangeInclusive<u16>,
    least: u8,
    most: u8,
    edits: Field,
    lead_edits: Field,
    most_edits: u8,
    own: Vec<OwnView>,
    /// No more can be added.
    full: bool,
    new_name: Field,
    /// What is wrong with the picture that was to be added.
    refused: Option<String>,
    picks: Vec<Pick>,
    /// What is wrong with what was ticked.
    not_allowed: Option<String>,
    /// Nothing was ticked for them alone: what is added is offered at once.
    all_allowed: bool,
    /// Those with a choice of their own.
    teams: Vec<Link>,
    /// What is wrong with the file that was to be read.
    unread: Option<String>,
    maker: Maker,
    /// `?remove=ID`, `?keep=DAYS`, `?allow=LIST`
    confirm: Option<Confirm>,
    /// Nothing goes by it.
    gives: bool,
}

struct OwnView {
    id: String,
    name: String,
    picture: String,
    /// `?rename=ID`: the name is a form.
    renaming: Option<Field>,
}

/// Who makes the headshots, in words.
struct Maker {
    name: &'static str,
    words: &'static str,
}

impl Maker {
    fn of(app: &App) -> Self {
        let words = if app.generator.capabilities().remote {
            "Photos are sent to it, away from this server."
        } else {
            "It works on this server; photos don't leave it."
        };
        Self { name: app.generator.name(), words }
    }
}

/// What the page shows otherwise than usual.
#[derive(Default)]
pub(super) struct Showing {
    pub(super) count: Option<Field>,
    /// Of members, and of leads.
    pub(super) edits: Option<(Field, Field)>,
    pub(super) keeping: Option<Field>,
    pub(super) keep: Option<String>,
    pub(super) new_name: Field,
    pub(super) refused: Option<String>,
    pub(super) renaming: Option<(BackdropId, Option<Field>)>,
    pub(super) removing: Option<BackdropId>,
    /// What is ticked to choose from.
    pub(super) allow: Option<Vec<Scene>>,
    pub(super) not_allowed: Option<String>,
    pub(super) unread: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    rename: Option<BackdropId>,
    remove: Option<BackdropId>,
    keep: Option<String>,
    allow: Option<String>,
}

/// `GET /app/admin/settings/headshots`
async fn show(app: Data<App>, request: HttpRequest, lead: Lead, Query(asked): Query<Asked>) -> Result<HttpResponse> {
    let renaming = asked.rename.map(|id| (id, None));
    let allow = asked.allow.as_deref().and_then(picks::of_address);
    let showing = Showing { renaming, removing: asked.remove, keep: asked.keep, allow, ..Showing::default() };
    screen(&app, &request, &lead, showing, StatusCode::OK)
}

pub(super) fn screen(
    app: &App,
    request: &HttpRequest,
    lead: &Lead,
    shown: Showing,
    status: StatusCode,
) -> Result<HttpResponse> {
    let view = app.db.read(|view| {
        let (page, nav) = frame(view, request, app, &lead.member, Section::Settings)?;
        let organization = organizations::get(view, &lead.member.organization)?;
        let listed = styles::list(view, &organization.id)?;
        for asked in shown.renaming.iter().map(|(id, _)| id).chain(&shown.removing) {
            styles::get(view, &organization.id, asked)?;
        }
        let names = Names::of(view, &organization.id)?;
        let offered = styles::offered_by(view, &organization.id, &Whose::Everyone)?;
        let confirm = match (&shown.removing, &shown.allow) {
            (Some(id), _) => Some(question(view, &organization.id, &styles::get(view, &organization.id, id)?)?),
            (None, Some(scenes)) if shown.not_allowed.is_none() => {
                let (page, action) = (Part::Headshots.href(), allowed::ACTION);
                picks::question(view, &organization.id, &Whose::Everyone, scenes, page, action)?
            }
            _ => keeping::asked(view, &organization.id, shown.keep.as_deref())?,
        };
        // All of them, where the address says so in one word.
        let ticked = match shown.allow.as_deref() {
            None => offered,
            Some([]) if shown.not_allowed.is_none() => styles::available(view, &organization.id)?,
            Some(ticked) => ticked.to_vec(),
        };
        let own = |own: OwnBackdrop| OwnView {
            renaming: shown
                .renaming
                .as_ref()
                .filter(|(id, _)| *id == own.id)
                .map(|(_, typed)| typed.clone().unwrap_or_else(|| Field::new(own.name.clone()))),
            picture: format!("{}/backdrops/{}/thumbnail.jpg", Part::Headshots.href(), own.id),
            id: own.id.to_string(),
            name: own.name,
        };
        let present = || (Field::new(organization.edits.to_string()), Field::new(organization.lead_edits.to_string()));
        let (edits, lead_edits) = shown.edits.clone().unwrap_or_else(present);
        Ok(Screen {
            page,
            nav,
            tabs: Part::Headshots.tabs(),
            count: shown.count.clone().unwrap_or_else(|| Field::new(organization.headshots.to_string())),
            keeping: shown.keeping.clone().unwrap_or_else(|| keeping::field(organization.results_days)),
            keeps: shoots::KEPT_DAYS,
            least: *organizations::HEADSHOTS.start(),
            most: *organizations::HEADSHOTS.end(),
            edits,
            lead_edits,
            most_edits: organizations::MOST_EDITS,
            full: listed.len() as i64 >= MOST,
            own: listed.into_iter().map(own).collect(),
            new_name: shown.new_name.clone(),
            refused: shown.refused.clone(),
            picks: picks::picks(view, app, &organization.id, &names, &ticked)?,
            not_allowed: shown.not_allowed.clone(),
            all_allowed: styles::set_for(view, &organization.id, &Whose::Everyone)?.is_empty(),
            teams: teams_with_their_own(view, &organization.id)?,
            unread: shown.unread.clone(),
            maker: Maker::of(app),
            gives: shown.allow.is_some() && shown.removing.is_none(),
            confirm,
        })
    })?;
    shown_with(request, status, &view)
}

fn teams_with_their_own(view: &View, organization: &OrganizationId) -> Result<Vec<Link>> {
    let mut with = Vec::new();
    for team in teams::list(view, organization)? {
        if !styles::set_for(view, organization, &Whose::Team(team.id.clone()))?.is_empty() {
            with.push(Link::new(team_style(&team.id), team.name));
        }
    }
    Ok(with)
}

/// What removing it means, for those who have chosen it.
fn question(view: &View, organization: &OrganizationId, own: &OwnBackdrop) -> Result<Confirm> {
    let choosers = shoots::choosers(view, organization, &own.id)?;
    let mut words = vec!["The picture is deleted. Headshots already made before it stay as they are.".to_owned()];
    if styles::set_for(view, organization, &Whose::Everyone)? == [Scene::Own(own.id.clone())] {
        words.push("People choose from it alone at present: without it, they choose from all backdrops.".to_owned());
    }
    let words_of = |count: u64, one: &str, several: &str| match count {
        0 => None,
        1 => Some(one.to_owned()),
        count => Some(several.replace("{}", &count.to_string())),
    };
    words.extend(words_of(
        choosers.open,
        "One person chose it and has not submitted yet: without another, they choose again.",
        "{} people chose it and have not submitted yet: without another, they choose again.",
    ));
    words.extend(words_of(
        choosers.waiting,
        "One person's headshots are being made: they get light grey instead.",
        "The headshots of {} people are being made: they get light grey instead.",
    ));
    Ok(Confirm {
        title: format!("Remove the backdrop {}", own.name),
        words: words.join(" "),
        action: format!("{}/backdrops/{}/remove", Part::Headshots.href(), own.id),
        button: "Remove backdrop".to_owned(),
        cancel: Part::Headshots.href().to_owned(),
        name_to_type: None,
    })
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Posted {
    headshots: String,
}

/// `POST /app/admin/settings/headshots`
async fn save(app: Data<App>, request: HttpRequest, lead: Lead, Form(posted): Form<Posted>) -> Result<HttpResponse> {
    let number = match organizations::headshots(&posted.headshots) {
        Ok(number) => number,
        Err(error) => {
            let count = Some(Field::wrong(posted.headshots, &error));
            return screen(&app, &request, &lead, Showing { count, ..Showing::default() }, error.status());
        }
    };
    let by = lead.actor();
    app.db
        .write(move |tx| {
            by.must_be(Role::Admin)?;
            let before = organizations::get(tx, &by.organization)?.headshots;
            organizations::set_headshots(tx, &by.organization, number)?;
            if before == number {
                return Ok(());
            }
            let said = |number: u8| format!("{number} in a shoot");
            by.note_change_of(tx, Action::SettingsChanged, "Headshots", Change::new(&said(before), &said(number)))
        })
        .await?;
    saying(&app, to(Part::Headshots.href()), &format!("Saved. The next shoots make {number} headshots."))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct PostedEdits {
    edits: String,
    lead_edits: String,
}

/// `POST /app/admin/settings/headshots/edits`
async fn save_edits(
    app: Data<App>,
    request: HttpRequest,
    lead: Lead,
    Form(posted): Form<PostedEdits>,
) -> Result<HttpResponse> {
    let PostedEdits { edits, lead_edits } = posted;
    let (members, leads) = match (organizations::edits(&edits), organizations::edits(&lead_edits)) {
        (Ok(members), Ok(leads)) => (members, leads),
        (members, leads) => {
            let field = |typed: String, read: Result<u8>| match read {
                Ok(_) => Field::new(typed),
                Err(error) => Field::wrong(typed, &error),
            };
            let edits = Some((field(edits, members), field(lead_edits, leads)));
            return screen(&app, &request, &lead, Showing { edits, ..Showing::default() }, StatusCode::BAD_REQUEST);
        }
    };
    let by = lead.actor();
    app.db
        .write(move |tx| {
            by.must_be(Role::Admin)?;
            let before = organizations::get(tx, &by.organization)?;
            organizations::set_edits(tx, &by.organization, members, leads)?;
            if (before.edits, before.lead_edits) == (members, leads) {
                return Ok(());
            }
            let said = |members: u8, leads: u8| format!("{members} by each member, {leads} by leads for each member");
            let (before, after) = (said(before.edits, before.lead_edits), said(members, leads));
            by.note_change_of(tx, Action::SettingsChanged, "Edits", Change::new(&before, &after))
        })
        .await?;
    saying(&app, to(Part::Headshots.href()), "Saved. It counts at once.")
}

/// `POST /app/admin/settings/headshots/backdrops`: `picture`, and `name` if it is to be called otherwise than its file.
async fn add(app: Data<App>, request: HttpRequest, lead: Lead, body: Payload) -> Result<HttpResponse> {
    let mut form = Fields::new(&request, body, MOST_OF_ONE);
    let mut typed = String::new();
    let added = async {
        let (received, file) = read(&app, &mut form, &mut typed).await?;
        let name = BackdropName::or_of_file(&typed, &file)?;
        app.uploads.keep_backdrop(&app.db, &app.storage, lead.actor(), name, received).await
    };
    match added.await {
        Ok(own) => {
            let everyone = app.db.read(|view| styles::offered_by(view, &own.organization, &Whose::Everyone))?;
            let offered = match everyone.contains(&Scene::Own(own.id)) {
                true => "",
                false => " People can't choose it yet: tick it under What people choose from.",
            };
            saying(&app, to(Part::Headshots.href()), &format!("Added the backdrop {}.{offered}", own.name))
        }
        Err(error @ (Error::Invalid(_) | Error::TooLarge(_) | Error::Unsupported(_) | Error::Unavailable(_))) => {
            // Only who has sent all of it hears the answer. The name may come after the picture.
            while let Some(Ok(mut field)) = form.next().await {
                if field.name() == Some("name") {
                    typed = text(&mut field).await.unwrap_or_default();
                }
            }
            let (new_name, refused) = (Field::new(typed), Some(error.to_string()));
            screen(&app, &request, &lead, Showing { new_name, refused, ..Showing::default() }, error.status())
        }
        Err(other) => Err(other),
    }
}

/// The picture and what its file is called; what was typed as its name goes to `typed`, also if something is wrong with the rest.
async fn read(app: &App, form: &mut Fields, typed: &mut String) -> Result<(Received, String)> {
    let mut received = None;
    while let Some(field) = form.next().await {
        let mut field = field?;
        match field.name() {
            Some("name") => *typed = text(&mut field).await?,
            Some("picture") if received.is_none() => {
                let file = name_of(&field);
                let (mut incoming, mut empty) = (app.uploads.open()?, true);
                while let Some(piece) = field.next().await {
                    let piece = piece.map_err(broken)?;
                    empty &= piece.is_empty();
                    incoming.add(&piece).await?;
                }
                if !empty {
                    received = Some((incoming.finish(file.clone()).await?, file));
                }
            }
            _ => {}
        }
    }
    received.ok_or_else(|| Error::invalid("Choose a picture first."))
}

async fn text(field: &mut actix_multipart::Field) -> Result<String> {
    let mut bytes = Vec::new();
    while let Some(piece) = field.next().await {
        bytes.extend_from_slice(&piece.map_err(broken)?);
        if bytes.len() > MOST_OF_A_NAME {
            return Err(Error::invalid(format!(
                "A backdrop needs a name of 1 to {} characters.",
                BackdropName::LONGEST
            )));
        }
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

#[derive(Deserialize)]
struct Named {
    #[serde(default)]
    rename: String,
}

/// `POST /app/admin/settings/headshots/backdrops/{id}`
async fn rename(
    app: Data<App>,
    request: HttpRequest,
    lead: Lead,
    id: Path<BackdropId>,
    Form(form): Form<Named>,
) -> Result<HttpResponse> {
    let (by, own) = (lead.actor(), id.clone());
    let renamed = match BackdropName::parse(&form.rename) {
        Ok(name) => app.db.write(move |tx| styles::rename(tx, &by, &own, &name)).await,
        Err(error) => Err(error),
    };
    match renamed {
        Ok(()) => saying(&app, to(Part::Headshots.href()), &format!("Renamed the backdrop to {}.", form.rename.trim())),
        Err(error @ Error::Invalid(_)) => {
            let renaming = Some((id.into_inner(), Some(Field::wrong(form.rename, &error))));
            screen(&app, &request, &lead, Showing { renaming, ..Showing::default() }, error.status())
        }
        Err(error) => Err(error),
    }
}

/// `POST /app/admin/settings/headshots/backdrops/{id}/remove`
async fn remove(app: Data<App>, lead: Lead, id: Path<BackdropId>) -> Result<HttpResponse> {
    let by = lead.actor();
    let gone = app.db.write(move |tx| shoots::remove_backdrop(tx, &by, &id)).await?;
    // On its own, so that it is done whether or not the browser waits for it.
    let (storage, id) = (app.storage.clone(), gone.id);
    tokio::spawn(async move { styles::discard(&storage, &id).await }).await.map_err(Error::internal)?;
    saying(&app, to(Part::Headshots.href()), &format!("Removed the backdrop {}.", gone.name))
}

/// `GET /app/admin/settings/headshots/backdrops/{id}/thumbnail.jpg`
async fn thumbnail(app: Data<App>, lead: Lead, id: Path<BackdropId>) -> Result<HttpResponse> {
    backdrop_file(&app, &lead.member.organization, &id, BackdropFile::Thumbnail).await
}
