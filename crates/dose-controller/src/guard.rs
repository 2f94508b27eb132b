//! The last door of every dose: ceiling, slope over a window, and what the pump can do.
//!
//! Therapy proposes, the guard disposes. It never raises anything: for every input the answer is at
//! most what was in force or what was authorised.

use core::time::Duration;

use infusion_types::{Concentration, DoseRate, Flow, Limits, Timestamp};

const DAY: Duration = Duration::from_secs(24 * 3_600);

/// The plan over time, as far back as the slope limit looks.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct PlanHistory {
    changes: [(Timestamp, DoseRate); Self::LENGTH],
}

impl PlanHistory {
    /// Changes that are remembered. Decrements are 20 h apart, so only authorisations could fill it.
    const LENGTH: usize = 12;

    /// A plan that has been `rate` since before anybody looked.
    #[must_use]
    pub const fn constant(rate: DoseRate) -> Self {
        Self {
            changes: [(Timestamp::ZERO, rate); Self::LENGTH],
        }
    }

    /// The plan is `rate` from `now` on.
    pub fn change(&mut self, now: Timestamp, rate: DoseRate) {
        // Forgetting the oldest could hide a peak: what replaces it keeps the higher of the two.
        let oldest = self.changes.first().copied().unwrap_or_default();
        self.changes.rotate_left(1);
        if let Some(first) = self.changes.first_mut() {
            first.1 = if now.since(first.0) < DAY {
                first.1.max(oldest.1)
            } else {
                first.1
            };
        }
        if let Some(last) = self.changes.last_mut() {
            *last = (now, rate);
        }
    }

    /// The highest plan in the 24 h up to `now`, the rate in force when they began included.
    #[must_use]
    pub fn peak(&self, now: Timestamp) -> DoseRate {
        let mut peak = DoseRate::ZERO;
        for (at, rate) in self.changes.iter().rev() {
            peak = peak.max(*rate);
            if now.since(*at) >= DAY {
                break;
            }
        }
        peak
    }

    /// The plan since the last change.
    pub(crate) fn newest(&self) -> DoseRate {
        self.changes
            .last()
            .map_or(DoseRate::ZERO, |(_, rate)| *rate)
    }

    /// Whether the changes follow each other, and none lies after `now`.
    pub(crate) fn is_past(&self, now: Timestamp) -> bool {
        let times = self.changes.iter().map(|(at, _)| *at);
        times.chain(core::iter::once(now)).is_sorted()
    }

    /// The plan before the last change.
    #[must_use]
    pub fn previous(&self) -> DoseRate {
        self.changes
            .get(Self::LENGTH.saturating_sub(2))
            .map_or(DoseRate::ZERO, |(_, rate)| *rate)
    }
}

/// What bounds the plan at this moment.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Bounds {
    /// The rate in force.
    pub plan: DoseRate,
    /// The highest plan of the last 24 h.
    pub recent_peak: DoseRate,
    /// The last authorised rate, or the rung in force after the first decrement (SR-01).
    pub limit: DoseRate,
}

/// `wanted`, never above the limit, and never less than what must be left after 24 h.
///
/// SR-01, SR-03, SR-04: the slope gives way to the ceiling, and both to the plan in force, so that a
/// decrement can be cut to nothing but never turned into a rise.
#[must_use]
pub fn constrain(limits: &Limits, bounds: &Bounds, wanted: DoseRate) -> DoseRate {
    let left = bounds.recent_peak.permille_up(limits.kept_in_24h_permille);
    wanted.max(left).min(bounds.limit).min(bounds.plan)
}

/// The smallest change of dose rate that the pump can make of this drug, at least one nanogram per hour.
#[must_use]
pub fn quantum(limits: &Limits, drug: Concentration) -> DoseRate {
    drug.rate_of(limits.flow_quantum)
        .max(DoseRate::from_nanograms_per_hour(1))
}

/// The highest whole multiple of `quantum` that is not above `rate`.
#[must_use]
pub fn down_to(rate: DoseRate, quantum: DoseRate) -> DoseRate {
    let half = quantum
        .nanograms_per_hour()
        .checked_div(2)
        .unwrap_or_default();
    rate.saturating_sub(DoseRate::from_nanograms_per_hour(half))
        .to_nearest(quantum)
}

/// The least dose rate that the pump can deliver of this drug (SR-17).
#[must_use]
pub fn least(limits: &Limits, drug: Concentration) -> DoseRate {
    drug.rate_of(limits.flow_least)
}

/// Whether the pump can deliver `rate` of this drug at all.
#[must_use]
pub fn deliverable(limits: &Limits, drug: Concentration, rate: DoseRate) -> bool {
    let flow: Flow = rate.flow(drug);
    rate >= least(limits, drug) && flow <= limits.flow_most
}

#[cfg(test)]
mod tests {
    use super::*;
    use infusion_types::{DailyDose, Dose};
    use proptest::prelude::*;

    const LIMITS: Limits = Limits {
        ceiling: DailyDose::from_nanograms_per_day(2_003_000),
        floor_dose: DailyDose::from_nanograms_per_day(25_000),
        flow_least: Flow::from_nanolitres_per_hour(2_000),
        flow_most: Flow::from_nanolitres_per_hour(1_000_000),
        flow_quantum: Flow::from_nanolitres_per_hour(10),
        flow_prime: Flow::from_nanolitres_per_hour(1_000_000),
        kept_in_24h_permille: 500,
        excess: Dose::from_nanograms(25_000),
        pump_tolerance_permille: 145,
    };

    const fn rate(count: u64) -> DoseRate {
        DoseRate::from_nanograms_per_hour(count)
    }

    fn hours(count: u64) -> Timestamp {
        Timestamp::from_millis(count * 3_600_000)
    }

    #[test]
    fn half_a_day_ago_counts_and_a_day_ago_does_not() {
        let mut history = PlanHistory::constant(rate(400));
        history.change(hours(30), rate(200));
        assert_eq!(history.peak(hours(53)), rate(400));
        assert_eq!(history.peak(hours(54)), rate(200));
        assert_eq!(history.previous(), rate(400));
    }

    #[test]
    fn forgetting_keeps_the_peak() {
        let mut history = PlanHistory::constant(rate(900));
        for minute in 1..40 {
            history.change(Timestamp::from_millis(minute * 60_000), rate(100));
        }
        assert_eq!(history.peak(hours(1)), rate(900));
    }

    #[test]
    fn forgetting_keeps_no_peak_that_is_a_day_old() {
        let mut history = PlanHistory::constant(rate(900));
        history.change(hours(1), rate(800));
        for minute in 1..11 {
            history.change(Timestamp::from_millis(3_600_000 + minute), rate(100));
        }
        // The plan of 900 is forgotten here; it ended when the last 24 h began.
        history.change(hours(25), rate(100));
        assert_eq!(history.peak(hours(25)), rate(800));
    }

    #[test]
    fn the_pumps_floor_follows_the_drug() {
        for (drug, floor) in [(500, 1_000), (2_000, 4_000), (50, 100)] {
            let drug = Concentration::from_micrograms_per_millilitre(drug);
            assert_eq!(least(&LIMITS, drug), rate(floor));
            assert!(deliverable(&LIMITS, drug, rate(floor)));
            assert!(!deliverable(&LIMITS, drug, rate(floor - 1)));
        }
    }

    proptest! {
        /// Wild inputs, straight at the guard: what comes out is at most the limit, never above the
        /// plan in force, and never below half of the recent peak unless the limit or plan already is.
        #[test]
        fn nothing_passes_the_guard(plan in any::<u64>(), peak in any::<u64>(), limit in any::<u64>(), wanted in any::<u64>()) {
            let bounds = Bounds { plan: rate(plan), recent_peak: rate(peak), limit: rate(limit) };
            let passed = constrain(&LIMITS, &bounds, rate(wanted));
            prop_assert!(passed <= bounds.limit);
            prop_assert!(passed <= bounds.plan);
            let half = peak.div_ceil(2).min(limit).min(plan);
            prop_assert!(passed.nanograms_per_hour() >= half);
        }
    }
}
