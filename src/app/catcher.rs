//! Development mode's own webhook receiver: keeps the latest requests, to look at.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Mutex, PoisonError},
};

use serde::Serialize;

use crate::clock::Timestamp;

/// Requests kept at most.
const KEPT: usize = 500;

/// The requests caught, newest first.
#[derive(Debug, Default)]
pub struct Catcher(Mutex<VecDeque<Caught>>);

/// A request that was caught.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Caught {
    /// When.
    pub received_at: Timestamp,
    /// Its headers, names in lower case.
    pub headers: BTreeMap<String, String>,
    /// Its body: as JSON if it is JSON, or else as text.
    pub body: serde_json::Value,
}

impl Catcher {
    /// Keeps a request.
    pub fn keep(&self, caught: Caught) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.push_front(caught);
        kept.truncate(KEPT);
    }

    /// All that are kept, newest first.
    pub fn all(&self) -> Vec<Caught> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }
}
