//! Faults of clocks.

use crate::fault::World;
use crate::scenario::ClockFault;

pub(super) fn act(what: &ClockFault, world: &mut World) {
    let (clocks, wall) = (&mut world.clocks, &mut world.platform.wall);
    match *what {
        ClockFault::PumpClockDrift { drift_ppm } => clocks.pump_drift_ppm += i64::from(drift_ppm),
        ClockFault::PumpClockJump { ahead_s } => clocks.pump_ahead_ms += i64::from(ahead_s) * 1_000,
        ClockFault::WallClockJump { ahead_s } => wall.offset_ms += i64::from(ahead_s) * 1_000,
        ClockFault::WallClockDrift { drift_ppm } => wall.drift_ppm += i64::from(drift_ppm),
        ClockFault::WallClockStops => wall.stopped = true,
        ClockFault::WallClockEpoch => wall.epoch = true,
    }
}
