//! The pump's telemetry, reading by reading.
//!
//! A reading is one byte for what it is, and what belongs to that: nothing, the bits that were refused, or
//! the value. Nearly every sample was taken when the report left, and has that time; any other carries its
//! distance from it.

use infusion_types::{NoData, Reading, Sample, Telemetry, Timestamp};

use crate::field::{Field, Reader};
use crate::frame::Frame;

/// A value that was taken when the report left.
const FRESH: u8 = 0;
/// A value with the distance of its time from that, wrapped round, so that every time there is comes back.
const DATED: u8 = 1;
const NOT_FITTED: u8 = 2;
const NEVER_SEEN: u8 = 3;
const SENSOR_FAULT: u8 = 4;
const LINK_SILENT: u8 = 8;
const NOT_FINITE: u8 = 5;
const NEGATIVE: u8 = 6;
const OUT_OF_RANGE: u8 = 7;

/// Writes a report that leaves at `sent`.
pub(crate) fn put(telemetry: &Telemetry, sent: Timestamp, to: &mut Frame) {
    let Telemetry {
        accepted,
        state,
        motion,
        refused,
        delivered_ug,
        reservoir_ul,
        flow_ul_per_h,
        pressure_kpa,
        air_ul,
        connector,
        drained_csf_ul,
        temperature_c,
        battery_min,
    } = *telemetry;
    put_reading(accepted, sent, to);
    put_reading(state, sent, to);
    put_reading(motion, sent, to);
    put_reading(refused, sent, to);
    put_reading(connector, sent, to);
    let numbers = [
        delivered_ug,
        reservoir_ul,
        flow_ul_per_h,
        pressure_kpa,
        air_ul,
        drained_csf_ul,
        temperature_c,
        battery_min,
    ];
    for number in numbers {
        put_reading(number, sent, to);
    }
}

/// Reads a report that left at `sent`; `local` makes the sender's times one's own.
pub(crate) fn take(
    from: &mut Reader<'_>,
    sent: Timestamp,
    local: impl Fn(Timestamp) -> Timestamp,
) -> Option<Telemetry> {
    let times = &Times { sent, local };
    Some(Telemetry {
        accepted: times.take(from)?,
        state: times.take(from)?,
        motion: times.take(from)?,
        refused: times.take(from)?,
        connector: times.take(from)?,
        delivered_ug: times.take(from)?,
        reservoir_ul: times.take(from)?,
        flow_ul_per_h: times.take(from)?,
        pressure_kpa: times.take(from)?,
        air_ul: times.take(from)?,
        drained_csf_ul: times.take(from)?,
        temperature_c: times.take(from)?,
        battery_min: times.take(from)?,
    })
}

fn put_reading<T: Field>(reading: Reading<T>, sent: Timestamp, to: &mut Frame) {
    match reading {
        Ok(sample) if sample.at == sent => {
            FRESH.put(to);
            sample.value.put(to);
        }
        Ok(sample) => {
            DATED.put(to);
            sample.at.millis().wrapping_sub(sent.millis()).put(to);
            sample.value.put(to);
        }
        Err(NoData::NotFitted) => NOT_FITTED.put(to),
        Err(NoData::NeverSeen) => NEVER_SEEN.put(to),
        Err(NoData::SensorFault) => SENSOR_FAULT.put(to),
        Err(NoData::LinkSilent) => LINK_SILENT.put(to),
        Err(NoData::NotFinite { bits }) => {
            NOT_FINITE.put(to);
            bits.put(to);
        }
        Err(NoData::Negative { bits }) => {
            NEGATIVE.put(to);
            bits.put(to);
        }
        Err(NoData::OutOfRange { bits }) => {
            OUT_OF_RANGE.put(to);
            bits.put(to);
        }
    }
}

struct Times<F> {
    sent: Timestamp,
    local: F,
}

impl<F: Fn(Timestamp) -> Timestamp> Times<F> {
    fn take<T: Field>(&self, from: &mut Reader<'_>) -> Option<Reading<T>> {
        let reading = match u8::take(from)? {
            FRESH => Ok(Sample::new((self.local)(self.sent), T::take(from)?)),
            DATED => {
                // What was taken when the report left says so in the other way.
                let by = u64::take(from).filter(|by| *by != 0)?;
                let at = Timestamp::from_millis(self.sent.millis().wrapping_add(by));
                Ok(Sample::new((self.local)(at), T::take(from)?))
            }
            NOT_FITTED => Err(NoData::NotFitted),
            NEVER_SEEN => Err(NoData::NeverSeen),
            SENSOR_FAULT => Err(NoData::SensorFault),
            LINK_SILENT => Err(NoData::LinkSilent),
            NOT_FINITE => Err(NoData::NotFinite {
                bits: u64::take(from)?,
            }),
            NEGATIVE => Err(NoData::Negative {
                bits: u64::take(from)?,
            }),
            OUT_OF_RANGE => Err(NoData::OutOfRange {
                bits: u64::take(from)?,
            }),
            _ => return None,
        };
        Some(reading)
    }
}
