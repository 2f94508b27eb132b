//! Weans a patient off intrathecal baclofen, by response, through one function.
//!
//! [`Controller::step`] takes the time, what the pump says, what people saw and what they order; it
//! answers with what leaves for the pump, what alarms stand, what it asks of people, and *why*. It
//! owns no clock, thread, socket, log or heap, and it cannot name what is true, only what is said.
//!
//! | module | decides |
//! |---|---|
//! | `protocol` | nothing: it holds a prescription that has been checked |
//! | `rules` | which prescriptions are acceptable at all |
//! | `controller` | the order of one cycle, no arithmetic |
//! | `state` | nothing: it remembers |
//! | `saved` | what outlives a reset, and what of it is fit to go on with |
//! | `arrays` | nothing: it writes long arrays down |
//! | `report` | which report of the pump counts |
//! | `reconcile` | what a silence has left open |
//! | `kept` | what stands in for a number that was refused |
//! | `account` | what has flowed since the last cycle |
//! | `mode` | the one match that moves the ten modes |
//! | `orders` | what a person may change |
//! | `titrate` | what an assessment permits |
//! | `wean` | what the schedule wants |
//! | `schedule` | whether the plan goes down one rung now |
//! | `guard` | what is let through: ceiling, slope over a window, pump floor |
//! | `ledger` | what was given, in rolling windows, as an interval |
//! | `line` | which drug is at the tip |
//! | `reservoir` | whether the scales agree with the books |
//! | `refill` | whether anybody knows what was filled in |
//! | `outgoing` | what leaves for the pump and for people |
//! | `exchange` | sending, read-back, retry, uncertainty |
//! | `watch` | which alarms have their cause |
//! | `restarts` | how often the pump may begin again by itself |
//! | `refusals` | how often something was asked for that cannot be |
//! | `security` | what speaks of somebody who should not be there |
//! | `alarms` | latching, acknowledgement, priority in force, sound |
//!
//! Engineering simulation only; never for clinical use.
#![cfg_attr(not(test), no_std)]
#![cfg_attr(
    not(test),
    deny(clippy::arithmetic_side_effects, clippy::as_conversions)
)]

mod account;
mod alarms;
#[cfg(feature = "serde")]
mod arrays;
mod controller;
mod exchange;
pub mod guard;
mod kept;
pub mod ledger;
mod line;
mod mode;
mod orders;
mod outgoing;
mod protocol;
mod reconcile;
mod refill;
mod refusals;
mod report;
mod reservoir;
mod restarts;
mod rules;
mod saved;
mod schedule;
mod security;
mod state;
mod titrate;
mod watch;
mod wean;

pub use controller::Controller;
pub use protocol::Protocol;
pub use rules::ProtocolError;
pub use saved::{Damage, Saved};
