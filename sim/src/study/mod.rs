//! Many runs: cohorts, and what they add up to.

pub mod cohort;
pub mod compare;
pub mod statistics;
pub mod summary;
pub mod violations;
