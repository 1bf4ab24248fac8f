//! Headroom gives an organization professional headshots of all its people: one binary, one SQLite file.
//!
//! The modules form layers; each uses only those below it. `tests/architecture.rs` holds the list and checks it.

pub mod clock;
pub mod db;
pub mod error;
pub mod generator;
pub mod ids;
pub mod images;
pub mod secrets;
pub mod storage;
