//! Whose shoots are whose: what a member may do to their own, and who else sees its pictures.

use super::{Shoot, State, Whereabouts, begin, choose_gender, get, latest, note_behalf, submit_read};
use crate::{
    audit::Action,
    config::PhotoChecks,
    db::{Tx, View},
    error::{Error, Result},
    i18n::Language,
    ids::{MemberId, ShootId},
    members::{self, Member, PersonName},
    shoots::Gender,
};

impl Shoot {
    /// Whether this is the member's own.
    pub fn is_of(&self, member: &Member) -> bool {
        self.member.as_ref() == Some(&member.id)
    }

    /// Whether someone may see its pictures: the member in them, and the leads of the organization.
    pub fn is_seen_by(&self, viewer: &Member) -> bool {
        let by_lead = viewer.leads() && self.organization == viewer.organization;
        self.state != State::Deleted && (self.is_of(viewer) || by_lead)
    }
}

/// A member's own shoot that is ready. To all others there is none.
pub fn own_results(view: &View, id: &ShootId, member: &Member) -> Result<Shoot> {
    let shoot = get(view, id)?;
    if shoot.is_of(member) && shoot.state == State::Ready { Ok(shoot) } else { Err(Error::NotFound("Model")) }
}

/// A member's own latest shoot, to add photos to.
pub fn own_open(view: &View, member: &Member) -> Result<Shoot> {
    let shoot = latest(view, &member.id)?
        .ok_or_else(|| Error::invalid(say!("There are no headshots to add photos to yet. Begin with your name.")))?;
    shoot.must_be_open()?;
    Ok(shoot)
}

/// Takes down what a member says about themselves. Whoever never had a shoot, such as the owner, begins one with it.
pub fn introduce(tx: &Tx, member: &Member, name: &PersonName, gender: Gender) -> Result<()> {
    let shoot = match latest(tx, &member.id)? {
        Some(shoot) => shoot,
        None => begin(tx, &member.organization, &member.id, false)?,
    };
    choose_gender(tx, &shoot, gender)?;
    members::rename(tx, &member.account, name)
}

/// Hands in what a member has gathered. Pressed twice, or in two windows, the second time finds it handed in.
/// Consent is `given_by` the member, or by a lead who acts for them.
///
/// # Errors
/// As [`submit`].
pub fn submit_once(
    tx: &Tx,
    member: &Member,
    given_by: &MemberId,
    checks: PhotoChecks,
    at: &Whereabouts,
    reads: Language,
) -> Result<()> {
    match latest(tx, &member.id)? {
        Some(shoot) if shoot.state == State::Onboarding => {
            submit_read(tx, &shoot.id, given_by, checks, at, reads)?;
            note_behalf(tx, &members::get(tx, given_by)?, member, Action::SubmittedFor)
        }
        Some(_) => Ok(()),
        None => Err(Error::invalid(say!("There is nothing to submit yet. Begin with your name."))),
    }
}
