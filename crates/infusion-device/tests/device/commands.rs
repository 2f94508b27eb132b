//! What the pump takes, what it refuses, and what it does when nobody speaks.

use core::time::Duration;

use infusion_device::{Acceptance, Device, Noise, Refusal};
use infusion_types::{DailyDose, DoseRate, PumpState, Session, Timestamp};

use crate::support::{
    LEASE, Rig, SESSION, assert_near, command, drug, healthy, infuse, prime, spec, stop,
};

fn refused(refusal: Refusal) -> Acceptance {
    Acceptance::Refused(refusal)
}

#[test]
fn only_a_paired_and_authorised_pump_infuses() {
    let mut device = Device::new(spec(500), healthy());
    let order = command(1, infuse(16_667, 500));
    let wrong = refused(Refusal::WrongSession);
    assert_eq!(device.accept(Timestamp::ZERO, order), wrong);
    device.pair(Session::new(8));
    assert_eq!(device.accept(Timestamp::ZERO, order), wrong);
    device.pair(SESSION);
    let unauthorised = refused(Refusal::NotAuthorised);
    assert_eq!(device.accept(Timestamp::ZERO, order), unauthorised);
    device.authorise(DailyDose::from_nanograms_per_day(400_000));
    assert_eq!(device.accept(Timestamp::ZERO, order), Acceptance::Applied);
}

/// 400 µg/day is 16 666 ng/h; 1.1 times that and one quantum of 5 ng/h is 18 337.6 ng/h.
#[test]
fn the_limit_falls_with_each_rate_and_rises_by_the_clinician_only() {
    let mut rig = Rig::new(spec(500));
    rig.device
        .authorise(DailyDose::from_nanograms_per_day(400_000));
    let above = refused(Refusal::AboveLimit);
    assert_eq!(rig.infuse(18_338, 500), above);
    assert_eq!(rig.device.truth().state, PumpState::Idle);
    assert_eq!(rig.infuse(18_337, 500), Acceptance::Applied);
    let limit = |rig: &Rig| rig.device.truth().limit.map(DoseRate::nanograms_per_hour);
    assert_eq!(limit(&rig), Some(16_666));
    assert_eq!(rig.infuse(10_000, 500), Acceptance::Applied);
    assert_eq!(limit(&rig), Some(10_000));
    assert_eq!(rig.infuse(11_006, 500), above);
    assert_near(rig.device.truth().set_flow_ul_per_h, 20.0, 1e-9);
    for action in [stop(false), prime(10)] {
        assert_eq!(rig.send(action), Acceptance::Applied);
        assert_eq!(limit(&rig), Some(10_000));
    }
    rig.device
        .authorise(DailyDose::from_nanograms_per_day(400_000));
    assert_eq!(rig.infuse(16_666, 500), Acceptance::Applied);
}

/// 2 µL/h of 2000 µg/mL is 4000 ng/h, 96 µg/day. One quantum is 20 ng/h.
#[test]
fn the_floor_of_the_pump_is_a_flow() {
    let mut rig = Rig::new(spec(2_000));
    assert_eq!(rig.infuse(4_000, 2_000), Acceptance::Applied);
    assert_near(rig.device.truth().set_flow_ul_per_h, 2.0, 1e-12);
    assert_eq!(rig.infuse(3_989, 2_000), refused(Refusal::BelowFloor));
    assert_near(rig.device.truth().set_flow_ul_per_h, 2.0, 1e-12);
    let mut rig = Rig::new(spec(500));
    assert_eq!(
        rig.infuse(500_003, 500),
        refused(Refusal::AboveGreatestFlow)
    );
}

#[test]
fn a_set_flow_is_whole_quanta() {
    let mut rig = Rig::new(spec(500));
    for (ng_per_h, ul_per_h) in [(16_667, 33.33), (16_663, 33.33), (16_662, 33.32)] {
        assert_eq!(rig.infuse(ng_per_h, 500), Acceptance::Applied);
        assert_near(rig.device.truth().set_flow_ul_per_h, ul_per_h, 1e-9);
    }
}

#[test]
fn a_retry_is_read_back_and_applied_once() {
    let mut rig = Rig::new(spec(500));
    rig.sequence = 4;
    assert_eq!(rig.infuse(10_000, 500), Acceptance::Applied);
    rig.hours(0.01);
    let before = rig.device.truth();
    for (sequence, answer) in [
        (5, Acceptance::Repeated),
        (4, refused(Refusal::OldSequence)),
    ] {
        let again = command(sequence, infuse(9_000, 500));
        assert_eq!(rig.device.accept(Timestamp::ZERO, again), answer);
        assert_eq!(rig.device.truth(), before);
    }
    let lease = rig.device.poll_timeout();
    assert_eq!(lease, Some(LEASE - Duration::from_secs(36)));
}

#[test]
fn a_new_drug_is_known_when_told_and_in_force_when_named() {
    let mut rig = Rig::new(spec(2_000));
    let unknown = refused(Refusal::UnknownConcentration);
    assert_eq!(rig.infuse(10_000, 500), unknown);
    rig.device.authorise_concentration(drug(500));
    assert_eq!(rig.infuse(10_000, 2_000), Acceptance::Applied);
    assert_eq!(rig.device.truth().programmed, drug(2_000));
    assert_eq!(rig.infuse(10_000, 500), Acceptance::Applied);
    assert_eq!(rig.device.truth().programmed, drug(500));
    assert_near(rig.device.truth().set_flow_ul_per_h, 20.0, 1e-9);
    assert_eq!(rig.infuse(10_000, 2_000), unknown);
}

#[test]
fn therapy_outlives_its_lease() {
    let mut rig = Rig::new(spec(500));
    assert_eq!(rig.infuse(16_667, 500), Acceptance::Applied);
    rig.device.advance(LEASE - Duration::from_millis(1));
    assert_eq!(rig.device.truth().state, PumpState::Infusing);
    assert_eq!(rig.device.poll_timeout(), Some(Duration::from_millis(1)));
    let truth = rig.hours(24.0);
    assert_eq!((truth.state, truth.lease_ended), (PumpState::Holding, true));
    assert!(
        rig.device.poll_timeout() > Some(Duration::from_secs(86_400)),
        "the battery"
    );
    assert_near(truth.reached_ug, 16.665 * (24.0 + 89.999 / 3_600.0), 1e-3);
    assert_eq!(rig.device.ping(Session::new(1)), Err(Refusal::WrongSession));
    assert_eq!(rig.device.ping(SESSION), Ok(()));
    assert_eq!(rig.device.truth().state, PumpState::Infusing);
}

/// 1000 µL/h for 90 s is 25 µL, however long the step is.
#[test]
fn a_lease_that_ends_stops_a_prime_at_that_moment() {
    let mut rig = Rig::new(spec(500));
    rig.device.disconnect_patient();
    rig.send(prime(199));
    let believed = rig.device.telemetry(Timestamp::ZERO, &Noise::default());
    assert_eq!(
        rig.device.ping(SESSION),
        Ok(()),
        "a ping keeps no prime alive"
    );
    let truth = rig.hours(1.0);
    assert_eq!(truth.state, PumpState::Idle);
    assert_near(truth.primed_ul, 25.0, 1e-9);
    assert_near(truth.primed_ug, 12.5, 1e-9);
    let after = rig.device.telemetry(Timestamp::ZERO, &Noise::default());
    assert_eq!(after.delivered_ug, believed.delivered_ug);
}

#[test]
fn a_prime_ends_with_its_volume() {
    let mut rig = Rig::new(spec(500));
    rig.device.disconnect_patient();
    rig.send(prime(20));
    let truth = rig.hours(1.0);
    assert_near(truth.primed_ul, 20.0, 1e-9);
    assert_near(truth.reached_ug + truth.lost_ug, 0.0, 1e-9);
}
