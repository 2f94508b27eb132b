//! A pump whose own limit somebody has lowered: it can be told the plan, and does not take it.

use infusion_types::{Action, Alarm, DoseRate, Mode, OrderKind, Priority, Reason, Send};

use crate::support::{ANNA, HOUR, MINUTE, Rig, SECOND, drug, rate};
use crate::{START, started};

/// A fifth of the plan.
const FIFTH: DoseRate = rate(3_335);

/// Somebody who has the key tells the pump to give a fifth, and with it goes its own limit (SR-02).
fn starved() -> Rig {
    let mut rig = started();
    rig.run(HOUR * 6);
    let low = FIFTH.positive().expect("above zero");
    rig.pump.is_taken_over(Action::Infuse {
        rate: low,
        at: drug(500),
    });
    rig.pump.limit = Some(FIFTH);
    rig.log.clear();
    rig
}

fn commands(rig: &Rig) -> usize {
    let sent = |send| matches!(send, Send::Command(_));
    rig.log
        .iter()
        .filter(|seen| sent(seen.decision.send))
        .count()
}

/// What two users do: the pump's own limit by hand, and the dose at the controller.
fn authorise_again(rig: &mut Rig) {
    rig.pump.limit = Some(START);
    rig.both_order(OrderKind::Authorise(400.0));
}

#[test]
fn a_pump_that_does_not_take_the_plan_back_is_told_once_and_people_are_asked_until_they_have_acted()
{
    let mut rig = starved();
    let from = rig.now;
    let told = rig.run(MINUTE * 2);
    assert!(told.alarms.condition.contains(Alarm::ProgramMismatch));
    let asks = |seen: &crate::support::Seen| seen.decision.asks.authorisation.is_some();
    rig.run(MINUTE);
    let asked = rig.log.iter().find(|seen| asks(seen)).expect("it asks");
    assert!(asked.at.since(from) <= MINUTE * 3);
    let sent = |seen: &&crate::support::Seen| matches!(seen.decision.send, Send::Command(_));
    let told = rig.log.iter().find(sent).expect("it is told once more");
    assert!(asked.at.since(told.at) >= SECOND * 30, "not before that");
    for alarm in Alarm::ALL {
        rig.order(ANNA, OrderKind::Acknowledge(alarm));
    }
    let later = rig.run(HOUR * 20);
    assert_eq!(commands(&rig), 1, "SR-29");
    assert_eq!(rig.pump.infusing(), FIFTH);
    assert_eq!(later.asks.authorisation, Some(START.daily()));
    for alarm in [
        Alarm::ProgramMismatch,
        Alarm::CommandUncertain,
        Alarm::SecurityEvent,
    ] {
        assert!(later.alarms.condition.contains(alarm), "{alarm:?}");
    }
    let security = later.alarms.priority(Alarm::SecurityEvent);
    assert_eq!(security, Some(Priority::High));
}

#[test]
fn a_pump_that_refuses_to_go_on_after_a_pause_asks_two_users_for_the_plan() {
    let mut rig = started();
    rig.run(HOUR * 6);
    rig.order(ANNA, OrderKind::Pause);
    rig.pump.limit = Some(FIFTH);
    rig.order(ANNA, OrderKind::Resume);
    let later = rig.run(MINUTE * 5);
    assert_eq!(rig.pump.infusing(), DoseRate::ZERO);
    assert_eq!(later.asks.authorisation, Some(START.daily()));
    authorise_again(&mut rig);
    let mended = rig.run(MINUTE * 2);
    assert_eq!(
        (rig.pump.infusing(), mended.asks.authorisation),
        (START, None)
    );
}

#[test]
fn an_order_that_is_refused_asks_nobody_for_a_dose() {
    let mut rig = started();
    rig.run(HOUR);
    let refused = rig.order(ANNA, OrderKind::Authorise(f64::NAN));
    assert!(matches!(refused.reason, Reason::Refused(_)));
    assert_eq!(rig.run(MINUTE).asks.authorisation, None);
}

#[test]
fn once_two_users_have_authorised_the_plan_again_the_pump_gives_it_and_the_wean_goes_on() {
    let mut rig = starved();
    rig.run(HOUR * 3);
    authorise_again(&mut rig);
    rig.run(SECOND);
    assert_eq!(rig.pump.infusing(), START);
    let mended = rig.run(MINUTE * 11);
    assert_eq!(mended.asks.authorisation, None);
    for alarm in Alarm::ALL {
        rig.order(ANNA, OrderKind::Acknowledge(alarm));
    }
    assert_eq!(rig.run(MINUTE).mode, Mode::Active);
}

#[test]
fn whoever_lowers_the_limit_again_is_answered_again() {
    let mut rig = starved();
    for _ in 0..3 {
        rig.run(MINUTE * 10);
        assert_eq!(rig.pump.infusing(), FIFTH);
        authorise_again(&mut rig);
        assert_eq!(rig.pump.infusing(), START);
        rig.run(MINUTE * 10);
        let low = FIFTH.positive().expect("above zero");
        rig.pump.is_taken_over(Action::Infuse {
            rate: low,
            at: drug(500),
        });
        rig.pump.limit = Some(FIFTH);
    }
}

#[test]
fn one_user_is_not_two() {
    let mut rig = starved();
    rig.run(HOUR);
    rig.pump.limit = Some(START);
    rig.order(ANNA, OrderKind::Authorise(400.0));
    rig.run(MINUTE * 5);
    rig.order(ANNA, OrderKind::Authorise(400.0));
    rig.run(MINUTE * 5);
    assert_eq!(rig.pump.infusing(), FIFTH);
}
