//! Editing a headshot: what stands behind someone, how they are framed and lit, and the versions that came of it.

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{self, Data, Form, Path, Query, ServiceConfig},
};
use askama::Template;
use serde::Deserialize;

use super::{backdrops::SceneView, download, frame, picture};
use crate::{
    app::{App, editing::Wish},
    db::View,
    edits::{self, Credits, MadeBy},
    error::{Error, Result},
    generator::Scene,
    i18n::Message,
    ids::ResultId,
    members::{self, Kind},
    pages::{
        filters, shown_with, to,
        view::{Confirm, Page, saying},
    },
    results::{self, Headshot, Version},
    storage::HeadshotFile,
    styles::Names,
    web::{browser::SignedIn, get, resource},
};

mod dials;

use dials::{Dial, Turned, dials};

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(resource("/team-member/edit/{id}", "GET, POST").route(get(show)).route(web::post().to(save)))
        .service(resource("/team-member/edit/{id}/preview.jpg", "GET").route(get(preview)))
        .service(resource("/team-member/edit/{id}/undo", "POST").route(web::post().to(undo)));
}

#[derive(Template)]
#[template(path = "member/edit.html")]
struct EditScreen {
    page: Page,
    href: String,
    /// `Version 2, navy`
    called: Message,
    alt: String,
    /// The headshot as it is.
    portrait: String,
    /// What is shown of it now: the same, or how it would look.
    shown: String,
    back: String,
    work: Work,
    /// Why it was not saved.
    refused: Option<String>,
    versions: Vec<VersionView>,
    confirm: Option<Confirm>,
}

/// What can be done here.
enum Work {
    Desk {
        backdrops: Vec<SceneView>,
        dials: Vec<Dial>,
        preview: String,
        /// `9 of 10 edits left. …`
        left: Message,
    },
    /// Nothing: why, and what to do.
    Nothing { title: Message, words: String },
}

/// One of several versions, small.
pub(super) struct VersionView {
    pub(super) href: String,
    pub(super) thumbnail: String,
    /// `Original`, `Version 2, navy`
    pub(super) words: Message,
    /// It is the one this page is about.
    pub(super) current: bool,
    pub(super) favourite: bool,
    edit: String,
    favour: String,
    download: String,
    /// Where to ask whether it is to go; originals stay.
    undo: Option<String>,
}

impl VersionView {
    fn new(who: &SignedIn, names: &Names, version: &Version, current: &ResultId) -> Self {
        let Version { headshot, .. } = version;
        let edit = address(who, &headshot.id);
        Self {
            href: who.at(&format!("/headshots/{}", headshot.id)),
            thumbnail: download::address(who, &headshot.id, HeadshotFile::Thumbnail),
            words: called(names, version),
            current: headshot.id == *current,
            favourite: headshot.favorite,
            favour: who.at(&format!("/headshots/{}/favourite", headshot.id)),
            download: format!("{}?download", download::address(who, &headshot.id, HeadshotFile::Portrait)),
            undo: headshot.original.as_ref().map(|_| format!("{edit}?undo=1")),
            edit,
        }
    }
}

fn called(names: &Names, version: &Version) -> Message {
    let backdrop = names.shown(&version.headshot.backdrop).to_string();
    match version.headshot.original {
        None => say!("Original, {backdrop}", backdrop),
        Some(_) => say!("Version {number}, {backdrop}", number = version.number, backdrop),
    }
}

fn address(who: &SignedIn, id: &ResultId) -> String {
    who.at(&format!("/edit/{id}"))
}

/// What the page of a headshot shows of its edits.
#[derive(Default)]
pub(super) struct Beside {
    /// Where it is edited, if it can be.
    pub(super) edit: Option<String>,
    /// Where it is undone, if it is a version.
    pub(super) undo: Option<String>,
    /// Its versions, if there are several.
    pub(super) versions: Vec<VersionView>,
}

/// What to show beside a headshot: nothing about editing where the organization has none.
pub(super) fn beside(view: &View, who: &SignedIn, headshot: &Headshot, names: &Names) -> Result<Beside> {
    let offered = edits::credits(view, &who.member, MadeBy::of(&who.by, &who.member))?.are_offered();
    let edit = address(who, &headshot.id);
    let versions = views(view, who, headshot, names)?;
    Ok(Beside {
        undo: (offered && headshot.original.is_some()).then(|| format!("{edit}?undo=1")),
        edit: (offered && headshot.can_be_edited()).then_some(edit),
        versions: if versions.len() > 1 { versions } else { Vec::new() },
    })
}

fn views(view: &View, who: &SignedIn, headshot: &Headshot, names: &Names) -> Result<Vec<VersionView>> {
    let all = results::versions(view, headshot)?;
    Ok(all.iter().map(|version| VersionView::new(who, names, version, &headshot.id)).collect())
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    undo: Option<String>,
    #[serde(flatten)]
    turned: Turned,
}

/// `GET /team-member/edit/{id}`: with `?undo=1` it asks first; with what was turned, it shows how that would look.
async fn show(
    request: HttpRequest,
    app: Data<App>,
    who: SignedIn,
    id: Path<ResultId>,
    Query(asked): Query<Asked>,
) -> Result<HttpResponse> {
    let ask = asked.undo.is_some();
    app.db.read(|view| screen(view, &request, &who, &id, &asked.turned, ask, None))
}

/// The page; with why something was not saved, if it wasn't.
fn screen(
    view: &View,
    request: &HttpRequest,
    who: &SignedIn,
    id: &ResultId,
    turned: &Turned,
    ask: bool,
    refused: Option<&Error>,
) -> Result<HttpResponse> {
    let credits = edits::offered(view, &who.by, &who.member)?;
    let headshot = results::own(view, id, &who.member)?;
    let names = Names::of(view, &who.member.organization)?;
    let versions = results::versions(view, &headshot)?;
    let page = frame(view, request, say!("Edit headshot"), who)?;
    let work = work(view, who, &page, &headshot, &names, turned, credits)?;
    let portrait = download::address(who, id, HeadshotFile::Portrait);
    let shown = match &work {
        Work::Desk { preview, .. } if turned.any() => format!("{preview}?{}", turned.query()),
        _ => portrait.clone(),
    };
    let this = versions.iter().find(|version| version.headshot.id == *id);
    let called = this.map(|version| called(&names, version)).unwrap_or_else(|| say!("Edit headshot"));
    let confirm = (ask && headshot.original.is_some()).then(|| Confirm {
        title: match this {
            Some(version) => say!("Undo version {number}", number = version.number).into(),
            None => say!("Undo this version").into(),
        },
        words: undoing(&headshot).into(),
        action: format!("{}/undo", address(who, id)),
        button: say!("Undo version").into(),
        cancel: address(who, id),
        name_to_type: None,
    });
    let screen = EditScreen {
        href: address(who, id),
        alt: super::dashboard::alt(&headshot, &names),
        shown,
        portrait,
        back: who.at(&format!("/headshots/{id}")),
        work,
        refused: refused.map(ToString::to_string),
        versions: views(view, who, &headshot, &names)?,
        confirm,
        called,
        page,
    };
    shown_with(request, refused.map_or(StatusCode::OK, Error::status), &screen)
}

/// What goes with a version.
fn undoing(version: &Headshot) -> Message {
    if version.favorite {
        return say!(
            "This version is deleted with its files. The original stays, and becomes the favourite in its place. Undoing is free, but doesn't give an edit back."
        );
    }
    say!("This version is deleted with its files. The original stays. Undoing is free, but doesn't give an edit back.")
}

fn work(
    view: &View,
    who: &SignedIn,
    page: &Page,
    headshot: &Headshot,
    names: &Names,
    turned: &Turned,
    credits: Credits,
) -> Result<Work> {
    if !headshot.can_be_edited() {
        return Ok(Work::Nothing {
            title: say!("This headshot can't be edited"),
            words: say!("What it was made from is no longer stored. It can still be chosen and downloaded.").into(),
        });
    }
    if credits.left() == 0 {
        return Ok(Work::Nothing {
            title: say!("No edits left"),
            words: format!(
                "{} {}",
                say!("{made} of {allowed} were made.", made = credits.made, allowed = credits.allowed),
                none_left(view, who, page)?
            ),
        });
    }
    let scene = scene(view, who, headshot, turned)?;
    let scenes = edits::backdrops(view, &who.by, &who.member, headshot)?;
    Ok(Work::Desk {
        backdrops: scenes.iter().map(|each| SceneView::new(who, names, each, *each == scene)).collect(),
        dials: dials(turned.look(headshot.look), headshot.look),
        preview: format!("{}/preview.jpg", address(who, &headshot.id)),
        left: say!(
            "{left} of {n} edit left. The original stays as it is. Undoing a version is free, but doesn't give an edit back."
                | "{left} of {n} edits left. The original stays as it is. Undoing a version is free, but doesn't give an edit back.",
            n = credits.allowed,
            left = credits.left()
        ),
    })
}

/// What someone can do who has no edit left.
fn none_left(view: &View, who: &SignedIn, page: &Page) -> Result<String> {
    let rest = say!("Every version can still be chosen, downloaded and undone; undoing one doesn't give an edit back.");
    let then = if page.alone {
        return Ok(rest.into());
    } else if who.for_another() {
        say!("The number for leads is set under Settings, Headshots.")
    } else if who.member.kind == Kind::Anonymous {
        say!("For more, ask the people you came from.")
    } else {
        match members::leads(view, &who.member.organization)?.first() {
            Some(lead) => say!("For more, ask {person}.", person = lead.called()),
            None => say!("For more, ask your organization."),
        }
    };
    Ok(format!("{rest} {then}"))
}

/// What was chosen to stand behind; left out, or none that is offered: what stands there, or the first there is.
fn scene(view: &View, who: &SignedIn, headshot: &Headshot, turned: &Turned) -> Result<Scene> {
    let all = edits::backdrops(view, &who.by, &who.member, headshot)?;
    let chosen = turned.backdrop.as_ref().and_then(|text| text.parse().ok()).filter(|scene| all.contains(scene));
    let kept = || all.contains(&headshot.backdrop).then(|| headshot.backdrop.clone());
    let scene = chosen.or_else(kept).or_else(|| all.first().cloned());
    scene.ok_or_else(|| Error::invalid(say!("There is no backdrop to choose.")))
}

/// What is asked of the studio.
fn wish(app: &App, who: &SignedIn, id: &ResultId, turned: &Turned) -> Result<Wish> {
    app.db.read(|view| {
        edits::offered(view, &who.by, &who.member)?;
        let headshot = results::own(view, id, &who.member)?;
        Ok(Wish {
            scene: scene(view, who, &headshot, turned)?,
            look: turned.look(headshot.look),
            headshot: headshot.id,
            member: who.member.clone(),
            by: who.by.clone(),
        })
    })
}

/// `GET /team-member/edit/{id}/preview.jpg`: how it would look, at half its width and height.
async fn preview(
    app: Data<App>,
    who: SignedIn,
    id: Path<ResultId>,
    Query(turned): Query<Turned>,
) -> Result<HttpResponse> {
    let wish = wish(&app, &who, &id, &turned)?;
    app.limits.preview(&who.by.id)?;
    Ok(picture(app.preview(&wish).await?))
}

/// `POST /team-member/edit/{id}`: saves it as a new version.
async fn save(
    request: HttpRequest,
    app: Data<App>,
    who: SignedIn,
    id: Path<ResultId>,
    Form(turned): Form<Turned>,
) -> Result<HttpResponse> {
    let made = match wish(&app, &who, &id, &turned) {
        Ok(wish) => app.clone().into_inner().edit(wish).await,
        Err(error) => Err(error),
    };
    match made {
        Ok(version) => {
            let (number, left) = app.db.read(|view| {
                let all = results::versions(view, &version)?;
                let number = all.iter().find(|each| each.headshot.id == version.id).map_or(1, |each| each.number);
                Ok((number, edits::credits(view, &who.member, MadeBy::of(&who.by, &who.member))?.left()))
            })?;
            let words = say!(
                "Saved as version {number}. {n} edit left." | "Saved as version {number}. {n} edits left.",
                n = left,
                number
            );
            saying(&app, to(who.at(&format!("/headshots/{}", version.id))), words)
        }
        Err(error @ (Error::Invalid(_) | Error::Unavailable(_))) => {
            app.db.read(|view| screen(view, &request, &who, &id, &turned, false, Some(&error)))
        }
        Err(other) => Err(other),
    }
}

/// `POST /team-member/edit/{id}/undo`
async fn undo(app: Data<App>, who: SignedIn, id: Path<ResultId>) -> Result<HttpResponse> {
    let (by, member, version) = (who.by.clone(), who.member.clone(), id.into_inner());
    let original = app.db.write(move |tx| edits::undo(tx, &by, &member, &version)).await?;
    saying(
        &app,
        to(who.at(&format!("/headshots/{}", original.id))),
        say!("Undone. The version and its files are gone."),
    )
}
