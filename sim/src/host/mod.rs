//! What the controller runs on: power, memory that survives, log, clock on the wall.
//!
//! Nothing here knows a dose. It calls the controller, keeps what the controller wants kept, and tells it
//! how the platform is.

mod computer;
mod log;
mod memory;
mod platform;
mod wall;

pub(crate) use computer::{Brought, Computer};
pub use platform::{Cut, LogState, Platform, ResetPhase, WallClock};
