//! What stands until somebody has seen it, what stops beyond a session, and what moves no plan.

use infusion_types::{Action, Alarm, Decision, DoseRate, Line, Mode, OrderKind, StopCause};

use crate::support::{ANNA, HOUR, MINUTE, Rig, SECOND, drug, protocol, rate, reads};
use crate::{START, started, stop_of};

fn stands(decision: &Decision, alarm: Alarm) -> bool {
    decision.alarms.condition.contains(alarm)
}

#[test]
fn a_flag_stands_until_its_own_alarm_is_acknowledged() {
    let flags = [
        (OrderKind::FlagWithdrawal, Alarm::WithdrawalSigns),
        (OrderKind::FlagOverdose, Alarm::OverdoseSigns),
    ];
    for (flag, alarm) in flags {
        let mut rig = started();
        rig.run(HOUR);
        assert!(stands(&rig.order(ANNA, flag), alarm));
        let others = Alarm::ALL.into_iter().filter(|other| *other != alarm);
        for other in others {
            rig.order(ANNA, OrderKind::Acknowledge(other));
        }
        assert!(stands(&rig.run(HOUR), alarm), "{alarm:?}");
        rig.order(ANNA, OrderKind::Acknowledge(alarm));
        let seen = rig.run(MINUTE);
        assert!(!seen.alarms.active.contains(alarm), "{alarm:?}");
    }
}

#[test]
fn a_stop_is_told_anew_when_its_cause_is_another() {
    let mut rig = started();
    rig.run(HOUR);
    rig.order(ANNA, OrderKind::Stop);
    rig.run(MINUTE);
    rig.pump.sensors.pressure_kpa = reads(60.0);
    rig.step(None, &[]);
    rig.run(SECOND * 12);
    let told = |cause| {
        Some(Action::Stop {
            cause,
            clamp: false,
        })
    };
    assert_eq!(rig.pump.action(), told(StopCause::OcclusionDownstream));
}

/// A wean that somebody has confirmed to be over.
fn completed() -> Rig {
    let mut rig = Rig::new(protocol());
    rig.start(35.0);
    assert!(rig.run(HOUR * 73).asks.completion);
    assert_eq!(
        rig.order(ANNA, OrderKind::ConfirmComplete).mode,
        Mode::Complete
    );
    rig.run(MINUTE);
    rig
}

#[test]
fn free_flow_closes_the_line_before_a_therapy_and_after_it() {
    let mut before = Rig::new(protocol());
    before.prepare();
    for (mut rig, mode) in [(before, Mode::Idle), (completed(), Mode::Complete)] {
        rig.pump.sensors.flow_ul_per_h = reads(80.0);
        rig.step(None, &[]);
        rig.log.clear();
        // More than harms from half a minute on, and some flow for a minute: neither takes the other back.
        for _ in 0..100 {
            rig.run(SECOND * 2);
        }
        let free = |it: &Decision| stands(it, Alarm::FreeFlow);
        assert_eq!(rig.changes(free), [false, true], "{mode:?}");
        let stops = rig.log.iter().filter_map(|seen| stop_of(&seen.decision));
        assert!(stops.eq([(StopCause::FreeFlow, true)]), "{mode:?}");
        assert_eq!(rig.step(None, &[]).mode, mode);
    }
}

#[test]
fn an_open_connector_is_told_of_a_line_that_is_on_a_patient_in_therapy() {
    let told = |mut rig: Rig| {
        rig.pump.sensors.connector = reads(false);
        stands(&rig.run(MINUTE), Alarm::LineDisconnect)
    };
    let mut rig = Rig::new(protocol());
    rig.prepare();
    assert!(!told(rig.clone()), "before the start");
    rig.both_order(OrderKind::Authorise(400.0));
    rig.order(ANNA, OrderKind::Start);
    assert!(told(rig.clone()));
    let mut open = rig.clone();
    open.order(ANNA, OrderKind::DeclareLine(Line::Open));
    assert!(!told(open), "somebody has taken it off");
    rig.order(ANNA, OrderKind::CatheterOut);
    assert!(!told(rig), "the catheter is out");
    assert!(!told(completed()), "after the end");
}

#[test]
fn somebody_elses_lower_rate_is_no_new_plan() {
    let mut rig = started();
    rig.run(HOUR * 6);
    let lower = rate(12_000).positive().expect("above zero");
    rig.pump.is_taken_over(Action::Infuse {
        rate: lower,
        at: drug(500),
    });
    let seen = rig.step(None, &[]);
    assert_eq!(seen.plan, START);
    assert!(stands(&seen, Alarm::SecurityEvent));
    assert_eq!(rig.run(MINUTE * 3).plan, START);
    assert_eq!(rig.pump.infusing(), START);
}

#[test]
fn more_than_planned_for_an_hour_or_six_is_over_delivery() {
    // Both are below what is free flow, and 33 µL/h are the plan. Of what was measured in six hours 3 % may be
    // the sensor's gain. 80 µL/h are 22 µg an hour beyond that, 50 µL/h are 8; 25 µg harm, and the hours of
    // before leave room for another 3.
    for (flow, minutes) in [(80.0, 74..79), (50.0, 205..220)] {
        let mut rig = started();
        rig.pump.sensors.flow_ul_per_h = reads(33.0);
        rig.run(HOUR * 7);
        rig.pump.sensors.flow_ul_per_h = reads(flow);
        rig.log.clear();
        let mut passed = 0;
        while !stands(&rig.run(MINUTE), Alarm::OverDelivery) {
            passed += 1;
            assert!(passed < 360, "{flow}");
        }
        assert!(minutes.contains(&passed), "{flow}: {passed}");
        let stop = rig.log.iter().find_map(|seen| stop_of(&seen.decision));
        assert_eq!(stop, Some((StopCause::OverDelivery, true)));
        assert_eq!(rig.pump.infusing(), DoseRate::ZERO);
    }
    // A tenth more than planned is within what a sensor and a pump are allowed.
    let mut rig = started();
    rig.pump.sensors.flow_ul_per_h = reads(36.5);
    let seen = rig.run(HOUR * 20);
    assert!(seen.alarms.active.is_empty());
}

#[test]
fn a_prime_that_nobody_asked_for_is_free_flow_by_what_it_says_and_by_what_it_moves() {
    let mut rig = started();
    rig.run(HOUR);
    rig.pump.sensors.flow_ul_per_h = reads(5.0);
    rig.pump.primes_by_itself();
    rig.step(None, &[]);
    rig.pump.primes_by_itself();
    rig.log.clear();
    for _ in 0..100 {
        rig.run(SECOND);
        rig.pump.primes_by_itself();
    }
    let free = |it: &Decision| stands(it, Alarm::FreeFlow);
    assert_eq!(rig.changes(free), [true]);
}

#[test]
fn before_a_patient_is_on_the_line_a_prime_that_nobody_asked_for_is_told_and_ended_as_well() {
    for declared in [&[Line::Open][..], &[Line::Connected, Line::Open]] {
        let mut rig = Rig::new(protocol());
        rig.run(SECOND * 12);
        for line in declared {
            rig.order(ANNA, OrderKind::DeclareLine(*line));
        }
        rig.pump.primes_by_itself();
        let first = rig.step(None, &[]);
        assert!(
            !stands(&first, Alarm::FreeFlow),
            "a late report says so too"
        );
        for _ in 0..61 {
            rig.run(SECOND);
            rig.pump.primes_by_itself();
        }
        let stop = rig
            .log
            .iter()
            .find(|seen| stop_of(&seen.decision).is_some());
        let stop = &stop.expect("a stop").decision;
        assert_eq!(stop_of(stop), Some((StopCause::FreeFlow, true)));
        assert_eq!(stop.mode, Mode::Idle);
        assert!(stands(stop, Alarm::FreeFlow));
    }
}
