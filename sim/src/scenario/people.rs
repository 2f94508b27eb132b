//! The people on a ward: how often, how late, how well, and what they do when asked.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A ward.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct PeopleFile {
    /// Version of this file kind: 1.
    pub schema: u32,
    /// One line.
    pub title: String,
    /// Who looks and weighs.
    pub nurse: Nurse,
    /// Who authorises, starts, confirms and answers alarms.
    pub clinician: Clinician,
    /// Where each number comes from.
    pub sources: BTreeMap<String, String>,
}

/// Who looks and weighs.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Nurse {
    /// A full assessment this often, minutes.
    pub assess_every_min: u32,
    /// Up to this late, minutes.
    pub late_max_min: u32,
    /// The reservoir on the scales this often, minutes (profiles P1 and P2).
    pub weigh_every_min: u32,
    /// An assessment or weighing is repeated this soon after it was asked for: least and most, s.
    pub repeat_after_s: [u32; 2],
    /// How far ratings scatter.
    pub noise: RaterNoise,
}

/// One standard deviation of each entry about what is true.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct RaterNoise {
    /// Modified Ashworth score, grades, before it is rounded to a grade.
    pub spasticity: f64,
    /// Penn score, before it is rounded.
    pub spasms: f64,
    /// RASS, before it is rounded.
    pub sedation: f64,
    /// Breaths per minute.
    pub breaths_per_min: f64,
    /// Saturation, %.
    pub saturation_percent: f64,
    /// Heart rate per minute.
    pub heart_rate_per_min: f64,
    /// Systolic pressure, mmHg.
    pub systolic_mmhg: f64,
    /// Temperature, °C.
    pub temperature_c: f64,
    /// Itch, 0 to 10.
    pub itch: f64,
}

/// Who authorises, starts, confirms and answers alarms.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Clinician {
    /// An alarm is acknowledged this soon: least and most, minutes.
    pub answers_alarm_min: [u32; 2],
    /// A question of the controller is answered this soon: least and most, minutes.
    pub answers_question_min: [u32; 2],
    /// The second user follows the first: least and most, s.
    pub second_user_s: [u32; 2],
    /// From the second authorisation to the start: least and most, s.
    pub starts_s: [u32; 2],
    /// While priming, the button is renewed this often, s.
    pub hold_to_run_every_s: u32,
    /// Whether a rung back is authorised when the controller asks for it.
    pub grants_rung_back: bool,
    /// The drug that the pump is refilled with when the plan is below what it can deliver, µg/mL;
    /// 0 when nobody does.
    pub dilutes_to_ug_per_ml: u32,
    /// The volume of such a refill, mL.
    pub refill_ml: f64,
    /// The catheter comes out this soon after the end: least and most, minutes.
    pub catheter_out_min: [u32; 2],
}
