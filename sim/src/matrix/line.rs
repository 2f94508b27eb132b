//! What the runs of one cell add up to.
//!
//! Whatever there was nothing to count of is absent, and never 0: a fault without an effect was not missed,
//! and an alarm that nothing asks for has no rate.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::arms::ArmName;
use super::cell::Cell;
use super::file::PointName;
use super::severity::{Grades, SEVERE};
use crate::harm::Worst;
use crate::scenario::ProfileName;
use crate::study::statistics::quantile;
use crate::verdict::RunVerdict;

/// What one run of a cell came to.
#[derive(Clone, Debug)]
pub(super) struct Run {
    /// How it was judged.
    pub(super) verdict: RunVerdict,
    /// Whether every fault showed an effect.
    pub(super) effect: bool,
    /// From the effect to the first alarm that was asked for, s.
    pub(super) detected_after_s: Option<f64>,
    /// What was given too much and too little.
    pub(super) worst: Option<Worst>,
    /// Requirements that it breached.
    pub(super) violated: Vec<String>,
    /// How bad it was, arm by arm; none where an arm was not flown or the fault had no effect in it.
    pub(super) grades: [Option<Grades>; ArmName::ALL.len()],
    /// How to run it again.
    pub(super) replay: String,
}

/// How bad the runs of an arm were, of those in which every fault had an effect.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Graded {
    /// How many.
    pub runs: u32,
    /// The worst grade of too little, 1 to 5.
    pub withdrawal: u8,
    /// The worst grade of too much, 1 to 5.
    pub overdose: u8,
    /// Runs of grade 3 or worse, either way.
    pub severe: u32,
}

impl Graded {
    /// Of so many runs; none of none.
    pub(super) fn of(grades: impl IntoIterator<Item = Grades>) -> Option<Self> {
        let one = |grades: Grades| Self {
            runs: 1,
            withdrawal: grades.withdrawal,
            overdose: grades.overdose,
            severe: u32::from(grades.worst() >= SEVERE),
        };
        grades.into_iter().map(one).reduce(Self::and)
    }

    /// Both together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            runs: self.runs + other.runs,
            withdrawal: self.withdrawal.max(other.withdrawal),
            overdose: self.overdose.max(other.overdose),
            severe: self.severe + other.severe,
        }
    }

    /// The worse of both directions.
    #[must_use]
    pub fn worst(&self) -> u8 {
        self.withdrawal.max(self.overdose)
    }
}

/// One hazard, or pair, at one point on one profile.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// The hazard's number, or the pair's name.
    pub name: String,
    /// How far from the boundary.
    pub point: PointName,
    /// Which sensors are fitted.
    pub profile: ProfileName,
    /// Runs.
    pub runs: u32,
    /// Those in which every fault showed an effect.
    pub effect: u32,
    /// Of these, those in which an alarm of the hazard was raised once it had; absent where the hazard has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detected: Option<u32>,
    /// From the effect to that alarm, median of those that were detected, s.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latency_median_s: Option<f64>,
    /// The same, at worst.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latency_worst_s: Option<f64>,
    /// The time that the table of hazards allows, s.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit_s: Option<f64>,
    /// The most above the plan of an hour, µg.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub excess_ug: Option<f64>,
    /// The most that was missing of a day's plan, 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deficit: Option<f64>,
    /// How runs were judged.
    pub verdicts: BTreeMap<String, u32>,
    /// Requirements that were breached, with the number of runs.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub violated: BTreeMap<String, u32>,
    /// The first run that harmed undetected, or breached a requirement, and how to run it again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replay: Option<String>,
    /// Nobody flies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held: Option<Graded>,
    /// The schedule flies and heeds nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unheeding: Option<Graded>,
    /// The controller flies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub controller: Option<Graded>,
}

impl Line {
    /// Adds the runs of a cell up.
    pub(super) fn of(cell: &Cell, runs: &[Run]) -> Self {
        let effective: Vec<&Run> = runs.iter().filter(|run| run.effect).collect();
        let times = effective.iter().filter_map(|run| run.detected_after_s);
        let mut times: Vec<f64> = times.collect();
        times.sort_by(f64::total_cmp);
        let asked = !cell.hazard.alarms.is_empty() && !effective.is_empty();
        let worst = |of: fn(&Worst) -> f64, grain: f64| {
            let each = effective
                .iter()
                .filter_map(|run| run.worst.as_ref().map(of));
            each.reduce(f64::max).map(|it| rounded(it, grain))
        };
        let arm = |arm: ArmName| {
            let place = ArmName::ALL.iter().position(|it| *it == arm);
            Graded::of(runs.iter().filter_map(|run| run.grades[place?]))
        };
        let bad = |run: &&Run| {
            run.verdict == RunVerdict::UndetectedUnsafe
                || run.verdict == RunVerdict::Stalled
                || !run.violated.is_empty()
        };
        let undetected = runs
            .iter()
            .find(|run| run.verdict == RunVerdict::UndetectedUnsafe);
        Self {
            name: cell.name.clone(),
            point: cell.point,
            profile: cell.profile,
            runs: count(runs.len()),
            effect: count(effective.len()),
            detected: asked.then(|| count(times.len())),
            latency_median_s: quantile(&times, 0.5).map(|it| rounded(it, 1.0)),
            latency_worst_s: times.last().map(|it| rounded(*it, 1.0)),
            limit_s: cell.hazard.within_s,
            excess_ug: worst(|it| it.excess_ug, 0.1),
            deficit: worst(|it| it.deficit, 0.001),
            verdicts: counted(runs.iter().map(|run| run.verdict.name())),
            violated: counted(
                runs.iter()
                    .flat_map(|run| &run.violated)
                    .map(String::as_str),
            ),
            replay: undetected
                .or_else(|| runs.iter().find(bad))
                .map(|run| run.replay.clone()),
            held: arm(ArmName::Held),
            unheeding: arm(ArmName::Unheeding),
            controller: arm(ArmName::Controller),
        }
    }

    /// The share of runs with an effect that were detected, 0 to 1; none where there is nothing to share.
    #[must_use]
    pub fn detection(&self) -> Option<f64> {
        let detected = self.detected?;
        (self.effect > 0).then(|| f64::from(detected) / f64::from(self.effect))
    }

    /// Runs that were judged so.
    #[must_use]
    pub fn judged(&self, verdict: RunVerdict) -> u32 {
        self.verdicts.get(verdict.name()).copied().unwrap_or(0)
    }

    /// Its grades in an arm.
    #[must_use]
    pub const fn graded(&self, arm: ArmName) -> Option<Graded> {
        match arm {
            ArmName::Held => self.held,
            ArmName::Unheeding => self.unheeding,
            ArmName::Controller => self.controller,
        }
    }
}

fn counted<'a>(words: impl Iterator<Item = &'a str>) -> BTreeMap<String, u32> {
    let mut counts = BTreeMap::new();
    for word in words {
        *counts.entry(word.to_owned()).or_default() += 1;
    }
    counts
}

fn count(of: usize) -> u32 {
    u32::try_from(of).unwrap_or(u32::MAX)
}

/// To a grain, so that a table can be read and compared.
fn rounded(value: f64, grain: f64) -> f64 {
    let parts = libm::round(1.0 / grain);
    libm::round(value * parts) / parts
}
