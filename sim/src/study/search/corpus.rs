//! Scenarios that reached something new, and the children that are made of them.
//!
//! Whoever reached what few others reach is chosen more often, and less often each time. A child gets one more
//! event, an event of another, another number, another time; times are those at which something happened in
//! the parent's run, because that is where rules have their edges.

use std::collections::BTreeMap;

use super::flight::Flown;
use super::space::{self, Dice, EVENTS_MOST, Space};
use crate::scenario::Scenario;

/// A scenario and what it has shown.
struct Entry {
    scenario: Scenario,
    flown: Flown,
    picks: u32,
}

/// All that is worth going on from.
pub(super) struct Corpus {
    entries: Vec<Entry>,
    /// In how many runs each feature was reached.
    seen: BTreeMap<u32, u32>,
    /// How often each kind of event was added.
    tried: Vec<u32>,
    /// The lowest margin so far, of each judged requirement.
    lowest: Vec<f64>,
}

impl Corpus {
    pub(super) fn new(space: &Space, base: Scenario, flown: Flown) -> Self {
        let mut corpus = Self {
            entries: Vec::new(),
            seen: BTreeMap::new(),
            tried: vec![0; space.kinds()],
            lowest: vec![f64::INFINITY; flown.margins.len()],
        };
        corpus.learn(base, flown, &[]);
        corpus
    }

    /// Keeps a scenario that reached something new, or came closer to a breach of a wanted requirement.
    pub(super) fn learn(&mut self, scenario: Scenario, flown: Flown, wanted: &[usize]) {
        let mut new = self.entries.is_empty();
        for feature in &flown.reached {
            let count = self.seen.entry(*feature).or_insert(0);
            new |= *count == 0;
            *count += 1;
        }
        for (place, margin) in flown.margins.iter().enumerate() {
            let (Some(margin), Some(lowest)) = (margin, self.lowest.get_mut(place)) else {
                continue;
            };
            if *margin < *lowest {
                *lowest = *margin;
                new |= wanted.contains(&place);
            }
        }
        if new {
            self.entries.push(Entry {
                scenario,
                flown,
                picks: 0,
            });
        }
    }

    fn weight(&self, entry: &Entry) -> f64 {
        let rare = entry.flown.reached.iter().map(|feature| {
            let count = self.seen.get(feature).copied().unwrap_or(1);
            1.0 / f64::from(count)
        });
        let rarity: f64 = rare.sum();
        (0.05 + rarity) / f64::from(1 + entry.picks)
    }

    /// The one at this share of all weights.
    fn pick(&mut self, share: f64) -> usize {
        let weights: Vec<f64> = self.entries.iter().map(|it| self.weight(it)).collect();
        let mut left = share * weights.iter().sum::<f64>();
        let mut place = 0;
        for (candidate, weight) in weights.iter().enumerate() {
            place = candidate;
            left -= weight;
            if left < 0.0 {
                break;
            }
        }
        self.entries[place].picks += 1;
        place
    }

    /// A child of somebody.
    pub(super) fn child(&mut self, space: &Space, dice: &mut Dice) -> Scenario {
        let share = dice.uniform();
        let parent = self.pick(share);
        let other = dice.below(self.entries.len());
        let mut it = self.entries[parent].scenario.clone();
        let moments = self.entries[parent].flown.moments.clone();
        for _ in 0..=geometric(dice) {
            self.change(&mut it, space, (&moments, other), dice);
        }
        it
    }

    fn change(
        &mut self,
        it: &mut Scenario,
        space: &Space,
        (moments, other): (&[u32], usize),
        dice: &mut Dice,
    ) {
        let events = it.faults.len() + it.orders.len();
        let full = events >= EVENTS_MOST;
        let minute = near(moments, space, dice);
        match dice.below(20) {
            0..=5 if !full => {
                let kind = self.kind(space, dice);
                space.add(it, (kind, minute), dice);
            }
            6..=8 if !full => {
                let other = &self.entries[other].scenario;
                let count = other.faults.len() + other.orders.len();
                if count > 0 {
                    let at = dice.happens(500).then_some(minute);
                    space::graft(it, other, dice.below(count), at);
                }
            }
            9 if !full && events > 0 => {
                let own = it.clone();
                space::graft(it, &own, dice.below(events), Some(minute));
            }
            10..=12 if events > 0 => {
                let ends = dice.happens(300);
                space::to_minute(it, dice.below(events), minute, ends);
            }
            13 if events > 0 => space::remove(it, dice.below(events)),
            14 => space::patient(it, dice),
            15 if dice.happens(300) => space::ward(it, dice),
            _ => space::tweak(it, dice),
        }
    }

    /// A kind of event: mostly one that was tried least.
    fn kind(&mut self, space: &Space, dice: &mut Dice) -> usize {
        let mut kind = space.any_kind(dice);
        if dice.happens(700) {
            // The better of a few, so that the order of the list does not matter.
            for _ in 0..8 {
                let another = space.any_kind(dice);
                if self.tried[another] < self.tried[kind] {
                    kind = another;
                }
            }
        }
        self.tried[kind] += 1;
        kind
    }
}

/// How many changes more than one.
fn geometric(dice: &mut Dice) -> u32 {
    let mut more = 0;
    while more < 4 && dice.happens(400) {
        more += 1;
    }
    more
}

/// A minute close to one at which something happened, or any.
fn near(moments: &[u32], space: &Space, dice: &mut Dice) -> u32 {
    if moments.is_empty() || dice.happens(250) {
        return space.any_minute(dice);
    }
    let moment = moments[dice.below(moments.len())];
    let by = match dice.below(4) {
        0 => 0.0,
        1 => dice.uniform() * 3.0,
        2 => dice.uniform() * 20.0 - 10.0,
        _ => dice.uniform() * 120.0 - 30.0,
    };
    (f64::from(moment) + by).max(0.0) as u32
}
