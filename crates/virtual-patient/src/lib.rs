//! A person on intrathecal baclofen, as far as a bench needs one.
//!
//! Engineering simulation only; never for clinical use.
//!
//! Drug goes in (mass at the catheter tip, tablets), signs come out (tone, withdrawal, overdose, vital
//! signs). The crate knows physics and nothing else: no clock, no random number, no log, and it has
//! never heard of a pump. Whoever holds a [`Patient`] says how much time passes; whoever draws one
//! brings the random numbers. Every operation is `+ - * /`, a square root or a function of `libm`, so
//! that all builds give the same bytes.
//!
//! ```text
//!   mass at the tip --> lumbar CSF <-> thoracic CSF <-> cranial CSF
//!                           |     \          |         /     |
//!                       spinal site   plasma <-> tissue   brain site
//!                           |           ^ gut <- tablet      |
//!                           E_s - D_s (adapts) E_b - D_b ----+
//!                           |                |
//!                         tone   drive -> W1 -> W    overdose index -> vital signs
//! ```
//!
//! | module | holds |
//! |---|---|
//! | [`kinetics`] | eight linear states and their exact step |
//! | [`response`] | occupancy, dependence, withdrawal, overdose, tone |
//! | [`vitals`] | signs at the bedside and their lags |
//! | [`population`] | typical values, spreads, and the normals that choose a person |
//! | [`parameters`] | one person: drawn, then titrated |
//! | [`exchange`] | what goes in, and what is true of the person |
//! | [`patient`] | the person, moved through time |
//!
//! # Why severity does not follow the dose
//!
//! The dose is titrated until the spinal receptors are as occupied as the clinician accepts. It tells
//! how insensitive a person is, not how dependent: dependence settles at that occupancy, whatever the
//! dose was, and the readiness to fall ill (`kappa`) is drawn apart from both.
//!
//! # What is not modelled
//!
//! No respiratory mechanics, no meningitis, no kidney failure (a smaller `k10_per_h` imitates it), no
//! children, no withdrawal that lasts for weeks, no effect of posture on the CSF. Creatine kinase is
//! left out. An overdose after a restart comes later than was reported, and the effect of a single
//! bolus outlasts the label. The thresholds of the effect model are assumptions that were tuned to
//! published anchors; nothing here validates them.

pub mod exchange;
pub mod kinetics;
mod matrix;
pub mod parameters;
pub mod patient;
pub mod population;
mod quantile;
pub mod response;
pub mod vitals;

pub use exchange::{Adjunct, Input, Signs};
pub use kinetics::{Kinetics, LinearState, Propagator};
pub use parameters::Parameters;
pub use patient::Patient;
pub use population::{DoseRange, Draw, Population, Spread, UnitNormals};
pub use response::Response;
pub use vitals::{Illness, Seizure, VitalSign, Vitals};
