//! A device file, and the one device that it makes for a patient.

use std::collections::BTreeMap;

use infusion_device::{CatheterSpec, DeviceSpec, LineSpec, Profile, PumpSpec, SensorSpec};
use infusion_types::{Concentration, Volume};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::draw::{Draws, Purpose};

/// A kind of pump with its line and catheters.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct DeviceFile {
    /// Version of this file kind: 1.
    pub schema: u32,
    /// One line.
    pub title: String,
    /// The pump.
    pub pump: PumpTable,
    /// The line.
    pub line: LineTable,
    /// The catheters that it can be put on.
    pub catheters: Catheters,
    /// How well sensors measure.
    pub sensors: SensorTable,
    /// How devices differ from one another.
    pub spread: SpreadTable,
    /// Where each number comes from.
    pub sources: BTreeMap<String, String>,
}

macro_rules! table {
    ($(#[$doc:meta])* $name:ident { $($(#[$about:meta])* $field:ident: $kind:ty,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
        #[serde(deny_unknown_fields)]
        pub struct $name { $($(#[$about])* pub $field: $kind,)* }
    };
}

table! {
    /// The pump.
    PumpTable {
        reservoir_capacity_ul: f64,
        reservoir_residual_ul: f64,
        stroke_ul: f64,
        flow_quantum_ul_per_h: f64,
        flow_least_ul_per_h: f64,
        flow_greatest_ul_per_h: f64,
        flow_prime_ul_per_h: f64,
        bias: f64,
        bias_per_c_below_37: f64,
        bias_per_kpa_below_standard: f64,
        factor_least: f64,
        factor_greatest: f64,
        slip_mmhg: f64,
        limit_margin: f64,
        battery_min: f64,
    }
}
table! {
    /// The line.
    LineTable {
        tubing_ul: f64,
        compliance_ul_per_mmhg: f64,
        resistance_mmhg_per_ul_per_h: f64,
    }
}
table! {
    /// A catheter.
    CatheterTable {
        volume_ul: f64,
        prefilled: bool,
    }
}
table! {
    /// How well sensors measure.
    SensorTable {
        weigh_sigma_ul: f64,
        flow_sigma_share: f64,
        flow_sigma_ul_per_h: f64,
        pressure_sigma_kpa: f64,
        air_sigma_ul: f64,
        drain_sigma_ul: f64,
        connector_share_closed: f64,
        /// The gain error that this flow sensor was made with, beside what is drawn; a share.
        #[serde(default)]
        flow_gain_error: f64,
        /// The offset that it was made with, beside what is drawn.
        #[serde(default)]
        flow_offset_ul_per_h: f64,
    }
}
table! {
    /// How devices differ from one another.
    SpreadTable {
        bias_sd: f64,
        bias_per_c_below_37_least: f64,
        bias_per_c_below_37_greatest: f64,
        drift_sd: f64,
        drift_tau_h: f64,
        flow_gain_error_most: f64,
        flow_offset_most_ul_per_h: f64,
    }
}

/// The catheters that a pump can be put on.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Catheters {
    /// The catheter that was implanted with the pump.
    pub existing: CatheterTable,
    /// A new lumbar drain.
    pub lumbar_drain: CatheterTable,
}

/// Which catheter a patient gets.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Placement {
    /// A new drain, because the infection reaches the old catheter.
    pub new_drain: bool,
    /// Somebody forgot to fill it on the table.
    pub unprimed: bool,
    /// Its volume, µL, where it is not the device's own drain.
    pub drain_ul: Option<f64>,
}

impl DeviceFile {
    /// The catheter of a placement.
    fn catheter(&self, placement: Placement) -> &CatheterTable {
        if placement.new_drain {
            &self.catheters.lumbar_drain
        } else {
            &self.catheters.existing
        }
    }

    /// The volume of that catheter, µL.
    fn catheter_ul(&self, placement: Placement) -> f64 {
        let own_ul = self.catheter(placement).volume_ul;
        placement.drain_ul.unwrap_or(own_ul)
    }

    /// Volume of the open external part.
    #[must_use]
    pub fn open_volume(&self) -> Volume {
        nanolitres(self.line.tubing_ul)
    }

    /// Volume from pump to tip.
    #[must_use]
    pub fn volume_to_tip(&self, placement: Placement) -> Volume {
        nanolitres(self.line.tubing_ul + self.catheter_ul(placement))
    }

    /// One device of this kind, with the errors that it was made with.
    #[must_use]
    pub fn spec(
        &self,
        draws: &Draws,
        (profile, placement): (Profile, Placement),
        (drug, fill_ul): (Concentration, f64),
    ) -> DeviceSpec {
        let spread = &self.spread;
        let mut made = draws.at(Purpose::Device, "made", 0);
        let bias = self.pump.bias + spread.bias_sd * made.normal();
        let warmth = spread.bias_per_c_below_37_greatest - spread.bias_per_c_below_37_least;
        let bias_per_c = spread.bias_per_c_below_37_least + warmth * made.uniform();
        let mut plus_minus = |most: f64| most * (2.0 * made.uniform() - 1.0);
        let gain_error = plus_minus(spread.flow_gain_error_most);
        let offset = plus_minus(spread.flow_offset_most_ul_per_h);
        DeviceSpec {
            pump: self.pump.spec(bias, bias_per_c, (drug, fill_ul)),
            line: LineSpec {
                tubing_ul: self.line.tubing_ul,
                tubing_ug_per_ml: 0.0,
                compliance_ul_per_mmhg: self.line.compliance_ul_per_mmhg,
                resistance_mmhg_per_ul_per_h: self.line.resistance_mmhg_per_ul_per_h,
            },
            catheter: CatheterSpec {
                volume_ul: self.catheter_ul(placement),
                initial_ug_per_ml: if self.catheter(placement).prefilled && !placement.unprimed {
                    f64::from(drug.micrograms_per_millilitre())
                } else {
                    0.0
                },
            },
            profile,
            sensors: self.sensors.spec(gain_error, offset),
        }
    }
}

impl PumpTable {
    fn spec(&self, bias: f64, bias_per_c: f64, (drug, fill_ul): (Concentration, f64)) -> PumpSpec {
        PumpSpec {
            reservoir_capacity_ul: self.reservoir_capacity_ul,
            reservoir_fill_ul: fill_ul,
            reservoir_residual_ul: self.reservoir_residual_ul,
            reservoir_drug: drug,
            programmed_drug: drug,
            stroke_ul: self.stroke_ul,
            flow_quantum_ul_per_h: self.flow_quantum_ul_per_h,
            flow_least_ul_per_h: self.flow_least_ul_per_h,
            flow_greatest_ul_per_h: self.flow_greatest_ul_per_h,
            flow_prime_ul_per_h: self.flow_prime_ul_per_h,
            bias,
            bias_per_c_below_37: bias_per_c,
            bias_per_kpa_below_standard: self.bias_per_kpa_below_standard,
            factor_least: self.factor_least,
            factor_greatest: self.factor_greatest,
            slip_mmhg: self.slip_mmhg,
            limit_margin: self.limit_margin,
            battery_min: self.battery_min,
        }
    }
}

impl SensorTable {
    fn spec(&self, flow_gain_error: f64, flow_offset_ul_per_h: f64) -> SensorSpec {
        SensorSpec {
            weigh_sigma_ul: self.weigh_sigma_ul,
            flow_sigma_share: self.flow_sigma_share,
            flow_sigma_ul_per_h: self.flow_sigma_ul_per_h,
            flow_gain_error: self.flow_gain_error + flow_gain_error,
            flow_offset_ul_per_h: self.flow_offset_ul_per_h + flow_offset_ul_per_h,
            pressure_sigma_kpa: self.pressure_sigma_kpa,
            air_sigma_ul: self.air_sigma_ul,
            drain_sigma_ul: self.drain_sigma_ul,
            connector_share_closed: self.connector_share_closed,
        }
    }
}

fn nanolitres(microlitres: f64) -> Volume {
    Volume::from_nanolitres(libm::round(microlitres * 1e3) as u64)
}
