//! The numbers that events may change.
//!
//! The equations use every one of them at every step, healthy or not, so nothing asks whether
//! something is broken. What lies outside its range is brought to the nearest end.

/// The most that an intrathecal pressure is taken for, mmHg either side of zero.
const CSF_PRESSURE_MOST_MMHG: f64 = 100.0;
/// The most that a motor can overrun by.
const GAIN_MOST: f64 = 1_000.0;
/// The most that passes a tube of this bore in either direction, µL/h.
const FLOW_MOST_UL_PER_H: f64 = 1e6;

/// The state of the device's physics and of its surroundings.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Condition {
    /// Resistance behind the connector in multiples of the healthy one, 0.001 or more; infinite
    /// when it is blocked.
    pub resistance_times: f64,
    /// Flow that the motor makes in multiples of what it should, 0 (it stands still) to 1000.
    pub gain: f64,
    /// Flow that passes the pump unasked, −10^6 to 10^6 µL/h; negative is back into the reservoir.
    pub added_flow_ul_per_h: f64,
    /// Share of the flow that passes the connector, 0 (apart) to 1 (closed).
    pub connector_share: f64,
    /// CSF that backs out through catheter and connector while they are on the patient, 0 to
    /// 10^6 µL/h.
    pub csf_backflow_ul_per_h: f64,
    /// Share of what leaves the tip that reaches the CSF, 0 to 1.
    pub tip_share: f64,
    /// Slow error of the flow as a share of it; −1 to 1, made outside, clipped with the biases.
    pub drift: f64,
    /// Temperature of the pump, −40 to 125 °C.
    pub pump_temperature_c: f64,
    /// Pressure at the tip, mmHg against the atmosphere, −100 to 100.
    pub csf_pressure_mmhg: f64,
    /// Air in the line, µL, as far as a sensor can see it.
    pub air_ul: f64,
    /// Minutes of battery that a minute takes, 0 or more.
    pub battery_drain: f64,
    /// What the sensors make of what they see.
    pub sensors: Sensors,
}

/// The numbers of every sensor.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sensors {
    /// Flow, µL/h.
    pub flow: SensorNumbers,
    /// Line pressure, kPa.
    pub pressure: SensorNumbers,
    /// Air, µL.
    pub air: SensorNumbers,
    /// Connector, as the share that passes.
    pub connector: SensorNumbers,
    /// Drain bag, µL.
    pub drained_csf: SensorNumbers,
    /// Pump temperature, °C.
    pub temperature: SensorNumbers,
    /// Battery, minutes.
    pub battery: SensorNumbers,
}

/// What a sensor makes of the value that it sees: `value * gain + offset`, or `stuck`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SensorNumbers {
    /// Added, in the sensor's unit.
    pub offset: f64,
    /// Multiplied.
    pub gain: f64,
    /// Said in place of everything else, noise included. May be NaN.
    pub stuck: Option<f64>,
}

impl SensorNumbers {
    /// A sensor that says what it sees.
    pub const HEALTHY: Self = Self {
        offset: 0.0,
        gain: 1.0,
        stuck: None,
    };

    /// What the sensor says of `value`, with `noise` in its own unit.
    pub(crate) fn say(&self, value: f64, noise: f64) -> f64 {
        self.stuck
            .unwrap_or(value * self.gain + self.offset + noise)
    }

    /// The same for what cannot be shown below zero.
    pub(crate) fn say_from_zero(&self, value: f64, noise: f64) -> f64 {
        self.stuck
            .unwrap_or((value * self.gain + self.offset + noise).max(0.0))
    }
}

impl Sensors {
    /// Every sensor says what it sees.
    pub const HEALTHY: Self = Self {
        flow: SensorNumbers::HEALTHY,
        pressure: SensorNumbers::HEALTHY,
        air: SensorNumbers::HEALTHY,
        connector: SensorNumbers::HEALTHY,
        drained_csf: SensorNumbers::HEALTHY,
        temperature: SensorNumbers::HEALTHY,
        battery: SensorNumbers::HEALTHY,
    };
}

impl Condition {
    /// Nothing is wrong with a pump at `pump_temperature_c` and a tip at `csf_pressure_mmhg`.
    #[must_use]
    pub const fn healthy(pump_temperature_c: f64, csf_pressure_mmhg: f64) -> Self {
        Self {
            resistance_times: 1.0,
            gain: 1.0,
            added_flow_ul_per_h: 0.0,
            connector_share: 1.0,
            csf_backflow_ul_per_h: 0.0,
            tip_share: 1.0,
            drift: 0.0,
            pump_temperature_c,
            csf_pressure_mmhg,
            air_ul: 0.0,
            battery_drain: 1.0,
            sensors: Sensors::HEALTHY,
        }
    }

    /// Every number within its range.
    pub(crate) fn within_range(self) -> Self {
        let csf_pressure_mmhg = within(
            self.csf_pressure_mmhg,
            -CSF_PRESSURE_MOST_MMHG,
            CSF_PRESSURE_MOST_MMHG,
        );
        Self {
            resistance_times: within(self.resistance_times, 1e-3, f64::INFINITY),
            gain: within(self.gain, 0.0, GAIN_MOST),
            added_flow_ul_per_h: within(
                self.added_flow_ul_per_h,
                -FLOW_MOST_UL_PER_H,
                FLOW_MOST_UL_PER_H,
            ),
            connector_share: within(self.connector_share, 0.0, 1.0),
            csf_backflow_ul_per_h: within(self.csf_backflow_ul_per_h, 0.0, FLOW_MOST_UL_PER_H),
            tip_share: within(self.tip_share, 0.0, 1.0),
            drift: within(self.drift, -1.0, 1.0),
            pump_temperature_c: within(self.pump_temperature_c, -40.0, 125.0),
            csf_pressure_mmhg,
            air_ul: within(self.air_ul, 0.0, f64::INFINITY),
            battery_drain: within(self.battery_drain, 0.0, f64::INFINITY),
            sensors: self.sensors,
        }
    }
}

/// The nearest value in a range; what is no number counts as zero.
fn within(value: f64, least: f64, most: f64) -> f64 {
    if value.is_nan() {
        0.0_f64.clamp(least, most)
    } else {
        value.clamp(least, most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_healthy_condition_is_within_its_ranges() {
        let healthy = Condition::healthy(22.0, 10.0);
        assert_eq!(healthy.within_range(), healthy);
    }

    #[test]
    fn what_is_out_of_range_comes_to_the_nearest_end() {
        let odd = Condition {
            connector_share: 1.4,
            tip_share: f64::NAN,
            gain: -2.0,
            ..Condition::healthy(22.0, 500.0)
        }
        .within_range();
        assert_eq!(
            (
                odd.connector_share,
                odd.tip_share,
                odd.gain,
                odd.csf_pressure_mmhg
            ),
            (1.0, 0.0, 0.0, 100.0)
        );
    }
}
