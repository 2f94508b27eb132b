//! How much: the limit, the slope, and what the pump can do.

use infusion_types::{Action, DoseRate, Mode, OrderKind, Reason, Timestamp};
use proptest::prelude::*;

use super::{Pairs, STRONGEST, Session, commanded};
use crate::machine::{DAY, Law, Step, quantum};
use crate::support::MINUTE;
use crate::turns::{
    Setting, Turn, any_setting, any_turn, bridging_turn, pair, quiet_turn, steep_setting,
};

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
        let reason = step.decision.reason;
        if let Reason::Started { at: to } | Reason::Authorised { to, .. } = reason {
            self.limit = to;
        }
        if let Reason::Decremented { to, .. } = reason {
            assert!(to < self.limit, "a decrement goes down");
            self.limit = to;
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

/// SR-11, SR-17, SR-18.
#[derive(Clone, Debug, Default)]
pub(crate) struct Possible {
    pairs: Pairs,
}

impl Law for Possible {
    fn setting() -> BoxedStrategy<Setting> {
        let low = (any_setting(), 100_u32..200);
        low.prop_map(|(setting, start_ug)| Setting {
            start_ug,
            ..setting
        })
        .boxed()
    }

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
