//! What is done for each job, and the workers that do it.

mod schedule;
pub mod worker;
