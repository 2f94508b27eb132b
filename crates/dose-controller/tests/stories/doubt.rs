//! What nobody can know for sure, and what is known all the same: commands without an answer, and counts that
//! do not mean what the books mean.

use infusion_types::{
    Accepted, Action, Alarm, Decision, DoseRate, NoData, OrderKind, PumpState, Quiet, Reason,
    Sample, Send, Session, Telemetry, Wait,
};

use crate::support::{ANNA, BEN, HOUR, MINUTE, Rig, SECOND, drug, rate, reads};
use crate::{START, decrements, started};

fn width(decision: &Decision) -> u64 {
    let estimate = decision.estimate_24h;
    estimate.high.saturating_sub(estimate.low).nanograms()
}

/// How often each number left since the log was cleared.
fn times_sent(rig: &Rig, sequence: u32) -> usize {
    let sent = rig.log.iter().filter_map(|seen| match seen.decision.send {
        Send::Command(command) => Some(command.sequence),
        Send::Ping | Send::Quiet(_) => None,
    });
    sent.filter(|number| *number == sequence).count()
}

#[test]
fn what_a_pump_was_told_before_is_no_answer_to_being_told_it_again() {
    let mut rig = started();
    rig.run(HOUR * 6);
    let number = rig.pump.sequence();
    rig.log.clear();
    rig.pump.deaf = true;
    rig.order(ANNA, OrderKind::Pause);
    // It still infuses what it is to infuse again, but under the number of before.
    rig.order(ANNA, OrderKind::Resume);
    rig.run(SECOND * 31);
    assert_eq!(times_sent(&rig, number + 1), 1);
    assert_eq!(times_sent(&rig, number + 2), 2);
    rig.pump.deaf = false;
    rig.run(SECOND * 31);
    assert_eq!(rig.pump.sequence(), number + 2);
    assert_eq!(rig.pump.infusing(), START);
}

#[test]
fn a_command_that_goes_unanswered_is_uncertain_until_one_is_answered() {
    let mut rig = started();
    rig.run(HOUR * 6);
    rig.log.clear();
    rig.pump.deaf = true;
    rig.order(ANNA, OrderKind::Pause);
    rig.run(MINUTE * 20);
    let uncertain = |it: &Decision| it.alarms.condition.contains(Alarm::CommandUncertain);
    assert_eq!(rig.changes(uncertain), [false, true]);
    rig.pump.deaf = false;
    rig.run(MINUTE * 3);
    assert_eq!(rig.changes(uncertain), [false, true, false]);
    assert_eq!(rig.pump.infusing(), DoseRate::ZERO);
}

#[test]
fn no_rung_is_taken_while_a_command_waits_for_its_read_back() {
    let mut rig = started();
    rig.run(HOUR * 24 - MINUTE * 5);
    rig.order(ANNA, OrderKind::Pause);
    rig.run(MINUTE * 5 - SECOND * 10);
    rig.pump.deaf = true;
    rig.order(ANNA, OrderKind::Resume);
    let waits = rig.run(SECOND * 20);
    assert_eq!(waits.reason, Reason::Waiting(Wait::Report));
    assert!(decrements(&rig).is_empty());
    rig.pump.deaf = false;
    rig.run(MINUTE);
    assert_eq!(decrements(&rig).len(), 1, "answered, and overdue");
}

/// A pump of which nothing counts what it moves is not looked at for ten minutes; `before` that and `meanwhile`
/// something happens to it, and then its report is read as `told` of.
fn unseen(
    before: fn(&mut Rig),
    meanwhile: fn(&mut Rig),
    told: impl Fn(&mut Telemetry),
) -> Decision {
    let mut rig = started();
    rig.run(HOUR * 6);
    rig.pump.sensors.delivered_ug = Err(NoData::SensorFault);
    before(&mut rig);
    rig.run(MINUTE);
    rig.now = rig.now.after(MINUTE * 10);
    meanwhile(&mut rig);
    let mut telemetry = rig.telemetry();
    told(&mut telemetry);
    rig.step_with(&telemetry, None, &[])
}

/// The same, of a pump that is found in this state.
fn found(state: PumpState) -> Decision {
    let nothing: fn(&mut Rig) = |_| {};
    unseen(nothing, nothing, |telemetry| {
        telemetry.state = telemetry.state.map(|it| Sample::new(it.at, state));
    })
}

/// What the plan is for ten minutes.
const TEN_MINUTES: u64 = START.nanograms_per_hour() / 6;

#[test]
fn a_pump_that_is_found_idle_may_have_been_idle_all_the_while() {
    assert_eq!(width(&found(PumpState::Infusing)), 0);
    for state in [PumpState::Idle, PumpState::Stopped] {
        let open = width(&found(state));
        assert!(open.abs_diff(TEN_MINUTES) <= 1, "{state:?}: {open}");
    }
}

#[test]
fn a_pump_that_is_found_idle_and_cannot_be_read_may_have_infused_all_the_while() {
    let nothing: fn(&mut Rig) = |_| {};
    let idle = unseen(nothing, nothing, |telemetry| {
        telemetry.state = telemetry
            .state
            .map(|it| Sample::new(it.at, PumpState::Idle));
        telemetry.accepted = Err(NoData::LinkSilent);
    });
    let open = width(&idle);
    assert!(open.abs_diff(TEN_MINUTES) <= 1, "{open}");
}

#[test]
fn a_dry_pump_that_was_filled_unseen_may_have_been_dry_all_the_while() {
    let filled = unseen(
        |rig| rig.pump.empty = true,
        |rig| rig.pump.empty = false,
        |_| {},
    );
    let open = width(&filled);
    assert!(open.abs_diff(TEN_MINUTES) <= 1, "{open}");
}

#[test]
fn what_a_pump_was_told_in_another_session_is_nothing_that_this_patient_was_given() {
    let nothing: fn(&mut Rig) = |_| {};
    let strange = unseen(nothing, nothing, |telemetry| {
        telemetry.accepted = telemetry.accepted.map(|it| {
            let rate = rate(50_000).positive().expect("above zero");
            let action = Action::Infuse {
                rate,
                at: drug(500),
            };
            let session = Session::new(8);
            let other = Accepted {
                session,
                action,
                ..it.value
            };
            Sample::new(it.at, other)
        });
    });
    assert_eq!(width(&strange), 0);
}

#[test]
fn each_of_many_commands_that_nobody_heard_of_may_be_the_one_in_force() {
    let [pause, resume] = [OrderKind::Pause, OrderKind::Resume];
    let more = OrderKind::Authorise(500.0);
    // What is ordered, and whether the pump takes the command that leaves for it.
    let courses: [&[(OrderKind, bool)]; 3] = [
        &[
            (pause, true),
            (resume, false),
            (pause, false),
            (resume, false),
        ],
        &[(more, false), (pause, true), (resume, false)],
        &[(pause, true), (more, true), (resume, true), (pause, false)],
    ];
    for course in courses {
        let mut rig = started();
        rig.run(HOUR * 6);
        rig.telemetry();
        let now = rig.now;
        rig.pump.lose_reports(now, true);
        for (what, taken) in course {
            rig.pump.deaf = !taken;
            rig.both_order(*what);
        }
        let silent = rig.run(HOUR * 2).estimate_24h;
        let given = rig.pump.infused();
        let [low, high] = [silent.low, silent.high].map(|dose| u128::from(dose.nanograms()));
        assert!(low <= given + 1, "{course:?}: {silent:?} {given}");
        assert!(given <= high + 1, "{course:?}: {silent:?} {given}");
    }
}

/// A pause that nobody has heard of for eight hours, with `before` it and `meanwhile` something else.
fn heard_again(before: fn(&mut Rig), meanwhile: fn(&mut Rig)) -> Decision {
    let mut rig = started();
    rig.pump.sensors.motion = reads(true);
    rig.run(HOUR * 6);
    before(&mut rig);
    rig.run(MINUTE);
    rig.telemetry();
    let now = rig.now;
    rig.pump.lose_reports(now, true);
    rig.run(MINUTE * 3);
    rig.order(ANNA, OrderKind::Pause);
    rig.run(HOUR * 8);
    meanwhile(&mut rig);
    rig.pump.lose_reports(now, false);
    rig.step(None, &[])
}

#[test]
fn a_count_that_means_something_else_than_the_books_closes_nothing() {
    let open = START.nanograms_per_hour() * 79 / 10;
    let nothing: fn(&mut Rig) = |_| {};
    assert!(width(&heard_again(nothing, nothing)) < open / 10);
    let another_drug: fn(&mut Rig) = |rig| {
        rig.both_order(OrderKind::SetConcentration(400.0));
    };
    let stands_still: fn(&mut Rig) = |rig| rig.pump.sensors.motion = reads(false);
    let runs_dry: fn(&mut Rig) = |rig| rig.pump.empty = true;
    let is_filled: fn(&mut Rig) = |rig| rig.pump.empty = false;
    for (name, before, meanwhile) in [
        ("a front on its way", another_drug, nothing),
        ("a rotor that stood still", stands_still, nothing),
        ("a rotor that is found still", nothing, stands_still),
        ("a pump that was dry", runs_dry, is_filled),
        ("a pump that is found dry", nothing, runs_dry),
    ] {
        let width = width(&heard_again(before, meanwhile));
        assert!(width > open, "{name}: {width}");
    }
}

#[test]
fn of_two_reports_of_one_moment_the_one_that_knows_of_fewer_commands_comes_too_late() {
    let mut rig = started();
    rig.run(HOUR * 6);
    rig.order(ANNA, OrderKind::Pause);
    rig.run(MINUTE);
    rig.order(ANNA, OrderKind::Resume);
    let mut late = rig.clone();
    let before = late.link.again(1).expect("it was made");
    assert_eq!(before.spoken_at(), Some(rig.now));
    let seen = late.step_with(&before, None, &[]);
    assert_eq!(seen.send, Send::Quiet(Quiet::NothingNew));
    // The pump infuses, and nobody takes it for one that still rests.
    let [seen, plain] = [late, rig].map(|mut rig| rig.run(SECOND * 20));
    assert_eq!(seen.estimate_24h, plain.estimate_24h);
}

/// After six hours at 400 µg/day, 100 µg, the pump says that it has given so much more, in so many reports.
fn counts_more(more_ug: f64, reports: u32) -> Decision {
    let mut rig = started();
    rig.run(HOUR * 6);
    let given = rig.pump.infused() as f64 / 1e3;
    let before = rig.pump.sensors.delivered_ug;
    rig.pump.sensors.delivered_ug = reads(given + more_ug);
    let counted = rig.run(SECOND * 30 * reports - SECOND);
    rig.pump.sensors.delivered_ug = before;
    assert!(reports > 1 || rig.run(MINUTE).alarms.active.is_empty());
    counted
}

#[test]
fn a_pump_that_counts_more_than_it_was_told_to_give_has_given_it() {
    let over = Alarm::OverDelivery;
    let garbled = counts_more(50.0, 1);
    assert_eq!(width(&garbled), 0, "one report alone");
    let sure = counts_more(50.0, 2);
    let more = sure.estimate_24h.high.saturating_sub(sure.planned_24h);
    assert!(more.nanograms().abs_diff(50_000) < 10_000, "{more:?}");
    assert!(sure.alarms.active.contains(over));
    // A stroke carries a hundredth of a day's plan at most, and neither count was made at its cycle.
    let little = counts_more(3.0, 2);
    assert_eq!((width(&little), little.alarms.active.is_empty()), (0, true));
}

/// The pump says that it gives so much more an hour than it was told to, 400 µg/day, for so many minutes.
fn gives_more_by_the_hour(more_ug: f64, minutes: u32) -> Decision {
    let mut rig = started();
    rig.run(HOUR * 6);
    let mut seen = rig.step(None, &[]);
    for half_minute in 1..=2 * minutes {
        let given = rig.pump.infused() as f64 / 1e3;
        let more = more_ug * f64::from(half_minute) / 120.0;
        rig.pump.sensors.delivered_ug = reads(given + more);
        seen = rig.run(SECOND * 30);
    }
    seen
}

#[test]
fn what_one_report_leaves_to_a_stroke_adds_up_within_the_hour() {
    // Each report has half a microgram more than it should, and a stroke may carry four.
    let half_an_hour = gives_more_by_the_hour(60.0, 30);
    assert!(half_an_hour.alarms.active.contains(Alarm::OverDelivery));
    // Three in an hour are a stroke, in every hour anew.
    let for_hours = gives_more_by_the_hour(3.0, 300);
    assert_eq!(width(&for_hours), 0);
    assert!(for_hours.alarms.active.is_empty());
}

#[test]
fn a_pump_that_counts_less_is_not_believed_to_have_stood_still() {
    let less = counts_more(-50.0, 4);
    assert_eq!((width(&less), less.alarms.active.is_empty()), (0, true));
}

#[test]
fn a_count_that_comes_back_closes_what_an_unanswered_command_has_left_open() {
    let mut rig = started();
    rig.run(HOUR * 6);
    rig.pump.sensors.delivered_ug = Err(NoData::SensorFault);
    rig.order(ANNA, OrderKind::Authorise(500.0));
    rig.pump.deaf = true;
    rig.order(BEN, OrderKind::Authorise(500.0));
    // It is heard all the while. Eight hours of 100 µg/day more are 33 µg.
    let open = width(&rig.run(HOUR * 8));
    assert!(open.abs_diff(33_300) < 200, "{open}");
    rig.pump.sensors.delivered_ug = Err(NoData::NotFitted);
    let closed = rig.step(None, &[]);
    // A stroke either way: a hundredth of a day's plan.
    assert!(width(&closed) <= 10_000 + 100, "{}", width(&closed));
    let given = rig.pump.infused();
    let high = closed.estimate_24h.high.nanograms();
    assert!(u128::from(high) + 1 >= given, "{high} {given}");
}

#[test]
fn what_a_count_shows_not_to_have_moved_was_not_moved_in_the_silence() {
    // On the second day, so that what is placed too early is forgotten.
    let low = |stands_still: bool| {
        let mut rig = started();
        rig.run(HOUR * 30);
        rig.telemetry();
        let now = rig.now;
        rig.pump.lose_reports(now, true);
        rig.run(SECOND);
        rig.pump.empty = stands_still;
        rig.run(HOUR * 2);
        rig.pump.empty = false;
        rig.pump.lose_reports(now, false);
        rig.step(None, &[]).estimate_24h.low.nanograms()
    };
    let less = low(false) - low(true);
    // Two hours of 10 µg, but for what a bucket that has just begun has no room for.
    assert!((19_000..=20_000).contains(&less), "{less}");
}
