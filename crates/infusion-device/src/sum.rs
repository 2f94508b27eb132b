//! A running total that does not forget small terms.
//!
//! Six days of equal steps out of 40 mL would round the same way every time, and the drug balance
//! would drift by micrograms. The rounding error of each addition is kept and given back.

/// A total of many terms, with the part that a plain `f64` would have lost.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sum {
    total: f64,
    lost: f64,
}

impl Sum {
    /// A total that starts at `value`.
    pub(crate) const fn from(value: f64) -> Self {
        Self {
            total: value,
            lost: 0.0,
        }
    }

    /// Adds one term (Knuth's two-sum: the error is exact for any order of magnitudes).
    pub(crate) fn add(&mut self, term: f64) {
        let total = self.total + term;
        let part = total - self.total;
        self.lost += (self.total - (total - part)) + (term - part);
        self.total = total;
    }

    /// The total.
    pub(crate) fn get(self) -> f64 {
        self.total + self.lost
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_equal_steps_do_not_drift() {
        let mut sum = Sum::from(40_000.0);
        for _ in 0..1_000_000 {
            sum.add(-0.009_258_333);
        }
        assert!((sum.get() - (40_000.0 - 9_258.333)).abs() < 1e-11);
    }
}
