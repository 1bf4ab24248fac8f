//! Many invites one after the other, each for itself: what is wrong with one keeps nobody else from being asked.

use super::{Known, NewInvite, PENDING_PER_CREDIT, Taken, announce, insert, known, settle, taken};
use crate::{
    db::{Tx, View},
    error::Result,
    ids::OrganizationId,
    members::{Actor, Role},
    organizations, teams,
};

/// What came of one of them.
#[derive(Debug)]
pub enum Answer {
    /// They are asked.
    Invited,
    /// They have an invite, or a place, already.
    Taken(Taken),
    /// More may not wait for an answer, for want of credits. [002]
    OverCredits,
}

/// Invites that are made in one transaction.
pub struct Series<'t, 'c> {
    tx: &'t Tx<'c>,
    by: &'t Actor,
    room: Option<i64>,
}

impl<'t, 'c> Series<'t, 'c> {
    /// Begins one.
    ///
    /// # Errors
    /// Whoever does it leads nobody.
    pub fn begin(tx: &'t Tx<'c>, by: &'t Actor) -> Result<Self> {
        by.must_be(Role::Admin)?;
        settle(tx, &by.organization)?;
        Ok(Self { tx, by, room: room(tx, &by.organization)? })
    }

    /// Whether anybody else can be asked.
    pub fn has_room(&self) -> bool {
        self.room != Some(0)
    }

    /// Asks somebody, of whom this is known.
    ///
    /// # Errors
    /// A foreign team.
    pub fn ask(&mut self, new: &NewInvite, known: &Known) -> Result<Answer> {
        let (tx, by) = (self.tx, self.by);
        if let Some(taken) = taken(tx, &by.organization, &new.email)? {
            return Ok(Answer::Taken(taken));
        }
        if !self.has_room() {
            return Ok(Answer::OverCredits);
        }
        if let Some(team) = &new.team {
            teams::must_exist(tx, &by.organization, team)?;
        }
        let invite = insert(tx, by, new)?;
        known::keep(tx, &invite.id, known)?;
        self.room = self.room.map(|room| room - 1);
        announce(tx, &by.organization);
        Ok(Answer::Invited)
    }
}

/// How many more invites may wait for an answer; none where nobody counts. An invite whose time is over doesn't wait.
pub fn room(view: &View, organization: &OrganizationId) -> Result<Option<i64>> {
    let expired = super::expired(view, organization)?;
    let organization = organizations::get(view, organization)?;
    let cap = organization.shown_credits().saturating_mul(PENDING_PER_CREDIT);
    Ok((!organization.unlimited).then(|| cap.saturating_sub(organization.pending_invites - expired).max(0)))
}
