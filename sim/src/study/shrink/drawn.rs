//! What was drawn for a patient, written out, so that it is the same whatever becomes of the draws.
//!
//! What a patient and a pump are made with is written out. What is drawn as a run goes on (how late a nurse is,
//! how scales scatter, which frame is lost) stays with the seed; `steps` tries to do without it.

use std::collections::BTreeMap;

use serde::Serialize;
use toml::{Table, Value};
use virtual_patient::{Parameters, Population};

use crate::case::Case;
use crate::scenario::{OnePatient, ProfileName, Scenario};
use crate::study::variant::{given, has_number, source};

/// Keys of the device that hold what a pump was made with, and those that it is drawn from.
pub(super) const MADE: [&str; 8] = [
    "pump.bias",
    "spread.bias_sd",
    "spread.bias_per_c_below_37_least",
    "spread.bias_per_c_below_37_greatest",
    "sensors.flow_gain_error",
    "sensors.flow_offset_ul_per_h",
    "spread.flow_gain_error_most",
    "spread.flow_offset_most_ul_per_h",
];

/// How the note on numbers that were drawn begins.
pub(super) const DRAWN: &str = "assumption: drawn";

/// The scenario of one case, with its patient and its pump written out.
pub(super) fn written_out(case: &Case<'_>) -> Scenario {
    let mut scenario = case.scenario().clone();
    scenario.arms = vec![case.arm().clone()];
    let reaches = u32::from(case.placement().new_drain) * 1_000;
    scenario.explant.infection_reaches_catheter_permille = reaches;
    let note = format!(
        "{DRAWN} for patient {} by seed {}",
        case.patient(),
        scenario.seed
    );
    given(&mut scenario);
    patient(case, &mut scenario, &note);
    pump(case, &mut scenario, &note);
    tidied(scenario)
}

/// Without sources of what is not there any more.
pub(super) fn tidied(mut scenario: Scenario) -> Scenario {
    let Scenario {
        adjust,
        arms,
        sources,
        ..
    } = &mut scenario;
    let oral = arms.iter().any(|arm| arm.oral.is_some());
    let adjunct = arms.iter().any(|arm| arm.adjunct.is_some());
    sources.retain(|key, _| {
        let (table, rest) = match key.split_once('.') {
            Some(("adjust", path)) => path.split_once('.').unwrap_or((path, "")),
            Some(("arms", path)) if path.starts_with("oral") => return oral,
            Some(("arms", path)) if path.starts_with("adjunct") => return adjunct,
            None if key == "arms" => return oral || adjunct,
            Some(_) | None => return true,
        };
        match table {
            "protocol" => has_number(&adjust.protocol, rest),
            "device" => has_number(&adjust.device, rest),
            "patients" => has_number(&adjust.patients, rest),
            _ => has_number(&adjust.people, rest),
        }
    });
    scenario
}

fn patient(case: &Case<'_>, scenario: &mut Scenario, note: &str) {
    let asked = scenario.patient.and_then(|one| one.start_dose_ug_per_day);
    scenario.cohort = None;
    if case.patient() == 0 {
        scenario.patient = Some(OnePatient {
            number: None,
            ..scenario.patient.unwrap_or_default()
        });
        return;
    }
    let drawn = case.as_drawn();
    scenario.patient = Some(OnePatient {
        number: Some(case.patient()),
        start_dose_ug_per_day: asked,
        as_written: true,
        paradoxical: Some(drawn.paradoxical),
    });
    let written = adjusted_parameters(&drawn, &case.library().population);
    scenario.adjust.patients.extend(written);
    source(scenario, "adjust.patients", note);
}

/// What makes this patient of the typical one of a population, as adjustments of it.
#[must_use]
pub fn adjusted_parameters(drawn: &Parameters, population: &Population) -> BTreeMap<String, Value> {
    let mut written = another("kinetics", &drawn.kinetics, &population.kinetics);
    written.extend(another("response", &drawn.response, &population.response));
    written
}

fn pump(case: &Case<'_>, scenario: &mut Scenario, note: &str) {
    let spec = case.device_spec();
    let mut put = |key: &str, value: f64| {
        let device = &mut scenario.adjust.device;
        device.insert(key.to_owned(), Value::Float(value));
    };
    put("pump.bias", spec.pump.bias);
    put("spread.bias_sd", 0.0);
    let per_c = spec.pump.bias_per_c_below_37;
    put("spread.bias_per_c_below_37_least", per_c);
    put("spread.bias_per_c_below_37_greatest", per_c);
    if scenario.profile == ProfileName::P2 {
        put("sensors.flow_gain_error", spec.sensors.flow_gain_error);
        let offset = spec.sensors.flow_offset_ul_per_h;
        put("sensors.flow_offset_ul_per_h", offset);
        put("spread.flow_gain_error_most", 0.0);
        put("spread.flow_offset_most_ul_per_h", 0.0);
    }
    source(scenario, "adjust.device", note);
}

/// The numbers of a table that are another than usual.
fn another<T: Serialize>(name: &str, drawn: &T, usual: &T) -> BTreeMap<String, Value> {
    let table = |of: &T| Table::try_from(of).unwrap_or_default();
    let usual = table(usual);
    table(drawn)
        .into_iter()
        .filter(|(key, value)| usual.get(key) != Some(value))
        .map(|(key, value)| (format!("{name}.{key}"), value))
        .collect()
}

/// What a scenario adjusts of the files that it names.
pub(super) fn adjusted(scenario: &Scenario) -> Vec<String> {
    let adjust = &scenario.adjust;
    let tables = [
        &adjust.protocol,
        &adjust.device,
        &adjust.patients,
        &adjust.people,
    ];
    tables
        .into_iter()
        .flat_map(BTreeMap::keys)
        .cloned()
        .collect()
}
