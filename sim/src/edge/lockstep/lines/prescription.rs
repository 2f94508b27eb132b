//! The prescription in full, with its units in the keys.

use std::time::Duration;

use dose_controller::{Protocol, ProtocolError};
use infusion_types::{
    Basis, Concentration, DailyDose, Dose, Flow, Limits, LineVolumes, Observation, Prescription,
    Pressure, Rung, Rungs, Sensing, Temperature, Timing, Volume, WeanSchedule,
};
use serde::{Deserialize, Serialize};

/// How a field of the core is written as a whole number of its unit, and read again.
trait Field: Sized {
    type Line;
    fn write(self) -> Self::Line;
    fn read(line: Self::Line) -> Self;
}

macro_rules! field {
    ($core:ty, $line:ty, $write:expr, $read:expr) => {
        impl Field for $core {
            type Line = $line;
            fn write(self) -> $line {
                let write: fn(Self) -> $line = $write;
                write(self)
            }
            fn read(line: $line) -> Self {
                let read: fn($line) -> Self = $read;
                read(line)
            }
        }
    };
}

field!(Duration, u64, millis, Self::from_millis);
field!(
    DailyDose,
    u64,
    Self::nanograms_per_day,
    Self::from_nanograms_per_day
);
field!(Dose, u64, Self::nanograms, Self::from_nanograms);
field!(Volume, u64, Self::nanolitres, Self::from_nanolitres);
field!(
    Flow,
    i64,
    Self::nanolitres_per_hour,
    Self::from_nanolitres_per_hour
);
field!(Pressure, i64, Self::pascals, Self::from_pascals);
field!(
    Temperature,
    i64,
    Self::millidegrees,
    Self::from_millidegrees
);
field!(
    Concentration,
    u32,
    Self::micrograms_per_millilitre,
    Self::from_micrograms_per_millilitre
);
field!(u32, u32, |it| it, |it| it);
field!(u16, u16, |it| it, |it| it);
field!(u8, u8, |it| it, |it| it);
field!(i8, i8, |it| it, |it| it);

impl<T: Field> Field for [T; 2] {
    type Line = [T::Line; 2];
    fn write(self) -> Self::Line {
        self.map(T::write)
    }
    fn read(line: Self::Line) -> Self {
        line.map(T::read)
    }
}

/// Every time of a prescription is whole milliseconds, because the files say so; a test looks.
fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// A part of the prescription: each field of the core with its key on the wire.
macro_rules! part {
    ($(#[$doc:meta])* $name:ident = $core:ident { $($key:ident: $field:ident: $ty:ty),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
        pub(crate) struct $name { $($key: <$ty as Field>::Line),* }

        impl From<&$core> for $name {
            fn from(core: &$core) -> Self {
                Self { $($key: Field::write(core.$field)),* }
            }
        }

        impl From<$name> for $core {
            fn from(line: $name) -> Self {
                Self { $($field: Field::read(line.$key)),* }
            }
        }
    };
}

part! {
    /// Bounds on dose and flow.
    LimitsLine = Limits {
        ceiling_ng_per_day: ceiling: DailyDose,
        floor_dose_ng_per_day: floor_dose: DailyDose,
        flow_least_nl_per_h: flow_least: Flow,
        flow_most_nl_per_h: flow_most: Flow,
        flow_quantum_nl_per_h: flow_quantum: Flow,
        flow_prime_nl_per_h: flow_prime: Flow,
        kept_in_24h_permille: kept_in_24h_permille: u32,
        excess_ng: excess: Dose,
        pump_tolerance_permille: pump_tolerance_permille: u32,
    }
}
part! {
    /// Bounds on time.
    TimingLine = Timing {
        cycle_ms: cycle: Duration,
        self_test_ms: self_test: Duration,
        lease_ms: lease: Duration,
        prime_lease_ms: prime_lease: Duration,
        ping_every_ms: ping_every: Duration,
        read_back_ms: read_back: Duration,
        start_within_ms: start_within: Duration,
        second_user_within_ms: second_user_within: Duration,
        idle_ms: idle: [Duration; 2],
        differs_ms: differs: Duration,
        gap_most_ms: gap_most: Duration,
        gap_long_ms: gap_long: Duration,
        settle_ms: settle: Duration,
        pause_most_ms: pause_most: Duration,
        dwell_ms: dwell: [Duration; 2],
        empty_ms: empty: [Duration; 2],
        link_ms: link: [Duration; 2],
        report_cycles: report_cycles: u32,
        report_ahead_ms: report_ahead: Duration,
    }
}
part! {
    /// What assessments may do.
    ObservationLine = Observation {
        age_most_ms: age_most: Duration,
        missing_ms: missing: Duration,
        withdrawal_signs: withdrawal_signs: u8,
        itch: itch: u16,
        tone_rise_tenths: tone_rise_tenths: u8,
        heart_rate_per_min: heart_rate: u16,
        temperature_mdeg_c: temperature: Temperature,
        agitation_rass: agitation: i8,
        breaths_least_per_min: breaths_least: u16,
        saturation_least_percent: saturation_least: u16,
        sedation_deep_rass: sedation_deep: i8,
        jump_tenths: jump_tenths: u8,
        unresolved_ms: unresolved: Duration,
        unconfirmed_ms: unconfirmed: Duration,
        after_withdrawal_ms: after_withdrawal: Duration,
    }
}
part! {
    /// What sensors may do.
    SensingLine = Sensing {
        weighing_sigma_nl: weighing_sigma: Volume,
        weigh_again_ms: weigh_again: Duration,
        unusable_nl: unusable: Volume,
        pressure_most_pa: pressure_most: Pressure,
        pressure_gone_pa: pressure_gone: Pressure,
        pressure_for_ms: pressure_for: Duration,
        flow_sigma_nl_per_h: flow_sigma: Flow,
        flow_sigma_permille: flow_sigma_permille: u32,
        flow_gain_permille: flow_gain_permille: u32,
        flow_offset_nl_per_h: flow_offset: Flow,
        flow_mean_over_ms: flow_mean_over: Duration,
        free_flow_for_ms: free_flow_for: Duration,
        wrong_flow_for_ms: wrong_flow_for: Duration,
        air_nl: air: [Volume; 2],
        air_for_ms: air_for: Duration,
        dropout_ms: dropout: Duration,
        stuck_for_ms: stuck_for: Duration,
        drain_sigma_nl: drain_sigma: Volume,
        csf_loss_nl: csf_loss: [Volume; 2],
        temperature_mdeg_c: temperature: [Temperature; 2],
        temperature_for_ms: temperature_for: Duration,
        temperature_error_permille_per_c: temperature_error_permille_per_c: u32,
        stall_for_ms: stall_for: Duration,
        battery_ms: battery: [Duration; 2],
    }
}
part! {
    /// One answer to a response.
    RungLine = Rung {
        decrement_permille: decrement_permille: u32,
        tone_rise_most_tenths: tone_rise_most_tenths: u8,
        signs_most: signs_most: u8,
    }
}
part! {
    /// The patient's line.
    LineLine = LineVolumes {
        open_nl: open: Volume,
        to_tip_nl: to_tip: Volume,
        drug_ug_per_ml: drug: Concentration,
        reservoir_nl: reservoir: Volume,
    }
}

/// What a decrement is a share of.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
enum BasisWord {
    Current,
    Initial,
}

/// What the schedule wants.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct WeanLine {
    basis: BasisWord,
    every_ms: u64,
    first_after_ms: u64,
    final_dose_ng_per_day: u64,
    last_rung_for_ms: u64,
    rungs: Vec<RungLine>,
}

/// The prescription.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct PrescriptionLine {
    limits: LimitsLine,
    timing: TimingLine,
    observation: ObservationLine,
    sensing: SensingLine,
    wean: WeanLine,
    line: LineLine,
}

impl From<&WeanSchedule> for WeanLine {
    fn from(wean: &WeanSchedule) -> Self {
        Self {
            basis: match wean.basis {
                Basis::Current => BasisWord::Current,
                Basis::Initial => BasisWord::Initial,
            },
            every_ms: millis(wean.every),
            first_after_ms: millis(wean.first_after),
            final_dose_ng_per_day: wean.final_dose.nanograms_per_day(),
            last_rung_for_ms: millis(wean.last_rung_for),
            rungs: wean.rungs.iter().map(RungLine::from).collect(),
        }
    }
}

impl TryFrom<WeanLine> for WeanSchedule {
    type Error = ProtocolError;

    fn try_from(line: WeanLine) -> Result<Self, ProtocolError> {
        let rungs: Vec<Rung> = line.rungs.into_iter().map(Rung::from).collect();
        Ok(Self {
            basis: match line.basis {
                BasisWord::Current => Basis::Current,
                BasisWord::Initial => Basis::Initial,
            },
            every: Duration::from_millis(line.every_ms),
            first_after: Duration::from_millis(line.first_after_ms),
            final_dose: DailyDose::from_nanograms_per_day(line.final_dose_ng_per_day),
            last_rung_for: Duration::from_millis(line.last_rung_for_ms),
            rungs: Rungs::new(&rungs)?,
        })
    }
}

impl From<&Protocol> for PrescriptionLine {
    fn from(protocol: &Protocol) -> Self {
        Self {
            limits: protocol.limits().into(),
            timing: protocol.timing().into(),
            observation: protocol.observation().into(),
            sensing: protocol.sensing().into(),
            wean: protocol.wean().into(),
            line: protocol.line().into(),
        }
    }
}

impl TryFrom<PrescriptionLine> for Protocol {
    type Error = ProtocolError;

    fn try_from(line: PrescriptionLine) -> Result<Self, ProtocolError> {
        Self::new(Prescription {
            limits: line.limits.into(),
            timing: line.timing.into(),
            observation: line.observation.into(),
            sensing: line.sensing.into(),
            wean: line.wean.try_into()?,
            line: line.line.into(),
        })
    }
}
