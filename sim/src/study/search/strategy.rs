//! CMA-ES of the crate `cmaes`, asked and told.
//!
//! The crate calls a function for each point; a search flies a generation on all workers and learns from it in
//! order. So whoever asks gets the points of the generation that follows what was told so far: the crate is led
//! through the generations before it once more, each with the values that were told. That costs little beside a
//! flight, and a strategy is a function of its seed and of what it was told.
//!
//! Never here: what a number means, and when to give up.

use cmaes::{CMAESOptions, DVector};

/// Points of one generation.
pub(super) const POINTS: usize = 8;

/// A search for the least value over numbers about 0 to 1.
pub(super) struct Strategy {
    mean: Vec<f64>,
    step: f64,
    seed: u64,
    /// The values of each generation that was told.
    told: Vec<[f64; POINTS]>,
}

impl Strategy {
    /// From a point on, at first in steps of such a length.
    pub(super) fn new(mean: Vec<f64>, step: f64, seed: u64) -> Self {
        Self {
            mean,
            step,
            seed,
            told: Vec::new(),
        }
    }

    /// The points whose values are to be told next; none where the strategy has come to its end. They may lie
    /// outside of 0 to 1.
    pub(super) fn ask(&self) -> Option<Vec<Vec<f64>>> {
        let mut known = self.told.iter().flatten();
        let mut asked = Vec::new();
        let value = |point: &DVector<f64>| {
            known.next().copied().unwrap_or_else(|| {
                asked.push(point.as_slice().to_vec());
                0.0
            })
        };
        let options = CMAESOptions::new(self.mean.clone(), self.step)
            .population_size(POINTS)
            .seed(self.seed);
        let mut strategy = options.build(value).ok()?;
        for _ in &self.told {
            if strategy.next().is_some() {
                return None;
            }
        }
        // Whether it ends after values that nobody has told yet says nothing.
        let _ = strategy.next();
        drop(strategy);
        Some(asked)
    }

    /// The values of what was asked last, in its order; what is not finite counts as very large.
    pub(super) fn tell(&mut self, values: &[f64]) {
        let mut told = [f64::MAX; POINTS];
        for (to, value) in told.iter_mut().zip(values) {
            *to = if value.is_finite() { *value } else { f64::MAX };
        }
        self.told.push(told);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The lowest value within so many generations, and all points that were asked for.
    fn least(of: impl Fn(&[f64]) -> f64, generations: usize, seed: u64) -> (f64, Vec<Vec<f64>>) {
        let mut strategy = Strategy::new(vec![0.5; 4], 0.25, seed);
        let (mut least, mut all) = (f64::INFINITY, Vec::new());
        for _ in 0..generations {
            let Some(asked) = strategy.ask() else {
                break;
            };
            assert_eq!(asked.len(), POINTS);
            let values: Vec<f64> = asked.iter().map(|point| of(point)).collect();
            least = values.iter().copied().fold(least, f64::min);
            strategy.tell(&values);
            all.extend(asked);
        }
        (least, all)
    }

    /// A bent valley, its floor at (0.9, 0.81, 0.65.., 0.43..), where it is zero.
    fn valley(point: &[f64]) -> f64 {
        let bend = point.windows(2).map(|two| {
            let off = two[1] - two[0] * two[0];
            10.0 * off * off
        });
        let first = point[0] - 0.9;
        bend.sum::<f64>() + first * first
    }

    #[test]
    fn it_finds_the_least_value_of_a_known_function() {
        for seed in 0..5 {
            let (found, _) = least(valley, 100, seed);
            assert!(found < 1e-6, "seed {seed}: {found}");
        }
        // Eight hundred points at random come nowhere near.
        let mut numbers = crate::draw::Draws::new(1, 1).at(crate::draw::Purpose::Search, "", 0);
        let at_random = (0..800).map(|_| valley(&[(); 4].map(|()| numbers.uniform())));
        assert!(at_random.fold(f64::INFINITY, f64::min) > 1e-4);
    }

    #[test]
    fn one_seed_and_one_answer_give_the_same_points() {
        let (_, one) = least(valley, 20, 7);
        let (_, again) = least(valley, 20, 7);
        assert_eq!(one, again);
        let (_, other) = least(valley, 20, 8);
        assert_ne!(one[0], other[0]);
        // What was told matters from the second generation on.
        let (_, flat) = least(|_| 0.0, 20, 7);
        assert_eq!(one[..POINTS], flat[..POINTS]);
        assert_ne!(one[POINTS..2 * POINTS], flat[POINTS..2 * POINTS]);
    }

    #[test]
    fn it_ends_where_nothing_changes_and_takes_what_is_no_number() {
        let (_, asked) = least(|_| f64::NAN, 200, 1);
        assert!(
            !asked.is_empty() && asked.len() < 200 * POINTS,
            "{}",
            asked.len()
        );
    }
}
