//! The API as a client meets it.

mod errors;
mod idempotency;
mod invites;
mod keys;
mod links;
mod organization;
mod paging;
mod reference;
mod tags;
mod teams;
