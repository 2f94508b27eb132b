//! The laws, each with its own books.

use core::time::Duration;

use dose_controller::{Mode, Protocol, Reason, Send};
use infusion_types::{
    Action, Alarm, AlarmSet, Concentration, DailyDose, DoseRate, OrderKind, StopCause, Timestamp,
    User, door,
};
use proptest::prelude::*;

use super::machine::{DAY, Law, Step, ordered, quantum};
use super::support::{HOUR, MINUTE};
use super::turns::{
    Setting, Turn, any_setting, any_turn, bridging_turn, gap_turn, pair, quiet_turn, steep_setting,
    wild,
};

/// The strongest drug that the turns know: its quantum is the widest.
const STRONGEST: u32 = 5_000;

fn commanded(step: &Step<'_>) -> Option<Action> {
    match step.decision.send {
        Send::Command(command) => Some(command.action),
        Send::Ping | Send::Quiet(_) => None,
    }
}

/// The plan of a session, which a self-test after a reset does not end.
#[derive(Clone, Copy, Debug, Default)]
struct Session {
    runs: bool,
    plan: DoseRate,
}

impl Session {
    fn see(&mut self, step: &Step<'_>) {
        if step.reset == Some(false) {
            *self = Self::default();
        }
        let mode = step.decision.mode;
        let booting = matches!(mode, Mode::Off | Mode::Post);
        self.runs = mode.is_therapy() || (booting && self.runs);
        if mode.is_therapy() {
            self.plan = step.decision.plan;
        } else if !self.runs {
            self.plan = DoseRate::ZERO;
        }
    }
}

/// Doses and drugs on which two users agreed.
#[derive(Clone, Debug, Default)]
struct Pairs {
    dose: Option<(DailyDose, User, Timestamp)>,
    drug: Option<(Concentration, User, Timestamp)>,
    doses: Vec<(Timestamp, DailyDose)>,
    drugs: Vec<Concentration>,
}

impl Pairs {
    fn see(&mut self, step: &Step<'_>) {
        if step.reset == Some(false) {
            *self = Self::default();
        }
        let within = step.protocol.timing().second_user_within;
        for order in step.orders {
            let fresh =
                |then: Timestamp, user: User| user != order.by && step.at.since(then) <= within;
            match order.what {
                OrderKind::Authorise(raw) => {
                    let Ok(dose) = door::daily_dose_ug(raw) else {
                        continue;
                    };
                    if self
                        .dose
                        .is_some_and(|(other, user, then)| other == dose && fresh(then, user))
                    {
                        self.doses.push((step.at, dose));
                    }
                    self.dose = Some((dose, order.by, step.at));
                }
                OrderKind::SetConcentration(raw) => {
                    let Ok(drug) = door::concentration_ug_per_ml(raw) else {
                        continue;
                    };
                    if self
                        .drug
                        .is_some_and(|(other, user, then)| other == drug && fresh(then, user))
                    {
                        self.drugs.push(drug);
                    }
                    self.drug = Some((drug, order.by, step.at));
                }
                _ => {}
            }
        }
    }

    /// The most that was authorised within `time`.
    fn most(&self, now: Timestamp, time: Duration) -> Option<DoseRate> {
        let recent = self
            .doses
            .iter()
            .filter(|(then, _)| now.since(*then) <= time);
        recent.map(|(_, dose)| dose.rate()).max()
    }
}

/// SR-01, SR-03.
#[derive(Clone, Debug, Default)]
pub(crate) struct Limit {
    pairs: Pairs,
    session: Session,
    limit: DoseRate,
}

impl Law for Limit {
    fn turn() -> BoxedStrategy<Turn> {
        let dose = (100.0..1_500.0).prop_map(OrderKind::Authorise);
        prop_oneof![3 => any_turn(), 1 => pair(dose)].boxed()
    }

    fn see(&mut self, step: &Step<'_>) {
        self.pairs.see(step);
        let before = if step.reset == Some(false) {
            DoseRate::ZERO
        } else {
            self.session.plan
        };
        self.session.see(step);
        let slack = DoseRate::from_nanograms_per_hour(quantum(step, STRONGEST));
        let plan = self.session.plan;
        if plan > before {
            let most = self
                .pairs
                .most(step.at, MINUTE * 15)
                .expect("two users, lately");
            assert!(plan <= most.saturating_add(slack), "{plan:?} of {most:?}");
        }
        match step.decision.reason {
            Reason::Started { at: to } | Reason::Authorised { to, .. } => self.limit = to,
            Reason::Decremented { to, .. } => {
                assert!(to < self.limit, "a decrement goes down");
                self.limit = to;
            }
            _ => {}
        }
        if let Some(Action::Infuse { rate, at }) = commanded(step) {
            let one = quantum(step, at.micrograms_per_millilitre());
            let most = self.limit.nanograms_per_hour() + one;
            let rate = rate.get().nanograms_per_hour();
            assert!(rate <= most, "{rate} of {:?}", self.limit);
        }
        assert!(step.decision.plan <= self.limit);
        let ceiling = step.protocol.limits().ceiling.rate();
        assert!(plan <= ceiling.saturating_add(slack));
    }
}

/// SR-04.
#[derive(Clone, Debug, Default)]
pub(crate) struct Slope {
    session: Session,
    /// The plan from each moment on, since it was last begun anew.
    plans: Vec<(Timestamp, DoseRate)>,
}

impl Law for Slope {
    fn setting() -> BoxedStrategy<Setting> {
        prop_oneof![3 => steep_setting(), 1 => any_setting()].boxed()
    }

    fn turn() -> BoxedStrategy<Turn> {
        prop_oneof![3 => quiet_turn(), 1 => any_turn()].boxed()
    }

    fn see(&mut self, step: &Step<'_>) {
        let before = self.session;
        self.session.see(step);
        if !self.session.runs || step.reset == Some(false) {
            self.plans.clear();
        }
        let plan = self.session.plan;
        if !self.session.runs || (before.runs && plan == before.plan) {
            return;
        }
        // A new beginning, or one after a gap, is people's own.
        if matches!(step.decision.reason, Reason::Started { .. }) {
            self.plans.clear();
        }
        let first = self
            .plans
            .iter()
            .rposition(|(then, _)| step.at.since(*then) >= DAY);
        let window = self.plans.iter().skip(first.unwrap_or(0));
        let peak = window
            .map(|(_, rate)| rate.nanograms_per_hour())
            .max()
            .unwrap_or(0);
        let kept = u64::from(step.protocol.limits().kept_in_24h_permille);
        let least = (peak * kept).div_ceil(1_000);
        let slack = if matches!(step.decision.reason, Reason::Decremented { .. }) {
            0
        } else {
            quantum(step, STRONGEST) / 2
        };
        assert!(
            plan.nanograms_per_hour() + slack >= least,
            "{plan:?} after {peak} within a day"
        );
        self.plans.push((step.at, plan));
    }
}

/// SR-05, SR-06, SR-07, SR-37.
#[derive(Clone, Debug, Default)]
pub(crate) struct Distance {
    last: Option<Timestamp>,
    withdrawing_at: Option<Timestamp>,
    full: Vec<Timestamp>,
}

impl Law for Distance {
    fn turn() -> BoxedStrategy<Turn> {
        prop_oneof![1 => quiet_turn(), 1 => any_turn()].boxed()
    }

    fn see(&mut self, step: &Step<'_>) {
        if step.reset == Some(false) {
            *self = Self::default();
        }
        if let Some(sheet) = step.assessment
            && sheet.admit().is_full()
        {
            self.full.push(sheet.at.min(step.at));
        }
        if step
            .decision
            .alarms
            .condition
            .contains(Alarm::WithdrawalSigns)
        {
            self.withdrawing_at = Some(step.at);
        }
        if !matches!(step.decision.reason, Reason::Decremented { .. }) {
            return;
        }
        assert_eq!(step.decision.mode, Mode::Active);
        if let Some(last) = self.last.replace(step.at) {
            assert!(
                step.at.since(last) >= HOUR * 20,
                "{:?} apart",
                step.at.since(last)
            );
            assert!(step.at.since(last) >= step.protocol.wean().every);
        }
        let fresh = |hours: u32| {
            let ages = self.full.iter().map(|at| step.at.since(*at));
            ages.filter(|age| *age <= HOUR * hours).count()
        };
        assert!(fresh(4) >= 1 && fresh(12) >= 2, "two fresh assessments");
        if let Some(at) = self.withdrawing_at {
            assert!(
                step.at.since(at) > HOUR * 12,
                "withdrawal {:?} ago",
                step.at.since(at)
            );
        }
        let harmless = [Alarm::ReservoirVeryLow, Alarm::DwellTime];
        let urgent = step.decision.alarms.urgent();
        let blocking = urgent.without(harmless.into_iter().collect());
        assert!(
            blocking.is_empty(),
            "{:?}",
            blocking.iter().collect::<Vec<_>>()
        );
    }
}

/// SR-11, SR-17, SR-18.
#[derive(Clone, Debug, Default)]
pub(crate) struct Possible {
    pairs: Pairs,
}

impl Law for Possible {
    fn turn() -> BoxedStrategy<Turn> {
        prop_oneof![1 => any_turn(), 1 => bridging_turn()].boxed()
    }

    fn see(&mut self, step: &Step<'_>) {
        self.pairs.see(step);
        let Some(Action::Infuse { rate, at }) = commanded(step) else {
            return;
        };
        assert!(matches!(step.decision.mode, Mode::Active | Mode::Hold));
        let known = at == step.protocol.line().drug || self.pairs.drugs.contains(&at);
        assert!(known, "{at:?} was never named by two users");
        let per_ml = at.micrograms_per_millilitre();
        let limits = step.protocol.limits();
        let carries = |flow: infusion_types::Flow| {
            let flow = u64::try_from(flow.nanolitres_per_hour()).expect("a flow forwards");
            flow * u64::from(per_ml) / 1_000
        };
        let (rate, plan) = (rate.get().nanograms_per_hour(), step.decision.plan);
        assert!(rate >= carries(limits.flow_least), "{rate} of {per_ml}");
        assert!(rate <= carries(limits.flow_most), "{rate} of {per_ml}");
        assert!(rate.abs_diff(plan.nanograms_per_hour()) <= quantum(step, per_ml));
    }
}

/// SR-12, SR-35, SR-37.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stops {
    caused: AlarmSet,
    ordered: bool,
    stood: bool,
    showing: Option<Timestamp>,
    confirmed: bool,
    flagged: bool,
}

impl Stops {
    fn see_people(&mut self, step: &Step<'_>) {
        self.ordered |= ordered(step, |what| *what == OrderKind::Stop);
        self.flagged |= ordered(step, |what| *what == OrderKind::FlagOverdose);
        let Some(sheet) = step.assessment else { return };
        let (seen, rules) = (sheet.admit(), step.protocol.observation());
        let breaths = seen
            .vitals
            .breaths_per_min
            .map(|it| it < rules.breaths_least);
        let oxygen = seen
            .vitals
            .saturation_percent
            .map(|it| it < rules.saturation_least);
        let deep = seen.sedation.map(|it| it.get() <= rules.sedation_deep);
        let looks = [breaths, oxygen, deep];
        if looks.contains(&Ok(true)) {
            self.confirmed |= self.showing.is_some();
            self.showing = Some(step.at);
        } else if looks.iter().all(Result::is_ok) {
            self.showing = None;
        }
    }
}

impl Law for Stops {
    fn see(&mut self, step: &Step<'_>) {
        if step.reset == Some(false) {
            *self = Self::default();
        }
        self.stood |= step.reset == Some(true)
            && step
                .was
                .is_some_and(|was| matches!(was.mode, Mode::Paused | Mode::Stopped));
        self.see_people(step);
        let (mode, active) = (step.decision.mode, step.decision.alarms.active);
        self.caused = if mode.infuses() && step.reset.is_none() {
            AlarmSet::EMPTY
        } else {
            self.caused.union(active.intersection(AlarmSet::STOPPING))
        };
        if active.contains(Alarm::OverdoseSigns) {
            assert!(self.confirmed || self.flagged, "one sheet stops nothing");
        }
        let Some(Action::Stop { cause, clamp }) = commanded(step) else {
            return;
        };
        assert_eq!(clamp, cause.clamps());
        let stands = match cause {
            StopCause::Paused => mode == Mode::Paused,
            StopCause::Weaned => mode == Mode::Complete,
            StopCause::Primed => mode == Mode::Idle,
            StopCause::Ordered => mode == Mode::Stopped && (self.ordered || self.stood),
            StopCause::OverDelivery
            | StopCause::FreeFlow
            | StopCause::ReverseFlow
            | StopCause::OverdoseSigns
            | StopCause::OcclusionDownstream
            | StopCause::OcclusionUpstream
            | StopCause::Disconnected
            | StopCause::ConcentrationMismatch
            | StopCause::CsfOverdrainage
            | StopCause::Air => {
                let mut alarms = self.caused.iter();
                mode == Mode::Stopped && alarms.any(|alarm| alarm.stops() == Some(cause))
            }
        };
        assert!(stands, "{cause:?} in {mode:?}");
    }
}

/// SR-14, SR-15, SR-16.
#[derive(Clone, Debug, Default)]
pub(crate) struct Interruptions {
    session: Session,
    pairs: Pairs,
    seen_at: Timestamp,
    /// Nanogram-milliseconds per hour that the plan has had room for.
    room: u128,
    idle_since: Option<Timestamp>,
    low_since: Option<Timestamp>,
    given_before: u128,
}

impl Interruptions {
    /// The most that may be given after a gap, in ng/h.
    fn after_gap(protocol: &Protocol, gap: Duration, plan: DoseRate) -> u64 {
        let share = if gap > protocol.timing().gap_long {
            4
        } else {
            2
        };
        let flow = protocol.limits().flow_least.nanolitres_per_hour();
        let floor = u64::try_from(flow).unwrap_or(0) * u64::from(STRONGEST) / 1_000;
        (plan.nanograms_per_hour() / share).max(floor)
    }

    fn see_gap(&mut self, step: &Step<'_>, before: DoseRate) {
        let waits = matches!(step.decision.mode, Mode::Paused | Mode::Stopped);
        let goes_on = matches!(step.decision.mode, Mode::Active | Mode::Hold);
        if waits {
            self.idle_since = self.idle_since.or(Some(step.at));
        }
        let Some(since) = self.idle_since.filter(|_| goes_on) else {
            return;
        };
        self.idle_since = None;
        let gap = step.at.since(since);
        let deficit = step.was.map_or(0, |was| was.deficit_permille);
        if gap <= HOUR * 12 && deficit < 500 {
            return;
        }
        let within = step.protocol.timing().second_user_within.min(gap);
        let asked = self
            .pairs
            .most(step.at, within)
            .expect("a new authorisation");
        let plan = step.decision.plan.nanograms_per_hour();
        let one = quantum(step, STRONGEST);
        assert!(plan <= asked.nanograms_per_hour() + one);
        assert!(
            plan <= Self::after_gap(step.protocol, gap, before) + one,
            "{plan} after {gap:?}"
        );
    }
}

impl Law for Interruptions {
    fn turn() -> BoxedStrategy<Turn> {
        gap_turn()
    }

    fn see(&mut self, step: &Step<'_>) {
        self.pairs.see(step);
        if step.reset == Some(false) {
            *self = Self {
                pairs: self.pairs.clone(),
                ..Self::default()
            };
            self.seen_at = step.at;
            self.given_before = step.pump.infused();
        }
        let elapsed = u128::from(step.at.millis_since(self.seen_at));
        let infused = step.was.is_some_and(|was| was.mode.infuses());
        let booted = step.was.is_some_and(|was| was.mode == Mode::Post) && self.session.runs;
        if infused || booted {
            let most = self.session.plan.nanograms_per_hour() + quantum(step, STRONGEST);
            self.room += u128::from(most) * elapsed;
        }
        self.seen_at = step.at;
        let (before, ran) = (self.session.plan, self.session.runs);
        self.session.see(step);
        if !ran {
            // What a pump does that nobody has read since a reset belongs to no session.
            (self.room, self.given_before) = (0, step.pump.infused());
        }
        let given = step.pump.infused() - self.given_before;
        assert!(
            !self.session.runs || given <= self.room / 3_600_000 + 1,
            "more than the plan has had room for"
        );
        if !self.session.runs {
            self.idle_since = None;
        }
        self.see_gap(step, before);
        let floor = step.protocol.limits().floor_dose;
        let done = step.decision.mode == Mode::Complete;
        if done && step.was.is_some_and(|was| was.mode != Mode::Complete) {
            assert!(ordered(step, |what| *what == OrderKind::ConfirmComplete));
            let since = self.low_since.expect("at the floor");
            assert!(step.at.since(since) >= DAY);
        }
        let low = self.session.runs && self.session.plan.daily() <= floor;
        self.low_since = if low {
            self.low_since.or(Some(step.at))
        } else {
            None
        };
    }
}

/// SR-19.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wild;

impl Law for Wild {
    fn turn() -> BoxedStrategy<Turn> {
        prop_oneof![2 => any_turn(), 1 => quiet_turn(), 2 => wild().prop_map(Turn::Wild)].boxed()
    }

    fn see(&mut self, step: &Step<'_>) {
        let Some(twin) = step.twin else { return };
        let decision = step.decision;
        if !matches!(decision.mode, Mode::Off | Mode::Post) {
            let told = [Alarm::LimitClamped, Alarm::SensorFault];
            assert!(
                told.into_iter()
                    .any(|alarm| decision.alarms.active.contains(alarm))
            );
        }
        if matches!(twin.reason, Reason::Decremented { .. }) && decision.plan != twin.plan {
            // The alarm that it raises may hold the wean; the last valid plan is kept.
            assert!(step.was.is_some_and(|was| was.plan == decision.plan));
        } else {
            assert_eq!((decision.send, decision.plan), (twin.send, twin.plan));
        }
    }
}

/// One rate since a moment, and what had been moved until then.
#[derive(Clone, Copy, Debug)]
struct Stretch {
    from: Timestamp,
    until_then: u128,
    rate: u64,
}

/// A plain list of everything that ever flowed, in nanogram-milliseconds per hour.
#[derive(Clone, Debug, Default)]
struct Flowed(Vec<Stretch>);

impl Flowed {
    fn rate(&mut self, now: Timestamp, rate: DoseRate) {
        let rate = rate.nanograms_per_hour();
        if self.0.last().is_none_or(|last| last.rate != rate) {
            let until_then = self.until(now);
            self.0.push(Stretch {
                from: now,
                until_then,
                rate,
            });
        }
    }

    fn until(&self, then: Timestamp) -> u128 {
        let stretch = self.0.iter().rev().find(|stretch| stretch.from <= then);
        stretch.map_or(0, |it| {
            it.until_then + u128::from(it.rate) * u128::from(then.millis_since(it.from))
        })
    }

    /// Whole nanograms between two moments, as they add up from the beginning.
    fn between(&self, from: Timestamp, until: Timestamp) -> u128 {
        self.until(until) / 3_600_000 - self.until(from) / 3_600_000
    }
}

/// SR-27, SR-44.
#[derive(Clone, Debug, Default)]
pub(crate) struct Windows {
    session: Session,
    anchor: Timestamp,
    planned: Flowed,
    given: Flowed,
}

const BUCKET: u64 = 300_000;

impl Law for Windows {
    fn turn() -> BoxedStrategy<Turn> {
        let deaf = any::<bool>().prop_map(Turn::Deaf);
        prop_oneof![6 => any_turn(), 2 => quiet_turn(), 1 => deaf].boxed()
    }

    fn see(&mut self, step: &Step<'_>) {
        if step.reset == Some(false) {
            *self = Self {
                anchor: step.at,
                ..Self::default()
            };
        }
        let now = step.at;
        let whole = now.millis_since(self.anchor) / BUCKET;
        let start = whole.saturating_sub(287) * BUCKET;
        let from = self.anchor.after(Duration::from_millis(start));
        let planned = u128::from(step.decision.planned_24h.nanograms());
        assert_eq!(
            planned,
            self.planned.between(from, now),
            "planned from {from:?} to {now:?}"
        );
        let given = self.given.between(from, now);
        let low = u128::from(step.decision.estimate_24h.low.nanograms());
        let high = u128::from(step.decision.estimate_24h.high.nanograms());
        assert!(
            low <= given + 2 && given <= high + 2,
            "{low} {given} {high}"
        );
        self.session.see(step);
        self.planned.rate(now, self.session.plan);
        let infused = if self.session.runs {
            step.pump.infusing()
        } else {
            DoseRate::ZERO
        };
        self.given.rate(now, infused);
    }
}

/// The drawing, the alarm clock and the missing dice.
#[derive(Clone, Debug, Default)]
pub(crate) struct Orderly;

impl Law for Orderly {
    const TWICE: bool = true;

    fn see(&mut self, step: &Step<'_>) {
        assert!(step.wakes > step.at, "it always asks to be woken");
        assert_eq!(step.again, Some(step.decision));
        let to = step.decision.mode;
        let Some(was) = step.was.filter(|_| step.reset.is_none()) else {
            assert_eq!(to, Mode::Post);
            return;
        };
        let drawn: &[Mode] = match was.mode {
            Mode::Off => &[Mode::Post],
            Mode::Post => &[Mode::Idle, Mode::Fallback],
            Mode::Idle => &[Mode::Prime, Mode::Active, Mode::Hold, Mode::Stopped],
            Mode::Prime => &[Mode::Idle],
            Mode::Active => &[Mode::Hold, Mode::Paused, Mode::Stopped, Mode::Complete],
            Mode::Hold => &[Mode::Active, Mode::Paused, Mode::Stopped, Mode::Complete],
            Mode::Fallback => &[Mode::Hold, Mode::Paused, Mode::Stopped],
            Mode::Paused => &[Mode::Active, Mode::Hold, Mode::Stopped],
            Mode::Stopped => &[Mode::Active, Mode::Hold],
            Mode::Complete => &[],
        };
        assert!(
            to == was.mode || drawn.contains(&to),
            "{:?} -> {to:?}",
            was.mode
        );
    }
}
