//! The ledger of credits. Ours, beyond HeadshotPro.

use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    clock::Timestamp,
    credits::{self, Kind},
    ids::ShootId,
    wire::Pagination,
};

/// One page of the ledger, newest first.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LedgerPage)]
pub struct Ledger {
    /// Its entries.
    pub entries: Vec<Entry>,
    /// Where in the list.
    pub pagination: Pagination,
}

/// Why a balance changed, and to what.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = LedgerEntry)]
pub struct Entry {
    /// Later entries have higher numbers.
    #[schema(example = 42)]
    id: i64,
    kind: Kind,
    /// By how many credits; 0 for an organization that needs none.
    #[schema(example = -1)]
    amount: i64,
    /// The balance afterwards.
    #[schema(example = 99, minimum = 0)]
    balance: i64,
    /// In words.
    #[schema(example = "Photos submitted")]
    reason: String,
    /// The model it was about, or null.
    #[schema(required)]
    model_id: Option<ShootId>,
    created_at: Timestamp,
}

impl From<credits::Entry> for Entry {
    fn from(entry: credits::Entry) -> Self {
        let credits::Entry { id, kind, amount, balance, reason, shoot, created_at } = entry;
        Self { id, kind, amount, balance, reason, model_id: shoot, created_at }
    }
}
