//! Many runs: cohorts, and what they add up to.

pub mod cause;
pub mod cohort;
pub mod fork;
pub mod shrink;
pub mod statistics;
pub mod summary;
pub mod variant;
pub mod violations;
