//! What an organization has decided, in words: to tell what a change changed.

use serde_json::Value;

use super::Organization;
use crate::error::Result;

impl Organization {
    /// What it has decided about itself, each by its name and in words.
    ///
    /// # Errors
    /// None that a caller could do something about.
    pub fn settings(&self) -> Result<Vec<(String, String)>> {
        // Kept by the database, or no decision.
        const COUNTS: [&str; 6] = ["id", "kind", "credits", "pending_invites", "all_invites", "changes"];
        let Value::Object(fields) = serde_json::to_value(self)? else { return Ok(Vec::new()) };
        let decided = fields.into_iter().filter(|(name, _)| !COUNTS.contains(&name.as_str()));
        Ok(decided.map(|(name, value)| (name, in_words(&value))).collect())
    }
}

fn in_words(value: &Value) -> String {
    match value {
        Value::Null => "none".to_owned(),
        Value::Bool(on) => if *on { "on" } else { "off" }.to_owned(),
        Value::String(text) if text.is_empty() => "none".to_owned(),
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Array(list) if list.is_empty() => "none".to_owned(),
        Value::Array(list) => list.iter().map(in_words).collect::<Vec<_>>().join(", "),
        Value::Object(fields) => {
            fields.iter().map(|(name, value)| format!("{name} {}", in_words(value))).collect::<Vec<_>>().join(", ")
        }
    }
}
