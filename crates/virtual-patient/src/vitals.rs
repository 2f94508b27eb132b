//! What can be seen and measured at the bedside, without noise.
//!
//! Each sign has a value at rest, a change with withdrawal and a change with overdose; some of them
//! come late. All sizes are assumptions, ordered as the signs of withdrawal were reported to appear:
//! itch, tone, heart rate, agitation, pressure, fever.

use crate::response::rise;

/// One sign: where it rests, how far each illness moves it, and how late it follows.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(
    feature = "config",
    derive(schemars::JsonSchema, serde::Deserialize, serde::Serialize),
    serde(deny_unknown_fields)
)]
pub struct VitalSign {
    /// Value in a well person, in the unit of the sign.
    pub rest: f64,
    /// Change at the worst withdrawal, in the unit of the sign.
    pub withdrawal_change: f64,
    /// Severity of withdrawal at half of that change; positive.
    pub withdrawal_half: f64,
    /// Change at the worst overdose, in the unit of the sign.
    pub overdose_change: f64,
    /// Overdose index at half of that change; positive.
    pub overdose_half: f64,
    /// Time constant with which the sign follows, h; 0 for at once.
    pub lag_h: f64,
}

impl VitalSign {
    /// Where the sign is heading.
    #[must_use]
    pub fn target(&self, illness: Illness) -> f64 {
        self.rest + self.risen(illness) + self.sunk(illness)
    }

    /// The same in an overdose that mimics withdrawal: what sank now rises.
    fn mirrored(&self, illness: Illness) -> f64 {
        self.rest + self.risen(illness) - self.sunk(illness)
    }

    fn risen(&self, illness: Illness) -> f64 {
        self.withdrawal_change * rise(illness.withdrawal, self.withdrawal_half)
    }

    fn sunk(&self, illness: Illness) -> f64 {
        self.overdose_change * rise(illness.overdose, self.overdose_half)
    }
}

/// How ill a person is: the two numbers that all signs depend on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Illness {
    /// Severity of withdrawal, from 0 to below 10.
    pub withdrawal: f64,
    /// Overdose index, 0 to 1.
    pub overdose: f64,
}

/// The hazard of a seizure in withdrawal.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(
    feature = "config",
    derive(schemars::JsonSchema, serde::Deserialize, serde::Serialize),
    serde(deny_unknown_fields)
)]
pub struct Seizure {
    /// Hazard at the worst withdrawal, 1/h.
    pub max_per_h: f64,
    /// Severity of withdrawal at half of it; positive.
    pub withdrawal_half: f64,
}

impl Seizure {
    /// Hazard, 1/h; steeper than the other signs, with the sixth power.
    #[must_use]
    pub fn hazard_per_h(&self, withdrawal: f64) -> f64 {
        let cube = |x: f64| x * x * x;
        let (x, half) = (cube(withdrawal), cube(self.withdrawal_half));
        self.max_per_h * (x * x / (x * x + half * half))
    }
}

/// All signs at the bedside.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(
    feature = "config",
    derive(schemars::JsonSchema, serde::Deserialize, serde::Serialize),
    serde(deny_unknown_fields)
)]
pub struct Vitals {
    /// Heart beats per minute.
    pub heart_rate_per_min: VitalSign,
    /// Systolic blood pressure, mmHg.
    pub systolic_mmhg: VitalSign,
    /// Body temperature, degrees Celsius.
    pub temperature_c: VitalSign,
    /// Breaths per minute.
    pub breaths_per_min: VitalSign,
    /// Oxygen saturation, %.
    pub saturation_percent: VitalSign,
    /// Richmond agitation-sedation score as a continuous number, -5 to 4.
    pub sedation: VitalSign,
    /// Itch, 0 to 10.
    pub itch: VitalSign,
    /// Seizures.
    pub seizure: Seizure,
}

/// The seven signs with their lags, in motion.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Bedside {
    keep: [f64; 7],
    now: [f64; 7],
}

impl Bedside {
    /// A well person, watched in steps of `step_h`.
    pub(crate) fn at_rest(vitals: &Vitals, step_h: f64) -> Self {
        let signs = in_order(vitals);
        Self {
            keep: signs.map(|sign| libm::exp(-step_h / sign.lag_h)),
            now: signs.map(|sign| sign.rest),
        }
    }

    /// One grid step during which the illness is held.
    pub(crate) fn step(&mut self, vitals: &Vitals, paradoxical: bool, illness: Illness) {
        let targets = targets(vitals, paradoxical, illness);
        for ((now, to), keep) in self.now.iter_mut().zip(targets).zip(self.keep) {
            *now = to + (*now - to) * keep;
        }
    }

    /// The signs as they stand: those that lag, and for the others what `illness` makes them now.
    pub(crate) fn read(&self, vitals: &Vitals, paradoxical: bool, illness: Illness) -> [f64; 7] {
        let mut out = targets(vitals, paradoxical, illness);
        for ((value, now), keep) in out.iter_mut().zip(self.now).zip(self.keep) {
            if keep > 0.0 {
                *value = now;
            }
        }
        out
    }
}

/// Heart rate, pressure, temperature, breaths, saturation, sedation, itch.
fn in_order(vitals: &Vitals) -> [&VitalSign; 7] {
    [
        &vitals.heart_rate_per_min,
        &vitals.systolic_mmhg,
        &vitals.temperature_c,
        &vitals.breaths_per_min,
        &vitals.saturation_percent,
        &vitals.sedation,
        &vitals.itch,
    ]
}

fn targets(vitals: &Vitals, paradoxical: bool, illness: Illness) -> [f64; 7] {
    let mut out = in_order(vitals).map(|sign| sign.target(illness));
    if paradoxical {
        out[0] = vitals.heart_rate_per_min.mirrored(illness);
        out[1] = vitals.systolic_mmhg.mirrored(illness);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEART: VitalSign = VitalSign {
        rest: 76.0,
        withdrawal_change: 62.0,
        withdrawal_half: 3.6,
        overdose_change: -32.0,
        overdose_half: 0.25,
        lag_h: 0.0,
    };

    fn ill(withdrawal: f64, overdose: f64) -> Illness {
        Illness {
            withdrawal,
            overdose,
        }
    }

    #[test]
    fn the_heart_races_in_withdrawal_and_slows_in_overdose() {
        assert_eq!(HEART.target(ill(0.0, 0.0)), 76.0);
        assert!((HEART.target(ill(3.0, 0.0)) - 96.2).abs() < 0.1);
        assert!((HEART.target(ill(5.0, 0.0)) - 124.9).abs() < 0.1);
        assert!((HEART.target(ill(0.0, 0.20)) - 66.7).abs() < 0.1);
        assert!((HEART.target(ill(0.0, 0.35)) - 50.6).abs() < 0.1);
    }

    #[test]
    fn a_paradoxical_heart_races_in_both() {
        assert!((HEART.mirrored(ill(0.0, 0.35)) - 101.4).abs() < 0.1);
        assert_eq!(HEART.mirrored(ill(3.0, 0.0)), HEART.target(ill(3.0, 0.0)));
    }

    #[test]
    fn seizures_are_rare_until_withdrawal_is_severe() {
        let seizure = Seizure {
            max_per_h: 0.03,
            withdrawal_half: 6.0,
        };
        assert_eq!(seizure.hazard_per_h(6.0), 0.015);
        assert!(seizure.hazard_per_h(3.0) < 0.0005);
        assert_eq!(seizure.hazard_per_h(0.0), 0.0);
    }
}
