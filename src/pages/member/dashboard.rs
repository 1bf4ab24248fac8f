//! The member's start page: their headshots, as a grid or, of several shoots, as cards; or what became of them.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Path, Query, ServiceConfig},
};
use askama::Template;
use serde::Deserialize;

use super::{
    MEMBER_PAGES, Place, START, frame,
    gallery::{Filter, Sieve, Tile, count_words},
    profile_picture, whose,
};
use crate::{
    app::App,
    db::View,
    error::Result,
    i18n::Message,
    ids::ShootId,
    members::{self, Kind, Member},
    organizations,
    pages::{
        admin::Tab,
        filters, shown, to,
        view::{Page, When},
    },
    results::{self, Headshot},
    shoots::{self, Shoot},
    storage::Preview,
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
    Results(Box<Results>),
    Shoots(Vec<ShootCard>),
}

struct Results {
    /// The cards, if there are several shoots.
    back: Option<String>,
    words: String,
    zip: String,
    expires: Option<When>,
    headshots: Vec<Tile>,
    /// Ways to see fewer; none if there are few.
    sieves: Vec<Sieve>,
    /// Only some are shown, and this page shows all.
    all: Option<String>,
    /// What the forms of the tiles bring along, to come back here.
    from: String,
    /// Where links to share are made.
    share: String,
    selecting: Selecting,
}

/// Whether several can be selected to do something with them; a state of the address.
enum Selecting {
    /// The address with it.
    Off(String),
    On {
        /// The address without it.
        done: String,
        compare: String,
    },
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
    /// Whom to ask for new ones. Nobody, if it isn't for them to say.
    ask: Option<Message>,
    /// Someone on their own has nobody to ask: they begin once more, if they have a credit.
    again: Option<bool>,
}

/// What the address says beside whose headshots.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    #[serde(flatten)]
    filter: Filter,
    select: String,
}

/// `GET /team-member`
async fn show(request: HttpRequest, app: Data<App>, who: SignedIn, asked: Query<Asked>) -> Result<HttpResponse> {
    app.db.read(|view| {
        let shoots = match Place::of(view, &who.member)? {
            Place::Results(shoots) => shoots,
            Place::Deleted(shoot) => return shown(&request, &deleted(view, &request, &who, &shoot)?),
            elsewhere => return Ok(to(who.at(elsewhere.address()))),
        };
        let page = frame(view, &request, say!("Your headshots"), &who)?;
        let content = match shoots.as_slice() {
            [one] => Shown::Results(Box::new(grid(view, &page, &who, one, None, &asked)?)),
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
async fn show_one(
    request: HttpRequest,
    app: Data<App>,
    who: SignedIn,
    id: Path<ShootId>,
    asked: Query<Asked>,
) -> Result<HttpResponse> {
    app.db.read(|view| {
        let shoot = shoots::own_results(view, &id, &who.member)?;
        let page = frame(view, &request, say!("Your headshots"), &who)?;
        let all = who.at(START);
        let back = Some(all).filter(|all| grid_address(view, &who, &shoot.id).is_ok_and(|grid| grid != *all));
        let content = Shown::Results(Box::new(grid(view, &page, &who, &shoot, back, &asked)?));
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

fn grid(
    view: &View,
    page: &Page,
    who: &SignedIn,
    shoot: &Shoot,
    back: Option<String>,
    Asked { filter, select }: &Asked,
) -> Result<Results> {
    let headshots = results::of_shoot(view, &shoot.id)?;
    let names = Names::of(view, &shoot.organization)?;
    let shown: Vec<&Headshot> = headshots.iter().filter(|headshot| filter.keeps(headshot)).collect();
    let count = count_words(shown.len(), headshots.len());
    let organization = &page.brand.name;
    let then = if page.alone {
        say!("Mark the one you like best with the star.")
    } else if headshots.iter().any(|headshot| headshot.favorite) {
        say!("The one with the star is the one {organization} uses.", organization)
    } else {
        whose(
            who,
            say!("Mark your favourite with the star: it is the one {organization} uses.", organization),
            say!("Mark a favourite with the star: it is the one {organization} uses.", organization),
        )
    };
    let query = filter.query();
    let tile =
        |headshot: &Headshot| Tile::new(who, headshot, &names, who.at(&format!("/headshots/{}{query}", headshot.id)));
    let base = grid_address(view, who, &shoot.id)?;
    let here = format!("{base}{query}");
    Ok(Results {
        back,
        words: format!("{count}. {then}"),
        zip: who.at(&format!("/shoots/{}/headshots.zip", shoot.id)),
        expires: goes_at(view, shoot)?,
        sieves: filter.choices(&headshots, &names, &base),
        all: (!filter.is_off()).then_some(base),
        from: format!("grid{query}"),
        share: who.at(&format!("/shoots/{}/share", shoot.id)),
        selecting: match select.is_empty() {
            true if query.is_empty() => Selecting::Off(format!("{here}?select=1")),
            true => Selecting::Off(format!("{here}&select=1")),
            false => Selecting::On { done: here, compare: who.at("/compare") },
        },
        headshots: shown.into_iter().map(tile).collect(),
    })
}

fn card(view: &View, who: &SignedIn, shoot: &Shoot) -> Result<ShootCard> {
    let headshots = results::of_shoot(view, &shoot.id)?;
    let pictures = headshots
        .iter()
        .take(3)
        .map(|headshot| who.at(&format!("/headshots/{}/{}", headshot.id, Preview::Small.name())));
    Ok(ShootCard {
        title: When::day(shoot.finished_at.unwrap_or(shoot.created_at)).words,
        words: say!("{n} headshot" | "{n} headshots", n = headshots.len()).into(),
        pictures: pictures.collect(),
        href: who.at(&format!("/shoots/{}", shoot.id)),
        expires: goes_at(view, shoot)?,
    })
}

/// The day on which its headshots go, if they do, where the organization is.
fn goes_at(view: &View, shoot: &Shoot) -> Result<Option<When>> {
    let zone = organizations::zone(view, &shoot.organization)?;
    Ok(shoot.goes_at().map(|at| When::day_in(zone, at)))
}

/// What a headshot is, for those who don't see it.
pub(super) fn alt(headshot: &Headshot, names: &Names) -> String {
    let (number, backdrop) = (headshot.position, names.behind(&headshot.backdrop));
    let words = match headshot.original {
        Some(_) => say!("Headshot {number}, edited, {backdrop}", number, backdrop),
        None => say!("Headshot {number}, {backdrop}", number, backdrop),
    };
    words.into()
}

fn deleted(view: &View, request: &HttpRequest, who: &SignedIn, shoot: &Shoot) -> Result<Deleted> {
    let title = match shoot.expired {
        true => whose(who, say!("Your headshots have expired"), say!("The headshots have expired")),
        false => whose(who, say!("Your headshots were deleted"), say!("The headshots were deleted")),
    };
    let page = frame(view, request, title, who)?;
    let again = if page.alone { Some(may_begin_again(view, &page, &who.member)?) } else { None };
    let ask = match who.member.kind {
        _ if page.alone => None,
        Kind::Anonymous => None,
        // Whoever looks can grant it themselves.
        _ if who.for_another() => None,
        _ => {
            let leads = members::leads(view, &who.member.organization)?;
            Some(match leads.first() {
                Some(lead) => say!(
                    "For new ones, ask {person} to grant you a retry. This page then takes you to the photos by itself.",
                    person = lead.called()
                ),
                None => say!(
                    "For new ones, ask your organization to grant you a retry. This page then takes you to the photos by itself."
                ),
            })
        }
    };
    let zone = organizations::zone(view, &shoot.organization)?;
    let at = When::day_in(zone, shoot.deleted_at.unwrap_or(shoot.stage_at));
    Ok(Deleted { page, again, expired: shoot.expired, at, ask })
}
