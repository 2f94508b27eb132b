//! Means, spreads, quantiles and ranks of what really exists; nothing exists of nothing.

use serde::Serialize;
use statrs::statistics::{Data, OrderStatistics, RankTieBreaker, Statistics};

/// Mean and standard deviation (of a sample).
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Moments {
    /// The mean; none of nothing.
    pub mean: Option<f64>,
    /// The standard deviation; none of fewer than two.
    pub sd: Option<f64>,
}

impl Moments {
    /// Of these values.
    #[must_use]
    pub fn of(values: &[f64]) -> Self {
        let enough = |count: usize| values.len() >= count;
        Self {
            mean: enough(1).then(|| values.mean()),
            sd: enough(2).then(|| values.std_dev()),
        }
    }
}

/// The quantile `p`, between 0 and 1, interpolated; none of nothing.
#[must_use]
pub fn quantile(values: &[f64], p: f64) -> Option<f64> {
    (!values.is_empty()).then(|| Data::new(values.to_vec()).quantile(p))
}

/// Spearman's rank correlation; none of fewer than three pairs or where one side does not vary.
#[must_use]
pub fn spearman(a: &[f64], b: &[f64]) -> Option<f64> {
    if a.len() != b.len() || a.len() < 3 {
        return None;
    }
    let ranks = |values: &[f64]| Data::new(values.to_vec()).ranks(RankTieBreaker::Average);
    let (a, b) = (ranks(a), ranks(b));
    let spread = a.as_slice().std_dev() * b.as_slice().std_dev();
    let together = a.as_slice().covariance(b.as_slice());
    (spread > 0.0).then(|| together / spread)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_comes_of_nothing() {
        assert_eq!(
            Moments::of(&[]),
            Moments {
                mean: None,
                sd: None
            }
        );
        assert_eq!(Moments::of(&[2.0]).sd, None);
        assert_eq!(quantile(&[], 0.5), None);
        assert_eq!(spearman(&[1.0, 2.0], &[1.0, 2.0]), None);
        assert_eq!(spearman(&[1.0, 1.0, 1.0], &[1.0, 2.0, 3.0]), None);
    }

    #[test]
    fn agrees_with_values_calculated_by_hand() {
        let moments = Moments::of(&[1.0, 2.0, 3.0, 4.0]);
        assert_eq!(moments.mean, Some(2.5));
        assert!((moments.sd.unwrap() - (5.0_f64 / 3.0).sqrt()).abs() < 1e-12);
        // scipy.stats.spearmanr([1, 2, 3, 4, 5], [5, 6, 7, 8, 7])
        let rho = spearman(&[1.0, 2.0, 3.0, 4.0, 5.0], &[5.0, 6.0, 7.0, 8.0, 7.0]);
        assert!((rho.unwrap() - 0.820_782_681_668_123_3).abs() < 1e-12);
        assert!((quantile(&[1.0, 2.0, 3.0], 0.5).unwrap() - 2.0).abs() < 1e-12);
    }
}
