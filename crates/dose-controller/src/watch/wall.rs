//! The clock on the wall, held against the clock that doses are timed by (AL-29).
//!
//! The wall clock dates the log, and nothing else: no dose and no time between rungs hangs on it. But a
//! clock that jumps, drifts or stands still tells of a platform that somebody has to look at.

use core::time::Duration;

use infusion_types::{NoData, Reading, Timestamp, WallTime};

/// It has moved against the other since the pair was learned.
const MOVED: u64 = 60_000;
/// It has stepped, or stood still, for so long.
const STEPPED: u64 = 5_000;
/// A step is over at once; it is shown so long.
const SHOWN: Duration = Duration::from_secs(60);

/// What was seen of it.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Wall {
    /// How far it was ahead when the pair was learned, in milliseconds.
    learned: Option<i64>,
    /// The last look at both.
    last: Option<(Timestamp, WallTime)>,
    /// Since when it shows the same.
    shows_since: Timestamp,
    stepped_at: Option<Timestamp>,
}

impl Wall {
    /// Looks at both; whether something is wrong with the one on the wall.
    pub(crate) fn see(&mut self, now: Timestamp, reading: Reading<WallTime>) -> bool {
        let wrong = match reading {
            Ok(sample) => self.look(sample.at.min(now), sample.value),
            // There never was one, or it has gone.
            Err(NoData::NotFitted | NoData::NeverSeen) if self.last.is_none() => false,
            Err(_) => true,
        };
        let stepped = self.stepped_at.is_some_and(|at| now.since(at) <= SHOWN);
        wrong || stepped
    }

    fn look(&mut self, at: Timestamp, wall: WallTime) -> bool {
        let ahead = wall.millis().saturating_sub_unsigned(at.millis());
        let learned = *self.learned.get_or_insert(ahead);
        if let Some((then, before)) = self.last {
            let passed = at.millis_since(then);
            let showed = wall.millis().saturating_sub(before.millis());
            if showed.saturating_sub_unsigned(passed).unsigned_abs() > STEPPED {
                self.stepped_at = Some(at);
            }
            if wall != before {
                self.shows_since = at;
            }
        } else {
            self.shows_since = at;
        }
        self.last = Some((at, wall));
        let still = at.millis_since(self.shows_since) > STEPPED;
        still || ahead.abs_diff(learned) > MOVED
    }

    /// Whether every time in it lies before `now`.
    pub(crate) fn is_past(&self, now: Timestamp) -> bool {
        let times = [self.last.map(|(at, _)| at), self.stepped_at];
        self.shows_since <= now && times.into_iter().flatten().all(|at| at <= now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use infusion_types::Sample;

    /// Looks each second; the seconds at which something is wrong.
    fn wrong(wall: impl Fn(i64) -> i64) -> Vec<i64> {
        let mut seen = Wall::default();
        let look = |second: &i64| {
            let now = Timestamp::from_millis(second.unsigned_abs() * 1_000);
            let wall = WallTime::from_millis(1_700_000_000_000 + wall(*second) * 1_000);
            seen.see(now, Ok(Sample::new(now, wall)))
        };
        (0..400).filter(look).collect()
    }

    #[test]
    fn a_clock_that_goes_like_the_other_is_right() {
        assert_eq!(wrong(|second| second), Vec::<i64>::new());
        assert_eq!(
            wrong(|second| second + second / 10),
            Vec::<i64>::new(),
            "40 s"
        );
    }

    #[test]
    fn a_step_is_shown_for_a_minute_and_a_great_one_for_as_long_as_it_lasts() {
        let small = |second| second + if second >= 100 { 6 } else { 0 };
        assert_eq!(wrong(small), (100..=160).collect::<Vec<_>>());
        let back = |second| second - if (100..300).contains(&second) { 90 } else { 0 };
        assert_eq!(wrong(back), (100..=360).collect::<Vec<_>>());
        let least = |second| second + if second >= 100 { 5 } else { 0 };
        assert_eq!(wrong(least), Vec::<i64>::new());
    }

    #[test]
    fn drift_counts_from_a_minute_on_and_standing_still_from_five_seconds_on() {
        assert_eq!(wrong(|second| second * 2).first(), Some(&61));
        assert_eq!(wrong(|second| second.min(100)).first(), Some(&106));
    }

    #[test]
    fn no_clock_is_right_and_one_that_goes_missing_is_not() {
        let mut seen = Wall::default();
        let now = Timestamp::from_millis(1_000);
        assert!(!seen.see(now, Err(NoData::NotFitted)));
        assert!(!seen.see(now, Ok(Sample::new(now, WallTime::from_millis(5)))));
        assert!(seen.see(now, Err(NoData::NotFitted)));
    }
}
