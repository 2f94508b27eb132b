//! The loop: from deadline to deadline, always in the same order.
//!
//! Every party names its next deadline and the bench jumps to the earliest. At one moment the order is
//! fixed: faults, device, patient, people, what the pump says, the controller, what it is told, the
//! record. Whatever reaches the controller's inbox makes it due at once.

use std::time::Duration;

use dose_controller::{Controller, Decision, Inputs, Mode, Protocol, Send};
use infusion_device::{Condition, Device, Noise, Profile};
use infusion_types::{Assessment, Host, Order, Session, Telemetry, Timestamp};
use virtual_patient::{Input, Patient, Signs};

use crate::case::Case;
use crate::clinician::Clinician;
use crate::clock::{Clock, SimTime};
use crate::draw::{Draws, Purpose};
use crate::fault::{Faults, World};
use crate::nurse::Nurse;
use crate::record::Record;
use crate::treatment::Treatment;

/// The patient's own grid; a multiple of it is a deadline, so that signs change only there.
pub const GRID: Duration = Duration::from_secs(360);
const GRID_MILLIS: u64 = 360_000;
/// The pump's wander has a new value this often.
const DRIFT_MILLIS: u64 = 3_600_000;
/// Answers to one moment's commands; more would be a controller that never comes to rest.
const ROUNDS: usize = 4;

/// A controller did not answer as it must.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the controller stalled: {why}")]
pub struct Stalled {
    /// What it did.
    pub why: String,
}

/// Anything that can stand where the controller stands.
pub trait ControllerPort {
    /// Takes one cycle's inputs and decides.
    ///
    /// # Errors
    /// [`Stalled`] when there is no usable answer.
    fn step(&mut self, now: Timestamp, inputs: &Inputs<'_>) -> Result<Decision, Stalled>;

    /// When the next decision is due; later than the last `step`.
    fn poll_timeout(&self) -> Timestamp;
}

impl ControllerPort for Controller {
    fn step(&mut self, now: Timestamp, inputs: &Inputs<'_>) -> Result<Decision, Stalled> {
        Ok(Self::step(self, now, inputs))
    }

    fn poll_timeout(&self) -> Timestamp {
        Self::poll_timeout(self)
    }
}

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

/// The pump at the bedside, and everybody who has to do with it.
#[derive(Clone, Debug)]
struct Bedside<C> {
    device: Device,
    healthy: Condition,
    drift: f64,
    drift_at: SimTime,
    controller: C,
    clock: Clock,
    session: Session,
    nurse: Nurse,
    clinician: Clinician,
    orders: Vec<Order>,
    controller_due: SimTime,
    completed_at: Option<SimTime>,
    reached_ug: f64,
    csf_lost_ul: f64,
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

impl<'a, C: ControllerPort> Bench<'a, C> {
    /// A run that stands at the explant. `controller` makes a controller of the patient's protocol.
    pub fn new(case: &'a Case<'a>, controller: impl FnOnce(Protocol, Session) -> C) -> Self {
        let draws = case.draws();
        let patient = Patient::new(case.parameters(), GRID);
        let faults = Faults::new(&case.scenario().faults);
        let bedside = case.protocol().map(|protocol| {
            let session = Session::new(1);
            Bedside::new(case, &draws, session, controller(protocol, session))
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
            Some(bedside) => next.min(bedside.due()),
            None => next,
        }
    }

    /// Lets the physics pass until `to`.
    fn advance(&mut self, to: SimTime) {
        let elapsed = to.since(self.now);
        let adjunct = self.treatment.adjunct(self.now);
        let (intrathecal_ug, leak_ml_per_h) = match &mut self.bedside {
            Some(bedside) => bedside.advance(elapsed),
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
            });
            return Ok(());
        };
        bedside.set_condition(now, &self.draws, self.case, &self.faults);
        let sheet = bedside.people(now, &self.draws, &self.signs, (active, &mut self.faults));
        if bedside.controller_due > now && sheet.is_none() && bedside.orders.is_empty() {
            return Ok(());
        }
        let mut scene = Scene {
            now,
            active,
            signs: &self.signs,
            draws: &self.draws,
            faults: &mut self.faults,
        };
        bedside.cycle(&mut scene, sheet.as_ref(), observer)
    }
}

/// What one moment looks like from the bedside.
struct Scene<'s, 'a> {
    now: SimTime,
    active: u64,
    signs: &'s Signs,
    draws: &'s Draws,
    faults: &'s mut Faults<'a>,
}

impl<C: ControllerPort> Bedside<C> {
    fn new(case: &Case<'_>, draws: &Draws, session: Session, controller: C) -> Self {
        let explant = &case.scenario().explant;
        let healthy = Condition::healthy(explant.room_temperature_c, explant.csf_pressure_mmhg);
        let mut device = Device::new(case.device_spec(), healthy);
        device.pair(session);
        let people = case.people();
        let start_dose = case.start_dose_ug_per_day();
        let clinician = Clinician::new(
            people.clinician,
            explant,
            start_dose,
            &case.scenario().orders,
        );
        Self {
            device,
            healthy,
            drift: 0.0,
            drift_at: SimTime::ZERO,
            controller,
            clock: Clock::started(SimTime::ZERO),
            session,
            nurse: Nurse::new(people.nurse, draws),
            clinician,
            orders: Vec::with_capacity(16),
            controller_due: SimTime::ZERO,
            completed_at: None,
            reached_ug: 0.0,
            csf_lost_ul: 0.0,
        }
    }

    fn due(&self) -> SimTime {
        // Nobody comes any more once the catheter is out.
        let nurse = if self.completed_at.is_some() {
            SimTime::NEVER
        } else {
            self.nurse.due()
        };
        self.controller_due
            .min(nurse)
            .min(self.clinician.due())
            .min(self.drift_at)
    }

    /// Drug that reached the patient, µg, and CSF that was lost, mL/h, in `elapsed`.
    fn advance(&mut self, elapsed: Duration) -> (f64, f64) {
        self.device.advance(elapsed);
        let truth = self.device.truth();
        let reached_ug = truth.reached_ug - self.reached_ug;
        let lost_ml = (truth.csf_lost_ul - self.csf_lost_ul) / 1e3;
        self.reached_ug = truth.reached_ug;
        self.csf_lost_ul = truth.csf_lost_ul;
        let hours = elapsed.as_secs_f64() / 3_600.0;
        let leak_ml_per_h = if hours > 0.0 { lost_ml / hours } else { 0.0 };
        (reached_ug.max(0.0), leak_ml_per_h.max(0.0))
    }

    /// Faults and wander become numbers of the device.
    fn set_condition(&mut self, now: SimTime, draws: &Draws, case: &Case<'_>, faults: &Faults<'_>) {
        if now >= self.drift_at {
            let spread = &case.device().spread;
            let keep = libm::exp(-(DRIFT_MILLIS as f64 / 3.6e6) / spread.drift_tau_h);
            let fresh = spread.drift_sd * libm::sqrt(1.0 - keep * keep);
            let normal = draws.at(Purpose::Drift, "pump", now.millis()).normal();
            self.drift = keep * self.drift + fresh * normal;
            self.drift_at = self.drift_at.after_millis(DRIFT_MILLIS);
        }
        let healthy = Condition {
            drift: self.drift,
            ..self.healthy
        };
        let condition = faults
            .world(faults.active(now), World::healthy(healthy))
            .device;
        if condition != *self.device.condition() {
            self.device.set_condition(condition);
        }
    }

    /// The nurse and the clinician do what is due.
    fn people(
        &mut self,
        now: SimTime,
        draws: &Draws,
        signs: &Signs,
        (active, faults): (u64, &mut Faults<'_>),
    ) -> Option<Assessment> {
        if self.completed_at.is_none() {
            let noise = || draws.at(Purpose::Weighing, "scales", now.millis()).normal();
            let device = &self.device;
            self.orders
                .extend(self.nurse.weigh(now, || device.weigh(noise()).ok()));
        }
        self.clinician
            .act(now, draws, &mut self.device, &mut self.orders);
        if self.completed_at.is_some() {
            return None;
        }
        let mut sheet = self
            .nurse
            .assess(now, self.clock.local(now), draws, signs)?;
        faults.mistype(active, &mut sheet);
        Some(sheet)
    }

    /// The controller's turn, and again for every command that the pump answers.
    fn cycle(
        &mut self,
        scene: &mut Scene<'_, '_>,
        mut sheet: Option<&Assessment>,
        observer: &mut impl Observer,
    ) -> Result<(), Stalled> {
        let mut orders = std::mem::take(&mut self.orders);
        for _ in 0..ROUNDS {
            let telemetry = self.telemetry(scene);
            let local = self.clock.local(scene.now);
            let inputs = Inputs {
                telemetry: &telemetry,
                assessment: sheet,
                orders: &orders,
                host: &Host::SOUND,
            };
            let decision = self.controller.step(local, &inputs)?;
            let answered = self.tell_pump(local, &decision);
            self.record(scene, (&telemetry, sheet, &orders), &decision, observer);
            self.clinician.watch(scene.now, scene.draws, &decision);
            let asks = &decision.asks;
            self.nurse
                .asked(scene.now, scene.draws, asks.assessment, asks.weighing);
            if decision.mode == Mode::Complete {
                self.completed_at = self.completed_at.or(Some(scene.now));
            }
            sheet = None;
            orders.clear();
            if !answered {
                self.orders = orders;
                return self.set_next(scene.now);
            }
        }
        Err(Stalled {
            why: format!("it sent {ROUNDS} commands at one moment"),
        })
    }

    fn set_next(&mut self, now: SimTime) -> Result<(), Stalled> {
        let due = self.clock.truly(self.controller.poll_timeout());
        if due <= now {
            let why = format!(
                "it asked to be woken at {} ms, and it is {} ms",
                due.millis(),
                now.millis()
            );
            return Err(Stalled { why });
        }
        self.controller_due = due;
        Ok(())
    }

    /// What the pump says, as it arrives.
    fn telemetry(&self, scene: &mut Scene<'_, '_>) -> Telemetry {
        let noise = match self.device.spec().profile {
            Profile::P0 | Profile::P1 => Noise::default(),
            Profile::P2 => {
                let mut draw = scene.draws.at(Purpose::Sensors, "line", scene.now.millis());
                Noise {
                    flow: draw.normal(),
                    pressure: draw.normal(),
                    air: draw.normal(),
                    drained_csf: draw.normal(),
                }
            }
        };
        let mut telemetry = self.device.telemetry(self.clock.local(scene.now), &noise);
        scene.faults.garble(scene.active, &mut telemetry);
        telemetry
    }

    /// Passes on what leaves. True when the pump has an answer to a command.
    fn tell_pump(&mut self, local: Timestamp, decision: &Decision) -> bool {
        match decision.send {
            Send::Command(command) => {
                self.device.accept(local, command);
                true
            }
            Send::Ping => {
                // A pump of another session would be silent; ours is paired once and for all.
                let _ = self.device.ping(self.session);
                false
            }
            Send::Quiet(_) => false,
        }
    }

    fn record(
        &self,
        scene: &mut Scene<'_, '_>,
        (telemetry, sheet, orders): (&Telemetry, Option<&Assessment>, &[Order]),
        decision: &Decision,
        observer: &mut impl Observer,
    ) {
        let truth = self.device.truth();
        if scene.active != 0 {
            scene
                .faults
                .watch(scene.active, &truth, self.healthy.csf_pressure_mmhg);
        }
        observer.observe(&Record {
            at: scene.now,
            truth: Some(&truth),
            signs: scene.signs,
            faults: scene.active,
            telemetry: Some(telemetry),
            assessment: sheet,
            orders,
            decision: Some(decision),
        });
    }
}
