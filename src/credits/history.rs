//! The ledger over time: what came, what went and what was left, summed up by days or weeks. The database sums; no row is handed over.

use rusqlite::named_params;

use crate::{
    clock::Timestamp,
    db::{View, stored_as_text},
    error::Result,
    ids::OrganizationId,
};

/// Milliseconds of a day.
const DAY: i64 = 24 * 60 * 60 * 1000;

/// Spans of a history at most, however long it is.
const SPANS: i64 = 60;

stored_as_text! {
    /// How far back to look.
    pub enum Period {
        /// By days.
        Month = "30d",
        /// By days.
        Quarter = "90d",
        /// By weeks.
        Year = "1y",
        /// From the first entry on, in up to 60 spans of whole days.
        All = "all",
    }
}

/// What happened in one span of days, in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// When it begins.
    pub from: Timestamp,
    /// Credits granted, and what corrections added.
    pub granted: i64,
    /// Credits given back.
    pub returned: i64,
    /// Credits taken, and what corrections took.
    pub used: i64,
    /// What was left at its end.
    pub balance: i64,
}

/// An organization's credits over time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct History {
    /// Days of each span.
    pub days: i64,
    /// What there was before the first span.
    pub opening: i64,
    /// Without gaps, oldest first; the last one ends with today.
    pub spans: Vec<Span>,
}

/// Sums up a period until today; for [`crate::db::Db::scan`]. It reads the index `ledger_by_time` alone.
pub fn history(view: &View, organization: &OrganizationId, period: Period) -> Result<History> {
    let until = (view.now.millis() / DAY + 1) * DAY;
    let (days, count) = match period {
        Period::Month => (1, 30),
        Period::Quarter => (1, 90),
        Period::Year => (7, 52),
        Period::All => {
            let first: Option<i64> = view.one(
                "select min(created_at) from ledger where organization_id = :organization",
                named_params! { ":organization": organization },
                |row| row.get(0),
            )?;
            spread((until - first.unwrap_or(until - 1)).div_euclid(DAY) + 1)
        }
    };
    let width = days * DAY;
    let from = until - count * width;
    let opening = balance_before(view, organization, from)?;
    // The balance is that of the row with the highest id of each span.
    let summed = view.all(
        "select (created_at - :from) / :width as nth,
                coalesce(sum(amount) filter (where kind = 'grant' or (kind = 'adjust' and amount > 0)), 0) as granted,
                coalesce(sum(amount) filter (where kind = 'refund'), 0) as returned,
                coalesce(-sum(amount) filter (where kind = 'consume' or (kind = 'adjust' and amount < 0)), 0) as used,
                max(id) as last, balance
         from ledger
         where organization_id = :organization and created_at >= :from and created_at < :until
         group by nth
         order by nth",
        named_params! { ":organization": organization, ":from": from, ":until": until, ":width": width },
        |row| {
            let nth: i64 = row.get("nth")?;
            let from = Timestamp::from_millis(from + nth * width);
            let (granted, returned, used) = (row.get("granted")?, row.get("returned")?, row.get("used")?);
            Ok(Span { from, granted, returned, used, balance: row.get("balance")? })
        },
    )?;
    let (mut summed, mut balance) = (summed.into_iter().peekable(), opening);
    let spans = (0..count).map(|nth| {
        let from = Timestamp::from_millis(from + nth * width);
        let span = match summed.next_if(|span| span.from == from) {
            Some(span) => span,
            None => Span { from, granted: 0, returned: 0, used: 0, balance },
        };
        balance = span.balance;
        span
    });
    Ok(History { days, opening, spans: spans.collect() })
}

/// So many days in at most [`SPANS`] spans: how long each is, and how many.
fn spread(days: i64) -> (i64, i64) {
    let width = (days.max(1) + SPANS - 1) / SPANS;
    // A chart of one day would be a line without a length.
    (width, ((days.max(1) + width - 1) / width).max(7))
}

fn balance_before(view: &View, organization: &OrganizationId, moment: i64) -> Result<i64> {
    let found = view.find(
        "select balance from ledger
         where organization_id = :organization and created_at < :moment
         order by created_at desc, id desc
         limit 1",
        named_params! { ":organization": organization, ":moment": moment },
        |row| row.get(0),
    )?;
    Ok(found.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_days_are_in_one_of_60_spans() {
        assert_eq!([1, 7, 60, 61, 120, 3650].map(spread), [(1, 7), (1, 7), (1, 60), (2, 31), (2, 60), (61, 60)]);
        for days in 1..5000 {
            let (width, count) = spread(days);
            assert!(count <= SPANS && width * count >= days, "{days}");
        }
    }
}
