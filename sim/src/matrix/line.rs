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
    #[serde(default)]
    pub detected: Option<u32>,
    /// From the effect to that alarm, median of those that were detected, s.
    #[serde(default)]
    pub latency_median_s: Option<f64>,
    /// The same, at worst.
    #[serde(default)]
    pub latency_worst_s: Option<f64>,
    /// The time that the table of hazards allows, s.
    #[serde(default)]
    pub limit_s: Option<f64>,
    /// The most above the plan of an hour, µg.
    #[serde(default)]
    pub excess_ug: Option<f64>,
    /// The most that was missing of a day's plan, 0 to 1.
    #[serde(default)]
    pub deficit: Option<f64>,
    /// How runs were judged.
    pub verdicts: BTreeMap<String, u32>,
    /// Requirements that were breached, with the number of runs.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub violated: BTreeMap<String, u32>,
    /// The first run that harmed undetected, or breached a requirement, and how to run it again.
    #[serde(default)]
    pub replay: Option<String>,
    /// Nobody flies.
    #[serde(default)]
    pub held: Option<Graded>,
    /// The schedule flies and heeds nothing.
    #[serde(default)]
    pub unheeding: Option<Graded>,
    /// The controller flies.
    #[serde(default)]
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

#[cfg(test)]
mod tests {
    use super::super::file::Matrix;
    use super::super::{Results, Wanted};
    use super::*;

    fn cell(name: &str) -> Cell {
        let wanted = Wanted {
            profiles: vec![ProfileName::P0],
            names: vec![name.to_owned()],
        };
        let (cells, _) = Matrix::shipped().cells(&wanted);
        cells[0].clone()
    }

    fn run(effect: bool, after_s: Option<f64>) -> Run {
        Run {
            verdict: RunVerdict::Safe,
            effect,
            detected_after_s: after_s,
            worst: Some(Worst {
                excess_ug: 3.1,
                deficit: 0.25,
            }),
            violated: Vec::new(),
            grades: [None; ArmName::ALL.len()],
            replay: "again".to_owned(),
        }
    }

    #[test]
    fn what_was_not_there_to_be_counted_is_absent_and_never_zero() {
        let line = Line::of(&cell("HZ-02"), &[run(false, None), run(false, None)]);
        assert_eq!((line.runs, line.effect), (2, 0));
        assert_eq!((line.detected, line.detection()), (None, None));
        assert_eq!((line.excess_ug, line.deficit), (None, None));
        assert_eq!((line.latency_median_s, line.latency_worst_s), (None, None));
        assert_eq!(
            (line.held, line.unheeding, line.controller),
            (None, None, None)
        );
        // In a file it is not there, in JSON it is null.
        let results = Results {
            schema: 1,
            title: String::new(),
            flown: Vec::new(),
            baseline: Vec::new(),
            line: vec![line.clone()],
        };
        let text = results.to_toml().unwrap();
        let rows = text.split("line = [").nth(1).expect("the lines");
        for key in ["detected", "excess_ug", "deficit", "latency", "held"] {
            assert!(!rows.contains(key), "{key} in {rows}");
        }
        assert_eq!(Results::from_text("r.toml", &text).unwrap(), results);
        let json = serde_json::to_value(&line).unwrap();
        assert!(json["detected"].is_null() && json["excess_ug"].is_null());
        // A hazard without alarms asks for none, whatever was seen.
        let line = Line::of(&cell("HZ-51"), &[run(true, None)]);
        assert_eq!(
            (line.effect, line.detected, line.detection()),
            (1, None, None)
        );
    }

    #[test]
    fn none_of_some_is_zero() {
        let line = Line::of(&cell("HZ-02"), &[run(true, None)]);
        assert_eq!((line.detected, line.detection()), (Some(0), Some(0.0)));
        assert_eq!(line.latency_worst_s, None);
    }

    #[test]
    fn runs_add_up() {
        let mut bad = run(true, Some(300.4));
        bad.verdict = RunVerdict::UndetectedUnsafe;
        bad.violated = vec!["SR-02".to_owned()];
        bad.replay = "bad".to_owned();
        bad.worst = Some(Worst {
            excess_ug: 30.06,
            deficit: 0.1,
        });
        let grade = |withdrawal, overdose| {
            Some(Grades {
                withdrawal,
                overdose,
            })
        };
        bad.grades = [grade(1, 5), None, grade(3, 1)];
        let mut first = run(true, Some(10.0));
        first.grades = [grade(2, 1), None, grade(1, 2)];
        let line = Line::of(
            &cell("HZ-02"),
            &[first, run(false, None), bad, run(true, Some(20.0))],
        );
        assert_eq!((line.runs, line.effect, line.detected), (4, 3, Some(3)));
        assert_eq!(
            (line.latency_median_s, line.latency_worst_s),
            (Some(20.0), Some(300.0))
        );
        assert_eq!((line.excess_ug, line.deficit), (Some(30.1), Some(0.25)));
        assert_eq!(line.verdicts["safe"], 3);
        assert_eq!(line.judged(RunVerdict::UndetectedUnsafe), 1);
        assert_eq!(line.violated["SR-02"], 1);
        assert_eq!(line.replay.as_deref(), Some("bad"));
        let held = line.held.expect("it was flown");
        assert_eq!(
            (held.runs, held.withdrawal, held.overdose, held.severe),
            (2, 2, 5, 1)
        );
        assert_eq!(line.unheeding, None);
        assert_eq!(line.controller.map(|it| it.severe), Some(1));
    }
}
