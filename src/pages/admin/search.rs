//! One search over the workspace: people, teams, pages, and what can be done. The palette on every page of the lead shows
//! the same results as the page here, which works without script.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Query, ServiceConfig},
};
use askama::Template;
use serde::Deserialize;

use super::{Nav, Section, address, frame, members_list::MemberState, person, settings};
use crate::{
    app::App,
    db::{Part, View},
    error::Result,
    i18n::Message,
    ids::MemberId,
    invites,
    members::{self, Email, Filter, Listed, Member},
    pages::{
        filters, shown,
        view::{Page, initials},
    },
    teams,
    web::{browser::Lead, get, resource},
};

mod commands;

use commands::{Command, Kind};

/// Of one kind; who wants more of them goes to their list.
const OF_A_KIND: usize = 6;

/// From here on what was typed is more than a guess.
const SURE: u32 = 70;

/// Invites are looked for once this much is typed: a letter is in nearly every address.
const LETTERS: usize = 2;

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(resource("/search", "GET").route(get(show)));
}

#[derive(Template)]
#[template(path = "admin/search.html")]
struct Search {
    page: Page,
    nav: Nav,
    asked: String,
    groups: Vec<Group>,
}

/// The results alone, for the palette.
#[derive(Template)]
#[template(path = "admin/found.html")]
struct Found {
    asked: String,
    groups: Vec<Group>,
}

/// Results of one kind.
struct Group {
    id: &'static str,
    words: Message,
    entries: Vec<Entry>,
}

struct Entry {
    icon: &'static str,
    /// Of a person, in place of an icon.
    initials: Option<String>,
    words: String,
    detail: String,
    href: String,
    how: How,
    /// The keys that lead there.
    keys: &'static str,
}

/// What becomes of an entry that is chosen.
#[derive(Clone, Copy, PartialEq, Eq)]
enum How {
    /// It is gone to.
    Open,
    /// It is a file.
    Download,
    /// It is a deed: posted, not gone to.
    Post,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    q: String,
    /// Where someone has been, as paths separated by commas: a browser's own memory.
    recent: String,
    /// `results`: only them.
    part: String,
}

/// `GET /app/admin/search`
async fn show(app: Data<App>, request: HttpRequest, lead: Lead, Query(asked): Query<Asked>) -> Result<HttpResponse> {
    let (member, sends, q) = (lead.member.clone(), app.mailer.sends(), asked.q.trim().to_owned());
    let recent = asked.recent;
    let search = q.clone();
    let groups = app.db.scan(move |view| found(view, &member, sends, &search, &recent)).await?;
    if asked.part == "results" {
        return shown(&request, &Found { asked: q, groups });
    }
    app.db.read(|view| {
        let (page, nav) = frame(view, &request, &app, &lead.member, Section::Search)?;
        shown(&request, &Search { page, nav, asked: q, groups })
    })
}

fn found(view: &View, lead: &Member, sends: bool, asked: &str, recent: &str) -> Result<Vec<Group>> {
    let commands = commands::of(lead.role, sends, settings::system::is_for(view, lead)?);
    let mut groups = if asked.is_empty() {
        let mut groups = vec![group("recent", say!("Recent"), been(view, lead, &commands, recent)?)];
        groups.extend(Kind::ALL.iter().map(|kind| {
            let these = commands.iter().filter(|command| command.kind == *kind && !command.deep);
            group(kind.id(), kind.words(), these.map(Entry::of).collect())
        }));
        groups
    } else {
        let (best, fitting) = commands::fitting(&commands, asked);
        let commands =
            group("commands", say!("Go to or do"), fitting.into_iter().take(OF_A_KIND).map(Entry::of).collect());
        let mut others = others(view, lead, asked)?;
        // Whoever types the beginning of what a page is called means the page.
        others.insert(if best >= SURE { 0 } else { others.len() }, commands);
        others
    };
    groups.retain(|group| !group.entries.is_empty());
    Ok(groups)
}

fn group(id: &'static str, words: Message, entries: Vec<Entry>) -> Group {
    Group { id, words, entries }
}

/// People, invites and teams.
fn others(view: &View, lead: &Member, asked: &str) -> Result<Vec<Group>> {
    let organization = &lead.organization;
    let filter = Filter { search: asked.to_owned(), ..Filter::default() };
    let people = members::page(view, organization, &filter, &Part::Newest, OF_A_KIND as u32)?;
    let mut entries: Vec<Entry> = people.rows.into_iter().map(Entry::person).collect();
    if people.older {
        let href = address(Section::Members.href(), &[("q", asked)]);
        entries.push(Entry::new("search", say!("All members that match"), "", href));
    }
    let mut groups = vec![group("people", say!("People"), entries)];
    if asked.chars().count() >= LETTERS {
        let open = invites::Tab::Pending.page(view, organization, asked, &Part::Newest, 3)?;
        let entries = open.rows.into_iter().map(|row| {
            let href = address(Section::Invites.href(), &[("q", row.invite.email.as_str())]);
            Entry::new("mail", row.invite.email.to_string(), say!("Invited"), href)
        });
        groups.push(group("invites", say!("Invites"), entries.collect()));
    }
    let mut teams: Vec<_> = teams::list(view, organization)?
        .into_iter()
        .filter_map(|team| commands::fits(&team.name, "", asked).map(|fit| (fit, team)))
        .collect();
    teams.sort_by_key(|(fit, _)| std::cmp::Reverse(*fit));
    let entries = teams.into_iter().take(OF_A_KIND).map(|(_, team)| {
        let href = address(Section::Members.href(), &[("team", team.id.as_str())]);
        Entry::new("teams", team.name, say!("Team"), href)
    });
    groups.push(group("teams", say!("Teams"), entries.collect()));
    Ok(groups)
}

/// Where someone has been that is still there and still theirs to see.
fn been(view: &View, lead: &Member, commands: &[Command], recent: &str) -> Result<Vec<Entry>> {
    let mut entries: Vec<Entry> = Vec::new();
    for path in recent.split(',').take(4 * OF_A_KIND) {
        if entries.len() == OF_A_KIND - 1 || entries.iter().any(|entry| entry.href == path) {
            continue;
        }
        if let Some(command) = commands.iter().find(|command| command.href == path && command.how != How::Post) {
            entries.push(Entry::of(command));
        } else if let Some(id) = path.strip_prefix("/app/admin/members/").and_then(|id| id.parse::<MemberId>().ok())
            && let Ok(member) = members::of_organization(view, &lead.organization, &id)
        {
            let email = member.email.as_ref().filter(|email| email.as_str() != member.called());
            let detail = email.map(Email::to_string).unwrap_or_default();
            entries.push(Entry::of_person(member.called(), detail, &id));
        }
    }
    Ok(entries)
}

impl Entry {
    fn new(icon: &'static str, words: impl Into<String>, detail: impl Into<String>, href: String) -> Self {
        Self { icon, initials: None, words: words.into(), detail: detail.into(), href, how: How::Open, keys: "" }
    }

    fn of_person(name: &str, detail: String, id: &MemberId) -> Self {
        Self { initials: Some(initials(name)), ..Self::new("members", name, detail, person::href(id)) }
    }

    fn of(command: &Command) -> Self {
        Self {
            icon: command.icon,
            initials: None,
            words: command.words.to_string(),
            detail: command.within.to_string(),
            href: command.href.clone(),
            how: command.how,
            keys: command.keys,
        }
    }

    fn person(listed: Listed) -> Self {
        let email = listed.email.as_ref().map(Email::to_string).unwrap_or_default();
        let state = MemberState(listed.stage).words().to_string();
        let (name, detail) = match listed.name {
            Some(name) => (name, [email, state].into_iter().filter(|words| !words.is_empty()).collect()),
            None => (email, vec![state]),
        };
        Self::of_person(&name, detail.join(" · "), &listed.id)
    }
}
