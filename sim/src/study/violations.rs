//! The requirements that a scenario's runs violated, each where it was worst, with what stood there.

use serde::Serialize;

use super::cohort::Run;
use crate::case::Case;
use crate::config::Library;
use crate::requirement::{Finding, Requirement, worst_moment};

/// Violations whose run is run again for what stood at the worst moment.
const LOOKED_AT_MOST: usize = 5;

/// A requirement that was violated, in the run in which its margin was worst.
#[derive(Clone, Debug, Serialize)]
pub struct Violation {
    /// Its name.
    pub id: String,
    /// In words.
    pub text: String,
    /// Whether it is of a file of the user's.
    pub own: bool,
    /// Runs in which it was violated.
    pub runs: u64,
    /// The arm of the worst one.
    pub arm: String,
    /// Its patient.
    pub patient: u64,
    /// The margin.
    pub margin: Option<f64>,
    /// The unit of the margin; empty for yes and no.
    pub unit: String,
    /// When, hours after the explant.
    pub at_h: Option<f64>,
    /// The comparison that decided it, as the formula has it.
    pub comparison: Option<String>,
    /// The signals of the formula at that moment; of the first few violations only.
    pub signals: Vec<Shown>,
}

/// A signal at a moment.
#[derive(Clone, Debug, Serialize)]
pub struct Shown {
    /// Its name.
    pub name: String,
    /// Its value, with its unit.
    pub value: String,
}

/// What was violated: the user's own requirements first, then in the order of the files.
#[must_use]
pub fn violations(library: &Library, runs: &[Run]) -> Vec<Violation> {
    let requirements = &library.requirements;
    let mut violated: Vec<Violated<'_>> = requirements
        .judged()
        .enumerate()
        .filter_map(|(place, requirement)| Violated::of(requirement, place, runs))
        .collect();
    violated.sort_by_key(|it| !it.requirement.is_own);
    let told = violated.iter().enumerate();
    told.map(|(place, it)| it.told(library, place < LOOKED_AT_MOST))
        .collect()
}

struct Violated<'a> {
    requirement: &'a Requirement,
    count: u64,
    run: &'a Run,
    finding: &'a Finding,
}

impl<'a> Violated<'a> {
    fn of(requirement: &'a Requirement, place: usize, runs: &'a [Run]) -> Option<Self> {
        let found = runs.iter().filter_map(|run| {
            let finding = run.judged.as_ref().ok()?.findings.get(place)?;
            finding.violated().then_some((run, finding))
        });
        let count = found.clone().count() as u64;
        let margin = |finding: &Finding| finding.margin.unwrap_or_default();
        let (run, finding) = found.min_by(|a, b| margin(a.1).total_cmp(&margin(b.1)))?;
        Some(Self {
            requirement,
            count,
            run,
            finding,
        })
    }

    fn told(&self, library: &Library, looks: bool) -> Violation {
        let (requirement, finding) = (self.requirement, self.finding);
        let arm = &library.scenario.arms[self.run.arm];
        let seen = looks
            .then(|| Case::new(library, arm, self.run.patient).ok())
            .flatten()
            .and_then(|case| worst_moment(&case, &library.requirements, requirement, finding).ok());
        let signals = seen.unwrap_or_default().into_iter();
        let comparison = requirement.formula().zip(finding.atom);
        Violation {
            id: requirement.id.clone(),
            text: requirement.text.clone(),
            own: requirement.is_own,
            runs: self.count,
            arm: arm.name.clone(),
            patient: self.run.patient,
            margin: finding.margin,
            unit: requirement.unit_of(finding).to_owned(),
            at_h: finding.worst_at_h,
            comparison: comparison.map(|(formula, atom)| formula.atom_text(atom).to_owned()),
            signals: signals.map(|(name, value)| Shown { name, value }).collect(),
        }
    }
}
