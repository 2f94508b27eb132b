//! What a scenario's runs add up to, as the one JSON document and as a table.

use std::collections::BTreeMap;

use serde::Serialize;

use super::cohort::Run;
use super::expected;
use super::false_alarms::{self, FalseAlarm};
use super::statistics::{Moments, quantile, spearman};
use crate::NOTICE;
use crate::config::Library;
use crate::judge::{ANY_WITHDRAWAL, Judged, SEVERE_WITHDRAWAL};
use crate::requirement::Requirements;
use crate::trace::Digest;
use crate::verdict::{RequirementVerdict, RunVerdict};

/// The document that `run --json` prints.
#[derive(Clone, Debug, Serialize)]
pub struct Summary {
    /// Version of this document; 1 means that digests are XXH3-128 in hex.
    pub schema: u32,
    /// The scenario's name.
    pub scenario: String,
    /// Its seed.
    pub seed: u64,
    /// Who was on the bench, as on the command line.
    pub controller: String,
    /// One digest over all runs, in case order.
    pub digest: String,
    /// What became of the patients, arm by arm.
    pub arms: Vec<ArmSummary>,
    /// How each requirement came out.
    pub verdicts: BTreeMap<String, RequirementSummary>,
    /// How many runs ended in which verdict.
    pub runs: BTreeMap<&'static str, u64>,
    /// Urgent alarms that nothing founded, in runs without a fault.
    pub false_alarms: Vec<FalseAlarm>,
    /// Runs that ended otherwise than they should, at most [`Summary::SHOWN_MOST`].
    pub unacceptable: Vec<Unacceptable>,
    /// Never for clinical use.
    pub notice: &'static str,
}

/// One arm.
#[derive(Clone, Debug, Serialize)]
pub struct ArmSummary {
    /// Its name.
    pub name: String,
    /// Patients that were run.
    pub patients: usize,
    /// µg/day.
    pub start_dose_ug_per_day: Moments,
    /// From the first decrement to the end; null where nothing is weaned.
    pub wean_days: Option<Moments>,
    /// Share that completed; null where nothing is weaned.
    pub completed_fraction: Option<f64>,
    /// Share with any withdrawal.
    pub any_withdrawal_fraction: Option<f64>,
    /// Share with severe withdrawal.
    pub severe_withdrawal_fraction: Option<f64>,
    /// From the first decrement, or the stop, to any withdrawal; null where there is none.
    pub withdrawal_onset_h: Option<Onset>,
    /// Most that tone rose.
    pub peak_mas_rise: Option<PeakRise>,
    /// Chance that five patients in a row have none.
    pub five_of_five_clean_probability: Option<f64>,
    /// Rank correlation of worst withdrawal with the dose.
    pub spearman_severity_dose: Option<f64>,
    /// Medium and high alarms that nothing founded, for each patient and day (SR-72); null where faults act.
    pub false_alarms_per_day: Option<f64>,
}

/// Quantiles of an onset, h.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Onset {
    /// 5 %.
    pub p5: Option<f64>,
    /// Median.
    pub p50: Option<f64>,
    /// 95 %.
    pub p95: Option<f64>,
}

/// Quantiles of a rise, grades.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct PeakRise {
    /// Median.
    pub p50: Option<f64>,
    /// 95 %.
    pub p95: Option<f64>,
}

/// One requirement over all runs.
#[derive(Clone, Debug, Serialize)]
pub struct RequirementSummary {
    /// How it came out.
    pub verdict: RequirementVerdict,
    /// Runs with a controller.
    pub runs: u64,
    /// Runs in which it was breached.
    pub violated: u64,
    /// Runs in which it was breached before anything that is fitted could have shown why.
    pub not_detectable: u64,
    /// Records in which it had something to judge.
    pub armed: u64,
    /// The worst margin.
    pub margin: Option<f64>,
    /// The unit of the margin.
    pub unit: String,
    /// Where the margin was worst: arm, patient, hours after the explant.
    #[serde(skip)]
    pub worst: Option<(usize, u64, f64)>,
}

/// A run that ended otherwise than it should.
#[derive(Clone, Debug, Serialize)]
pub struct Unacceptable {
    /// The arm's name.
    pub arm: String,
    /// The patient's number.
    pub patient: u64,
    /// The verdict.
    pub verdict: RunVerdict,
    /// What was wrong.
    pub why: String,
}

impl Summary {
    /// Unacceptable runs that are listed one by one.
    pub const SHOWN_MOST: usize = 50;

    /// What the runs of a scenario add up to.
    #[must_use]
    pub fn new(name: &str, library: &Library, runs: &[Run]) -> Self {
        let mut digest = Digest::new();
        let mut counts = BTreeMap::new();
        for run in runs {
            digest.u64(run.arm as u64);
            digest.u64(run.patient);
            digest.str(
                &run.judged
                    .as_ref()
                    .map_or_else(|stalled| stalled.why.clone(), |it| it.digest.hex()),
            );
            *counts.entry(run.verdict().name()).or_insert(0) += 1;
        }
        let arms = library.scenario.arms.iter().enumerate();
        Self {
            schema: 1,
            scenario: name.to_owned(),
            seed: library.scenario.seed,
            controller: library.controllers.name(),
            digest: digest.hex(),
            arms: arms
                .map(|(index, arm)| ArmSummary::new(&arm.name, of_arm(runs, index)))
                .collect(),
            verdicts: requirements(&library.requirements, runs),
            runs: counts,
            false_alarms: false_alarms::which(library, runs),
            unacceptable: unacceptable(library, runs).take(Self::SHOWN_MOST).collect(),
            notice: NOTICE,
        }
    }
}

fn of_arm(runs: &[Run], arm: usize) -> Vec<&Judged> {
    runs.iter()
        .filter(|run| run.arm == arm)
        .filter_map(|run| run.judged.as_ref().ok())
        .collect()
}

impl ArmSummary {
    fn new(name: &str, runs: Vec<&Judged>) -> Self {
        let column = |of: fn(&Judged) -> f64| runs.iter().map(|run| of(run)).collect::<Vec<f64>>();
        let share = |of: fn(&Judged) -> bool| {
            let count = runs.iter().filter(|run| of(run)).count();
            (!runs.is_empty()).then(|| count as f64 / runs.len() as f64)
        };
        let weans = runs.iter().any(|run| !run.findings.is_empty());
        let days: Vec<f64> = runs
            .iter()
            .filter_map(|run| run.outcome.wean_days())
            .collect();
        let onsets: Vec<f64> = runs.iter().filter_map(|run| onset(run)).collect();
        let doses = column(|run| run.outcome.start_dose_ug_per_day);
        let rises = column(|run| run.outcome.peak_mas_rise);
        let severity = column(|run| run.outcome.peak_withdrawal);
        let any = share(|run| run.outcome.peak_withdrawal >= ANY_WITHDRAWAL);
        Self {
            name: name.to_owned(),
            patients: runs.len(),
            start_dose_ug_per_day: Moments::of(&doses),
            wean_days: weans.then(|| Moments::of(&days)),
            completed_fraction: share(|run| run.outcome.completed_h.is_some()).filter(|_| weans),
            any_withdrawal_fraction: any,
            severe_withdrawal_fraction: share(|run| {
                run.outcome.peak_withdrawal >= SEVERE_WITHDRAWAL
            }),
            withdrawal_onset_h: (!onsets.is_empty()).then(|| Onset {
                p5: quantile(&onsets, 0.05),
                p50: quantile(&onsets, 0.5),
                p95: quantile(&onsets, 0.95),
            }),
            peak_mas_rise: (!rises.is_empty()).then(|| PeakRise {
                p50: quantile(&rises, 0.5),
                p95: quantile(&rises, 0.95),
            }),
            five_of_five_clean_probability: any.map(|any| {
                let clean = 1.0 - any;
                clean * clean * clean * clean * clean
            }),
            spearman_severity_dose: spearman(&severity, &doses),
            false_alarms_per_day: false_alarms::per_day(&runs),
        }
    }
}

/// From the first decrement, or the stop, to any withdrawal.
fn onset(run: &Judged) -> Option<f64> {
    let from = if run.findings.is_empty() {
        0.0
    } else {
        run.outcome.first_decrement_h?
    };
    Some(run.outcome.withdrawal_from_h? - from).filter(|hours| *hours >= 0.0)
}

fn requirements(requirements: &Requirements, runs: &[Run]) -> BTreeMap<String, RequirementSummary> {
    requirements
        .judged()
        .enumerate()
        .map(|(index, requirement)| {
            let mut summary = RequirementSummary {
                verdict: RequirementVerdict::NotApplicable,
                runs: 0,
                violated: 0,
                not_detectable: 0,
                armed: 0,
                margin: None,
                unit: requirement.unit().to_owned(),
                worst: None,
            };
            for run in runs {
                let finding = run
                    .judged
                    .as_ref()
                    .ok()
                    .and_then(|it| it.findings.get(index));
                let Some(finding) = finding.filter(|it| !it.not_applicable) else {
                    continue;
                };
                summary.runs += 1;
                summary.violated += u64::from(finding.violated());
                summary.not_detectable += u64::from(finding.not_detectable);
                summary.armed += finding.armed;
                if let Some(margin) = finding.margin
                    && summary.margin.is_none_or(|worst| margin < worst)
                {
                    summary.margin = Some(margin);
                    requirement.unit_of(finding).clone_into(&mut summary.unit);
                    summary.worst = finding.worst_at_h.map(|at| (run.arm, run.patient, at));
                }
            }
            let counts = (summary.violated, summary.not_detectable, summary.armed);
            summary.verdict = match counts {
                _ if summary.runs == 0 => RequirementVerdict::NotApplicable,
                (1.., ..) => RequirementVerdict::Violated,
                (0, 1.., _) => RequirementVerdict::NotDetectable,
                (0, 0, 0) => RequirementVerdict::Vacuous,
                (0, 0, _) => RequirementVerdict::Holds,
            };
            (requirement.id.clone(), summary)
        })
        .collect()
}

/// Runs that ended otherwise than the scenario expects, or than is acceptable.
pub fn unacceptable<'a>(
    library: &'a Library,
    runs: &'a [Run],
) -> impl Iterator<Item = Unacceptable> + 'a {
    runs.iter().filter_map(|run| {
        let why = expected::complaint(library, run)?;
        let arm = library.scenario.arms[run.arm].name.clone();
        Some(Unacceptable {
            arm,
            patient: run.patient,
            verdict: run.verdict(),
            why,
        })
    })
}
