//! What happens at a bedside, told from switching on to the end, through the public interface.

mod support;

use core::time::Duration;

use dose_controller::{
    Basis, Decision, HoldCause, Mode, Quiet, Reason, Refusal, Send, Wait, WeanSchedule,
};
use infusion_types::{
    Action, Alarm, Assessment, DailyDose, DoseRate, Flow, Line, NoData, OrderKind, StopCause,
    Telemetry, Timestamp, Volume,
};
use support::{
    ANNA, BEN, DAY, HOUR, MINUTE, Rig, SECOND, calm, checked, daily_ug, drug, prescription,
    protocol, rate, reads, rungs,
};

/// 400 µg/day as the pump gives it at 500 µg/mL.
const START: DoseRate = rate(16_665);

fn started() -> Rig {
    let mut rig = Rig::new(protocol());
    rig.start(400.0);
    rig
}

/// What was refused; AL-20 has to stand in the same answer.
fn refused(decision: &Decision) -> Refusal {
    let Reason::Refused(refusal) = decision.reason else {
        panic!("not refused: {:?}", decision.reason);
    };
    assert!(decision.alarms.condition.contains(Alarm::LimitClamped));
    refusal
}

fn decrements(rig: &Rig) -> Vec<(Timestamp, DoseRate)> {
    let down = rig
        .log
        .iter()
        .filter_map(|seen| match seen.decision.reason {
            Reason::Decremented { to, .. } => Some((seen.at, to)),
            _ => None,
        });
    down.collect()
}

fn stop_of(decision: &Decision) -> Option<(StopCause, bool)> {
    match decision.send {
        Send::Command(command) => match command.action {
            Action::Stop { cause, clamp } => Some((cause, clamp)),
            Action::Infuse { .. } | Action::Prime { .. } => None,
        },
        Send::Ping | Send::Quiet(_) => None,
    }
}

fn withdrawing() -> Assessment {
    Assessment {
        itch: Ok(6.0),
        heart_rate_per_min: Ok(124.0),
        ..calm(Timestamp::ZERO)
    }
}

fn sedated() -> Assessment {
    Assessment {
        sedation: Ok(-4.0),
        breaths_per_min: Ok(7.0),
        ..calm(Timestamp::ZERO)
    }
}

#[test]
fn a_wean_runs_from_the_self_test_to_the_end() {
    let mut rig = started();
    let began = rig.now;
    assert_eq!(rig.pump.infusing(), START);
    rig.run(DAY * 7);
    let rungs: Vec<u64> = decrements(&rig)
        .iter()
        .map(|(_, to)| to.nanograms_per_hour())
        .collect();
    assert_eq!(rungs, [10_000, 6_000, 3_600, 2_160, 1_295, 1_040]);
    for (count, (at, _)) in (1..).zip(decrements(&rig)) {
        let hours = at.since(began).as_secs_f64() / 3_600.0;
        assert!((f64::from(count) * 24.0..f64::from(count) * 24.0 + 0.2).contains(&hours));
    }
    assert_eq!(refused_end(&mut rig), Refusal::NotAtFloor);
    let last = rig.run(HOUR);
    assert!(last.asks.completion);
    assert_eq!(last.reason, Reason::Waiting(Wait::LastRung));
    let end = rig.order(ANNA, OrderKind::ConfirmComplete);
    assert_eq!((end.mode, end.plan), (Mode::Complete, DoseRate::ZERO));
    assert_eq!(stop_of(&end), Some((StopCause::Weaned, false)));
    rig.run(DAY);
    assert_eq!(
        rig.changes(|decision| decision.mode),
        [
            Mode::Post,
            Mode::Idle,
            Mode::Prime,
            Mode::Idle,
            Mode::Active,
            Mode::Complete
        ]
    );
    assert!(rig.log.iter().all(|seen| {
        seen.decision.alarms.active.iter().all(|alarm| {
            [
                Alarm::LimitClamped,
                Alarm::ReservoirLow,
                Alarm::DwellTime,
                Alarm::StartRequired,
            ]
            .contains(&alarm)
        })
    }));
}

fn refused_end(rig: &mut Rig) -> Refusal {
    refused(&rig.order(ANNA, OrderKind::ConfirmComplete))
}

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
fn a_pause_ends_at_the_plan_and_nothing_is_caught_up() {
    let mut rig = started();
    rig.run(HOUR * 6);
    let before = rig.pump.infused();
    let paused = rig.order(ANNA, OrderKind::Pause);
    assert_eq!(stop_of(&paused), Some((StopCause::Paused, false)));
    let later = rig.run(HOUR * 3);
    assert_eq!(later.reason, Reason::Stopped(StopCause::Paused));
    assert!(later.alarms.active.contains(Alarm::PausedLong));
    assert!(later.alarms.active.contains(Alarm::DoseDeficit10));
    assert_eq!(rig.pump.infused(), before);
    let on = rig.order(ANNA, OrderKind::Resume);
    assert_eq!(on.reason, Reason::Started { at: START });
    rig.run(HOUR);
    assert_eq!(rig.pump.infusing(), START);
    let moved = rig.pump.infused() - before;
    assert!(
        moved.abs_diff(u128::from(START.nanograms_per_hour())) <= 1,
        "{moved}"
    );
}

/// Pauses for `away`, and comes back at the dose that is asked for.
fn gap(mut rig: Rig, away: Duration) -> (DailyDose, DoseRate) {
    let plan = rig.order(ANNA, OrderKind::Pause).plan;
    let decision = rig.run(away);
    assert!(
        decision
            .alarms
            .active
            .contains(Alarm::RestartNeedsAuthorisation)
    );
    let most = decision.asks.authorisation.expect("a dose is asked for");
    let ug = |dose: DailyDose| dose.nanograms_per_day() as f64 / 1e3;
    assert_eq!(
        refused(&rig.order(ANNA, OrderKind::Resume)),
        Refusal::GapNeedsAuthorisation
    );
    let above = refused(&rig.order(ANNA, OrderKind::Authorise(ug(plan.daily()))));
    assert_eq!(
        above,
        Refusal::AboveGapDose {
            wanted: plan.daily(),
            most
        }
    );
    rig.both_order(OrderKind::Authorise(ug(most)));
    assert_eq!(rig.pump.infusing(), DoseRate::ZERO);
    let on = rig.order(BEN, OrderKind::Resume);
    assert!(matches!(on.reason, Reason::Started { .. }), "{on:?}");
    (most, rig.pump.infusing())
}

#[test]
fn after_a_long_gap_half_or_a_quarter_is_the_most() {
    let mut rig = started();
    rig.run(HOUR * 6);
    assert_eq!(
        gap(rig.clone(), HOUR * 14),
        (rate(8_332).daily(), rate(8_330))
    );
    assert_eq!(gap(rig, HOUR * 49), (rate(4_166).daily(), rate(4_165)));
    let mut low = Rig::new(protocol());
    low.start(30.0);
    low.run(HOUR);
    assert_eq!(gap(low, HOUR * 14), (rate(1_000).daily(), rate(1_000)));
}

#[test]
fn the_dose_asked_for_after_a_gap_is_one_that_is_taken() {
    let mut strong = prescription();
    strong.line.drug = drug(2_000);
    for dose in 390..410 {
        let mut rig = Rig::new(checked(strong));
        rig.start(f64::from(dose));
        rig.run(HOUR);
        let (most, on) = gap(rig, HOUR * 14);
        assert!(on <= most.rate().saturating_add(rate(20)), "{dose}");
    }
}

#[test]
fn a_restart_comes_back_as_it_was() {
    let mut rig = started();
    let before = rig.run(HOUR * 30);
    let saved = rig.controller.saved();
    rig.restart(Duration::ZERO, Some(saved));
    rig.log.clear();
    let first = rig.step(None, &[]);
    assert_eq!(first.planned_24h, before.planned_24h);
    assert_eq!(first.estimate_24h, before.estimate_24h);
    assert_eq!(first.deficit_permille, before.deficit_permille);
    let last = rig.run(MINUTE * 5);
    let modes = rig.changes(|decision| decision.mode);
    assert_eq!(
        modes,
        [Mode::Post, Mode::Fallback, Mode::Hold, Mode::Active]
    );
    assert_eq!(last.plan, before.plan);
    let planned = rig.changes(|decision| (decision.mode, decision.reason));
    assert!(planned.contains(&(Mode::Fallback, Reason::Held(HoldCause::Unreconciled))));
    assert_eq!(rig.pump.infusing(), before.plan);
}

#[test]
fn a_second_reset_during_the_self_test_forgets_nothing() {
    let mut rig = started();
    let before = rig.run(HOUR * 30);
    for _ in 0..3 {
        let saved = rig.controller.saved();
        rig.restart(SECOND, Some(saved));
        rig.run(SECOND);
    }
    let after = rig.run(MINUTE);
    assert_eq!((after.mode, after.plan), (Mode::Active, before.plan));
}

#[test]
fn time_away_counts_as_what_the_pump_was_last_told() {
    let mut rig = started();
    rig.run(HOUR * 6);
    let saved = rig.saved.clone();
    rig.restart(HOUR * 5, saved);
    let after = rig.run(MINUTE);
    let hours_11 = START.nanograms_per_hour() * 11;
    let planned = after.planned_24h.nanograms();
    assert!(planned.abs_diff(hours_11) < 1_000, "{planned}");
    assert!(u128::from(after.estimate_24h.low.nanograms()) <= rig.pump.infused() + 1);
    assert!(u128::from(after.estimate_24h.high.nanograms()) + 1 >= rig.pump.infused());
    assert!(after.alarms.active.is_empty(), "{:?}", after.alarms.active);
}

#[test]
fn without_memory_it_waits_for_people() {
    let mut rig = started();
    rig.run(HOUR * 30);
    rig.restart(MINUTE, None);
    assert!(rig.controller.poll_timeout() > rig.now);
    rig.log.clear();
    rig.finds = None;
    let early = rig.run(SECOND * 5);
    assert_eq!(early.mode, Mode::Post, "the self-test takes its time");
    let late = rig.run(HOUR);
    assert_eq!((late.mode, late.plan), (Mode::Idle, DoseRate::ZERO));
    assert!(
        !rig.log
            .iter()
            .any(|seen| matches!(seen.decision.send, Send::Command(_)))
    );
    assert_eq!(rig.pump.infusing(), rate(10_000), "the pump goes on");
}

#[test]
fn paused_before_a_reset_stays_stopped_after_it() {
    let mut rig = started();
    rig.run(HOUR * 6);
    rig.order(ANNA, OrderKind::Pause);
    rig.run(MINUTE);
    let saved = rig.saved.clone();
    rig.restart(MINUTE, saved);
    rig.log.clear();
    let after = rig.run(HOUR);
    assert_eq!(
        rig.changes(|decision| decision.mode),
        [Mode::Post, Mode::Fallback, Mode::Stopped]
    );
    assert!(after.asks.resumption || after.mode == Mode::Stopped);
    assert_eq!(rig.pump.infusing(), DoseRate::ZERO);
    assert_eq!(rig.order(ANNA, OrderKind::Resume).mode, Mode::Active);
    assert_eq!(rig.pump.infusing(), START);
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
    assert_eq!(stop_of(&second), Some((StopCause::OverdoseSigns, false)));
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
    assert_eq!(stop_of(&flagged), Some((StopCause::OverdoseSigns, false)));
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
fn a_new_drug_counts_when_its_front_is_at_the_tip() {
    let mut rig = started();
    rig.run(HOUR * 6);
    rig.both_order(OrderKind::SetConcentration(250.0));
    let set = rig.now;
    rig.log.clear();
    let bridging = rig.run(HOUR);
    assert!(bridging.alarms.active.contains(Alarm::BridgeIncomplete));
    assert_eq!(bridging.reason, Reason::Waiting(Wait::Bridge));
    rig.run(HOUR * 45);
    let named = rig.log.iter().find_map(|seen| match seen.decision.send {
        Send::Command(command) => Some((seen.at, command.action)),
        Send::Ping | Send::Quiet(_) => None,
    });
    let (at, action) = named.expect("the new drug arrives");
    // 507 µL at 33.33 µL/h: 15.2 h.
    let hours = at.since(set).as_secs_f64() / 3_600.0;
    assert!((15.2..15.23).contains(&hours), "{hours}");
    let rate = START.positive().expect("above zero");
    assert_eq!(
        action,
        Action::Infuse {
            rate,
            at: drug(250)
        }
    );
    let (down, _) = decrements(&rig)[0];
    let hours = down.since(set).as_secs_f64() / 3_600.0;
    assert!(
        (33.2..33.3).contains(&hours),
        "18 h were left, and 15.2 h did not count: {hours}"
    );
}

#[test]
fn one_user_changes_no_drug() {
    let mut rig = started();
    for by in [ANNA, ANNA] {
        rig.order(by, OrderKind::SetConcentration(250.0));
    }
    rig.order(BEN, OrderKind::SetConcentration(251.0));
    let last = rig.run(HOUR);
    assert!(!last.alarms.active.contains(Alarm::BridgeIncomplete));
}

#[test]
fn a_drug_too_strong_for_the_plan_is_refused() {
    let mut rig = Rig::new(protocol());
    rig.start(90.0);
    let why = refused(&rig.order(ANNA, OrderKind::SetConcentration(2_000.0)));
    let refusal = Refusal::BelowPumpFloor {
        wanted: rate(3_750),
        least: rate(4_000),
    };
    assert_eq!(why, refusal);
    // And a dose that the drug on its way is too strong for.
    let mut rig = started();
    rig.both_order(OrderKind::SetConcentration(5_000.0));
    let why = refused(&rig.order(ANNA, OrderKind::Authorise(230.0)));
    assert!(matches!(why, Refusal::BelowPumpFloor { .. }));
}

/// A last rung that the pump cannot reach with the drug it has.
fn too_low(to_tip_ul: u64) -> Rig {
    let mut low = prescription();
    low.wean.final_dose = daily_ug(10);
    low.line.to_tip = Volume::from_nanolitres(to_tip_ul * 1_000);
    let mut rig = Rig::new(checked(low));
    rig.start(30.0);
    rig
}

#[test]
fn below_the_floor_is_refused_and_another_drug_is_asked_for() {
    let mut rig = too_low(5);
    rig.log.clear();
    let low = rig.run(HOUR * 25);
    let refusal = Refusal::BelowPumpFloor {
        wanted: rate(750),
        least: rate(1_000),
    };
    assert_eq!(low.reason, Reason::Refused(refusal));
    assert!(low.asks.concentration);
    assert_eq!(
        (low.plan, rig.pump.infusing()),
        (rate(1_250), rate(1_250)),
        "neither up nor to zero"
    );
    let shown = rig.changes(|decision| decision.alarms.active.contains(Alarm::LimitClamped));
    assert_eq!(
        shown,
        [false, true, false],
        "noted once, not in every cycle"
    );
    rig.both_order(OrderKind::SetConcentration(250.0));
    assert!(!rig.run(MINUTE).asks.concentration);
    let after = rig.run(HOUR * 4);
    assert_eq!(after.plan, rate(750));
}

#[test]
fn the_guard_keeps_half_a_day_whatever_the_basis() {
    let mut steep = prescription();
    steep.wean.basis = Basis::Initial;
    let mut rig = Rig::new(checked(steep));
    rig.start(400.0);
    rig.run(DAY * 6);
    let to: Vec<u64> = decrements(&rig)
        .iter()
        .map(|(_, to)| to.nanograms_per_hour())
        .collect();
    assert_eq!(to, [10_000, 5_000, 2_500, 1_250, 1_040]);
    let cut = rig.log.iter().any(|seen| {
        matches!(
            seen.decision.reason,
            Reason::Decremented {
                cut: true,
                permille: 400,
                ..
            }
        )
    });
    assert!(cut);
}

#[test]
fn a_spent_slope_is_refused_once() {
    let mut quick = prescription();
    quick.wean = WeanSchedule {
        every: HOUR * 20,
        rungs: rungs(&[(500, 40, 1)]),
        ..quick.wean
    };
    let mut rig = Rig::new(checked(quick));
    rig.start(400.0);
    rig.run(HOUR * 25);
    rig.log.clear();
    rig.run(HOUR * 22);
    let shown = rig.changes(|decision| decision.alarms.active.contains(Alarm::LimitClamped));
    assert_eq!(shown, [false, true, false]);
    rig.run(HOUR * 2);
    assert_eq!(
        decrements(&rig).len(),
        1,
        "the next one came when the slope allowed it"
    );
}

#[test]
fn a_last_rung_between_two_quanta_is_reached_and_is_the_last() {
    for last in [24_000, 24_500, 24_900, 24_950, 24_990, 25_000] {
        let mut fine = prescription();
        fine.wean.final_dose = DailyDose::from_nanograms_per_day(last);
        fine.limits.floor_dose = fine.wean.final_dose;
        let mut rig = Rig::new(checked(fine));
        rig.start(35.0);
        let end = rig.run(HOUR * 73);
        assert_eq!(end.reason, Reason::Waiting(Wait::LastRung), "{last}");
        assert!(end.asks.completion, "{last}");
        assert!(end.plan.daily() <= DailyDose::from_nanograms_per_day(last));
    }
}

#[test]
fn pressure_stops_after_ten_seconds_and_ends_a_minute_after_it_has_gone() {
    let mut rig = started();
    rig.run(HOUR);
    rig.pump.sensors.pressure_kpa = reads(60.0);
    rig.log.clear();
    let mut seconds = 0;
    while rig.run(SECOND).mode != Mode::Stopped {
        seconds += 1;
        assert!(seconds < 20);
    }
    assert_eq!(seconds, 10);
    assert!(
        rig.log
            .iter()
            .any(|seen| stop_of(&seen.decision) == Some((StopCause::OcclusionDownstream, false)))
    );
    let held = rig.run(MINUTE * 10);
    assert!(held.alarms.active.contains(Alarm::OcclusionDownstream));
    rig.pump.sensors.pressure_kpa = reads(2.0);
    rig.run(SECOND);
    assert_eq!(rig.run(SECOND * 59).mode, Mode::Stopped);
    assert_eq!(rig.run(SECOND).mode, Mode::Active);
    assert_eq!(rig.pump.infusing(), START);
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
fn an_open_connector_stops_until_seen_and_resumed() {
    let mut rig = started();
    rig.run(HOUR);
    rig.pump.sensors.connector = reads(false);
    let open = rig.step(None, &[]);
    assert_eq!(stop_of(&open), Some((StopCause::Disconnected, true)));
    rig.pump.sensors.connector = reads(true);
    assert_eq!(rig.run(HOUR).mode, Mode::Stopped);
    let alarm = Alarm::LineDisconnect;
    let why = refused(&rig.order(ANNA, OrderKind::Resume));
    assert_eq!(why, Refusal::AlarmStands(alarm));
    rig.order(ANNA, OrderKind::Acknowledge(alarm));
    assert_eq!(rig.run(HOUR).mode, Mode::Stopped);
    assert_eq!(rig.order(ANNA, OrderKind::Resume).mode, Mode::Active);
}

#[test]
fn of_two_causes_the_one_that_closes_the_line_is_told() {
    let mut rig = started();
    rig.run(HOUR);
    rig.order(ANNA, OrderKind::FlagOverdose);
    rig.pump.sensors.connector = reads(false);
    let open = rig.step(None, &[]);
    assert_eq!(stop_of(&open), Some((StopCause::Disconnected, true)));
}

#[test]
fn flow_while_stopped_is_free_flow() {
    let mut rig = started();
    rig.pump.sensors.flow_ul_per_h = reads(0.1);
    rig.run(HOUR);
    rig.order(ANNA, OrderKind::Pause);
    rig.run(HOUR);
    rig.pump.sensors.flow_ul_per_h = reads(5.0);
    rig.run(SECOND);
    assert_eq!(rig.run(SECOND * 59).mode, Mode::Paused);
    let free = rig.run(SECOND);
    assert_eq!(free.mode, Mode::Stopped);
    assert!(free.alarms.active.contains(Alarm::FreeFlow));
}

#[test]
fn garbage_from_the_pump_alarms_and_moves_nothing() {
    let fields: [fn(&mut Telemetry, f64); 8] = [
        |said, raw| said.delivered_ug = reads(raw),
        |said, raw| said.reservoir_ul = reads(raw),
        |said, raw| said.flow_ul_per_h = reads(raw),
        |said, raw| said.pressure_kpa = reads(raw),
        |said, raw| said.air_ul = reads(raw),
        |said, raw| said.drained_csf_ul = reads(raw),
        |said, raw| said.temperature_c = reads(raw),
        |said, raw| said.battery_min = reads(raw),
    ];
    let mut rig = started();
    rig.run(HOUR * 6);
    for put in fields {
        for raw in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -1e6, 1e300] {
            let mut bad = rig.clone();
            let mut good = rig.clone();
            put(&mut bad.pump.sensors, raw);
            for (bad, good) in [
                (bad.step(None, &[]), good.step(None, &[])),
                (bad.run(MINUTE), good.run(MINUTE)),
                (
                    bad.order(ANNA, OrderKind::Stop),
                    good.order(ANNA, OrderKind::Stop),
                ),
            ] {
                assert!(bad.alarms.active.contains(Alarm::SensorFault));
                assert_eq!((bad.send, bad.plan), (good.send, good.plan));
            }
        }
    }
}

#[test]
fn a_command_that_never_arrived_leaves_again_under_a_new_number() {
    let mut rig = started();
    rig.run(HOUR * 6);
    rig.pump.deaf = true;
    rig.log.clear();
    rig.order(ANNA, OrderKind::Pause);
    let uncertain = rig.run(SECOND * 92);
    assert!(uncertain.alarms.active.contains(Alarm::CommandUncertain));
    let sent: Vec<u32> = rig
        .log
        .iter()
        .filter_map(|seen| match seen.decision.send {
            Send::Command(command) => Some(command.sequence),
            Send::Ping | Send::Quiet(_) => None,
        })
        .collect();
    assert!(
        sent.len() == 3 && sent.iter().all(|sequence| *sequence == sent[0]),
        "{sent:?}"
    );
    assert_eq!(rig.pump.infusing(), START);
    rig.pump.deaf = false;
    rig.run(MINUTE * 2);
    assert_eq!(rig.pump.infusing(), DoseRate::ZERO, "the pause arrives");
}

#[test]
fn an_uncertain_controller_still_speaks() {
    let mut rig = started();
    rig.run(HOUR * 6);
    let now = rig.now;
    rig.pump.lose_reports(now, true);
    rig.order(ANNA, OrderKind::Pause);
    rig.run(MINUTE * 5);
    rig.log.clear();
    rig.run(MINUTE * 5);
    let pings = rig
        .log
        .iter()
        .filter(|seen| seen.decision.send == Send::Ping)
        .count();
    assert!(pings >= 9, "{pings}");
    assert!(
        rig.log
            .iter()
            .any(|seen| seen.decision.send == Send::Quiet(Quiet::AwaitingReadBack))
            || pings > 9
    );
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
