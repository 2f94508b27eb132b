//! Many runs: cohorts, and what they add up to.

pub mod again;
pub mod campaign;
pub mod cause;
pub mod cohort;
pub mod compare;
pub(crate) mod complaints;
mod expected;
pub mod false_alarms;
pub mod fork;
pub mod lines;
mod orders;
pub mod rare;
pub mod rarely;
pub mod reaction;
pub mod rows;
pub mod search;
pub mod shrink;
pub mod statistics;
pub mod summary;
pub mod sweep;
pub mod variant;
pub mod violations;
