//! What can go wrong in a scenario: one flat list of names in a file, one enum for each place where it acts.
//!
//! In a file the name of a fault is the only key under `what`, and the place where it acts is nowhere to be
//! seen: `what = { occlude = { resistance_times = 1e7 } }`. In the code each place is an enum of its own, so
//! that whoever folds the faults of one place need not say that all others leave it alone. Doc comments,
//! ranges and the effect that a fault must show (`x-shows`) stand beside the fields; the catalogue, the check
//! of a file, the schema and `sim/docs/faults.md` are made of them.

mod built_in;
mod clock;
mod defect;
mod described;
mod kind;
mod line;
mod people;
mod platform;
mod pump;
mod sensor;
mod wire;
mod words;

#[cfg(test)]
mod tests;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use built_in::BuiltInFault;
pub use clock::ClockFault;
pub use defect::DefectFault;
pub use described::{Described, Parameter, Range, described, of as description};
pub use kind::{Acts, FaultKind};
pub use line::LineFault;
pub use people::PeopleFault;
pub use platform::PlatformFault;
pub use pump::PumpFault;
pub use sensor::SensorFault;
pub use wire::WireFault;
pub use words::{
    AlarmName, EntryName, ForgeryName, LogName, PhaseName, ReadingName, SensorName, StrangersOrder,
    WayName,
};

/// Something that goes wrong.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// Its name, once in a file. It also names its random draws.
    pub id: String,
    /// From the explant on, minutes.
    pub from_min: u32,
    /// Until then, minutes; left out, it stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until_min: Option<u32>,
    /// What.
    pub what: FaultKind,
}
