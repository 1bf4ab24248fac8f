//! Receipts of deletions as people read them: as a line in a list, and as a text to keep.

use std::time::Duration;

use actix_web::{HttpResponse, http::header};

use super::view::When;
use crate::{
    clock::Timestamp,
    i18n::Message,
    ids::ReceiptId,
    receipts::{AskedBy, Receipt, What},
};

/// A purge takes seconds; after this time something stands in its way.
const USUAL: Duration = Duration::from_secs(60 * 60);

/// A receipt in a list.
pub(super) struct ReceiptView {
    pub(super) id: ReceiptId,
    /// `8 photos and 12 headshots`
    pub(super) what: Message,
    pub(super) whose: String,
    pub(super) asked_by: Message,
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
            whose: receipt.whose.unwrap_or_else(|| say!("Former member").to_string()),
            id: receipt.id,
        }
    }

    /// For the person themselves.
    pub(super) fn own(receipt: Receipt, now: Timestamp) -> Self {
        let asked_by = match receipt.asked_by {
            AskedBy::Person => say!("You asked for it"),
            AskedBy::Lead => say!("A lead asked for it"),
            AskedBy::Program => say!("A program asked for it"),
            AskedBy::Operator => say!("The operator of the server asked for it"),
            AskedBy::Server => say!("The time they are kept was over"),
        };
        Self { asked_by, ..Self::new(receipt, now) }
    }
}

/// `8 photos and 12 headshots`
pub(super) fn pictures(photos: u32, headshots: u32) -> Message {
    match (photos, headshots) {
        (0, 0) => say!("nothing but what was typed in"),
        (n, 0) => say!("{n} photo" | "{n} photos", n = n),
        (0, n) => say!("{n} headshot" | "{n} headshots", n = n),
        (photos, headshots) => {
            say!("{photos} and {headshots}", photos = pictures(photos, 0), headshots = pictures(0, headshots))
        }
    }
}

fn what(receipt: &Receipt) -> Message {
    match receipt.what {
        What::Photos => say!("{photos}, not the headshots", photos = pictures(receipt.photos, 0)),
        What::Shoot => pictures(receipt.photos, receipt.headshots),
    }
}

fn asked_by(who: AskedBy) -> Message {
    match who {
        AskedBy::Person => say!("The person"),
        AskedBy::Lead => say!("A lead"),
        AskedBy::Program => say!("A program with an API key"),
        AskedBy::Operator => say!("The operator of the server"),
        AskedBy::Server => say!("The server, when their time was over"),
    }
}

/// A receipt to keep. It names nobody: whoever has it can match its number with the server's.
pub(super) fn as_text(receipt: &Receipt, organization: &str) -> HttpResponse {
    let mut lines = vec![
        (say!("Number"), receipt.id.to_string()),
        (say!("receipt|At"), organization.to_owned()),
        (say!("receipt|What"), what(receipt).to_string()),
        (say!("Model"), receipt.shoot.to_string()),
        (say!("Asked by"), asked_by(receipt.asked_by).to_string()),
        (say!("Asked on"), receipt.asked_at.to_string()),
    ];
    match receipt.purged_at {
        Some(at) => {
            lines.push((say!("Gone on"), at.to_string()));
            let proof = say!("After they were removed, every file was looked for, and none was found.");
            lines.push((say!("Proof"), proof.to_string()));
        }
        None => {
            let later = say!("Not yet. This receipt is complete once this line has a date.");
            lines.push((say!("Gone on"), later.to_string()));
        }
    }
    let lines: Vec<(String, String)> = lines.into_iter().map(|(label, words)| (label.to_string(), words)).collect();
    let widest = lines.iter().map(|(label, _)| label.chars().count()).max().unwrap_or_default();
    let mut text = format!("{}\n\n", say!("Receipt of a deletion"));
    for (label, words) in lines {
        text.push_str(&format!("{label:widest$}  {words}\n"));
    }
    HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{}.txt\"", receipt.id)))
        .body(text)
}
