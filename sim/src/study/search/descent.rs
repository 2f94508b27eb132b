//! One structure of events after another, the numbers of each turned by CMA-ES until that leads no further.
//!
//! A structure is the next child of the corpus; its numbers are where the strategy begins. It is left when a
//! generation is flat, when two in a row have not come nearer to a breach, or when the strategy has ended.

use super::corpus::Corpus;
use super::dials::Dials;
use super::space::{Dice, Space};
use super::strategy::Strategy;
use crate::scenario::Scenario;

/// The first steps, as a share of each range.
const STEP: f64 = 0.25;
/// Generations without progress before a structure is left.
const IDLE_MOST: u32 = 2;
/// What counts as no nearer.
const NO_NEARER: f64 = 1e-9;

/// A structure whose numbers are turned.
struct Under {
    structure: Scenario,
    dials: Dials,
    strategy: Strategy,
    best: f64,
    idle: u32,
}

/// The one that is under way.
#[derive(Default)]
pub(super) struct Descent {
    under: Option<Under>,
}

impl Descent {
    /// The scenarios of the next generation.
    pub(super) fn ask(
        &mut self,
        (space, base): (&Space, &Scenario),
        corpus: &mut Corpus,
        dice: &mut Dice,
    ) -> Vec<Scenario> {
        let asked = self.under.as_ref().and_then(|it| it.strategy.ask());
        if let (Some(points), Some(it)) = (asked, &self.under) {
            return it.scenarios(&points);
        }
        let structure = loop {
            let it = corpus.next(space, base, dice);
            if Dials::of(&it, space.lasts_min()).len() > 0 {
                break it;
            }
        };
        let dials = Dials::of(&structure, space.lasts_min());
        let seed = dice.below(1 << 30) as u64;
        let it = Under {
            strategy: Strategy::new(dials.read(&structure), STEP, seed),
            structure,
            dials,
            best: f64::INFINITY,
            idle: 0,
        };
        let points = it.strategy.ask().unwrap_or_default();
        let scenarios = it.scenarios(&points);
        self.under = Some(it);
        scenarios
    }

    /// How far each of them was from a breach; what was refused has none.
    pub(super) fn tell(&mut self, heights: &[Option<f64>]) {
        let Some(it) = &mut self.under else {
            return;
        };
        let values: Vec<f64> = heights.iter().map(|it| it.unwrap_or(f64::MAX)).collect();
        it.strategy.tell(&values);
        let flown = heights.iter().flatten();
        let least = flown.clone().copied().fold(f64::INFINITY, f64::min);
        let most = flown.copied().fold(f64::NEG_INFINITY, f64::max);
        if least < it.best - NO_NEARER {
            it.best = least;
            it.idle = 0;
        } else {
            it.idle += 1;
        }
        if most - least < NO_NEARER || least > most || it.idle >= IDLE_MOST {
            self.under = None;
        }
    }
}

impl Under {
    fn scenarios(&self, points: &[Vec<f64>]) -> Vec<Scenario> {
        let points = points.iter();
        points
            .map(|point| self.dials.turned(&self.structure, point))
            .collect()
    }
}
