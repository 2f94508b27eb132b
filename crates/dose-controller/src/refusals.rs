//! How often something was asked for that cannot be (AL-20).

use core::time::Duration;

use infusion_types::Timestamp;

/// A refusal is shown this long, so that one that is repeated every minute or two stands instead of
/// coming and going (SR-72); three within it are more urgent.
pub(crate) const SHOWN: Duration = Duration::from_secs(600);

/// The last three refusals, newest first.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Refusals([Option<Timestamp>; 3]);

impl Refusals {
    pub(crate) const fn note(&mut self, now: Timestamp) {
        let [newest, second, _] = self.0;
        self.0 = [Some(now), newest, second];
    }

    /// So many at one moment; more than three are three.
    pub(crate) fn note_all(&mut self, now: Timestamp, count: u32) {
        for _ in 0..count.min(3) {
            self.note(now);
        }
    }

    pub(crate) fn stand(&self, now: Timestamp) -> bool {
        self.0[0].is_some_and(|at| now.since(at) <= SHOWN)
    }

    pub(crate) fn frequent(&self, now: Timestamp) -> bool {
        self.stand(now) && self.0[2].is_some_and(|at| now.since(at) <= SHOWN)
    }

    /// Whether every time in it lies before `now`.
    pub(crate) fn is_past(&self, now: Timestamp) -> bool {
        self.0.iter().flatten().all(|at| *at <= now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_in_ten_minutes_are_frequent_and_two_are_not() {
        let mut refusals = Refusals::default();
        for (second, frequent) in [(0, false), (200, false), (400, true)] {
            let now = Timestamp::from_millis(second * 1_000);
            refusals.note(now);
            assert_eq!(refusals.frequent(now), frequent);
        }
        assert!(!refusals.stand(Timestamp::from_millis(1_001_000)));
    }
}
