//! What breaks the requirements on what a controller runs on.

use infusion_types::{Alarm, Mode, SessionRecord};

use super::bend::{Bend, scaled};
use super::{Canary, TO_A_RUNG};

pub(super) const ALL: &[Canary] = &[
    Canary::new(
        "a failed self-test and nobody told",
        "SR-55b",
        "AL-33 is never raised",
    )
    .flying("self-test-fails", &[])
    .bent(|| Bend::hiding(&[Alarm::SelfTestFail])),
    Canary::new(
        "a plan that comes back as another",
        "SR-56a",
        "after the restart it is nine tenths of what was stored",
    )
    .flying("restart", &[])
    .bent(|| Bend::after(5.0, |cycle| cycle.decision.plan = scaled(cycle.decision.plan, 0.9))),
    Canary::new(
        "a restart that reads the pump and does not go on",
        "SR-28b",
        "FALLBACK is shown long after the pump has been read",
    )
    .flying("restart", &[])
    .bent(|| {
        Bend::after(5.0, |cycle| {
            if cycle.decision.mode.is_therapy() {
                cycle.decision.mode = Mode::Fallback;
            }
        })
    }),
    Canary::new(
        "a hang that the pump does not mind",
        "SR-57",
        "the pump's own alarm is off, which is wrong as soon as its lease has ended (SR-26c, ten seconds earlier)",
    )
    .flying("hung-without-watchdog", &[])
    .beside(&["SR-26c"])
    .lying(|told| told.truth.alarming = false),
    Canary::new(
        "a supply that moves the dose",
        "SR-58c",
        "when the mains go the pump is told four fifths",
    )
    .flying("mains-off", &[])
    .bent(|| {
        let mut done = false;
        Bend::says(move |cycle| {
            if !done && !cycle.inputs.host.on_mains {
                done = true;
                cycle.infuse(scaled(cycle.decision.plan, 0.8));
            }
        })
    }),
    Canary::new(
        "a clock that steps and nobody told",
        "SR-60a",
        "AL-29 is never raised",
    )
    .flying("wall-clock-jumps", &[])
    .bent(|| Bend::hiding(&[Alarm::ClockFault])),
    Canary::new(
        "a clock that is off and forgotten",
        "SR-60a",
        "AL-29 goes after a while, though the clock is as wrong as before",
    )
    .flying("wall-clock-jumps", &[])
    .bent(|| Bend::after(5.2, |cycle| cycle.hide(Alarm::ClockFault))),
    Canary::new(
        "a rung under a wrong clock",
        "SR-60b",
        "AL-29 is shown, and the wean goes on",
    )
    .with(TO_A_RUNG)
    .bent(|| Bend::after(24.6, |cycle| cycle.cry(Alarm::ClockFault))),
    Canary::new(
        "a damaged plan and nobody told",
        "SR-61a",
        "AL-35 is never raised",
    )
    .flying("bit-flipped", &[])
    .bent(|| Bend::hiding(&[Alarm::PlanCorrupt])),
    Canary::new(
        "a log that comes late",
        "SR-62",
        "the oldest entry has waited for ten seconds",
    )
    .lying(|told| told.platform.log_lag_s = 10.0),
    Canary::new(
        "a full log and nobody told",
        "SR-63a",
        "AL-36 is never raised",
    )
    .flying("log-full", &[])
    .bent(|| Bend::hiding(&[Alarm::LogFail])),
    Canary::new(
        "late cycles and nobody told",
        "SR-64a",
        "AL-34 is never raised",
    )
    .flying("late-cycles", &[])
    .bent(|| Bend::hiding(&[Alarm::ControllerFault])),
    Canary::new(
        "a start whatever the record says",
        "SR-80a",
        "the controller is told that all agrees; that nothing is said of it shows first (SR-80b)",
    )
    .beside(&["SR-80b"])
    .flying("other-drug-loaded", &[])
    .bent(|| Bend::hears(|heard| heard.host.record = SessionRecord::Agrees)),
    Canary::new(
        "another drug and nobody told",
        "SR-80b",
        "AL-18 is never raised",
    )
    .flying("other-drug-loaded", &[])
    .bent(|| Bend::hiding(&[Alarm::ConcentrationMismatch])),
];
