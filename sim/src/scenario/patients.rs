//! A file of a population.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use virtual_patient::{DoseRange, Kinetics, Population, Response, Spread, Vitals};

/// A population: the typical person, and how much people differ.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub struct PatientsFile {
    /// Version of this file kind: 1.
    pub schema: u32,
    /// One line.
    pub title: String,
    /// Where the drug is.
    pub kinetics: Kinetics,
    /// What it does.
    pub response: Response,
    /// What can be seen.
    pub vitals: Vitals,
    /// How much people differ.
    pub spread: Spread,
    /// What doses are possible.
    pub dose: DoseRange,
    /// Where each number comes from.
    pub sources: BTreeMap<String, String>,
}

impl PatientsFile {
    /// The population.
    #[must_use]
    pub const fn population(&self) -> Population {
        Population {
            kinetics: self.kinetics,
            response: self.response,
            vitals: self.vitals,
            spread: self.spread,
            dose: self.dose,
        }
    }
}
