//! Where the drug is: eight linear states and their exact step.
//!
//! Three CSF compartments in a row, one effect site at each end, and an oral path through the blood.
//! Input is held over a step; within that the step is exact, whatever its length.

use crate::matrix::{Square, exponential, solve};

/// The eight states.
///
/// | index | what | unit |
/// |---|---|---|
/// | 0, 1, 2 | drug in lumbosacral, thoraco-cervical, cranial CSF | ug |
/// | 3, 4 | effect site in the cord, in the brain | ng/mL |
/// | 5, 6, 7 | gut, plasma, tissue, each per bioavailability | ug |
pub type LinearState = [f64; 8];

/// Index of the lumbosacral CSF.
pub(crate) const LUMBAR: usize = 0;
/// Index of the effect site in the cord.
pub(crate) const SPINAL: usize = 3;
/// Index of the effect site in the brain.
pub(crate) const BRAIN: usize = 4;
/// Index of the gut.
pub(crate) const GUT: usize = 5;
/// Index of the plasma.
pub(crate) const PLASMA: usize = 6;

/// Volumes, clearances and rate constants of one person, or of the typical one.
///
/// Every value is positive. Typical values and their sources: `configs/patients/`.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(
    feature = "config",
    derive(schemars::JsonSchema, serde::Deserialize, serde::Serialize),
    serde(deny_unknown_fields)
)]
pub struct Kinetics {
    /// Lumbosacral CSF, mL; 28 to 81 was measured.
    pub v1_ml: f64,
    /// Thoraco-cervical CSF, mL.
    pub v2_ml: f64,
    /// Cranial CSF, mL.
    pub v3_ml: f64,
    /// Absorption from lumbosacral CSF into blood, mL/h.
    pub cl1_ml_per_h: f64,
    /// Absorption from thoraco-cervical CSF into blood, mL/h.
    pub cl2_ml_per_h: f64,
    /// Absorption from cranial CSF into blood, mL/h.
    pub cl3_ml_per_h: f64,
    /// Exchange between lumbosacral and thoraco-cervical CSF, mL/h.
    pub q12_ml_per_h: f64,
    /// Exchange between thoraco-cervical and cranial CSF, mL/h.
    pub q23_ml_per_h: f64,
    /// Equilibration of the spinal effect site, 1/h.
    pub ke_spinal_per_h: f64,
    /// Equilibration of the effect site in the brain, 1/h.
    pub ke_brain_per_h: f64,
    /// How much of the lumbar concentration reaches the cord that matters; 1 is typical.
    pub delivery: f64,
    /// Absorption from the gut, 1/h.
    pub ka_per_h: f64,
    /// Elimination from plasma, 1/h.
    pub k10_per_h: f64,
    /// Plasma to tissue, 1/h.
    pub k12_per_h: f64,
    /// Tissue to plasma, 1/h.
    pub k21_per_h: f64,
    /// Apparent volume of plasma, per bioavailability, L.
    pub vc_l: f64,
    /// Share of a tablet that reaches the blood, 0 to 1.
    pub bioavailability: f64,
    /// CSF over plasma concentration of blood-borne drug, 0 to 1.
    pub csf_to_plasma: f64,
    /// How much better blood-borne drug reaches the cord than CSF-borne drug.
    pub gain_spinal: f64,
    /// The same for the brain.
    pub gain_brain: f64,
}

impl Kinetics {
    /// The matrix `A` of `x' = A x + b r`, 1/h, while `leak_ml_per_h` of lumbar CSF is lost.
    fn rates(&self, leak_ml_per_h: f64) -> Square<8> {
        let (v1, v2, v3) = (self.v1_ml, self.v2_ml, self.v3_ml);
        let (cl1, cl2, cl3) = (self.cl1_ml_per_h, self.cl2_ml_per_h, self.cl3_ml_per_h);
        let (q12, q23) = (self.q12_ml_per_h, self.q23_ml_per_h);
        let (kes, keb) = (self.ke_spinal_per_h, self.ke_brain_per_h);
        // ug per mL is 1000 ng per mL; plasma, in ug per L, is in ng per mL already.
        let lumbar_to_cord = kes * self.delivery * 1000.0 / v1;
        let cranial_to_brain = keb * 1000.0 / v3;
        let blood_to_cord = kes * self.gain_spinal * self.csf_to_plasma / self.vc_l;
        let blood_to_brain = keb * self.gain_brain * self.csf_to_plasma / self.vc_l;
        // Drug absorbed from CSF is in the blood already; the blood is kept per bioavailability.
        let f = self.bioavailability;
        let (in1, in2, in3) = (cl1 / v1 / f, cl2 / v2 / f, cl3 / v3 / f);
        let out1 = -(cl1 + q12 + leak_ml_per_h) / v1;
        let out2 = -(cl2 + q12 + q23) / v2;
        let out3 = -(cl3 + q23) / v3;
        let (ka, k12, k21) = (self.ka_per_h, self.k12_per_h, self.k21_per_h);
        let out_p = -(self.k10_per_h + k12);
        [
            [out1, q12 / v2, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
            [q12 / v1, out2, q23 / v3, 0.0, 0.0, 0.0, 0.0, 0.0],
            [0.0, q23 / v2, out3, 0.0, 0.0, 0.0, 0.0, 0.0],
            [lumbar_to_cord, 0.0, 0.0, -kes, 0.0, 0.0, blood_to_cord, 0.0],
            [
                0.0,
                0.0,
                cranial_to_brain,
                0.0,
                -keb,
                0.0,
                blood_to_brain,
                0.0,
            ],
            [0.0, 0.0, 0.0, 0.0, 0.0, -ka, 0.0, 0.0],
            [in1, in2, in3, 0.0, 0.0, ka, out_p, k21],
            [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, k12, -k21],
        ]
    }

    /// Where the states settle under 1 ug/h at the catheter tip, without tablets or leak.
    #[must_use]
    pub fn steady_per_unit_rate(&self) -> LinearState {
        let mut inlet = [0.0; 8];
        inlet[LUMBAR] = -1.0;
        solve(self.rates(0.0), inlet)
    }
}

/// One step of fixed length: `x <- Phi x + Gamma r`, exact for a rate held over the step.
#[derive(Clone, Debug, PartialEq)]
pub struct Propagator {
    // Columns, not rows: the eight sums of the product then run side by side.
    phi_columns: [[f64; 8]; 8],
    gamma: [f64; 8],
}

impl Propagator {
    /// The step of `step_h` hours while `leak_ml_per_h` of lumbar CSF is lost.
    #[must_use]
    pub fn new(kinetics: &Kinetics, leak_ml_per_h: f64, step_h: f64) -> Self {
        let rates = kinetics.rates(leak_ml_per_h);
        // The input becomes a ninth state that never changes; the exponential then yields both parts.
        let mut augmented = [[0.0; 9]; 9];
        for (row, from) in augmented.iter_mut().zip(&rates) {
            for (value, &rate) in row.iter_mut().zip(from) {
                *value = rate * step_h;
            }
        }
        augmented[LUMBAR][8] = step_h;
        let exponential = exponential(&augmented);
        let mut phi_columns = [[0.0; 8]; 8];
        let mut gamma = [0.0; 8];
        for (row, from) in exponential.iter().take(8).enumerate() {
            for (column, &value) in phi_columns.iter_mut().zip(from) {
                column[row] = value;
            }
            gamma[row] = from[8];
        }
        Self { phi_columns, gamma }
    }

    /// The states one step after `x` under `rate_ug_per_h` at the catheter tip.
    #[must_use]
    pub fn step(&self, x: &LinearState, rate_ug_per_h: f64) -> LinearState {
        let mut next = self.gamma.map(|share| share * rate_ug_per_h);
        for (column, &from) in self.phi_columns.iter().zip(x) {
            for (sum, &share) in next.iter_mut().zip(column) {
                *sum += share * from;
            }
        }
        next
    }
}
