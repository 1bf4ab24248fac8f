//! The audit log as files: a row a line, oldest first.

use serde::Serialize;

use super::csv;
use crate::{audit::Entry, clock::Timestamp, db::stored_as_text, error::Result, ids::MemberId, secrets::Digest};

stored_as_text! {
    /// What kind of file.
    pub enum Format {
        /// For spreadsheets.
        Csv = "csv",
        /// For programs: a JSON object a line.
        JsonLines = "jsonl",
    }
}

const COLUMNS: [&str; 11] =
    ["Number", "Time", "Door", "Who", "Action", "To", "Detail", "Before", "After", "Member", "Digest"];

impl Format {
    /// What the file is, to browsers.
    pub const fn mime(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::JsonLines => "application/jsonl; charset=utf-8",
        }
    }

    /// What it begins with.
    pub fn beginning(self) -> String {
        match self {
            Self::Csv => format!("{}{}", csv::BEGINNING, csv::line(COLUMNS)),
            Self::JsonLines => String::new(),
        }
    }

    /// A row of it.
    ///
    /// # Errors
    /// None that a caller could do something about.
    pub fn line(self, entry: &Entry) -> Result<String> {
        match self {
            Self::Csv => Ok(in_cells(entry)),
            Self::JsonLines => Ok(serde_json::to_string(&Line::of(entry))? + "\n"),
        }
    }
}

/// What the digest is made of stands first, in its order.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Line<'a> {
    number: i64,
    via: &'a str,
    who: &'a str,
    action: &'a str,
    subject: Option<&'a str>,
    detail: Option<&'a str>,
    before: Option<&'a str>,
    after: Option<&'a str>,
    created_at: Timestamp,
    member_id: Option<&'a str>,
    subject_id: Option<&'a str>,
    digest: Option<String>,
}

impl<'a> Line<'a> {
    fn of(entry: &'a Entry) -> Self {
        Self {
            number: entry.number,
            via: entry.via.as_str(),
            who: &entry.who,
            action: entry.action.as_str(),
            subject: entry.subject.as_deref(),
            detail: entry.detail.as_deref(),
            before: entry.before.as_deref(),
            after: entry.after.as_deref(),
            created_at: entry.created_at,
            member_id: entry.member.as_ref().map(MemberId::as_str),
            subject_id: entry.subject_id.as_ref().map(MemberId::as_str),
            digest: entry.digest.as_ref().map(Digest::hex),
        }
    }
}

fn in_cells(entry: &Entry) -> String {
    let (number, time) = (entry.number.to_string(), entry.created_at.to_string());
    let digest = entry.digest.as_ref().map(Digest::hex);
    csv::line([
        number.as_str(),
        &time,
        entry.via.as_str(),
        &entry.who,
        entry.action.as_str(),
        entry.subject.as_deref().unwrap_or_default(),
        entry.detail.as_deref().unwrap_or_default(),
        entry.before.as_deref().unwrap_or_default(),
        entry.after.as_deref().unwrap_or_default(),
        entry.subject_id.as_ref().map_or("", MemberId::as_str),
        digest.as_deref().unwrap_or_default(),
    ])
}
