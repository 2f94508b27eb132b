//! Prescriptions at the edge of each rule, and one beyond it.

use core::time::Duration;

use dose_controller::{Protocol, ProtocolError};
use infusion_types::{DailyDose, Dose, Flow, Prescription, Rung, RungCount, Rungs, Volume};

use crate::support::{DAY, HOUR, MINUTE, SECOND, daily_ug, drug, prescription};

type Change = fn(&mut Prescription);

const MOMENT: Duration = Duration::from_millis(1);

fn checked(change: Change) -> Result<(), ProtocolError> {
    let mut changed = prescription();
    change(&mut changed);
    Protocol::new(changed).map(|_| ())
}

/// What is beyond its requirement, and which.
fn beyond(change: Change) -> Option<&'static str> {
    match checked(change) {
        Err(ProtocolError::Beyond { what, .. }) => Some(what),
        Ok(()) => None,
        Err(other) => panic!("{other}"),
    }
}

/// What a requirement fixes, the last number that keeps it, and the first one that does not.
const AT_MOST: [(&str, Change, Change); 19] = [
    (
        "the read-back wait",
        |it| it.timing.read_back = SECOND * 30,
        |it| it.timing.read_back = SECOND * 30 + MOMENT,
    ),
    (
        "the time that a report counts",
        |it| it.timing.report_cycles = 1,
        |it| it.timing.report_cycles = 0,
    ),
    (
        "the time that a report counts",
        |it| it.timing.report_cycles = 2,
        |it| it.timing.report_cycles = 3,
    ),
    (
        "the time that a report may lie ahead",
        |it| it.timing.report_ahead = SECOND * 5,
        |it| it.timing.report_ahead = SECOND * 5 + MOMENT,
    ),
    (
        "the low age of the link",
        |it| it.timing.link[0] = MINUTE,
        |it| it.timing.link[0] = MINUTE + MOMENT,
    ),
    (
        "the medium age of the link",
        |it| it.timing.link[1] = MINUTE * 15,
        |it| it.timing.link[1] = MINUTE * 15 + MOMENT,
    ),
    (
        "the longest gap",
        |it| it.timing.gap_most = HOUR * 12,
        |it| it.timing.gap_most = HOUR * 12 + MOMENT,
    ),
    (
        "the long gap",
        |it| it.timing.gap_long = HOUR * 48,
        |it| it.timing.gap_long = HOUR * 48 + MOMENT,
    ),
    (
        "the wait for a second user",
        |it| it.timing.second_user_within = MINUTE * 15,
        |it| it.timing.second_user_within = MINUTE * 15 + MOMENT,
    ),
    (
        "the wait for the start",
        |it| it.timing.start_within = MINUTE * 15,
        |it| it.timing.start_within = MINUTE * 15 + MOMENT,
    ),
    (
        "the low wait of an entry",
        |it| it.timing.idle[0] = MINUTE * 5,
        |it| it.timing.idle[0] = MINUTE * 5 + MOMENT,
    ),
    (
        "the medium wait of an entry",
        |it| it.timing.idle[1] = MINUTE * 10,
        |it| it.timing.idle[1] = MINUTE * 10 + MOMENT,
    ),
    (
        "the time in which the pump may read back something else",
        |it| it.timing.differs = MINUTE,
        |it| it.timing.differs = MINUTE + MOMENT,
    ),
    (
        "the wait for a confirmation of overdose",
        |it| it.observation.unconfirmed = MINUTE * 10,
        |it| it.observation.unconfirmed = MINUTE * 10 + MOMENT,
    ),
    (
        "the wait after withdrawal",
        |it| it.observation.after_withdrawal = HOUR * 12,
        |it| it.observation.after_withdrawal = HOUR * 12 - MOMENT,
    ),
    (
        "the age of a missing observation",
        |it| it.observation.missing = HOUR * 8,
        |it| it.observation.missing = HOUR * 8 + MOMENT,
    ),
    (
        "the time in which a motor may stand still",
        |it| it.sensing.stall_for = MINUTE * 5,
        |it| it.sensing.stall_for = MINUTE * 5 + MOMENT,
    ),
    (
        "the loss of CSF in an hour",
        |it| it.sensing.csf_loss[0] = Volume::from_nanolitres(20_000_000),
        |it| it.sensing.csf_loss[0] = Volume::from_nanolitres(20_000_001),
    ),
    (
        "the loss of CSF in four hours",
        |it| it.sensing.csf_loss[1] = Volume::from_nanolitres(60_000_000),
        |it| it.sensing.csf_loss[1] = Volume::from_nanolitres(60_000_001),
    ),
];

#[test]
fn what_a_requirement_fixes_may_be_reached_and_not_passed() {
    for (what, last, first) in AT_MOST {
        assert_eq!(beyond(last), None, "{what}");
        assert_eq!(beyond(first), Some(what));
    }
}

#[test]
fn what_must_be_something_is_not_nothing() {
    let rows: [(&str, Change); 10] = [
        ("the ceiling", |it| it.limits.ceiling = DailyDose::ZERO),
        ("the excess that harms", |it| it.limits.excess = Dose::ZERO),
        ("the open part of the line", |it| {
            it.line.open = Volume::ZERO
        }),
        ("the concentration", |it| it.line.drug = drug(0)),
        ("the least flow", |it| it.limits.flow_least = Flow::ZERO),
        ("the most flow", |it| {
            it.limits.flow_most = Flow::from_nanolitres_per_hour(-1);
        }),
        ("the flow quantum", |it| it.limits.flow_quantum = Flow::ZERO),
        ("the prime flow", |it| it.limits.flow_prime = Flow::ZERO),
        ("the loss of CSF in an hour", |it| {
            it.sensing.csf_loss[0] = Volume::ZERO;
        }),
        ("the loss of CSF in four hours", |it| {
            it.sensing.csf_loss[1] = Volume::ZERO;
        }),
    ];
    for (what, change) in rows {
        assert_eq!(checked(change), Err(ProtocolError::Zero { what }));
    }
}

#[test]
fn no_wait_is_shorter_than_a_second() {
    let rows: [(&str, Change, Change); 6] = [
        (
            "the cycle",
            |it| it.timing.cycle = SECOND,
            |it| it.timing.cycle = SECOND - MOMENT,
        ),
        (
            "the lease",
            |it| it.timing.lease = SECOND,
            |it| it.timing.lease = SECOND - MOMENT,
        ),
        (
            "half the prime lease",
            |it| it.timing.prime_lease = SECOND * 2,
            |it| it.timing.prime_lease = SECOND * 2 - MOMENT,
        ),
        (
            "the ping interval",
            |it| it.timing.ping_every = SECOND,
            |it| it.timing.ping_every = SECOND - MOMENT,
        ),
        (
            "the read-back wait",
            |it| it.timing.read_back = SECOND,
            |it| it.timing.read_back = SECOND - MOMENT,
        ),
        (
            "the time in which a sensor must move",
            |it| it.sensing.stuck_for = SECOND,
            |it| it.sensing.stuck_for = SECOND - MOMENT,
        ),
    ];
    for (what, least, less) in rows {
        assert_eq!(checked(least), Ok(()), "{what}");
        assert_eq!(checked(less), Err(ProtocolError::TooShort { what }));
    }
}

fn one_rung(permille: u32) -> Rungs {
    let rung = Rung {
        decrement_permille: permille,
        tone_rise_most_tenths: 5,
        signs_most: 0,
    };
    Rungs::new(&[rung]).expect("one rung")
}

#[test]
fn a_wean_is_neither_steep_nor_hasty_and_ends_low() {
    use ProtocolError::{Decrement, FinalDose, LastRung, ObservationAge, SelfTest, Slope, Spacing};
    let good: [Change; 9] = [
        |it| it.limits.kept_in_24h_permille = 500,
        |it| it.limits.kept_in_24h_permille = 1_000,
        |it| it.wean.rungs = one_rung(200),
        |it| it.wean.rungs = one_rung(500),
        |it| it.wean.every = HOUR * 20,
        |it| it.wean.last_rung_for = DAY,
        |it| it.timing.self_test = SECOND * 70,
        |it| it.observation.age_most = HOUR * 4,
        |it| it.wean.final_dose = it.limits.floor_dose,
    ];
    for (row, change) in good.into_iter().enumerate() {
        assert_eq!(checked(change), Ok(()), "row {row}");
    }
    let floor_ng = 25_000;
    let bad: [(Change, ProtocolError); 10] = [
        (
            |it| it.limits.kept_in_24h_permille = 499,
            Slope { permille: 499 },
        ),
        (
            |it| it.limits.kept_in_24h_permille = 1_001,
            Slope { permille: 1_001 },
        ),
        (
            |it| it.wean.rungs = one_rung(199),
            Decrement { permille: 199 },
        ),
        (
            |it| it.wean.rungs = one_rung(501),
            Decrement { permille: 501 },
        ),
        (
            |it| it.wean.every = HOUR * 20 - SECOND,
            Spacing { hours: 19 },
        ),
        (
            |it| it.wean.last_rung_for = DAY - SECOND,
            LastRung { hours: 23 },
        ),
        (
            |it| it.timing.self_test = SECOND * 71,
            SelfTest { seconds: 71 },
        ),
        (
            |it| it.observation.age_most = HOUR * 5,
            ObservationAge { minutes: 300 },
        ),
        (
            |it| it.wean.final_dose = daily_ug(26),
            FinalDose {
                final_ng: 26_000,
                floor_ng,
            },
        ),
        (
            |it| it.wean.final_dose = DailyDose::ZERO,
            FinalDose {
                final_ng: 0,
                floor_ng,
            },
        ),
    ];
    for (change, error) in bad {
        assert_eq!(checked(change), Err(error));
    }
    let floor = |it: &mut Prescription| it.limits.floor_dose = daily_ug(26);
    assert_eq!(beyond(floor), Some("the floor dose"));
}

#[test]
fn between_one_and_six_rungs_can_be_told_apart() {
    for count in 0..9 {
        let rungs = Rungs::new(&[Rung::default(); 9][..count]);
        if (1..=Rungs::MOST).contains(&count) {
            assert_eq!(rungs.expect("enough").iter().count(), count);
        } else {
            assert_eq!(rungs, Err(RungCount(count)));
        }
    }
}
