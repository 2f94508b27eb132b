//! What breaks the requirements on the link.

use infusion_types::{Alarm, Dose, OrderKind, PumpState, Timestamp};

use super::bend::{Bend, scaled};
use super::{Canary, TO_A_RUNG, Told};

pub(super) const ALL: &[Canary] = &[
    Canary::new(
        "an uncertain command and nobody told",
        "SR-21a",
        "AL-21 is never raised",
    )
    .flying("read-backs-lost", &[])
    .bent(|| Bend::hiding(&[Alarm::CommandUncertain])),
    Canary::new(
        "a command that is said without an end",
        "SR-21b",
        "it leaves again every ten seconds, whether or not somebody answers",
    )
    .flying("read-backs-lost", &[])
    .bent(says_it_again),
    Canary::new(
        "a command that takes effect twice",
        "SR-22",
        "one has been applied for a second time",
    )
    .lying(|told| told.platform.applied_twice = 1),
    Canary::new(
        "a number that goes back",
        "SR-23",
        "in the middle of the therapy the pump holds a command from before it",
    )
    .lying(|told| holds_another(told, |_| 0)),
    Canary::new(
        "a forged command that is taken",
        "SR-24a",
        "the pump holds what the controller never sent, while it refuses what comes",
    )
    .flying("forged-commands", &[])
    .lying(|told| holds_another(told, |sequence| sequence + 1_000)),
    Canary::new(
        "a forger and nobody told",
        "SR-24b",
        "AL-24 is never raised",
    )
    .flying("forged-commands", &[])
    .bent(|| Bend::hiding(&[Alarm::SecurityEvent])),
    Canary::new(
        "a pump that slows down when nobody speaks",
        "SR-25a",
        "on an ended lease it is set to nine tenths",
    )
    .flying("link-silent", &[])
    .lying(|told| {
        if told.truth.lease_ended {
            told.truth.set_flow_ul_per_h *= 0.9;
        }
    }),
    Canary::new(
        "a prime that outlives its lease",
        "SR-25b",
        "the pump primes when the lease has ended; in this story nobody asked it to (WB-18, later)",
    )
    .flying("link-silent", &[])
    .lying(|told| {
        if told.truth.lease_ended {
            told.truth.state = PumpState::Priming;
        }
    }),
    Canary::new(
        "a lost link and nobody told",
        "SR-26a",
        "AL-22 is never raised",
    )
    .flying("link-silent", &[])
    .bent(|| Bend::hiding(&[Alarm::LinkLost])),
    Canary::new(
        "a long silence and nobody told",
        "SR-26b",
        "AL-23 is never raised",
    )
    .flying("link-silent", &[])
    .bent(|| Bend::hiding(&[Alarm::LinkLostLong])),
    Canary::new(
        "a pump that does not mind being alone",
        "SR-26c",
        "its own alarm is off",
    )
    .flying("link-silent", &[])
    .lying(|told| told.truth.alarming = false),
    Canary::new(
        "a silence that counts as given",
        "SR-27",
        "in the silence its upper end is nothing (SR-44b, in the same record)",
    )
    .flying("link-silent", &[])
    .bent(|| {
        Bend::after(5.1, |cycle| cycle.decision.estimate_24h.high = Dose::ZERO)
    }),
    Canary::new(
        "a new rate into the dark",
        "SR-28a",
        "a command to infuse leaves while nothing has been heard for ten minutes",
    )
    .flying("link-silent", &[])
    .bent(|| {
        let mut done = false;
        Bend::after(5.2, move |cycle| {
            if !done {
                done = true;
                cycle.infuse(cycle.decision.plan);
            }
        })
    }),
    Canary::new(
        "another program and nobody told",
        "SR-29a",
        "AL-37 is never raised",
    )
    .flying("another-program", &[])
    .bent(|| Bend::hiding(&[Alarm::ProgramMismatch])),
    Canary::new(
        "a rung on a report from the future",
        "SR-30",
        "reports bear a time that lies ten seconds ahead",
    )
    .with(TO_A_RUNG)
    .lying(from_the_future),
    Canary::new(
        "a stop that drowns",
        "SR-31a",
        "under a flood the order is dropped, and stands unobeyed (WB-04 and WB-16, in the same record)",
    )
    .flying("flooded-link", &[])
    .bent(|| Bend::hears(|heard| heard.never(|what| matches!(what, OrderKind::Stop)))),
    Canary::new(
        "a clock that moves the dose",
        "SR-59",
        "half an hour into summer time the plan falls by a twentieth",
    )
    .flying("wall-clock-jumps", &[])
    .bent(|| Bend::after(5.5, |cycle| cycle.decision.plan = scaled(cycle.decision.plan, 0.95))),
];

fn says_it_again() -> Bend {
    const EVERY_H: f64 = 10.0 / 3_600.0;
    let mut next = 5.0;
    Bend::says(move |cycle| {
        if cycle.hours >= next && cycle.action().is_none() {
            next = cycle.hours + EVERY_H;
            cycle.again();
        }
    })
}

/// From some drug on the pump reads another number of its last command.
fn holds_another(told: &mut Told, number: fn(u32) -> u32) {
    if told.truth.reached_ug > 10.0
        && let Some(taken) = &mut told.truth.accepted
    {
        taken.value.sequence = number(taken.value.sequence);
    }
}

fn from_the_future(told: &mut Told) {
    if let Some(telemetry) = &mut told.telemetry
        && let Ok(state) = &mut telemetry.state
    {
        state.at = Timestamp::from_millis(state.at.millis() + 10_000);
    }
}
