//! The figures of a case that requirements are judged by, beside their own parameters.

use infusion_types::{Volume, WeanSchedule};

use crate::case::Case;
use crate::scenario::ProfileName;

/// What device and protocol file say, in µg, µL and hours.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// Which sensors are fitted.
    pub profile: ProfileName,
    /// The most that may be authorised, µg/day.
    pub ceiling_ug_per_day: f64,
    /// The last rung, µg/day.
    pub final_dose_ug_per_day: f64,
    /// Least flow of the pump, µL/h.
    pub flow_least_ul_per_h: f64,
    /// Quantum of flow, µL/h.
    pub flow_quantum_ul_per_h: f64,
    /// One stroke, µL.
    pub stroke_ul: f64,
    /// The line outside the patient, which is primed, µL.
    pub open_line_ul: f64,
    /// From the pump to the tip, µL.
    pub to_tip_ul: f64,
    /// What the line stores under pressure, µL/mmHg.
    pub compliance_ul_per_mmhg: f64,
    /// Where the pump gives way, or is stopped by its pressure sensor where one is fitted, mmHg.
    pub pressure_most_mmhg: f64,
    /// Filling at the explant, µL.
    pub reservoir_ul: f64,
    /// What cannot be moved, µL.
    pub residual_ul: f64,
    /// One standard deviation of a weighing, µL.
    pub weigh_sigma_ul: f64,
    /// Stated accuracy of the pump, as a share.
    pub pump_tolerance: f64,
    /// Drug in the reservoir at the explant, µg/mL.
    pub drug_ug_per_ml: f64,
    /// Whether the catheter was placed without drug in it: a fault that acts from the start.
    pub unprimed: bool,
    /// The pump's rated temperatures outside the body, from and to, degrees Celsius.
    pub rated_c: [f64; 2],
    /// What its flow may be wrong by for each degree beyond them, as a share.
    pub error_per_c: f64,
    /// The schedule; none in an arm without a controller.
    pub schedule: Option<WeanSchedule>,
}

fn volume_ul(volume: Volume) -> f64 {
    volume.nanolitres() as f64 / 1e3
}

impl Case<'_> {
    /// The limits of the case.
    #[must_use]
    pub fn limits(&self) -> Limits {
        let (protocol, device) = (self.protocol_file(), self.device());
        let pump = self.device_spec().pump;
        let explant = &self.scenario().explant;
        let profile = self.scenario().profile;
        Limits {
            profile,
            ceiling_ug_per_day: protocol.limits.ceiling_ug_per_day,
            final_dose_ug_per_day: protocol.wean.final_dose_ug_per_day,
            // The pump's own figures, not the protocol's copies.
            flow_least_ul_per_h: pump.flow_least_ul_per_h,
            flow_quantum_ul_per_h: device.pump.flow_quantum_ul_per_h,
            stroke_ul: device.pump.stroke_ul,
            open_line_ul: device.line.tubing_ul,
            to_tip_ul: volume_ul(device.volume_to_tip(self.placement())),
            compliance_ul_per_mmhg: device.line.compliance_ul_per_mmhg,
            pressure_most_mmhg: match profile {
                ProfileName::P0 | ProfileName::P1 => device.pump.slip_mmhg,
                ProfileName::P2 => protocol.sensing.pressure_most_mmhg,
            },
            reservoir_ul: explant.reservoir_ml * 1e3,
            residual_ul: device.pump.reservoir_residual_ul,
            weigh_sigma_ul: device.sensors.weigh_sigma_ul,
            pump_tolerance: f64::from(protocol.limits.pump_tolerance_permille) / 1e3,
            drug_ug_per_ml: f64::from(explant.drug_ug_per_ml),
            schedule: self.protocol().map(|it| *it.wean()),
            unprimed: self.placement().unprimed,
            error_per_c: f64::from(protocol.sensing.temperature_error_permille_per_c) / 1e3,
            rated_c: [
                protocol.sensing.temperature_low_c,
                protocol.sensing.temperature_high_c,
            ],
        }
    }
}
