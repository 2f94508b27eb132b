//! The drug chamber as it is, not as the pump calculates it.

use crate::{mass_ug, sum::Sum};

/// Rounding can leave a rest that is no fluid, µL.
const NOTHING_UL: f64 = 1e-9;
/// Drug decays in whole thousandths, so that each is one front in the line, and a step of any length
/// finds the same ones.
const DECAYS_SHARE: f64 = 1e-3;
/// For this long times the rate, a chamber keeps its concentration: ln(1000/999).
const DECAYS_AFTER: f64 = 1.000_500_333_583_533_5e-3;

/// Fluid and drug in the chamber.
#[derive(Clone, Debug)]
pub(crate) struct Reservoir {
    volume_ul: Sum,
    drug_ug: Sum,
    /// Kept beside the mass so that steady infusion draws one and the same concentration.
    ug_per_ml: f64,
    residual_ul: f64,
    /// Time by rate of decay since the last thousandth, 0 to [`DECAYS_AFTER`].
    aged: f64,
}

impl Reservoir {
    /// A chamber filled with `volume_ul`, of which `residual_ul` cannot be moved.
    pub(crate) fn new(volume_ul: f64, ug_per_ml: f64, residual_ul: f64) -> Self {
        Self {
            volume_ul: Sum::from(volume_ul),
            drug_ug: Sum::from(mass_ug(volume_ul, ug_per_ml)),
            ug_per_ml,
            residual_ul,
            aged: 0.0,
        }
    }

    /// What can still be moved, µL, 0 or more.
    pub(crate) fn usable_ul(&self) -> f64 {
        let usable_ul = self.volume_ul.get() - self.residual_ul;
        if usable_ul > NOTHING_UL {
            usable_ul
        } else {
            0.0
        }
    }

    /// Everything in the chamber, µL.
    pub(crate) fn volume_ul(&self) -> f64 {
        self.volume_ul.get()
    }

    /// Drug in the chamber, µg.
    pub(crate) fn drug_ug(&self) -> f64 {
        self.drug_ug.get()
    }

    /// µg/mL in the chamber.
    pub(crate) const fn ug_per_ml(&self) -> f64 {
        self.ug_per_ml
    }

    /// Takes `volume_ul` out; the drug in it, µg.
    pub(crate) fn take(&mut self, volume_ul: f64) -> f64 {
        let drug_ug = mass_ug(volume_ul, self.ug_per_ml);
        self.volume_ul.add(-volume_ul);
        self.drug_ug.add(-drug_ug);
        drug_ug
    }

    /// Takes back what flows the wrong way; it mixes.
    pub(crate) fn put(&mut self, volume_ul: f64, drug_ug: f64) {
        self.volume_ul.add(volume_ul);
        self.drug_ug.add(drug_ug);
        self.mix();
    }

    /// For how long the concentration stays as it is, hours.
    pub(crate) fn keeps_h(&self, decay_per_h: f64) -> f64 {
        // Never nothing by nothing: what does not decay keeps for ever.
        (DECAYS_AFTER - self.aged).max(f64::MIN_POSITIVE) / decay_per_h
    }

    /// Ages by at most [`keeps_h`](Self::keeps_h); the drug that decays at the end of it, µg.
    pub(crate) fn age(&mut self, hours: f64, decay_per_h: f64) -> Option<f64> {
        if hours < self.keeps_h(decay_per_h) {
            self.aged += decay_per_h * hours;
            return None;
        }
        self.aged = 0.0;
        let decayed_ug = self.drug_ug.get() * DECAYS_SHARE;
        self.drug_ug.add(-decayed_ug);
        self.mix();
        Some(decayed_ug)
    }

    fn mix(&mut self) {
        if self.volume_ul.get() > 0.0 {
            self.ug_per_ml = self.drug_ug.get() / self.volume_ul.get() * 1e3;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decay_is_exponential_to_a_thousandth() {
        assert!((DECAYS_AFTER + libm::log1p(-DECAYS_SHARE)).abs() < 1e-18);
        let mut chamber = Reservoir::new(1_000.0, 500.0, 0.0);
        let (mut left_h, mut decayed_ug) = (24.0, 0.0);
        while left_h > 0.0 {
            let hours = chamber.keeps_h(0.01).min(left_h);
            decayed_ug += chamber.age(hours, 0.01).unwrap_or_default();
            left_h -= hours;
        }
        let exact = 500.0 * libm::exp(-0.24);
        assert!((chamber.drug_ug() - exact).abs() < 0.5);
        assert!((chamber.ug_per_ml() - exact).abs() < 0.5);
        assert!((chamber.drug_ug() + decayed_ug - 500.0).abs() < 1e-9);
    }

    #[test]
    fn drug_that_does_not_decay_keeps() {
        let mut chamber = Reservoir::new(1_000.0, 500.0, 0.0);
        assert_eq!(chamber.keeps_h(0.0), f64::INFINITY);
        assert_eq!(chamber.age(1e6, 0.0), None);
        assert_eq!(chamber.drug_ug(), 500.0);
    }
}
