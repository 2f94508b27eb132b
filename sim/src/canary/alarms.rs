//! What breaks the requirements on the alarm panel.

use infusion_types::{Action, Alarm, AlarmSet, Mode, StopCause};

use super::Canary;
use super::bend::Bend;

const PAUSED: &[&str] = &[
    "faults=[]",
    "run_max_h=8",
    "follow_up_h=1",
    "orders=[{at_min=300,what=\"pause\"},{at_min=360,what=\"resume\"}]",
];
const WITHDRAWAL: &[&str] = &[
    "faults=[]",
    "run_max_h=6",
    "follow_up_h=1",
    "orders=[{at_min=300,what=\"flag_withdrawal\"}]",
];
const NONSENSE: &[&str] = &[
    "run_max_h=7",
    "follow_up_h=1",
    "faults=[{id=\"garbled\",from_min=300,until_min=303,what={\
         garble_reading={reading=\"battery\",value=\"nan\"}}}]",
];
const NONSENSE_UNANSWERED: &[&str] = &[
    "run_max_h=7",
    "follow_up_h=1",
    "faults=[{id=\"garbled\",from_min=300,until_min=303,what={\
         garble_reading={reading=\"battery\",value=\"nan\"}}}]",
    "adjust.people.\"clinician.answers_alarm_min\"=[30,40]",
];
const KINK: &[&str] = &[
    "run_max_h=7",
    "follow_up_h=1",
    "faults=[{id=\"kink\",from_min=290,until_min=400,what={occlude={\
         resistance_times=1e7}}}]",
];

pub(super) const ALL: &[Canary] = &[
    Canary::new(
        "a cause that is not signalled",
        "SR-67",
        "AL-38 has its cause and is not shown",
    )
    .with(PAUSED)
    .bent(|| Bend::says(|cycle| unshow(cycle.decision, Alarm::PausedLong))),
    Canary::new(
        "an alarm that goes while its cause stands",
        "SR-68",
        "AL-38 goes after a quarter of an hour of pause; its cause is not \
         signalled then (SR-67, in the same record)",
    )
    .with(PAUSED)
    .bent(|| Bend::after(5.4, |cycle| unshow(cycle.decision, Alarm::PausedLong))),
    Canary::new(
        "an alarm that counts as seen at once",
        "SR-69a",
        "nobody has acknowledged AL-38",
    )
    .with(PAUSED)
    .bent(|| Bend::says(|cycle| cycle.decision.alarms.acknowledged = cycle.decision.alarms.active)),
    Canary::new(
        "an alarm that does not latch",
        "SR-69b",
        "AL-28 goes with the nonsense that raised it",
    )
    .with(NONSENSE)
    .bent(|| {
        Bend::says(|cycle| {
            let panel = &mut cycle.decision.alarms;
            (panel.active, panel.latched) = (panel.condition, AlarmSet::EMPTY);
        })
    }),
    Canary::new(
        "an alarm that stays seen",
        "SR-69c",
        "what has become more urgent still counts as seen",
    )
    .flying("bad-readings", &[])
    .bent(stays_seen),
    Canary::new("six minutes of silence", "SR-70a", "the sound stays off").bent(|| {
        Bend::says(|cycle| cycle.decision.alarms.audio_paused |= (5.0..5.1).contains(&cycle.hours))
    }),
    Canary::new(
        "a new alarm in silence",
        "SR-70b",
        "the sound was off when AL-05 came, and stays off",
    )
    .with(WITHDRAWAL)
    .bent(|| {
        Bend::says(|cycle| {
            cycle.decision.alarms.audio_paused |= (4.99..5.02).contains(&cycle.hours)
        })
    }),
    Canary::new(
        "a medium alarm that nobody has to answer",
        "SR-71a",
        "AL-28 stands unseen for half an hour and stays medium",
    )
    .with(NONSENSE_UNANSWERED)
    .bent(|| {
        Bend::says(|cycle| {
            let panel = &mut cycle.decision.alarms;
            (panel.escalated, panel.raised_to_high) = (AlarmSet::EMPTY, AlarmSet::EMPTY);
        })
    }),
    Canary::new(
        "alarms that nobody hears",
        "SR-71b",
        "AL-28 stands unseen for half an hour, and nothing sounds",
    )
    .with(NONSENSE_UNANSWERED)
    .bent(|| Bend::says(|cycle| cycle.decision.alarms.sounding = AlarmSet::EMPTY)),
    Canary::new(
        "alarms with nothing behind them",
        "SR-72a",
        "a stall, a bad sensor and a lost command within minutes, and nothing \
         is wrong",
    )
    .bent(cries_wolf),
    Canary::new(
        "an alarm that flickers",
        "SR-72b",
        "AL-42 comes and goes with every cycle",
    )
    .bent(flickers),
    Canary::new(
        "a blocked line that is tried again each minute",
        "SR-73",
        "AL-09 comes and goes, and infusion comes back each time by itself",
    )
    .with(KINK)
    .bent(tries_again),
];

fn unshow(decision: &mut infusion_types::Decision, alarm: Alarm) {
    let panel = &mut decision.alarms;
    panel.active = panel.active.with(alarm, false);
    panel.latched = panel.latched.with(alarm, false);
}

fn stays_seen() -> Bend {
    let mut seen = AlarmSet::EMPTY;
    Bend::says(move |cycle| {
        let panel = &mut cycle.decision.alarms;
        seen = seen.union(panel.acknowledged).intersection(panel.active);
        panel.acknowledged = seen;
        panel.sounding = panel.sounding.without(seen);
    })
}

fn cries_wolf() -> Bend {
    Bend::says(|cycle| {
        for (alarm, from) in [
            (Alarm::MotorStall, 5.0),
            (Alarm::SensorFault, 5.05),
            (Alarm::CommandUncertain, 5.1),
        ] {
            if cycle.hours >= from {
                cycle.cry(alarm);
            }
        }
    })
}

fn flickers() -> Bend {
    let mut shown = false;
    Bend::says(move |cycle| {
        shown = !shown;
        if shown && (5.0..6.0).contains(&cycle.hours) {
            cycle.cry(Alarm::TemperatureOutOfRange);
        }
    })
}

/// Stopped in even minutes, infusing in odd ones.
fn tries_again() -> Bend {
    let mut stopped = false;
    Bend::says(move |cycle| {
        if !(5.0..5.4).contains(&cycle.hours) {
            return;
        }
        let even = ((cycle.hours * 60.0) as u64).is_multiple_of(2);
        if even {
            cycle.cry(Alarm::OcclusionDownstream);
            cycle.decision.mode = Mode::Stopped;
        }
        if even != stopped {
            stopped = even;
            if even {
                let stop = Action::Stop {
                    cause: StopCause::OcclusionDownstream,
                    clamp: false,
                };
                cycle.command(stop, std::time::Duration::from_secs(90));
            } else {
                cycle.infuse(cycle.decision.plan);
            }
        }
    })
}
