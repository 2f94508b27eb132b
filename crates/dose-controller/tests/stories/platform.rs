//! What the platform under the controller says of itself, and what that does to a wean.

use core::time::Duration;

use infusion_types::{
    Alarm, AlarmSet, Decision, DoseRate, Host, Memory, Mode, OrderKind, PeerClock, Priority,
    Refusal, Sample, SessionRecord, StopCause, WallTime,
};

use crate::support::{ANNA, BEN, HOUR, MINUTE, Rig, SECOND, protocol};
use crate::{START, decrements, refused, started, stop_of};

fn priority(decision: &Decision, alarm: Alarm) -> Option<Priority> {
    decision.alarms.priority(alarm)
}

/// A platform with one thing wrong, and the alarm that tells of it.
type Row = (Alarm, fn(&mut Host), Priority, bool);

const ROWS: [Row; 12] = [
    (
        Alarm::MainsLost,
        |host| host.on_mains = false,
        Priority::Low,
        false,
    ),
    (
        Alarm::SelfTestFail,
        |host| host.self_test_passed = false,
        Priority::Medium,
        true,
    ),
    (
        Alarm::SelfTestFail,
        |host| host.key_stuck = true,
        Priority::Medium,
        true,
    ),
    (
        Alarm::SelfTestFail,
        |host| host.record = SessionRecord::OtherVersion,
        Priority::Medium,
        true,
    ),
    (
        Alarm::ControllerFault,
        |host| host.missed_deadlines = 2,
        Priority::Medium,
        false,
    ),
    (
        Alarm::PlanCorrupt,
        |host| host.memory = Memory::Damaged,
        Priority::Medium,
        true,
    ),
    (
        Alarm::PlanCorrupt,
        |host| host.memory = Memory::Lost,
        Priority::Medium,
        true,
    ),
    (
        Alarm::PlanCorrupt,
        |host| host.memory = Memory::Unwritable,
        Priority::Medium,
        true,
    ),
    (
        Alarm::LogFail,
        |host| host.log_works = false,
        Priority::Low,
        false,
    ),
    (
        Alarm::AudioFail,
        |host| host.sounder_works = false,
        Priority::Medium,
        false,
    ),
    (
        Alarm::ClockFault,
        |host| host.peer_clock = PeerClock::Moved,
        Priority::Low,
        true,
    ),
    (
        Alarm::ConcentrationMismatch,
        |host| host.record = SessionRecord::OtherDrug,
        Priority::High,
        false,
    ),
];

/// Whether it is told within ten seconds that something is wrong; nobody wakes the controller for it.
fn is_told(mut rig: Rig, wrong: fn(&mut Host), alarm: Alarm) -> bool {
    wrong(&mut rig.host);
    rig.step(None, &[]);
    rig.log.clear();
    rig.run(SECOND * 10);
    let stands = |decision: &Decision| decision.alarms.condition.contains(alarm);
    rig.log.iter().any(|seen| stands(&seen.decision))
}

#[test]
fn each_fault_of_the_platform_has_its_alarm_within_ten_seconds() {
    let mut rig = started();
    rig.run(HOUR * 6);
    for (alarm, wrong, first, holds) in ROWS {
        assert!(is_told(rig.clone(), wrong, alarm), "{alarm:?}");
        let mut bad = rig.clone();
        wrong(&mut bad.host);
        let seen = bad.run(MINUTE);
        assert_eq!(priority(&seen, alarm), Some(first), "{alarm:?}");
        let others = seen.alarms.active.with(alarm, false);
        assert!(others.is_empty(), "{alarm:?}: {others:?}");
        let stops = alarm.stops().is_some();
        let mode = match (stops, holds) {
            (true, _) => Mode::Stopped,
            (false, true) => Mode::Hold,
            (false, false) => Mode::Active,
        };
        assert_eq!(seen.mode, mode, "{alarm:?}");
        let rate = if stops { DoseRate::ZERO } else { START };
        assert_eq!(bad.pump.infusing(), rate, "{alarm:?}");
        bad.host = Host::SOUND;
        let gone = bad.run(MINUTE);
        assert_eq!(gone.alarms.latched.contains(alarm), alarm.latching());
        bad.order(ANNA, OrderKind::Acknowledge(alarm));
        assert!(bad.step(None, &[]).alarms.active.is_empty(), "{alarm:?}");
    }
}

#[test]
fn a_moment_without_mains_and_one_missed_deadline_are_nothing() {
    let mut rig = started();
    rig.run(HOUR);
    rig.host.on_mains = false;
    rig.run(SECOND * 4);
    rig.host.on_mains = true;
    rig.host.missed_deadlines = 1;
    assert!(rig.run(MINUTE).alarms.active.is_empty());
}

#[test]
fn faults_of_the_platform_are_told_in_the_self_test_as_well() {
    let told: AlarmSet = ROWS.into_iter().map(|(alarm, ..)| alarm).collect();
    let mut fresh = Rig::new(protocol());
    for (_, wrong, ..) in ROWS {
        wrong(&mut fresh.host);
    }
    fresh.run(SECOND * 6);
    let post = fresh.run(SECOND);
    assert_eq!((post.mode, post.alarms.active), (Mode::Post, told));
    let mut rig = started();
    rig.run(HOUR * 6);
    rig.host = fresh.host;
    let saved = rig.saved.clone();
    rig.restart(SECOND, saved);
    rig.step(None, &[]);
    let back = rig.run(SECOND * 6);
    assert_eq!((back.mode, back.alarms.active), (Mode::Post, told));
}

#[test]
fn nothing_starts_on_a_platform_that_has_failed() {
    for (alarm, wrong, ..) in ROWS {
        let hinders = [
            Alarm::ConcentrationMismatch,
            Alarm::SelfTestFail,
            Alarm::AudioFail,
        ];
        let mut rig = Rig::new(protocol());
        rig.prepare();
        rig.both_order(OrderKind::Authorise(400.0));
        // It fails in the moment in which somebody presses start.
        wrong(&mut rig.host);
        let start = rig.order(ANNA, OrderKind::Start);
        if !hinders.contains(&alarm) {
            assert!(start.mode.infuses(), "{alarm:?}");
            continue;
        }
        assert_eq!(refused(&start), Refusal::AlarmStands(alarm));
        assert_eq!(rig.pump.infusing(), DoseRate::ZERO);
        rig.host = Host::SOUND;
        let latched = rig.order(ANNA, OrderKind::Start);
        assert_eq!(refused(&latched), Refusal::AlarmStands(alarm));
        rig.order(ANNA, OrderKind::Acknowledge(alarm));
        rig.step(None, &[]);
        assert!(
            rig.order(ANNA, OrderKind::Start).mode.infuses(),
            "{alarm:?}"
        );
    }
}

#[test]
fn another_drug_than_was_signed_for_stops_and_stays_stopped() {
    let mut rig = started();
    rig.run(HOUR * 6);
    rig.host.record = SessionRecord::OtherDrug;
    let seen = rig.step(None, &[]);
    assert_eq!(
        stop_of(&seen),
        Some((StopCause::ConcentrationMismatch, false))
    );
    let alarm = Alarm::ConcentrationMismatch;
    rig.order(ANNA, OrderKind::Acknowledge(alarm));
    let why = refused(&rig.order(ANNA, OrderKind::Resume));
    assert_eq!(why, Refusal::AlarmStands(alarm));
    rig.host = Host::SOUND;
    rig.run(MINUTE);
    assert_eq!(rig.order(ANNA, OrderKind::Resume).mode, Mode::Active);
}

#[test]
fn after_a_reset_only_what_was_signed_for_takes_the_therapy_up_again() {
    for (record, mode, rate) in [
        (SessionRecord::OtherVersion, Mode::Fallback, START),
        (SessionRecord::OtherDrug, Mode::Stopped, DoseRate::ZERO),
    ] {
        let mut rig = started();
        rig.run(HOUR * 6);
        rig.host.record = record;
        let saved = rig.saved.clone();
        rig.restart(MINUTE, saved);
        rig.step(None, &[]);
        rig.run(SECOND * 9);
        assert_eq!(rig.pump.infusing(), rate, "within ten seconds");
        let last = rig.run(HOUR);
        assert_eq!((last.mode, rig.pump.infusing()), (mode, rate));
        // People may stop it, and it does not go on.
        rig.order(ANNA, OrderKind::Pause);
        assert_eq!(rig.pump.infusing(), DoseRate::ZERO);
        assert!(matches!(
            refused(&rig.order(ANNA, OrderKind::Resume)),
            Refusal::AlarmStands(_)
        ));
        rig.host = Host::SOUND;
        for alarm in [Alarm::SelfTestFail, Alarm::ConcentrationMismatch] {
            rig.order(ANNA, OrderKind::Acknowledge(alarm));
        }
        assert_eq!(rig.order(BEN, OrderKind::Resume).mode, Mode::Active);
    }
}

#[test]
fn after_a_reset_with_nothing_left_it_waits_and_says_so() {
    let mut rig = started();
    rig.run(HOUR * 6);
    rig.host.memory = Memory::Lost;
    rig.finds = None;
    rig.restart(MINUTE, None);
    let idle = rig.run(HOUR);
    assert_eq!((idle.mode, idle.plan), (Mode::Idle, DoseRate::ZERO));
    assert_eq!(
        priority(&idle, Alarm::PlanCorrupt),
        Some(Priority::High),
        "nobody came"
    );
    assert_eq!(rig.pump.infusing(), START, "the pump goes on");
}

#[test]
fn a_log_or_a_clock_that_stays_wrong_becomes_more_urgent() {
    for (alarm, wrong, minutes) in [
        (Alarm::ClockFault, ROWS[10].1, 5),
        (Alarm::LogFail, ROWS[8].1, 60),
    ] {
        let mut rig = started();
        rig.run(HOUR);
        wrong(&mut rig.host);
        rig.step(None, &[]);
        let early = rig.run(MINUTE * minutes);
        assert_eq!(priority(&early, alarm), Some(Priority::Low));
        let late = rig.run(MINUTE);
        assert_eq!(priority(&late, alarm), Some(Priority::Medium));
    }
}

/// Runs with a clock on the wall that is so far ahead, in seconds, at each second of the run.
fn with_wall(rig: &mut Rig, time: Duration, ahead: impl Fn(u64) -> i64) {
    let from = rig.now;
    while rig.now.since(from) < time {
        let second = rig.now.since(from).as_secs();
        let wall = 1_800_000_000_000 + i64::try_from(rig.now.millis()).expect("days");
        let wall = WallTime::from_millis(wall + ahead(second) * 1_000);
        rig.host.wall = Ok(Sample::new(rig.now, wall));
        rig.step(None, &[]);
        let wakes = rig.controller.poll_timeout();
        rig.now = wakes.min(rig.now.after(SECOND * 30));
    }
}

#[test]
fn a_clock_on_the_wall_that_jumps_holds_the_wean_and_moves_no_dose() {
    let shifts: [fn(u64) -> i64; 4] = [
        |second| if second >= 600 { 3_600 } else { 0 },
        |second| if second >= 600 { -86_400 } else { 0 },
        |second| if second >= 600 { 6 } else { 0 },
        |second| -i64::try_from(second.saturating_sub(600)).expect("short"),
    ];
    let mut rig = started();
    rig.run(HOUR * 20);
    for (number, shift) in shifts.into_iter().enumerate() {
        let (mut moved, mut steady) = (rig.clone(), rig.clone());
        with_wall(&mut moved, MINUTE * 9, shift);
        assert!(moved.step(None, &[]).alarms.active.is_empty());
        with_wall(&mut steady, MINUTE * 9, |_| 0);
        let from = moved.now.after(SECOND * 60);
        with_wall(&mut moved, MINUTE * 3, |second| shift(second + 540));
        let clock = |decision: &Decision| decision.alarms.active.contains(Alarm::ClockFault);
        let first = moved.log.iter().find(|seen| clock(&seen.decision));
        let first = first.unwrap_or_else(|| panic!("shift {number} is told"));
        assert!(first.at <= from.after(MINUTE), "within a minute");
        with_wall(&mut steady, MINUTE * 3, |_| 0);
        assert_eq!(moved.pump.infused(), steady.pump.infused());
        assert_eq!(moved.step(None, &[]).mode, Mode::Hold);
        moved.log.clear();
        moved.run(HOUR * 8);
        assert!(decrements(&moved).is_empty(), "no rung on a wrong clock");
    }
}

#[test]
fn where_the_wall_clock_begins_is_all_one() {
    let mut one = started();
    one.run(HOUR);
    let mut other = one.clone();
    with_wall(&mut one, HOUR * 3, |_| 0);
    with_wall(&mut other, HOUR * 3, |_| -1_700_000_000);
    assert_eq!(one.log.len(), other.log.len());
    for (left, right) in one.log.iter().zip(&other.log) {
        assert_eq!(left.decision, right.decision);
    }
}
