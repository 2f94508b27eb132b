//! Commands, read-backs and leases in every order of events, within bounds: the real controller, the real
//! pump and the real frames, driven by a model checker.
//!
//! A model of the protocol would prove something about the model. So the states here are clones of what
//! ships, and two of them are the same when every field of theirs prints the same. What is wrong on purpose
//! (a pump, a host, a link without frames) has to be found, law by law.

mod books;
mod kept;
mod model;
mod pump;
mod sides;
mod situation;
mod wrong;

use dose_controller::Protocol;
use infusion_device::{DeviceSpec, Profile};
use stateright::{Checker, Expectation, HasDiscoveries, Model, Path};
use weanbench::case::Case;

use crate::support::{read, root};
use model::{Bedside, Budget, Event};
use sides::Surroundings;
use situation::{Situation, Wish};

const LOWER: &[Wish] = &[Wish::Dose(300)];
const LOWER_AND_RAISE: &[Wish] = &[Wish::Dose(300), Wish::Dose(320)];
const PAUSE: &[Wish] = &[Wish::Pause, Wish::Resume];
const PRIME: &[Wish] = &[Wish::HoldToRun, Wish::HoldToRun];
const NOTHING: Budget = Budget {
    wakes: 0,
    overtakings: 0,
    copies: 0,
    restarts: 0,
};

type Beginning = fn(Surroundings, Protocol, DeviceSpec) -> Situation;

/// A model that begins there, with the numbers that ship.
fn bedside(
    from: Beginning,
    around: Surroundings,
    wishes: &'static [Wish],
    budget: Budget,
) -> Bedside {
    let path = root().join("configs/scenarios/first.toml");
    let library = read(&path, &["faults=[]"]);
    let case = Case::new(&library, &library.scenario.arms[0], 1).expect("a protocol that is kept");
    let protocol = case.protocol().expect("an arm with a pump");
    let spec = DeviceSpec {
        profile: Profile::P1,
        ..case.device_spec()
    };
    Bedside {
        beginning: from(around, protocol, spec),
        wishes,
        budget,
    }
}

/// Looks at everything: fails unless every law holds, and whatever is said to happen does.
fn exhaust(name: &str, bedside: Bedside, happens: &[&str]) {
    let checker = bedside.checker().threads(2).spawn_dfs().join();
    println!(
        "{name}: {} states reached, {} of them different, at most {} events deep",
        checker.state_count(),
        checker.unique_state_count(),
        checker.max_depth()
    );
    assert!(checker.is_done());
    for property in checker.model().properties() {
        let law = property.name;
        let found = checker.discovery(law).map(Path::into_actions);
        match property.expectation {
            Expectation::Always => assert_eq!(found, None, "{name}: {law}"),
            Expectation::Sometimes => {
                assert!(found.is_some() || !happens.contains(&law), "{name}: {law}");
            }
            Expectation::Eventually => unreachable!("no such property"),
        }
    }
}

/// More events than any law needs to be broken by what is wrong on purpose.
const DEEPEST: usize = 14;

/// Whether a law is broken, and by which events: as few of them as there are.
fn breaks(law: &'static str, bedside: Bedside) -> Vec<Event> {
    // A search that may go deeper tells of the last way that it came upon, not of the first.
    let within = |depth| {
        let first = HasDiscoveries::AnyOf([law].into());
        let checker = bedside.clone().checker().finish_when(first);
        checker
            .target_max_depth(depth)
            .spawn_bfs()
            .join()
            .discovery(law)
    };
    let path = (1..=DEEPEST).find_map(within);
    let events = path.expect("what is wrong is found").into_actions();
    println!("{law}: broken after {events:?}");
    events
}

#[test]
fn every_order_of_events_while_the_dose_changes_twice() {
    let budget = Budget {
        wakes: 3,
        overtakings: 1,
        ..NOTHING
    };
    let from = Situation::in_therapy;
    let model = bedside(from, Surroundings::SOUND, LOWER_AND_RAISE, budget);
    exhaust(
        "two doses",
        model,
        &["nobody knows", "a lease ends", "the link refuses"],
    );
}

#[test]
fn every_order_of_events_with_copies_of_them() {
    let budget = Budget {
        wakes: 4,
        overtakings: 1,
        copies: 1,
        ..NOTHING
    };
    let model = bedside(Situation::in_therapy, Surroundings::SOUND, LOWER, budget);
    exhaust(
        "copies",
        model,
        &["nobody knows", "a lease ends", "the link refuses"],
    );
}

#[test]
fn every_order_of_events_while_somebody_pauses_and_resumes() {
    let budget = Budget {
        wakes: 4,
        ..NOTHING
    };
    let model = bedside(Situation::in_therapy, Surroundings::SOUND, PAUSE, budget);
    exhaust(
        "pause",
        model,
        &["nobody knows", "a lease ends", "the link refuses"],
    );
}

#[test]
fn every_order_of_events_when_the_controller_restarts() {
    let budget = Budget {
        wakes: 3,
        restarts: 1,
        ..NOTHING
    };
    let model = bedside(Situation::in_therapy, Surroundings::SOUND, LOWER, budget);
    let happens = ["nobody knows", "a lease ends", "the link refuses"];
    exhaust("restart", model, &happens);
}

#[test]
fn every_order_of_events_while_a_line_is_primed() {
    let budget = Budget {
        wakes: 3,
        overtakings: 1,
        copies: 1,
        ..NOTHING
    };
    let model = bedside(Situation::priming, Surroundings::SOUND, PRIME, budget);
    exhaust("prime", model, &["the link refuses"]);
}

/// What the pump's own numbers are worth when nothing else holds a copy or a straggler off.
#[test]
fn every_order_of_events_when_commands_come_without_frames() {
    let around = Surroundings {
        bare_down: true,
        ..Surroundings::SOUND
    };
    let budget = Budget {
        wakes: 4,
        overtakings: 1,
        copies: 1,
        ..NOTHING
    };
    let model = bedside(Situation::in_therapy, around, LOWER, budget);
    exhaust("no frames", model, &["nobody knows", "a lease ends"]);
}

/// What the controller's own rule, the newest report that is fresh, is worth when no frame holds an old one off.
#[test]
fn every_order_of_events_when_reports_come_without_frames() {
    let around = Surroundings {
        bare_up: true,
        ..Surroundings::SOUND
    };
    let budget = Budget {
        wakes: 4,
        overtakings: 1,
        ..NOTHING
    };
    let model = bedside(Situation::in_therapy, around, LOWER, budget);
    exhaust("bare reports", model, &["nobody knows", "a lease ends"]);
}
