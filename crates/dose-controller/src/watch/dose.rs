//! What the ledger shows, and while priming what a flow sensor has seen of it.

use infusion_types::{Alarm, AlarmSet, Mode};

use super::{Timers, set};
use crate::ledger::Window;
use crate::protocol::Protocol;
use crate::state::State;

/// What raises the alarms of a deficit, in thousandths of a day's plan (SR-10).
const DEFICITS: [(Alarm, u32); 3] = [
    (Alarm::DoseDeficit50, 500),
    (Alarm::DoseDeficit20, 200),
    (Alarm::DoseDeficit10, 100),
];
/// They go when it is this much less again. A flow sensor's noise moves it by some tenths of a thousandth in
/// an hour, and the step of a window by up to three and a half: neither makes an alarm come and go (SR-72).
const GONE_BELOW: u32 = 10;

pub(super) fn alarms(protocol: &Protocol, state: &State, timers: &Timers) -> AlarmSet {
    if matches!(state.mode, Mode::Prime) {
        return set([(Alarm::OverDelivery, over_primed(protocol, state, timers))]);
    }
    if !state.in_session() {
        return AlarmSet::EMPTY;
    }
    let over = set([(Alarm::OverDelivery, over_delivered(protocol, state))]);
    deficits(state, state.deficit_permille(protocol)).union(over)
}

fn deficits(state: &State, missing: u32) -> AlarmSet {
    let stood = state.alarms.panel().condition;
    set(DEFICITS.map(|(alarm, from)| {
        let least = if stood.contains(alarm) {
            from.saturating_sub(GONE_BELOW)
        } else {
            from
        };
        (alarm, missing >= least)
    }))
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

/// AL-01 in a prime: more has left the open line than it holds, by what would harm, beyond the stated
/// errors of pump and sensor.
fn over_primed(protocol: &Protocol, state: &State, timers: &Timers) -> bool {
    let limits = protocol.limits();
    let tolerance = u64::from(limits.pump_tolerance_permille).saturating_add(1_000);
    let gain = u64::from(protocol.sensing().flow_gain_permille).saturating_add(1_000);
    let moved = timers.primed.dose(state.contents.drug()).nanograms();
    let at_least = moved.saturating_mul(1_000).checked_div(gain);
    let holds = protocol.line().open.dose(state.contents.drug()).nanograms();
    let sound = holds.saturating_mul(tolerance).checked_div(1_000);
    let most = sound
        .unwrap_or(u64::MAX)
        .saturating_add(limits.excess.nanograms());
    at_least.is_some_and(|moved| moved > most)
}
