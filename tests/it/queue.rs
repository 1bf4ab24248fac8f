//! What `docs/queue.md` promises. Nothing here sleeps and hopes: tests wait for what they want to see, for a long time.

mod crash;
mod failing;
mod kit;
mod leases;
mod load;
mod pushing;
mod stopping;
mod upkeep;
