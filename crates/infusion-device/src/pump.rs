//! The pump's own mind: commands, its own limit, its lease, and what it reads back.
//!
//! It knows what its rotor turns and nothing of what that moves: a slipping rotor, a closed inlet or
//! an empty chamber leave its count of strokes as it is. It never raises its limit by a command, and
//! it never stops therapy because nobody speaks to it.
//!
//! ```text
//!            Prime               volume moved, or lease ends
//!   IDLE ----------> PRIMING -------------------------------> IDLE
//!     |  Infuse                Stop
//!     +--------> INFUSING --------------> STOPPED      every state takes every command
//!                  |    ^
//!      lease ends  v    |  command or ping
//!                 HOLDING  (the same rate)
//! ```
//!
//! What the motor makes of it is in `pump/motor.rs`, what the pump does unasked in `pump/own.rs`.

mod motor;
mod own;

use core::time::Duration;

use infusion_types::{
    Accepted, Action, Command, Concentration, DailyDose, DoseRate, PumpState, Refused, Sample,
    Session, Timestamp,
};

use crate::{PumpSpec, rotor::Rotor};

/// What became of a command.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Acceptance {
    /// It is in force.
    Applied,
    /// It had been taken before: read back again, applied no second time, lease not renewed.
    Repeated,
    /// The pump keeps what it had.
    Refused(Refusal),
}

/// Why a pump does not take a command.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Refusal {
    /// Of another pairing, or of none.
    WrongSession,
    /// Older than the last one taken.
    OldSequence,
    /// No clinician has authorised a dose.
    NotAuthorised,
    /// Above the pump's own limit.
    AboveLimit,
    /// Less flow than the pump can meter.
    BelowFloor,
    /// More flow than the pump can make.
    AboveGreatestFlow,
    /// Of a drug that the pump was not told of.
    UnknownConcentration,
    /// It is dead.
    NoPower,
}

/// What the motor was told.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Motion {
    Idle,
    Priming {
        left_ul: f64,
        /// Somebody asked for it and must keep asking.
        leased: bool,
    },
    Infusing {
        flow_ul_per_h: f64,
    },
    Stopped,
}

/// Commands in, a set flow out.
#[derive(Clone, Debug)]
pub(crate) struct Pump {
    spec: PumpSpec,
    powered: bool,
    session: Option<Session>,
    /// The last command taken: what sequence numbers and the lease go by.
    accepted: Option<Sample<Accepted>>,
    /// What it reads back: the same, until it runs a program of its own.
    in_force: Option<Accepted>,
    lease: Duration,
    lease_left: Duration,
    limit: Option<DoseRate>,
    programmed: Concentration,
    /// Told by a clinician, and valid beside the old one until a command names it.
    announced: Option<Concentration>,
    motion: Motion,
    clamped: bool,
    refused: Refused,
    rotor: Rotor,
}

impl Pump {
    pub(crate) fn new(spec: PumpSpec) -> Self {
        Self {
            powered: true,
            session: None,
            accepted: None,
            in_force: None,
            lease: Duration::ZERO,
            lease_left: Duration::ZERO,
            limit: None,
            programmed: spec.programmed_drug,
            announced: None,
            motion: Motion::Idle,
            clamped: false,
            refused: Refused::default(),
            rotor: Rotor::new(spec.stroke_ul, spec.reservoir_fill_ul),
            spec,
        }
    }

    /// Binds a session; what is in force stays in force.
    pub(crate) const fn pair(&mut self, session: Session) {
        if self.powered {
            self.session = Some(session);
        }
    }

    /// The clinician's own path: the only one that raises the limit.
    pub(crate) fn authorise(&mut self, dose: DailyDose) {
        if self.powered {
            self.limit = Some(dose.rate());
        }
    }

    /// The clinician's own path for the drug in the reservoir.
    pub(crate) fn authorise_concentration(&mut self, drug: Concentration) {
        if self.powered {
            self.announced = (drug != self.programmed).then_some(drug);
        }
    }

    /// A new filling, as people tell the pump.
    pub(crate) fn refilled(&mut self, volume_ul: f64) {
        if self.powered {
            self.rotor.refilled(volume_ul);
        }
    }

    pub(crate) fn accept(&mut self, now: Timestamp, command: Command) -> Acceptance {
        if !self.powered {
            return Acceptance::Refused(Refusal::NoPower);
        }
        if self.session != Some(command.session) {
            return Acceptance::Refused(Refusal::WrongSession);
        }
        match self.last_sequence() {
            Some(last) if command.sequence == last => return Acceptance::Repeated,
            Some(last) if command.sequence < last => {
                return Acceptance::Refused(Refusal::OldSequence);
            }
            Some(_) | None => {}
        }
        if let Err(refusal) = self.apply(command.action) {
            self.refused.commands = self.refused.commands.saturating_add(1);
            return Acceptance::Refused(refusal);
        }
        self.lease = command.lease;
        self.lease_left = command.lease;
        let accepted = Accepted {
            session: command.session,
            sequence: command.sequence,
            action: command.action,
        };
        self.accepted = Some(Sample::new(now, accepted));
        self.in_force = Some(accepted);
        Acceptance::Applied
    }

    /// A sign of life renews the lease, but not that of a prime: somebody must keep asking for it.
    pub(crate) fn ping(&mut self, session: Session) -> Result<(), Refusal> {
        if !self.powered {
            return Err(Refusal::NoPower);
        }
        if self.session != Some(session) {
            return Err(Refusal::WrongSession);
        }
        match self.motion {
            Motion::Idle
            | Motion::Priming { leased: false, .. }
            | Motion::Infusing { .. }
            | Motion::Stopped => self.lease_left = self.lease,
            Motion::Priming { leased: true, .. } => {}
        }
        Ok(())
    }

    /// Counts a frame that its radio has refused.
    pub(crate) const fn refuse_frame(&mut self) {
        if self.powered {
            self.refused.frames = self.refused.frames.saturating_add(1);
        }
    }

    /// What it has not taken since it was switched on.
    pub(crate) const fn refused(&self) -> Refused {
        self.refused
    }

    fn last_sequence(&self) -> Option<u32> {
        let accepted = self.accepted?.value;
        (Some(accepted.session) == self.session).then_some(accepted.sequence)
    }

    fn apply(&mut self, action: Action) -> Result<(), Refusal> {
        match action {
            Action::Infuse { rate, at } => self.infuse(rate.get(), at)?,
            Action::Prime { volume_left } => {
                let left_ul = count(volume_left.nanolitres()) * 1e-3;
                let leased = true;
                self.motion = Motion::Priming { left_ul, leased };
                self.clamped = false;
            }
            Action::Stop { cause: _, clamp } => {
                self.motion = Motion::Stopped;
                self.clamped = clamp;
            }
        }
        Ok(())
    }

    fn infuse(&mut self, rate: DoseRate, at: Concentration) -> Result<(), Refusal> {
        if at != self.programmed && Some(at) != self.announced {
            return Err(Refusal::UnknownConcentration);
        }
        let limit = self.limit.ok_or(Refusal::NotAuthorised)?;
        // ng/h by ng/µL is µL/h.
        let drug = f64::from(at.micrograms_per_millilitre()).max(1.0);
        let quantum = self.spec.flow_quantum_ul_per_h;
        let asked = count(rate.nanograms_per_hour());
        let most = self.spec.limit_margin * count(limit.nanograms_per_hour()) + quantum * drug;
        if asked > most {
            return Err(Refusal::AboveLimit);
        }
        // Compared as whole quanta, so that the least flow itself is never refused for its rounding.
        let quanta = libm::round(asked / drug / quantum);
        if quanta < libm::round(self.spec.flow_least_ul_per_h / quantum) {
            return Err(Refusal::BelowFloor);
        }
        if quanta > libm::round(self.spec.flow_greatest_ul_per_h / quantum) {
            return Err(Refusal::AboveGreatestFlow);
        }
        if at != self.programmed {
            self.programmed = at;
            self.announced = None;
        }
        self.limit = Some(limit.min(rate));
        self.motion = Motion::Infusing {
            flow_ul_per_h: quanta * quantum,
        };
        self.clamped = false;
        Ok(())
    }

    /// Lets the lease run.
    pub(crate) fn age(&mut self, by: Duration) {
        self.lease_left = self.lease_left.saturating_sub(by);
    }

    /// Until the lease ends.
    pub(crate) fn lease_left(&self) -> Option<Duration> {
        (!self.lease_left.is_zero()).then_some(self.lease_left)
    }

    pub(crate) const fn lease_ended(&self) -> bool {
        self.accepted.is_some() && self.lease_left.is_zero()
    }

    /// What the pump does by its own calculation.
    pub(crate) fn believed_state(&self) -> PumpState {
        self.state(self.rotor.believed_ul() > self.spec.reservoir_residual_ul)
    }

    /// What the pump does, given whether the reservoir holds anything to move.
    pub(crate) const fn state(&self, usable: bool) -> PumpState {
        if !usable {
            return PumpState::Empty;
        }
        match self.motion {
            Motion::Idle => PumpState::Idle,
            Motion::Priming { .. } => PumpState::Priming,
            Motion::Infusing { .. } if self.lease_ended() => PumpState::Holding,
            Motion::Infusing { .. } => PumpState::Infusing,
            Motion::Stopped => PumpState::Stopped,
        }
    }

    pub(crate) const fn priming(&self) -> bool {
        matches!(self.motion, Motion::Priming { .. })
    }

    pub(crate) const fn clamped(&self) -> bool {
        self.clamped
    }

    /// The last command taken.
    pub(crate) const fn accepted(&self) -> Option<Sample<Accepted>> {
        self.accepted
    }

    /// What it reads back.
    pub(crate) const fn in_force(&self) -> Option<Accepted> {
        self.in_force
    }

    pub(crate) const fn powered(&self) -> bool {
        self.powered
    }

    pub(crate) const fn limit(&self) -> Option<DoseRate> {
        self.limit
    }

    pub(crate) const fn programmed(&self) -> Concentration {
        self.programmed
    }

    /// What the pump believes of its strokes.
    pub(crate) const fn rotor(&self) -> &Rotor {
        &self.rotor
    }
}

/// A duration in hours.
pub(crate) fn hours(duration: Duration) -> f64 {
    duration.as_secs_f64() / 3_600.0
}

/// A whole number as a float: exact up to 2^53, far above any dose rate or volume here.
#[expect(
    clippy::cast_precision_loss,
    reason = "exact for every number that the pump can meet"
)]
const fn count(whole: u64) -> f64 {
    whole as f64
}
