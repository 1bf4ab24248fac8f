//! The checks of a running server, in the background: some ask the network or read the whole database, and no page waits for them
//! longer than it wants to.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::sync::watch;

use super::{Bench, Check, Found};
use crate::{
    clock::{Clock, Timestamp},
    config::Config,
};

/// What was found last, of each check; clones are the same.
#[derive(Clone, Default)]
pub struct Checkup(Arc<State>);

#[derive(Default)]
struct State {
    /// Whether a round is under way.
    round: watch::Sender<bool>,
    taken: Mutex<BTreeMap<Check, Taken>>,
}

/// What a check found, and when.
#[derive(Clone, Debug)]
pub struct Taken {
    /// What.
    pub found: Found,
    /// When.
    pub at: Timestamp,
}

/// A round that ends with its scope, also when a check panics.
struct Round(Checkup);

impl Drop for Round {
    fn drop(&mut self) {
        self.0.0.round.send_replace(false);
    }
}

impl Checkup {
    /// Begins to look at all of these anew, unless a round is under way.
    pub fn begin(&self, config: &Config, clock: &Clock, checks: &'static [Check]) {
        if !self.0.round.send_if_modified(|under_way| !std::mem::replace(under_way, true)) {
            return;
        }
        let (round, config, clock) = (Round(self.clone()), config.clone(), clock.clone());
        let on_file = checks.contains(&Check::Database);
        tokio::task::spawn_blocking(move || {
            for check in checks {
                // The time that a finding goes by is that of its own look.
                let now = clock.now();
                let Ok(bench) = Bench::new(&config, now, true) else { return };
                let bench = if on_file { bench } else { bench.in_memory() };
                let taken = Taken { found: bench.look(*check), at: now };
                round.0.taken().insert(*check, taken);
            }
        });
    }

    /// Waits until no round is under way, for so long at most. Says whether there is none.
    pub async fn over(&self, within: Duration) -> bool {
        let mut round = self.0.round.subscribe();
        tokio::time::timeout(within, round.wait_for(|under_way| !under_way)).await.is_ok()
    }

    /// What was found last of a check; nothing if nobody has looked yet.
    pub fn last(&self, check: Check) -> Option<Taken> {
        self.taken().get(&check).cloned()
    }

    fn taken(&self) -> MutexGuard<'_, BTreeMap<Check, Taken>> {
        self.0.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
