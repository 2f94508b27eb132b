//! From readings to conditions: which alarms have their cause now.
//!
//! Thresholds of sensors and people are numbers of the protocol; the steps of the alarm table itself (10, 20
//! and 50 % of a day's plan, 10 % over 6 h) stand here. All are in micrograms and time, never in
//! millilitres per hour, which would be empty or lethal at this flow.
//!
//! Not here yet: conditions of the alarms in [`SILENT`]; AL-01 and AL-02 while priming; AL-09 by flow;
//! AL-12 by wetness, pressure or balance; AL-28 for a sensor that is stuck or beyond five sigma; the step
//! of AL-27 to high and of AL-11 by volume.

use core::time::Duration;

use infusion_types::{
    Action, Alarm, AlarmSet, DoseRate, Flow, PumpState, Reading, Readings, StopCause, Timestamp,
};

use crate::ledger::Window;
use crate::mode::Mode;
use crate::protocol::Protocol;
use crate::state::State;

/// Alarms of the table that nothing raises yet.
pub const SILENT: [Alarm; 13] = [
    Alarm::OcclusionUpstream,
    Alarm::MotorStall,
    Alarm::ConcentrationMismatch,
    Alarm::SecurityEvent,
    Alarm::ClockFault,
    Alarm::MainsLost,
    Alarm::SelfTestFail,
    Alarm::ControllerFault,
    Alarm::PlanCorrupt,
    Alarm::LogFail,
    Alarm::ProgramMismatch,
    Alarm::CsfOverdrainage,
    Alarm::AudioFail,
];

/// Since when something has stood that matters only when it lasts.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Timers {
    pressure: Option<Timestamp>,
    free_flow: Option<Timestamp>,
    stopped_flow: Option<Timestamp>,
    reverse_flow: Option<Timestamp>,
    temperature: Option<Timestamp>,
}

/// Whether `stands` has been true without a break for `least`.
fn lasts(since: &mut Option<Timestamp>, now: Timestamp, stands: bool, least: Duration) -> bool {
    *since = if stands { since.or(Some(now)) } else { None };
    since.is_some_and(|since| now.since(since) >= least)
}

/// Every alarm whose cause is there.
pub(crate) fn conditions(
    protocol: &Protocol,
    state: &mut State,
    now: Timestamp,
    readings: &Readings,
) -> AlarmSet {
    if matches!(state.mode, Mode::Off | Mode::Post) {
        return AlarmSet::EMPTY;
    }
    let mut timers = state.timers;
    let flow = flow_alarms(protocol, state, &mut timers, now, readings);
    let sensors = sensor_alarms(protocol, state, &mut timers, now, readings);
    state.timers = timers;
    let people = people_alarms(protocol, state, now);
    flow.union(sensors)
        .union(people)
        .union(dose_alarms(protocol, state))
}

fn set<const N: usize>(rows: [(Alarm, bool); N]) -> AlarmSet {
    rows.into_iter()
        .fold(AlarmSet::EMPTY, |set, (alarm, stands)| {
            set.with(alarm, stands)
        })
}

/// What a flow sensor, a pressure sensor and a connector show (profile P2).
fn flow_alarms(
    protocol: &Protocol,
    state: &State,
    timers: &mut Timers,
    now: Timestamp,
    readings: &Readings,
) -> AlarmSet {
    let sensing = protocol.sensing();
    let flow = value(readings.flow).unwrap_or(Flow::ZERO);
    let measured = state.contents.drug().rate_of(flow);
    let expected = state.asked_rate();
    let stopped = expected == DoseRate::ZERO && !matches!(state.mode, Mode::Prime);
    let sigma = sensing.flow_sigma.nanolitres_per_hour();
    let twice = sigma.saturating_mul(2);
    let harm = DoseRate::from_nanograms_per_hour(protocol.limits().excess.nanograms());
    let free = !matches!(state.mode, Mode::Prime) && measured > expected.saturating_add(harm);
    let running = stopped && flow.nanolitres_per_hour() > twice;
    let backwards = flow.nanolitres_per_hour() < twice.saturating_neg();
    let wrong = sensing.wrong_flow_for;
    let blocked = state
        .alarms
        .panel()
        .condition
        .contains(Alarm::OcclusionDownstream);
    let limit = if blocked {
        sensing.pressure_gone
    } else {
        sensing.pressure_most
    };
    let pressure = value(readings.pressure).is_some_and(|pressure| pressure > limit);
    let air = value(readings.air).unwrap_or_default();
    let open = state.on_patient() && value(readings.connector) == Some(false);
    set([
        (
            Alarm::FreeFlow,
            lasts(&mut timers.free_flow, now, free, sensing.free_flow_for)
                | lasts(&mut timers.stopped_flow, now, running, wrong),
        ),
        (
            Alarm::ReverseFlow,
            lasts(&mut timers.reverse_flow, now, backwards, wrong),
        ),
        (
            Alarm::OcclusionDownstream,
            lasts(&mut timers.pressure, now, pressure, sensing.pressure_for),
        ),
        (Alarm::AirInLine, air >= sensing.air[0]),
        (Alarm::LineDisconnect, open),
    ])
}

/// What the pump and its sensors say of themselves.
fn sensor_alarms(
    protocol: &Protocol,
    state: &State,
    timers: &mut Timers,
    now: Timestamp,
    readings: &Readings,
) -> AlarmSet {
    let (sensing, timing) = (protocol.sensing(), protocol.timing());
    let [cold, warm] = sensing.temperature;
    let outside = value(readings.temperature).is_some_and(|it| it < cold || it > warm);
    let battery = value(readings.battery).unwrap_or(Duration::MAX);
    let age = state.exchange.age(now);
    let [link_low, link_medium] = timing.link;
    let in_use = state.mode.is_therapy();
    let left = state.reservoir.time_left(sensing, state.asked_flow());
    let [soon, very_soon] = timing.empty;
    let empty = value(readings.state) == Some(PumpState::Empty);
    set([
        (
            Alarm::TemperatureOutOfRange,
            lasts(
                &mut timers.temperature,
                now,
                outside,
                sensing.temperature_for,
            ),
        ),
        (Alarm::BatteryLow, battery < sensing.battery[0]),
        (Alarm::BatteryCritical, battery < sensing.battery[1]),
        (Alarm::LinkLost, in_use && age > link_low),
        (Alarm::LinkLostLong, in_use && age > link_medium),
        (
            Alarm::CommandUncertain,
            state.exchange.uncertain(timing, now),
        ),
        (
            Alarm::SensorFault,
            state.says_nonsense || silent(readings, sensing.dropout, now),
        ),
        (Alarm::ReservoirLow, in_use && left <= soon),
        (Alarm::ReservoirVeryLow, in_use && left <= very_soon),
        (
            Alarm::ReservoirEmpty,
            in_use && (empty || left == Duration::ZERO),
        ),
        (Alarm::ReservoirDiscrepancy, state.reservoir.discrepancy()),
    ])
}

/// A sensor that is fitted and has not spoken for too long.
fn silent(readings: &Readings, dropout: Duration, now: Timestamp) -> bool {
    let spoken = [
        at(readings.flow),
        at(readings.pressure),
        at(readings.air),
        at(readings.temperature),
    ];
    spoken
        .into_iter()
        .flatten()
        .any(|at| now.since(at) > dropout)
}

/// What people saw, flagged, or have not done.
fn people_alarms(protocol: &Protocol, state: &State, now: Timestamp) -> AlarmSet {
    let (rules, timing) = (protocol.observation(), protocol.timing());
    let titration = &state.titration;
    let in_use = state.mode.is_therapy();
    let age = state.observation_age(now);
    let paused = |most| matches!(state.mode, Mode::Paused) && state.gap(now) > most;
    let unstarted = matches!(state.mode, Mode::Idle)
        && state
            .authorised_at
            .is_some_and(|at| now.since(at) > timing.start_within);
    set([
        (
            Alarm::OverdoseSigns,
            titration.overdose_confirmed() || state.overdose_flag,
        ),
        (Alarm::WithdrawalSigns, state.withdrawal_stands(rules)),
        (Alarm::ObservationOverdue, in_use && age > rules.age_most),
        (Alarm::ObservationMissing, in_use && age > rules.missing),
        (
            Alarm::ObservationInconsistent,
            titration.inconsistent() || titration.overdose_suspected(),
        ),
        (Alarm::PausedLong, paused(timing.pause_most)),
        (Alarm::StartRequired, unstarted),
        (Alarm::DwellTime, state.dwell(now) >= timing.dwell[0]),
        (Alarm::BridgeIncomplete, in_use && state.contents.bridging()),
        (
            Alarm::LimitClamped,
            state.refusals.stand(now) || state.rung_refused.is_some(),
        ),
        (
            Alarm::RestartNeedsAuthorisation,
            state.gap_needs_authorisation(protocol, now),
        ),
    ])
}

/// What the ledger shows.
fn dose_alarms(protocol: &Protocol, state: &State) -> AlarmSet {
    if !state.mode.is_therapy() {
        return AlarmSet::EMPTY;
    }
    let deficit = state.deficit_permille(protocol);
    set([
        (Alarm::DoseDeficit50, deficit >= 500),
        (Alarm::DoseDeficit20, deficit >= 200),
        (Alarm::DoseDeficit10, deficit >= 100),
        (Alarm::OverDelivery, over_delivered(protocol, state)),
    ])
}

/// AL-01: an excess that harms, beyond the stated error of whatever shows it.
fn over_delivered(protocol: &Protocol, state: &State) -> bool {
    let excess = protocol.limits().excess.nanograms();
    let tolerance = u64::from(protocol.limits().pump_tolerance_permille);
    let gain = u64::from(protocol.sensing().flow_gain_permille);
    let offset = state
        .contents
        .drug()
        .rate_of(protocol.sensing().flow_offset);
    let beyond = |window: Window, hours: u64, permille_over: u64| {
        let account = state.ledger.window(window);
        let planned = account.planned.nanograms();
        let share = |dose: u64, permille: u64| {
            dose.saturating_mul(permille)
                .checked_div(1_000)
                .unwrap_or_default()
        };
        let measured = account.measured.nanograms();
        let error =
            share(measured, gain).saturating_add(offset.nanograms_per_hour().saturating_mul(hours));
        let at_most = account.given.high.nanograms();
        let least_over = share(planned, permille_over);
        [(measured, error), (at_most, share(planned, tolerance))]
            .into_iter()
            .any(|(given, error)| {
                let over = given.saturating_sub(planned).saturating_sub(error);
                over >= excess && given.saturating_sub(error) > planned.saturating_add(least_over)
            })
    };
    beyond(Window::Hour, 1, 0) || beyond(Window::SixHours, 6, 100)
}

/// Alarms that stand one priority higher by their own rule.
pub(crate) fn escalated(protocol: &Protocol, state: &State, now: Timestamp) -> AlarmSet {
    let rules = protocol.observation();
    set([
        (
            Alarm::DwellTime,
            state.dwell(now) >= protocol.timing().dwell[1],
        ),
        (
            Alarm::ObservationInconsistent,
            state.titration.unresolved(rules, now),
        ),
        (Alarm::LimitClamped, state.refusals.frequent(now)),
    ])
}

/// The first member of the STOP set that stands; one that closes the line goes before the others.
pub(crate) fn stop_cause(state: &State) -> Option<StopCause> {
    let stopping = state.alarms.panel().active.intersection(AlarmSet::STOPPING);
    let causes = || stopping.iter().filter_map(Alarm::stops);
    let clamping = causes().find(|cause| cause.clamps());
    clamping
        .or_else(|| causes().next())
        .or_else(|| state.ordered_stop.then_some(StopCause::Ordered))
}

/// Whether the pump was told to prime and has stopped by itself.
pub(crate) fn prime_is_over(state: &State, readings: &Readings) -> bool {
    let told = matches!(state.exchange.in_force(), Some(Action::Prime { .. }));
    told && value(readings.state).is_some_and(|state| state != PumpState::Priming)
}

fn value<T>(reading: Reading<T>) -> Option<T> {
    reading.ok().map(|sample| sample.value)
}

fn at<T>(reading: Reading<T>) -> Option<Timestamp> {
    reading.ok().map(|sample| sample.at)
}
