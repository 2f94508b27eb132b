//! Limits met to the last digit, and the first that is beyond.

use core::time::Duration;

use infusion_types::{
    Alarm, Decision, Line, Mode, OrderKind, Priority, PumpState, Reason, Refusal, Sample,
    WeanSchedule,
};

use crate::support::{
    ANNA, BEN, DAY, HOUR, MINUTE, Rig, SECOND, calm, checked, daily_ug, prescription, protocol,
    rate, reads, rungs,
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
fn a_flow_that_scatters_about_less_than_half_of_the_plan_is_missing_all_the_while() {
    let mut rig = started();
    rig.pump.sensors.flow_ul_per_h = reads(33.0);
    rig.run(HOUR);
    rig.log.clear();
    // 33.3 µL/h are the plan. Every other reading is above half of it, and the mean is not.
    let mut minutes = 0;
    while !stands(&rig.step(None, &[]), Alarm::OcclusionDownstream) {
        for flow in [8.0, 20.0] {
            rig.pump.sensors.flow_ul_per_h = reads(flow);
            rig.run(SECOND * 30);
        }
        minutes += 1;
        assert!(minutes < 300, "25 µg are missing by then");
    }
    // 14 µL/h may mean 14.5: 9.4 µg an hour are missing.
    assert!((155..170).contains(&minutes), "{minutes}");
}

#[test]
fn a_pump_that_is_dry_or_stands_still_is_no_blocked_line() {
    let dry: fn(&mut Rig) = |rig| rig.pump.empty = true;
    let still: fn(&mut Rig) = |rig| rig.pump.sensors.motion = reads(false);
    for (idle, own) in [(dry, Alarm::ReservoirEmpty), (still, Alarm::MotorStall)] {
        let mut rig = started();
        rig.pump.sensors.flow_ul_per_h = reads(0.1);
        idle(&mut rig);
        // Without it 25 µg are missing after an hour and a half.
        assert!(stands(&rig.run(HOUR * 3), own), "{own:?}");
        let blocked = |it: &Decision| stands(it, Alarm::OcclusionDownstream);
        assert_eq!(rig.changes(blocked), [false], "{own:?}");
    }
}

/// Readings that are the same to the last digit, few enough of them not to be those of a stuck sensor.
fn shows(mut rig: Rig, set: fn(&mut Rig, f64), value: f64, alarm: Alarm) -> bool {
    rig.pump.stuck = true;
    set(&mut rig, value);
    (0..4).any(|_| stands(&rig.run(SECOND * 25), alarm))
}

#[test]
fn flow_and_pressure_are_told_beyond_their_limits_and_not_at_them() {
    let flow: fn(&mut Rig, f64) = |rig, it| rig.pump.sensors.flow_ul_per_h = reads(it);
    let pressure: fn(&mut Rig, f64) = |rig, it| rig.pump.sensors.pressure_kpa = reads(it);
    let runs = started();
    let mut rests = started();
    rests.order(ANNA, OrderKind::Pause);
    rests.run(MINUTE);
    for (rig, set, at, beyond, alarm) in [
        // 25 µg an hour more than the plan, of 500 ng in a microlitre.
        (&runs, flow, 83.33, 83.34, Alarm::FreeFlow),
        // Two sigma.
        (&rests, flow, 2.0, 2.001, Alarm::FreeFlow),
        (&runs, flow, -2.0, -2.001, Alarm::ReverseFlow),
        (&runs, pressure, 40.0, 40.001, Alarm::OcclusionDownstream),
    ] {
        assert!(!shows(rig.clone(), set, at, alarm), "{alarm:?} {at}");
        assert!(shows(rig.clone(), set, beyond, alarm), "{alarm:?} {beyond}");
    }
}

#[test]
fn flow_in_a_prime_is_free_beyond_what_a_sound_pump_and_a_sound_sensor_can_show() {
    // 1,000 µL/h and 14.5 %, of that 3 % and 50 nL/h, and 50 µL/h that harm.
    for (flow, mode) in [(1_229.4, Mode::Prime), (1_229.401, Mode::Idle)] {
        let mut rig = Rig::new(protocol());
        rig.run(SECOND * 12);
        rig.order(ANNA, OrderKind::DeclareLine(Line::Open));
        rig.pump.stuck = true;
        rig.pump.sensors.flow_ul_per_h = reads(flow);
        for _ in 0..40 {
            rig.order(ANNA, OrderKind::HoldToRun);
            rig.run(SECOND);
        }
        let last = rig.step(None, &[]);
        assert_eq!(last.mode, mode, "{flow}");
        assert_eq!(stands(&last, Alarm::FreeFlow), mode == Mode::Idle, "{flow}");
    }
}

#[test]
fn a_sensor_has_gone_when_it_has_not_been_read_for_more_than_five_minutes() {
    for (silent, gone) in [(MINUTE * 5, false), (MINUTE * 5 + MOMENT, true)] {
        let mut rig = started();
        rig.run(HOUR);
        let mut telemetry = rig.telemetry();
        telemetry.air_ul = Ok(Sample::new(rig.now.before(silent), 0.0));
        let seen = rig.step_with(&telemetry, None, &[]);
        assert_eq!(stands(&seen, Alarm::SensorFault), gone, "{silent:?}");
    }
}

#[test]
fn a_rung_that_is_left_out_is_taken_an_interval_later_and_no_other_is() {
    let mut rig = started();
    let began = rig.now;
    rig.run(HOUR * 20);
    rig.order(ANNA, OrderKind::SkipDecrement);
    rig.run(DAY * 3);
    let days = decrements(&rig)
        .into_iter()
        .map(|(at, _)| at.since(began).as_secs() / DAY.as_secs());
    assert!(days.eq([2, 3]), "the first is left out");
}

#[test]
fn a_prime_that_the_pump_itself_ends_has_filled_the_line_unless_more_than_a_lease_is_left() {
    let open = protocol().line().open.nanolitres();
    let flow = protocol()
        .limits()
        .flow_prime
        .nanolitres_per_hour()
        .unsigned_abs();
    let whole_s = open * 3_600 / flow;
    for (ends_s, filled) in [(4, false), (whole_s - 20, false), (whole_s - 6, true)] {
        let mut rig = Rig::new(protocol());
        rig.run(SECOND * 12);
        rig.order(ANNA, OrderKind::DeclareLine(Line::Open));
        let began = rig.now;
        while rig.now.since(began) < SECOND * u32::try_from(ends_s).unwrap() {
            rig.order(ANNA, OrderKind::HoldToRun);
            rig.run(SECOND * 2);
        }
        let mut telemetry = rig.telemetry();
        telemetry.state = Ok(Sample::new(rig.now, PumpState::Stopped));
        let over = rig.step_with(&telemetry, None, &[]);
        assert_eq!(over.mode == Mode::Idle, filled, "{ends_s} s of {whole_s}");
        rig.run(SECOND * 30);
        rig.order(ANNA, OrderKind::DeclareLine(Line::Connected));
        rig.both_order(OrderKind::Authorise(400.0));
        let started = rig.order(ANNA, OrderKind::Start).mode == Mode::Active;
        assert_eq!(started, filled, "{ends_s} s of {whole_s}");
    }
}

#[test]
fn what_a_pump_primes_unheard_is_primed_again() {
    let mut rig = Rig::new(protocol());
    rig.run(SECOND * 12);
    rig.order(ANNA, OrderKind::DeclareLine(Line::Open));
    rig.order(ANNA, OrderKind::HoldToRun);
    let silent = infusion_types::Telemetry::silent(infusion_types::NoData::NeverSeen);
    for _ in 0..600 {
        rig.order(ANNA, OrderKind::HoldToRun);
        rig.now = rig.now.after(SECOND * 2);
        let seen = rig.step_with(&silent, None, &[]);
        assert_eq!(seen.mode, Mode::Prime);
    }
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

#[test]
fn what_a_dry_pump_was_told_to_give_halves_no_dose() {
    let mut rig = started();
    rig.run(HOUR * 6);
    rig.pump.empty = true;
    let dry = rig.run(HOUR * 13);
    let half = dry.asks.authorisation.expect("half of the dose");
    // Somebody begins again, with a pump that is as dry as before.
    for _ in 0..2 {
        rig.order(ANNA, OrderKind::Stop);
        rig.both_order(OrderKind::Authorise(half.nanograms_per_day() as f64 / 1e3));
        let on = rig.order(BEN, OrderKind::Resume);
        assert!(matches!(on.reason, Reason::Started { .. }), "{on:?}");
        let still = rig.run(HOUR);
        assert_eq!(still.asks.authorisation, Some(half), "nothing was given");
    }
    // Once it gives what it is told, that is the dose before the next gap.
    rig.pump.empty = false;
    rig.order(ANNA, OrderKind::Refilled(20_000.0));
    rig.both_order(OrderKind::Authorise(half.nanograms_per_day() as f64 / 1e3));
    rig.order(BEN, OrderKind::Resume);
    rig.run(HOUR);
    rig.order(ANNA, OrderKind::Stop);
    let quarter = rig.run(HOUR * 13).asks.authorisation;
    let quarter = quarter.expect("half of half").nanograms_per_day();
    assert!(
        quarter.abs_diff(half.nanograms_per_day() / 2) < 200,
        "{quarter}"
    );
}

#[test]
fn two_readings_an_hour_apart_do_not_show_a_flow_that_lasts() {
    for (flow, alarm) in [(2.5, Alarm::FreeFlow), (-2.5, Alarm::ReverseFlow)] {
        let mut rig = started();
        rig.run(HOUR);
        rig.order(ANNA, OrderKind::Pause);
        rig.pump.sensors.flow_ul_per_h = reads(flow);
        for _ in 0..3 {
            rig.now = rig.now.after(HOUR);
            assert!(
                !stands(&rig.step(None, &[]), alarm),
                "noise, for all one knows"
            );
        }
        assert!(stands(&rig.run(MINUTE * 3), alarm), "and that is none");
    }
}

#[test]
fn two_readings_as_far_apart_as_a_report_may_be_old_show_a_flow_that_lasts() {
    let mut rig = started();
    rig.run(HOUR);
    rig.order(ANNA, OrderKind::Pause);
    rig.pump.sensors.flow_ul_per_h = reads(-2.5);
    rig.step(None, &[]);
    let timing = *rig.controller.protocol().timing();
    let apart = timing.cycle * timing.report_cycles;
    assert!(apart >= MINUTE, "one step is enough for AL-03");
    rig.now = rig.now.after(apart);
    assert!(stands(&rig.step(None, &[]), Alarm::ReverseFlow));
}
