//! Runs of one patient under one controller: flown once as far as they are the same, and then branched.
//!
//! ```text
//!   without a fault ──┬────────────┬──────── ...   until the next one's first fault
//!                     └─ case a    └─ case b       each to its end
//! ```
//!
//! What comes out is what comes of flying each from its start ([`crate::study::fork`]).

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::cases::CampaignCase;
use crate::bench::{Controllers, Stalled};
use crate::case::Case;
use crate::clock::SimTime;
use crate::config::Library;
use crate::judge::Judged;
use crate::study::cohort::run_case;
use crate::study::fork::Flying;

/// Who is told of a run: its place among the cases, and what it came to.
pub(super) type Tell<'a> = &'a mut dyn FnMut(usize, Result<Judged, Stalled>);

/// Flies cases of one base and patient. Each is told of as it ends; once `stop` is set no new one begins.
///
/// # Panics
/// Never: the campaign has been checked, and so has every fault that was drawn.
pub(super) fn fly(
    cases: &[&CampaignCase<'_>],
    controllers: &Arc<dyn Controllers>,
    stop: &AtomicBool,
    tell: Tell<'_>,
) {
    let Some(first) = cases.first() else { return };
    let under = |mut library: Library| {
        library.controllers = Arc::clone(controllers);
        library
    };
    let sound = under(first.base.library.clone());
    let libraries: Vec<Library> = cases.iter().map(|case| under(case.library())).collect();
    let case = |library| of_patient(library, first.patient);
    let sound = case(&sound);
    let runs: Vec<Case<'_>> = libraries.iter().map(case).collect();
    let later = |run: &Case<'_>| run.first_fault().filter(|at| *at > SimTime::ZERO);
    for silent in [false, true] {
        let alike = runs.iter().enumerate();
        let alike = alike.filter(|(_, run)| run.may_fall_silent() == silent);
        let mut alike: Vec<(Option<SimTime>, usize)> =
            alike.map(|(place, run)| (later(run), place)).collect();
        alike.sort_unstable();
        let branches = alike.iter().filter(|(first, _)| first.is_some());
        let mut trunk = if branches.count() > 1 {
            Flying::towards(&sound, silent).ok()
        } else {
            None
        };
        for (first, place) in alike {
            if stop.load(Ordering::Relaxed) {
                return;
            }
            let run = &runs[place];
            let branched = first.and_then(|first| branch(&mut trunk, run, first));
            tell(place, branched.unwrap_or_else(|| run_case(run)));
        }
    }
}

fn of_patient(library: &Library, patient: u64) -> Case<'_> {
    let arm = &library.scenario.arms[0];
    Case::new(library, arm, patient).expect("the campaign has been checked")
}

/// The rest of a run from its first fault on; none where it has to be flown from its start.
fn branch<'t: 'r, 'r>(
    trunk: &mut Option<Flying<'t>>,
    run: &'r Case<'r>,
    first: SimTime,
) -> Option<Result<Judged, Stalled>> {
    let flying = trunk.as_mut()?;
    match flying.until(first) {
        Ok(true) => flying.fork()?.under(run).ok().map(Flying::finish),
        // It is over, or it stalled, before anything differs: each says so by itself.
        Ok(false) | Err(_) => {
            *trunk = None;
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Campaign;
    use super::*;
    use crate::bench::Shipped;

    #[test]
    fn what_is_flown_together_is_what_is_flown_alone() {
        let overrides = [
            "run_max_h=20",
            "follow_up_h=1",
            "profiles=[\"P1\"]",
            "draws.from_min=[45, 1100]",
        ];
        let overrides = overrides.map(str::to_owned);
        let campaign = Campaign::shipped("swarm", &overrides).expect("it ships");
        let campaign = campaign.unwrap_or_else(|it| panic!("{}", it[0].render(false)));
        let cases: Vec<CampaignCase<'_>> = (8..16).map(|number| campaign.case(number)).collect();
        let cases: Vec<&CampaignCase<'_>> = cases.iter().collect();
        assert!(cases.iter().all(|case| case.patient == cases[0].patient));
        let shipped: Arc<dyn Controllers> = Arc::new(Shipped);
        let mut told = Vec::new();
        fly(
            &cases,
            &shipped,
            &AtomicBool::new(false),
            &mut |place, judged| {
                told.push((place, judged.expect("no stall")));
            },
        );
        assert_eq!(told.len(), 8);
        for (place, judged) in told {
            let library = cases[place].library();
            let alone = run_case(&of_patient(&library, cases[place].patient));
            let alone = alone.expect("no stall");
            assert_eq!(judged.digest.hex(), alone.digest.hex(), "{place}");
            assert_eq!(judged.verdict, alone.verdict);
            assert_eq!(judged.findings, alone.findings);
            assert_eq!(judged.worst, alone.worst);
            assert_eq!(judged.outcome, alone.outcome);
        }
        // Whoever stops before the first has told of none.
        fly(&cases, &shipped, &AtomicBool::new(true), &mut |_, _| {
            panic!("told")
        });
    }
}
