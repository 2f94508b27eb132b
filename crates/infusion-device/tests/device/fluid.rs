//! Air, decay, open drains and soft lines.

use infusion_device::BALANCE_TOLERANCE_UG;

use crate::support::{DRAIN_UL, Rig, TUBING_UL, assert_near, drug, spec, stop, value};

/// 40 µL/h, a quarter of it air, for two hours: 20 µL of air, and 60 µL, 30 µg, from the reservoir.
#[test]
fn air_takes_the_place_of_drug() {
    let mut rig = Rig::new(spec(500));
    rig.set(|condition| condition.air_share = 0.25);
    rig.infuse(20_000, 500);
    let truth = rig.hours(2.0);
    assert_near(truth.air_ul, 20.0, 1e-9);
    assert_near(truth.moved_ul, 60.0, 1e-9);
    assert_near(truth.moved_ug, 30.0, 1e-9);
    assert_near(truth.reservoir_ul, 20_000.0 - 60.0, 1e-9);
    assert_near(truth.reached_ug, 40.0, 1e-9);
    assert_near(truth.line_ug, (TUBING_UL + DRAIN_UL) * 0.5 - 10.0, 1e-9);
    assert_near(value(rig.quiet().air_ul), 20.0, 1e-9);
    assert_eq!(truth.front_ul, None, "the drug itself is the same");
}

/// The air of 80 µL is at the tip when the 507 µL of the line have moved on, after 12.675 h.
#[test]
fn air_passes_the_sensor_and_the_tip_and_is_no_dose() {
    let mut rig = Rig::new(spec(500));
    rig.set(|condition| condition.air_share = 1.0);
    rig.infuse(20_000, 500);
    let pure = rig.hours(2.0);
    assert_near(pure.air_ul, 80.0, 1e-9);
    assert_eq!((pure.moved_ul, pure.moved_ug), (0.0, 0.0));
    rig.set(|_| ());
    rig.hours(1.0);
    assert_near(value(rig.quiet().air_ul), 80.0, 1e-9);
    let in_catheter = rig.hours(2.0 + 10.0 / 40.0);
    assert_near(in_catheter.air_ul, 199.0 - 130.0, 1e-9);
    let before = rig.hours(12.674 - 5.25);
    assert_near(before.reached_ug, 12.674 * 20.0, 1e-6);
    let passing = rig.hours(2.0);
    assert_near(passing.reached_ug, 12.675 * 20.0, 1e-6);
    assert_eq!((passing.tip_ug_per_ml, passing.air_ul), (0.0, 0.0));
    assert_near(rig.hours(1.001).reached_ug, 13.675 * 20.0, 1e-6);
}

/// 18 600 µL at 1000 µL/h with a tenth of air last 20.67 h.
#[test]
fn air_spares_the_reservoir() {
    let mut rig = Rig::new(spec(500));
    rig.set(|condition| condition.air_share = 0.1);
    rig.infuse(500_000, 500);
    assert_near(rig.hours(20.0).reservoir_ul, 2_000.0, 1e-6);
    let empty = rig.hours(2.0);
    assert_near(empty.reservoir_ul, 1_400.0, 1e-6);
    assert_near(empty.moved_ul, 18_600.0, 1e-6);
    assert_eq!(rig.hours(1.0).tip_flow_ul_per_h, 0.0);
}

/// 100 µL back into the reservoir: as much air comes in at the open end.
#[test]
fn an_open_end_sucks_air_and_what_comes_back_is_no_air() {
    let mut rig = Rig::new(spec(500));
    rig.device.disconnect_patient();
    rig.set(|condition| condition.added_flow_ul_per_h = -100.0);
    let sucked = rig.hours(1.0);
    assert_near(sucked.air_ul, 100.0, 1e-9);
    assert_near(sucked.reservoir_ul, 20_100.0, 1e-9);
    let all = rig.hours(2.0);
    assert_near(all.air_ul, TUBING_UL, 1e-9);
    assert_near(all.reservoir_ul, 20_000.0 + TUBING_UL, 1e-9);
    assert_near(all.moved_ul, -TUBING_UL, 1e-9);
    assert!(all.balance_error_ug().abs() <= BALANCE_TOLERANCE_UG);
}

/// 300 µL back through a tubing of 199: the last 101 come out of the catheter.
#[test]
fn flow_backwards_brings_all_that_it_moves() {
    let mut rig = Rig::new(spec(500));
    rig.set(|condition| condition.added_flow_ul_per_h = -300.0);
    let truth = rig.hours(1.0);
    assert_near(truth.reservoir_ul, 20_300.0, 1e-9);
    assert_near(truth.moved_ug, -150.0, 1e-9);
    assert_near(truth.line_ug, (TUBING_UL + DRAIN_UL - 300.0) * 0.5, 1e-9);
}

/// 20 mL/h for half an hour is 10 mL, in the bag and of the patient; the infusion goes on.
#[test]
fn an_open_drain_takes_csf_and_no_drug() {
    let mut rig = Rig::new(spec(500));
    rig.set(|condition| condition.csf_drain_ul_per_h = 20_000.0);
    rig.infuse(10_000, 500);
    let open = rig.hours(0.5);
    assert_near(open.csf_drained_ul, 10_000.0, 1e-9);
    assert_near(open.csf_lost_ul, 10_000.0, 1e-9);
    assert_near(open.reached_ug, 5.0, 1e-9);
    assert_eq!(open.lost_ug, 0.0);
    assert_near(open.tip_flow_ul_per_h, 20.0, 1e-9);
    assert_near(value(rig.quiet().drained_csf_ul), 10_000.0, 1e-9);
    rig.send(stop(true));
    assert_near(rig.hours(1.0).csf_lost_ul, 10_000.0, 1e-9);
    rig.send(stop(false));
    rig.device.disconnect_patient();
    assert_near(rig.hours(1.0).csf_lost_ul, 10_000.0, 1e-9);
    rig.device.connect_patient();
    rig.set(|condition| {
        condition.csf_drain_ul_per_h = 20_000.0;
        condition.connector_share = 0.0;
        condition.csf_backflow_ul_per_h = 1_000.0;
    });
    let both = rig.hours(1.0);
    assert_near(both.csf_drained_ul, 30_000.0, 1e-6);
    assert_near(both.csf_lost_ul, 31_000.0, 1e-6);
    assert_near(value(rig.quiet().drained_csf_ul), 31_000.0, 1e-6);
}

/// Ten times 0.02 µL/mmHg: from 10 to 500 mmHg 98 µL, 2.94 h at 33.3 µL/h, 49 µg at release.
#[test]
fn a_soft_line_stores_more_and_gives_it_back() {
    let mut rig = Rig::new(spec(500));
    rig.set(|condition| condition.csf_pressure_mmhg = 10.0);
    rig.infuse(16_650, 500);
    let before = rig.hours(1.0);
    rig.set(|condition| {
        condition.csf_pressure_mmhg = 10.0;
        condition.compliance_times = 10.0;
        condition.resistance_times = f64::INFINITY;
    });
    let changed = rig.device.truth();
    assert_eq!(changed.pressure_mmhg, before.pressure_mmhg);
    assert_near(rig.hours(2.9).pressure_mmhg, 10.0 + 33.3 * 2.9 / 0.2, 0.1);
    let full = rig.hours(1.0);
    assert_eq!(full.pressure_mmhg, 500.0);
    assert_near(full.moved_ul - before.moved_ul, 98.0, 0.01);
    rig.send(stop(false));
    rig.set(|condition| {
        condition.csf_pressure_mmhg = 10.0;
        condition.compliance_times = 10.0;
    });
    assert_eq!(rig.device.truth().pressure_mmhg, 500.0);
    let released = rig.hours(0.1);
    assert_near(released.reached_ug - before.reached_ug, 49.0, 0.01);
}

/// 10 000 µg at 1 % an hour keep exp(−0.24) of themselves for a day, and 30 µg of 12 h ago.
#[test]
fn drug_decays_in_the_reservoir_and_the_line_shows_it_later() {
    let mut rig = Rig::new(spec(500));
    rig.set(|condition| condition.drug_decay_per_h = 0.01);
    let day = rig.hours(24.0);
    let kept = 0.786_627_861_066_553_3;
    assert_near(day.decayed_ug, 10_000.0 * (1.0 - kept), 10.0);
    assert_near(day.reservoir_ug, 10_000.0 * kept, 10.0);
    assert_eq!((day.tip_ug_per_ml, day.lost_ug), (500.0, 0.0));
    assert!(day.balance_error_ug().abs() <= BALANCE_TOLERANCE_UG);
    rig.infuse(50_000, 500);
    let arriving = rig.hours(5.08);
    assert_near(arriving.tip_ug_per_ml, 500.0 * kept, 0.5);
    assert_near(value(rig.quiet().delivered_ug), 50.0 * 5.08, 0.06);
    rig.set(|_| ());
    let decayed_ug = rig.device.truth().decayed_ug;
    assert_eq!(rig.hours(24.0).decayed_ug, decayed_ug);
    let filled = rig.device.truth().filled_ug;
    rig.device.refill(20_000.0, drug(500));
    assert_near(rig.device.truth().filled_ug - filled, 10_000.0, 1e-9);
}

/// A clamp keeps fluid where it is, and drug decays behind it all the same.
#[test]
fn a_clamp_stops_no_decay() {
    let mut rig = Rig::new(spec(500));
    rig.send(stop(true));
    rig.set(|condition| condition.drug_decay_per_h = 1.0);
    let truth = rig.hours(2.0);
    assert_near(truth.reservoir_ug, 10_000.0 * 0.135_335, 10.0);
    assert!(truth.balance_error_ug().abs() <= BALANCE_TOLERANCE_UG);
}
