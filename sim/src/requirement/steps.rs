//! When the wean may go on and when it may end: SR-05, 06, 07, 16.

use dose_controller::Mode;
use infusion_types::{Alarm, AlarmSet, OrderKind};

use super::context::Context;
use super::dose::Held;
use super::{Finding, Monitor, RequirementId};
use crate::clock::SimTime;
use crate::record::Record;

/// SR-05.
#[derive(Default)]
pub(super) struct Spacing {
    held: Held,
    last: Option<SimTime>,
}

const SPACING_H: f64 = 20.0;

impl Monitor for Spacing {
    fn requirement(&self) -> RequirementId {
        RequirementId(5)
    }

    fn observe(&mut self, _: &Record<'_>, context: &Context) {
        if !context.step {
            return;
        }
        if let Some(last) = self.last {
            self.held
                .0
                .judge(context.now, context.now.hours_since(last) - SPACING_H);
        }
        self.last = Some(context.now);
    }

    fn finding(&self) -> Finding {
        self.held.0
    }
}

/// SR-06.
#[derive(Default)]
pub(super) struct Freshness(Held);

const AGE_MOST_H: f64 = 4.0;

impl Monitor for Freshness {
    fn requirement(&self) -> RequirementId {
        RequirementId(6)
    }

    fn observe(&mut self, _: &Record<'_>, context: &Context) {
        if context.step {
            let age_h = context
                .seen_at
                .map_or(f64::INFINITY, |at| context.now.hours_since(at));
            self.0.0.judge(context.now, AGE_MOST_H - age_h);
        }
    }

    fn finding(&self) -> Finding {
        self.0.0
    }
}

/// SR-07.
#[derive(Default)]
pub(super) struct Blocked {
    held: Held,
    withdrawal_at: Option<SimTime>,
    flagged: bool,
}

const AFTER_WITHDRAWAL_H: f64 = 12.0;

impl Monitor for Blocked {
    fn requirement(&self) -> RequirementId {
        RequirementId(7)
    }

    fn observe(&mut self, record: &Record<'_>, context: &Context) {
        let Some(decision) = record.decision else {
            return;
        };
        for order in record.orders {
            self.flagged |= order.what == OrderKind::FlagWithdrawal;
            self.flagged &= order.what != OrderKind::Acknowledge(Alarm::WithdrawalSigns);
        }
        let signs = decision.alarms.condition.contains(Alarm::WithdrawalSigns);
        if signs || self.flagged {
            self.withdrawal_at = Some(context.now);
        }
        if context.step {
            let harmless = [Alarm::ReservoirVeryLow, Alarm::DwellTime]
                .into_iter()
                .collect::<AlarmSet>();
            let urgent = decision.alarms.urgent().without(harmless);
            let quiet_h = self
                .withdrawal_at
                .map_or(f64::INFINITY, |at| context.now.hours_since(at));
            let free = urgent.is_empty() && quiet_h > AFTER_WITHDRAWAL_H;
            self.held.0.judge_yes(context.now, free);
        }
    }

    fn finding(&self) -> Finding {
        self.held.0
    }
}

/// SR-16.
#[derive(Default)]
pub(super) struct Ending {
    held: Held,
    low_since: Option<SimTime>,
}

const LAST_RUNG_H: f64 = 24.0;

impl Monitor for Ending {
    fn requirement(&self) -> RequirementId {
        RequirementId(16)
    }

    fn observe(&mut self, record: &Record<'_>, context: &Context) {
        let ends = context.mode == Mode::Complete && context.mode_before != Mode::Complete;
        if ends {
            let low_h = self.low_since.map_or(0.0, |at| context.now.hours_since(at));
            let confirmed = record
                .orders
                .iter()
                .any(|order| order.what == OrderKind::ConfirmComplete);
            let margin = if confirmed {
                low_h - LAST_RUNG_H
            } else {
                -LAST_RUNG_H
            };
            self.held.0.judge(context.now, margin);
        }
        let low = context.plan * 24.0 <= context.limits.floor_dose_ug_per_day;
        let counts = low && context.plan > 0.0 && context.mode.is_therapy();
        self.low_since = if counts {
            self.low_since.or(Some(context.now))
        } else {
            None
        };
    }

    fn finding(&self) -> Finding {
        self.held.0
    }
}
