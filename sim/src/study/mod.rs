//! Many runs: cohorts, and what they add up to.

pub mod cause;
pub mod cohort;
pub mod rare;
pub mod rarely;
pub mod search;
pub mod shrink;
pub mod statistics;
pub mod summary;
pub mod variant;
pub mod violations;
