//! From readings to conditions: which alarms have their cause now.
//!
//! | module | senses |
//! |---|---|
//! | `flow` | flow, pressure, air and connector in the line (profile P2) |
//! | `blocked` | flow that has been missing for long |
//! | `trust` | a sensor that is stuck, or jumps |
//! | `drain` | CSF in the bag |
//! | `pump` | the pump: link, read-back, reservoir, battery, temperature, motor |
//! | `platform` | what the controller runs on |
//! | `wall` | the clock on the wall |
//! | `people` | what people saw, flagged, or have not done |
//! | `dose` | what the ledger shows |
//!
//! Thresholds of sensors and people are numbers of the protocol; the steps of the alarm table itself (10, 20
//! and 50 % of a day's plan, 10 % over 6 h, half of the set flow, 3 of 10 readings) stand here. All are in
//! micrograms and time, never in millilitres per hour, which would be empty or lethal at this flow.
//!
//! While no report is fresh (SR-30), no alarm that needs one comes or goes: what was shown stands, and the
//! time by which causes must last stands still.
//!
//! Not here yet: AL-12 by wetness, pressure or balance; AL-28 for a pressure sensor that jumps (its sigma
//! is not declared).

mod blocked;
mod dose;
mod drain;
mod flow;
mod people;
mod platform;
mod pump;
mod trust;
mod wall;

use core::time::Duration;

use infusion_types::{
    Action, Alarm, AlarmSet, Mode, PumpState, Reading, Readings, StopCause, Timestamp, Volume,
};

use crate::account::moved;
use crate::alarms::Raised;
use crate::protocol::Protocol;
use crate::report::report_lasts;
use crate::state::State;

pub(crate) use blocked::Blocked;
pub(crate) use drain::Drain;
pub(crate) use platform::Platform;
pub(crate) use trust::Trust;

/// Alarms that come and go by what the pump reports, and by nothing else.
const FROM_REPORTS: AlarmSet = AlarmSet::EMPTY
    .with(Alarm::FreeFlow, true)
    .with(Alarm::ReverseFlow, true)
    .with(Alarm::OcclusionDownstream, true)
    .with(Alarm::OcclusionUpstream, true)
    .with(Alarm::AirInLine, true)
    .with(Alarm::LineDisconnect, true)
    .with(Alarm::MotorStall, true)
    .with(Alarm::SensorFault, true)
    .with(Alarm::BatteryLow, true)
    .with(Alarm::BatteryCritical, true)
    .with(Alarm::CsfOverdrainage, true)
    .with(Alarm::TemperatureOutOfRange, true);

/// What has been gone for so long is over. An assumption: with it an alarm comes at most four times an hour
/// (SR-72).
const CALM: Duration = Duration::from_secs(900);

/// Since when something has stood that matters only when it lasts, and what was made out of readings.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Timers {
    pressure: Option<Timestamp>,
    free_flow: Option<Timestamp>,
    stopped_flow: Option<Timestamp>,
    reverse_flow: Option<Timestamp>,
    temperature: Option<Timestamp>,
    stalled: Option<Timestamp>,
    air: Option<Timestamp>,
    much_air: Option<Timestamp>,
    /// When the link was last silent for too long.
    silent: Option<Timestamp>,
    /// When there was last air to be told of.
    bubble: Option<Timestamp>,
    /// When a sensor last looked broken.
    distrusted: Option<Timestamp>,
    blocked: Blocked,
    /// More air than may be in the line.
    air_stops: bool,
    /// What a flow sensor saw of the prime.
    pub(crate) primed: Volume,
    /// How long nothing was heard, since the controller was switched on.
    unheard: Duration,
    /// The last look, and whether it was into silence.
    looked: Option<(Timestamp, bool)>,
}

impl Timers {
    /// The time by which it is judged whether something lasts. In a silence it stands still, and between two looks that
    /// lie further apart than a report may be old: two readings an hour apart do not show an hour.
    fn heard_time(&mut self, now: Timestamp, hears: bool, longest: Duration) -> Timestamp {
        let (then, silent) = self.looked.unwrap_or((now, false));
        if silent || !hears || now.since(then) > longest {
            self.unheard = self.unheard.saturating_add(now.since(then));
        }
        self.looked = Some((now, !hears));
        now.before(self.unheard)
    }

    /// Whether every time in it lies before `now`.
    pub(crate) fn are_past(&self, now: Timestamp) -> bool {
        let times = [
            self.pressure,
            self.free_flow,
            self.stopped_flow,
            self.reverse_flow,
            self.temperature,
            self.stalled,
            self.air,
            self.much_air,
            self.silent,
            self.bubble,
            self.distrusted,
            self.looked.map(|(at, _)| at),
        ];
        times.into_iter().flatten().all(|at| at <= now)
    }
}

/// Whether `stands` has been true without a break for `least`.
fn lasts(since: &mut Option<Timestamp>, now: Timestamp, stands: bool, least: Duration) -> bool {
    *since = if stands { since.or(Some(now)) } else { None };
    since.is_some_and(|since| now.since(since) >= least)
}

/// Whether `stands` is true, or was within `calm`: what comes and goes is one alarm, not many (SR-72).
fn lingers(last: &mut Option<Timestamp>, now: Timestamp, stands: bool, calm: Duration) -> bool {
    if stands {
        *last = Some(now);
    }
    *last = last.filter(|at| stands || now.since(*at) < calm);
    last.is_some()
}

/// Every alarm whose cause is there, or that waits for a person.
pub(crate) fn conditions(
    protocol: &Protocol,
    state: &mut State,
    now: Timestamp,
    readings: &Readings,
) -> AlarmSet {
    let platform = state.platform.shown();
    // Before anybody depends on the pump there is nothing to watch but the platform. What the pump showed
    // before a reset stands until it is looked at again.
    if matches!(state.mode, Mode::Off | Mode::Post) && !state.in_session() {
        let before = state.restarts.shown().intersection(FROM_REPORTS);
        return platform.union(before);
    }
    let mut timers = state.timers;
    let hears = state.hears(protocol, now);
    let heard = timers.heard_time(now, hears, report_lasts(protocol.timing()));
    let reported = if hears {
        let flow = flow::alarms(protocol, state, &mut timers, (heard, readings));
        let pump = pump::reported(protocol, state, &mut timers, (heard, now, readings));
        state
            .drain
            .see(protocol.sensing(), now, readings.drained_csf);
        let presses = timers.pressure.is_some();
        let stops = presses && flow.contains(Alarm::OcclusionDownstream) && state.in_session();
        let gone = !presses && readings.pressure.is_ok();
        state.restarts.see_pressure(stops, gone);
        flow.union(pump)
    } else {
        state.restarts.shown().intersection(FROM_REPORTS)
    };
    let pump = pump::alarms(protocol, state, &mut timers, now);
    let people = people::alarms(protocol, state, now);
    let dose = dose::alarms(protocol, state, &timers);
    state.timers = timers;
    let shown = reported.union(pump).union(people).union(dose);
    state.restarts.hold(shown.union(platform))
}

fn set<const N: usize>(rows: [(Alarm, bool); N]) -> AlarmSet {
    rows.into_iter()
        .fold(AlarmSet::EMPTY, |set, (alarm, stands)| {
            set.with(alarm, stands)
        })
}

/// Alarms that stand above the table's priority by their own rule.
pub(crate) fn raised(protocol: &Protocol, state: &State, now: Timestamp) -> Raised {
    let (rules, timing) = (protocol.observation(), protocol.timing());
    let by_one = set([
        (Alarm::AirInLine, state.timers.air_stops),
        (Alarm::DwellTime, state.dwell(now) >= timing.dwell[1]),
        (
            Alarm::ObservationInconsistent,
            state.titration.unresolved(rules, now),
        ),
        (Alarm::LimitClamped, state.refusals.frequent(now)),
        (Alarm::StartRequired, state.left_idle(now) >= timing.idle[1]),
        (Alarm::SecurityEvent, state.runs_a_strange_rate()),
    ]);
    let platform = state.platform.raised(now);
    Raised {
        by_one: by_one.union(state.restarts.locked()).union(platform),
        to_high: set([(
            Alarm::ObservationInconsistent,
            state.titration.unconfirmed(rules, now),
        )]),
    }
}

/// The alarm that stops, and how; one that closes the line goes before the others.
///
/// What only waits for a person does not hinder the one who goes on.
pub(crate) fn stop_alarm(state: &State) -> Option<(Alarm, StopCause)> {
    let panel = state.alarms.panel();
    let active = panel.active.without(state.restarts.only_kept());
    let stopping = active.intersection(AlarmSet::STOPPING);
    let causes = || {
        stopping
            .iter()
            .filter_map(|alarm| Some((alarm, alarm.stops()?)))
    };
    let air = active
        .intersection(panel.escalated)
        .contains(Alarm::AirInLine);
    causes()
        .find(|(_, cause)| cause.clamps())
        .or_else(|| causes().next())
        .or_else(|| air.then_some((Alarm::AirInLine, StopCause::Air)))
}

/// The member of the STOP set that stands.
pub(crate) fn stop_cause(state: &State) -> Option<StopCause> {
    stop_alarm(state)
        .map(|(_, cause)| cause)
        .or_else(|| state.ordered_stop.then_some(StopCause::Ordered))
}

/// Whether the pump was told to prime and has stopped by itself, with no more left than one lease is worth: with more,
/// its lease has ended.
pub(crate) fn prime_is_over(protocol: &Protocol, state: &State, readings: &Readings) -> bool {
    let told = matches!(state.exchange.in_force(), Some(Action::Prime { .. }));
    let left = protocol.line().open.saturating_sub(state.primed);
    let a_lease = moved(protocol.limits().flow_prime, protocol.timing().prime_lease);
    told && left <= a_lease
        && value(readings.state).is_some_and(|state| state != PumpState::Priming)
}

fn value<T>(reading: Reading<T>) -> Option<T> {
    reading.ok().map(|sample| sample.value)
}
