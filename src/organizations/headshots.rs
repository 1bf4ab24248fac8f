//! How many headshots a shoot makes, what may stand behind people, and how often headshots may be edited.

use std::ops::RangeInclusive;

use rusqlite::named_params;

use super::{Organization, get};
use crate::{
    db::{Tx, View},
    error::{Error, Result},
    generator::Scene,
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
        Error::invalid(say!("A shoot makes {least} to {most} headshots. Enter a number between them.", least, most))
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

/// More edits than this of one person's headshots nobody may make.
pub const MOST_EDITS: u8 = 100;

/// A number of edits as someone typed it.
///
/// # Errors
/// It is none, or out of bounds.
pub fn edits(text: &str) -> Result<u8> {
    let number = text.trim().parse().ok().filter(|number| *number <= MOST_EDITS);
    number.ok_or_else(|| {
        Error::invalid(say!("Enter a number of edits from 0 to {most}. 0 means none.", most = MOST_EDITS))
    })
}

/// Changes how many edits members may make of their own headshots, and leads for each member. What was made counts.
pub fn set_edits(tx: &Tx, id: &OrganizationId, members: u8, leads: u8) -> Result<()> {
    tx.execute(
        "update organizations set edits = :members, lead_edits = :leads where id = :id",
        named_params! { ":id": id, ":members": members, ":leads": leads },
    )?;
    Ok(())
}

/// What an organization lets stand behind its people; empty if it has not said.
pub fn backdrops(view: &View, id: &OrganizationId) -> Result<Vec<Scene>> {
    let text: String =
        view.one("select backdrops from organizations where id = :id", named_params! { ":id": id }, |row| row.get(0))?;
    Scene::listed(&text)
}

/// Changes what may stand behind an organization's people; nothing: all there is. Called by `styles` alone, which knows what
/// there is.
pub fn set_backdrops(tx: &Tx, id: &OrganizationId, scenes: &[Scene]) -> Result<()> {
    tx.execute(
        "update organizations set backdrops = :scenes where id = :id",
        named_params! { ":id": id, ":scenes": serde_json::to_string(scenes)? },
    )?;
    Ok(())
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
    fn edits_are_0_to_100() {
        assert_eq!((edits("0").unwrap(), edits(" 100 ").unwrap()), (0, 100));
        for wrong in ["", "-1", "101", "1.5", "ten", "256"] {
            assert!(edits(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_shoot_makes_12_to_24() {
        assert_eq!((headshots(" 12 ").unwrap(), headshots("24").unwrap()), (12, 24));
        for wrong in ["", "11", "25", "-12", "12.5", "a dozen", "300"] {
            assert!(headshots(wrong).is_err(), "{wrong}");
        }
    }
}
