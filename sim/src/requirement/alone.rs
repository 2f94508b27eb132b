//! One requirement and no other: for whoever asks nothing else of a run, and asks it before the run is over.

use std::sync::Arc;

use temporal_logic::Scope;

use super::{Finding, Monitors, Requirement, Requirements};
use crate::bench::Observer;
use crate::case::Case;
use crate::record::Record;

/// One of the judged requirements, ready for many runs.
#[derive(Clone, Debug)]
pub(crate) struct Alone {
    place: usize,
    /// It and no other, over the same names.
    only: Arc<Requirements>,
    every: bool,
}

impl Alone {
    /// The one at a place in [`Requirements::judged`].
    pub(crate) fn new(requirements: &Requirements, place: usize) -> Self {
        let one = requirements.judged().nth(place);
        let formula = one.and_then(Requirement::formula);
        Self {
            place,
            only: requirements.only(one.into_iter().cloned().collect()),
            every: formula.is_some_and(|it| it.scope() == Scope::Every),
        }
    }

    /// The requirement.
    pub(crate) fn requirement<'c>(&self, case: &Case<'c>) -> Option<&'c Requirement> {
        case.requirements().judged().nth(self.place)
    }

    /// Whether a breach stays one, whatever comes after it.
    pub(crate) const fn stays_breached(&self) -> bool {
        self.every
    }

    /// Whoever judges a run of a case by it.
    pub(crate) fn judge(&self, case: &Case<'_>) -> OfOne {
        let monitors = || Monitors::new(&self.only, case.limits());
        OfOne(case.protocol().map(|_| monitors()))
    }
}

/// Judges a run by one requirement.
#[derive(Clone, Debug)]
pub(crate) struct OfOne(Option<Monitors>);

impl OfOne {
    /// What would be found if the run ended here; none where nobody controls.
    pub(crate) fn so_far(&mut self) -> Option<Finding> {
        self.0.as_mut()?.so_far().pop()
    }
}

impl Observer for OfOne {
    fn observe(&mut self, record: &Record<'_>) {
        if let Some(monitors) = &mut self.0 {
            monitors.observe_few(record);
        }
    }
}
