//! Edits of what is said and written, after it was measured and seen.

use infusion_types::{Assessment, Sample, Telemetry};

use crate::scenario::{EntryName, FaultKind, PeopleFault, ReadingName, SensorFault};

/// Replaces a number of the pump's report. True when there was one, and it is another now.
pub(super) fn garble(what: &FaultKind, telemetry: &mut Telemetry) -> bool {
    let FaultKind::Sensor(SensorFault::GarbleReading { reading, value }) = what else {
        return false;
    };
    let raw = match reading {
        ReadingName::Delivered => &mut telemetry.delivered_ug,
        ReadingName::Reservoir => &mut telemetry.reservoir_ul,
        ReadingName::Flow => &mut telemetry.flow_ul_per_h,
        ReadingName::Pressure => &mut telemetry.pressure_kpa,
        ReadingName::Temperature => &mut telemetry.temperature_c,
        ReadingName::Battery => &mut telemetry.battery_min,
    };
    let Ok(sample) = *raw else {
        return false;
    };
    *raw = Ok(Sample {
        value: value.0,
        ..sample
    });
    sample.value.to_bits() != value.0.to_bits()
}

/// Replaces a number of a sheet. True when it is another now.
pub(super) fn mistype(what: &FaultKind, sheet: &mut Assessment) -> bool {
    let FaultKind::People(PeopleFault::Mistype { entry, value }) = what else {
        return false;
    };
    let slot = match entry {
        EntryName::Spasticity => &mut sheet.spasticity,
        EntryName::Sedation => &mut sheet.sedation,
        EntryName::Breaths => &mut sheet.breaths_per_min,
        EntryName::Itch => &mut sheet.itch,
        EntryName::HeartRate => &mut sheet.heart_rate_per_min,
        EntryName::Temperature => &mut sheet.temperature_c,
    };
    let before = slot.map(f64::to_bits);
    *slot = Ok(value.0);
    before != Ok(value.0.to_bits())
}
