//! The ledger as a file that spreadsheets open.

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

const COLUMNS: [&str; 7] = ["Number", "Time", "Kind", "Reason", "Person", "Change", "Balance"];

/// Entries that are in memory at once.
const PIECE: u32 = 500;

/// `GET /app/admin/credits.csv`: all of it, newest entry first.
pub(super) async fn csv(app: Data<App>, lead: Lead) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header(attachment("credits.csv"))
        .insert_header(ContentEncoding::Identity)
        .streaming(written(app, lead.member.organization.clone()))
}

/// The file, made while it is sent: a piece of it at a time is in memory.
fn written(app: Data<App>, organization: OrganizationId) -> impl Stream<Item = Result<Bytes, Error>> {
    async_stream::try_stream! {
        yield Bytes::from(format!("{}{}", csv::BEGINNING, csv::line(COLUMNS)));
        let mut part = Part::Newest;
        loop {
            let (whose, wanted) = (organization.clone(), part);
            let slice = app.db.scan(move |view| credits::page(view, &whose, &wanted, PIECE)).await?;
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
    let cells = [
        &entry.id.to_string(),
        &entry.created_at.to_string(),
        entry.kind.as_str(),
        &entry.reason,
        who.as_deref().unwrap_or_default(),
        &entry.amount.to_string(),
        &entry.balance.to_string(),
    ];
    csv::line(cells)
}
