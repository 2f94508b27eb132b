//! When the records were, for all formulas of a trace, until each has counted them.

use std::collections::VecDeque;

use super::judge::Judge;

/// Records that are remembered before anybody looks whether all have been counted.
const RECORDS: usize = 4_096;

/// The ticks of the last records.
#[derive(Debug)]
pub(crate) struct Moments {
    ticks: VecDeque<i64>,
    /// Records before these.
    forgotten: u64,
    /// So many ticks fit.
    room: usize,
}

impl Clone for Moments {
    /// With as much room.
    fn clone(&self) -> Self {
        let mut ticks = VecDeque::with_capacity(self.room);
        ticks.extend(&self.ticks);
        Self { ticks, ..*self }
    }
}

impl Moments {
    pub(crate) fn new() -> Self {
        Self {
            ticks: VecDeque::with_capacity(RECORDS),
            forgotten: 0,
            room: RECORDS,
        }
    }

    pub(crate) fn is_full(&self) -> bool {
        self.ticks.len() == self.room
    }

    pub(crate) fn push(&mut self, tick: i64) {
        self.ticks.push_back(tick);
    }

    /// Forgets the records before `cursor`, or all if nobody has one, and makes room for more.
    ///
    /// At least half of the room is free afterwards, so that this is rarely called.
    pub(crate) fn forget(&mut self, cursor: Option<u64>) {
        let counted = cursor.map_or(self.ticks.len(), |cursor| self.place(cursor));
        self.ticks.drain(..counted);
        self.forgotten += counted as u64;
        if self.ticks.len() > self.room / 2 {
            self.room *= 2;
            self.ticks.reserve(self.room - self.ticks.len());
        }
    }

    /// Lets a judge go on to the tick `now` and count the records that become final by it.
    pub(crate) fn reach(&self, judge: &mut Judge, now: i64) {
        // What has been forgotten lies before every stretch that still comes.
        let mut from = self.place(judge.cursor());
        judge.reach(now, |stretch| {
            let is_before = |tick: &&i64| **tick < stretch.until;
            // Most often a stretch holds a record or two.
            let few = self.ticks.range(from..).take(4).take_while(is_before);
            let count = match few.count() {
                4 => self.ticks.partition_point(|tick| *tick < stretch.until) - from,
                few => few,
            };
            from += count;
            count as u64
        });
    }

    /// The place of a record among those that are remembered.
    fn place(&self, record: u64) -> usize {
        usize::try_from(record.saturating_sub(self.forgotten)).unwrap_or(usize::MAX)
    }
}
