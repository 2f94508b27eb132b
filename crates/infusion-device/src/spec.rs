//! The numbers of one device.
//!
//! No number of these is in the code: they come from `configs/devices/`, where each names its
//! source.

use infusion_types::Concentration;

use crate::Profile;

/// One device: pump, line, catheter, and which sensors exist.
#[derive(Clone, Debug, PartialEq)]
pub struct DeviceSpec {
    /// The pump.
    pub pump: PumpSpec,
    /// The line between pump and connector.
    pub line: LineSpec,
    /// The catheter behind the connector.
    pub catheter: CatheterSpec,
    /// Which sensors are fitted.
    pub profile: Profile,
    /// How well they measure.
    pub sensors: SensorSpec,
}

/// A peristaltic implant pump.
#[derive(Clone, Debug, PartialEq)]
pub struct PumpSpec {
    /// The most that the reservoir holds, µL, above the residual.
    pub reservoir_capacity_ul: f64,
    /// What it holds at the start, µL, the residual included.
    pub reservoir_fill_ul: f64,
    /// What it cannot move, µL, 0 or more.
    pub reservoir_residual_ul: f64,
    /// The drug that is really in it at the start.
    pub reservoir_drug: Concentration,
    /// The drug that the pump has been told of.
    pub programmed_drug: Concentration,
    /// Volume of one stroke, µL, above 0; the pump counts whole ones.
    pub stroke_ul: f64,
    /// Step of the set flow, µL/h, above 0.
    pub flow_quantum_ul_per_h: f64,
    /// Least flow of therapy, µL/h, above 0.
    pub flow_least_ul_per_h: f64,
    /// Greatest flow of therapy, µL/h.
    pub flow_greatest_ul_per_h: f64,
    /// Flow while priming, µL/h, above 0.
    pub flow_prime_ul_per_h: f64,
    /// This device's own error, as a share of its flow at 37 °C.
    pub bias: f64,
    /// Change of the share for each °C below 37; 0 to −0.0033 gives 0 to −5 % at 22 °C.
    pub bias_per_c_below_37: f64,
    /// Change of the share for each kPa that the atmosphere is below 101.325.
    pub bias_per_kpa_below_standard: f64,
    /// Least share of the set flow that a sound pump moves.
    pub factor_least: f64,
    /// Greatest share of the set flow that a sound pump moves.
    pub factor_greatest: f64,
    /// Line pressure at which the rotor slips, mmHg, above 100.
    pub slip_mmhg: f64,
    /// Share of the limit above which a command is refused, 1 or more.
    pub limit_margin: f64,
    /// Battery at the start, minutes.
    pub battery_min: f64,
}

/// The open external part of the line, and how it yields.
#[derive(Clone, Debug, PartialEq)]
pub struct LineSpec {
    /// Volume between reservoir and connector, µL, above 0.
    pub tubing_ul: f64,
    /// What fills it at the start, µg/mL; 0 when it is unprimed.
    pub tubing_ug_per_ml: f64,
    /// Compliance of line and tubing, µL/mmHg, above 0.
    pub compliance_ul_per_mmhg: f64,
    /// Resistance of line and catheter, mmHg per µL/h, above 0.
    pub resistance_mmhg_per_ul_per_h: f64,
}

/// The catheter, or the drain that is used as one.
#[derive(Clone, Debug, PartialEq)]
pub struct CatheterSpec {
    /// Volume between connector and tip, µL, above 0.
    pub volume_ul: f64,
    /// What fills it at the start, µg/mL; 0 when it is unprimed.
    pub initial_ug_per_ml: f64,
}

/// How well this device's sensors measure. Those that the profile lacks are never asked.
#[derive(Clone, Debug, PartialEq)]
pub struct SensorSpec {
    /// Noise of a weighing, 1 sigma, µL.
    pub weigh_sigma_ul: f64,
    /// Noise of the flow, 1 sigma, as a share of the flow; the greater of the two holds.
    pub flow_sigma_share: f64,
    /// Noise of the flow, 1 sigma, µL/h.
    pub flow_sigma_ul_per_h: f64,
    /// This device's error of the flow, as a share of it.
    pub flow_gain_error: f64,
    /// This device's error of the flow, µL/h.
    pub flow_offset_ul_per_h: f64,
    /// Noise of the pressure, 1 sigma, kPa.
    pub pressure_sigma_kpa: f64,
    /// Noise of the air volume, 1 sigma, µL.
    pub air_sigma_ul: f64,
    /// Noise of the drain bag, 1 sigma, µL.
    pub drain_sigma_ul: f64,
    /// Least share of the flow that must pass the connector for it to read as closed.
    pub connector_share_closed: f64,
}
