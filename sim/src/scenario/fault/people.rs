//! What goes wrong with people.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::words::{EntryName, StrangersOrder};
use crate::scenario::RawNumber;

/// A fault of the people on the ward, or of what the patient lets them see.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub enum PeopleFault {
    /// Nobody looks at the patient, and nobody weighs.
    #[schemars(extend("x-shows" = "a round or a weighing is missed"))]
    NurseAway,
    /// Nobody answers an alarm or a question.
    #[schemars(extend("x-shows" = "an alarm or a question is left"))]
    Unattended,
    /// Alarms are acknowledged, and nothing else is done.
    #[schemars(extend("x-shows" = "a question is left, or a dose not started"))]
    AcknowledgesOnly,
    /// Another alarm is acknowledged than the one that is meant.
    #[schemars(extend("x-shows" = "another alarm is acknowledged"))]
    AcknowledgesAnother,
    /// Nobody presses start, though all is ready.
    #[schemars(extend("x-shows" = "a start is left"))]
    NobodyStarts,
    /// Nobody confirms the end, so that the session goes on.
    #[schemars(extend("x-shows" = "the question for the end is left"))]
    NobodyConfirms,
    /// Somebody confirms the end before its time.
    #[schemars(extend("x-shows" = "the order is given"))]
    ConfirmsEarly,
    /// Somebody pauses the infusion; where the fault ends, they press resume.
    #[schemars(extend("x-shows" = "the order is given"))]
    Pause,
    /// Somebody pauses and resumes again and again.
    #[schemars(extend("x-shows" = "both orders are given"))]
    ModeFlap {
        /// From pause to pause.
        #[schemars(range(min = 2, max = 1_440))]
        period_min: u32,
    },
    /// A number on the nurse's sheet is replaced.
    #[schemars(extend("x-shows" = "the number on the sheet is another"))]
    Mistype {
        /// Which.
        entry: EntryName,
        /// By what; `"nan"`, `"inf"`, negative and huge numbers are welcome.
        value: RawNumber,
    },
    /// Two scales are exchanged on the sheet: tone and spasms.
    #[schemars(extend("x-shows" = "the sheet is another"))]
    SwappedScales,
    /// The nurse copies the sheet of the round before.
    #[schemars(extend("x-shows" = "the sheet is another"))]
    OldSheet,
    /// Other drugs hide the signs of withdrawal, but for the temperature.
    #[schemars(extend("x-shows" = "the sheet is another"))]
    Masked {
        /// Share of each sign that is hidden.
        #[schemars(range(min = 1, max = 1_000))]
        hidden_permille: u32,
    },
    /// Fever and a fast heart that have another cause.
    #[schemars(extend("x-shows" = "the sheet is another"))]
    Fever {
        /// Above what the patient would show.
        #[schemars(range(min = 0.1, max = 5.0))]
        above_c: f64,
    },
    /// Somebody without the right gives an order at the panel.
    #[schemars(extend("x-shows" = "the order is given"))]
    Tamper {
        /// Which.
        order: StrangersOrder,
    },
    /// Two users authorise this dose, and so does whoever authorises while it lasts.
    #[schemars(extend("x-shows" = "the order is given"))]
    WrongDose {
        /// The dose; any number is passed on.
        ug_per_day: RawNumber,
    },
    /// Whoever authorises a dose takes one unit for another.
    #[schemars(extend("x-shows" = "another dose is authorised than was meant"))]
    UnitSlip {
        /// The dose in multiples of what was meant: 24, 1000, 4 and their inverses.
        #[schemars(range(min = 1e-4, max = 1e4))]
        dose_times: f64,
    },
    /// The reservoir is refilled with another drug, and nobody gives a bridging dose.
    #[schemars(extend("x-shows" = "the reservoir holds another drug than the tip"))]
    RefillUnbridged {
        /// The new drug.
        #[schemars(range(min = 10, max = 10_000))]
        drug_ug_per_ml: u32,
        /// How much.
        #[schemars(range(min = 2.0, max = 40.0))]
        volume_ml: f64,
    },
    /// The line is taken off the patient; where the fault ends, it is put on again.
    #[schemars(extend("x-shows" = "the line is off the patient"))]
    LineOpened,
    /// A key bounces: each order is given twice.
    #[schemars(extend("x-shows" = "an order is given twice"))]
    KeyBounces,
    /// The keys are dead: no order gets through.
    #[schemars(extend("x-shows" = "an order is lost"))]
    KeyDead,
}
