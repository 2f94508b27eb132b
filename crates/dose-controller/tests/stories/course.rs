//! The course of a wean: rungs, gaps, resets, the end.

use core::time::Duration;

use infusion_types::{
    Alarm, Asks, Basis, DailyDose, Decision, DoseRate, HoldCause, Mode, OrderKind, Reason, Refusal,
    Send, StopCause, Volume, Wait, WeanSchedule,
};

use crate::support::{
    ANNA, BEN, DAY, HOUR, MINUTE, Rig, SECOND, checked, daily_ug, drug, prescription, protocol,
    rate, reads, rungs,
};
use crate::{START, decrements, refused, started, stop_of};

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

#[test]
fn a_calm_wean_asks_nothing_of_anybody_before_its_last_rung() {
    let mut rig = started();
    rig.log.clear();
    rig.run(DAY * 4 + HOUR);
    assert_eq!(decrements(&rig).len(), 4);
    assert_eq!(rig.changes(|it| it.asks), [Asks::default()]);
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
fn half_of_a_day_that_is_missing_needs_a_person_until_it_is_clearly_less() {
    let mut rig = started();
    rig.finds = None;
    let blocked = |rig: &mut Rig, kilopascals: f64, time: Duration| {
        rig.pump.sensors.pressure_kpa = reads(kilopascals);
        rig.run(time)
    };
    blocked(&mut rig, 2.0, DAY);
    // Six hours a day ago go out of the window while as much comes in: the deficit moves about 50 %.
    blocked(&mut rig, 60.0, HOUR * 6);
    assert_eq!(blocked(&mut rig, 2.0, HOUR * 12).mode, Mode::Hold);
    let half = blocked(&mut rig, 60.0, HOUR * 6 + MINUTE * 5);
    assert!(
        half.alarms
            .active
            .contains(Alarm::RestartNeedsAuthorisation)
    );
    rig.log.clear();
    blocked(&mut rig, 2.0, MINUTE * 30);
    assert!(
        rig.log
            .iter()
            .any(|seen| seen.decision.deficit_permille < 500)
    );
    let waits = |decision: &Decision| {
        decision
            .alarms
            .condition
            .contains(Alarm::RestartNeedsAuthorisation)
    };
    assert_eq!(rig.changes(waits), [true]);
    assert_eq!(rig.changes(|decision| decision.mode), [Mode::Stopped]);
    let why = refused(&rig.order(ANNA, OrderKind::Resume));
    assert_eq!(why, Refusal::GapNeedsAuthorisation);
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
    assert_eq!(shown, [false, true], "told as long as it lasts");
    assert!(
        low.alarms.escalated.is_empty(),
        "one refusal, not one in every cycle"
    );
    rig.both_order(OrderKind::SetConcentration(250.0));
    let set = rig.run(MINUTE * 2);
    assert!(!set.asks.concentration);
    assert!(!set.alarms.active.contains(Alarm::LimitClamped));
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
    let cut = rig.log.iter().filter_map(|seen| {
        let Reason::Decremented { cut, permille, .. } = seen.decision.reason else {
            return None;
        };
        Some((cut, permille))
    });
    // Half of what was is what two rungs of 400 thousandths of the first plan are cut to, and a quarter of it.
    let told = [false, true, true, true, false].map(|cut| (cut, 400));
    assert_eq!(cut.collect::<Vec<_>>(), told);
}

#[test]
fn a_spent_slope_is_waited_for() {
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
    let waits = rig.changes(|decision| decision.reason == Reason::Waiting(Wait::Slope));
    assert_eq!(waits, [false, true]);
    let refused = rig.changes(|decision| decision.alarms.active.contains(Alarm::LimitClamped));
    assert_eq!(refused, [false]);
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
