//! What all doors share: who is asking, how a refusal looks, and where a request may come from.

pub mod answer;
pub mod assets;
pub mod browser;
pub mod json;
pub mod key;
pub mod origin;
