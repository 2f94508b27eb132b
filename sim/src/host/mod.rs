//! What the controller runs on: power, memory that survives, log, clock on the wall.

mod platform;

pub use platform::{LogState, Platform, ResetPhase, WallClock};
