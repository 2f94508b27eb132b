//! Ranges of the numbers in the files that a scenario names.
//!
//! A range says what a number can mean at all, not what would be wise: a pump without a stroke, a nurse
//! who comes every zero minutes or a negative volume would stop the bench or empty its physics.

use crate::input::{Diagnostic, Document, Place, code};
use crate::shipped::Kind;

/// A key, or the beginning of one, and the least and most that it can be. The longest fit counts.
type Range = (&'static str, f64, f64);

const DEVICE: &[Range] = &[
    ("pump", 0.0, 1e8),
    ("pump.stroke_ul", 1e-4, 100.0),
    ("pump.flow_quantum_ul_per_h", 1e-4, 10.0),
    ("pump.flow_least_ul_per_h", 1e-3, 1e3),
    ("pump.flow_greatest_ul_per_h", 1.0, 1e5),
    ("pump.flow_prime_ul_per_h", 1.0, 1e5),
    ("pump.reservoir_capacity_ul", 100.0, 1e5),
    ("pump.bias", -0.5, 0.5),
    ("pump.bias_per_c_below_37", -0.05, 0.05),
    ("pump.bias_per_kpa_below_standard", -0.05, 0.05),
    ("pump.factor_least", 0.1, 1.0),
    ("pump.factor_greatest", 1.0, 5.0),
    ("pump.limit_margin", 1.0, 2.0),
    ("pump.slip_mmhg", 101.0, 1e5),
    ("line.tubing_ul", 1.0, 1e4),
    ("line.compliance_ul_per_mmhg", 1e-6, 100.0),
    ("line.resistance_mmhg_per_ul_per_h", 1e-9, 1e3),
    ("catheters", 1.0, 1e4),
    ("sensors", 0.0, 1e6),
    ("sensors.flow_gain_error", -0.9, 10.0),
    ("sensors.flow_offset_ul_per_h", -1e3, 1e3),
    ("spread", 0.0, 10.0),
    ("spread.bias_per_c_below_37_least", -0.05, 0.05),
    ("spread.bias_per_c_below_37_greatest", -0.05, 0.05),
    ("spread.drift_tau_h", 0.01, 1e4),
];

const PEOPLE: &[Range] = &[
    ("nurse", 0.0, 1_440.0),
    ("nurse.assess_every_min", 1.0, 10_080.0),
    ("nurse.repeat_after_s", 1.0, 86_400.0),
    ("nurse.weigh_every_min", 1.0, 10_080.0),
    ("nurse.noise", 0.0, 100.0),
    ("clinician", 0.0, 10_080.0),
    ("clinician.hold_to_run_every_s", 1.0, 60.0),
    ("clinician.refill_ml", 2.0, 40.0),
];

const PATIENTS: &[Range] = &[
    ("kinetics", 1e-6, 1e4),
    ("response", 0.0, 1e4),
    ("response.hill", 0.1, 10.0),
    ("response.tau_dependence_h", 0.01, 1e4),
    ("response.tau_onset_h", 0.01, 1e4),
    ("response.tau_recovery_h", 0.01, 1e4),
    ("response.accepted_spinal", 0.01, 0.99),
    ("response.accepted_brain", 0.01, 0.99),
    ("vitals", -1e3, 1e3),
    ("spread", 0.0, 1e3),
    ("spread.beta_sum_spinal", 0.1, 1e4),
    ("spread.beta_sum_brain", 0.1, 1e4),
    ("dose", 1.0, 1e4),
];

/// Pairs of a least and a most.
const PAIRS: &[&str] = &[
    "nurse.repeat_after_s",
    "clinician.answers_alarm_min",
    "clinician.answers_question_min",
    "clinician.second_user_s",
    "clinician.starts_s",
    "clinician.catheter_out_min",
];

/// Every number of a file that is outside its range.
#[must_use]
pub fn check(kind: Kind, document: &Document) -> Vec<Diagnostic> {
    let ranges = match kind {
        Kind::Device => DEVICE,
        Kind::People => PEOPLE,
        Kind::Patients => PATIENTS,
        // The controller judges a protocol; a scenario and a campaign have checks of their own.
        Kind::Protocol | Kind::Scenario | Kind::Campaign => return Vec::new(),
    };
    let numbers: Vec<(String, f64, Place)> = document
        .numbers()
        .into_iter()
        .filter_map(|leaf| {
            let value = leaf.written.replace('_', "").parse().ok()?;
            Some((leaf.path, value, leaf.place))
        })
        .collect();
    let value = |path: &str| {
        numbers
            .iter()
            .find(|(known, ..)| known == path)
            .map(|(_, it, _)| *it)
    };
    let outside = numbers.iter().filter_map(|(path, value, place)| {
        let fits = |(key, ..): &&Range| {
            path.strip_prefix(key)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        let (_, least, most) = ranges
            .iter()
            .filter(fits)
            .max_by_key(|(key, ..)| key.len())?;
        let message = format!("`{path}` is {value}; it must be between {least} and {most}");
        let good = (*least..=*most).contains(value);
        (!good).then(|| Diagnostic::at(place.clone(), code::OUT_OF_RANGE, message))
    });
    let reversed = PAIRS.iter().filter_map(|pair| {
        let [least, most] = [0, 1].map(|place| value(&format!("{pair}.{place}")));
        (least? > most?).then(|| {
            let message = format!(
                "`{pair}` goes from {} to {}",
                least.unwrap_or_default(),
                most.unwrap_or_default()
            );
            document.refuse(
                pair,
                code::OUT_OF_RANGE,
                message,
                Some("the least comes first".to_owned()),
            )
        })
    });
    outside.chain(reversed).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shipped;

    #[test]
    fn every_number_of_a_shipped_file_has_a_range_and_is_in_it() {
        for (kind, ranges) in [
            (Kind::Device, DEVICE),
            (Kind::People, PEOPLE),
            (Kind::Patients, PATIENTS),
        ] {
            for name in shipped::names(kind) {
                let document = Document::from_text(name, shipped::text(kind, name).unwrap());
                assert_eq!(check(kind, &document), Vec::new(), "{name}");
                for leaf in document
                    .numbers()
                    .iter()
                    .filter(|leaf| leaf.path != "schema")
                {
                    let known = ranges.iter().any(|(key, ..)| leaf.path.starts_with(key));
                    assert!(known, "{name}: {} has no range", leaf.path);
                }
            }
        }
    }

    #[test]
    fn a_nurse_who_never_rests_is_refused() {
        let text = shipped::text(Kind::People, "ward").unwrap();
        let text = text
            .replace("assess_every_min = 180", "assess_every_min = 0")
            .replace("repeat_after_s = [60, 90]", "repeat_after_s = [90, 60]");
        let found = check(Kind::People, &Document::from_text("ward.toml", text));
        assert_eq!(found.len(), 2, "{found:?}");
    }
}
