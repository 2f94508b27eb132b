//! How far a formula is from changing its verdict, with the comparison that says so.
//!
//! Robustness alone cannot tell `x > 5` from `x >= 5` at five: both are zero away. So the sign of zero
//! carries the verdict: `+0.0` holds, `-0.0` does not, and numbers are ordered as
//! [`f64::total_cmp`] orders them. Negation swaps the two by itself, least and greatest keep the
//! order, and so every formula is satisfied exactly when the sign of its margin is positive.

use core::cmp::Ordering;

/// No comparison: the margin of an empty window.
const NOTHING: u16 = u16::MAX;

/// A margin and the atom it comes from. Never NaN.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Margin {
    value: f64,
    atom: u16,
}

impl Margin {
    /// Of a conjunction of nothing.
    pub(crate) const TOP: Self = Self {
        value: f64::INFINITY,
        atom: NOTHING,
    };
    /// Of a disjunction of nothing.
    pub(crate) const BOTTOM: Self = Self {
        value: f64::NEG_INFINITY,
        atom: NOTHING,
    };

    /// `distance` from the limit; `at_limit` says whether the limit itself still holds.
    pub(crate) fn new(distance: f64, at_limit: bool, atom: u16) -> Self {
        let value = match (distance == 0.0, at_limit) {
            (true, true) => 0.0,
            (true, false) => -0.0,
            (false, _) => distance,
        };
        Self { value, atom }
    }

    pub(crate) fn is_nan(self) -> bool {
        self.value.is_nan()
    }

    /// The margin as a plain number: there is one zero.
    pub(crate) fn robustness(self) -> f64 {
        self.value + 0.0
    }

    pub(crate) fn holds(self) -> bool {
        self.value.is_sign_positive()
    }

    pub(crate) fn atom(self) -> Option<usize> {
        (self.atom != NOTHING).then_some(usize::from(self.atom))
    }

    #[inline]
    pub(crate) fn not(self) -> Self {
        Self {
            value: -self.value,
            ..self
        }
    }

    #[inline]
    pub(crate) fn and(self, other: Self) -> Self {
        if self.order(other).is_le() {
            self
        } else {
            other
        }
    }

    #[inline]
    pub(crate) fn or(self, other: Self) -> Self {
        if self.order(other).is_ge() {
            self
        } else {
            other
        }
    }

    #[inline]
    pub(crate) fn order(self, other: Self) -> Ordering {
        self.value.total_cmp(&other.value)
    }

    #[inline]
    pub(crate) fn is_same(self, other: Self) -> bool {
        self.value.to_bits() == other.value.to_bits() && self.atom == other.atom
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sign_of_zero_is_the_verdict() {
        let (strict, weak) = (Margin::new(0.0, false, 0), Margin::new(0.0, true, 1));
        assert!(!strict.holds() && weak.holds());
        assert!(strict.not().holds() && !weak.not().holds());
        assert_eq!(strict.and(weak).atom(), Some(0));
        assert_eq!(weak.or(strict).atom(), Some(1));
        assert_eq!(strict.robustness().to_bits(), weak.robustness().to_bits());
    }

    #[test]
    fn nothing_satisfies_everything_in_it() {
        assert!(Margin::TOP.holds() && !Margin::BOTTOM.holds());
        assert_eq!(Margin::TOP.atom(), None);
    }
}
