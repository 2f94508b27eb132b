//! Scenarios that reached something new, and the children that are made of them.
//!
//! Whoever reached what few others reach is chosen more often, and less often each time; so is whoever came nearest
//! to a breach, and whoever gave a wanted requirement something to judge where that is rare. A child gets one more
//! event, an event of another, another number, another time; times are those at which something happened in
//! the parent's run, because that is where rules have their edges. Beside what a requirement judges each kind of
//! event is tried in turn, at about the same time: most defects need two things at once.

use std::collections::BTreeMap;
use std::ops::Range;

use super::flight::Flown;
use super::space::{self, Dice, EVENTS_MOST, Space};
use crate::scenario::Scenario;

/// A scenario and what it has shown.
struct Entry {
    scenario: Scenario,
    flown: Flown,
    picks: u32,
}

impl Entry {
    /// Whether a wanted requirement had something to judge.
    fn is_armed(&self) -> bool {
        is_armed(&self.flown)
    }
}

fn is_armed(flown: &Flown) -> bool {
    flown.margins.iter().any(Option::is_some)
}

/// What is known of a kind of event.
#[derive(Clone, Copy, Default)]
struct Kind {
    /// How often it was added.
    tried: u32,
    /// How often it was added to a scenario in which a wanted requirement has something to judge.
    paired: u32,
    /// Runs with it, and those of them that were kept.
    runs: u32,
    kept: u32,
    /// Whether a wanted requirement had something to judge in a run with it.
    arms: bool,
}

impl Kind {
    fn worth(self) -> f64 {
        f64::from(self.kept + 1) / f64::from(self.runs + 2)
    }
}

/// Why somebody was chosen.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Chosen {
    /// It reached what few others reach.
    Rare,
    /// It is among those that came nearest to a breach.
    Near,
    /// A wanted requirement has something to judge in it, and in most others has not.
    Armed,
}

/// Of those nearest to a breach so many take turns.
const NEAREST: usize = 5;

/// All that is worth going on from.
pub(super) struct Corpus {
    entries: Vec<Entry>,
    /// In how many runs each feature was reached.
    seen: BTreeMap<u32, u32>,
    kinds: Vec<Kind>,
    runs: u32,
    /// Runs in which a wanted requirement had something to judge.
    armed: u32,
    /// How near a run has come to a breach.
    lowest: f64,
}

impl Corpus {
    pub(super) fn new(space: &Space, base: Scenario, flown: Flown) -> Self {
        let mut corpus = Self {
            entries: Vec::new(),
            seen: BTreeMap::new(),
            kinds: vec![Kind::default(); space.kinds()],
            runs: 0,
            armed: 0,
            lowest: f64::INFINITY,
        };
        corpus.learn(space, base, flown);
        corpus
    }

    /// Keeps a scenario that reached something new, or came nearer to a breach.
    pub(super) fn learn(&mut self, space: &Space, scenario: Scenario, flown: Flown) {
        let mut new = self.entries.is_empty();
        for feature in &flown.reached {
            let count = self.seen.entry(*feature).or_insert(0);
            new |= *count == 0;
            *count += 1;
        }
        if flown.height < self.lowest {
            self.lowest = flown.height;
            new = true;
        }
        let armed = is_armed(&flown);
        self.runs += 1;
        self.armed += u32::from(armed);
        let kinds = space.kinds_of(&scenario);
        for kind in &kinds {
            let known = &mut self.kinds[*kind];
            new |= armed && !known.arms;
            known.arms |= armed;
        }
        for kind in &kinds {
            self.kinds[*kind].runs += 1;
            self.kinds[*kind].kept += u32::from(new);
        }
        if new {
            self.entries.push(Entry {
                scenario,
                flown,
                picks: 0,
            });
        }
    }

    /// Whether a wanted requirement has something to judge, but seldom.
    const fn is_seldom_armed(&self) -> bool {
        self.armed > 0 && self.armed < self.runs / 2
    }

    fn rarity(&self, entry: &Entry) -> f64 {
        let rare = entry.flown.reached.iter().map(|feature| {
            let count = self.seen.get(feature).copied().unwrap_or(1);
            1.0 / f64::from(count)
        });
        0.05 + rare.sum::<f64>()
    }

    /// Somebody, and why.
    fn pick(&mut self, dice: &mut Dice) -> (usize, Chosen) {
        let chosen = match dice.below(10) {
            0..=3 if self.is_seldom_armed() => Chosen::Armed,
            4..=5 => Chosen::Near,
            _ => Chosen::Rare,
        };
        let mut heights: Vec<f64> = self.entries.iter().map(|it| it.flown.height).collect();
        heights.sort_by(f64::total_cmp);
        let near = heights[(NEAREST - 1).min(heights.len() - 1)];
        let weights = self.entries.iter().map(|it| {
            let weight = match chosen {
                Chosen::Rare => self.rarity(it),
                Chosen::Near => f64::from(u8::from(it.flown.height <= near)),
                Chosen::Armed => f64::from(u8::from(it.is_armed())),
            };
            weight / f64::from(1 + it.picks)
        });
        let weights: Vec<f64> = weights.collect();
        let place = at_share(&weights, dice.uniform());
        self.entries[place].picks += 1;
        (place, chosen)
    }

    /// A child of somebody; a fresh one now and then, and at first.
    pub(super) fn next(&mut self, space: &Space, base: &Scenario, dice: &mut Dice) -> Scenario {
        // Where nothing tells what a requirement needs, every kind of event comes once before any comes often.
        let (first, share) = if self.is_seldom_armed() {
            (25, 200)
        } else {
            (65, 400)
        };
        if self.runs < first || dice.happens(share) {
            self.fresh(space, base, dice)
        } else {
            self.child(space, dice)
        }
    }

    fn child(&mut self, space: &Space, dice: &mut Dice) -> Scenario {
        let (parent, chosen) = self.pick(dice);
        let other = dice.below(self.entries.len());
        let mut it = self.entries[parent].scenario.clone();
        let moments = self.entries[parent].flown.moments.clone();
        if chosen == Chosen::Armed {
            match dice.below(10) {
                0..=4 if !is_full(&it) => {
                    return self.paired(it, space, self.entries[parent].flown.nearest, dice);
                }
                0..=8 => {
                    space::scatter(&mut it, |dice| near(&moments, space, dice), dice);
                    return it;
                }
                _ => {}
            }
        }
        for _ in 0..=geometric(dice) {
            self.change(&mut it, space, (&moments, other), dice);
        }
        it
    }

    /// With one or two kinds of events beside it that were beside the like of it least often: mostly at about the time
    /// at which it was nearest to a breach, or else of one of its events.
    fn paired(
        &mut self,
        mut it: Scenario,
        space: &Space,
        nearest: Option<u32>,
        dice: &mut Dice,
    ) -> Scenario {
        for _ in 0..=dice.below(2) {
            let kinds = space.faults_or_orders(dice);
            let kind = few(kinds, dice, |kind| self.kinds[kind].paired);
            self.kinds[kind].paired += 1;
            let nearest = nearest.filter(|_| dice.happens(700));
            let about = nearest.unwrap_or_else(|| space.minute_of_one(&it, dice));
            space.beside(&mut it, (kind, about), dice);
        }
        it
    }

    /// A scenario that knows nothing of any other: two to six events, of kinds that were tried least or brought most.
    pub(super) fn fresh(&mut self, space: &Space, base: &Scenario, dice: &mut Dice) -> Scenario {
        let mut it = base.clone();
        for _ in 0..2 + dice.below(5) {
            let kind = self.kind(space, dice);
            let minute = space.any_minute(dice);
            space.add(&mut it, (kind, minute), dice);
        }
        if dice.happens(200) {
            space::patient(&mut it, dice);
        }
        if dice.happens(100) {
            space::ward(&mut it, dice);
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
        let full = is_full(it);
        let minute = near(moments, space, dice);
        let change = if events == 0 { 0 } else { dice.below(20) };
        match change {
            0..=7 if !full => {
                let kind = self.kind(space, dice);
                space.add(it, (kind, minute), dice);
            }
            8..=9 if !full => {
                let other = &self.entries[other].scenario;
                let count = other.faults.len() + other.orders.len();
                if count > 0 {
                    let at = dice.happens(500).then_some(minute);
                    space::graft(it, other, dice.below(count), at);
                }
            }
            10 if !full => {
                let own = it.clone();
                space::graft(it, &own, dice.below(events), Some(minute));
            }
            8..=12 => {
                let ends = dice.happens(300);
                space::to_minute(it, dice.below(events), minute, ends);
            }
            13 => space::remove(it, dice.below(events)),
            14 => space::patient(it, dice),
            15 if dice.happens(300) => space::ward(it, dice),
            _ => space::tweak(it, dice),
        }
    }

    /// A kind of event: one that was tried least, or one with which something new came often.
    fn kind(&mut self, space: &Space, dice: &mut Dice) -> usize {
        let kinds = space.faults_or_orders(dice);
        let kind = if dice.happens(400) {
            let worths = self.kinds[kinds.clone()].iter().map(|it| it.worth());
            kinds.start + at_share(&worths.collect::<Vec<f64>>(), dice.uniform())
        } else {
            few(kinds, dice, |kind| self.kinds[kind].tried)
        };
        self.kinds[kind].tried += 1;
        kind
    }
}

/// The one of which there is least among a few, so that the order of the list does not matter.
fn few(kinds: Range<usize>, dice: &mut Dice, of: impl Fn(usize) -> u32) -> usize {
    let any = |dice: &mut Dice| kinds.start + dice.below(kinds.len());
    let mut kind = any(dice);
    for _ in 0..8 {
        let another = any(dice);
        if of(another) < of(kind) {
            kind = another;
        }
    }
    kind
}

/// The place at this share of all weights.
fn at_share(weights: &[f64], share: f64) -> usize {
    let mut left = share * weights.iter().sum::<f64>();
    let mut last = 0;
    for (place, weight) in weights.iter().enumerate() {
        if *weight <= 0.0 {
            continue;
        }
        last = place;
        left -= weight;
        if left < 0.0 {
            break;
        }
    }
    last
}

fn is_full(it: &Scenario) -> bool {
    it.faults.len() + it.orders.len() >= EVENTS_MOST
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
