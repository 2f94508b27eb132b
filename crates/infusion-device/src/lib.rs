//! An implant pump used outside the body, with its line and its catheter, as physics.
//!
//! It answers one question: where is the drug now? It knows no controller, no fault, no patient, no
//! clock and no random number. Time comes in as elapsed time, noise and drift as numbers, and
//! everything that can go wrong is a number in [`Condition`] that the equations always use.
//!
//! ```text
//!   reservoir --> rotor --> tubing =====> connector --> catheter --> tip --> CSF
//!                 strokes   compliance    share         plug flow    share
//!                 slip      pressure      CSF backs out
//!                           \__________ one clamp closes all of it __________/
//! ```
//!
//! | module | holds |
//! |---|---|
//! | [`spec`] | the numbers of one device: none of them is in the code |
//! | [`condition`] | the numbers that events may change |
//! | [`pump`] | commands, the pump's own limit, lease, set flow, what the pump believes |
//! | [`sensor`] | what is fitted, and what it says |
//! | [`truth`] | what is |
//! | [`device`] | the assembly |
//!
//! # Modelled
//!
//! * Set flow in whole quanta; true flow with a bias of the device, of its temperature, and a drift.
//! * A pump that counts whole strokes and believes in them: it does not notice when they move too
//!   much, too little or nothing, so that it can empty in silence.
//! * One compliance between pump and connector, one resistance behind it, solved exactly, and a
//!   rotor that slips at a pressure.
//! * Plug flow through tubing and catheter in both directions; drug is conserved to
//!   [`BALANCE_TOLERANCE_UG`].
//! * The pump's own dose limit, sequence check and lease.
//!
//! # Not modelled
//!
//! * The pulse of a single stroke: the fluid moves evenly and only the count is in whole strokes.
//!   A stroke of 0.1 µL in a step of 1 s would read as 360 µL/h, then as nothing for a minute.
//! * Mixing in line or reservoir: no smear at a front, and a refill rinses the chamber.
//! * Drug in the CSF that flows back into the catheter: it is taken as drug-free.
//! * The order of pieces within a step at a connector that leaks and lets CSF out at once: drug is
//!   divided by the step's mean there, so a finer step divides a passing front a little otherwise.
//! * Air as a gas: it is a number that the sensor sees and displaces nothing.
//! * A battery that ends: it runs down and says so; what stops the motor is a gain of zero.
//!
//! Engineering simulation only; never for clinical use.

pub mod condition;
pub mod device;
pub mod pump;
pub mod sensor;
pub mod spec;
pub mod truth;

mod catheter;
mod line;
mod path;
mod reservoir;
mod rotor;
mod sum;

pub use condition::{Condition, SensorNumbers, Sensors};
pub use device::Device;
pub use pump::{Acceptance, Refusal};
pub use sensor::{Noise, Profile};
pub use spec::{CatheterSpec, DeviceSpec, LineSpec, PumpSpec, SensorSpec};
pub use truth::{BALANCE_TOLERANCE_UG, Truth};

/// Drug in `volume_ul` at `ug_per_ml`, µg.
pub(crate) fn mass_ug(volume_ul: f64, ug_per_ml: f64) -> f64 {
    volume_ul * ug_per_ml * 1e-3
}
