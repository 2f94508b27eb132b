//! Laws that hold whatever happens.

use core::time::Duration;

use infusion_device::{BALANCE_TOLERANCE_UG, Condition};
use proptest::prelude::*;

use crate::support::{Rig, drug, healthy, infuse, prime, spec, stop};

/// A line with a resistance as a narrow catheter has it.
fn rig(ug_per_ml: u32) -> Rig {
    let mut spec = spec(ug_per_ml);
    spec.line.resistance_mmhg_per_ul_per_h = 0.001_2;
    Rig::new(spec)
}

/// Drug in one stroke at 500 µg/mL.
const STROKE_UG: f64 = 0.05;

/// One turn of the outside world.
#[derive(Clone, Debug)]
enum Turn {
    Infuse { ng_per_h: u64, ug_per_ml: u32 },
    Prime { volume_ul: u64 },
    Stop { clamp: bool },
    Condition(Box<Condition>),
    Connect(bool),
    Refill { volume_ul: f64, ug_per_ml: u32 },
    TakeCatheterOut,
    Wait { millis: u64 },
}

fn drug_choice() -> impl Strategy<Value = u32> {
    prop_oneof![Just(50_u32), Just(500), Just(2_000)]
}

fn condition() -> impl Strategy<Value = Condition> {
    let resistance = prop_oneof![
        4 => Just(1.0),
        2 => Just(f64::INFINITY),
        3 => 1.0..1e9_f64,
        1 => 0.0..1.0_f64,
    ];
    let gain = prop_oneof![3 => Just(1.0), 1 => Just(0.0), 1 => 0.0..4.0_f64];
    let added = prop_oneof![4 => Just(0.0), 1 => 0.0..2_000.0_f64, 1 => -500.0..0.0_f64];
    let share = || prop_oneof![3 => Just(1.0), 1 => Just(0.0), 2 => 0.0..1.0_f64];
    let backflow = prop_oneof![2 => Just(0.0), 1 => 0.0..20_000.0_f64];
    let rest = (-0.3..0.3_f64, -20.0..60.0_f64, -120.0..120.0_f64);
    (resistance, gain, added, (share(), share()), backflow, rest).prop_map(
        |(resistance_times, gain, added, (connector, tip), backflow, (drift, celsius, mmhg))| {
            Condition {
                resistance_times,
                gain,
                added_flow_ul_per_h: added,
                connector_share: connector,
                csf_backflow_ul_per_h: backflow,
                tip_share: tip,
                drift,
                ..Condition::healthy(celsius, mmhg)
            }
        },
    )
}

fn turn() -> impl Strategy<Value = Turn> {
    prop_oneof![
        4 => (1_000..1_000_000_u64, drug_choice())
            .prop_map(|(ng_per_h, ug_per_ml)| Turn::Infuse { ng_per_h, ug_per_ml }),
        1 => (0..300_u64).prop_map(|volume_ul| Turn::Prime { volume_ul }),
        1 => any::<bool>().prop_map(|clamp| Turn::Stop { clamp }),
        4 => condition().prop_map(|new| Turn::Condition(Box::new(new))),
        1 => any::<bool>().prop_map(Turn::Connect),
        1 => (0.0..50_000.0_f64, drug_choice())
            .prop_map(|(volume_ul, ug_per_ml)| Turn::Refill { volume_ul, ug_per_ml }),
        1 => Just(Turn::TakeCatheterOut),
        8 => (0..10_000_000_u64).prop_map(|millis| Turn::Wait { millis }),
        8 => (0..60_000_u64).prop_map(|millis| Turn::Wait { millis }),
    ]
}

/// Lets a turn happen; a wait is cut into `pieces`.
fn happen(rig: &mut Rig, turn: &Turn, pieces: u32) {
    match turn.clone() {
        Turn::Infuse {
            ng_per_h,
            ug_per_ml,
        } => {
            rig.device.authorise_concentration(drug(ug_per_ml));
            rig.send(infuse(ng_per_h, ug_per_ml));
        }
        Turn::Prime { volume_ul } => {
            rig.send(prime(volume_ul));
        }
        Turn::Stop { clamp } => {
            rig.send(stop(clamp));
        }
        Turn::Condition(condition) => rig.device.set_condition(*condition),
        Turn::Connect(true) => rig.device.connect_patient(),
        Turn::Connect(false) => rig.device.disconnect_patient(),
        Turn::Refill {
            volume_ul,
            ug_per_ml,
        } => rig.device.refill(volume_ul, drug(ug_per_ml)),
        Turn::TakeCatheterOut => rig.device.remove_catheter(),
        Turn::Wait { millis } => {
            for _ in 0..pieces {
                let piece = Duration::from_millis(millis) / pieces;
                rig.device.advance(piece);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    /// Drug is in one place or another, and what has reached the CSF stays reached.
    #[test]
    fn drug_is_conserved(turns in prop::collection::vec(turn(), 1..60)) {
        let mut rig = rig(500);
        let mut reached_ug = 0.0;
        for turn in &turns {
            happen(&mut rig, turn, 1);
            let truth = rig.device.truth();
            prop_assert!(truth.balance_error_ug().abs() <= BALANCE_TOLERANCE_UG, "{:?}", truth);
            prop_assert!(truth.reached_ug >= reached_ug);
            prop_assert!(truth.pressure_mmhg.abs() <= 500.0);
            prop_assert!(truth.reservoir_ul >= 0.0 && truth.line_ug >= -BALANCE_TOLERANCE_UG);
            reached_ug = truth.reached_ug;
        }
    }

    /// Cutting time finer moves nothing elsewhere. Only a connector that goes both ways at once
    /// divides drug otherwise, for a step knows the mean of a share that is changing: a leak
    /// within one stroke; a leak that CSF backs out of is left to the volumes.
    #[test]
    fn the_step_does_not_matter(
        condition in condition(),
        ng_per_h in 1_000..500_000_u64,
        millis in 1..300_000_u64,
        pieces in 2..50_u32,
    ) {
        let mut whole = rig(500);
        whole.device.set_condition(Condition { added_flow_ul_per_h: 0.0, ..condition });
        whole.send(infuse(ng_per_h, 500));
        let mut cut = whole.clone();
        let millis = millis * u64::from(pieces);
        happen(&mut whole, &Turn::Wait { millis }, 1);
        happen(&mut cut, &Turn::Wait { millis }, pieces);
        let (whole, cut) = (whole.device.truth(), cut.device.truth());
        let apart = condition.connector_share == 0.0;
        let closed = condition.connector_share == 1.0;
        let backflow = condition.csf_backflow_ul_per_h > 0.0;
        let within_ug = if apart || (closed && !backflow) {
            0.0
        } else if backflow {
            f64::INFINITY
        } else {
            STROKE_UG
        };
        for (once, often, within) in [
            (whole.moved_ug, cut.moved_ug, 0.0),
            (whole.reservoir_ul, cut.reservoir_ul, 0.0),
            (whole.pressure_mmhg, cut.pressure_mmhg, 0.0),
            (whole.csf_lost_ul, cut.csf_lost_ul, 0.0),
            (whole.reached_ug, cut.reached_ug, within_ug),
            (whole.lost_ug, cut.lost_ug, within_ug),
        ] {
            let most = 1e-9 * once.abs().max(1.0) + within;
            prop_assert!((once - often).abs() <= most, "{once} and {often}");
        }
    }
}

/// Six days at one-second steps: the longest run that a bench makes.
#[test]
fn rounding_stays_within_tolerance_for_six_days_of_seconds() {
    let mut rig = rig(2_000);
    rig.device.set_condition(Condition {
        drift: 0.012_3,
        ..healthy()
    });
    rig.send(infuse(16_667, 2_000));
    for _ in 0..6 * 86_400 {
        rig.device.advance(Duration::from_secs(1));
    }
    let truth = rig.device.truth();
    assert!(truth.balance_error_ug().abs() <= BALANCE_TOLERANCE_UG);
    let expected_ug = 8.33 * 1.012_3 * 144.0 * 2.0;
    assert!((truth.reached_ug - expected_ug).abs() <= 1e-3);
}
