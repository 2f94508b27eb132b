//! Stories that a controller is told: does it do the same twice, and what do requirements say of it?

use std::sync::Arc;
use std::time::Instant;

use super::{Check, Group, Outcome, case};
use crate::config::Library;
use crate::judge::Judged;
use crate::port::{Controllers, Stalled};
use crate::shipped::{self, Kind};
use crate::study::cohort::run_case;
use crate::verdict::RunVerdict;

/// The stories of safety, each with what makes it short.
pub const STORIES: [(&str, &[&str]); 11] = [
    ("first", &["run_max_h=72"]),
    ("pause-and-resume", &["run_max_h=60"]),
    ("overdose-on-paper", &["run_max_h=60"]),
    ("missing-nurse", &["run_max_h=60"]),
    ("bad-readings", &["run_max_h=60"]),
    ("link-silent", &[]),
    ("read-backs-lost", &[]),
    ("reset-mid-command", &[]),
    ("memory-lost", &[]),
    ("unlocked-panel", &[]),
    ("stop-beside-nonsense", &[]),
];

/// A shipped story with these controllers.
///
/// # Panics
/// Never: a test reads them all.
pub(super) fn library(
    story: &str,
    overrides: &[&str],
    controllers: &Arc<dyn Controllers>,
) -> Library {
    let overrides: Vec<String> = overrides.iter().map(|it| (*it).to_owned()).collect();
    let shipped = Library::shipped(story, &overrides).expect("it ships with the bench");
    let mut library =
        shipped.unwrap_or_else(|_| panic!("{story} {overrides:?} is checked by a test"));
    library.controllers = Arc::clone(controllers);
    library
}

fn run(library: &Library) -> Result<Judged, Stalled> {
    run_case(&case(library))
}

#[expect(
    clippy::disallowed_methods,
    reason = "how long a wean takes is told, and moves nothing"
)]
pub(super) fn determinism(
    library: &Library,
    controllers: &Arc<dyn Controllers>,
    note: &mut dyn FnMut(Check),
) {
    let begun = Instant::now();
    let first = run(library);
    let took = begun.elapsed();
    let digest = |judged: &Judged| judged.digest.hex();
    let same = |other: Result<Judged, Stalled>| {
        let (a, b) = (
            digest(first.as_ref().map_err(Clone::clone)?),
            digest(&other?),
        );
        Ok((a != b).then(|| format!("one run has the digest {a}, and the other {b}")))
    };
    let of = |name, found| Check::of(Group::Determinism, name, found);
    note(of(
        "runs the same wean twice to the same bit",
        same(run(library)),
    ));
    let another = self::library("overdose-on-paper", &["run_max_h=60"], controllers);
    let between = run(&another).map(drop);
    let after = same(between.and_then(|()| run(library)));
    note(of("is not changed by another run in between", after));
    let said = format!("60 h of a wean take {:.2} s", took.as_secs_f64());
    note(Check::new(Group::Timing, "a wean", Outcome::Told).saying(said));
}

/// The stories that a controller is told, each with what makes it short: those of the kit, or every one that ships, whole.
pub(super) fn told(every: bool) -> Vec<(&'static str, &'static [&'static str])> {
    if every {
        let all = shipped::names(Kind::Scenario);
        all.map(|story| (story, [].as_slice())).collect()
    } else {
        STORIES.to_vec()
    }
}

pub(super) fn safety(every: bool, controllers: &Arc<dyn Controllers>, note: &mut dyn FnMut(Check)) {
    for (story, overrides) in told(every) {
        let library = library(story, overrides, controllers);
        let check = match run(&library) {
            Ok(judged) => judged_of(&library, story, &judged),
            Err(stalled) => Check::of(Group::Safety, story, Err(stalled)),
        };
        note(check);
    }
}

/// What a story has to say of a controller. No shipped story breaks a requirement by itself, and none that is said to end well
/// has to end in harm.
fn judged_of(library: &Library, story: &str, judged: &Judged) -> Check {
    let verdict = judged.verdict;
    let all = library.requirements.judged().zip(&judged.findings);
    let violated: Vec<String> = all
        .filter(|(_, finding)| finding.violated())
        .map(|(requirement, finding)| {
            let at = finding.breached_at_h.unwrap_or_default();
            format!("{} at {at:.2} h ({})", requirement.id, requirement.text)
        })
        .collect();
    let expected = library.scenario.expect.as_ref().and_then(|it| it.verdict);
    let ends_well = expected.is_none_or(RunVerdict::acceptable);
    let failed = |why: String| Check::of(Group::Safety, story, Ok(Some(why)));
    if !violated.is_empty() {
        failed(format!("{verdict}: violated {}", violated.join("; ")))
    } else if verdict == RunVerdict::Vacuous && !judged.idle_faults.is_empty() {
        let faults = judged.idle_faults.join(", ");
        let said = format!("proves nothing: {faults} had no effect on it");
        Check::new(Group::Safety, story, Outcome::Told).saying(said)
    } else if ends_well && !verdict.acceptable() {
        let why = if verdict == RunVerdict::Vacuous {
            "therapy never began"
        } else if verdict == RunVerdict::FalseAlarm {
            "urgent alarms that nothing founded"
        } else {
            "harm, where none has to be"
        };
        failed(format!("{verdict}: {why}"))
    } else {
        Check::of(Group::Safety, story, Ok(None))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::port::Shipped;

    #[test]
    fn harm_fails_a_controller_whatever_its_requirements_say() {
        let shipped: Arc<dyn Controllers> = Arc::new(Shipped);
        let library = library("pause-and-resume", &["run_max_h=2"], &shipped);
        let sound = run(&library).expect("it answers");
        let came = |verdict: RunVerdict, idle: &[&str]| {
            let mut judged = sound.clone();
            judged.verdict = verdict;
            judged.idle_faults = idle.iter().map(|it| (*it).to_owned()).collect();
            judged_of(&library, "it", &judged).outcome
        };
        assert_eq!(came(RunVerdict::Safe, &[]), Outcome::Passed);
        for bad in [
            RunVerdict::Unsafe,
            RunVerdict::UndetectedUnsafe,
            RunVerdict::FalseAlarm,
            RunVerdict::Vacuous,
        ] {
            assert_eq!(came(bad, &[]), Outcome::Failed, "{bad}");
        }
        assert_eq!(came(RunVerdict::Vacuous, &["kink"]), Outcome::Told);
        assert_eq!(
            came(RunVerdict::UndetectedUnsafe, &["kink"]),
            Outcome::Failed
        );
    }

    #[test]
    fn every_story_of_the_kit_can_be_read() {
        let shipped: Arc<dyn Controllers> = Arc::new(Shipped);
        for (story, overrides) in told(false).into_iter().chain(told(true)) {
            let library = library(story, overrides, &shipped);
            assert!(case(&library).protocol().is_some(), "{story}");
        }
    }
}
