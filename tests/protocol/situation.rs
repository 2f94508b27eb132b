//! One moment at the bedside: the real controller, the real pump, the real frames between them, and whatever
//! is still on its way.

use std::time::Duration;

use dose_controller::Protocol;
use infusion_device::{DeviceSpec, Truth};
use infusion_types::{Alarm, DailyDose, Decision, Line, Mode, Order, OrderKind, Timestamp, User};

use super::books::Books;
use super::kept::{Kept, mark};
use super::sides::{Carried, ControllerSide, Outcome, PumpSide, Surroundings};

const ANNA: User = User(1);
const BEN: User = User(2);
/// How long a controller that restarts is away.
const AWAY: Duration = Duration::from_secs(5);

/// What somebody wants of the controller.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(super) enum Wish {
    /// Another daily dose, µg, by two users, and told to the pump as well.
    Dose(u16),
    Pause,
    Resume,
    /// The button for priming is still held.
    HoldToRun,
}

/// One moment.
#[derive(Clone, Debug, Hash)]
pub(super) struct Situation {
    pub(super) now: Timestamp,
    controller: Kept<ControllerSide>,
    pump: Kept<PumpSide>,
    /// On its way to the pump.
    pub(super) down: Vec<Carried>,
    /// On its way to the controller.
    pub(super) up: Vec<Carried>,
    pub(super) books: Books,
}

impl Situation {
    /// Ready for work: switched on, paired, and through the self-test.
    fn idle(around: Surroundings, protocol: Protocol, spec: DeviceSpec) -> Self {
        let mut situation = Self {
            now: Timestamp::ZERO,
            controller: Kept::new(ControllerSide::new(around, protocol)),
            pump: Kept::new(PumpSide::new(around, spec)),
            down: Vec::new(),
            up: Vec::new(),
            books: Books::default(),
        };
        while situation.decision().mode != Mode::Idle {
            situation.calm(1);
        }
        // Nobody asks a pump that does nothing; it speaks by itself, and nothing may start before it was heard.
        let report = situation.pump.change(("speak", situation.now));
        let report = report.report(situation.now);
        situation.up.push(report);
        situation.settle();
        situation
    }

    /// Therapy at 400 µg/day, a minute after its start, and nothing on its way.
    pub(super) fn in_therapy(around: Surroundings, protocol: Protocol, spec: DeviceSpec) -> Self {
        let mut situation = Self::idle(around, protocol, spec);
        situation.pump.change("connect").pump.connect();
        situation.order(ANNA, OrderKind::EnterUnprimed(0.0));
        situation.order(ANNA, OrderKind::DeclareLine(Line::Connected));
        situation.wish(Wish::Dose(400));
        situation.order(ANNA, OrderKind::Start);
        situation.calm(2);
        assert_eq!(situation.decision().mode, Mode::Active);
        situation
    }

    /// The same half an hour later.
    pub(super) fn in_long_therapy(
        around: Surroundings,
        protocol: Protocol,
        spec: DeviceSpec,
    ) -> Self {
        let mut situation = Self::in_therapy(around, protocol, spec);
        situation.calm(60);
        situation
    }

    /// An open line that is being primed, for two seconds by now.
    pub(super) fn priming(around: Surroundings, protocol: Protocol, spec: DeviceSpec) -> Self {
        let mut situation = Self::idle(around, protocol, spec);
        situation.order(ANNA, OrderKind::DeclareLine(Line::Open));
        situation.wish(Wish::HoldToRun);
        situation.settle();
        situation.pass(Duration::from_secs(2));
        assert_eq!(situation.decision().mode, Mode::Prime);
        situation
    }

    /// The same without what is on its way.
    pub(super) fn all_lost(&self) -> Self {
        Self {
            down: Vec::new(),
            up: Vec::new(),
            ..self.clone()
        }
    }

    /// Everything arrives in its order, and what it brings about, until nothing is on its way.
    fn settle(&mut self) {
        while !self.down.is_empty() || !self.up.is_empty() {
            while !self.down.is_empty() {
                self.arrive_at_pump(0, false);
            }
            while !self.up.is_empty() {
                self.arrive_at_controller(0, false);
            }
        }
    }

    /// The controller is woken so many times, and everything arrives at once.
    pub(super) fn calm(&mut self, wakes: usize) {
        self.settle();
        for _ in 0..wakes {
            self.wake();
            self.settle();
        }
    }

    /// Nothing comes until the controller asks to be woken.
    pub(super) fn wake(&mut self) {
        let due = self.controller.get().due();
        self.pass(due.since(self.now));
        self.step(&[]);
    }

    fn pass(&mut self, time: Duration) {
        self.now = self.now.after(time);
        let side = self.pump.change(("pass", self.now));
        side.pump.advance(self.now, time);
        self.books.look(self.now, &self.truth());
    }

    pub(super) fn wish(&mut self, wish: Wish) {
        match wish {
            Wish::Dose(daily_ug) => {
                let dose = DailyDose::from_nanograms_per_day(u64::from(daily_ug) * 1_000);
                self.pump.change(("authorise", dose)).pump.authorise(dose);
                let what = OrderKind::Authorise(f64::from(daily_ug));
                self.step(&[ANNA, BEN].map(|by| Order { by, what }));
            }
            Wish::Pause => self.order(ANNA, OrderKind::Pause),
            Wish::Resume => self.order(ANNA, OrderKind::Resume),
            Wish::HoldToRun => self.order(ANNA, OrderKind::HoldToRun),
        }
    }

    fn order(&mut self, by: User, what: OrderKind) {
        self.step(&[Order { by, what }]);
    }

    /// The controller's turn.
    fn step(&mut self, orders: &[Order]) {
        let side = self.controller.change(("step", self.now, mark(&orders)));
        let leaves = side.step(self.now, orders);
        self.down.extend(leaves);
        let decision = *self.decision();
        self.books.decided(self.now, &decision, &self.truth());
    }

    /// What is on its way to the pump at this place arrives, and perhaps stays as a copy.
    pub(super) fn arrive_at_pump(&mut self, place: usize, stays: bool) {
        let carried = take(&mut self.down, place, stays);
        let side = self.pump.change(("hear", self.now, &carried));
        match side.hear(self.now, &carried) {
            Outcome::Applied(command) => self.books.applied(self.now, &command),
            Outcome::Answered => {}
            Outcome::Refused => {
                self.books.refused = true;
                return;
            }
        }
        let report = side.report(self.now);
        self.up.push(report);
        self.books.look(self.now, &self.truth());
    }

    /// The same to the controller.
    pub(super) fn arrive_at_controller(&mut self, place: usize, stays: bool) {
        let carried = take(&mut self.up, place, stays);
        let side = self.controller.change(("hear", self.now, &carried));
        if let Some(report) = side.hear(self.now, &carried) {
            self.books.read_back(&report);
            self.step(&[]);
        } else {
            self.books.refused = true;
        }
    }

    /// The controller is away for a moment, and comes back with what was stored, through its self-test.
    pub(super) fn restart(&mut self) {
        self.pass(AWAY);
        let side = self.controller.change(("restart", self.now));
        side.restart(self.now);
        self.books.restarted();
        self.step(&[]);
        while matches!(self.decision().mode, Mode::Off | Mode::Post) {
            self.wake();
        }
    }

    /// The controller's last answer.
    pub(super) fn decision(&self) -> &Decision {
        &self.controller.get().decision
    }

    /// What the pump really does.
    pub(super) fn truth(&self) -> Truth {
        self.pump.get().pump.truth()
    }

    /// Whether the controller says that nobody knows what the pump does.
    pub(super) fn uncertain(&self) -> bool {
        let condition = self.decision().alarms.condition;
        condition.contains(Alarm::CommandUncertain)
    }
}

fn take(carried: &mut Vec<Carried>, place: usize, stays: bool) -> Carried {
    if stays {
        carried[place]
    } else {
        carried.remove(place)
    }
}
