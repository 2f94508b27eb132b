//! The same people under the same schedules as `tests/reference/patient.py`.
//!
//! Linear states are compared relative to the larger of the reference value and a millionth of what is
//! usual for that state (its largest value in the case): a state that has decayed to nothing is not
//! asked for nine digits of nothing. Withdrawal, tone and overdose are compared as they are, and as
//! closely: the step itself costs up to 0.013 of severity, so a looser bound would not see a change of
//! the order of operations within it.

mod common;

use std::collections::BTreeMap;
use std::time::Duration;

use virtual_patient::{Adjunct, Input, Kinetics, Parameters, Patient, Population, Response};

const GRID: Duration = Duration::from_secs(360);
const STEP_H: f64 = 0.1;
const DAY: u32 = 240;

/// A table with a header, as rows of named numbers under the name in the first column.
fn table(path: &str) -> Vec<(String, BTreeMap<String, f64>)> {
    let text = common::repository_file(path);
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().unwrap_or_default().split(',').collect();
    let row = |line: &str| {
        let cells: Vec<&str> = line.split(',').collect();
        let numbers = header[1..].iter().zip(&cells[1..]);
        let named = numbers.map(|(key, cell)| ((*key).to_owned(), cell.parse().expect("a number")));
        (cells[0].to_owned(), named.collect())
    };
    lines.map(row).collect()
}

fn person(of: &BTreeMap<String, f64>, population: &Population) -> Parameters {
    let kinetics = Kinetics {
        v1_ml: of["V1"],
        v2_ml: of["V2"],
        v3_ml: of["V3"],
        cl1_ml_per_h: of["CL1"],
        cl2_ml_per_h: of["CL2"],
        cl3_ml_per_h: of["CL3"],
        q12_ml_per_h: of["Q12"],
        q23_ml_per_h: of["Q23"],
        ke_spinal_per_h: of["ke0s"],
        ke_brain_per_h: of["ke0b"],
        delivery: of["eta"],
        ka_per_h: of["ka"],
        k10_per_h: of["k10"],
        k12_per_h: of["k12"],
        k21_per_h: of["k21"],
        vc_l: of["Vc"],
        bioavailability: of["F"],
        csf_to_plasma: of["phi"],
        gain_spinal: of["gs"],
        gain_brain: of["gb"],
    };
    let response = Response {
        hill: of["h"],
        ec50_spinal_ng_per_ml: of["EC50s"],
        accepted_spinal: of["Es"],
        accepted_brain: of["Eb"],
        tau_dependence_h: of["tauD"],
        tau_onset_h: of["tauUp"],
        tau_recovery_h: of["tauDn"],
        weight_spinal: of["ws"],
        weight_brain: of["wb"],
        threshold: of["theta"],
        kappa: of["kappa"],
        mas_untreated: of["MAS0"],
        mas_effect_max: of["Imax"],
        mas_per_withdrawal: of["mW"],
        mas_per_overdose: of["mOD"],
        ..population.response
    };
    Parameters::titrated(kinetics, response, population.vitals, population.dose)
}

/// What happens in step `k`: share of the starting rate, tablet in mg, other drugs, leak.
#[derive(Clone, Copy)]
struct Event {
    share: f64,
    tablet_mg: f64,
    adjunct: Adjunct,
    leak_ml_per_h: f64,
}

fn event(schedule: &str, k: u32, dose_ug_per_day: f64) -> Event {
    let usual = Event {
        share: 1.0,
        tablet_mg: 0.0,
        adjunct: Adjunct::default(),
        leak_ml_per_h: 0.0,
    };
    let share = |share| Event { share, ..usual };
    match schedule {
        "stop" => share(0.0),
        "wean" => wean(k, usual),
        "overinfusion" => share(if (20..80).contains(&k) { 10.0 } else { 1.0 }),
        "bolus" if k == 50 => share(1.0 + 500.0 / (dose_ug_per_day / 24.0) / STEP_H),
        "dural_leak" if k >= 100 => Event {
            leak_ml_per_h: 20.0,
            ..usual
        },
        "bolus" | "dural_leak" => usual,
        "restart" => share(if k < 480 { 0.0 } else { 1.0 }),
        other => panic!("no schedule {other}"),
    }
}

fn wean(k: u32, usual: Event) -> Event {
    let day = k / DAY;
    let share = (0..=day).fold(1.0, |share, _| share * 0.65);
    let mg_per_day = [40.0, 60.0, 80.0][day.min(2) as usize];
    let on = k >= DAY;
    Event {
        share: if day >= 6 { 0.0 } else { share },
        tablet_mg: if k.is_multiple_of(60) {
            mg_per_day / 4.0
        } else {
            0.0
        },
        adjunct: Adjunct {
            drive: if on { 0.30 } else { 0.0 },
            tone: if on { 0.25 } else { 0.0 },
        },
        ..usual
    }
}

/// The worst differences met so far.
#[derive(Debug, Default)]
struct Worst {
    state: f64,
    withdrawal: f64,
    mas: f64,
    overdose: f64,
}

const STATES: [&str; 8] = [
    "csf_lumbar_ug",
    "csf_thoracic_ug",
    "csf_cranial_ug",
    "spinal_ng_per_ml",
    "brain_ng_per_ml",
    "gut_ug",
    "plasma_ug",
    "tissue_ug",
];

fn compare(patient: &Patient, row: &BTreeMap<String, f64>, scale: &[f64; 8], worst: &mut Worst) {
    for ((got, name), scale) in patient.linear_state().iter().zip(STATES).zip(scale) {
        let expected = row[name];
        let floor = (1e-6 * scale).max(f64::MIN_POSITIVE);
        let error = (got - expected).abs() / expected.abs().max(floor);
        worst.state = worst.state.max(error);
    }
    let signs = patient.signs();
    let apart = |got: f64, name: &str| (got - row[name]).abs();
    worst.withdrawal = worst.withdrawal.max(apart(signs.withdrawal, "withdrawal"));
    worst.mas = worst.mas.max(apart(signs.mas, "mas"));
    worst.overdose = worst.overdose.max(apart(signs.overdose, "overdose"));
}

fn follow(case: &str, parameters: Parameters, rows: &[&BTreeMap<String, f64>], worst: &mut Worst) {
    let mut patient = Patient::new(parameters, GRID);
    let dose = patient.start_dose_ug_per_day();
    let schedule = case.split('-').next().unwrap_or_default();
    let scale = STATES.map(|name| rows.iter().map(|row| row[name]).fold(0.0, f64::max));
    let mut k = 0;
    for row in rows {
        let until = libm::round(row["t_h"] / STEP_H) as u32;
        for step in k..=until {
            let now = event(schedule, step, dose);
            let input = |ug| Input {
                intrathecal_ug: ug,
                leak_ml_per_h: now.leak_ml_per_h,
                adjunct: now.adjunct,
            };
            if step == until {
                // The reference reads the signs with the tablet and the other drugs of that moment.
                let mut seen = patient.clone();
                seen.swallow(now.tablet_mg * 1000.0);
                seen.advance(Duration::ZERO, input(0.0));
                compare(&seen, row, &scale, worst);
            } else {
                patient.swallow(now.tablet_mg * 1000.0);
                patient.advance(GRID, input(now.share * dose / 24.0 * STEP_H));
            }
        }
        k = until;
    }
}

#[test]
fn trajectories_agree_with_the_reference() {
    let population = common::population();
    let trajectories = table("tests/reference/trajectories.csv");
    let patients = table("tests/reference/patients.csv");
    assert_eq!(patients.len(), 14);
    let mut worst = Worst::default();
    for (case, told) in &patients {
        let parameters = person(told, &population);
        let near = |got: f64, name: &str| {
            assert!((got / told[name] - 1.0).abs() < 1e-12, "{case} {name}");
        };
        near(parameters.start_dose_ug_per_day, "dose0");
        near(parameters.spinal_at_start, "Es_reached");
        near(parameters.ec50_brain_ng_per_ml, "EC50b");
        let of_case = trajectories.iter().filter(|(name, _)| name == case);
        let rows: Vec<_> = of_case.map(|(_, row)| row).collect();
        assert!(rows.len() > 90, "{case}");
        follow(case, parameters, &rows, &mut worst);
    }
    println!("{worst:?}");
    assert!(worst.state < 1e-9, "{worst:?}");
    assert!(worst.withdrawal < 1e-9, "{worst:?}");
    assert!(worst.mas < 1e-9, "{worst:?}");
    assert!(worst.overdose < 1e-9, "{worst:?}");
}

#[test]
fn the_typical_person_of_the_file_is_that_of_the_reference() {
    let population = common::population();
    let patients = table("tests/reference/patients.csv");
    let (_, told) = patients
        .iter()
        .find(|(case, _)| case == "stop-typical")
        .unwrap();
    assert_eq!(Parameters::typical(&population), person(told, &population));
}

#[test]
fn a_named_dose_is_the_titrated_one() {
    // fixed400 is drawn5, whose sensitivity was rescaled to 400 ug/day.
    let population = common::population();
    let patients: BTreeMap<_, _> = table("tests/reference/patients.csv").into_iter().collect();
    let rescaled = person(&patients["bolus-drawn5"], &population).with_start_dose(400.0);
    let told = &patients["stop-fixed400"];
    assert_eq!(rescaled.start_dose_ug_per_day, 400.0);
    let near = |got: f64, name: &str| assert!((got / told[name] - 1.0).abs() < 1e-12, "{name}");
    near(rescaled.response.ec50_spinal_ng_per_ml, "EC50s");
    near(rescaled.ec50_brain_ng_per_ml, "EC50b");
    near(rescaled.spinal_at_start, "Es_reached");
}
