//! Where a controller is plugged in.

use std::fmt::Debug;

use dose_controller::{Controller, Protocol};
use infusion_types::{Abilities, Decision, Inputs, Session, Timestamp};

use crate::kept::Kept;

/// A controller did not answer as it must.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the controller stalled: {why}")]
pub struct Stalled {
    /// What it did.
    pub why: String,
}

/// Anything that can stand where the controller stands.
///
/// Two methods make a controller. Two are for scenarios that restart it: whoever has nothing to store is
/// switched on anew, and whoever cannot be restarted stalls there. The last is for studies that branch a run.
pub trait ControllerPort {
    /// Takes one cycle's inputs and decides.
    ///
    /// # Errors
    /// [`Stalled`] when there is no usable answer.
    fn step(&mut self, now: Timestamp, inputs: &Inputs<'_>) -> Result<Decision, Stalled>;

    /// When the next decision is due; later than the last `step`.
    fn poll_timeout(&self) -> Timestamp;

    /// What must be durable before the last decision leaves; none from whoever stores nothing.
    ///
    /// # Errors
    /// [`Stalled`] when there is no usable answer.
    fn saved(&mut self) -> Result<Option<Kept>, Stalled> {
        Ok(None)
    }

    /// The same, in the room of what was kept before; for whoever stores much and often.
    ///
    /// # Errors
    /// [`Stalled`] when there is no usable answer; what was kept before may be gone then.
    fn save_over(&mut self, kept: &mut Option<Kept>) -> Result<(), Stalled> {
        *kept = self.saved()?;
        Ok(())
    }

    /// Whether what was stored is fit to go on with, as far as the host can tell.
    fn trusts(&self, _saved: &Kept) -> bool {
        true
    }

    /// What it has; requirements that speak of anything else do not apply to it.
    fn abilities(&self) -> Abilities {
        Abilities::ALL
    }

    /// Power comes back at `now`, in a pairing that still stands: with what was stored, or with nothing.
    ///
    /// # Errors
    /// [`Stalled`], from a controller that cannot be restarted.
    fn restart(
        &mut self,
        session: Session,
        now: Timestamp,
        saved: Option<Kept>,
    ) -> Result<(), Stalled> {
        let _ = (session, saved);
        Err(Stalled {
            why: format!(
                "it cannot be restarted, and was to be at {} ms",
                now.millis()
            ),
        })
    }

    /// One more that goes on from here by itself; none from what cannot be copied, such as a process.
    fn fork(&self) -> Option<AnyController> {
        None
    }
}

/// Any of them.
pub type AnyController = Box<dyn ControllerPort + Send>;

impl ControllerPort for AnyController {
    fn step(&mut self, now: Timestamp, inputs: &Inputs<'_>) -> Result<Decision, Stalled> {
        self.as_mut().step(now, inputs)
    }

    fn poll_timeout(&self) -> Timestamp {
        self.as_ref().poll_timeout()
    }

    fn saved(&mut self) -> Result<Option<Kept>, Stalled> {
        self.as_mut().saved()
    }

    fn save_over(&mut self, kept: &mut Option<Kept>) -> Result<(), Stalled> {
        self.as_mut().save_over(kept)
    }

    fn trusts(&self, saved: &Kept) -> bool {
        self.as_ref().trusts(saved)
    }

    fn abilities(&self) -> Abilities {
        self.as_ref().abilities()
    }

    fn restart(
        &mut self,
        session: Session,
        now: Timestamp,
        saved: Option<Kept>,
    ) -> Result<(), Stalled> {
        self.as_mut().restart(session, now, saved)
    }

    fn fork(&self) -> Option<AnyController> {
        self.as_ref().fork()
    }
}

/// Where controllers come from: each run gets one of its own.
pub trait Controllers: Debug + Send + Sync {
    /// As on the command line, such as `builtin`.
    fn name(&self) -> String;

    /// A controller of a patient's protocol, in a pairing that stands.
    ///
    /// # Errors
    /// [`Stalled`], where there is none to be had.
    fn open(&self, protocol: Protocol, session: Session) -> Result<AnyController, Stalled>;
}

/// The controller that ships with the bench.
#[derive(Clone, Copy, Debug)]
pub struct Shipped;

impl Shipped {
    /// What it is called.
    pub const NAME: &'static str = "builtin";
}

impl Controllers for Shipped {
    fn name(&self) -> String {
        Self::NAME.to_owned()
    }

    fn open(&self, protocol: Protocol, session: Session) -> Result<AnyController, Stalled> {
        Ok(Box::new(Controller::new(protocol, session)))
    }
}

impl ControllerPort for Controller {
    fn step(&mut self, now: Timestamp, inputs: &Inputs<'_>) -> Result<Decision, Stalled> {
        Ok(Self::step(self, now, inputs))
    }

    fn poll_timeout(&self) -> Timestamp {
        Self::poll_timeout(self)
    }

    fn saved(&mut self) -> Result<Option<Kept>, Stalled> {
        Ok(Some(Kept::of(self)))
    }

    fn save_over(&mut self, kept: &mut Option<Kept>) -> Result<(), Stalled> {
        Kept::save(self, kept);
        Ok(())
    }

    fn trusts(&self, saved: &Kept) -> bool {
        match saved {
            Kept::Shipped(saved) => saved.check(self.protocol()).is_ok(),
            Kept::Foreign(_) | Kept::Bytes(_) => false,
        }
    }

    fn restart(
        &mut self,
        session: Session,
        now: Timestamp,
        saved: Option<Kept>,
    ) -> Result<(), Stalled> {
        let saved = saved.and_then(Kept::shipped);
        *self = Self::resume(*self.protocol(), session, saved, now);
        Ok(())
    }

    fn fork(&self) -> Option<AnyController> {
        Some(Box::new(self.clone()))
    }
}
