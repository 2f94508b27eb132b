//! A protocol file, and the prescription that it makes with a patient's line.

use std::collections::BTreeMap;
use std::time::Duration;

use dose_controller::{Protocol, ProtocolError};
use infusion_types::{
    Basis, DailyDose, Dose, Flow, Limits, LineVolumes, Observation, Prescription, Pressure, Rung,
    Rungs, Sensing, Temperature, Timing, Volume, WeanSchedule,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A protocol as somebody wrote it down.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ProtocolFile {
    /// Version of this file kind: 1.
    pub schema: u32,
    /// One line.
    pub title: String,
    /// Bounds on dose and flow.
    pub limits: LimitsTable,
    /// Bounds on time.
    pub timing: TimingTable,
    /// What assessments may do.
    pub observation: ObservationTable,
    /// What sensors may do.
    pub sensing: SensingTable,
    /// The schedule.
    pub wean: WeanTable,
    /// Where each number comes from.
    pub sources: BTreeMap<String, String>,
}

macro_rules! table {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $kind:ty,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
        #[serde(deny_unknown_fields)]
        pub struct $name { $($(#[$field_doc])* pub $field: $kind,)* }
    };
}

table! {
    /// Bounds on dose and flow.
    LimitsTable {
        ceiling_ug_per_day: f64,
        floor_dose_ug_per_day: f64,
        flow_least_ul_per_h: f64,
        flow_most_ul_per_h: f64,
        flow_quantum_ul_per_h: f64,
        flow_prime_ul_per_h: f64,
        kept_in_24h_permille: u32,
        excess_ug: f64,
        pump_tolerance_permille: u32,
    }
}
table! {
    /// Bounds on time.
    TimingTable {
        self_test_s: f64,
        lease_s: f64,
        prime_lease_s: f64,
        ping_every_s: f64,
        read_back_s: f64,
        start_within_min: f64,
        second_user_within_min: f64,
        idle_low_min: f64,
        idle_medium_min: f64,
        differs_s: f64,
        gap_most_h: f64,
        gap_long_h: f64,
        settle_s: f64,
        pause_most_min: f64,
        dwell_low_h: f64,
        dwell_medium_h: f64,
        empty_low_h: f64,
        empty_medium_h: f64,
        link_low_s: f64,
        link_medium_min: f64,
        report_cycles: u32,
        report_ahead_s: f64,
    }
}
table! {
    /// What assessments may do.
    ObservationTable {
        age_most_h: f64,
        missing_h: f64,
        withdrawal_signs: u8,
        itch: u16,
        tone_rise: f64,
        heart_rate_per_min: u16,
        temperature_c: f64,
        agitation_rass: i8,
        breaths_least_per_min: u16,
        saturation_least_percent: u16,
        sedation_deep_rass: i8,
        jump: f64,
        unresolved_min: f64,
        unconfirmed_min: f64,
        after_withdrawal_h: f64,
    }
}
table! {
    /// What sensors may do.
    SensingTable {
        weighing_sigma_ul: f64,
        weigh_again_min: f64,
        unusable_ul: f64,
        pressure_most_mmhg: f64,
        pressure_gone_mmhg: f64,
        pressure_for_s: f64,
        flow_sigma_ul_per_h: f64,
        flow_sigma_permille: u32,
        flow_gain_permille: u32,
        flow_offset_ul_per_h: f64,
        flow_mean_over_s: f64,
        free_flow_for_s: f64,
        wrong_flow_for_s: f64,
        air_alarm_ul: f64,
        air_stop_ul: f64,
        air_for_s: f64,
        dropout_min: f64,
        stuck_for_s: f64,
        drain_sigma_ul: f64,
        csf_loss_1h_ul: f64,
        csf_loss_4h_ul: f64,
        temperature_low_c: f64,
        temperature_high_c: f64,
        temperature_for_min: f64,
        temperature_error_permille_per_c: u32,
        stall_for_min: f64,
        battery_medium_min: f64,
        battery_high_min: f64,
    }
}
table! {
    /// The schedule.
    WeanTable {
        basis: BasisName,
        every_h: f64,
        first_after_h: f64,
        final_dose_ug_per_day: f64,
        last_rung_for_h: f64,
        rungs: Vec<RungTable>,
    }
}
table! {
    /// One answer to a response.
    RungTable {
        decrement_permille: u32,
        tone_rise_most: f64,
        signs_most: u8,
    }
}

/// What a decrement is a share of.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum BasisName {
    /// The rung in force.
    Current,
    /// The dose that the wean began with.
    Initial,
}

/// A number that is not one, or too small or too large for what it means.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ProtocolProblem {
    /// A number out of range.
    #[error("`{key}` is {value}; it must be between {least} and {most}")]
    Number {
        /// The key path.
        key: &'static str,
        /// What was given.
        value: f64,
        /// The least possible.
        least: f64,
        /// The most possible.
        most: f64,
    },
    /// A rule between numbers that the controller insists on.
    #[error("{0}")]
    Rule(#[from] ProtocolError),
}

impl ProtocolProblem {
    /// The key that the problem is about, as well as it is known.
    #[must_use]
    pub const fn key(&self) -> &'static str {
        match self {
            Self::Number { key, .. } => key,
            Self::Rule(error) => match error {
                ProtocolError::Decrement { .. } | ProtocolError::RungCount(_) => "wean.rungs",
                ProtocolError::Spacing { .. } => "wean.every_h",
                ProtocolError::Slope { .. } => "limits.kept_in_24h_permille",
                ProtocolError::FinalDose { .. } => "wean.final_dose_ug_per_day",
                ProtocolError::ObservationAge { .. } => "observation.age_most_h",
                ProtocolError::LastRung { .. } => "wean.last_rung_for_h",
                ProtocolError::SelfTest { .. } => "timing.self_test_s",
                // The message says which number it is.
                ProtocolError::Zero { .. }
                | ProtocolError::TooShort { .. }
                | ProtocolError::Beyond { .. } => "title",
            },
        }
    }
}

/// A number scaled to a whole one, within a range that no sensible file leaves.
fn scaled(key: &'static str, value: f64, per_unit: f64, most: f64) -> Result<u64, ProtocolProblem> {
    if value.is_finite() && (0.0..=most).contains(&value) {
        return Ok(libm::round(value * per_unit) as u64);
    }
    Err(ProtocolProblem::Number {
        key,
        value,
        least: 0.0,
        most,
    })
}

fn flow(key: &'static str, value: f64) -> Result<Flow, ProtocolProblem> {
    let count = scaled(key, value, 1e3, 1e5)?;
    Ok(Flow::from_nanolitres_per_hour(
        i64::try_from(count).unwrap_or(i64::MAX),
    ))
}

fn daily(key: &'static str, value: f64) -> Result<DailyDose, ProtocolProblem> {
    Ok(DailyDose::from_nanograms_per_day(scaled(
        key, value, 1e3, 1e5,
    )?))
}

fn volume(key: &'static str, value: f64) -> Result<Volume, ProtocolProblem> {
    Ok(Volume::from_nanolitres(scaled(key, value, 1e3, 1e5)?))
}

fn seconds(key: &'static str, value: f64) -> Result<Duration, ProtocolProblem> {
    Ok(Duration::from_millis(scaled(key, value, 1e3, 1e6)?))
}

fn minutes(key: &'static str, value: f64) -> Result<Duration, ProtocolProblem> {
    Ok(Duration::from_millis(scaled(key, value, 6e4, 1e5)?))
}

fn hours(key: &'static str, value: f64) -> Result<Duration, ProtocolProblem> {
    Ok(Duration::from_millis(scaled(key, value, 3.6e6, 1e4)?))
}

fn tenths(key: &'static str, value: f64) -> Result<u8, ProtocolProblem> {
    Ok(u8::try_from(scaled(key, value, 10.0, 4.0)?).unwrap_or(u8::MAX))
}

fn temperature(key: &'static str, value: f64) -> Result<Temperature, ProtocolProblem> {
    let count = scaled(key, value, 1e3, 60.0)?;
    Ok(Temperature::from_millidegrees(
        i64::try_from(count).unwrap_or(i64::MAX),
    ))
}

fn pressure(key: &'static str, mmhg: f64) -> Result<Pressure, ProtocolProblem> {
    let pascals = scaled(key, mmhg, PA_PER_MMHG, 1e4)?;
    Ok(Pressure::from_pascals(
        i64::try_from(pascals).unwrap_or(i64::MAX),
    ))
}

/// Pascals in a millimetre of mercury.
const PA_PER_MMHG: f64 = 133.322_387_415;

impl ProtocolFile {
    /// The checked protocol for a patient's line and a pump that reports every `cycle`.
    ///
    /// # Errors
    /// The first number out of range, or the first rule that the controller insists on.
    pub fn protocol(
        &self,
        line: LineVolumes,
        cycle: Duration,
    ) -> Result<Protocol, ProtocolProblem> {
        Ok(Protocol::new(Prescription {
            limits: self.limits.read()?,
            timing: self.timing.read(cycle)?,
            observation: self.observation.read()?,
            sensing: self.sensing.read()?,
            wean: self.wean.read()?,
            line,
        })?)
    }
}

impl LimitsTable {
    fn read(&self) -> Result<Limits, ProtocolProblem> {
        let excess = scaled("limits.excess_ug", self.excess_ug, 1e3, 1e5)?;
        Ok(Limits {
            ceiling: daily("limits.ceiling_ug_per_day", self.ceiling_ug_per_day)?,
            floor_dose: daily("limits.floor_dose_ug_per_day", self.floor_dose_ug_per_day)?,
            flow_least: flow("limits.flow_least_ul_per_h", self.flow_least_ul_per_h)?,
            flow_most: flow("limits.flow_most_ul_per_h", self.flow_most_ul_per_h)?,
            flow_quantum: flow("limits.flow_quantum_ul_per_h", self.flow_quantum_ul_per_h)?,
            flow_prime: flow("limits.flow_prime_ul_per_h", self.flow_prime_ul_per_h)?,
            kept_in_24h_permille: self.kept_in_24h_permille,
            excess: Dose::from_nanograms(excess),
            pump_tolerance_permille: self.pump_tolerance_permille,
        })
    }
}

impl TimingTable {
    fn read(&self, cycle: Duration) -> Result<Timing, ProtocolProblem> {
        Ok(Timing {
            cycle,
            self_test: seconds("timing.self_test_s", self.self_test_s)?,
            lease: seconds("timing.lease_s", self.lease_s)?,
            prime_lease: seconds("timing.prime_lease_s", self.prime_lease_s)?,
            ping_every: seconds("timing.ping_every_s", self.ping_every_s)?,
            read_back: seconds("timing.read_back_s", self.read_back_s)?,
            start_within: minutes("timing.start_within_min", self.start_within_min)?,
            second_user_within: minutes(
                "timing.second_user_within_min",
                self.second_user_within_min,
            )?,
            idle: [
                minutes("timing.idle_low_min", self.idle_low_min)?,
                minutes("timing.idle_medium_min", self.idle_medium_min)?,
            ],
            differs: seconds("timing.differs_s", self.differs_s)?,
            gap_most: hours("timing.gap_most_h", self.gap_most_h)?,
            gap_long: hours("timing.gap_long_h", self.gap_long_h)?,
            settle: seconds("timing.settle_s", self.settle_s)?,
            pause_most: minutes("timing.pause_most_min", self.pause_most_min)?,
            dwell: [
                hours("timing.dwell_low_h", self.dwell_low_h)?,
                hours("timing.dwell_medium_h", self.dwell_medium_h)?,
            ],
            empty: [
                hours("timing.empty_low_h", self.empty_low_h)?,
                hours("timing.empty_medium_h", self.empty_medium_h)?,
            ],
            link: [
                seconds("timing.link_low_s", self.link_low_s)?,
                minutes("timing.link_medium_min", self.link_medium_min)?,
            ],
            report_cycles: self.report_cycles,
            report_ahead: seconds("timing.report_ahead_s", self.report_ahead_s)?,
        })
    }
}

impl ObservationTable {
    fn read(&self) -> Result<Observation, ProtocolProblem> {
        Ok(Observation {
            age_most: hours("observation.age_most_h", self.age_most_h)?,
            missing: hours("observation.missing_h", self.missing_h)?,
            withdrawal_signs: self.withdrawal_signs,
            itch: self.itch,
            tone_rise_tenths: tenths("observation.tone_rise", self.tone_rise)?,
            heart_rate: self.heart_rate_per_min,
            temperature: temperature("observation.temperature_c", self.temperature_c)?,
            agitation: self.agitation_rass,
            breaths_least: self.breaths_least_per_min,
            saturation_least: self.saturation_least_percent,
            sedation_deep: self.sedation_deep_rass,
            jump_tenths: tenths("observation.jump", self.jump)?,
            unresolved: minutes("observation.unresolved_min", self.unresolved_min)?,
            unconfirmed: minutes("observation.unconfirmed_min", self.unconfirmed_min)?,
            after_withdrawal: hours("observation.after_withdrawal_h", self.after_withdrawal_h)?,
        })
    }
}

impl SensingTable {
    fn read(&self) -> Result<Sensing, ProtocolProblem> {
        let low = temperature("sensing.temperature_low_c", self.temperature_low_c)?;
        let high = temperature("sensing.temperature_high_c", self.temperature_high_c)?;
        Ok(Sensing {
            weighing_sigma: volume("sensing.weighing_sigma_ul", self.weighing_sigma_ul)?,
            weigh_again: minutes("sensing.weigh_again_min", self.weigh_again_min)?,
            unusable: volume("sensing.unusable_ul", self.unusable_ul)?,
            pressure_most: pressure("sensing.pressure_most_mmhg", self.pressure_most_mmhg)?,
            pressure_gone: pressure("sensing.pressure_gone_mmhg", self.pressure_gone_mmhg)?,
            pressure_for: seconds("sensing.pressure_for_s", self.pressure_for_s)?,
            flow_sigma: flow("sensing.flow_sigma_ul_per_h", self.flow_sigma_ul_per_h)?,
            flow_sigma_permille: self.flow_sigma_permille,
            flow_gain_permille: self.flow_gain_permille,
            flow_offset: flow("sensing.flow_offset_ul_per_h", self.flow_offset_ul_per_h)?,
            flow_mean_over: seconds("sensing.flow_mean_over_s", self.flow_mean_over_s)?,
            free_flow_for: seconds("sensing.free_flow_for_s", self.free_flow_for_s)?,
            wrong_flow_for: seconds("sensing.wrong_flow_for_s", self.wrong_flow_for_s)?,
            air: [
                volume("sensing.air_alarm_ul", self.air_alarm_ul)?,
                volume("sensing.air_stop_ul", self.air_stop_ul)?,
            ],
            air_for: seconds("sensing.air_for_s", self.air_for_s)?,
            dropout: minutes("sensing.dropout_min", self.dropout_min)?,
            stuck_for: seconds("sensing.stuck_for_s", self.stuck_for_s)?,
            drain_sigma: volume("sensing.drain_sigma_ul", self.drain_sigma_ul)?,
            csf_loss: [
                volume("sensing.csf_loss_1h_ul", self.csf_loss_1h_ul)?,
                volume("sensing.csf_loss_4h_ul", self.csf_loss_4h_ul)?,
            ],
            temperature: [low, high],
            temperature_for: minutes("sensing.temperature_for_min", self.temperature_for_min)?,
            temperature_error_permille_per_c: self.temperature_error_permille_per_c,
            stall_for: minutes("sensing.stall_for_min", self.stall_for_min)?,
            battery: [
                minutes("sensing.battery_medium_min", self.battery_medium_min)?,
                minutes("sensing.battery_high_min", self.battery_high_min)?,
            ],
        })
    }
}

impl WeanTable {
    fn read(&self) -> Result<WeanSchedule, ProtocolProblem> {
        let rung = |rung: &RungTable| {
            Ok(Rung {
                decrement_permille: rung.decrement_permille,
                tone_rise_most_tenths: tenths("wean.rungs.tone_rise_most", rung.tone_rise_most)?,
                signs_most: rung.signs_most,
            })
        };
        let rungs: Vec<Rung> = self
            .rungs
            .iter()
            .map(rung)
            .collect::<Result<_, ProtocolProblem>>()?;
        Ok(WeanSchedule {
            basis: match self.basis {
                BasisName::Current => Basis::Current,
                BasisName::Initial => Basis::Initial,
            },
            every: hours("wean.every_h", self.every_h)?,
            first_after: hours("wean.first_after_h", self.first_after_h)?,
            final_dose: daily("wean.final_dose_ug_per_day", self.final_dose_ug_per_day)?,
            last_rung_for: hours("wean.last_rung_for_h", self.last_rung_for_h)?,
            rungs: Rungs::new(&rungs).map_err(ProtocolError::from)?,
        })
    }
}
