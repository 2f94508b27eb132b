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
//! | [`alarm`] | the 44 alarms, their priorities, and the panel that shows them |
//!
//! Engineering simulation only; never for clinical use.
#![no_std]
#![cfg_attr(
    not(test),
    deny(clippy::arithmetic_side_effects, clippy::as_conversions)
)]

pub mod alarm;
pub mod clinical;
pub mod door;
pub mod host;
pub mod quantity;
pub mod reading;
pub mod time;
pub mod wire;

pub use alarm::{Alarm, AlarmPanel, AlarmSet, Priority};
pub use clinical::{
    Ashworth, Assessment, Line, Observed, Order, OrderKind, Rass, SignCount, User, Vitals,
};
pub use host::{Host, Memory, PeerClock, SessionRecord, WallTime};
pub use quantity::{
    Carry, Concentration, DailyDose, Dose, DoseEstimate, DoseRate, Flow, PositiveRate, Pressure,
    Temperature, Volume,
};
pub use reading::{NoData, Raw, Reading, Sample, taken_at};
pub use time::Timestamp;
pub use wire::{
    Accepted, Action, Command, PumpState, Readings, Refused, Session, StopCause, Telemetry,
};
