//! The API as a client meets it.

mod audited;
mod cors;
mod errors;
mod every;
mod idempotency;
mod invites;
mod isolation;
mod keys;
mod links;
mod models;
mod openapi;
mod operations;
mod organization;
mod paging;
mod people;
mod photos;
mod races;
mod reference;
mod seeds;
mod tags;
mod teams;
mod walk;
mod webhooks;
mod whitelabel;
