//! Moments and lengths of time, in whole milliseconds, and the grid that formulas are judged on.
//!
//! # One grid for two kinds of time
//!
//! A signal keeps its value from one record to the next, the value is right-continuous, and records
//! and bounds lie on whole milliseconds. So everything that a formula says about *dense* time is
//! constant from one millisecond to the next, and the least upper bound over an interval is met at a
//! whole millisecond. Dense time is therefore sampled time with a period of one millisecond, and the
//! only difference between [`Sampling::Dense`] and [`Sampling::Discrete`] is the length of a tick.
//! That difference lives in `Grid`, and nowhere else.

use core::fmt;

use crate::error::{GridError, RecordError};

/// A moment on the caller's clock, or a length of time, in whole milliseconds.
///
/// Range ±10^15 (about 31,000 years); records and bounds beyond it are refused.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Time {
    millis: i64,
}

impl Time {
    /// The zero of the clock; no time at all.
    pub const ZERO: Self = Self { millis: 0 };
    pub(crate) const MOST: Self = Self {
        millis: 1_000_000_000_000_000,
    };

    /// `millis` milliseconds.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        Self { millis }
    }

    /// Whole milliseconds.
    #[must_use]
    pub const fn millis(self) -> i64 {
        self.millis
    }
}

/// Seconds, with as many decimals as needed.
impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sign, millis) = (
            if self.millis < 0 { "-" } else { "" },
            self.millis.unsigned_abs(),
        );
        let (whole, rest) = (millis / 1_000, millis % 1_000);
        let decimals = format!("{rest:03}");
        match decimals.trim_end_matches('0') {
            "" => write!(f, "{sign}{whole} s"),
            some => write!(f, "{sign}{whole}.{some} s"),
        }
    }
}

/// At which moments a formula is looked at.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum Sampling {
    /// At every moment: a window covers the records in it and the value held at its left end.
    ///
    /// A verdict does not depend on how often an unchanged value is recorded. An edge (`rise`,
    /// `fall`) lasts one millisecond.
    #[default]
    Dense,
    /// At samples `period` apart, the first of which is the first record.
    ///
    /// Records and bounds lie on whole multiples of the period; a sample without a record repeats
    /// the one before. A window covers samples only, and an edge lasts one sample.
    ///
    /// On such records both samplings give the same verdicts for formulas without `rise`, `fall`,
    /// `until` and `since`. An edge is longer here, and a promise that is kept from sample to sample
    /// may be broken for a moment in between: dense time sees that.
    Discrete {
        /// Time from one sample to the next; at least 1 ms.
        period: Time,
    },
}

/// Whole ticks, counted from the first record.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Grid {
    period: i64,
}

impl Grid {
    pub(crate) fn new(sampling: Sampling) -> Result<Self, GridError> {
        let period = match sampling {
            Sampling::Dense => 1,
            Sampling::Discrete { period } => period.millis,
        };
        if period < 1 {
            return Err(GridError::NoPeriod);
        }
        Ok(Self { period })
    }

    /// A bound in ticks.
    pub(crate) fn ticks(self, bound: Time) -> Result<i64, GridError> {
        if bound.millis % self.period != 0 {
            return Err(GridError::Bound {
                bound,
                period: Time::from_millis(self.period),
            });
        }
        Ok(bound.millis / self.period)
    }

    /// The tick of a record, `at`, when the first record was at `origin`.
    pub(crate) fn tick(self, origin: Time, at: Time) -> Result<i64, RecordError> {
        let since = at.millis - origin.millis;
        if self.period == 1 {
            return Ok(since);
        }
        if since % self.period != 0 {
            return Err(RecordError::OffGrid {
                at,
                period: Time::from_millis(self.period),
            });
        }
        Ok(since / self.period)
    }

    pub(crate) fn time(self, origin: Time, tick: i64) -> Time {
        Time::from_millis(origin.millis + tick * self.period)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_prints_in_seconds() {
        let text = |millis| Time::from_millis(millis).to_string();
        assert_eq!(text(60_000), "60 s");
        assert_eq!(text(-1_050), "-1.05 s");
        assert_eq!(text(7), "0.007 s");
    }

    #[test]
    fn a_bound_off_the_grid_is_refused() {
        let period = Time::from_millis(500);
        let grid = Grid::new(Sampling::Discrete { period }).unwrap();
        assert_eq!(grid.ticks(Time::from_millis(1_500)), Ok(3));
        let bound = Time::from_millis(750);
        assert_eq!(grid.ticks(bound), Err(GridError::Bound { bound, period }));
    }
}
