//! What the generator's answers do to a shoot. Each call is one transaction and safe to repeat: a job that ran twice finds
//! the shoot already moved on, and leaves it.

use std::time::Duration;

use rusqlite::named_params;

use super::{Shoot, State, expiry, get, step, tell};
use crate::{
    credits,
    db::{Topic, Tx, View},
    error::Result,
    events::Kind,
    generator::{Handle, Stage},
    ids::ShootId,
    notifications::{self, About},
    queue::{self, Job},
};

/// How often a failed shoot restarts by itself.
const RESTARTS: u8 = 3;

/// How long it waits before each of them.
const RESTART_AFTER: [Duration; RESTARTS as usize] =
    [Duration::from_secs(10), Duration::from_secs(60), Duration::from_secs(600)];

/// A stage that is worked on for longer than this has failed, whatever the generator says.
const STAGE_LIMIT: Duration = Duration::from_secs(6 * 60 * 60);

/// The same for one that waits for its turn, which a hundred others may have before.
const LINE_LIMIT: Duration = Duration::from_secs(3 * 24 * 60 * 60);

/// What became of a step that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was taken.
    Done,
    /// The shoot stands elsewhere by now: nothing to do.
    Elsewhere,
}

/// The generator has taken the shoot and calls it `handle`. Stored before the first question about it, so that a restart
/// of ours asks on instead of handing it over again.
pub fn begin_training(tx: &Tx, id: &ShootId, handle: &Handle) -> Result<Outcome> {
    let shoot = get(tx, id)?;
    if shoot.state != State::Submitted {
        return in_vain(tx, &shoot, handle);
    }
    set_handle(tx, id, handle)?;
    step(tx, &shoot, State::Training)?;
    Ok(Outcome::Done)
}

/// The generator had lost the shoot that `seen` was, was handed it over again, and calls it `handle` now. For everyone else
/// nothing has happened: the shoot stands where it stood, no restart is used up and no event is told.
pub fn hand_over_again(tx: &Tx, seen: &Shoot, handle: &Handle) -> Result<Outcome> {
    if !is_still(tx, seen)? || !matches!(seen.state, State::Training | State::Generating) {
        return in_vain(tx, &get(tx, &seen.id)?, handle);
    }
    set_handle(tx, &seen.id, handle)?;
    Ok(Outcome::Done)
}

/// What was handed over while the shoot moved elsewhere is taken back.
fn in_vain(tx: &Tx, shoot: &Shoot, handle: &Handle) -> Result<Outcome> {
    if shoot.handle.as_ref() != Some(handle) {
        queue::push(tx, Job::Cancel(shoot.id.clone(), handle.clone()))?;
    }
    Ok(Outcome::Elsewhere)
}

/// The generator is to stop and forget what it has of a shoot: by a job of its own, which is tried again until it has heard.
pub(super) fn owe_cancel(tx: &Tx, shoot: &Shoot) -> Result<()> {
    if let Some(handle) = &shoot.handle {
        queue::push(tx, Job::Cancel(shoot.id.clone(), handle.clone()))?;
    }
    Ok(())
}

/// The same where no handle is known: a hand-over may have arrived although its answer never did.
pub(super) fn owe_unanswered(tx: &Tx, shoot: &Shoot) -> Result<()> {
    queue::push(tx, Job::Cancel(shoot.id.clone(), Handle::new(shoot.id.as_str()))).map(drop)
}

/// A hand-over ended without an answer, and the shoot stands elsewhere by now. If nobody wants it any more, the generator is to
/// forget what it may have of it: whoever told it so before may have come before the photos. Otherwise it is handed over again,
/// and is the same to the generator.
pub fn went_unanswered(tx: &Tx, id: &ShootId) -> Result<()> {
    let shoot = get(tx, id)?;
    if shoot.state == State::Deleted || shoot.gave_up() { owe_unanswered(tx, &shoot) } else { Ok(()) }
}

fn set_handle(tx: &Tx, id: &ShootId, handle: &Handle) -> Result<()> {
    tx.execute(
        "update shoots set handle = :handle, ahead = 0, working_at = null where id = :id",
        named_params! { ":handle": handle.stored(), ":id": id },
    )?;
    Ok(())
}

/// Whether what a generator says about the shoot that `seen` was is about the one there is now. It may have been restarted,
/// handed over again or deleted since.
pub fn is_still(view: &View, seen: &Shoot) -> Result<bool> {
    let now = get(view, &seen.id)?;
    Ok(now.handle == seen.handle && now.restarts == seen.restarts && now.state != State::Deleted)
}

/// The generator says that so many others come before the shoot that `seen` was.
pub fn queued(tx: &Tx, seen: &Shoot, ahead: u32) -> Result<Outcome> {
    if !is_still(tx, seen)? {
        return Ok(Outcome::Elsewhere);
    }
    if ahead != seen.ahead || seen.working_at.is_some() {
        tx.execute(
            "update shoots set ahead = :ahead, working_at = null where id = :id",
            named_params! { ":ahead": ahead, ":id": seen.id },
        )?;
        tx.ring(Topic::Shoot(seen.id.clone()));
    }
    Ok(Outcome::Done)
}

/// The generator says how far the shoot that `seen` was is. It may have gone through a stage between two questions; the shoot
/// then takes the steps one by one, so that whoever follows its events sees each.
pub fn report(tx: &Tx, seen: &Shoot, stage: Stage, percent: u8) -> Result<Outcome> {
    let id = &seen.id;
    let mut shoot = get(tx, id)?;
    if !is_still(tx, seen)? || !matches!(shoot.state, State::Training | State::Generating) {
        return Ok(Outcome::Elsewhere);
    }
    if shoot.working_at.is_none() {
        tx.execute(
            "update shoots set ahead = 0, working_at = :now where id = :id",
            named_params! { ":now": tx.now, ":id": id },
        )?;
        tx.ring(Topic::Shoot(id.clone()));
    }
    if stage == Stage::Generating && shoot.state == State::Training {
        shoot = step(tx, &shoot, State::Generating)?;
    }
    if percent > shoot.progress {
        tx.execute(
            "update shoots set progress = :percent where id = :id",
            named_params! { ":percent": percent.min(99), ":id": id },
        )?;
        tx.ring(Topic::Shoot(id.clone()));
    }
    Ok(Outcome::Done)
}

/// The headshots are made and stored: the member can see them.
pub fn ready(tx: &Tx, id: &ShootId) -> Result<Outcome> {
    let mut shoot = get(tx, id)?;
    if shoot.state == State::Training {
        shoot = step(tx, &shoot, State::Generating)?;
    }
    if shoot.state != State::Generating {
        return Ok(Outcome::Elsewhere);
    }
    tx.execute(
        "update shoots set finished_at = :now, progress = 100, failure = null where id = :id",
        named_params! { ":now": tx.now, ":id": id },
    )?;
    let shoot = step(tx, &shoot, State::Ready)?;
    owe_cancel(tx, &shoot)?;
    expiry::set_date(tx, &shoot)?;
    tell(tx, &shoot, Kind::PhotosReady)?;
    queue::push(tx, Job::ReadyMail(id.clone()))?;
    super::tell_leads(tx, &shoot, &About::Ready(id.clone()))?;
    Ok(Outcome::Done)
}

/// A try failed. The shoot restarts by itself, later each time; after the last time it stays, its credit comes back and
/// the leads are told.
///
/// `final_` is for what trying again can't cure, such as photos the generator refuses.
pub fn fail(tx: &Tx, id: &ShootId, words: &str, final_: bool) -> Result<Outcome> {
    let shoot = get(tx, id)?;
    if !matches!(shoot.state, State::Submitted | State::Training | State::Generating) {
        return Ok(Outcome::Elsewhere);
    }
    owe_cancel(tx, &shoot)?;
    let restarts = if final_ { RESTARTS } else { shoot.restarts };
    set_failure(tx, id, words, restarts)?;
    step(tx, &shoot, State::Failed)?;
    match RESTART_AFTER.get(usize::from(restarts)) {
        Some(pause) => {
            queue::push_at(tx, Job::Shoot(id.clone()), tx.now + *pause)?;
        }
        None => {
            // Photos that are refused at once have had their answer; those of an earlier try may have arrived without one.
            if !final_ || shoot.restarts > 0 {
                owe_unanswered(tx, &shoot)?;
            }
            give_up(tx, &shoot)?;
        }
    }
    Ok(Outcome::Done)
}

/// Ends a shoot that is on its way, or waits to be tried again, because its photos may not be with the generator any more: that is
/// to forget what it has of it, and what it may have.
pub(super) fn take_back(tx: &Tx, shoot: &Shoot, words: &str) -> Result<()> {
    owe_cancel(tx, shoot)?;
    // It may be handed over at this moment, or have been without an answer.
    if shoot.handle.is_none() || shoot.restarts > 0 {
        owe_unanswered(tx, shoot)?;
    }
    set_failure(tx, &shoot.id, words, RESTARTS)?;
    if shoot.state == State::Failed {
        // No step, so nothing else rings.
        tx.ring(Topic::Shoot(shoot.id.clone()));
        tx.ring(Topic::Organization(shoot.organization.clone()));
    } else {
        step(tx, shoot, State::Failed)?;
    }
    give_up(tx, shoot)
}

fn set_failure(tx: &Tx, id: &ShootId, words: &str, restarts: u8) -> Result<()> {
    tx.execute(
        "update shoots set failure = :words, restarts = :restarts, handle = null, ahead = 0, working_at = null, progress = 0
         where id = :id",
        named_params! { ":words": words, ":restarts": restarts, ":id": id },
    )?;
    Ok(())
}

/// Nothing more is tried: the credit comes back, and the leads are told.
fn give_up(tx: &Tx, shoot: &Shoot) -> Result<()> {
    credits::give_back(tx, &shoot.organization, &shoot.id, "The headshots could not be made")?;
    notifications::tell(tx, &shoot.organization, &About::Failed(shoot.id.clone()))
}

/// Sends a failed shoot back to the start of the line, once its pause is over. Costs nothing.
///
/// Before that it stays where it is: whoever asks so early is the job of the try that failed, and another one waits for the end
/// of the pause already.
pub fn restart(tx: &Tx, id: &ShootId) -> Result<Outcome> {
    let shoot = get(tx, id)?;
    let pause = RESTART_AFTER.get(usize::from(shoot.restarts));
    let due = pause.is_some_and(|pause| shoot.stage_at + *pause <= tx.now);
    if shoot.state != State::Failed || !due {
        return Ok(Outcome::Elsewhere);
    }
    tx.execute("update shoots set restarts = restarts + 1 where id = :id", named_params! { ":id": id })?;
    step(tx, &shoot, State::Submitted)?;
    Ok(Outcome::Done)
}

/// The shoots whose stage overran its limit, and those that should have restarted long ago: their job is stuck or lost.
/// Time in which a shoot waits for its turn is not counted as work.
pub fn overdue(view: &View) -> Result<Vec<ShootId>> {
    view.all(
        "select id from shoots
         where state in ('submitted', 'training', 'generating', 'failed') and stage_at < :since
           and (state != 'failed' or restarts < :restarts)
           and (state in ('submitted', 'failed') or working_at < :since or (working_at is null and stage_at < :in_line))
         order by stage_at limit 100",
        named_params! {
            ":since": view.now - STAGE_LIMIT, ":in_line": view.now - LINE_LIMIT, ":restarts": RESTARTS,
        },
        |row| row.get(0),
    )
}

/// Gets an [`overdue`] shoot going again: what is under way fails and so restarts, what waits for its restart gets a new job.
pub fn wake(tx: &Tx, id: &ShootId) -> Result<Outcome> {
    let shoot = get(tx, id)?;
    if !shoot.is_overdue(tx) {
        return Ok(Outcome::Elsewhere);
    }
    if shoot.state == State::Failed && !shoot.gave_up() {
        queue::push(tx, Job::Shoot(id.clone()))?;
        return Ok(Outcome::Done);
    }
    fail(tx, id, "It took too long.", false)
}

impl Shoot {
    /// Whether it failed too often, or in a way that trying again can't cure.
    pub fn gave_up(&self) -> bool {
        self.state == State::Failed && self.restarts >= RESTARTS
    }

    /// Whether headshots are still to be made of it.
    pub fn is_wanted(&self) -> bool {
        self.state.waits() && !self.gave_up()
    }

    /// Whether an earlier try ended, of which the generator may have kept something.
    pub(super) fn was_tried(&self) -> bool {
        self.is_wanted() && (self.state == State::Failed || self.restarts > 0)
    }

    /// Whether the generator has it, and has others to do first.
    pub fn waits_for_turn(&self) -> bool {
        self.state == State::Training && self.working_at.is_none() && self.ahead > 0
    }

    fn is_overdue(&self, view: &View) -> bool {
        let (since, limit) = match (self.state, self.working_at) {
            (State::Training | State::Generating, Some(working)) => (working.max(self.stage_at), STAGE_LIMIT),
            (State::Training | State::Generating, None) => (self.stage_at, LINE_LIMIT),
            _ => (self.stage_at, STAGE_LIMIT),
        };
        view.now.since(since) > limit
    }
}
