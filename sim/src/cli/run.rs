//! `weanbench run`: read everything first, then run, then tell and write.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use clap::{Args, ValueEnum};
use indicatif::ProgressBar;
use rayon::prelude::*;

use super::console::{Trouble, note, out, out_json, quoted, stem};
use super::controller::{HELP, Terms, controllers_on};
use super::results::{Folder, Printed};
use super::table::{WIDTH, terminal_width};
use super::workers::workers;
use super::{progress, show, worse};
use crate::bench::Shipped;
use crate::case::Case;
use crate::config::Library;
use crate::course::Course;
use crate::input::{Document, suggest};
use crate::recording::{Recorder, meta, observed};
use crate::requirement::Requirements;
use crate::scenario::ProfileName;
use crate::shipped::{self, Kind};
use crate::study::cohort::{self, Run};
use crate::study::summary::{Summary, unacceptable};
use crate::study::violations::{Violation, violations};
use crate::trace::Trace;
use crate::verdict::{Exit, RunVerdict};

/// Traces of runs that went wrong; more would fill a disk with the same story.
const TRACES_MOST: usize = 20;

/// Which sensors are fitted.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Profile {
    /// The pump's own report.
    #[value(name = "P0")]
    P0,
    /// P0, and people who weigh the pump.
    #[value(name = "P1")]
    P1,
    /// P1, and instruments in the line.
    #[value(name = "P2")]
    P2,
}

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Scenario files, or names of scenarios that ship with the bench (`weanbench list scenarios`).
    #[arg(required = true, value_name = "SCENARIO")]
    scenarios: Vec<String>,
    /// Where every random draw comes from.
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Put a value over what the scenario says, such as `cohort.size=50`; may be repeated.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// A file of requirements of your own, judged beside those that ship with the bench; may be repeated.
    #[arg(long, value_name = "FILE")]
    requirements: Vec<PathBuf>,
    #[arg(long, value_name = "SPEC", default_value = Shipped::NAME, help = format!("Who is on the bench: {HELP}"))]
    controller: String,
    #[command(flatten)]
    terms: Terms,
    /// How many runs at a time; all cores when left out. Results do not depend on it.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    jobs: Option<u16>,
    /// Which sensors are fitted.
    #[arg(long, value_enum, ignore_case = true)]
    profile: Option<Profile>,
    /// One patient of the cohort instead of all; 0 or `typical` is the typical one.
    #[arg(long, value_name = "N", value_parser = patient_number)]
    patient: Option<u64>,
    /// One arm instead of all.
    #[arg(long, value_name = "NAME")]
    arm: Option<String>,
    /// Write CSV beside Parquet.
    #[arg(long)]
    csv: bool,
    /// Write a trace of every run.
    #[arg(long)]
    trace: bool,
    /// Where results go.
    #[arg(long, value_name = "DIR", default_value = "results")]
    out: PathBuf,
    /// Print the summary as one JSON document.
    #[arg(long)]
    json: bool,
    /// Print only what went wrong.
    #[arg(long)]
    quiet: bool,
}

impl Profile {
    /// The name of it in a scenario.
    pub(super) const fn name(self) -> ProfileName {
        match self {
            Self::P0 => ProfileName::P0,
            Self::P1 => ProfileName::P1,
            Self::P2 => ProfileName::P2,
        }
    }
}

pub(super) fn patient_number(text: &str) -> Result<u64, String> {
    if text == "typical" {
        return Ok(0);
    }
    text.parse()
        .map_err(|_| "a number, or `typical`".to_owned())
}

impl Arguments {
    /// The overrides, in the order in which they are put over the scenario.
    fn overrides(&self) -> Vec<String> {
        let mut all = self.set.clone();
        all.extend(self.seed.map(|seed| format!("seed={seed}")));
        let profile = self.profile.map(Profile::name);
        all.extend(profile.map(|profile| format!("profile={profile:?}")));
        all
    }
}

/// A scenario that is about to be run.
struct Target {
    /// As the user named it.
    argument: String,
    /// The folder of its results.
    name: String,
    library: Library,
    /// One patient instead of a cohort.
    patient: Option<u64>,
}

/// A scenario that was run.
pub(super) struct Outcome<'a> {
    pub(super) name: &'a str,
    pub(super) library: &'a Library,
    pub(super) summary: Summary,
    pub(super) runs: Vec<Run>,
    /// What was violated, each where it was worst.
    pub(super) violations: Vec<Violation>,
    /// Runs that there should be.
    pub(super) planned: usize,
    /// How the runs of one patient went.
    pub(super) courses: Courses,
    /// How to run it again, up to the patient.
    pub(super) command: String,
}

/// Runs every scenario that was named.
pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Trouble> {
    let targets = targets(arguments)?;
    let (pool, stop) = workers(arguments.jobs)?;
    let mut exit = Exit::Good;
    let mut documents = Vec::new();
    for target in &targets {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let (of_target, document) = pool.install(|| run_target(arguments, target, &stop))?;
        exit = worse(exit, of_target);
        documents.push(document);
    }
    if arguments.json {
        match documents.as_slice() {
            [one] if targets.len() == 1 => out_json(one)?,
            all => out_json(&all)?,
        }
    }
    Ok(if stop.load(Ordering::Relaxed) {
        worse(exit, Exit::Bad)
    } else {
        exit
    })
}

/// Reads a scenario from a file, or from those that ship with the bench.
pub(super) fn load(argument: &str, overrides: &[String]) -> Result<Library, Trouble> {
    if !is_file(argument)
        && let Some(shipped) = Library::shipped(argument, overrides)
    {
        return Ok(shipped?);
    }
    Library::read(Path::new(argument), overrides).map_err(|mut complaints| {
        let names: Vec<&str> = shipped::names(Kind::Scenario).collect();
        let bare = !argument.contains(['/', '\\', '.']);
        if bare
            && let [missing] = complaints.as_mut_slice()
            && missing.help.is_none()
        {
            missing.help = suggest(argument, &names);
        }
        Trouble::Input(complaints)
    })
}

/// Whether the argument is a file of the user's. A folder is none: results lie in folders that are called like what was run.
pub(super) fn is_file(argument: &str) -> bool {
    let path = Path::new(argument);
    path.exists() && !path.is_dir()
}

/// Those that ship with the bench, and those of the user's files.
pub(super) fn requirements(files: &[PathBuf]) -> Result<Arc<Requirements>, Trouble> {
    let documents = files.iter().map(Document::read);
    let documents: Vec<Document> = documents.collect::<Result<_, _>>()?;
    Ok(Requirements::with(&documents)?)
}

fn targets(arguments: &Arguments) -> Result<Vec<Target>, Trouble> {
    let overrides = arguments.overrides();
    let requirements = requirements(&arguments.requirements)?;
    let controllers = controllers_on(&arguments.controller, &arguments.terms)?;
    let mut targets: Vec<Target> = Vec::new();
    for argument in &arguments.scenarios {
        let mut library = load(argument, &overrides)?;
        library.requirements = Arc::clone(&requirements);
        library.controllers = Arc::clone(&controllers);
        if let Some(wanted) = &arguments.arm {
            let all: Vec<String> = library
                .scenario
                .arms
                .iter()
                .map(|arm| arm.name.clone())
                .collect();
            library.scenario.arms.retain(|arm| arm.name == *wanted);
            if library.scenario.arms.is_empty() {
                let help = suggest(wanted, &all).unwrap_or_else(|| all.join(", "));
                return Err(Trouble::input(format!(
                    "{argument} has no arm `{wanted}`: {help}"
                )));
            }
        }
        let single = library.scenario.cohort.is_none();
        let first = cohort::patients(&library).first().copied().unwrap_or(0);
        let stem = stem(argument);
        let same = targets
            .iter()
            .filter(|other| other.name.starts_with(&stem))
            .count();
        targets.push(Target {
            argument: argument.clone(),
            name: if same == 0 {
                stem
            } else {
                format!("{stem}-{}", same + 1)
            },
            patient: arguments.patient.or(single.then_some(first)),
            library,
        });
    }
    Ok(targets)
}

/// Runs one scenario, writes its results and tells of them.
fn run_target(
    arguments: &Arguments,
    target: &Target,
    stop: &AtomicBool,
) -> Result<(Exit, Printed), Trouble> {
    let arms = target.library.scenario.arms.len();
    let patients = target
        .patient
        .map_or(cohort::patients(&target.library).len(), |_| 1);
    let planned = arms * patients;
    let folder = Folder::open(&arguments.out, &target.name, arguments.csv)?;
    folder.clear(&target.library)?;
    let bar = progress::bar(planned, &target.name, !arguments.quiet);
    let (runs, courses) = match target.patient {
        Some(patient) => single(target, patient, &folder, &bar)?,
        None => (
            cohort::run(&target.library, stop, &|| bar.inc(1)),
            Vec::new(),
        ),
    };
    bar.finish_and_clear();
    let outcome = Outcome {
        name: &target.name,
        library: &target.library,
        summary: Summary::new(&target.name, &target.library, &runs),
        planned,
        courses,
        command: command(arguments, &target.argument),
        violations: violations(&target.library, &runs),
        runs,
    };
    if target.patient.is_none() {
        traces(arguments, &outcome, &folder, stop)?;
    }
    let printed = Printed::new(&outcome);
    folder.write(&outcome, &printed, &show::report(&outcome, WIDTH, &folder))?;
    tell(arguments, &outcome, &folder)?;
    let verdicts: Vec<RunVerdict> = unacceptable(&target.library, &outcome.runs)
        .map(|run| run.verdict)
        .collect();
    Ok((exit_of(&verdicts), printed))
}

/// What unacceptable runs come to.
fn exit_of(unacceptable: &[RunVerdict]) -> Exit {
    let of = |verdict: &RunVerdict| match verdict {
        RunVerdict::Stalled => Exit::Stalled,
        RunVerdict::Safe
        | RunVerdict::SafeLate
        | RunVerdict::UndetectedSafe
        | RunVerdict::Unsafe
        | RunVerdict::UndetectedUnsafe
        | RunVerdict::FalseAlarm
        | RunVerdict::Vacuous
        | RunVerdict::NotDetectable
        | RunVerdict::NotApplicable => Exit::Bad,
    };
    unacceptable.iter().map(of).fold(Exit::Good, worse)
}

fn tell(arguments: &Arguments, outcome: &Outcome<'_>, folder: &Folder) -> Result<(), Trouble> {
    if arguments.json {
        if !arguments.quiet {
            note(&format!("results: {}", folder.shown()));
        }
        return Ok(());
    }
    if !arguments.quiet {
        return out(&show::report(outcome, terminal_width(), folder));
    }
    let bad = show::unacceptable_runs(outcome);
    if bad.is_empty() { Ok(()) } else { out(&bad) }
}

/// How the runs of one patient went, arm by arm.
type Courses = Vec<(usize, Course)>;

/// One patient in every arm, watched and recorded.
fn single(
    target: &Target,
    patient: u64,
    folder: &Folder,
    bar: &ProgressBar,
) -> Result<(Vec<Run>, Courses), Trouble> {
    let library = &target.library;
    let arms: Vec<usize> = (0..library.scenario.arms.len()).collect();
    let done: Vec<Result<(Run, Course), Trouble>> = arms
        .into_par_iter()
        .map(|arm| {
            let case = case(library, arm, patient);
            let mut watching = (Course::of(&case), Recorder::of(&case));
            let judged = observed(&case, &mut watching);
            let (course, recorder) = watching;
            if let Ok(judged) = &judged {
                let trace = recorder.finish(meta(library, &case, &target.name, judged));
                folder.trace(&case, &trace)?;
            }
            bar.inc(1);
            Ok((
                Run {
                    arm,
                    patient,
                    judged,
                },
                course,
            ))
        })
        .collect();
    let mut runs = Vec::new();
    let mut courses = Vec::new();
    for one in done {
        let (run, course) = one?;
        courses.push((run.arm, course));
        runs.push(run);
    }
    Ok((runs, courses))
}

/// # Panics
/// Never: reading the files has made sure that they fit together.
fn case(library: &Library, arm: usize, patient: u64) -> Case<'_> {
    Case::new(library, &library.scenario.arms[arm], patient).expect("the library has been checked")
}

/// Runs again what deserves a trace, and records it.
fn traces(
    arguments: &Arguments,
    outcome: &Outcome<'_>,
    folder: &Folder,
    stop: &AtomicBool,
) -> Result<(), Trouble> {
    let library = outcome.library;
    let bad: Vec<(String, u64)> = unacceptable(library, &outcome.runs)
        .map(|run| (run.arm, run.patient))
        .take(TRACES_MOST)
        .collect();
    let wanted: Vec<&Run> = outcome
        .runs
        .iter()
        .filter(|run| {
            let name = &library.scenario.arms[run.arm].name;
            run.judged.is_ok()
                && (arguments.trace
                    || bad
                        .iter()
                        .any(|(arm, who)| arm == name && *who == run.patient))
        })
        .collect();
    let bar = progress::bar(
        wanted.len(),
        "traces",
        !arguments.quiet && !wanted.is_empty(),
    );
    let failed = Mutex::new(None);
    wanted.par_iter().for_each(|run| {
        let given_up = failed.lock().map_or(true, |failed| failed.is_some());
        if given_up || stop.load(Ordering::Relaxed) {
            return;
        }
        let case = case(library, run.arm, run.patient);
        let mut recorder = Recorder::of(&case);
        if let Ok(judged) = observed(&case, &mut recorder) {
            let trace: Trace = recorder.finish(meta(library, &case, outcome.name, &judged));
            if let Err(trouble) = folder.trace(&case, &trace)
                && let Ok(mut failed) = failed.lock()
            {
                *failed = Some(trouble);
            }
        }
        bar.inc(1);
    });
    bar.finish_and_clear();
    failed.into_inner().ok().flatten().map_or(Ok(()), Err)
}

/// The command that runs the same again, without patient and arm.
fn command(arguments: &Arguments, argument: &str) -> String {
    let mut words = vec!["weanbench".to_owned(), "run".to_owned(), quoted(argument)];
    for assignment in arguments.overrides() {
        words.extend(["--set".to_owned(), quoted(&assignment)]);
    }
    for file in &arguments.requirements {
        let file = file.display().to_string();
        words.extend(["--requirements".to_owned(), quoted(&file)]);
    }
    if arguments.controller != Shipped::NAME {
        words.extend(["--controller".to_owned(), quoted(&arguments.controller)]);
    }
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verdicts_become_exit_codes() {
        assert_eq!(exit_of(&[]), Exit::Good);
        assert_eq!(exit_of(&[RunVerdict::Stalled]), Exit::Stalled);
        assert_eq!(
            exit_of(&[RunVerdict::Stalled, RunVerdict::Unsafe]),
            Exit::Bad
        );
        for verdict in RunVerdict::ALL {
            let exit = exit_of(&[verdict]);
            assert_eq!(
                exit == Exit::Stalled,
                verdict == RunVerdict::Stalled,
                "{verdict}"
            );
            assert_ne!(exit, Exit::Good, "{verdict}");
        }
    }

    #[test]
    fn a_patient_is_a_number_or_the_typical_one() {
        assert_eq!(patient_number("typical"), Ok(0));
        assert_eq!(patient_number("17"), Ok(17));
        assert!(patient_number("-1").is_err() && patient_number("x").is_err());
    }

    #[test]
    fn a_misspelt_shipped_name_is_helped() {
        match load("hwang-2018", &[]) {
            Err(Trouble::Input(complaints)) => {
                let help = complaints[0].help.clone().unwrap_or_default();
                assert!(help.contains("hwang-2019"), "{help}");
            }
            other => panic!("{other:?}"),
        }
    }
}
