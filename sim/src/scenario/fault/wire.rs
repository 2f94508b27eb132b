//! What goes wrong between pump and controller.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::words::{ForgeryName, WayName};

/// A fault of the link. Shares are of the frames.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub enum WireFault {
    /// Frames do not arrive.
    #[schemars(extend("x-shows" = "a frame is lost"))]
    LinkLoss {
        /// On which way.
        #[serde(default)]
        direction: WayName,
        /// How many of them.
        #[serde(default = "all")]
        #[schemars(range(min = 1, max = 1_000))]
        lost_permille: u32,
    },
    /// Frames take long.
    #[schemars(extend("x-shows" = "a frame arrives late"))]
    Delay {
        /// On which way.
        #[serde(default)]
        direction: WayName,
        /// How long.
        #[schemars(range(min = 1, max = 3_600_000))]
        delay_ms: u32,
    },
    /// Frames arrive twice.
    #[schemars(extend("x-shows" = "a frame arrives twice"))]
    Double {
        /// On which way.
        #[serde(default)]
        direction: WayName,
        /// How many of them.
        #[schemars(range(min = 1, max = 1_000))]
        doubled_permille: u32,
    },
    /// Frames arrive after the one that follows them.
    #[schemars(extend("x-shows" = "two frames arrive in the other order"))]
    Swap {
        /// On which way.
        #[serde(default)]
        direction: WayName,
        /// How many of them.
        #[schemars(range(min = 1, max = 1_000))]
        swapped_permille: u32,
    },
    /// A bit of a frame turns over.
    #[schemars(extend("x-shows" = "a frame arrives changed"))]
    Flip {
        /// On which way.
        #[serde(default)]
        direction: WayName,
        /// In how many of them.
        #[schemars(range(min = 1, max = 1_000))]
        flipped_permille: u32,
    },
    /// The end of a frame is missing.
    #[schemars(extend("x-shows" = "a frame arrives changed"))]
    Cut {
        /// On which way.
        #[serde(default)]
        direction: WayName,
        /// In how many of them.
        #[schemars(range(min = 1, max = 1_000))]
        cut_permille: u32,
    },
    /// A gateway repeats the last frame from before in place of each new one.
    #[schemars(extend("x-shows" = "an old frame arrives in place of a new one"))]
    Freeze {
        /// On which way.
        #[serde(default = "up")]
        direction: WayName,
    },
    /// Read-backs alone do not arrive: whether a command was taken stays unknown.
    #[schemars(extend("x-shows" = "a read-back is lost"))]
    ReadBackLoss,
    /// Once a minute an old command is sent again.
    #[schemars(extend("x-shows" = "an old frame arrives besides"))]
    Replay {
        /// How old.
        #[schemars(range(min = 1, max = 1_000_000))]
        age_s: u32,
    },
    /// Once a minute a command arrives that the controller never gave.
    #[schemars(extend("x-shows" = "a forged frame arrives"))]
    Forge {
        /// How well it is sealed.
        seal: ForgeryName,
        /// Its rate in multiples of the one in force.
        #[schemars(range(min = 0.01, max = 100.0))]
        rate_times: f64,
    },
    /// Rubbish arrives.
    #[schemars(extend("x-shows" = "rubbish arrives"))]
    Flood {
        /// On which way.
        #[serde(default)]
        direction: WayName,
        /// How much.
        #[schemars(range(min = 100, max = 100_000))]
        frames_per_s: u32,
    },
}

const fn all() -> u32 {
    1_000
}

const fn up() -> WayName {
    WayName::Up
}
