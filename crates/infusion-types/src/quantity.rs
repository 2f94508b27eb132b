//! Quantities as whole numbers with names.
//!
//! Integers add up exactly, compare, hash, and never become NaN; where a division leaves a rest it
//! goes into a [`Carry`]. The unit is in the constructor's name; raw floats come in by [`crate::door`].

use core::fmt;
use core::num::NonZeroU64;
use core::time::Duration;

const MILLIS_PER_HOUR: u64 = 3_600_000;

macro_rules! quantity {
    ($(#[$doc:meta])* $name:ident($inner:ty) $from:ident $get:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
        pub struct $name($inner);

        impl $name {
            /// Nothing.
            pub const ZERO: Self = Self(0);

            #[doc = concat!("From the count in the unit that the name says, see [`", stringify!($name), "`].")]
            #[must_use]
            #[inline]
            pub const fn $from(count: $inner) -> Self {
                Self(count)
            }

            /// The count, in the unit that the name says.
            #[must_use]
            #[inline]
            pub const fn $get(self) -> $inner {
                self.0
            }

            /// The sum, at most the largest value.
            #[must_use]
            #[inline]
            pub const fn saturating_add(self, other: Self) -> Self {
                Self(self.0.saturating_add(other.0))
            }

            /// The difference, at least the smallest value.
            #[must_use]
            #[inline]
            pub const fn saturating_sub(self, other: Self) -> Self {
                Self(self.0.saturating_sub(other.0))
            }
        }
    };
}

quantity! {
    /// Drug mass, in whole nanograms.
    Dose(u64) from_nanograms nanograms
}
quantity! {
    /// Drug mass per time, in whole nanograms per hour.
    DoseRate(u64) from_nanograms_per_hour nanograms_per_hour
}
quantity! {
    /// Drug mass per day as people prescribe it, in whole nanograms per day.
    DailyDose(u64) from_nanograms_per_day nanograms_per_day
}
quantity! {
    /// Fluid volume, in whole nanolitres.
    Volume(u64) from_nanolitres nanolitres
}
quantity! {
    /// Fluid per time, in whole nanolitres per hour; negative is backwards.
    Flow(i64) from_nanolitres_per_hour nanolitres_per_hour
}
quantity! {
    /// Pressure against the atmosphere, in pascals.
    Pressure(i64) from_pascals pascals
}
quantity! {
    /// Temperature, in thousandths of a degree Celsius.
    Temperature(i64) from_millidegrees millidegrees
}

/// The part of a nanogram that a whole-number rate leaves over, in nanogram-milliseconds per hour.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "u64", into = "u64")
)]
pub struct Carry(u64);

impl Carry {
    /// No rest.
    pub const NONE: Self = Self(0);
}

/// What was to be a rest is a whole nanogram or more.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct TooMuchToCarry;

impl fmt::Display for TooMuchToCarry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a rest of a nanogram or more")
    }
}

impl TryFrom<u64> for Carry {
    type Error = TooMuchToCarry;

    fn try_from(rest: u64) -> Result<Self, Self::Error> {
        if rest < MILLIS_PER_HOUR {
            Ok(Self(rest))
        } else {
            Err(TooMuchToCarry)
        }
    }
}

impl From<Carry> for u64 {
    fn from(carry: Carry) -> Self {
        carry.0
    }
}

impl DoseRate {
    /// Drug delivered at this rate in `elapsed`, rounded down; the rest stays in `carry`.
    #[must_use]
    #[inline]
    pub fn over(self, elapsed: Duration, carry: &mut Carry) -> Dose {
        let millis = elapsed.as_millis();
        // Every rate and cycle that occurs fits in 64 bits, where division is ten times as quick.
        let narrow = u64::try_from(millis)
            .ok()
            .and_then(|millis| self.0.checked_mul(millis)?.checked_add(carry.0));
        if let Some(product) = narrow {
            carry.0 = product.checked_rem(MILLIS_PER_HOUR).unwrap_or_default();
            return Dose(product.checked_div(MILLIS_PER_HOUR).unwrap_or_default());
        }
        let product = u128::from(self.0)
            .saturating_mul(millis)
            .saturating_add(u128::from(carry.0));
        let hour = u128::from(MILLIS_PER_HOUR);
        let rest = product.checked_rem(hour).unwrap_or_default();
        carry.0 = u64::try_from(rest).unwrap_or_default();
        Dose(u64::try_from(product.checked_div(hour).unwrap_or_default()).unwrap_or(u64::MAX))
    }

    /// This many thousandths of the rate, rounded down.
    #[must_use]
    #[inline]
    pub fn permille(self, permille: u32) -> Self {
        Self(scale(self.0, u64::from(permille), 1_000, Rounding::Down))
    }

    /// This many thousandths of the rate, rounded up.
    #[must_use]
    #[inline]
    pub fn permille_up(self, permille: u32) -> Self {
        Self(scale(self.0, u64::from(permille), 1_000, Rounding::Up))
    }

    /// The daily dose that this rate amounts to.
    #[must_use]
    #[inline]
    pub const fn daily(self) -> DailyDose {
        DailyDose(self.0.saturating_mul(24))
    }

    /// The flow that carries this rate at `drug`, to the nearest nanolitre per hour.
    #[must_use]
    #[inline]
    pub fn flow(self, drug: Concentration) -> Flow {
        let count = scale(self.0, 1_000, u64::from(drug.0.max(1)), Rounding::Nearest);
        Flow(i64::try_from(count).unwrap_or(i64::MAX))
    }

    /// The same rate if it is above zero.
    #[must_use]
    #[inline]
    pub const fn positive(self) -> Option<PositiveRate> {
        match NonZeroU64::new(self.0) {
            Some(count) => Some(PositiveRate(count)),
            None => None,
        }
    }

    /// The nearest whole multiple of `quantum`; the rate itself when `quantum` is zero.
    #[must_use]
    #[inline]
    pub fn to_nearest(self, quantum: Self) -> Self {
        let count = scale(self.0, 1, quantum.0.max(1), Rounding::Nearest);
        Self(count.saturating_mul(quantum.0.max(1)))
    }
}

/// A rate above zero: the only kind that can be infused, so that zero is never an accident.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct PositiveRate(NonZeroU64);

impl PositiveRate {
    /// The rate.
    #[must_use]
    #[inline]
    pub const fn get(self) -> DoseRate {
        DoseRate(self.0.get())
    }
}

impl DailyDose {
    /// The constant rate that gives this dose in 24 h, rounded down.
    #[must_use]
    #[inline]
    pub fn rate(self) -> DoseRate {
        DoseRate(scale(self.0, 1, 24, Rounding::Down))
    }
}

impl Dose {
    /// This many thousandths of the dose, rounded down.
    #[must_use]
    #[inline]
    pub fn permille(self, permille: u32) -> Self {
        Self(scale(self.0, u64::from(permille), 1_000, Rounding::Down))
    }

    /// This many thousandths of the dose, rounded up.
    #[must_use]
    #[inline]
    pub fn permille_up(self, permille: u32) -> Self {
        Self(scale(self.0, u64::from(permille), 1_000, Rounding::Up))
    }

    /// The constant rate that gives this dose in 24 h, rounded down.
    #[must_use]
    #[inline]
    pub fn rate_over_a_day(self) -> DoseRate {
        DailyDose(self.0).rate()
    }
}

impl Volume {
    /// The most that the door lets in: 100 mL.
    pub const MOST: Self = Self(100_000_000);

    /// The drug in this volume at `drug`, rounded down.
    #[must_use]
    #[inline]
    pub fn dose(self, drug: Concentration) -> Dose {
        Dose(scale(self.0, u64::from(drug.0), 1_000, Rounding::Down))
    }
}

/// Drug per volume, in whole micrograms per millilitre, which is nanograms per microlitre.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Concentration(u32);

impl Concentration {
    /// The least that the door lets in: 1 µg/mL.
    pub const LEAST: Self = Self(1);
    /// The most that the door lets in: 10 mg/mL.
    pub const MOST: Self = Self(10_000);

    /// From micrograms per millilitre.
    #[must_use]
    #[inline]
    pub const fn from_micrograms_per_millilitre(count: u32) -> Self {
        Self(count)
    }

    /// Micrograms per millilitre.
    #[must_use]
    #[inline]
    pub const fn micrograms_per_millilitre(self) -> u32 {
        self.0
    }

    /// The dose rate that a flow of this drug carries, rounded up; none for a flow backwards.
    #[must_use]
    #[inline]
    pub fn rate_of(self, flow: Flow) -> DoseRate {
        let flow = u64::try_from(flow.0).unwrap_or_default();
        DoseRate(scale(flow, u64::from(self.0), 1_000, Rounding::Up))
    }
}

/// What may have been given: an interval, because we may not know.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct DoseEstimate {
    /// The least it can be.
    pub low: Dose,
    /// The most it can be.
    pub high: Dose,
}

#[derive(Clone, Copy)]
enum Rounding {
    Down,
    Nearest,
    Up,
}

/// `value * times / by` without overflow on the way; `by` of zero counts as one.
fn scale(value: u64, times: u64, by: u64, rounding: Rounding) -> u64 {
    let by = by.max(1);
    let add = match rounding {
        Rounding::Down => 0,
        Rounding::Nearest => by.checked_div(2).unwrap_or_default(),
        Rounding::Up => by.saturating_sub(1),
    };
    if let Some(product) = value
        .checked_mul(times)
        .and_then(|product| product.checked_add(add))
    {
        return product.checked_div(by).unwrap_or_default();
    }
    let product = u128::from(value)
        .saturating_mul(u128::from(times))
        .saturating_add(u128::from(add));
    let quotient = product.checked_div(u128::from(by)).unwrap_or_default();
    u64::try_from(quotient).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Calculated by hand: (µg/day, µg/mL) -> nL/h.
    #[test]
    fn flows_agree_with_a_table_calculated_by_hand() {
        for (daily_ug, drug, nanolitres_per_hour) in [
            (400, 500, 33_332),
            (400, 2_000, 8_333),
            (24, 500, 2_000),
            (96, 2_000, 2_000),
            (800, 500, 66_666),
            (50, 50, 41_660),
        ] {
            let drug = Concentration::from_micrograms_per_millilitre(drug);
            let rate = DailyDose::from_nanograms_per_day(daily_ug * 1_000).rate();
            assert_eq!(rate.flow(drug).nanolitres_per_hour(), nanolitres_per_hour);
        }
    }

    #[test]
    fn a_volume_carries_its_drug() {
        let drug = Concentration::from_micrograms_per_millilitre(500);
        assert_eq!(
            Volume::from_nanolitres(300_000).dose(drug),
            Dose::from_nanograms(150_000)
        );
    }

    #[test]
    fn rounding_to_a_quantum_goes_to_the_nearest() {
        let quantum = DoseRate::from_nanograms_per_hour(5);
        for (rate, rounded) in [(1_040, 1_040), (1_041, 1_040), (1_043, 1_045), (2, 0)] {
            let rate = DoseRate::from_nanograms_per_hour(rate);
            assert_eq!(rate.to_nearest(quantum).nanograms_per_hour(), rounded);
        }
    }

    proptest! {
        /// Narrow and wide arithmetic agree with plain division, whatever the size.
        #[test]
        fn scaling_is_division(value in any::<u64>(), shift in 0_u32..60, times in 0_u64..10_000, by in 1_u64..100_000) {
            let value = value >> shift;
            let wide = u128::from(value) * u128::from(times);
            let cap = |wide: u128| u64::try_from(wide).unwrap_or(u64::MAX);
            prop_assert_eq!(scale(value, times, by, Rounding::Down), cap(wide / u128::from(by)));
            prop_assert_eq!(scale(value, times, by, Rounding::Up), cap(wide.div_ceil(u128::from(by))));
        }

        /// However an interval is cut, the pieces add up to the whole.
        #[test]
        fn a_carry_loses_nothing(rate in 0_u64..100_000_000, cuts in prop::collection::vec(0_u64..90_000, 1..50)) {
            let rate = DoseRate::from_nanograms_per_hour(rate);
            let mut carry = Carry::default();
            let pieces: u64 = cuts.iter()
                .map(|millis| rate.over(Duration::from_millis(*millis), &mut carry).nanograms())
                .sum();
            let total = Duration::from_millis(cuts.iter().sum());
            prop_assert_eq!(pieces, rate.over(total, &mut Carry::default()).nanograms());
        }
    }
}
