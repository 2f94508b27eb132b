//! What goes wrong with clocks.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A fault of a clock.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub enum ClockFault {
    /// The pump's clock runs too fast or too slow.
    #[schemars(extend("x-shows" = "the pump's clock shows another time"))]
    PumpClockDrift {
        /// Too fast by so many parts in a million.
        #[schemars(range(min = -500_000, max = 500_000))]
        drift_ppm: i32,
    },
    /// The pump's clock jumps.
    #[schemars(extend("x-shows" = "the pump's clock shows another time"))]
    PumpClockJump {
        /// Ahead by so much.
        #[schemars(range(min = -86_400, max = 86_400))]
        ahead_s: i32,
    },
    /// The clock on the wall jumps; 3600 and -3600 are daylight saving.
    #[schemars(extend("x-shows" = "the clock on the wall shows another time"))]
    WallClockJump {
        /// Ahead by so much.
        #[schemars(range(min = -86_400, max = 86_400))]
        ahead_s: i32,
    },
    /// The clock on the wall runs too fast or too slow.
    #[schemars(extend("x-shows" = "the clock on the wall shows another time"))]
    WallClockDrift {
        /// Too fast by so many parts in a million.
        #[schemars(range(min = -500_000, max = 500_000))]
        drift_ppm: i32,
    },
    /// The clock on the wall stands still.
    #[schemars(extend("x-shows" = "the clock on the wall shows another time"))]
    WallClockStops,
    /// The clock on the wall shows the beginning of 1970.
    #[schemars(extend("x-shows" = "the clock on the wall shows another time"))]
    WallClockEpoch,
}
