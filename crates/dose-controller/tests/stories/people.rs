//! What people see, want and forget.

use infusion_types::{
    Action, Alarm, Assessment, DoseRate, Flow, HoldCause, Line, Mode, NoData, Order, OrderKind,
    Reason, Refusal, Send, StopCause, Timestamp, Wait,
};

use crate::support::{
    ANNA, BEN, HOUR, MINUTE, Rig, SECOND, calm, checked, daily_ug, prescription, protocol, rate,
};
use crate::{START, decrements, refused, sedated, started, stop_of, withdrawing};

#[test]
fn what_cannot_be_is_refused_with_its_reason() {
    let mut rig = started();
    rig.run(HOUR);
    let nan = refused(&rig.order(ANNA, OrderKind::Authorise(f64::NAN)));
    assert!(matches!(nan, Refusal::BadValue(NoData::NotFinite { .. })));
    for bad in [-1.0, 1e300, f64::INFINITY] {
        for order in [
            OrderKind::Authorise(bad),
            OrderKind::SetConcentration(bad),
            OrderKind::VolumeCheck(bad),
            OrderKind::Refilled(bad),
            OrderKind::EnterUnprimed(bad),
        ] {
            let why = refused(&rig.order(ANNA, order));
            assert!(matches!(why, Refusal::BadValue(_)), "{order:?}: {why:?}");
        }
    }
    let sheet = Assessment {
        itch: Ok(f64::NAN),
        ..calm(rig.now)
    };
    assert!(matches!(refused(&rig.enter(sheet)), Refusal::BadValue(_)));
    let cases = [
        (
            OrderKind::Authorise(2_004.0),
            Refusal::AboveCeiling {
                wanted: daily_ug(2_004),
            },
        ),
        (
            OrderKind::Authorise(23.0),
            Refusal::BelowPumpFloor {
                wanted: rate(958),
                least: rate(1_000),
            },
        ),
        (OrderKind::Authorise(199.0), Refusal::SlopeSpent),
        (OrderKind::Start, Refusal::WrongMode(Mode::Hold)),
        (OrderKind::Resume, Refusal::WrongMode(Mode::Hold)),
        (OrderKind::HoldToRun, Refusal::WrongMode(Mode::Hold)),
        (OrderKind::ConfirmComplete, Refusal::NotAtFloor),
    ];
    for (order, refusal) in cases {
        assert_eq!(refused(&rig.order(ANNA, order)), refusal);
    }
    assert_eq!(rig.pump.infusing(), START);
}

#[test]
fn nothing_starts_before_everything_is_ready() {
    let mut rig = Rig::new(protocol());
    rig.run(SECOND * 12);
    let order = |rig: &mut Rig, what| refused(&rig.order(ANNA, what));
    assert_eq!(order(&mut rig, OrderKind::HoldToRun), Refusal::LineNotOpen);
    assert_eq!(order(&mut rig, OrderKind::Start), Refusal::NotAuthorised);
    assert_eq!(
        order(&mut rig, OrderKind::ConfirmComplete),
        Refusal::WrongMode(Mode::Idle)
    );
    rig.order(ANNA, OrderKind::Authorise(400.0));
    rig.order(ANNA, OrderKind::Authorise(400.0));
    assert_eq!(order(&mut rig, OrderKind::Start), Refusal::NotAuthorised);
    rig.order(BEN, OrderKind::Authorise(400.0));
    assert_eq!(order(&mut rig, OrderKind::Start), Refusal::NotPrimed);
    let mut rig = Rig::new(protocol());
    rig.prepare();
    rig.both_order(OrderKind::Authorise(400.0));
    let late = rig.run(MINUTE * 6);
    assert!(late.alarms.active.contains(Alarm::StartRequired));
    assert_eq!(order(&mut rig, OrderKind::Start), Refusal::NotAuthorised);
}

#[test]
fn more_than_the_pump_can_move_is_refused() {
    let mut weak = prescription();
    weak.limits.flow_most = Flow::from_nanolitres_per_hour(100_000);
    let mut rig = Rig::new(checked(weak));
    rig.prepare();
    let why = refused(&rig.order(ANNA, OrderKind::Authorise(1_300.0)));
    assert!(matches!(why, Refusal::AbovePumpMost { .. }));
}

#[test]
fn withdrawal_holds_asks_for_one_rung_back_and_waits_twelve_hours() {
    let mut rig = started();
    rig.run(HOUR * 45);
    let plan = rig.enter(withdrawing());
    assert_eq!(
        (plan.mode, plan.reason),
        (
            Mode::Hold,
            Reason::Held(HoldCause::Alarm(Alarm::WithdrawalSigns))
        )
    );
    assert_eq!(plan.plan, rate(10_000));
    assert_eq!(plan.asks.authorisation, Some(START.daily()));
    rig.finds = Some(withdrawing());
    rig.run(HOUR * 6);
    rig.finds = Some(calm(Timestamp::ZERO));
    rig.enter(calm(Timestamp::ZERO));
    rig.run(MINUTE);
    let gone = rig.now;
    assert_eq!(
        rig.run(MINUTE).mode,
        Mode::Hold,
        "latched until it has been seen"
    );
    let seen = rig.order(ANNA, OrderKind::Acknowledge(Alarm::WithdrawalSigns));
    assert_eq!(seen.mode, Mode::Active);
    assert_eq!(seen.reason, Reason::Waiting(Wait::AfterWithdrawal));
    rig.log.clear();
    rig.run(HOUR * 24);
    let (at, _) = decrements(&rig)[0];
    let hours = at.since(gone).as_secs_f64() / 3_600.0;
    assert!((11.9..12.2).contains(&hours), "{hours}");
}

#[test]
fn one_rung_back_is_what_two_users_make_of_it() {
    let mut rig = started();
    rig.run(HOUR * 45);
    rig.enter(withdrawing());
    let back = rig.both_order(OrderKind::Authorise(399.96));
    assert_eq!(
        back.reason,
        Reason::Authorised {
            from: rate(10_000),
            to: START
        }
    );
    assert_eq!(back.asks.authorisation, None);
    assert_eq!(rig.pump.infusing(), START);
}

#[test]
fn overdose_needs_two_sheets_and_then_stops() {
    let mut rig = started();
    rig.run(HOUR * 6);
    let first = rig.enter(sedated());
    assert_eq!(
        (first.mode, first.reason),
        (Mode::Hold, Reason::Held(HoldCause::OverdoseUnconfirmed))
    );
    assert!(first.asks.assessment);
    let again = rig.enter(sedated());
    assert_eq!(
        again.mode,
        Mode::Hold,
        "the same sheet twice confirms nothing"
    );
    let mut taken_back = rig.clone();
    taken_back.now = rig.now.after(MINUTE);
    let calmed = taken_back.enter(calm(Timestamp::ZERO));
    assert_eq!(calmed.mode, Mode::Active);
    rig.now = rig.now.after(MINUTE);
    let unread = Assessment {
        sedation: Ok(f64::NAN),
        breaths_per_min: Err(NoData::NotFitted),
        ..calm(Timestamp::ZERO)
    };
    assert!(!rig.enter(unread).asks.resumption);
    rig.now = rig.now.after(MINUTE);
    let second = rig.enter(sedated());
    assert_eq!(second.mode, Mode::Stopped);
    assert!(second.alarms.active.contains(Alarm::OverdoseSigns));
    assert_eq!(stop_of(&second), Some((StopCause::OverdoseSigns, true)));
    rig.now = rig.now.after(MINUTE);
    rig.enter(calm(Timestamp::ZERO));
    let early = refused(&rig.order(ANNA, OrderKind::Resume));
    assert_eq!(early, Refusal::AlarmStands(Alarm::OverdoseSigns));
    rig.order(ANNA, OrderKind::Acknowledge(Alarm::OverdoseSigns));
    assert_eq!(rig.order(ANNA, OrderKind::Resume).mode, Mode::Active);
}

#[test]
fn a_flag_stops_at_once() {
    let mut rig = started();
    rig.run(HOUR);
    let flagged = rig.order(ANNA, OrderKind::FlagOverdose);
    assert_eq!(stop_of(&flagged), Some((StopCause::OverdoseSigns, true)));
}

#[test]
fn one_wrong_entry_neither_stops_nor_steps() {
    let wrong: [fn(&mut Assessment); 7] = [
        |sheet| sheet.spasticity = Ok(4.0),
        |sheet| sheet.sedation = Ok(-5.0),
        |sheet| sheet.breaths_per_min = Ok(1.0),
        |sheet| sheet.saturation_percent = Ok(9.0),
        |sheet| sheet.heart_rate_per_min = Ok(300.0),
        |sheet| sheet.temperature_c = Ok(45.0),
        |sheet| sheet.itch = Ok(10.0),
    ];
    for spoil in wrong {
        let mut rig = started();
        rig.run(HOUR * 22);
        let mut sheet = calm(Timestamp::ZERO);
        spoil(&mut sheet);
        rig.enter(sheet);
        rig.log.clear();
        rig.run(MINUTE * 90);
        assert!(rig.log.iter().all(|seen| seen.decision.mode.infuses()));
        assert!(decrements(&rig).is_empty());
    }
    // And a wrong good one: the patient is not well, and one sheet says so.
    let mut rig = Rig::new(protocol());
    let unwell = Assessment {
        spasticity: Ok(4.0),
        ..calm(Timestamp::ZERO)
    };
    rig.start(400.0);
    rig.run(HOUR * 20);
    rig.finds = None;
    for _ in 0..3 {
        rig.run(MINUTE * 10);
        rig.enter(Assessment {
            itch: Ok(9.0),
            ..unwell
        });
    }
    rig.order(ANNA, OrderKind::Acknowledge(Alarm::WithdrawalSigns));
    rig.run(HOUR * 4);
    rig.enter(calm(Timestamp::ZERO));
    rig.log.clear();
    rig.run(HOUR);
    assert!(decrements(&rig).is_empty());
}

#[test]
fn old_observations_block_and_then_hold() {
    let mut rig = started();
    rig.run(HOUR * 21);
    rig.enter(calm(Timestamp::ZERO));
    rig.finds = None;
    rig.log.clear();
    let four = rig.run(HOUR * 4 + MINUTE);
    assert!(four.alarms.active.contains(Alarm::ObservationOverdue));
    assert_eq!(decrements(&rig).len(), 1, "it was due at 24 h");
    let eight = rig.run(HOUR * 4);
    assert_eq!(
        eight.reason,
        Reason::Held(HoldCause::Alarm(Alarm::ObservationMissing))
    );
    rig.run(HOUR * 30);
    assert_eq!(decrements(&rig).len(), 1);
    let seen = rig.enter(calm(Timestamp::ZERO));
    assert_eq!(
        (seen.mode, seen.reason),
        (Mode::Active, Reason::Waiting(Wait::SecondAssessment))
    );
    rig.now = rig.now.after(MINUTE);
    rig.enter(calm(Timestamp::ZERO));
    assert_eq!(decrements(&rig).len(), 2);
}

#[test]
fn a_sheet_from_tomorrow_does_not_stay_fresh() {
    let mut rig = started();
    rig.finds = None;
    for _ in 0..2 {
        rig.run(MINUTE);
        let telemetry = rig.telemetry();
        rig.step_with(&telemetry, Some(&calm(Timestamp::NEVER)), &[]);
    }
    let later = rig.run(HOUR * 9);
    assert!(later.alarms.active.contains(Alarm::ObservationMissing));
    rig.run(HOUR * 30);
    assert!(decrements(&rig).is_empty());
}

#[test]
fn a_stop_that_a_person_ordered_waits_for_a_person() {
    let mut rig = started();
    rig.run(HOUR);
    rig.order(ANNA, OrderKind::Stop);
    assert_eq!(rig.run(HOUR).mode, Mode::Stopped);
    assert_eq!(rig.order(BEN, OrderKind::Resume).mode, Mode::Active);
}

#[test]
fn priming_ends_with_a_stop_or_with_a_patient_on_the_line() {
    for end in [OrderKind::Stop, OrderKind::DeclareLine(Line::Connected)] {
        let mut rig = Rig::new(protocol());
        rig.run(SECOND * 12);
        rig.order(ANNA, OrderKind::DeclareLine(Line::Open));
        rig.order(ANNA, OrderKind::HoldToRun);
        assert!(matches!(rig.pump.action(), Some(Action::Prime { .. })));
        let ended = rig.order(ANNA, end);
        assert_eq!(stop_of(&ended), Some((StopCause::Primed, false)), "{end:?}");
        assert_eq!(ended.mode, Mode::Idle);
    }
}

#[test]
fn a_prime_that_somebody_holds_is_told_again_when_half_of_its_lease_is_over() {
    let mut rig = Rig::new(protocol());
    rig.run(SECOND * 12);
    rig.order(ANNA, OrderKind::DeclareLine(Line::Open));
    rig.log.clear();
    let from = rig.now;
    for _ in 0..60 {
        rig.order(ANNA, OrderKind::HoldToRun);
        rig.run(SECOND);
    }
    let told = rig.log.iter().filter_map(|seen| match seen.decision.send {
        Send::Command(command) => Some((seen.at.since(from), command.lease)),
        Send::Ping | Send::Quiet(_) => None,
    });
    let every_five: Vec<_> = (0..=12)
        .map(|count| (SECOND * 5 * count, SECOND * 10))
        .collect();
    assert_eq!(told.collect::<Vec<_>>(), every_five);
}

#[test]
fn a_stop_that_comes_with_the_start_is_no_less_a_stop() {
    let [start, stop, pause] = [OrderKind::Start, OrderKind::Stop, OrderKind::Pause];
    for (what, mode) in [
        ([start, stop], Mode::Stopped),
        ([start, pause], Mode::Paused),
    ] {
        let mut rig = Rig::new(protocol());
        rig.prepare();
        rig.both_order(OrderKind::Authorise(400.0));
        rig.step(None, &what.map(|what| Order { by: ANNA, what }));
        let kept = rig.controller.saved().check(rig.controller.protocol());
        assert_eq!(kept, Ok(()));
        assert_eq!(rig.run(MINUTE).mode, mode);
        assert_eq!(rig.pump.infusing(), DoseRate::ZERO);
    }
}
