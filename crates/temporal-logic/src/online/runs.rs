//! A margin over time, as runs of one value: what flows between operators.

use std::collections::VecDeque;

use crate::margin::Margin;

/// One margin, from the end of the run before up to, not including, the tick `until`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Run {
    pub(crate) until: i64,
    pub(crate) margin: Margin,
}

/// What an operator has said and its reader has not yet taken.
///
/// Runs follow each other without gaps; ticks count from the first record.
#[derive(Clone, Debug, Default)]
pub(crate) struct Runs {
    waiting: VecDeque<Run>,
}

impl Runs {
    #[inline]
    pub(crate) fn push(&mut self, until: i64, margin: Margin) {
        if let Some(last) = self.waiting.back_mut()
            && last.margin.is_same(margin)
        {
            last.until = until;
            return;
        }
        self.waiting.push_back(Run { until, margin });
    }

    #[inline]
    pub(crate) fn pop(&mut self) -> Option<Run> {
        self.waiting.pop_front()
    }

    #[inline]
    pub(crate) fn front(&self) -> Option<Run> {
        self.waiting.front().copied()
    }

    /// Forgets everything before the tick `until`, all of which lies in the first run.
    #[inline]
    pub(crate) fn drop_until(&mut self, until: i64) {
        if self.waiting.front().is_some_and(|run| run.until <= until) {
            self.waiting.pop_front();
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.waiting.len()
    }
}

/// The next stretch over which both sides are known and constant, taken from both.
#[inline]
pub(crate) fn take_pair(left: &mut Runs, right: &mut Runs) -> Option<(i64, Margin, Margin)> {
    let (a, b) = (left.front()?, right.front()?);
    let until = a.until.min(b.until);
    left.drop_until(until);
    right.drop_until(until);
    Some((until, a.margin, b.margin))
}
