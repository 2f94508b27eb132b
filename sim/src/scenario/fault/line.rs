//! What goes wrong on the way of the fluid, from the reservoir to the tip.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A fault of reservoir, line or catheter.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub enum LineFault {
    /// The line behind the connector is kinked or blocked.
    #[schemars(extend("x-shows" = "the pressure in the line, or the flow out of the tip, is another"))]
    Occlude {
        /// Resistance in multiples of the healthy one; the most is a block.
        #[schemars(range(min = 2.0, max = 1e12))]
        resistance_times: f64,
        /// It grows from the healthy one over so long.
        #[serde(default)]
        #[schemars(range(min = 0, max = 86_400))]
        onset_s: u32,
    },
    /// A stopcock, filter or collapsed bag blocks the way into the pump.
    #[schemars(extend("x-shows" = "another volume is moved"))]
    BlockInlet {
        /// Share of the flow that still passes.
        #[serde(default)]
        #[schemars(range(min = 0, max = 999))]
        passes_permille: u32,
        /// It closes over so long.
        #[serde(default)]
        #[schemars(range(min = 0, max = 86_400))]
        onset_s: u32,
    },
    /// The connector comes apart; drug is spilled, CSF backs out.
    #[schemars(extend("x-shows" = "drug is lost, or CSF"))]
    Disconnect {
        /// CSF that backs out.
        #[schemars(range(min = 0.001, max = 100.0))]
        csf_backflow_ml_per_h: f64,
    },
    /// The outer line leaks.
    #[schemars(extend("x-shows" = "drug is lost"))]
    Leak {
        /// Share of the flow that never reaches the catheter.
        #[schemars(range(min = 1, max = 1_000))]
        lost_permille: u32,
    },
    /// The line is soft, and stores more drug behind a block.
    #[schemars(extend("x-shows" = "the pressure in the line is another"))]
    SoftLine {
        /// Compliance in multiples of the device's own.
        #[schemars(range(min = 2.0, max = 1_000.0))]
        compliance_times: f64,
    },
    /// Drug runs in by itself beside what the motor moves.
    #[schemars(extend("x-shows" = "another volume is moved"))]
    FreeFlow {
        /// The flow.
        #[schemars(range(min = 0.1, max = 1e5))]
        flow_ul_per_h: f64,
    },
    /// The pump is raised above the patient, and a volume runs in: 25 uL/h for each cm, until it is in.
    #[schemars(extend("x-shows" = "another volume is moved"))]
    Siphon {
        /// How high.
        #[schemars(range(min = 1.0, max = 120.0))]
        height_cm: f64,
        /// How much runs in.
        #[schemars(range(min = 1.0, max = 1_000.0))]
        volume_ul: f64,
    },
    /// Flow backwards, CSF drawn into the line.
    #[schemars(extend("x-shows" = "another volume is moved"))]
    Backflow {
        /// How much.
        #[schemars(range(min = 0.1, max = 1e5))]
        flow_ul_per_h: f64,
    },
    /// Air is drawn in place of drug. A bubble is that share of what flows while it lasts.
    #[schemars(extend("x-shows" = "there is air in the line"))]
    Air {
        /// Share of what the pump draws that is air.
        #[schemars(range(min = 1, max = 1_000))]
        drawn_permille: u32,
    },
    /// The tip is not where it was: only a part of the drug acts, and the flow is as before.
    #[schemars(extend("x-shows" = "less drug reaches the CSF"))]
    TipDisplaced {
        /// Share of the dose that still acts.
        #[schemars(range(min = 0, max = 999))]
        acts_permille: u32,
    },
    /// CSF runs out through an open drain beside the catheter.
    #[schemars(extend("x-shows" = "CSF is lost"))]
    CsfDrain {
        /// How much.
        #[schemars(range(min = 0.1, max = 500.0))]
        drained_ml_per_h: f64,
    },
    /// Only a part of what should be in the reservoir is in it. Nobody knows.
    #[schemars(extend("x-shows" = "the reservoir holds less"))]
    ShortFill {
        /// What is there.
        #[schemars(range(min = 0, max = 999))]
        filled_permille: u32,
    },
    /// The reservoir is empty all at once. Nobody knows.
    #[schemars(extend("x-shows" = "the reservoir holds less"))]
    ReservoirEmpty,
    /// The drug in the reservoir loses strength.
    #[schemars(extend("x-shows" = "the reservoir holds less drug in the same volume"))]
    DrugDecay {
        /// Share of its strength that is lost in a day.
        #[schemars(range(min = 1, max = 1_000))]
        lost_permille_per_day: u32,
    },
}
