//! Who flies a cell: nobody, somebody who heeds nothing, or the controller.
//!
//! What the shipped controller does for the same patient without any fault is kept on a tape. An arm without
//! controller plays the tape up to the first rung and then goes on at that dose for ever. An arm without
//! mitigations plays all of it: the schedule is the controller's own, the moments are, and nothing that the
//! pump, people or the platform say changes anything. Pings go on in both, so that no lease ends by itself;
//! a command that is lost is not said again.
//!
//! Never here: a decision.

use std::sync::Arc;
use std::time::Duration;

use dose_controller::{Controller, Protocol};
use infusion_types::{Asks, Decision, Inputs, Quiet, Reason, Send, Session, Timestamp};
use serde::{Deserialize, Serialize};

use crate::bench::{Bench, ControllerPort, Observer, Stalled};
use crate::case::Case;
use crate::kept::Kept;
use crate::record::Record;
use crate::scenario::{BuiltInFault, FaultKind, PeopleFault};

/// From one ping to the next where no tape says when, ms.
const PING_MS: u64 = 30_000;

/// Who flies.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ArmName {
    /// Nobody: the pump goes on at the dose of the start.
    Held,
    /// The schedule alone: nothing is heeded.
    Unheeding,
    /// The controller.
    Controller,
}

impl ArmName {
    /// All of them, from before to after.
    pub const ALL: [Self; 3] = [Self::Held, Self::Unheeding, Self::Controller];

    /// The word for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Unheeding => "unheeding",
            Self::Controller => "controller",
        }
    }
}

/// Whether a fault is one of people or of the schedule, who are asked by a controller: without one there is nothing
/// to compare. A fault of a sensor is flown, and does nothing where nobody heeds it.
pub(super) const fn needs_a_controller(what: &FaultKind) -> bool {
    match what {
        FaultKind::People(PeopleFault::RefillUnbridged { .. })
        | FaultKind::Pump(_)
        | FaultKind::Line(_)
        | FaultKind::Sensor(_)
        | FaultKind::Wire(_)
        | FaultKind::Clock(_)
        | FaultKind::Platform(_)
        | FaultKind::Defect(_)
        | FaultKind::BuiltIn(
            BuiltInFault::WrongDrug { .. }
            | BuiltInFault::UnprimedDrain { .. }
            | BuiltInFault::SlowPatient { .. },
        ) => false,
        FaultKind::People(_)
        | FaultKind::BuiltIn(BuiltInFault::SteepRungs { .. } | BuiltInFault::LeastFlow { .. }) => {
            true
        }
    }
}

/// What the shipped controller decided, and when by its own clock; only what changes.
#[derive(Clone, Debug)]
pub struct Tape(Vec<(Timestamp, Decision)>);

impl Tape {
    /// Of a case, which should have no faults.
    ///
    /// # Errors
    /// [`Stalled`].
    pub fn of(case: &Case<'_>) -> Result<Self, Stalled> {
        let mut tape = Vec::new();
        let runs = &mut tape;
        Bench::new(case, |protocol, session| {
            Taped::new(protocol, session, runs)
        })
        .run(&mut Nobody)?;
        Ok(Self(tape))
    }
}

/// Looks at nothing.
struct Nobody;

impl Observer for Nobody {
    fn observe(&mut self, _record: &Record<'_>) {}
}

/// The shipped controller, and a tape that runs.
#[derive(Debug)]
pub struct Taped<'t> {
    inner: Controller,
    tape: &'t mut Vec<(Timestamp, Decision)>,
}

impl<'t> Taped<'t> {
    fn new(protocol: Protocol, session: Session, tape: &'t mut Vec<(Timestamp, Decision)>) -> Self {
        Self {
            inner: Controller::new(protocol, session),
            tape,
        }
    }
}

impl ControllerPort for Taped<'_> {
    fn step(&mut self, now: Timestamp, inputs: &Inputs<'_>) -> Result<Decision, Stalled> {
        let decision = self.inner.step(now, inputs);
        let known = self.tape.last().is_some_and(|(_, last)| {
            let quiet = matches!(decision.send, Send::Quiet(_));
            quiet
                && (last.mode, last.plan, last.asks)
                    == (decision.mode, decision.plan, decision.asks)
                && last.alarms == decision.alarms
        });
        if !known {
            self.tape.push((now, decision));
        }
        Ok(decision)
    }

    fn poll_timeout(&self) -> Timestamp {
        self.inner.poll_timeout()
    }

    fn saved(&mut self) -> Result<Option<Kept>, Stalled> {
        Ok(Some(Kept::of(&self.inner)))
    }
}

/// Says what a tape says, and heeds nothing.
#[derive(Clone, Debug)]
pub struct Player {
    tape: Arc<Tape>,
    /// Stays at the dose that there is before the first rung.
    holds: bool,
    session: Session,
    next: usize,
    now: Timestamp,
    pinged: Timestamp,
}

impl Player {
    /// Plays a tape to the end; or, where it `holds`, up to the first rung, and goes on at that dose.
    #[must_use]
    pub const fn new(tape: Arc<Tape>, holds: bool, session: Session) -> Self {
        Self {
            tape,
            holds,
            session,
            next: 0,
            now: Timestamp::ZERO,
            pinged: Timestamp::ZERO,
        }
    }

    /// What comes next, if anything does.
    fn waiting(&self) -> Option<&(Timestamp, Decision)> {
        let next = self.tape.0.get(self.next)?;
        let rung = matches!(next.1.reason, Reason::Decremented { .. });
        (!(self.holds && rung)).then_some(next)
    }
}

impl ControllerPort for Player {
    fn step(&mut self, now: Timestamp, _inputs: &Inputs<'_>) -> Result<Decision, Stalled> {
        self.now = now;
        let mut send = Send::Quiet(Quiet::NothingNew);
        while let Some((at, decision)) = self.waiting() {
            let told = matches!(send, Send::Command(_));
            // What was missed comes at once, but for commands that a later one has overtaken.
            if *at > now || (told && *at == now) {
                break;
            }
            match decision.send {
                Send::Command(_) => send = decision.send,
                Send::Ping if !told => send = Send::Ping,
                Send::Ping | Send::Quiet(_) => {}
            }
            self.next += 1;
        }
        let last = self.next.checked_sub(1).and_then(|it| self.tape.0.get(it));
        let Some((_, last)) = last.or_else(|| self.tape.0.first()) else {
            return Err(Stalled {
                why: "its tape is empty".to_owned(),
            });
        };
        let mut decision = Decision {
            store: false,
            ..*last
        };
        let over = self.waiting().is_none();
        if over {
            decision.asks = Asks::default();
            let pings = decision.mode.is_therapy() && now >= after(self.pinged, PING_MS);
            if pings && !matches!(send, Send::Command(_)) {
                send = Send::Ping;
            }
        }
        if let Send::Command(command) = &mut send {
            command.session = self.session;
        }
        if !matches!(send, Send::Quiet(_)) {
            self.pinged = now;
        }
        decision.send = send;
        Ok(decision)
    }

    fn poll_timeout(&self) -> Timestamp {
        let soonest = after(self.now, 1);
        match self.waiting() {
            Some((at, _)) => (*at).max(soonest),
            None => after(self.now, PING_MS),
        }
    }

    fn restart(
        &mut self,
        session: Session,
        now: Timestamp,
        _saved: Option<Kept>,
    ) -> Result<(), Stalled> {
        self.session = session;
        self.now = now;
        Ok(())
    }
}

fn after(at: Timestamp, millis: u64) -> Timestamp {
    at.after(Duration::from_millis(millis))
}
