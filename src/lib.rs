//! Headroom gives an organization professional headshots of all its people: one binary, one SQLite file.
//!
//! The modules form layers; each uses only those below it. `tests/architecture.rs` holds the list and checks it.

// First, because every other module speaks with its macro.
#[macro_use]
pub mod i18n;

pub mod api;
pub mod app;
pub mod audit;
pub mod auth;
pub mod backup;
pub mod branding;
pub mod cli;
pub mod clock;
pub mod config;
pub mod connections;
pub mod credits;
pub mod db;
pub mod dns;
pub mod doctor;
pub mod edits;
pub mod error;
pub mod events;
pub mod fields;
pub mod generator;
pub mod house_style;
pub mod idempotency;
pub mod ids;
pub mod images;
pub mod imports;
pub mod invites;
pub mod jobs;
pub mod links;
pub mod mail;
pub mod members;
pub mod meters;
pub mod notifications;
pub mod offboarding;
pub mod oidc;
pub mod one_line;
pub mod organizations;
pub mod outbound;
pub mod pages;
pub mod photos;
pub mod places;
pub mod priority;
pub mod profile_pictures;
pub mod queue;
pub mod receipts;
pub mod redaction;
pub mod results;
pub mod secrets;
pub mod server;
pub mod shares;
pub mod shoots;
pub mod storage;
pub mod studio;
pub mod styles;
pub mod tables;
pub mod teams;
pub mod to_its_end;
pub mod undo;
pub mod uploads;
pub mod web;
pub mod webhooks;
pub mod whitelabel;
pub mod wire;
pub mod workers;
