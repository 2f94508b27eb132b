//! Where a controller is plugged in.

use dose_controller::{Controller, Decision, Inputs, Saved};
use infusion_types::{Session, Timestamp};

/// A controller did not answer as it must.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the controller stalled: {why}")]
pub struct Stalled {
    /// What it did.
    pub why: String,
}

/// Anything that can stand where the controller stands.
///
/// Two methods make a controller. The other two are for scenarios that restart it: whoever has nothing to
/// store is switched on anew, and whoever cannot be restarted stalls there.
pub trait ControllerPort {
    /// Takes one cycle's inputs and decides.
    ///
    /// # Errors
    /// [`Stalled`] when there is no usable answer.
    fn step(&mut self, now: Timestamp, inputs: &Inputs<'_>) -> Result<Decision, Stalled>;

    /// When the next decision is due; later than the last `step`.
    fn poll_timeout(&self) -> Timestamp;

    /// What must be durable before the last decision leaves.
    fn saved(&self) -> Option<Saved> {
        None
    }

    /// Power comes back at `now`, in a pairing that still stands: with what was stored, or with nothing.
    ///
    /// # Errors
    /// [`Stalled`], from a controller that cannot be restarted.
    fn restart(
        &mut self,
        session: Session,
        now: Timestamp,
        saved: Option<Saved>,
    ) -> Result<(), Stalled> {
        let _ = (session, saved);
        Err(Stalled {
            why: format!(
                "it cannot be restarted, and was to be at {} ms",
                now.millis()
            ),
        })
    }
}

impl ControllerPort for Controller {
    fn step(&mut self, now: Timestamp, inputs: &Inputs<'_>) -> Result<Decision, Stalled> {
        Ok(Self::step(self, now, inputs))
    }

    fn poll_timeout(&self) -> Timestamp {
        Self::poll_timeout(self)
    }

    fn saved(&self) -> Option<Saved> {
        Some(Self::saved(self))
    }

    fn restart(
        &mut self,
        session: Session,
        now: Timestamp,
        saved: Option<Saved>,
    ) -> Result<(), Stalled> {
        *self = Self::resume(*self.protocol(), session, saved, now);
        Ok(())
    }
}
