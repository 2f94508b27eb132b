//! True time, and what each party's own clock makes of it.

use std::time::Duration;

use infusion_types::Timestamp;

/// True time since the explant, in whole milliseconds. No party ever sees it.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct SimTime {
    millis: u64,
}

impl SimTime {
    /// The explant.
    pub const ZERO: Self = Self { millis: 0 };
    /// After everything.
    pub const NEVER: Self = Self { millis: u64::MAX };

    /// This many milliseconds after the explant.
    #[must_use]
    pub const fn from_millis(millis: u64) -> Self {
        Self { millis }
    }

    /// This many minutes after the explant.
    #[must_use]
    pub const fn from_minutes(minutes: u64) -> Self {
        Self {
            millis: minutes.saturating_mul(60_000),
        }
    }

    /// This many hours after the explant.
    #[must_use]
    pub const fn from_hours(hours: u64) -> Self {
        Self::from_minutes(hours.saturating_mul(60))
    }

    /// Milliseconds since the explant.
    #[must_use]
    pub const fn millis(self) -> u64 {
        self.millis
    }

    /// Hours since the explant.
    #[must_use]
    pub fn hours(self) -> f64 {
        self.millis as f64 / 3.6e6
    }

    /// Time from `earlier` to here; zero when that lies in the future.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.millis.saturating_sub(earlier.millis))
    }

    /// Hours from `earlier` to here; zero when that lies in the future.
    #[must_use]
    pub fn hours_since(self, earlier: Self) -> f64 {
        self.millis.saturating_sub(earlier.millis) as f64 / 3.6e6
    }

    /// `millis` milliseconds later.
    #[must_use]
    pub const fn after_millis(self, millis: u64) -> Self {
        Self {
            millis: self.millis.saturating_add(millis),
        }
    }
}

/// One party's monotonic clock. It was switched on at some true time and runs from zero; it may run fast, or
/// stand ahead of what it should show.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    /// A moment at which true time and what the clock shows are known.
    at: SimTime,
    shows: Timestamp,
    drift_ppm: i64,
    ahead_ms: i64,
}

impl Clock {
    /// A clock that was switched on at `on_at`.
    #[must_use]
    pub const fn started(on_at: SimTime) -> Self {
        Self {
            at: on_at,
            shows: Timestamp::ZERO,
            drift_ppm: 0,
            ahead_ms: 0,
        }
    }

    /// From `now` on it runs like this. What a drift has made of it stays; what it stands ahead by does not.
    pub fn set(&mut self, now: SimTime, drift_ppm: i64, ahead_ms: i64) {
        if (drift_ppm, ahead_ms) == (self.drift_ppm, self.ahead_ms) {
            return;
        }
        let shows = self.runs_to(now);
        *self = Self {
            at: now,
            shows: Timestamp::from_millis(shows),
            drift_ppm,
            ahead_ms,
        };
    }

    /// What this party's clock shows.
    #[must_use]
    pub fn local(&self, now: SimTime) -> Timestamp {
        Timestamp::from_millis(self.runs_to(now).saturating_add_signed(self.ahead_ms))
    }

    fn runs_to(&self, now: SimTime) -> u64 {
        let elapsed = now.millis.saturating_sub(self.at.millis);
        let gained = match self.drift_ppm {
            0 => 0,
            ppm => {
                i64::try_from(elapsed)
                    .unwrap_or(i64::MAX)
                    .saturating_mul(ppm)
                    / 1_000_000
            }
        };
        self.shows
            .millis()
            .saturating_add(elapsed)
            .saturating_add_signed(gained)
    }

    /// The true time at which this party's clock will show `local`, while it neither drifts nor jumps.
    #[must_use]
    pub const fn truly(&self, local: Timestamp) -> SimTime {
        let ahead = local.millis().saturating_sub(self.shows.millis());
        SimTime {
            millis: self.at.millis.saturating_add(ahead),
        }
    }
}

/// What is wrong with the parties' monotonic clocks, as numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Clocks {
    /// The pump's clock runs too fast by so many parts in a million.
    pub pump_drift_ppm: i64,
    /// The pump's clock stands so far ahead, ms.
    pub pump_ahead_ms: i64,
}

impl Clocks {
    /// Both go like true time.
    pub const TRUE: Self = Self {
        pump_drift_ppm: 0,
        pump_ahead_ms: 0,
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_runs_from_when_it_was_switched_on() {
        let clock = Clock::started(SimTime::from_hours(2));
        let local = clock.local(SimTime::from_hours(3));
        assert_eq!(local.millis(), 3_600_000);
        assert_eq!(clock.truly(local), SimTime::from_hours(3));
        assert_eq!(clock.truly(Timestamp::NEVER), SimTime::NEVER);
    }

    #[test]
    fn what_a_drift_gained_stays_and_a_jump_goes_back() {
        let mut clock = Clock::started(SimTime::ZERO);
        let show = |clock: &Clock, hours| clock.local(SimTime::from_hours(hours)).millis();
        clock.set(SimTime::from_hours(1), 1_000, 0);
        assert_eq!(show(&clock, 2), 7_203_600);
        clock.set(SimTime::from_hours(2), 0, 5_000);
        assert_eq!(show(&clock, 3), 10_803_600 + 5_000);
        clock.set(SimTime::from_hours(3), 0, 0);
        assert_eq!(show(&clock, 4), 14_403_600);
    }
}
