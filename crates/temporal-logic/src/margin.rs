//! How far a formula is from changing its verdict, with the comparison that says so.
//!
//! Robustness alone cannot tell `x > 5` from `x >= 5` at five: both are zero away. So the sign of zero
//! carries the verdict: `+0.0` holds, `-0.0` does not, and numbers are ordered as
//! [`f64::total_cmp`] orders them. Negation swaps the two by itself, least and greatest keep the
//! order, and so every formula is satisfied exactly when the sign of its margin is positive.
//!
//! A margin is kept as the whole number by which `total_cmp` compares: the bits of the number, those
//! below the sign turned over when it is negative. Then order is the order of whole numbers, and
//! negation turns over all bits.

use core::cmp::Ordering;

/// No comparison: the margin of an empty window.
const NOTHING: u16 = u16::MAX;

/// A margin and the atom it comes from. Never NaN.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Margin {
    key: i64,
    atom: u16,
}

impl Margin {
    /// Of a conjunction of nothing.
    pub(crate) const TOP: Self = Self {
        key: key(f64::INFINITY),
        atom: NOTHING,
    };
    /// Of a disjunction of nothing.
    pub(crate) const BOTTOM: Self = Self {
        key: key(f64::NEG_INFINITY),
        atom: NOTHING,
    };

    /// `distance` from the limit; `at_limit` says whether the limit itself still holds.
    #[inline]
    pub(crate) fn new(distance: f64, at_limit: bool, atom: u16) -> Self {
        let value = match (distance == 0.0, at_limit) {
            (true, true) => 0.0,
            (true, false) => -0.0,
            (false, _) => distance,
        };
        let key = key(value);
        Self { key, atom }
    }

    /// The margin as a plain number: there is one zero.
    #[inline]
    pub(crate) fn robustness(self) -> f64 {
        number(self.key) + 0.0
    }

    #[inline]
    pub(crate) fn holds(self) -> bool {
        self.key >= 0
    }

    #[inline]
    pub(crate) fn atom(self) -> Option<usize> {
        (self.atom != NOTHING).then_some(usize::from(self.atom))
    }

    #[inline]
    pub(crate) fn not(self) -> Self {
        Self {
            key: !self.key,
            ..self
        }
    }

    #[inline]
    pub(crate) fn and(self, other: Self) -> Self {
        if self.key <= other.key { self } else { other }
    }

    #[inline]
    pub(crate) fn or(self, other: Self) -> Self {
        if self.key >= other.key { self } else { other }
    }

    #[inline]
    pub(crate) fn order(self, other: Self) -> Ordering {
        self.key.cmp(&other.key)
    }

    #[inline]
    pub(crate) fn is_same(self, other: Self) -> bool {
        self.key == other.key && self.atom == other.atom
    }
}

const fn key(number: f64) -> i64 {
    let bits = number.to_bits().cast_signed();
    bits ^ ((bits >> 63) & i64::MAX)
}

const fn number(key: i64) -> f64 {
    f64::from_bits((key ^ ((key >> 63) & i64::MAX)).cast_unsigned())
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
    fn margins_are_ordered_as_numbers_are() {
        let numbers = [
            f64::NEG_INFINITY,
            -2.5,
            -f64::MIN_POSITIVE,
            1e-300,
            7.0,
            f64::INFINITY,
        ];
        for (a, b) in numbers.iter().flat_map(|a| numbers.map(|b| (*a, b))) {
            let (one, other) = (Margin::new(a, true, 0), Margin::new(b, true, 0));
            assert_eq!(one.order(other), a.total_cmp(&b));
            assert_eq!(one.not().order(other.not()), b.total_cmp(&a));
            assert_eq!((one.robustness(), one.not().robustness()), (a, -a));
        }
    }

    #[test]
    fn nothing_satisfies_everything_in_it() {
        assert!(Margin::TOP.holds() && !Margin::BOTTOM.holds());
        assert_eq!(Margin::TOP.atom(), None);
    }
}
