//! For every requirement a controller that breaks it: wrong on purpose, and caught by its own monitor.
//!
//! A canary wraps the shipped controller and bends what leaves it. A requirement that no canary trips
//! would be a requirement that is not tested.

use dose_controller::{Controller, Decision, Inputs, Mode, Reason, Send};
use infusion_types::{
    Action, Alarm, AlarmSet, Dose, DoseRate, OrderKind, PositiveRate, Session, StopCause, Timestamp,
};
use weanbench::bench::{ControllerPort, Stalled};
use weanbench::case::Case;
use weanbench::study::cohort::run_case_with;

use crate::support::{read, root};

/// What a canary sees and may change.
struct Cycle<'a, 'b> {
    hours: f64,
    inputs: &'a Inputs<'b>,
    decision: &'a mut Decision,
}

/// The shipped controller, bent.
struct Bent<F> {
    inner: Controller,
    bend: F,
}

impl<F: FnMut(Cycle<'_, '_>)> ControllerPort for Bent<F> {
    fn step(&mut self, now: Timestamp, inputs: &Inputs<'_>) -> Result<Decision, Stalled> {
        let mut decision = self.inner.step(now, inputs);
        let hours = now.millis() as f64 / 3.6e6;
        (self.bend)(Cycle {
            hours,
            inputs,
            decision: &mut decision,
        });
        Ok(decision)
    }

    fn poll_timeout(&self) -> Timestamp {
        self.inner.poll_timeout()
    }
}

fn scaled(rate: DoseRate, times: f64) -> DoseRate {
    DoseRate::from_nanograms_per_hour((rate.nanograms_per_hour() as f64 * times) as u64)
}

fn positive(rate: DoseRate) -> PositiveRate {
    rate.positive().expect("above zero")
}

/// Changes the rate of an infusion that leaves.
fn bend_rate(decision: &mut Decision, times: f64) {
    if let Send::Command(command) = &mut decision.send
        && let Action::Infuse { rate, .. } = &mut command.action
    {
        *rate = positive(scaled(rate.get(), times));
    }
}

/// The requirements that a bent controller breaches in a scenario.
fn breached(scenario: &str, overrides: &[&str], bend: impl FnMut(Cycle<'_, '_>)) -> Vec<String> {
    let library = read(
        &root().join(format!("configs/scenarios/{scenario}.toml")),
        overrides,
    );
    let patient = weanbench::study::cohort::patients(&library)[0];
    let case = Case::new(&library, &library.scenario.arms[0], patient).expect("checked");
    let make = |protocol, session: Session| Bent {
        inner: Controller::new(protocol, session),
        bend,
    };
    let judged = run_case_with(&case, make).expect("a canary answers");
    let violated = library
        .requirements
        .judged()
        .zip(&judged.findings)
        .filter(|(_, finding)| finding.violated());
    violated
        .map(|(requirement, _)| requirement.id.clone())
        .collect()
}

const CALM: &[&str] = &["faults=[]", "run_max_h=120", "follow_up_h=1"];

fn assert_trips(id: u8, found: &[String]) {
    let named = format!("SR-{id:02}");
    let trips = found.iter().any(|it| it.starts_with(&named));
    assert!(trips, "{named} is not among {found:?}");
}

#[test]
fn the_shipped_controller_trips_none() {
    assert!(breached("first", CALM, |_| {}).is_empty());
}

#[test]
fn sr_01_more_than_authorised() {
    assert_trips(
        1,
        &breached("first", CALM, |cycle| bend_rate(cycle.decision, 1.2)),
    );
}

#[test]
fn sr_03_a_rise_that_nobody_ordered() {
    assert_trips(
        3,
        &breached("first", CALM, |cycle| {
            if cycle.hours > 40.0 {
                cycle.decision.plan = scaled(cycle.decision.plan, 1.3);
            }
        }),
    );
}

#[test]
fn sr_04_too_steep() {
    assert_trips(
        4,
        &breached("first", CALM, |cycle| {
            if cycle.hours > 30.0 {
                cycle.decision.plan = scaled(cycle.decision.plan, 0.6);
            }
        }),
    );
}

#[test]
fn sr_05_two_rungs_in_a_day() {
    assert_trips(
        5,
        &breached("first", CALM, |cycle| {
            if cycle.hours > 35.0 {
                cycle.decision.plan = scaled(cycle.decision.plan, 0.9);
            }
        }),
    );
}

#[test]
fn sr_06_a_rung_on_old_eyes() {
    let rare = [CALM, &["adjust.people.\"nurse.assess_every_min\"=900"]].concat();
    assert_trips(
        6,
        &breached("first", &rare, |cycle| {
            if cycle.hours > 29.0 {
                cycle.decision.plan = scaled(cycle.decision.plan, 0.8);
            }
        }),
    );
}

#[test]
fn sr_07_a_rung_under_withdrawal() {
    let flagged = [CALM, &["orders=[{at_min=1700,what=\"flag_withdrawal\"}]"]].concat();
    assert_trips(
        7,
        &breached("first", &flagged, |cycle| {
            if cycle.hours > 30.0 {
                cycle.decision.plan = scaled(cycle.decision.plan, 0.8);
            }
        }),
    );
}

#[test]
fn sr_11_a_keep_open_rate() {
    assert_trips(
        11,
        &breached("first", CALM, |cycle| {
            if cycle.hours > 20.0
                && let Send::Command(command) = &mut cycle.decision.send
                && let Action::Infuse { rate, .. } = &mut command.action
            {
                *rate = positive(DoseRate::from_nanograms_per_hour(2_000));
            }
        }),
    );
}

#[test]
fn sr_12_a_stop_without_a_cause() {
    assert_trips(
        12,
        &breached("first", CALM, |cycle| {
            if let (Reason::Decremented { .. }, Send::Command(command)) =
                (cycle.decision.reason, &mut cycle.decision.send)
            {
                command.action = Action::Stop {
                    cause: StopCause::FreeFlow,
                    clamp: false,
                };
            }
        }),
    );
}

#[test]
fn sr_12_an_infusing_mode_that_infuses_nothing() {
    assert_trips(
        12,
        &breached("pause-and-resume", &["follow_up_h=1"], |cycle| {
            if cycle.hours > 51.0 && matches!(cycle.decision.send, Send::Command(_)) {
                cycle.decision.send = Send::Ping;
            }
        }),
    );
}

#[test]
fn sr_14_what_was_missed_is_made_up() {
    assert_trips(
        14,
        &breached("pause-and-resume", &["follow_up_h=1"], |cycle| {
            if (51.0..53.5).contains(&cycle.hours) {
                bend_rate(cycle.decision, 2.0);
            }
        }),
    );
}

#[test]
fn sr_15_the_old_dose_after_a_long_gap() {
    let mut before_gap = DoseRate::ZERO;
    assert_trips(
        15,
        &breached("restart-after-gap", &["run_max_h=100"], |cycle| {
            if cycle.hours < 50.0 {
                before_gap = cycle.decision.plan;
            } else if let Send::Command(command) = &mut cycle.decision.send
                && let Action::Infuse { rate, .. } = &mut command.action
            {
                *rate = positive(before_gap);
            }
        }),
    );
}

#[test]
fn sr_16_an_end_before_the_floor() {
    assert_trips(
        16,
        &breached("first", CALM, |cycle| {
            if cycle.hours > 60.0 {
                cycle.decision.mode = Mode::Complete;
            }
        }),
    );
}

#[test]
fn sr_17_a_rate_that_the_pump_cannot_give() {
    assert_trips(
        17,
        &breached("first", CALM, |cycle| bend_rate(cycle.decision, 0.05)),
    );
}

#[test]
fn sr_17_a_refusal_that_nobody_is_told_of() {
    assert_trips(
        17,
        &breached("below-the-floor", &["run_max_h=80"], |cycle| {
            hide(cycle.decision, Alarm::LimitClamped);
        }),
    );
}

#[test]
fn sr_18_rounding_that_adds_up() {
    assert_trips(
        18,
        &breached("first", CALM, |cycle| bend_rate(cycle.decision, 0.97)),
    );
}

#[test]
fn sr_19_bad_values_that_nobody_is_told_of() {
    assert_trips(
        19,
        &breached(
            "bad-readings",
            &["profile=\"P1\"", "faults=[]", "run_max_h=80"],
            |cycle| {
                hide(cycle.decision, Alarm::LimitClamped);
                hide(cycle.decision, Alarm::SensorFault);
            },
        ),
    );
}

#[test]
fn sr_19_a_bad_value_that_becomes_a_rate() {
    assert_trips(
        19,
        &breached(
            "bad-readings",
            &["profile=\"P1\"", "faults=[]", "run_max_h=80"],
            |cycle| {
                let nonsense =
                    |kind| matches!(kind, OrderKind::Authorise(raw) if !(0.0..=1e5).contains(&raw));
                if cycle.inputs.orders.iter().any(|order| nonsense(order.what)) {
                    cycle.decision.plan = scaled(cycle.decision.plan, 2.0);
                }
            },
        ),
    );
}

#[test]
fn sr_44_windows_that_forget() {
    let mut mode = Mode::Off;
    assert_trips(
        44,
        &breached("pause-and-resume", &["follow_up_h=1"], |cycle| {
            if cycle.decision.mode != mode {
                mode = cycle.decision.mode;
                cycle.decision.planned_24h = Dose::ZERO;
            }
        }),
    );
}

fn hide(decision: &mut Decision, alarm: Alarm) {
    let panel = &mut decision.alarms;
    let without = |set: AlarmSet| set.with(alarm, false);
    panel.condition = without(panel.condition);
    panel.active = without(panel.active);
}
