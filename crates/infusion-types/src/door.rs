//! The one door that raw numbers pass.
//!
//! Everything that comes over a wire or from a keyboard is an `f64`. One function a quantity turns
//! it into whole numbers, or refuses it and keeps its bits. Behind the door no NaN exists.

use crate::{
    Concentration, DailyDose, Dose, Flow, NoData, Pressure, Raw, Reading, Sample, Temperature,
    Volume,
};

/// The least and the most that a raw number may be, in the raw unit.
struct Bounds {
    least: f64,
    most: f64,
}

/// Refuses what is not finite, negative where that has no meaning, or outside the bounds.
///
/// Rounds to the nearest whole number of `per_raw` parts of the raw unit.
fn admit(raw: f64, bounds: &Bounds, per_raw: f64) -> Result<i64, NoData> {
    let bits = raw.to_bits();
    if !raw.is_finite() {
        return Err(NoData::NotFinite { bits });
    }
    if raw < 0.0 && bounds.least >= 0.0 {
        return Err(NoData::Negative { bits });
    }
    if raw < bounds.least || raw > bounds.most {
        return Err(NoData::OutOfRange { bits });
    }
    Ok(nearest(raw * per_raw))
}

/// The nearest whole number, halves away from zero.
///
/// The bounds keep every product below 2^53, where this cast is exact.
#[expect(
    clippy::as_conversions,
    reason = "the one place where a float becomes an integer"
)]
fn nearest(value: f64) -> i64 {
    let half = if value < 0.0 { -0.5 } else { 0.5 };
    (value + half) as i64
}

/// A bound of a quantity in the raw unit. Every bound fits 32 bits.
fn bound(count: u64, per_raw: f64) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX)) / per_raw
}

fn whole(count: i64) -> u64 {
    u64::try_from(count).unwrap_or_default()
}

fn each<T>(raw: Raw, admit: impl FnOnce(f64) -> Result<T, NoData>) -> Reading<T> {
    let Sample { at, value } = raw?;
    admit(value).map(|value| Sample { at, value })
}

macro_rules! door {
    ($(#[$doc:meta])* $name:ident, $reading:ident -> $quantity:ty, $least:expr, $most:expr, $per_raw:expr, $make:expr) => {
        $(#[$doc])*
        ///
        /// # Errors
        /// [`NoData::NotFinite`], [`NoData::Negative`] or [`NoData::OutOfRange`], with the raw bits.
        #[inline]
        pub fn $name(raw: f64) -> Result<$quantity, NoData> {
            admit(raw, &Bounds { least: $least, most: $most }, $per_raw).map($make)
        }

        $(#[$doc])*
        /// The same door for a sample: it keeps its time.
        ///
        /// # Errors
        /// Those of the plain door, and the reason that the raw reading already had.
        #[inline]
        pub fn $reading(raw: Raw) -> Reading<$quantity> {
            each(raw, $name)
        }
    };
}

door! {
    /// Micrograms, 0 to 1 000 000.
    dose_ug, dose_reading_ug -> Dose, 0.0, 1e6, 1e3, |n| Dose::from_nanograms(whole(n))
}
door! {
    /// Micrograms per day, 0 to 100 000.
    daily_dose_ug, daily_dose_reading_ug -> DailyDose, 0.0, 1e5, 1e3, |n| DailyDose::from_nanograms_per_day(whole(n))
}
door! {
    /// Microlitres, 0 to 100 000.
    volume_ul, volume_reading_ul -> Volume, 0.0, bound(Volume::MOST.nanolitres(), 1e3), 1e3,
    |n| Volume::from_nanolitres(whole(n))
}
door! {
    /// Microlitres per hour, −100 000 to 100 000.
    flow_ul_per_h, flow_reading_ul_per_h -> Flow, -1e5, 1e5, 1e3, Flow::from_nanolitres_per_hour
}
door! {
    /// Micrograms per millilitre, 1 to 10 000.
    concentration_ug_per_ml, concentration_reading_ug_per_ml -> Concentration,
    f64::from(Concentration::LEAST.micrograms_per_millilitre()),
    f64::from(Concentration::MOST.micrograms_per_millilitre()), 1.0,
    |n| Concentration::from_micrograms_per_millilitre(u32::try_from(n).unwrap_or(1))
}
door! {
    /// Kilopascals against the atmosphere, −100 to 1 000.
    pressure_kpa, pressure_reading_kpa -> Pressure, -100.0, 1e3, 1e3, Pressure::from_pascals
}
door! {
    /// Degrees Celsius, −40 to 125.
    temperature_c, temperature_reading_c -> Temperature, -40.0, 125.0, 1e3, Temperature::from_millidegrees
}
door! {
    /// Minutes of battery left, 0 to 10 000 000, as milliseconds.
    battery_min, battery_reading_min -> core::time::Duration, 0.0, 1e7, 6e4,
    |n| core::time::Duration::from_millis(whole(n))
}

/// A score on a scale of whole thousandths, between `least` and `most`.
///
/// # Errors
/// [`NoData::NotFinite`], [`NoData::Negative`] or [`NoData::OutOfRange`], with the raw bits.
#[inline]
pub fn score_thousandths(raw: f64, least: f64, most: f64) -> Result<i64, NoData> {
    admit(raw, &Bounds { least, most }, 1e3)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_no_number_keeps_its_bits() {
        for raw in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert_eq!(
                volume_ul(raw),
                Err(NoData::NotFinite {
                    bits: raw.to_bits()
                })
            );
        }
        assert_eq!(
            volume_ul(-0.1),
            Err(NoData::Negative {
                bits: (-0.1_f64).to_bits()
            })
        );
        assert_eq!(
            daily_dose_ug(1e9),
            Err(NoData::OutOfRange {
                bits: 1e9_f64.to_bits()
            })
        );
        assert_eq!(
            concentration_ug_per_ml(0.0),
            Err(NoData::OutOfRange { bits: 0 })
        );
    }

    #[test]
    fn good_numbers_pass_to_the_nearest() {
        assert_eq!(dose_ug(0.0254), Ok(Dose::from_nanograms(25)));
        assert_eq!(
            flow_ul_per_h(-1.5),
            Ok(Flow::from_nanolitres_per_hour(-1_500))
        );
        assert_eq!(volume_ul(-0.0), Ok(Volume::ZERO));
        assert_eq!(volume_ul(1e5), Ok(Volume::MOST));
        assert_eq!(concentration_ug_per_ml(1e4), Ok(Concentration::MOST));
        assert_eq!(concentration_ug_per_ml(1.0), Ok(Concentration::LEAST));
    }

    proptest! {
        /// Any bits at all: a door answers, and what it lets through lies within its bounds.
        #[test]
        fn every_door_stands_any_bits(bits in any::<u64>()) {
            let raw = f64::from_bits(bits);
            prop_assert_eq!(daily_dose_ug(raw).is_ok(), (0.0..=1e5).contains(&raw));
            prop_assert_eq!(volume_ul(raw).is_ok(), (0.0..=1e5).contains(&raw));
            prop_assert_eq!(flow_ul_per_h(raw).is_ok(), (-1e5..=1e5).contains(&raw));
            prop_assert_eq!(pressure_kpa(raw).is_ok(), (-100.0..=1e3).contains(&raw));
            prop_assert_eq!(concentration_ug_per_ml(raw).is_ok(), (1.0..=1e4).contains(&raw));
        }
    }
}
