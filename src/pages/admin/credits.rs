//! The credits: how many are left, where they went, and how to get more.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Query, ServiceConfig},
};
use askama::Template;
use serde::Deserialize;

use super::{Nav, ROWS, Section, add_member::Way, frame, pager, said};
use crate::{
    app::App,
    credits::{self, Entry},
    db::Part,
    error::Result,
    organizations,
    pages::{
        shown,
        view::{Page, Pager, When, grouped},
    },
    web::{browser::Lead, get, resource},
};

mod export;

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
    stopped: Option<&'static str>,
    /// Addresses that were typed before that, and the form with them, once there is a credit again.
    typed: Option<TypedBefore>,
    /// None where credits are unlimited.
    grant_command: Option<String>,
    rows: Vec<LedgerRow>,
    count_words: String,
    pager: Pager,
}

struct TypedBefore {
    emails: String,
    go_on: Option<String>,
}

struct LedgerRow {
    reason: String,
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
            reason: entry.reason,
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
    emails: String,
    after: Option<String>,
    before: Option<String>,
}

/// `GET /app/admin/credits`
async fn show(app: Data<App>, request: HttpRequest, lead: Lead, Query(asked): Query<Asked>) -> Result<HttpResponse> {
    let part = Part::named(said(asked.after.as_deref()), said(asked.before.as_deref()));
    let id = lead.member.organization.clone();
    let (slice, totals, organization) = app
        .db
        .scan(move |view| {
            let slice = credits::page(view, &id, &part, ROWS)?;
            Ok((slice, credits::totals(view, &id)?, organizations::get(view, &id)?))
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
            "Unlimited".to_owned()
        } else {
            grouped(organization.credits.unsigned_abs())
        },
        used: grouped(totals.used.into()),
        returned: grouped(totals.returned.into()),
        stopped,
        grant_command: (!organization.unlimited)
            .then(|| format!("headroom credits grant --org {} 25", organization.id)),
        pager: pager(Section::Credits.href(), &slice, |(entry, _)| entry.id),
        rows: slice.rows.into_iter().map(LedgerRow::new).collect(),
        count_words: match totals.entries {
            1 => "1 entry".to_owned(),
            entries => format!("{} entries", grouped(entries.into())),
        },
    };
    shown(&request, &view)
}

/// What could not be done for want of a credit.
pub(super) fn stopped(way: Way) -> &'static str {
    match way {
        Way::Invite => "To invite someone, the organization needs at least one credit. Nobody was invited.",
        Way::Link => "To make an open invite link, the organization needs at least one credit. No link was made.",
        Way::Managed => "To add someone on their behalf, the organization needs at least one credit. Nobody was added.",
    }
}
