//! What is fitted, and what it says.
//!
//! The pump's own report exists on every profile. Instruments in the line exist on P2. Noise comes
//! from outside as unit normals; a device's own errors are in its [`SensorSpec`],
//! and what events do to a sensor is in [`Sensors`](crate::Sensors).

use infusion_types::{NoData, Raw, Reading, Sample, Telemetry, Timestamp};

use crate::{Condition, SensorSpec, pump::Pump};

const KPA_PER_MMHG: f64 = 0.133_322_387_415;

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

/// What the instruments can see.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seen {
    pub(crate) flow_ul_per_h: f64,
    pub(crate) pressure_mmhg: f64,
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
    let raw = |value: f64| -> Raw { Ok(Sample::new(now, value)) };
    Telemetry {
        accepted: pump
            .accepted()
            .map(|accepted| Sample::new(now, accepted.value))
            .ok_or(NoData::NeverSeen),
        state: Ok(Sample::new(now, pump.believed_state())),
        motion: Ok(Sample::new(now, true)),
        refused: Ok(Sample::new(now, pump.refused())),
        delivered_ug: raw(pump.rotor().delivered_ug()),
        reservoir_ul: raw(pump.rotor().believed_ul()),
        temperature_c: raw(sensors.temperature.say(condition.pump_temperature_c, 0.0)),
        battery_min: raw(sensors.battery.say_from_zero(battery_min, 0.0)),
        ..Telemetry::silent(NoData::NotFitted)
    }
}

/// The instruments of P2, added to the pump's own report.
pub(crate) fn instruments(
    report: Telemetry,
    now: Timestamp,
    seen: &Seen,
    by: &Instruments<'_>,
) -> Telemetry {
    let Instruments {
        spec,
        condition,
        noise,
    } = by;
    let sensors = &condition.sensors;
    let raw = |value: f64| -> Raw { Ok(Sample::new(now, value)) };
    let share = sensors.connector.say(seen.connector_share, 0.0);
    let connector: Reading<bool> = Ok(Sample::new(now, share >= spec.connector_share_closed));
    let flow = seen.flow_ul_per_h * (1.0 + spec.flow_gain_error) + spec.flow_offset_ul_per_h;
    let relative = spec.flow_sigma_share * seen.flow_ul_per_h.abs();
    let flow_sigma = relative.max(spec.flow_sigma_ul_per_h);
    Telemetry {
        flow_ul_per_h: raw(sensors.flow.say(flow, flow_sigma * noise.flow)),
        pressure_kpa: raw(sensors.pressure.say(
            seen.pressure_mmhg * KPA_PER_MMHG,
            spec.pressure_sigma_kpa * noise.pressure,
        )),
        air_ul: raw(sensors
            .air
            .say_from_zero(condition.air_ul, spec.air_sigma_ul * noise.air)),
        connector,
        drained_csf_ul: raw(sensors
            .drained_csf
            .say_from_zero(seen.drained_csf_ul, spec.drain_sigma_ul * noise.drained_csf)),
        ..report
    }
}

/// How the instruments measure at this moment.
pub(crate) struct Instruments<'a> {
    pub(crate) spec: &'a SensorSpec,
    pub(crate) condition: &'a Condition,
    pub(crate) noise: &'a Noise,
}
