//! What is fitted, what becomes of what it sees, and what it says.
//!
//! The pump's own report exists on every profile. Instruments in the line exist on P2. Noise comes
//! from outside as unit normals; a device's own errors are in its [`SensorSpec`], and what events do
//! to a sensor is in [`Sensors`].

use infusion_types::{NoData, Raw, Reading, Sample, Telemetry, Timestamp};

use crate::{Condition, SensorSpec, condition::within, pump::Pump};

const KPA_PER_MMHG: f64 = 0.133_322_387_415;
/// The most that a sensor's noise can grow by.
const NOISE_TIMES_MOST: f64 = 1_000.0;

/// Which sensors are fitted.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Profile {
    /// The pump's own report and nothing else.
    P0,
    /// P0, and people weigh the pump.
    P1,
    /// P1, and instruments for flow, pressure, air, connector and drain bag.
    P2,
}

/// One unit normal for every noisy instrument; all zero is a reading without noise.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Noise {
    /// Of the flow.
    pub flow: f64,
    /// Of the line pressure.
    pub pressure: f64,
    /// Of the air volume.
    pub air: f64,
    /// Of the drain bag.
    pub drained_csf: f64,
}

/// What a sensor makes of the value that it sees: `value * gain + offset`, or `stuck`, or nothing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SensorNumbers {
    /// Added, in the sensor's unit.
    pub offset: f64,
    /// Multiplied.
    pub gain: f64,
    /// Its noise in multiples of its own, 0 to 1000.
    pub noise_times: f64,
    /// Said in place of everything else, noise included. May be NaN.
    pub stuck: Option<f64>,
    /// It says that it is broken ([`NoData::SensorFault`]), and nothing else.
    pub silent: bool,
}

/// The numbers of every sensor.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sensors {
    /// The rotor's motion: 1 when it turns as it should, 0 when it stands; from a half on it turns.
    pub motion: SensorNumbers,
    /// The pump's own figure of what it has delivered, µg.
    pub delivered: SensorNumbers,
    /// The pump's own figure of what is left, µL.
    pub reservoir: SensorNumbers,
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

impl SensorNumbers {
    /// A sensor that says what it sees.
    pub const HEALTHY: Self = Self {
        offset: 0.0,
        gain: 1.0,
        noise_times: 1.0,
        stuck: None,
        silent: false,
    };

    /// What the sensor makes of `value`, with `noise` in its own unit.
    #[inline]
    fn see(&self, value: f64, noise: f64) -> f64 {
        value * self.gain + self.offset + noise * self.noise_times
    }

    /// What it says of what it has seen.
    #[inline]
    fn say(&self, now: Timestamp, seen: f64) -> Raw {
        if self.silent {
            return Err(NoData::SensorFault);
        }
        Ok(Sample::new(now, self.stuck.unwrap_or(seen)))
    }
}

impl Sensors {
    /// Every sensor says what it sees.
    pub const HEALTHY: Self = Self {
        motion: SensorNumbers::HEALTHY,
        delivered: SensorNumbers::HEALTHY,
        reservoir: SensorNumbers::HEALTHY,
        flow: SensorNumbers::HEALTHY,
        pressure: SensorNumbers::HEALTHY,
        air: SensorNumbers::HEALTHY,
        connector: SensorNumbers::HEALTHY,
        drained_csf: SensorNumbers::HEALTHY,
        temperature: SensorNumbers::HEALTHY,
        battery: SensorNumbers::HEALTHY,
    };

    /// Every noise within its range. What a sensor says may be anything.
    pub(crate) fn within_range(self) -> Self {
        let sound = |numbers: SensorNumbers| SensorNumbers {
            noise_times: within(numbers.noise_times, 0.0, NOISE_TIMES_MOST),
            ..numbers
        };
        Self {
            motion: sound(self.motion),
            delivered: sound(self.delivered),
            reservoir: sound(self.reservoir),
            flow: sound(self.flow),
            pressure: sound(self.pressure),
            air: sound(self.air),
            connector: sound(self.connector),
            drained_csf: sound(self.drained_csf),
            temperature: sound(self.temperature),
            battery: sound(self.battery),
        }
    }
}

/// What the instruments can see.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seen {
    pub(crate) flow_ul_per_h: f64,
    pub(crate) pressure_mmhg: f64,
    pub(crate) air_ul: f64,
    /// Share that passes the connector; 0 while the line is open.
    pub(crate) connector_share: f64,
    pub(crate) drained_csf_ul: f64,
}

/// The pump's own report: the same on every profile.
pub(crate) fn self_report(
    now: Timestamp,
    pump: &Pump,
    condition: &Condition,
    battery_min: f64,
) -> Telemetry {
    let sensors = &condition.sensors;
    let shown = |by: &SensorNumbers, value: f64| by.say(now, by.see(value, 0.0));
    // What cannot be shown below zero.
    let counted = |by: &SensorNumbers, value: f64| by.say(now, by.see(value, 0.0).max(0.0));
    let stands = f64::from(u8::from(pump.stalled(condition)));
    let motion = shown(&sensors.motion, 1.0 - stands);
    let rotor = pump.rotor();
    Telemetry {
        accepted: pump
            .in_force()
            .map(|in_force| Sample::new(now, in_force))
            .ok_or(NoData::NeverSeen),
        state: Ok(Sample::new(now, pump.believed_state())),
        motion: motion.map(|share| Sample::new(now, share.value >= 0.5)),
        refused: Ok(Sample::new(now, pump.refused())),
        delivered_ug: counted(&sensors.delivered, rotor.delivered_ug()),
        reservoir_ul: counted(&sensors.reservoir, rotor.believed_ul()),
        temperature_c: shown(&sensors.temperature, condition.pump_temperature_c),
        battery_min: counted(&sensors.battery, battery_min),
        ..Telemetry::silent(NoData::NotFitted)
    }
}

/// How the instruments measure at this moment.
pub(crate) struct Instruments<'a> {
    pub(crate) spec: &'a SensorSpec,
    pub(crate) condition: &'a Condition,
    pub(crate) noise: &'a Noise,
}

/// The instruments of P2, added to the pump's own report.
pub(crate) fn instruments(
    report: &mut Telemetry,
    now: Timestamp,
    seen: &Seen,
    by: &Instruments<'_>,
) {
    let Instruments {
        spec,
        condition,
        noise,
    } = by;
    let sensors = &condition.sensors;
    let shown = |by: &SensorNumbers, value, noise| by.say(now, by.see(value, noise));
    // What cannot be shown below zero.
    let counted = |by: &SensorNumbers, value, noise| by.say(now, by.see(value, noise).max(0.0));
    let share = shown(&sensors.connector, seen.connector_share, 0.0);
    let closed = |share: f64| share >= spec.connector_share_closed;
    let flow = seen.flow_ul_per_h * (1.0 + spec.flow_gain_error) + spec.flow_offset_ul_per_h;
    let relative = spec.flow_sigma_share * seen.flow_ul_per_h.abs();
    let flow_sigma = relative.max(spec.flow_sigma_ul_per_h);
    let pressure_kpa = seen.pressure_mmhg * KPA_PER_MMHG;
    let pressure_noise_kpa = spec.pressure_sigma_kpa * noise.pressure;
    let air_noise_ul = spec.air_sigma_ul * noise.air;
    let bag_noise_ul = spec.drain_sigma_ul * noise.drained_csf;
    report.flow_ul_per_h = shown(&sensors.flow, flow, flow_sigma * noise.flow);
    report.pressure_kpa = shown(&sensors.pressure, pressure_kpa, pressure_noise_kpa);
    report.air_ul = counted(&sensors.air, seen.air_ul, air_noise_ul);
    report.connector = share.map(|share| Sample::new(now, closed(share.value)));
    report.drained_csf_ul = counted(&sensors.drained_csf, seen.drained_csf_ul, bag_noise_ul);
}

/// An old report with fresh times.
pub(crate) fn again(report: &Telemetry, now: Timestamp) -> Telemetry {
    fn at<T>(now: Timestamp, reading: Reading<T>) -> Reading<T> {
        reading.map(|old| Sample::new(now, old.value))
    }
    Telemetry {
        accepted: at(now, report.accepted),
        state: at(now, report.state),
        motion: at(now, report.motion),
        refused: at(now, report.refused),
        delivered_ug: at(now, report.delivered_ug),
        reservoir_ul: at(now, report.reservoir_ul),
        flow_ul_per_h: at(now, report.flow_ul_per_h),
        pressure_kpa: at(now, report.pressure_kpa),
        air_ul: at(now, report.air_ul),
        connector: at(now, report.connector),
        drained_csf_ul: at(now, report.drained_csf_ul),
        temperature_c: at(now, report.temperature_c),
        battery_min: at(now, report.battery_min),
    }
}
