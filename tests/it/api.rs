//! The API as a client meets it.

mod errors;
mod idempotency;
mod invites;
mod keys;
mod links;
mod models;
mod organization;
mod paging;
mod people;
mod photos;
mod seeds;
mod tags;
mod teams;
mod walk;
mod whitelabel;
