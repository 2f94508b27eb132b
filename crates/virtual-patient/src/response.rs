//! What the drug does: occupancy, dependence, withdrawal, overdose, tone.
//!
//! Dependence follows occupancy slowly. Where occupancy falls below it, withdrawal is driven; where
//! occupancy rises above it, an overdose begins. One pair of states explains both, and also why the old
//! dose is too much after a holiday.

/// Sensitivity, dependence and tone of one person, or of the typical one.
///
/// Typical values and their sources: `configs/patients/`.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(
    feature = "config",
    derive(schemars::JsonSchema, serde::Deserialize, serde::Serialize),
    serde(deny_unknown_fields)
)]
pub struct Response {
    /// Exponent of the occupancy curve; positive.
    pub hill: f64,
    /// Concentration of half occupancy at the cord in a tolerant person, ng/mL; positive.
    pub ec50_spinal_ng_per_ml: f64,
    /// Occupancy at the cord at which the clinician stops raising the dose, above 0 and below 1.
    pub accepted_spinal: f64,
    /// Occupancy in the brain at that dose, above 0 and below 1.
    pub accepted_brain: f64,
    /// Time constant of dependence, h; positive.
    pub tau_dependence_h: f64,
    /// Time constant of each of the two stages of withdrawal while it grows, h; positive.
    pub tau_onset_h: f64,
    /// The same while it fades, h; positive.
    pub tau_recovery_h: f64,
    /// Weight of the cord in the drive, 0 to 1.
    pub weight_spinal: f64,
    /// Weight of the brain in the drive, 0 to 1.
    pub weight_brain: f64,
    /// Loss of occupancy that is borne without withdrawal, 0 to 1.
    pub threshold: f64,
    /// Readiness to fall ill; not negative.
    pub kappa: f64,
    /// Rise of occupancy in the brain that is borne without overdose, 0 to 1.
    pub overdose_threshold: f64,
    /// Modified Ashworth score without any drug, 0 to 4.
    pub mas_untreated: f64,
    /// Share of the untreated tone that full occupancy takes away, 0 to 1.
    pub mas_effect_max: f64,
    /// Points of tone at the worst withdrawal.
    pub mas_per_withdrawal: f64,
    /// Points of tone lost per unit of the overdose index.
    pub mas_per_overdose: f64,
    /// Highest Penn spasm frequency.
    pub spasm_max: f64,
    /// Tone at which half of it is reached; positive.
    pub spasm_half_at_mas: f64,
}

impl Response {
    /// Tone as a continuous modified Ashworth score, 0 to 4.
    ///
    /// `adjunct_tone` is the share of the remaining tone that other drugs take away, 0 to 1.
    #[must_use]
    pub fn mas(&self, spinal: f64, adjunct_tone: f64, withdrawal: f64, overdose: f64) -> f64 {
        let relaxed = 1.0 - (1.0 - spinal) * (1.0 - adjunct_tone);
        let tone = self.mas_untreated * (1.0 - self.mas_effect_max * relaxed)
            + self.mas_per_withdrawal * withdrawal / 10.0
            - self.mas_per_overdose * overdose;
        tone.clamp(0.0, 4.0)
    }

    /// Penn spasm frequency as a continuous score, 0 to `spasm_max`.
    ///
    /// Assumption: it rises with tone alone, steeply about `spasm_half_at_mas`. Measured spasm
    /// frequency follows tone only poorly, so it must not be read as a second witness.
    #[must_use]
    pub fn spasms(&self, mas: f64) -> f64 {
        self.spasm_max * rise(mas, self.spasm_half_at_mas)
    }

    /// Overdose index, 0 to 1: above 0.10 drowsy, 0.20 hard to rouse, 0.35 coma.
    #[must_use]
    pub fn overdose(&self, brain: f64, dependence_brain: f64) -> f64 {
        (brain - dependence_brain - self.overdose_threshold).max(0.0)
    }

    /// Concentration at which `occupancy`, above 0 and below 1, is reached.
    #[must_use]
    pub(crate) fn concentration_for(&self, ec50_ng_per_ml: f64, occupancy: f64) -> f64 {
        ec50_ng_per_ml * libm::pow(occupancy / (1.0 - occupancy), 1.0 / self.hill)
    }
}

/// Share of receptors that are occupied at one site.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Site {
    hill: f64,
    // EC50 to the power of the exponent: it never changes, and powers are what a step costs.
    ec50_power: f64,
}

impl Site {
    pub(crate) fn new(ec50_ng_per_ml: f64, hill: f64) -> Self {
        let ec50_power = libm::pow(ec50_ng_per_ml, hill);
        Self { hill, ec50_power }
    }

    /// Occupancy, 0 to 1.
    pub(crate) fn occupancy(&self, concentration_ng_per_ml: f64) -> f64 {
        // Rounding may leave a trace below zero where there is no drug.
        let power = libm::pow(concentration_ng_per_ml.max(0.0), self.hill);
        power / (self.ec50_power + power)
    }
}

/// What one grid step keeps of each lag.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Lags {
    dependence: f64,
    onset: f64,
    recovery: f64,
}

impl Lags {
    pub(crate) fn new(response: &Response, step_h: f64) -> Self {
        Self {
            dependence: libm::exp(-step_h / response.tau_dependence_h),
            onset: libm::exp(-step_h / response.tau_onset_h),
            recovery: libm::exp(-step_h / response.tau_recovery_h),
        }
    }

    /// `from` one step closer to `to`: slowly upwards, faster downwards.
    fn follow(&self, from: f64, to: f64) -> f64 {
        let keep = if to > from { self.onset } else { self.recovery };
        to + (from - to) * keep
    }
}

/// Dependence at both sites and the two stages of withdrawal.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Opponent {
    pub(crate) spinal: f64,
    pub(crate) brain: f64,
    stage: f64,
    illness: f64,
}

impl Opponent {
    /// Fully adapted to these occupancies, and well.
    pub(crate) fn adapted(spinal: f64, brain: f64) -> Self {
        Self {
            spinal,
            brain,
            stage: 0.0,
            illness: 0.0,
        }
    }

    /// Severity, from 0 to below 10: below 1 none, to 3 mild, to 5 moderate, then severe.
    pub(crate) fn withdrawal(&self) -> f64 {
        10.0 * self.illness / (1.0 + self.illness)
    }

    /// One grid step during which both occupancies and the damping of the drive are held.
    pub(crate) fn step(
        &mut self,
        response: &Response,
        lags: &Lags,
        occupancy: (f64, f64),
        damping: f64,
    ) {
        let (spinal, brain) = occupancy;
        let missing = response.weight_spinal * (self.spinal - spinal)
            + response.weight_brain * (self.brain - brain)
            - response.threshold;
        let drive = response.kappa * (1.0 - damping) * missing.max(0.0);
        self.spinal = spinal + (self.spinal - spinal) * lags.dependence;
        self.brain = brain + (self.brain - brain) * lags.dependence;
        let stage = lags.follow(self.stage, drive);
        // The second stage sees the middle of the first: second order in the step, at no cost.
        self.illness = lags.follow(self.illness, 0.5 * (self.stage + stage));
        self.stage = stage;
    }
}

/// A rise from 0 to 1 with the fourth power, one half at `half`.
pub(crate) fn rise(x: f64, half: f64) -> f64 {
    let (x2, half2) = (x * x, half * half);
    let (x4, half4) = (x2 * x2, half2 * half2);
    x4 / (x4 + half4)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_the_receptors_at_ec50() {
        let site = Site::new(212.0, 1.5);
        assert!((site.occupancy(212.0) - 0.5).abs() < 1e-15);
        assert_eq!(site.occupancy(0.0), 0.0);
        assert_eq!(site.occupancy(-1e-30), 0.0);
    }

    #[test]
    fn rise_is_half_at_half() {
        assert_eq!(rise(0.0, 2.0), 0.0);
        assert_eq!(rise(2.0, 2.0), 0.5);
        assert!(rise(4.0, 2.0) > 0.9);
    }
}
