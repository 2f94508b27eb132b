//! How the peer's clock stands to one's own, learned from when frames come.
//!
//! ```text
//!            late by    -5 s          0          5 s                    30 s
//!   -------------------- | ---------- + --------- | -------------------- | ------------------
//!    from the future        good, and followed     good, followed, and     too old
//!    refused, followed                             the clock has moved     refused
//!    the clock has moved                                                   the clock has moved
//! ```
//!
//! A frame cannot come before it was sent, so one that comes too early is followed even when it is refused:
//! otherwise a first frame that was held up would shut out all that come in time. One that comes too late
//! may have been held back, and moves nothing but that somebody is told.

use core::time::Duration;

use infusion_types::{PeerClock, Timestamp};

use crate::Refusal;

/// A frame that is older has no effect (SR-24).
pub const AGE_MOST: Duration = Duration::from_secs(30);
/// A frame that is further in the future has no effect (SR-30).
pub const AHEAD_MOST: Duration = Duration::from_secs(5);
/// A peer's clock that stands elsewhere by more than this, at once, has moved (SR-60).
pub const STEP_MOST: Duration = Duration::from_secs(5);
/// A peer's clock that stands elsewhere by more than this since the session began has moved (SR-60).
pub const DRIFT_MOST: Duration = Duration::from_secs(60);
/// What has been learned follows by at most so many thousandths of the time that passes.
pub const FOLLOWS_PERMILLE: u32 = 1;

/// The distance between the clocks, and what has become of it. Differences of two times, in milliseconds,
/// are wider than the times.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct PeerTime {
    /// One's own clock less the peer's; the way of the first frame is in it.
    offset: i128,
    /// The same at the first frame.
    learned: i128,
    /// Until when, on one's own clock, it has been followed.
    followed: Timestamp,
    /// The last sound frame stood elsewhere.
    stepped: bool,
}

impl PeerTime {
    /// What the first frame tells.
    pub(crate) fn learn(now: Timestamp, sent: Timestamp) -> Self {
        let offset = difference(now, sent);
        Self {
            offset,
            learned: offset,
            followed: now,
            stepped: false,
        }
    }

    /// Whether a sound frame that was sent then, and is worth something for so long, has come in time.
    pub(crate) fn judge(
        &mut self,
        now: Timestamp,
        sent: Timestamp,
        worth_ms: u32,
    ) -> Result<(), Refusal> {
        let late = difference(now, sent).saturating_sub(self.offset);
        self.stepped = late.saturating_abs() > millis(STEP_MOST);
        if late > millis(AGE_MOST) {
            return Err(Refusal::TooOld);
        }
        if late > i128::from(worth_ms) {
            return Err(Refusal::Expired);
        }
        self.follow(now, late);
        if late < millis(AHEAD_MOST).saturating_neg() {
            return Err(Refusal::FromTheFuture);
        }
        Ok(())
    }

    /// Goes towards where the frame stood, a millisecond for each full second that has passed; what is left
    /// of a second counts for the next frame, and a second that nothing was made of counts no more.
    fn follow(&mut self, now: Timestamp, late: i128) {
        let passed = now.millis_since(self.followed);
        let most = passed
            .saturating_mul(u64::from(FOLLOWS_PERMILLE))
            .checked_div(1_000)
            .unwrap_or_default();
        let spent = most
            .saturating_mul(1_000)
            .checked_div(u64::from(FOLLOWS_PERMILLE))
            .unwrap_or_default();
        let most = i128::from(most);
        let by = late.min(most).max(most.saturating_neg());
        self.offset = self.offset.saturating_add(by);
        self.followed = self.followed.after(Duration::from_millis(spent));
    }

    /// The peer's time on one's own clock, or the nearest that this can show.
    pub(crate) fn local(&self, at: Timestamp) -> Timestamp {
        let local = i128::from(at.millis()).saturating_add(self.offset).max(0);
        Timestamp::from_millis(u64::try_from(local).unwrap_or(u64::MAX))
    }

    pub(crate) fn state(&self) -> PeerClock {
        let drifted = self.offset.saturating_sub(self.learned).saturating_abs();
        if self.stepped || drifted > millis(DRIFT_MOST) {
            PeerClock::Moved
        } else {
            PeerClock::Agrees
        }
    }

    /// In milliseconds, or the nearest that can be told.
    pub(crate) fn offset_ms(&self) -> i64 {
        let least = i128::from(i64::MIN);
        let most = i128::from(i64::MAX);
        i64::try_from(self.offset.max(least).min(most)).unwrap_or_default()
    }
}

fn difference(later: Timestamp, earlier: Timestamp) -> i128 {
    i128::from(later.millis()).saturating_sub(i128::from(earlier.millis()))
}

fn millis(duration: Duration) -> i128 {
    i128::try_from(duration.as_millis()).unwrap_or(i128::MAX)
}
