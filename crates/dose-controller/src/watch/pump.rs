//! What the pump says of itself, what its books say of the reservoir, and what its sensors are worth.

use core::time::Duration;

use infusion_types::{Alarm, AlarmSet, Readings, Timestamp, taken_at};

use super::{CALM, Timers, lasts, lingers, set, value};
use crate::protocol::Protocol;
use crate::state::State;

/// What needs a fresh report. `heard` is the time by which a cause lasts.
pub(super) fn reported(
    protocol: &Protocol,
    state: &State,
    timers: &mut Timers,
    (heard, now, readings): (Timestamp, Timestamp, &Readings),
) -> AlarmSet {
    let sensing = protocol.sensing();
    let [cold, warm] = sensing.temperature;
    let outside = value(readings.temperature).is_some_and(|it| it < cold || it > warm);
    let outside = lasts(
        &mut timers.temperature,
        heard,
        outside,
        sensing.temperature_for,
    );
    let battery = value(readings.battery).unwrap_or(Duration::MAX);
    let drained = state.catheter_since.is_some() && state.drain.too_much(sensing);
    let stands_still = value(readings.motion) == Some(false) && state.should_turn();
    let distrusts = state.distrusts_a_sensor();
    let distrusted = lingers(&mut timers.distrusted, heard, distrusts, CALM);
    set([
        (Alarm::TemperatureOutOfRange, outside),
        (Alarm::BatteryLow, battery < sensing.battery[0]),
        (Alarm::BatteryCritical, battery < sensing.battery[1]),
        (
            Alarm::MotorStall,
            lasts(&mut timers.stalled, heard, stands_still, sensing.stall_for),
        ),
        (
            Alarm::SensorFault,
            state.says_nonsense || distrusted || silent(readings, sensing.dropout, now),
        ),
        (Alarm::CsfOverdrainage, drained),
    ])
}

/// What the books, the exchange and the link show.
pub(super) fn alarms(
    protocol: &Protocol,
    state: &State,
    timers: &mut Timers,
    now: Timestamp,
) -> AlarmSet {
    let (sensing, timing) = (protocol.sensing(), protocol.timing());
    let age = now.since(state.unheard_since());
    let [link_low, link_medium] = timing.link;
    let in_use = state.in_session();
    // A link that comes and goes is told of once, until it has been sound for as long as makes it a lasting loss.
    let silent = in_use && age > link_low;
    let lossy = lingers(&mut timers.silent, now, silent, link_medium);
    let left = state.reservoir.time_left(sensing, state.asked_flow());
    let [soon, very_soon] = timing.empty;
    let empty = state.dry || left == Duration::ZERO;
    set([
        (Alarm::LinkLost, in_use && lossy),
        (Alarm::LinkLostLong, in_use && age > link_medium),
        (
            Alarm::CommandUncertain,
            state.exchange.uncertain(timing, now),
        ),
        (Alarm::ProgramMismatch, state.exchange.differs(timing)),
        (Alarm::SecurityEvent, state.security_event(now)),
        (Alarm::ReservoirLow, in_use && left <= soon),
        (Alarm::ReservoirVeryLow, in_use && left <= very_soon),
        (Alarm::ReservoirEmpty, in_use && empty),
        (Alarm::ReservoirDiscrepancy, state.reservoir.discrepancy()),
    ])
}

/// A sensor that is fitted and has not spoken for too long.
fn silent(readings: &Readings, dropout: Duration, now: Timestamp) -> bool {
    let spoken = [
        taken_at(readings.flow),
        taken_at(readings.pressure),
        taken_at(readings.air),
        taken_at(readings.temperature),
    ];
    spoken
        .into_iter()
        .flatten()
        .any(|at| now.since(at) > dropout)
}
