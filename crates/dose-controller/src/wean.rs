//! What the schedule wants: when the next decrement is due, and how far it goes.
//!
//! It only proposes. Whether anything moves is for `titrate` (may it?) and `guard` (how much?).

use core::time::Duration;

use infusion_types::{Basis, DoseRate, Timestamp, WeanSchedule};

/// Where the wean stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Wean {
    /// The rate that the wean began with.
    initial: DoseRate,
    due: Timestamp,
    skip: bool,
    /// Since when the plan has been at or below the floor dose.
    low_since: Option<Timestamp>,
}

impl Wean {
    /// Therapy starts at `rate`.
    pub(crate) fn start(schedule: &WeanSchedule, now: Timestamp, rate: DoseRate) -> Self {
        let due = now.after(schedule.first_after);
        Self {
            initial: rate,
            due,
            skip: false,
            low_since: None,
        }
    }

    /// When the next decrement is due.
    pub(crate) const fn due(&self) -> Timestamp {
        self.due
    }

    /// The clock of the wean stands still for `elapsed` (AL-19).
    pub(crate) fn pause(&mut self, elapsed: Duration) {
        self.due = self.due.after(elapsed);
    }

    /// The next decrement is left out.
    pub(crate) const fn skip(&mut self) {
        self.skip = true;
    }

    /// Uses up a decrement that was to be left out.
    pub(crate) fn take_skip(&mut self, schedule: &WeanSchedule, now: Timestamp) -> bool {
        let skipped = core::mem::take(&mut self.skip);
        if skipped {
            self.due = now.after(schedule.every);
        }
        skipped
    }

    /// The plan that a decrement of `permille` wants, the last rung left aside.
    pub(crate) fn propose(
        &self,
        schedule: &WeanSchedule,
        plan: DoseRate,
        permille: u32,
    ) -> DoseRate {
        let basis = match schedule.basis {
            Basis::Current => plan,
            Basis::Initial => self.initial,
        };
        plan.saturating_sub(basis.permille(permille))
    }

    /// Whether it can have become so by `now`.
    pub(crate) fn is_sound(&self, schedule: &WeanSchedule, now: Timestamp, most: DoseRate) -> bool {
        let longest = schedule.every.max(schedule.first_after);
        self.initial <= most
            && self.due <= now.after(longest)
            && self.low_since.is_none_or(|since| since <= now)
    }

    /// A decrement happened.
    pub(crate) fn stepped(&mut self, schedule: &WeanSchedule, now: Timestamp) {
        self.due = now.after(schedule.every);
    }

    /// The dose was changed by people: the schedule waits a full interval from here.
    pub(crate) fn rebase(&mut self, schedule: &WeanSchedule, now: Timestamp) {
        self.due = self.due.max(now.after(schedule.every));
    }

    /// Watches how long the plan has been low enough for the wean to end (SR-16).
    pub(crate) fn watch_floor(&mut self, now: Timestamp, at_floor: bool) {
        self.low_since = match (at_floor, self.low_since) {
            (true, None) => Some(now),
            (true, since) => since,
            (false, _) => None,
        };
    }

    /// Whether the last rung has lasted long enough.
    pub(crate) fn over(&self, schedule: &WeanSchedule, now: Timestamp) -> bool {
        self.low_since
            .is_some_and(|since| now.since(since) >= schedule.last_rung_for)
    }
}
