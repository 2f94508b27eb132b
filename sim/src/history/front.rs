//! Which drug leaves the tip, by the volume that was commanded since people changed it.

use infusion_types::Action;

use super::limits::Limits;
use super::people::People;
use super::therapy::Therapy;
use super::{drug_ug_per_ul, infused};
use crate::clock::SimTime;
use crate::record::Record;

/// A front this near to the tip counts as on either side of it: cycles are no finer, µL.
const NEAR_UL: f64 = 0.5;

/// Drug on its way from the pump to the tip.
#[derive(Clone, Debug)]
pub(crate) struct Front {
    at: SimTime,
    /// What leaves the tip, µg/mL.
    tip: f64,
    /// Drugs behind it, each with the volume that is still before its front, µL.
    behind: Vec<(f64, f64)>,
    /// When there last was one.
    pub(crate) mixed_at: Option<SimTime>,
}

impl Front {
    pub(super) const fn new(limits: &Limits) -> Self {
        Self {
            at: SimTime::ZERO,
            tip: limits.drug_ug_per_ml,
            behind: Vec::new(),
            mixed_at: None,
        }
    }

    pub(super) fn learn(
        &mut self,
        record: &Record<'_>,
        limits: &Limits,
        (therapy, people): (&Therapy, &People),
    ) {
        let hours = record.at.hours_since(self.at);
        self.at = record.at;
        if let (Some(rate), false) = (infused(therapy.sent_before), therapy.dry) {
            let drug = drug_ug_per_ul(therapy.sent_before).max(f64::MIN_POSITIVE);
            let moved = rate / drug * hours;
            for (_, before) in &mut self.behind {
                *before -= moved;
            }
        }
        while let Some((drug, before)) = self.behind.first().copied()
            && before <= -NEAR_UL
        {
            self.tip = drug;
            self.behind.remove(0);
        }
        self.change(people.drug_ug_per_ml, limits.to_tip_ul);
        if !self.behind.is_empty() {
            self.mixed_at = Some(record.at);
        }
    }

    /// Another drug that two users agree on is behind everything that is in the line.
    fn change(&mut self, agreed_ug_per_ml: f64, to_tip_ul: f64) {
        let last = self.behind.last().map_or(self.tip, |(drug, _)| *drug);
        if last.to_bits() != agreed_ug_per_ml.to_bits() {
            self.behind.push((agreed_ug_per_ml, to_tip_ul));
        }
    }

    /// What is still before the last front, µL; nothing once all have arrived.
    pub(crate) fn left_ul(&self) -> f64 {
        let last = self.behind.last();
        last.map_or(0.0, |(_, before)| before.max(0.0))
    }

    /// Whether a command may name that drug now.
    pub(crate) fn allows(&self, command: Option<Action>) -> bool {
        let named = drug_ug_per_ul(command) * 1e3;
        let is = |drug: f64| (named - drug).abs() < 1e-6;
        let near = self
            .behind
            .first()
            .is_some_and(|(drug, before)| is(*drug) && *before <= NEAR_UL);
        is(self.tip) || near
    }
}
