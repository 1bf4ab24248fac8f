//! Who wants to know that something was committed: workers that wait for jobs, pages that show a live state.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use tokio::sync::watch;

use crate::ids::{OrganizationId, ShootId};

/// What a commit can be about.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Topic {
    /// A queue has a new or changed job.
    Queue(&'static str),
    /// A shoot moved on.
    Shoot(ShootId),
    /// Something an organization's lists show changed.
    Organization(OrganizationId),
    /// There is a shoot to be made, for whoever asks first.
    Work,
    /// A browser was signed out, whoever's it is.
    SignedOut,
}

impl Topic {
    /// How often it rang is kept while nobody listens: a page that opens has to know whether it missed something. There is
    /// one such bell an organization, so they stay few.
    fn is_counted(&self) -> bool {
        matches!(self, Self::Organization(_))
    }
}

/// Each holds how often it rang, from a number of this process on: a count that an earlier one gave out is none of this one's.
pub(super) struct Bells {
    rung: Mutex<HashMap<Topic, watch::Sender<u64>>>,
    first: u64,
}

impl Default for Bells {
    fn default() -> Self {
        Self { rung: Mutex::default(), first: u64::from(rand::random::<u32>()) << 16 }
    }
}

impl Bells {
    pub(super) fn listen(&self, topic: Topic) -> watch::Receiver<u64> {
        let mut rung = self.rung.lock().unwrap_or_else(PoisonError::into_inner);
        rung.entry(topic).or_insert_with(|| watch::Sender::new(self.first)).subscribe()
    }

    pub(super) fn count(&self, topic: &Topic) -> u64 {
        let rung = self.rung.lock().unwrap_or_else(PoisonError::into_inner);
        rung.get(topic).map_or(self.first, |bell| *bell.borrow())
    }

    pub(super) fn ring(&self, topics: impl IntoIterator<Item = Topic>) {
        let mut rung = self.rung.lock().unwrap_or_else(PoisonError::into_inner);
        for topic in topics {
            if topic.is_counted() {
                rung.entry(topic).or_insert_with(|| watch::Sender::new(self.first)).send_modify(|count| *count += 1);
            } else if let Some(bell) = rung.get(&topic) {
                if bell.receiver_count() == 0 {
                    rung.remove(&topic);
                } else {
                    bell.send_modify(|count| *count += 1);
                }
            }
        }
    }

    pub(super) fn ring_all(&self) {
        let mut rung = self.rung.lock().unwrap_or_else(PoisonError::into_inner);
        rung.retain(|topic, bell| {
            bell.send_modify(|count| *count += 1);
            topic.is_counted() || bell.receiver_count() > 0
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_organizations_bell_is_counted_while_nobody_listens() {
        let (bells, acme, globex) = (Bells::default(), OrganizationId::new(), OrganizationId::new());
        let (acme, globex) = (Topic::Organization(acme), Topic::Organization(globex));
        let before = (bells.count(&acme), bells.count(&globex));
        bells.ring([acme.clone()]);
        assert_eq!((bells.count(&acme), bells.count(&globex)), (before.0 + 1, before.1));
        assert_eq!(*bells.listen(acme.clone()).borrow(), before.0 + 1);
        bells.ring_all();
        assert_eq!(bells.count(&acme), before.0 + 2);
    }

    #[test]
    fn what_nobody_listens_to_any_more_is_forgotten() {
        let (bells, shoot) = (Bells::default(), Topic::Shoot(ShootId::new()));
        let mut heard = bells.listen(shoot.clone());
        bells.ring([shoot.clone()]);
        assert!(heard.has_changed().unwrap());
        heard.mark_unchanged();
        drop(heard);
        bells.ring([shoot]);
        assert!(bells.rung.lock().unwrap().is_empty());
    }
}
