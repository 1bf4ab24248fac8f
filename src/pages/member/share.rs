//! Links that show headshots to whoever has them: making them, and taking them back.

use std::time::Duration;

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{self, Data, Form, Path, Query, ServiceConfig},
};
use askama::Template;
use serde::Deserialize;
use url::form_urlencoded;

use super::{
    dashboard::{alt, grid_address},
    frame, headshot,
};
use crate::{
    app::App,
    audit::Action,
    clock::Timestamp,
    db::View,
    error::{Error, Result},
    i18n::{Message, Rich},
    ids::{ResultId, ShareId, ShootId},
    members::Kind,
    pages::{
        filters, shown_with, to,
        undoing::{Leaving, leave},
        view::{Choice, Page, When},
    },
    results::{self, Headshot},
    shares::{self, Lifetime, Share},
    shoots,
    styles::Names,
    undo::{self, As, Thing},
    web::{browser::SignedIn, get, resource},
};

/// Until then something is just now.
const MINUTE: Duration = Duration::from_secs(60);

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(resource("/team-member/shoots/{id}/share", "GET, POST").route(get(show)).route(web::post().to(make)))
        .service(resource("/team-member/shares/{id}/revoke", "POST").route(web::post().to(revoke)));
}

#[derive(Template)]
#[template(path = "member/share.html")]
struct Sharing {
    page: Page,
    back: String,
    action: String,
    /// All of them, or the one that one comes from.
    what: Vec<Choice>,
    days: Vec<Choice>,
    error: Option<String>,
    /// A link that was made just now.
    fresh: Option<Fresh>,
    links: Vec<LinkRow>,
}

struct Fresh {
    address: String,
    what: String,
    until: When,
}

struct LinkRow {
    what: String,
    made: When,
    /// `Works until Jan 5, 2027`, or how it ended.
    state: Rich,
    over: bool,
    /// `Opened 3 times, last 5 min ago`
    opened: Message,
    /// Where it is taken back.
    revoke: Option<String>,
    /// It is being taken back.
    leaving: Option<Leaving>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    headshot: Option<ResultId>,
    /// A link that was made just now, sealed.
    made: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Wanted {
    /// A headshot, or `all`.
    what: String,
    days: u32,
}

/// What the page shows beside what is always there.
#[derive(Default)]
struct Showing {
    headshot: Option<ResultId>,
    lifetime: Lifetime,
    all: bool,
    fresh: Option<(Share, String)>,
    error: Option<String>,
}

/// `GET /team-member/shoots/{id}/share`
async fn show(
    request: HttpRequest,
    app: Data<App>,
    who: SignedIn,
    id: Path<ShootId>,
    asked: Query<Asked>,
) -> Result<HttpResponse> {
    let Asked { headshot, made } = asked.into_inner();
    let all = headshot.is_none();
    app.db.read(|view| {
        let made = shares::just_made(view, &app.key, &id, &made)?;
        let fresh = made.map(|(share, token)| (share, app.urls.share(&token, who.member.kind == Kind::Anonymous)));
        let showing = Showing { headshot, all, fresh, ..Showing::default() };
        screen(view, &request, &who, &id, showing, StatusCode::OK)
    })
}

/// `POST /team-member/shoots/{id}/share`: goes on to the page that shows the link, which can be loaded again without making
/// another one.
async fn make(
    request: HttpRequest,
    app: Data<App>,
    who: SignedIn,
    id: Path<ShootId>,
    Form(wanted): Form<Wanted>,
) -> Result<HttpResponse> {
    let all = wanted.what == "all" || wanted.what.is_empty();
    let of = if all { None } else { Some(wanted.what.parse().map_err(|_| Error::NotFound("Photo"))?) };
    let lifetime = Lifetime::of_days(wanted.days).unwrap_or_default();
    let (shoot, member, by, only) = (id.clone(), who.member.clone(), who.by.clone(), of.clone());
    let made = app
        .db
        .write(move |tx| {
            let shoot = shoots::own_results(tx, &shoot, &member)?;
            let made = shares::make(tx, &shoot, only.as_ref(), &by.id, lifetime)?;
            shoots::note_behalf(tx, &by, &member, Action::SharedFor)?;
            Ok(made)
        })
        .await;
    match made {
        Ok((_, token)) => {
            let mut query = form_urlencoded::Serializer::new(String::new());
            query.append_pair("made", &shares::sealed(&app.key, &token)?);
            if let Some(headshot) = &of {
                query.append_pair("headshot", headshot.as_str());
            }
            Ok(to(format!("{}?{}", address(&who, &id), query.finish())))
        }
        Err(Error::Invalid(sentence)) => {
            let error = Some(sentence.to_string());
            let showing = Showing { headshot: of, lifetime, all, error, ..Showing::default() };
            app.db.read(|view| screen(view, &request, &who, &id, showing, StatusCode::BAD_REQUEST))
        }
        Err(other) => Err(other),
    }
}

/// `POST /team-member/shares/{id}/revoke`
async fn revoke(app: Data<App>, who: SignedIn, id: Path<ShareId>) -> Result<HttpResponse> {
    let id = id.into_inner();
    let (shoot, what) = app.db.read(|view| {
        let share = shares::get(view, &id)?;
        let shoot = shoots::own_results(view, &share.shoot, &who.member).map_err(|_| Error::NotFound("Link"))?;
        let (headshots, names) = (results::of_shoot(view, &shoot.id)?, Names::of(view, &shoot.organization)?);
        Ok((shoot.id, link_to(&headshots, &names, share.headshot.as_ref())))
    })?;
    let asked_as = if who.for_another() { As::Lead } else { As::Themselves };
    leave(&app, &who.by, asked_as, Thing::Share(id), what, address(&who, &shoot)).await
}

fn address(who: &SignedIn, shoot: &ShootId) -> String {
    who.at(&format!("/shoots/{shoot}/share"))
}

fn screen(
    view: &View,
    request: &HttpRequest,
    who: &SignedIn,
    id: &ShootId,
    showing: Showing,
    status: StatusCode,
) -> Result<HttpResponse> {
    let shoot = shoots::own_results(view, id, &who.member)?;
    let Showing { headshot, lifetime, all, fresh, error } = showing;
    let headshots = results::of_shoot(view, &shoot.id)?;
    let names = Names::of(view, &shoot.organization)?;
    let here = address(who, &shoot.id);
    let called = |of: Option<&ResultId>| what(&headshots, &names, of);
    let one = headshot.as_ref().filter(|id| headshots.iter().any(|headshot| headshot.id == **id));
    let choices = [None, one].into_iter().take(if one.is_some() { 2 } else { 1 });
    let days = Lifetime::ALL.into_iter().map(|offered| Choice {
        value: offered.days().to_string(),
        words: say!("{n} day" | "{n} days", n = offered.days()).into(),
        chosen: offered == lifetime,
    });
    let links = shares::of_shoot(view, &shoot.id)?;
    let going = undo::going(view, &shoot.organization, undo::Kind::Share)?;
    let sharing = Sharing {
        page: frame(view, request, say!("Share headshots"), who)?,
        back: match one {
            Some(id) => headshot::address(who, id),
            None => grid_address(view, who, &shoot.id)?,
        },
        what: choices
            .map(|of| Choice {
                value: of.map_or_else(|| "all".to_owned(), ToString::to_string),
                words: called(of),
                chosen: of.is_none() == all,
            })
            .collect(),
        days: days.collect(),
        error,
        fresh: fresh.map(|(share, address)| Fresh {
            address,
            what: called(share.headshot.as_ref()),
            until: When::day(share.expires_at),
        }),
        links: links
            .iter()
            .map(|share| {
                let leaving = Leaving::of(&going, share.id.as_str(), &who.by);
                let revoke = who.at(&format!("/shares/{}/revoke", share.id));
                LinkRow::new(share, called(share.headshot.as_ref()), revoke, leaving, view.now)
            })
            .collect(),
        action: here,
    };
    shown_with(request, status, &sharing)
}

/// A link within a sentence.
fn link_to(headshots: &[Headshot], names: &Names, of: Option<&ResultId>) -> Message {
    let Some(id) = of else {
        return say!("the link to all {n} headshot" | "the link to all {n} headshots", n = headshots.len());
    };
    let Some(headshot) = headshots.iter().find(|headshot| headshot.id == *id) else {
        return say!("the link to a headshot that is gone");
    };
    let (number, backdrop) = (headshot.position, names.behind(&headshot.backdrop));
    match headshot.original {
        Some(_) => say!("the link to headshot {number}, edited, {backdrop}", number, backdrop),
        None => say!("the link to headshot {number}, {backdrop}", number, backdrop),
    }
}

/// What a link shows.
fn what(headshots: &[Headshot], names: &Names, of: Option<&ResultId>) -> String {
    match of {
        None => say!("All {n} headshot" | "All {n} headshots", n = headshots.len()).into(),
        Some(id) => match headshots.iter().find(|headshot| headshot.id == *id) {
            Some(headshot) => alt(headshot, names),
            None => say!("A headshot that is gone").into(),
        },
    }
}

impl LinkRow {
    fn new(share: &Share, what: String, revoke: String, leaving: Option<Leaving>, now: Timestamp) -> Self {
        let over = share.is_over(now);
        let (state, until) = match share.revoked_at {
            Some(at) => (say!("Revoked <time datetime='{iso}'>{day}</time>"), at),
            None if over => (say!("Ended <time datetime='{iso}'>{day}</time>"), share.expires_at),
            None => (say!("Works until <time datetime='{iso}'>{day}</time>"), share.expires_at),
        };
        let until = When::day(until);
        let ago = |at: Timestamp| match now.since(at) < MINUTE {
            true => say!("just now").into(),
            false => When::ago(at, now).words,
        };
        let opened = match (share.opened, share.opened_at) {
            (0, _) | (_, None) => say!("Not opened yet"),
            (1, Some(at)) => say!("Opened once, {ago}", ago = ago(at)),
            (times, Some(at)) => say!("Opened {n} times, last {ago}", n = times, ago = ago(at)),
        };
        Self {
            what,
            made: When::day(share.created_at),
            state: state.with("iso", until.iso).with("day", until.words).rich(),
            over,
            opened,
            revoke: (!over && leaving.is_none()).then_some(revoke),
            leaving: leaving.filter(|_| !over),
        }
    }
}
