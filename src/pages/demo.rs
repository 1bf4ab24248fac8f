//! temp
#![allow(missing_docs)]
use crate::{app::App, error::Result, ids::OrganizationId};
pub struct Demo {
    pub organization: OrganizationId,
    pub api_key: String,
    pub sign_in: String,
}
pub async fn make(_app: &App) -> Result<Demo> {
    Err(crate::error::Error::invalid("x"))
}
