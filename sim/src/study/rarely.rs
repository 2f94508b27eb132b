//! The probability that a wean breaks a requirement, over whom it may be done to and with which pump.
//!
//! A point is a patient and a pump: the seventeen normals of a patient, and those of what a pump was made with.
//! What is drawn as a run goes on stays with the scenario's seed, and so do its faults; the probability is of
//! that scenario with that seed. Its level is the requirement's margin as a share of what is allowed, so the
//! requirement must have one: of a yes or no nothing tells how near it was.
//!
//! Never here: how the way down is found ([`super::rare`]).

use statrs::distribution::{ContinuousCDF, Normal};
use toml::Value;
use virtual_patient::{Draw, Parameters, UnitNormals};

use super::cohort::run_case;
use super::rare::Space;
use super::shrink::adjusted_parameters;
use super::variant::variant;
use crate::case::Case;
use crate::config::Library;
use crate::scenario::{OnePatient, Scenario};

/// The normals of a pump: its bias, and what warmth does to it.
const PUMP: usize = 2;

/// Weans of one scenario, by patient and pump.
pub struct Weans<'a> {
    library: &'a Library,
    scenario: Scenario,
    /// The requirement, by its place among those that are judged.
    place: usize,
}

impl<'a> Weans<'a> {
    /// Weans of the first arm with a controller.
    #[must_use]
    pub fn new(library: &'a Library, place: usize) -> Self {
        let mut scenario = library.scenario.clone();
        scenario
            .arms
            .retain(|arm| arm.infusion == crate::scenario::Infusion::Wean);
        scenario.arms.truncate(1);
        scenario.cohort = None;
        scenario.expect = None;
        Self {
            library,
            scenario,
            place,
        }
    }

    /// The scenario of one point.
    #[must_use]
    pub fn scenario(&self, point: &[f64]) -> Scenario {
        let mut normals = [0.0; Draw::COUNT];
        for (normal, value) in normals.iter_mut().zip(point) {
            *normal = *value;
        }
        let population = &self.library.population;
        let drawn = Parameters::drawn(population, &UnitNormals(normals));
        let mut it = self.scenario.clone();
        let one = it.patient.unwrap_or_default();
        it.patient = Some(OnePatient {
            as_written: true,
            paradoxical: Some(drawn.paradoxical),
            ..one
        });
        let written = adjusted_parameters(&drawn, population);
        it.adjust.patients.extend(written);
        self.pump(&mut it, &point[Draw::COUNT.min(point.len())..]);
        for key in ["adjust.patients", "adjust.device"] {
            let note = "assumption: drawn".to_owned();
            it.sources.entry(key.to_owned()).or_insert(note);
        }
        it
    }

    fn pump(&self, it: &mut Scenario, normals: &[f64]) {
        let (device, spread) = (&self.library.device.pump, &self.library.device.spread);
        let [bias, warmth] = [0, 1].map(|place| normals.get(place).copied().unwrap_or(0.0));
        let share = Normal::standard().cdf(warmth);
        let (least, most) = (
            spread.bias_per_c_below_37_least,
            spread.bias_per_c_below_37_greatest,
        );
        let per_c = least + (most - least) * share;
        for (key, value) in [
            ("pump.bias", device.bias + spread.bias_sd * bias),
            ("spread.bias_sd", 0.0),
            ("spread.bias_per_c_below_37_least", per_c),
            ("spread.bias_per_c_below_37_greatest", per_c),
        ] {
            it.adjust.device.insert(key.to_owned(), Value::Float(value));
        }
    }
}

impl Space for Weans<'_> {
    fn dimensions(&self) -> usize {
        Draw::COUNT + PUMP
    }

    /// The margin; one where there was nothing to judge, or where nobody can be like that.
    fn level(&self, point: &[f64]) -> f64 {
        let margin = || {
            let library = variant(self.library, &self.scenario(point)).ok()?;
            let patient = super::cohort::patients(&library)[0];
            let case = Case::new(&library, &library.scenario.arms[0], patient).ok()?;
            let judged = run_case(&case).ok()?;
            judged.findings.get(self.place)?.normalised
        };
        margin().unwrap_or(1.0)
    }
}
