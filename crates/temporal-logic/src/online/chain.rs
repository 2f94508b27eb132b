//! Timed `until` and `since` in amortised constant time.
//!
//! Over `[0, b]`, `p until q` at one tick is `max(q, min(p, rest))`, where `rest` is the same thing one
//! tick on, and nothing (minus infinity) after the last. Such a link, `x -> max(q, min(p, x))`, composed
//! with another is again such a link, so a window is a chain of links under an associative operation,
//! and a queue of two stacks slides over it: each run is folded in once when it enters and once more
//! when the older stack runs out. A link composed with itself is itself, so a run of any length counts
//! as one link. `since` is the same with time reversed.
//!
//! A window that begins at `a > 0` also needs `p` up to there: `p until[a, b] q` is
//! `always[0, a) p` and the chain over `[a, b]`. The program builds it that way.

use super::program::ROOM;
use super::queue::Queue;
use super::window::Memory;
use crate::margin::Margin;

/// `x -> max(goal, min(way, x))`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Link {
    pub(crate) way: Margin,
    pub(crate) goal: Margin,
}

impl Link {
    /// `self` after `inner`.
    fn after(self, inner: Self) -> Self {
        Self {
            way: self.way.and(inner.way),
            goal: self.goal.or(self.way.and(inner.goal)),
        }
    }

    fn is_same(self, other: Self) -> bool {
        self.way.is_same(other.way) && self.goal.is_same(other.goal)
    }
}

/// Where a chain begins: `until` looks from the oldest run on, `since` from the newest back.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Direction {
    Until,
    Since,
}

#[derive(Clone, Debug)]
pub(crate) struct Chain {
    direction: Direction,
    /// Oldest first. The first `folded` hold the chain from there to the last folded one; the rest
    /// hold single runs.
    links: Queue<(i64, Link)>,
    folded: usize,
    /// The chain over the links that are not folded; meaningless when there are none.
    rest: Link,
}

impl Chain {
    pub(crate) fn new(direction: Direction) -> Self {
        let nothing = Link {
            way: Margin::TOP,
            goal: Margin::BOTTOM,
        };
        Self {
            direction,
            links: Queue::with_room(ROOM),
            folded: 0,
            rest: nothing,
        }
    }

    fn chain(&self, older: Link, newer: Link) -> Link {
        match self.direction {
            Direction::Until => older.after(newer),
            Direction::Since => newer.after(older),
        }
    }

    /// Turns the single runs into folded ones; each run passes here once.
    fn fold(&mut self) {
        let mut newer: Option<Link> = None;
        for i in (0..self.links.len()).rev() {
            let link = self.links[i].1;
            let chain = newer.map_or(link, |newer| self.chain(link, newer));
            self.links[i].1 = chain;
            newer = Some(chain);
        }
        self.folded = self.links.len();
    }
}

impl Memory for Chain {
    type Item = Link;

    fn enter(&mut self, until: i64, link: Link) {
        // A folded last link is still a single run: nothing newer was folded into it.
        if let Some((last_until, last)) = self.links.last_mut()
            && last.is_same(link)
        {
            *last_until = until;
            return;
        }
        self.rest = if self.links.len() == self.folded {
            link
        } else {
            self.chain(self.rest, link)
        };
        self.links.push((until, link));
    }

    fn leave(&mut self, from: i64) {
        while self.links.first().is_some_and(|&(until, _)| until <= from) {
            if self.folded == 0 {
                self.fold();
            }
            self.links.pop();
            self.folded -= 1;
        }
    }

    fn oldest_until(&self) -> i64 {
        self.links.first().map_or(i64::MAX, |&(until, _)| until)
    }

    fn margin(&self) -> Margin {
        let Some(&(_, oldest)) = self.links.first() else {
            return self.empty();
        };
        // Nothing follows the last link, so what is left of a chain is its goal.
        match (self.folded, self.links.len() - self.folded) {
            (0, _) => self.rest.goal,
            (_, 0) => oldest.goal,
            (_, _) => self.chain(oldest, self.rest).goal,
        }
    }

    fn empty(&self) -> Margin {
        Margin::BOTTOM
    }

    fn len(&self) -> usize {
        self.links.len()
    }
}
