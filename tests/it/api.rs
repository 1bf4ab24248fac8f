//! The API as a client meets it.

mod cors;
mod errors;
mod idempotency;
mod invites;
mod keys;
mod links;
mod openapi;
mod organization;
mod paging;
mod tags;
mod teams;
