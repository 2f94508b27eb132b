//! Zero flow and what comes after it: SR-12, 14, 15.

use dose_controller::Mode;
use infusion_types::{Action, Alarm, OrderKind, StopCause};

use super::context::{Context, infused};
use super::dose::{Held, stands_still};
use super::{Finding, Monitor, RequirementId};
use crate::clock::SimTime;
use crate::record::Record;
use crate::rolling::Rolling;

/// SR-12.
#[derive(Default)]
pub(super) struct Causes {
    held: Held,
    paused: bool,
    stopped: bool,
}

impl Monitor for Causes {
    fn requirement(&self) -> RequirementId {
        RequirementId(12)
    }

    fn observe(&mut self, record: &Record<'_>, context: &Context) {
        let Some(decision) = record.decision else {
            return;
        };
        for order in record.orders {
            let resumes = order.what == OrderKind::Resume || order.what == OrderKind::Start;
            self.paused = (self.paused || order.what == OrderKind::Pause) && !resumes;
            self.stopped = (self.stopped || order.what == OrderKind::Stop) && !resumes;
        }
        if let Some(Action::Stop { cause, .. }) = context.command {
            let stands = |alarm: Alarm| decision.alarms.active.contains(alarm);
            let caused = match cause {
                StopCause::Ordered => self.stopped,
                StopCause::Paused => self.paused,
                StopCause::Weaned => context.mode == Mode::Complete,
                StopCause::Primed => !context.mode.is_therapy(),
                StopCause::Air => stands(Alarm::AirInLine),
                StopCause::OverDelivery
                | StopCause::FreeFlow
                | StopCause::ReverseFlow
                | StopCause::OverdoseSigns
                | StopCause::OcclusionDownstream
                | StopCause::OcclusionUpstream
                | StopCause::Disconnected
                | StopCause::ConcentrationMismatch
                | StopCause::CsfOverdrainage => decision
                    .alarms
                    .active
                    .iter()
                    .any(|alarm| alarm.stops() == Some(cause)),
            };
            self.held.0.judge_yes(context.now, caused);
        }
        // A mode that infuses and a pump that was told to stand still do not go together.
        if context.mode.infuses() && context.mode != Mode::Fallback && stands_still(context.sent) {
            self.held.0.judge_yes(context.now, false);
        }
    }

    fn finding(&self) -> Finding {
        self.held.0
    }
}

/// SR-14.
pub(super) struct NoCatchUp {
    finding: Finding,
    commanded: Rolling,
    planned: Rolling,
    interrupted_at: Option<SimTime>,
}

impl Default for NoCatchUp {
    fn default() -> Self {
        Self {
            finding: Finding::NONE,
            commanded: Rolling::hours(1),
            planned: Rolling::hours(1),
            interrupted_at: None,
        }
    }
}

impl Monitor for NoCatchUp {
    fn requirement(&self) -> RequirementId {
        RequirementId(14)
    }

    fn observe(&mut self, _: &Record<'_>, context: &Context) {
        let therapy = context.mode_before.is_therapy();
        let commanded = infused(context.sent_before)
            .filter(|_| therapy)
            .unwrap_or(0.0);
        self.commanded.hold(context.now, commanded);
        self.planned
            .hold(context.now, if therapy { context.plan_before } else { 0.0 });
        if context.mode.is_therapy() && stands_still(context.sent) {
            self.interrupted_at = Some(context.now);
        }
        let recent = self
            .interrupted_at
            .is_some_and(|at| context.now.hours_since(at) <= 24.0);
        if recent && context.mode.is_therapy() {
            let allowed = 1.10 * self.planned.integral() + context.quantum(context.sent);
            self.finding
                .judge(context.now, allowed - self.commanded.integral());
        }
    }

    fn finding(&self) -> Finding {
        self.finding
    }
}

/// SR-15.
#[derive(Default)]
pub(super) struct Restart {
    held: Held,
    delivered: Delivered,
    plan_before_gap: f64,
}

/// What was planned and what was commanded over the last 24 h. What a blocked line kept from the patient
/// is not in it: a controller that cannot see that cannot be blamed for it here.
struct Delivered {
    planned: Rolling,
    commanded: Rolling,
}

impl Default for Delivered {
    fn default() -> Self {
        Self {
            planned: Rolling::hours(24),
            commanded: Rolling::hours(24),
        }
    }
}

impl Delivered {
    fn learn(&mut self, context: &Context) {
        let therapy = context.mode_before.is_therapy();
        let of = |rate: f64| if therapy { rate } else { 0.0 };
        self.planned.hold(context.now, of(context.plan_before));
        let commanded = infused(context.sent_before).unwrap_or(0.0);
        self.commanded.hold(context.now, of(commanded));
    }

    /// Share of the day's plan that was not commanded; hours before the session count as delivered.
    fn deficit(&self, context: &Context) -> f64 {
        let session_h = context
            .therapy_from
            .map_or(0.0, |from| context.now.hours_since(from));
        let planned = self.planned.integral();
        let days_plan = planned * 24.0 / session_h.clamp(1e-9, 24.0);
        let missing = (planned - self.commanded.integral()).max(0.0);
        if days_plan > 0.0 {
            missing / days_plan
        } else {
            0.0
        }
    }
}

const GAP_MOST_H: f64 = 12.0;
const GAP_LONG_H: f64 = 48.0;
/// A deficit of half a day's plan, and what two buckets of the controller's ledger may hide of it.
const DEFICIT_SURE: f64 = 0.51;

impl Monitor for Restart {
    fn requirement(&self) -> RequirementId {
        RequirementId(15)
    }

    fn observe(&mut self, _: &Record<'_>, context: &Context) {
        self.delivered.learn(context);
        let Some(gap_from) = context.gap_from else {
            self.plan_before_gap = context.plan;
            return;
        };
        let Some(rate) = infused(context.command) else {
            return;
        };
        let gap_h = context.now.hours_since(gap_from);
        if gap_h <= GAP_MOST_H && self.delivered.deficit(context) < DEFICIT_SURE {
            return;
        }
        let share = if gap_h > GAP_LONG_H { 0.25 } else { 0.5 };
        let floor =
            context.limits.flow_least_ul_per_h * super::context::drug_ug_per_ul(context.command);
        let most = (share * self.plan_before_gap).max(floor) + context.quantum(context.command);
        let authorised = context.authorised.is_some_and(|it| it.at > gap_from)
            && context.authorised_within(15.0);
        let margin = if authorised { most - rate } else { -rate };
        self.held.0.judge(context.now, margin);
    }

    fn finding(&self) -> Finding {
        self.held.0
    }
}
