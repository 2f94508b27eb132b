//! What happens to a pump once: its firmware falls back, runs wild, restarts, or its drug is gone.

use core::time::Duration;

use infusion_device::{Acceptance, BALANCE_TOLERANCE_UG, Device, Refusal};
use infusion_types::{Action, DailyDose, DoseRate, NoData, PumpState, Refused, Session, Timestamp};

use crate::support::{
    LEASE, Rig, SESSION, assert_near, command, drug, healthy, infuse, prime, spec, stop, value,
};

fn in_force(rig: &Rig) -> Option<(u32, Action)> {
    let accepted = rig.quiet().accepted.ok()?.value;
    Some((accepted.sequence, accepted.action))
}

fn said_state(rig: &Rig) -> Option<PumpState> {
    rig.quiet().state.ok().map(|sample| sample.value)
}

/// 60 µL at 1000 µL/h take 3.6 min: 30 µg into the patient that the pump does not count as delivered.
#[test]
fn a_pump_that_primes_by_itself_says_so_and_reads_back_its_command() {
    let mut rig = Rig::new(spec(500));
    rig.infuse(10_000, 500);
    let before = rig.hours(1.0);
    let counted = rig.quiet().delivered_ug;
    rig.device.prime_by_itself(60.0);
    assert_eq!(said_state(&rig), Some(PumpState::Priming));
    assert_eq!(in_force(&rig), Some((1, infuse(10_000, 500))));
    let halfway = rig.hours(0.03);
    assert_near(halfway.reached_ug - before.reached_ug, 15.0, 1e-9);
    let truth = rig.hours(1.0);
    assert_eq!(truth.state, PumpState::Idle);
    assert_near(truth.reached_ug - before.reached_ug, 30.0, 1e-9);
    assert_eq!(truth.primed_ul, 0.0, "the line was not open");
    assert_eq!(rig.quiet().delivered_ug, counted);
    assert_eq!(in_force(&rig), Some((1, infuse(10_000, 500))));
}

/// 500 µL take half an hour, far longer than a lease of 90 s; a ping keeps the lease, not the prime.
#[test]
fn nobody_leases_a_prime_that_nobody_asked_for() {
    let mut rig = Rig::new(spec(500));
    rig.infuse(10_000, 500);
    rig.device.prime_by_itself(500.0);
    rig.device.advance(Duration::from_secs(60));
    assert_eq!(rig.device.ping(SESSION), Ok(()));
    rig.device.advance(Duration::from_secs(60));
    assert!(!rig.device.truth().lease_ended);
    let silent = rig.hours(0.1);
    assert_eq!((silent.state, silent.alarming), (PumpState::Priming, true));
    assert_near(rig.hours(1.0).moved_ul, 500.0, 1e-9);
}

#[test]
fn a_new_command_ends_a_prime_that_nobody_asked_for() {
    for action in [stop(true), infuse(9_000, 500)] {
        let mut rig = Rig::new(spec(500));
        rig.infuse(10_000, 500);
        rig.device.prime_by_itself(500.0);
        rig.hours(0.01);
        let repeat = command(1, infuse(10_000, 500));
        let answer = rig.device.accept(Timestamp::ZERO, repeat);
        assert_eq!(answer, Acceptance::Repeated, "nothing new");
        assert_eq!(said_state(&rig), Some(PumpState::Priming));
        assert_eq!(rig.send(action), Acceptance::Applied);
        let flow = rig.device.truth().set_flow_ul_per_h;
        let moved = rig.hours(1.0).moved_ul;
        assert_near(moved, 10.0 + flow, 1e-9);
        assert_eq!(in_force(&rig), Some((2, action)));
    }
}

#[test]
fn a_prime_by_itself_opens_the_clamp_and_has_a_volume() {
    let mut rig = Rig::new(spec(500));
    rig.send(stop(true));
    rig.device.prime_by_itself(5.0);
    assert!(!rig.device.truth().clamped);
    assert_near(rig.hours(1.0).reached_ug, 2.5, 1e-9);
    for none in [0.0, -5.0, f64::NAN] {
        rig.device.prime_by_itself(none);
        assert_near(rig.hours(1.0).reached_ug, 2.5, 1e-9);
    }
    rig.device.prime_by_itself(f64::INFINITY);
    assert_near(rig.hours(30.0).reservoir_ul, 1_400.0, 1e-6);
}

/// 120 µL/h of 500 µg/mL is 60 000 ng/h, above the limit of 10 000: the pump does it all the same.
#[test]
fn a_program_of_its_own_is_read_back_and_can_be_put_right() {
    let mut rig = Rig::new(spec(500));
    rig.device
        .authorise(DailyDose::from_nanograms_per_day(240_000));
    rig.infuse(10_000, 500);
    let told = rig.device.truth().accepted;
    rig.device.run_own_program(120.0);
    assert_eq!(in_force(&rig), Some((1, infuse(60_000, 500))));
    assert_eq!(said_state(&rig), Some(PumpState::Infusing));
    let truth = rig.hours(1.0);
    assert_near(truth.moved_ul, 120.0, 1e-9);
    assert_eq!((truth.accepted, truth.state), (told, PumpState::Holding));
    let limit = truth.limit.map(DoseRate::nanograms_per_hour);
    assert_eq!(limit, Some(10_000));
    let above = Acceptance::Refused(Refusal::AboveLimit);
    assert_eq!(rig.infuse(60_000, 500), above);
    assert_eq!(in_force(&rig), Some((1, infuse(60_000, 500))));
    let again = command(1, infuse(10_000, 500));
    assert_eq!(
        rig.device.accept(Timestamp::ZERO, again),
        Acceptance::Repeated
    );
    assert_eq!(rig.infuse(10_000, 500), Acceptance::Applied);
    assert_eq!(in_force(&rig), Some((3, infuse(10_000, 500))));
    assert_near(rig.hours(1.0).moved_ul, 140.0, 1e-9);
}

/// Quanta of 0.01 µL/h, at most 1000 µL/h; less than half a quantum is no program.
#[test]
fn a_program_of_its_own_is_one_that_the_motor_can_run() {
    let mut rig = Rig::new(spec(500));
    rig.send(stop(true));
    for (flow, runs) in [(3.336, 3.34), (1e9, 1_000.0), (f64::INFINITY, 1_000.0)] {
        rig.device.run_own_program(flow);
        let truth = rig.device.truth();
        assert_near(truth.set_flow_ul_per_h, runs, 1e-9);
        assert!(!truth.clamped);
    }
    for none in [0.004, 0.0, -1.0, f64::NAN] {
        rig.device.run_own_program(none);
        assert_eq!(said_state(&rig), Some(PumpState::Idle));
        assert_eq!(rig.quiet().accepted, Err(NoData::NeverSeen));
    }
    assert_eq!(
        rig.device.accept(Timestamp::ZERO, command(1, stop(true))),
        Acceptance::Repeated,
        "it has not forgotten its sequence"
    );
}

#[test]
fn a_pump_that_was_never_told_anything_can_have_a_program() {
    let mut device = Device::new(spec(500), healthy());
    device.pair(SESSION);
    device.run_own_program(20.0);
    let mut rig = Rig {
        device,
        sequence: 0,
    };
    assert_eq!(in_force(&rig), Some((0, infuse(10_000, 500))));
    assert_eq!(rig.device.truth().accepted, None);
    assert_eq!(rig.send(stop(false)), Acceptance::Applied);
    assert_eq!(in_force(&rig), Some((1, stop(false))));
}

/// The rate that it reads back is of the drug that it calculates with.
#[test]
fn a_program_of_its_own_names_the_programmed_drug() {
    let mut rig = Rig::new(spec(2_000));
    rig.device.authorise_concentration(drug(500));
    rig.device.run_own_program(4.0);
    assert_eq!(in_force(&rig), Some((0, infuse(8_000, 2_000))));
}

#[test]
fn a_restart_holds_the_rate_on_an_ended_lease() {
    let mut rig = Rig::new(spec(500));
    rig.infuse(10_000, 500);
    rig.device.refuse_frame();
    rig.hours(0.01);
    let counted = rig.quiet();
    rig.device.restart();
    let truth = rig.device.truth();
    assert_eq!((truth.state, truth.alarming), (PumpState::Holding, true));
    assert_eq!(truth.refused, Refused::default());
    assert_eq!(rig.quiet().delivered_ug, counted.delivered_ug);
    assert_eq!(rig.quiet().reservoir_ul, counted.reservoir_ul);
    assert_eq!(in_force(&rig), Some((1, infuse(10_000, 500))));
    assert_near(rig.hours(1.0).moved_ul, 20.2, 1e-9);
    let old = rig
        .device
        .accept(Timestamp::ZERO, command(0, infuse(1_000, 500)));
    assert_eq!(old, Acceptance::Refused(Refusal::OldSequence));
    assert_eq!(rig.device.ping(Session::new(1)), Err(Refusal::WrongSession));
    assert_eq!(rig.device.ping(SESSION), Ok(()));
    assert!(!rig.device.truth().alarming);
}

#[test]
fn a_restart_ends_a_prime_and_keeps_clamp_and_program() {
    let mut rig = Rig::new(spec(500));
    rig.device.disconnect_patient();
    rig.send(prime(100));
    rig.hours(0.01);
    rig.device.restart();
    assert_eq!(rig.hours(1.0).state, PumpState::Idle);
    rig.send(stop(true));
    rig.device.restart();
    let stopped = rig.device.truth();
    assert_eq!((stopped.state, stopped.clamped), (PumpState::Stopped, true));
    rig.device.run_own_program(40.0);
    rig.device.restart();
    assert_near(rig.device.truth().set_flow_ul_per_h, 40.0, 1e-9);
}

/// From 20 000 µL to 5 000: 7 500 µg are lost, and the pump believes in 20 000.
#[test]
fn drug_can_be_gone_from_the_reservoir_without_the_pump_knowing() {
    let mut rig = Rig::new(spec(500));
    rig.device.set_reservoir_ul(5_000.0);
    let truth = rig.device.truth();
    assert_near(truth.reservoir_ul, 5_000.0, 1e-9);
    assert_near(truth.lost_ug, 7_500.0, 1e-9);
    assert_eq!(truth.moved_ul, 0.0);
    assert_near(value(rig.quiet().reservoir_ul), 20_000.0, 1e-9);
    rig.device.set_reservoir_ul(6_000.0);
    assert_eq!(rig.device.truth(), truth, "nothing comes back");
    rig.device.set_reservoir_ul(-1.0);
    let dry = rig.hours(1.0);
    assert_eq!((dry.state, dry.reservoir_ul), (PumpState::Empty, 0.0));
    assert!(dry.balance_error_ug().abs() <= BALANCE_TOLERANCE_UG);
    rig.infuse(10_000, 500);
    assert_eq!(rig.hours(1.0).moved_ul, 0.0);
    assert_eq!(said_state(&rig), Some(PumpState::Holding));
}

/// The lease ends within the step, at 90 s; the alarm stands from then on, until a word.
#[test]
fn the_pump_alarms_when_its_lease_has_ended_and_not_before() {
    let mut rig = Rig::new(spec(500));
    assert!(!rig.device.truth().alarming, "nobody has leased anything");
    for action in [infuse(10_000, 500), stop(false)] {
        rig.send(action);
        rig.device.advance(LEASE - Duration::from_nanos(1));
        assert!(!rig.device.truth().alarming);
        assert_eq!(rig.device.poll_timeout(), Some(Duration::from_nanos(1)));
        rig.device.advance(Duration::from_nanos(1));
        assert!(rig.device.truth().alarming);
    }
    assert_eq!(rig.device.ping(SESSION), Ok(()));
    assert!(!rig.device.truth().alarming);
    assert_eq!(rig.device.poll_timeout(), Some(LEASE));
}

/// 20 µL at 1000 µL/h are 72 s, before the lease of 90 s.
#[test]
fn the_next_change_is_a_deadline() {
    let mut rig = Rig::new(spec(500));
    rig.device.disconnect_patient();
    rig.send(prime(20));
    assert_eq!(rig.device.poll_timeout(), Some(Duration::from_secs(72)));
    rig.device.advance(Duration::from_secs(72));
    assert_eq!(rig.device.truth().state, PumpState::Idle);
    assert_eq!(rig.device.poll_timeout(), Some(Duration::from_secs(18)));
}
