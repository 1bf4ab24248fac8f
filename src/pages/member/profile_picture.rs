//! The tab Profile Picture: a headshot in each look the organization has templates for, to take along; and the address that always
//! shows the favourite.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{CONTENT_DISPOSITION, CacheControl, CacheDirective, ETAG},
    web::{self, Data, Path, Query, ServiceConfig},
};
use askama::Template;
use serde::Deserialize;

use super::{Place, START, dashboard::alt, download, frame};
use crate::{
    app::{App, portraits::Order},
    audit::Action,
    db::View,
    error::{Error, Result},
    i18n::Message,
    ids::{ResultId, TemplateId},
    members::{self, Member},
    organizations,
    pages::{
        admin::Tab,
        avatars, filters, shown, to,
        view::{Link, Page, saying},
    },
    profile_pictures::{self, Format},
    results::{self, Headshot},
    shoots::Shoot,
    storage::HeadshotFile,
    styles::Names,
    web::{browser::SignedIn, get, list::is_known, resource},
};

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(resource("/team-member/profile-picture", "GET").route(get(show)))
        .service(resource("/team-member/profile-picture/address", "POST").route(web::post().to(renew)))
        .service(resource("/team-member/profile-picture/{template}/{file}", "GET").route(get(file)));
}

#[derive(Template)]
#[template(path = "member/profile-picture.html")]
struct Screen {
    page: Page,
    tabs: Vec<Tab>,
    /// No headshot is the favourite yet.
    unchosen: bool,
    looks: Vec<Look>,
    choices: Vec<Choice>,
    /// Where the favourite is for anyone.
    address: Option<String>,
}

struct Look {
    name: String,
    words: Message,
    picture: String,
    downloads: Vec<Link>,
}

struct Choice {
    href: String,
    thumbnail: String,
    alt: String,
    here: bool,
}

/// Whether there is anything on the tab: a look, or a public address.
fn is_offered(view: &View, member: &Member) -> Result<bool> {
    Ok(profile_pictures::any(view, &member.organization)? || organizations::get(view, &member.organization)?.avatars)
}

/// The tabs above a member's headshots: none, unless the organization has templates or public addresses.
pub(super) fn tabs(view: &View, who: &SignedIn, here: &str) -> Result<Vec<Tab>> {
    if !is_offered(view, &who.member)? {
        return Ok(Vec::new());
    }
    let tab = |words: Message, page: &str| Tab {
        words: words.into(),
        href: who.at(page),
        count: String::new(),
        here: page == here,
    };
    Ok(vec![tab(say!("Headshots"), START), tab(say!("Profile Picture"), PAGE)])
}

pub(super) const PAGE: &str = "/profile-picture";

#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    headshot: Option<ResultId>,
}

/// `GET /team-member/profile-picture?headshot=…`
async fn show(app: Data<App>, request: HttpRequest, who: SignedIn, Query(asked): Query<Asked>) -> Result<HttpResponse> {
    must_be_offered(&app, &who.member)?;
    let avatar = avatars::avatar_of(&app, &who.member).await?;
    app.db.read(|view| {
        let shoots = match Place::of(view, &who.member)? {
            Place::Results(shoots) => shoots,
            elsewhere => return Ok(to(who.at(elsewhere.address()))),
        };
        let favourite = results::newest_favorite(view, &who.member.id)?;
        let unchosen = favourite.is_none();
        let chosen = match &asked.headshot {
            Some(id) => Some(results::own(view, id, &who.member)?),
            None => favourite.or(first(view, &shoots)?),
        };
        let Some(chosen) = chosen else { return Ok(to(who.at(START))) };
        let looks = looks(view, &who, &chosen)?;
        let choices = choices(view, &who, &shoots, &chosen)?;
        let page = frame(view, &request, say!("Profile picture"), &who)?;
        let address = avatar.as_ref().map(|avatar| avatars::address(&app, &who.member, avatar));
        let tabs = tabs(view, &who, PAGE)?;
        shown(&request, &Screen { page, tabs, unchosen, looks, choices, address })
    })
}

fn must_be_offered(app: &App, member: &Member) -> Result<()> {
    if app.db.read(|view| is_offered(view, member))? { Ok(()) } else { Err(Error::NotFound("Page")) }
}

fn first(view: &View, shoots: &[Shoot]) -> Result<Option<Headshot>> {
    match shoots.first() {
        Some(newest) => Ok(results::of_shoot(view, &newest.id)?.into_iter().next()),
        None => Ok(None),
    }
}

fn looks(view: &View, who: &SignedIn, headshot: &Headshot) -> Result<Vec<Look>> {
    let templates = profile_pictures::list(view, &who.member.organization)?;
    if templates.is_empty() {
        return Ok(vec![plain(who, headshot)]);
    }
    let look = |template: profile_pictures::Template| {
        let file = |format: Format| who.at(&format!("{PAGE}/{}/{}.{}", template.id, headshot.id, format.ending()));
        let downloads = Format::ALL.map(|format| Link::new(file(format) + "?download=1", words(format)));
        let size = template.design.size.to_string();
        // Its background is wanted otherwise, and can't be had.
        let own_background = template.design.background.is_some() && headshot.cutout.is_none();
        Look {
            words: match own_background {
                true => say!(
                    "{size} × {size} pixels. The headshot keeps its own background: what it was made of is not kept.",
                    size
                ),
                false => say!("{size} × {size} pixels", size),
            },
            // Another look has another address, so that browsers may keep each.
            picture: format!("{}?v={}", file(Format::Png), template.changed_at.millis()),
            downloads: downloads.into(),
            name: template.name,
        }
    };
    Ok(templates.into_iter().map(look).collect())
}

/// The headshot's square as it is, which the public address shows where there are no templates.
fn plain(who: &SignedIn, headshot: &Headshot) -> Look {
    let file = |format: Format| {
        let name = match format {
            Format::Png => "png",
            Format::Jpeg => "jpeg",
            Format::WebP => "webp",
        };
        Link::new(who.at(&format!("/headshots/{}/download?size=square&format={name}", headshot.id)), words(format))
    };
    Look {
        name: say!("format|Square").to_string(),
        words: say!("The headshot as it is"),
        picture: download::address(who, &headshot.id, HeadshotFile::Square),
        downloads: Format::ALL.map(file).into(),
    }
}

fn words(format: Format) -> &'static str {
    match format {
        Format::Png => "PNG",
        Format::Jpeg => "JPEG",
        Format::WebP => "WebP",
    }
}

fn choices(view: &View, who: &SignedIn, shoots: &[Shoot], chosen: &Headshot) -> Result<Vec<Choice>> {
    let names = Names::of(view, &who.member.organization)?;
    let mut choices = Vec::new();
    for shoot in shoots {
        for headshot in results::of_shoot(view, &shoot.id)? {
            choices.push(Choice {
                href: who.at(&format!("{PAGE}?headshot={}", headshot.id)),
                thumbnail: download::address(who, &headshot.id, HeadshotFile::Thumbnail),
                alt: alt(&headshot, &names),
                here: headshot.id == chosen.id,
            });
        }
    }
    Ok(choices)
}

#[derive(Deserialize)]
struct Wish {
    download: Option<String>,
}

/// `GET /team-member/profile-picture/{template}/{headshot}.png`, `.jpg` or `.webp`
async fn file(
    app: Data<App>,
    request: HttpRequest,
    who: SignedIn,
    names: Path<(TemplateId, String)>,
    wish: Query<Wish>,
) -> Result<HttpResponse> {
    let (template, file) = names.into_inner();
    let gone = || Error::NotFound("Picture");
    let (id, ending) = file.split_once('.').ok_or_else(gone)?;
    let id: ResultId = id.parse().map_err(|_| gone())?;
    let format = Format::ALL.into_iter().find(|format| format.ending() == ending).ok_or_else(gone)?;
    let (order, name) = app.db.read(|view| {
        let headshot = results::own(view, &id, &who.member)?;
        let template = profile_pictures::get(view, &who.member.organization, &template)?;
        let organization = organizations::get(view, &who.member.organization)?;
        let order = Order::new(view, &organization, Some(&headshot), template.design, format)?;
        let name = format!("{}profile-picture-{:02}.{ending}", download::name_of(Some(&who.member)), headshot.position);
        Ok((order, name))
    })?;
    let tag = order.tag();
    let mut answer = if is_known(request.headers(), &tag) { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    // It is asked about again each time: a template may change, or the logo.
    answer
        .insert_header((ETAG, tag.as_str()))
        .insert_header(CacheControl(vec![CacheDirective::Private, CacheDirective::NoCache]))
        .insert_header(("content-security-policy", "default-src 'none'; sandbox"));
    if is_known(request.headers(), &tag) {
        return Ok(answer.finish());
    }
    if wish.download.is_some() {
        answer.insert_header((CONTENT_DISPOSITION, download::attachment(&name).to_string()));
    }
    let bytes = app.portraits.draw(&order).await?;
    Ok(answer.content_type(format.mime()).body(bytes))
}

/// `POST /team-member/profile-picture/address`: another address; the one before shows nothing any more.
async fn renew(app: Data<App>, who: SignedIn) -> Result<HttpResponse> {
    must_be_offered(&app, &who.member)?;
    let (by, member) = (who.by.clone(), who.member.clone());
    app.db
        .write(move |tx| {
            if !organizations::get(tx, &member.organization)?.avatars {
                return Err(Error::NotFound("Page"));
            }
            members::renew_avatar(tx, &member.id)?;
            if by.id != member.id {
                by.actor().note(tx, Action::SettingsChanged, Some(&member), Some("another public address"))?;
            }
            Ok(())
        })
        .await?;
    saying(&app, to(who.at(PAGE)), say!("There is a new address. The one before shows nothing any more."))
}
