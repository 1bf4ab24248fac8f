//! Whose shoots are whose: what a member may do to their own, and who else sees its pictures.

use super::{
    Shoot, State, Whereabouts, begin, choose_gender, get, latest, note_behalf, submit_agreed, to_agree, version_of,
};
use crate::{
    audit::Action,
    config::PhotoChecks,
    db::{Tx, View},
    error::{Error, Result},
    i18n::{Language, speaking},
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

/// Somebody's consent, as they gave it.
#[derive(Clone, Debug)]
pub struct Consenting {
    /// The person in the photos, or a lead who acts for them.
    pub by: MemberId,
    /// The language they read the words in; in it they are written down.
    pub reads: Language,
    /// The version of the words they saw. None will do only where photos go nowhere.
    pub saw: Option<String>,
}

/// What became of handing photos in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HandedIn {
    /// They are handed in, now or before.
    Done,
    /// Nothing was done: the words are no longer those that were agreed to.
    WordsChanged,
}

/// Hands in what a member has gathered. Pressed twice, or in two windows, the second time finds it handed in.
///
/// # Errors
/// As [`submit`].
pub fn submit_once(
    tx: &Tx,
    member: &Member,
    consent: &Consenting,
    checks: PhotoChecks,
    at: &Whereabouts,
) -> Result<HandedIn> {
    match latest(tx, &member.id)? {
        Some(shoot) if shoot.state == State::Onboarding => {
            let at = at.of(&shoot);
            let agreed = speaking(consent.reads, || to_agree(tx, member, &consent.by, &at))?;
            let the_same = match &consent.saw {
                Some(saw) => *saw == version_of(&agreed.text),
                None => at == Whereabouts::default(),
            };
            if !the_same {
                return Ok(HandedIn::WordsChanged);
            }
            submit_agreed(tx, &shoot, &consent.by, checks, &at, &agreed)?;
            note_behalf(tx, &members::get(tx, &consent.by)?, member, Action::SubmittedFor)?;
            Ok(HandedIn::Done)
        }
        Some(_) => Ok(HandedIn::Done),
        None => Err(Error::invalid(say!("There is nothing to submit yet. Begin with your name."))),
    }
}
