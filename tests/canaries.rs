//! For every requirement something that breaks it: wrong on purpose, and caught by its own monitor.

use std::collections::BTreeMap;

use infusion_types::Alarm;
use rayon::prelude::*;
use weanbench::canary::{Bend, Canary, Flight, canaries, fly, fly_bent, fly_sound};
use weanbench::config::Library;
use weanbench::requirement::{Finding, Requirement, Requirements};
use weanbench::verdict::RunVerdict;

/// Judged requirements that nothing is known to break, with the reason.
const NO_CANARY_YET: &[(&str, &str)] = &[];

/// Companions that are breached by more than the requirement that a canary is for, with the reason.
const LARGER_COMPANIONS: &[(&str, &str, &str)] = &[
    (
        "a pump that moves half as much again",
        "SR-49",
        "uL of a prime against ug of an hour",
    ),
    (
        "what was missed is made up",
        "SR-11",
        "the whole of the rate against what is above a tenth",
    ),
    (
        "what was missed is made up",
        "SR-18",
        "ug of many hours against ug of one",
    ),
    (
        "what was missed is made up",
        "WB-07",
        "the whole of the rate against what is above a tenth",
    ),
];

/// A breach no further apart than a record of the same moment is no earlier one, hours.
const SAME_MOMENT_H: f64 = 0.01 / 3_600.0;

#[test]
fn every_judged_requirement_has_a_canary_and_every_canary_a_requirement() {
    let requirements = Requirements::shipped();
    for (id, why) in NO_CANARY_YET {
        println!("no canary yet for {id}: {why}");
    }
    let mut wrong = Vec::new();
    for requirement in requirements.judged() {
        let flown = canaries().iter().any(|it| it.breaks == requirement.id);
        let excused = NO_CANARY_YET.iter().any(|(id, _)| *id == requirement.id);
        if flown == excused {
            wrong.push(requirement.id.as_str());
        }
    }
    let judged = |id: &str| requirements.judged().any(|it| it.id == id);
    for canary in canaries() {
        let named = canary.companions.iter().chain([&canary.breaks]);
        wrong.extend(named.copied().filter(|id| !judged(id)));
    }
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
fn every_canary_is_caught_by_its_own_requirement_and_the_sound_one_by_none() {
    let complaints: Vec<String> = canaries().par_iter().flat_map(complaints).collect();
    assert!(complaints.is_empty(), "\n{}", complaints.join("\n"));
}

/// A pause from 5 to 6 h, of which AL-38 is hidden until an hour.
fn told_of_a_pause_from(hours: f64) -> Flight {
    let pause = r#"orders=[{at_min=300,what="pause"},{at_min=360,what="resume"}]"#;
    let overrides = ["faults=[]", "run_max_h=8", "follow_up_h=1", pause].map(str::to_owned);
    let library = Library::shipped("first", &overrides).expect("it ships");
    let bend = Bend::says(move |cycle| {
        if cycle.hours < hours {
            cycle.hide(Alarm::PausedLong);
        }
    });
    fly_bent(&library.expect("it fits"), bend).expect("a controller that answers")
}

#[test]
fn a_run_is_late_where_the_alarm_came_too_late_and_unsafe_where_it_never_came() {
    let violated = |flight: &Flight| -> Vec<(String, bool)> {
        let all = flight.violated();
        all.map(|(it, finding)| (it.id.clone(), finding.late))
            .collect()
    };
    let only = |late: bool| vec![("WB-08".to_owned(), late)];
    let late = told_of_a_pause_from(5.5);
    assert_eq!(
        (violated(&late), late.verdict),
        (only(true), RunVerdict::SafeLate)
    );
    // The pause ends, and with it what was to be told: that is no answer.
    let never = told_of_a_pause_from(7.0);
    assert_eq!(
        (violated(&never), never.verdict),
        (only(false), RunVerdict::Unsafe)
    );
    let sound = told_of_a_pause_from(0.0);
    assert_eq!(
        (violated(&sound), sound.verdict),
        (Vec::new(), RunVerdict::Safe)
    );
}

fn complaints(canary: &Canary) -> Vec<String> {
    let (sound, flight) = match (fly_sound(canary), fly(canary)) {
        (Ok(sound), Ok(flight)) => (sound, flight),
        (Err(stalled), _) | (_, Err(stalled)) => {
            return vec![format!("{} ({}): {stalled}", canary.breaks, canary.name)];
        }
    };
    let mut wrong: Vec<String> = sound
        .violated()
        .map(|(it, finding)| format!("the sound one breaches {}", told(it, finding)))
        .collect();
    wrong.extend(own(canary, &flight));
    for wrong in &mut wrong {
        *wrong = format!("{} ({}): {wrong}", canary.breaks, canary.name);
    }
    wrong
}

fn own(canary: &Canary, flight: &Flight) -> Vec<String> {
    let found: BTreeMap<&str, (&Requirement, &Finding)> = flight
        .violated()
        .map(|(it, finding)| (it.id.as_str(), (it, finding)))
        .collect();
    let all: Vec<String> = found
        .values()
        .map(|(it, finding)| told(it, finding))
        .collect();
    let Some((requirement, own)) = found.get(canary.breaks) else {
        return vec![format!("not breached, only {all:?}")];
    };
    let at = |finding: &Finding| finding.breached_at_h.unwrap_or(f64::INFINITY);
    let mut wrong = Vec::new();
    for (id, (_, other)) in &found {
        if at(other) < at(own) - SAME_MOMENT_H && !canary.companions.contains(id) {
            wrong.push(format!("{id} comes first: {all:?}"));
        }
    }
    for id in canary.companions {
        match found.get(id) {
            None => wrong.push(format!("its companion {id} is not breached: {all:?}")),
            Some((companion, other)) => {
                let numbers = is_number(requirement, own) && is_number(companion, other);
                let larger = other.normalised < own.normalised;
                let excused = LARGER_COMPANIONS
                    .iter()
                    .any(|(name, of, _)| *name == canary.name && of == id);
                if numbers && larger != excused {
                    wrong.push(format!("{id} and its breach: {all:?}"));
                }
            }
        }
    }
    wrong
}

fn is_number(requirement: &Requirement, finding: &Finding) -> bool {
    let atoms = requirement.formula().map_or(&[][..], |it| it.atoms());
    let atom = finding.atom.and_then(|place| atoms.get(place));
    atom.is_some_and(|atom| atom.unit().is_some())
}

fn told(requirement: &Requirement, finding: &Finding) -> String {
    format!(
        "{} at {:.4} h by {:.3}",
        requirement.id,
        finding.breached_at_h.unwrap_or(f64::NAN),
        finding.normalised.unwrap_or(f64::NAN),
    )
}
