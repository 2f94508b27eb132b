//! Where the drug is, and when it gets there.

use infusion_device::{Condition, DeviceSpec, Noise};
use infusion_types::{PumpState, Sample, Timestamp};

use crate::support::{DRAIN_UL, Rig, TUBING_UL, assert_near, drug, healthy, prime, spec, stop};

fn unprimed(ug_per_ml: u32) -> DeviceSpec {
    let mut spec = spec(ug_per_ml);
    spec.catheter.initial_ug_per_ml = 0.0;
    spec
}

/// 96 µg/day of 2000 µg/mL is 2 µL/h; 507 µL at 2 µL/h are 253.5 h.
#[test]
fn a_new_drug_arrives_after_the_volume_of_the_line() {
    let mut rig = Rig::new(spec(500));
    rig.device.refill(20_000.0, drug(2_000));
    rig.device.authorise_concentration(drug(2_000));
    rig.infuse(4_000, 2_000);
    let truth = rig.hours(100.0);
    assert_near(truth.front_ul.unwrap(), 200.0, 1e-6);
    let truth = rig.hours(153.4);
    assert_eq!(truth.tip_ug_per_ml, 500.0);
    assert_near(truth.reached_ug, 253.4, 1e-6);
    let truth = rig.hours(0.2);
    assert_eq!((truth.tip_ug_per_ml, truth.front_ul), (2_000.0, None));
    assert_near(truth.reached_ug, 253.5 + 0.4, 1e-6);
}

/// 308 µL of an unprimed drain at 33.3 µL/h take 9.249 h.
#[test]
fn an_unprimed_drain_delivers_nothing_for_its_volume() {
    let mut rig = Rig::new(unprimed(500));
    rig.infuse(16_650, 500);
    assert_eq!(rig.hours(9.24).reached_ug, 0.0);
    assert_near(rig.hours(0.76).reached_ug, (333.0 - DRAIN_UL) * 0.5, 1e-6);
}

/// From 10 to 500 mmHg: 9.8 µL, 17.66 min at 33.3 µL/h, 4.9 µg at 500 µg/mL.
#[test]
fn an_occlusion_stores_and_its_release_gives_what_was_stored() {
    let mut rig = Rig::new(spec(500));
    rig.device.set_condition(Condition::healthy(37.0, 10.0));
    rig.infuse(16_650, 500);
    let before = rig.hours(1.0);
    assert_near(before.pressure_mmhg, 10.0, 0.1);
    let blocked = Condition {
        resistance_times: f64::INFINITY,
        ..Condition::healthy(37.0, 10.0)
    };
    rig.device.set_condition(blocked);
    assert!(rig.hours(17.6 / 60.0).pressure_mmhg < 500.0);
    let full = rig.hours(0.1 / 60.0);
    assert_eq!(full.pressure_mmhg, 500.0);
    let slipping = rig.hours(10.0);
    assert_eq!(slipping.reached_ug, before.reached_ug);
    assert_near(slipping.moved_ul - before.moved_ul, 9.8, 0.01);
    assert_near(before.reservoir_ul - slipping.reservoir_ul, 9.8, 0.01);
    rig.send(stop(false));
    rig.device.set_condition(Condition::healthy(37.0, 10.0));
    let released = rig.hours(0.1);
    assert_near(released.reached_ug - before.reached_ug, 4.9, 0.01);
}

/// 18 600 µL at 1140 µL/h last 16.3 h; after 17.1 h the pump has counted 17 100 µL.
#[test]
fn an_over_infusing_pump_empties_in_silence() {
    let mut rig = Rig::new(spec(500));
    rig.device.set_condition(Condition {
        drift: 0.2,
        ..healthy()
    });
    rig.infuse(500_000, 500);
    let truth = rig.hours(17.0);
    assert_eq!(truth.state, PumpState::Empty);
    assert_near(truth.reservoir_ul, 1_400.0, 1e-6);
    assert_near(truth.moved_ul, 18_600.0, 1e-6);
    assert_eq!(rig.hours(0.1).tip_flow_ul_per_h, 0.0);
    let said = rig.device.telemetry(Timestamp::ZERO, &Noise::default());
    assert_eq!(said.state.map(|s| s.value), Ok(PumpState::Holding));
    assert_near(said.reservoir_ul.unwrap().value, 2_900.0, 0.2);
    assert_near(said.delivered_ug.unwrap().value, 8_550.0, 0.1);
}

#[test]
fn a_cold_pump_gives_less_within_what_a_sound_pump_can() {
    let mut spec = spec(500);
    spec.pump.bias_per_c_below_37 = -0.05 / 15.0;
    let mut rig = Rig::new(spec);
    rig.infuse(10_000, 500);
    for (celsius, ul_per_h) in [(37.0, 20.0), (22.0, 19.0), (40.0, 20.2), (-20.0, 17.2)] {
        rig.device.set_condition(Condition::healthy(celsius, 0.0));
        assert_near(rig.hours(1.0).tip_flow_ul_per_h, ul_per_h, 1e-9);
    }
}

#[test]
fn apart_at_the_connector_drug_is_lost_and_csf_backs_out() {
    let mut rig = Rig::new(spec(500));
    rig.infuse(16_650, 500);
    let before = rig.hours(1.0);
    rig.device.set_condition(Condition {
        connector_share: 0.0,
        csf_backflow_ul_per_h: 10_000.0,
        ..healthy()
    });
    let apart = rig.hours(1.0);
    assert_eq!(apart.reached_ug, before.reached_ug);
    assert_near(apart.csf_lost_ul, 10_000.0, 1e-6);
    assert_near(apart.tip_flow_ul_per_h, -10_000.0, 1e-6);
    assert_near(apart.lost_ug, (33.3 + DRAIN_UL) * 0.5, 1e-6);
    rig.send(stop(true));
    assert_eq!(rig.hours(1.0).csf_lost_ul, apart.csf_lost_ul);
    rig.device.set_condition(healthy());
    rig.infuse(16_650, 500);
    let again = rig.hours(9.24);
    assert_eq!(
        (again.reached_ug, again.tip_ug_per_ml),
        (before.reached_ug, 0.0)
    );
    assert!(rig.hours(0.02).reached_ug > before.reached_ug);
}

#[test]
fn a_leak_at_the_connector_and_one_at_the_tip_share_the_flow() {
    let mut rig = Rig::new(spec(500));
    rig.device.set_condition(Condition {
        connector_share: 0.8,
        tip_share: 0.5,
        ..healthy()
    });
    rig.infuse(10_000, 500);
    let truth = rig.hours(10.0);
    assert_near(truth.moved_ug, 100.0, 1e-9);
    assert_near(truth.reached_ug, 40.0, 1e-6);
    assert_near(truth.lost_ug, 60.0, 1e-6);
}

#[test]
fn a_clamp_closes_free_flow_too() {
    let mut rig = Rig::new(spec(500));
    rig.device.set_condition(Condition {
        added_flow_ul_per_h: 600.0,
        ..healthy()
    });
    rig.send(stop(false));
    let free = rig.hours(0.1);
    assert_near(free.reached_ug, 30.0, 1e-6);
    rig.send(stop(true));
    let closed = rig.hours(5.0);
    assert_eq!(
        (closed.reached_ug, closed.tip_flow_ul_per_h),
        (free.reached_ug, 0.0)
    );
}

#[test]
fn a_rotor_that_moves_nothing_believes_in_its_strokes() {
    let mut rig = Rig::new(spec(500));
    rig.device.set_condition(Condition {
        gain: 0.0,
        ..healthy()
    });
    rig.infuse(10_000, 500);
    assert_eq!(rig.hours(10.0).moved_ug, 0.0);
    let said = rig.device.telemetry(Timestamp::ZERO, &Noise::default());
    let delivered = said.delivered_ug.map(|Sample { value, .. }| value);
    assert_near(delivered.unwrap(), 100.0, 0.06);
    assert_eq!(said.motion.map(|s| s.value), Ok(true));
}

#[test]
fn flow_backwards_takes_drug_back_into_the_reservoir() {
    let mut rig = Rig::new(unprimed(500));
    rig.device.set_condition(Condition {
        added_flow_ul_per_h: -300.0,
        ..healthy()
    });
    let truth = rig.hours(1.0);
    assert_near(truth.moved_ul, -300.0, 1e-6);
    assert_near(truth.moved_ug, -TUBING_UL * 0.5, 1e-6);
    assert_near(truth.line_ug, 0.0, 1e-9);
}

#[test]
fn priming_to_the_floor_and_taking_the_catheter_out_are_booked() {
    let mut rig = Rig::new(spec(500));
    rig.send(prime(10));
    rig.device.remove_catheter();
    let truth = rig.hours(1.0);
    assert_near(truth.primed_ug, 5.0, 1e-9);
    assert_near(truth.lost_ug, DRAIN_UL * 0.5, 1e-9);
    assert!(!truth.connected);
}
