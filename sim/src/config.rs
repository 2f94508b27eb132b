//! A scenario with every file that it names, read and checked together.
//!
//! A name that ends in `.toml` is a path from the scenario's own folder. Any other name is looked for
//! beside the scenario, in `../protocols/` and its like, and then among the files that ship with the
//! bench, so that a scenario copied to another folder still runs.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::DeserializeOwned;
use virtual_patient::Population;

use crate::input::{Diagnostic, Document, code, suggest};
use crate::scenario::{
    self, DeviceFile, PatientsFile, PeopleFile, ProtocolFile, Scenario, check,
};
use crate::shipped::{self, Kind};

/// Everything that a run is made of.
#[derive(Clone, Debug)]
pub struct Library {
    /// The scenario, overrides applied.
    pub scenario: Scenario,
    /// The scenario's text as it was read.
    pub text: String,
    /// The overrides that were applied to it.
    pub overrides: Vec<String>,
    /// The protocol.
    pub protocol: ProtocolFile,
    /// The kind of device.
    pub device: DeviceFile,
    /// The ward.
    pub people: PeopleFile,
    /// The patients.
    pub population: Population,
}

/// One entry of the list of sources.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Who, what, where.
    pub citation: String,
    /// Which figure it gives.
    pub supports: String,
    /// How much of it was seen: abstract, excerpt or knowledge.
    pub seen: String,
}

/// Every complaint about what was read.
pub type Refused = Vec<Diagnostic>;

impl Library {
    /// Reads a scenario and all that it names, with `overrides` put over the scenario.
    ///
    /// # Errors
    /// Every complaint that could be found.
    pub fn read(path: &Path, overrides: &[String]) -> Result<Self, Refused> {
        let mut document = Document::read(path)?;
        for assignment in overrides {
            document.set(assignment).map_err(|complaint| vec![complaint])?;
        }
        Self::assemble(&document, path.parent().unwrap_or(Path::new("")), overrides)
    }

    /// A scenario from its text, as if it lay in `folder`.
    ///
    /// # Errors
    /// Every complaint that could be found.
    pub fn from_text(name: &str, text: &str, folder: &Path, overrides: &[String]) -> Result<Self, Refused> {
        let mut document = Document::from_text(name, text);
        for assignment in overrides {
            document.set(assignment).map_err(|complaint| vec![complaint])?;
        }
        Self::assemble(&document, folder, overrides)
    }

    fn assemble(document: &Document, folder: &Path, overrides: &[String]) -> Result<Self, Refused> {
        let scenario: Scenario = document.decode()?;
        let sources = sources();
        let mut complaints = document.check_sources(&sources, scenario::EXEMPT);
        complaints.extend(check(document, &scenario));
        let place = Place { document, folder, sources: &sources };
        let protocol = place.read::<ProtocolFile>(Kind::Protocol, "protocol", &scenario.protocol);
        let device = place.read::<DeviceFile>(Kind::Device, "device", &scenario.device);
        let people = place.read::<PeopleFile>(Kind::People, "people", &scenario.people);
        let patients = place.read::<PatientsFile>(Kind::Patients, "patients", &scenario.patients);
        match (protocol, device, people, patients) {
            (Ok(protocol), Ok(device), Ok(people), Ok(patients)) if complaints.is_empty() => {
                let library = Self {
                    scenario,
                    text: document.text().to_owned(),
                    overrides: overrides.to_vec(),
                    protocol: protocol.1,
                    device: device.1,
                    people: people.1,
                    population: patients.1.population(),
                };
                library.fits_together(document, &protocol.0).map(|()| library)
            }
            (protocol, device, people, patients) => {
                complaints.extend(protocol.err().into_iter().flatten());
                complaints.extend(device.err().into_iter().flatten());
                complaints.extend(people.err().into_iter().flatten());
                complaints.extend(patients.err().into_iter().flatten());
                Err(complaints)
            }
        }
    }

    /// What only shows when the files meet: the controller's own rules, and the patient's dose.
    fn fits_together(&self, document: &Document, protocol: &Document) -> Result<(), Refused> {
        let mut complaints = Vec::new();
        for arm in &self.scenario.arms {
            if let Err(problem) = crate::case::Case::new(self, arm, 0) {
                let key = problem.key();
                complaints.push(protocol.refuse(key, code::OUT_OF_RANGE, problem.to_string(), None));
                break;
            }
        }
        let floor = f64::from(self.scenario.explant.drug_ug_per_ml)
            * self.protocol.limits.flow_least_ul_per_h
            * 24.0
            / 1e3;
        let dose = self.scenario.patient.and_then(|one| one.start_dose_ug_per_day);
        if let Some(dose) = dose.filter(|dose| *dose < floor) {
            let message = format!("a start dose of {dose} µg/day is below what the pump can deliver of this drug, {floor} µg/day");
            let help = Some("fill the pump with a lower `explant.drug_ug_per_ml`".to_owned());
            let key = "patient.start_dose_ug_per_day";
            complaints.push(document.refuse(key, code::OUT_OF_RANGE, message, help));
        }
        if complaints.is_empty() { Ok(()) } else { Err(complaints) }
    }
}

/// Where the files that a scenario names are looked for.
struct Place<'a> {
    document: &'a Document,
    folder: &'a Path,
    sources: &'a BTreeSet<String>,
}

impl Place<'_> {
    fn read<T: DeserializeOwned>(&self, kind: Kind, key: &str, name: &str) -> Result<(Document, T), Refused> {
        let document = self.find(kind, key, name)?;
        let file: T = document.decode()?;
        let complaints = document.check_sources(self.sources, &["schema"]);
        if complaints.is_empty() { Ok((document, file)) } else { Err(complaints) }
    }

    fn find(&self, kind: Kind, key: &str, name: &str) -> Result<Document, Refused> {
        if name.ends_with(".toml") {
            return Document::read(self.folder.join(name));
        }
        let beside: PathBuf =
            self.folder.join("..").join(kind.folder()).join(format!("{name}.toml"));
        if beside.is_file() {
            return Document::read(beside);
        }
        if let Some(text) = shipped::text(kind, name) {
            return Ok(Document::from_text(format!("{}/{name}.toml", kind.folder()), text));
        }
        let known: Vec<&str> = shipped::names(kind).collect();
        let message = format!("there is no {} called `{name}`", kind.word());
        let help = suggest(name, &known).or_else(|| Some(format!("known are: {}", known.join(", "))));
        Err(vec![self.document.refuse(key, code::NOT_FOUND, message, help)])
    }
}

/// The slugs of the list of sources.
fn sources() -> BTreeSet<String> {
    source_list().into_keys().collect()
}

/// The list of sources that ships with the bench.
///
/// # Panics
/// Never: a test reads the list.
#[must_use]
pub fn source_list() -> BTreeMap<String, Source> {
    let document = Document::from_text("sources.toml", shipped::SOURCES);
    document.decode().expect("the shipped list of sources is checked by a test")
}
