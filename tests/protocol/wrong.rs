//! What is wrong on purpose is found, law by law; and one find that stands open.

use super::model::{Budget, Event};
use super::pump::Manners;
use super::sides::{HostManners, Surroundings};
use super::situation::{Situation, Wish};
use super::{LOWER, LOWER_AND_RAISE, NOTHING, PRIME, bedside, breaks};

const ONCE: &str = "each command takes effect at most once";
const THREE_TIMES: &str = "a command is sent three times at most";
const ONE_ACTION: &str = "a number means one action";
const NEVER_BACK: &str = "what is in force was said and never goes back";
const KEEPS_ITS_RATE: &str = "the pump keeps its rate whoever is silent";
const LEASE: &str = "no prime outlives its lease";
const TOLD_OF: &str = "two minutes without an answer are told of";
const RIGHT: &str = "who is certain is right";
const ESTIMATE: &str = "the estimate holds the truth";
const CALM: &str = "calm makes certain again";

const LOOSE_PUMP: Surroundings = Surroundings {
    pump: Manners::AppliesEverything,
    bare_down: true,
    ..Surroundings::SOUND
};

/// Breaks a law, from a therapy that goes on.
fn breaks_in_therapy(
    law: &'static str,
    around: Surroundings,
    wishes: &'static [Wish],
    budget: Budget,
) -> Vec<Event> {
    breaks(law, bedside(Situation::in_therapy, around, wishes, budget))
}

const fn hosted(host: HostManners) -> Surroundings {
    Surroundings {
        host,
        ..Surroundings::SOUND
    }
}

#[test]
fn a_pump_that_applies_copies_is_found() {
    let copies = Budget {
        copies: 1,
        ..NOTHING
    };
    let events = breaks_in_therapy(ONCE, LOOSE_PUMP, LOWER, copies);
    assert_eq!(events.len(), 3, "wanted, arrived, arrived again");
}

#[test]
fn a_pump_that_applies_stragglers_is_found() {
    let overtakings = Budget {
        overtakings: 1,
        ..NOTHING
    };
    let events = breaks_in_therapy(NEVER_BACK, LOOSE_PUMP, LOWER_AND_RAISE, overtakings);
    assert_eq!(events.len(), 4, "wanted twice, arrived the other way round");
    let budget = Budget {
        wakes: 2,
        overtakings: 1,
        ..NOTHING
    };
    breaks_in_therapy(RIGHT, LOOSE_PUMP, LOWER_AND_RAISE, budget);
    breaks_in_therapy(ESTIMATE, LOOSE_PUMP, LOWER_AND_RAISE, budget);
}

#[test]
fn a_pump_that_stops_when_nobody_speaks_is_found() {
    let around = Surroundings {
        pump: Manners::StopsWhenAlone,
        ..Surroundings::SOUND
    };
    let silence = Budget {
        wakes: 4,
        ..NOTHING
    };
    let events = breaks_in_therapy(KEEPS_ITS_RATE, around, LOWER, silence);
    assert_eq!(
        events,
        [Event::Wakes; 4],
        "its lease is 90 s, and at 60 s the report has grown old"
    );
}

#[test]
fn a_pump_that_primes_beyond_its_lease_is_found() {
    let around = Surroundings {
        pump: Manners::PrimesOn,
        ..Surroundings::SOUND
    };
    let silence = Budget {
        wakes: 3,
        ..NOTHING
    };
    breaks(LEASE, bedside(Situation::priming, around, PRIME, silence));
}

#[test]
fn a_host_that_stores_too_late_is_found() {
    let restart = Budget {
        wakes: 3,
        restarts: 1,
        ..NOTHING
    };
    let around = hosted(HostManners::StoresLate);
    breaks_in_therapy(ONE_ACTION, around, LOWER_AND_RAISE, restart);
    breaks_in_therapy(THREE_TIMES, around, LOWER, restart);
}

/// In half an hour the pump has heard higher numbers than those of the frames that follow.
#[test]
fn a_host_that_keeps_its_epoch_is_found() {
    let restart = Budget {
        restarts: 1,
        ..NOTHING
    };
    let around = hosted(HostManners::KeepsItsEpoch);
    let events = breaks(
        CALM,
        bedside(Situation::in_long_therapy, around, LOWER, restart),
    );
    assert_eq!(events, [Event::Restarts]);
}

#[test]
fn a_host_that_hides_what_nobody_knows_is_found() {
    let silence = Budget {
        wakes: 5,
        ..NOTHING
    };
    let around = hosted(HostManners::HidesUncertainty);
    breaks_in_therapy(TOLD_OF, around, LOWER, silence);
}

/// Open: a dose is raised, at the pump as well, and then an older command arrives that is lower. The pump
/// lowers its own limit to that, and refuses the newer command for ever. Nobody gets more than he may, AL-21
/// stands, and somebody has to authorise the dose at the pump again.
#[test]
fn a_raise_that_an_older_command_follows_is_refused_by_the_pump() {
    let wishes = &[Wish::Dose(300), Wish::Dose(350)];
    let events = breaks_in_therapy(CALM, Surroundings::SOUND, wishes, NOTHING);
    let lower = events.iter().position(|it| *it == Event::Wants(wishes[0]));
    let raise = events.iter().position(|it| *it == Event::Wants(wishes[1]));
    let arrives = Event::ArrivesAtPump {
        place: 0,
        stays: false,
    };
    let arrival = events.iter().position(|it| *it == arrives);
    assert!(lower < raise && raise < arrival, "{events:?}");
    assert_eq!(events.len(), 3);
}
