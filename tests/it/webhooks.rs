//! What the contract promises of webhooks, as receivers meet it. Moments come by moving the clock; whatever takes real time is
//! waited for, and nothing sleeps.

mod crash;
mod endpoints;
mod failing;
mod hostile;
mod kit;
mod lanes;
mod outcomes;
mod receiver;
mod schedule;
mod telling;
