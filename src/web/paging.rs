//! Which part of a list a program asks for: `limit`, `offset` and `cursor`.

use std::{fmt::Display, str::FromStr};

use serde::Deserialize;
use utoipa::IntoParams;

use crate::{
    db::Window,
    error::{Error, Result},
    wire::Pagination,
};

/// Rows in a page when nothing is said.
const USUAL: u32 = 50;

/// Most rows in a page.
const MOST: i64 = 200;

/// How to page, as a query string has it.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Paging {
    /// How many at most; less than 1 counts as 1, more than 200 as 200.
    #[param(value_type = Option<i64>, default = 50)]
    limit: Option<String>,
    /// How many to leave out before.
    #[param(value_type = Option<i64>, default = 0)]
    offset: Option<String>,
    /// The `nextCursor` of the page before. Unlike `offset`, it costs the same at any depth, and shows nothing twice when rows are added meanwhile.
    #[param(pattern = "^([0-9a-f]{12})?[0-9a-f]{24}$")]
    cursor: Option<String>,
}

impl Paging {
    /// The part asked for, or the first one.
    pub fn window<K: FromStr>(&self) -> Result<Window<K>> {
        let after = match &self.cursor {
            None => None,
            Some(text) => Some(
                text.parse()
                    .map_err(|_| Error::invalid(say!("\"cursor\" has to be the nextCursor of an earlier page.")))?,
            ),
        };
        let (limit, offset) = (number("limit", &self.limit)?, number("offset", &self.offset)?);
        let limit = limit.map_or(USUAL, |limit| u32::try_from(limit.clamp(1, MOST)).unwrap_or(USUAL));
        let offset = u32::try_from(offset.unwrap_or(0).max(0)).unwrap_or(u32::MAX);
        Ok(Window { limit, offset, after })
    }

    /// The part asked for; nothing said means the whole list. [002]
    pub fn asked<K: FromStr>(&self) -> Result<Option<Window<K>>> {
        let window = self.window()?;
        let said = self.limit.is_some() || self.offset.is_some() || self.cursor.is_some();
        Ok(said.then_some(window))
    }
}

fn number(name: &str, text: &Option<String>) -> Result<Option<i64>> {
    match text {
        None => Ok(None),
        Some(text) => text
            .trim()
            .parse::<i64>()
            .map(Some)
            .map_err(|_| Error::invalid(say!("\"{name}\" has to be a whole number.", name))),
    }
}

impl Pagination {
    /// Of a part of a list that is `total` long; `next` is the key of its last row if the list goes on.
    pub fn new<K>(total: i64, window: &Window<K>, next: Option<&impl Display>) -> Self {
        Self {
            total,
            limit: window.limit,
            offset: window.offset,
            has_more: next.is_some(),
            next_cursor: next.map(ToString::to_string),
        }
    }
}
