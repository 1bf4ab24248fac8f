//! Everything that links the whole of Headroom is one binary, because linking it takes longer than running it.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that can't go on panics, its helpers included"
)]

mod admin;
mod api;
mod app;
mod audit;
mod backdrops;
mod backups;
mod behalf;
mod capture;
mod checks;
mod confinement;
mod cutouts;
mod development;
mod document;
mod edits;
mod embedding;
mod expiry;
mod gallery;
mod generators;
mod headshots;
mod isolation;
mod languages;
mod logs;
mod metadata;
mod metrics;
mod onboarding;
mod photos;
mod privacy;
mod process;
mod profile_pictures;
mod queue;
mod setup;
mod sharing;
mod shoots;
mod signing_in;
mod single_sign_on;
mod states;
mod studio;
mod tally;
mod webhooks;
mod workers;
