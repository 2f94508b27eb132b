//! What the pump does not take, who should not be there, and a pump that does what nobody told it to.

use infusion_types::{
    Action, Alarm, Decision, DoseRate, Line, Mode, Order, OrderKind, Priority, Reason, Refusal,
    StopCause, User, Volume,
};

use crate::support::{ANNA, BEN, HOUR, MINUTE, Rig, SECOND, drug, protocol, rate, reads};
use crate::{START, refused, started, stop_of};

fn priority(decision: &Decision, alarm: Alarm) -> Option<Priority> {
    decision.alarms.priority(alarm)
}

#[test]
fn a_command_beyond_the_pumps_own_limit_is_told_in_the_same_answer() {
    let mut rig = started();
    rig.run(HOUR * 6);
    rig.pump.limit = Some(START);
    rig.log.clear();
    rig.both_order(OrderKind::Authorise(450.0));
    let by_pump = |decision: &Decision| decision.reason == Reason::Refused(Refusal::ByPump);
    let told = rig.log.iter().find(|seen| by_pump(&seen.decision));
    let told = told.expect("it says so");
    assert_eq!(told.at, rig.now);
    assert_eq!(
        priority(&told.decision, Alarm::LimitClamped),
        Some(Priority::Low)
    );
    // The same number is tried twice more, and the third refusal in ten minutes is more urgent.
    let third = rig.run(SECOND * 61);
    assert_eq!(
        priority(&third, Alarm::LimitClamped),
        Some(Priority::Medium)
    );
    assert_eq!(rig.pump.infusing(), START);
    let high = rig.run(MINUTE).estimate_24h.high;
    assert!(u128::from(high.nanograms()) + 1 >= rig.pump.infused());
    rig.pump.limit = None;
    rig.run(MINUTE * 3);
    assert_eq!(rig.pump.infusing(), rate(18_750), "once it may, it does");
}

#[test]
fn three_bad_frames_in_ten_minutes_at_either_end_are_somebody() {
    let event = Alarm::SecurityEvent;
    let mut rig = started();
    rig.run(HOUR * 6);
    rig.pump.refuses_frames(1);
    rig.run(MINUTE);
    rig.host.refused_frames += 1;
    assert_eq!(priority(&rig.run(MINUTE * 4), event), None, "two are not");
    let mut scattered = rig.clone();
    scattered.run(MINUTE * 6);
    scattered.pump.refuses_frames(1);
    assert_eq!(priority(&scattered.run(MINUTE), event), None);
    rig.pump.refuses_frames(1);
    let third = rig.step(None, &[]);
    assert_eq!(priority(&third, event), Some(Priority::Medium));
    assert_eq!((third.mode, third.plan), (Mode::Hold, START));
    let later = rig.run(HOUR);
    assert!(later.alarms.latched.contains(event), "until it is seen");
    rig.order(ANNA, OrderKind::Acknowledge(event));
    assert_eq!(rig.step(None, &[]).mode, Mode::Active);
    // A flood is one thing as well.
    rig.host.refused_frames += 100_000;
    assert_eq!(
        priority(&rig.step(None, &[]), event),
        Some(Priority::Medium)
    );
}

#[test]
fn what_was_refused_while_the_controller_was_away_counts() {
    let mut rig = started();
    rig.run(HOUR * 6);
    rig.host.refused_frames = 2;
    rig.run(MINUTE);
    rig.pump.refuses_frames(3);
    rig.host.refused_frames = 0;
    let saved = rig.saved.clone();
    rig.restart(SECOND * 20, saved);
    let event = Alarm::SecurityEvent;
    assert!(
        rig.step(None, &[]).alarms.active.contains(event),
        "in the self-test"
    );
}

#[test]
fn a_stranger_changes_nothing_and_calls_somebody() {
    let orders = [
        OrderKind::Authorise(500.0),
        OrderKind::Start,
        OrderKind::Pause,
        OrderKind::Resume,
        OrderKind::Stop,
        OrderKind::HoldToRun,
        OrderKind::SetConcentration(2_000.0),
        OrderKind::SkipDecrement,
        OrderKind::ConfirmComplete,
        OrderKind::FlagWithdrawal,
        OrderKind::FlagOverdose,
        OrderKind::Acknowledge(Alarm::BatteryLow),
        OrderKind::PauseAudio,
        OrderKind::DeclareLine(Line::Open),
        OrderKind::EnterUnprimed(50.0),
        OrderKind::VolumeCheck(9_000.0),
        OrderKind::Refilled(9_000.0),
        OrderKind::CatheterOut,
    ];
    let mut rig = started();
    rig.run(HOUR * 6);
    rig.pump.sensors.battery_min = reads(20.0);
    rig.run(MINUTE);
    for what in orders {
        let (mut touched, mut left) = (rig.clone(), rig.clone());
        let (order, plain) = (touched.order(User::STRANGER, what), left.step(None, &[]));
        assert_eq!(refused(&order), Refusal::Stranger, "{what:?}");
        let event = Alarm::SecurityEvent;
        assert_eq!(priority(&order, event), Some(Priority::Medium));
        assert_eq!(
            (order.send, order.plan),
            (plain.send, plain.plan),
            "{what:?}"
        );
        assert_eq!(order.alarms.acknowledged, plain.alarms.acknowledged);
        assert_eq!(order.alarms.audio_paused, plain.alarms.audio_paused);
        touched.run(MINUTE * 5);
        assert_eq!(touched.pump.infusing(), START, "{what:?}");
    }
    // Nor is a stranger one of two users.
    let what = OrderKind::Authorise(450.0);
    rig.order(ANNA, what);
    rig.order(User::STRANGER, what);
    assert_eq!(rig.step(None, &[]).plan, START);
    let beside = [
        Order {
            by: User::STRANGER,
            what: OrderKind::Resume,
        },
        Order {
            by: BEN,
            what: OrderKind::Pause,
        },
    ];
    assert_eq!(
        rig.step(None, &beside).mode,
        Mode::Paused,
        "others are heard"
    );
}

/// The pump takes this from somebody who has the key.
fn taken_over(rate: DoseRate) -> Rig {
    let mut rig = started();
    rig.run(HOUR * 6);
    let rate = rate.positive().expect("above zero");
    rig.pump.is_taken_over(Action::Infuse {
        rate,
        at: drug(500),
    });
    rig.log.clear();
    rig
}

#[test]
fn a_command_that_nobody_gave_here_is_somebody_and_is_corrected_above_its_number() {
    let event = Alarm::SecurityEvent;
    let mut rig = taken_over(rate(20_000));
    let number = rig.pump.sequence();
    let seen = rig.step(None, &[]);
    assert_eq!(
        priority(&seen, event),
        Some(Priority::High),
        "the rate is another"
    );
    let healed = rig.run(MINUTE * 2);
    assert_eq!(rig.pump.infusing(), START);
    assert_eq!(rig.pump.sequence(), number + 1);
    let told = |alarm| {
        rig.log
            .iter()
            .any(|seen| seen.decision.alarms.active.contains(alarm))
    };
    assert!(told(Alarm::ProgramMismatch));
    assert_eq!(healed.mode, Mode::Hold);
    let high = healed.estimate_24h.high.nanograms();
    assert!(u128::from(high) + 1 >= rig.pump.infused());
    let same = taken_over(START).step(None, &[]);
    assert_eq!(
        priority(&same, event),
        Some(Priority::Medium),
        "the rate is the same"
    );
}

#[test]
fn somebody_elses_command_does_not_keep_a_stop_from_leaving() {
    let mut rig = taken_over(rate(20_000));
    rig.step(None, &[]);
    rig.order(ANNA, OrderKind::Stop);
    assert_eq!(rig.pump.infusing(), DoseRate::ZERO);
    // Nor when both are under way at the same moment.
    let mut rig = taken_over(rate(20_000));
    rig.order(ANNA, OrderKind::Stop);
    assert_eq!(rig.pump.infusing(), DoseRate::ZERO);
}

#[test]
fn a_prime_that_nobody_asked_for_on_a_patient_stops_at_once() {
    let mut rig = started();
    rig.run(HOUR * 6);
    rig.pump.primes_by_itself();
    let seen = rig.step(None, &[]);
    assert_eq!(stop_of(&seen), Some((StopCause::FreeFlow, true)));
    assert_eq!(priority(&seen, Alarm::FreeFlow), Some(Priority::High));
    // Or by a command that was not given here.
    let mut rig = started();
    rig.run(HOUR * 6);
    let volume_left = Volume::from_nanolitres(199_000);
    rig.pump.is_taken_over(Action::Prime { volume_left });
    assert_eq!(
        stop_of(&rig.step(None, &[])),
        Some((StopCause::FreeFlow, true))
    );
    // Between the end of a prime and its stop nobody is harmed: it was asked for.
    let mut rig = Rig::new(protocol());
    rig.run(SECOND * 12);
    rig.order(ANNA, OrderKind::DeclareLine(Line::Open));
    rig.order(ANNA, OrderKind::HoldToRun);
    rig.link.delay = SECOND * 2;
    rig.order(ANNA, OrderKind::DeclareLine(Line::Connected));
    rig.log.clear();
    rig.run(MINUTE);
    let free = |decision: &Decision| decision.alarms.active.contains(Alarm::FreeFlow);
    assert_eq!(rig.changes(free), [false]);
}

/// A therapy with instruments in the line, and a flow that is missing from now on.
fn starved(turns: Option<bool>, pressure: f64) -> Rig {
    let mut rig = started();
    rig.pump.sensors.flow_ul_per_h = reads(33.3);
    rig.pump.sensors.pressure_kpa = reads(2.0);
    if let Some(turns) = turns {
        rig.pump.sensors.motion = reads(turns);
    }
    rig.run(HOUR);
    rig.pump.sensors.flow_ul_per_h = reads(0.0);
    rig.pump.sensors.pressure_kpa = reads(pressure);
    rig.log.clear();
    rig
}

#[test]
fn missing_flow_is_before_the_pump_when_it_turns_and_nothing_presses() {
    use Alarm::{OcclusionDownstream as Down, OcclusionUpstream as Up};
    use StopCause::OcclusionUpstream;
    let cases = [
        (Some(true), 1.0, Up),
        (Some(true), 25.0, Down),
        (None, 1.0, Down),
    ];
    for (turns, pressure, alarm) in cases {
        let mut rig = starved(turns, pressure);
        while rig.run(SECOND * 30).mode.infuses() {
            assert!(rig.log.len() < 1_000, "{alarm:?}");
        }
        let stop = rig.log.iter().find_map(|seen| stop_of(&seen.decision));
        let clamp = false;
        assert_eq!(stop, alarm.stops().map(|cause| (cause, clamp)));
        let seen = rig.step(None, &[]);
        assert!(seen.alarms.condition.contains(alarm));
        assert_eq!(priority(&seen, alarm), Some(Priority::Medium));
        let other = if alarm == Up { Down } else { Up };
        assert!(!seen.alarms.active.contains(other));
        // While it stands still the pressure says nothing about the place.
        rig.pump.sensors.pressure_kpa = reads(15.0);
        let standing = rig.run(SECOND * 40);
        assert!(standing.alarms.condition.contains(alarm));
        assert!(!standing.alarms.active.contains(other));
        if alarm == Up {
            assert_eq!(standing.reason, Reason::Stopped(OcclusionUpstream));
        }
        rig.pump.sensors.pressure_kpa = reads(2.0);
        assert_eq!(rig.run(MINUTE * 3).mode, Mode::Active, "it tries again");
    }
}

#[test]
fn a_motor_that_stands_still_is_told_within_six_minutes_and_stops_nothing() {
    for instruments in [false, true] {
        let mut rig = started();
        rig.pump.sensors.motion = reads(true);
        rig.run(HOUR * 6 + SECOND * 11);
        let (from, before) = (rig.now, rig.step(None, &[]).estimate_24h);
        rig.pump.sensors.motion = reads(false);
        if instruments {
            rig.pump.sensors.flow_ul_per_h = reads(0.0);
            rig.pump.sensors.pressure_kpa = reads(2.0);
        }
        rig.log.clear();
        let last = rig.run(HOUR * 3);
        let stalled = |decision: &Decision| decision.alarms.condition.contains(Alarm::MotorStall);
        let first = rig.log.iter().find(|seen| stalled(&seen.decision));
        let first = first.expect("it comes");
        let after = first.at.since(from);
        assert!((MINUTE * 5..=MINUTE * 6).contains(&after), "{after:?}");
        assert_eq!(
            priority(&first.decision, Alarm::MotorStall),
            Some(Priority::Medium)
        );
        assert!(
            last.mode.infuses(),
            "to stop what stands still helps nobody"
        );
        assert!(last.alarms.active.contains(Alarm::DoseDeficit10));
        let blocked = [Alarm::OcclusionDownstream, Alarm::OcclusionUpstream];
        assert!(
            !blocked
                .into_iter()
                .any(|it| last.alarms.active.contains(it))
        );
        let low = last.estimate_24h.low.saturating_sub(before.low).nanograms();
        assert!(low < START.nanograms_per_hour() / 20, "{low}");
        rig.pump.sensors.motion = reads(true);
        rig.run(MINUTE);
        rig.order(ANNA, OrderKind::Acknowledge(Alarm::MotorStall));
        assert!(
            !rig.step(None, &[])
                .alarms
                .active
                .contains(Alarm::MotorStall)
        );
    }
    // A pump that is to stand still is not stalled.
    let mut rig = started();
    rig.pump.sensors.motion = reads(true);
    rig.run(HOUR);
    rig.order(ANNA, OrderKind::Pause);
    rig.pump.sensors.motion = reads(false);
    let paused = rig.run(MINUTE * 30);
    assert!(!paused.alarms.active.contains(Alarm::MotorStall));
}

#[test]
fn a_pump_that_is_not_heard_keeps_nobody_from_entering_a_dose_for_a_start() {
    let authorised = |rig: &mut Rig, daily_ug: f64| {
        let now = rig.now;
        rig.telemetry();
        rig.pump.lose_reports(now, true);
        rig.run(MINUTE * 3);
        rig.both_order(OrderKind::Authorise(daily_ug));
        rig.pump.lose_reports(now, false);
        rig.run(SECOND);
    };
    let mut rig = Rig::new(protocol());
    rig.prepare();
    authorised(&mut rig, 400.0);
    assert_eq!(rig.order(ANNA, OrderKind::Start).mode, Mode::Active);
    assert_eq!(rig.pump.infusing(), START);
    // And none for the way out of a gap, at half of the dose.
    rig.order(ANNA, OrderKind::Pause);
    rig.run(HOUR * 13);
    authorised(&mut rig, 199.0);
    assert!(rig.order(ANNA, OrderKind::Resume).mode.infuses());
    assert_eq!(rig.pump.infusing(), rate(8_290));
}
