//! How a value is written and read. Every value has exactly one spelling; any other is refused.

use core::time::Duration;

use infusion_types::{
    Accepted, Action, Concentration, DoseRate, PositiveRate, PumpState, Refused, Session,
    StopCause, Volume,
};

use crate::frame::Frame;

/// The part of a frame that has not been read yet.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, left) = self.0.split_first_chunk::<N>()?;
        self.0 = left;
        Some(*taken)
    }

    /// `value`, if nothing is left behind it.
    pub(crate) fn end<T>(self, value: T) -> Option<T> {
        self.0.is_empty().then_some(value)
    }
}

/// A value that a frame can hold.
pub(crate) trait Field: Sized {
    fn put(self, to: &mut Frame);
    /// None when the bytes are no such value, or too few.
    fn take(from: &mut Reader<'_>) -> Option<Self>;
}

macro_rules! whole_numbers {
    ($($number:ty)*) => {$(
        impl Field for $number {
            fn put(self, to: &mut Frame) {
                to.put(self.to_le_bytes());
            }

            fn take(from: &mut Reader<'_>) -> Option<Self> {
                from.take().map(Self::from_le_bytes)
            }
        }
    )*};
}

whole_numbers! { u8 u32 u64 }

/// Enums of names alone: one byte each.
macro_rules! codes {
    ($name:ident { $($variant:ident = $code:literal)* }) => {
        impl Field for $name {
            fn put(self, to: &mut Frame) {
                let code: u8 = match self { $(Self::$variant => $code),* };
                code.put(to);
            }

            fn take(from: &mut Reader<'_>) -> Option<Self> {
                match u8::take(from)? {
                    $($code => Some(Self::$variant),)*
                    _ => None,
                }
            }
        }
    };
}

codes! { PumpState { Idle = 0 Priming = 1 Infusing = 2 Holding = 3 Stopped = 4 Empty = 5 } }
codes! { StopCause {
    OverDelivery = 0 FreeFlow = 1 ReverseFlow = 2 OverdoseSigns = 3 OcclusionDownstream = 4
    OcclusionUpstream = 5 Disconnected = 6 ConcentrationMismatch = 7 CsfOverdrainage = 8 Air = 9
    Ordered = 10 Paused = 11 Weaned = 12 Primed = 13
} }

impl Field for bool {
    fn put(self, to: &mut Frame) {
        u8::from(self).put(to);
    }

    fn take(from: &mut Reader<'_>) -> Option<Self> {
        match u8::take(from)? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }
}

/// By its bits, so that a NaN arrives as the one that was sent.
impl Field for f64 {
    fn put(self, to: &mut Frame) {
        self.to_bits().put(to);
    }

    fn take(from: &mut Reader<'_>) -> Option<Self> {
        u64::take(from).map(Self::from_bits)
    }
}

impl Field for Session {
    fn put(self, to: &mut Frame) {
        self.number().put(to);
    }

    fn take(from: &mut Reader<'_>) -> Option<Self> {
        u32::take(from).map(Self::new)
    }
}

/// Whole seconds and nanoseconds: every lease is kept exactly.
impl Field for Duration {
    fn put(self, to: &mut Frame) {
        self.as_secs().put(to);
        self.subsec_nanos().put(to);
    }

    fn take(from: &mut Reader<'_>) -> Option<Self> {
        let seconds = u64::take(from)?;
        let nanos = u32::take(from)?;
        (nanos < 1_000_000_000).then(|| Self::new(seconds, nanos))
    }
}

impl Field for Action {
    fn put(self, to: &mut Frame) {
        match self {
            Self::Infuse { rate, at } => {
                0_u8.put(to);
                rate.put(to);
                at.micrograms_per_millilitre().put(to);
            }
            Self::Prime { volume_left } => {
                1_u8.put(to);
                volume_left.nanolitres().put(to);
            }
            Self::Stop { cause, clamp } => {
                2_u8.put(to);
                cause.put(to);
                clamp.put(to);
            }
        }
    }

    fn take(from: &mut Reader<'_>) -> Option<Self> {
        match u8::take(from)? {
            0 => Some(Self::Infuse {
                rate: PositiveRate::take(from)?,
                at: Concentration::from_micrograms_per_millilitre(u32::take(from)?),
            }),
            1 => Some(Self::Prime {
                volume_left: Volume::from_nanolitres(u64::take(from)?),
            }),
            2 => Some(Self::Stop {
                cause: StopCause::take(from)?,
                clamp: bool::take(from)?,
            }),
            _ => None,
        }
    }
}

/// Zero is not a rate, and no frame can say it.
impl Field for PositiveRate {
    fn put(self, to: &mut Frame) {
        self.get().nanograms_per_hour().put(to);
    }

    fn take(from: &mut Reader<'_>) -> Option<Self> {
        DoseRate::from_nanograms_per_hour(u64::take(from)?).positive()
    }
}

impl Field for Accepted {
    fn put(self, to: &mut Frame) {
        self.session.put(to);
        self.sequence.put(to);
        self.action.put(to);
    }

    fn take(from: &mut Reader<'_>) -> Option<Self> {
        Some(Self {
            session: Session::take(from)?,
            sequence: u32::take(from)?,
            action: Action::take(from)?,
        })
    }
}

impl Field for Refused {
    fn put(self, to: &mut Frame) {
        self.frames.put(to);
        self.commands.put(to);
    }

    fn take(from: &mut Reader<'_>) -> Option<Self> {
        Some(Self {
            frames: u32::take(from)?,
            commands: u32::take(from)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads every single byte as `T`, and gives back how many were one.
    fn bytes_that_are<T: Field>() -> usize {
        let read = |byte: u8| {
            let bytes = [byte];
            let mut reader = Reader::new(&bytes);
            let value = T::take(&mut reader)?;
            let mut frame = Frame::empty();
            value.put(&mut frame);
            assert_eq!(frame.bytes(), bytes, "one spelling");
            reader.end(())
        };
        (0..=u8::MAX).filter(|byte| read(*byte).is_some()).count()
    }

    #[test]
    fn every_code_is_one_value_and_no_other_byte_is() {
        assert_eq!(bytes_that_are::<bool>(), 2);
        assert_eq!(bytes_that_are::<PumpState>(), 6);
        assert_eq!(bytes_that_are::<StopCause>(), 14);
        assert_eq!(bytes_that_are::<u8>(), 256);
    }

    #[test]
    fn no_rate_of_zero_and_no_second_of_too_many_nanoseconds_is_read() {
        let zeros = [0; 13];
        assert_eq!(Action::take(&mut Reader::new(&zeros)), None);
        let mut frame = Frame::empty();
        7_u64.put(&mut frame);
        1_000_000_000_u32.put(&mut frame);
        assert_eq!(Duration::take(&mut Reader::new(frame.bytes())), None);
    }

    #[test]
    fn what_is_left_behind_a_value_is_seen() {
        let mut reader = Reader::new(&[1, 2]);
        assert_eq!(u8::take(&mut reader), Some(1));
        assert_eq!(reader.end(()), None);
        assert_eq!(u32::take(&mut reader), None);
        assert_eq!(u8::take(&mut reader), Some(2));
        assert_eq!(reader.end(()), Some(()));
    }
}
