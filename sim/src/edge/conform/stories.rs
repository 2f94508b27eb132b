//! Stories that a controller is told: does it do the same twice, and what do requirements say of it?

use std::sync::Arc;
use std::time::Instant;

use super::{Check, Group, Outcome, case};
use crate::config::Library;
use crate::judge::Judged;
use crate::port::{Controllers, Stalled};
use crate::study::cohort::run_case;

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

pub(super) fn safety(controllers: &Arc<dyn Controllers>, note: &mut dyn FnMut(Check)) {
    for (story, overrides) in STORIES {
        let library = library(story, overrides, controllers);
        let found = run(&library).map(|judged| {
            let all = library.requirements.judged().zip(&judged.findings);
            let violated = all.filter(|(_, finding)| finding.violated());
            let words: Vec<String> = violated
                .map(|(requirement, finding)| {
                    let at = finding.breached_at_h.unwrap_or_default();
                    format!("{} at {at:.2} h ({})", requirement.id, requirement.text)
                })
                .collect();
            let verdict = judged.verdict;
            (!words.is_empty()).then(|| format!("{verdict}: violated {}", words.join("; ")))
        });
        note(Check::of(Group::Safety, story, found));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::port::Shipped;

    #[test]
    fn every_story_of_the_kit_can_be_read() {
        let shipped: Arc<dyn Controllers> = Arc::new(Shipped);
        for (story, overrides) in STORIES {
            let library = library(story, overrides, &shipped);
            assert!(case(&library).protocol().is_some());
        }
    }
}
