//! How long someone still waits: who is before them, and what shoots have really taken.

use std::time::Duration;

use rusqlite::named_params;

use super::{Shoot, State};
use crate::{db::View, error::Result};

/// The latest shoots of this server that are looked at.
const LATEST: u32 = 20;

/// What is known of whoever makes a shoot, without asking what earlier ones took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Makers {
    /// How long one takes them, if they know that beforehand.
    pub usual: Option<Duration>,
    /// How many they make at the same time.
    pub at_once: usize,
}

/// How long the shoots ahead of this one and itself will take. Judged by the middle one of the latest shoots, from when the
/// generator began with them to their end, so that neither a long night nor a long line counts; as long as there is none, by
/// what its makers say. Nothing if that isn't known either, or if it failed for good.
pub fn estimate(view: &View, shoot: &Shoot, makers: Makers) -> Result<Option<Duration>> {
    let took = usual(view, shoot.development)?.or(makers.usual);
    let Some(took) = took.filter(|_| shoot.state.waits() && !shoot.gave_up()) else { return Ok(None) };
    let spent = shoot.working_at.map_or(Duration::ZERO, |since| view.now.since(since));
    Ok(Some(took.saturating_mul(rounds_before(view, shoot, makers)?) + took.saturating_sub(spent)))
}

/// How many rounds are over before this shoot's own. Those made at once are a round, and who finds one not full is in it: of five
/// at two at once, the second waits for nobody, and the fifth for two rounds.
fn rounds_before(view: &View, shoot: &Shoot, makers: Makers) -> Result<u32> {
    let before = usize::try_from(before(view, shoot)?).unwrap_or_default();
    Ok(u32::try_from(before / makers.at_once.max(1)).unwrap_or(u32::MAX))
}

/// What the middle one of the latest shoots took; nothing if there are none.
fn usual(view: &View, development: bool) -> Result<Option<Duration>> {
    let mut took: Vec<i64> = view.all(
        "select max(finished_at - coalesce(working_at, submitted_at), 0) from shoots
         where state = 'ready' and development = :development
         order by finished_at desc limit :latest",
        named_params! { ":development": development, ":latest": LATEST },
        |row| row.get(0),
    )?;
    took.sort_unstable();
    Ok(took.get(took.len() / 2).map(|millis| Duration::from_millis(millis.unsigned_abs())))
}

/// How many shoots the generator does before this one, those included that it works on.
pub fn before(view: &View, shoot: &Shoot) -> Result<i64> {
    match shoot.state {
        State::Submitted => ahead(view, shoot),
        _ if shoot.waits_for_turn() => Ok(shoot.ahead.into()),
        _ => Ok(0),
    }
}

/// How many shoots were handed in before this one and still wait.
fn ahead(view: &View, shoot: &Shoot) -> Result<i64> {
    view.one(
        "select count(*) from shoots
         where state in ('submitted', 'training', 'generating') and submitted_at < :submitted",
        named_params! { ":submitted": shoot.submitted_at },
        |row| row.get(0),
    )
}
