//! Whether a scenario still breaks the requirement, and by how much.
//!
//! The answer to a list is the first of it that fails. As many as there are workers are flown at a time; what comes
//! after the first that fails counts for nothing until somebody asks for it, so that neither what is found nor
//! how many candidates it took depends on the number of workers.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;

use super::drawn::tidied;
use super::flight::{Flown, ended, flown};
use crate::config::Library;
use crate::judge::Judged;
use crate::requirement::{Alone, Finding, Requirement};
use crate::scenario::Scenario;
use crate::study::variant::variant;

/// What came of a requirement in one run.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Came {
    /// It was violated.
    Violated,
    /// It held.
    Holds,
    /// It had nothing to judge.
    Vacuous,
    /// It was breached before anything could have shown why.
    NotDetectable,
    /// The scenario is none.
    Refused,
    /// The controller did not answer.
    Stalled,
}

/// What a candidate has come to.
#[derive(Clone, Debug, PartialEq)]
pub struct Tried {
    /// What came of the requirement.
    pub came: Came,
    /// Its margin, and the unit; none where nothing was judged.
    pub margin: Option<(f64, String)>,
    /// The margin as a share of what is allowed.
    pub normalised: Option<f64>,
    /// When it was first breached, hours after the explant.
    pub breached_at_h: Option<f64>,
    /// When the margin was worst.
    pub worst_at_h: Option<f64>,
}

impl Tried {
    pub(super) const fn nothing(came: Came) -> Self {
        Self {
            came,
            margin: None,
            normalised: None,
            breached_at_h: None,
            worst_at_h: None,
        }
    }

    /// What a finding of a requirement says.
    pub(super) fn of(requirement: &Requirement, finding: &Finding) -> Self {
        let unit = requirement.unit_of(finding).to_owned();
        Self {
            came: came(finding),
            margin: finding.margin.map(|margin| (margin, unit)),
            normalised: finding.normalised,
            breached_at_h: finding.breached_at_h,
            worst_at_h: finding.worst_at_h,
        }
    }

    /// Whether the requirement was violated.
    #[must_use]
    pub fn fails(&self) -> bool {
        self.came == Came::Violated
    }
}

/// A simplification.
#[derive(Clone, Debug)]
pub(super) struct Simpler {
    /// What of the scenario it is about.
    pub(super) part: String,
    /// What is done to it.
    pub(super) change: String,
    /// The scenario with it.
    pub(super) scenario: Scenario,
}

impl Simpler {
    pub(super) fn new(part: impl Into<String>, change: impl Into<String>, it: Scenario) -> Self {
        Self {
            part: part.into(),
            change: change.into(),
            scenario: tidied(it),
        }
    }
}

impl Simpler {
    /// Whether it is of a part, and the change of it where one is named.
    pub(super) fn is_of(&self, (part, change): &(String, Option<String>)) -> bool {
        self.part == *part && change.as_ref().is_none_or(|change| self.change == *change)
    }
}

/// Flies candidates, and remembers what came of them.
pub(super) struct Probe<'a> {
    library: Cow<'a, Library>,
    /// The requirement.
    alone: Alone,
    budget: usize,
    /// Candidates so far.
    pub(super) runs: usize,
    known: BTreeMap<String, Flown>,
    /// What was flown before anybody had asked for it.
    spare: BTreeMap<String, Flown>,
}

/// A simplification that still fails.
#[derive(Clone, Debug)]
pub(super) struct Found {
    /// Which of the list it is.
    pub(super) place: usize,
    /// What it comes to.
    pub(super) tried: Tried,
    /// It, ended where nothing more is needed.
    pub(super) scenario: Scenario,
}

impl<'a> Probe<'a> {
    /// Candidates for a requirement, by its place among those that are judged.
    pub(super) fn new(library: &'a Library, place: usize, budget: usize) -> Self {
        Self {
            alone: Alone::new(&library.requirements, place),
            library: Cow::Borrowed(library),
            budget,
            runs: 0,
            known: BTreeMap::new(),
            spare: BTreeMap::new(),
        }
    }

    /// Candidates are most like this one from now on: files that it adjusts are not read again for each.
    pub(super) fn rebase(&mut self, scenario: &Scenario) {
        if scenario.adjust != self.library.scenario.adjust
            && let Ok(library) = variant(&self.library, scenario)
        {
            self.library = Cow::Owned(library);
        }
    }

    /// Whether no run is left.
    pub(super) const fn is_spent(&self) -> bool {
        self.runs >= self.budget
    }

    /// What each comes to, in their order; none where the budget did not suffice.
    pub(super) fn all(&mut self, candidates: &[Scenario]) -> Vec<Option<Tried>> {
        let texts: Vec<String> = candidates.iter().map(Scenario::written).collect();
        self.prepare(&texts, candidates, false);
        let asked = texts.iter().map(|text| self.ask(text));
        asked.map(|flown| Some(flown?.tried)).collect()
    }

    /// What one comes to, and it, ended where nothing more is needed.
    pub(super) fn one(&mut self, candidate: &Scenario) -> Option<(Scenario, Tried)> {
        let text = candidate.written();
        self.prepare(
            std::slice::from_ref(&text),
            std::slice::from_ref(candidate),
            false,
        );
        let flown = self.ask(&text)?;
        Some(self.shortest(&flown, candidate))
    }

    /// The first that still fails, and those before it that do not.
    pub(super) fn first(&mut self, ladder: &[Simpler]) -> (Option<Found>, Vec<Refused>) {
        let mut refused = Vec::new();
        let width = rayon::current_num_threads().max(1);
        for (batch, rungs) in ladder.chunks(width).enumerate() {
            let scenarios: Vec<Scenario> = rungs.iter().map(|it| it.scenario.clone()).collect();
            let texts: Vec<String> = scenarios.iter().map(Scenario::written).collect();
            self.prepare(&texts, &scenarios, true);
            for (rung, (text, simpler)) in texts.iter().zip(rungs).enumerate() {
                let Some(flown) = self.ask(text) else {
                    return (None, refused);
                };
                if flown.tried.fails() {
                    let (scenario, tried) = self.shortest(&flown, &simpler.scenario);
                    let place = batch * width + rung;
                    let found = Found {
                        place,
                        tried,
                        scenario,
                    };
                    return (Some(found), refused);
                }
                refused.push(Refused::new(simpler, flown.tried));
            }
        }
        (None, refused)
    }

    /// Flies what is not known yet. Where only the `first` that fails is wanted, those after it may be given up.
    fn prepare(&mut self, texts: &[String], candidates: &[Scenario], first: bool) {
        let mut new: Vec<(&String, &Scenario)> = Vec::new();
        for (text, scenario) in texts.iter().zip(candidates) {
            let known = self.known.get(text).or_else(|| self.spare.get(text));
            if known.is_none() && new.iter().all(|(other, _)| *other != text) {
                new.push((text, scenario));
            }
            if first && known.is_some_and(|known| known.tried.fails()) {
                break;
            }
        }
        new.truncate(self.budget.saturating_sub(self.runs));
        let (library, alone) = (&*self.library, &self.alone);
        let best = AtomicUsize::new(usize::MAX);
        let fly = |place: usize, scenario: &Scenario| {
            let given_up = || first && best.load(Ordering::Relaxed) < place;
            let flown = flown(library, scenario, alone, &given_up)?;
            if flown.tried.fails() {
                best.fetch_min(place, Ordering::Relaxed);
            }
            Some(flown)
        };
        let flown: Vec<Option<Flown>> = new
            .par_iter()
            .enumerate()
            .map(|(place, (_, scenario))| fly(place, scenario))
            .collect();
        for ((text, _), flown) in new.into_iter().zip(flown) {
            if let Some(flown) = flown {
                self.spare.insert(text.clone(), flown);
            }
        }
    }

    /// What came of one that is known, or was flown and counts from now on.
    fn ask(&mut self, text: &str) -> Option<Flown> {
        if let Some(known) = self.known.get(text) {
            return Some(known.clone());
        }
        if self.is_spent() {
            return None;
        }
        let flown = self.spare.remove(text)?;
        self.runs += 1;
        self.known.insert(text.to_owned(), flown.clone());
        Some(flown)
    }

    /// A candidate that fails, ended where nothing more is needed; that one is then known to fail as well.
    fn shortest(&mut self, flown: &Flown, candidate: &Scenario) -> (Scenario, Tried) {
        let tried = flown.tried.clone();
        let Some(end_h) = flown.ends_h else {
            return (candidate.clone(), tried);
        };
        let shorter = ended(candidate, end_h);
        let known = Flown {
            ends_h: None,
            ..flown.clone()
        };
        self.known.insert(shorter.written(), known);
        (shorter, tried)
    }
}

/// A simplification after which the requirement is not violated any more.
#[derive(Clone, Debug, PartialEq)]
pub struct Refused {
    /// What of the scenario it is about.
    pub part: String,
    /// What was tried.
    pub change: String,
    /// What came of it.
    pub tried: Tried,
}

impl Refused {
    pub(super) fn new(simpler: &Simpler, tried: Tried) -> Self {
        Self {
            part: simpler.part.clone(),
            change: simpler.change.clone(),
            tried,
        }
    }
}

/// What a run says of one requirement, by its place among those that are judged.
pub(super) fn tried(library: &Library, judged: &Judged, place: usize) -> Tried {
    let requirement = library.requirements.judged().nth(place);
    let found = requirement.zip(judged.findings.get(place));
    found.map_or(Tried::nothing(Came::Vacuous), |(requirement, finding)| {
        Tried::of(requirement, finding)
    })
}

fn came(finding: &Finding) -> Came {
    match (finding.breached, finding.not_detectable, finding.armed) {
        (true, true, _) => Came::NotDetectable,
        (true, false, _) => Came::Violated,
        (false, _, 0) => Came::Vacuous,
        (false, _, _) => Came::Holds,
    }
}
