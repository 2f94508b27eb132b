//! A scenario: plain data that says everything about a run but the code.
//!
//! One type serves a file, a generator's output, a shrinker's result and a regression test. Units are
//! in the keys, unknown keys are refused, chances are whole thousandths.

mod check;
mod device;
mod fault;
mod patients;
mod people;
mod protocol;
pub mod ranges;
mod raw_number;
mod written;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use check::{EXEMPT, check};
pub use device::{DeviceFile, Placement};
pub use fault::*;
pub use patients::PatientsFile;
pub use people::{Clinician, Nurse, PeopleFile, RaterNoise};
pub use protocol::{BasisName, ProtocolFile, ProtocolProblem};
pub use raw_number::RawNumber;

/// The version of every file kind.
pub const SCHEMA: u32 = 1;

/// What is to be simulated.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// Version of this file kind: 1.
    pub schema: u32,
    /// One line.
    pub title: String,
    /// What should happen, and why.
    pub about: String,
    /// Where every random draw comes from.
    pub seed: u64,
    /// Protocol by name, or a path that ends in `.toml`.
    pub protocol: String,
    /// Device by name, or a path.
    pub device: String,
    /// Which sensors are fitted.
    pub profile: ProfileName,
    /// Population by name, or a path.
    pub patients: String,
    /// Ward by name, or a path.
    pub people: String,
    /// A wean that is not complete by then counts as not completed, hours after the explant.
    pub run_max_h: u32,
    /// Observation after the last drug has left the pump, hours.
    pub follow_up_h: u32,
    /// Observation where the drug stops at once, hours.
    pub follow_up_stop_h: u32,
    /// Many patients.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cohort: Option<Cohort>,
    /// One patient.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub patient: Option<OnePatient>,
    /// The operation, and what is put together again outside.
    pub explant: Explant,
    /// Single values put over the files that are named above.
    #[serde(default, skip_serializing_if = "Adjust::is_empty")]
    pub adjust: Adjust,
    /// What is done to the same patients, side by side.
    pub arms: Vec<Arm>,
    /// What people do at set times, beside what their own rules make them do.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub orders: Vec<Scripted>,
    /// What goes wrong.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<Fault>,
    /// What the run should end in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expect: Option<Expect>,
    /// Where each number comes from: a slug of `sources.toml`, or `assumption`.
    #[serde(default)]
    pub sources: BTreeMap<String, String>,
}

/// Single values put over the files that a scenario names: key paths and what they become.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Adjust {
    /// Over the protocol, such as `"wean.basis" = "initial"`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(with = "BTreeMap<String, serde_json::Value>")]
    pub protocol: BTreeMap<String, toml::Value>,
    /// Over the device.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(with = "BTreeMap<String, serde_json::Value>")]
    pub device: BTreeMap<String, toml::Value>,
    /// Over the population.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(with = "BTreeMap<String, serde_json::Value>")]
    pub patients: BTreeMap<String, toml::Value>,
    /// Over the ward.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(with = "BTreeMap<String, serde_json::Value>")]
    pub people: BTreeMap<String, toml::Value>,
}

impl Adjust {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Which sensors are fitted.
#[derive(
    Clone, Copy, Debug, Deserialize, Eq, JsonSchema, Ord, PartialEq, PartialOrd, Serialize,
)]
pub enum ProfileName {
    /// The pump's own report.
    P0,
    /// P0, and people who weigh the pump.
    P1,
    /// P1, and instruments in the line.
    P2,
}

impl From<ProfileName> for infusion_device::Profile {
    fn from(name: ProfileName) -> Self {
        match name {
            ProfileName::P0 => Self::P0,
            ProfileName::P1 => Self::P1,
            ProfileName::P2 => Self::P2,
        }
    }
}

/// Many patients, numbered from 1.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Cohort {
    /// How many, 1 to 1 000 000.
    pub size: u32,
    /// A patient whose dose is below this is not taken in; another is drawn in their place, µg/day.
    pub least_dose_ug_per_day: f64,
}

/// One patient.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct OnePatient {
    /// The number in the cohort that this seed would give; left out for the typical patient.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<u64>,
    /// The dose that this patient was titrated to, µg/day; the potency follows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_dose_ug_per_day: Option<f64>,
    /// The typical values of the population are this patient's own, and the number names the draws of ward
    /// and pump alone.
    #[serde(default, skip_serializing_if = "is_false")]
    pub as_written: bool,
    /// Whether an overdose mimics withdrawal; left out, as it was drawn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paradoxical: Option<bool>,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde asks with a reference"
)]
const fn is_false(flag: &bool) -> bool {
    !*flag
}

/// From the operation to the first drop outside.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Explant {
    /// Drug in the pump and, as assumed, in whatever is on the patient already, µg/mL.
    pub drug_ug_per_ml: u32,
    /// Volume in the reservoir, residual included, mL.
    pub reservoir_ml: f64,
    /// Betadine and reconnection, from the explant to the first prime, minutes.
    pub cleaning_min: u32,
    /// How many in a thousand have an infection that reaches the catheter, and get a new drain.
    pub infection_reaches_catheter_permille: u32,
    /// Temperature beside the bed, °C.
    pub room_temperature_c: f64,
    /// Pressure at the tip, mmHg.
    pub csf_pressure_mmhg: f64,
}

/// What is done to the patients.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Arm {
    /// Its name, once in a file.
    pub name: String,
    /// What becomes of the intrathecal drug.
    pub infusion: Infusion,
    /// Tablets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oral: Option<Oral>,
    /// A benzodiazepine, with or without tizanidine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adjunct: Option<AdjunctPlan>,
}

/// What becomes of the intrathecal drug.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Infusion {
    /// The externalised pump, under the controller.
    Wean,
    /// Nothing more from the explant on.
    Stop,
}

/// Tablets of baclofen, from the explant on.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Oral {
    /// Per day: day 0, day 1, …; the last goes on, mg.
    pub mg_per_day: Vec<f64>,
    /// From dose to dose, hours.
    pub every_h: u32,
}

/// An adjunct that goes on to the end.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct AdjunctPlan {
    /// From the explant on, hours.
    pub from_h: u32,
    /// Share of the drive to withdrawal that it takes away, thousandths.
    pub drive_permille: u32,
    /// Share of the tone that is left which it takes away, thousandths.
    pub tone_permille: u32,
}

/// Something that people do at a set time.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Scripted {
    /// From the explant on, minutes.
    pub at_min: u32,
    /// What.
    pub what: Doing,
}

/// What people can do.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub enum Doing {
    /// Pause the infusion.
    Pause,
    /// Go on after a pause or a stop.
    Resume,
    /// Stop the infusion.
    Stop,
    /// Leave the next decrement out.
    SkipDecrement,
    /// Flag withdrawal.
    FlagWithdrawal,
    /// Flag overdose.
    FlagOverdose,
    /// Switch the sound of the alarms off for a moment.
    PauseAudio,
    /// Put a fresh battery into the pump, which goes on meanwhile.
    ChangeBattery,
    /// Two users authorise another dose, µg/day. Any number is passed on, so that its refusal can be seen.
    Authorise {
        /// The dose.
        ug_per_day: RawNumber,
    },
    /// Empty the reservoir, fill it with another drug, tell both controller and pump.
    Refill {
        /// The drug, µg/mL.
        drug_ug_per_ml: u32,
        /// The volume, mL.
        volume_ml: f64,
    },
    /// Say something to the controller, and to nobody else: nothing is done beside it.
    Enter {
        /// Who.
        #[serde(default)]
        by: UserName,
        /// What.
        what: Entered,
    },
}

/// Who stands at the panel.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum UserName {
    /// Whoever begins.
    #[default]
    First,
    /// Whoever confirms.
    Second,
    /// Nobody whom the controller knows.
    Stranger,
}

/// What is entered at the panel. Any number is passed on, so that its refusal can be seen.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub enum Entered {
    /// A dose; a second user has to say the same.
    Dose {
        /// The dose.
        ug_per_day: RawNumber,
    },
    /// The drug in the reservoir; a second user has to say the same.
    Drug {
        /// Its concentration.
        ug_per_ml: RawNumber,
    },
    /// The reservoir has been refilled to this volume.
    Refilled {
        /// The volume.
        ml: RawNumber,
    },
    /// What the reservoir weighs, as a volume.
    Weighed {
        /// The volume.
        ml: RawNumber,
    },
    /// An alarm has been seen.
    Acknowledges {
        /// Which.
        alarm: AlarmName,
    },
    /// The sound is to be off for a moment.
    PausesAudio,
    /// The wean is over.
    ConfirmsEnd,
}

/// What a story should end in.
#[derive(Clone, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Expect {
    /// The verdict of the run, in the words of the README; left out where only the rest counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<crate::verdict::RunVerdict>,
    /// Requirements that must not be violated, such as `SR-15`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub holds: Vec<String>,
    /// Requirements that must be violated. Where a verdict is expected, every other one must not be: a verdict names
    /// one thing alone, and harm would hide the rest.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub violates: Vec<String>,
    /// Alarms that must have stood, such as `AL-05`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub alarms: Vec<String>,
    /// Alarms that must not have stood.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub no_alarms: Vec<String>,
    /// Whether the wean is complete at the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completes: Option<bool>,
}

impl Scenario {
    /// How many patients there are.
    #[must_use]
    pub fn patients(&self) -> u64 {
        self.cohort.map_or(1, |cohort| u64::from(cohort.size))
    }
}
