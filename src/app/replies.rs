//! Replies of lists, kept as bytes for as long as the organization's change counter says they are true. The counter is part
//! of the same snapshot as the rows, so a kept reply is never older than what a new query would find.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use actix_web::http::header::HeaderValue;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use bytes::Bytes;
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::{
    clock::Timestamp,
    error::{Error, Result},
    ids::OrganizationId,
    wire::Success,
};

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

/// A reply as it goes out: its bytes, and the tag that names them and no others. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Written {
    /// Its body.
    pub body: Bytes,
    /// Its strong entity tag, with the quotes.
    pub tag: HeaderValue,
}

impl Written {
    /// The keys of this reply beside `"success": true`.
    ///
    /// # Errors
    /// A reply that can't be said in JSON, which is our mistake.
    pub fn of(reply: impl Serialize) -> Result<Self> {
        let body = serde_json::to_vec(&Success::from(reply))?;
        let sum = Sha256::digest(&body);
        // 128 bits are more than chance ever meets twice.
        let tag = format!("\"{}\"", BASE64_URL_SAFE_NO_PAD.encode(&sum[..16]));
        Ok(Self { body: body.into(), tag: HeaderValue::try_from(tag).map_err(Error::internal)? })
    }
}

/// A reply, and what it depends on.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The organization's change counter it was made at.
    pub changes: i64,
    /// When time alone makes it wrong.
    pub until: Option<Timestamp>,
    /// The reply itself.
    pub written: Written,
}

impl Replies {
    /// The reply to `query`, if it is still true.
    pub fn find(&self, organization: &OrganizationId, query: &str, changes: i64, now: Timestamp) -> Option<Written> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let reply = kept.by_query.get(&(organization.clone(), query.to_owned()))?;
        (reply.changes == changes && reply.until.is_none_or(|until| now < until)).then(|| reply.written.clone())
    }

    /// Keeps a reply.
    pub fn keep(&self, organization: &OrganizationId, query: &str, reply: Reply) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.bytes + reply.written.body.len() > ROOM {
            *kept = Kept::default();
        }
        kept.bytes += reply.written.body.len();
        if let Some(old) = kept.by_query.insert((organization.clone(), query.to_owned()), reply) {
            kept.bytes -= old.written.body.len();
        }
    }
}
