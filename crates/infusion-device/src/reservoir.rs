//! The drug chamber as it is, not as the pump calculates it.

use crate::{mass_ug, sum::Sum};

/// Rounding can leave a rest that is no fluid, µL.
const NOTHING_UL: f64 = 1e-9;

/// Fluid and drug in the chamber.
#[derive(Clone, Debug)]
pub(crate) struct Reservoir {
    volume_ul: Sum,
    drug_ug: Sum,
    /// Kept beside the mass so that steady infusion draws one and the same concentration.
    ug_per_ml: f64,
    residual_ul: f64,
}

impl Reservoir {
    /// A chamber filled with `volume_ul`, of which `residual_ul` cannot be moved.
    pub(crate) fn new(volume_ul: f64, ug_per_ml: f64, residual_ul: f64) -> Self {
        Self {
            volume_ul: Sum::from(volume_ul),
            drug_ug: Sum::from(mass_ug(volume_ul, ug_per_ml)),
            ug_per_ml,
            residual_ul,
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
        if self.volume_ul.get() > 0.0 {
            self.ug_per_ml = self.drug_ug.get() / self.volume_ul.get() * 1e3;
        }
    }
}
