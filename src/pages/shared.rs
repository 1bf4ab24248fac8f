//! `/share/…`: headshots for whoever was sent a link to them. It names the organization and, if they have said their name, the
//! person in the pictures; nobody else. No account, no cookie, and nothing that stays in a browser once the link has ended.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        Method, StatusCode,
        header::{self, HeaderName, HeaderValue},
    },
    web::{Data, Path, Query, ServiceConfig},
};
use askama::Template;
use bytes::Bytes;

use super::{
    member::Pictures,
    problem, shown,
    taking::{self, Offer, Picked, Wish},
    view::{Page, When},
};
use crate::{
    app::{
        App,
        darkroom::{self, Format},
    },
    db::View,
    error::{Error, Result},
    ids::ResultId,
    members::{self, Kind},
    pages::filters,
    results::Headshot,
    shares::{self, Found, Share},
    shoots::Shoot,
    storage::{HeadshotFile, Preview},
    styles::Names,
    web::{get, resource},
};

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(resource("/share/{token}", "GET").route(get(show)))
        .service(resource("/share/{token}/headshots.zip", "GET").route(get(archive)))
        .service(resource("/share/{token}/{id}", "GET").route(get(show_one)))
        .service(resource("/share/{token}/{id}/download", "GET").route(get(take)))
        .service(resource("/share/{token}/{id}/{file}", "GET").route(get(file)));
}

#[derive(Template)]
#[template(path = "bare/shared.html")]
struct Shared {
    page: Page,
    /// `Headshots of Kim Lee`
    title: String,
    words: String,
    until: When,
    zip: String,
    tiles: Vec<Tile>,
}

struct Tile {
    href: String,
    pictures: Pictures,
    alt: String,
}

#[derive(Template)]
#[template(path = "bare/shared-headshot.html")]
struct Large {
    page: Page,
    title: String,
    until: When,
    picture: String,
    alt: String,
    width: u32,
    height: u32,
    downloads: Vec<Offer>,
    /// `3 of 12`, of several.
    place: Option<String>,
    previous: Option<Near>,
    next: Option<Near>,
    /// All of them, of several.
    back: Option<String>,
}

struct Near {
    href: String,
    picture: String,
}

/// What an open link shows.
struct Opened {
    share: Share,
    shoot: Shoot,
    headshots: Vec<Headshot>,
    names: Names,
    /// Whose headshots, if they have said their name; and whether their pages bear our name.
    name: Option<String>,
    embedded: bool,
}

impl Opened {
    fn title(&self) -> String {
        let title = match (&self.name, self.share.headshot.is_some()) {
            (Some(person), true) => say!("Headshot of {person}", person),
            (Some(person), false) => say!("Headshots of {person}", person),
            (None, true) => say!("Headshot"),
            (None, false) => say!("Headshots"),
        };
        title.into()
    }

    fn whose(&self) -> String {
        taking::named(self.name.as_deref().unwrap_or_default())
    }

    fn alt(&self, headshot: &Headshot) -> String {
        let backdrop = self.names.behind(&headshot.backdrop);
        say!("Headshot {number}, {backdrop}", number = headshot.position, backdrop).into()
    }

    fn headshot(&self, id: &str) -> Result<&Headshot> {
        let id: ResultId = id.parse().map_err(|_| Error::NotFound("Photo"))?;
        self.headshots.iter().find(|headshot| headshot.id == id).ok_or(Error::NotFound("Photo"))
    }

    fn page(&self, view: &View, request: &HttpRequest) -> Result<Page> {
        let mut page = Page::branded(view, request, self.title(), &self.shoot.organization)?;
        page.brand.product &= !self.embedded;
        Ok(page)
    }
}

/// What a link opens, or the answer that it opens nothing.
fn open(app: &App, request: &HttpRequest, token: &str) -> Result<Result<Opened, HttpResponse>> {
    let found = app.db.read(|view| {
        Ok(match shares::open(view, token)? {
            Found::Open(open) => {
                let shares::Open { share, shoot, headshots } = *open;
                let member = members::of_shoot(view, &shoot.id)?;
                let names = Names::of(view, &shoot.organization)?;
                let embedded = member.as_ref().is_some_and(|member| member.kind == Kind::Anonymous);
                Ok(Opened { share, shoot, headshots, names, name: member.and_then(|member| member.name), embedded })
            }
            Found::Over => Err(StatusCode::GONE),
            Found::Unknown => Err(StatusCode::NOT_FOUND),
        })
    })?;
    match found {
        Ok(opened) => Ok(Ok(opened)),
        Err(status) => {
            if status == StatusCode::NOT_FOUND {
                app.limits.address(request)?;
            }
            problem::share_is_over(request, status).map(unlisted).map(Err)
        }
    }
}

/// `GET /share/{token}`
async fn show(app: Data<App>, request: HttpRequest, token: Path<String>) -> Result<HttpResponse> {
    let opened = match open(&app, &request, &token)? {
        Ok(opened) => opened,
        Err(answer) => return Ok(answer),
    };
    if request.method() != Method::HEAD {
        let id = opened.share.id.clone();
        app.db.write(move |tx| shares::count(tx, &id)).await?;
    }
    let base = format!("/share/{token}");
    if let ([only], true) = (opened.headshots.as_slice(), opened.share.headshot.is_some()) {
        return large(&app, &request, &opened, only, &base);
    }
    let shared = Shared {
        page: app.db.read(|view| opened.page(view, &request))?,
        title: opened.title(),
        words: say!("{n} headshot" | "{n} headshots", n = opened.headshots.len()).into(),
        until: When::day(opened.share.expires_at),
        zip: format!("{base}/headshots.zip"),
        tiles: opened
            .headshots
            .iter()
            .map(|headshot| Tile {
                href: format!("{base}/{}", headshot.id),
                pictures: Pictures::of(&format!("{base}/{}", headshot.id)),
                alt: opened.alt(headshot),
            })
            .collect(),
    };
    shown(&request, &shared).map(unlisted)
}

/// `GET /share/{token}/{id}`
async fn show_one(app: Data<App>, request: HttpRequest, names: Path<(String, String)>) -> Result<HttpResponse> {
    let (token, id) = names.into_inner();
    match open(&app, &request, &token)? {
        Ok(opened) => large(&app, &request, &opened, opened.headshot(&id)?, &format!("/share/{token}")),
        Err(answer) => Ok(answer),
    }
}

fn large(app: &App, request: &HttpRequest, opened: &Opened, headshot: &Headshot, base: &str) -> Result<HttpResponse> {
    let all = &opened.headshots;
    let at = all.iter().position(|other| other.id == headshot.id).unwrap_or_default();
    let several = opened.share.headshot.is_none();
    let near = |headshot: &Headshot| Near {
        href: format!("{base}/{}", headshot.id),
        picture: format!("{base}/{}/portrait.jpg", headshot.id),
    };
    let page = Large {
        page: app.db.read(|view| opened.page(view, request))?,
        title: opened.title(),
        until: When::day(opened.share.expires_at),
        picture: format!("{base}/{}/portrait.jpg", headshot.id),
        alt: opened.alt(headshot),
        width: headshot.width,
        height: headshot.height,
        downloads: Offer::of(headshot, &format!("{base}/{}", headshot.id)),
        place: several.then(|| say!("{number} of {all}", number = at + 1, all = all.len()).into()),
        previous: at.checked_sub(1).and_then(|before| all.get(before)).map(near),
        next: all.get(at + 1).map(near),
        back: several.then(|| base.to_owned()),
    };
    shown(request, &page).map(unlisted)
}

/// `GET /share/{token}/{id}/portrait.jpg`, and the other files that the pages show.
async fn file(app: Data<App>, request: HttpRequest, names: Path<(String, String, String)>) -> Result<HttpResponse> {
    let (token, id, name) = names.into_inner();
    let opened = match open(&app, &request, &token)? {
        Ok(opened) => opened,
        Err(answer) => return Ok(answer),
    };
    let headshot = opened.headshot(&id)?;
    let (found, media_type) = match Preview::ALL.into_iter().find(|preview| preview.name() == name) {
        Some(wanted) => (darkroom::preview(&app, &headshot.id, wanted).await?, "image/webp"),
        None if name == "portrait.jpg" => {
            (darkroom::developed(&app, &headshot.id, HeadshotFile::Portrait, Format::Jpeg).await?, "image/jpeg")
        }
        None => (None, ""),
    };
    found.map(|bytes| picture(bytes, media_type)).ok_or(Error::NotFound("Photo"))
}

/// `GET /share/{token}/{id}/download?size=square&format=webp`
async fn take(
    app: Data<App>,
    request: HttpRequest,
    names: Path<(String, String)>,
    wish: Query<Wish>,
) -> Result<HttpResponse> {
    let (token, id) = names.into_inner();
    match open(&app, &request, &token)? {
        Ok(opened) => {
            taking::one(&app, opened.headshot(&id)?, &opened.whose(), &opened.names, &wish).await.map(unlisted)
        }
        Err(answer) => Ok(answer),
    }
}

/// `GET /share/{token}/headshots.zip?format=webp`
async fn archive(app: Data<App>, request: HttpRequest, token: Path<String>) -> Result<HttpResponse> {
    let picked = Picked::of(request.query_string())?;
    match open(&app, &request, &token)? {
        Ok(opened) => {
            let whose = opened.whose();
            taking::several(&app, opened.headshots, whose, opened.names, &picked).map(unlisted)
        }
        Err(answer) => Ok(answer),
    }
}

/// A picture that no browser keeps: once the link has ended, it is gone there too.
fn picture(bytes: Bytes, media_type: &'static str) -> HttpResponse {
    unlisted(
        HttpResponse::Ok()
            .content_type(media_type)
            .insert_header((header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"))
            .body(bytes),
    )
}

/// Nothing of it is found by searching, or told to where one goes from here: whoever has the address has the pictures.
fn unlisted(mut answer: HttpResponse) -> HttpResponse {
    let headers = answer.headers_mut();
    headers.insert(HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex, nofollow"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    answer
}
