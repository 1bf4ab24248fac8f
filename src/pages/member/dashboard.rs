//! The member's start page: their headshots, as a grid or, of several shoots, as cards; or what became of them.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Path, ServiceConfig},
};
use askama::Template;

use super::{MEMBER_PAGES, Place, START, download, frame, profile_picture};
use crate::{
    app::App,
    db::View,
    error::Result,
    ids::{ResultId, ShootId},
    members::{self, Kind, Member},
    organizations,
    pages::{
        admin::Tab,
        shown, to,
        view::{Page, When, counted},
    },
    results::{self, Headshot},
    shoots::{self, Shoot},
    storage::HeadshotFile,
    styles::Names,
    web::{browser::SignedIn, get, resource},
};

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(resource(MEMBER_PAGES, "GET").route(get(show)))
        .service(resource("/team-member/shoots/{id}", "GET").route(get(show_one)));
}

#[derive(Template)]
#[template(path = "member/dashboard.html")]
struct Dashboard {
    page: Page,
    /// Headshots and profile picture, if the organization has templates.
    tabs: Vec<Tab>,
    shown: Shown,
    /// Someone on their own may begin once more.
    again: bool,
}

/// One shoot shows its results, several show as cards.
enum Shown {
    Results(Results),
    Shoots(Vec<ShootCard>),
}

struct Results {
    /// The cards, if there are several shoots.
    back: Option<String>,
    words: String,
    zip: String,
    expires: Option<When>,
    headshots: Vec<HeadshotTile>,
}

struct HeadshotTile {
    id: ResultId,
    thumbnail: String,
    /// `Headshot 3, navy backdrop`
    alt: String,
    favourite: bool,
}

struct ShootCard {
    title: String,
    words: String,
    /// Three at most.
    pictures: Vec<String>,
    href: String,
    expires: Option<When>,
}

#[derive(Template)]
#[template(path = "member/deleted.html")]
struct Deleted {
    page: Page,
    expired: bool,
    at: When,
    /// Whom to ask: a name or `your organization`. Nobody, if it isn't for them to say.
    ask: Option<String>,
    /// Someone on their own has nobody to ask: they begin once more, if they have a credit.
    again: Option<bool>,
}

/// `GET /team-member`
async fn show(request: HttpRequest, app: Data<App>, who: SignedIn) -> Result<HttpResponse> {
    app.db.read(|view| {
        let shoots = match Place::of(view, &who.member)? {
            Place::Results(shoots) => shoots,
            Place::Deleted(shoot) => return shown(&request, &deleted(view, &request, &who, &shoot)?),
            elsewhere => return Ok(to(who.at(elsewhere.address()))),
        };
        let page = frame(view, &request, "Your headshots", &who)?;
        let content = match shoots.as_slice() {
            [one] => Shown::Results(grid(view, &page, &who, one, None)?),
            several => Shown::Shoots(several.iter().map(|shoot| card(view, &who, shoot)).collect::<Result<_>>()?),
        };
        let again = may_begin_again(view, &page, &who.member)?;
        let tabs = profile_picture::tabs(view, &who, START)?;
        shown(&request, &Dashboard { page, tabs, shown: content, again })
    })
}

/// Whether someone on their own has a credit for more.
fn may_begin_again(view: &View, page: &Page, member: &Member) -> Result<bool> {
    Ok(page.alone && organizations::get(view, &member.organization)?.shown_credits() > 0)
}

/// `GET /team-member/shoots/{id}`
async fn show_one(request: HttpRequest, app: Data<App>, who: SignedIn, id: Path<ShootId>) -> Result<HttpResponse> {
    app.db.read(|view| {
        let shoot = shoots::own_results(view, &id, &who.member)?;
        let page = frame(view, &request, "Your headshots", &who)?;
        let all = who.at(START);
        let back = Some(all).filter(|all| grid_address(view, &who, &shoot.id).is_ok_and(|grid| grid != *all));
        let content = Shown::Results(grid(view, &page, &who, &shoot, back)?);
        let tabs = profile_picture::tabs(view, &who, START)?;
        shown(&request, &Dashboard { page, tabs, shown: content, again: false })
    })
}

/// The page with a shoot's headshots.
pub(super) fn grid_address(view: &View, who: &SignedIn, shoot: &ShootId) -> Result<String> {
    Ok(match Place::of(view, &who.member)? {
        Place::Results(shoots) if shoots.len() == 1 => who.at(START),
        _ => who.at(&format!("/shoots/{shoot}")),
    })
}

fn grid(view: &View, page: &Page, who: &SignedIn, shoot: &Shoot, back: Option<String>) -> Result<Results> {
    let headshots = results::of_shoot(view, &shoot.id)?;
    let names = Names::of(view, &shoot.organization)?;
    let count = counted(headshots.len() as u64, "headshot");
    let organization = &page.brand.name;
    let words = if page.alone {
        format!("{count}. Mark the one you like best with the star.")
    } else if headshots.iter().any(|headshot| headshot.favorite) {
        format!("{count}. The one with the star is the one {organization} uses.")
    } else {
        format!(
            "{count}. Mark {} favourite with the star: it is the one {organization} uses.",
            if who.for_another() { "a" } else { "your" }
        )
    };
    let tile = |headshot: Headshot| HeadshotTile {
        thumbnail: download::address(who, &headshot.id, HeadshotFile::Thumbnail),
        alt: alt(&headshot, &names),
        favourite: headshot.favorite,
        id: headshot.id,
    };
    Ok(Results {
        back,
        words,
        zip: who.at(&format!("/shoots/{}/headshots.zip", shoot.id)),
        expires: None,
        headshots: headshots.into_iter().map(tile).collect(),
    })
}

fn card(view: &View, who: &SignedIn, shoot: &Shoot) -> Result<ShootCard> {
    let headshots = results::of_shoot(view, &shoot.id)?;
    let pictures =
        headshots.iter().take(3).map(|headshot| download::address(who, &headshot.id, HeadshotFile::Thumbnail));
    Ok(ShootCard {
        title: When::day(shoot.finished_at.unwrap_or(shoot.created_at)).words,
        words: counted(headshots.len() as u64, "headshot"),
        pictures: pictures.collect(),
        href: who.at(&format!("/shoots/{}", shoot.id)),
        expires: None,
    })
}

/// What a headshot is, for those who don't see it.
pub(super) fn alt(headshot: &Headshot, names: &Names) -> String {
    format!("Headshot {}, {}", headshot.position, names.behind(&headshot.backdrop))
}

fn deleted(view: &View, request: &HttpRequest, who: &SignedIn, shoot: &Shoot) -> Result<Deleted> {
    let page = frame(view, request, "Your headshots are gone", who)?;
    let again = if page.alone { Some(may_begin_again(view, &page, &who.member)?) } else { None };
    let ask = match who.member.kind {
        _ if page.alone => None,
        Kind::Anonymous => None,
        // Whoever looks can grant it themselves.
        _ if who.for_another() => None,
        _ => {
            let leads = members::leads(view, &who.member.organization)?;
            Some(leads.first().map_or("your organization", |lead| lead.called()).to_owned())
        }
    };
    Ok(Deleted { page, again, expired: false, at: When::day(shoot.deleted_at.unwrap_or(shoot.stage_at)), ask })
}
