//! What is wrong from the start: with the pump as it was filled, the drain, the prescription, the patient.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A fault that is there from the explant to the end.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub enum BuiltInFault {
    /// The reservoir holds another drug than pump and controller were told.
    #[schemars(extend("x-shows" = "drug and volume in the reservoir make another concentration"))]
    WrongDrug {
        /// What it really holds.
        #[schemars(range(min = 10, max = 10_000))]
        true_ug_per_ml: u32,
        /// The label is read by the controller's platform, and does not agree.
        label_known: bool,
    },
    /// A new drain is placed without drug in it.
    #[schemars(extend("x-shows" = "there is no drug at the tip of a connected line"))]
    UnprimedDrain {
        /// Its volume; left out, that of the device's own drain.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(range(min = 50.0, max = 600.0))]
        volume_ul: Option<f64>,
    },
    /// Pump and controller know a least flow that is higher than usual.
    #[schemars(extend("x-shows" = "a dose is refused because the pump cannot deliver so little"))]
    LeastFlow {
        /// The flow.
        #[schemars(range(min = 0.1, max = 100.0))]
        least_ul_per_h: f64,
    },
    /// The schedule wants this share of the first dose at every rung, and so more and more of what is left.
    #[schemars(extend("x-shows" = "the guard lets less through than the schedule wants"))]
    SteepRungs {
        /// The share.
        #[schemars(range(min = 200, max = 500))]
        decrement_permille: u32,
    },
    /// The drug's effect comes and goes late.
    #[schemars(extend("x-shows" = "the patient's sites follow the CSF later"))]
    SlowPatient {
        /// How late.
        #[schemars(range(min = 1.0, max = 48.0))]
        later_h: f64,
    },
}
