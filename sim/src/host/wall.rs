//! The clock on the wall. It may drift, jump and stop; nothing but the log and AL-29 looks at it.

use infusion_types::{Sample, Timestamp, WallTime};

use super::WallClock;
use crate::clock::SimTime;

/// What it shows at the explant: eight in the morning of 2026-11-24, UTC. Any day would do.
const AT_EXPLANT_MS: i64 = 1_795_507_200_000;

/// A clock on the wall that goes on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wall {
    /// What it shows, but for what it was set off by, ms.
    shows_ms: i64,
    at: SimTime,
}

impl Wall {
    pub(crate) const fn at_explant() -> Self {
        Self {
            shows_ms: AT_EXPLANT_MS,
            at: SimTime::ZERO,
        }
    }

    /// What a clock that goes right shows.
    pub(crate) fn right(now: SimTime) -> WallTime {
        let elapsed = i64::try_from(now.millis()).unwrap_or(i64::MAX);
        WallTime::from_millis(AT_EXPLANT_MS + elapsed)
    }

    /// What it shows at `now`, having gone as `how` says since it was last looked at.
    pub(crate) fn look(
        &mut self,
        now: SimTime,
        local: Timestamp,
        how: &WallClock,
    ) -> Sample<WallTime> {
        let elapsed = i64::try_from(now.millis() - self.at.millis()).unwrap_or(i64::MAX);
        self.at = now;
        if !how.stopped {
            self.shows_ms += elapsed + elapsed * how.drift_ppm / 1_000_000;
        }
        let shows_ms = if how.epoch {
            self.shows_ms - AT_EXPLANT_MS
        } else {
            self.shows_ms
        };
        Sample::new(local, WallTime::from_millis(shows_ms + how.offset_ms))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(wall: &mut Wall, hours: u64, how: WallClock) -> i64 {
        let now = SimTime::from_hours(hours);
        let shown = wall.look(now, Timestamp::from_millis(now.millis()), &how);
        shown.value.millis() - AT_EXPLANT_MS
    }

    #[test]
    fn a_drift_stays_when_it_has_ended_and_an_offset_does_not() {
        let mut wall = Wall::at_explant();
        let fast = WallClock {
            drift_ppm: 1_000,
            ..WallClock::default()
        };
        assert_eq!(look(&mut wall, 1, fast), 3_603_600);
        assert_eq!(look(&mut wall, 2, WallClock::default()), 7_203_600);
        let off = WallClock {
            offset_ms: -60_000,
            ..WallClock::default()
        };
        assert_eq!(look(&mut wall, 2, off), 7_143_600);
        let stopped = WallClock {
            stopped: true,
            ..WallClock::default()
        };
        assert_eq!(look(&mut wall, 5, stopped), 7_203_600);
        let epoch = WallClock {
            epoch: true,
            ..WallClock::default()
        };
        assert_eq!(
            look(&mut wall, 5, epoch) + AT_EXPLANT_MS,
            7_203_600,
            "it shows 1970"
        );
    }
}
