//! Every shipped story, and those with faults on every profile.

use infusion_types::Alarm;
use rayon::prelude::*;

use crate::bench::Stalled;
use crate::case::Case;
use crate::catalogue::{PROFILES, fault_name};
use crate::config::Library;
use crate::judge::Judged;
use crate::scenario::{
    DefectFault, Fault, FaultKind, PeopleFault, ProfileName, PumpFault, RawNumber, SensorFault,
    SensorName, WayName, WireFault,
};
use crate::study::cohort::{patients, run_case};
use crate::tables::Hazard;
use crate::verdict::RunVerdict;

/// Patients of a cohort that are run here; its figures are for `weanbench run`.
const COHORT: &str = "cohort.size=3";

/// From this gap on the tolerance is lost (HZ-22), minutes: an assumption, `gap_most` of the requirements.
const LONG_GAP_MIN: u32 = 720;

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
        let brings = faults.filter(|it| fault_name(&it.what) == fault && is_of(hazard, it));
        let first = brings
            .map(|it| f64::from(it.from_min) / 60.0)
            .reduce(f64::min);
        first.filter(|_| controlled)
    }
}

/// One kind of fault is two hazards, or three: which of them this one is shows in its numbers.
fn is_of(hazard: &Hazard, fault: &Fault) -> bool {
    let among = |ids: &[&str]| ids.contains(&hazard.id.as_str());
    let harms = |too_much: bool| {
        let harm = if too_much { "overdose" } else { "withdrawal" };
        hazard.harm.iter().any(|it| it == harm)
    };
    match fault.what {
        FaultKind::Pump(PumpFault::PumpGain { gain }) => harms(gain > 1.0),
        FaultKind::Defect(DefectFault::WrongRate { rate_times }) => harms(rate_times > 1.0),
        FaultKind::Sensor(what) => of_sensor(&what).is_none_or(among),
        FaultKind::Wire(WireFault::LinkLoss {
            direction,
            lost_permille,
        }) => match hazard.id.as_str() {
            "HZ-28" => lost_permille < 1_000,
            "HZ-41" => direction == WayName::Down,
            "HZ-56" => lost_permille == 1_000,
            _ => true,
        },
        FaultKind::Wire(WireFault::Delay { direction, .. }) => {
            direction != WayName::Down || !among(&["HZ-58"])
        }
        FaultKind::Wire(WireFault::Double { direction, .. }) => {
            direction != WayName::Up || !among(&["HZ-21"])
        }
        FaultKind::People(PeopleFault::Pause) => {
            let minutes = fault.until_min.map(|until| until - fault.from_min);
            let long = minutes.is_some_and(|it| it >= LONG_GAP_MIN);
            long || !among(&["HZ-22"])
        }
        FaultKind::People(
            PeopleFault::Mistype { value, .. } | PeopleFault::WrongDose { ug_per_day: value },
        ) => is_odd(value) || !among(&["HZ-43"]),
        FaultKind::Pump(_)
        | FaultKind::Line(_)
        | FaultKind::Wire(_)
        | FaultKind::Clock(_)
        | FaultKind::Platform(_)
        | FaultKind::People(_)
        | FaultKind::Defect(_)
        | FaultKind::BuiltIn(_) => true,
    }
}

/// The hazards that a fault of this sensor is for; none for all that name its kind.
fn of_sensor(what: &SensorFault) -> Option<&'static [&'static str]> {
    let sensor = match *what {
        SensorFault::SensorNoise { sensor, .. } => {
            return (sensor != SensorName::Flow).then_some(&["HZ-26"]);
        }
        SensorFault::GarbleReading { value, .. } => {
            return (!is_odd(value)).then_some(&["HZ-34"]);
        }
        SensorFault::LooseContact { .. } | SensorFault::ReportFrozen => return None,
        SensorFault::SensorStuck { sensor, .. }
        | SensorFault::SensorBias { sensor, .. }
        | SensorFault::SensorSilent { sensor } => sensor,
    };
    Some(match sensor {
        SensorName::Flow => &["HZ-36"],
        SensorName::Pressure => &["HZ-37"],
        SensorName::Delivered => &["HZ-61"],
        SensorName::Reservoir => &["HZ-10"],
        SensorName::Battery => &["HZ-32"],
        SensorName::Air
        | SensorName::Connector
        | SensorName::DrainedCsf
        | SensorName::Temperature
        | SensorName::Motion => &["HZ-34"],
    })
}

/// No measurement is that.
fn is_odd(value: RawNumber) -> bool {
    !(0.0..1e5).contains(&value.0)
}
