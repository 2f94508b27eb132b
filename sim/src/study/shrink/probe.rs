//! Whether a scenario still breaks the requirement, and by how much.
//!
//! The answer to a list is the same whatever the number of workers: lists are flown in batches of one size,
//! and the first that fails is taken.

use std::borrow::Cow;
use std::collections::BTreeMap;

use rayon::prelude::*;

use super::drawn::tidied;
use crate::case::Case;
use crate::config::Library;
use crate::judge::Judged;
use crate::requirement::Finding;
use crate::scenario::Scenario;
use crate::study::cohort::{patients, run_case};
use crate::study::variant::variant;
use crate::verdict::RunVerdict;

/// Candidates that are flown at a time.
const BATCH: usize = 4;

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
    /// The verdict of the run.
    pub verdict: RunVerdict,
}

impl Tried {
    const fn nothing(came: Came, verdict: RunVerdict) -> Self {
        Self {
            came,
            margin: None,
            normalised: None,
            breached_at_h: None,
            worst_at_h: None,
            verdict,
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

/// Flies candidates, and remembers what came of them.
pub(super) struct Probe<'a> {
    library: Cow<'a, Library>,
    /// The requirement, by its place among those that are judged.
    place: usize,
    budget: usize,
    /// Runs so far.
    pub(super) runs: usize,
    known: BTreeMap<String, Tried>,
}

impl<'a> Probe<'a> {
    pub(super) const fn new(library: &'a Library, place: usize, budget: usize) -> Self {
        Self {
            library: Cow::Borrowed(library),
            place,
            budget,
            runs: 0,
            known: BTreeMap::new(),
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
        let mut new: Vec<(&String, &Scenario)> = Vec::new();
        for (text, scenario) in texts.iter().zip(candidates) {
            let is_new = !self.known.contains_key(text);
            if is_new && new.iter().all(|(other, _)| *other != text) {
                new.push((text, scenario));
            }
        }
        new.truncate(self.budget.saturating_sub(self.runs));
        self.runs += new.len();
        let (library, place) = (&*self.library, self.place);
        let flown: Vec<Tried> = new
            .par_iter()
            .map(|(_, scenario)| flown(library, scenario, place))
            .collect();
        for ((text, _), tried) in new.into_iter().zip(flown) {
            self.known.insert(text.clone(), tried);
        }
        texts
            .iter()
            .map(|text| self.known.get(text).cloned())
            .collect()
    }

    /// What one comes to.
    pub(super) fn one(&mut self, candidate: &Scenario) -> Option<Tried> {
        self.all(std::slice::from_ref(candidate)).pop().flatten()
    }

    /// The first that still fails, and those before it that do not.
    pub(super) fn first(&mut self, ladder: &[Simpler]) -> (Option<(usize, Tried)>, Vec<Refused>) {
        let mut refused = Vec::new();
        for (batch, rungs) in ladder.chunks(BATCH).enumerate() {
            let scenarios: Vec<Scenario> = rungs.iter().map(|it| it.scenario.clone()).collect();
            for (place, tried) in self.all(&scenarios).into_iter().enumerate() {
                match tried {
                    Some(tried) if tried.fails() => {
                        return (Some((batch * BATCH + place, tried)), refused);
                    }
                    Some(tried) => refused.push(Refused::new(&rungs[place], tried)),
                    None => {}
                }
            }
        }
        (None, refused)
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

fn flown(base: &Library, scenario: &Scenario, place: usize) -> Tried {
    let Ok(library) = variant(base, scenario) else {
        return Tried::nothing(Came::Refused, RunVerdict::NotApplicable);
    };
    let patient = patients(&library)[0];
    let case = Case::new(&library, &library.scenario.arms[0], patient);
    let Ok(case) = case else {
        return Tried::nothing(Came::Refused, RunVerdict::NotApplicable);
    };
    match run_case(&case) {
        Ok(judged) => tried(&library, &judged, place),
        Err(_) => Tried::nothing(Came::Stalled, RunVerdict::Stalled),
    }
}

/// What a run says of one requirement.
pub(super) fn tried(library: &Library, judged: &Judged, place: usize) -> Tried {
    let requirement = library.requirements.judged().nth(place);
    let found = requirement.zip(judged.findings.get(place));
    let Some((requirement, finding)) = found else {
        return Tried::nothing(Came::Vacuous, judged.verdict);
    };
    let unit = requirement.unit_of(finding).to_owned();
    Tried {
        came: came(finding),
        margin: finding.margin.map(|margin| (margin, unit)),
        normalised: finding.normalised,
        breached_at_h: finding.breached_at_h,
        worst_at_h: finding.worst_at_h,
        verdict: judged.verdict,
    }
}

fn came(finding: &Finding) -> Came {
    match (finding.breached, finding.not_detectable, finding.armed) {
        (true, true, _) => Came::NotDetectable,
        (true, false, _) => Came::Violated,
        (false, _, 0) => Came::Vacuous,
        (false, _, _) => Came::Holds,
    }
}
