//! A margin over time, as runs of one value: what flows between operators.

use super::queue::Queue;
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
    waiting: Queue<Run>,
}

impl Runs {
    /// None yet, with room for so many.
    pub(crate) fn with_room(room: usize) -> Self {
        Self {
            waiting: Queue::with_room(room),
        }
    }

    #[inline]
    pub(crate) fn push(&mut self, until: i64, margin: Margin) {
        if let Some(last) = self.waiting.last_mut()
            && last.margin.is_same(margin)
        {
            last.until = until;
            return;
        }
        self.waiting.push(Run { until, margin });
    }

    #[inline]
    pub(crate) fn pop(&mut self) -> Option<Run> {
        self.waiting.pop()
    }

    /// Takes the next run up to, at most, the tick `end`.
    #[inline]
    pub(crate) fn take_until(&mut self, end: i64) -> Option<Run> {
        let run = *self.waiting.first()?;
        self.drop_until(end);
        Some(Run {
            until: run.until.min(end),
            ..run
        })
    }

    /// Forgets everything before the tick `until`, all of which lies in the first run.
    #[inline]
    fn drop_until(&mut self, until: i64) {
        if self.waiting.first().is_some_and(|run| run.until <= until) {
            self.waiting.pop();
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.waiting.len()
    }
}

/// The next stretch over which both sides are known and constant, taken from both; up to, at most, the
/// tick `end`.
#[inline]
pub(crate) fn take_pair(
    left: &mut Runs,
    right: &mut Runs,
    end: i64,
) -> Option<(i64, Margin, Margin)> {
    let (a, b) = (*left.waiting.first()?, *right.waiting.first()?);
    let until = a.until.min(b.until).min(end);
    left.drop_until(until);
    right.drop_until(until);
    Some((until, a.margin, b.margin))
}
