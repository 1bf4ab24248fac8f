//! The open invite links: for whom each is, how many have joined by it, and until when it is open. [001]

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Data, ServiceConfig},
};
use askama::Template;

use super::{
    Nav, ROWS, Section, Tab, Tone,
    add_member::{AddMember, Typed},
    address, frame, invites_list, pager, said,
};
use crate::{
    app::App,
    db::{Part, View},
    error::{Error, Result},
    i18n::Message,
    invites,
    links::{self, Link, State},
    members,
    organizations::{self, Zone},
    pages::{
        filters, shown_with, to,
        undoing::Leaving,
        view::{Page, Pager, When},
    },
    undo,
    web::browser::Lead,
};

mod one;

/// What the tab is called in addresses.
pub(super) const TAB: &str = "links";

pub(super) fn routes(config: &mut ServiceConfig) {
    config.configure(one::routes);
}

/// The list.
pub(super) fn list() -> String {
    address(Section::Invites.href(), &[("tab", TAB)])
}

#[derive(Template)]
#[template(path = "admin/links.html")]
struct OpenLinks {
    page: Page,
    nav: Nav,
    add: AddMember,
    tabs: Vec<Tab>,
    rows: Vec<LinkRow>,
    count_words: String,
    pager: Pager,
}

/// A link as lists show it.
pub(super) struct LinkRow {
    /// Its own page.
    pub(super) href: String,
    /// What is shared.
    pub(super) url: String,
    /// `acme.com or acme.de`, or anyone.
    pub(super) whom: String,
    pub(super) state: LinkState,
    /// `12 of 50 joined`
    pub(super) uses: String,
    pub(super) team: Option<String>,
    /// Until when, if it ends.
    pub(super) until: Option<When>,
    /// Who made it.
    pub(super) by: String,
    pub(super) made: When,
    /// Where it is taken back; nowhere if it was.
    pub(super) revoke: Option<String>,
    /// It is being taken back.
    pub(super) leaving: Option<Leaving>,
}

/// Whether people can join, as leads read it.
pub(super) struct LinkState(State);

impl LinkState {
    pub(super) fn words(&self) -> Message {
        match self.0 {
            State::Open => say!("link|Open"),
            State::UsedUp => say!("link|Used up"),
            State::Expired => say!("link|Expired"),
            State::Revoked => say!("link|Revoked"),
        }
    }

    pub(super) fn tone(&self) -> &'static str {
        match self.0 {
            State::Open => Tone::Good,
            State::UsedUp | State::Expired => Tone::Warn,
            State::Revoked => Tone::Ended,
        }
        .class()
    }
}

impl LinkRow {
    pub(super) fn new(view: &View, app: &App, zone: Zone, link: &Link, leaving: Option<Leaving>) -> Result<Self> {
        let href = format!("{}/links/{}", Section::Overview.href(), link.id);
        Ok(Self {
            url: app.urls.join(&link.id),
            whom: match link.domains_or() {
                any if any.is_empty() => say!("Anyone with the link").to_string(),
                domains => domains,
            },
            state: LinkState(link.state(view.now)),
            uses: match link.limit {
                Some(limit) => say!("{n} of {limit} joined" | "{n} of {limit} joined", n = link.uses, limit),
                None => say!("{n} joined" | "{n} joined", n = link.uses),
            }
            .to_string(),
            team: link.team.as_ref().map(|team| team.name.clone()),
            until: link.expires_at.map(|end| When { iso: end.to_string(), words: zone.words(end) }),
            by: maker(view, link)?,
            made: When::day(link.created_at),
            revoke: (link.revoked_at.is_none() && leaving.is_none()).then(|| format!("{href}/revoke")),
            leaving,
            href,
        })
    }
}

/// A lead who has left since is not known any more.
fn maker(view: &View, link: &Link) -> Result<String> {
    let Some(member) = &link.created_by else { return Ok(say!("A key, the operator or someone who left").into()) };
    match members::get(view, member) {
        Ok(member) => Ok(member.called().to_owned()),
        Err(Error::NotFound(_)) => Ok(say!("Someone who left").into()),
        Err(error) => Err(error),
    }
}

/// `GET /app/admin/invites?tab=links`
pub(super) async fn screen(
    app: &Data<App>,
    request: &HttpRequest,
    lead: &Lead,
    chosen: &invites_list::Chosen,
    typed: &Typed,
    status: StatusCode,
) -> Result<HttpResponse> {
    let part = Part::named(said(chosen.after.as_deref()), said(chosen.before.as_deref()));
    let organization = lead.member.organization.clone();
    let (slice, all, counts) = app
        .db
        .scan(move |view| {
            let slice = links::part(view, &organization, &part, ROWS)?;
            Ok((slice, links::count(view, &organization)?, invites::counts(view, &organization)?))
        })
        .await?;
    let pager = pager(&list(), &slice, |link| link.id.clone());
    let view = app.db.read(|view| {
        let organization = &lead.member.organization;
        let (page, nav) = frame(view, request, app, &lead.member, Section::Invites)?;
        let add = AddMember::on(view, app, organization, &list(), typed)?;
        let zone = organizations::zone(view, organization)?;
        let going = undo::going(view, organization, undo::Kind::Link)?;
        let row =
            |link: &Link| LinkRow::new(view, app, zone, link, Leaving::of(&going, link.id.as_str(), &lead.member));
        let rows = slice.rows.iter().map(row).collect::<Result<_>>()?;
        let count_words = say!("{n} link" | "{n} links", n = all).to_string();
        Ok(OpenLinks { page, nav, add, tabs: invites_list::tabs(None, "", &counts, all), rows, count_words, pager })
    })?;
    match view.add.leads_to_credits(typed) {
        Some(credits) => Ok(to(credits)),
        None => shown_with(request, status, &view),
    }
}
