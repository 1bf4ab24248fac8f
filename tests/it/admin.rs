//! The lead's pages as a browser meets them.

mod access;
mod add_file;
mod add_link;
mod add_managed;
mod add_member;
mod api_keys;
mod audit;
mod credits;
mod door;
mod embedding;
mod invites;
mod jobs;
mod live;
mod members;
mod outbox;
mod overview;
mod person;
mod questions;
mod reminders;
mod scene;
mod search;
mod styles;
mod teams;
mod two_factor;
mod webhooks;
