//! The machine: turns of the world on one side, a controller and its pump on the other.

use core::fmt::Debug;
use core::marker::PhantomData;
use core::time::Duration;

use dose_controller::{Controller, Protocol};
use infusion_types::{
    Alarm, AlarmSet, Assessment, Basis, DailyDose, Decision, Host, Inputs, Line, Mode, NoData,
    Order, OrderKind, Send, Telemetry, Timestamp, User,
};
use proptest::prelude::*;
use proptest_state_machine::{ReferenceStateMachine, StateMachineTest};

use super::support::{
    self, ANNA, BEN, Dip, HOUR, Pump, Rig, calm, checked, daily_ug, drug, prescription, rungs,
};
use super::turns::{Sensor, Setting, Turn, Wild, any_setting, any_turn, user};

/// One step as a law sees it: what went in, what came out, and nothing of the inside.
pub(crate) struct Step<'a> {
    pub(crate) at: Timestamp,
    pub(crate) protocol: &'a Protocol,
    pub(crate) telemetry: &'a Telemetry,
    pub(crate) orders: &'a [Order],
    pub(crate) assessment: Option<&'a Assessment>,
    pub(crate) was: Option<Decision>,
    pub(crate) decision: Decision,
    /// What would have come out without the wild number.
    pub(crate) twin: Option<Decision>,
    /// What came out of a copy that was given the same.
    pub(crate) again: Option<Decision>,
    pub(crate) wakes: Timestamp,
    pub(crate) pump: &'a Pump,
    /// The first step after a reset, with memory or without.
    pub(crate) reset: Option<bool>,
}

/// Something that must always hold, with the books that it needs.
pub(crate) trait Law: Clone + Debug + Default + 'static {
    /// Whether every step is taken twice, by a controller and its copy.
    const TWICE: bool = false;

    fn setting() -> BoxedStrategy<Setting> {
        any_setting().boxed()
    }

    fn turn() -> BoxedStrategy<Turn> {
        any_turn()
    }

    /// Panics when the law is broken.
    fn see(&mut self, step: &Step<'_>);
}

/// What the reference knows: the prescription, and how much time has passed.
#[derive(Clone, Debug)]
pub(crate) struct World {
    setting: Setting,
    elapsed: u64,
}

#[derive(Debug)]
pub(crate) struct Machine<L>(PhantomData<L>);

impl<L: Law> ReferenceStateMachine for Machine<L> {
    type State = World;
    type Transition = Turn;

    fn init_state() -> BoxedStrategy<World> {
        let world = |setting| World {
            setting,
            elapsed: 0,
        };
        L::setting().prop_map(world).boxed()
    }

    fn transitions(_: &World) -> BoxedStrategy<Turn> {
        L::turn()
    }

    fn apply(mut world: World, turn: &Turn) -> World {
        world.elapsed += match turn {
            Turn::Wait(millis)
            | Turn::Late(millis)
            | Turn::Reset(millis, _)
            | Turn::Pair(_, millis, _) => *millis,
            Turn::Calm(hours) => hours * 3_600_000,
            Turn::Blocks(millis) => *millis + 90_000,
            Turn::Sheet(..)
            | Turn::One(..)
            | Turn::Both(_)
            | Turn::Wild(_)
            | Turn::Reads(..)
            | Turn::Dry(_)
            | Turn::Mute(_)
            | Turn::Deaf(_)
            | Turn::Trouble(_)
            | Turn::Recover => 0,
        };
        world
    }
}

impl<L: Law> StateMachineTest for Machine<L> {
    type SystemUnderTest = Bench<L>;
    type Reference = Self;

    fn init_test(world: &World) -> Bench<L> {
        let mut bench = Bench::new(&world.setting);
        bench.begin(f64::from(world.setting.start_ug));
        bench.began = bench.rig.now;
        bench
    }

    fn apply(mut bench: Bench<L>, world: &World, turn: Turn) -> Bench<L> {
        bench.turn(turn);
        let elapsed = bench.rig.now.millis_since(bench.began);
        assert_eq!(elapsed, world.elapsed, "both know what time it is");
        bench
    }
}

/// The controller, its pump, and a law that looks on.
#[derive(Clone, Debug)]
pub(crate) struct Bench<L> {
    rig: Rig,
    law: L,
    /// One that has been given the same since the last reset, where the law wants it.
    copy: Option<Controller>,
    began: Timestamp,
    last: Option<Decision>,
    reset: Option<bool>,
}

fn prescribed(setting: &Setting) -> Protocol {
    let mut written = prescription();
    let cycle = Duration::from_secs(setting.cycle_seconds);
    written.timing.cycle = cycle;
    written.timing.ping_every = cycle;
    written.line.drug = drug(setting.drug);
    written.line.to_tip = infusion_types::Volume::from_nanolitres(60_000);
    written.wean.final_dose = daily_ug(setting.final_ug);
    written.wean.every = HOUR * u32::try_from(setting.every_hours).unwrap_or(24);
    if setting.of_initial {
        written.wean.basis = Basis::Initial;
    }
    written.wean.rungs = rungs(&[
        (setting.decrement_permille, 5, 0),
        (setting.decrement_permille.min(300), 10, 1),
        (200, 40, 1),
    ]);
    checked(written)
}

impl<L: Law> Bench<L> {
    fn new(setting: &Setting) -> Self {
        Self {
            rig: Rig::new(prescribed(setting)),
            law: L::default(),
            copy: None,
            began: Timestamp::ZERO,
            last: None,
            reset: None,
        }
    }

    fn mode(&self) -> Mode {
        self.last.map_or(Mode::Off, |decision| decision.mode)
    }

    /// From wherever it is to a therapy, if it is before one.
    fn begin(&mut self, daily_ug: f64) {
        if matches!(self.mode(), Mode::Off | Mode::Post) && self.last.is_none() {
            self.wait(12_000);
        }
        if self.mode() != Mode::Idle {
            return;
        }
        self.order(1, OrderKind::EnterUnprimed(0.0));
        self.order(1, OrderKind::DeclareLine(Line::Connected));
        self.both(OrderKind::Authorise(daily_ug));
        self.order(2, OrderKind::Start);
    }

    fn turn(&mut self, turn: Turn) {
        let now = self.rig.now;
        match turn {
            Turn::Wait(millis) => self.wait(millis),
            Turn::Calm(hours) => self.calm(hours),
            Turn::Late(millis) => {
                self.rig.now = now.after(Duration::from_millis(millis));
                self.settle(None, &[], None);
            }
            Turn::Sheet(sheet, skew) => {
                let by = Duration::from_secs(skew.unsigned_abs());
                let at = if skew < 0 {
                    now.before(by)
                } else {
                    now.after(by)
                };
                self.settle(Some(&sheet.at(at)), &[], None);
            }
            Turn::One(number, what) => self.order(number, what),
            Turn::Both(what) => self.both(what),
            Turn::Pair([first, second], apart, what) => {
                self.order(first, what);
                self.wait(apart);
                self.order(second, what);
            }
            Turn::Wild(wild) => self.wild(wild),
            Turn::Reads(sensor, raw) => {
                sensor.put(&mut self.rig.pump.sensors, raw);
                self.settle(None, &[], None);
            }
            Turn::Blocks(millis) => {
                for (raw, millis) in [(60.0, millis), (2.0, 90_000)] {
                    Sensor::Pressure.put(&mut self.rig.pump.sensors, raw);
                    self.settle(None, &[], None);
                    self.wait(millis);
                }
            }
            // A pump that runs dry says so at once, or the books could not know when.
            Turn::Dry(dry) if self.hears_at_once() => {
                self.rig.telemetry();
                self.rig.pump.empty = dry;
                self.settle(None, &[], None);
            }
            Turn::Dry(_) => {}
            Turn::Mute(mute) => {
                self.rig.telemetry();
                self.rig.pump.lose_reports(now, mute);
            }
            Turn::Deaf(deaf) => self.rig.pump.deaf = deaf,
            Turn::Trouble(trouble) => {
                let report = trouble.begin(&mut self.rig);
                let report = report.unwrap_or_else(|| self.rig.telemetry());
                self.settle_with(report, (None, &[]), None);
            }
            Turn::Reset(millis, memory) => {
                let saved = self.rig.saved.clone().filter(|_| memory);
                self.reset = Some(saved.is_some());
                self.rig.restart(Duration::from_millis(millis), saved);
                self.copy = None;
                self.settle(None, &[], None);
            }
            Turn::Recover => self.recover(),
        }
    }

    fn hears_at_once(&self) -> bool {
        self.rig.pump.mute.is_none() && self.rig.link.delay.is_zero()
    }

    fn wait(&mut self, millis: u64) {
        let end = self.rig.now.after(Duration::from_millis(millis));
        while self.rig.now < end {
            self.rig.now = self.rig.controller.poll_timeout().min(end);
            self.settle(None, &[], None);
        }
    }

    fn calm(&mut self, hours: u64) {
        for hour in 0..hours {
            if hour % 3 == 0 {
                let sheet = calm(self.rig.now);
                self.settle(Some(&sheet), &[], None);
            }
            self.wait(3_600_000);
        }
    }

    fn order(&mut self, number: u8, what: OrderKind) {
        let by = user(number);
        self.settle(None, &[Order { by, what }], None);
    }

    fn both(&mut self, what: OrderKind) {
        for by in [ANNA, BEN] {
            self.settle(None, &[Order { by, what }], None);
        }
    }

    /// A step with a wild number, next to one where it is missing.
    fn wild(&mut self, wild: Wild) {
        let now = self.rig.now;
        let mut telemetry = self.rig.telemetry();
        match wild {
            Wild::Said(sensor, raw) => {
                let missing = telemetry;
                sensor.put(&mut telemetry, raw);
                let twin = (missing, None);
                self.settle_with(telemetry, (None, &[]), Some(twin));
            }
            Wild::Seen(index, raw) => {
                let (sheet, missing) = Wild::sheets(index, raw, now);
                let twin = (telemetry, Some(missing));
                self.settle_with(telemetry, (Some(&sheet), &[]), Some(twin));
            }
            Wild::Strange(what) => {
                let order = Order {
                    by: User::STRANGER,
                    what,
                };
                self.settle_with(telemetry, (None, &[order]), Some((telemetry, None)));
            }
            Wild::Ordered(number, what) => {
                let by = user(number);
                let twin = (telemetry, None);
                self.settle_with(telemetry, (None, &[Order { by, what }]), Some(twin));
            }
        }
    }

    fn recover(&mut self) {
        let now = self.rig.now;
        self.rig.telemetry();
        self.rig.pump.lose_reports(now, false);
        self.rig.pump.deaf = false;
        (self.rig.pump.unread, self.rig.pump.misses) = (false, 0);
        (self.rig.pump.limit, self.rig.dips) = (None, None);
        self.rig.link.delay = Duration::ZERO;
        let frames = self.rig.host.refused_frames;
        self.rig.host = Host {
            refused_frames: frames,
            ..Host::SOUND
        };
        self.rig.pump.empty = false;
        self.rig.pump.sensors = Telemetry::silent(NoData::NotFitted);
        let sheet = calm(now);
        self.settle(Some(&sheet), &[], None);
        self.settle(None, &[], None);
        self.begin(300.0);
        let standing: AlarmSet = self
            .last
            .map_or(AlarmSet::EMPTY, |decision| decision.alarms.active);
        for alarm in standing.intersection(AlarmSet::LATCHING).iter() {
            self.order(1, OrderKind::Acknowledge(alarm));
        }
        if matches!(self.mode(), Mode::Paused | Mode::Stopped) {
            if let Some(dose) = self.last.and_then(|last| last.asks.authorisation) {
                self.both(OrderKind::Authorise(micrograms(dose)));
            }
            self.order(1, OrderKind::Acknowledge(Alarm::OverdoseSigns));
            self.order(2, OrderKind::Resume);
        }
    }

    /// One step, and another for each command that leaves.
    fn settle(
        &mut self,
        assessment: Option<&Assessment>,
        orders: &[Order],
        twin: Option<(Telemetry, Option<Assessment>)>,
    ) {
        let telemetry = self.rig.telemetry();
        self.settle_with(telemetry, (assessment, orders), twin);
    }

    fn settle_with(
        &mut self,
        telemetry: Telemetry,
        (assessment, orders): (Option<&Assessment>, &[Order]),
        twin: Option<(Telemetry, Option<Assessment>)>,
    ) {
        let twin = twin.map(|(telemetry, assessment)| {
            let inputs = Inputs {
                telemetry: &telemetry,
                assessment: assessment.as_ref(),
                orders: &[],
                host: &self.rig.host,
            };
            self.rig.controller.clone().step(self.rig.now, &inputs)
        });
        self.look(telemetry, (assessment, orders), twin);
        for _ in 0..3 {
            let sent = self
                .last
                .is_some_and(|last| matches!(last.send, Send::Command(_)));
            if !sent || self.reset.is_some() {
                break;
            }
            let telemetry = self.rig.telemetry();
            self.look(telemetry, (None, &[]), None);
        }
        if self.reset.is_some() {
            // It has met a reset on its way, and is due at once.
            let telemetry = self.rig.telemetry();
            self.look(telemetry, (None, &[]), None);
        }
    }

    fn look(
        &mut self,
        telemetry: Telemetry,
        (assessment, orders): (Option<&Assessment>, &[Order]),
        twin: Option<Decision>,
    ) {
        let now = self.rig.now;
        let inputs = Inputs {
            telemetry: &telemetry,
            assessment,
            orders,
            host: &self.rig.host,
        };
        let again = L::TWICE.then(|| {
            let copy = self.copy.get_or_insert_with(|| self.rig.controller.clone());
            copy.step(now, &inputs)
        });
        let decision = self.rig.step_with(&telemetry, assessment, orders);
        self.rig.log.clear();
        let dip = self.rig.dipped.take();
        if dip.is_some() {
            self.copy = None;
        }
        if dip == Some(Dip::MidWrite) {
            // Nobody has seen what was decided.
            self.reset = Some(self.rig.saved.is_some());
            return;
        }
        if let Some(copy) = self.copy.as_ref().filter(|_| decision.store) {
            assert_eq!(copy.saved(), self.rig.controller.saved());
        }
        let protocol = *self.rig.controller.protocol();
        if let Some(saved) = self.rig.saved.as_ref().filter(|_| decision.store) {
            assert_eq!(saved.check(&protocol), Ok(()), "what is stored can be");
        }
        self.law.see(&Step {
            at: now,
            protocol: &protocol,
            telemetry: &telemetry,
            orders,
            assessment,
            was: self.last,
            decision,
            twin,
            again,
            wakes: self.rig.controller.poll_timeout(),
            pump: &self.rig.pump,
            reset: self.reset.take(),
        });
        if dip.is_some() {
            self.reset = Some(self.rig.saved.is_some());
        }
        self.last = Some(decision);
    }
}

fn micrograms(dose: DailyDose) -> f64 {
    let whole = u32::try_from(dose.nanograms_per_day()).unwrap_or(u32::MAX);
    f64::from(whole) / 1e3
}

/// The order of this kind in a step, if there is one.
pub(crate) fn ordered(step: &Step<'_>, find: impl Fn(&OrderKind) -> bool) -> bool {
    let known = |order: &&Order| order.by != User::STRANGER;
    let mut orders = step.orders.iter().filter(known);
    orders.any(|order| find(&order.what))
}

/// The smallest change of rate that the pump can make, by the reference's own arithmetic.
pub(crate) fn quantum(step: &Step<'_>, drug_ug_per_ml: u32) -> u64 {
    let flow = step.protocol.limits().flow_quantum.nanolitres_per_hour();
    u64::try_from(flow)
        .unwrap_or(0)
        .saturating_mul(u64::from(drug_ug_per_ml))
        .div_ceil(1_000)
        .max(1)
}

pub(crate) use support::DAY;
