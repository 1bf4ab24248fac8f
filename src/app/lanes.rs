//! How many deliveries a host gets at the same time: enough to be quick, and so few that a slow host holds up nobody else.

use std::{
    collections::{HashMap, HashSet},
    sync::{Mutex, PoisonError},
};

use crate::{error::Result, ids::DeliveryId, webhooks::Due};

/// Deliveries to one host at the same time.
pub const LANES: usize = 16;

/// The lanes of one server.
#[derive(Debug, Default)]
pub struct Lanes(Mutex<HashMap<String, Host>>);

#[derive(Debug, Default)]
struct Host {
    lanes: usize,
    busy: HashSet<DeliveryId>,
}

/// A lane to a host, until this is dropped.
#[derive(Debug)]
pub struct Lane<'a> {
    lanes: &'a Lanes,
    host: String,
    carries: Option<DeliveryId>,
    open: bool,
}

impl Lanes {
    /// A lane to this host, if one is free. Whoever finds none can go: who is in a lane leaves it only when nothing is due.
    pub fn enter(&self, host: &str) -> Option<Lane<'_>> {
        let mut hosts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = hosts.entry(host.to_owned()).or_default();
        if known.lanes >= LANES {
            return None;
        }
        known.lanes += 1;
        Some(Lane { lanes: self, host: host.to_owned(), carries: None, open: true })
    }
}

impl Lane<'_> {
    /// The next delivery that nobody else carries. Looking and leaving are one step: what becomes due after the look is found
    /// by its own job, which finds this lane free.
    pub fn next(&mut self, due: impl FnOnce() -> Result<Vec<Due>>) -> Result<Option<Due>> {
        let mut hosts = self.lanes.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(host) = hosts.get_mut(&self.host) else { return Ok(None) };
        if let Some(carried) = self.carries.take() {
            host.busy.remove(&carried);
        }
        let next = due()?.into_iter().find(|due| !host.busy.contains(&due.id));
        match &next {
            Some(due) => {
                host.busy.insert(due.id.clone());
                self.carries = Some(due.id.clone());
            }
            None => {
                self.open = false;
                host.lanes -= 1;
                if host.lanes == 0 {
                    hosts.remove(&self.host);
                }
            }
        }
        Ok(next)
    }
}

/// Also when what was done in it failed.
impl Drop for Lane<'_> {
    fn drop(&mut self) {
        if !self.open {
            return;
        }
        let mut hosts = self.lanes.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(host) = hosts.get_mut(&self.host) {
            if let Some(carried) = &self.carries {
                host.busy.remove(carried);
            }
            host.lanes -= 1;
            if host.lanes == 0 {
                hosts.remove(&self.host);
            }
        }
    }
}
