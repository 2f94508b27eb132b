//! What comes in, and what is kept of it: SR-19, 44.

use infusion_types::{Alarm, OrderKind, PumpState, door};

use super::context::{Context, infused};
use super::{Finding, Monitor, RequirementId};
use crate::record::Record;
use crate::rolling::Rolling;

/// SR-19. That the rate is what it would be without the value is for a pair of runs to show; here a
/// record that brings nothing but a bad value must leave plan and command alone.
#[derive(Default)]
pub(super) struct BadValues(super::dose::Held);

impl Monitor for BadValues {
    fn requirement(&self) -> RequirementId {
        RequirementId(19)
    }

    fn observe(&mut self, record: &Record<'_>, context: &Context) {
        let Some(decision) = record.decision else {
            return;
        };
        let telemetry = record
            .telemetry
            .is_some_and(|it| it.admit().refused().is_some());
        let sheet = record
            .assessment
            .is_some_and(|it| it.admit().refused().is_some());
        let order = record.orders.iter().any(|order| is_bad(order.what));
        if !(telemetry || sheet || order) {
            return;
        }
        let told = decision.alarms.active.contains(Alarm::LimitClamped)
            || decision.alarms.active.contains(Alarm::SensorFault);
        let alone = record.orders.iter().all(|order| is_bad(order.what));
        let raised = context.plan > context.plan_before
            || infused(context.command)
                .is_some_and(|rate| rate > infused(context.sent_before).unwrap_or(rate));
        self.0.0.judge_yes(context.now, told && !(alone && raised));
    }

    fn finding(&self) -> Finding {
        self.0.0
    }
}

fn is_bad(order: OrderKind) -> bool {
    match order {
        OrderKind::Authorise(raw) => door::daily_dose_ug(raw).is_err(),
        OrderKind::SetConcentration(raw) => door::concentration_ug_per_ml(raw).is_err(),
        OrderKind::EnterUnprimed(raw) | OrderKind::VolumeCheck(raw) | OrderKind::Refilled(raw) => {
            door::volume_ul(raw).is_err()
        }
        OrderKind::Start
        | OrderKind::Pause
        | OrderKind::Resume
        | OrderKind::Stop
        | OrderKind::HoldToRun
        | OrderKind::SkipDecrement
        | OrderKind::ConfirmComplete
        | OrderKind::FlagWithdrawal
        | OrderKind::FlagOverdose
        | OrderKind::Acknowledge(_)
        | OrderKind::PauseAudio
        | OrderKind::DeclareLine(_)
        | OrderKind::CatheterOut => false,
    }
}

/// SR-44: after a change of mode or rate the controller's windows still hold what they must.
pub(super) struct Accumulators {
    finding: Finding,
    planned: Rolling,
    commanded: Rolling,
    highest: f64,
}

impl Default for Accumulators {
    fn default() -> Self {
        Self {
            finding: Finding::NONE,
            planned: Rolling::hours(24),
            commanded: Rolling::hours(24),
            highest: 0.0,
        }
    }
}

/// The controller's windows move in steps of a bucket; ours move with the records.
const BUCKETS_H: f64 = 2.0 * 5.0 / 60.0;
/// Rounding of whole nanograms over a day of cycles, µg.
const ROUNDING_UG: f64 = 0.05;

impl Monitor for Accumulators {
    fn requirement(&self) -> RequirementId {
        RequirementId(44)
    }

    fn observe(&mut self, record: &Record<'_>, context: &Context) {
        let Some(decision) = record.decision else {
            return;
        };
        let therapy = context.mode_before.is_therapy();
        let infusing = record
            .telemetry
            .and_then(|telemetry| telemetry.state.ok())
            .is_some_and(|it| matches!(it.value, PumpState::Infusing | PumpState::Holding));
        let commanded = infused(context.sent_before)
            .filter(|_| therapy && infusing)
            .unwrap_or(0.0);
        self.planned
            .hold(context.now, if therapy { context.plan_before } else { 0.0 });
        self.commanded.hold(context.now, commanded);
        self.highest = self.highest.max(context.plan).max(commanded);
        let moved = context.mode != context.mode_before
            || context.plan.to_bits() != context.plan_before.to_bits();
        if moved && context.mode.is_therapy() && context.mode_before.is_therapy() {
            let allowed = BUCKETS_H * self.highest + ROUNDING_UG;
            let ug = |dose: infusion_types::Dose| dose.nanograms() as f64 / 1e3;
            let apart = (ug(decision.planned_24h) - self.planned.integral()).abs();
            // The upper end of the interval may be moved up by a weighing, never down.
            let lacking = self.commanded.integral() - ug(decision.estimate_24h.high);
            self.finding
                .judge(context.now, allowed - apart.max(lacking));
        }
    }

    fn finding(&self) -> Finding {
        self.finding
    }
}
