//! Canaries that are wrong in one situation alone: they show there, and nowhere near it.

use std::sync::Arc;

use rayon::prelude::*;
use weanbench::canary::{SUBTLE, Subtle, Wrong};
use weanbench::config::Library;

use crate::support::run;

/// What was violated in a story of one of them, with it on the bench or the shipped controller.
fn violated(subtle: &Subtle, story: &[&str], wrong: bool) -> Vec<String> {
    let usual = ["run_max_h=18", "follow_up_h=0"];
    let overrides: Vec<String> = usual
        .iter()
        .chain(story)
        .map(|it| (*it).to_owned())
        .collect();
    let library = Library::shipped("first", &overrides).expect("it ships");
    let mut library = library.unwrap_or_else(|complaints| {
        panic!("{}: {}", subtle.name, complaints[0].render(false));
    });
    if wrong {
        let controllers = Wrong::of(subtle.name).expect("a controller that is wrong");
        library.controllers = Arc::new(controllers);
    }
    let runs = run(&library);
    let judged = runs[0].judged.as_ref().expect("a controller that answers");
    let all = library.requirements.judged().zip(&judged.findings);
    let violated = all.filter(|(_, finding)| finding.violated());
    violated.map(|(it, _)| it.id.clone()).collect()
}

#[test]
fn each_shows_where_it_says_and_nowhere_near() {
    let complaints: Vec<String> = SUBTLE
        .par_iter()
        .flat_map(|subtle| {
            let shows = violated(subtle, subtle.shows, true);
            let sound = violated(subtle, subtle.shows, false);
            let near = violated(subtle, subtle.near, true);
            let calm = violated(subtle, &["faults=[]"], true);
            let mut wrong = Vec::new();
            if !shows.iter().any(|id| id == subtle.breaks) {
                wrong.push(format!(
                    "{} does not break {}, but {shows:?}",
                    subtle.name, subtle.breaks
                ));
            }
            for (what, found) in [("the shipped one", sound), ("near", near), ("calm", calm)] {
                if !found.is_empty() {
                    wrong.push(format!("{}, {what}: {found:?}", subtle.name));
                }
            }
            wrong
        })
        .collect();
    assert!(complaints.is_empty(), "\n{}", complaints.join("\n"));
}

#[test]
fn names_are_given_once_and_none_is_a_requirement() {
    for (place, subtle) in SUBTLE.iter().enumerate() {
        let again = SUBTLE[..place]
            .iter()
            .any(|other| other.name == subtle.name);
        assert!(!again && !subtle.name.contains("SR-"), "{}", subtle.name);
    }
}
