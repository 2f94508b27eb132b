//! Does a controller speak, repeat itself, keep time and behave? A kit for whoever brings one.
//!
//! Four groups, each check with what it found: **protocol** (it stands everything that a bench may say, numbers that are
//! none among it), **determinism** (the same inputs give the same decisions: anew, after another run, twice),
//! **timing** (how long it takes for an answer: told, never judged, because this machine is not its machine), **safety**
//! (stories of the bench, with every requirement that applies to it).
//!
//! It is here because it looks at a clock; what it finds of a controller is found by the loop that runs everybody.

mod protocol;
mod stories;

use std::sync::Arc;
use std::time::Duration;

use infusion_types::Abilities;
use serde::Serialize;

use crate::NOTICE;
use crate::config::Library;
use crate::port::{Controllers, Stalled};
use crate::requirement::Requirements;
use crate::verdict::Exit;

pub use stories::STORIES;

/// What a check is about.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Group {
    /// It stands what is said to it.
    Protocol,
    /// The same inputs give the same decisions.
    Determinism,
    /// How long it takes.
    Timing,
    /// What requirements say of it.
    Safety,
}

/// How a check came out.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// As it must be.
    Passed,
    /// Not so.
    Failed,
    /// It did not answer as it must.
    Stalled,
    /// Nothing to pass or to fail.
    Told,
}

/// One check.
#[derive(Clone, Debug, Serialize)]
pub struct Check {
    /// What it is about.
    pub group: Group,
    /// What was looked at.
    pub name: String,
    /// How it came out.
    pub outcome: Outcome,
    /// What was found, where there is something to say.
    pub said: String,
}

impl Check {
    fn new(group: Group, name: impl Into<String>, outcome: Outcome) -> Self {
        Self {
            group,
            name: name.into(),
            outcome,
            said: String::new(),
        }
    }

    fn saying(self, said: impl Into<String>) -> Self {
        Self {
            said: said.into(),
            ..self
        }
    }

    /// Passed when nothing is said against it.
    fn of(group: Group, name: impl Into<String>, found: Result<Option<String>, Stalled>) -> Self {
        match found {
            Ok(None) => Self::new(group, name, Outcome::Passed),
            Ok(Some(wrong)) => Self::new(group, name, Outcome::Failed).saying(wrong),
            Err(stalled) => Self::new(group, name, Outcome::Stalled).saying(stalled.why),
        }
    }
}

/// What a controller has not, and what therefore does not apply to it.
#[derive(Clone, Debug, Serialize)]
pub struct Lacks {
    /// Orders, modes and alarms, counted.
    pub has: String,
    /// Modes and alarms that it has not.
    pub lacking: Vec<String>,
    /// Requirements that speak of nothing else.
    pub not_applicable: Vec<String>,
}

/// Everything that was found.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// Who was looked at, as on the command line.
    pub controller: String,
    /// The checks, in their order.
    pub checks: Vec<Check>,
    /// What it has not; null where it was not even greeted.
    pub lacks: Option<Lacks>,
    /// Never for clinical use.
    pub notice: &'static str,
}

impl Report {
    /// What it comes to.
    #[must_use]
    pub fn exit(&self) -> Exit {
        let any = |outcome| self.checks.iter().any(|check| check.outcome == outcome);
        if any(Outcome::Failed) {
            Exit::Bad
        } else if any(Outcome::Stalled) {
            Exit::Stalled
        } else {
            Exit::Good
        }
    }
}

/// Looks at a controller; with `every_story` in each one that ships, and in a few short ones otherwise. `done` is told of each
/// check as it is made.
///
/// # Panics
/// Never: the stories ship with the bench.
pub fn conform(
    controllers: &Arc<dyn Controllers>,
    every_story: bool,
    done: &mut dyn FnMut(&Check),
) -> Report {
    let mut checks = Vec::new();
    let mut note = |check: Check| {
        done(&check);
        checks.push(check);
    };
    let library = stories::library("first", &["faults=[]", "run_max_h=60"], controllers);
    let greeted = protocol::check(controllers.as_ref(), &library, &mut note);
    let lacks = greeted.map(|has| {
        stories::determinism(&library, controllers, &mut note);
        stories::safety(every_story, controllers, &mut note);
        lacks(&has, &library.requirements)
    });
    Report {
        controller: controllers.name(),
        checks,
        lacks,
        notice: NOTICE,
    }
}

fn lacks(has: &Abilities, requirements: &Requirements) -> Lacks {
    let all = requirements.judged();
    let not_applicable = all.filter(|it| !requirements.apply(it, has));
    Lacks {
        has: has.to_string(),
        lacking: has.lacking().map(|lack| lack.to_string()).collect(),
        not_applicable: not_applicable.map(|it| it.id.clone()).collect(),
    }
}

/// The first patient's case of a library.
fn case(library: &Library) -> crate::case::Case<'_> {
    let patient = crate::study::cohort::patients(library)[0];
    crate::case::Case::new(library, &library.scenario.arms[0], patient)
        .expect("the library has been checked")
}

fn shown(time: Duration) -> String {
    let micros = time.as_secs_f64() * 1e6;
    if micros < 1e3 {
        format!("{micros:.0} us")
    } else {
        format!("{:.1} ms", micros / 1e3)
    }
}
