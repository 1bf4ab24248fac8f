//! How many headshots a shoot makes.

use std::ops::RangeInclusive;

use rusqlite::named_params;

use super::{Organization, get};
use crate::{
    db::{Tx, View},
    error::{Error, Result},
    ids::OrganizationId,
};

/// So many an organization may choose.
pub const HEADSHOTS: RangeInclusive<u8> = 12..=24;

/// So many there are unless it chooses, and for someone on their own.
const USUAL: u8 = 12;

/// The number as someone typed it.
///
/// # Errors
/// It is none, or out of bounds.
pub fn headshots(text: &str) -> Result<u8> {
    let (least, most) = HEADSHOTS.into_inner();
    let number = text.trim().parse().ok().filter(|number| HEADSHOTS.contains(number));
    number.ok_or_else(|| {
        Error::invalid(format!("A shoot makes {least} to {most} headshots. Enter a number between them."))
    })
}

/// Changes how many headshots a shoot of the organization makes. It counts for every one that is handed to the
/// generator from then on.
pub fn set_headshots(tx: &Tx, id: &OrganizationId, number: u8) -> Result<()> {
    tx.execute(
        "update organizations set headshots = :number where id = :id",
        named_params! { ":id": id, ":number": number },
    )?;
    Ok(())
}

/// How many headshots a shoot of an organization makes.
pub fn headshots_in_a_shoot(view: &View, id: &OrganizationId) -> Result<usize> {
    Ok(get(view, id)?.headshots_in_a_shoot())
}

impl Organization {
    /// How many headshots a shoot makes.
    pub fn headshots_in_a_shoot(&self) -> usize {
        usize::from(if self.is_alone() { USUAL } else { self.headshots })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shoot_makes_12_to_24() {
        assert_eq!((headshots(" 12 ").unwrap(), headshots("24").unwrap()), (12, 24));
        for wrong in ["", "11", "25", "-12", "12.5", "a dozen", "300"] {
            assert!(headshots(wrong).is_err(), "{wrong}");
        }
    }
}
