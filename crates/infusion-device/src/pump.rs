//! The pump's own mind: commands, its own limit, its lease, and what it believes it has moved.
//!
//! It never knows the truth: a stalled motor, a slipping rotor or an empty chamber leave its count
//! of strokes as it is. It never raises its limit by a command, and it never stops therapy because
//! nobody speaks to it.
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

use core::time::Duration;

use infusion_types::{
    Accepted, Action, Command, Concentration, DailyDose, DoseRate, PumpState, Refused, Sample,
    Session, Timestamp,
};

use crate::{Condition, PumpSpec, rotor::Rotor};

/// The temperature at which the pump is metered, °C.
const BODY_C: f64 = 37.0;

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
}

/// What the motor was told.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Motion {
    Idle,
    Priming { left_ul: f64 },
    Infusing { flow_ul_per_h: f64 },
    Stopped,
}

/// Commands in, a set flow out.
#[derive(Clone, Debug)]
pub(crate) struct Pump {
    spec: PumpSpec,
    session: Option<Session>,
    accepted: Option<Sample<Accepted>>,
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
            session: None,
            accepted: None,
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
        self.session = Some(session);
    }

    /// The clinician's own path: the only one that raises the limit.
    pub(crate) fn authorise(&mut self, dose: DailyDose) {
        self.limit = Some(dose.rate());
    }

    /// The clinician's own path for the drug in the reservoir.
    pub(crate) fn authorise_concentration(&mut self, drug: Concentration) {
        self.announced = (drug != self.programmed).then_some(drug);
    }

    /// A new filling, as people tell the pump.
    pub(crate) fn refilled(&mut self, volume_ul: f64) {
        self.rotor.refilled(volume_ul);
    }

    pub(crate) fn accept(&mut self, now: Timestamp, command: Command) -> Acceptance {
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
        Acceptance::Applied
    }

    /// A sign of life renews the lease, but not that of a prime: somebody must keep asking for it.
    pub(crate) fn ping(&mut self, session: Session) -> Result<(), Refusal> {
        if self.session != Some(session) {
            return Err(Refusal::WrongSession);
        }
        match self.motion {
            Motion::Idle | Motion::Infusing { .. } | Motion::Stopped => {
                self.lease_left = self.lease;
            }
            Motion::Priming { .. } => {}
        }
        Ok(())
    }

    /// Counts a frame that its radio has refused.
    pub(crate) const fn refuse_frame(&mut self) {
        self.refused.frames = self.refused.frames.saturating_add(1);
    }

    /// What it has not taken.
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
                self.motion = Motion::Priming { left_ul };
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

    /// Flow that the motor is set to, µL/h.
    pub(crate) const fn set_flow_ul_per_h(&self) -> f64 {
        match self.motion {
            Motion::Idle | Motion::Stopped => 0.0,
            Motion::Priming { .. } => self.spec.flow_prime_ul_per_h,
            Motion::Infusing { flow_ul_per_h } => flow_ul_per_h,
        }
    }

    /// Flow that the pump would make against no pressure, µL/h.
    pub(crate) fn flow_ul_per_h(&self, condition: &Condition) -> f64 {
        let cold_c = BODY_C - condition.pump_temperature_c;
        let factor =
            1.0 + self.spec.bias + self.spec.bias_per_c_below_37 * cold_c + condition.drift;
        let factor = factor
            .max(self.spec.factor_least)
            .min(self.spec.factor_greatest);
        self.set_flow_ul_per_h() * factor * condition.gain + condition.added_flow_ul_per_h
    }

    /// When priming ends if nobody speaks, hours; never for anything else.
    pub(crate) fn prime_ends_h(&self) -> f64 {
        match self.motion {
            Motion::Priming { left_ul } => {
                (left_ul / self.spec.flow_prime_ul_per_h).min(hours(self.lease_left))
            }
            Motion::Idle | Motion::Infusing { .. } | Motion::Stopped => f64::INFINITY,
        }
    }

    pub(crate) const fn end_prime(&mut self) {
        self.motion = Motion::Idle;
    }

    /// Turns the rotor and counts its whole strokes, whatever they moved.
    pub(crate) fn turn(&mut self, hours: f64) {
        let turned_ul = self.set_flow_ul_per_h() * hours;
        let drug = f64::from(self.programmed.micrograms_per_millilitre());
        match &mut self.motion {
            Motion::Idle | Motion::Stopped => {}
            Motion::Priming { left_ul } => {
                *left_ul -= turned_ul;
                self.rotor.turn(turned_ul);
            }
            Motion::Infusing { .. } => self.rotor.deliver(turned_ul, drug),
        }
    }

    /// Lets the lease run.
    pub(crate) fn age(&mut self, by: Duration) {
        self.lease_left = self.lease_left.saturating_sub(by);
    }

    pub(crate) fn poll_timeout(&self) -> Option<Duration> {
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

    pub(crate) const fn accepted(&self) -> Option<Sample<Accepted>> {
        self.accepted
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
