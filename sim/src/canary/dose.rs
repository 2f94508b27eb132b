//! What breaks the requirements on dose.

use infusion_types::{Action, Alarm, DoseRate, Mode, OrderKind, Reason, StopCause};

use super::Canary;
use super::bend::{Bend, Cycle, scaled};

const TO_A_RUNG: &[&str] = &["faults=[]", "run_max_h=30", "follow_up_h=1"];
const PAUSED_1H: &[&str] = &[
    "faults=[]",
    "run_max_h=9",
    "follow_up_h=1",
    "orders=[{at_min=300,what=\"pause\"},{at_min=360,what=\"resume\"}]",
];
const PAUSED_3H: &[&str] = &[
    "faults=[]",
    "run_max_h=14",
    "follow_up_h=1",
    "orders=[{at_min=600,what=\"pause\"},{at_min=795,what=\"resume\"}]",
];
const PAUSED_6H: &[&str] = &[
    "faults=[]",
    "run_max_h=18",
    "follow_up_h=1",
    "orders=[{at_min=600,what=\"pause\"},{at_min=960,what=\"resume\"}]",
];
const PAUSED_13H: &[&str] = &[
    "faults=[]",
    "run_max_h=24",
    "follow_up_h=1",
    "orders=[{at_min=600,what=\"pause\"},{at_min=1380,what=\"resume\"}]",
];
const RARELY_SEEN: &[&str] = &[
    "faults=[]",
    "run_max_h=12",
    "follow_up_h=1",
    "adjust.people.\"nurse.assess_every_min\"=360",
];
const WITHDRAWAL: &[&str] = &[
    "faults=[]",
    "run_max_h=13",
    "follow_up_h=1",
    "orders=[{at_min=600,what=\"flag_withdrawal\"}]",
];
const OVERDOSE_SEEN_AT_ONCE: &[&str] = &[
    "faults=[]",
    "run_max_h=6",
    "follow_up_h=1",
    "profile=\"P2\"",
    "orders=[{at_min=300,what=\"flag_overdose\"}]",
];
const MORE: &[&str] = &[
    "faults=[]",
    "run_max_h=9",
    "follow_up_h=1",
    "orders=[{at_min=300,what={authorise={ug_per_day=420.0}}}]",
];
const NO_NUMBER: &[&str] = &[
    "faults=[]",
    "run_max_h=6",
    "follow_up_h=1",
    "orders=[{at_min=300,what={authorise={ug_per_day=\"nan\"}}}]",
];
const NO_NUMBER_AND_STOP: &[&str] = &[
    "faults=[]",
    "run_max_h=6",
    "follow_up_h=1",
    "orders=[{at_min=300,what=\"stop\"},{at_min=300,what={authorise={\
         ug_per_day=\"nan\"}}}]",
];
const GAIN_BESIDE_SCALES: &[&str] = &[
    "run_max_h=26",
    "follow_up_h=1",
    "patient.start_dose_ug_per_day=1000.0",
    "faults=[{id=\"gain\",from_min=300,until_min=900,what={pump_gain={\
         gain=4.0}}}]",
];
const GAIN_IN_THE_LINE: &[&str] = &[
    "run_max_h=8",
    "follow_up_h=1",
    "profile=\"P2\"",
    "patient.start_dose_ug_per_day=1000.0",
    "faults=[{id=\"gain\",from_min=300,until_min=480,what={pump_gain={\
         gain=2.0}}}]",
];

pub(super) const ALL: &[Canary] = &[
    Canary::new(
        "a fifth more than authorised",
        "SR-01",
        "every rate is 1.2 times the one that was decided",
    )
    .bent(|| Bend::says(|cycle| cycle.scale_rate(1.2))),
    Canary::new(
        "a limiter that lets twice the limit through",
        "SR-02",
        "the pump's own limit is the last that a rate too high has to pass; \
         SR-01 sees the same rate as it leaves",
    )
    .broken(&["adjust.device.\"pump.limit_margin\"=2.0"])
    .bent(|| Bend::says(|cycle| cycle.scale_rate(1.5))),
    Canary::new(
        "a rise that nobody ordered",
        "SR-03",
        "the plan is 1.3 times what it was",
    )
    .bent(|| {
        Bend::after(10.0, |cycle| {
            cycle.decision.plan = scaled(cycle.decision.plan, 1.3)
        })
    }),
    Canary::new(
        "a rung too steep",
        "SR-04",
        "39 % go, and a quarter of what is left",
    )
    .with(TO_A_RUNG)
    .bent(too_steep),
    Canary::new(
        "two rungs in a day",
        "SR-05",
        "a tenth goes three hours after the first rung",
    )
    .with(TO_A_RUNG)
    .bent(|| Bend::rescaling(28.5, 0.9)),
    Canary::new(
        "a rung on old eyes",
        "SR-06",
        "nobody has looked for five hours",
    )
    .with(RARELY_SEEN)
    .bent(|| Bend::rescaling(11.8, 0.8)),
    Canary::new(
        "a rung under an alarm",
        "SR-07a",
        "a fifth of a day is missing (AL-07), and a fifth goes",
    )
    .with(PAUSED_6H)
    .bent(|| Bend::rescaling(17.0, 0.8)),
    Canary::new(
        "a rung too soon after withdrawal",
        "SR-07b",
        "withdrawal was flagged, seen and taken back two hours ago",
    )
    .with(WITHDRAWAL)
    .bent(|| Bend::rescaling(12.3, 0.8)),
    Canary::new(
        "a pump that moves half as much again",
        "SR-08a",
        "66 ug/h become 100; the same pump has primed half as much again",
    )
    .beside(&["SR-49"])
    .with(&[
        "faults=[]",
        "run_max_h=4",
        "follow_up_h=1",
        "patient.start_dose_ug_per_day=1600.0",
    ])
    .broken(&[
        "adjust.device.\"pump.bias\"=0.5",
        "adjust.device.\"pump.factor_greatest\"=3.0",
    ]),
    Canary::new(
        "a flow that is read as half",
        "SR-08b",
        "the line shows twice the flow, and the controller takes it for the set one",
    )
    .flying("over-infusion", GAIN_IN_THE_LINE)
    .bent(|| {
        Bend::hears(|heard| {
            if let Ok(flow) = &mut heard.telemetry.flow_ul_per_h
                && heard.hours >= 5.0
            {
                flow.value /= 2.0;
            }
        })
    }),
    Canary::new(
        "a weighing that is not listened to",
        "SR-08c",
        "only the scales know of a pump that gives four times what it says",
    )
    .flying("over-infusion", GAIN_BESIDE_SCALES)
    .bent(|| Bend::hears(|heard| heard.never(|what| matches!(what, OrderKind::VolumeCheck(_))))),
    Canary::new(
        "a pump that gives a third too little",
        "SR-09",
        "a bias beyond the stated accuracy, from the first day on",
    )
    .with(&["faults=[]", "run_max_h=51", "follow_up_h=1"])
    .broken(&[
        "adjust.device.\"pump.bias\"=-0.17",
        "adjust.device.\"pump.factor_least\"=0.5",
    ]),
    Canary::new(
        "a tenth missing and nobody told",
        "SR-10a",
        "AL-08 is never raised",
    )
    .with(PAUSED_3H)
    .bent(|| Bend::hiding(&[Alarm::DoseDeficit10])),
    Canary::new(
        "a fifth missing and nobody told",
        "SR-10b",
        "AL-07 is never raised",
    )
    .with(PAUSED_6H)
    .bent(|| Bend::hiding(&[Alarm::DoseDeficit20])),
    Canary::new(
        "half a day missing and nobody told",
        "SR-10c",
        "AL-06 is never raised",
    )
    .with(PAUSED_13H)
    .bent(|| Bend::hiding(&[Alarm::DoseDeficit50])),
    Canary::new("a keep-open rate", "SR-11", "2 ug/h whatever was planned").bent(|| {
        Bend::says(|cycle| {
            if cycle.infuses() {
                cycle.infuse(DoseRate::from_nanograms_per_hour(2_000));
            }
        })
    }),
    Canary::new(
        "a stop without a cause",
        "SR-12a",
        "a stop for free flow leaves where therapy begins, with no such alarm; \
         SR-12b sees an infusing mode without infusion in the same record",
    )
    .bent(|| {
        Bend::says(|cycle| {
            if cycle.infuses() {
                stop(cycle, StopCause::FreeFlow);
            }
        })
    }),
    Canary::new(
        "an infusing mode that infuses nothing",
        "SR-12b",
        "the command to infuse never leaves",
    )
    .bent(|| {
        Bend::says(|cycle| {
            if cycle.infuses() {
                cycle.say_nothing();
            }
        })
    }),
    Canary::new(
        "a stop that comes twenty seconds late",
        "SR-13a",
        "AL-04 stands and the pump runs on; SR-35b asks the same where a \
         person saw it",
    )
    .with(OVERDOSE_SEEN_AT_ONCE)
    .bent(late_stop),
    Canary::new(
        "a stop that is taken back at once",
        "SR-13b",
        "the pump stands still for a moment only",
    )
    .with(&[
        "faults=[]",
        "run_max_h=6",
        "follow_up_h=1",
        "orders=[{at_min=300,what=\"flag_overdose\"}]",
    ])
    .bent(stop_taken_back),
    Canary::new(
        "what was missed is made up",
        "SR-14",
        "twice the rate after a pause; it takes half an hour until an hour's \
         dose shows it, and the rate by itself shows at once",
    )
    .with(PAUSED_1H)
    .beside(&["SR-01", "SR-11", "SR-18", "WB-07"])
    .bent(|| Bend::after(5.9, |cycle| cycle.scale_rate(2.0))),
    Canary::new(
        "the old dose after a long gap",
        "SR-15",
        "13 h without drug, and whoever resumes gets the old dose",
    )
    .with(PAUSED_13H)
    .bent(resumes_as_it_was),
    Canary::new(
        "an end before the floor",
        "SR-16",
        "COMPLETE after five hours",
    )
    .bent(|| Bend::after(5.0, |cycle| cycle.decision.mode = Mode::Complete)),
    Canary::new(
        "a rate that the pump cannot give",
        "SR-17a",
        "a twentieth is less than its least flow",
    )
    .bent(|| Bend::says(|cycle| cycle.scale_rate(0.05))),
    Canary::new(
        "a rung refused in silence",
        "SR-17b",
        "AL-20 is never raised",
    )
    .flying(
        "below-the-floor",
        &[
            "run_max_h=27",
            "follow_up_h=1",
            "patient.start_dose_ug_per_day=120.0",
        ],
    )
    .bent(|| Bend::hiding(&[Alarm::LimitClamped])),
    Canary::new(
        "a rate that lags the plan",
        "SR-18",
        "two users raise the dose by a twentieth, the plan follows, and the \
         pump is never told",
    )
    .with(MORE)
    .beside(&["WB-07"])
    .bent(rate_lags),
    Canary::new(
        "a number that is none, and nobody told",
        "SR-19a",
        "AL-20 is never raised",
    )
    .with(NO_NUMBER)
    .bent(|| Bend::hiding(&[Alarm::LimitClamped])),
    Canary::new(
        "a number that is none becomes a plan",
        "SR-19b",
        "NaN raises the plan by a fifth",
    )
    .with(NO_NUMBER)
    .bent(nan_becomes_a_plan),
    Canary::new(
        "a stop lost beside a bad number",
        "SR-19c",
        "the orders of a record with a bad number are dropped, a stop among them",
    )
    .with(NO_NUMBER_AND_STOP)
    .bent(|| Bend::hears(|heard| heard.never(|what| matches!(what, OrderKind::Stop)))),
];

fn stop(cycle: &mut Cycle<'_, '_>, cause: StopCause) {
    if let Some(action) = cycle.action() {
        *action = Action::Stop {
            cause,
            clamp: false,
        };
    }
}

fn too_steep() -> Bend {
    let mut fell = false;
    Bend::says(move |cycle| {
        fell |= matches!(cycle.decision.reason, Reason::Decremented { .. });
        if fell {
            cycle.decision.plan = scaled(cycle.decision.plan, 0.75);
            cycle.scale_rate(0.75);
        }
    })
}

fn late_stop() -> Bend {
    const LATE_H: f64 = 20.0 / 3_600.0;
    let mut wanted = None;
    Bend::says(move |cycle| {
        if cycle.stops() && cycle.decision.mode == Mode::Stopped && wanted.is_none() {
            wanted = Some((cycle.hours, cycle.action().copied()));
            cycle.say_nothing();
        } else if let Some((at, Some(stop))) = wanted
            && cycle.hours >= at + LATE_H
        {
            wanted = Some((at, None));
            cycle.command(stop, std::time::Duration::from_secs(90));
        }
    })
}

fn stop_taken_back() -> Bend {
    let (mut stopped, mut done) = (false, false);
    Bend::says(move |cycle| {
        if stopped && !done {
            done = true;
            cycle.infuse(cycle.decision.plan);
        }
        stopped |= cycle.stops() && cycle.decision.mode == Mode::Stopped;
    })
}

fn resumes_as_it_was() -> Bend {
    let mut resumed = false;
    Bend::says(move |cycle| {
        if cycle.told(|what| matches!(what, OrderKind::Resume)) && !resumed {
            resumed = true;
            cycle.infuse(cycle.decision.plan);
        } else if resumed {
            cycle.say_nothing();
        }
        if resumed {
            cycle.decision.mode = Mode::Active;
        }
    })
}

fn rate_lags() -> Bend {
    let mut begun = false;
    Bend::says(move |cycle| {
        if cycle.infuses() {
            if begun {
                cycle.say_nothing();
            }
            begun = true;
        }
    })
}

fn nan_becomes_a_plan() -> Bend {
    let mut came = false;
    Bend::says(move |cycle| {
        came |= cycle.told(|what| matches!(what, OrderKind::Authorise(raw) if raw.is_nan()));
        if came {
            cycle.decision.plan = scaled(cycle.decision.plan, 1.2);
        }
    })
}
