//! What all doors share: who is asking, how a refusal looks, how often one may ask, and where a request may come from.

pub mod answer;
pub mod assets;
pub mod browser;
pub mod catcher;
pub mod json;
pub mod key;
pub mod limits;
pub mod origin;
pub mod replies;
