//! What breaks the requirements on observations, and on people.

use infusion_types::{Action, Alarm, Mode, Order, OrderKind, User, Volume};

use super::Canary;
use super::bend::{Bend, scaled};

const BAD_SHEET: &[&str] = &[
    "run_max_h=8",
    "follow_up_h=1",
    "faults=[{id=\"slip\",from_min=300,until_min=480,what={mistype={\
         entry=\"spasticity\",value=\"inf\"}}}]",
];
const SLOW_BREATH: &[&str] = &[
    "run_max_h=8",
    "follow_up_h=1",
    "faults=[{id=\"slip\",from_min=300,until_min=480,what={mistype={\
         entry=\"breaths\",value=6.0}}}]",
];
const STIFF_AND_SLEEPY: &[&str] = &[
    "run_max_h=11",
    "follow_up_h=1",
    "faults=[{id=\"stiff\",from_min=480,until_min=620,what={mistype={\
         entry=\"spasticity\",value=3.0}}},{id=\"sleepy\",from_min=480,\
         until_min=620,what={mistype={entry=\"sedation\",value=-2.0}}}]",
];
const SEEN_EVERY_6H: &[&str] = &[
    "faults=[]",
    "run_max_h=7",
    "follow_up_h=1",
    "adjust.people.\"nurse.assess_every_min\"=360",
];
const SEEN_EVERY_12H: &[&str] = &[
    "faults=[]",
    "run_max_h=11",
    "follow_up_h=1",
    "adjust.people.\"nurse.assess_every_min\"=720",
];
const WITHDRAWAL: &[&str] = &[
    "faults=[]",
    "run_max_h=6",
    "follow_up_h=1",
    "orders=[{at_min=300,what=\"flag_withdrawal\"}]",
];
const OVERDOSE: &[&str] = &[
    "faults=[]",
    "run_max_h=6",
    "follow_up_h=1",
    "orders=[{at_min=300,what=\"flag_overdose\"}]",
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
    "run_max_h=6",
    "follow_up_h=1",
    "orders=[{at_min=300,what={authorise={ug_per_day=420.0}}}]",
];
const MUCH_MORE: &[&str] = &[
    "faults=[]",
    "run_max_h=6",
    "follow_up_h=1",
    "orders=[{at_min=300,what={authorise={ug_per_day=3000.0}}}]",
];
const ONE_HOUR: &[&str] = &["faults=[]", "run_max_h=2", "follow_up_h=1"];
const SECOND_USER_LATE: &[&str] = &[
    "faults=[]",
    "run_max_h=2",
    "follow_up_h=1",
    "adjust.people.\"clinician.second_user_s\"=[720,720]",
    "adjust.people.\"clinician.answers_alarm_min\"=[120,120]",
];
const NOBODY_STARTS: &[&str] = &[
    "faults=[]",
    "run_max_h=2",
    "follow_up_h=1",
    "adjust.people.\"clinician.starts_s\"=[600,600]",
];

pub(super) const ALL: &[Canary] = &[
    Canary::new(
        "a sheet that is used before it is confirmed",
        "SR-32",
        "an entry that cannot be read does not hold the wean",
    )
    .with(BAD_SHEET)
    .bent(never_holds),
    Canary::new(
        "nobody looks for four hours",
        "SR-33a",
        "AL-25 is never raised",
    )
    .with(SEEN_EVERY_6H)
    .bent(|| Bend::hiding(&[Alarm::ObservationOverdue])),
    Canary::new(
        "nobody looks for eight hours",
        "SR-33b",
        "AL-26 is never raised",
    )
    .with(SEEN_EVERY_12H)
    .bent(|| Bend::hiding(&[Alarm::ObservationMissing])),
    Canary::new(
        "withdrawal that nobody is told of",
        "SR-34",
        "AL-05 is never raised",
    )
    .with(WITHDRAWAL)
    .bent(|| Bend::hiding(&[Alarm::WithdrawalSigns])),
    Canary::new(
        "overdose that nobody is told of",
        "SR-35a",
        "AL-04 is never raised, so that the stop has no cause either (SR-12a, \
         in the same record)",
    )
    .with(OVERDOSE)
    .bent(|| Bend::hiding(&[Alarm::OverdoseSigns])),
    Canary::new(
        "overdose that is heard eight seconds late",
        "SR-35b",
        "alarm and stop come together, too late for the stop and in time for \
         the alarm",
    )
    .with(OVERDOSE_SEEN_AT_ONCE)
    .bent(hears_late),
    Canary::new(
        "one sheet of overdose that holds nothing",
        "SR-35c",
        "the wean goes on until the second sheet",
    )
    .with(SLOW_BREATH)
    .bent(never_holds),
    Canary::new(
        "stiffer and sleepier, and nobody told",
        "SR-36",
        "AL-27 is never raised",
    )
    .with(STIFF_AND_SLEEPY)
    .bent(|| Bend::hiding(&[Alarm::ObservationInconsistent])),
    Canary::new(
        "a plan above what two users agreed on",
        "SR-74a",
        "they raise it by a twentieth, the controller by a sixth",
    )
    .with(MORE)
    .bent(rises_too_far),
    Canary::new(
        "a drug that nobody agreed on",
        "SR-74b",
        "commands name 600 ug/mL where 500 was filled in; no such drug can \
         leave the tip either (SR-50, in the same record)",
    )
    .with(ONE_HOUR)
    .bent(|| {
        Bend::says(|cycle| {
            if let Some(Action::Infuse { at, .. }) = cycle.action() {
                *at = infusion_types::Concentration::from_micrograms_per_millilitre(600);
            }
        })
    }),
    Canary::new(
        "a dose above the ceiling refused in silence",
        "SR-75a",
        "AL-20 is never raised",
    )
    .with(MUCH_MORE)
    .bent(|| Bend::hiding(&[Alarm::LimitClamped])),
    Canary::new(
        "a dose that nobody starts",
        "SR-76a",
        "AL-39 is never raised",
    )
    .with(NOBODY_STARTS)
    .bent(|| Bend::hiding(&[Alarm::StartRequired])),
    Canary::new(
        "half a pair that is twelve minutes old",
        "SR-76b",
        "the second user is late, and counts; by then nobody has authorised \
         anything (SR-01, SR-03 and SR-74a, in the same record)",
    )
    .with(SECOND_USER_LATE)
    .bent(late_half_counts),
    Canary::new(
        "a prime that nobody holds",
        "SR-77b",
        "it goes on for minutes after the button, and IDLE is shown meanwhile",
    )
    .with(ONE_HOUR)
    .beside(&["WB-18"])
    .bent(prime_goes_on),
    Canary::new("a week outside", "SR-78a", "AL-40 is never raised")
        .flying("below-the-floor", &["run_max_h=171", "follow_up_h=1"])
        .bent(|| Bend::hiding(&[Alarm::DwellTime])),
    Canary::new("ten days outside", "SR-78b", "AL-40 stays low")
        .flying("below-the-floor", &["run_max_h=246", "follow_up_h=1"])
        .bent(|| {
            Bend::says(|cycle| {
                let panel = &mut cycle.decision.alarms;
                panel.escalated = panel.escalated.with(Alarm::DwellTime, false);
            })
        }),
    Canary::new("a pump in the cold", "SR-79a", "AL-42 is never raised")
        .with(&[
            "faults=[]",
            "run_max_h=2",
            "follow_up_h=1",
            "explant.room_temperature_c=15.0",
        ])
        .bent(|| Bend::hiding(&[Alarm::TemperatureOutOfRange])),
    Canary::new(
        "a ledger that knows no cold",
        "SR-79b",
        "the dose interval is as narrow as in a warm room",
    )
    .with(&[
        "faults=[]",
        "run_max_h=26",
        "follow_up_h=1",
        "explant.room_temperature_c=15.0",
    ])
    .bent(|| {
        Bend::says(|cycle| {
            let estimate = &mut cycle.decision.estimate_24h;
            estimate.low = estimate.high;
        })
    }),
];

fn never_holds() -> Bend {
    Bend::says(|cycle| {
        if cycle.decision.mode == Mode::Hold {
            cycle.decision.mode = Mode::Active;
        }
    })
}

fn hears_late() -> Bend {
    const LATE_H: f64 = 8.0 / 3_600.0;
    let mut waits = None;
    Bend::hears(move |heard| {
        let hours = heard.hours;
        if let Some((order, at)) = waits.take() {
            if hours >= at + LATE_H {
                heard.orders.push(order);
                return;
            }
            waits = Some((order, at));
        }
        heard.orders.retain(|order| {
            let flag = matches!(order.what, OrderKind::FlagOverdose);
            if flag {
                waits = Some((*order, hours));
            }
            !flag
        });
    })
}

fn rises_too_far() -> Bend {
    let mut first = None;
    Bend::says(move |cycle| {
        let plan = cycle.decision.plan;
        if plan > *first.get_or_insert(plan) && cycle.hours > 2.0 {
            cycle.decision.plan = scaled(plan, 1.1);
        } else {
            first = Some(plan);
        }
    })
}

/// Whoever comes second is taken for both.
fn late_half_counts() -> Bend {
    Bend::hears(|heard| {
        let second = heard
            .orders
            .iter()
            .position(|it| it.by == User(2) && matches!(it.what, OrderKind::Authorise(_)));
        if let Some(place) = second {
            let again = Order {
                by: User(1),
                ..heard.orders[place]
            };
            heard.orders.insert(place, again);
        }
    })
}

fn prime_goes_on() -> Bend {
    const FOR_H: f64 = 0.05;
    let mut primed = false;
    let mut until = None;
    Bend::says(move |cycle| {
        let primes = cycle.decision.mode == Mode::Prime;
        if primed && !primes && until.is_none() {
            until = Some(cycle.hours + FOR_H);
            let volume_left = Volume::from_nanolitres(100_000);
            cycle.command(
                Action::Prime { volume_left },
                std::time::Duration::from_secs(600),
            );
        } else if until.is_some_and(|until| cycle.hours < until) {
            cycle.say_nothing();
        }
        primed = primes;
    })
}
