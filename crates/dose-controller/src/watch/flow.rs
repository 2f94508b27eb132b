//! What the instruments in the line show: flow, pressure, air, connector.

use infusion_types::{
    Alarm, AlarmSet, DoseRate, Flow, Limits, Mode, Pressure, PumpState, Readings, Sensing,
    Timestamp, Volume,
};

use super::blocked::Expected;
use super::{CALM, Timers, lasts, lingers, set, value};
use crate::exchange::infused;
use crate::protocol::Protocol;
use crate::state::State;

pub(super) fn alarms(
    protocol: &Protocol,
    state: &State,
    timers: &mut Timers,
    (heard, readings): (Timestamp, &Readings),
) -> AlarmSet {
    let sensing = protocol.sensing();
    let wrong = sensing.wrong_flow_for;
    let seen = Seen::of(protocol, state, readings);
    // An empty pump and one that stands still make no flow, and that is told by other alarms.
    let still = value(readings.motion) == Some(false);
    let expected = Expected {
        flow: if state.dry || still {
            Flow::ZERO
        } else {
            state.asked_flow()
        },
        drug: state.contents.drug(),
        upstream: sucks(sensing, readings),
    };
    timers.blocked.see(protocol, heard, expected, readings.flow);
    let missing = timers.blocked.stands(protocol.limits());
    let upstream = timers.blocked.is_upstream();
    let pressure = lasts(
        &mut timers.pressure,
        heard,
        presses(sensing, state, readings),
        sensing.pressure_for,
    );
    let air = Air::of(sensing, state, readings);
    timers.air_stops = lasts(&mut timers.much_air, heard, air.much, sensing.air_for);
    let bubble = lasts(&mut timers.air, heard, air.some, sensing.air_for);
    let open = state.on_patient() && value(readings.connector) == Some(false);
    set([
        (
            Alarm::FreeFlow,
            lasts(
                &mut timers.free_flow,
                heard,
                seen.free,
                sensing.free_flow_for,
            ) | lasts(&mut timers.stopped_flow, heard, seen.stopped, wrong)
                | (primes_unasked(state, readings) && state.on_line()),
        ),
        (
            Alarm::ReverseFlow,
            lasts(&mut timers.reverse_flow, heard, seen.backwards, wrong),
        ),
        (
            Alarm::OcclusionDownstream,
            pressure || (missing && !upstream),
        ),
        (Alarm::OcclusionUpstream, missing && upstream),
        (
            Alarm::AirInLine,
            lingers(&mut timers.bubble, heard, bubble, CALM),
        ),
        (Alarm::LineDisconnect, open),
    ])
}

/// What is wrong with the flow at this moment.
struct Seen {
    /// More than the pump was told to move, by a dose that harms.
    free: bool,
    /// Some, or so the pump says of itself, and it was told to move nothing (SR-43).
    stopped: bool,
    backwards: bool,
}

impl Seen {
    fn of(protocol: &Protocol, state: &State, readings: &Readings) -> Self {
        let (limits, sensing) = (protocol.limits(), protocol.sensing());
        let flow = value(readings.flow).unwrap_or(Flow::ZERO);
        let drug = state.contents.drug();
        let harm = DoseRate::from_nanograms_per_hour(limits.excess.nanograms());
        let priming = matches!(state.mode, Mode::Prime);
        let expected = asked(state, readings);
        let sigma = sensing.flow_sigma.nanolitres_per_hour();
        let twice = sigma.saturating_mul(2);
        let nothing = expected == DoseRate::ZERO && !priming;
        Self {
            free: if priming {
                flow > shown_of(limits, sensing, limits.flow_prime).saturating_add(harm.flow(drug))
            } else {
                drug.rate_of(flow) > expected.saturating_add(harm)
            },
            stopped: nothing
                && (flow.nanolitres_per_hour() > twice || primes_unasked(state, readings)),
            backwards: flow.nanolitres_per_hour() < twice.saturating_neg(),
        }
    }
}

/// The rate that the pump has confirmed; before it has been told anything, the one that it reads back.
fn asked(state: &State, readings: &Readings) -> DoseRate {
    let found = || value(readings.accepted).map(|accepted| accepted.action);
    let action = state.exchange.in_force().or_else(found);
    action.map_or(DoseRate::ZERO, infused)
}

/// The most that a sound sensor shows when a sound pump is told to move `flow`.
fn shown_of(limits: &Limits, sensing: &Sensing, flow: Flow) -> Flow {
    let times = |flow: i64, permille: u32| {
        flow.saturating_mul(i64::from(permille).saturating_add(1_000))
            .checked_div(1_000)
            .unwrap_or(i64::MAX)
    };
    let moved = times(flow.nanolitres_per_hour(), limits.pump_tolerance_permille);
    let shown = times(moved, sensing.flow_gain_permille);
    Flow::from_nanolitres_per_hour(shown).saturating_add(sensing.flow_offset)
}

/// AL-09 by pressure. Once it stands it is gone only well below, or noise would toggle it.
fn presses(sensing: &Sensing, state: &State, readings: &Readings) -> bool {
    let condition = state.alarms.panel().condition;
    let limit: Pressure = if condition.contains(Alarm::OcclusionDownstream) {
        sensing.pressure_gone
    } else {
        sensing.pressure_most
    };
    value(readings.pressure).is_some_and(|pressure| pressure > limit)
}

/// Whether what is missing is missing before the pump: its rotor turns, and nothing presses behind it.
fn sucks(sensing: &Sensing, readings: &Readings) -> bool {
    let turns = value(readings.motion) == Some(true);
    turns && value(readings.pressure).is_some_and(|it| it <= sensing.pressure_gone)
}

/// The pump primes though nobody told it to.
fn primes_unasked(state: &State, readings: &Readings) -> bool {
    value(readings.state) == Some(PumpState::Priming) && !state.exchange.told_to_prime()
}

/// AL-11.
struct Air {
    /// Enough to be told: by volume, or by the part of a day's plan that it stands in for.
    some: bool,
    /// Too much to go on.
    much: bool,
}

impl Air {
    fn of(sensing: &Sensing, state: &State, readings: &Readings) -> Self {
        let air = value(readings.air).unwrap_or_default();
        let panel = state.alarms.panel();
        let told = panel.condition.contains(Alarm::AirInLine);
        let drug = state.contents.drug();
        let tenth = state.plan.daily().nanograms_per_day().checked_div(10);
        let tenth = tenth.filter(|dose| *dose > 0 && state.in_session());
        let instead = tenth.is_some_and(|tenth| {
            let displaced = air.dose(drug).nanograms();
            let displaced = displaced.saturating_mul(if told { 10 } else { 9 });
            displaced >= tenth.saturating_mul(9)
        });
        Self {
            some: air >= kept(sensing.air[0], told) || instead,
            much: air > kept(sensing.air[1], state.timers.air_stops),
        }
    }
}

/// What has passed `limit` counts as back below it at nine tenths, or noise would toggle it.
fn kept(limit: Volume, stands: bool) -> Volume {
    let tenths = limit.nanolitres().saturating_mul(9).checked_div(10);
    match tenths {
        Some(lower) if stands => Volume::from_nanolitres(lower),
        Some(_) | None => limit,
    }
}
