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
}

#[derive(Default)]
pub(super) struct Bells {
    rung: Mutex<HashMap<Topic, watch::Sender<()>>>,
}

impl Bells {
    pub(super) fn listen(&self, topic: Topic) -> watch::Receiver<()> {
        let mut rung = self.rung.lock().unwrap_or_else(PoisonError::into_inner);
        rung.entry(topic).or_insert_with(|| watch::Sender::new(())).subscribe()
    }

    pub(super) fn ring(&self, topics: impl IntoIterator<Item = Topic>) {
        let mut rung = self.rung.lock().unwrap_or_else(PoisonError::into_inner);
        for topic in topics {
            if let Some(bell) = rung.get(&topic)
                && bell.send(()).is_err()
            {
                rung.remove(&topic);
            }
        }
    }

    pub(super) fn ring_all(&self) {
        let mut rung = self.rung.lock().unwrap_or_else(PoisonError::into_inner);
        rung.retain(|_, bell| bell.send(()).is_ok());
    }
}
