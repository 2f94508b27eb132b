//! The pump beside the bed, and everybody who has to do with it: one moment of theirs, in its fixed order.
//!
//! Faults and wander become numbers; people act; what is on its way arrives; the pump speaks, the controller
//! decides, what it says leaves, and the record is made. The pump speaks whenever the controller is called,
//! and when it has an answer: its report period is the controller's cycle, in step with it.

mod talk;

use std::time::Duration;

use infusion_device::{Condition, Device};
use infusion_types::{Abilities, Assessment, Decision, Mode, Order, Session, Telemetry};
use virtual_patient::Signs;

use crate::bench::{Look, Observer};
use crate::case::Case;
use crate::clinician::Clinician;
use crate::clock::{Clock, SimTime};
use crate::draw::{Draws, Purpose};
use crate::fault::{Effect, Event, Faults, World};
use crate::host::{Brought, Computer};
use crate::link::{Forgery, Link};
use crate::nurse::Nurse;
use crate::port::{ControllerPort, Stalled};
use crate::record::{PlatformTruth, Record};
use crate::ward::Departures;

/// The pump's wander has a new value this often.
const DRIFT_MILLIS: u64 = 3_600_000;
/// Answers to one moment's commands; more would be a controller that never comes to rest.
const ROUNDS: usize = 4;
/// While nobody calls the controller, what is true is recorded this often.
const SILENT_MILLIS: u64 = 60_000;

/// What one moment looks like from the bedside.
pub(crate) struct Scene<'s, 'a> {
    pub(crate) now: SimTime,
    pub(crate) active: u64,
    pub(crate) signs: &'s Signs,
    pub(crate) draws: &'s Draws,
    pub(crate) faults: &'s mut Faults<'a>,
}

/// The pump at the bedside, and everybody who has to do with it.
#[derive(Clone, Debug)]
pub(crate) struct Bedside<C> {
    device: Device,
    pump_clock: Clock,
    healthy: Condition,
    world: World,
    drift_at: SimTime,
    computer: Computer<C>,
    link: Link,
    nurse: Nurse,
    clinician: Clinician,
    sheet: Option<Assessment>,
    /// What people have ordered: at this moment, and what still waits for a controller that is down.
    given: Vec<Order>,
    orders: Vec<Order>,
    recorded_at: SimTime,
    lease_ended: bool,
    pub(crate) completed_at: Option<SimTime>,
    reached_ug: f64,
    csf_lost_ul: f64,
    applied: u32,
    applied_twice: u32,
    /// No fault acted when the world was last looked at, and it is set so.
    is_sound: bool,
    /// Faults of this run may silence somebody: the pump is watched while nobody speaks to it.
    watchful: bool,
}

impl<C: ControllerPort> Bedside<C> {
    pub(crate) fn new(
        case: &Case<'_>,
        draws: &Draws,
        session: Session,
        (controller, look): (C, Look),
    ) -> Self {
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
            pump_clock: Clock::started(SimTime::ZERO),
            healthy,
            world: World::healthy(healthy),
            drift_at: SimTime::ZERO,
            computer: Computer::new(controller, session),
            link: Link::new(look.sealed, session),
            nurse: Nurse::new(people.nurse, draws),
            clinician,
            sheet: None,
            given: Vec::with_capacity(16),
            orders: Vec::with_capacity(16),
            recorded_at: SimTime::ZERO,
            lease_ended: false,
            completed_at: None,
            reached_ug: 0.0,
            csf_lost_ul: 0.0,
            applied: 0,
            applied_twice: 0,
            is_sound: false,
            watchful: look.watchful,
        }
    }

    pub(crate) const fn controller(&self) -> &C {
        self.computer.controller()
    }

    pub(crate) fn abilities(&self) -> Abilities {
        self.computer.abilities()
    }

    /// When somebody here has something to do.
    pub(crate) fn due(&self) -> SimTime {
        // Nobody comes any more once the catheter is out.
        let nurse = if self.completed_at.is_some() {
            SimTime::NEVER
        } else {
            self.nurse.due()
        };
        self.computer
            .due()
            .min(nurse)
            .min(self.clinician.due())
            .min(self.drift_at)
            .min(self.link.due())
            .min(self.watched())
    }

    /// While the controller is not called, the bench looks at the pump itself.
    fn watched(&self) -> SimTime {
        if self.computer.runs() {
            return SimTime::NEVER;
        }
        self.recorded_at.after_millis(SILENT_MILLIS)
    }

    /// How long the pump may be left alone, where that matters.
    pub(crate) fn lease_left(&self) -> Option<Duration> {
        self.watchful.then(|| self.device.poll_timeout()).flatten()
    }

    /// Drug that reached the patient, µg, and CSF that was lost, mL/h, in `elapsed`.
    pub(crate) fn advance(&mut self, elapsed: Duration, faults: &mut Faults<'_>) -> (f64, f64) {
        faults.advance(&mut self.device, elapsed);
        let (reached, lost) = (self.device.reached_ug(), self.device.csf_lost_ul());
        let reached_ug = reached - self.reached_ug;
        let lost_ml = (lost - self.csf_lost_ul) / 1e3;
        self.reached_ug = reached;
        self.csf_lost_ul = lost;
        let hours = elapsed.as_secs_f64() / 3_600.0;
        let leak_ml_per_h = if hours > 0.0 { lost_ml / hours } else { 0.0 };
        (reached_ug.max(0.0), leak_ml_per_h.max(0.0))
    }

    /// Everybody who is due acts.
    ///
    /// # Errors
    /// [`Stalled`], from the controller.
    pub(crate) fn act(
        &mut self,
        scene: &mut Scene<'_, '_>,
        case: &Case<'_>,
        observer: &mut impl Observer,
    ) -> Result<(), Stalled> {
        let now = scene.now;
        self.set_world(scene, case);
        let restarts = self.computer.restarts();
        self.computer.live(now, &self.world.platform)?;
        if self.computer.restarts() != restarts {
            self.link.restart_controller();
        }
        self.happen(scene)?;
        let sheet = self.people(scene);
        self.sheet = sheet.or(self.sheet);
        self.attack(scene);
        self.deliver(scene);
        if self.sheet.is_some() || !self.orders.is_empty() {
            self.computer.wake(now);
        }
        let called = self.computer.calls(now);
        if called {
            self.cycle(scene, observer)?;
        } else {
            self.look(scene, observer);
        }
        self.tell_ledger(scene, called);
        Ok(())
    }

    /// Faults and wander become numbers. Where none acts nor acted the moment before, the world is as it was.
    fn set_world(&mut self, scene: &mut Scene<'_, '_>, case: &Case<'_>) {
        let now = scene.now;
        let wanders = now >= self.drift_at;
        let was_sound = std::mem::replace(&mut self.is_sound, scene.active == 0);
        if was_sound && self.is_sound && !wanders {
            scene.faults.leave(now);
            return;
        }
        if wanders {
            let spread = &case.device().spread;
            let keep = libm::exp(-(DRIFT_MILLIS as f64 / 3.6e6) / spread.drift_tau_h);
            let fresh = spread.drift_sd * libm::sqrt(1.0 - keep * keep);
            let normal = scene
                .draws
                .at(Purpose::Drift, "pump", now.millis())
                .normal();
            self.healthy.drift = keep * self.healthy.drift + fresh * normal;
            self.drift_at = self.drift_at.after_millis(DRIFT_MILLIS);
        }
        self.world = scene.faults.set(now, World::healthy(self.healthy));
        if self.world.device != *self.device.condition() {
            self.device.set_condition(self.world.device);
        }
        let clocks = &self.world.clocks;
        self.pump_clock
            .set(now, clocks.pump_drift_ppm, clocks.pump_ahead_ms);
        self.nurse.obey(&self.world.ward);
        self.clinician.obey(&self.world.ward);
    }

    /// What faults do once, beside what they do to the device.
    fn happen(&mut self, scene: &mut Scene<'_, '_>) -> Result<(), Stalled> {
        let now = scene.now;
        for (index, event) in scene.faults.strike(now, &mut self.device) {
            let done = match event {
                Event::Reset => self.computer.reset(now),
                Event::Reused => self.computer.reuse(now)?,
                Event::MemoryLost => self.computer.lose_memory(),
                Event::BitFlips { copy, bit } => self.computer.flip(copy, bit),
                Event::LogAltered => self.computer.alter_log(),
                Event::PrimesByItself { .. }
                | Event::RunsOwnProgram { .. }
                | Event::PumpRestarts
                | Event::ReservoirKeeps { .. }
                | Event::Orders(_)
                | Event::Does(_)
                | Event::LineOpened
                | Event::LineClosed => {
                    let who = (now, scene.draws);
                    self.clinician
                        .does(who, event, &mut self.device, &mut self.given)
                }
            };
            if done {
                scene.faults.saw(index, now);
            }
        }
        Ok(())
    }

    /// What link, clocks and computer have done at this moment otherwise than sound ones would. What happened
    /// while no fault acted is nobody's, and a computer that was not called has said nothing new of itself.
    fn tell_ledger(&mut self, scene: &mut Scene<'_, '_>, called: bool) {
        let (now, active) = (scene.now, scene.active);
        let link = self.link.take_effects();
        let computer = self.computer.take_effects();
        if active == 0 {
            return;
        }
        for (side, frame) in link {
            scene.faults.show(active, Effect::Frame(side, frame), now);
        }
        if self.pump_clock.local(now).millis() != now.millis() {
            scene.faults.show(active, Effect::PumpClock, now);
        }
        for effect in computer {
            scene.faults.show(active, effect, now);
        }
        if called {
            scene.faults.host(active, self.computer.said(), now);
        }
    }

    /// The nurse and the clinician do what is due.
    fn people(&mut self, scene: &mut Scene<'_, '_>) -> Option<Assessment> {
        let (now, draws) = (scene.now, scene.draws);
        let weighs = self.completed_at.is_none();
        if weighs {
            let noise = || draws.at(Purpose::Weighing, "scales", now.millis()).normal();
            let device = &self.device;
            self.given
                .extend(self.nurse.weigh(now, || device.weigh(noise()).ok()));
        }
        self.clinician
            .act(now, draws, &mut self.device, &mut self.given);
        let mut departed = Departures::default();
        self.world.ward.press(&mut self.given, &mut departed);
        self.orders.append(&mut self.given);
        let at = self.computer.clock().local(now);
        let mut sheet = weighs
            .then(|| self.nurse.assess(now, at, draws, scene.signs))
            .flatten();
        scene.faults.edit_sheet(now, sheet.as_mut());
        let departed = departed
            .and(self.nurse.departed())
            .and(self.clinician.departed());
        scene.faults.departed(scene.active, departed, now);
        sheet
    }

    /// The controller's turn, and again for every command that the pump answers.
    fn cycle(
        &mut self,
        scene: &mut Scene<'_, '_>,
        observer: &mut impl Observer,
    ) -> Result<(), Stalled> {
        let mut orders = std::mem::take(&mut self.orders);
        let mut sheet = self.sheet.take();
        let mut answered = false;
        for _ in 0..ROUNDS {
            if !answered {
                self.speak(scene, false);
                self.deliver(scene);
            }
            let heard = self.computer.heard;
            let brought = Brought {
                sheet: sheet.as_ref(),
                orders: &orders,
                refused_frames: self.link.refused(),
                peer_clock: self.link.peer_clock(),
            };
            let called = self
                .computer
                .call(scene.now, &self.world.defect, &brought)?;
            let decision = called.decision;
            if let Some(wait_ms) = called.leaves_after_ms {
                self.tell_pump(scene, &decision, wait_ms);
            }
            answered = self.deliver(scene);
            let said = Said {
                telemetry: &heard,
                sheet: sheet.as_ref(),
                orders: &orders,
                decision: Some(&decision),
            };
            self.record(scene, &said, observer);
            self.clinician.watch(scene.now, scene.draws, &decision);
            let departed = self.clinician.departed();
            scene.faults.departed(scene.active, departed, scene.now);
            let asks = &decision.asks;
            self.nurse
                .asked(scene.now, scene.draws, asks.assessment, asks.weighing);
            if decision.mode == Mode::Complete {
                self.completed_at = self.completed_at.or(Some(scene.now));
            }
            sheet = None;
            orders.clear();
            if !answered || !self.computer.runs() {
                self.orders = orders;
                return self.computer.set_next(scene.now);
            }
        }
        Err(Stalled {
            why: format!("it sent {ROUNDS} commands at one moment"),
        })
    }

    /// What is true while nobody decides: when a lease begins or ends, and every minute while nobody is called.
    fn look(&mut self, scene: &mut Scene<'_, '_>, observer: &mut impl Observer) {
        if !self.watchful {
            return;
        }
        let ended = self.device.lease_ended();
        let silent = !self.computer.runs() && scene.now >= self.watched();
        if ended == self.lease_ended && !silent {
            return;
        }
        self.lease_ended = ended;
        let frozen = self.computer.frozen();
        let heard = self.computer.heard;
        let said = Said {
            telemetry: &heard,
            sheet: None,
            orders: &[],
            decision: frozen.as_ref(),
        };
        self.record(scene, &said, observer);
    }

    fn record(&mut self, scene: &mut Scene<'_, '_>, said: &Said<'_>, observer: &mut impl Observer) {
        let truth = self.device.truth();
        self.recorded_at = scene.now;
        let platform = PlatformTruth {
            runs: self.computer.runs(),
            restarts: self.computer.restarts(),
            unseen: self.computer.unseen(),
            host: *self.computer.said(),
            overdue_s: self.computer.overdue_s(scene.now),
            log_lag_s: self.computer.log.lag_s(scene.now),
            refused_by_controller: self.link.refused(),
            rubbish_per_s: self.world.down.flood_per_s.max(self.world.up.flood_per_s),
            key_stolen: self.world.down.forged == Some(Forgery::StolenKey),
            logged: u32::try_from(self.computer.log.len()).unwrap_or(u32::MAX),
            applied: self.applied,
            applied_twice: self.applied_twice,
        };
        let record = Record {
            at: scene.now,
            truth: Some(&truth),
            signs: scene.signs,
            faults: scene.active,
            telemetry: Some(said.telemetry),
            assessment: said.sheet,
            orders: said.orders,
            decision: said.decision,
            platform: Some(&platform),
        };
        scene.faults.watch(&record);
        observer.observe(&record);
    }
}

/// What was said and decided at a moment.
struct Said<'a> {
    telemetry: &'a Telemetry,
    sheet: Option<&'a Assessment>,
    orders: &'a [Order],
    decision: Option<&'a Decision>,
}
