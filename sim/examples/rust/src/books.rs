//! What was planned and given over the last 24 h.
//!
//! A rate is what it is until it changes, so a day is a list of changes, exact to the millisecond.

use core::time::Duration;

use infusion_types::{Carry, Dose, DoseEstimate, DoseRate, Timestamp};

const DAY: Duration = Duration::from_secs(86_400);
/// Changes of rate that a day can be told by. Of more, the oldest two are told as one.
const SPANS: usize = 32;

/// What was planned at one time, and the least and the most that can have flowed.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Rates {
    pub(crate) planned: DoseRate,
    pub(crate) low: DoseRate,
    pub(crate) high: DoseRate,
}

/// Rates from one moment on.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Span {
    pub(crate) from: Timestamp,
    pub(crate) rates: Rates,
}

/// The last 24 h, the newest span last.
#[derive(Clone, Debug, Default)]
pub(crate) struct Books {
    pub(crate) spans: [Span; SPANS],
}

/// What a day comes to.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Day {
    pub(crate) planned: Dose,
    pub(crate) given: DoseEstimate,
    /// How much of the day something was planned for.
    planned_for: Duration,
}

impl Books {
    /// From `now` on these are the rates.
    pub(crate) fn note(&mut self, now: Timestamp, rates: Rates) {
        let [oldest, next, .., last] = &mut self.spans;
        if last.rates == rates || last.from == now {
            last.rates = rates;
            return;
        }
        if now.since(next.from) < DAY {
            next.take_in(oldest);
        }
        // The oldest gives its place to the newest.
        *oldest = Span { from: now, rates };
        self.spans.rotate_left(1);
    }

    /// The 24 h up to `now`.
    pub(crate) fn day(&self, now: Timestamp) -> Day {
        let mut day = Day::default();
        let mut rests = [Carry::NONE; 3];
        let [planned, low, high] = &mut rests;
        let add = |to: &mut Dose, more| *to = to.saturating_add(more);
        for (rates, lasts) in self.pieces(now) {
            add(&mut day.planned, rates.planned.over(lasts, planned));
            add(&mut day.given.low, rates.low.over(lasts, low));
            add(&mut day.given.high, rates.high.over(lasts, high));
            if rates.planned > DoseRate::ZERO {
                day.planned_for = day.planned_for.saturating_add(lasts);
            }
        }
        // Each end is rounded by itself.
        day.given.low = day.given.low.min(day.given.high);
        day
    }

    /// The highest plan of the 24 h up to `now`.
    pub(crate) fn highest(&self, now: Timestamp) -> DoseRate {
        let plans = self.pieces(now).map(|(rates, _)| rates.planned);
        plans.max().unwrap_or_default()
    }

    fn pieces(&self, now: Timestamp) -> impl Iterator<Item = (Rates, Duration)> {
        let begin = now.before(DAY);
        let ends = self.spans.iter().skip(1).map(|span| span.from);
        let spans = self.spans.iter().zip(ends.chain([now]));
        spans
            .filter(move |(_, end)| *end > begin)
            .map(move |(span, end)| (span.rates, end.since(span.from.max(begin))))
    }
}

impl Span {
    /// Begins where `earlier` began; what may have flowed is the widest of both.
    fn take_in(&mut self, earlier: &Self) {
        let (mine, its) = (self.rates, earlier.rates);
        self.from = earlier.from;
        self.rates = Rates {
            planned: mine.planned.max(its.planned),
            low: mine.low.min(its.low),
            high: mine.high.max(its.high),
        };
    }
}

impl Day {
    /// What of a day's plan is missing, in thousandths. A day's plan is 24 h at the mean of what was planned.
    pub(crate) fn deficit_permille(&self) -> u32 {
        let missing = self.planned.saturating_sub(self.given.low);
        let day = u128::from(self.planned.nanograms()).saturating_mul(DAY.as_millis());
        let share = u128::from(missing.nanograms())
            .saturating_mul(1_000)
            .saturating_mul(self.planned_for.as_millis())
            .checked_div(day);
        u32::try_from(share.unwrap_or_default()).unwrap_or(u32::MAX)
    }
}
