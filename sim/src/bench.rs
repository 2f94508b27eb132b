//! The loop: from deadline to deadline, always in the same order.
//!
//! Every party names its next deadline and the bench jumps to the earliest. At one moment the order is
//! fixed: faults, device, patient, people, what the pump says, the controller, what it is told, the
//! record. Whatever reaches the controller's inbox makes it due at once.

use std::time::Duration;

use dose_controller::Protocol;
use infusion_types::{Abilities, Session};
use virtual_patient::{Input, Patient, Signs};

use crate::bedside::{Bedside, Scene};
use crate::case::Case;
use crate::clock::SimTime;
use crate::draw::Draws;
use crate::fault::Faults;
use crate::record::Record;
use crate::treatment::Treatment;

pub use crate::port::{AnyController, ControllerPort, Controllers, Shipped, Stalled};

/// The patient's own grid; a multiple of it is a deadline, so that signs change only there.
pub const GRID: Duration = Duration::from_secs(360);
const GRID_MILLIS: u64 = 360_000;

/// Whoever looks at records. Nothing that it does can change a run.
pub trait Observer {
    /// One record, in the order of time.
    fn observe(&mut self, record: &Record<'_>);

    /// The patient at every point of their own grid, whether or not there is a record.
    fn patient(&mut self, _at: SimTime, _signs: &Signs) {}
}

/// How a run ended.
#[derive(Clone, Debug)]
pub struct Ended<'a> {
    /// When.
    pub at: SimTime,
    /// The faults, and which of them showed an effect.
    pub faults: Faults<'a>,
}

/// One run in mid-flight. Cloning it forks the run.
#[derive(Clone, Debug)]
pub struct Bench<'a, C> {
    case: &'a Case<'a>,
    draws: Draws,
    patient: Patient,
    treatment: Treatment<'a>,
    faults: Faults<'a>,
    bedside: Option<Bedside<C>>,
    signs: Signs,
    now: SimTime,
}

/// The first pairing of controller and pump.
pub(crate) const PAIRING: Session = Session::new(1);

impl<'a> Bench<'a, AnyController> {
    /// A run that stands at the explant, with a controller from where the case has them from.
    ///
    /// # Errors
    /// [`Stalled`], where there is none to be had.
    ///
    /// # Panics
    /// Never: whoever asks for a controller gets the one that was opened.
    pub fn of(case: &'a Case<'a>) -> Result<Self, Stalled> {
        // An arm without a controller asks for none.
        let controllers = &case.library().controllers;
        let wanted = case.protocol();
        let opened = wanted.map(|protocol| controllers.open(protocol, PAIRING));
        let opened = opened.transpose()?;
        Ok(Self::new(case, move |_, _| {
            opened.expect("a case with a protocol has asked for a controller")
        }))
    }
}

/// How the bench looks at pump and link, beside what the case asks for.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Look {
    /// Every message is a sealed frame of bytes.
    pub(crate) sealed: bool,
    /// The pump is watched while nobody speaks to it.
    pub(crate) watchful: bool,
}

impl Look {
    /// What the faults of a case ask for: somebody may fall silent, and messages need bytes.
    pub(crate) fn of(case: &Case<'_>) -> Self {
        Self::at(case.may_fall_silent())
    }

    /// What is asked for where somebody may fall silent, or where nobody can.
    pub(crate) const fn at(silent: bool) -> Self {
        Self {
            sealed: silent,
            watchful: silent,
        }
    }
}

impl<'a, C: ControllerPort> Bench<'a, C> {
    /// A run that stands at the explant. `controller` makes a controller of the patient's protocol.
    pub fn new(case: &'a Case<'a>, controller: impl FnOnce(Protocol, Session) -> C) -> Self {
        Self::looked_at(case, Look::of(case), controller)
    }

    /// The same, with every message between controller and pump as a sealed frame of bytes, also where no
    /// fault acts on them.
    pub fn sealed(case: &'a Case<'a>, controller: impl FnOnce(Protocol, Session) -> C) -> Self {
        let look = Look {
            sealed: true,
            ..Look::of(case)
        };
        Self::looked_at(case, look, controller)
    }

    /// The same, looked at in a way of one's own.
    pub(crate) fn looked_at(
        case: &'a Case<'a>,
        look: Look,
        controller: impl FnOnce(Protocol, Session) -> C,
    ) -> Self {
        let draws = case.draws();
        let patient = Patient::new(case.parameters(), GRID);
        let faults = Faults::of(case);
        let bedside = case.protocol().map(|protocol| {
            let controller = (controller(protocol, PAIRING), look);
            Bedside::new(case, &draws, PAIRING, controller)
        });
        let signs = patient.signs();
        Self {
            case,
            draws,
            patient,
            treatment: Treatment::new(case.arm()),
            faults,
            bedside,
            signs,
            now: SimTime::ZERO,
        }
    }

    /// The same run under other faults than the case was made with.
    #[cfg(test)]
    pub(crate) fn under(self, faults: Faults<'a>) -> Self {
        Self { faults, ..self }
    }

    /// Where it stands.
    pub(crate) const fn now(&self) -> SimTime {
        self.now
    }

    /// Whether the wean is complete.
    pub(crate) fn is_complete(&self) -> bool {
        let bedside = self.bedside.as_ref();
        bedside.is_some_and(|bedside| bedside.completed_at.is_some())
    }

    /// What flies; none where nobody does.
    pub(crate) fn controller(&self) -> Option<&C> {
        self.bedside.as_ref().map(Bedside::controller)
    }

    /// Goes on under the faults of another case. It is for whoever calls to know that the case is the same but
    /// for them, and that none of either has begun.
    pub(crate) fn branch<'b>(self, case: &'b Case<'b>) -> Bench<'b, C>
    where
        'a: 'b,
    {
        let bench: Bench<'b, C> = self;
        Bench {
            case,
            treatment: bench.treatment.by(case.arm()),
            faults: bench.faults.branch(case),
            ..bench
        }
    }

    /// Goes on while there is a deadline before `at`; false when the run is over. What has its moment at `at`
    /// has not happened, nor has any time passed towards it.
    ///
    /// # Errors
    /// [`Stalled`], from the controller.
    pub fn until(&mut self, at: SimTime, observer: &mut impl Observer) -> Result<bool, Stalled> {
        while self.next_deadline().max(self.now) < at {
            if !self.turn(observer)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// What the controller has; everything in an arm without one.
    pub fn abilities(&self) -> Abilities {
        let bedside = self.bedside.as_ref();
        bedside.map_or(Abilities::ALL, Bedside::abilities)
    }

    /// Runs to the end.
    ///
    /// # Errors
    /// [`Stalled`], from the controller.
    pub fn run(mut self, observer: &mut impl Observer) -> Result<Ended<'a>, Stalled> {
        while self.turn(observer)? {}
        Ok(Ended {
            at: self.now,
            faults: self.faults,
        })
    }

    /// Goes on to the next deadline; false when the run is over.
    ///
    /// # Errors
    /// [`Stalled`], from the controller.
    pub fn turn(&mut self, observer: &mut impl Observer) -> Result<bool, Stalled> {
        // A deadline that has slipped past is due now: time never runs backwards.
        let next = self.next_deadline().max(self.now);
        let end = self.end();
        self.advance(next.min(end));
        if self.now.millis().is_multiple_of(GRID_MILLIS) {
            observer.patient(self.now, &self.signs);
        }
        if next > end {
            return Ok(false);
        }
        self.act(observer)?;
        Ok(true)
    }

    /// When the run is over, as far as it is known by now.
    fn end(&self) -> SimTime {
        let scenario = self.case.scenario();
        let hours = |count: u32| SimTime::from_hours(u64::from(count));
        match &self.bedside {
            None => hours(scenario.follow_up_stop_h),
            Some(bedside) => bedside
                .completed_at
                .map_or(hours(scenario.run_max_h), |at| {
                    at.after_millis(hours(scenario.follow_up_h).millis())
                }),
        }
    }

    fn next_deadline(&self) -> SimTime {
        let grid = (self.now.millis() / GRID_MILLIS + 1) * GRID_MILLIS;
        let mut next = SimTime::from_millis(grid)
            .min(self.treatment.due())
            .min(self.faults.next_edge(self.now));
        let adjunct = self.treatment.adjunct_from();
        if adjunct > self.now {
            next = next.min(adjunct);
        }
        match &self.bedside {
            Some(bedside) => {
                let lease_ends = bedside.lease_left().map_or(SimTime::NEVER, |left| {
                    let left = u64::try_from(left.as_millis()).unwrap_or(u64::MAX);
                    self.now.after_millis(left)
                });
                next.min(bedside.due()).min(lease_ends)
            }
            None => next,
        }
    }

    /// Lets the physics pass until `to`.
    fn advance(&mut self, to: SimTime) {
        let elapsed = to.since(self.now);
        let adjunct = self.treatment.adjunct(self.now);
        let (intrathecal_ug, leak_ml_per_h) = match &mut self.bedside {
            Some(bedside) => bedside.advance(elapsed, &mut self.faults),
            None => (0.0, 0.0),
        };
        self.patient.advance(
            elapsed,
            Input {
                intrathecal_ug,
                leak_ml_per_h,
                adjunct,
            },
        );
        self.now = to;
        if to.millis().is_multiple_of(GRID_MILLIS) {
            self.signs = self.patient.signs();
        }
    }

    /// Everybody who is due acts, in the fixed order.
    fn act(&mut self, observer: &mut impl Observer) -> Result<(), Stalled> {
        let now = self.now;
        let swallowed_ug = self.treatment.tablets_ug(now);
        if swallowed_ug > 0.0 {
            self.patient.swallow(swallowed_ug);
        }
        let active = self.faults.active(now);
        let Some(bedside) = &mut self.bedside else {
            observer.observe(&Record {
                at: now,
                truth: None,
                signs: &self.signs,
                faults: active,
                telemetry: None,
                assessment: None,
                orders: &[],
                decision: None,
                platform: None,
            });
            return Ok(());
        };
        let mut scene = Scene {
            now,
            active,
            signs: &self.signs,
            draws: &self.draws,
            faults: &mut self.faults,
        };
        bedside.act(&mut scene, self.case, observer)
    }
}
