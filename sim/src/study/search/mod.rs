//! A search for scenarios that break a requirement: lower its margin until it is below zero.
//!
//! Candidates are made in generations of one size and learned from in their order, so that a search depends on
//! its seed and never on the number of workers.
//!
//! | method | what a candidate is made of |
//! |---|---|
//! | random | nothing but the ranges |
//! | corpus | whatever reached a mode, an alarm or a reason that was new, or came nearer (`corpus`) |
//! | cmaes | the numbers of such a scenario, as CMA-ES lowers the margin (`descent`) |
//!
//! Never here: files, words on a screen.

mod aim;
mod corpus;
mod descent;
mod dials;
pub mod finds;
mod flight;
mod space;
mod strategy;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use rayon::prelude::*;

use crate::config::Library;
use crate::scenario::Scenario;

use aim::Aim;
use corpus::Corpus;
use descent::Descent;
pub use flight::Flown;
use flight::flown;
use space::{Dice, Space};
use strategy::POINTS;

/// Candidates of one generation.
const GENERATION: usize = POINTS;
/// Candidates that are no scenario before one is given up.
const REFUSED_MOST: u64 = 50;

/// How candidates are made.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Method {
    /// Each by itself.
    Random,
    /// Of those that reached something new.
    Corpus,
    /// The numbers of one structure after another, by CMA-ES.
    Cmaes,
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
    let aim = Aim::new(library, quest.wanted);
    let mut done = Searched::default();
    let Some(first) = flown(&aim, &base) else {
        return done;
    };
    let mut state = State {
        beyond: quest.beyond.map(|it| Aim::new(it, quest.wanted)),
        quest,
        lowest: f64::INFINITY,
        reached: first.reached.clone(),
    };
    done.runs = 1;
    state.look(&mut done, (&base, &first), fell);
    let mut makes = Makes::new(base, first);
    while done.runs < quest.budget && (done.finds.is_empty() || !quest.first_only) {
        let count = GENERATION.min(quest.budget - done.runs);
        let first_run = done.runs as u64;
        let mut made = makes.generation(quest, first_run);
        made.truncate(count);
        let spares = quest.method != Method::Cmaes;
        let flights: Vec<Option<(Scenario, Flown)>> = made
            .into_par_iter()
            .enumerate()
            .map(|(place, several)| {
                let given = several.into_iter();
                // And where none is, fresh ones until one is.
                let mut dice = Dice::new(quest.seed ^ REFUSED_MOST, first_run + place as u64);
                let fresh = (0..if spares { REFUSED_MOST } else { 0 })
                    .map(|_| makes.space.fresh(&makes.base, &mut dice));
                let mut all = given.chain(fresh);
                all.find_map(|it| flown(&aim, &it).map(|flown| (it, flown)))
            })
            .collect();
        if quest.method == Method::Cmaes {
            let heights = flights.iter();
            let heights: Vec<Option<f64>> = heights
                .map(|it| it.as_ref().map(|(_, flown)| flown.height))
                .collect();
            makes.descent.tell(&heights);
        }
        for flight in flights {
            done.runs += 1;
            if let Some((scenario, flown)) = flight {
                state.look(&mut done, (&scenario, &flown), fell);
                makes.corpus.learn(&makes.space, scenario, flown);
            }
        }
    }
    done.reached = state.reached.len();
    done
}

/// What candidates are made of.
struct Makes {
    base: Scenario,
    space: Space,
    corpus: Corpus,
    descent: Descent,
}

impl Makes {
    fn new(base: Scenario, first: Flown) -> Self {
        let space = Space::new(&base);
        Self {
            corpus: Corpus::new(&space, base.clone(), first),
            descent: Descent::default(),
            space,
            base,
        }
    }

    /// The next candidates, a few for each, of which the first that is a scenario is flown.
    fn generation(&mut self, quest: &Quest<'_>, first_run: u64) -> Vec<Vec<Scenario>> {
        let Self {
            base,
            space,
            corpus,
            descent,
        } = self;
        if quest.method == Method::Cmaes {
            let mut dice = Dice::new(quest.seed, first_run);
            let asked = descent.ask((space, base), corpus, &mut dice);
            return asked.into_iter().map(|it| vec![it]).collect();
        }
        let candidates = (0..GENERATION as u64).map(|place| {
            let mut dice = Dice::new(quest.seed, first_run + place);
            let several = (0..4).map(|_| match quest.method {
                Method::Random => space.fresh(base, &mut dice),
                Method::Corpus | Method::Cmaes => corpus.next(space, base, &mut dice),
            });
            several.collect()
        });
        candidates.collect()
    }
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
    beyond: Option<Aim>,
    lowest: f64,
    reached: BTreeSet<u32>,
}

impl State<'_> {
    fn breaks_anyway(&self, scenario: &Scenario, place: usize) -> bool {
        let there = self.beyond.as_ref().and_then(|aim| flown(aim, scenario));
        there.is_some_and(|there| there.violated.contains(&place))
    }

    /// Looks at a run: is it a find, and is its margin the lowest?
    fn look(
        &mut self,
        done: &mut Searched,
        (scenario, flown): (&Scenario, &Flown),
        fell: &mut dyn FnMut(usize, f64),
    ) {
        self.reached.extend(flown.reached.iter().copied());
        for (at, place) in self.quest.wanted.iter().enumerate() {
            let Some(margin) = flown.margins.get(at).copied().flatten() else {
                continue;
            };
            if margin < self.lowest {
                self.lowest = margin;
                done.fell.push((done.runs, margin));
                fell(done.runs, margin);
            }
            if flown.violated.contains(&at) && !self.breaks_anyway(scenario, at) {
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
