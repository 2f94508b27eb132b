//! What goes wrong in the controller's own software.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::words::AlarmName;

/// A defect of the controller, between what it decided and what it says.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub enum DefectFault {
    /// The rate of each command is another than was decided.
    #[schemars(extend("x-shows" = "a command leaves with another rate"))]
    WrongRate {
        /// The rate in multiples of what was decided.
        #[schemars(range(min = 0.01, max = 100.0))]
        rate_times: f64,
    },
    /// Decrements come out as increments.
    #[schemars(extend("x-shows" = "a command leaves with another rate"))]
    SignFlip,
    /// Commands to stop do not leave.
    #[schemars(extend("x-shows" = "a command to stop does not leave"))]
    StopLost,
    /// An alarm is never shown.
    #[schemars(extend("x-shows" = "an alarm that stands is not shown"))]
    AlarmDropped {
        /// Which.
        alarm: AlarmName,
    },
    /// No alarm is shown: the task that raises them is dead.
    #[schemars(extend("x-shows" = "an alarm that stands is not shown"))]
    AlarmsDead,
    /// Alarms are shown late.
    #[schemars(extend("x-shows" = "an alarm that stands is not shown yet"))]
    AlarmsLate {
        /// How late.
        #[schemars(range(min = 1, max = 86_400))]
        late_s: u32,
    },
    /// High alarms are shown as low, and low ones as high.
    #[schemars(extend("x-shows" = "an alarm is shown with another priority"))]
    PrioritiesSwapped,
}
