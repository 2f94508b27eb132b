//! An implant pump used outside the body, with its line and its catheter, as physics.
//!
//! It answers one question: where is the drug now? It knows no controller, no fault, no patient, no
//! clock and no random number. Time comes in as elapsed time, noise and drift as numbers, and
//! everything that can go wrong is a number in [`Condition`] that the equations always use.
//!
//! ```text
//!   reservoir --> rotor --> tubing =====> connector --> catheter --> tip --> CSF
//!   decay         strokes   compliance    share         plug flow    share
//!   inlet         slip      pressure      CSF backs out
//!                 packets   air           drain into the bag
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
//! * Set flow in whole quanta; true flow with a bias of the device, of its temperature and of the
//!   atmosphere, and a drift.
//! * A pump that counts whole strokes and believes in them: its sensor sees whether the rotor turns,
//!   and nothing sees whether that moves too much, too little or nothing, so that it can empty in
//!   silence. A motor that runs unasked is counted; one that stalls is not.
//! * One compliance between pump and connector, one resistance behind it, solved exactly, and a
//!   rotor that slips at a pressure. A rotor that sticks lets go of its flow in packets, each at its
//!   exact time.
//! * Plug flow through tubing and catheter in both directions, with air as a share of what moves;
//!   drug is conserved to [`BALANCE_TOLERANCE_UG`].
//! * Drug that decays in the reservoir, exponentially, in steps of a thousandth.
//! * The pump's own dose limit, sequence check and lease, and its own alarm when that has ended.
//! * A battery that ends, and a pump that is dead without power: it moves, says and takes nothing,
//!   the clamp stays, and free flow goes on. With power it restarts and goes on with what it
//!   remembers.
//! * Firmware that primes, restarts, or runs a program of its own; a report that is frozen.
//!
//! # Not modelled
//!
//! * The pulse of a sound stroke: the fluid moves evenly and only the count is in whole strokes.
//!   A stroke of 0.1 µL in a step of 1 s would read as 360 µL/h, then as nothing for a minute.
//! * Mixing in line or reservoir: no smear at a front, and a refill rinses the chamber.
//! * Drug in the CSF that flows back into the catheter: it is taken as drug-free.
//! * The order of pieces within a step at a connector that leaks and lets CSF out at once: drug is
//!   divided by the step's mean there, so a finer step divides a passing front a little otherwise.
//! * Air as a gas: it takes room and moves with the fluid, and neither yields nor rises. What air
//!   adds to the compliance of a line is a number of its own.
//! * What the wall holds when the compliance changes under pressure: the pressure stays, and the
//!   difference stays in the tubing as dead volume, or is missing there.
//! * A line that is so soft, or sucked at so hard, that it would give more than it holds: it gives
//!   what there is, and its pressure does not know.
//! * Decay in line and catheter, where drug stays for hours.
//! * A motor that runs against the closed clamp: nothing yields between them, so it slips at once.
//! * Instruments with a battery of their own: they speak through the pump, and are silent with it.
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
mod packet;
mod path;
mod reservoir;
mod rotor;
mod sum;

pub use condition::Condition;
pub use device::Device;
pub use pump::{Acceptance, Refusal};
pub use sensor::{Noise, Profile, SensorNumbers, Sensors};
pub use spec::{CatheterSpec, DeviceSpec, LineSpec, PumpSpec, SensorSpec};
pub use truth::{BALANCE_TOLERANCE_UG, Truth};

/// Drug in `volume_ul` at `ug_per_ml`, µg.
pub(crate) fn mass_ug(volume_ul: f64, ug_per_ml: f64) -> f64 {
    volume_ul * ug_per_ml * 1e-3
}
