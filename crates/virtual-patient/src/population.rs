//! Who lies in the bed: typical values, spreads, and the normals that choose a person.
//!
//! No number of a population stands in this code; the values and their sources are in
//! `configs/patients/`. Chance stands elsewhere too: a person is a function of [`UnitNormals`].

use crate::kinetics::Kinetics;
use crate::response::Response;
use crate::vitals::Vitals;

/// A population: the typical person and how much people differ.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(
    feature = "config",
    derive(schemars::JsonSchema, serde::Deserialize, serde::Serialize),
    serde(deny_unknown_fields)
)]
pub struct Population {
    /// Typical kinetics.
    pub kinetics: Kinetics,
    /// Typical response.
    pub response: Response,
    /// Signs at the bedside, the same for all.
    pub vitals: Vitals,
    /// Differences between people.
    pub spread: Spread,
    /// The doses a clinician would go to.
    pub dose: DoseRange,
}

/// How much people differ.
///
/// A `cv_` is the coefficient of variation of a log-normal factor with median 1.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(
    feature = "config",
    derive(schemars::JsonSchema, serde::Deserialize, serde::Serialize),
    serde(deny_unknown_fields)
)]
pub struct Spread {
    /// All CSF volumes together.
    pub cv_volume: f64,
    /// All CSF clearances together.
    pub cv_clearance: f64,
    /// Both exchanges together.
    pub cv_exchange: f64,
    /// Equilibration of both effect sites together.
    pub cv_ke: f64,
    /// Equilibration in the brain over that in the cord.
    pub cv_ke_ratio: f64,
    /// Elimination from plasma.
    pub cv_k10: f64,
    /// Delivery from tip to cord.
    pub cv_delivery: f64,
    /// Concentration of half occupancy.
    pub cv_ec50: f64,
    /// Gain of blood-borne drug in the cord.
    pub cv_gain_spinal: f64,
    /// Gain of blood-borne drug in the brain.
    pub cv_gain_brain: f64,
    /// Time constant of dependence.
    pub cv_tau_dependence: f64,
    /// Both time constants of withdrawal together.
    pub cv_tau_withdrawal: f64,
    /// Readiness to fall ill.
    pub cv_kappa: f64,
    /// Sum of both beta parameters of the accepted occupancy at the cord; larger is narrower.
    pub beta_sum_spinal: f64,
    /// Sum of both beta parameters of the occupancy in the brain; larger is narrower.
    pub beta_sum_brain: f64,
    /// Lowest accepted occupancy at the cord.
    pub accepted_spinal_min: f64,
    /// Highest accepted occupancy at the cord.
    pub accepted_spinal_max: f64,
    /// Standard deviation of untreated tone, points.
    pub sd_mas_untreated: f64,
    /// Lowest untreated tone.
    pub mas_untreated_min: f64,
    /// Highest untreated tone.
    pub mas_untreated_max: f64,
    /// Share of people in whom an overdose mimics withdrawal, 0 to 1.
    pub paradoxical_fraction: f64,
}

/// The lowest and the highest dose that a titration ends at, ug/day.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(
    feature = "config",
    derive(schemars::JsonSchema, serde::Deserialize, serde::Serialize),
    serde(deny_unknown_fields)
)]
pub struct DoseRange {
    /// Lowest, ug/day.
    pub lowest_ug_per_day: f64,
    /// Highest, ug/day.
    pub highest_ug_per_day: f64,
}

/// What is drawn, and where its normal stands in [`UnitNormals`].
///
/// A number is never given to something else: old seeds must draw the same people for ever.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Draw {
    /// CSF volumes.
    CsfVolume = 0,
    /// CSF clearances.
    CsfClearance = 1,
    /// CSF exchanges.
    CsfExchange = 2,
    /// Equilibration of the effect sites.
    EffectSite = 3,
    /// Equilibration in the brain over that in the cord.
    EffectSiteRatio = 4,
    /// Elimination from plasma.
    OralClearance = 5,
    /// Delivery from tip to cord.
    Delivery = 6,
    /// Concentration of half occupancy.
    Ec50 = 7,
    /// Gain of blood-borne drug in the cord.
    GainSpinal = 8,
    /// Gain of blood-borne drug in the brain.
    GainBrain = 9,
    /// Time constant of dependence.
    Dependence = 10,
    /// Readiness to fall ill.
    Susceptibility = 11,
    /// Time constants of withdrawal.
    WithdrawalTime = 12,
    /// Accepted occupancy at the cord.
    AcceptedSpinal = 13,
    /// Occupancy in the brain.
    AcceptedBrain = 14,
    /// Untreated tone.
    UntreatedTone = 15,
    /// Whether an overdose mimics withdrawal.
    Paradoxical = 16,
}

impl Draw {
    /// How many normals make a person.
    pub const COUNT: usize = 17;
}

/// One standard normal for each [`Draw`], in the order of its numbers; all finite.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct UnitNormals(pub [f64; Draw::COUNT]);

impl UnitNormals {
    /// The normal of one draw.
    #[must_use]
    pub const fn of(&self, draw: Draw) -> f64 {
        self.0[draw as usize]
    }

    /// A factor with median 1 and this coefficient of variation.
    pub(crate) fn factor(&self, draw: Draw, cv: f64) -> f64 {
        libm::exp(libm::log(1.0 + cv * cv).sqrt() * self.of(draw))
    }
}
