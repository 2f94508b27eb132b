//! Limits met to the last digit, and the first that is beyond.

use core::time::Duration;

use infusion_types::{
    Alarm, Decision, Line, Mode, OrderKind, Priority, Reason, Refusal, WeanSchedule,
};

use crate::support::{
    ANNA, DAY, HOUR, MINUTE, Rig, SECOND, calm, checked, daily_ug, prescription, protocol, rate,
    reads, rungs,
};
use crate::{START, decrements, refused, started};

const MOMENT: Duration = Duration::from_millis(1);

fn stands(decision: &Decision, alarm: Alarm) -> bool {
    decision.alarms.condition.contains(alarm)
}

#[test]
fn a_temperature_of_the_band_is_in_the_band() {
    let out = Alarm::TemperatureOutOfRange;
    for (celsius, alarms) in [(17.9, true), (18.0, false), (40.0, false), (40.1, true)] {
        let mut rig = started();
        rig.pump.sensors.temperature_c = reads(celsius);
        rig.step(None, &[]);
        assert!(!stands(&rig.run(MINUTE * 10 - SECOND), out), "{celsius}");
        assert_eq!(stands(&rig.run(SECOND), out), alarms, "{celsius}");
    }
}

#[test]
fn a_battery_is_low_below_half_an_hour_and_critical_below_five_minutes() {
    let rows = [
        (30.0, false, false),
        (29.9, true, false),
        (5.0, true, false),
        (4.9, true, true),
    ];
    for (minutes, low, critical) in rows {
        let mut rig = started();
        rig.pump.sensors.battery_min = reads(minutes);
        let seen = rig.run(MINUTE);
        let told = [Alarm::BatteryLow, Alarm::BatteryCritical].map(|alarm| stands(&seen, alarm));
        assert_eq!(told, [low, critical], "{minutes}");
    }
}

#[test]
fn air_is_told_from_its_first_limit_on_and_stops_beyond_its_second() {
    for (volume, told, mode) in [
        (49.9, None, Mode::Active),
        (50.0, Some(Priority::Low), Mode::Active),
        (200.0, Some(Priority::Low), Mode::Active),
        (200.1, Some(Priority::Medium), Mode::Stopped),
    ] {
        let mut rig = started();
        rig.pump.sensors.air_ul = reads(volume);
        let seen = rig.run(MINUTE);
        let priority = seen.alarms.priority(Alarm::AirInLine);
        assert_eq!((priority, seen.mode), (told, mode), "{volume}");
    }
}

#[test]
fn a_pause_is_long_beyond_ten_minutes() {
    let mut rig = started();
    rig.run(HOUR);
    rig.order(ANNA, OrderKind::Pause);
    assert!(!stands(&rig.run(MINUTE * 10), Alarm::PausedLong));
    assert!(stands(&rig.run(MOMENT), Alarm::PausedLong));
    // Who has stopped it has not paused it.
    let mut rig = started();
    rig.order(ANNA, OrderKind::Stop);
    assert!(!stands(&rig.run(HOUR), Alarm::PausedLong));
}

#[test]
fn observations_are_overdue_beyond_four_hours_and_missing_beyond_eight() {
    let ages = [Alarm::ObservationOverdue, Alarm::ObservationMissing];
    let told = |seen: Decision| ages.map(|alarm| stands(&seen, alarm));
    let mut rig = started();
    rig.finds = None;
    rig.run(HOUR);
    rig.enter(calm(rig.now));
    assert_eq!(told(rig.run(HOUR * 4)), [false, false]);
    assert_eq!(told(rig.run(MOMENT)), [true, false]);
    assert_eq!(told(rig.run(HOUR * 4 - MOMENT)), [true, false]);
    assert_eq!(told(rig.run(MOMENT)), [true, true]);
}

#[test]
fn a_silence_is_told_beyond_a_minute_and_beyond_a_quarter_of_an_hour() {
    let links = [Alarm::LinkLost, Alarm::LinkLostLong];
    let told = |seen: Decision| links.map(|alarm| stands(&seen, alarm));
    let mut rig = started();
    rig.run(HOUR);
    rig.telemetry();
    let now = rig.now;
    rig.pump.lose_reports(now, true);
    assert_eq!(told(rig.run(MINUTE)), [false, false]);
    assert_eq!(told(rig.run(MOMENT)), [true, false]);
    assert_eq!(told(rig.run(MINUTE * 14 - MOMENT)), [true, false]);
    assert_eq!(told(rig.run(MOMENT)), [true, true]);
}

#[test]
fn a_gap_needs_a_person_beyond_its_limit_and_quarters_the_dose_beyond_two_days() {
    let again = Alarm::RestartNeedsAuthorisation;
    // Shorter than the time in which half of a day is missing.
    let mut patient = prescription();
    patient.timing.gap_most = HOUR * 6;
    let mut rig = Rig::new(checked(patient));
    rig.start(400.0);
    rig.run(HOUR * 20);
    rig.order(ANNA, OrderKind::Pause);
    let last = rig.run(HOUR * 6);
    assert!(!stands(&last, again) && last.asks.authorisation.is_none());
    let beyond = rig.run(MOMENT);
    assert!(stands(&beyond, again));
    let half = beyond.asks.authorisation.expect("half of the dose");
    assert_eq!(half, START.permille(500).daily());
    let two_days = rig.run(HOUR * 42 - MOMENT);
    assert_eq!(two_days.asks.authorisation, Some(half));
    let quarter = START.permille(250).daily();
    assert_eq!(rig.run(MOMENT).asks.authorisation, Some(quarter));
}

#[test]
fn a_catheter_is_told_of_after_a_week_and_again_after_ten_days() {
    let mut rig = Rig::new(protocol());
    rig.finds = None;
    rig.prepare();
    let dwell = |seen: Decision| seen.alarms.priority(Alarm::DwellTime);
    assert_eq!(dwell(rig.run(HOUR * 168 - MOMENT)), None);
    assert_eq!(dwell(rig.run(MOMENT)), Some(Priority::Low));
    let medium = rig.run(HOUR * 74 - MOMENT);
    assert_eq!(dwell(medium), Some(Priority::Low));
    assert_eq!(dwell(rig.run(MOMENT)), Some(Priority::Medium));
    rig.order(ANNA, OrderKind::CatheterOut);
    assert_eq!(dwell(rig.run(MINUTE)), None);
}

#[test]
fn a_loss_of_mains_wakes_the_controller_when_it_is_to_be_told() {
    let mut rig = started();
    rig.run(HOUR);
    rig.host.on_mains = false;
    rig.step(None, &[]);
    let told = rig.now.after(SECOND * 5);
    assert_eq!(rig.controller.poll_timeout(), told);
    rig.now = told;
    assert!(stands(&rig.step(None, &[]), Alarm::MainsLost));
}

#[test]
fn half_of_the_last_day_may_be_authorised_and_no_less() {
    let mut rig = started();
    rig.run(HOUR * 6);
    let half = START.permille_up(500);
    let exact = rig.clone().both_order(OrderKind::Authorise(199.992));
    assert_eq!(
        exact.reason,
        Reason::Authorised {
            from: START,
            to: half.to_nearest(rate(5))
        }
    );
    let less = rig.order(ANNA, OrderKind::Authorise(199.968));
    assert_eq!(refused(&less), Refusal::SlopeSpent);
}

#[test]
fn the_dose_after_a_gap_is_good_for_five_minutes() {
    let mut rig = started();
    rig.run(HOUR * 6);
    rig.order(ANNA, OrderKind::Pause);
    rig.run(HOUR * 13);
    rig.both_order(OrderKind::Authorise(199.0));
    let mut late = rig.clone();
    rig.run(MINUTE * 5);
    assert!(rig.order(ANNA, OrderKind::Resume).mode.infuses());
    late.run(MINUTE * 5 + MOMENT);
    let why = refused(&late.order(ANNA, OrderKind::Resume));
    assert_eq!(why, Refusal::GapNeedsAuthorisation);
    late.both_order(OrderKind::Authorise(199.0));
    assert!(late.order(ANNA, OrderKind::Resume).mode.infuses());
}

#[test]
fn a_cut_that_leaves_one_quantum_is_worth_a_rung() {
    let mut quick = prescription();
    quick.wean = WeanSchedule {
        every: HOUR * 20,
        first_after: HOUR * 20,
        rungs: rungs(&[(500, 40, 1)]),
        ..quick.wean
    };
    let mut rig = Rig::new(checked(quick));
    // 19,990 ng/h, and two hours later the least that the slope allows, but for one quantum of 5 ng/h.
    rig.start(479.76);
    rig.run(HOUR * 2);
    rig.both_order(OrderKind::Authorise(240.0));
    rig.run(HOUR * 20 + MINUTE);
    let taken: Vec<_> = decrements(&rig).into_iter().map(|(_, to)| to).collect();
    assert_eq!(taken, [rate(9_995)]);
}

#[test]
fn a_dose_that_people_change_puts_the_next_rung_off_by_an_interval() {
    let mut rig = started();
    rig.run(HOUR * 23);
    let changed = rig.now;
    rig.both_order(OrderKind::Authorise(390.0));
    rig.run(DAY - MINUTE);
    assert!(decrements(&rig).is_empty());
    rig.run(MINUTE * 2);
    let taken = decrements(&rig);
    assert_eq!(taken.len(), 1);
    assert_eq!(taken[0].0, changed.after(DAY));
}

#[test]
fn nothing_starts_through_a_line_that_is_not_filled() {
    let mut rig = Rig::new(protocol());
    rig.run(SECOND * 12);
    rig.order(ANNA, OrderKind::DeclareLine(Line::Connected));
    rig.both_order(OrderKind::Authorise(400.0));
    let early = rig.order(ANNA, OrderKind::Start);
    assert_eq!(refused(&early), Refusal::NotPrimed);
    assert_eq!(early.mode, Mode::Idle);
}

#[test]
fn a_dose_at_the_ceiling_can_be_had_and_one_above_it_cannot() {
    let mut rig = started();
    rig.run(HOUR);
    let above = rig.order(ANNA, OrderKind::Authorise(2_003.001));
    assert!(matches!(refused(&above), Refusal::AboveCeiling { .. }));
    let most = rig.both_order(OrderKind::Authorise(2_003.0));
    assert!(matches!(most.reason, Reason::Authorised { .. }));
    assert!(most.plan.daily() >= daily_ug(2_002));
}
