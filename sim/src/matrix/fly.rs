//! Flies cells: every onset, every patient, in one arm or in three.
//!
//! Lines come in the order of the cells and runs in the order of onsets and patients, whoever flew them.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use rayon::prelude::*;
use virtual_patient::Signs;

use super::arms::{ArmName, Player, Tape, needs_a_controller};
use super::cell::Cell;
use super::file::Matrix;
use super::line::{Graded, Line, Run};
use super::result::Baseline;
use super::severity::{Grades, Scale};
use crate::bench::{Bench, Observer, Stalled};
use crate::case::{self, Case};
use crate::clock::SimTime;
use crate::config::Library;
use crate::harm::Harm;
use crate::judge::Judged;
use crate::record::Record;
use crate::scenario::ProfileName;
use crate::study::again;
use crate::study::cohort::run_case;
use crate::study::fork::Flying;
use crate::study::reaction::first_alarm;
use crate::verdict::RunVerdict;

/// What is to be flown of each cell.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Patients 1 to this one.
    pub patients: u32,
    /// When faults begin, each with a name; the earliest first, and at least one.
    pub onsets: Vec<(String, u32)>,
    /// Of patients 1 to this one, also in the two arms that have no controller, or none that heeds anything.
    pub arms: u32,
}

/// One run of a cell that is to be flown.
struct Job<'c> {
    cell: &'c Cell,
    from_min: u32,
    patient: u64,
}

type Tapes = BTreeMap<(ProfileName, u64), Arc<Tape>>;

/// How many runs that comes to; the arms without a controller are flown within them.
#[must_use]
pub fn runs(cells: &[Cell], asked: &Asked) -> usize {
    jobs(cells, asked).len()
}

fn jobs<'c>(cells: &'c [Cell], asked: &Asked) -> Vec<Job<'c>> {
    let onsets: Vec<(&str, u32)> = asked
        .onsets
        .iter()
        .map(|(name, at)| (name.as_str(), *at))
        .collect();
    let mut jobs = Vec::new();
    for cell in cells {
        for (_, from_min) in cell.onsets(&onsets) {
            jobs.extend((1..=u64::from(asked.patients)).map(|patient| Job {
                cell,
                from_min: *from_min,
                patient,
            }));
        }
    }
    jobs
}

/// Flies cells. `done` is told of each run as it ends, in no order; once `stop` is set no new run begins, and
/// cells that are not complete are left out.
#[must_use]
pub fn fly(
    (matrix, cells): (&Matrix, &[Cell]),
    asked: &Asked,
    stop: &AtomicBool,
    done: &(dyn Fn() + Sync),
) -> Vec<Line> {
    let tapes = tapes(matrix, cells, asked.arms);
    let jobs = jobs(cells, asked);
    let fly_one = |index: usize, branch: Option<Flying<'_>>| {
        let job = &jobs[index];
        let tape = tapes.get(&(job.cell.profile, job.patient));
        let run = one(matrix, job, (tape, branch));
        done();
        run
    };
    let trunks: Vec<(Trunk, Branches)> = trunks(&jobs).into_iter().collect();
    let flown = trunks.par_iter().flat_map(|(trunk, branches)| {
        let going = || !stop.load(Ordering::Relaxed);
        branch(matrix, (*trunk, branches), &going, &fly_one)
    });
    let mut runs: Vec<Option<Run>> = jobs.iter().map(|_| None).collect();
    for (index, run) in flown.collect::<Vec<_>>() {
        runs[index] = Some(run);
    }
    let mut flown = runs.into_iter();
    let mut lines = Vec::new();
    for cell in cells {
        let of_cell = jobs
            .iter()
            .filter(|job| std::ptr::eq(job.cell, cell))
            .count();
        let runs: Vec<Option<Run>> = flown.by_ref().take(of_cell).collect();
        let runs: Option<Vec<Run>> = runs.into_iter().collect();
        lines.extend(runs.map(|runs| Line::of(cell, &runs)));
    }
    lines
}

/// What is the same of many runs until their first faults begin: profile, patient, and whether somebody may fall
/// silent in them.
type Trunk = (ProfileName, u64, bool);
/// When runs leave their trunk, each by its place among the jobs.
type Branches = BTreeMap<SimTime, Vec<usize>>;

fn trunks(jobs: &[Job<'_>]) -> BTreeMap<Trunk, Branches> {
    let mut found: BTreeMap<Trunk, Branches> = BTreeMap::new();
    for (index, job) in jobs.iter().enumerate() {
        let faults = job.cell.faults(job.from_min);
        let trunk = (job.cell.profile, job.patient, case::may_silence(&faults));
        let from = case::first_of(&faults).unwrap_or(SimTime::ZERO);
        let branches = found.entry(trunk).or_default();
        branches.entry(from).or_default().push(index);
    }
    found
}

/// Flies a trunk once, and from it each of its branches; what begins at the explant is flown whole.
fn branch(
    matrix: &Matrix,
    ((profile, patient, silence), branches): (Trunk, &Branches),
    going: &(dyn Fn() -> bool + Sync),
    fly_one: &(dyn Fn(usize, Option<Flying<'_>>) -> Run + Sync),
) -> Vec<(usize, Run)> {
    let healthy = matrix
        .healthy(profile)
        .expect("a cell's profile is the file's");
    let healthy = case(healthy, patient);
    let mut trunk = Flying::towards(&healthy, silence).ok();
    let mut flown = Vec::new();
    for (from, jobs) in branches {
        let here = trunk.as_mut().filter(|_| *from > SimTime::ZERO && going());
        let here = here.and_then(|trunk| trunk.until(*from).is_ok().then_some(trunk));
        // A controller in flight is nobody's to share: it is copied by one at a time.
        let here = here.map(Mutex::new);
        let fork = || here.as_ref()?.lock().ok()?.fork();
        let each = jobs
            .par_iter()
            .filter_map(|index| going().then(|| (*index, fly_one(*index, fork()))));
        flown.par_extend(each);
    }
    flown
}

/// What the controller does for each patient without a fault.
fn tapes(matrix: &Matrix, cells: &[Cell], patients: u32) -> Tapes {
    let profiles = matrix.healthy.iter();
    let wanted: Vec<(ProfileName, &Library, u64)> = profiles
        .filter(|(profile, _)| cells.iter().any(|cell| cell.profile == *profile))
        .flat_map(|(profile, library)| {
            (1..=u64::from(patients)).map(move |patient| (*profile, library, patient))
        })
        .collect();
    let each = wanted.par_iter().filter_map(|(profile, library, patient)| {
        let tape = Tape::of(&case(library, *patient)).ok()?;
        Some(((*profile, *patient), Arc::new(tape)))
    });
    each.collect()
}

/// How bad it is without any fault, arm by arm.
#[must_use]
pub fn baseline(matrix: &Matrix, profile: ProfileName, patients: u32) -> Option<Baseline> {
    let library = matrix.healthy(profile)?;
    let each: Vec<[Option<Grades>; ArmName::ALL.len()]> = (1..=u64::from(patients))
        .into_par_iter()
        .map(|patient| {
            let case = case(library, patient);
            let tape = Tape::of(&case).ok().map(Arc::new);
            let judged = run_case(&case).ok();
            [
                tape.as_ref()
                    .and_then(|tape| without(&case, tape, ArmName::Held)),
                tape.as_ref()
                    .and_then(|tape| without(&case, tape, ArmName::Unheeding)),
                judged.as_ref().map(grades_of),
            ]
        })
        .collect();
    let arm = |place: usize| Graded::of(each.iter().filter_map(|grades| grades[place]));
    Some(Baseline {
        profile,
        held: arm(0),
        unheeding: arm(1),
        controller: arm(2),
    })
}

/// # Panics
/// Never: every cell has been checked, and no fault makes another protocol for another patient.
fn case(library: &Library, patient: u64) -> Case<'_> {
    let arm = &library.scenario.arms[0];
    Case::new(library, arm, patient).expect("the matrix has been checked")
}

fn one(
    matrix: &Matrix,
    job: &Job<'_>,
    (tape, branch): (Option<&Arc<Tape>>, Option<Flying<'_>>),
) -> Run {
    let library = matrix.library(job.cell, job.from_min);
    let case = case(&library, job.patient);
    let judged = match branch.map(|flying| flying.under(&case)) {
        Some(Ok(flying)) => flying.finish(),
        Some(Err(_)) | None => run_case(&case),
    };
    let mut run = match &judged {
        Ok(judged) => judged_run(job.cell, &case, judged),
        Err(_) => Run {
            verdict: RunVerdict::Stalled,
            effect: false,
            detected_after_s: None,
            worst: None,
            violated: Vec::new(),
            grades: [None; ArmName::ALL.len()],
            replay: String::new(),
        },
    };
    run.replay = again::command(&matrix.file.scenario, &case);
    run.replay += &again::by(&library.controllers.name());
    let compared = !case
        .scenario()
        .faults
        .iter()
        .any(|fault| needs_a_controller(&fault.what));
    if let Some(tape) = tape {
        for (place, arm) in ArmName::ALL.into_iter().enumerate() {
            run.grades[place] = match arm {
                ArmName::Controller => judged.as_ref().ok().filter(|_| run.effect).map(grades_of),
                ArmName::Held | ArmName::Unheeding if compared => without(&case, tape, arm),
                ArmName::Held | ArmName::Unheeding => None,
            };
        }
    }
    run
}

fn judged_run(cell: &Cell, case: &Case<'_>, judged: &Judged) -> Run {
    let effect = judged.fault_seen.iter().all(|(_, at)| at.is_some());
    let asked: Vec<&str> = cell.hazard.alarms.iter().map(String::as_str).collect();
    let after = first_alarm(judged, 0, &asked).map(|(_, after_s)| after_s);
    let requirements = case.requirements().judged().zip(&judged.findings);
    Run {
        verdict: judged.verdict,
        effect,
        detected_after_s: after.filter(|_| effect),
        worst: judged.worst,
        violated: requirements
            .filter(|(_, finding)| finding.violated())
            .map(|(requirement, _)| requirement.id.clone())
            .collect(),
        grades: [None; ArmName::ALL.len()],
        replay: String::new(),
    }
}

fn grades_of(judged: &Judged) -> Grades {
    let peaks = (judged.outcome.peak_withdrawal, judged.outcome.peak_overdose);
    Scale::shipped().grades(peaks, judged.worst)
}

/// The same case in an arm without a controller that heeds anything; none where a fault has no effect in it,
/// and where the arm stalls.
fn without(case: &Case<'_>, tape: &Arc<Tape>, arm: ArmName) -> Option<Grades> {
    let holds = arm == ArmName::Held;
    let mut truths = Truths::default();
    let make = |_, session| Player::new(Arc::clone(tape), holds, session);
    let ended: Result<_, Stalled> = Bench::new(case, make).run(&mut truths);
    let ended = ended.ok()?;
    let peaks = (truths.withdrawal, truths.overdose);
    let grades = Scale::shipped().grades(peaks, truths.harm.worst());
    ended.faults.all_effective().then_some(grades)
}

/// Looks at what is true, and at nothing that is said.
#[derive(Default)]
struct Truths {
    harm: Harm,
    withdrawal: f64,
    overdose: f64,
}

impl Observer for Truths {
    fn observe(&mut self, record: &Record<'_>) {
        self.harm.observe(record);
    }

    fn patient(&mut self, _at: SimTime, signs: &Signs) {
        self.withdrawal = self.withdrawal.max(signs.withdrawal);
        self.overdose = self.overdose.max(signs.overdose);
    }
}
