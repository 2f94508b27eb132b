//! What a formula says of a trace.

use crate::margin::Margin;
use crate::time::Time;

/// What a formula says of one moment. It is final: no later record changes it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Verdict {
    /// The moment that is judged.
    pub at: Time,
    /// How far it is from turning: in the unit of the atom it comes from, divided by that atom's
    /// scale. Infinite when it comes from an empty window, never NaN.
    pub robustness: f64,
    /// Whether the formula holds. Robustness above zero holds, below does not; at zero it depends on
    /// whether the comparison is strict.
    pub holds: bool,
    /// The atom it comes from, by its place in [`crate::Formula::atoms`]; none when infinite. Of atoms
    /// with equal margins it is one.
    pub atom: Option<usize>,
}

impl Verdict {
    pub(crate) fn new(at: Time, margin: Margin) -> Self {
        Self {
            at,
            robustness: margin.robustness(),
            holds: margin.holds(),
            atom: margin.atom(),
        }
    }
}

/// Everything that has been said so far.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Summary {
    /// Records taken.
    pub records: u64,
    /// Records with a verdict.
    pub judged: u64,
    /// Judged records in which there was something to judge: the left side of an outermost
    /// implication held. All of them if the formula is no implication.
    pub armed: u64,
    /// The verdict of the first record.
    pub first: Option<Verdict>,
    /// The worst verdict and the first moment of it, over all judged moments, records or not.
    pub worst: Option<Verdict>,
    /// The best verdict and the first moment of it, over all judged moments, records or not.
    pub best: Option<Verdict>,
    /// The first moment of the trace that is still open; none when nothing is.
    pub open_from: Option<Time>,
}
