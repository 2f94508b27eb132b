//! How far a trace has come.

use crate::error::{GridError, RecordError};
use crate::time::{Grid, Sampling, Time};

/// Ticks and records of one trace, both counted from its first record.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    pub(crate) grid: Grid,
    origin: Option<Time>,
    /// The last tick whose values are known; -1 before the first record.
    pub(crate) now: i64,
    /// Records taken.
    pub(crate) records: u64,
}

impl Clock {
    pub(crate) fn new(sampling: Sampling) -> Result<Self, GridError> {
        Ok(Self {
            grid: Grid::new(sampling)?,
            origin: None,
            now: -1,
            records: 0,
        })
    }

    /// The tick of the next record.
    pub(crate) fn tick(&self, at: Time) -> Result<i64, RecordError> {
        if at > Time::MOST || at < Time::from_millis(-Time::MOST.millis()) {
            return Err(RecordError::OutOfRange { at });
        }
        let Some(origin) = self.origin else {
            return Ok(0);
        };
        let tick = self.grid.tick(origin, at)?;
        if tick <= self.now {
            let last = self.time(self.now);
            return Err(RecordError::NotLater { at, last });
        }
        Ok(tick)
    }

    /// Counts a record at `at`, which is `tick`.
    pub(crate) fn record(&mut self, at: Time, tick: i64) {
        self.origin.get_or_insert(at);
        self.now = tick;
        self.records += 1;
    }

    /// Lets time go on to `at` without a record.
    pub(crate) fn hold_until(&mut self, at: Time) -> Result<(), RecordError> {
        if self.origin.is_none() {
            return Err(RecordError::NothingYet { at });
        }
        self.now = self.tick(at)?;
        Ok(())
    }

    pub(crate) fn time(&self, tick: i64) -> Time {
        self.grid.time(self.origin.unwrap_or_default(), tick)
    }
}
