//! What other programs were promised, word for word: one struct a reply, and the one table that translates where a person
//! stands into each promise's vocabulary.

pub mod audit;
pub mod csv;
pub mod events;
pub mod links;
pub mod schemas;
pub mod status;
pub mod v1;
pub mod v2;
pub mod webhooks;
pub mod whitelabel;

use serde::Serialize;
use utoipa::ToSchema;

/// The body of every error under `/api`.
#[derive(Debug, Serialize, ToSchema)]
pub struct Refusal<'a> {
    /// Always false.
    pub success: bool,
    /// What happened, for a person.
    #[schema(value_type = String)]
    pub error: &'a str,
    /// What happened, for a program.
    #[schema(value_type = String)]
    pub code: &'static str,
}

/// A reply that worked: its keys beside `"success": true`.
#[derive(Debug, Serialize)]
pub struct Success<T> {
    success: bool,
    #[serde(flatten)]
    reply: T,
}

impl<T> From<T> for Success<T> {
    fn from(reply: T) -> Self {
        Self { success: true, reply }
    }
}

/// Which part of a list a reply is.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Pagination {
    /// How long the whole list is.
    #[schema(example = 1, minimum = 0)]
    pub total: i64,
    /// How long a part is at most.
    #[schema(example = 50, minimum = 1, maximum = 200)]
    pub limit: u32,
    /// How much of the list comes before this part, for those who count.
    #[schema(example = 0)]
    pub offset: u32,
    /// Whether more follows.
    #[schema(example = false)]
    pub has_more: bool,
    /// Goes into `cursor` for the next part, which then costs the same at any depth.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub next_cursor: Option<String>,
}
