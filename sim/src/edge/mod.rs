//! Where the bench touches the machine it runs on: the only place where clocks and signals may be.

pub mod abi;
pub mod conform;
pub mod interrupt;
pub mod lockstep;
pub mod pace;
pub mod usage;
