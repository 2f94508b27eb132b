//! Whether too much or too little was given, on truth: the drug that reached the patient against the plan.
//!
//! Never here: alarms, requirements, verdicts.

use infusion_types::Mode;

use crate::clock::SimTime;
use crate::record::Record;
use crate::rolling::Rolling;

/// Excess over the plan in an hour that harms, µg.
pub(crate) const HARM_EXCESS_UG: f64 = 25.0;
/// Deficit of a day's plan that harms.
pub(crate) const HARM_DEFICIT: f64 = 0.5;

/// The most that was given too much, and too little.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Worst {
    /// Above the plan of the same hour, µg; 0 where no hour had more than planned.
    pub excess_ug: f64,
    /// Of the plan of 24 h, 0 to 1; 0 where nothing was missing.
    pub deficit: f64,
}

/// Delivered against planned, on truth, from the first fault on.
#[derive(Clone, Debug)]
pub(crate) struct Harm {
    excess: [Rolling; 2],
    deficit: [Rolling; 2],
    reached_ug: f64,
    at: SimTime,
    plan: f64,
    began: bool,
    session_from: Option<SimTime>,
    done_at: Option<SimTime>,
    worst: Worst,
}

impl Default for Harm {
    fn default() -> Self {
        Self {
            excess: [Rolling::hours(1), Rolling::hours(1)],
            deficit: [Rolling::hours(24), Rolling::hours(24)],
            reached_ug: 0.0,
            at: SimTime::ZERO,
            plan: 0.0,
            began: false,
            session_from: None,
            done_at: None,
            worst: Worst::default(),
        }
    }
}

impl Harm {
    /// When it was first as much as harms.
    pub(crate) const fn done_at(&self) -> Option<SimTime> {
        self.done_at
    }

    /// The most there was of either; none before a fault has acted.
    pub(crate) fn worst(&self) -> Option<Worst> {
        self.began.then_some(self.worst)
    }

    fn harm(&mut self, at: SimTime, done: bool) {
        if done {
            self.done_at = self.done_at.or(Some(at));
        }
    }

    /// What was given since the last record, and what was planned.
    pub(crate) fn observe(&mut self, record: &Record<'_>) {
        let (Some(truth), Some(decision)) = (record.truth, record.decision) else {
            return;
        };
        let hours = record.at.hours_since(self.at);
        if !self.began && record.faults != 0 {
            self.began = true;
            // What was missing before the first fault is not its doing.
            for rolling in self.excess.iter_mut().chain(&mut self.deficit) {
                rolling.hold(self.at, 0.0);
            }
        }
        if !self.began {
            self.reached_ug = truth.reached_ug;
            self.at = record.at;
        } else if hours > 0.0 {
            let reached = libm::round((truth.reached_ug - self.reached_ug) / hours * 1e3) / 1e3;
            for (rolling, rate) in self.excess.iter_mut().zip([reached, self.plan]) {
                rolling.hold(record.at, rate);
            }
            for (rolling, rate) in self.deficit.iter_mut().zip([reached, self.plan]) {
                rolling.hold(record.at, rate);
            }
            self.reached_ug = truth.reached_ug;
            self.at = record.at;
        }
        let wanted = decision.mode.is_therapy() && decision.mode != Mode::Paused;
        self.plan = if wanted {
            decision.plan.nanograms_per_hour() as f64 / 1e3
        } else {
            0.0
        };
        if !self.began {
            return;
        }
        if decision.mode.is_therapy() {
            self.session_from = self.session_from.or(Some(record.at));
            let session_h = self
                .session_from
                .map_or(0.0, |from| record.at.hours_since(from));
            let planned = self.deficit[1].integral();
            let days_plan = planned * 24.0 / session_h.clamp(1e-9, 24.0);
            let missing = planned - self.deficit[0].integral();
            if days_plan > 0.0 {
                self.worst.deficit = self.worst.deficit.max(missing / days_plan);
            }
            self.harm(
                record.at,
                days_plan > 0.0 && missing >= HARM_DEFICIT * days_plan,
            );
        }
        let excess = self.excess[0].integral() - self.excess[1].integral();
        self.worst.excess_ug = self.worst.excess_ug.max(excess);
        self.harm(record.at, excess > HARM_EXCESS_UG);
    }
}
