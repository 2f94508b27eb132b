//! When and why: decrements, stops, gaps and the end.

use core::time::Duration;

use dose_controller::Protocol;
use infusion_types::{
    Action, Alarm, AlarmSet, DoseRate, Mode, OrderKind, Reason, Send, StopCause, Timestamp,
};
use proptest::prelude::*;

use super::{Pairs, STRONGEST, Session, commanded};
use crate::machine::{DAY, Law, Step, ordered, quantum};
use crate::support::HOUR;
use crate::turns::{Turn, any_turn, gap_turn, quiet_turn};

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

/// SR-12, SR-35, SR-37.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stops {
    caused: AlarmSet,
    ordered: bool,
    stood: bool,
    showing: Option<Timestamp>,
    confirmed: bool,
    flagged: bool,
    /// The pump ran dry, and somebody filled it.
    filled: bool,
    dry: bool,
    /// Air has stood above its first priority since the pump last infused.
    air: bool,
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
        self.filled |= self.dry && !step.pump.empty;
        self.dry = step.pump.empty;
        let (mode, active) = (step.decision.mode, step.decision.alarms.active);
        // What stood before a reset stands until the therapy is taken up again.
        let runs = matches!(mode, Mode::Active | Mode::Hold) && step.reset.is_none();
        self.caused = if runs {
            AlarmSet::EMPTY
        } else {
            self.caused.union(active.intersection(AlarmSet::STOPPING))
        };
        let panel = step.decision.alarms;
        let air = panel.escalated.contains(Alarm::AirInLine);
        self.air = air || (self.air && !runs);
        if active.contains(Alarm::OverdoseSigns) {
            assert!(self.confirmed || self.flagged, "one sheet stops nothing");
        }
        let Some(Action::Stop { cause, clamp }) = commanded(step) else {
            return;
        };
        assert_eq!(clamp, cause.clamps());
        // A self-test after a reset keeps no stop back.
        let booting = matches!(mode, Mode::Off | Mode::Post | Mode::Fallback);
        let stopped = mode == Mode::Stopped || booting;
        let stands = match cause {
            // After a reset, the pause that was on its way goes on under its own number.
            StopCause::Paused => mode == Mode::Paused || (stopped && self.stood),
            StopCause::Weaned => mode == Mode::Complete,
            StopCause::Primed => mode == Mode::Idle,
            StopCause::Air => stopped && self.air,
            StopCause::Ordered => {
                let somebody = self.ordered || self.stood || self.filled;
                stopped && somebody
            }
            StopCause::OverDelivery
            | StopCause::FreeFlow
            | StopCause::ReverseFlow
            | StopCause::OverdoseSigns
            | StopCause::OcclusionDownstream
            | StopCause::OcclusionUpstream
            | StopCause::Disconnected
            | StopCause::ConcentrationMismatch
            | StopCause::CsfOverdrainage => {
                let mut alarms = self.caused.iter();
                let caused = alarms.any(|alarm| alarm.stops() == Some(cause));
                // Before a therapy and after one a line is closed as well, where flow is wrong.
                let beside = cause.clamps() && matches!(mode, Mode::Idle | Mode::Complete);
                caused && (stopped || beside)
            }
        };
        assert!(stands, "{cause:?} in {mode:?}");
    }
}

/// SR-14, SR-15, SR-16.
///
/// SR-15 looks at the gap and at the deficit when the rate rises, so what counts is what this step shows. And
/// while it shows the cause of AL-06, the step of a window to a thousandth below 50 % begins nothing again.
#[derive(Clone, Debug, Default)]
pub(crate) struct Interruptions {
    session: Session,
    pairs: Pairs,
    seen_at: Timestamp,
    /// Nanogram-milliseconds per hour that the plan has had room for.
    room: u128,
    /// Since when nothing is infused, and the plan before that: a dose that waits with the pump was not given.
    gap: Option<(Timestamp, DoseRate)>,
    low_since: Option<Timestamp>,
    given_before: u128,
    /// The last number that left, and what the pump that has not got it yet goes on with.
    told: u32,
    goes_on: DoseRate,
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

    /// A pump that has not got the last command goes on with the one before.
    fn see_told(&mut self, step: &Step<'_>) {
        if let Send::Command(command) = step.decision.send {
            self.told = command.sequence;
        }
        let behind = step.pump.sequence() < self.told;
        self.goes_on = if behind {
            step.pump.infusing()
        } else {
            DoseRate::ZERO
        };
    }

    fn see_gap(&mut self, step: &Step<'_>, before: DoseRate) {
        let dry = step.pump.empty && step.decision.mode.is_therapy();
        let waits = dry || matches!(step.decision.mode, Mode::Paused | Mode::Stopped);
        let goes_on = !dry && matches!(step.decision.mode, Mode::Active | Mode::Hold);
        if waits {
            self.gap = self.gap.or(Some((step.at, before)));
        }
        let Some((since, before)) = self.gap.filter(|_| goes_on) else {
            return;
        };
        self.gap = None;
        let gap = step.at.since(since);
        let shown = step.decision.alarms.condition;
        let half = step.decision.deficit_permille >= 500 || shown.contains(Alarm::DoseDeficit50);
        if gap <= HOUR * 12 && !half {
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
        let most = self.session.plan.nanograms_per_hour() + quantum(step, STRONGEST);
        let planned = if infused || booted { most } else { 0 };
        let most = planned.max(self.goes_on.nanograms_per_hour());
        self.room += u128::from(most) * elapsed;
        self.see_told(step);
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
            self.gap = None;
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
