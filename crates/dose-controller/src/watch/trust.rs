//! AL-28 from the readings themselves: a sensor that is stuck, or that jumps about.
//!
//! Where noise must move a reading, one that stays the same to the last digit is none. And a reading that
//! leaves the one before it by more than five sigma of a difference is an outlier: a true step of the flow
//! makes one of those, a broken sensor makes more. Readings right after a new command do not count.

use core::time::Duration;

use infusion_types::{Flow, Reading, Sensing, Timestamp};

/// Readings that must be alike, at least, besides the time.
const ALIKE: u16 = 10;
/// So many outliers in the last ten readings.
const OUTLIERS: u32 = 3;
const LAST_TEN: u16 = 0x3ff;

/// What one sensor has said of late.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Trust {
    last: Option<(Timestamp, i64)>,
    alike_since: Timestamp,
    alike: u16,
    /// One bit a reading, the newest lowest: it was an outlier.
    outliers: u16,
    distrusted: bool,
}

impl Trust {
    /// Whether it counts as broken.
    pub(crate) const fn is_lost(&self) -> bool {
        self.distrusted
    }

    /// Takes a reading in, as a plain count; `jump` is the least difference that noise does not make.
    /// False for a report that was seen before.
    pub(crate) fn see(
        &mut self,
        stuck_for: Duration,
        (at, count): (Timestamp, i64),
        jump: Option<u64>,
    ) -> bool {
        let Some((then, before)) = self.last else {
            self.last = Some((at, count));
            self.alike_since = at;
            return true;
        };
        if at <= then {
            return false;
        }
        self.last = Some((at, count));
        if count == before {
            self.alike = self.alike.saturating_add(1);
        } else {
            (self.alike, self.alike_since) = (0, at);
        }
        let outlier = jump.is_some_and(|jump| count.abs_diff(before) > jump);
        let shifted = self.outliers.wrapping_shl(1) | u16::from(outlier);
        self.outliers = shifted & LAST_TEN;
        let stuck = self.alike >= ALIKE && at.since(self.alike_since) >= stuck_for;
        self.distrusted = stuck || self.outliers.count_ones() >= OUTLIERS;
        true
    }

    /// The flow sensor's readings. `steady`: the pump has been told nothing new.
    pub(crate) fn see_flow(
        &mut self,
        sensing: &Sensing,
        reading: Reading<Flow>,
        steady: bool,
    ) -> bool {
        reading.is_ok_and(|sample| {
            let flow = sample.value.nanolitres_per_hour();
            let before = self.last.map_or(flow, |(_, before)| before);
            let jump = steady.then(|| five_sigma(sensing, flow, before));
            self.see(sensing.stuck_for, (sample.at, flow), jump)
        })
    }
}

/// Five sigma of the difference of two flows: 5 times the root of 2, taken as 7071 thousandths.
fn five_sigma(sensing: &Sensing, one: i64, other: i64) -> u64 {
    let larger = one.unsigned_abs().max(other.unsigned_abs());
    let share = larger
        .saturating_mul(u64::from(sensing.flow_sigma_permille))
        .checked_div(1_000)
        .unwrap_or(u64::MAX);
    let sigma = share.max(sensing.flow_sigma.nanolitres_per_hour().unsigned_abs());
    sigma
        .saturating_mul(7_071)
        .checked_div(1_000)
        .unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    fn fed(counts: impl IntoIterator<Item = i64>, every_s: u64) -> Trust {
        let mut trust = Trust::default();
        for (index, count) in (0..).zip(counts) {
            let at = Timestamp::from_millis(index * every_s * 1_000);
            trust.see(MINUTE, (at, count), Some(50));
        }
        trust
    }

    #[test]
    fn the_same_to_the_last_digit_for_a_minute_is_stuck() {
        assert!(fed([7; 61], 1).is_lost());
        assert!(!fed([7; 60], 1).is_lost());
        assert!(!fed((0..500).map(|count| count % 2), 1).is_lost());
        assert!(!fed([7; 10], 60).is_lost(), "too few readings to tell");
        assert!(fed([7; 11], 60).is_lost());
        assert!(
            !fed([7; 61].into_iter().chain([8]), 1).is_lost(),
            "it moves again"
        );
    }

    #[test]
    fn what_noise_can_just_make_is_no_jump() {
        assert!(!fed([0, 50, 0, 50, 0, 50], 1).is_lost());
        assert!(fed([0, 51, 0, 51, 0, 51], 1).is_lost());
    }

    #[test]
    fn the_same_report_twice_is_one_reading() {
        let mut trust = fed([7; 10], 1);
        let before = trust;
        for _ in 0..100 {
            trust.see(MINUTE, (Timestamp::from_millis(9_000), 7), Some(50));
        }
        assert_eq!(trust, before);
    }

    #[test]
    fn three_jumps_in_ten_readings_are_too_many_and_a_step_is_one() {
        let step = [0, 0, 0, 100, 100, 101, 100, 99, 100];
        assert!(!fed(step, 1).is_lost());
        assert!(!fed([0, 100, 0, 1, 0, 1], 1).is_lost(), "there and back");
        assert!(fed([0, 100, 0, 100], 1).is_lost());
        let healed = [0, 100, 0, 100].into_iter().chain((0..10).map(|n| 100 + n));
        assert!(!fed(healed, 1).is_lost());
    }
}
