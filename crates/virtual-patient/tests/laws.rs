//! What must hold for everybody, whatever is done to them.

mod common;

use std::time::Duration;

use proptest::prelude::*;
use proptest::test_runner::FileFailurePersistence;
use virtual_patient::{Adjunct, Draw, Input, Parameters, Patient, Propagator, Signs, UnitNormals};

const GRID: Duration = Duration::from_secs(360);

fn typical() -> Parameters {
    Parameters::typical(&common::population())
}

/// Ten hours without drug, ten hours of three times the rate, ten of a leak; tablets every six hours.
fn ups_and_downs(piece: Duration) -> Vec<[f64; 11]> {
    let mut patient = Patient::new(typical(), GRID);
    let piece_h = piece.as_secs_f64() / 3600.0;
    let rate_ug_per_h = patient.start_dose_ug_per_day() / 24.0;
    let pieces_per_h = 3600 / piece.as_secs();
    let mut seen = Vec::new();
    for hour in 0..30_u64 {
        let share = [0.0, 3.0, 1.0][(hour / 10) as usize];
        if hour % 6 == 0 {
            patient.swallow(10_000.0);
        }
        let input = Input {
            intrathecal_ug: share * rate_ug_per_h * piece_h,
            leak_ml_per_h: if hour < 20 { 0.0 } else { 20.0 },
            adjunct: Adjunct {
                drive: 0.3,
                tone: 0.1,
            },
        };
        for _ in 0..pieces_per_h {
            patient.advance(piece, input);
        }
        let signs = patient.signs();
        let [a, b, c, d, e, f, g, h] = patient.linear_state();
        let [i, j, k] = [signs.withdrawal, signs.mas, signs.heart_rate_per_min];
        seen.push([a, b, c, d, e, f, g, h, i, j, k]);
    }
    seen
}

#[test]
fn pieces_do_not_matter() {
    let whole = ups_and_downs(GRID);
    for seconds in [1, 60, 450, 3600] {
        let cut = ups_and_downs(Duration::from_secs(seconds));
        for (left, right) in whole.iter().flatten().zip(cut.iter().flatten()) {
            let apart = (left - right).abs();
            assert!(
                apart <= 1e-9 * left.abs().max(1e-3),
                "{seconds} s: {left} {right}"
            );
        }
    }
}

#[test]
fn nobody_changes_on_their_own_dose() {
    let mut patient = Patient::new(typical(), GRID);
    let (before, signs) = (patient.linear_state(), patient.signs());
    let input = Input {
        intrathecal_ug: patient.start_dose_ug_per_day() * 10.0,
        ..Input::default()
    };
    patient.advance(Duration::from_secs(10 * 86_400), input);
    for (left, right) in before.iter().zip(patient.linear_state()) {
        assert!((left - right).abs() <= 1e-9 * left.abs(), "{left} {right}");
    }
    assert!((patient.signs().mas - signs.mas).abs() < 1e-9);
    assert_eq!(signs.mas, signs.mas_at_start);
    assert_eq!(patient.signs().withdrawal, 0.0);
}

#[test]
fn mass_is_conserved_when_nothing_is_eliminated() {
    // Blood is kept per bioavailability, so its share of the mass is F times its states.
    let mut kinetics = typical().kinetics;
    kinetics.k10_per_h = 0.0;
    let mass = |x: &[f64; 8]| {
        x[..3].iter().sum::<f64>() + kinetics.bioavailability * x[5..].iter().sum::<f64>()
    };
    let propagator = Propagator::new(&kinetics, 0.0, 0.1);
    let mut x = [40.0, 5.0, 3.0, 0.0, 0.0, 10_000.0, 0.0, 0.0];
    let mut expected = mass(&x);
    for step in 0..1000 {
        let rate_ug_per_h = f64::from(step % 7);
        x = propagator.step(&x, rate_ug_per_h);
        expected += rate_ug_per_h * 0.1;
    }
    assert!(
        (mass(&x) / expected - 1.0).abs() < 1e-12,
        "{} {expected}",
        mass(&x)
    );
}

#[test]
fn csf_keeps_its_mass_when_nothing_is_absorbed() {
    let mut kinetics = typical().kinetics;
    (
        kinetics.cl1_ml_per_h,
        kinetics.cl2_ml_per_h,
        kinetics.cl3_ml_per_h,
    ) = (0.0, 0.0, 0.0);
    let propagator = Propagator::new(&kinetics, 0.0, 0.1);
    let mut x = [0.0; 8];
    for _ in 0..240 {
        x = propagator.step(&x, 10.0);
    }
    assert!((x[..3].iter().sum::<f64>() - 240.0).abs() < 1e-9);
    assert_eq!(x[6], 0.0);
}

#[test]
fn a_tablet_waits_for_the_grid() {
    let mut patient = Patient::new(typical(), GRID);
    patient.swallow(1000.0);
    assert_eq!(patient.linear_state()[5], 1000.0);
    patient.advance(Duration::from_secs(1), Input::default());
    patient.swallow(500.0);
    assert_eq!(patient.linear_state()[5], 1000.0);
    patient.advance(Duration::from_secs(359), Input::default());
    let left = 1000.0 * libm::exp(-0.2) + 500.0;
    assert!((patient.linear_state()[5] - left).abs() < 1e-9);
}

#[test]
fn signs_come_late_by_their_lags() {
    // Ten times the rate: the index rises, saturation follows at once, pulse late, temperature last.
    let mut patient = Patient::new(typical(), GRID);
    let input = Input {
        intrathecal_ug: patient.start_dose_ug_per_day() * 10.0 / 24.0,
        ..Input::default()
    };
    for _ in 0..10 {
        patient.advance(Duration::from_secs(3600), input);
    }
    let signs = patient.signs();
    assert!(signs.overdose > 0.20, "{signs:?}");
    assert!(
        signs.heart_rate_per_min < 66.0 && signs.breaths_per_min < 14.0,
        "{signs:?}"
    );
    assert!(
        signs.temperature_c < 36.8 && signs.temperature_c > 36.0,
        "{signs:?}"
    );
    let mut mimic = Patient::new(
        Parameters {
            paradoxical: true,
            ..typical()
        },
        GRID,
    );
    for _ in 0..10 {
        mimic.advance(Duration::from_secs(3600), input);
    }
    let mimic = mimic.signs();
    assert_eq!(mimic.overdose, signs.overdose);
    assert!(
        mimic.heart_rate_per_min > 86.0 && mimic.systolic_mmhg > 130.0,
        "{mimic:?}"
    );
    assert_eq!(mimic.saturation_percent, signs.saturation_percent);
}

#[test]
fn each_normal_moves_something() {
    let population = common::population();
    let median = Parameters::drawn(&population, &UnitNormals([0.0; Draw::COUNT]));
    for index in 0..Draw::COUNT {
        let mut normals = [0.0; Draw::COUNT];
        normals[index] = -2.0;
        let other = Parameters::drawn(&population, &UnitNormals(normals));
        assert_ne!(other, median, "{index}");
        assert_eq!(other.paradoxical, index == Draw::Paradoxical as usize);
    }
}

#[test]
fn medians_are_typical_but_for_the_skewed_occupancies() {
    let population = common::population();
    let median = Parameters::drawn(&population, &UnitNormals([0.0; Draw::COUNT]));
    assert_eq!(median.kinetics, population.kinetics);
    assert!((median.response.accepted_spinal - 0.757).abs() < 1e-3);
    assert!((median.response.accepted_brain - 0.341).abs() < 1e-3);
}

#[test]
#[should_panic(expected = "not in whole milliseconds")]
fn time_is_not_lost_to_rounding() {
    Patient::new(typical(), GRID).advance(Duration::from_micros(1500), Input::default());
}

fn assert_sane(signs: &Signs) -> Result<(), TestCaseError> {
    prop_assert!((0.0..10.0).contains(&signs.withdrawal), "{signs:?}");
    prop_assert!((0.0..=1.0).contains(&signs.overdose), "{signs:?}");
    prop_assert!((0.0..=4.0).contains(&signs.mas), "{signs:?}");
    prop_assert!((0.0..=4.0).contains(&signs.mas_at_start), "{signs:?}");
    prop_assert!((0.0..=4.0).contains(&signs.spasms), "{signs:?}");
    prop_assert!((-5.0..=4.0).contains(&signs.sedation), "{signs:?}");
    prop_assert!((0.0..=10.0).contains(&signs.itch), "{signs:?}");
    prop_assert!(
        (30.0..=180.0).contains(&signs.heart_rate_per_min),
        "{signs:?}"
    );
    prop_assert!((80.0..=210.0).contains(&signs.systolic_mmhg), "{signs:?}");
    prop_assert!((35.0..=41.0).contains(&signs.temperature_c), "{signs:?}");
    prop_assert!((4.0..=30.0).contains(&signs.breaths_per_min), "{signs:?}");
    prop_assert!(
        (75.0..=100.0).contains(&signs.saturation_percent),
        "{signs:?}"
    );
    prop_assert!((0.0..=0.03).contains(&signs.seizure_per_h), "{signs:?}");
    Ok(())
}

prop_compose! {
    fn someone()(normals in prop::array::uniform17(-5.0..5.0_f64)) -> UnitNormals {
        UnitNormals(normals)
    }
}

prop_compose! {
    /// Hours, tablet in ug, and an input with up to ten times the rate.
    fn stretch()(
        minutes in 1..2000_u64,
        tablet_ug in prop_oneof![Just(0.0), 0.0..50_000.0_f64],
        share in prop_oneof![Just(0.0), Just(1.0), 0.0..10.0_f64],
        leak_ml_per_h in prop_oneof![Just(0.0), 0.0..200.0_f64],
        drive in 0.0..=1.0_f64,
        tone in 0.0..=1.0_f64,
    ) -> (u64, f64, f64, f64, Adjunct) {
        (minutes, tablet_ug, share, leak_ml_per_h, Adjunct { drive, tone })
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 200,
        failure_persistence: Some(Box::new(FileFailurePersistence::WithSource("regressions"))),
        ..ProptestConfig::default()
    })]

    #[test]
    fn signs_stay_on_their_scales(
        normals in someone(),
        course in prop::collection::vec(stretch(), 1..12),
    ) {
        let parameters = Parameters::drawn(&common::population(), &normals);
        let mut patient = Patient::new(parameters, GRID);
        let rate_ug_per_h = patient.start_dose_ug_per_day() / 24.0;
        assert_sane(&patient.signs())?;
        for (minutes, tablet_ug, share, leak_ml_per_h, adjunct) in course {
            patient.swallow(tablet_ug);
            let intrathecal_ug = share * rate_ug_per_h * minutes as f64 / 60.0;
            let input = Input { intrathecal_ug, leak_ml_per_h, adjunct };
            patient.advance(Duration::from_secs(minutes * 60), input);
            prop_assert!(patient.linear_state().iter().all(|x| x.is_finite() && *x > -1e-9));
            assert_sane(&patient.signs())?;
        }
    }

    #[test]
    fn a_titrated_dose_stays_in_its_range(normals in someone()) {
        let population = common::population();
        let person = Parameters::drawn(&population, &normals);
        let range = population.dose.lowest_ug_per_day..=population.dose.highest_ug_per_day;
        prop_assert!(range.contains(&person.start_dose_ug_per_day));
        prop_assert!(person.spinal_at_start > 0.0 && person.spinal_at_start < 1.0);
    }
}
