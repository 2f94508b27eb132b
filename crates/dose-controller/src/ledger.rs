//! What was given, in rolling windows, as an interval, in fixed memory.
//!
//! Five-minute buckets over 24 h. Nothing here knows modes or rates of change: the windows survive
//! both (SR-44). Whoever holds a [`Ledger`] can add to it and read it; there is no way to clear it.

use core::ops::RangeInclusive;
use core::time::Duration;

use infusion_types::{Carry, Dose, DoseEstimate, DoseRate, Timestamp};

/// Length of one bucket.
pub const BUCKET: Duration = Duration::from_secs(300);
const BUCKET_MILLIS: u64 = 300_000;
const BUCKETS: usize = 288;
const DAY_MILLIS: u64 = 86_400_000;

/// A window that ends now.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Window {
    /// One hour.
    Hour,
    /// Six hours.
    SixHours,
    /// A day.
    Day,
}

impl Window {
    const ALL: [Self; 3] = [Self::Hour, Self::SixHours, Self::Day];

    /// How many buckets it spans, the one that fills now among them.
    const fn buckets(self) -> usize {
        match self {
            Self::Hour => 12,
            Self::SixHours => 72,
            Self::Day => BUCKETS,
        }
    }

    const fn index(self) -> usize {
        match self {
            Self::Hour => 0,
            Self::SixHours => 1,
            Self::Day => 2,
        }
    }
}

/// Drug in one stretch of time, by what is known of it.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Account {
    /// Planned.
    pub planned: Dose,
    /// Given, at least and at most.
    pub given: DoseEstimate,
    /// Measured by a flow sensor; where none is heard, the most that the pump may have been told.
    pub measured: Dose,
    /// Time in a session.
    pub in_session: u64,
}

impl Account {
    fn add(&mut self, other: &Self) {
        self.planned = self.planned.saturating_add(other.planned);
        self.given.low = self.given.low.saturating_add(other.given.low);
        self.given.high = self.given.high.saturating_add(other.given.high);
        self.measured = self.measured.saturating_add(other.measured);
        self.in_session = self.in_session.saturating_add(other.in_session);
    }

    /// Moves its ends apart by these, as far as there is room. Returns by how much in all.
    fn widen(&mut self, down: Dose, up: Dose) -> Dose {
        let lower = self.given.low.saturating_sub(down);
        let moved = self.given.low.saturating_sub(lower).saturating_add(up);
        self.given.low = lower;
        self.given.high = self.given.high.saturating_add(up);
        moved
    }

    /// Moves its ends towards each other by what is left of these, as far as there is room.
    fn narrow(&mut self, raise: &mut Dose, lower: &mut Dose) {
        let room = self.given.high.saturating_sub(self.given.low);
        let (up, down) = (room.min(*raise), room.min(*lower));
        self.given.low = self.given.low.saturating_add(up);
        self.given.high = self.given.high.saturating_sub(down);
        *raise = raise.saturating_sub(up);
        *lower = lower.saturating_sub(down);
    }

    fn remove(&mut self, other: &Self) {
        self.planned = self.planned.saturating_sub(other.planned);
        self.given.low = self.given.low.saturating_sub(other.given.low);
        self.given.high = self.given.high.saturating_sub(other.given.high);
        self.measured = self.measured.saturating_sub(other.measured);
        self.in_session = self.in_session.saturating_sub(other.in_session);
    }
}

/// The rates that held since the last entry.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Rates {
    /// Planned.
    pub planned: DoseRate,
    /// Given at least.
    pub low: DoseRate,
    /// Given at most.
    pub high: DoseRate,
    /// Measured.
    pub measured: DoseRate,
    /// Whether a patient depends on it.
    pub in_session: bool,
}

/// What was entered of one stretch of time that ends now.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Booked {
    /// When it began.
    pub since: Timestamp,
    /// Given in it, as it was entered.
    pub given: DoseEstimate,
    /// By so much at most was it moved apart since.
    pub apart: Dose,
}

#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
struct Carries {
    planned: Carry,
    low: Carry,
    high: Carry,
    measured: Carry,
}

/// Rolling sums of planned and given drug.
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Ledger {
    #[cfg_attr(feature = "serde", serde(with = "crate::arrays"))]
    buckets: [Account; BUCKETS],
    filling: usize,
    fills_until: Timestamp,
    entered_until: Timestamp,
    sums: [Account; 3],
    carries: Carries,
}

impl Ledger {
    /// An empty ledger that begins at `now`.
    #[must_use]
    pub fn new(now: Timestamp) -> Self {
        Self {
            buckets: [Account::default(); BUCKETS],
            filling: 0,
            fills_until: now.after(BUCKET),
            entered_until: now,
            sums: [Account::default(); 3],
            carries: Carries::default(),
        }
    }

    /// Enters what flowed at `rates` from the last entry until `now`.
    pub fn enter(&mut self, now: Timestamp, rates: &Rates) {
        self.leave_out_forgotten(now, rates);
        while self.entered_until < now {
            let until = now.min(self.fills_until);
            self.enter_stretch(until.millis_since(self.entered_until), rates);
            self.entered_until = until;
            if until == self.fills_until {
                self.turn_over();
            }
        }
    }

    /// What a window holds.
    #[must_use]
    pub fn window(&self, window: Window) -> Account {
        self.sums.get(window.index()).copied().unwrap_or_default()
    }

    /// The share of a day's plan that is missing, in thousandths, rounded down.
    ///
    /// A day's plan is 24 h at the mean planned rate of the part of the last 24 h that lies in the
    /// session; hours before the session count as delivered. What was given is the lower end of the
    /// interval, or what a flow sensor can mean at most, whichever is less.
    #[must_use]
    pub fn deficit_permille(&self, measured_at_most: Dose) -> u32 {
        let day = self.window(Window::Day);
        let given = day.given.low.min(measured_at_most);
        let missing = day.planned.saturating_sub(given).nanograms();
        let days_plan = scaled(day.planned.nanograms(), DAY_MILLIS, day.in_session);
        let permille = scaled(missing, 1_000, days_plan);
        u32::try_from(permille).unwrap_or(u32::MAX)
    }

    /// Whether it was entered up to `now` and its windows are the sums of its stretches.
    pub(crate) fn is_sound(&self, now: Timestamp) -> bool {
        let fills = self.fills_until.millis_since(self.entered_until);
        let placed = self.filling < BUCKETS && (1..=BUCKET_MILLIS).contains(&fills);
        let full = |bucket: &Account| bucket.in_session <= BUCKET_MILLIS;
        let mut again = self.clone();
        again.sum_again();
        self.entered_until == now
            && placed
            && self.buckets.iter().all(full)
            && again.sums == self.sums
    }

    /// Moves the interval by a discrepancy that arose evenly since `since`. Returns by how much its ends are
    /// further apart in all.
    pub fn misplace(&mut self, since: Timestamp, missing: Dose, extra: Dose) -> Dose {
        let age = self.entered_until.millis_since(since);
        let count = age
            .checked_div(BUCKET_MILLIS)
            .unwrap_or_default()
            .saturating_add(1);
        let affected = usize::try_from(count).unwrap_or(BUCKETS).min(BUCKETS);
        let share = |dose: Dose| {
            Dose::from_nanograms(dose.nanograms().checked_div(count).unwrap_or_default())
        };
        let (missing, extra) = (share(missing), share(extra));
        let mut apart = Dose::ZERO;
        for back in 0..affected {
            let index = self.index_back(back);
            if let Some(bucket) = self.buckets.get_mut(index) {
                apart = apart.saturating_add(bucket.widen(missing, extra));
            }
        }
        self.sum_again();
        apart
    }

    /// Holds what was entered of a stretch against a count of it.
    ///
    /// Within the interval the count narrows it. When in the stretch something flowed nobody can tell, so
    /// each end moves first where it is soonest forgotten: every window that ends now stays right,
    /// however little of the stretch it holds. What of a stretch longer than the windows is forgotten
    /// already takes the first part of it; what a weighing moved apart within it was never in doubt before, and
    /// hides nothing of what is forgotten. A count outside the interval is believed, and the difference is
    /// placed evenly, as that of a weighing is.
    pub fn settle(&mut self, booked: &Booked, counted: DoseEstimate) {
        let (since, apart, booked) = (booked.since, booked.apart, booked.given);
        let missing = booked.low.saturating_sub(counted.high);
        let extra = counted.low.saturating_sub(booked.high);
        if missing > Dose::ZERO || extra > Dose::ZERO {
            // Where one end lies outside, the other end of the count lies beyond it: one of the two is nothing.
            let missing = booked.low.saturating_sub(counted.low);
            let extra = counted.high.saturating_sub(booked.high);
            self.misplace(since, missing, extra);
            return;
        }
        let age = self.entered_until.millis_since(since);
        let count = age.checked_div(BUCKET_MILLIS).unwrap_or_default();
        let oldest = usize::try_from(count.saturating_add(1)).unwrap_or(BUCKETS);
        let held = 0..=oldest.min(BUCKETS.saturating_sub(1));
        let forgotten = if oldest < BUCKETS {
            Dose::ZERO
        } else {
            let room = booked.high.saturating_sub(booked.low);
            let room = room.saturating_add(apart);
            room.saturating_sub(self.room(held.clone()))
        };
        let raise = counted.low.saturating_sub(booked.low);
        let lower = booked.high.saturating_sub(counted.high);
        let mut raise = raise.saturating_sub(forgotten);
        let mut lower = lower.saturating_sub(forgotten);
        for back in held.rev() {
            let index = self.index_back(back);
            if let Some(bucket) = self.buckets.get_mut(index) {
                bucket.narrow(&mut raise, &mut lower);
            }
        }
        self.sum_again();
    }

    /// How far apart the ends are in the buckets that filled so many buckets ago.
    fn room(&self, mut held: RangeInclusive<usize>) -> Dose {
        held.try_fold(Dose::ZERO, |sum, back| {
            let given = self.buckets.get(self.index_back(back))?.given;
            Some(sum.saturating_add(given.high.saturating_sub(given.low)))
        })
        .unwrap_or_default()
    }

    /// Goes over whole buckets that would be begun, filled and forgotten before `now`: of those nothing stays but
    /// what rounding leaves over. So a clock that jumps costs no more than two days.
    fn leave_out_forgotten(&mut self, now: Timestamp, rates: &Rates) {
        let gap = now.millis_since(self.entered_until);
        let stays = DAY_MILLIS.saturating_mul(2);
        let forgotten = gap.saturating_sub(stays).checked_div(BUCKET_MILLIS);
        let forgotten = forgotten.unwrap_or_default().saturating_mul(BUCKET_MILLIS);
        if forgotten > 0 {
            let elapsed = Duration::from_millis(forgotten);
            let _ = rates.planned.over(elapsed, &mut self.carries.planned);
            let _ = rates.low.over(elapsed, &mut self.carries.low);
            let _ = rates.high.over(elapsed, &mut self.carries.high);
            let _ = rates.measured.over(elapsed, &mut self.carries.measured);
            self.entered_until = self.entered_until.after(elapsed);
            self.fills_until = self.fills_until.after(elapsed);
        }
    }

    fn enter_stretch(&mut self, millis: u64, rates: &Rates) {
        let elapsed = Duration::from_millis(millis);
        let stretch = Account {
            planned: rates.planned.over(elapsed, &mut self.carries.planned),
            given: DoseEstimate {
                low: rates.low.over(elapsed, &mut self.carries.low),
                high: rates.high.over(elapsed, &mut self.carries.high),
            },
            measured: rates.measured.over(elapsed, &mut self.carries.measured),
            in_session: if rates.in_session { millis } else { 0 },
        };
        if let Some(bucket) = self.buckets.get_mut(self.filling) {
            bucket.add(&stretch);
        }
        for sum in &mut self.sums {
            sum.add(&stretch);
        }
    }

    /// Begins the next bucket; the oldest of each window leaves it.
    fn turn_over(&mut self) {
        for window in Window::ALL {
            let leaving = self.index_back(window.buckets().saturating_sub(1));
            let leaving = self.buckets.get(leaving).copied().unwrap_or_default();
            if let Some(sum) = self.sums.get_mut(window.index()) {
                sum.remove(&leaving);
            }
        }
        self.filling = self
            .filling
            .saturating_add(1)
            .checked_rem(BUCKETS)
            .unwrap_or_default();
        if let Some(bucket) = self.buckets.get_mut(self.filling) {
            *bucket = Account::default();
        }
        self.fills_until = self.fills_until.after(BUCKET);
    }

    fn sum_again(&mut self) {
        for window in Window::ALL {
            let mut sum = Account::default();
            for back in 0..window.buckets() {
                let index = self.index_back(back);
                sum.add(&self.buckets.get(index).copied().unwrap_or_default());
            }
            if let Some(slot) = self.sums.get_mut(window.index()) {
                *slot = sum;
            }
        }
    }

    /// The bucket that filled `back` buckets ago.
    fn index_back(&self, back: usize) -> usize {
        let ahead = self.filling.saturating_add(BUCKETS).saturating_sub(back);
        ahead.checked_rem(BUCKETS).unwrap_or_default()
    }
}

/// `value * times / by`, zero when `by` is.
fn scaled(value: u64, times: u64, by: u64) -> u64 {
    if let Some(product) = value.checked_mul(times) {
        return product.checked_div(by).unwrap_or_default();
    }
    let product = u128::from(value).saturating_mul(u128::from(times));
    let quotient = product.checked_div(u128::from(by)).unwrap_or_default();
    u64::try_from(quotient).unwrap_or(u64::MAX)
}

#[cfg(test)]
#[path = "ledger_tests.rs"]
mod tests;
