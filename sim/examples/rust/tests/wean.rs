//! What a build of this controller is held to: patients of the paper's cohort, the conformance kit, and a fork.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use small_wean::SmallWean;
use weanbench::bench::Controllers;
use weanbench::case::Case;
use weanbench::clock::SimTime;
use weanbench::config::Library;
use weanbench::edge::conform::{Outcome, conform};
use weanbench::in_process::InProcess;
use weanbench::judge::Judged;
use weanbench::study::cohort;
use weanbench::study::fork::Flying;
use weanbench::verdict::RunVerdict;

fn controllers() -> Arc<dyn Controllers> {
    Arc::new(InProcess::new(SmallWean::NAME, SmallWean::new))
}

/// The first arm of a story, with this controller on it.
fn story(name: &str, overrides: &[&str]) -> Library {
    let overrides: Vec<String> = overrides.iter().map(|it| (*it).to_owned()).collect();
    let shipped = Library::shipped(name, &overrides).expect("it ships");
    let mut library = shipped.expect("its overrides are good");
    library.scenario.arms.truncate(1);
    library.controllers = controllers();
    library
}

fn flown(library: &Library) -> Vec<Judged> {
    let runs = cohort::run(library, &AtomicBool::new(false), &|| ());
    let judged = runs.into_iter().map(|run| run.judged);
    judged.map(|it| it.expect("it never stalls")).collect()
}

/// In how many records there was something to judge by a requirement.
fn armed(library: &Library, judged: &Judged, id: &str) -> u64 {
    let mut all = library.requirements.judged().zip(&judged.findings);
    let found = all.find(|(requirement, _)| requirement.id == id);
    found.expect("there is such a requirement").1.armed
}

fn violated(library: &Library, judged: &Judged) -> Vec<String> {
    let all = library.requirements.judged().zip(&judged.findings);
    let violated = all.filter(|(_, finding)| finding.violated());
    violated
        .map(|(requirement, _)| requirement.id.clone())
        .collect()
}

#[test]
fn patients_are_weaned_safely_and_the_same_each_time() {
    let library = story("hwang-2019", &["cohort.size=4"]);
    let first = flown(&library);
    assert_eq!(first.len(), 4);
    for (number, judged) in first.iter().enumerate() {
        assert_eq!(judged.verdict, RunVerdict::Safe, "patient {}", number + 1);
        assert_eq!(violated(&library, judged), [""; 0]);
        let completed = judged.outcome.completed_h.is_some();
        assert!(completed, "patient {}", number + 1);
    }
    let digests =
        |all: &[Judged]| -> Vec<String> { all.iter().map(|it| it.digest.hex()).collect() };
    assert_eq!(digests(&first), digests(&flown(&library)));
}

#[test]
fn the_kit_passes_it() {
    let report = conform(&controllers(), false, &mut |_| ());
    let good = |outcome| matches!(outcome, Outcome::Passed | Outcome::Told);
    let bad = report.checks.iter().filter(|check| !good(check.outcome));
    assert_eq!(
        bad.map(|it| format!("{}: {}", it.name, it.said))
            .collect::<Vec<_>>(),
        [""; 0]
    );
}

#[test]
fn it_comes_back_as_it_was_stored() {
    let library = story("restart", &[]);
    let judged = flown(&library).remove(0);
    assert_eq!(violated(&library, &judged), [""; 0]);
    // The plan is back, and so is what was planned and given before.
    for id in ["SR-56a", "SR-44a", "SR-44b"] {
        assert!(armed(&library, &judged, id) > 0, "{id}");
    }
}

#[test]
fn a_copy_goes_on_by_itself() {
    let library = story("first", &["faults=[]", "run_max_h=30"]);
    let case = Case::new(&library, &library.scenario.arms[0], 1).expect("it is good");
    let mut flying = Flying::new(&case).expect("it can be had");
    assert_eq!(flying.until(SimTime::from_hours(20)), Ok(true));
    let copy = flying.fork().expect("it can be copied");
    let whole = flown(&library).remove(0);
    for half in [flying, copy] {
        let judged = half.finish().expect("it never stalls");
        assert_eq!(judged.digest.hex(), whole.digest.hex());
    }
}
