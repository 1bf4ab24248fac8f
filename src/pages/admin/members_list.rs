//! The members: searched, by team and by state, and a place to work on several of them at once.

use std::collections::HashMap;

use actix_web::{
    HttpRequest, HttpResponse,
    cookie::time::Duration as CookieTime,
    http::{
        StatusCode,
        header::{HeaderValue, SET_COOKIE},
    },
    web::{self, Data, Query, ServiceConfig},
};
use askama::Template;
use serde::Deserialize;

use super::{
    Nav, ROWS, Section, Tone,
    add_member::{AddMember, Typed},
    address, frame, pager, person, said,
    wall::Picture,
};
use crate::{
    app::App,
    clock::Timestamp,
    db::{Part, View},
    error::{Error, Result},
    i18n::Message,
    ids::ResultId,
    members::{self, Email, Filter, Listed, Order, Role, Stage},
    pages::{
        filters, shown_with, to,
        undoing::Leaving,
        view::{Choice, Page, Pager, When, initials},
    },
    results::{self, Sieve},
    shoots,
    teams::{self, Team},
    undo,
    web::{
        browser::{self, Lead},
        get, resource,
    },
};

mod export;
mod removing;
mod selected;

use removing::Removing;

/// The ways the list is shown in, as the address has them, and the cookie that remembers the last one.
const TABLE: &str = "table";
const GRID: &str = "grid";
const WAY: &str = "members_as";

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(resource("/members", "GET").route(get(list)))
        .service(resource("/members.csv", "GET").route(get(export::csv)))
        .service(resource("/members/selected", "POST").route(web::post().to(selected::act)));
}

#[derive(Template)]
#[template(path = "admin/members.html")]
struct Members {
    page: Page,
    nav: Nav,
    add: AddMember,
    /// The organization has no member yet, whatever the filter.
    none_at_all: bool,
    search: String,
    /// The first choice has an empty value: `All teams`.
    teams: Vec<Choice>,
    states: Vec<Choice>,
    orders: Vec<Choice>,
    filtered: bool,
    rows: Vec<MemberRow>,
    count_words: Message,
    pager: Pager,
    /// Where what is done to the selected members is posted.
    selected: String,
    /// Where the selected members can be moved; empty if there are no teams.
    into: Vec<Choice>,
    /// This list as a file.
    csv: String,
    /// As pictures, not as rows; and where it is in each of the two ways.
    grid: bool,
    as_table: String,
    as_grid: String,
    /// `?remove=ID,ID`
    removing: Option<Removing>,
}

struct MemberRow {
    id: String,
    href: String,
    name: String,
    email: String,
    initials: String,
    photo: Option<String>,
    /// The same for the grid.
    srcset: String,
    team: Option<String>,
    state: MemberState,
    joined: When,
    /// They can be reminded of their photos.
    can_remind: bool,
    /// When they last were, as long as they have not handed them in.
    reminded: Option<When>,
    /// They are being removed.
    leaving: Option<Leaving>,
}

/// Where a member stands, as leads read it.
pub(super) struct MemberState(pub(super) Stage);

impl MemberState {
    pub(super) fn words(&self) -> Message {
        match self.0 {
            Stage::Lead => say!("Lead"),
            Stage::Joined => say!("Joined"),
            Stage::Uploading => say!("Uploading"),
            Stage::Generating => say!("Generating"),
            Stage::Failed => say!("Failed"),
            Stage::Finished => say!("Finished"),
            Stage::Deleted => say!("Deleted"),
        }
    }

    pub(super) fn tone(&self) -> &'static str {
        match self.0 {
            Stage::Joined => Tone::Waiting,
            Stage::Uploading | Stage::Generating => Tone::Working,
            Stage::Finished => Tone::Good,
            Stage::Failed => Tone::Bad,
            Stage::Lead | Stage::Deleted => Tone::Ended,
        }
        .class()
    }
}

impl MemberRow {
    fn new(view: &View, listed: Listed, headshot: Option<&ResultId>, leaving: Option<Leaving>) -> Result<Self> {
        let (can_remind, reminded) = reminders(view, &listed)?;
        let picture = headshot.map(Picture::of);
        let email = listed.email.as_ref().map(Email::to_string).unwrap_or_default();
        // Who has given no name yet goes by the address, which then needs no line of its own.
        let (name, email) = match listed.name {
            Some(name) => (name, email),
            None => (email, String::new()),
        };
        Ok(Self {
            href: person::href(&listed.id),
            id: listed.id.to_string(),
            initials: initials(&name),
            name,
            email,
            srcset: picture.as_ref().map(|picture| picture.srcset.clone()).unwrap_or_default(),
            photo: picture.map(|picture| picture.src),
            team: listed.team,
            state: MemberState(listed.stage),
            joined: When::day(listed.created_at),
            can_remind,
            reminded: reminded.map(|last| When::ago(last, view.now)),
            leaving,
        })
    }
}

/// Whether someone can be reminded of their photos, and when they last were.
fn reminders(view: &View, listed: &Listed) -> Result<(bool, Option<Timestamp>)> {
    if !matches!(listed.stage, Stage::Joined | Stage::Uploading) {
        return Ok((false, None));
    }
    let can = shoots::nudgeable(view, &members::get(view, &listed.id)?)?.is_ok();
    Ok((can, shoots::nudged_at(view, &listed.id)?))
}

fn words_of(order: Order) -> Message {
    match order {
        Order::Joined => say!("Newest first"),
        Order::Name => say!("By name"),
        Order::State => say!("By state"),
    }
}

fn words_of_role(role: Role) -> Message {
    match role {
        Role::Owner => say!("Owner"),
        Role::Admin => say!("Admin"),
        Role::Member => say!("Member"),
    }
}

/// What is chosen, as the address has it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Chosen {
    q: String,
    team: String,
    state: String,
    sort: String,
    after: Option<String>,
    before: Option<String>,
    add: Option<String>,
    emails: Option<String>,
    /// Who is asked about before they are removed, separated by commas.
    remove: Option<String>,
    made: Option<String>,
    /// `grid` or `table`; without it, as the browser had it last.
    view: String,
}

impl Chosen {
    fn filter(&self) -> Filter {
        Filter { search: self.q.clone(), team: said(Some(&self.team)), stage: said(Some(&self.state)) }
    }

    fn order(&self) -> Order {
        said(Some(&self.sort)).unwrap_or(Order::Joined)
    }

    /// The list without its parts and without the dialogs.
    fn list(&self) -> String {
        self.at(Section::Members.href(), &[])
    }

    /// The part of the list that is looked at, without the dialogs.
    fn here(&self) -> String {
        self.at(Section::Members.href(), &self.place())
    }

    fn place(&self) -> [(&str, &str); 2] {
        [("after", self.after.as_deref()), ("before", self.before.as_deref())]
            .map(|(name, key)| (name, key.unwrap_or_default()))
    }

    /// An address that knows what is chosen here.
    fn at(&self, path: &str, more: &[(&str, &str)]) -> String {
        let sort = if self.order() == Order::Joined { "" } else { self.order().as_str() };
        let ways = more.iter().any(|(name, _)| *name == "view");
        let view = if ways { "" } else { &self.view };
        let chosen =
            [("q", self.q.trim()), ("team", &self.team), ("state", &self.state), ("sort", sort), ("view", view)];
        address(path, &[&chosen[..], more].concat())
    }
}

/// `GET /app/admin/members`
async fn list(app: Data<App>, request: HttpRequest, lead: Lead, Query(chosen): Query<Chosen>) -> Result<HttpResponse> {
    let typed = Typed::named(chosen.add.as_deref(), chosen.emails.as_deref(), chosen.made.as_deref());
    screen(&app, &request, &lead, &chosen, &typed, StatusCode::OK).await
}

pub(super) async fn screen(
    app: &Data<App>,
    request: &HttpRequest,
    lead: &Lead,
    chosen: &Chosen,
    typed: &Typed,
    status: StatusCode,
) -> Result<HttpResponse> {
    shown_again(app, request, lead, chosen, typed, None, status).await
}

async fn shown_again(
    app: &Data<App>,
    request: &HttpRequest,
    lead: &Lead,
    chosen: &Chosen,
    typed: &Typed,
    wrong: Option<&Error>,
    status: StatusCode,
) -> Result<HttpResponse> {
    let part = Part::named(said(chosen.after.as_deref()), said(chosen.before.as_deref()));
    let (filter, order, organization) = (chosen.filter(), chosen.order(), lead.member.organization.clone());
    let filtered = filter.narrows();
    let grid = is_grid(request, &chosen.view);
    let (slice, headshots, matching, all) = app
        .db
        .scan(move |view| {
            let slice = members::page_by(view, &organization, &filter, order, &part, ROWS)?;
            let shown = slice.rows.iter().map(|row| row.id.clone()).collect();
            let faces = results::wall(view, &organization, &Sieve::of(shown), false, None, ROWS)?;
            let headshots: HashMap<_, _> = faces.into_iter().map(|face| (face.member, face.headshot.id)).collect();
            let all = members::count(view, &organization, &Filter::default())?;
            let matching = if filtered { members::count(view, &organization, &filter)? } else { all };
            Ok((slice, headshots, matching, all))
        })
        .await?;
    let pager = pager(&chosen.list(), &slice, |row| row.id.clone());
    let (page, nav, add, teams, removing, rows) = app.db.read(|view| {
        let organization = &lead.member.organization;
        let (page, nav) = frame(view, request, app, &lead.member, Section::Members)?;
        let add = AddMember::on(view, app, organization, &chosen.list(), typed)?;
        let removing = match &chosen.remove {
            Some(ids) => Some(Removing::of(view, organization, ids, chosen, wrong)?),
            None => None,
        };
        let going = undo::going(view, organization, undo::Kind::Member)?;
        let rows = slice.rows.into_iter().map(|row| {
            let leaving = Leaving::of(&going, row.id.as_str(), &lead.member);
            let headshot = headshots.get(&row.id);
            MemberRow::new(view, row, headshot, leaving)
        });
        let rows = rows.collect::<Result<_>>()?;
        Ok((page, nav, add, teams::list(view, organization)?, removing, rows))
    })?;
    if let Some(credits) = add.leads_to_credits(typed) {
        return Ok(to(credits));
    }
    let view = Members {
        page,
        nav,
        add,
        none_at_all: all == 0,
        search: chosen.q.clone(),
        into: into(&teams),
        teams: choices(say!("All teams"), &chosen.team, teams.into_iter().map(|team| (team.id.to_string(), team.name))),
        states: choices(
            say!("All states"),
            &chosen.state,
            Stage::ALL.iter().map(|stage| (stage.to_string(), MemberState(*stage).words().into())),
        ),
        orders: Order::ALL
            .iter()
            .map(|each| Choice { value: each.to_string(), words: words_of(*each).into(), chosen: *each == order })
            .collect(),
        filtered,
        rows,
        count_words: if filtered {
            say!("{matching} of {n} member" | "{matching} of {n} members", n = all, matching)
        } else {
            say!("{n} member" | "{n} members", n = all)
        },
        pager,
        selected: chosen.at(&format!("{}/selected", Section::Members.href()), &chosen.place()),
        csv: chosen.at(&format!("{}.csv", Section::Members.href()), &[]),
        grid,
        as_table: chosen.at(Section::Members.href(), &[&chosen.place()[..], &[("view", TABLE)]].concat()),
        as_grid: chosen.at(Section::Members.href(), &[&chosen.place()[..], &[("view", GRID)]].concat()),
        removing,
    };
    let mut answer = shown_with(request, status, &view)?;
    if !chosen.view.is_empty() {
        let way = if grid { GRID } else { TABLE };
        let cookie = browser::passing(app, WAY, way.to_owned(), CookieTime::days(365));
        answer.headers_mut().append(SET_COOKIE, HeaderValue::try_from(cookie).map_err(Error::internal)?);
    }
    Ok(answer)
}

/// As the address says or, where it says nothing, as this browser had it last.
fn is_grid(request: &HttpRequest, said: &str) -> bool {
    match said {
        GRID => true,
        "" => request.cookie(WAY).is_some_and(|way| way.value() == GRID),
        _ => false,
    }
}

/// Where members can be moved.
fn into(teams: &[Team]) -> Vec<Choice> {
    if teams.is_empty() {
        return Vec::new();
    }
    let choice = |value: &str, words: &str| Choice { value: value.to_owned(), words: words.to_owned(), chosen: false };
    let each = teams.iter().map(|team| choice(team.id.as_str(), &team.name));
    [choice("", &say!("Move to a team").to_string()), choice("none", &say!("No team").to_string())]
        .into_iter()
        .chain(each)
        .collect()
}

/// A select whose first line chooses all; none if there is nothing to choose from.
fn choices(all: Message, chosen: &str, each: impl Iterator<Item = (String, String)>) -> Vec<Choice> {
    let each: Vec<Choice> = each.map(|(value, words)| Choice { chosen: value == chosen, value, words }).collect();
    if each.is_empty() {
        return each;
    }
    let first = Choice { value: String::new(), words: all.into(), chosen: each.iter().all(|choice| !choice.chosen) };
    std::iter::once(first).chain(each).collect()
}
