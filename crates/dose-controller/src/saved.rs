//! What outlives a reset, and whether it is fit to go on with.
//!
//! Whoever stores it keeps two copies with a checksum (SR-61); that finds what was torn or flipped. What is
//! left is a state that reads well and that no controller of this protocol can have stored: a limit above
//! the ceiling, windows that do not add up, a time that has not come. Such a state is refused whole, and
//! never mended: a default for a dose does not exist. Each part knows what it can be; here they are asked.

use infusion_types::{Concentration, DoseRate, Limits, Mode, Timestamp};

use crate::guard;
use crate::protocol::Protocol;
use crate::state::{State, Trusted};
use crate::watch::Timers;

/// What outlives a reset; see [`crate::Controller::resume`].
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Saved(State);

/// Why a stored state is not fit to go on with.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Damage {
    /// The limit in force is above what anybody may authorise.
    #[error("a limit of {} ng/h is above the ceiling, {} ng/h",
        limit.nanograms_per_hour(), ceiling.nanograms_per_hour())]
    Limit {
        /// The limit.
        limit: DoseRate,
        /// The ceiling.
        ceiling: DoseRate,
    },
    /// The plan is not what is in force.
    #[error("a plan of {} ng/h is not the limit in force, {} ng/h",
        plan.nanograms_per_hour(), limit.nanograms_per_hour())]
    Plan {
        /// The plan.
        plan: DoseRate,
        /// The limit.
        limit: DoseRate,
    },
    /// Something lies after the moment of storing.
    #[error("{what} lies after the moment of storing")]
    Future {
        /// What.
        what: &'static str,
    },
    /// Something contradicts itself or what stands beside it.
    #[error("{what} cannot be so")]
    Contradiction {
        /// What.
        what: &'static str,
    },
}

impl Saved {
    /// The most bytes that a state takes in a format like postcard's, where a number takes at most seven
    /// bits a byte and nothing has a name.
    pub const BYTES_MOST: usize = 24 * 1_024;

    pub(crate) fn of(state: &State) -> Self {
        Self(state.clone())
    }

    pub(crate) fn renew(&mut self, state: &State) {
        self.0.clone_from(state);
    }

    pub(crate) fn into_state(self) -> State {
        self.0
    }

    /// The moment of storing, on the controller's clock.
    #[must_use]
    pub const fn at(&self) -> Timestamp {
        self.0.stepped
    }

    /// Whether a controller of this protocol can have stored it.
    ///
    /// # Errors
    /// The first thing that cannot be.
    pub fn check(&self, protocol: &Protocol) -> Result<(), Damage> {
        let state = &self.0;
        state.check_dose(protocol)?;
        state.check_times(protocol)?;
        state.check_parts(protocol)?;
        state.check_mode()
    }
}

impl State {
    /// The state of a controller that comes back at `now`.
    pub(crate) fn wake(self, now: Timestamp) -> Self {
        let restored = self.in_session();
        // Nobody who paused or stopped it wants it to begin again by itself. After the end of a therapy there is
        // nothing to begin again: the next one has its own start, and nobody has stopped it yet.
        let stood = matches!(self.mode, Mode::Paused | Mode::Stopped);
        let (mut exchange, mut security) = (self.exchange, self.security);
        exchange.wake();
        security.wake();
        Self {
            mode: Mode::Off,
            powered_at: now,
            restored,
            spoken: None,
            readable: false,
            ordered_stop: restored && (self.ordered_stop || stood),
            ordered_pause: restored && self.ordered_pause,
            ordered_unread: restored && self.ordered_unread && !self.exchange.is_read(),
            therapy_since: self.therapy_since.filter(|_| restored),
            pending: None,
            timers: Timers::default(),
            trust: Trusted::default(),
            exchange,
            security,
            ..self
        }
    }

    fn check_dose(&self, protocol: &Protocol) -> Result<(), Damage> {
        let (plan, limit) = (self.plan, self.limit);
        let ceiling = ceiling(protocol.limits());
        let highest = limit.max(self.authorised).max(self.gap_plan);
        if highest > ceiling {
            let limit = highest;
            return Err(Damage::Limit { limit, ceiling });
        }
        let ended = plan == DoseRate::ZERO && !self.in_session();
        if plan != limit && !ended {
            return Err(Damage::Plan { plan, limit });
        }
        let runs = plan > DoseRate::ZERO && self.history.newest() == plan;
        either(runs || !self.in_session(), "the plan of a session")
    }

    /// No time lies after the last cycle.
    fn check_times(&self, protocol: &Protocol) -> Result<(), Damage> {
        let now = self.stepped;
        let once = [
            ("an authorisation", self.authorised_at),
            ("an entry", self.pending.map(|pending| pending.at())),
            ("a discarded entry", self.discarded_at),
            ("the catheter", self.catheter_since),
            ("the start of therapy", self.therapy_since),
            ("a gap", self.idle_since),
            ("an infusion", self.infused_at),
            ("a withdrawal", self.withdrawal_at),
            ("the end of a stop", self.stop_gone_at),
        ];
        let later = |at: &Option<Timestamp>| at.is_some_and(|at| at > now);
        if let Some((what, _)) = once.iter().find(|(_, at)| later(at)) {
            return Err(Damage::Future { what });
        }
        let longest = now.after(protocol.timing().prime_lease);
        let parts = [
            ("the end of a prime", self.prime_until <= longest),
            ("a change of plan", self.history.is_past(now)),
            ("an assessment", self.titration.is_past(now)),
            ("a weighing", self.reservoir.is_past(now)),
            ("a refill", self.refill.is_past(now)),
            ("a word to or from the pump", self.exchange.is_past(now)),
            ("the pump's own count", self.own_count.is_past(now)),
            ("a call of an alarm", self.alarms.is_past(now)),
            ("a cause that lasts", self.timers.are_past(now)),
            ("a refusal", self.refusals.is_past(now)),
            ("a bad frame", self.security.is_past(now)),
            ("the platform", self.platform.is_past(now)),
            ("a stop", self.restarts.is_past(now)),
            ("the drain", self.drain.is_past(now)),
        ];
        match parts.into_iter().find(|(_, past)| !past) {
            Some((what, _)) => Err(Damage::Future { what }),
            None => Ok(()),
        }
    }

    /// Each part is one that can be.
    fn check_parts(&self, protocol: &Protocol) -> Result<(), Damage> {
        let (line, now) = (protocol.line(), self.stepped);
        let weans = match &self.wean {
            Some(wean) => wean.is_sound(protocol.wean(), now, ceiling(protocol.limits())),
            None => !self.in_session(),
        };
        let parts = [
            ("the windows", self.ledger.is_sound(now)),
            ("the schedule", weans),
            ("what was observed", self.titration.is_sound()),
            ("the line", self.contents.is_sound(line.to_tip)),
            ("the reservoir", self.reservoir.is_sound()),
            ("the exchange", self.exchange.is_sound()),
            ("the panel", self.alarms.is_sound()),
            ("the prime", self.primed <= line.open),
        ];
        match parts.into_iter().find(|(_, sound)| !sound) {
            Some((what, _)) => Err(Damage::Contradiction { what }),
            None => Ok(()),
        }
    }

    /// The mode fits to what people wanted and to what has run.
    fn check_mode(&self) -> Result<(), Damage> {
        let began = self.therapy_since.is_some();
        let over = self.mode == Mode::Complete;
        either(
            began == (self.in_session() || over),
            "the start of a therapy",
        )?;
        match self.mode {
            Mode::Active | Mode::Hold => {
                // A pause that is said in one breath with the start counts from the next cycle on.
                let began_now = self.therapy_since == Some(self.stepped);
                let wanted = !self.ordered_stop && (!self.ordered_pause || began_now);
                either(wanted, "a therapy that somebody stopped")?;
                let runs = self.idle_since.is_none() || self.dry;
                either(runs, "a gap in a therapy that runs")
            }
            Mode::Paused => either(self.idle_since.is_some(), "a pause without a beginning"),
            Mode::Stopped => {
                let stopped = self.stopped_by.is_some() && self.idle_since.is_some();
                either(stopped, "a stop without a cause")
            }
            Mode::Off | Mode::Post | Mode::Idle | Mode::Prime | Mode::Fallback | Mode::Complete => {
                Ok(())
            }
        }
    }
}

fn either(fine: bool, what: &'static str) -> Result<(), Damage> {
    if fine {
        Ok(())
    } else {
        Err(Damage::Contradiction { what })
    }
}

/// The highest rate that an authorised dose can have come to, in the coarsest grid of any drug.
fn ceiling(limits: &Limits) -> DoseRate {
    let quantum = guard::quantum(limits, Concentration::MOST);
    limits.ceiling.rate().saturating_add(quantum)
}
