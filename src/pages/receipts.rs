//! Receipts of deletions as people read them: as a line in a list, and as a text to keep.

use std::time::Duration;

use actix_web::{HttpResponse, http::header};

use super::view::{When, counted};
use crate::{
    clock::Timestamp,
    ids::ReceiptId,
    receipts::{AskedBy, Receipt, What},
};

/// A purge takes seconds; after this time something stands in its way.
const USUAL: Duration = Duration::from_secs(60 * 60);

/// A receipt in a list.
pub(super) struct ReceiptView {
    pub(super) id: ReceiptId,
    /// `8 photos and 12 headshots`
    pub(super) what: String,
    pub(super) whose: String,
    pub(super) asked_by: &'static str,
    pub(super) asked_at: When,
    /// When the last file was gone.
    pub(super) gone_at: Option<When>,
    /// It takes longer than it should.
    pub(super) late: bool,
}

impl ReceiptView {
    pub(super) fn new(receipt: Receipt, now: Timestamp) -> Self {
        Self {
            what: what(&receipt),
            asked_by: asked_by(receipt.asked_by),
            asked_at: When::exact(receipt.asked_at),
            gone_at: receipt.purged_at.map(When::exact),
            late: receipt.purged_at.is_none() && now.since(receipt.asked_at) > USUAL,
            whose: receipt.whose.unwrap_or_else(|| "Former member".to_owned()),
            id: receipt.id,
        }
    }

    /// For the person themselves.
    pub(super) fn own(receipt: Receipt, now: Timestamp) -> Self {
        let asked_by = match receipt.asked_by {
            AskedBy::Person => "You asked for it",
            AskedBy::Lead => "A lead asked for it",
            AskedBy::Program => "A program asked for it",
            AskedBy::Operator => "The operator of the server asked for it",
            AskedBy::Server => "The time they are kept was over",
        };
        Self { asked_by, ..Self::new(receipt, now) }
    }
}

/// `8 photos and 12 headshots`
pub(super) fn pictures(photos: u32, headshots: u32) -> String {
    match (photos, headshots) {
        (0, 0) => "nothing but what was typed in".to_owned(),
        (photos, 0) => counted(photos, "photo"),
        (0, headshots) => counted(headshots, "headshot"),
        (photos, headshots) => format!("{} and {}", counted(photos, "photo"), counted(headshots, "headshot")),
    }
}

fn what(receipt: &Receipt) -> String {
    match receipt.what {
        What::Photos => format!("{}, not the headshots", pictures(receipt.photos, 0)),
        What::Shoot => pictures(receipt.photos, receipt.headshots),
    }
}

fn asked_by(who: AskedBy) -> &'static str {
    match who {
        AskedBy::Person => "The person",
        AskedBy::Lead => "A lead",
        AskedBy::Program => "A program with an API key",
        AskedBy::Operator => "The operator of the server",
        AskedBy::Server => "The server, when their time was over",
    }
}

/// A receipt to keep. It names nobody: whoever has it can match its number with the server's.
pub(super) fn as_text(receipt: &Receipt, organization: &str) -> HttpResponse {
    let gone = receipt.purged_at.map_or_else(
        || "Not yet. This receipt is complete once this line has a date.".to_owned(),
        |at| format!("{at}\nProof     After they were removed, every file was looked for, and none was found."),
    );
    let text = format!(
        "Receipt of a deletion\n\nNumber    {}\nAt        {organization}\nWhat      {}\nModel     {}\nAsked by  {}\nAsked on  {}\nGone on   {gone}\n",
        receipt.id,
        what(receipt),
        receipt.shoot,
        asked_by(receipt.asked_by),
        receipt.asked_at,
    );
    HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{}.txt\"", receipt.id)))
        .body(text)
}
