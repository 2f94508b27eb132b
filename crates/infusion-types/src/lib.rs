//! The words that controller, pump and people share: nouns, no verbs.
//!
//! Nothing is decided here, and nothing waits, allocates or logs. The only arithmetic is exact unit
//! arithmetic on whole numbers, because a dose ledger must balance to the nanogram and a NaN must
//! not exist.
//!
//! | module | holds |
//! |---|---|
//! | [`quantity`] | dose, dose rate, volume, flow, concentration, pressure, temperature |
//! | [`time`] | a party's own monotonic clock |
//! | [`reading`] | a value with its time, or the reason for none |
//! | [`door`] | where a raw `f64` becomes a quantity, or is refused with its bits |
//! | [`wire`] | what controller and pump say to each other |
//! | [`clinical`] | what people observe and order |
//! | [`host`] | what the platform under a controller says of itself |
//! | [`mode`] | the ten modes of a controller |
//! | [`prescription`] | what was prescribed, as somebody wrote it down |
//! | [`decision`] | what one cycle answers |
//! | [`controller`] | what one cycle is given, and the trait that a controller implements |
//! | [`abilities`] | what a controller has |
//! | [`alarm`] | the 44 alarms, their priorities, and the panel that shows them |
//!
//! Engineering simulation only; never for clinical use.
#![cfg_attr(not(test), no_std)]
#![cfg_attr(
    not(test),
    deny(clippy::arithmetic_side_effects, clippy::as_conversions)
)]

pub mod abilities;
pub mod alarm;
pub mod clinical;
pub mod controller;
pub mod decision;
pub mod door;
pub mod host;
pub mod mode;
pub mod prescription;
pub mod quantity;
pub mod reading;
pub mod time;
pub mod wire;

pub use abilities::{Abilities, Lack};
pub use alarm::{Alarm, AlarmPanel, AlarmSet, Priority};
pub use clinical::{
    Ashworth, Assessment, Line, Observed, Order, OrderKind, Rass, SignCount, User, Vitals,
};
pub use controller::{DoseControl, Inputs, NoRestart};
pub use decision::{Asks, Decision, HoldCause, Quiet, Reason, Refusal, Send, Wait};
pub use host::{Host, Memory, PeerClock, SessionRecord, WallTime};
pub use mode::Mode;
pub use prescription::{
    Basis, Limits, LineVolumes, Observation, Prescription, Rung, RungCount, Rungs, Sensing, Timing,
    WeanSchedule,
};
pub use quantity::{
    Carry, Concentration, DailyDose, Dose, DoseEstimate, DoseRate, Flow, PositiveRate, Pressure,
    Temperature, Volume,
};
pub use reading::{NoData, Raw, Reading, Sample, taken_at};
pub use time::Timestamp;
pub use wire::{
    Accepted, Action, Command, PumpState, Readings, Refused, Session, StopCause, Telemetry,
};
