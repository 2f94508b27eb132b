//! Every patient of a scenario in every arm, on all cores, with results in case order.

use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;

use crate::bench::{Bench, ControllerPort, Stalled};
use crate::case::Case;
use crate::config::Library;
use crate::detect;
use crate::judge::{Judge, Judged, is_excused, may_be_excused};
use crate::requirement::{Alone, Finding};
use crate::verdict::RunVerdict;

/// One run of a cohort.
#[derive(Clone, Debug)]
pub struct Run {
    /// The arm, by its place in the scenario.
    pub arm: usize,
    /// The patient's number.
    pub patient: u64,
    /// What was found; a stall in place of it.
    pub judged: Result<Judged, Stalled>,
}

impl Run {
    /// The verdict.
    #[must_use]
    pub fn verdict(&self) -> RunVerdict {
        self.judged
            .as_ref()
            .map_or(RunVerdict::Stalled, |judged| judged.verdict)
    }
}

/// The patients of a scenario by their numbers; 0 is the typical one.
#[must_use]
pub fn patients(library: &Library) -> Vec<u64> {
    match (library.scenario.cohort, library.scenario.patient) {
        (Some(cohort), _) => (1..=u64::from(cohort.size)).collect(),
        (None, one) => vec![one.and_then(|one| one.number).unwrap_or(0)],
    }
}

/// Runs one case with a controller from where the case has them from.
///
/// # Errors
/// [`Stalled`].
pub fn run_case(case: &Case<'_>) -> Result<Judged, Stalled> {
    let bench = Bench::of(case)?;
    let mut judge = Judge::new(case).of_one_with(bench.abilities());
    let ended = bench.run(&mut judge)?;
    Ok(judge.finish(case, &ended))
}

/// Runs one case, and judges it by one requirement alone.
///
/// # Errors
/// [`Stalled`].
pub(crate) fn run_case_by(case: &Case<'_>, alone: &Alone) -> Result<Finding, Stalled> {
    let bench = Bench::of(case)?;
    let requirement = alone.requirement(case);
    let requirement = requirement.filter(|it| case.requirements().apply(it, &bench.abilities()));
    let mut judge = alone.judge(case);
    bench.run(&mut judge)?;
    let Some(requirement) = requirement else {
        return Ok(Finding::NOT_APPLICABLE);
    };
    let mut finding = judge.so_far().unwrap_or(Finding::NONE);
    if may_be_excused(case, requirement, &finding) {
        // A twin that stalls has shown nothing.
        let seen = detect::visible_from(case).ok().flatten();
        finding.not_detectable = is_excused(requirement, &finding, seen);
    }
    Ok(finding)
}

/// Runs one case with a controller that `make` makes of the patient's protocol.
///
/// # Errors
/// [`Stalled`].
pub fn run_case_with<C: ControllerPort>(
    case: &Case<'_>,
    make: impl FnOnce(dose_controller::Protocol, infusion_types::Session) -> C,
) -> Result<Judged, Stalled> {
    let bench = Bench::new(case, make);
    let mut judge = Judge::new(case).of_one_with(bench.abilities());
    let ended = bench.run(&mut judge)?;
    Ok(judge.finish(case, &ended))
}

/// Runs every patient in every arm. `done` is told of each run as it ends, in no order; once `stop`
/// is set no new run begins, and what has not begun is left out.
///
/// # Panics
/// If the files of the library do not fit together, which reading them has made sure of.
#[must_use]
pub fn run(library: &Library, stop: &AtomicBool, done: &(dyn Fn() + Sync)) -> Vec<Run> {
    let patients = patients(library);
    let arms = library.scenario.arms.len();
    let cases: Vec<(usize, u64)> = (0..arms)
        .flat_map(|arm| patients.iter().map(move |patient| (arm, *patient)))
        .collect();
    cases
        .par_iter()
        .filter_map(|(arm, patient)| {
            if stop.load(Ordering::Relaxed) {
                return None;
            }
            let case = Case::new(library, &library.scenario.arms[*arm], *patient)
                .expect("the library has been checked");
            let judged = run_case(&case);
            done();
            Some(Run {
                arm: *arm,
                patient: *patient,
                judged,
            })
        })
        .collect()
}
