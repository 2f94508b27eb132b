//! A pump without power, and what comes back with it.

use core::time::Duration;

use infusion_device::{Acceptance, Refusal};
use infusion_types::{DailyDose, NoData, PumpState, Refused, Session, Telemetry, Timestamp};

use crate::support::{
    LEASE, Rig, SESSION, assert_near, command, drug, infuse, prime, spec, stop, value,
};

fn cut(rig: &mut Rig) {
    rig.set(|condition| condition.powered = false);
}

fn restore(rig: &mut Rig) {
    rig.set(|_| ());
}

#[test]
fn a_dead_pump_moves_nothing_says_nothing_and_takes_nothing() {
    let mut rig = Rig::new(spec(500));
    rig.infuse(10_000, 500);
    let before = rig.hours(1.0);
    rig.set(|condition| {
        condition.powered = false;
        condition.battery_drain = f64::INFINITY;
    });
    let dead = rig.hours(10.0);
    assert!(!dead.powered && !dead.motion && !dead.stalled && !dead.alarming);
    assert_eq!(dead.moved_ul, before.moved_ul);
    assert_eq!(dead.battery_min, before.battery_min);
    assert_eq!(rig.quiet(), Telemetry::silent(NoData::LinkSilent));
    assert_eq!(rig.device.poll_timeout(), None);
    let no_power = Refusal::NoPower;
    assert_eq!(rig.infuse(9_000, 500), Acceptance::Refused(no_power));
    assert_eq!(rig.device.ping(SESSION), Err(no_power));
    rig.device.authorise(DailyDose::from_nanograms_per_day(1));
    rig.device.authorise_concentration(drug(2_000));
    rig.device.pair(Session::new(99));
    rig.device.refuse_frame();
    rig.device.run_own_program(500.0);
    rig.device.prime_by_itself(500.0);
    assert_eq!(rig.device.truth(), dead);
}

/// 600 µL/h past the pump: through a dead pump as through one that is stopped.
#[test]
fn a_dead_pump_stops_no_free_flow_and_its_clamp_stays() {
    let mut rig = Rig::new(spec(500));
    let open = |rig: &mut Rig, powered| {
        rig.set(|condition| {
            condition.powered = powered;
            condition.added_flow_ul_per_h = 600.0;
        });
    };
    open(&mut rig, false);
    assert_near(rig.hours(0.1).reached_ug, 30.0, 1e-6);
    open(&mut rig, true);
    rig.send(stop(true));
    open(&mut rig, false);
    let truth = rig.hours(1.0);
    assert!(truth.clamped);
    assert_near(truth.reached_ug, 30.0, 1e-6);
}

#[test]
fn with_power_it_goes_on_with_what_it_remembers() {
    let mut rig = Rig::new(spec(500));
    rig.infuse(10_000, 500);
    rig.device.refuse_frame();
    rig.infuse(90_000, 500);
    let before = rig.hours(0.01);
    assert_eq!(
        before.refused,
        Refused {
            frames: 1,
            commands: 1
        }
    );
    let said = rig.quiet();
    cut(&mut rig);
    rig.hours(1.0);
    restore(&mut rig);
    let back = rig.device.truth();
    assert_eq!((back.state, back.alarming), (PumpState::Holding, true));
    assert_eq!(back.set_flow_ul_per_h, before.set_flow_ul_per_h);
    assert_eq!((back.limit, back.accepted), (before.limit, before.accepted));
    assert_eq!(back.refused, Refused::default());
    assert_eq!(rig.quiet().delivered_ug, said.delivered_ug);
    assert_eq!(rig.quiet().reservoir_ul, said.reservoir_ul);
    assert_near(rig.hours(1.0).moved_ul, 0.2 + 20.0, 1e-9);
    let again = command(1, infuse(9_000, 500));
    assert_eq!(
        rig.device.accept(Timestamp::ZERO, again),
        Acceptance::Repeated,
        "a replay from before"
    );
    assert_eq!(rig.device.ping(SESSION), Ok(()));
    let awake = rig.device.truth();
    assert_eq!((awake.state, awake.alarming), (PumpState::Infusing, false));
    assert_eq!(rig.infuse(9_000, 500), Acceptance::Applied);
}

#[test]
fn a_prime_does_not_come_back_with_the_power() {
    let mut rig = Rig::new(spec(500));
    rig.device.disconnect_patient();
    rig.send(prime(100));
    rig.hours(0.01);
    cut(&mut rig);
    restore(&mut rig);
    let truth = rig.hours(1.0);
    assert_eq!(truth.state, PumpState::Idle);
    assert_near(truth.primed_ul, 10.0, 1e-9);
}

/// A battery of an hour that is drained twice as fast: 10 µL of 20 µL/h, and the clamp stays open.
#[test]
fn an_empty_battery_is_no_power_from_its_exact_moment_on() {
    let mut short = spec(500);
    short.pump.battery_min = 60.0;
    let mut rig = Rig::new(short);
    rig.set(|condition| condition.battery_drain = 2.0);
    rig.infuse(10_000, 500);
    rig.device.advance(LEASE);
    let half_hour = Duration::from_secs(1_800);
    assert_eq!(rig.device.poll_timeout(), Some(half_hour - LEASE));
    let truth = rig.hours(3.0);
    assert_near(truth.moved_ul, 10.0, 1e-9);
    assert_eq!((truth.powered, truth.battery_min), (false, 0.0));
    assert_eq!(rig.quiet(), Telemetry::silent(NoData::LinkSilent));
    assert_eq!(rig.device.poll_timeout(), None);
    rig.set(|_| ());
    assert!(!rig.device.truth().powered, "it is still empty");
    rig.device.change_battery();
    assert_near(value(rig.quiet().battery_min), 60.0, 1e-12);
    let again = rig.hours(0.5);
    assert_eq!(again.state, PumpState::Holding);
    assert_near(again.moved_ul, 20.0, 1e-9);
    assert_near(again.battery_min, 30.0, 1e-9);
}

#[test]
fn a_battery_changed_in_time_interrupts_nothing() {
    let mut short = spec(500);
    short.pump.battery_min = 60.0;
    let mut rig = Rig::new(short);
    rig.infuse(10_000, 500);
    rig.device.advance(Duration::from_secs(60));
    rig.device.change_battery();
    let truth = rig.device.truth();
    assert_eq!(
        (truth.state, truth.lease_ended),
        (PumpState::Infusing, false)
    );
    rig.device.set_condition(*rig.device.clone().condition());
    assert_eq!(rig.device.truth(), truth);
}

/// A pump that never had a battery is a dead one.
#[test]
fn a_pump_can_be_dead_from_the_start() {
    let mut empty = spec(500);
    empty.pump.battery_min = 0.0;
    let mut rig = Rig::new(empty);
    assert_eq!(
        rig.infuse(10_000, 500),
        Acceptance::Refused(Refusal::NoPower)
    );
    assert_eq!(rig.hours(1.0).moved_ul, 0.0);
}
