//! How high, how steep, and in which steps: SR-01, 03, 04, 11, 17, 18.

use dose_controller::{Mode, Reason, Refusal};
use infusion_types::{Action, Alarm};

use super::context::{Context, drug_ug_per_ul, infused};
use super::{Finding, Monitor, RequirementId};
use crate::record::Record;
use crate::rolling::Rolling;

/// SR-01.
#[derive(Default)]
pub(super) struct Ceiling(Held);

/// Only a finding.
#[derive(Clone, Copy)]
pub(super) struct Held(pub(super) Finding);

impl Default for Held {
    fn default() -> Self {
        Self(Finding::NONE)
    }
}

/// Share of the limit that a rate may exceed it by, for rounding on both sides.
const BAND: f64 = 1.10;

impl Monitor for Ceiling {
    fn requirement(&self) -> RequirementId {
        RequirementId(1)
    }

    fn observe(&mut self, _: &Record<'_>, context: &Context) {
        if let Some(rate) = infused(context.sent) {
            let most = BAND * context.limit + context.quantum(context.sent);
            self.0.0.judge(context.now, most - rate);
        }
    }

    fn finding(&self) -> Finding {
        self.0.0
    }
}

/// SR-03.
#[derive(Default)]
pub(super) struct Rises(Held);

/// An authorisation counts this long, minutes.
const AUTHORISED_FOR_MIN: f64 = 15.0;

impl Monitor for Rises {
    fn requirement(&self) -> RequirementId {
        RequirementId(3)
    }

    fn observe(&mut self, _: &Record<'_>, context: &Context) {
        let quantum = context.quantum(context.sent);
        if context.plan > context.plan_before + quantum {
            let age_min = context
                .authorised
                .map_or(f64::INFINITY, |it| context.now.hours_since(it.at) * 60.0);
            self.0.0.judge(context.now, AUTHORISED_FOR_MIN - age_min);
        }
    }

    fn finding(&self) -> Finding {
        self.0.0
    }
}

/// SR-04.
pub(super) struct Slope {
    finding: Finding,
    plans: Rolling,
    restarted_h: f64,
}

impl Default for Slope {
    fn default() -> Self {
        Self {
            finding: Finding::NONE,
            plans: Rolling::hours(24),
            restarted_h: f64::NEG_INFINITY,
        }
    }
}

impl Monitor for Slope {
    fn requirement(&self) -> RequirementId {
        RequirementId(4)
    }

    fn observe(&mut self, _: &Record<'_>, context: &Context) {
        // The plan of the record before held until now.
        self.plans.hold(context.now, context.plan_before);
        let now_h = context.now.hours();
        if context.resumes() && context.authorised_within(AUTHORISED_FOR_MIN) {
            self.restarted_h = now_h;
        }
        let in_session = context.mode.is_therapy() && context.mode != Mode::Complete;
        let exempt = now_h - self.restarted_h <= 24.0;
        let then = self.plans.oldest().filter(|then| *then > 0.0);
        if let (true, false, Some(then)) = (in_session, exempt, then) {
            self.finding.judge(context.now, context.plan - 0.5 * then);
        }
    }

    fn finding(&self) -> Finding {
        self.finding
    }
}

/// SR-11.
#[derive(Default)]
pub(super) struct NoKeepOpen {
    held: Held,
    last_valid: f64,
}

impl Monitor for NoKeepOpen {
    fn requirement(&self) -> RequirementId {
        RequirementId(11)
    }

    fn observe(&mut self, _: &Record<'_>, context: &Context) {
        if let Some(rate) = infused(context.command) {
            let quantum = context.quantum(context.command);
            let from_plan = (rate - context.plan).abs();
            let from_last = (rate - self.last_valid).abs();
            self.held
                .0
                .judge(context.now, quantum - from_plan.min(from_last));
            self.last_valid = rate;
        }
    }

    fn finding(&self) -> Finding {
        self.held.0
    }
}

/// SR-17.
#[derive(Default)]
pub(super) struct PumpFloor(Held);

impl Monitor for PumpFloor {
    fn requirement(&self) -> RequirementId {
        RequirementId(17)
    }

    fn observe(&mut self, record: &Record<'_>, context: &Context) {
        let least = context.limits.flow_least_ul_per_h;
        if let Some(rate) = infused(context.command) {
            let flow = rate / drug_ug_per_ul(context.command);
            // A breach counts even where nothing was refused, and rounding to a nanogram does not.
            if flow < least - 1e-6 {
                self.0.0.judge(context.now, flow - least);
            }
        }
        let Some(decision) = record.decision else {
            return;
        };
        if let Reason::Refused(Refusal::BelowPumpFloor { .. }) = decision.reason {
            let quantum = context.quantum(context.command);
            // Going on at the rung in force, after a stop for instance, is what is wanted.
            let at_plan =
                infused(context.command).is_none_or(|rate| (rate - context.plan).abs() <= quantum);
            let kept = at_plan && context.plan.to_bits() == context.plan_before.to_bits();
            let told = decision.alarms.active.contains(Alarm::LimitClamped);
            let planned = context.plan / drug_ug_per_ul(context.sent);
            let room = if planned.is_finite() {
                planned - least
            } else {
                0.0
            };
            self.0.0.judge(
                context.now,
                if kept && told { room.max(0.0) } else { -least },
            );
        }
    }

    fn finding(&self) -> Finding {
        self.0.0
    }
}

/// SR-18.
pub(super) struct Rounding {
    finding: Finding,
    errors: Rolling,
    planned: Rolling,
}

impl Default for Rounding {
    fn default() -> Self {
        Self {
            finding: Finding::NONE,
            errors: Rolling::hours(24),
            planned: Rolling::hours(24),
        }
    }
}

impl Monitor for Rounding {
    fn requirement(&self) -> RequirementId {
        RequirementId(18)
    }

    fn observe(&mut self, _: &Record<'_>, context: &Context) {
        let rate = infused(context.sent_before);
        let infusing = context.mode_before.infuses();
        let error = rate
            .filter(|_| infusing)
            .map_or(0.0, |rate| rate - context.plan_before);
        self.errors.hold(context.now, error);
        self.planned.hold(
            context.now,
            if infusing { context.plan_before } else { 0.0 },
        );
        if infusing && context.now > context.before {
            let stroke_ug = context.limits.stroke_ul * drug_ug_per_ul(context.sent_before);
            let allowed = stroke_ug.max(0.01 * self.planned.integral());
            self.finding
                .judge(context.now, allowed - self.errors.integral().abs());
        }
    }

    fn finding(&self) -> Finding {
        self.finding
    }
}

/// Whether an action moves nothing.
pub(super) const fn stands_still(action: Option<Action>) -> bool {
    matches!(action, Some(Action::Stop { .. }))
}
