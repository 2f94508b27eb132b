//! What the panel shows, whom it calls, and what it locks.

use infusion_types::{
    Alarm, Assessment, Decision, Mode, OrderKind, Priority, Reason, Refusal, StopCause, Timestamp,
};

use crate::support::{
    ANNA, BEN, HOUR, MINUTE, Rig, SECOND, calm, checked, prescription, protocol, reads,
};
use crate::{START, refused, sedated, started};

fn priority(decision: &Decision, alarm: Alarm) -> Option<Priority> {
    decision.alarms.priority(alarm)
}

/// Minutes from `from` until a decision of the log satisfies `look`.
fn minutes_until(rig: &Rig, from: Timestamp, look: impl Fn(&Decision) -> bool) -> f64 {
    let seen = rig
        .log
        .iter()
        .find(|seen| seen.at >= from && look(&seen.decision));
    let at = seen.expect("it comes").at;
    at.since(from).as_secs_f64() / 60.0
}

#[test]
fn a_medium_alarm_that_nobody_answers_calls_further_away() {
    let mut rig = started();
    rig.run(HOUR * 6);
    rig.pump.sensors.battery_min = reads(20.0);
    rig.log.clear();
    let begins = rig.step(None, &[]);
    assert_eq!(priority(&begins, Alarm::BatteryLow), Some(Priority::Medium));
    let from = rig.now;
    let late = rig.run(MINUTE * 40);
    assert_eq!(late.alarms.highest(), Some(Priority::High));
    assert!(late.alarms.sounding.contains(Alarm::BatteryLow));
    let after = minutes_until(&rig, from, |seen| {
        seen.alarms.raised_to_high.contains(Alarm::BatteryLow)
    });
    assert!((15.0..=15.01).contains(&after), "{after}");
    assert_eq!(
        (late.mode, late.plan),
        (Mode::Active, START),
        "nothing else"
    );
    let seen = rig.order(BEN, OrderKind::Acknowledge(Alarm::BatteryLow));
    assert_eq!(priority(&seen, Alarm::BatteryLow), Some(Priority::Medium));
    assert!(seen.alarms.sounding.is_empty() && seen.alarms.active.contains(Alarm::BatteryLow));
}

#[test]
fn signs_of_overdose_that_nobody_looks_at_again_are_most_urgent() {
    let mut rig = started();
    rig.run(HOUR * 6);
    rig.finds = None;
    let doubt = Alarm::ObservationInconsistent;
    assert_eq!(priority(&rig.enter(sedated()), doubt), Some(Priority::Low));
    let from = rig.now;
    rig.log.clear();
    rig.order(ANNA, OrderKind::Acknowledge(doubt));
    let late = rig.run(MINUTE * 12);
    assert_eq!(priority(&late, doubt), Some(Priority::High));
    assert!(
        late.alarms.sounding.contains(doubt),
        "seen as low is not seen as high"
    );
    assert_eq!(late.mode, Mode::Hold, "one sheet still stops nothing");
    let after = minutes_until(&rig, from, |seen| {
        priority(seen, doubt) == Some(Priority::High)
    });
    assert!((10.0..=10.01).contains(&after), "{after}");
    let looked = rig.enter(calm(Timestamp::ZERO));
    assert_eq!(
        (looked.mode, priority(&looked, doubt)),
        (Mode::Active, None)
    );
}

#[test]
fn a_doubt_that_lasts_an_hour_is_medium() {
    let mut rig = started();
    rig.run(HOUR * 6);
    rig.finds = None;
    let doubt = Alarm::ObservationInconsistent;
    rig.enter(Assessment {
        spasticity: Ok(4.0),
        ..calm(Timestamp::ZERO)
    });
    assert_eq!(priority(&rig.run(MINUTE * 59), doubt), Some(Priority::Low));
    assert_eq!(
        priority(&rig.run(MINUTE * 2), doubt),
        Some(Priority::Medium)
    );
}

#[test]
fn silence_lasts_two_minutes_however_often_it_is_asked_for() {
    let mut rig = started();
    rig.run(HOUR);
    rig.pump.sensors.battery_min = reads(20.0);
    rig.run(SECOND * 30);
    rig.log.clear();
    for _ in 0..60 {
        rig.order(ANNA, OrderKind::PauseAudio);
        rig.run(SECOND * 10);
    }
    let mut since = None;
    for seen in &rig.log {
        let paused = seen.decision.alarms.audio_paused;
        since = paused.then(|| since.unwrap_or(seen.at));
        assert!(since.is_none_or(|since| seen.at.since(since) < MINUTE * 2));
    }
    let heard = rig.changes(|decision| decision.alarms.sounding.contains(Alarm::BatteryLow));
    assert!(heard.len() > 8, "{heard:?}");
}

/// The line is blocked for a moment, and is free again for long enough to go on.
fn blocks_and_frees(rig: &mut Rig) -> Decision {
    rig.pump.sensors.pressure_kpa = reads(60.0);
    for _ in 0..12 {
        rig.run(SECOND);
    }
    rig.pump.sensors.pressure_kpa = reads(2.0);
    rig.run(SECOND * 90)
}

#[test]
fn the_third_stop_in_ten_minutes_waits_for_a_person() {
    let mut rig = started();
    rig.run(HOUR);
    for _ in 0..2 {
        let on = blocks_and_frees(&mut rig);
        assert_eq!((on.mode, on.alarms.active.is_empty()), (Mode::Active, true));
    }
    blocks_and_frees(&mut rig);
    let locked = rig.run(HOUR);
    let alarm = Alarm::OcclusionDownstream;
    assert_eq!(locked.mode, Mode::Stopped);
    assert_eq!(
        locked.reason,
        Reason::Stopped(StopCause::OcclusionDownstream)
    );
    assert_eq!(priority(&locked, alarm), Some(Priority::High));
    let seen = rig.order(BEN, OrderKind::Acknowledge(alarm));
    assert_eq!(
        priority(&seen, alarm),
        Some(Priority::High),
        "seen is not gone on with"
    );
    assert!(seen.asks.resumption);
    let mut blocked = rig.clone();
    blocked.pump.sensors.pressure_kpa = reads(60.0);
    for _ in 0..12 {
        blocked.run(SECOND);
    }
    let why = refused(&blocked.order(ANNA, OrderKind::Resume));
    assert_eq!(why, Refusal::AlarmStands(alarm));
    let on = rig.order(ANNA, OrderKind::Resume);
    assert_eq!(
        (on.mode, on.reason),
        (Mode::Active, Reason::Started { at: START })
    );
    assert_eq!(priority(&on, alarm), None);
    // From here on it is counted anew.
    assert_eq!(blocks_and_frees(&mut rig).mode, Mode::Active);
}

#[test]
fn stops_that_are_far_apart_lock_nothing() {
    let mut rig = started();
    rig.run(HOUR);
    for _ in 0..6 {
        assert_eq!(blocks_and_frees(&mut rig).mode, Mode::Active);
        rig.run(MINUTE * 4);
    }
}

#[test]
fn a_lock_outlives_a_reset() {
    let mut rig = started();
    rig.run(HOUR);
    for _ in 0..3 {
        blocks_and_frees(&mut rig);
    }
    let saved = rig.controller.saved();
    rig.restart(MINUTE, Some(saved));
    let after = rig.run(HOUR);
    assert_eq!(after.mode, Mode::Stopped);
    assert!(after.alarms.high().contains(Alarm::OcclusionDownstream));
    assert_eq!(rig.order(ANNA, OrderKind::Resume).mode, Mode::Active);
}

#[test]
fn an_entry_that_nobody_goes_on_with_is_discarded() {
    let mut patient = prescription();
    patient.timing.second_user_within = MINUTE * 15;
    let mut rig = Rig::new(checked(patient));
    rig.start(400.0);
    rig.run(HOUR * 2);
    rig.order(ANNA, OrderKind::Authorise(300.0));
    let from = rig.now;
    let mut in_time = rig.clone();
    in_time.run(MINUTE * 9);
    let taken = in_time.order(BEN, OrderKind::Authorise(300.0));
    assert!(matches!(taken.reason, Reason::Authorised { .. }));
    assert_eq!(priority(&taken, Alarm::StartRequired), None);
    rig.log.clear();
    rig.run(MINUTE * 10);
    let waits = Alarm::StartRequired;
    for (minutes, level) in [(5.0, Priority::Low), (10.0, Priority::Medium)] {
        let after = minutes_until(&rig, from, |seen| priority(seen, waits) == Some(level));
        assert!((minutes..=minutes + 0.01).contains(&after), "{after}");
    }
    let late = rig.order(BEN, OrderKind::Authorise(300.0));
    assert!(!matches!(late.reason, Reason::Authorised { .. }));
    assert_eq!((late.plan, rig.pump.infusing()), (START, START));
    assert!(rig.log.iter().all(|seen| seen.decision.plan == START));
    // The second user's own entry waits for the first one now.
    rig.run(MINUTE * 2);
    let again = rig.order(ANNA, OrderKind::Authorise(300.0));
    assert!(matches!(again.reason, Reason::Authorised { .. }));
    assert_eq!(priority(&again, waits), None, "nothing is left");
}

#[test]
fn a_dose_that_nobody_starts_is_told_twice() {
    let mut rig = Rig::new(protocol());
    rig.prepare();
    rig.both_order(OrderKind::Authorise(400.0));
    let waits = Alarm::StartRequired;
    assert_eq!(priority(&rig.run(MINUTE * 4), waits), None);
    assert_eq!(priority(&rig.run(MINUTE * 2), waits), Some(Priority::Low));
    assert_eq!(
        priority(&rig.run(MINUTE * 5), waits),
        Some(Priority::Medium)
    );
    rig.both_order(OrderKind::Authorise(400.0));
    let on = rig.order(ANNA, OrderKind::Start);
    assert_eq!((on.mode, priority(&on, waits)), (Mode::Active, None));
}

#[test]
fn a_latched_alarm_outlives_a_reset() {
    let mut rig = started();
    rig.run(HOUR);
    rig.pump.sensors.battery_min = reads(3.0);
    rig.step(None, &[]);
    rig.pump.sensors.battery_min = reads(5_000.0);
    let saved = rig.saved.clone();
    rig.restart(SECOND, saved);
    let alarm = Alarm::BatteryCritical;
    assert!(rig.run(MINUTE).alarms.latched.contains(alarm));
    rig.order(ANNA, OrderKind::Acknowledge(alarm));
    let saved = rig.saved.clone();
    rig.restart(SECOND, saved);
    assert!(!rig.run(MINUTE).alarms.active.contains(alarm));
}
