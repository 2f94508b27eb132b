//! What goes into a person, and what is true of one.
//!
//! Plain numbers: whoever watches adds noise, rounds to the grades of a scale and forgets to write down.

/// What other drugs do against withdrawal.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Adjunct {
    /// Share of the withdrawal drive that they damp, 0 to 1.
    pub drive: f64,
    /// Share of the remaining tone that they relieve, 0 to 1.
    pub tone: f64,
}

/// What acts on the person during one call of [`crate::Patient::advance`].
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Input {
    /// Mass that left the catheter tip into the CSF during the call, ug; not negative.
    pub intrathecal_ug: f64,
    /// Loss of lumbar CSF, mL/h; 0 to 1000, applied as the nearest whole number per grid step.
    pub leak_ml_per_h: f64,
    /// Other drugs.
    pub adjunct: Adjunct,
}

/// The truth about the person, free of noise, as of the last grid point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Signs {
    /// Tone as a continuous modified Ashworth score, 0 to 4.
    pub mas: f64,
    /// The same at the very start, before anything was changed.
    pub mas_at_start: f64,
    /// Penn spasm frequency as a continuous score, 0 to 4.
    pub spasms: f64,
    /// Severity of withdrawal, from 0 to below 10: below 1 none, to 3 mild, to 5 moderate, then severe.
    pub withdrawal: f64,
    /// Overdose index, 0 to 1: above 0.10 drowsy, 0.20 hard to rouse, 0.35 coma.
    pub overdose: f64,
    /// Richmond agitation-sedation score as a continuous number, -5 to 4.
    pub sedation: f64,
    /// Itch, 0 to 10.
    pub itch: f64,
    /// Heart beats per minute.
    pub heart_rate_per_min: f64,
    /// Systolic blood pressure, mmHg.
    pub systolic_mmhg: f64,
    /// Body temperature, degrees Celsius.
    pub temperature_c: f64,
    /// Breaths per minute.
    pub breaths_per_min: f64,
    /// Oxygen saturation, %.
    pub saturation_percent: f64,
    /// Hazard of a seizure, 1/h.
    pub seizure_per_h: f64,
    /// Concentration in lumbar CSF, ng/mL.
    pub csf_lumbar_ng_per_ml: f64,
    /// Apparent concentration in plasma, ng/mL.
    pub plasma_ng_per_ml: f64,
}
