//! A word to members who have joined and handed no photos in.

use std::time::Duration;

use super::{Shoot, State, latest};
use crate::{
    audit::{self, Action},
    clock::Timestamp,
    db::{Tx, View},
    error::{Error, Result},
    ids::MemberId,
    members::{self, Actor, Email, Kind, Member, Role},
    queue::{self, Job},
};

/// How long after one nudge the next may go out.
const NUDGED_LATELY: Duration = Duration::from_secs(24 * 60 * 60);

/// Why someone can't be nudged now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoNudge {
    /// They have no address, or another product looks after them. [004]
    Unreachable,
    /// They have handed their photos in, or have none to hand in.
    Nothing,
    /// The last one went out then, less than a day ago.
    Lately(Timestamp),
}

/// Who is to be written to, and about which shoot; or why nobody is.
pub fn nudgeable(view: &View, member: &Member) -> Result<Result<(Email, Shoot), NoNudge>> {
    Ok(match (waits_for_photos(view, member)?, nudged_at(view, &member.id)?) {
        (Ok(_), Some(last)) if view.now < last + NUDGED_LATELY => Err(NoNudge::Lately(last)),
        (found, _) => found,
    })
}

/// The same however lately they were nudged: for the mail itself, which is on its way by then.
pub fn waits_for_photos(view: &View, member: &Member) -> Result<Result<(Email, Shoot), NoNudge>> {
    let Some(email) = member.email.clone().filter(|_| member.kind != Kind::Anonymous) else {
        return Ok(Err(NoNudge::Unreachable));
    };
    let open = latest(view, &member.id)?.filter(|shoot| shoot.state == State::Onboarding);
    Ok(open.map(|shoot| (email, shoot)).ok_or(NoNudge::Nothing))
}

/// When a member was nudged last, if they were within the last year.
pub fn nudged_at(view: &View, member: &MemberId) -> Result<Option<Timestamp>> {
    audit::last(view, member, Action::Reminded)
}

/// Reminds a member who has joined that their photos are missing, with a fresh link.
///
/// # Errors
/// No such member; they can't be reached, have nothing to hand in, or were reminded less than a day ago.
pub fn nudge(tx: &Tx, by: &Actor, id: &MemberId) -> Result<Member> {
    by.must_be(Role::Admin)?;
    let member = members::of_organization(tx, &by.organization, id)?;
    let refused = match nudgeable(tx, &member)? {
        Ok(_) => {
            queue::push(tx, Job::NudgeMail(member.id.clone()))?;
            by.note(tx, Action::Reminded, Some(&member), None)?;
            return Ok(member);
        }
        Err(NoNudge::Unreachable) => say!("{name} has no address that mail could go to.", name = member.called()),
        Err(NoNudge::Nothing) => {
            say!("{name} has nothing to hand in, so there is nothing to remind of.", name = member.called())
        }
        Err(NoNudge::Lately(last)) => say!(
            "{name} was reminded less than a day ago, at {time} UTC. One reminder a day is enough.",
            name = member.called(),
            time = last.date_time().format("%H:%M").to_string()
        ),
    };
    Err(Error::invalid(refused))
}

/// What became of several nudges.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Nudged {
    /// Sent.
    pub sent: usize,
    /// Left out: the last one is less than a day old.
    pub lately: usize,
    /// Left out: there is nothing to hand in.
    pub nothing: usize,
    /// Left out: there is no address.
    pub unreachable: usize,
}

/// Nudges all of these members who can be, and says what became of the others.
///
/// # Errors
/// One of them isn't the organization's; then nobody is written to.
pub fn nudge_all(tx: &Tx, by: &Actor, ids: &[MemberId]) -> Result<Nudged> {
    let mut nudged = Nudged::default();
    for id in ids {
        let member = members::of_organization(tx, &by.organization, id)?;
        match nudgeable(tx, &member)? {
            Ok(_) => {
                nudge(tx, by, id)?;
                nudged.sent += 1;
            }
            Err(NoNudge::Lately(_)) => nudged.lately += 1,
            Err(NoNudge::Nothing) => nudged.nothing += 1,
            Err(NoNudge::Unreachable) => nudged.unreachable += 1,
        }
    }
    Ok(nudged)
}
