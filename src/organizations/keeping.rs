//! For how long an organization keeps headshots.

use std::ops::RangeInclusive;

use rusqlite::named_params;

use crate::{
    db::Tx,
    error::{Error, Result},
    ids::OrganizationId,
};

/// Days an organization may choose: enough to be warned a week before, and at most ten years.
pub const RESULTS_DAYS: RangeInclusive<u16> = 7..=3650;

/// The days as someone typed them; nothing, or `off`, keeps headshots until someone deletes them.
///
/// # Errors
/// It is no number, or out of bounds.
pub fn results_days(text: &str) -> Result<Option<u16>> {
    let text = text.trim();
    if matches!(text.to_lowercase().as_str(), "" | "off" | "none" | "no" | "never") {
        return Ok(None);
    }
    let (least, most) = RESULTS_DAYS.into_inner();
    let days = text.parse().ok().filter(|days| RESULTS_DAYS.contains(days));
    days.map(Some).ok_or_else(|| {
        Error::invalid(say!(
            "Headshots can be kept for {least} to {most} days. Enter a number between them, or nothing to keep them.",
            least,
            most
        ))
    })
}

/// Changes for how many days headshots are kept; whether that is a change. What is ready is dated by `shoots::keep_results`,
/// which alone calls this.
///
/// # Errors
/// There is no such organization.
pub fn set_results_days(tx: &Tx, id: &OrganizationId, days: Option<u16>) -> Result<bool> {
    let before = super::get(tx, id)?.results_days;
    tx.execute(
        "update organizations set results_days = :days where id = :id",
        named_params! { ":id": id, ":days": days },
    )?;
    Ok(before != days)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headshots_are_kept_for_a_week_to_ten_years_or_for_good() {
        assert_eq!(results_days(" 90 ").unwrap(), Some(90));
        assert_eq!((results_days("7").unwrap(), results_days("3650").unwrap()), (Some(7), Some(3650)));
        assert_eq!((results_days("").unwrap(), results_days("Off").unwrap()), (None, None));
        for wrong in ["6", "0", "-90", "3651", "a year", "90.5", "99999999"] {
            assert!(results_days(wrong).is_err(), "{wrong}");
        }
    }
}
