//! No value without its time; no absence without its reason.

use crate::Timestamp;

/// A value and the moment it was taken, on the clock of whoever took it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Sample<T> {
    /// When the value was taken.
    pub at: Timestamp,
    /// The value.
    pub value: T,
}

impl<T> Sample<T> {
    /// A value taken at `at`.
    #[inline]
    pub const fn new(at: Timestamp, value: T) -> Self {
        Self { at, value }
    }
}

/// Why there is no value. Refused numbers keep their raw bits, so that a log can show them.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum NoData {
    /// The device has no such sensor, or the person did not look.
    NotFitted,
    /// A sensor exists and has not spoken yet.
    NeverSeen,
    /// The sensor itself reports that it is broken.
    SensorFault,
    /// Nothing comes from the other end: it is dead, or the way to it is.
    LinkSilent,
    /// NaN or an infinity.
    NotFinite {
        /// The bits of the `f64` that was refused.
        bits: u64,
    },
    /// Below zero where that has no meaning.
    Negative {
        /// The bits of the `f64` that was refused.
        bits: u64,
    },
    /// Outside what the quantity can be.
    OutOfRange {
        /// The bits of the `f64` that was refused.
        bits: u64,
    },
}

impl NoData {
    /// Whether a number came and was refused, as opposed to none coming.
    #[must_use]
    #[inline]
    pub const fn is_refusal(self) -> bool {
        match self {
            Self::NotFinite { .. } | Self::Negative { .. } | Self::OutOfRange { .. } => true,
            Self::NotFitted | Self::NeverSeen | Self::SensorFault | Self::LinkSilent => false,
        }
    }
}

/// A value with its time, or the reason for none.
pub type Reading<T> = Result<Sample<T>, NoData>;

/// When a reading was taken, if it was.
#[inline]
pub fn taken_at<T>(reading: Reading<T>) -> Option<Timestamp> {
    reading.ok().map(|sample| sample.at)
}

/// A number as it came over the wire, before anything has looked at it.
pub type Raw = Reading<f64>;
