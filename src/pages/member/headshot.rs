//! One headshot, large: to look at, to like, to choose, to take along.

use actix_web::{
    HttpRequest, HttpResponse, Responder,
    web::{self, Data, Form, Path, Query, ServiceConfig},
};
use askama::Template;
use serde::{Deserialize, Serialize};

use super::{
    compare::Pair,
    dashboard::{alt, grid_address},
    download,
    edit::{self, Beside},
    frame,
    gallery::Filter,
};
use crate::{
    app::App,
    audit::Action,
    error::Result,
    i18n::Message,
    ids::ResultId,
    pages::{filters, shown, taking::Offer, to, view::Page},
    results::{self, Headshot, Liked},
    shoots,
    storage::HeadshotFile,
    styles::Names,
    web::{
        browser::SignedIn,
        get,
        json::{self, Json},
        resource,
    },
};

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(resource("/team-member/headshots/{id}", "GET").route(get(show)))
        .service(resource("/team-member/headshots/{id}/like", "POST").route(web::post().to(like)))
        .service(resource("/team-member/headshots/{id}/favourite", "POST").route(web::post().to(choose)));
}

#[derive(Template)]
#[template(path = "member/headshot.html")]
struct Large {
    page: Page,
    id: ResultId,
    picture: String,
    alt: String,
    width: u32,
    height: u32,
    backdrop: String,
    /// `3 of 40`
    place: Message,
    liked: bool,
    favourite: bool,
    downloads: Vec<Offer>,
    /// What the forms bring along, to come back here.
    from: String,
    compare: String,
    share: String,
    previous: Option<Neighbour>,
    next: Option<Neighbour>,
    back: String,
    /// Its edits.
    beside: Beside,
}

struct Neighbour {
    href: String,
    picture: String,
}

impl Neighbour {
    fn new(who: &SignedIn, headshot: &Headshot, query: &str) -> Self {
        Self {
            href: address(who, &headshot.id) + query,
            picture: download::address(who, &headshot.id, HeadshotFile::Portrait),
        }
    }
}

/// The page of one headshot.
pub(super) fn address(who: &SignedIn, id: &ResultId) -> String {
    who.at(&format!("/headshots/{id}"))
}

/// `GET /team-member/headshots/{id}`
async fn show(
    request: HttpRequest,
    app: Data<App>,
    who: SignedIn,
    id: Path<ResultId>,
    filter: Query<Filter>,
) -> Result<HttpResponse> {
    app.db.read(|view| {
        let headshot = results::own(view, &id, &who.member)?;
        let mut all = results::of_shoot(view, &headshot.shoot)?;
        // The one that is shown stays among them when it is no longer liked: its neighbours are where they were.
        all.retain(|other| other.id == headshot.id || filter.keeps(other));
        let query = filter.query();
        let names = Names::of(view, &shoots::get(view, &headshot.shoot)?.organization)?;
        let at = all.iter().position(|other| other.id == headshot.id).unwrap_or_default();
        let page = Large {
            page: frame(view, &request, say!("Headshot {number}", number = headshot.position), &who)?,
            picture: download::address(&who, &headshot.id, HeadshotFile::Portrait),
            alt: alt(&headshot, &names),
            width: headshot.width,
            height: headshot.height,
            backdrop: names.shown(&headshot.backdrop).to_string(),
            place: say!("{number} of {all}", number = at + 1, all = all.len()),
            liked: headshot.liked != Liked::None,
            favourite: headshot.favorite,
            beside: edit::beside(view, &who, &headshot, &names)?,
            downloads: Offer::of(&headshot, &address(&who, &headshot.id)),
            compare: who.at(&format!("/compare?a={}", headshot.id)),
            share: who.at(&format!("/shoots/{}/share?headshot={}", headshot.shoot, headshot.id)),
            previous: at
                .checked_sub(1)
                .and_then(|before| all.get(before))
                .map(|near| Neighbour::new(&who, near, &query)),
            next: all.get(at + 1).map(|near| Neighbour::new(&who, near, &query)),
            back: format!("{}{query}#h{}", grid_address(view, &who, &headshot.shoot)?, headshot.id),
            from: query,
            id: headshot.id,
        };
        shown(&request, &page)
    })
}

/// A button that stays down until it is pressed again.
#[derive(Deserialize)]
struct Pressed {
    /// What it should be now; left out: the other.
    set: Option<bool>,
    /// The page one wants to be at again: `grid`, `compare`, or nothing for the headshot's own; with its query.
    #[serde(default)]
    from: String,
}

#[derive(Serialize)]
struct LikedNow {
    liked: bool,
}

/// `POST /team-member/headshots/{id}/like`
async fn like(
    request: HttpRequest,
    app: Data<App>,
    who: SignedIn,
    id: Path<ResultId>,
    Form(pressed): Form<Pressed>,
) -> Result<HttpResponse> {
    let (member, by, headshot) = (who.member.clone(), who.by.clone(), id.clone());
    let liked = app
        .db
        .write(move |tx| {
            let liked = pressed.set.unwrap_or(results::own(tx, &headshot, &member)?.liked == Liked::None);
            results::like(tx, &headshot, if liked { Liked::Liked } else { Liked::None })?;
            shoots::note_behalf(tx, &by, &member, Action::ChoseFor)?;
            Ok(liked)
        })
        .await?;
    if json::wanted(request.headers()) {
        return Ok(Json(LikedNow { liked }).respond_to(&request));
    }
    back(&app, &who, &id, &pressed.from)
}

#[derive(Serialize)]
struct FavouriteNow {
    favourite: bool,
}

/// `POST /team-member/headshots/{id}/favourite`
async fn choose(
    request: HttpRequest,
    app: Data<App>,
    who: SignedIn,
    id: Path<ResultId>,
    Form(pressed): Form<Pressed>,
) -> Result<HttpResponse> {
    let (member, by, headshot) = (who.member.clone(), who.by.clone(), id.clone());
    let favourite = app
        .db
        .write(move |tx| {
            let before = results::own(tx, &headshot, &member)?;
            let favourite = pressed.set.unwrap_or(!before.favorite);
            match (favourite, before.favorite) {
                (true, _) => results::choose(tx, &headshot)?,
                (false, true) => results::unchoose(tx, &before.shoot)?,
                (false, false) => {}
            }
            shoots::note_behalf(tx, &by, &member, Action::ChoseFor)?;
            Ok(favourite)
        })
        .await?;
    if json::wanted(request.headers()) {
        return Ok(Json(FavouriteNow { favourite }).respond_to(&request));
    }
    back(&app, &who, &id, &pressed.from)
}

/// Back to where the button was pressed. The pages send no referrer, so the form says it.
fn back(app: &App, who: &SignedIn, id: &ResultId, from: &str) -> Result<HttpResponse> {
    let (place, query) = from.split_once('?').unwrap_or((from, ""));
    let filter = Filter::parse(query).query();
    match place {
        "grid" => app.db.read(|view| {
            let shoot = results::own(view, id, &who.member)?.shoot;
            Ok(to(format!("{}{filter}#h{id}", grid_address(view, who, &shoot)?)))
        }),
        "compare" => Ok(to(Pair::parse(query)?.address(who))),
        _ => Ok(to(address(who, id) + &filter)),
    }
}
