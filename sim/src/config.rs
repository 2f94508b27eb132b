//! A scenario with every file that it names, read and checked together.
//!
//! A name that ends in `.toml` is a path from the scenario's own folder. Any other name is looked for
//! beside the scenario, in `../protocols/` and its like, and then among the files that ship with the
//! bench, so that a scenario copied to another folder still runs.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use virtual_patient::Population;

use crate::input::{Diagnostic, Document, code, suggest};
use crate::port::{Controllers, Shipped};
use crate::requirement::Requirements;
use crate::scenario::{self, DeviceFile, PatientsFile, PeopleFile, ProtocolFile, Scenario, check};
use crate::shipped::{self, Kind};

/// The files that a scenario names, as they were read.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Texts {
    /// The protocol.
    pub protocol: String,
    /// The kind of device.
    pub device: String,
    /// The ward.
    pub people: String,
    /// The patients.
    pub patients: String,
}

impl Texts {
    fn of(&self, kind: Kind) -> Option<&str> {
        match kind {
            Kind::Protocol => Some(&self.protocol),
            Kind::Device => Some(&self.device),
            Kind::People => Some(&self.people),
            Kind::Patients => Some(&self.patients),
            Kind::Scenario => None,
        }
    }
}

/// Everything that a run is made of.
#[derive(Clone, Debug)]
pub struct Library {
    /// The scenario, overrides applied.
    pub scenario: Scenario,
    /// The scenario's text as it was read.
    pub text: String,
    /// The texts of the files that it names.
    pub texts: Texts,
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
    /// What runs are judged by.
    pub requirements: Arc<Requirements>,
    /// Where the controllers of its runs come from.
    pub controllers: Arc<dyn Controllers>,
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
        let folder = path.parent().unwrap_or(Path::new(""));
        Self::assemble(Document::read(path)?, Shelf::Folder(folder), overrides)
    }

    /// A scenario that ships with the bench, with the files that do; none when there is no such one.
    ///
    /// # Errors
    /// Every complaint that could be found.
    pub fn shipped(name: &str, overrides: &[String]) -> Option<Result<Self, Refused>> {
        let text = shipped::text(Kind::Scenario, name)?;
        let document =
            Document::from_text(format!("{}/{name}.toml", Kind::Scenario.folder()), text);
        Some(Self::assemble(document, Shelf::Shipped, overrides))
    }

    /// A scenario from its text, as if it lay in `folder`.
    ///
    /// # Errors
    /// Every complaint that could be found.
    pub fn from_text(
        name: &str,
        text: &str,
        folder: &Path,
        overrides: &[String],
    ) -> Result<Self, Refused> {
        Self::assemble(
            Document::from_text(name, text),
            Shelf::Folder(folder),
            overrides,
        )
    }

    /// A scenario and all that it names from their texts, without a look at any folder.
    ///
    /// # Errors
    /// Every complaint that could be found.
    pub fn from_texts(
        name: &str,
        text: &str,
        texts: &Texts,
        overrides: &[String],
    ) -> Result<Self, Refused> {
        Self::assemble(
            Document::from_text(name, text),
            Shelf::Given(texts),
            overrides,
        )
    }

    fn assemble(
        mut document: Document,
        shelf: Shelf<'_>,
        overrides: &[String],
    ) -> Result<Self, Refused> {
        for assignment in overrides {
            document
                .set(assignment)
                .map_err(|complaint| vec![complaint])?;
        }
        let document = &document;
        let scenario: Scenario = document.decode()?;
        let sources = sources();
        let mut complaints = document.check_sources(&sources, scenario::EXEMPT);
        complaints.extend(check(document, &scenario));
        let place = Place {
            document,
            shelf,
            sources: &sources,
        };
        let adjust = &scenario.adjust;
        let protocol =
            place.read::<ProtocolFile>(Kind::Protocol, &scenario.protocol, &adjust.protocol);
        let device = place.read::<DeviceFile>(Kind::Device, &scenario.device, &adjust.device);
        let people = place.read::<PeopleFile>(Kind::People, &scenario.people, &adjust.people);
        let patients =
            place.read::<PatientsFile>(Kind::Patients, &scenario.patients, &adjust.patients);
        match (protocol, device, people, patients) {
            (Ok(protocol), Ok(device), Ok(people), Ok(patients)) if complaints.is_empty() => {
                let library = Self {
                    scenario,
                    text: document.text().to_owned(),
                    texts: Texts {
                        protocol: protocol.0.text().to_owned(),
                        device: device.0.text().to_owned(),
                        people: people.0.text().to_owned(),
                        patients: patients.0.text().to_owned(),
                    },
                    overrides: overrides.to_vec(),
                    protocol: protocol.1,
                    device: device.1,
                    people: people.1,
                    population: patients.1.population(),
                    requirements: Requirements::shipped(),
                    controllers: Arc::new(Shipped),
                };
                library
                    .fits_together(document, &protocol.0)
                    .map(|()| library)
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
                complaints.push(protocol.refuse(
                    key,
                    code::OUT_OF_RANGE,
                    problem.to_string(),
                    None,
                ));
                break;
            }
        }
        let (limits, pump) = (&self.protocol.limits, &self.device.pump);
        let both = [
            (
                "limits.flow_least_ul_per_h",
                limits.flow_least_ul_per_h,
                pump.flow_least_ul_per_h,
            ),
            (
                "limits.flow_quantum_ul_per_h",
                limits.flow_quantum_ul_per_h,
                pump.flow_quantum_ul_per_h,
            ),
            (
                "limits.flow_prime_ul_per_h",
                limits.flow_prime_ul_per_h,
                pump.flow_prime_ul_per_h,
            ),
        ];
        for (key, here, there) in both
            .into_iter()
            .filter(|(_, here, there)| here.to_bits() != there.to_bits())
        {
            let message = format!("`{key}` is {here}, and the device says {there}");
            let help = Some("the controller's copy of the pump's figures must be right".to_owned());
            complaints.push(protocol.refuse(key, code::OUT_OF_RANGE, message, help));
        }
        let floor = f64::from(self.scenario.explant.drug_ug_per_ml)
            * self.protocol.limits.flow_least_ul_per_h
            * 24.0
            / 1e3;
        let dose = self
            .scenario
            .patient
            .and_then(|one| one.start_dose_ug_per_day);
        if let Some(dose) = dose.filter(|dose| *dose < floor) {
            let message = format!(
                "a start dose of {dose} µg/day is below what the pump can deliver of this drug, {floor} µg/day"
            );
            let help = Some("fill the pump with a lower `explant.drug_ug_per_ml`".to_owned());
            let key = "patient.start_dose_ug_per_day";
            complaints.push(document.refuse(key, code::OUT_OF_RANGE, message, help));
        }
        if complaints.is_empty() {
            Ok(())
        } else {
            Err(complaints)
        }
    }
}

/// Where the files that a scenario names are looked for.
#[derive(Clone, Copy)]
enum Shelf<'a> {
    /// In this folder, beside it, and among those that ship with the bench.
    Folder(&'a Path),
    /// Only among those that ship with the bench.
    Shipped,
    /// Nowhere: here they are.
    Given(&'a Texts),
}

/// Reads the files that a scenario names.
struct Place<'a> {
    document: &'a Document,
    shelf: Shelf<'a>,
    sources: &'a BTreeSet<String>,
}

impl Place<'_> {
    /// The file of a kind, with the scenario's own adjustments put over it.
    fn read<T: DeserializeOwned>(
        &self,
        kind: Kind,
        name: &str,
        adjust: &BTreeMap<String, toml::Value>,
    ) -> Result<(Document, T), Refused> {
        let mut document = self.find(kind, name)?;
        for (key, value) in adjust {
            document
                .set(&format!("{key}={value}"))
                .map_err(|complaint| vec![complaint])?;
        }
        let file: T = document.decode()?;
        let mut complaints = document.check_sources(self.sources, &["schema"]);
        complaints.extend(scenario::ranges::check(kind, &document));
        if complaints.is_empty() {
            Ok((document, file))
        } else {
            Err(complaints)
        }
    }

    fn find(&self, kind: Kind, name: &str) -> Result<Document, Refused> {
        match self.shelf {
            Shelf::Given(texts) => {
                let name = format!("{} `{name}`", kind.word());
                return Ok(Document::from_text(
                    name,
                    texts.of(kind).unwrap_or_default(),
                ));
            }
            Shelf::Folder(folder) if name.ends_with(".toml") => {
                return Document::read(folder.join(name));
            }
            Shelf::Folder(folder) => {
                let beside: PathBuf = folder
                    .join("..")
                    .join(kind.folder())
                    .join(format!("{name}.toml"));
                if beside.is_file() {
                    return Document::read(beside);
                }
            }
            Shelf::Shipped => {}
        }
        if let Some(text) = shipped::text(kind, name) {
            return Ok(Document::from_text(
                format!("{}/{name}.toml", kind.folder()),
                text,
            ));
        }
        let known: Vec<&str> = shipped::names(kind).collect();
        let message = format!("there is no {} called `{name}`", kind.word());
        let help =
            suggest(name, &known).or_else(|| Some(format!("known are: {}", known.join(", "))));
        Err(vec![self.document.refuse(
            kind.key(),
            code::NOT_FOUND,
            message,
            help,
        )])
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
    document
        .decode()
        .expect("the shipped list of sources is checked by a test")
}
