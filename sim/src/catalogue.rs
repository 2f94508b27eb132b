//! What there is to inject, and what it stands for: the words behind `weanbench list`.
//!
//! A test sees that every kind of fault, with every one of its parameters, is described here.

use crate::config::Library;
use crate::scenario::{EntryName, FaultKind, ProfileName, RawNumber, ReadingName};
use crate::shipped::{self, Kind};
use crate::tables;
use crate::verdict::{RequirementVerdict, RunVerdict};

/// A number or word that a kind of fault takes.
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    /// Its key.
    pub name: &'static str,
    /// Its unit; empty for none.
    pub unit: &'static str,
    /// What it may be.
    pub range: &'static str,
}

/// A kind of fault.
#[derive(Clone, Copy, Debug)]
pub struct FaultEntry {
    /// The key under `what`.
    pub name: &'static str,
    /// What happens.
    pub text: &'static str,
    /// What it takes.
    pub parameters: &'static [Parameter],
    /// One of its kind.
    pub example: FaultKind,
}

const fn parameter(name: &'static str, unit: &'static str, range: &'static str) -> Parameter {
    Parameter { name, unit, range }
}

/// Every kind of fault.
pub const FAULTS: &[FaultEntry] = &[
    FaultEntry {
        name: "occlude",
        text: "the line behind the connector is kinked or blocked",
        parameters: &[parameter(
            "resistance_times",
            "healthy resistance",
            "2 to 1e12",
        )],
        example: FaultKind::Occlude {
            resistance_times: 1e7,
        },
    },
    FaultEntry {
        name: "disconnect",
        text: "the connector comes apart; drug is spilled, CSF backs out",
        parameters: &[parameter("csf_backflow_ml_per_h", "mL/h", "0.001 to 100")],
        example: FaultKind::Disconnect {
            csf_backflow_ml_per_h: 5.0,
        },
    },
    FaultEntry {
        name: "pump_gain",
        text: "the pump moves more or less than it is set to",
        parameters: &[parameter("gain", "set flow", "0 to 100, not 1")],
        example: FaultKind::PumpGain { gain: 1.5 },
    },
    FaultEntry {
        name: "unprimed_drain",
        text: "a new drain is placed without drug in it",
        parameters: &[],
        example: FaultKind::UnprimedDrain,
    },
    FaultEntry {
        name: "garble_reading",
        text: "a number on the way from the pump is replaced",
        parameters: &[
            parameter(
                "reading",
                "",
                "delivered, reservoir, flow, pressure, temperature, battery",
            ),
            parameter(
                "value",
                "that of the reading",
                "any number, \"nan\", \"inf\"",
            ),
        ],
        example: FaultKind::GarbleReading {
            reading: ReadingName::Delivered,
            value: RawNumber(-1.0),
        },
    },
    FaultEntry {
        name: "mistype",
        text: "a number on the nurse's sheet is replaced",
        parameters: &[
            parameter(
                "entry",
                "",
                "spasticity, sedation, breaths, itch, heart_rate, temperature",
            ),
            parameter("value", "that of the entry", "any number, \"nan\", \"inf\""),
        ],
        example: FaultKind::Mistype {
            entry: EntryName::Spasticity,
            value: RawNumber(-1.0),
        },
    },
];

/// The name of a kind of fault.
#[must_use]
pub const fn fault_name(what: &FaultKind) -> &'static str {
    match what {
        FaultKind::Occlude { .. } => "occlude",
        FaultKind::Disconnect { .. } => "disconnect",
        FaultKind::PumpGain { .. } => "pump_gain",
        FaultKind::UnprimedDrain => "unprimed_drain",
        FaultKind::GarbleReading { .. } => "garble_reading",
        FaultKind::Mistype { .. } => "mistype",
    }
}

impl FaultEntry {
    /// The hazards that it brings about.
    pub fn hazards(&self) -> impl Iterator<Item = &'static str> {
        let brings = |hazard: &&tables::Hazard| hazard.faults.iter().any(|it| it == self.name);
        let hazards = tables::hazards().iter().filter(brings);
        hazards
            .map(|hazard| hazard.id.as_str())
            .collect::<Vec<_>>()
            .into_iter()
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
        RunVerdict::Unsafe => "harm although an alarm stood, or a requirement violated",
        RunVerdict::UndetectedUnsafe => "harm that a fitted sensor could have shown, and no alarm",
        RunVerdict::FalseAlarm => "urgent alarms without a fault, more than one in 24 h",
        RunVerdict::Vacuous => "a declared fault had no effect: the run proves nothing",
        RunVerdict::NotDetectable => "harm that no fitted sensor could have shown",
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
        RequirementVerdict::NotApplicable => "no controller",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::*;

    /// Every kind of fault with its parameters, as the schema of the file knows them.
    fn of_schema() -> BTreeSet<(String, Vec<String>)> {
        let schema = serde_json::to_value(schemars::schema_for!(FaultKind)).unwrap();
        let mut found = BTreeSet::new();
        for variant in schema["oneOf"].as_array().unwrap() {
            let words = variant["enum"].as_array().into_iter().flatten();
            for word in words.chain(variant.get("const")).filter_map(Value::as_str) {
                found.insert((word.to_owned(), Vec::new()));
            }
            for (name, body) in variant["properties"].as_object().into_iter().flatten() {
                let keys = body["properties"].as_object().into_iter().flatten();
                let mut keys: Vec<String> = keys.map(|(key, _)| key.clone()).collect();
                keys.sort_unstable();
                found.insert((name.clone(), keys));
            }
        }
        found
    }

    #[test]
    fn every_kind_of_fault_is_described_with_its_parameters() {
        let described: BTreeSet<_> = FAULTS
            .iter()
            .map(|entry| {
                let mut keys: Vec<String> = entry
                    .parameters
                    .iter()
                    .map(|it| it.name.to_owned())
                    .collect();
                keys.sort_unstable();
                (entry.name.to_owned(), keys)
            })
            .collect();
        assert_eq!(described, of_schema());
        for entry in FAULTS {
            assert_eq!(fault_name(&entry.example), entry.name);
        }
    }

    #[test]
    fn hazards_and_faults_name_each_other() {
        for entry in FAULTS {
            assert!(
                entry.hazards().next().is_some(),
                "{} is for nothing",
                entry.name
            );
        }
        let known = |name: &String| FAULTS.iter().any(|entry| entry.name == name);
        for hazard in tables::hazards() {
            assert!(
                hazard.faults.iter().all(known),
                "{}: {:?}",
                hazard.id,
                hazard.faults
            );
        }
    }

    #[test]
    fn every_shipped_scenario_can_be_read() {
        assert_eq!(scenarios().len(), shipped::names(Kind::Scenario).count());
    }
}
