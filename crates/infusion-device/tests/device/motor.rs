//! What rotor and motor do with what they are told.

use core::time::Duration;

use infusion_types::PumpState;

use crate::support::{Rig, assert_near, healthy, infuse, prime, spec, stop, value};

fn motion(rig: &Rig) -> Option<bool> {
    rig.quiet().motion.ok().map(|sample| sample.value)
}

/// 20 µL/h for ten hours: the pump counts 200 µL, 100 µg, and builds no pressure against a block.
#[test]
fn a_closed_inlet_lets_the_rotor_turn_for_nothing() {
    let mut rig = Rig::new(spec(500));
    rig.set(|condition| {
        condition.inlet_share = 0.0;
        condition.resistance_times = f64::INFINITY;
    });
    rig.infuse(10_000, 500);
    let truth = rig.hours(10.0);
    assert_eq!((truth.moved_ul, truth.pressure_mmhg), (0.0, 0.0));
    assert!(truth.motion && !truth.stalled);
    assert_eq!(motion(&rig), Some(true));
    assert_near(value(rig.quiet().delivered_ug), 100.0, 0.06);
    rig.set(|condition| condition.inlet_share = 0.25);
    assert_near(rig.hours(10.0).moved_ul, 50.0, 1e-9);
    rig.set(|condition| {
        condition.inlet_share = 0.0;
        condition.added_flow_ul_per_h = 600.0;
    });
    assert_near(rig.hours(1.0).moved_ul, 50.0, 1e-9);
}

#[test]
fn a_pump_that_stalls_knows_it() {
    let mut rig = Rig::new(spec(500));
    rig.infuse(10_000, 500);
    let before = rig.hours(1.0);
    let counted = rig.quiet();
    assert_eq!(motion(&rig), Some(true));
    rig.set(|condition| condition.turns = false);
    let truth = rig.hours(10.0);
    let said = rig.quiet();
    assert_eq!(truth.moved_ul, before.moved_ul);
    assert_eq!(said.delivered_ug, counted.delivered_ug);
    assert_eq!(said.reservoir_ul, counted.reservoir_ul);
    assert_eq!(said.state.map(|s| s.value), Ok(PumpState::Holding));
    assert_eq!(motion(&rig), Some(false));
    assert!(truth.stalled && !truth.motion);
    rig.send(stop(false));
    assert_eq!(motion(&rig), Some(true), "it should not turn");
    assert!(!rig.device.truth().stalled);
    rig.set(|_| ());
    rig.infuse(10_000, 500);
    assert_near(rig.hours(1.0).moved_ul, before.moved_ul + 20.0, 1e-9);
}

/// Nothing is moved, so only the lease of 90 s can end it.
#[test]
fn a_prime_that_stalls_ends_with_its_lease() {
    let mut rig = Rig::new(spec(500));
    rig.device.disconnect_patient();
    rig.set(|condition| condition.turns = false);
    rig.send(prime(10));
    assert_eq!(rig.device.poll_timeout(), Some(Duration::from_secs(90)));
    rig.device.advance(Duration::from_millis(89_999));
    assert_eq!(rig.device.truth().state, PumpState::Priming);
    rig.device.advance(Duration::from_millis(1));
    let truth = rig.device.truth();
    assert_eq!((truth.state, truth.primed_ul), (PumpState::Idle, 0.0));
}

/// 50 µL/h whatever it is told: 25 µg/h of 500 µg/mL, counted as delivered.
#[test]
fn a_motor_that_is_stuck_on_never_runs_slower() {
    let mut rig = Rig::new(spec(500));
    rig.set(|condition| condition.motor_least_ul_per_h = 50.0);
    let idle = rig.hours(1.0);
    assert_near(idle.moved_ul, 50.0, 1e-9);
    assert!(idle.motion);
    rig.infuse(10_000, 500);
    assert_near(rig.hours(1.0).moved_ul, 100.0, 1e-9);
    rig.infuse(10_000, 500);
    assert_near(rig.device.truth().set_flow_ul_per_h, 20.0, 1e-9);
    rig.send(stop(false));
    let stopped = rig.hours(1.0);
    assert_eq!(
        (stopped.state, stopped.set_flow_ul_per_h),
        (PumpState::Stopped, 0.0)
    );
    assert_near(stopped.moved_ul, 150.0, 1e-9);
    assert_near(value(rig.quiet().delivered_ug), 75.0, 0.06);
    rig.send(stop(true));
    let clamped = rig.hours(1.0);
    assert_near(clamped.moved_ul, 150.0, 1e-9);
    assert_eq!(clamped.tip_flow_ul_per_h, 0.0);
    rig.set(|condition| {
        condition.motor_least_ul_per_h = 50.0;
        condition.turns = false;
    });
    rig.send(stop(false));
    assert_near(rig.hours(1.0).moved_ul, 150.0, 1e-9);
}

#[test]
fn a_motor_that_is_stuck_on_still_runs_faster() {
    let mut rig = Rig::new(spec(500));
    rig.set(|condition| condition.motor_least_ul_per_h = 50.0);
    rig.infuse(40_000, 500);
    assert_near(rig.hours(1.0).moved_ul, 80.0, 1e-9);
}

/// 30 µL/h: a packet of 10 µL, 5 µg, every 20 min, out within 0.36 s.
#[test]
fn flow_comes_in_packets() {
    let mut rig = Rig::new(spec(500));
    rig.set(|condition| condition.packet_ul = 10.0);
    rig.infuse(15_000, 500);
    let filling = rig.hours(0.333);
    assert_eq!((filling.moved_ul, filling.reached_ug), (0.0, 0.0));
    assert_near(filling.withheld_ul, 9.99, 1e-9);
    assert_eq!(filling.packet_ul, 10.0);
    let first = rig.hours(0.001);
    assert_near(first.reached_ug, 5.0, 1e-9);
    assert_near(first.withheld_ul, 0.02, 1e-9);
    assert_near(first.tip_flow_ul_per_h, 10_000.0, 1e-6);
    assert_eq!(rig.hours(0.3).tip_flow_ul_per_h, 0.0);
    assert_near(value(rig.quiet().delivered_ug), 0.634 * 15.0, 0.06);
    let day = rig.hours(24.0 - 0.634 + 0.001);
    assert_near(day.reached_ug, 360.0, 1e-6);
    assert_near(day.reservoir_ul, 20_000.0 - 720.0, 1e-6);
}

/// A packet on its way is 10 µL; the clamp holds what is left of it, and nothing is lost.
#[test]
fn a_clamp_holds_a_packet_and_a_stop_holds_what_is_withheld() {
    let mut rig = Rig::new(spec(500));
    rig.set(|condition| condition.packet_ul = 10.0);
    rig.infuse(15_000, 500);
    rig.hours(1.0 / 3.0 + 0.5e-4);
    let halfway = rig.device.truth();
    assert_near(halfway.moved_ul, 5.0, 0.01);
    rig.send(stop(true));
    assert_eq!(rig.hours(5.0).moved_ul, halfway.moved_ul);
    rig.send(stop(false));
    assert_near(rig.hours(1.0).moved_ul, 10.0, 1e-9);
    rig.infuse(15_000, 500);
    rig.hours(0.1);
    rig.send(stop(false));
    assert_near(rig.hours(1.0).moved_ul, 10.0, 1e-9);
    rig.set(|_| ());
    let let_go = rig.hours(1.0);
    assert_near(let_go.moved_ul, 13.0, 0.01);
    assert_eq!(let_go.withheld_ul, 0.0);
}

/// 0.1 % more for each kPa below 101.325: 4.1325 % at 60 kPa, and 0.4675 % less at 106.
#[test]
fn thin_air_makes_the_pump_faster() {
    let mut spec = spec(500);
    spec.pump.bias_per_kpa_below_standard = 0.001;
    let mut rig = Rig::new(spec);
    rig.infuse(10_000, 500);
    for (kpa, ul_per_h) in [
        (101.325, 20.0),
        (60.0, 20.8265),
        (106.0, 19.9065),
        (10.0, 21.8265),
        (1_000.0, 17.2),
    ] {
        rig.set(|condition| condition.ambient_kpa = kpa);
        assert_near(rig.hours(1.0).tip_flow_ul_per_h, ul_per_h, 1e-9);
    }
}

/// The sequence of commands is what it was: a stalled pump still takes a rate.
#[test]
fn a_stalled_pump_takes_commands() {
    let mut rig = Rig::new(spec(500));
    rig.set(|condition| condition.turns = false);
    rig.infuse(10_000, 500);
    assert_near(rig.device.truth().set_flow_ul_per_h, 20.0, 1e-9);
    rig.device.set_condition(healthy());
    assert_near(rig.hours(1.0).moved_ul, 20.0, 1e-9);
    assert_eq!(
        rig.device.truth().accepted.map(|taken| taken.value.action),
        Some(infuse(10_000, 500))
    );
}
