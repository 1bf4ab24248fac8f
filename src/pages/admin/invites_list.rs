//! The invites: what became of each, sent again, taken back.

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{self, Data, Query, ServiceConfig},
};
use askama::Template;
use serde::Deserialize;

use super::{
    Nav, ROWS, Section, Tab, Tone,
    add_member::{AddMember, Typed},
    address, frame, open_links, pager, said,
};
use crate::{
    app::App,
    clock::Timestamp,
    db::Part,
    error::{Error, Result},
    i18n::{Message, grouped},
    ids::InviteId,
    invites::{self, OnTab, State},
    links,
    members::Role,
    pages::{
        filters, shown_with, to,
        undoing::Leaving,
        view::{Confirm, Field, Page, Pager, When},
    },
    undo,
    web::{browser::Lead, get, resource},
};

mod again;
mod revoking;

use again::Correcting;

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(
            resource("/invites", "GET, POST")
                .app_data(super::add_member::long_form())
                .route(get(list))
                .route(web::post().to(super::add_member::send)),
        )
        .service(resource("/invites/selected", "POST").route(web::post().to(again::remind_selected)))
        .service(resource("/invites/{id}/remind", "POST").route(web::post().to(again::remind)))
        .service(resource("/invites/{id}/correct", "POST").route(web::post().to(again::correct)))
        .service(resource("/invites/{id}/resend", "POST").route(web::post().to(again::resend)))
        .service(resource("/invites/{id}/revoke", "POST").route(web::post().to(revoking::revoke)));
}

#[derive(Template)]
#[template(path = "admin/invites.html")]
struct Invites {
    page: Page,
    nav: Nav,
    add: AddMember,
    tabs: Vec<Tab>,
    /// The value of the tab shown.
    tab: &'static str,
    search: String,
    rows: Vec<InviteRow>,
    empty_title: Message,
    empty_words: Message,
    count_words: String,
    pager: Pager,
    /// `?revoke=ID`
    confirm: Option<Confirm>,
    /// `?correct=ID`
    correcting: Option<Correcting>,
    /// Where reminders of the selected invites are posted, if this tab has any to remind of.
    selected: Option<String>,
    /// This list, for forms that come back to it.
    here: String,
}

struct InviteRow {
    id: String,
    email: String,
    state: InviteState,
    /// What became of a mail that was not delivered.
    trouble: Option<Trouble>,
    /// When the last reminder went out, while it can be accepted.
    reminded: Option<When>,
    team: Option<String>,
    team_id: String,
    sent: When,
    /// `{base}/auth/signup?invite=ID`, while it can be accepted.
    link: Option<String>,
    /// Where to post for another mail, if the last one was not delivered.
    resend: Option<String>,
    /// Where to post for a reminder, if one may go out now.
    remind: Option<String>,
    /// This page with `correct=ID` added, if its address looks wrong.
    correct_href: Option<String>,
    /// Nobody can accept it any more, so its address may be asked anew.
    can_ask_anew: bool,
    /// Where it is taken back, if nobody has accepted it.
    revoke: Option<String>,
    /// This page with `revoke=ID` added, if a person or pictures would go with it.
    revoke_href: Option<String>,
    /// It is being taken back.
    leaving: Option<Leaving>,
}

/// A mail that did not arrive.
struct Trouble {
    /// What it means.
    words: Message,
    /// The mail server's own.
    answer: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum InviteState {
    Pending,
    Accepted,
    Expired,
    NotDelivered,
    Revoked,
}

impl InviteState {
    fn of(row: &OnTab, now: Timestamp) -> Self {
        match row.invite.state {
            State::Pending if row.invite.expires_at <= now => Self::Expired,
            State::Pending if row.trouble.is_some() => Self::NotDelivered,
            State::Pending => Self::Pending,
            State::Accepted => Self::Accepted,
            State::Expired => Self::Expired,
            State::Revoked => Self::Revoked,
        }
    }

    const fn words(self) -> Message {
        match self {
            Self::Pending => say!("invite|Pending"),
            Self::Accepted => say!("invite|Accepted"),
            Self::Expired => say!("invite|Expired"),
            Self::NotDelivered => say!("invite|Not delivered"),
            Self::Revoked => say!("invite|Revoked"),
        }
    }

    fn tone(self) -> &'static str {
        match self {
            Self::Pending => Tone::Waiting,
            Self::Accepted => Tone::Good,
            Self::Expired => Tone::Warn,
            Self::NotDelivered => Tone::Bad,
            Self::Revoked => Tone::Ended,
        }
        .class()
    }
}

/// What is chosen, as the address has it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Chosen {
    tab: String,
    q: String,
    pub(super) after: Option<String>,
    pub(super) before: Option<String>,
    add: Option<String>,
    emails: Option<String>,
    made: Option<String>,
    revoke: Option<String>,
    correct: Option<String>,
}

impl Chosen {
    fn tab(&self) -> invites::Tab {
        said(Some(&self.tab)).unwrap_or(invites::Tab::Pending)
    }

    /// The list without its parts and without its dialogs.
    fn list(&self) -> String {
        Self::address(self.tab(), self.q.trim())
    }

    /// Where something is done to an invite, to come back to this list after.
    fn action(&self, id: &InviteId, verb: &str) -> String {
        address(&format!("{}/{id}/{verb}", Section::Invites.href()), &[("tab", &self.tab), ("q", &self.q)])
    }

    fn address(tab: invites::Tab, search: &str) -> String {
        let tab = if tab == invites::Tab::Pending { "" } else { tab.as_str() };
        address(Section::Invites.href(), &[("tab", tab), ("q", search)])
    }
}

/// `GET /app/admin/invites`
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
    if chosen.tab == open_links::TAB {
        return open_links::screen(app, request, lead, chosen, typed, status).await;
    }
    shown_again(app, request, lead, chosen, typed, Wrong::default(), status).await
}

/// What was posted and can't be done.
#[derive(Default)]
struct Wrong<'a> {
    /// The answer to whether an invite is to be taken back.
    revoking: Option<&'a Error>,
    /// The right address of a corrected one.
    correct: Option<Field>,
}

async fn shown_again(
    app: &Data<App>,
    request: &HttpRequest,
    lead: &Lead,
    chosen: &Chosen,
    typed: &Typed,
    wrong: Wrong<'_>,
    status: StatusCode,
) -> Result<HttpResponse> {
    let part = Part::named(said(chosen.after.as_deref()), said(chosen.before.as_deref()));
    let (tab, search, organization) = (chosen.tab(), chosen.q.clone(), lead.member.organization.clone());
    let (slice, counts, links, now) = app
        .db
        .scan(move |view| {
            let slice = tab.page(view, &organization, &search, &part, ROWS)?;
            let counts = invites::counts(view, &organization)?;
            Ok((slice, counts, links::count(view, &organization)?, view.now))
        })
        .await?;
    let named =
        |id: &Option<String>| id.as_deref().map(|id| id.parse().map_err(|_| Error::NotFound("Invite"))).transpose();
    let (revoking, correcting) = (named(&chosen.revoke)?, named(&chosen.correct)?);
    let (page, nav, add, confirm, correcting, going) = app.db.read(|view| {
        let organization = &lead.member.organization;
        let (page, nav) = frame(view, request, app, &lead.member, Section::Invites)?;
        let add = AddMember::on(view, app, organization, &chosen.list(), typed)?;
        let confirm =
            revoking.map(|id| revoking::question(view, organization, &id, chosen, wrong.revoking)).transpose()?;
        let correcting =
            correcting.map(|id| Correcting::of(view, organization, &id, chosen, wrong.correct)).transpose()?;
        let going = [
            undo::going(view, organization, undo::Kind::Invite)?,
            undo::going(view, organization, undo::Kind::Accepted)?,
        ];
        Ok((page, nav, add, confirm, correcting, going))
    })?;
    if let Some(credits) = add.leads_to_credits(typed) {
        return Ok(to(credits));
    }
    let pager = pager(&chosen.list(), &slice, |row| row.invite.id.clone());
    let searched = !chosen.q.trim().is_empty();
    let (empty_title, empty_words) = empty(tab, searched);
    let count_words = match searched {
        false => say!("{n} invite" | "{n} invites", n = counts.of(tab)).to_string(),
        true if slice.newer || slice.older => String::new(),
        true => say!("{shown} of {n} invite" | "{shown} of {n} invites", n = counts.of(tab), shown = slice.rows.len())
            .to_string(),
    };
    let view = Invites {
        page,
        nav,
        add,
        tabs: tabs(Some(tab), chosen.q.trim(), &counts, links),
        tab: tab.as_str(),
        search: chosen.q.clone(),
        rows: slice
            .rows
            .into_iter()
            .map(|row| {
                let leaving = going.iter().find_map(|going| Leaving::of(going, row.invite.id.as_str(), &lead.member));
                InviteRow::new(row, app, chosen, now, leaving)
            })
            .collect(),
        empty_title,
        empty_words,
        count_words,
        pager,
        confirm,
        correcting,
        selected: matches!(tab, invites::Tab::Pending | invites::Tab::NotDelivered)
            .then(|| address("/app/admin/invites/selected", &[("tab", &chosen.tab), ("q", &chosen.q)])),
        here: chosen.list(),
    };
    shown_with(request, status, &view)
}

impl InviteRow {
    fn new(row: OnTab, app: &App, chosen: &Chosen, now: Timestamp, leaving: Option<Leaving>) -> Self {
        let state = InviteState::of(&row, now);
        let open = matches!(state, InviteState::Pending | InviteState::NotDelivered);
        let (team_id, team) = row.invite.team.map(|(id, name)| (id.to_string(), name)).unzip();
        let led_to_someone = state == InviteState::Accepted && row.role == Some(Role::Member);
        let refused = open && row.trouble.as_ref().is_some_and(|trouble| !trouble.goes_on);
        let may_remind = invites::remindable_since(row.reminded_at, now);
        let list = chosen.list();
        let joint = if list.contains('?') { '&' } else { '?' };
        Self {
            state,
            resend: (state == InviteState::NotDelivered).then(|| chosen.action(&row.invite.id, "resend")),
            remind: (state == InviteState::Pending && may_remind).then(|| chosen.action(&row.invite.id, "remind")),
            correct_href: refused.then(|| format!("{list}{joint}correct={}", row.invite.id)),
            reminded: row.reminded_at.filter(|_| open).map(|last| When::ago(last, now)),
            trouble: row.trouble.filter(|_| open).map(Trouble::new),
            id: row.invite.id.to_string(),
            team,
            team_id: team_id.unwrap_or_default(),
            sent: When::ago(row.mailed_at.unwrap_or(row.invite.created_at), now),
            link: open.then(|| app.urls.invite(&row.invite.id)),
            can_ask_anew: matches!(state, InviteState::Expired | InviteState::Revoked),
            revoke: open.then(|| chosen.action(&row.invite.id, "revoke")),
            revoke_href: led_to_someone.then(|| format!("{list}{joint}revoke={}", row.invite.id)),
            leaving,
            email: row.invite.email.to_string(),
        }
    }
}

impl Trouble {
    fn new(trouble: invites::Trouble) -> Self {
        let words = match trouble.goes_on {
            true => say!("Put off by the mail server, and tried again by itself."),
            false => say!("The mail did not arrive. Correct the address, or send it again once the cause is gone."),
        };
        let answer = if trouble.answer.is_empty() { say!("mail server|nothing").into() } else { trouble.answer };
        Self { words, answer }
    }
}

/// The lists of invites, and that of open links, which is the one shown if none of the others is.
pub(super) fn tabs(shown: Option<invites::Tab>, search: &str, counts: &invites::Counts, links: i64) -> Vec<Tab> {
    let open_links = Tab {
        words: say!("Open links").to_string(),
        href: open_links::list(),
        count: grouped(links),
        here: shown.is_none(),
    };
    let invites = invites::Tab::ALL.iter().map(|tab| Tab {
        words: match tab {
            invites::Tab::Pending => say!("invites|Pending"),
            invites::Tab::Accepted => say!("invites|Accepted"),
            invites::Tab::Expired => say!("invites|Expired"),
            invites::Tab::NotDelivered => say!("invites|Not delivered"),
            invites::Tab::Revoked => say!("invites|Revoked"),
        }
        .to_string(),
        href: Chosen::address(*tab, search),
        count: grouped(counts.of(*tab)),
        here: Some(*tab) == shown,
    });
    invites.chain([open_links]).collect()
}

const fn empty(tab: invites::Tab, searched: bool) -> (Message, Message) {
    if searched {
        return (
            say!("No invite matches"),
            say!("No address here contains this. Try part of it, or look in another tab."),
        );
    }
    match tab {
        invites::Tab::Pending => {
            (say!("No pending invites"), say!("An invite stays here until it is accepted, for up to 30 days."))
        }
        invites::Tab::Accepted => {
            (say!("Nobody has accepted yet"), say!("Whoever accepts an invite becomes a member."))
        }
        invites::Tab::Expired => {
            (say!("No invite has expired"), say!("Invites that nobody accepts within 30 days move here."))
        }
        invites::Tab::NotDelivered => {
            (say!("Nothing was refused"), say!("If a mail server refuses an invite, it appears here with the reason."))
        }
        invites::Tab::Revoked => (say!("No invite was revoked"), say!("Invites you revoke are listed here.")),
    }
}
