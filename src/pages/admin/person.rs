//! One person: who they are, their headshots, what happened, and what leads can do for them.

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Data, Path, Query, ServiceConfig},
};
use askama::Template;
use serde::Deserialize;

use super::{Nav, Section, frame, members_list::MemberState, settings::audit::Row};
use crate::{
    app::App,
    audit,
    db::{self, View},
    edits::{self, MadeBy},
    error::Result,
    fields::{Given, Need},
    i18n::Message,
    ids::{MemberId, TeamId},
    members::{self, Kind, Member, Role},
    offboarding::{self, Bar},
    organizations,
    pages::{
        avatars, filters,
        questions::{self, Asked as Question},
        shown_with,
        undoing::Leaving,
        view::{Choice, Confirm, Field, Link, Page, When, initials},
    },
    results::{self, Headshot},
    shoots::{self, Shoot, State},
    styles::Names,
    teams, undo,
    web::{
        behalf,
        browser::{Lead, MEMBER_PAGES},
        get, resource,
    },
};

mod changes;
mod consents;
mod photos;
mod picture;
mod timeline;

pub(super) use changes::same_name;
use consents::ConsentView;
use photos::Waiting;
use picture::Picture;
use timeline::Happening;

/// Deeds shown; the audit log has all of them.
const DEEDS: u32 = 20;

/// Where they are. The pattern keeps other words below `/members` for other pages.
const PERSON: &str = "/members/{id:[0-9a-f]{24}}";

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(resource(PERSON, "GET, POST").route(get(show)).route(changes::saving()))
        .configure(changes::routes)
        .configure(photos::routes);
}

/// A person's page.
pub(super) fn href(id: &MemberId) -> String {
    format!("{}/{id}", Section::Members.href())
}

#[derive(Template)]
#[template(path = "admin/person.html")]
struct Person {
    page: Page,
    nav: Nav,
    href: String,
    called: String,
    initials: String,
    /// Of the favourite headshot.
    photo: Option<String>,
    email: String,
    /// `Admin`; nothing for members.
    role: Option<Message>,
    kind: Message,
    state: MemberState,
    failure: Option<Message>,
    since: When,
    /// `3 of 10`, and those leads made in their place; nothing where there are no edits.
    edits: Vec<(Message, Message)>,
    /// Of whom leads look after.
    name: Option<Field>,
    title: Field,
    teams: Vec<Choice>,
    /// What the organization asks, with their answers.
    questions: Vec<Question>,
    /// Asked of whom leads look after and who has none.
    address: Option<Field>,
    /// The ways to act for them: photos, or headshots.
    behalf: Vec<Link>,
    retry: bool,
    /// What they have added and not handed in yet.
    waiting: Option<Waiting>,
    removal: Removal,
    /// They are being removed.
    leaving: Option<Leaving>,
    shoots: Vec<ShootView>,
    /// None while favourites have no public addresses.
    picture: Option<Picture>,
    consents: Vec<ConsentView>,
    happened: Vec<Happening>,
    deeds: Vec<Row>,
    confirm: Option<Confirm>,
    /// The question is whether they get something, not whether something goes.
    gives: bool,
}

/// Whether they can be removed here.
enum Removal {
    Possible,
    /// Who leads is made a member first.
    Leads,
    /// With this command, by the operator.
    Barred {
        shoots: usize,
        command: String,
    },
}

struct ShootView {
    title: String,
    words: Message,
    expires: Option<When>,
    headshots: Vec<Thumbnail>,
}

struct Thumbnail {
    href: String,
    src: String,
    alt: Message,
    favourite: bool,
    /// When it was made.
    made: When,
    /// It is an edit of another one.
    edited: bool,
}

/// What is asked before it is done.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Ask {
    Retry,
    Remove,
}

#[derive(Deserialize)]
struct Asked {
    ask: Option<String>,
}

/// What was typed and could not stay.
#[derive(Default)]
struct Typed {
    name: Option<Field>,
    title: Option<Field>,
    team: Option<Option<TeamId>>,
    address: Option<Field>,
    answers: Option<Given>,
    /// The name that was to be typed was another one.
    unconfirmed: bool,
    ask: Option<Ask>,
}

/// `GET /app/admin/members/{id}`
async fn show(
    app: Data<App>,
    request: HttpRequest,
    lead: Lead,
    id: Path<MemberId>,
    Query(asked): Query<Asked>,
) -> Result<HttpResponse> {
    let ask = match asked.ask.as_deref() {
        Some("retry") => Some(Ask::Retry),
        Some("remove") => Some(Ask::Remove),
        _ => None,
    };
    screen(&app, &request, &lead, &id, Typed { ask, ..Typed::default() }, StatusCode::OK).await
}

async fn screen(
    app: &App,
    request: &HttpRequest,
    lead: &Lead,
    id: &MemberId,
    typed: Typed,
    status: StatusCode,
) -> Result<HttpResponse> {
    let member = app.db.read(|view| members::of_organization(view, &lead.member.organization, id))?;
    let avatar = avatars::avatar_of(app, &member).await?;
    app.db.read(|view| {
        let member = members::of_organization(view, &lead.member.organization, id)?;
        let listed = members::listed(view, id)?;
        let (mut page, nav) = frame(view, request, app, &lead.member, Section::Members)?;
        page.title = member.called().to_owned();
        let all = shoots::of_member(view, id)?;
        let leaving = offboarding::removal(view, &member.organization, &member.id)?;
        let going = undo::going(view, &member.organization, undo::Kind::Member)?;
        let shoots = headshots(view, &member, &all)?;
        let favourite = shoots.iter().flat_map(|shoot| &shoot.headshots).find(|headshot| headshot.favourite);
        let photo = favourite.map(|headshot| headshot.src.clone());
        let deeds = audit::page(view, &member.organization, Some(id), &db::Part::Newest, DEEDS)?;
        let view = Person {
            nav,
            href: href(id),
            initials: initials(member.called()),
            photo,
            email: member.email.as_ref().map(ToString::to_string).unwrap_or_default(),
            role: match member.role {
                Role::Owner => Some(say!("Owner")),
                Role::Admin => Some(say!("Admin")),
                Role::Member => None,
            },
            kind: kind(&member),
            state: MemberState(listed.stage),
            failure: listed.failure.as_deref().map(shoots::told_of_failure),
            since: When::day(member.created_at),
            edits: edits_made(view, &member)?,
            name: member
                .is_looked_after()
                .then(|| typed.name.unwrap_or_else(|| Field::new(member.name.clone().unwrap_or_default()))),
            title: typed.title.unwrap_or_else(|| Field::new(member.title.clone().unwrap_or_default())),
            teams: team_choices(view, &member, typed.team)?,
            questions: questions::asked(view, &member, typed.answers.as_ref(), Need::Kept)?,
            address: (member.kind == Kind::Managed && member.email.is_none())
                .then(|| typed.address.unwrap_or_default()),
            behalf: ways_to_act(&member, &all),
            retry: shoots::cannot_retry(all.first()).is_none(),
            waiting: photos::waiting(view, all.first(), app.config.checks.mode)?,
            removal: removal(view, &leaving)?,
            consents: consents::of(view, &member, &all)?,
            happened: timeline::of(view, &member, &all)?,
            deeds: deeds.rows.into_iter().map(|entry| Row::lately(entry, view.now)).collect(),
            gives: typed.ask == Some(Ask::Retry),
            confirm: typed.ask.and_then(|ask| confirm(ask, &all, &leaving, typed.unconfirmed)),
            picture: avatar.as_ref().map(|avatar| Picture::new(view, app, &member, avatar)).transpose()?,
            called: member.called().to_owned(),
            leaving: Leaving::of(&going, member.id.as_str(), &lead.member),
            shoots,
            page,
        };
        shown_with(request, status, &view)
    })
}

/// How many edits there are of their headshots, by whom.
fn edits_made(view: &View, member: &Member) -> Result<Vec<(Message, Message)>> {
    let mut made = Vec::new();
    for (words, by) in [(say!("Edits made"), MadeBy::Member), (say!("Edits by leads"), MadeBy::Lead)] {
        let credits = edits::credits(view, member, by)?;
        // Leads make none for those who look after themselves.
        if credits.made > 0 || (credits.are_offered() && (by == MadeBy::Member || member.is_looked_after())) {
            made.push((words, say!("{made} of {allowed}", made = credits.made, allowed = credits.allowed)));
        }
    }
    Ok(made)
}

/// Who looks after the account, in words.
fn kind(member: &Member) -> Message {
    match (member.kind, &member.email) {
        _ if member.leads() => say!("Signs in by themselves"),
        (Kind::Personal, _) => say!("Signs in by themselves"),
        (Kind::Managed, Some(_)) => say!("Looked after by you; can sign in too"),
        (Kind::Managed, None) => say!("Looked after by you; can't sign in"),
        (Kind::Anonymous, _) => say!("Comes from another product, by signed URLs"),
    }
}

fn team_choices(view: &View, member: &Member, typed: Option<Option<TeamId>>) -> Result<Vec<Choice>> {
    let present = typed.unwrap_or_else(|| member.team.clone());
    let teams = teams::list(view, &member.organization)?;
    if teams.is_empty() {
        return Ok(Vec::new());
    }
    let none = Choice { value: String::new(), words: say!("No team").into(), chosen: present.is_none() };
    let each = teams.into_iter().map(|team| Choice {
        chosen: present.as_ref() == Some(&team.id),
        value: team.id.to_string(),
        words: team.name,
    });
    Ok(std::iter::once(none).chain(each).collect())
}

/// What a lead can do in the place of someone they look after.
fn ways_to_act(member: &Member, all: &[Shoot]) -> Vec<Link> {
    if !member.is_looked_after() {
        return Vec::new();
    }
    let pages = behalf::pages_for(&member.id);
    let mut ways = Vec::new();
    match all.first().map(|shoot| shoot.state) {
        None | Some(State::Onboarding) => ways.push(Link::new(format!("{pages}/onboarding"), say!("Add photos"))),
        Some(state) if state.waits() => ways.push(Link::new(format!("{pages}/waiting"), say!("Follow progress"))),
        _ => {}
    }
    if ways.is_empty() && all.iter().any(|shoot| shoot.state == State::Ready) {
        ways.push(Link::new(pages, say!("See headshots")));
    }
    ways
}

fn removal(view: &View, leaving: &offboarding::Removal) -> Result<Removal> {
    match leaving.bar {
        Some(Bar::Leads) => return Ok(Removal::Leads),
        None => return Ok(Removal::Possible),
        Some(Bar::TooManyShoots) => {}
    }
    let member = &leaving.member;
    let organization = organizations::get(view, &member.organization)?.id;
    let who = member.email.as_ref().map_or(member.id.as_str(), |email| email.as_str());
    let command = format!("headroom member remove --org {organization} {who} --force");
    Ok(Removal::Barred { shoots: leaving.shoots as usize, command })
}

fn headshots(view: &View, member: &Member, all: &[Shoot]) -> Result<Vec<ShootView>> {
    let pages = member.is_looked_after().then(|| behalf::pages_for(&member.id));
    let ready = all.iter().filter(|shoot| shoot.state == State::Ready);
    let zone = organizations::zone(view, &member.organization)?;
    let each = ready.map(|shoot| {
        let names = Names::of(view, &shoot.organization)?;
        let headshots: Vec<Thumbnail> = results::of_shoot(view, &shoot.id)?
            .into_iter()
            .map(|headshot| {
                let picture = |file: &str| format!("{MEMBER_PAGES}/headshots/{}/{file}.jpg", headshot.id);
                Thumbnail {
                    href: pages
                        .as_ref()
                        .map_or_else(|| picture("portrait"), |pages| format!("{pages}/headshots/{}", headshot.id)),
                    src: picture("thumbnail"),
                    alt: alt(&headshot, &names.behind(&headshot.backdrop).to_string()),
                    favourite: headshot.favorite,
                    made: When::day_in(zone, headshot.created_at),
                    edited: headshot.original.is_some(),
                }
            })
            .collect();
        Ok(ShootView {
            title: When::day(shoot.finished_at.unwrap_or(shoot.created_at)).words,
            words: say!("{n} headshot" | "{n} headshots", n = headshots.len()),
            expires: shoot.goes_at().map(|at| When::day_in(zone, at)),
            headshots,
        })
    });
    each.collect()
}

/// Its number, and what it is before.
fn alt(headshot: &Headshot, backdrop: &str) -> Message {
    let number = headshot.position;
    match headshot.favorite {
        true => say!("Headshot {number}, {backdrop}, favourite", number, backdrop),
        false => say!("Headshot {number}, {backdrop}", number, backdrop),
    }
}

fn confirm(ask: Ask, all: &[Shoot], leaving: &offboarding::Removal, unconfirmed: bool) -> Option<Confirm> {
    let member = &leaving.member;
    let (called, cancel) = (member.called(), href(&member.id));
    match ask {
        Ask::Retry => {
            if shoots::cannot_retry(all.first()).is_some() {
                return None;
            }
            let next = match member.kind {
                Kind::Personal => {
                    say!("They can hand in photos once more, and are told by mail, with a link to begin.")
                }
                Kind::Managed => say!("You can hand in photos of them once more."),
                Kind::Anonymous => say!("They can hand in photos once more, in the product they came from."),
            };
            let words = next.then(say!("It costs no credit."));
            let words = match all.iter().any(|shoot| shoot.state == State::Ready) {
                true => words.then(say!("The headshots made so far are kept.")),
                false => words,
            };
            Some(Confirm {
                title: say!("Grant {name} a retry", name = called).into(),
                words: words.into(),
                action: format!("{cancel}/retry"),
                button: say!("Grant retry").into(),
                cancel,
                name_to_type: None,
            })
        }
        Ask::Remove => {
            if leaving.bar.is_some() {
                return None;
            }
            let other = unconfirmed.then(|| say!("That was another name; nothing was removed."));
            let account = match member.kind {
                Kind::Personal => say!("Their account stays theirs, without a place here."),
                Kind::Managed | Kind::Anonymous => say!("Their account is deleted."),
            };
            let words = [other, Some(say!("Their access ends at once.")), pictures_go(leaving), Some(account)];
            Some(Confirm {
                title: say!("Remove {name}", name = called).into(),
                words: words.into_iter().flatten().reduce(Message::then).map(Into::into).unwrap_or_default(),
                action: format!("{cancel}/remove"),
                button: say!("Remove").into(),
                cancel,
                name_to_type: (leaving.headshots > 0).then(|| called.to_owned()),
            })
        }
    }
}

fn pictures_go(leaving: &offboarding::Removal) -> Option<Message> {
    match (leaving.shoots, leaving.headshots) {
        (0, _) => None,
        (shoots, 0) => Some(say!(
            "{n} shoot and the photos in it are deleted for good."
                | "{n} shoots and the photos in it are deleted for good.",
            n = shoots
        )),
        (shoots, headshots) => Some(say!(
            "{n} shoot with {headshots} and all uploaded photos are deleted for good."
                | "{n} shoots with {headshots} and all uploaded photos are deleted for good.",
            n = shoots,
            headshots = say!("{n} headshot" | "{n} headshots", n = headshots)
        )),
    }
}
