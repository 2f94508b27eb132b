//! Scenarios at random: whatever patient, pump, ward and single fault are drawn, no requirement of the
//! controller is breached. A find is printed as TOML, ready to be saved in `configs/regressions/`.

use std::path::Path;

use proptest::prelude::*;
use proptest::test_runner::{FileFailurePersistence, RngSeed};
use weanbench::catalogue;
use weanbench::config::Library;
use weanbench::fault::changes_nothing;
use weanbench::scenario::{
    Doing, Fault, FaultKind, OnePatient, ProfileName, RawNumber, Scenario, Scripted,
};

use crate::support::{read, root, run};

/// What is varied; the rest is the shortest shipped scenario.
#[derive(Clone, Debug)]
struct Variation {
    seed: u64,
    patient: u64,
    dose: f64,
    profile: ProfileName,
    initial_basis: bool,
    steep: bool,
    fault: Option<(u32, u32, FaultKind)>,
    orders: Vec<(u32, Doing)>,
}

/// Any kind of fault that there is, with numbers within its ranges; but no defect of the controller itself,
/// which a requirement has to show.
fn kinds() -> impl Strategy<Value = FaultKind> {
    let shares = prop::collection::vec(0.0..1.0, 8);
    let drawn = (0..catalogue::faults().len(), shares).prop_map(|(place, shares)| {
        let mut shares = shares.into_iter().cycle();
        catalogue::faults()[place].drawn(|| shares.next().unwrap_or_default())
    });
    drawn.prop_filter("a defect", |what| !matches!(what, FaultKind::Defect(_)))
}

fn doings() -> impl Strategy<Value = Doing> {
    prop_oneof![
        Just(Doing::Pause),
        Just(Doing::Resume),
        Just(Doing::Stop),
        Just(Doing::SkipDecrement),
        Just(Doing::FlagWithdrawal),
        Just(Doing::FlagOverdose),
        Just(Doing::PauseAudio),
        Just(Doing::ChangeBattery),
        prop_oneof![Just(f64::NAN), Just(-5.0), Just(1e9), 1.0..2_500.0].prop_map(|dose| {
            Doing::Authorise {
                ug_per_day: RawNumber(dose),
            }
        }),
        (prop_oneof![Just(500), Just(1_000), Just(2_000)], 5.0..38.0).prop_map(
            |(drug_ug_per_ml, volume_ml)| Doing::Refill {
                drug_ug_per_ml,
                volume_ml
            }
        ),
    ]
}

fn variations() -> impl Strategy<Value = Variation> {
    let when = 60_u32..12_000;
    let fault = (when.clone(), 1_u32..2_000, kinds());
    // A second a cycle makes P2 dear: one in twelve.
    let profiles = prop_oneof![
        5 => Just(ProfileName::P0),
        6 => Just(ProfileName::P1),
        1 => Just(ProfileName::P2),
    ];
    (
        (
            0_u64..1_000,
            0_u64..1_000,
            30.0_f64..1_390.0,
            profiles,
            any::<bool>(),
            any::<bool>(),
        ),
        prop::option::of(fault),
        prop::collection::vec((when, doings()), 0..4),
    )
        .prop_map(
            |((seed, patient, dose, profile, initial_basis, steep), fault, orders)| Variation {
                seed,
                patient,
                dose: to_tenths(dose),
                profile,
                initial_basis,
                steep,
                fault,
                orders,
            },
        )
}

fn to_tenths(dose: f64) -> f64 {
    (dose * 10.0).round() / 10.0
}

fn scenario(variation: &Variation) -> Scenario {
    let mut scenario = read(&root().join("configs/scenarios/first.toml"), &[]).scenario;
    scenario.title = "found by a property test".to_owned();
    scenario.seed = variation.seed;
    scenario.profile = variation.profile;
    scenario.run_max_h = 240;
    scenario.follow_up_h = 2;
    let number = (variation.patient > 0).then_some(variation.patient);
    scenario.patient = Some(OnePatient {
        number,
        start_dose_ug_per_day: Some(variation.dose),
        ..OnePatient::default()
    });
    let mut protocol = scenario.adjust.protocol.clone();
    if variation.initial_basis {
        protocol.insert("wean.basis".to_owned(), "initial".into());
    }
    if variation.steep {
        protocol.insert("wean.rungs.0.decrement_permille".to_owned(), 500.into());
        protocol.insert("wean.every_h".to_owned(), 20.0.into());
    }
    if variation.steep {
        scenario
            .sources
            .insert("adjust.protocol".to_owned(), "assumption".to_owned());
    }
    scenario.adjust.protocol = protocol;
    // A fault that the profile cannot have, or that is none, would only be refused.
    let explant = scenario.explant;
    let possible = |(_, _, what): &&(u32, u32, FaultKind)| {
        what.fits(scenario.profile) && !changes_nothing(what, &explant)
    };
    scenario.faults = variation
        .fault
        .iter()
        .filter(possible)
        .map(|(from_min, lasts_min, what)| {
            let built_in = what.is_built_in();
            Fault {
                id: "fault".to_owned(),
                from_min: if what.only_at_start() { 0 } else { *from_min },
                until_min: (!built_in).then_some(from_min + lasts_min),
                what: *what,
            }
        })
        .collect();
    scenario.orders = variation
        .orders
        .iter()
        .map(|(at_min, what)| Scripted {
            at_min: *at_min,
            what: *what,
        })
        .collect();
    scenario.expect = None;
    scenario
}

proptest! {
    // The seed is fixed, so that what a build says does not depend on luck; `PROPTEST_RNG_SEED` and
    // `PROPTEST_CASES` hunt elsewhere.
    #![proptest_config(ProptestConfig {
        cases: 48,
        rng_seed: RngSeed::Fixed(20_261_123),
        max_shrink_iters: 60,
        failure_persistence: Some(Box::new(FileFailurePersistence::WithSource("regressions"))),
        ..ProptestConfig::default()
    })]

    #[test]
    fn no_requirement_is_breached_under_any_single_fault(variation in variations()) {
        let text = toml::to_string(&scenario(&variation)).expect("a scenario is TOML");
        let folder = root().join("configs/scenarios");
        let library = Library::from_text("found.toml", &text, Path::new(&folder), &[])
            .unwrap_or_else(|complaints| panic!("{}\n{text}", complaints[0].render(false)));
        for run in run(&library) {
            let judged = run.judged.expect("no stall");
            for (requirement, finding) in library.requirements.judged().zip(&judged.findings) {
                prop_assert!(!finding.violated(), "{} {finding:?} in\n{text}", requirement.id);
            }
        }
    }
}
