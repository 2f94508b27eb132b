//! What the pump, its sensors, its drug and the link to it do.

use infusion_types::{
    Action, Alarm, Decision, DoseRate, Mode, Order, OrderKind, Quiet, Reason, Refusal, Send,
    StopCause, Telemetry, User, Wait,
};

use crate::support::{ANNA, BEN, HOUR, MINUTE, Rig, SECOND, drug, protocol, rate, reads};
use crate::{START, decrements, refused, started, stop_of};

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
fn a_pump_that_has_run_dry_moves_no_front() {
    let mut rig = started();
    rig.run(HOUR * 6);
    rig.both_order(OrderKind::SetConcentration(250.0));
    rig.run(HOUR * 10);
    rig.pump.empty = true;
    let dry = rig.run(HOUR * 8);
    assert!(dry.alarms.active.contains(Alarm::BridgeIncomplete));
    rig.pump.empty = false;
    rig.order(ANNA, OrderKind::Refilled(20_000.0));
    // 15.2 h of flow for 507 uL, and 10 h have been.
    let bridging = |decision: &Decision| decision.alarms.active.contains(Alarm::BridgeIncomplete);
    assert!(bridging(&rig.run(HOUR * 5)));
    assert!(!bridging(&rig.run(MINUTE * 15)));
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
    // Or one that lies between the drug at the tip and the drug in the reservoir.
    let mut rig = started();
    rig.both_order(OrderKind::SetConcentration(5_000.0));
    rig.both_order(OrderKind::SetConcentration(500.0));
    let why = refused(&rig.order(ANNA, OrderKind::Authorise(230.0)));
    assert!(matches!(why, Refusal::BelowPumpFloor { .. }));
}

/// A therapy at less than the pump can give of a drug four times as strong.
fn at_90_ug_per_day() -> Rig {
    let mut rig = Rig::new(protocol());
    rig.start(90.0);
    rig.run(HOUR * 6);
    rig
}

/// What people enter, one order after the other; the last answer.
fn entered(rig: &mut Rig, orders: &[(User, OrderKind)]) -> Decision {
    let answers = orders.iter().map(|(by, what)| rig.order(*by, *what));
    answers.last().expect("somebody enters something")
}

#[test]
fn a_refill_with_a_drug_that_is_refused_leaves_the_reservoir_unknown() {
    use OrderKind::{Refilled, SetConcentration};
    let stronger = SetConcentration(2_000.0);
    let courses: [&[(User, OrderKind)]; 3] = [
        &[(ANNA, Refilled(20_000.0)), (ANNA, stronger)],
        &[(ANNA, stronger), (BEN, Refilled(20_000.0))],
        &[(ANNA, stronger), (BEN, stronger)],
    ];
    for orders in courses {
        let mut rig = at_90_ug_per_day();
        rig.log.clear();
        let last = entered(&mut rig, orders);
        let alarm = Alarm::ConcentrationMismatch;
        assert!(last.alarms.high().contains(alarm), "{orders:?}");
        let stop = rig.log.iter().find_map(|seen| stop_of(&seen.decision));
        assert_eq!(stop, Some((StopCause::ConcentrationMismatch, false)));
        assert_eq!(rig.pump.infusing(), DoseRate::ZERO);
        // It does not go by being seen, nor by a reset.
        rig.order(ANNA, OrderKind::Acknowledge(alarm));
        let saved = rig.controller.saved();
        rig.restart(MINUTE, Some(saved));
        assert_eq!(rig.run(HOUR).mode, Mode::Stopped);
        let why = refused(&rig.order(ANNA, OrderKind::Resume));
        assert_eq!(why, Refusal::AlarmStands(alarm));
        // Filled again, with what was ordered, as two users say.
        rig.order(ANNA, Refilled(20_000.0));
        rig.both_order(SetConcentration(500.0));
        rig.order(ANNA, OrderKind::Acknowledge(alarm));
        rig.step(None, &[]);
        assert!(rig.order(ANNA, OrderKind::Resume).mode.infuses());
        let on = rig.run(HOUR);
        assert_eq!((on.plan, rig.pump.infusing()), (rate(3_750), rate(3_750)));
    }
}

#[test]
fn a_drug_that_nobody_has_filled_in_stops_nothing() {
    use OrderKind::{Refilled, SetConcentration};
    let courses: [&[(User, OrderKind)]; 4] = [
        // Asked by one user, once or again, and refused.
        &[
            (ANNA, SetConcentration(2_000.0)),
            (ANNA, SetConcentration(2_000.0)),
        ],
        // By two users, who do not mean the same.
        &[
            (ANNA, SetConcentration(2_000.0)),
            (BEN, SetConcentration(5_000.0)),
        ],
        // No drug at all (SR-19).
        &[
            (ANNA, Refilled(20_000.0)),
            (ANNA, SetConcentration(f64::NAN)),
        ],
        // What was filled in is known before somebody asks for another.
        &[
            (ANNA, Refilled(20_000.0)),
            (ANNA, SetConcentration(500.0)),
            (BEN, SetConcentration(500.0)),
            (ANNA, SetConcentration(2_000.0)),
        ],
    ];
    for orders in courses {
        let mut rig = at_90_ug_per_day();
        assert!(entered(&mut rig, orders).mode.infuses(), "{orders:?}");
        let last = rig.run(HOUR);
        assert!(last.mode.infuses(), "{orders:?}");
    }
    // Long after a question, a refill is a refill.
    let mut rig = at_90_ug_per_day();
    rig.order(ANNA, SetConcentration(2_000.0));
    rig.run(MINUTE * 16);
    assert!(rig.order(ANNA, Refilled(20_000.0)).mode.infuses());
}

#[test]
fn more_drugs_than_can_be_followed_leave_the_reservoir_unknown() {
    let mut rig = started();
    for drug in [400.0, 300.0, 250.0] {
        rig.both_order(OrderKind::SetConcentration(drug));
    }
    rig.order(ANNA, OrderKind::SetConcentration(500.0));
    let why = rig.order(BEN, OrderKind::SetConcentration(500.0));
    assert_eq!(refused(&why), Refusal::TooManyFronts);
    assert_eq!(why.mode, Mode::Stopped);
    assert!(why.alarms.high().contains(Alarm::ConcentrationMismatch));
}

#[test]
fn no_therapy_starts_from_a_reservoir_that_nobody_knows() {
    let mut rig = Rig::new(protocol());
    rig.prepare();
    for drug in [400.0, 300.0, 250.0] {
        rig.both_order(OrderKind::SetConcentration(drug));
    }
    rig.both_order(OrderKind::Authorise(400.0));
    rig.order(ANNA, OrderKind::SetConcentration(200.0));
    // In the moment in which somebody presses start, and after it.
    let orders = [OrderKind::SetConcentration(200.0), OrderKind::Start];
    let orders = orders.map(|what| Order { by: BEN, what });
    let why = Refusal::AlarmStands(Alarm::ConcentrationMismatch);
    assert_eq!(refused(&rig.step(None, &orders)), why);
    assert_eq!(refused(&rig.order(ANNA, OrderKind::Start)), why);
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
    rig.pump.sensors.pressure_kpa = reads(150.0);
    let blocked = rig.run(MINUTE);
    assert!(blocked.alarms.active.contains(Alarm::OcclusionDownstream));
    assert!(!StopCause::OcclusionDownstream.clamps());
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
fn nonsense_takes_no_cause_back_while_the_sensor_counts_as_there() {
    let mut rig = started();
    rig.run(HOUR);
    rig.pump.sensors.pressure_kpa = reads(60.0);
    rig.run(MINUTE);
    rig.pump.sensors.pressure_kpa = reads(f64::NAN);
    let stopped = rig.run(MINUTE * 4);
    assert_eq!(stopped.mode, Mode::Stopped);
    assert!(
        stopped
            .alarms
            .condition
            .contains(Alarm::OcclusionDownstream)
    );
    // After five minutes there is no such sensor any more. Nobody has seen that the pressure has gone, so the
    // pump goes on without it when a person says so.
    let lost = rig.run(MINUTE * 10);
    assert_eq!(lost.mode, Mode::Stopped);
    assert!(lost.alarms.active.contains(Alarm::SensorFault));
    assert_eq!(rig.order(ANNA, OrderKind::Resume).mode, Mode::Hold);
}

/// Stopped by a pressure that then stays the same to the last digit, for an hour.
fn stuck_high() -> (Rig, Decision) {
    let mut rig = started();
    rig.run(HOUR * 6);
    rig.pump.sensors.pressure_kpa = reads(60.0);
    rig.pump.stuck = true;
    rig.log.clear();
    for _ in 0..90 {
        rig.run(SECOND);
    }
    let last = rig.run(HOUR);
    (rig, last)
}

#[test]
fn a_pressure_that_is_not_believed_any_more_has_not_gone_and_waits_for_a_person() {
    let (mut rig, stuck) = stuck_high();
    let panel = stuck.alarms;
    assert!(panel.active.contains(Alarm::SensorFault));
    assert!(panel.condition.contains(Alarm::OcclusionDownstream));
    assert_eq!(
        stuck.reason,
        Reason::Stopped(StopCause::OcclusionDownstream)
    );
    assert_eq!(rig.changes(|it| it.mode.infuses()), [true, false]);
    assert!(stuck.asks.resumption);
    // Whoever has looked at the line goes on without the sensor.
    assert_eq!(rig.order(ANNA, OrderKind::Resume).mode, Mode::Hold);
    let on = rig.run(HOUR);
    assert_eq!((on.mode, rig.pump.infusing()), (Mode::Hold, START));
    assert!(!on.alarms.active.contains(Alarm::OcclusionDownstream));
}

#[test]
fn a_pressure_that_is_believed_again_and_low_has_gone() {
    let (mut rig, _) = stuck_high();
    rig.pump.stuck = false;
    rig.run(MINUTE * 5);
    assert_eq!(rig.run(MINUTE).mode, Mode::Stopped, "it still presses");
    rig.pump.sensors.pressure_kpa = reads(2.0);
    rig.run(SECOND);
    assert_eq!(rig.run(SECOND * 59).mode, Mode::Stopped);
    assert!(rig.run(SECOND * 2).mode.infuses());
}

#[test]
fn a_pressure_that_nobody_believes_keeps_its_stop_over_a_reset() {
    let (mut rig, _) = stuck_high();
    let saved = rig.controller.saved();
    rig.restart(MINUTE, Some(saved));
    let after = rig.run(HOUR);
    assert_eq!(after.mode, Mode::Stopped);
    assert!(after.alarms.condition.contains(Alarm::OcclusionDownstream));
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
fn the_estimate_holds_the_truth_when_an_unheard_stop_was_taken_back() {
    let mut rig = started();
    rig.run(HOUR * 6);
    let now = rig.now;
    rig.pump.lose_reports(now, true);
    rig.order(ANNA, OrderKind::Pause);
    rig.pump.deaf = true;
    rig.order(ANNA, OrderKind::Resume);
    let later = rig.run(HOUR * 2);
    let infused = rig.pump.infused();
    assert!(u128::from(later.estimate_24h.low.nanograms()) <= infused + 1);
    assert!(u128::from(later.estimate_24h.high.nanograms()) + 1 >= infused);
    rig.pump.lose_reports(now, false);
    rig.pump.deaf = false;
    rig.run(MINUTE * 3);
    assert_eq!(rig.pump.infusing(), START);
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
