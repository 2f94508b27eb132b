//! What goes wrong in the pump: motor, firmware, surroundings, battery.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A fault of the pump.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub enum PumpFault {
    /// The pump moves more or less than it is set to, and does not know it.
    #[schemars(extend("x-shows" = "another volume is moved"))]
    PumpGain {
        /// Flow in multiples of the set flow.
        #[schemars(range(min = 0.0, max = 100.0))]
        gain: f64,
    },
    /// The driver runs away: it makes a flow of its own, whatever it is set to, and the pump believes in
    /// what it is set to.
    #[schemars(extend("x-shows" = "another volume is moved"))]
    Runaway {
        /// The flow.
        #[schemars(range(min = 0.1, max = 1e5))]
        flow_ul_per_h: f64,
    },
    /// The motor does not stop when it is told to, and the pump counts its strokes.
    #[schemars(extend("x-shows" = "another volume is moved"))]
    StuckOn {
        /// The flow that it makes at least.
        #[schemars(range(min = 0.1, max = 1e5))]
        least_ul_per_h: f64,
    },
    /// The rotor stands still, and the pump's own sensor sees it. Without it: `pump_gain` of 0.
    #[schemars(extend("x-shows" = "another volume is moved"))]
    Stall,
    /// The pump wears out hour by hour.
    #[schemars(extend("x-shows" = "another volume is moved"))]
    Degrade {
        /// Share of the healthy flow that is lost in each hour.
        #[schemars(range(min = 1, max = 1_000))]
        lost_permille_per_h: u32,
    },
    /// The rotor sticks and slips: fluid comes in lumps.
    #[schemars(extend("x-shows" = "another volume is moved at some moment"))]
    Packets {
        /// One lump.
        #[schemars(range(min = 0.1, max = 1_000.0))]
        packet_ul: f64,
    },
    /// The pump primes by itself, whatever it is connected to.
    #[schemars(extend("x-shows" = "the pump primes"))]
    PrimeByItself {
        /// How much.
        #[schemars(range(min = 1.0, max = 1_000.0))]
        volume_ul: f64,
    },
    /// The pump goes over to a program that nobody gave it.
    #[schemars(extend("x-shows" = "the pump is set to another flow"))]
    PumpProgram {
        /// The flow of that program.
        #[schemars(range(min = 0.1, max = 1_000.0))]
        flow_ul_per_h: f64,
    },
    /// The pump restarts: with a new battery, new firmware, after a reset. It goes on as before.
    #[schemars(extend("x-shows" = "the lease of what it was told has ended"))]
    PumpRestart,
    /// The room is too cold or too warm.
    #[schemars(extend("x-shows" = "the pump's temperature is another"))]
    RoomTemperature {
        /// The pump's temperature.
        #[schemars(range(min = 0.0, max = 50.0))]
        temperature_c: f64,
    },
    /// The pump is in a cabin or on a mountain: another air pressure drives its gas chamber.
    #[schemars(extend("x-shows" = "another volume is moved"))]
    AmbientPressure {
        /// The air pressure.
        #[schemars(range(min = 60.0, max = 106.0))]
        pressure_kpa: f64,
    },
    /// The battery runs down too fast.
    #[schemars(extend("x-shows" = "less battery is left"))]
    BatteryDrain {
        /// Minutes of battery that a minute takes.
        #[schemars(range(min = 2.0, max = 1e6))]
        drain_times: f64,
    },
    /// The battery is gone all at once.
    #[schemars(extend("x-shows" = "the pump has no power"))]
    BatteryDead,
}
