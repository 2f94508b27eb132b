//! The smallest scenario that still breaks the same requirement.
//!
//! The case is written out first, draws and all. Then simplifications are tried in one fixed order until none
//! is left that keeps the same requirement violated: fewer faults and orders, shorter and earlier times, the
//! typical patient, less chance, milder and rounder numbers. What is found does not depend on the number of
//! workers.
//!
//! ```text
//!   case -> drawn (written out) -> steps, edge (candidates) -> probe -> flight -> the first that fails -> again
//! ```
//!
//! Never here: files, words on a screen.

mod drawn;
mod edge;
mod flight;
mod probe;
mod steps;
mod tell;
mod times;

#[cfg(test)]
mod tests;

use crate::bench::Stalled;
use crate::case::Case;
use crate::config::Library;
use crate::scenario::{Expect, Scenario};
use crate::study::cohort::{patients, run_case};
use crate::study::variant::variant;

pub use drawn::adjusted_parameters;
use probe::Probe;
pub use probe::{Came, Refused, Tried};
pub use tell::{described, why};

/// What is to be shrunk, and how long.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wish<'a> {
    /// The requirement that must stay violated; left out, the one with the worst margin.
    pub requirement: Option<&'a str>,
    /// The patient; left out, the first who violates it.
    pub patient: Option<u64>,
    /// Candidates that may be flown.
    pub budget: usize,
}

/// Why there is nothing to shrink.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Unshrinkable {
    /// It is violated in no run.
    #[error("{requirement} is violated in none of {runs} runs")]
    NotViolated {
        /// The requirement, or all of them.
        requirement: String,
        /// Runs that were looked at.
        runs: usize,
    },
    /// There is no such requirement, or none that a run is judged by.
    #[error("no run is judged by a requirement `{0}`")]
    Unknown(String),
    /// The controller did not answer.
    #[error(transparent)]
    Stalled(#[from] Stalled),
    /// What was written out is not what was drawn.
    #[error("the case cannot be written out: {0}")]
    NotWritten(String),
}

/// A simplification that was taken.
#[derive(Clone, Debug, PartialEq)]
pub struct Taken {
    /// What of the scenario it is about.
    pub part: String,
    /// What was done to it.
    pub change: String,
    /// What the scenario has come to with it.
    pub tried: Tried,
}

/// The smallest scenario that was found.
#[derive(Clone, Debug)]
pub struct Shrunk {
    /// The requirement that it violates.
    pub requirement: String,
    /// It, with an `about` and an `[expect]`.
    pub scenario: Scenario,
    /// What the case came to before.
    pub before: Tried,
    /// What it comes to.
    pub after: Tried,
    /// What was taken, in its order.
    pub taken: Vec<Taken>,
    /// What could not be taken: of each part the last that was tried.
    pub stands: Vec<Refused>,
    /// Candidates that were flown.
    pub runs: usize,
    /// Whether the budget ended it, so that something may still be simpler.
    pub cut_short: bool,
}

/// Shrinks one case of a scenario.
///
/// # Errors
/// [`Unshrinkable`].
pub fn shrink(library: &Library, wish: &Wish<'_>) -> Result<Shrunk, Unshrinkable> {
    let (place, scenario, before) = chosen(library, wish)?;
    let requirement = library.requirements.judged().nth(place);
    let requirement = requirement.ok_or_else(|| Unshrinkable::Unknown(place.to_string()))?;
    let horizon = requirement.formula().map_or(0, |it| it.horizon().millis());
    let mut search = Search {
        probe: Probe::new(library, place, wish.budget.max(1)),
        horizon_h: horizon as f64 / 3.6e6,
        own: drawn::adjusted(&library.scenario),
        taken: Vec::new(),
        stands: Vec::new(),
    };
    search.probe.rebase(&scenario);
    // Cut short at once, where that is possible: all that follows is cheaper by that.
    let mut start = search.start(scenario.clone(), &before);
    if start.is_none() {
        let whole = search.probe.one(&scenario);
        start = whole.filter(|(_, tried)| tried.fails());
    }
    let Some((scenario, tried)) = start else {
        let why = format!("{} is not violated in it", requirement.id);
        return Err(Unshrinkable::NotWritten(why));
    };
    let (scenario, after) = search.fixpoint(scenario, tried);
    let mut shrunk = Shrunk {
        requirement: requirement.id.clone(),
        scenario,
        before,
        after,
        taken: search.taken,
        stands: search.stands,
        runs: search.probe.runs,
        cut_short: search.probe.is_spent(),
    };
    finish(library, &mut shrunk);
    Ok(shrunk)
}

/// Gives the result its words, and says what should come of it.
fn finish(library: &Library, shrunk: &mut Shrunk) {
    shrunk.scenario.title = tell::title(&shrunk.scenario, &shrunk.requirement);
    shrunk.scenario.about = tell::about(
        library,
        &shrunk.scenario,
        &shrunk.requirement,
        &shrunk.after,
    );
    shrunk.scenario.expect = Some(Expect {
        verdict: None,
        holds: vec![shrunk.requirement.clone()],
        ..Expect::default()
    });
}

/// The requirement and the case that are to be shrunk, written out.
fn chosen(library: &Library, wish: &Wish<'_>) -> Result<(usize, Scenario, Tried), Unshrinkable> {
    let judged: Vec<&str> = library
        .requirements
        .judged()
        .map(|it| it.id.as_str())
        .collect();
    let wanted = match wish.requirement {
        None => None,
        Some(id) => {
            let place = judged.iter().position(|it| *it == id);
            Some(place.ok_or_else(|| Unshrinkable::Unknown(id.to_owned()))?)
        }
    };
    let everybody = wish
        .patient
        .map_or_else(|| patients(library), |one| vec![one]);
    let mut runs = 0;
    for patient in everybody {
        for arm in &library.scenario.arms {
            let case = Case::new(library, arm, patient);
            let case = case.map_err(|problem| Unshrinkable::NotWritten(problem.to_string()))?;
            runs += 1;
            let judged = run_case(&case)?;
            let violated = judged
                .findings
                .iter()
                .enumerate()
                .filter(|(place, finding)| {
                    finding.violated() && wanted.is_none_or(|wanted| wanted == *place)
                });
            let margin = |finding: &crate::requirement::Finding| finding.normalised.unwrap_or(0.0);
            let worst = violated.min_by(|a, b| margin(a.1).total_cmp(&margin(b.1)));
            if let Some((place, _)) = worst {
                let tried = probe::tried(library, &judged, place);
                return Ok((place, drawn::written_out(&case), tried));
            }
        }
    }
    let requirement = wish.requirement.unwrap_or("any requirement").to_owned();
    Err(Unshrinkable::NotViolated { requirement, runs })
}

/// Sweeps after which something is wrong with the order of steps; it has never been met.
const SWEEPS_MOST: usize = 12;

struct Search<'a> {
    probe: Probe<'a>,
    horizon_h: f64,
    own: Vec<String>,
    taken: Vec<Taken>,
    stands: Vec<Refused>,
}

impl Search<'_> {
    /// The scenario, ended soon after the breach; none where that keeps nothing violated.
    fn start(&mut self, scenario: Scenario, before: &Tried) -> Option<(Scenario, Tried)> {
        let (mut scenario, mut tried) = (scenario, before.clone());
        self.pass(times::cut, &mut scenario, &mut tried)
            .then_some((scenario, tried))
    }

    /// All steps again and again, until none of them finds anything.
    fn fixpoint(&mut self, mut scenario: Scenario, mut tried: Tried) -> (Scenario, Tried) {
        let mut grouped = false;
        for _ in 0..SWEEPS_MOST {
            self.stands.clear();
            let before = scenario.clone();
            for step in steps::STEPS {
                self.pass(step, &mut scenario, &mut tried);
            }
            self.numbers(&mut scenario, &mut tried);
            if scenario == before {
                if !std::mem::replace(&mut grouped, true) {
                    self.pass(steps::typical_groups, &mut scenario, &mut tried);
                }
                self.pass(steps::typical_each, &mut scenario, &mut tried);
            }
            if scenario == before || self.probe.is_spent() {
                break;
            }
        }
        (scenario, tried)
    }

    /// A step again and again, until nothing of its list fails any more; whether anything did. A part of which
    /// nothing could be taken is left for the next sweep, and so is each change that was refused.
    fn pass(&mut self, step: steps::Step, scenario: &mut Scenario, tried: &mut Tried) -> bool {
        let (mut any, mut stands) = (false, Vec::new());
        loop {
            let mut ladder = step(&steps::Now {
                scenario,
                tried,
                horizon_h: self.horizon_h,
                own: &self.own,
            });
            ladder.retain(|it| !stands.iter().any(|stood| it.is_of(stood)));
            let (found, refused) = self.probe.first(&ladder);
            let taken = found.as_ref().map(|found| &ladder[found.place]);
            let stood = refused.iter().map(|it| {
                let goes_on = taken.is_some_and(|taken| taken.part == it.part);
                (it.part.clone(), goes_on.then(|| it.change.clone()))
            });
            stands.extend(stood);
            self.stand(refused);
            let (Some(found), Some(simpler)) = (found, taken) else {
                return any;
            };
            any = true;
            self.take(&simpler.part, &simpler.change, found.tried.clone());
            *scenario = found.scenario;
            self.probe.rebase(scenario);
            *tried = found.tried;
        }
    }

    /// Every number of every fault, each to its edge.
    fn numbers(&mut self, scenario: &mut Scenario, tried: &mut Tried) {
        for place in 0.. {
            let Some(number) = edge::numbers(scenario).into_iter().nth(place) else {
                break;
            };
            let (best, refused) = number.settle(&mut self.probe, scenario);
            self.stand(refused);
            if let Some((change, found)) = best {
                self.take(&number.part(), &change, found.tried.clone());
                *scenario = found.scenario;
                *tried = found.tried;
            }
        }
    }

    fn take(&mut self, part: &str, change: &str, tried: Tried) {
        // Of one part the last word counts.
        self.taken.retain(|it| it.part != part);
        self.stands.retain(|it| it.part != part);
        self.taken.push(Taken {
            part: part.to_owned(),
            change: change.to_owned(),
            tried,
        });
    }

    fn stand(&mut self, refused: Vec<Refused>) {
        for it in refused
            .into_iter()
            .filter(|it| it.tried.came != Came::Refused)
        {
            self.stands.retain(|known| known.part != it.part);
            self.stands.push(it);
        }
    }
}

/// Flies what was found once more, from its text, as whoever gets the file will.
///
/// # Errors
/// [`Stalled`].
///
/// # Panics
/// Never: whatever was flown can be read.
pub fn again(library: &Library, scenario: &Scenario, requirement: &str) -> Result<Tried, Stalled> {
    let library = variant(library, scenario).expect("it has been flown");
    let place = library
        .requirements
        .judged()
        .position(|it| it.id == requirement);
    let patient = patients(&library)[0];
    let case = Case::new(&library, &library.scenario.arms[0], patient).expect("it has been flown");
    let judged = run_case(&case)?;
    Ok(probe::tried(&library, &judged, place.unwrap_or(usize::MAX)))
}
