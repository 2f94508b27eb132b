//! Sliding a closed window over runs.
//!
//! For each tick `t` the window covers `t + from ..= t + to`, or what of it lies after the first
//! record. Time moves from one moment at which something enters or leaves to the next, and every run
//! enters once and leaves once: amortised constant time for each run, whatever the window's length.

use std::collections::VecDeque;

use super::runs::{Run, Runs};
use crate::formula::Quantity;
use crate::margin::Margin;

/// What a window remembers of the runs in it, oldest first.
pub(crate) trait Memory {
    /// What a run is made of.
    type Item: Copy;

    /// Takes a newer run that ends before the tick `until`.
    fn enter(&mut self, until: i64, item: Self::Item);
    /// Forgets the runs that end at or before the tick `from`; at least one run stays.
    fn leave(&mut self, from: i64);
    /// Until when the oldest run lasts; the window is not empty.
    fn oldest_until(&self) -> i64;
    /// The margin of the whole window; the window is not empty.
    fn margin(&self) -> Margin;
    /// The margin of an empty window.
    fn empty(&self) -> Margin;
    /// How many runs it remembers.
    fn len(&self) -> usize;
}

/// A window on its way over one stream of runs.
#[derive(Clone, Debug)]
pub(crate) struct Sliding<M> {
    memory: M,
    from: i64,
    to: i64,
    /// Everything before this tick has been told.
    done: i64,
}

impl<M: Memory> Sliding<M> {
    /// A window over `from..=to`, in ticks from the moment that is judged.
    pub(crate) fn new(memory: M, from: i64, to: i64) -> Self {
        Self {
            memory,
            from,
            to,
            done: 0,
        }
    }

    /// Tells what is known before the first run: a window into the past is empty until its right edge
    /// reaches the first record.
    pub(crate) fn begin(&mut self, out: &mut Runs) {
        if self.to < 0 {
            self.done = -self.to;
            out.push(self.done, self.memory.empty());
        }
    }

    /// Takes the next run and tells what has become final by it.
    #[inline]
    pub(crate) fn advance(&mut self, until: i64, item: M::Item, out: &mut Runs) {
        self.memory.enter(until, item);
        let until = until - self.to;
        while self.done < until {
            self.memory.leave(self.done + self.from);
            self.done = until.min(self.memory.oldest_until() - self.from);
            out.push(self.done, self.memory.margin());
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.memory.len()
    }
}

/// The least or the greatest margin, by a monotone queue: a run goes as soon as a newer one outdoes it.
#[derive(Clone, Debug)]
pub(crate) struct Extreme {
    quantity: Quantity,
    /// From the most extreme, which is the window's margin, to the newest.
    candidates: VecDeque<Run>,
}

impl Extreme {
    pub(crate) fn new(quantity: Quantity) -> Self {
        Self {
            quantity,
            candidates: VecDeque::new(),
        }
    }

    #[inline]
    fn outdoes(&self, newer: Margin, older: Margin) -> bool {
        match self.quantity {
            Quantity::All => newer.order(older).is_le(),
            Quantity::Some => newer.order(older).is_ge(),
        }
    }
}

impl Memory for Extreme {
    type Item = Margin;

    #[inline]
    fn enter(&mut self, until: i64, margin: Margin) {
        while let Some(last) = self.candidates.back()
            && self.outdoes(margin, last.margin)
        {
            self.candidates.pop_back();
        }
        self.candidates.push_back(Run { until, margin });
    }

    #[inline]
    fn leave(&mut self, from: i64) {
        while self
            .candidates
            .front()
            .is_some_and(|oldest| oldest.until <= from)
        {
            self.candidates.pop_front();
        }
    }

    #[inline]
    fn oldest_until(&self) -> i64 {
        self.candidates.front().map_or(i64::MAX, |run| run.until)
    }

    #[inline]
    fn margin(&self) -> Margin {
        self.candidates
            .front()
            .map_or_else(|| self.empty(), |run| run.margin)
    }

    fn empty(&self) -> Margin {
        match self.quantity {
            Quantity::All => Margin::TOP,
            Quantity::Some => Margin::BOTTOM,
        }
    }

    fn len(&self) -> usize {
        self.candidates.len()
    }
}
