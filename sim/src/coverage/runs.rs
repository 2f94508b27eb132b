//! Every shipped story, and those with faults on every profile.

use infusion_types::Alarm;
use rayon::prelude::*;

use crate::bench::Stalled;
use crate::case::Case;
use crate::catalogue::{PROFILES, fault_name};
use crate::config::Library;
use crate::judge::Judged;
use crate::scenario::{FaultKind, ProfileName};
use crate::study::cohort::{patients, run_case};
use crate::tables::Hazard;
use crate::verdict::RunVerdict;

/// Patients of a cohort that are run here; its figures are for `weanbench run`.
const COHORT: &str = "cohort.size=3";

/// One story told on one profile, for one patient in one arm.
#[derive(Debug)]
pub struct Story {
    /// The scenario's name.
    pub scenario: &'static str,
    /// Which sensors are fitted.
    pub profile: String,
    /// Whether that is what the scenario says itself.
    pub own_profile: bool,
    library: Library,
    arm: usize,
    patient: u64,
    /// What was found.
    pub judged: Result<Judged, Stalled>,
}

/// What has to be run.
///
/// # Panics
/// Never: a test reads every shipped file.
#[must_use]
pub fn stories() -> Vec<Story> {
    let mut stories = Vec::new();
    for scenario in super::story_names() {
        let read = |overrides: &[String]| Library::shipped(scenario, overrides).expect("it ships");
        let library = read(&[]).expect("a test reads every shipped file");
        let own = library.scenario.profile;
        let cohort = library.scenario.cohort.is_some();
        let faulty = !library.scenario.faults.is_empty();
        for profile in PROFILES.into_iter().filter(|it| *it == own || faulty) {
            let mut overrides = vec![format!("profile={profile:?}")];
            overrides.extend(cohort.then(|| COHORT.to_owned()));
            // A fault of a sensor that is not fitted is no story on that profile.
            let Ok(library) = read(&overrides) else {
                continue;
            };
            for arm in 0..library.scenario.arms.len() {
                for patient in patients(&library) {
                    stories.push(Story {
                        scenario,
                        profile: format!("{profile:?}"),
                        own_profile: profile == own,
                        library: library.clone(),
                        arm,
                        patient,
                        judged: Err(Stalled {
                            why: "not run yet".to_owned(),
                        }),
                    });
                }
            }
        }
    }
    stories
}

/// Runs them on all cores; `done` is told of each.
pub fn run_stories(stories: &mut [Story], done: &(dyn Fn() + Sync)) {
    // The long ones first, so that no core waits for one of them at the end.
    let mut order: Vec<&mut Story> = stories.iter_mut().collect();
    order.sort_by_key(|story| story.library.scenario.profile != ProfileName::P2);
    order.into_par_iter().for_each(|story| {
        let arm = &story.library.scenario.arms[story.arm];
        let case =
            Case::new(&story.library, arm, story.patient).expect("the library has been checked");
        story.judged = run_case(&case);
        done();
    });
}

impl Story {
    /// The scenario, and the profile where it is not its own.
    #[must_use]
    pub fn name(&self) -> String {
        if self.own_profile {
            self.scenario.to_owned()
        } else {
            format!("{} on {}", self.scenario, self.profile)
        }
    }

    /// How the run ended.
    #[must_use]
    pub fn verdict(&self) -> RunVerdict {
        self.judged
            .as_ref()
            .map_or(RunVerdict::Stalled, |judged| judged.verdict)
    }

    /// Alarms that began to stand once a fault had acted, each with the first time, hours.
    pub fn raised(&self) -> impl Iterator<Item = (Alarm, f64)> {
        self.judged
            .iter()
            .flat_map(|judged| judged.raised.iter().copied())
    }

    /// When the first such fault that brings a hazard about begins, hours.
    #[must_use]
    pub fn fault_from_h(&self, hazard: &Hazard, fault: &str) -> Option<f64> {
        let controlled = self
            .judged
            .as_ref()
            .is_ok_and(|judged| !judged.findings.is_empty());
        let faults = self.library.scenario.faults.iter();
        let brings = faults.filter(|it| fault_name(&it.what) == fault && is_of(hazard, &it.what));
        let first = brings
            .map(|it| f64::from(it.from_min) / 60.0)
            .reduce(f64::min);
        first.filter(|_| controlled)
    }
}

/// One kind of fault is two hazards: a pump that gives too much, and one that gives too little.
fn is_of(hazard: &Hazard, what: &FaultKind) -> bool {
    match what {
        FaultKind::PumpGain { gain } => {
            let harm = if *gain > 1.0 {
                "overdose"
            } else {
                "withdrawal"
            };
            hazard.harm.iter().any(|it| it == harm)
        }
        FaultKind::Occlude { .. }
        | FaultKind::Disconnect { .. }
        | FaultKind::UnprimedDrain
        | FaultKind::GarbleReading { .. }
        | FaultKind::Mistype { .. } => true,
    }
}
