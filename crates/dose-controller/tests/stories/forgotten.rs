//! What a reset leaves behind on purpose, and what it must not.

use infusion_types::{
    Accepted, Action, Alarm, Decision, DoseRate, Mode, NoData, Order, OrderKind, Reason, Refusal,
    Session, StopCause, Telemetry,
};

use crate::support::{ANNA, BEN, HOUR, MINUTE, Rig, SECOND, calm, protocol, reads};
use crate::{START, started};

fn restart(rig: &mut Rig, away: core::time::Duration) {
    let saved = rig.controller.saved();
    rig.restart(away, Some(saved));
}

fn stands(decision: &Decision, alarm: Alarm) -> bool {
    decision.alarms.active.contains(alarm)
}

#[test]
fn an_entry_without_its_second_user_does_not_outlive_a_reset() {
    let mut rig = started();
    rig.run(HOUR * 6);
    rig.order(ANNA, OrderKind::Authorise(300.0));
    restart(&mut rig, SECOND);
    rig.run(SECOND * 20);
    let alone = rig.order(BEN, OrderKind::Authorise(300.0));
    assert!(!matches!(alone.reason, Reason::Authorised { .. }));
    assert_eq!(alone.plan, START);
    let both = rig.order(ANNA, OrderKind::Authorise(300.0));
    assert!(matches!(both.reason, Reason::Authorised { .. }));
}

#[test]
fn what_must_last_begins_anew_after_a_reset() {
    let down = Alarm::OcclusionDownstream;
    let mut rig = started();
    rig.run(HOUR * 6);
    rig.pump.sensors.pressure_kpa = reads(50.0);
    rig.run(SECOND * 8);
    restart(&mut rig, MINUTE);
    assert!(!stands(&rig.step(None, &[]), down));
    assert!(!stands(&rig.run(SECOND * 9), down));
    assert!(stands(&rig.run(SECOND * 2), down));
}

#[test]
fn what_was_said_before_a_reset_counts_for_nothing_after_it() {
    let mut rig = started();
    rig.run(HOUR * 6);
    rig.pump.sensors.pressure_kpa = reads(50.0);
    rig.run(SECOND * 8);
    rig.telemetry();
    let now = rig.now;
    rig.pump.lose_reports(now, true);
    restart(&mut rig, SECOND);
    // Two cycles of a minute: a report that was read before would count for so long.
    rig.log.clear();
    rig.run(MINUTE * 3);
    let told = |seen: &Decision| stands(seen, Alarm::OcclusionDownstream);
    assert_eq!(rig.changes(told), [false]);
    rig.pump.lose_reports(now, false);
    rig.step(None, &[]);
    assert!(told(&rig.run(SECOND * 11)));
}

#[test]
fn a_sensor_is_judged_anew_after_a_reset() {
    let fault = Alarm::SensorFault;
    let mut rig = started();
    rig.run(HOUR * 6);
    rig.pump.stuck = true;
    rig.pump.sensors.pressure_kpa = reads(5.0);
    for _ in 0..50 {
        assert!(!stands(&rig.run(SECOND), fault));
    }
    restart(&mut rig, MINUTE);
    for _ in 0..59 {
        assert!(!stands(&rig.run(SECOND), fault));
    }
    assert!(stands(&rig.run(SECOND * 2), fault));
}

#[test]
fn a_stop_whose_cause_was_seen_and_has_gone_still_waits_after_a_reset() {
    let mut rig = started();
    rig.run(HOUR * 6);
    rig.pump.sensors.connector = reads(false);
    rig.step(None, &[]);
    rig.pump.sensors.connector = reads(true);
    rig.run(MINUTE);
    rig.order(ANNA, OrderKind::Acknowledge(Alarm::LineDisconnect));
    let waits = rig.run(MINUTE);
    assert!(waits.alarms.active.is_empty() && waits.asks.resumption);
    restart(&mut rig, MINUTE);
    let after = rig.run(HOUR);
    assert_eq!(
        (after.mode, rig.pump.infusing()),
        (Mode::Stopped, DoseRate::ZERO)
    );
    assert_eq!(rig.order(ANNA, OrderKind::Resume).mode, Mode::Active);
}

#[test]
fn a_stop_that_was_ordered_outlives_two_resets_in_a_row() {
    let mut rig = started();
    rig.run(HOUR * 6);
    rig.order(ANNA, OrderKind::Stop);
    rig.run(MINUTE);
    restart(&mut rig, SECOND * 5);
    assert_eq!(rig.run(SECOND * 3).mode, Mode::Post);
    restart(&mut rig, SECOND * 5);
    let after = rig.run(HOUR);
    assert_eq!(
        (after.mode, rig.pump.infusing()),
        (Mode::Stopped, DoseRate::ZERO)
    );
}

#[test]
fn what_alone_has_changed_is_stored() {
    // The end of the self-test changes the mode, and nothing else.
    let mut rig = Rig::new(protocol());
    rig.run(SECOND * 12);
    let stored = |rig: &Rig, look: fn(&Decision) -> bool| {
        let mut seen = rig.log.iter().filter(|seen| look(&seen.decision));
        seen.next().is_some_and(|seen| seen.decision.store)
    };
    assert!(stored(&rig, |it| it.mode == Mode::Idle));
    // So does an empty reservoir before anybody depends on it.
    rig.run(MINUTE);
    assert!(!rig.run(SECOND).store, "nothing has changed");
    rig.pump.empty = true;
    let dry = rig.run(SECOND);
    assert!(dry.store && dry.alarms.active.is_empty());
    assert!(!rig.run(SECOND).store);
    // What people say is stored, whatever becomes of it.
    rig.now = rig.now.after(SECOND);
    assert!(rig.enter(calm(rig.now)).store);
    rig.now = rig.now.after(SECOND);
    assert!(rig.order(ANNA, OrderKind::PauseAudio).store);
    // So is a read-back that is another.
    let mut rig = started();
    rig.run(HOUR);
    rig.pump.reads_back = Some(Accepted {
        session: Session::new(7),
        sequence: 1,
        action: Action::Stop {
            cause: StopCause::Paused,
            clamp: false,
        },
    });
    assert!(rig.run(SECOND).store);
}

#[test]
fn an_order_from_before_the_pump_was_read_is_an_old_one_once_it_has_been_read() {
    let mut rig = started();
    rig.run(HOUR * 6);
    restart(&mut rig, SECOND);
    let telemetry = Telemetry::silent(NoData::NeverSeen);
    let pause = Order {
        by: ANNA,
        what: OrderKind::Pause,
    };
    rig.step_with(&telemetry, None, &[pause]);
    assert_eq!(rig.run(MINUTE * 2).mode, Mode::Paused);
    let old = rig.controller.saved();
    assert_eq!(rig.order(ANNA, OrderKind::Resume).mode, Mode::Active);
    rig.run(MINUTE * 20);
    // The copy of the pause is what is left. What the pump has taken since is newer than the pause.
    rig.restart(MINUTE, Some(old));
    let after = rig.run(HOUR);
    assert_eq!((after.mode, rig.pump.infusing()), (Mode::Active, START));
}

#[test]
fn a_first_report_that_does_not_say_what_the_pump_does_is_no_leave_to_change_it() {
    let mut rig = started();
    rig.run(HOUR * 6);
    restart(&mut rig, MINUTE);
    let less = |by| Order {
        by,
        what: OrderKind::Authorise(390.0),
    };
    let mut answer = None;
    for second in 0..20 {
        rig.now = rig.now.after(SECOND);
        let mut telemetry = rig.telemetry();
        telemetry.state = Err(NoData::SensorFault);
        let orders = if second < 15 {
            &[][..]
        } else {
            &[less(ANNA), less(BEN)]
        };
        answer = Some(rig.step_with(&telemetry, None, orders));
    }
    let answer = answer.expect("it was asked");
    assert_eq!(answer.mode, Mode::Fallback);
    assert_eq!(answer.reason, Reason::Refused(Refusal::PumpSilent));
    rig.run(SECOND);
    let both = rig.step(None, &[less(ANNA), less(BEN)]);
    assert!(matches!(both.reason, Reason::Authorised { .. }));
}

#[test]
fn a_pause_in_one_breath_with_the_end_of_a_wean_pauses_no_other() {
    let mut rig = Rig::new(protocol());
    rig.start(35.0);
    assert!(rig.run(HOUR * 73).asks.completion);
    let orders = [OrderKind::ConfirmComplete, OrderKind::Pause];
    let orders = orders.map(|what| Order { by: ANNA, what });
    assert_eq!(rig.step(None, &orders).mode, Mode::Complete);
    restart(&mut rig, MINUTE);
    assert_eq!(rig.run(MINUTE).mode, Mode::Idle);
    rig.both_order(OrderKind::Authorise(400.0));
    rig.order(ANNA, OrderKind::Start);
    let after = rig.run(HOUR);
    assert_eq!((after.mode, rig.pump.infusing()), (Mode::Active, START));
}

#[test]
fn bad_frames_are_counted_from_nothing_after_a_reset() {
    let mut rig = started();
    rig.run(HOUR);
    rig.host.refused_frames = 2;
    rig.run(MINUTE);
    rig.run(HOUR);
    restart(&mut rig, MINUTE);
    rig.host.refused_frames = 3;
    assert!(stands(&rig.step(None, &[]), Alarm::SecurityEvent));
}

#[test]
fn what_is_stored_over_an_older_state_is_what_would_be_stored_anew() {
    let mut rig = started();
    let mut kept = rig.controller.saved();
    rig.run(HOUR * 30);
    let new = rig.controller.saved();
    assert_ne!(kept, new);
    rig.controller.save_over(&mut kept);
    assert_eq!(kept, new);
}
