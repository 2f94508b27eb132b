//! What breaks the bench's own requirements.

use infusion_types::{Action, Alarm, DailyDose, Mode, Order, OrderKind, Reason, StopCause, User};

use super::bend::{Bend, scaled};
use super::{Canary, TO_A_RUNG};

const STOPPED: &[&str] = &[
    "faults=[]",
    "run_max_h=7",
    "follow_up_h=1",
    "orders=[{at_min=300,what=\"stop\"}]",
];
const STOPPED_UNREACHED: &[&str] = &[
    "run_max_h=8",
    "follow_up_h=1",
    "faults=[{id=\"cut\",from_min=299,until_min=310,what={link_loss={direction=\"both\",\
         lost_permille=1000}}}]",
    "orders=[{at_min=300,what=\"stop\"}]",
];
/// A decrement that is to be left out, asked for after the first.
const SKIPPED: &[&str] = &[
    "faults=[]",
    "orders=[{ at_min = 1_600, what = \"skip_decrement\" }]",
    "run_max_h=52",
    "follow_up_h=1",
];
/// A number that is none, once, and most of a day without.
const NONSENSE_A_DAY_AGO: &[&str] = &[
    "run_max_h=20",
    "follow_up_h=1",
    "faults=[{id=\"garbled\",from_min=300,until_min=303,what={\
         garble_reading={reading=\"battery\",value=\"nan\"}}}]",
];
const PAUSED: &[&str] = &[
    "faults=[]",
    "run_max_h=7",
    "follow_up_h=1",
    "orders=[{at_min=300,what=\"pause\"},{at_min=360,what=\"resume\"}]",
];
const PAUSED_13H: &[&str] = &[
    "faults=[]",
    "run_max_h=24",
    "follow_up_h=1",
    "orders=[{at_min=600,what=\"pause\"},{at_min=1380,what=\"resume\"}]",
];
const MORE: &[&str] = &[
    "faults=[]",
    "run_max_h=6",
    "follow_up_h=1",
    "orders=[{at_min=300,what={authorise={ug_per_day=420.0}}}]",
];
const REFILLED: &[&str] = &[
    "faults=[]",
    "run_max_h=7",
    "follow_up_h=1",
    "orders=[{at_min=300,what={refill={drug_ug_per_ml=1000,volume_ml=20.0}}}]",
];
const KINKED_2H: &[&str] = &[
    "run_max_h=8",
    "follow_up_h=1",
    "faults=[{id=\"kink\",from_min=300,until_min=420,what={occlude={\
         resistance_times=1e7}}}]",
];

pub(super) const ALL: &[Canary] = &[
    Canary::new(
        "a wean that never goes down",
        "WB-01",
        "every rung is left out, and nobody asked for that",
    )
    .with(&["faults=[]", "run_max_h=44", "follow_up_h=1"])
    .bent(|| {
        Bend::hears(|heard| {
            heard.orders.push(Order {
                by: User(1),
                what: OrderKind::SkipDecrement,
            })
        })
    }),
    Canary {
        lie: Some(|told| told.truth.reached_ug *= 1.001),
        ..Canary::new(
            "drug from nowhere",
            "WB-02",
            "a thousandth more has reached the patient than has left the pump",
        )
    },
    Canary::new(
        "a pause that the pump never hears of",
        "WB-03",
        "PAUSED is shown, and no command leaves; whoever paused is not obeyed \
         either (WB-16, in the same record)",
    )
    .with(PAUSED)
    .bent(|| {
        Bend::after(2.0, |cycle| {
            if cycle.stops() {
                cycle.say_nothing();
            }
        })
    }),
    Canary::new(
        "a stop that is not heard",
        "WB-04",
        "the order is dropped, and stands unobeyed (WB-16, in the same record)",
    )
    .with(STOPPED)
    .bent(|| Bend::hears(|heard| heard.never(|what| matches!(what, OrderKind::Stop)))),
    Canary::new(
        "a rung in HOLD",
        "WB-05",
        "HOLD is shown, and the wean goes on",
    )
    .with(TO_A_RUNG)
    .bent(shows_hold),
    Canary::new(
        "a rung of a seventh",
        "WB-06",
        "the plan falls to 0.85 of what it was",
    )
    .with(TO_A_RUNG)
    .bent(|| rung_times(1.4)),
    Canary::new(
        "a plan that the pump is not told of",
        "WB-07",
        "two users raise the dose, and no command leaves",
    )
    .with(MORE)
    .bent(|| {
        Bend::after(4.0, |cycle| {
            if cycle.infuses() {
                cycle.say_nothing();
            }
        })
    }),
    Canary::new(
        "a long pause and nobody told",
        "WB-08",
        "AL-38 is never raised",
    )
    .with(PAUSED)
    .bent(|| Bend::hiding(&[Alarm::PausedLong])),
    Canary::new(
        "a long gap and nobody told",
        "WB-09",
        "AL-43 is never raised",
    )
    .with(PAUSED_13H)
    .bent(|| Bend::hiding(&[Alarm::RestartNeedsAuthorisation])),
    Canary::new(
        "two drugs in the line and nobody told",
        "WB-10",
        "AL-19 is never raised",
    )
    .with(REFILLED)
    .bent(|| Bend::hiding(&[Alarm::BridgeIncomplete])),
    Canary::new(
        "an over-delivery that only stops the motor",
        "WB-11",
        "the scales show it, the pump stops, and the clamp stays open",
    )
    .flying("over-infusion", &["run_max_h=26", "follow_up_h=1"])
    .bent(leaves_open),
    Canary::new(
        "a higher dose that is not given",
        "WB-12",
        "two users agree, and nothing moves",
    )
    .with(MORE)
    .bent(hears_no_dose),
    Canary::new(
        "a pause without an end",
        "WB-13",
        "the order to go on is dropped",
    )
    .with(PAUSED)
    .bent(|| Bend::hears(|heard| heard.never(|what| matches!(what, OrderKind::Resume)))),
    Canary::new(
        "a deficit that is shown as none",
        "WB-14",
        "an hour is missing",
    )
    .with(PAUSED)
    .bent(|| Bend::says(|cycle| cycle.decision.deficit_permille = 0)),
    Canary::new(
        "all that was planned counts as given",
        "WB-15",
        "the lower end of what was given knows of no pause",
    )
    .with(PAUSED)
    .bent(knows_of_no_pause),
    Canary::new(
        "a stop that ends by itself",
        "WB-16",
        "half an hour after a person's stop the infusion is back, and nobody \
         asked for it",
    )
    .with(STOPPED)
    .bent(goes_on_by_itself),
    Canary::new(
        "a pressure that stops nothing",
        "WB-17",
        "AL-09 is never raised, and the rotor slips",
    )
    .flying("kink-and-release", KINKED_2H)
    .bent(blind_to_pressure),
    Canary::new(
        "a prime that is not shown",
        "WB-18",
        "IDLE is shown in its place",
    )
    .with(&["faults=[]", "run_max_h=1", "follow_up_h=1"])
    .bent(primes_in_idle),
    Canary::new(
        "an end that nobody can confirm",
        "WB-19",
        "the order is dropped",
    )
    .with(&["faults=[]", "run_max_h=200", "follow_up_h=1"])
    .bent(|| Bend::hears(|heard| heard.never(|what| matches!(what, OrderKind::ConfirmComplete)))),
    Canary::new(
        "half of the gap dose",
        "WB-20",
        "13 h without drug, and half of what may be given is asked for",
    )
    .with(PAUSED_13H)
    .bent(asks_for_half),
    Canary::new(
        "a rung that the response does not allow",
        "WB-22",
        "48 % at once, where 39 % are allowed",
    )
    .with(&["faults=[]", "run_max_h=26", "follow_up_h=1"])
    .bent(|| rung_times(0.85)),
    Canary::new(
        "a decrement that should have been left out",
        "WB-23",
        "the order is dropped",
    )
    .with(SKIPPED)
    .bent(|| Bend::hears(|heard| heard.never(|what| matches!(what, OrderKind::SkipDecrement)))),
    Canary::new(
        "every decrement is left out once one was",
        "WB-01",
        "the order is heard again in every cycle, and the wean stands still",
    )
    .flying(
        "first",
        &[
            "faults=[]",
            "orders=[{ at_min = 1_600, what = \"skip_decrement\" }]",
            "run_max_h=114",
            "follow_up_h=1",
        ],
    )
    .bent(skips_for_ever),
    Canary::new(
        "a sensor that is never believed again",
        "WB-24",
        "AL-28 stands half a day after three minutes of nonsense",
    )
    .with(NONSENSE_A_DAY_AGO)
    .bent(|| Bend::after(16.9, |cycle| cycle.cry(Alarm::SensorFault))),
    Canary::new(
        "a pressure that is not read counts as gone",
        "WB-25",
        "the pump begins again by itself when the sensor fails",
    )
    .flying("pressure-lost-in-a-kink", &[])
    .bent(presses_on),
    Canary::new(
        "a stop that is told once",
        "WB-26",
        "it was lost with the link, and is not said again when the pump is heard",
    )
    .with(STOPPED_UNREACHED)
    .bent(stops_once),
];

fn stops_once() -> Bend {
    let mut told = false;
    // The prime has ended by then, which is a stop too.
    Bend::after(4.0, move |cycle| {
        if cycle.stops() {
            if told {
                cycle.say_nothing();
            }
            told = true;
        }
    })
}

fn skips_for_ever() -> Bend {
    let mut asked = None;
    Bend::hears(move |heard| {
        let orders = heard.orders.iter().copied();
        let skips = |order: &Order| matches!(order.what, OrderKind::SkipDecrement);
        asked = asked.or(orders.clone().find(skips));
        heard.orders.extend(asked);
    })
}

fn presses_on() -> Bend {
    let mut done = false;
    Bend::says(move |cycle| {
        let unread = cycle.inputs.telemetry.pressure_kpa.is_err();
        if !done && unread && cycle.decision.mode == Mode::Stopped {
            done = true;
            cycle.decision.mode = Mode::Active;
            cycle.infuse(cycle.decision.plan);
        }
    })
}

fn asks_for_half() -> Bend {
    Bend::says(|cycle| {
        let asked = &mut cycle.decision.asks.authorisation;
        *asked = asked.map(|dose| DailyDose::from_nanograms_per_day(dose.nanograms_per_day() / 2));
    })
}

fn primes_in_idle() -> Bend {
    Bend::says(|cycle| {
        if cycle.decision.mode == Mode::Prime {
            cycle.decision.mode = Mode::Idle;
        }
    })
}

fn shows_hold() -> Bend {
    Bend::says(|cycle| {
        if cycle.decision.mode == Mode::Active {
            cycle.decision.mode = Mode::Hold;
        }
    })
}

/// From the first rung on, so many times what was decided.
fn rung_times(times: f64) -> Bend {
    let mut fell = false;
    Bend::says(move |cycle| {
        fell |= matches!(cycle.decision.reason, Reason::Decremented { .. });
        if fell {
            cycle.decision.plan = scaled(cycle.decision.plan, times);
            cycle.scale_rate(times);
        }
    })
}

fn leaves_open() -> Bend {
    Bend::says(|cycle| {
        if let Some(Action::Stop { clamp, .. }) = cycle.action() {
            *clamp = false;
        }
    })
}

fn hears_no_dose() -> Bend {
    Bend::hears(|heard| {
        let late = heard.hours > 4.0;
        heard.never(|what| late && matches!(what, OrderKind::Authorise(_)));
    })
}

fn knows_of_no_pause() -> Bend {
    Bend::says(|cycle| cycle.decision.estimate_24h.low = cycle.decision.planned_24h)
}

fn goes_on_by_itself() -> Bend {
    let mut done = false;
    Bend::after(5.5, move |cycle| {
        cycle.decision.mode = Mode::Active;
        if !done {
            done = true;
            cycle.infuse(cycle.decision.plan);
        }
    })
}

fn blind_to_pressure() -> Bend {
    Bend::says(|cycle| {
        cycle.hide(Alarm::OcclusionDownstream);
        if cycle.decision.mode == Mode::Stopped {
            cycle.decision.mode = Mode::Active;
        }
        let blocked = matches!(
            cycle.action(),
            Some(Action::Stop {
                cause: StopCause::OcclusionDownstream,
                ..
            })
        );
        if blocked {
            cycle.say_nothing();
        }
    })
}
