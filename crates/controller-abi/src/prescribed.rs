//! The prescription as a structure, and back.

use std::time::Duration;

use dose_controller::Protocol;
use infusion_types::{
    Basis, Concentration, DailyDose, Dose, Flow, Limits, LineVolumes, Observation, Prescription,
    Pressure, Rung, Rungs, Sensing, Temperature, Timing, Volume, WeanSchedule,
};

use crate::Nonsense;
use crate::codes::WbBasis;
use crate::layout::{WbPrescription, WbRung};

/// Every time of a prescription is whole milliseconds.
fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

fn narrow<W: Copy + core::fmt::Display, T: TryFrom<W>>(wide: W, what: &str) -> Result<T, Nonsense> {
    T::try_from(wide).map_err(|_| Nonsense::of(format!("{wide} is out of range for `{what}`")))
}

/// The structure of a prescription.
#[must_use]
#[expect(
    clippy::too_many_lines,
    reason = "one line for each number of a prescription"
)]
pub fn prescription(protocol: &Protocol) -> WbPrescription {
    let (limits, timing) = (protocol.limits(), protocol.timing());
    let (observation, sensing) = (protocol.observation(), protocol.sensing());
    let (wean, line) = (protocol.wean(), protocol.line());
    let mut rungs = [WbRung::default(); Rungs::MOST];
    let mut rung_count = 0;
    for (slot, rung) in rungs.iter_mut().zip(wean.rungs.iter()) {
        *slot = WbRung {
            decrement_permille: rung.decrement_permille,
            tone_rise_most_tenths: u32::from(rung.tone_rise_most_tenths),
            signs_most: u32::from(rung.signs_most),
        };
        rung_count += 1;
    }
    WbPrescription {
        ceiling_ng_per_day: limits.ceiling.nanograms_per_day(),
        floor_dose_ng_per_day: limits.floor_dose.nanograms_per_day(),
        flow_least_nl_per_h: limits.flow_least.nanolitres_per_hour(),
        flow_most_nl_per_h: limits.flow_most.nanolitres_per_hour(),
        flow_quantum_nl_per_h: limits.flow_quantum.nanolitres_per_hour(),
        flow_prime_nl_per_h: limits.flow_prime.nanolitres_per_hour(),
        excess_ng: limits.excess.nanograms(),
        kept_in_24h_permille: limits.kept_in_24h_permille,
        pump_tolerance_permille: limits.pump_tolerance_permille,
        cycle_ms: millis(timing.cycle),
        self_test_ms: millis(timing.self_test),
        lease_ms: millis(timing.lease),
        prime_lease_ms: millis(timing.prime_lease),
        ping_every_ms: millis(timing.ping_every),
        read_back_ms: millis(timing.read_back),
        start_within_ms: millis(timing.start_within),
        second_user_within_ms: millis(timing.second_user_within),
        differs_ms: millis(timing.differs),
        gap_most_ms: millis(timing.gap_most),
        gap_long_ms: millis(timing.gap_long),
        settle_ms: millis(timing.settle),
        pause_most_ms: millis(timing.pause_most),
        report_ahead_ms: millis(timing.report_ahead),
        idle_ms: timing.idle.map(millis),
        dwell_ms: timing.dwell.map(millis),
        empty_ms: timing.empty.map(millis),
        link_ms: timing.link.map(millis),
        report_cycles: timing.report_cycles,
        age_most_ms: millis(observation.age_most),
        missing_ms: millis(observation.missing),
        unresolved_ms: millis(observation.unresolved),
        unconfirmed_ms: millis(observation.unconfirmed),
        after_withdrawal_ms: millis(observation.after_withdrawal),
        fever_mdeg_c: observation.temperature.millidegrees(),
        withdrawal_signs: u32::from(observation.withdrawal_signs),
        itch: u32::from(observation.itch),
        tone_rise_tenths: u32::from(observation.tone_rise_tenths),
        heart_rate_per_min: u32::from(observation.heart_rate),
        agitation_rass: i32::from(observation.agitation),
        breaths_least_per_min: u32::from(observation.breaths_least),
        saturation_least_percent: u32::from(observation.saturation_least),
        sedation_deep_rass: i32::from(observation.sedation_deep),
        jump_tenths: u32::from(observation.jump_tenths),
        weigh_again_ms: millis(sensing.weigh_again),
        pressure_for_ms: millis(sensing.pressure_for),
        flow_mean_over_ms: millis(sensing.flow_mean_over),
        free_flow_for_ms: millis(sensing.free_flow_for),
        wrong_flow_for_ms: millis(sensing.wrong_flow_for),
        air_for_ms: millis(sensing.air_for),
        dropout_ms: millis(sensing.dropout),
        stuck_for_ms: millis(sensing.stuck_for),
        temperature_for_ms: millis(sensing.temperature_for),
        stall_for_ms: millis(sensing.stall_for),
        weighing_sigma_nl: sensing.weighing_sigma.nanolitres(),
        unusable_nl: sensing.unusable.nanolitres(),
        drain_sigma_nl: sensing.drain_sigma.nanolitres(),
        air_nl: sensing.air.map(Volume::nanolitres),
        csf_loss_nl: sensing.csf_loss.map(Volume::nanolitres),
        pressure_most_pa: sensing.pressure_most.pascals(),
        pressure_gone_pa: sensing.pressure_gone.pascals(),
        flow_sigma_nl_per_h: sensing.flow_sigma.nanolitres_per_hour(),
        flow_offset_nl_per_h: sensing.flow_offset.nanolitres_per_hour(),
        flow_sigma_permille: sensing.flow_sigma_permille,
        flow_gain_permille: sensing.flow_gain_permille,
        temperature_error_permille_per_c: sensing.temperature_error_permille_per_c,
        band_mdeg_c: sensing.temperature.map(Temperature::millidegrees),
        battery_ms: sensing.battery.map(millis),
        wean_every_ms: millis(wean.every),
        wean_first_after_ms: millis(wean.first_after),
        final_dose_ng_per_day: wean.final_dose.nanograms_per_day(),
        last_rung_for_ms: millis(wean.last_rung_for),
        open_nl: line.open.nanolitres(),
        to_tip_nl: line.to_tip.nanolitres(),
        reservoir_nl: line.reservoir.nanolitres(),
        drug_ug_per_ml: line.drug.micrograms_per_millilitre(),
        basis: match wean.basis {
            Basis::Current => WbBasis::Current as u32,
            Basis::Initial => WbBasis::Initial as u32,
        },
        rung_count,
        rungs,
    }
}

impl WbPrescription {
    /// The prescription of a structure, checked.
    ///
    /// # Errors
    /// A number out of its range, or a rule that no prescription may break.
    pub fn read(&self) -> Result<Protocol, Nonsense> {
        let prescription = Prescription {
            limits: read_limits(self),
            timing: read_timing(self),
            observation: read_observation(self)?,
            sensing: read_sensing(self),
            wean: self.read_wean()?,
            line: read_line(self),
        };
        Protocol::new(prescription).map_err(|broken| Nonsense::of(broken.to_string()))
    }

    fn read_wean(&self) -> Result<WeanSchedule, Nonsense> {
        let basis = if self.basis == WbBasis::Current as u32 {
            Basis::Current
        } else if self.basis == WbBasis::Initial as u32 {
            Basis::Initial
        } else {
            return Err(Nonsense::code("WbBasis", self.basis));
        };
        let mut rungs = Vec::new();
        for rung in self
            .rungs
            .iter()
            .take(narrow(self.rung_count, "rung_count")?)
        {
            rungs.push(Rung {
                decrement_permille: rung.decrement_permille,
                tone_rise_most_tenths: narrow(rung.tone_rise_most_tenths, "tone_rise_most_tenths")?,
                signs_most: narrow(rung.signs_most, "signs_most")?,
            });
        }
        let line = self;
        Ok(WeanSchedule {
            basis,
            rungs: Rungs::new(&rungs).map_err(|broken| Nonsense::of(broken.to_string()))?,
            every: Duration::from_millis(line.wean_every_ms),
            first_after: Duration::from_millis(line.wean_first_after_ms),
            final_dose: DailyDose::from_nanograms_per_day(line.final_dose_ng_per_day),
            last_rung_for: Duration::from_millis(line.last_rung_for_ms),
        })
    }
}

fn read_limits(line: &WbPrescription) -> Limits {
    Limits {
        ceiling: DailyDose::from_nanograms_per_day(line.ceiling_ng_per_day),
        floor_dose: DailyDose::from_nanograms_per_day(line.floor_dose_ng_per_day),
        flow_least: Flow::from_nanolitres_per_hour(line.flow_least_nl_per_h),
        flow_most: Flow::from_nanolitres_per_hour(line.flow_most_nl_per_h),
        flow_quantum: Flow::from_nanolitres_per_hour(line.flow_quantum_nl_per_h),
        flow_prime: Flow::from_nanolitres_per_hour(line.flow_prime_nl_per_h),
        excess: Dose::from_nanograms(line.excess_ng),
        kept_in_24h_permille: line.kept_in_24h_permille,
        pump_tolerance_permille: line.pump_tolerance_permille,
    }
}

fn read_timing(line: &WbPrescription) -> Timing {
    Timing {
        cycle: Duration::from_millis(line.cycle_ms),
        self_test: Duration::from_millis(line.self_test_ms),
        lease: Duration::from_millis(line.lease_ms),
        prime_lease: Duration::from_millis(line.prime_lease_ms),
        ping_every: Duration::from_millis(line.ping_every_ms),
        read_back: Duration::from_millis(line.read_back_ms),
        start_within: Duration::from_millis(line.start_within_ms),
        second_user_within: Duration::from_millis(line.second_user_within_ms),
        differs: Duration::from_millis(line.differs_ms),
        gap_most: Duration::from_millis(line.gap_most_ms),
        gap_long: Duration::from_millis(line.gap_long_ms),
        settle: Duration::from_millis(line.settle_ms),
        pause_most: Duration::from_millis(line.pause_most_ms),
        report_ahead: Duration::from_millis(line.report_ahead_ms),
        idle: line.idle_ms.map(Duration::from_millis),
        dwell: line.dwell_ms.map(Duration::from_millis),
        empty: line.empty_ms.map(Duration::from_millis),
        link: line.link_ms.map(Duration::from_millis),
        report_cycles: line.report_cycles,
    }
}

fn read_observation(line: &WbPrescription) -> Result<Observation, Nonsense> {
    Ok(Observation {
        age_most: Duration::from_millis(line.age_most_ms),
        missing: Duration::from_millis(line.missing_ms),
        unresolved: Duration::from_millis(line.unresolved_ms),
        unconfirmed: Duration::from_millis(line.unconfirmed_ms),
        after_withdrawal: Duration::from_millis(line.after_withdrawal_ms),
        temperature: Temperature::from_millidegrees(line.fever_mdeg_c),
        withdrawal_signs: narrow(line.withdrawal_signs, "withdrawal_signs")?,
        itch: narrow(line.itch, "itch")?,
        tone_rise_tenths: narrow(line.tone_rise_tenths, "tone_rise_tenths")?,
        heart_rate: narrow(line.heart_rate_per_min, "heart_rate_per_min")?,
        agitation: narrow(line.agitation_rass, "agitation_rass")?,
        breaths_least: narrow(line.breaths_least_per_min, "breaths_least_per_min")?,
        saturation_least: narrow(line.saturation_least_percent, "saturation_least_percent")?,
        sedation_deep: narrow(line.sedation_deep_rass, "sedation_deep_rass")?,
        jump_tenths: narrow(line.jump_tenths, "jump_tenths")?,
    })
}

fn read_sensing(line: &WbPrescription) -> Sensing {
    Sensing {
        weigh_again: Duration::from_millis(line.weigh_again_ms),
        pressure_for: Duration::from_millis(line.pressure_for_ms),
        flow_mean_over: Duration::from_millis(line.flow_mean_over_ms),
        free_flow_for: Duration::from_millis(line.free_flow_for_ms),
        wrong_flow_for: Duration::from_millis(line.wrong_flow_for_ms),
        air_for: Duration::from_millis(line.air_for_ms),
        dropout: Duration::from_millis(line.dropout_ms),
        stuck_for: Duration::from_millis(line.stuck_for_ms),
        temperature_for: Duration::from_millis(line.temperature_for_ms),
        stall_for: Duration::from_millis(line.stall_for_ms),
        weighing_sigma: Volume::from_nanolitres(line.weighing_sigma_nl),
        unusable: Volume::from_nanolitres(line.unusable_nl),
        drain_sigma: Volume::from_nanolitres(line.drain_sigma_nl),
        air: line.air_nl.map(Volume::from_nanolitres),
        csf_loss: line.csf_loss_nl.map(Volume::from_nanolitres),
        pressure_most: Pressure::from_pascals(line.pressure_most_pa),
        pressure_gone: Pressure::from_pascals(line.pressure_gone_pa),
        flow_sigma: Flow::from_nanolitres_per_hour(line.flow_sigma_nl_per_h),
        flow_offset: Flow::from_nanolitres_per_hour(line.flow_offset_nl_per_h),
        flow_sigma_permille: line.flow_sigma_permille,
        flow_gain_permille: line.flow_gain_permille,
        temperature_error_permille_per_c: line.temperature_error_permille_per_c,
        temperature: line.band_mdeg_c.map(Temperature::from_millidegrees),
        battery: line.battery_ms.map(Duration::from_millis),
    }
}

fn read_line(line: &WbPrescription) -> LineVolumes {
    LineVolumes {
        open: Volume::from_nanolitres(line.open_nl),
        to_tip: Volume::from_nanolitres(line.to_tip_nl),
        reservoir: Volume::from_nanolitres(line.reservoir_nl),
        drug: Concentration::from_micrograms_per_millilitre(line.drug_ug_per_ml),
    }
}
