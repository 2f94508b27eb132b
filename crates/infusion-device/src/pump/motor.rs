//! What the motor makes of what the pump was told: turns of the rotor, and the flow they stand for.

use super::{Motion, Pump, hours};
use crate::{Condition, condition::STANDARD_KPA};

/// The temperature at which the pump is metered, °C.
const BODY_C: f64 = 37.0;

impl Pump {
    /// Flow that the motor is set to, µL/h.
    pub(crate) const fn set_flow_ul_per_h(&self) -> f64 {
        match self.motion {
            Motion::Idle | Motion::Stopped => 0.0,
            Motion::Priming { .. } => self.spec.flow_prime_ul_per_h,
            Motion::Infusing { flow_ul_per_h } => flow_ul_per_h,
        }
    }

    /// What the rotor turns, as a nominal flow, µL/h.
    pub(crate) fn turning_ul_per_h(&self, condition: &Condition) -> f64 {
        let turns = f64::from(u8::from(self.powered && condition.turns));
        let told_ul_per_h = self.set_flow_ul_per_h();
        told_ul_per_h.max(condition.motor_least_ul_per_h) * turns
    }

    /// Whether the rotor should turn and stands; a dead pump should do nothing.
    pub(crate) const fn stalled(&self, condition: &Condition) -> bool {
        self.powered && !condition.turns && self.set_flow_ul_per_h() > 0.0
    }

    /// Flow that a rotor would make against no pressure, of what it turns, µL/h.
    pub(crate) fn flow_ul_per_h(&self, turning_ul_per_h: f64, condition: &Condition) -> f64 {
        let cold_c = BODY_C - condition.pump_temperature_c;
        let thin_kpa = STANDARD_KPA - condition.ambient_kpa;
        let factor = 1.0
            + self.spec.bias
            + self.spec.bias_per_c_below_37 * cold_c
            + condition.drift
            + self.spec.bias_per_kpa_below_standard * thin_kpa;
        let factor = factor
            .max(self.spec.factor_least)
            .min(self.spec.factor_greatest);
        turning_ul_per_h * factor * condition.gain
    }

    /// When a prime is done, or when nobody asks for it any more, hours; never for anything else.
    pub(crate) fn prime_ends_h(&self, condition: &Condition) -> f64 {
        match self.motion {
            Motion::Priming { left_ul, leased } => {
                let turning_ul_per_h = self.turning_ul_per_h(condition);
                // A rotor that stands is never done, not even with nothing.
                let done_h = if turning_ul_per_h > 0.0 {
                    left_ul / turning_ul_per_h
                } else {
                    f64::INFINITY
                };
                if leased {
                    done_h.min(hours(self.lease_left))
                } else {
                    done_h
                }
            }
            Motion::Idle | Motion::Infusing { .. } | Motion::Stopped => f64::INFINITY,
        }
    }

    pub(crate) const fn end_prime(&mut self) {
        self.motion = Motion::Idle;
    }

    /// Turns the rotor and counts its whole strokes, whatever they moved.
    pub(crate) fn turn(&mut self, turned_ul: f64) {
        let drug = f64::from(self.programmed.micrograms_per_millilitre());
        match &mut self.motion {
            Motion::Priming { left_ul, .. } => {
                *left_ul -= turned_ul;
                self.rotor.turn(turned_ul);
            }
            // A motor that runs unasked delivers too.
            Motion::Idle | Motion::Stopped | Motion::Infusing { .. } => {
                self.rotor.deliver(turned_ul, drug);
            }
        }
    }
}
