//! What there is to inject, and what it stands for: the words behind `weanbench list`.

mod drawn;
mod examples;
mod page;

use std::sync::LazyLock;

use crate::config::Library;
use crate::scenario::{Described, FaultKind, ProfileName, described, description};
use crate::shipped::{self, Kind};
use crate::tables;
use crate::verdict::{RequirementVerdict, RunVerdict};

pub use drawn::{between, drawn, short, wide};
use examples::EXAMPLES;
pub use page::page;

/// A kind of fault.
#[derive(Clone, Debug)]
pub struct FaultEntry {
    /// What the type says of it.
    pub known: &'static Described,
    /// One of its kind, as a file has it under `what`.
    pub written: &'static str,
    /// The same, read.
    pub example: FaultKind,
}

/// Every kind of fault, place by place.
///
/// # Panics
/// Never: a test reads every example.
#[must_use]
pub fn faults() -> &'static [FaultEntry] {
    static ALL: LazyLock<Vec<FaultEntry>> = LazyLock::new(|| {
        let entry = |known: &'static Described| {
            let row = EXAMPLES.iter().find(|(name, _)| *name == known.name);
            let (_, written) = row.expect("a test asks for an example of each");
            FaultEntry {
                known,
                written,
                example: examples::read(written).expect("a test reads every example"),
            }
        };
        described().iter().map(entry).collect()
    });
    &ALL
}

/// The name of a kind of fault.
#[must_use]
pub fn fault_name(what: &FaultKind) -> &'static str {
    &description(what).0.name
}

impl FaultEntry {
    /// The key under `what`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        &self.known.name
    }

    /// The hazards that it brings about.
    pub fn hazards(&self) -> impl Iterator<Item = &'static str> {
        let name = self.name();
        let brings = move |hazard: &&tables::Hazard| hazard.faults.iter().any(|it| it == name);
        let hazards = tables::hazards().iter().filter(brings);
        hazards.map(|hazard| hazard.id.as_str())
    }
}

/// The profiles.
pub const PROFILES: [ProfileName; 3] = [ProfileName::P0, ProfileName::P1, ProfileName::P2];

/// Shipped scenarios with what they are about and the names of the faults in them.
#[must_use]
pub fn scenarios() -> Vec<ShippedScenario> {
    let read = |name: &'static str| {
        let library = Library::shipped(name, &[])?.ok()?;
        let faults = library
            .scenario
            .faults
            .iter()
            .map(|fault| fault_name(&fault.what));
        Some(ShippedScenario {
            name,
            faults: faults.collect(),
            patients: library.scenario.patients(),
            arms: library.scenario.arms.len(),
            title: library.scenario.title,
        })
    };
    shipped::names(Kind::Scenario).filter_map(read).collect()
}

/// One of them.
#[derive(Clone, Debug)]
pub struct ShippedScenario {
    /// The name under which it can be run.
    pub name: &'static str,
    /// Its title.
    pub title: String,
    /// Patients in it.
    pub patients: u64,
    /// Arms in it.
    pub arms: usize,
    /// The kinds of its faults.
    pub faults: Vec<&'static str>,
}

/// What a verdict on a run means.
#[must_use]
pub const fn run_verdict(verdict: RunVerdict) -> &'static str {
    match verdict {
        RunVerdict::Safe => "nothing to say against it",
        RunVerdict::SafeLate => "only a time limit was missed",
        RunVerdict::UndetectedSafe => "a fault, no harm and no alarm",
        RunVerdict::Unsafe => "harm although an alarm stood in time, or a requirement violated",
        RunVerdict::UndetectedUnsafe => {
            "harm that a fitted sensor could have shown before it was done, and no alarm in time"
        }
        RunVerdict::FalseAlarm => "urgent alarms without a fault, more than one in 24 h",
        RunVerdict::Vacuous => "a declared fault had no effect: the run proves nothing",
        RunVerdict::NotDetectable => {
            "harm that no fitted sensor could have shown before it was done"
        }
        RunVerdict::NotApplicable => "no controller to judge",
        RunVerdict::Stalled => "the controller did not answer as it must",
    }
}

/// What a verdict on a requirement means.
#[must_use]
pub const fn requirement_verdict(verdict: RequirementVerdict) -> &'static str {
    match verdict {
        RequirementVerdict::Holds => "judged, and never breached",
        RequirementVerdict::Violated => "breached in at least one run",
        RequirementVerdict::NotDetectable => {
            "breached only where nothing that is fitted could have shown it in time: no pass"
        }
        RequirementVerdict::Vacuous => "never had anything to judge: no pass",
        RequirementVerdict::NotApplicable => {
            "no controller, or it speaks of what the controller has not declared"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_fault_has_an_example_that_is_one() {
        for kind in described() {
            let has = EXAMPLES
                .iter()
                .filter(|(name, _)| *name == kind.name)
                .count();
            assert_eq!(has, 1, "examples of {}", kind.name);
        }
        assert_eq!(EXAMPLES.len(), described().len());
        for entry in faults() {
            assert_eq!(fault_name(&entry.example), entry.name());
        }
    }

    #[test]
    fn hazards_and_faults_name_each_other() {
        for entry in faults() {
            assert!(
                entry.hazards().next().is_some(),
                "{} is for nothing",
                entry.name()
            );
        }
        let known = |name: &String| faults().iter().any(|entry| entry.name() == name);
        for hazard in tables::hazards() {
            assert!(
                hazard.faults.iter().all(known),
                "{}: {:?}",
                hazard.id,
                hazard.faults
            );
            let injectable = hazard.hardware_only.is_none();
            assert_eq!(injectable, !hazard.faults.is_empty(), "{}", hazard.id);
        }
    }

    #[test]
    fn every_shipped_scenario_can_be_read() {
        assert_eq!(scenarios().len(), shipped::names(Kind::Scenario).count());
    }
}
