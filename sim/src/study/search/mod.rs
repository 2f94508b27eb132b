//! A search for scenarios that break a requirement: lower its margin until it is below zero.
//!
//! Candidates are made in generations of one size and learned from in their order, so that a search depends on
//! its seed and never on the number of workers.
//!
//! | method | what a candidate is made of |
//! |---|---|
//! | random | nothing but the ranges |
//! | corpus | whatever reached a mode, an alarm or a reason that was new ([`corpus`]) |
//!
//! Never here: files, words on a screen.

mod corpus;
pub mod finds;
mod flight;
mod space;

#[cfg(test)]
mod tests;

use rayon::prelude::*;

use crate::config::Library;
use crate::scenario::Scenario;

use corpus::Corpus;
pub use flight::Flown;
use flight::flown;
use space::{Dice, Space};

/// Candidates of one generation.
const GENERATION: usize = 8;
/// Candidates that are no scenario before one is given up.
const REFUSED_MOST: u64 = 50;

/// How candidates are made.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Method {
    /// Each by itself.
    Random,
    /// Of those that reached something new.
    Corpus,
}

/// What is searched for.
#[derive(Clone, Copy, Debug)]
pub struct Quest<'a> {
    /// The requirements, by their places among those that are judged.
    pub wanted: &'a [usize],
    /// How.
    pub method: Method,
    /// Runs.
    pub budget: usize,
    /// Where its numbers come from.
    pub seed: u64,
    /// Whether the first find ends it.
    pub first_only: bool,
    /// The same files with another controller on the bench: what breaks there as well is no find.
    pub beyond: Option<&'a Library>,
}

/// A scenario that breaks a wanted requirement.
#[derive(Clone, Debug)]
pub struct Find {
    /// The run in which it came, from 1.
    pub run: usize,
    /// The requirement, by its place.
    pub place: usize,
    /// Its margin.
    pub margin: f64,
    /// The scenario.
    pub scenario: Scenario,
}

/// What a search has come to.
#[derive(Clone, Debug, Default)]
pub struct Searched {
    /// Runs.
    pub runs: usize,
    /// Whatever broke a wanted requirement, in its order.
    pub finds: Vec<Find>,
    /// Each time that the lowest margin fell: the run, and the margin.
    pub fell: Vec<(usize, f64)>,
    /// Modes, alarms, reasons and pairs of them that were reached.
    pub reached: usize,
}

/// Searches from a scenario on. `fell` is told of each lowest margin, and of its run, as it comes.
///
/// The scenario's own faults and orders stay in each candidate of a random search.
pub fn search(library: &Library, quest: &Quest<'_>, fell: &mut dyn FnMut(usize, f64)) -> Searched {
    let base = single(&library.scenario);
    let space = Space::new(&base);
    let mut done = Searched::default();
    let mut reached = std::collections::BTreeSet::new();
    let Some(first) = flown(library, &base) else {
        return done;
    };
    let mut state = State {
        quest,
        lowest: f64::INFINITY,
    };
    done.runs = 1;
    state.look(&mut done, (&base, &first), fell);
    reached.extend(first.reached.iter().copied());
    let mut corpus = Corpus::new(&space, base.clone(), first);
    while done.runs < quest.budget && !(quest.first_only && !done.finds.is_empty()) {
        let count = GENERATION.min(quest.budget - done.runs);
        let first_run = done.runs as u64;
        let made: Vec<Vec<Scenario>> = (0..count as u64)
            .map(|place| {
                let mut dice = Dice::new(quest.seed, first_run + place);
                // A few, of which the first that is a scenario is flown.
                let several = (0..4).map(|_| match quest.method {
                    Method::Random => space.fresh(&base, &mut dice),
                    Method::Corpus if dice.happens(100) => space.fresh(&base, &mut dice),
                    Method::Corpus => corpus.child(&space, &mut dice),
                });
                several.collect()
            })
            .collect();
        let flights: Vec<Option<(Scenario, Flown)>> = made
            .into_par_iter()
            .enumerate()
            .map(|(place, several)| {
                let given = several.into_iter();
                // And where none is, fresh ones until one is.
                let mut dice = Dice::new(quest.seed ^ REFUSED_MOST, first_run + place as u64);
                let fresh = (0..REFUSED_MOST).map(|_| space.fresh(&base, &mut dice));
                let mut all = given.chain(fresh);
                all.find_map(|it| flown(library, &it).map(|flown| (it, flown)))
            })
            .collect();
        for flight in flights {
            done.runs += 1;
            if let Some((scenario, flown)) = flight {
                state.look(&mut done, (&scenario, &flown), fell);
                reached.extend(flown.reached.iter().copied());
                corpus.learn(scenario, flown, quest.wanted);
            }
        }
    }
    done.reached = reached.len();
    done
}

/// One patient in one arm.
fn single(scenario: &Scenario) -> Scenario {
    let mut it = scenario.clone();
    let wean = it
        .arms
        .iter()
        .find(|arm| arm.infusion == crate::scenario::Infusion::Wean);
    it.arms = wean.into_iter().cloned().collect();
    if it.cohort.take().is_some() {
        it.patient = Some(crate::scenario::OnePatient::default());
    }
    it.expect = None;
    it
}

struct State<'a> {
    quest: &'a Quest<'a>,
    lowest: f64,
}

impl State<'_> {
    fn breaks_anyway(&self, scenario: &Scenario, place: usize) -> bool {
        let there = self
            .quest
            .beyond
            .and_then(|library| flown(library, scenario));
        there.is_some_and(|there| there.violated.contains(&place))
    }

    /// Looks at a run: is it a find, and is its margin the lowest?
    fn look(
        &mut self,
        done: &mut Searched,
        (scenario, flown): (&Scenario, &Flown),
        fell: &mut dyn FnMut(usize, f64),
    ) {
        for place in self.quest.wanted {
            let Some(margin) = flown.margins.get(*place).copied().flatten() else {
                continue;
            };
            if margin < self.lowest {
                self.lowest = margin;
                done.fell.push((done.runs, margin));
                fell(done.runs, margin);
            }
            if flown.violated.contains(place) && !self.breaks_anyway(scenario, *place) {
                done.finds.push(Find {
                    run: done.runs,
                    place: *place,
                    margin,
                    scenario: scenario.clone(),
                });
            }
        }
    }
}
