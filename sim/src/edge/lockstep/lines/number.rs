//! Numbers that may be no numbers, and values that may be missing.
//!
//! JSON has no NaN, so a number that is not finite crosses as its sixteen hexadecimal digits: nothing is
//! lost, nothing is rounded, and no reader takes it for a number by accident.

use std::fmt;

use infusion_types::{NoData, Reading, Sample, Timestamp};
use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The bits of an `f64`, written as 16 hexadecimal digits.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Bits(u64);

impl Serialize for Bits {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&format_args!("{:016x}", self.0))
    }
}

impl<'de> Deserialize<'de> for Bits {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Digits;
        impl Visitor<'_> for Digits {
            type Value = Bits;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("16 hexadecimal digits")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Bits, E> {
                let digits = text.len() == 16 && text.bytes().all(|it| it.is_ascii_hexdigit());
                let bits = u64::from_str_radix(text, 16).ok().filter(|_| digits);
                bits.map(Bits)
                    .ok_or_else(|| E::invalid_value(serde::de::Unexpected::Str(text), &self))
            }
        }
        from.deserialize_str(Digits)
    }
}

/// Why there is no value.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Absence {
    NotFitted,
    NeverSeen,
    SensorFault,
    LinkSilent,
    NotFinite,
    Negative,
    OutOfRange,
}

/// A value, a number that is none, or the reason for neither; with its time, where it has one.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
pub(crate) struct Said<T> {
    #[serde(default = "none", skip_serializing_if = "Option::is_none")]
    at: Option<u64>,
    #[serde(default = "none", skip_serializing_if = "Option::is_none")]
    value: Option<T>,
    #[serde(default = "none", skip_serializing_if = "Option::is_none")]
    none: Option<Absence>,
    #[serde(default = "none", skip_serializing_if = "Option::is_none")]
    bits: Option<Bits>,
}

fn none<T>() -> Option<T> {
    None
}

/// What a line said that can be no reading.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("a reading has `at` and `value`, or `at` and `bits`, or `none`")]
pub(crate) struct NoReading;

impl<T> Said<T> {
    fn missing(reason: NoData) -> Self {
        let (none, bits) = absence(reason);
        Self {
            at: None,
            value: None,
            none: Some(none),
            bits: bits.map(Bits),
        }
    }

    /// A reading of something that is always itself.
    pub(crate) fn of<C>(reading: Reading<C>, write: impl FnOnce(C) -> T) -> Self {
        match reading {
            Ok(Sample { at, value }) => Self {
                at: Some(at.millis()),
                value: Some(write(value)),
                none: None,
                bits: None,
            },
            Err(reason) => Self::missing(reason),
        }
    }

    /// The reading again.
    pub(crate) fn reading<C>(
        self,
        read: impl FnOnce(T) -> Result<C, NoReading>,
    ) -> Result<Reading<C>, NoReading> {
        match (self.at, self.value, self.none, self.bits) {
            (Some(at), Some(value), None, None) => {
                let at = Timestamp::from_millis(at);
                read(value).map(|value| Ok(Sample { at, value }))
            }
            (None, None, Some(none), bits) => reason(none, bits).map(Err),
            _ => Err(NoReading),
        }
    }
}

impl Said<f64> {
    /// A raw number with its time.
    pub(crate) fn raw(reading: Reading<f64>) -> Self {
        match reading {
            Ok(Sample { at, value }) => Self {
                at: Some(at.millis()),
                ..Self::entry(Ok(value))
            },
            Err(reason) => Self::missing(reason),
        }
    }

    /// A raw number without a time.
    pub(crate) fn entry(entry: Result<f64, NoData>) -> Self {
        match entry {
            Ok(value) if value.is_finite() => Self {
                at: None,
                value: Some(value),
                none: None,
                bits: None,
            },
            Ok(value) => Self {
                at: None,
                value: None,
                none: None,
                bits: Some(Bits(value.to_bits())),
            },
            Err(reason) => Self::missing(reason),
        }
    }

    /// The raw number again.
    pub(crate) fn to_entry(self) -> Result<Result<f64, NoData>, NoReading> {
        match (self.value, self.none, self.bits) {
            (Some(value), None, None) => Ok(Ok(value)),
            (None, None, Some(Bits(bits))) => Ok(Ok(f64::from_bits(bits))),
            (None, Some(none), bits) => reason(none, bits).map(Err),
            _ => Err(NoReading),
        }
    }

    /// The raw number with its time again.
    pub(crate) fn to_raw(self) -> Result<Reading<f64>, NoReading> {
        match (self.to_entry()?, self.at) {
            (Ok(value), Some(at)) => Ok(Ok(Sample::new(Timestamp::from_millis(at), value))),
            (Err(reason), None) => Ok(Err(reason)),
            (Ok(_), None) | (Err(_), Some(_)) => Err(NoReading),
        }
    }
}

/// The word for a reason, and the bits that were refused.
pub(crate) const fn absence(reason: NoData) -> (Absence, Option<u64>) {
    match reason {
        NoData::NotFitted => (Absence::NotFitted, None),
        NoData::NeverSeen => (Absence::NeverSeen, None),
        NoData::SensorFault => (Absence::SensorFault, None),
        NoData::LinkSilent => (Absence::LinkSilent, None),
        NoData::NotFinite { bits } => (Absence::NotFinite, Some(bits)),
        NoData::Negative { bits } => (Absence::Negative, Some(bits)),
        NoData::OutOfRange { bits } => (Absence::OutOfRange, Some(bits)),
    }
}

fn reason(none: Absence, bits: Option<Bits>) -> Result<NoData, NoReading> {
    let refused = || bits.map(|Bits(bits)| bits).ok_or(NoReading);
    let plain = |reason| bits.is_none().then_some(reason).ok_or(NoReading);
    match none {
        Absence::NotFitted => plain(NoData::NotFitted),
        Absence::NeverSeen => plain(NoData::NeverSeen),
        Absence::SensorFault => plain(NoData::SensorFault),
        Absence::LinkSilent => plain(NoData::LinkSilent),
        Absence::NotFinite => Ok(NoData::NotFinite { bits: refused()? }),
        Absence::Negative => Ok(NoData::Negative { bits: refused()? }),
        Absence::OutOfRange => Ok(NoData::OutOfRange { bits: refused()? }),
    }
}

/// A reason alone, as an answer gives it.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Missing {
    none: Absence,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    bits: Option<Bits>,
}

impl From<NoData> for Missing {
    fn from(reason: NoData) -> Self {
        let (none, bits) = absence(reason);
        Self {
            none,
            bits: bits.map(Bits),
        }
    }
}

impl TryFrom<Missing> for NoData {
    type Error = NoReading;

    fn try_from(missing: Missing) -> Result<Self, NoReading> {
        reason(missing.none, missing.bits)
    }
}
