//! A device with round numbers, and someone who operates it.

use core::time::Duration;

use infusion_device::{
    Acceptance, CatheterSpec, Condition, Device, DeviceSpec, LineSpec, Noise, Profile, PumpSpec,
    SensorSpec, Truth,
};
use infusion_types::{
    Action, Command, Concentration, DailyDose, DoseRate, Raw, Session, StopCause, Telemetry,
    Timestamp, Volume,
};

pub(crate) const SESSION: Session = Session::new(7);
pub(crate) const LEASE: Duration = Duration::from_secs(90);
/// When somebody listens, on the pump's clock.
pub(crate) const NOW: Timestamp = Timestamp::from_millis(5_000);
/// Tubing and lumbar drain, µL.
pub(crate) const TUBING_UL: f64 = 199.0;
pub(crate) const DRAIN_UL: f64 = 308.0;

pub(crate) fn drug(ug_per_ml: u32) -> Concentration {
    Concentration::from_micrograms_per_millilitre(ug_per_ml)
}

/// No bias, no noise, no pressure: what comes out can be worked out on paper.
pub(crate) fn spec(ug_per_ml: u32) -> DeviceSpec {
    DeviceSpec {
        pump: PumpSpec {
            reservoir_capacity_ul: 40_000.0,
            reservoir_fill_ul: 20_000.0,
            reservoir_residual_ul: 1_400.0,
            reservoir_drug: drug(ug_per_ml),
            programmed_drug: drug(ug_per_ml),
            stroke_ul: 0.1,
            flow_quantum_ul_per_h: 0.01,
            flow_least_ul_per_h: 2.0,
            flow_greatest_ul_per_h: 1_000.0,
            flow_prime_ul_per_h: 1_000.0,
            bias: 0.0,
            bias_per_c_below_37: 0.0,
            bias_per_kpa_below_standard: 0.0,
            factor_least: 0.86,
            factor_greatest: 1.14,
            slip_mmhg: 500.0,
            limit_margin: 1.10,
            battery_min: 100_000.0,
        },
        line: LineSpec {
            tubing_ul: TUBING_UL,
            tubing_ug_per_ml: f64::from(ug_per_ml),
            compliance_ul_per_mmhg: 0.02,
            resistance_mmhg_per_ul_per_h: 1e-12,
        },
        catheter: CatheterSpec {
            volume_ul: DRAIN_UL,
            initial_ug_per_ml: f64::from(ug_per_ml),
        },
        profile: Profile::P2,
        sensors: SensorSpec {
            weigh_sigma_ul: 50.0,
            flow_sigma_share: 0.1,
            flow_sigma_ul_per_h: 1.0,
            flow_gain_error: 0.0,
            flow_offset_ul_per_h: 0.0,
            pressure_sigma_kpa: 0.1,
            air_sigma_ul: 1.0,
            drain_sigma_ul: 100.0,
            connector_share_closed: 0.95,
        },
    }
}

pub(crate) fn healthy() -> Condition {
    Condition::healthy(37.0, 0.0)
}

/// A device and the sequence numbers of whoever speaks to it.
#[derive(Clone)]
pub(crate) struct Rig {
    pub(crate) device: Device,
    pub(crate) sequence: u32,
}

impl Rig {
    /// Paired, authorised for 100 mg/day, on the patient.
    pub(crate) fn new(spec: DeviceSpec) -> Self {
        let mut device = Device::new(spec, healthy());
        device.pair(SESSION);
        device.authorise(DailyDose::from_nanograms_per_day(100_000_000));
        device.connect_patient();
        Self {
            device,
            sequence: 0,
        }
    }

    pub(crate) fn send(&mut self, action: Action) -> Acceptance {
        self.sequence += 1;
        self.device
            .accept(Timestamp::ZERO, command(self.sequence, action))
    }

    /// Infuses a dose rate in nanograms per hour.
    pub(crate) fn infuse(&mut self, ng_per_h: u64, ug_per_ml: u32) -> Acceptance {
        self.send(infuse(ng_per_h, ug_per_ml))
    }

    /// Changes the numbers of a healthy device at body temperature.
    pub(crate) fn set(&mut self, change: impl FnOnce(&mut Condition)) {
        let mut condition = healthy();
        change(&mut condition);
        self.device.set_condition(condition);
    }

    /// What the pump says, without noise.
    pub(crate) fn quiet(&self) -> Telemetry {
        self.device.telemetry(NOW, &Noise::default())
    }

    pub(crate) fn hours(&mut self, hours: f64) -> Truth {
        self.device
            .advance(Duration::from_secs_f64(hours * 3_600.0));
        self.device.truth()
    }
}

pub(crate) fn command(sequence: u32, action: Action) -> Command {
    Command {
        session: SESSION,
        sequence,
        action,
        lease: LEASE,
    }
}

/// Infuses at least one nanogram per hour.
pub(crate) fn infuse(ng_per_h: u64, ug_per_ml: u32) -> Action {
    let mut rate = DoseRate::from_nanograms_per_hour(ng_per_h).positive();
    if rate.is_none() {
        rate = DoseRate::from_nanograms_per_hour(1).positive();
    }
    match rate {
        Some(rate) => Action::Infuse {
            rate,
            at: drug(ug_per_ml),
        },
        None => stop(false),
    }
}

pub(crate) fn prime(volume_ul: u64) -> Action {
    Action::Prime {
        volume_left: Volume::from_nanolitres(volume_ul * 1_000),
    }
}

pub(crate) fn stop(clamp: bool) -> Action {
    Action::Stop {
        cause: StopCause::Ordered,
        clamp,
    }
}

/// A number that was said.
#[track_caller]
pub(crate) fn value(raw: Raw) -> f64 {
    raw.expect("it was said").value
}

#[track_caller]
pub(crate) fn assert_near(value: f64, expected: f64, tolerance: f64) {
    assert!(
        (value - expected).abs() <= tolerance,
        "{value} is not {expected} within {tolerance}"
    );
}
