//! What a search looks at in a run: the requirements that it wants, and how far a run was from breaking one.
//!
//! ```text
//!   height   -1 .. 0      broken
//!             0 .. 1      it holds, by so much
//!             1 .. 3      there was nothing to judge, and its condition was so far from being met
//!             3           nor is that known: a yes or no was lacking
//! ```

use std::sync::Arc;

use crate::config::Library;
use crate::requirement::{Finding, Requirements};

/// Of more requirements than these all are judged, and no condition.
pub(super) const FEW: usize = 8;

/// What is looked at.
pub(super) struct Aim {
    library: Library,
    /// Where the wanted ones are among what is judged.
    places: Vec<usize>,
    /// Where the conditions of these are.
    conditions: Vec<Option<usize>>,
    units: Vec<Vec<bool>>,
}

impl Aim {
    /// The requirements at these places among those that are judged.
    pub(super) fn new(library: &Library, wanted: &[usize]) -> Self {
        let mut library = library.clone();
        if wanted.len() > FEW {
            return Self {
                conditions: vec![None; wanted.len()],
                units: Vec::new(),
                places: wanted.to_vec(),
                library,
            };
        }
        let (alone, conditions) = library.requirements.alone_of(wanted);
        library.requirements = alone;
        Self {
            places: (0..wanted.len()).collect(),
            units: units(&library.requirements),
            library,
            conditions,
        }
    }

    /// The files, with the requirements that are judged.
    pub(super) const fn library(&self) -> &Library {
        &self.library
    }

    /// What was found of the wanted ones; of none where nothing was judged.
    pub(super) fn wanted<'f>(&self, findings: &'f [Finding]) -> Vec<&'f Finding> {
        let places = self.places.iter();
        places.filter_map(|place| findings.get(*place)).collect()
    }

    /// How far a run was from breaking one of the wanted requirements: the least of them.
    pub(super) fn height(&self, findings: &[Finding]) -> f64 {
        let each = self.places.iter().zip(&self.conditions);
        let heights = each.map(|(place, condition)| {
            let margin = findings.get(*place).and_then(|it| it.normalised);
            margin.map_or_else(|| self.lack(findings, *condition), share)
        });
        heights.fold(NOTHING_KNOWN, f64::min)
    }

    /// How far a condition was from being met, where a number says that.
    fn lack(&self, findings: &[Finding], condition: Option<usize>) -> f64 {
        let known = condition.and_then(|place| {
            let finding = findings.get(place)?;
            let is_number = *self.units.get(place)?.get(finding.atom?)?;
            finding.normalised.filter(|_| is_number)
        });
        known.map_or(NOTHING_KNOWN, |nearness| 2.0 - share(nearness))
    }
}

const NOTHING_KNOWN: f64 = 3.0;

/// Any number between -1 and 1, in its order.
pub(super) fn share(margin: f64) -> f64 {
    margin / (1.0 + libm::fabs(margin))
}

/// Of each formula, which of its comparisons are of numbers.
fn units(requirements: &Arc<Requirements>) -> Vec<Vec<bool>> {
    let formulas = requirements.judged().filter_map(|it| it.formula());
    let numbers = formulas.map(|it| {
        it.atoms()
            .iter()
            .map(|atom| atom.unit().is_some())
            .collect()
    });
    numbers.collect()
}
