//! Removing several members at once: what will go, who can't be removed and why, and then all of it in one transaction.

use rusqlite::named_params;

use super::{MOST_SHOOTS, remove};
use crate::{
    db::{Tx, View},
    error::Result,
    ids::{MemberId, OrganizationId},
    members::{self, Actor, Kind, Member},
};

/// A member who may be removed, and what that means.
#[derive(Clone, Debug)]
pub struct Removal {
    /// Who.
    pub member: Member,
    /// Their shoots that are not deleted.
    pub shoots: u32,
    /// The headshots that would go.
    pub headshots: u32,
    /// The photos they uploaded that would go.
    pub photos: u32,
    /// Why they can't be removed by a lead.
    pub bar: Option<Bar>,
}

/// Why someone can't be removed by a lead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bar {
    /// They lead the organization.
    Leads,
    /// They have more shoots than a slip of the finger may cost. [001]
    TooManyShoots,
}

impl Removal {
    /// Whether their account goes too; a personal one survives.
    pub fn account_goes(&self) -> bool {
        self.member.kind != Kind::Personal
    }
}

/// What removing a member of the organization would mean.
///
/// # Errors
/// No such member.
pub fn removal(view: &View, organization: &OrganizationId, id: &MemberId) -> Result<Removal> {
    let member = members::of_organization(view, organization, id)?;
    let (shoots, photos, headshots) = view.one(
        "select count(*) as shoots, coalesce(sum(s.photos), 0) as photos,
             coalesce(sum((select count(*) from results r where r.shoot_id = s.id and r.deleted_at is null)), 0) as headshots
         from shoots s
         where s.member_id = :member and s.state != 'deleted'",
        named_params! { ":member": id },
        |row| Ok((row.get("shoots")?, row.get("photos")?, row.get("headshots")?)),
    )?;
    let bar = match shoots {
        _ if member.leads() => Some(Bar::Leads),
        shoots if shoots as usize > MOST_SHOOTS => Some(Bar::TooManyShoots),
        _ => None,
    };
    Ok(Removal { member, shoots, headshots, photos, bar })
}

/// Removes those of these members who can be, and says how many were and who stays.
///
/// # Errors
/// One of them isn't the organization's; then nobody is removed.
pub fn remove_all(tx: &Tx, by: &Actor, ids: &[MemberId]) -> Result<(usize, Vec<Removal>)> {
    let mut staying = Vec::new();
    let mut removed = 0;
    for id in ids {
        let removal = removal(tx, &by.organization, id)?;
        if removal.bar.is_some() {
            staying.push(removal);
        } else {
            remove(tx, by, &removal.member, false)?;
            removed += 1;
        }
    }
    Ok((removed, staying))
}
