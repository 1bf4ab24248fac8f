//! Replies of lists, kept as bytes for as long as the organization's change counter says they are true. The counter is part
//! of the same snapshot as the rows, so a kept reply is never older than what a new query would find.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use bytes::Bytes;

use crate::{clock::Timestamp, ids::OrganizationId};

/// Bytes kept at most; beyond it everything is forgotten and begun anew.
const ROOM: usize = 16 << 20;

/// The kept replies of one server.
#[derive(Debug, Default)]
pub struct Replies {
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    by_query: HashMap<(OrganizationId, String), Reply>,
    bytes: usize,
}

/// A reply, and what it depends on.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The organization's change counter it was made at.
    pub changes: i64,
    /// When time alone makes it wrong.
    pub until: Option<Timestamp>,
    /// Its body.
    pub body: Bytes,
}

impl Replies {
    /// The reply to `query`, if it is still true.
    pub fn find(&self, organization: &OrganizationId, query: &str, changes: i64, now: Timestamp) -> Option<Bytes> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let reply = kept.by_query.get(&(organization.clone(), query.to_owned()))?;
        (reply.changes == changes && reply.until.is_none_or(|until| now < until)).then(|| reply.body.clone())
    }

    /// Keeps a reply.
    pub fn keep(&self, organization: &OrganizationId, query: &str, reply: Reply) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.bytes + reply.body.len() > ROOM {
            *kept = Kept::default();
        }
        kept.bytes += reply.body.len();
        if let Some(old) = kept.by_query.insert((organization.clone(), query.to_owned()), reply) {
            kept.bytes -= old.body.len();
        }
    }
}
