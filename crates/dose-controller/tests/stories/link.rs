//! What a link does to reports, and what is known of the pump meanwhile.

use core::time::Duration;

use infusion_types::{
    Alarm, AlarmSet, Decision, DoseRate, Mode, OrderKind, Quiet, Reason, Refusal, Send, StopCause,
    Timestamp, Wait,
};

use crate::support::{
    ANNA, HOUR, MINUTE, Rig, SECOND, checked, dated_ahead, prescription, protocol, rate, reads,
};
use crate::{START, decrements, refused, started, stop_of};

const BLOCKED: Alarm = Alarm::OcclusionDownstream;

fn stands(decision: &Decision, alarm: Alarm) -> bool {
    decision.alarms.condition.contains(alarm)
}

/// The numbers of the commands that have left.
fn numbers(rig: &Rig) -> Vec<(Timestamp, u32)> {
    let sent = rig.log.iter().filter_map(|seen| match seen.decision.send {
        Send::Command(command) => Some((seen.at, command.sequence)),
        Send::Ping | Send::Quiet(_) => None,
    });
    sent.collect()
}

fn lose(rig: &mut Rig, lost: bool) {
    let now = rig.now;
    rig.telemetry();
    rig.pump.lose_reports(now, lost);
}

#[test]
fn a_report_counts_for_two_cycles() {
    for (seconds, counts) in [(0, true), (89, true), (121, false), (600, false)] {
        let mut rig = started();
        rig.run(HOUR);
        rig.link.delay = SECOND * seconds;
        rig.pump.sensors.pressure_kpa = reads(60.0);
        rig.pump.sensors.temperature_c = reads(f64::NAN);
        rig.log.clear();
        let last = rig.run(MINUTE * 20);
        assert_eq!(stands(&last, BLOCKED), counts, "{seconds} s old");
        assert_eq!(stands(&last, Alarm::SensorFault), counts, "{seconds} s old");
        assert_eq!(last.mode.infuses(), !counts);
        let lost = rig
            .log
            .iter()
            .any(|seen| stands(&seen.decision, Alarm::LinkLost));
        assert_eq!(lost, seconds > 60, "an old word is none");
    }
}

#[test]
fn a_report_from_more_than_five_seconds_ahead_counts_for_nothing() {
    for (millis, counts) in [(0, true), (5_000, true), (5_001, false), (3_600_000, false)] {
        let mut rig = started();
        rig.run(HOUR);
        rig.pump.sensors.connector = reads(false);
        let report = rig.telemetry();
        let ahead = dated_ahead(&report, Duration::from_millis(millis));
        let seen = rig.step_with(&ahead, None, &[]);
        assert_eq!(stands(&seen, Alarm::LineDisconnect), counts, "{millis} ms");
        assert_eq!(stop_of(&seen).is_some(), counts, "{millis} ms");
    }
}

#[test]
fn a_report_that_comes_again_or_out_of_order_changes_nothing() {
    let mut rig = started();
    rig.run(HOUR);
    rig.order(ANNA, OrderKind::Pause);
    rig.run(MINUTE * 3);
    let plain = rig.clone().step(None, &[]);
    for ago in 0..12 {
        let mut late = rig.clone();
        late.telemetry();
        let old = late.link.again(ago).expect("it was made");
        let seen = late.step_with(&old, None, &[]);
        assert_eq!(
            (seen.send, seen.mode),
            (plain.send, plain.mode),
            "{ago} ago"
        );
        assert_eq!(seen.alarms, plain.alarms, "{ago} ago");
        assert_eq!(seen.estimate_24h, plain.estimate_24h, "{ago} ago");
    }
}

#[test]
fn a_silent_link_is_told_after_a_minute_and_after_a_quarter_of_an_hour() {
    let mut rig = started();
    rig.run(HOUR * 6 + SECOND * 17);
    let from = rig.now;
    lose(&mut rig, true);
    rig.log.clear();
    rig.run(MINUTE * 20);
    let since = |alarm: Alarm| {
        let first = rig.log.iter().find(|seen| stands(&seen.decision, alarm));
        first.expect("it comes").at.since(from).as_secs_f64()
    };
    assert!((60.0..60.1).contains(&since(Alarm::LinkLost)));
    assert!((900.0..900.1).contains(&since(Alarm::LinkLostLong)));
    let link: AlarmSet = [Alarm::LinkLost, Alarm::LinkLostLong].into_iter().collect();
    let others = |seen: &Decision| !seen.alarms.active.without(link).is_empty();
    assert!(rig.log.iter().all(|seen| !others(&seen.decision)));
    assert!(
        rig.log
            .iter()
            .all(|seen| seen.decision.mode == Mode::Active)
    );
    assert_eq!(rig.pump.infusing(), START, "it goes on");
    lose(&mut rig, false);
    let back = rig.step(None, &[]).alarms.active;
    assert_eq!(back, AlarmSet::EMPTY.with(Alarm::LinkLost, true));
    assert!(
        rig.run(MINUTE * 15).alarms.active.is_empty(),
        "sound for long enough"
    );
}

#[test]
fn no_rung_is_taken_in_a_silence() {
    let mut rig = started();
    rig.run(HOUR * 23);
    lose(&mut rig, true);
    rig.log.clear();
    let waits = rig.run(HOUR * 10);
    assert_eq!(waits.reason, Reason::Waiting(Wait::Report));
    assert!(decrements(&rig).is_empty());
    lose(&mut rig, false);
    rig.run(MINUTE * 2);
    assert_eq!(decrements(&rig).len(), 1, "and then it is");
}

#[test]
fn what_stands_in_a_silence_stands_and_what_does_not_does_not() {
    let mut rig = started();
    rig.run(HOUR);
    rig.pump.sensors.pressure_kpa = reads(60.0);
    assert_eq!(rig.run(MINUTE).mode, Mode::Stopped);
    lose(&mut rig, true);
    rig.pump.sensors.pressure_kpa = reads(2.0);
    rig.log.clear();
    let silent = rig.run(HOUR * 2);
    assert!(stands(&silent, BLOCKED));
    assert_eq!(silent.mode, Mode::Stopped, "nobody has seen it go");
    lose(&mut rig, false);
    rig.run(SECOND);
    assert_eq!(rig.run(SECOND * 58).mode, Mode::Stopped);
    assert_eq!(rig.run(SECOND * 3).mode, Mode::Active);
    // And the other way round: what begins unheard is seen when somebody hears again, and has to last then.
    lose(&mut rig, true);
    rig.pump.sensors.pressure_kpa = reads(60.0);
    assert!(!stands(&rig.run(HOUR * 2), BLOCKED));
    lose(&mut rig, false);
    assert!(!stands(&rig.step(None, &[]), BLOCKED));
    assert!(!stands(&rig.run(SECOND * 9), BLOCKED));
    assert!(stands(&rig.run(SECOND * 2), BLOCKED));
}

#[test]
fn a_silence_does_not_count_towards_what_must_last() {
    let mut rig = started();
    rig.run(HOUR);
    rig.pump.sensors.temperature_c = reads(50.0);
    rig.run(MINUTE * 8);
    lose(&mut rig, true);
    rig.run(HOUR);
    lose(&mut rig, false);
    assert!(!stands(&rig.run(MINUTE), Alarm::TemperatureOutOfRange));
    assert!(stands(&rig.run(MINUTE * 2), Alarm::TemperatureOutOfRange));
}

#[test]
fn an_unanswered_command_leaves_three_times_and_is_uncertain_in_time_whenever_it_is_woken() {
    for odd in [0, 7, 13, 29] {
        let mut rig = started();
        rig.run(HOUR * 6);
        rig.pump.unread = true;
        rig.log.clear();
        let from = rig.now;
        rig.order(ANNA, OrderKind::Pause);
        // Somebody looks every now and then, and moves the wakings about.
        for _ in 0..12 {
            rig.run(SECOND * (10 + odd) / 3);
            rig.step(None, &[]);
        }
        rig.run(MINUTE * 3);
        let sent = numbers(&rig);
        let after = sent.iter().map(|(at, _)| at.since(from).as_secs());
        assert!(after.eq([0, 30, 60]), "{sent:?}");
        assert!(sent.iter().all(|(_, number)| *number == sent[0].1));
        let uncertain = |seen: &Decision| stands(seen, Alarm::CommandUncertain);
        let first = rig.log.iter().find(|seen| uncertain(&seen.decision));
        let at = first.expect("it comes").at.since(from);
        assert_eq!(at.as_secs(), 90);
    }
}

#[test]
fn a_pump_that_says_that_it_has_taken_nothing_is_told_anew() {
    let mut rig = Rig::new(protocol());
    rig.run(SECOND * 12);
    rig.order(ANNA, OrderKind::EnterUnprimed(0.0));
    let line = infusion_types::Line::Connected;
    rig.order(ANNA, OrderKind::DeclareLine(line));
    rig.both_order(OrderKind::Authorise(400.0));
    rig.pump.misses = 3;
    rig.order(ANNA, OrderKind::Start);
    rig.run(MINUTE * 3);
    assert_eq!(rig.pump.infusing(), START);
    assert_eq!(rig.pump.sequence(), 2);
}

/// A pause that the pump has heard and that nobody has heard of, for so long.
fn unheard_pause(time: Duration) -> (Rig, Decision) {
    let mut rig = started();
    rig.run(HOUR * 6);
    lose(&mut rig, true);
    rig.order(ANNA, OrderKind::Pause);
    let silent = rig.run(time);
    (rig, silent)
}

fn width(decision: &Decision) -> u64 {
    let estimate = decision.estimate_24h;
    estimate.high.saturating_sub(estimate.low).nanograms()
}

fn holds(rig: &Rig, decision: &Decision) -> bool {
    let estimate = decision.estimate_24h;
    let given = rig.pump.infused();
    u128::from(estimate.low.nanograms()) <= given + 1
        && given <= u128::from(estimate.high.nanograms()) + 1
}

#[test]
fn the_pumps_own_count_closes_what_a_silence_has_left_open() {
    let (mut rig, silent) = unheard_pause(HOUR * 8);
    let rate = START.nanograms_per_hour();
    assert!(width(&silent) > rate * 79 / 10, "either all of it or none");
    assert!(holds(&rig, &silent));
    lose(&mut rig, false);
    let back = rig.step(None, &[]);
    // A hundredth of a day's plan either way: the stroke that may be missing.
    assert!(width(&back) <= rate * 24 / 50, "{}", width(&back));
    assert!(holds(&rig, &back));
    for _ in 0..20 {
        let later = rig.run(HOUR);
        assert!(width(&later) <= rate * 24 / 50);
    }
}

#[test]
fn a_silence_of_more_than_a_day_is_closed_for_the_day_that_is_left() {
    let (mut rig, _) = unheard_pause(Duration::ZERO);
    rig.order(ANNA, OrderKind::Resume);
    assert_eq!(rig.pump.infusing(), START, "heard a moment ago");
    rig.run(HOUR * 13);
    rig.order(ANNA, OrderKind::Pause);
    assert_eq!(rig.pump.infusing(), DoseRate::ZERO);
    rig.run(HOUR * 12);
    lose(&mut rig, false);
    let back = rig.step(None, &[]).estimate_24h;
    // 13 h in the last 25, and nobody knows which: the day holds twelve or thirteen of them.
    let hours = |count: u64| START.nanograms_per_hour() * count;
    assert!(back.low.nanograms() < hours(12), "{back:?}");
    assert!(
        back.high.nanograms() > hours(13) - hours(1) / 10,
        "{back:?}"
    );
    assert!(
        back.high.saturating_sub(back.low).nanograms() < hours(3),
        "{back:?}"
    );
}

#[test]
fn a_weighing_in_a_silence_of_more_than_a_day_hides_nothing_of_what_is_forgotten() {
    let (mut rig, _) = unheard_pause(Duration::ZERO);
    rig.order(ANNA, OrderKind::Resume);
    rig.run(HOUR * 13);
    rig.order(ANNA, OrderKind::Pause);
    rig.run(HOUR * 7);
    // Twice the scales show that far more has left than the books say.
    for _ in 0..2 {
        rig.order(ANNA, OrderKind::VolumeCheck(5_000.0));
        rig.run(MINUTE * 20);
    }
    let last = rig.run(HOUR * 10);
    assert!(stands(&last, Alarm::ReservoirDiscrepancy));
    lose(&mut rig, false);
    let back = rig.step(None, &[]).estimate_24h;
    // 13 h of nearly 31, all of them first: the last day holds seven at most.
    let seven = START.nanograms_per_hour() * 7;
    assert!(back.low.nanograms() <= seven, "{back:?} {seven}");
}

#[test]
fn a_pump_without_a_count_leaves_it_open() {
    let (mut rig, _) = unheard_pause(HOUR * 8);
    rig.pump.sensors.delivered_ug = Err(infusion_types::NoData::SensorFault);
    lose(&mut rig, false);
    let back = rig.step(None, &[]);
    assert!(width(&back) > START.nanograms_per_hour() * 79 / 10);
    assert!(holds(&rig, &back));
}

#[test]
fn a_count_that_was_made_off_the_rated_band_narrows_no_further_than_it_may_be_wrong() {
    let mut rig = started();
    rig.run(HOUR * 6);
    // Ten degrees above the band: 40 thousandths, which the count of its strokes does not see.
    rig.pump.sensors.temperature_c = reads(50.0);
    rig.run(MINUTE);
    let before = rig.pump.infused();
    lose(&mut rig, true);
    rig.run(HOUR * 14);
    lose(&mut rig, false);
    let back = rig.step(None, &[]).estimate_24h;
    let counted = rig.pump.infused() - before;
    let [least, most] = [960, 1_040].map(|permille| before + counted * permille / 1_000);
    assert!(
        u128::from(back.low.nanograms()) <= least + 1,
        "{back:?} {least}"
    );
    assert!(
        u128::from(back.high.nanograms()) + 1 >= most,
        "{back:?} {most}"
    );
    // And no further apart than that, but for a stroke either way.
    let stroke = START.nanograms_per_hour() * 24 / 50;
    let spread = u64::try_from(most - least).expect("a dose");
    let width = back.high.saturating_sub(back.low).nanograms();
    assert!(width <= spread + stroke, "{width} {spread}");
}

#[test]
fn a_declared_error_widens_the_books_as_far_as_it_is_declared() {
    for (per_degree, least) in [(4, 960), (30, 700), (99, 10), (200, 0)] {
        let mut steep = prescription();
        steep.sensing.temperature_error_permille_per_c = per_degree;
        let mut rig = Rig::new(checked(steep));
        rig.start(400.0);
        rig.pump.sensors.temperature_c = reads(50.0);
        let low = rig.run(HOUR).estimate_24h.low.nanograms();
        let hour = START.nanograms_per_hour();
        assert!(low.abs_diff(hour * least / 1_000) <= 2, "{low} of {hour}");
    }
}

#[test]
fn a_silent_pump_that_may_have_run_dry_may_have_given_nothing() {
    let mut little = prescription();
    little.line.reservoir = infusion_types::Volume::from_nanolitres(1_700_000);
    let mut rig = Rig::new(checked(little));
    rig.start(400.0);
    rig.run(HOUR);
    lose(&mut rig, true);
    // 101 uL are left to be moved, at 33.3 uL/h.
    assert!(width(&rig.run(MINUTE * 30)) == 0);
    rig.run(HOUR * 2);
    rig.telemetry();
    rig.pump.empty = true;
    let dry = rig.run(HOUR * 3);
    assert!(holds(&rig, &dry));
    assert!(
        dry.alarms.active.contains(Alarm::ReservoirEmpty),
        "by the books"
    );
}

#[test]
fn a_pump_that_cannot_be_heard_is_told_to_stop_and_nothing_else() {
    let silent = || {
        let mut rig = started();
        rig.run(HOUR * 6);
        lose(&mut rig, true);
        rig.run(MINUTE * 3);
        rig.log.clear();
        rig
    };
    let mut rig = silent();
    let why = |rig: &mut Rig, what| {
        rig.order(ANNA, what);
        let decision = rig.order(crate::support::BEN, what);
        refused(&decision)
    };
    assert_eq!(
        why(&mut rig, OrderKind::Authorise(350.0)),
        Refusal::PumpSilent
    );
    assert_eq!(rig.step(None, &[]).plan, START);
    let paused = rig.order(ANNA, OrderKind::Pause);
    assert_eq!(stop_of(&paused), Some((StopCause::Paused, false)));
    assert_eq!(rig.pump.infusing(), DoseRate::ZERO, "it hears all the same");
    rig.run(MINUTE * 5);
    assert_eq!(why(&mut rig, OrderKind::Resume), Refusal::PumpSilent);
    assert_eq!(rig.run(MINUTE).mode, Mode::Paused);
    lose(&mut rig, false);
    rig.step(None, &[]);
    assert!(rig.order(ANNA, OrderKind::Resume).mode.infuses());
    let mut rig = silent();
    let stopped = rig.order(ANNA, OrderKind::Stop);
    assert_eq!(stop_of(&stopped), Some((StopCause::Ordered, false)));
}

#[test]
fn therapy_does_not_begin_unheard() {
    let mut rig = Rig::new(protocol());
    rig.prepare();
    rig.both_order(OrderKind::Authorise(400.0));
    lose(&mut rig, true);
    rig.run(MINUTE * 3);
    let why = refused(&rig.order(ANNA, OrderKind::Start));
    assert_eq!(why, Refusal::PumpSilent);
    lose(&mut rig, false);
    rig.step(None, &[]);
    assert_eq!(rig.order(ANNA, OrderKind::Start).mode, Mode::Active);
}

#[test]
fn a_new_drug_that_arrives_in_a_silence_is_named_when_the_pump_is_heard() {
    let mut rig = started();
    rig.run(HOUR * 6);
    rig.both_order(OrderKind::SetConcentration(250.0));
    rig.run(HOUR * 15);
    lose(&mut rig, true);
    rig.log.clear();
    let silent = rig.run(HOUR);
    assert!(numbers(&rig).is_empty());
    let quiet = |seen: &Decision| seen.send == Send::Quiet(Quiet::Unreconciled);
    assert!(quiet(&silent) || rig.log.iter().any(|seen| quiet(&seen.decision)));
    lose(&mut rig, false);
    rig.step(None, &[]);
    assert_eq!(numbers(&rig).len(), 1);
    assert_eq!(rig.pump.infusing(), START);
}

#[test]
fn a_cause_that_was_seen_to_go_starts_no_pump_that_is_not_heard() {
    let mut quick = prescription();
    quick.timing.cycle = SECOND;
    let mut rig = Rig::new(checked(quick));
    rig.start(400.0);
    rig.run(MINUTE);
    rig.pump.sensors.pressure_kpa = reads(60.0);
    rig.run(MINUTE);
    rig.pump.sensors.pressure_kpa = reads(2.0);
    rig.run(SECOND * 30);
    let mut heard = rig.clone();
    assert_eq!(heard.run(MINUTE).mode, Mode::Active);
    lose(&mut rig, true);
    assert_eq!(rig.run(MINUTE * 30).mode, Mode::Stopped);
    lose(&mut rig, false);
    rig.step(None, &[]);
    assert_eq!(rig.pump.infusing(), START);
}

#[test]
fn a_constant_delay_within_two_cycles_changes_nothing_that_is_given() {
    let mut rig = started();
    rig.link.delay = SECOND * 25;
    let first = rig.run(HOUR * 20);
    assert!(holds(&rig, &first));
    let last = rig.run(HOUR * 30);
    let down: Vec<DoseRate> = decrements(&rig).iter().map(|(_, to)| *to).collect();
    assert_eq!(down, [rate(10_000), rate(6_000)]);
    assert!(last.alarms.active.is_empty(), "{:?}", last.alarms.active);
}

#[test]
fn a_link_that_comes_and_goes_is_told_of_once() {
    let mut rig = started();
    rig.run(HOUR);
    rig.log.clear();
    for _ in 0..10 {
        lose(&mut rig, true);
        rig.run(MINUTE * 2);
        lose(&mut rig, false);
        rig.run(MINUTE * 4);
    }
    let shown = rig
        .log
        .iter()
        .map(|seen| seen.decision.alarms.active.contains(Alarm::LinkLost));
    let rises = shown
        .clone()
        .zip(shown.skip(1))
        .filter(|(before, now)| !before && *now);
    assert_eq!(rises.count(), 1);
    assert!(!rig.run(MINUTE * 16).alarms.active.contains(Alarm::LinkLost));
}
