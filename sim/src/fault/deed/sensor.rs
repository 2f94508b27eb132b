//! Faults of measurements.

use infusion_device::{Condition, SensorNumbers, Sensors};

use crate::scenario::{SensorFault, SensorName};

pub(super) fn act(what: &SensorFault, since_ms: u64, device: &mut Condition) {
    let sensors = &mut device.sensors;
    match *what {
        SensorFault::SensorStuck { sensor, value } => {
            numbers(sensors, sensor).stuck = Some(value.0);
        }
        SensorFault::SensorBias {
            sensor,
            offset,
            times,
        } => {
            let numbers = numbers(sensors, sensor);
            numbers.gain *= times;
            numbers.offset += offset;
        }
        SensorFault::SensorNoise {
            sensor,
            noise_times,
        } => numbers(sensors, sensor).noise_times *= noise_times,
        SensorFault::SensorSilent { sensor } => numbers(sensors, sensor).silent = true,
        SensorFault::LooseContact { period_s } => {
            // Open in the first half of each period.
            let open = (since_ms / (u64::from(period_s) * 500)).is_multiple_of(2);
            if open {
                sensors.connector.stuck = Some(0.0);
            }
        }
        SensorFault::ReportFrozen => device.report_frozen = true,
        // Edited after it was measured.
        SensorFault::GarbleReading { .. } => {}
    }
}

const fn numbers(sensors: &mut Sensors, sensor: SensorName) -> &mut SensorNumbers {
    match sensor {
        SensorName::Flow => &mut sensors.flow,
        SensorName::Pressure => &mut sensors.pressure,
        SensorName::Air => &mut sensors.air,
        SensorName::Connector => &mut sensors.connector,
        SensorName::DrainedCsf => &mut sensors.drained_csf,
        SensorName::Temperature => &mut sensors.temperature,
        SensorName::Battery => &mut sensors.battery,
        SensorName::Delivered => &mut sensors.delivered,
        SensorName::Reservoir => &mut sensors.reservoir,
        SensorName::Motion => &mut sensors.motion,
    }
}
