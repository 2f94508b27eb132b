//! The numbers that events may change.
//!
//! The equations use every one of them at every step, healthy or not, so nothing asks whether
//! something is broken. What lies outside its range is brought to the nearest end.

use crate::sensor::Sensors;

/// The most that an intrathecal pressure is taken for, mmHg either side of zero.
const CSF_PRESSURE_MOST_MMHG: f64 = 100.0;
/// The most that a motor can overrun by.
const GAIN_MOST: f64 = 1_000.0;
/// The most that passes a tube of this bore in either direction, µL/h.
const FLOW_MOST_UL_PER_H: f64 = 1e6;
/// The most that a rotor can withhold at a time, µL.
const PACKET_MOST_UL: f64 = 1_000.0;
/// The atmosphere at which the pump is metered, kPa.
pub(crate) const STANDARD_KPA: f64 = 101.325;

/// The state of the device's physics and of its surroundings.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Condition {
    /// Whether there is power. Without it the pump is dead: it moves nothing, says nothing and takes
    /// nothing, and its clamp stays where it is. An empty battery does the same.
    pub powered: bool,
    /// Whether the rotor turns when it is told to. The pump's motion sensor sees that it does not,
    /// and its count of strokes stands still too.
    pub turns: bool,
    /// What the motor turns at least, whatever it was told, as a nominal flow, 0 to 10^6 µL/h. The
    /// pump counts its strokes.
    pub motor_least_ul_per_h: f64,
    /// Flow that the motor makes in multiples of what it should, 0 (the rotor turns and moves
    /// nothing) to 1000.
    pub gain: f64,
    /// Volume in which the rotor lets go of what it has turned, µL, 0 (evenly) to 1000. What would
    /// come more than once a second is even too.
    pub packet_ul: f64,
    /// Flow that passes the pump unasked, −10^6 to 10^6 µL/h; negative is back into the reservoir.
    pub added_flow_ul_per_h: f64,
    /// Share of what pump and rotor would move that the reservoir lets through, either way, 0 to 1.
    pub inlet_share: f64,
    /// Share of what enters the tubing from the pump that is air in place of drug, 0 to 1.
    pub air_share: f64,
    /// Compliance of the line in multiples of the healthy one, 0.001 to 1000. The pressure is the
    /// same before and after it changes.
    pub compliance_times: f64,
    /// Resistance behind the connector in multiples of the healthy one, 0.001 or more; infinite
    /// when it is blocked.
    pub resistance_times: f64,
    /// Share of the flow that passes the connector, 0 (apart) to 1 (closed).
    pub connector_share: f64,
    /// CSF that backs out through catheter and connector while they are on the patient, 0 to
    /// 10^6 µL/h.
    pub csf_backflow_ul_per_h: f64,
    /// CSF that runs into the bag through a drain beside the connector while it is on the patient,
    /// 0 to 10^6 µL/h. It takes no drug of the catheter with it; a closed clamp stops it.
    pub csf_drain_ul_per_h: f64,
    /// Share of what leaves the tip that reaches the CSF, 0 to 1.
    pub tip_share: f64,
    /// Share of the reservoir's drug that decays in an hour, as a rate, 0 to 1 per hour.
    pub drug_decay_per_h: f64,
    /// Slow error of the flow as a share of it; −1 to 1, made outside, clipped with the biases.
    pub drift: f64,
    /// Temperature of the pump, −40 to 125 °C.
    pub pump_temperature_c: f64,
    /// Pressure of the atmosphere, 10 to 1000 kPa.
    pub ambient_kpa: f64,
    /// Pressure at the tip, mmHg against the atmosphere, −100 to 100.
    pub csf_pressure_mmhg: f64,
    /// Minutes of battery that a minute takes, 0 or more.
    pub battery_drain: f64,
    /// Whether the pump says again, with fresh times, what it would have said when this began.
    pub report_frozen: bool,
    /// What the sensors make of what they see.
    pub sensors: Sensors,
}

impl Condition {
    /// Nothing is wrong with a pump at `pump_temperature_c` and a tip at `csf_pressure_mmhg`.
    #[must_use]
    pub const fn healthy(pump_temperature_c: f64, csf_pressure_mmhg: f64) -> Self {
        Self {
            powered: true,
            turns: true,
            motor_least_ul_per_h: 0.0,
            gain: 1.0,
            packet_ul: 0.0,
            added_flow_ul_per_h: 0.0,
            inlet_share: 1.0,
            air_share: 0.0,
            compliance_times: 1.0,
            resistance_times: 1.0,
            connector_share: 1.0,
            csf_backflow_ul_per_h: 0.0,
            csf_drain_ul_per_h: 0.0,
            tip_share: 1.0,
            drug_decay_per_h: 0.0,
            drift: 0.0,
            pump_temperature_c,
            ambient_kpa: STANDARD_KPA,
            csf_pressure_mmhg,
            battery_drain: 1.0,
            report_frozen: false,
            sensors: Sensors::HEALTHY,
        }
    }

    /// Every number within its range.
    pub(crate) fn within_range(self) -> Self {
        let share = |value: f64| within(value, 0.0, 1.0);
        let flow = |value: f64| within(value, 0.0, FLOW_MOST_UL_PER_H);
        let pressure = |value| within(value, -CSF_PRESSURE_MOST_MMHG, CSF_PRESSURE_MOST_MMHG);
        let either_way = |value| within(value, -FLOW_MOST_UL_PER_H, FLOW_MOST_UL_PER_H);
        Self {
            powered: self.powered,
            turns: self.turns,
            motor_least_ul_per_h: flow(self.motor_least_ul_per_h),
            gain: within(self.gain, 0.0, GAIN_MOST),
            packet_ul: within(self.packet_ul, 0.0, PACKET_MOST_UL),
            added_flow_ul_per_h: either_way(self.added_flow_ul_per_h),
            inlet_share: share(self.inlet_share),
            air_share: share(self.air_share),
            compliance_times: within(self.compliance_times, 1e-3, 1e3),
            resistance_times: within(self.resistance_times, 1e-3, f64::INFINITY),
            connector_share: share(self.connector_share),
            csf_backflow_ul_per_h: flow(self.csf_backflow_ul_per_h),
            csf_drain_ul_per_h: flow(self.csf_drain_ul_per_h),
            tip_share: share(self.tip_share),
            drug_decay_per_h: share(self.drug_decay_per_h),
            drift: within(self.drift, -1.0, 1.0),
            pump_temperature_c: within(self.pump_temperature_c, -40.0, 125.0),
            ambient_kpa: within(self.ambient_kpa, 10.0, 1_000.0),
            csf_pressure_mmhg: pressure(self.csf_pressure_mmhg),
            battery_drain: within(self.battery_drain, 0.0, f64::INFINITY),
            report_frozen: self.report_frozen,
            sensors: self.sensors.within_range(),
        }
    }
}

/// The nearest value in a range; what is no number counts as zero.
pub(crate) fn within(value: f64, least: f64, most: f64) -> f64 {
    if value.is_nan() {
        0.0_f64.clamp(least, most)
    } else {
        value.clamp(least, most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sensor::SensorNumbers;

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

    /// Every number of a condition, in the order in which it is written.
    fn numbers(condition: &Condition) -> [f64; 18] {
        [
            condition.motor_least_ul_per_h,
            condition.gain,
            condition.packet_ul,
            condition.added_flow_ul_per_h,
            condition.inlet_share,
            condition.air_share,
            condition.compliance_times,
            condition.resistance_times,
            condition.connector_share,
            condition.csf_backflow_ul_per_h,
            condition.csf_drain_ul_per_h,
            condition.tip_share,
            condition.drug_decay_per_h,
            condition.drift,
            condition.pump_temperature_c,
            condition.ambient_kpa,
            condition.csf_pressure_mmhg,
            condition.battery_drain,
        ]
    }

    /// A condition whose numbers are all `value`.
    fn all(value: f64) -> Condition {
        Condition {
            motor_least_ul_per_h: value,
            gain: value,
            packet_ul: value,
            added_flow_ul_per_h: value,
            inlet_share: value,
            air_share: value,
            compliance_times: value,
            resistance_times: value,
            connector_share: value,
            csf_backflow_ul_per_h: value,
            csf_drain_ul_per_h: value,
            tip_share: value,
            drug_decay_per_h: value,
            drift: value,
            ambient_kpa: value,
            battery_drain: value,
            sensors: Sensors {
                motion: SensorNumbers {
                    noise_times: value,
                    ..SensorNumbers::HEALTHY
                },
                ..Sensors::HEALTHY
            },
            ..Condition::healthy(value, value)
        }
        .within_range()
    }

    #[test]
    fn every_number_has_two_ends_and_nan_is_near_zero() {
        let endless = f64::INFINITY;
        let least = [
            0.0, 0.0, 0.0, -1e6, 0.0, 0.0, 1e-3, 1e-3, 0.0, 0.0, 0.0, 0.0, 0.0, -1.0, -40.0, 10.0,
            -100.0, 0.0,
        ];
        let most = [
            1e6, 1e3, 1e3, 1e6, 1.0, 1.0, 1e3, endless, 1.0, 1e6, 1e6, 1.0, 1.0, 1.0, 125.0, 1e3,
            100.0, endless,
        ];
        let nan = least.map(|end: f64| end.max(0.0));
        for (value, expected, noise) in [
            (f64::NEG_INFINITY, least, 0.0),
            (endless, most, 1e3),
            (f64::NAN, nan, 0.0),
        ] {
            let found = all(value);
            assert_eq!(numbers(&found), expected, "{value}");
            assert_eq!(found.sensors.motion.noise_times, noise, "{value}");
        }
    }
}
