//! Rare events: how likely is it that a margin falls below zero, where plain sampling would never see it?
//!
//! Multilevel splitting with the last particle (Guyader, Hengartner and Matzner-Lober 2011): of N points the one
//! with the highest level goes, and a copy of another takes its place, moved by a chain that stays below that
//! level. The number of times until all are below zero is Poisson with mean -N log p, so that the estimate
//! has an interval of its own. Several such crowds run beside each other and are counted together; where their
//! counts scatter more than Poisson's, because the chains are too short, the interval grows with it.
//!
//! Points that share the highest level go together, K of them for a share of 1 - K/N (Bréhier, Gazeau, Goudenège, Lelièvre
//! and Rousset 2016). Most weans are at one level, such as no withdrawal at all: one by one they would count for
//! (1 - 1/N)^K, which is too much. How well such a share is known is that of K among N, and the interval grows with it.
//!
//! What a point is, and what its level, is said by whoever asks ([`Space`]): standard normals here, so that a
//! chain can move them without a scale of their own. What cannot be moved by a little, such as whoever rolls the
//! dice of a ward, is left alone by half of the moves.
//!
//! Never here: patients, scenarios ([`super::rarely`] knows them).

use rayon::prelude::*;
use serde::Serialize;
use statrs::distribution::{ContinuousCDF, Gamma, Normal};

use crate::draw::{Draws, Numbers, Purpose};

/// Where points live, and how far each is from what must not happen.
pub trait Space: Sync {
    /// How many standard normals make a point.
    fn dimensions(&self) -> usize;

    /// So many of them, the last, make another point altogether, however little they are moved.
    fn dice(&self) -> usize {
        0
    }

    /// Whether a point is of those of whom the probability is asked.
    fn admits(&self, _point: &[f64]) -> bool {
        true
    }

    /// The level of a point: below zero it has happened.
    fn level(&self, point: &[f64]) -> f64;
}

/// How much is spent.
#[derive(Clone, Copy, Debug)]
pub struct Effort {
    /// Points of one crowd.
    pub points: usize,
    /// Crowds.
    pub crowds: usize,
    /// Moves of the chain for each point that is replaced.
    pub moves: usize,
    /// Times that a crowd replaces a point at most: where that does not suffice, only an upper bound is known.
    pub replaced_most: usize,
    /// Where all numbers come from.
    pub seed: u64,
}

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Estimate {
    /// The probability.
    pub probability: f64,
    /// The interval that covers the truth in 95 % of all cases.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
    /// Levels that were asked for.
    pub runs: u64,
    /// How much more the crowds' counts scatter than Poisson's; 1 where they do not.
    pub overdispersion: f64,
    /// Whether a crowd gave up: then the probability is no more than `high`, and may be anything below.
    pub is_bound: bool,
}

/// One crowd's way down.
struct Down {
    replaced: usize,
    /// The logarithm of the share that is left, and its variance.
    log_kept: f64,
    variance: f64,
    runs: u64,
    gave_up: bool,
}

/// Estimates the probability that the level of a point is below zero.
#[must_use]
pub fn splitting(space: &dyn Space, effort: &Effort) -> Estimate {
    let downs: Vec<Down> = (0..effort.crowds.max(1) as u64)
        .into_par_iter()
        .map(|crowd| down(space, effort, crowd))
        .collect();
    let points = effort.points.max(2) as f64;
    // Each count takes away a share of 1 in N, and is known to as much.
    let kept = libm::log(1.0 - 1.0 / points);
    let counts: Vec<f64> = downs.iter().map(|down| down.log_kept / kept).collect();
    let crowds = counts.len() as f64;
    let total: f64 = counts.iter().sum();
    let mean = total / crowds;
    let squares: f64 = counts.iter().map(|it| (it - mean) * (it - mean)).sum();
    let variance = if counts.len() > 1 {
        squares / (crowds - 1.0)
    } else {
        mean
    };
    let together: f64 = downs.iter().map(|down| down.variance).sum();
    let coarser = together / (kept * kept * total.max(1.0));
    let overdispersion = (variance / mean.max(1.0)).max(coarser).max(1.0);
    let probability = |count: f64| libm::exp(kept * count / crowds);
    let (few, many) = poisson_interval(total, overdispersion);
    Estimate {
        probability: probability(total),
        low: probability(many),
        high: probability(few),
        runs: downs.iter().map(|down| down.runs).sum(),
        overdispersion,
        is_bound: downs.iter().any(|down| down.gave_up),
    }
}

/// Means of a Poisson count that are not too unlikely for what was counted (Garwood 1936), wider by the root of
/// the overdispersion.
fn poisson_interval(count: f64, overdispersion: f64) -> (f64, f64) {
    let quantile = |shape: f64, p: f64| Gamma::new(shape, 1.0).map_or(0.0, |it| it.inverse_cdf(p));
    let few = if count > 0.0 {
        quantile(count, 0.025)
    } else {
        0.0
    };
    let many = quantile(count + 1.0, 0.975);
    let wider = libm::sqrt(overdispersion);
    let low = count - (count - few) * wider;
    (low.max(0.0), count + (many - count) * wider)
}

fn down(space: &dyn Space, effort: &Effort, crowd: u64) -> Down {
    let mut numbers = Draws::new(effort.seed, crowd).at(Purpose::Splitting, "crowd", 0);
    let count = effort.points.max(2);
    let mut points: Vec<(f64, Vec<f64>)> = (0..count)
        .map(|_| {
            let point = somebody(space, &mut numbers);
            (space.level(&point), point)
        })
        .collect();
    let mut done = Down {
        replaced: 0,
        log_kept: 0.0,
        variance: 0.0,
        runs: count as u64,
        gave_up: false,
    };
    let mut step = Step(0.5);
    loop {
        let levels = points.iter().map(|it| it.0);
        let Some(level) = levels.max_by(f64::total_cmp).filter(|it| *it >= 0.0) else {
            return done;
        };
        let places = 0..count;
        let (out, below): (Vec<usize>, Vec<usize>) =
            places.partition(|it| points[*it].0.total_cmp(&level).is_eq());
        if below.is_empty() || done.replaced >= effort.replaced_most {
            // All are at one level: nothing tells which way is down.
            done.gave_up = true;
            return done;
        }
        let (all, going) = (count as f64, out.len() as f64);
        done.log_kept += libm::log(1.0 - going / all);
        done.variance += going / (all * (all - going));
        let last = below.len() as u64 - 1;
        for place in out {
            let copied = below[usize::try_from(numbers.within(0, last)).unwrap_or(0)];
            let mut walker = points[copied].clone();
            for _ in 0..effort.moves {
                done.runs += u64::from(step.go(space, &mut walker, level, &mut numbers));
            }
            points[place] = walker;
            done.replaced += 1;
        }
    }
}

/// Draws before a point that is admitted is no longer looked for.
const DRAWN_MOST: usize = 10_000;

/// A point as it is drawn, of those who are admitted.
fn somebody(space: &dyn Space, numbers: &mut Numbers) -> Vec<f64> {
    let dimensions = space.dimensions();
    let mut draw = || -> Vec<f64> { (0..dimensions).map(|_| numbers.normal()).collect() };
    let mut point = draw();
    for _ in 0..DRAWN_MOST {
        if space.admits(&point) {
            break;
        }
        point = draw();
    }
    point
}

/// How far a chain goes at a time: further while more than half of the moves are taken.
struct Step(f64);

impl Step {
    /// Moves a point, or leaves it where it is; whether a level had to be asked for.
    fn go(
        &mut self,
        space: &dyn Space,
        walker: &mut (f64, Vec<f64>),
        level: f64,
        numbers: &mut Numbers,
    ) -> bool {
        // A move that keeps standard normals standard normal, however far it goes.
        let keeps = libm::sqrt(1.0 - self.0 * self.0);
        let dice = space.dice();
        let fixed = if dice > 0 && numbers.happens(500) {
            dice
        } else {
            0
        };
        let moves = walker.1.len().saturating_sub(fixed);
        let mut moved = walker.1.clone();
        for it in &mut moved[..moves] {
            *it = keeps * *it + self.0 * numbers.normal();
        }
        let is_one = space.admits(&moved);
        let there = if is_one {
            space.level(&moved)
        } else {
            f64::INFINITY
        };
        let taken = there < level;
        if taken {
            *walker = (there, moved);
        }
        // Of dice nothing can be learned about how far to go.
        if fixed == dice {
            let by: f64 = if taken { 1.02 } else { 0.985 };
            self.0 = (self.0 * by).clamp(0.02, 0.95);
        }
        is_one
    }
}

/// Plain sampling, for where it is affordable: the share of points that have happened, with Wilson's interval.
#[must_use]
pub fn plain(space: &dyn Space, runs: u64, seed: u64) -> Estimate {
    let happened: u64 = (0..runs)
        .into_par_iter()
        .map(|run| {
            let mut numbers = Draws::new(seed, run).at(Purpose::Splitting, "plain", 0);
            let point = somebody(space, &mut numbers);
            u64::from(space.level(&point) < 0.0)
        })
        .sum();
    let n = runs.max(1) as f64;
    let share = happened as f64 / n;
    let z = Normal::standard().inverse_cdf(0.975);
    let middle = (share + z * z / (2.0 * n)) / (1.0 + z * z / n);
    let half =
        z * libm::sqrt(share * (1.0 - share) / n + z * z / (4.0 * n * n)) / (1.0 + z * z / n);
    Estimate {
        probability: share,
        low: (middle - half).max(0.0),
        high: (middle + half).min(1.0),
        runs,
        overdispersion: 1.0,
        is_bound: false,
    }
}

/// Runs that plain sampling would need to know a probability as well as an estimate does: so many that one
/// standard error is the same share of it.
#[must_use]
pub fn plain_runs(estimate: &Estimate) -> f64 {
    let z = Normal::standard().inverse_cdf(0.975);
    let spread = (libm::log(estimate.high) - libm::log(estimate.low)) / (2.0 * z);
    (1.0 - estimate.probability) / (estimate.probability * spread * spread)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Below zero beyond a plane at a distance: the probability is the normal's own tail.
    struct Plane {
        distance: f64,
        dimensions: usize,
    }

    impl Space for Plane {
        fn dimensions(&self) -> usize {
            self.dimensions
        }

        fn level(&self, point: &[f64]) -> f64 {
            let sum: f64 = point.iter().sum();
            self.distance - sum / libm::sqrt(self.dimensions as f64)
        }
    }

    /// Two planes on opposite sides: whoever goes down on one side alone sees half of it.
    struct Both(Plane);

    impl Space for Both {
        fn dimensions(&self) -> usize {
            self.0.dimensions
        }

        fn level(&self, point: &[f64]) -> f64 {
            let sum: f64 = point.iter().sum();
            self.0.distance - (sum / libm::sqrt(self.0.dimensions as f64)).abs()
        }
    }

    fn tail(distance: f64) -> f64 {
        Normal::standard().cdf(-distance)
    }

    const EFFORT: Effort = Effort {
        points: 100,
        crowds: 6,
        moves: 15,
        replaced_most: 10_000,
        seed: 1,
    };

    #[test]
    fn one_in_a_million_is_known_to_a_factor_of_two_for_a_hundredth_of_the_runs() {
        let plane = Plane {
            distance: 4.753_424_308_822_899,
            dimensions: 8,
        };
        let truth = tail(plane.distance);
        assert!((truth / 1e-6 - 1.0).abs() < 1e-6);
        let (mut covered, mut within, mut cheap) = (0, 0, 0);
        for seed in 1..=20 {
            let found = splitting(&plane, &Effort { seed, ..EFFORT });
            assert!(!found.is_bound);
            covered += u32::from((found.low..=found.high).contains(&truth));
            within += u32::from((truth / 2.0..=truth * 2.0).contains(&found.probability));
            cheap += u32::from((found.runs as f64) <= 0.01 * plain_runs(&found));
        }
        assert!(covered >= 18, "{covered} of 20 intervals hold the truth");
        assert_eq!((within, cheap), (20, 20));
    }

    #[test]
    fn an_event_on_two_sides_is_seen_as_a_whole() {
        let both = Both(Plane {
            distance: 3.5,
            dimensions: 3,
        });
        let truth = 2.0 * tail(3.5);
        let found = splitting(&both, &EFFORT);
        assert!(
            (found.low..=found.high).contains(&truth),
            "{found:?} {truth}"
        );
    }

    #[test]
    fn plain_sampling_agrees_where_it_is_affordable() {
        let plane = Plane {
            distance: 2.0,
            dimensions: 5,
        };
        let (all, split) = (plain(&plane, 40_000, 1), splitting(&plane, &EFFORT));
        let truth = tail(2.0);
        for found in [all, split] {
            assert!(
                (found.low..=found.high).contains(&truth),
                "{found:?} {truth}"
            );
        }
        assert!(all.low <= split.high && split.low <= all.high);
    }

    /// The plane, but far from it all are at one level, and near it there are steps; as weans are.
    struct Stairs(Plane);

    impl Space for Stairs {
        fn dimensions(&self) -> usize {
            self.0.dimensions
        }

        fn level(&self, point: &[f64]) -> f64 {
            libm::ceil(2.0 * self.0.level(point).min(self.0.distance - 1.0)) - 0.5
        }
    }

    #[test]
    fn a_share_at_one_level_counts_as_what_it_is() {
        // Five in six are at the highest level, and the rest on steps.
        let (distance, dimensions) = (3.0, 5);
        let stairs = Stairs(Plane {
            distance,
            dimensions,
        });
        // Below zero is the last stair: at the plane, or less than nothing before it.
        let truth = tail(distance);
        let (mut covered, mut sum) = (0, 0.0);
        for seed in 1..=20 {
            let found = splitting(&stairs, &Effort { seed, ..EFFORT });
            assert!(!found.is_bound);
            covered += u32::from((found.low..=found.high).contains(&truth));
            sum += found.probability / truth;
        }
        assert!(covered >= 17, "{covered} of 20 intervals hold the truth");
        assert!((0.8..1.2).contains(&(sum / 20.0)), "{}", sum / 20.0);
    }

    /// The plane, of those on one side of another alone, under dice that move it.
    struct Diced(Plane);

    impl Space for Diced {
        fn dimensions(&self) -> usize {
            self.0.dimensions + 1
        }

        fn dice(&self) -> usize {
            1
        }

        fn admits(&self, point: &[f64]) -> bool {
            point[0] > -0.5
        }

        fn level(&self, point: &[f64]) -> f64 {
            let (dice, point) = point.split_last().expect("dice");
            // The third decimal of the dice, so that the smallest move throws them anew.
            let thrown = libm::fmod(dice.abs() * 1e3, 1.0);
            self.0.level(point) - thrown
        }
    }

    #[test]
    fn dice_and_who_is_admitted_are_part_of_it() {
        let diced = Diced(Plane {
            distance: 3.2,
            dimensions: 3,
        });
        let truth = plain(&diced, 400_000, 9);
        let (mut covered, mut sum) = (0, 0.0);
        for seed in 1..=10 {
            let found = splitting(&diced, &Effort { seed, ..EFFORT });
            covered += u32::from(found.low <= truth.high && truth.low <= found.high);
            sum += found.probability / truth.probability;
        }
        assert!(covered >= 9, "{covered} of 10 {truth:?}");
        assert!((0.85..1.18).contains(&(sum / 10.0)), "{}", sum / 10.0);
    }

    #[test]
    fn one_seed_one_estimate_whatever_the_workers() {
        let plane = Plane {
            distance: 3.0,
            dimensions: 4,
        };
        let on = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
            pool.expect("threads")
                .install(|| splitting(&plane, &EFFORT))
        };
        assert_eq!(on(1), on(3));
    }

    #[test]
    fn a_level_that_does_not_tell_the_way_is_no_estimate() {
        struct Flat;
        impl Space for Flat {
            fn dimensions(&self) -> usize {
                1
            }
            fn level(&self, _: &[f64]) -> f64 {
                1.0
            }
        }
        let found = splitting(&Flat, &EFFORT);
        assert!(found.is_bound);
    }
}
