//! Every kind of fault, flown once as its example: its effect is seen. And flown once with all faults cut off
//! from the world: nothing is seen, so that no ledger entry rests on a fault's own numbers.

use dose_controller::Controller;

use super::Faults;
use crate::bench::{Bench, Observer};
use crate::case::Case;
use crate::catalogue::{FaultEntry, faults};
use crate::clock::SimTime;
use crate::config::Library;
use crate::record::Record;
use crate::scenario::ProfileName;

struct Nobody;

impl Observer for Nobody {
    fn observe(&mut self, _: &Record<'_>) {}
}

/// Where and when a kind is flown.
#[derive(Clone, Copy)]
struct Flight {
    profile: ProfileName,
    from_min: u32,
    until_min: Option<u32>,
    run_max_h: u32,
    /// What else goes wrong.
    besides: &'static str,
    orders: &'static str,
}

/// A few hours of therapy, with scales.
const USUAL: Flight = Flight {
    profile: ProfileName::P1,
    from_min: 400,
    until_min: Some(720),
    run_max_h: 13,
    besides: "",
    orders: "",
};
/// Two hours with instruments.
const INSTRUMENTS: Flight = Flight {
    profile: ProfileName::P2,
    from_min: 60,
    until_min: Some(90),
    run_max_h: 2,
    ..USUAL
};
const FROM_THE_START: Flight = Flight {
    from_min: 0,
    until_min: None,
    ..USUAL
};
/// A line under pressure.
const KINK: &str =
    ", { id = \"kink\", from_min = 400, what = { occlude = { resistance_times = 1e7 } } }";
/// A pause that nobody ends raises an alarm.
const PAUSED: &str = "{ at_min = 410, what = \"pause\" }";

fn flight(name: &str) -> Flight {
    match name {
        "soft_line" => Flight {
            besides: KINK,
            ..USUAL
        },
        "sensor_stuck" | "sensor_noise" | "sensor_silent" | "loose_contact" => INSTRUMENTS,
        // An alarm, a stop, an order and its read-back.
        "unattended"
        | "acknowledges_another"
        | "key_dead"
        | "stop_lost"
        | "alarms_dead"
        | "alarms_late"
        | "read_back_loss"
        | "priorities_swapped" => Flight {
            orders: PAUSED,
            ..USUAL
        },
        "alarm_dropped" => Flight {
            profile: ProfileName::P2,
            besides: KINK,
            ..USUAL
        },
        // A rung, which is a command and a state to be stored.
        "wrong_rate" | "sign_flip" | "reset_at" | "power_cut" | "memory_full" | "memory_slow"
        | "torn_write" => Flight {
            until_min: None,
            run_max_h: 60,
            ..USUAL
        },
        "nobody_starts" => Flight {
            until_min: Some(120),
            ..FROM_THE_START
        },
        "unit_slip" | "wrong_drug" | "unprimed_drain" | "slow_patient" | "reuse_controller" => {
            FROM_THE_START
        }
        "least_flow" | "steep_rungs" => Flight {
            run_max_h: 100,
            ..FROM_THE_START
        },
        "masked" => Flight {
            until_min: None,
            run_max_h: 100,
            ..USUAL
        },
        "acknowledges_only" | "nobody_confirms" => Flight {
            until_min: None,
            run_max_h: 300,
            ..USUAL
        },
        _ => USUAL,
    }
}

/// The scenario of a flight, with its fault and without.
fn library(entry: &FaultEntry, faulty: bool) -> Library {
    let Flight {
        profile,
        from_min,
        until_min,
        run_max_h,
        besides,
        orders,
    } = flight(entry.name());
    let until = until_min.map_or(String::new(), |until| format!("until_min = {until}, "));
    let what = entry.written;
    let list = if faulty {
        format!("[{{ id = \"it\", from_min = {from_min}, {until}what = {what} }}{besides}]")
    } else {
        "[]".to_owned()
    };
    let overrides = [
        format!("profile={profile:?}"),
        format!("run_max_h={run_max_h}"),
        format!("faults={list}"),
        format!("orders=[{orders}]"),
    ];
    let library = Library::shipped("first", &overrides).expect("it ships");
    library.unwrap_or_else(|complaints| panic!("{}: {}", entry.name(), complaints[0]))
}

/// When the fault was first seen to do something; with `connected` it reaches the world.
fn seen(entry: &FaultEntry, connected: bool) -> Option<SimTime> {
    let (told, flown) = (library(entry, true), library(entry, connected));
    let case = Case::new(&flown, &flown.scenario.arms[0], 1).expect("checked");
    let faults = Faults::over(&case, &told.scenario.faults);
    let faults = if connected {
        faults
    } else {
        faults.disconnected()
    };
    let bench = Bench::new(&case, Controller::new).under(faults);
    let ended = bench.run(&mut Nobody).expect("no stall");
    let (first, at) = ended.faults.seen().next().expect("there is one");
    assert_eq!(first.id, "it");
    at
}

/// Every kind as its example, and some as numbers that show less.
fn flown() -> Vec<FaultEntry> {
    let mildly = [
        ("hang", "{ hang = {} }"),
        ("late", "{ late = { late_ms = 2000 } }"),
        ("log_slow", "{ log_slow = { takes_s = 1 } }"),
    ];
    let mut flown = faults().to_vec();
    for (name, written) in mildly {
        let entry = faults().iter().find(|it| it.name() == name);
        flown.push(FaultEntry {
            written,
            ..entry.expect("there is one").clone()
        });
    }
    flown
}

#[test]
fn every_kind_shows_its_effect_while_it_acts() {
    let mut wrong = Vec::new();
    for entry in &flown() {
        let Flight {
            from_min,
            until_min,
            ..
        } = flight(entry.name());
        let minutes = seen(entry, true).map(|at| at.millis() as f64 / 60_000.0);
        let until = until_min.map_or(f64::INFINITY, f64::from);
        if !minutes.is_some_and(|at| (f64::from(from_min)..=until).contains(&at)) {
            wrong.push(format!("{} seen at {minutes:?} min", entry.written));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_fault_that_is_cut_off_shows_nothing() {
    let mut lies = Vec::new();
    for entry in &flown() {
        if let Some(at) = seen(entry, false) {
            lies.push(format!("{} seen at {} h", entry.name(), at.hours()));
        }
    }
    assert!(lies.is_empty(), "{}", lies.join("\n"));
}

/// When each of these faults was first seen to do something.
fn all_seen(list: &str) -> Vec<Option<SimTime>> {
    let overrides = ["run_max_h=10".to_owned(), format!("faults=[{list}]")];
    let library = Library::shipped("first", &overrides).expect("it ships");
    let library = library.unwrap_or_else(|complaints| panic!("{}", complaints[0]));
    let case = Case::new(&library, &library.scenario.arms[0], 1).expect("checked");
    let ended = Bench::new(&case, Controller::new).run(&mut Nobody);
    let ended = ended.expect("no stall");
    ended.faults.seen().map(|(_, at)| at).collect()
}

#[test]
fn what_shows_after_a_fault_has_ended_is_not_shown_by_the_next() {
    // The last late cycle comes as the fault ends; the first of the other is ten minutes away.
    let seen = all_seen(
        "{ id = \"one\", from_min = 400, until_min = 411, what = { late = { late_ms = 120000 } } }, \
         { id = \"other\", from_min = 500, what = { late = { late_ms = 600000 } } }",
    );
    assert!(seen[0] < Some(SimTime::from_minutes(411)), "{seen:?}");
    assert!(seen[1] > Some(SimTime::from_minutes(509)), "{seen:?}");
}

#[test]
fn what_a_platform_said_before_it_hung_shows_no_fault_that_came_after() {
    let seen = all_seen(
        "{ id = \"one\", from_min = 400, until_min = 405, what = \"self_test_fails\" }, \
         { id = \"hang\", from_min = 404, until_min = 420, what = { hang = { watchdog_dead = true } } }, \
         { id = \"other\", from_min = 410, until_min = 415, what = \"self_test_fails\" }",
    );
    assert!(seen[0].is_some() && seen[1].is_some(), "{seen:?}");
    assert_eq!(seen[2], None);
}
