//! The ledger as a file that spreadsheets open, written while it is sent: it may have a hundred thousand rows.

use actix_web::{
    HttpResponse,
    http::header::ContentEncoding,
    web::{Bytes, Data},
};
use futures::Stream;

use crate::{
    app::App,
    credits::{self, Entry},
    db::Part,
    error::{Error, Result},
    ids::OrganizationId,
    pages::taking::attachment,
    web::browser::Lead,
    wire::csv,
};

/// What came and what went stand apart: a number that begins with a minus is a formula to a spreadsheet.
const COLUMNS: [&str; 6] = ["Time", "Reason", "Person", "Credits in", "Credits out", "Balance"];

/// Rows read at a time.
const BATCH: u32 = 1000;

/// `GET /app/admin/credits.csv`: all of it, newest first.
pub(super) async fn csv(app: Data<App>, lead: Lead) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header(attachment("credits.csv"))
        .insert_header(ContentEncoding::Identity)
        .streaming(rows(app, lead.member.organization.clone()))
}

fn rows(app: Data<App>, organization: OrganizationId) -> impl Stream<Item = Result<Bytes, Error>> {
    async_stream::try_stream! {
        yield Bytes::from(format!("{}{}", csv::BEGINNING, csv::line(COLUMNS)));
        let mut part = Part::Newest;
        loop {
            let (whose, wanted) = (organization.clone(), part.clone());
            let slice = app.db.scan(move |view| credits::page(view, &whose, &wanted, BATCH)).await?;
            let Some((last, _)) = slice.rows.last() else { break };
            part = Part::After(last.id);
            yield Bytes::from(slice.rows.iter().map(line).collect::<String>());
            if !slice.older {
                break;
            }
        }
    }
}

fn line((entry, who): &(Entry, Option<String>)) -> String {
    let amount = entry.amount.unsigned_abs().to_string();
    let (came, went) = if entry.amount < 0 { ("", amount.as_str()) } else { (amount.as_str(), "") };
    let (at, balance) = (entry.created_at.to_string(), entry.balance.to_string());
    csv::line([&at, &entry.reason, who.as_deref().unwrap_or_default(), came, went, &balance])
}
