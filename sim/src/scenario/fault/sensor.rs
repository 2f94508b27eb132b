//! What goes wrong with a measurement, from the sensor to the number that the pump sends.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::words::{ReadingName, SensorName};
use crate::scenario::RawNumber;

/// A fault of a sensor, or of what the pump reckons.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub enum SensorFault {
    /// A sensor says the same whatever it sees.
    #[schemars(extend("x-shows" = "the reading is another"))]
    SensorStuck {
        /// Which; flow, pressure, air, connector and drain bag are fitted on P2.
        sensor: SensorName,
        /// What it says, in its own unit.
        value: RawNumber,
    },
    /// A sensor, or what the pump reckons, is off.
    #[schemars(extend("x-shows" = "the reading is another"))]
    SensorBias {
        /// Which.
        sensor: SensorName,
        /// Added, in its own unit.
        #[serde(default)]
        #[schemars(range(min = -1e6, max = 1e6))]
        offset: f64,
        /// Multiplied.
        #[serde(default = "once")]
        #[schemars(range(min = 0.0, max = 1_000.0))]
        times: f64,
    },
    /// A sensor scatters more than it should.
    #[schemars(extend("x-shows" = "the reading is another"))]
    SensorNoise {
        /// Which; only instruments of P2 scatter at all.
        sensor: SensorName,
        /// Scatter in multiples of the healthy one.
        #[schemars(range(min = 2.0, max = 1_000.0))]
        noise_times: f64,
    },
    /// A sensor says nothing.
    #[schemars(extend("x-shows" = "the reading is missing"))]
    SensorSilent {
        /// Which.
        sensor: SensorName,
    },
    /// A contact opens and closes again and again.
    #[schemars(extend("x-shows" = "the connector reads as open though it is closed"))]
    LooseContact {
        /// From opening to opening.
        #[schemars(range(min = 2, max = 86_400))]
        period_s: u32,
    },
    /// A number is replaced after it was measured.
    #[schemars(extend("x-shows" = "the number in the report is another"))]
    GarbleReading {
        /// Which.
        reading: ReadingName,
        /// By what; `"nan"`, `"inf"`, negative and huge numbers are welcome.
        value: RawNumber,
    },
    /// The pump says again and again what it said at the beginning.
    #[schemars(extend("x-shows" = "the report is an old one"))]
    ReportFrozen,
}

const fn once() -> f64 {
    1.0
}
