//! The credits: how many are left, where they went, and how to get more.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Query, ServiceConfig},
};
use askama::Template;
use serde::Deserialize;

use super::{Nav, ROWS, Section, Tab, add_member::Way, address, frame, pager, said};
use crate::{
    app::App,
    credits::{self, Entry, Period},
    db::Part,
    error::Result,
    i18n::{Message, grouped},
    organizations,
    pages::{
        filters, shown,
        view::{Page, Pager, When},
    },
    web::{browser::Lead, get, resource},
};

mod chart;
mod export;

use chart::Chart;

/// What the chart shows first.
const USUAL: Period = Period::Quarter;

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(resource("/credits", "GET").route(get(show)))
        .service(resource("/credits.csv", "GET").route(get(export::csv)));
}

#[derive(Template)]
#[template(path = "admin/credits.html")]
struct Credits {
    page: Page,
    nav: Nav,
    /// `Unlimited` where it is.
    balance: String,
    used: String,
    returned: String,
    /// What could not be done for want of a credit.
    stopped: Option<Message>,
    /// Addresses that were typed before that, and the form with them, once there is a credit again.
    typed: Option<TypedBefore>,
    /// None where credits are unlimited.
    grant_command: Option<String>,
    /// None where credits are unlimited: nothing moves.
    chart: Option<Chart>,
    periods: Vec<Tab>,
    rows: Vec<LedgerRow>,
    count_words: Message,
    pager: Pager,
}

struct TypedBefore {
    emails: String,
    go_on: Option<String>,
}

struct LedgerRow {
    reason: Message,
    /// About whom.
    who: Option<String>,
    at: When,
    /// `+25`, `−1` with a real minus.
    change: String,
    balance: String,
}

impl LedgerRow {
    fn new((entry, who): (Entry, Option<String>)) -> Self {
        let amount = grouped(entry.amount.unsigned_abs());
        Self {
            reason: reason(&entry.reason),
            who,
            at: When::day(entry.created_at),
            change: match entry.amount {
                0 => amount,
                ..0 => format!("−{amount}"),
                _ => format!("+{amount}"),
            },
            balance: grouped(entry.balance.unsigned_abs()),
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    why: Option<String>,
    /// How far back the chart goes.
    period: String,
    emails: String,
    after: Option<String>,
    before: Option<String>,
}

/// `GET /app/admin/credits`
async fn show(app: Data<App>, request: HttpRequest, lead: Lead, Query(asked): Query<Asked>) -> Result<HttpResponse> {
    let part = Part::named(said(asked.after.as_deref()), said(asked.before.as_deref()));
    let period = said(Some(&asked.period)).unwrap_or(USUAL);
    let id = lead.member.organization.clone();
    let (slice, totals, history, organization) = app
        .db
        .scan(move |view| {
            let slice = credits::page(view, &id, &part, ROWS)?;
            let history = credits::history(view, &id, period)?;
            Ok((slice, credits::totals(view, &id)?, history, organizations::get(view, &id)?))
        })
        .await?;
    let (page, nav) = app.db.read(|view| frame(view, &request, &app, &lead.member, Section::Credits))?;
    let stopped = Way::said(asked.why.as_deref()).filter(|_| organization.shown_credits() == 0).map(stopped);
    let has_credit = organization.shown_credits() > 0;
    let typed = Some(asked.emails).filter(|emails| !emails.trim().is_empty());
    let view = Credits {
        typed: typed.map(|emails| TypedBefore { go_on: has_credit.then(|| Way::again_with(&emails)), emails }),
        page,
        nav,
        balance: if organization.unlimited {
            say!("Unlimited").into()
        } else {
            grouped(organization.credits.unsigned_abs())
        },
        used: grouped(totals.used),
        returned: grouped(totals.returned),
        stopped,
        grant_command: (!organization.unlimited)
            .then(|| format!("headroom credits grant --org {} 25", organization.id)),
        chart: if organization.unlimited { None } else { Chart::of(&history) },
        periods: periods(period),
        pager: pager(&at(period), &slice, |(entry, _)| entry.id),
        rows: slice.rows.into_iter().map(LedgerRow::new).collect(),
        count_words: say!("{n} entry" | "{n} entries", n = totals.entries),
    };
    shown(&request, &view)
}

/// Why the balance changed, as it was written down: by us, or as whoever granted credits put it.
fn reason(stored: &str) -> Message {
    Message::recognised(
        stored,
        [
            say!("Photos submitted"),
            say!("The headshots could not be made"),
            say!("Invite revoked"),
            say!("Model deleted"),
            say!("Member removed"),
            say!("Account converted"),
            say!("The time headshots are kept was over"),
            say!("Deleted by the person"),
            say!("Signed up"),
            say!("Granted with the organization"),
        ],
    )
}

/// The page with the chart of this period.
fn at(period: Period) -> String {
    let period = if period == USUAL { "" } else { period.as_str() };
    address(Section::Credits.href(), &[("period", period)])
}

fn periods(here: Period) -> Vec<Tab> {
    let words = |period: Period| match period {
        Period::Month => say!("period|30 days"),
        Period::Quarter => say!("period|90 days"),
        Period::Year => say!("period|A year"),
        Period::All => say!("period|All"),
    };
    let tab = |period: &Period| Tab {
        words: words(*period).into(),
        href: at(*period),
        count: String::new(),
        here: *period == here,
    };
    Period::ALL.iter().map(tab).collect()
}

/// What could not be done for want of a credit.
pub(super) const fn stopped(way: Way) -> Message {
    match way {
        Way::Invite => {
            say!("To invite someone, the organization needs at least one credit. Nobody was invited.")
        }
        Way::Link => {
            say!("To make an open invite link, the organization needs at least one credit. No link was made.")
        }
        Way::Managed => {
            say!("To add someone on their behalf, the organization needs at least one credit. Nobody was added.")
        }
    }
}
