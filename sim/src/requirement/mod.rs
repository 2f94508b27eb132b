//! Requirements as small observers.
//!
//! Each judges what it is about, with a margin in its own unit, and counts the records in which it had
//! something to judge: a run in which that is zero has proved nothing. What an observer needs to know
//! of the past it learns from the records; of the controller's own books only the alarm panel is believed.

mod context;
mod dose;
mod input;
mod steps;
mod stops;

use serde::Serialize;

use crate::clock::SimTime;
use crate::record::Record;

pub use context::{Context, Limits};

/// A requirement of the safety table.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct RequirementId(pub u8);

impl std::fmt::Display for RequirementId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SR-{:02}", self.0)
    }
}

/// What a requirement says, in one line, with the unit of its margin.
#[derive(Clone, Copy, Debug)]
pub struct Requirement {
    /// Its number in the safety table.
    pub id: RequirementId,
    /// In words.
    pub text: &'static str,
    /// The unit of the margin.
    pub unit: &'static str,
}

const fn requirement(id: u8, unit: &'static str, text: &'static str) -> Requirement {
    Requirement {
        id: RequirementId(id),
        text,
        unit,
    }
}

/// Every requirement that is judged, in the order of its number.
pub const REQUIREMENTS: [Requirement; 15] = [
    requirement(
        1,
        "ug/h",
        "no rate above the authorised dose, or above the rung in force once the wean has begun (10 % and a quantum allowed)",
    ),
    requirement(
        3,
        "min",
        "the plan rises only within 15 min of an authorisation by two users",
    ),
    requirement(
        4,
        "ug/h",
        "the plan never falls by more than half in 24 h, whatever the basis",
    ),
    requirement(5, "h", "decrements are at least 20 h apart"),
    requirement(
        6,
        "h",
        "a decrement needs a valid assessment at most 4 h old",
    ),
    requirement(
        7,
        "",
        "no decrement under an urgent alarm or withdrawal signs, nor within 12 h after those",
    ),
    requirement(
        11,
        "ug/h",
        "only the plan or the last valid rate is ever commanded: no keep-open rate",
    ),
    requirement(
        12,
        "",
        "zero flow only for a member of the STOP set, and infusion in every infusing mode",
    ),
    requirement(
        14,
        "ug",
        "what was missed in an interruption is not made up",
    ),
    requirement(
        15,
        "ug/h",
        "after a gap of more than 12 h or half a day's dose: a new authorisation, at most the gap dose",
    ),
    requirement(
        16,
        "h",
        "the wean ends after at least 24 h at or below the floor dose, confirmed",
    ),
    requirement(
        17,
        "uL/h",
        "a rate below the pump's floor is refused with AL-20, never rounded",
    ),
    requirement(
        18,
        "ug",
        "rounding to the pump's quantum stays within one stroke or 1 % of a day's plan",
    ),
    requirement(
        19,
        "",
        "a value that is not finite, negative or out of range raises AL-20 or AL-28 and never raises the dose",
    ),
    requirement(
        44,
        "ug",
        "the 24 h windows survive every change of mode and rate",
    ),
];

/// What one requirement found in one run.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Finding {
    /// Records in which there was something to judge.
    pub armed: u64,
    /// The worst margin; negative is a violation. None when never armed.
    pub margin: Option<f64>,
    /// When the margin was worst, hours after the explant.
    pub worst_at_h: Option<f64>,
}

impl Finding {
    /// Nothing judged yet.
    pub const NONE: Self = Self {
        armed: 0,
        margin: None,
        worst_at_h: None,
    };

    /// Whether the requirement was breached.
    #[must_use]
    pub fn violated(&self) -> bool {
        self.margin.is_some_and(|margin| margin < 0.0)
    }

    /// Takes one margin in. A margin that is no number counts as a breach.
    fn judge(&mut self, at: SimTime, margin: f64) {
        let margin = if margin.is_nan() {
            f64::NEG_INFINITY
        } else {
            margin
        };
        self.armed += 1;
        if self.margin.is_none_or(|worst| margin < worst) {
            self.margin = Some(margin);
            self.worst_at_h = Some(at.hours());
        }
    }

    /// A yes or no as a margin of one.
    fn judge_yes(&mut self, at: SimTime, yes: bool) {
        self.judge(at, if yes { 1.0 } else { -1.0 });
    }
}

/// A requirement as an observer.
pub trait Monitor {
    /// Which one.
    fn requirement(&self) -> RequirementId;
    /// One record, and what is known of those before it.
    fn observe(&mut self, record: &Record<'_>, context: &Context);
    /// The worst margin met so far, when, and how often it was armed.
    fn finding(&self) -> Finding;
}

/// All monitors of a run, on one context.
pub struct Monitors {
    context: Context,
    monitors: Vec<Box<dyn Monitor>>,
}

impl Monitors {
    /// Monitors for a run under these limits.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        let monitors: Vec<Box<dyn Monitor>> = vec![
            Box::new(dose::Ceiling::default()),
            Box::new(dose::Rises::default()),
            Box::new(dose::Slope::default()),
            Box::new(steps::Spacing::default()),
            Box::new(steps::Freshness::default()),
            Box::new(steps::Blocked::default()),
            Box::new(dose::NoKeepOpen::default()),
            Box::new(stops::Causes::default()),
            Box::new(stops::NoCatchUp::default()),
            Box::new(stops::Restart::default()),
            Box::new(steps::Ending::default()),
            Box::new(dose::PumpFloor::default()),
            Box::new(dose::Rounding::default()),
            Box::new(input::BadValues::default()),
            Box::new(input::Accumulators::default()),
        ];
        Self {
            context: Context::new(limits),
            monitors,
        }
    }

    /// One record.
    pub fn observe(&mut self, record: &Record<'_>) {
        if record.decision.is_none() {
            return;
        }
        self.context.learn(record);
        for monitor in &mut self.monitors {
            monitor.observe(record, &self.context);
        }
        self.context.close(record);
    }

    /// What was found, in the order of [`REQUIREMENTS`].
    pub fn findings(&self) -> impl Iterator<Item = (RequirementId, Finding)> {
        self.monitors
            .iter()
            .map(|monitor| (monitor.requirement(), monitor.finding()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_requirement_has_its_monitor_in_the_same_order() {
        let monitors = Monitors::new(Limits::default());
        let judged: Vec<_> = monitors.findings().map(|(id, _)| id).collect();
        let listed: Vec<_> = REQUIREMENTS
            .iter()
            .map(|requirement| requirement.id)
            .collect();
        assert_eq!(judged, listed);
    }

    #[test]
    fn what_is_no_number_is_a_breach() {
        let mut finding = Finding::NONE;
        finding.judge(SimTime::ZERO, f64::NAN);
        assert!(finding.violated());
    }
}
