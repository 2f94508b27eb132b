//! What a formula says of a trace.

use crate::formula::Scope;
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
    /// Records taken, from the first by which each signal of the formula had a value.
    pub records: u64,
    /// Records with a verdict.
    pub judged: u64,
    /// Judged records in which there was something to judge: the left side of an outermost
    /// implication held. All of them if the formula is no implication.
    pub armed: u64,
    /// The verdict of the first of these records.
    pub first: Option<Verdict>,
    /// The worst verdict and the first moment of it, over all judged moments, records or not.
    pub worst: Option<Verdict>,
    /// The best verdict and the first moment of it, over all judged moments, records or not.
    pub best: Option<Verdict>,
    /// The worst of what was to hold while there was something to judge: of the right side of an
    /// outermost implication, over all judged moments at which its left side held. For any other
    /// formula the same as `worst`.
    ///
    /// Unlike `worst` it says how far the demand was from failing, however near the condition was to
    /// not being met.
    pub worst_armed: Option<Verdict>,
    /// The first of these moments at which what was to hold did not; none while it always did.
    pub first_breach: Option<Time>,
    /// Whether a formula `always (a implies eventually[0, t] b)` was breached by lateness alone: after each
    /// moment that was breached `b` came in the end, while `a` still held or when it had gone before.
    ///
    /// False where `b` comes at the very tick at which `a` ends, as in `F (answered or not asked)`: then
    /// nobody answered. False also for a `b` within the last [`crate::Formula::horizon`] of the trace, where
    /// it is not known whether that is so, and for every formula of another shape.
    pub only_late: bool,
    /// The first moment of the trace that is still open; none when nothing is.
    pub open_from: Option<Time>,
}

impl Summary {
    /// What a whole formula of this scope says; see [`crate::Monitor::conclusion`].
    #[must_use]
    pub const fn conclusion(&self, scope: Scope) -> Option<Verdict> {
        match scope {
            Scope::First => self.first,
            Scope::Every => self.worst,
            Scope::Some => self.best,
        }
    }
}
