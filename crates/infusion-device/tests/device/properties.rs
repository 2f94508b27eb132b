//! Laws that hold whatever happens.

use core::time::Duration;

use infusion_device::{BALANCE_TOLERANCE_UG, Condition};
use proptest::prelude::*;

use crate::support::{Rig, SESSION, drug, healthy, infuse, prime, spec, stop};

/// A line with a resistance as a narrow catheter has it.
fn rig(ug_per_ml: u32) -> Rig {
    let mut spec = spec(ug_per_ml);
    spec.line.resistance_mmhg_per_ul_per_h = 0.001_2;
    spec.pump.bias_per_kpa_below_standard = 0.001;
    spec.pump.battery_min = 20_000.0;
    Rig::new(spec)
}

/// Drug in one stroke at 500 µg/mL.
const STROKE_UG: f64 = 0.05;
/// What rounding of a moment makes of a flow of 10^5 µL/h, as a share of a volume or in µL.
const PACKET_ROUNDING: f64 = 1e-6;
/// What that does to the pressure of a line of healthy compliance, 0.02 µL/mmHg.
const PACKET_ROUNDING_MMHG: f64 = 50.0 * PACKET_ROUNDING;

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
    ChangeBattery,
    Ping,
    PrimesByItself { volume_ul: f64 },
    RunsOwnProgram { flow_ul_per_h: f64 },
    Restart,
    ReservoirAt { left_ul: f64 },
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
    let first = (resistance, gain, added, (share(), share()), backflow, rest).prop_map(
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
    );
    (first, motor(), fluid()).prop_map(|(first, motor, fluid)| Condition {
        powered: motor.powered,
        turns: motor.turns,
        motor_least_ul_per_h: motor.motor_least_ul_per_h,
        packet_ul: motor.packet_ul,
        ambient_kpa: motor.ambient_kpa,
        battery_drain: motor.battery_drain,
        inlet_share: fluid.inlet_share,
        air_share: fluid.air_share,
        compliance_times: fluid.compliance_times,
        csf_drain_ul_per_h: fluid.csf_drain_ul_per_h,
        drug_decay_per_h: fluid.drug_decay_per_h,
        ..first
    })
}

/// What can be wrong with the motor, in a condition that is healthy otherwise.
fn motor() -> impl Strategy<Value = Condition> {
    let works = || prop_oneof![9 => Just(true), 1 => Just(false)];
    let least = prop_oneof![8 => Just(0.0), 1 => 0.0..300.0_f64];
    let packet = prop_oneof![5 => Just(0.0), 1 => 0.0..0.5_f64, 1 => 0.5..200.0_f64];
    let drain = prop_oneof![6 => Just(1.0), 1 => 0.0..500.0_f64];
    (works(), works(), least, packet, 50.0..110.0_f64, drain).prop_map(
        |(powered, turns, motor_least_ul_per_h, packet_ul, ambient_kpa, battery_drain)| Condition {
            powered,
            turns,
            motor_least_ul_per_h,
            packet_ul,
            ambient_kpa,
            battery_drain,
            ..healthy()
        },
    )
}

/// What can be wrong with reservoir, air, line and drain, in a condition that is healthy otherwise.
fn fluid() -> impl Strategy<Value = Condition> {
    let inlet = prop_oneof![5 => Just(1.0), 1 => Just(0.0), 1 => 0.0..1.0_f64];
    let air = prop_oneof![4 => Just(0.0), 1 => Just(1.0), 2 => 0.0..1.0_f64];
    let compliance = prop_oneof![3 => Just(1.0), 1 => 0.001..1.0_f64, 1 => 1.0..200.0_f64];
    let drain = prop_oneof![3 => Just(0.0), 1 => 0.0..60_000.0_f64];
    let decay = prop_oneof![3 => Just(0.0), 1 => 0.0..0.05_f64];
    (inlet, air, compliance, drain, decay).prop_map(
        |(inlet_share, air_share, compliance_times, csf_drain_ul_per_h, drug_decay_per_h)| {
            Condition {
                inlet_share,
                air_share,
                compliance_times,
                csf_drain_ul_per_h,
                drug_decay_per_h,
                ..healthy()
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
        1 => Just(Turn::ChangeBattery),
        1 => Just(Turn::Ping),
        1 => Just(Turn::Restart),
        1 => (0.0..600.0_f64).prop_map(|volume_ul| Turn::PrimesByItself { volume_ul }),
        1 => (0.0..2_000.0_f64).prop_map(|flow_ul_per_h| Turn::RunsOwnProgram { flow_ul_per_h }),
        1 => (0.0..40_000.0_f64).prop_map(|left_ul| Turn::ReservoirAt { left_ul }),
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
        Turn::ChangeBattery => rig.device.change_battery(),
        Turn::Ping => {
            let _ = rig.device.ping(SESSION);
        }
        Turn::PrimesByItself { volume_ul } => rig.device.prime_by_itself(volume_ul),
        Turn::RunsOwnProgram { flow_ul_per_h } => rig.device.run_own_program(flow_ul_per_h),
        Turn::Restart => rig.device.restart(),
        Turn::ReservoirAt { left_ul } => rig.device.set_reservoir_ul(left_ul),
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
            prop_assert!((-1e-9..=1e5).contains(&truth.air_ul), "{}", truth.air_ul);
            prop_assert!(truth.csf_drained_ul <= truth.csf_lost_ul);
            prop_assert_eq!(rig.quiet().state.is_ok(), truth.powered);
            prop_assert!(rig.device.poll_timeout() != Some(Duration::ZERO));
            prop_assert!(truth.reservoir_ul >= 0.0 && truth.line_ug >= -BALANCE_TOLERANCE_UG);
            reached_ug = truth.reached_ug;
        }
    }

    /// Cutting time finer moves nothing elsewhere. Only a connector that goes both ways at once
    /// divides drug and air otherwise, for a step knows the mean of a share that is changing: a
    /// leak within one stroke for each healthy compliance; one that CSF backs out of, or that sucks, is left to the volumes.
    #[test]
    fn the_step_does_not_matter(
        condition in condition(),
        ng_per_h in 1_000..500_000_u64,
        primes_ul in prop_oneof![3 => Just(None), 1 => (0.0..600.0_f64).prop_map(Some)],
        (millis, pieces) in (1..300_000_u64, 2..50_u32),
    ) {
        // A softer line could suck more than the 199 µL that it holds.
        let compliance_times = condition.compliance_times.min(10.0);
        let condition = Condition { compliance_times, ..condition };
        let mut whole = rig(500);
        whole.device.set_condition(condition);
        whole.send(infuse(ng_per_h, 500));
        if let Some(volume_ul) = primes_ul {
            whole.device.prime_by_itself(volume_ul);
        }
        let mut cut = whole.clone();
        let millis = millis * u64::from(pieces);
        happen(&mut whole, &Turn::Wait { millis }, 1);
        happen(&mut cut, &Turn::Wait { millis }, pieces);
        let (whole, cut) = (whole.device.truth(), cut.device.truth());
        let apart = condition.connector_share == 0.0;
        let closed = condition.connector_share == 1.0;
        let backflow = condition.csf_backflow_ul_per_h > 0.0;
        let sucks = condition.added_flow_ul_per_h < 0.0;
        let strokes = if apart || (closed && !backflow) {
            0.0
        } else if backflow || sucks {
            f64::INFINITY
        } else {
            condition.compliance_times.max(1.0)
        };
        let within_ug = strokes * STROKE_UG;
        let back_ug = if sucks { within_ug } else { 0.0 };
        let rounding = if condition.packet_ul > 0.0 { PACKET_ROUNDING } else { 1e-9 };
        let jolt_mmhg = if condition.packet_ul > 0.0 {
            PACKET_ROUNDING_MMHG / condition.compliance_times
        } else {
            0.0
        };
        prop_assert_eq!(whole.powered, cut.powered);
        for (what, once, often, within) in [
            ("moved ug", whole.moved_ug, cut.moved_ug, back_ug),
            ("moved ul", whole.moved_ul, cut.moved_ul, back_ug),
            ("reservoir", whole.reservoir_ul, cut.reservoir_ul, back_ug),
            ("withheld", whole.withheld_ul, cut.withheld_ul, 0.0),
            ("decayed", whole.decayed_ug, cut.decayed_ug, back_ug),
            ("pressure", whole.pressure_mmhg, cut.pressure_mmhg, jolt_mmhg),
            ("csf lost", whole.csf_lost_ul, cut.csf_lost_ul, 0.0),
            ("csf drained", whole.csf_drained_ul, cut.csf_drained_ul, 0.0),
            ("battery", whole.battery_min, cut.battery_min, 0.0),
            ("air", whole.air_ul, cut.air_ul, 2.0 * within_ug),
            ("reached", whole.reached_ug, cut.reached_ug, within_ug),
            ("lost", whole.lost_ug, cut.lost_ug, within_ug),
        ] {
            let most = rounding * once.abs().max(1.0) + within;
            prop_assert!((once - often).abs() <= most, "{what}: {once} and {often}");
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
