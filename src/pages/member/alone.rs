//! Pages of those who make headshots for themselves: beginning once more, and converting their account when an organization
//! waits for it. [000]

use actix_web::{
    HttpRequest, HttpResponse,
    web::{self, Data, ServiceConfig},
};
use askama::Template;

use crate::{
    app::App,
    auth::{self, Session, WayIn},
    db::View,
    error::{Error, Result},
    i18n::Message,
    invites, links,
    members::Member,
    offboarding, organizations,
    pages::{
        filters, shown, to,
        view::{Page, When, saying},
    },
    results,
    shoots::{self, Shoot, State},
    web::{
        browser::{MEMBER_PAGES, Own, Visitor},
        get, resource,
    },
};

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(resource("/team-member/convert", "GET, POST").route(get(ask)).route(web::post().to(convert)))
        .service(resource("/team-member/again", "POST").route(web::post().to(again)));
}

/// What joining an organization means for someone's own headshots.
#[derive(Template)]
#[template(path = "member/convert.html")]
struct Convert {
    page: Page,
    /// The organization that waits.
    organization: String,
    email: String,
    models: Vec<Model>,
    /// Those that are not used; none if there are none.
    credits: Option<i64>,
}

/// One shoot that goes.
struct Model {
    /// The day they were made, or begun.
    title: String,
    /// `12 headshots`, or how far it is.
    words: Message,
    /// All of its headshots; none while there are none.
    zip: Option<String>,
}

/// The way in has closed meanwhile; nothing was lost.
#[derive(Template)]
#[template(path = "member/convert-closed.html")]
struct Closed {
    page: Page,
    title: Message,
    words: Message,
}

/// `GET /team-member/convert`
async fn ask(app: Data<App>, request: HttpRequest, who: Own, visitor: Visitor) -> Result<HttpResponse> {
    let Some(session) = visitor.0 else { return Ok(to(MEMBER_PAGES)) };
    app.db.read(|view| answer(view, &request, &who.member, &session))
}

/// `POST /team-member/convert`: the button was pressed. Twice, or in two windows, the second one finds them inside.
async fn convert(app: Data<App>, request: HttpRequest, who: Own, visitor: Visitor) -> Result<HttpResponse> {
    let Some(session) = visitor.0 else { return Ok(to(MEMBER_PAGES)) };
    let asked = session.clone();
    let converted = app.db.write(move |tx| {
        let Some(way) = auth::way_in(tx, &asked)? else { return Ok(None) };
        let member = offboarding::convert(tx, &asked.account, &way)?;
        let bound = member.email.as_ref().map(|email| auth::bound_to(tx, email)).transpose()?.flatten().is_some();
        Ok(Some((organizations::get(tx, &member.organization)?.name, bound)))
    });
    match converted.await {
        Ok(Some((name, true))) => {
            let words = say!(
                "You have joined {name}, where you sign in with single sign-on. Enter your address to go on.",
                name
            );
            saying(&app, to("/signin"), words)
        }
        Ok(Some((name, false))) => saying(&app, to("/team-member/onboarding"), say!("You have joined {name}.", name)),
        Ok(None) => Ok(to(MEMBER_PAGES)),
        // Used up, over or revoked meanwhile: the page says which, and nothing is gone.
        Err(Error::Invalid(_)) => app.db.read(|view| answer(view, &request, &who.member, &session)),
        Err(other) => Err(other),
    }
}

/// `POST /team-member/again`
async fn again(app: Data<App>, who: Own) -> Result<HttpResponse> {
    match app.db.write(move |tx| shoots::begin_again(tx, &who.member)).await {
        Ok(_) => Ok(to("/team-member/onboarding")),
        // Pressed twice.
        Err(Error::Invalid(_)) => Ok(to(MEMBER_PAGES)),
        Err(other) => Err(other),
    }
}

fn answer(view: &View, request: &HttpRequest, member: &Member, session: &Session) -> Result<HttpResponse> {
    let own = organizations::get(view, &member.organization)?;
    let Some(way) = auth::way_in(view, session)?.filter(|_| own.is_alone()) else { return Ok(to(MEMBER_PAGES)) };
    let name = organizations::get(view, way.organization())?.name;
    let page = |title: &Message| {
        let page = Page::of(view, request, title.to_string(), member)?;
        Ok::<_, Error>(Page { invited: None, ..page })
    };
    if !way.open(view.now) {
        let (title, words) = why(view, &way, &name);
        return shown(request, &Closed { page: page(&title)?, title, words });
    }
    let models = shoots::own_models(view, member)?.iter().map(|shoot| model(view, shoot)).collect::<Result<_>>()?;
    let credits = Some(own.credits).filter(|credits| !own.unlimited && *credits > 0);
    let email = member.email.as_ref().map(ToString::to_string).unwrap_or_default();
    let page = page(&say!("Join {organization}", organization = name))?;
    shown(request, &Convert { page, organization: name, email, models, credits })
}

fn model(view: &View, shoot: &Shoot) -> Result<Model> {
    let headshots = results::of_shoot(view, &shoot.id)?.len() as u64;
    let ready = shoot.state == State::Ready;
    let words = match shoot.state {
        State::Onboarding => {
            say!("{n} photo, not submitted" | "{n} photos, not submitted", n = shoot.photos)
        }
        state if state.waits() => say!("Being made; you can wait until they are ready"),
        _ => say!("{n} headshot" | "{n} headshots", n = headshots),
    };
    Ok(Model {
        title: When::day(shoot.finished_at.unwrap_or(shoot.created_at)).words,
        words,
        zip: ready.then(|| format!("/team-member/shoots/{}/headshots.zip", shoot.id)),
    })
}

/// Why a way in lets nobody in any more, and what to do.
fn why(view: &View, way: &WayIn, name: &str) -> (Message, Message) {
    let withdrew = say!("{name} withdrew it. Ask your admin at {name} for a new one.", name);
    match way {
        WayIn::Link(link) => match link.state(view.now) {
            links::State::UsedUp => (
                say!("This invite link is used up"),
                say!(
                    "It was made for a certain number of people, and that many have joined. Ask your admin at {name} for a new one.",
                    name
                ),
            ),
            links::State::Expired => {
                (say!("This invite link has expired"), say!("Ask your admin at {name} for a new one.", name))
            }
            links::State::Open | links::State::Revoked => (say!("This invite link was revoked"), withdrew),
        },
        WayIn::Invite(invite) => match invite.state {
            invites::State::Revoked => (say!("This invite was revoked"), withdrew),
            invites::State::Accepted => (
                say!("This invite was accepted"),
                say!("An invite is accepted once. Ask your admin at {name} for a new one.", name),
            ),
            invites::State::Pending | invites::State::Expired => (
                say!("This invite has expired"),
                say!("An invite can be accepted for 30 days. Ask your admin at {name} for a new one.", name),
            ),
        },
    }
}
