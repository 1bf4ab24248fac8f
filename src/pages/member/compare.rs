//! Two headshots beside each other, to find out which one it is.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, ServiceConfig},
};
use askama::Template;
use url::form_urlencoded;

use super::{
    START,
    dashboard::{alt, grid_address},
    download, frame,
    gallery::Tile,
    headshot,
};
use crate::{
    app::App,
    db::View,
    error::{Error, Result},
    ids::ResultId,
    pages::{
        filters, shown, to,
        view::{Page, saying},
    },
    results::{self, Headshot, Liked},
    shoots,
    storage::HeadshotFile,
    styles::Names,
    web::{browser::SignedIn, get, resource},
};

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(resource("/team-member/compare", "GET").route(get(show)));
}

/// Which two; a state of the address.
#[derive(Debug, Default)]
pub(super) struct Pair {
    a: Option<ResultId>,
    b: Option<ResultId>,
    /// As a form with boxes sends them.
    picked: Vec<ResultId>,
}

impl Pair {
    /// # Errors
    /// An id that is none is nobody's headshot.
    pub(super) fn parse(query: &str) -> Result<Self> {
        let mut pair = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let id = || value.parse().map_err(|_| Error::NotFound("Photo"));
            match name.as_ref() {
                "a" => pair.a = Some(id()?),
                "b" => pair.b = Some(id()?),
                "pick" => pair.picked.push(id()?),
                _ => {}
            }
        }
        Ok(pair)
    }

    /// Its page.
    pub(super) fn address(&self, who: &SignedIn) -> String {
        let name = |name: &str, id: &Option<ResultId>| id.as_ref().map(|id| format!("{name}={id}"));
        let query: Vec<String> = [name("a", &self.a), name("b", &self.b)].into_iter().flatten().collect();
        who.at(&format!("/compare?{}", query.join("&")))
    }
}

#[derive(Template)]
#[template(path = "member/compare.html")]
struct Compare {
    page: Page,
    back: String,
    comparing: Comparing,
}

enum Comparing {
    /// One is chosen, and now the other.
    With(Side, Vec<Tile>),
    Both {
        /// Two of them.
        sides: Vec<Side>,
        swap: String,
    },
}

struct Side {
    id: ResultId,
    picture: String,
    alt: String,
    title: String,
    backdrop: String,
    width: u32,
    height: u32,
    liked: bool,
    favourite: bool,
    href: String,
    /// To compare the other one with something else.
    replace: String,
    from: String,
}

impl Side {
    fn new(who: &SignedIn, headshot: &Headshot, names: &Names, other: Option<&ResultId>, from: &str) -> Self {
        Self {
            picture: download::address(who, &headshot.id, HeadshotFile::Portrait),
            alt: alt(headshot, names),
            title: say!("Headshot {number}", number = headshot.position).to_string(),
            backdrop: names.shown(&headshot.backdrop).to_string(),
            width: headshot.width,
            height: headshot.height,
            liked: headshot.liked != Liked::None,
            favourite: headshot.favorite,
            href: headshot::address(who, &headshot.id),
            replace: other.map(|other| who.at(&format!("/compare?a={other}"))).unwrap_or_default(),
            from: from.to_owned(),
            id: headshot.id.clone(),
        }
    }
}

/// `GET /team-member/compare?a=…&b=…`
async fn show(request: HttpRequest, app: Data<App>, who: SignedIn) -> Result<HttpResponse> {
    let pair = Pair::parse(request.query_string())?;
    match (&pair.a, &pair.b, pair.picked.as_slice()) {
        (None, None, [a, b]) => {
            let pair = Pair { a: Some(a.clone()), b: Some(b.clone()), ..Pair::default() };
            return Ok(to(pair.address(&who)));
        }
        (None, None, [a]) => {
            return Ok(to(Pair { a: Some(a.clone()), ..Pair::default() }.address(&who)));
        }
        (None, None, _) => return saying(&app, to(who.at(START)), say!("Select two headshots to compare them.")),
        _ => {}
    }
    app.db.read(|view| {
        let Some(first) = pair.a.as_ref().or(pair.b.as_ref()) else { return Err(Error::NotFound("Photo")) };
        let first = results::own(view, first, &who.member)?;
        let second = pair.b.as_ref().map(|id| results::own(view, id, &who.member)).transpose()?;
        let page = frame(view, &request, say!("Compare headshots"), &who)?;
        let names = Names::of(view, &shoots::get(view, &first.shoot)?.organization)?;
        let back = format!("{}#h{}", grid_address(view, &who, &first.shoot)?, first.id);
        let comparing = match second.filter(|second| second.id != first.id) {
            Some(second) => both(&who, &names, &first, &second),
            None => with(view, &who, &names, &first)?,
        };
        shown(&request, &Compare { page, back, comparing })
    })
}

fn both(who: &SignedIn, names: &Names, first: &Headshot, second: &Headshot) -> Comparing {
    let from = format!("compare?a={}&b={}", first.id, second.id);
    let sides = vec![
        Side::new(who, first, names, Some(&second.id), &from),
        Side::new(who, second, names, Some(&first.id), &from),
    ];
    let swapped = Pair { a: Some(second.id.clone()), b: Some(first.id.clone()), ..Pair::default() };
    Comparing::Both { sides, swap: swapped.address(who) }
}

fn with(view: &View, who: &SignedIn, names: &Names, first: &Headshot) -> Result<Comparing> {
    let others = results::of_shoot(view, &first.shoot)?;
    let others = others.iter().filter(|other| other.id != first.id).map(|other| {
        let pair = Pair { a: Some(first.id.clone()), b: Some(other.id.clone()), ..Pair::default() };
        Tile::new(who, other, names, pair.address(who))
    });
    Ok(Comparing::With(Side::new(who, first, names, None, ""), others.collect()))
}
