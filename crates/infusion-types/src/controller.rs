//! A controller, as whoever drives it sees it: what one cycle is given, and the one trait.

use core::fmt;

use crate::{Abilities, Assessment, Decision, Host, Order, Session, Telemetry, Timestamp};

/// What one cycle is given. Numbers are raw; they pass their doors inside.
#[derive(Clone, Copy, Debug)]
pub struct Inputs<'a> {
    /// The pump's last report that arrived, with its times on the controller's clock. It may be old, the
    /// same as before, out of order, or from the future: what of it counts is decided inside (SR-30).
    pub telemetry: &'a Telemetry,
    /// What a nurse saw, if anybody looked.
    pub assessment: Option<&'a Assessment>,
    /// What people want, in the order in which they said it.
    pub orders: &'a [Order],
    /// What the platform says of itself.
    pub host: &'a Host,
}

/// A dose controller, in whatever crate: state, and one function of state, time and inputs.
///
/// It owns no clock, thread, socket or log. The same inputs at the same times from the same start must bring the same
/// decisions, and a clone goes on by itself. Its times are its own monotonic clock, zero when it is first switched on.
pub trait DoseControl: Clone + Send + 'static {
    /// Takes one cycle's inputs and decides. `now` never goes back.
    fn step(&mut self, now: Timestamp, inputs: &Inputs<'_>) -> Decision;

    /// When the next decision is due: later than the last `step`. News may bring an earlier one.
    fn poll_timeout(&self) -> Timestamp;

    /// What it has; requirements that speak of anything else do not apply to it.
    fn abilities(&self) -> Abilities {
        Abilities::ALL
    }

    /// What must be durable before the last decision leaves, in bytes that only it can read; asked for after a decision
    /// with [`Decision::store`]. None from whoever stores nothing.
    fn saved(&self) -> Option<&[u8]> {
        None
    }

    /// Power comes back at `now`, in a pairing that still stands: with what was stored, or with nothing.
    ///
    /// # Errors
    /// [`NoRestart`], from a controller that cannot be restarted, or not with these bytes.
    fn restart(
        &mut self,
        session: Session,
        now: Timestamp,
        saved: Option<&[u8]>,
    ) -> Result<(), NoRestart> {
        let _ = (session, now, saved);
        Err(NoRestart)
    }
}

/// A controller cannot be restarted, or not with what was stored.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct NoRestart;

impl fmt::Display for NoRestart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("it cannot be restarted, or not with what was stored")
    }
}

impl core::error::Error for NoRestart {}
