//! One party's own monotonic clock.

use core::time::Duration;

/// A moment on one party's monotonic clock, in whole milliseconds since that party was switched on.
///
/// There is no `now`: time is always handed in.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Timestamp {
    millis: u64,
}

impl Timestamp {
    /// The moment of switching on.
    pub const ZERO: Self = Self { millis: 0 };
    /// Later than anything that happens: "never, unless somebody wakes me".
    pub const NEVER: Self = Self { millis: u64::MAX };

    /// A moment `millis` milliseconds after switching on.
    #[must_use]
    #[inline]
    pub const fn from_millis(millis: u64) -> Self {
        Self { millis }
    }

    /// Milliseconds since switching on.
    #[must_use]
    #[inline]
    pub const fn millis(self) -> u64 {
        self.millis
    }

    /// Milliseconds from `earlier` to here; zero when `earlier` lies in the future.
    #[must_use]
    #[inline]
    pub const fn millis_since(self, earlier: Self) -> u64 {
        self.millis.saturating_sub(earlier.millis)
    }

    /// Time from `earlier` to here; zero when `earlier` lies in the future.
    #[must_use]
    #[inline]
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.millis_since(earlier))
    }

    /// The moment `by` later, at most [`Timestamp::NEVER`].
    #[must_use]
    #[inline]
    pub fn after(self, by: Duration) -> Self {
        Self {
            millis: self.millis.saturating_add(millis(by)),
        }
    }

    /// The moment `by` earlier, at least [`Timestamp::ZERO`].
    #[must_use]
    #[inline]
    pub fn before(self, by: Duration) -> Self {
        Self {
            millis: self.millis.saturating_sub(millis(by)),
        }
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_future_moment_is_no_time_ago() {
        let (early, late) = (Timestamp::from_millis(5), Timestamp::from_millis(1_505));
        assert_eq!(late.since(early), Duration::from_millis(1_500));
        assert_eq!(early.since(late), Duration::ZERO);
    }

    #[test]
    fn the_ends_of_time_hold() {
        assert_eq!(Timestamp::NEVER.after(Duration::MAX), Timestamp::NEVER);
        assert_eq!(
            Timestamp::ZERO.before(Duration::from_secs(1)),
            Timestamp::ZERO
        );
    }
}
