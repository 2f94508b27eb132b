//! Whether what came too late came at all.
//!
//! ```text
//!  not b in time (a breach) --> owed --> b in time again: b comes `within` later --> paid, unless a goes then
//! ```

use super::program::Stretch;

/// What a deadline, `a implies eventually[0, within] b`, still owes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Late {
    within: i64,
    /// A moment had its deadline missed, and `b` has not come since.
    owed: bool,
    /// It comes at this tick, which has not been looked at.
    comes: Option<i64>,
    /// Whether `a` held in the stretch before.
    armed: bool,
    missed: bool,
    never: bool,
}

impl Late {
    pub(crate) const fn new(within: i64) -> Self {
        Self {
            within,
            owed: false,
            comes: None,
            armed: false,
            missed: false,
            never: false,
        }
    }

    /// The next stretch of verdicts, from `tick` on.
    #[inline]
    pub(crate) fn see(&mut self, tick: i64, stretch: Stretch) {
        if stretch.demand.holds() {
            if self.owed {
                self.owed = false;
                self.comes = Some(tick + self.within);
            }
        } else if stretch.armed {
            (self.owed, self.missed) = (true, true);
        }
        if let Some(comes) = self.comes
            && comes < stretch.until
        {
            // Where `a` ends at that very tick, it is its end that was waited for.
            self.never |= comes == tick && self.armed && !stretch.armed;
            self.comes = None;
        }
        self.armed = stretch.armed;
    }

    /// Whether deadlines were missed, and all of them were met in the end.
    pub(crate) const fn is_only_late(&self) -> bool {
        self.missed && !self.never && !self.owed && self.comes.is_none()
    }
}
