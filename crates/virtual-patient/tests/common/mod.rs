//! The population of `configs/patients/`, read without a parser of anything but `[table]` and `key = number`.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use virtual_patient::{
    DoseRange, Kinetics, Population, Response, Seizure, Spread, VitalSign, Vitals,
};

/// A file of the repository, by its path from the root.
pub(crate) fn repository_file(path: &str) -> String {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    fs::read_to_string(root.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// All numbers of the file, by `table.key`; taken out one by one, so that none is left over.
struct Numbers(BTreeMap<String, f64>);

impl Numbers {
    fn read(text: &str) -> Self {
        let mut table = String::new();
        let mut numbers = BTreeMap::new();
        for line in text.lines() {
            let line = line.split('#').next().unwrap_or_default().trim();
            if let Some(name) = line.strip_prefix('[') {
                table = name.trim_end_matches(']').to_owned();
            } else if !table.is_empty()
                && let Some((key, value)) = line.split_once(" = ")
                && let Ok(value) = value.trim().parse()
            {
                numbers.insert(format!("{table}.{key}"), value);
            }
        }
        Self(numbers)
    }

    fn take(&mut self, key: &str) -> f64 {
        self.0
            .remove(key)
            .unwrap_or_else(|| panic!("{key} is missing"))
    }
}

macro_rules! fill {
    ($numbers:expr, $table:expr, $kind:ident { $($field:ident),* $(,)? }) => {
        $kind { $($field: $numbers.take(&format!("{}.{}", $table, stringify!($field)))),* }
    };
}

/// The adults.
pub(crate) fn population() -> Population {
    let mut numbers = Numbers::read(&repository_file("configs/patients/baclofen-adults.toml"));
    let from = &mut numbers;
    let population = Population {
        kinetics: kinetics(from),
        response: response(from),
        vitals: vitals(from),
        spread: spread(from),
        dose: fill!(
            from,
            "dose",
            DoseRange {
                lowest_ug_per_day,
                highest_ug_per_day
            }
        ),
    };
    assert!(numbers.0.is_empty(), "left over: {:?}", numbers.0);
    population
}

fn kinetics(from: &mut Numbers) -> Kinetics {
    fill!(
        from,
        "kinetics",
        Kinetics {
            v1_ml,
            v2_ml,
            v3_ml,
            cl1_ml_per_h,
            cl2_ml_per_h,
            cl3_ml_per_h,
            q12_ml_per_h,
            q23_ml_per_h,
            ke_spinal_per_h,
            ke_brain_per_h,
            delivery,
            ka_per_h,
            k10_per_h,
            k12_per_h,
            k21_per_h,
            vc_l,
            bioavailability,
            csf_to_plasma,
            gain_spinal,
            gain_brain,
        }
    )
}

fn response(from: &mut Numbers) -> Response {
    fill!(
        from,
        "response",
        Response {
            hill,
            ec50_spinal_ng_per_ml,
            accepted_spinal,
            accepted_brain,
            tau_dependence_h,
            tau_onset_h,
            tau_recovery_h,
            weight_spinal,
            weight_brain,
            threshold,
            kappa,
            overdose_threshold,
            mas_untreated,
            mas_effect_max,
            mas_per_withdrawal,
            mas_per_overdose,
            spasm_max,
            spasm_half_at_mas,
        }
    )
}

fn vitals(from: &mut Numbers) -> Vitals {
    let mut sign = |name: &str| {
        let table = format!("vitals.{name}");
        fill!(
            from,
            table,
            VitalSign {
                rest,
                withdrawal_change,
                withdrawal_half,
                overdose_change,
                overdose_half,
                lag_h,
            }
        )
    };
    Vitals {
        heart_rate_per_min: sign("heart_rate_per_min"),
        systolic_mmhg: sign("systolic_mmhg"),
        temperature_c: sign("temperature_c"),
        breaths_per_min: sign("breaths_per_min"),
        saturation_percent: sign("saturation_percent"),
        sedation: sign("sedation"),
        itch: sign("itch"),
        seizure: fill!(
            from,
            "vitals.seizure",
            Seizure {
                max_per_h,
                withdrawal_half
            }
        ),
    }
}

fn spread(from: &mut Numbers) -> Spread {
    fill!(
        from,
        "spread",
        Spread {
            cv_volume,
            cv_clearance,
            cv_exchange,
            cv_ke,
            cv_ke_ratio,
            cv_k10,
            cv_delivery,
            cv_ec50,
            cv_gain_spinal,
            cv_gain_brain,
            cv_tau_dependence,
            cv_tau_withdrawal,
            cv_kappa,
            beta_sum_spinal,
            beta_sum_brain,
            accepted_spinal_min,
            accepted_spinal_max,
            sd_mas_untreated,
            mas_untreated_min,
            mas_untreated_max,
            paradoxical_fraction,
        }
    )
}
