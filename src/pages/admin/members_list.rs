//! The members: searched, by team and by state.

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Data, Query, ServiceConfig},
};
use askama::Template;
use serde::Deserialize;

use super::{
    Nav, ROWS, Section, Tone,
    add_member::{AddMember, Typed},
    address, frame, pager, said,
};
use crate::{
    app::App,
    db::Part,
    error::Result,
    members::{self, Email, Filter, Listed, Stage},
    pages::{
        shown_with, to,
        view::{Choice, Page, Pager, When, counted, grouped, initials},
    },
    teams,
    web::{browser::Lead, get, resource},
};

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(resource("/members", "GET").route(get(list)));
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
    filtered: bool,
    rows: Vec<MemberRow>,
    count_words: String,
    pager: Pager,
}

struct MemberRow {
    name: String,
    email: String,
    initials: String,
    photo: Option<String>,
    team: Option<String>,
    state: MemberState,
    joined: When,
}

/// Where a member stands, as leads read it.
struct MemberState(Stage);

impl MemberState {
    fn words(&self) -> &'static str {
        match self.0 {
            Stage::Lead => "Lead",
            Stage::Joined => "Joined",
            Stage::Uploading => "Uploading",
            Stage::Generating => "Generating",
            Stage::Failed => "Failed",
            Stage::Finished => "Finished",
            Stage::Deleted => "Deleted",
        }
    }

    fn tone(&self) -> &'static str {
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
    fn new(listed: Listed) -> Self {
        let email = listed.email.as_ref().map(Email::to_string).unwrap_or_default();
        // Who has given no name yet goes by the address, which then needs no line of its own.
        let (name, email) = match listed.name {
            Some(name) => (name, email),
            None => (email, String::new()),
        };
        Self {
            initials: initials(&name),
            name,
            email,
            photo: None,
            team: listed.team,
            state: MemberState(listed.stage),
            joined: When::day(listed.created_at),
        }
    }
}

/// What is chosen, as the address has it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Chosen {
    q: String,
    team: String,
    state: String,
    after: Option<String>,
    before: Option<String>,
    add: Option<String>,
    emails: Option<String>,
    made: Option<String>,
}

impl Chosen {
    fn filter(&self) -> Filter {
        Filter { search: self.q.clone(), team: said(Some(&self.team)), stage: said(Some(&self.state)) }
    }

    /// The list without its parts and without the dialog.
    fn list(&self) -> String {
        address(Section::Members.href(), &[("q", self.q.trim()), ("team", &self.team), ("state", &self.state)])
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
    let part = Part::named(said(chosen.after.as_deref()), said(chosen.before.as_deref()));
    let (filter, organization) = (chosen.filter(), lead.member.organization.clone());
    let filtered = filter.narrows();
    let (slice, matching, all) = app
        .db
        .scan(move |view| {
            let slice = members::page(view, &organization, &filter, &part, ROWS)?;
            let all = members::count(view, &organization, &Filter::default())?;
            let matching = if filtered { members::count(view, &organization, &filter)? } else { all };
            Ok((slice, matching, all))
        })
        .await?;
    let (page, nav, add, teams) = app.db.read(|view| {
        let (page, nav) = frame(view, request, app, &lead.member, Section::Members)?;
        let add = AddMember::on(view, app, &lead.member.organization, &chosen.list(), typed)?;
        Ok((page, nav, add, teams::list(view, &lead.member.organization)?))
    })?;
    if let Some(credits) = add.leads_to_credits(typed) {
        return Ok(to(credits));
    }
    let pager = pager(&chosen.list(), &slice, |row| row.id.clone());
    let view = Members {
        page,
        nav,
        add,
        none_at_all: all == 0,
        search: chosen.q.clone(),
        teams: choices("All teams", &chosen.team, teams.into_iter().map(|team| (team.id.to_string(), team.name))),
        states: choices(
            "All states",
            &chosen.state,
            Stage::ALL.iter().map(|stage| (stage.to_string(), MemberState(*stage).words().to_owned())),
        ),
        filtered,
        rows: slice.rows.into_iter().map(MemberRow::new).collect(),
        count_words: if filtered {
            format!("{} of {}", grouped(matching.into()), counted(all, "member"))
        } else {
            counted(all, "member")
        },
        pager,
    };
    shown_with(request, status, &view)
}

/// A select whose first line chooses all; none if there is nothing to choose from.
fn choices(all: &str, chosen: &str, each: impl Iterator<Item = (String, String)>) -> Vec<Choice> {
    let each: Vec<Choice> = each.map(|(value, words)| Choice { chosen: value == chosen, value, words }).collect();
    if each.is_empty() {
        return each;
    }
    let first =
        Choice { value: String::new(), words: all.to_owned(), chosen: each.iter().all(|choice| !choice.chosen) };
    std::iter::once(first).chain(each).collect()
}
