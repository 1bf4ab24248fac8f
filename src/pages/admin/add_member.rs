//! The dialog "Add member" on the overview, the members and the invites, and what its form does.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{self, Data, Form, Json, ServiceConfig},
};
use serde::{Deserialize, Serialize};
use url::Url;

use super::{Section, Tab, address, credits, invites_list, members_list, overview, said};
use crate::{
    app::App,
    db::View,
    error::{Error, Result},
    ids::{OrganizationId, TeamId},
    invites::{self, Asked, Line, Verdict},
    organizations,
    pages::{
        to,
        view::{Choice, Field, counted, saying},
    },
    teams,
    web::{browser::Lead, resource},
};

/// Longest part of an address that lines to be corrected may take; what is more is named in the flash only.
const LONGEST_LEFT: usize = 1500;

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(resource("/invites/check", "POST").route(web::post().to(check)));
}

/// The dialog, as a page holds it.
pub(super) struct AddMember {
    pub(super) open: bool,
    /// Balance of at least 1, or unlimited.
    pub(super) has_credit: bool,
    /// Where the button leads: the page with `?add=invite`, or the credits.
    pub(super) opener: String,
    /// The page without the dialog.
    pub(super) close: String,
    /// Only the ways that work; a single one shows no tabs.
    pub(super) tabs: Vec<Tab>,
    pub(super) emails: Field,
    /// Lines left out of the last try.
    pub(super) report: Vec<ReportLine>,
    /// Empty when the organization has no teams.
    pub(super) teams: Vec<Choice>,
    pub(super) button: String,
}

pub(super) struct ReportLine {
    pub(super) text: String,
    pub(super) words: &'static str,
    pub(super) verdict: Verdict,
}

/// What stands in the dialog.
#[derive(Clone, Debug, Default)]
pub(super) struct Typed {
    open: bool,
    emails: String,
    team: String,
    error: Option<String>,
}

impl Typed {
    /// As an address says it: `?add=invite`, and what was left to correct.
    pub(super) fn named(add: Option<&str>, emails: Option<&str>) -> Self {
        Self { open: add.is_some(), emails: emails.unwrap_or_default().to_owned(), ..Self::default() }
    }
}

impl AddMember {
    /// The dialog on the page at `close`.
    pub(super) fn on(view: &View, organization: &OrganizationId, close: &str, typed: &Typed) -> Result<Self> {
        let has_credit = organizations::get(view, organization)?.shown_credits() > 0;
        let joint = if close.contains('?') { '&' } else { '?' };
        let opened = format!("{close}{joint}add=invite");
        let lines = match typed.emails.is_empty() {
            true => Vec::new(),
            // What can't be looked at line by line stands in the error.
            false => invites::check(view, organization, &typed.emails).unwrap_or_default(),
        };
        let new = lines.iter().filter(|line| line.verdict == Verdict::New).count();
        let teams = teams::list(view, organization)?;
        let none = Choice { value: String::new(), words: "No team".to_owned(), chosen: typed.team.is_empty() };
        let choices = teams.into_iter().map(|team| Choice {
            chosen: team.id.as_str() == typed.team,
            value: team.id.to_string(),
            words: team.name,
        });
        let choices: Vec<Choice> = std::iter::once(none).chain(choices).collect();
        Ok(Self {
            open: typed.open && has_credit,
            has_credit,
            opener: if has_credit { opened.clone() } else { credits::WANTED.to_owned() },
            close: close.to_owned(),
            tabs: vec![Tab { words: "Send invite".to_owned(), href: opened, count: String::new(), here: true }],
            emails: Field { value: typed.emails.clone(), error: typed.error.clone() },
            report: lines.iter().filter(|line| line.verdict != Verdict::New).map(ReportLine::new).collect(),
            teams: if choices.len() > 1 { choices } else { Vec::new() },
            button: if new > 0 { format!("Invite {}", counted_members(new)) } else { "Send invites".to_owned() },
        })
    }

    /// Whether the dialog was asked for where it can't be used.
    pub(super) fn leads_to_credits(&self, typed: &Typed) -> bool {
        typed.open && !self.has_credit
    }
}

impl ReportLine {
    fn new(line: &Line) -> Self {
        Self { text: line.text.clone(), words: words(line.verdict), verdict: line.verdict }
    }

    /// What the style sheet and the module call it.
    pub(super) fn name(&self) -> &'static str {
        match self.verdict {
            Verdict::New => "new",
            Verdict::Bad => "bad",
            Verdict::Duplicate => "duplicate",
            Verdict::Member => "member",
            Verdict::Invited => "invited",
        }
    }
}

fn words(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::New => "",
        Verdict::Bad => "Not an e-mail address",
        Verdict::Duplicate => "Already in this list",
        Verdict::Member => "Already a member",
        Verdict::Invited => "Already invited",
    }
}

fn counted_members(count: usize) -> String {
    counted(count as u64, "member")
}

/// What the live check answers, as `invite-check.mjs` reads it.
#[derive(Serialize)]
struct Checked {
    lines: Vec<CheckedLine>,
    new: usize,
}

#[derive(Serialize)]
struct CheckedLine {
    text: String,
    email: Option<String>,
    verdict: Verdict,
    words: &'static str,
}

/// `POST /app/admin/invites/check`, with the text as it stands.
async fn check(app: Data<App>, lead: Lead, text: String) -> Result<Json<Checked>> {
    let lines = app.db.scan(move |view| invites::check(view, &lead.member.organization, &text)).await?;
    let new = lines.iter().filter(|line| line.verdict == Verdict::New).count();
    let lines = lines
        .into_iter()
        .map(|line| CheckedLine {
            text: line.text,
            email: line.email.map(|email| email.to_string()),
            verdict: line.verdict,
            words: words(line.verdict),
        })
        .collect();
    Ok(Json(Checked { lines, new }))
}

#[derive(Deserialize)]
pub(super) struct Sending {
    #[serde(default)]
    emails: String,
    #[serde(default)]
    team: String,
    /// The page the dialog was on.
    #[serde(default)]
    from: String,
}

/// `POST /app/admin/invites`
pub(super) async fn send(
    app: Data<App>,
    request: HttpRequest,
    lead: Lead,
    Form(form): Form<Sending>,
) -> Result<HttpResponse> {
    let back = Back::parse(&form.from);
    let typed = Typed { open: true, emails: form.emails.clone(), team: form.team.clone(), error: None };
    let team = match (form.team.is_empty(), said::<TeamId>(Some(&form.team))) {
        (true, _) => None,
        (false, Some(team)) => Some(team),
        (false, None) => return again(&app, &request, &lead, back, typed, &Error::NotFound("Team")).await,
    };
    let by = lead.actor();
    let asked = app.db.write(move |tx| invites::invite_all(tx, &by, &form.emails, team.as_ref())).await;
    match asked {
        Ok(asked) if asked.invited > 0 => saying(&app, to(back.with_left(&asked)), &told(&asked)),
        Ok(asked) => {
            let why = match asked.left_out.is_empty() {
                true => "Type at least one address.",
                false => "Nobody was invited: there is no new address among these.",
            };
            again(&app, &request, &lead, back, typed, &Error::invalid(why)).await
        }
        Err(Error::NoCredits) => Ok(to(credits::WANTED)),
        Err(error @ (Error::Invalid(_) | Error::NotFound(_) | Error::InviteLimit { .. })) => {
            again(&app, &request, &lead, back, typed, &error).await
        }
        Err(error) => Err(error),
    }
}

/// The page once more, with everything typed and what is wrong with it.
async fn again(
    app: &Data<App>,
    request: &HttpRequest,
    lead: &Lead,
    back: Back,
    typed: Typed,
    error: &Error,
) -> Result<HttpResponse> {
    let words = match error {
        Error::InviteLimit { .. } => format!("Nothing was sent. {error}"),
        Error::NotFound(_) => "This team is not there any more. Choose another, then send again.".to_owned(),
        other => other.to_string(),
    };
    let (status, typed) = (error.status(), Typed { error: Some(words), ..typed });
    match back.section {
        Section::Overview => overview::screen(app, request, lead, &typed, status).await,
        Section::Members => members_list::screen(app, request, lead, &back.query(), &typed, status).await,
        _ => invites_list::screen(app, request, lead, &back.query(), &typed, status).await,
    }
}

fn told(asked: &Asked) -> String {
    let people = if asked.invited == 1 { "1 person".to_owned() } else { format!("{} people", asked.invited) };
    let bad = asked.left_out.iter().filter(|line| line.verdict == Verdict::Bad).count();
    let known = asked.left_out.len() - bad;
    let mut told = format!("Invited {people}.");
    if known > 0 {
        told.push_str(&format!(" Left out {known} already invited, listed or here."));
    }
    if bad > 0 {
        told.push_str(&format!(" {} left to correct.", counted(bad as u64, "line")));
    }
    told
}

/// The page the dialog was on, which is one of three.
struct Back {
    section: Section,
    href: String,
}

impl Back {
    /// Anything else, such as another site's address, counts as the invites.
    fn parse(text: &str) -> Self {
        let fallback = Self { section: Section::Invites, href: Section::Invites.href().to_owned() };
        let Ok(base) = Url::parse("http://here.invalid/") else { return fallback };
        let Ok(url) = base.join(text) else { return fallback };
        let sections = [Section::Overview, Section::Members, Section::Invites];
        match sections.into_iter().find(|section| section.href() == url.path()) {
            Some(section) if url.origin() == base.origin() => {
                let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
                Self { section, href: format!("{}{query}", section.href()) }
            }
            _ => fallback,
        }
    }

    /// What was chosen on it; what can't be read is left away.
    fn query<T: serde::de::DeserializeOwned + Default>(&self) -> T {
        let query = self.href.split_once('?').map_or("", |(_, query)| query);
        web::Query::<T>::from_query(query).map(web::Query::into_inner).unwrap_or_default()
    }

    /// The page itself or, with lines to be corrected, the dialog on it that holds them.
    fn with_left(&self, asked: &Asked) -> String {
        let bad: Vec<&str> =
            asked.left_out.iter().filter(|line| line.verdict == Verdict::Bad).map(|line| line.text.as_str()).collect();
        let left = bad.join("\n");
        if left.is_empty() || left.len() > LONGEST_LEFT {
            return self.href.clone();
        }
        let dialog = address("", &[("add", "invite"), ("emails", &left)]);
        if self.href.contains('?') {
            format!("{}&{}", self.href, dialog.trim_start_matches('?'))
        } else {
            format!("{}{dialog}", self.href)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_back_is_one_of_our_three_pages() {
        assert_eq!(Back::parse("/app/admin").href, "/app/admin");
        assert_eq!(Back::parse("/app/admin/members?q=kim").href, "/app/admin/members?q=kim");
        for foreign in
            ["//evil.test/app/admin", "https://evil.test/app/admin", "/app/admin/../../signout", "", "javascript:1"]
        {
            assert_eq!(Back::parse(foreign).href, "/app/admin/invites", "{foreign}");
        }
    }
}
