//! Sliding a closed window over runs.
//!
//! For each tick `t` the window covers `t + from ..= t + to`, or what of it lies after the first
//! record. Time moves from one moment at which something enters or leaves to the next, and every run
//! enters once and leaves once: amortised constant time for each run, whatever the window's length.

use super::program::ROOM;
use super::queue::Queue;
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

    /// Tells what is known before the first run, which begins at `tick`: a window into the past is
    /// empty until its right edge reaches it.
    pub(crate) fn begin(&mut self, tick: i64, out: &mut Runs) {
        self.done = tick;
        if self.to < 0 {
            self.done = tick - self.to;
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
    /// From the least, which is the window's margin, to the newest; negated if the greatest is wanted.
    candidates: Queue<Run>,
}

impl Extreme {
    pub(crate) fn new(quantity: Quantity) -> Self {
        Self {
            quantity,
            candidates: Queue::with_room(ROOM),
        }
    }

    #[inline]
    fn signed(&self, margin: Margin) -> Margin {
        match self.quantity {
            Quantity::All => margin,
            Quantity::Some => margin.not(),
        }
    }
}

impl Memory for Extreme {
    type Item = Margin;

    #[inline]
    fn enter(&mut self, until: i64, margin: Margin) {
        let margin = self.signed(margin);
        while let Some(last) = self.candidates.last()
            && margin.order(last.margin).is_le()
        {
            self.candidates.pop_newest();
        }
        self.candidates.push(Run { until, margin });
    }

    #[inline]
    fn leave(&mut self, from: i64) {
        while self
            .candidates
            .first()
            .is_some_and(|oldest| oldest.until <= from)
        {
            self.candidates.pop();
        }
    }

    #[inline]
    fn oldest_until(&self) -> i64 {
        self.candidates.first().map_or(i64::MAX, |run| run.until)
    }

    #[inline]
    fn margin(&self) -> Margin {
        self.candidates
            .first()
            .map_or_else(|| self.empty(), |run| self.signed(run.margin))
    }

    #[inline]
    fn empty(&self) -> Margin {
        self.signed(Margin::TOP)
    }

    fn len(&self) -> usize {
        self.candidates.len()
    }
}
