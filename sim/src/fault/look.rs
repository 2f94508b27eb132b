//! What a fault of the device must show: a truth or a reading that is another than it would be without it.
//!
//! "Without it" is no guess: the device is forked, one time with the fault and one time without, and what both
//! come to is compared. So a fault whose injection is cut somewhere shows nothing, whatever its own numbers
//! say.

use infusion_device::Truth;
use infusion_types::{Reading, Reason, Refusal, Telemetry};

use crate::record::Record;
use crate::scenario::{BuiltInFault, FaultKind, LineFault, PumpFault, SensorFault, SensorName};

/// Nothing smaller is an effect, in the unit of whatever is compared: µL, µg, mmHg, minutes.
const NOTHING: f64 = 1e-9;
/// Concentrations are compared as shares.
const SHARE: f64 = 1e-6;

fn apart(one: f64, other: f64) -> bool {
    (one - other).abs() > NOTHING
}

/// Whether truth is another than without the fault, in what the fault must change.
pub(super) fn is_otherwise(what: &FaultKind, is: &Truth, would_be: &Truth) -> bool {
    match what {
        FaultKind::Pump(what) => pump_is_otherwise(what, is, would_be),
        FaultKind::Line(what) => line_is_otherwise(what, is, would_be),
        FaultKind::Sensor(_)
        | FaultKind::Wire(_)
        | FaultKind::Clock(_)
        | FaultKind::Platform(_)
        | FaultKind::People(_)
        | FaultKind::Defect(_)
        | FaultKind::BuiltIn(_) => false,
    }
}

fn pump_is_otherwise(what: &PumpFault, is: &Truth, would_be: &Truth) -> bool {
    match what {
        PumpFault::PumpGain { .. }
        | PumpFault::Runaway { .. }
        | PumpFault::StuckOn { .. }
        | PumpFault::Stall
        | PumpFault::Degrade { .. }
        | PumpFault::Packets { .. }
        | PumpFault::AmbientPressure { .. } => apart(is.moved_ul, would_be.moved_ul),
        PumpFault::PrimeByItself { .. } => is.state != would_be.state,
        PumpFault::PumpProgram { .. } => apart(is.set_flow_ul_per_h, would_be.set_flow_ul_per_h),
        PumpFault::PumpRestart => {
            is.lease_ended != would_be.lease_ended || is.state != would_be.state
        }
        PumpFault::BatteryDrain { .. } => apart(is.battery_min, would_be.battery_min),
        PumpFault::BatteryDead => is.powered != would_be.powered,
        // A thermometer shows it.
        PumpFault::RoomTemperature { .. } => false,
    }
}

fn line_is_otherwise(what: &LineFault, is: &Truth, would_be: &Truth) -> bool {
    match what {
        LineFault::Occlude { .. } => {
            apart(is.pressure_mmhg, would_be.pressure_mmhg)
                || apart(is.tip_flow_ul_per_h, would_be.tip_flow_ul_per_h)
        }
        LineFault::BlockInlet { .. }
        | LineFault::FreeFlow { .. }
        | LineFault::Siphon { .. }
        | LineFault::Backflow { .. } => apart(is.moved_ul, would_be.moved_ul),
        LineFault::Disconnect { .. } => {
            apart(is.lost_ug, would_be.lost_ug) || apart(is.csf_lost_ul, would_be.csf_lost_ul)
        }
        LineFault::Leak { .. } => apart(is.lost_ug, would_be.lost_ug),
        LineFault::SoftLine { .. } => apart(is.pressure_mmhg, would_be.pressure_mmhg),
        LineFault::Air { .. } => apart(is.air_ul, would_be.air_ul),
        LineFault::TipDisplaced { .. } => apart(is.reached_ug, would_be.reached_ug),
        LineFault::CsfDrain { .. } => apart(is.csf_lost_ul, would_be.csf_lost_ul),
        LineFault::ShortFill { .. } | LineFault::ReservoirEmpty => {
            apart(is.reservoir_ul, would_be.reservoir_ul)
        }
        LineFault::DrugDecay { .. } => apart(is.reservoir_ug, would_be.reservoir_ug),
    }
}

/// Whether what is said is another than without the fault, in what the fault must change.
pub(super) fn says_otherwise(what: &FaultKind, says: &Telemetry, would_say: &Telemetry) -> bool {
    if let FaultKind::Pump(PumpFault::RoomTemperature { .. }) = what {
        return reading_differs(SensorName::Temperature, says, would_say);
    }
    let FaultKind::Sensor(what) = what else {
        return false;
    };
    match *what {
        SensorFault::SensorStuck { sensor, .. }
        | SensorFault::SensorBias { sensor, .. }
        | SensorFault::SensorNoise { sensor, .. }
        | SensorFault::SensorSilent { sensor } => reading_differs(sensor, says, would_say),
        SensorFault::LooseContact { .. } => reading_differs(SensorName::Connector, says, would_say),
        SensorFault::ReportFrozen => SensorName::ALL
            .into_iter()
            .any(|sensor| reading_differs(sensor, says, would_say)),
        // Seen where it is edited.
        SensorFault::GarbleReading { .. } => false,
    }
}

fn reading_differs(sensor: SensorName, one: &Telemetry, other: &Telemetry) -> bool {
    let numbers = |telemetry: &Telemetry| match sensor {
        SensorName::Flow => telemetry.flow_ul_per_h,
        SensorName::Pressure => telemetry.pressure_kpa,
        SensorName::Air => telemetry.air_ul,
        SensorName::DrainedCsf => telemetry.drained_csf_ul,
        SensorName::Temperature => telemetry.temperature_c,
        SensorName::Battery => telemetry.battery_min,
        SensorName::Delivered => telemetry.delivered_ug,
        SensorName::Reservoir => telemetry.reservoir_ul,
        SensorName::Connector => yes_or_no(telemetry.connector),
        SensorName::Motion => yes_or_no(telemetry.motion),
    };
    let bits = |telemetry| numbers(telemetry).map(|sample| sample.value.to_bits());
    bits(one) != bits(other)
}

fn yes_or_no(reading: Reading<bool>) -> Reading<f64> {
    reading.map(|sample| infusion_types::Sample::new(sample.at, f64::from(u8::from(sample.value))))
}

/// Whether a record shows what is built in. `made` says that the device, protocol or patient of the run is
/// another than it would be without the fault.
pub(super) fn is_built_in(what: &BuiltInFault, made: bool, record: &Record<'_>) -> bool {
    let reason = record.decision.map(|decision| decision.reason);
    match what {
        BuiltInFault::WrongDrug { .. } => record.truth.is_some_and(|truth| {
            let told = f64::from(truth.programmed.micrograms_per_millilitre());
            let holds = truth.reservoir_ug / truth.reservoir_ul * 1e3;
            (holds - told).abs() > told * SHARE
        }),
        BuiltInFault::UnprimedDrain { .. } => {
            let dry = record
                .truth
                .is_some_and(|truth| truth.connected && truth.tip_ug_per_ml <= 0.0);
            made && dry
        }
        BuiltInFault::LeastFlow { .. } => {
            let refused = matches!(
                reason,
                Some(Reason::Refused(Refusal::BelowPumpFloor { .. }))
            );
            made && (refused
                || record
                    .decision
                    .is_some_and(|decision| decision.asks.concentration))
        }
        BuiltInFault::SteepRungs { .. } => {
            let cut = matches!(reason, Some(Reason::Decremented { cut: true, .. }));
            let spent = matches!(reason, Some(Reason::Refused(Refusal::SlopeSpent)));
            made && (cut || spent)
        }
        BuiltInFault::SlowPatient { .. } => made,
    }
}
