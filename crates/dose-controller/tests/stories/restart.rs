//! Resets: in the middle of a command, on an older copy, in a silence, again and again.

use core::time::Duration;

use infusion_types::{
    Accepted, Action, Alarm, Decision, DoseRate, Mode, Order, OrderKind, Quiet, Refusal, Send,
    StopCause,
};

use crate::support::{
    ANNA, DAY, Dip, HOUR, MINUTE, Rig, SECOND, checked, drug, prescription, protocol, rate, reads,
};
use crate::{START, decrements, refused, started, stop_of};

type Change = fn(&mut Rig);

const DIPS: [Dip; 3] = [Dip::MidWrite, Dip::BeforeSend, Dip::BeforeReadBack];

fn holds(rig: &Rig, decision: &Decision) -> bool {
    let estimate = decision.estimate_24h;
    let given = rig.pump.infused();
    u128::from(estimate.low.nanograms()) <= given + 1
        && given <= u128::from(estimate.high.nanograms()) + 1
}

#[test]
fn a_rung_that_meets_a_reset_is_taken_once() {
    for dip in DIPS {
        for away in [SECOND, SECOND * 45, MINUTE * 10, HOUR * 3] {
            let mut rig = started();
            rig.run(HOUR * 20);
            rig.dips = Some((dip, away));
            rig.run(HOUR * 4 + MINUTE);
            assert!(rig.dips.is_none(), "it has met it");
            rig.run(HOUR * 2);
            assert_eq!(rig.pump.infusing(), rate(10_000), "{dip:?} {away:?}");
            assert_eq!(decrements(&rig).len(), 1, "{dip:?} {away:?}");
            let last = rig.run(HOUR * 16);
            assert_eq!((last.plan, decrements(&rig).len()), (rate(10_000), 1));
        }
    }
}

#[test]
fn a_command_that_meets_a_reset_may_be_in_force_until_the_pump_is_read() {
    for dip in DIPS {
        let mut rig = started();
        rig.run(HOUR * 6);
        // Nobody hears the pump before the reset, nor for three hours after it.
        rig.telemetry();
        let now = rig.now;
        rig.pump.lose_reports(now, true);
        rig.run(MINUTE * 3);
        rig.dips = Some((dip, Duration::ZERO));
        rig.order(ANNA, OrderKind::Pause);
        let number = rig.pump.sequence();
        rig.log.clear();
        let silent = rig.run(HOUR * 3);
        let estimate = silent.estimate_24h;
        let width = estimate.high.saturating_sub(estimate.low).nanograms();
        let open = dip != Dip::MidWrite;
        assert_eq!(
            width > START.nanograms_per_hour() * 29 / 10,
            open,
            "{dip:?}"
        );
        assert!(holds(&rig, &silent), "{dip:?}");
        assert_eq!(
            silent.mode.infuses(),
            !open,
            "{dip:?}: who paused it meant it"
        );
        let infuses = |action: Action| matches!(action, Action::Infuse { .. });
        for seen in &rig.log {
            if let Send::Command(command) = seen.decision.send {
                assert!(!infuses(command.action));
                // What was on its way leaves again under its own number, or not at all.
                assert_eq!(command.sequence, number + u32::from(dip == Dip::BeforeSend));
            }
        }
        rig.pump.lose_reports(now, false);
        let back = rig.step(None, &[]);
        assert!(holds(&rig, &back));
        rig.run(MINUTE * 3);
        let paused = if open { DoseRate::ZERO } else { START };
        assert_eq!(rig.pump.infusing(), paused, "{dip:?}");
    }
}

#[test]
fn the_pump_is_read_before_anything_new_is_told_and_pinged_at_once() {
    let mut rig = started();
    rig.run(HOUR * 6);
    let saved = rig.saved.clone();
    rig.telemetry();
    let now = rig.now;
    rig.pump.lose_reports(now, true);
    rig.restart(MINUTE * 5, saved);
    rig.log.clear();
    assert_eq!(rig.step(None, &[]).send, Send::Ping);
    let silent = rig.run(HOUR);
    assert_eq!(silent.mode, Mode::Fallback);
    assert!(silent.alarms.active.contains(Alarm::LinkLostLong));
    let sent = |decision: &Decision| matches!(decision.send, Send::Command(_));
    assert!(!rig.log.iter().any(|seen| sent(&seen.decision)));
    let quiet = |decision: &Decision| decision.send == Send::Quiet(Quiet::Unreconciled);
    assert!(quiet(&silent) || silent.send == Send::Ping);
    rig.pump.lose_reports(now, false);
    rig.step(None, &[]);
    assert_eq!(rig.run(SECOND).mode, Mode::Active);
}

#[test]
fn an_older_copy_goes_on_above_the_pumps_number_and_takes_no_rung_twice() {
    let mut rig = started();
    rig.run(HOUR * 22);
    let old = rig.saved.clone();
    rig.run(HOUR * 3);
    assert_eq!(rig.pump.infusing(), rate(10_000));
    let number = rig.pump.sequence();
    rig.restart(MINUTE, old);
    rig.log.clear();
    rig.run(HOUR * 19);
    assert_eq!(
        rig.pump.infusing(),
        rate(10_000),
        "neither back nor down again"
    );
    assert!(decrements(&rig).is_empty());
    let last = rig.run(HOUR * 6);
    assert_eq!((last.plan, rig.pump.infusing()), (rate(6_000), rate(6_000)));
    assert_eq!(rig.pump.sequence(), number + 1);
}

#[test]
fn an_older_copy_does_not_undo_what_people_did_after_it() {
    // Paused since: it stays so, and waits for a person.
    let mut rig = started();
    rig.run(HOUR * 6);
    let old = rig.saved.clone();
    rig.order(ANNA, OrderKind::Pause);
    rig.run(MINUTE * 20);
    rig.restart(MINUTE, old);
    let after = rig.run(HOUR);
    assert_eq!(
        (after.mode, rig.pump.infusing()),
        (Mode::Stopped, DoseRate::ZERO)
    );
    // From when it may have stood still counts as a gap.
    assert!(
        rig.run(HOUR * 11)
            .alarms
            .active
            .contains(Alarm::RestartNeedsAuthorisation)
    );
    // Stopped since a session that was not there yet: nothing runs, and the next start is one.
    let mut rig = Rig::new(protocol());
    rig.prepare();
    let old = rig.saved.clone();
    rig.both_order(OrderKind::Authorise(400.0));
    rig.order(ANNA, OrderKind::Start);
    rig.run(HOUR);
    rig.order(ANNA, OrderKind::Stop);
    rig.run(MINUTE * 20);
    rig.restart(MINUTE, old);
    assert_eq!(rig.run(MINUTE * 3).mode, Mode::Idle);
    rig.both_order(OrderKind::Authorise(400.0));
    assert_eq!(rig.order(ANNA, OrderKind::Start).mode, Mode::Active);
    rig.run(MINUTE);
    assert_eq!(rig.pump.infusing(), START);
    // Resumed since: it goes on.
    let mut rig = started();
    rig.run(HOUR * 6);
    rig.order(ANNA, OrderKind::Pause);
    let old = rig.saved.clone();
    rig.run(MINUTE * 20);
    rig.order(ANNA, OrderKind::Resume);
    rig.run(MINUTE * 20);
    rig.restart(MINUTE, old);
    let after = rig.run(HOUR);
    assert_eq!((after.mode, rig.pump.infusing()), (Mode::Active, START));
    // And that the pump was told the plan again was no rung: the first one is still to come.
    rig.run(HOUR * 20);
    let down: Vec<DoseRate> = decrements(&rig).iter().map(|(_, to)| *to).collect();
    assert_eq!(down, [rate(10_000)]);
    // More was authorised since: what nobody here remembers is not given on.
    let mut rig = started();
    rig.run(HOUR * 6);
    let old = rig.saved.clone();
    rig.both_order(OrderKind::Authorise(500.0));
    rig.run(MINUTE * 20);
    assert!(rig.pump.infusing() > START);
    rig.restart(MINUTE, old);
    let after = rig.run(HOUR);
    assert_eq!((after.plan, rig.pump.infusing()), (START, START));
    assert!(holds(&rig, &after));
}

#[test]
fn an_older_copy_learns_from_the_pump_which_drug_has_arrived() {
    let mut rig = started();
    rig.run(HOUR * 6);
    rig.both_order(OrderKind::SetConcentration(250.0));
    rig.run(HOUR * 15);
    rig.order(ANNA, OrderKind::Pause);
    let old = rig.saved.clone();
    rig.order(ANNA, OrderKind::Resume);
    // 507 µL at 33.33 µL/h: the new drug is at the tip after another twelve minutes.
    rig.run(MINUTE * 20);
    let named = Some(Action::Infuse {
        rate: START.positive().expect("above zero"),
        at: drug(250),
    });
    assert_eq!(rig.pump.action(), named);
    // Who remembers the pause alone believes that nothing has moved since.
    rig.restart(MINUTE, old);
    rig.log.clear();
    let after = rig.run(MINUTE * 5);
    assert_eq!(rig.pump.action(), named);
    let sent = |seen: &Decision| matches!(seen.send, Send::Command(_));
    assert!(!rig.log.iter().any(|seen| sent(&seen.decision)));
    assert!(!after.alarms.active.contains(Alarm::BridgeIncomplete));
}

#[test]
fn a_pause_that_is_ordered_after_power_up_outlives_what_the_pump_took_before() {
    for what in [OrderKind::Pause, OrderKind::Stop] {
        let mut rig = started();
        rig.run(HOUR * 6);
        let old = rig.saved.clone();
        rig.order(ANNA, OrderKind::Pause);
        rig.run(MINUTE * 20);
        rig.order(ANNA, OrderKind::Resume);
        rig.run(MINUTE * 20);
        rig.telemetry();
        let now = rig.now;
        rig.pump.lose_reports(now, true);
        rig.restart(MINUTE * 3, old);
        rig.step(None, &[]);
        assert_eq!(rig.run(SECOND * 2).mode, Mode::Post);
        rig.order(ANNA, what);
        // Once more, before anybody has read the pump.
        let saved = rig.saved.clone();
        rig.restart(MINUTE * 3, saved);
        rig.pump.lose_reports(now, false);
        let after = rig.run(HOUR);
        assert!(!after.mode.infuses(), "{what:?}: {:?}", after.mode);
        assert_eq!(rig.pump.infusing(), DoseRate::ZERO, "{what:?}");
    }
}

#[test]
fn the_gap_of_an_older_copy_begins_when_the_pump_was_last_heard_infusing() {
    // Of a pump that counts, the count tells it as well.
    for counts in [true, false] {
        let mut rig = Rig::new(protocol());
        if !counts {
            rig.pump.sensors.delivered_ug = Err(infusion_types::NoData::SensorFault);
        }
        rig.start(400.0);
        rig.run(HOUR * 6);
        let old = Some(rig.controller.saved());
        rig.order(ANNA, OrderKind::Pause);
        rig.run(MINUTE * 20);
        rig.restart(MINUTE, old);
        let needs = |rig: &mut Rig, time| {
            let active = rig.run(time).alarms.active;
            active.contains(Alarm::RestartNeedsAuthorisation)
        };
        assert!(!needs(&mut rig, HOUR * 11), "{counts}");
        assert!(needs(&mut rig, HOUR), "{counts}");
    }
}

#[test]
fn no_gap_begins_before_the_therapy_did() {
    let mut rig = Rig::new(protocol());
    rig.pump.sensors.delivered_ug = Err(infusion_types::NoData::SensorFault);
    rig.prepare();
    rig.run(HOUR * 20);
    rig.both_order(OrderKind::Authorise(400.0));
    let telemetry = rig.telemetry();
    let start = Order {
        by: ANNA,
        what: OrderKind::Start,
    };
    rig.step_with(&telemetry, None, &[start]);
    // Nobody has heard it infuse yet.
    let old = Some(rig.controller.saved());
    rig.order(ANNA, OrderKind::Pause);
    rig.run(MINUTE * 20);
    rig.restart(MINUTE, old);
    let after = rig.run(HOUR);
    assert_eq!(after.mode, Mode::Stopped);
    let panel = after.alarms.active;
    assert!(!panel.contains(Alarm::RestartNeedsAuthorisation));
}

#[test]
fn what_the_pump_did_while_nobody_knew_is_read_off_its_count() {
    let mut rig = started();
    rig.run(HOUR * 6);
    let old = rig.saved.clone();
    // Half an hour of rest in the middle of three that nobody remembers.
    rig.run(HOUR);
    rig.order(ANNA, OrderKind::Pause);
    rig.run(MINUTE * 30);
    rig.order(ANNA, OrderKind::Resume);
    rig.run(MINUTE * 90);
    rig.restart(MINUTE, old);
    let first = rig.step(None, &[]);
    assert!(
        holds(&rig, &first),
        "{:?} {}",
        first.estimate_24h,
        rig.pump.infused()
    );
    let width = first
        .estimate_24h
        .high
        .saturating_sub(first.estimate_24h.low);
    assert!(width.nanograms() < START.nanograms_per_hour());
}

#[test]
fn a_stop_does_not_wait_for_the_end_of_a_self_test() {
    let causes: [(Change, StopCause); 3] = [
        (
            |rig| rig.pump.sensors.connector = reads(false),
            StopCause::Disconnected,
        ),
        (|rig| rig.pump.primes_by_itself(), StopCause::FreeFlow),
        (
            |rig| {
                rig.order(ANNA, OrderKind::Stop);
            },
            StopCause::Ordered,
        ),
    ];
    for (cause, told) in causes {
        let mut slow = prescription();
        slow.timing.self_test = SECOND * 70;
        let mut rig = Rig::new(checked(slow));
        rig.run(MINUTE);
        rig.start(400.0);
        rig.run(HOUR * 6);
        let saved = rig.saved.clone();
        rig.restart(MINUTE, saved);
        rig.run(SECOND * 5);
        rig.log.clear();
        cause(&mut rig);
        let post = rig.run(SECOND * 2);
        assert_eq!(post.mode, Mode::Post);
        let stop = rig.log.iter().find_map(|seen| stop_of(&seen.decision));
        assert_eq!(stop.map(|(cause, _)| cause), Some(told));
        assert_eq!(rig.pump.infusing(), DoseRate::ZERO);
        let after = rig.run(MINUTE * 3);
        assert_eq!(
            (after.mode, rig.pump.infusing()),
            (Mode::Stopped, DoseRate::ZERO)
        );
    }
}

#[test]
fn a_cause_that_stood_before_a_reset_stands_in_the_silence_after_it() {
    let mut rig = started();
    rig.run(HOUR);
    rig.pump.sensors.connector = reads(false);
    rig.run(MINUTE);
    let saved = rig.saved.clone();
    rig.telemetry();
    let now = rig.now;
    rig.pump.lose_reports(now, true);
    rig.restart(MINUTE, saved);
    let silent = rig.run(HOUR);
    assert!(silent.alarms.condition.contains(Alarm::LineDisconnect));
    assert_eq!(silent.mode, Mode::Stopped);
}

#[test]
fn a_pump_that_was_exchanged_meanwhile_is_told_anew() {
    let mut rig = started();
    rig.run(HOUR * 6);
    let saved = rig.saved.clone();
    rig.pump = crate::support::Pump::new();
    rig.restart(MINUTE, saved);
    rig.run(MINUTE * 2);
    assert_eq!(rig.pump.infusing(), START);
}

#[test]
fn a_pump_that_leaves_after_a_reset_what_it_was_found_doing_is_told_again() {
    let mut rig = started();
    rig.run(HOUR * 6);
    let saved = rig.saved.clone();
    rig.restart(MINUTE, saved);
    rig.run(MINUTE * 3);
    // Under the number of the last command it does something else, by itself.
    let lower = rate(12_000).positive().expect("above zero");
    let action = Action::Infuse {
        rate: lower,
        at: drug(500),
    };
    let told = rig.telemetry().accepted.expect("it reads back").value;
    rig.pump.obey(Accepted { action, ..told });
    rig.log.clear();
    rig.run(MINUTE * 3);
    let differs = |it: &Decision| it.alarms.condition.contains(Alarm::ProgramMismatch);
    assert!(rig.log.iter().any(|seen| differs(&seen.decision)));
    assert_eq!(rig.pump.infusing(), START);
}

#[test]
fn a_reset_after_the_end_leaves_no_session_behind() {
    let mut rig = started();
    rig.run(DAY * 3);
    let saved = rig.saved.clone();
    rig.restart(MINUTE, saved);
    rig.run(DAY * 5);
    assert_eq!(
        rig.order(ANNA, OrderKind::ConfirmComplete).mode,
        Mode::Complete
    );
    // Nothing runs that could be paused or stopped, though a session came back from a reset once.
    let why = refused(&rig.order(ANNA, OrderKind::Pause));
    assert_eq!(why, Refusal::WrongMode(Mode::Complete));
    rig.order(ANNA, OrderKind::Stop);
    for _ in 0..2 {
        let saved = rig.saved.clone();
        rig.restart(MINUTE, saved);
        let back = rig.run(MINUTE);
        assert_eq!((back.mode, back.plan), (Mode::Idle, DoseRate::ZERO));
        assert!(!back.alarms.active.contains(Alarm::PlanCorrupt));
        let kept = rig.controller.saved().check(rig.controller.protocol());
        assert_eq!(kept, Ok(()));
    }
    rig.both_order(OrderKind::Authorise(200.0));
    assert_eq!(rig.order(ANNA, OrderKind::Start).mode, Mode::Active);
    assert_eq!(rig.run(HOUR).mode, Mode::Active);
    assert_eq!(rig.pump.infusing(), rate(8_335));
}

#[test]
fn what_was_shown_without_a_session_stands_in_the_silence_after_a_reset() {
    let mut rig = Rig::new(protocol());
    rig.run(MINUTE);
    rig.pump.sensors.flow_ul_per_h = reads(5.0);
    let idle = rig.run(MINUTE * 3);
    assert_eq!(idle.mode, Mode::Idle);
    assert!(idle.alarms.condition.contains(Alarm::FreeFlow));
    rig.telemetry();
    let now = rig.now;
    rig.pump.lose_reports(now, true);
    let saved = rig.saved.clone();
    rig.restart(MINUTE, saved);
    rig.log.clear();
    rig.run(HOUR);
    let shown = |decision: &Decision| decision.alarms.condition.contains(Alarm::FreeFlow);
    assert_eq!(rig.changes(shown), [true], "the self-test among it");
    rig.pump.lose_reports(now, false);
    rig.pump.sensors.flow_ul_per_h = reads(0.1);
    assert!(!shown(&rig.run(MINUTE)));
}
