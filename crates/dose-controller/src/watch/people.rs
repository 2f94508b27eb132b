//! What people saw, flagged, or have not done.

use infusion_types::{Alarm, AlarmSet, Mode, Timestamp};

use super::set;
use crate::protocol::Protocol;
use crate::state::State;

pub(super) fn alarms(protocol: &Protocol, state: &State, now: Timestamp) -> AlarmSet {
    let (rules, timing) = (protocol.observation(), protocol.timing());
    let titration = &state.titration;
    let in_use = state.in_session();
    let age = state.observation_age(now);
    let paused = |most| matches!(state.mode, Mode::Paused) && state.gap(now) > most;
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
        (Alarm::StartRequired, state.left_idle(now) >= timing.idle[0]),
        (Alarm::ConcentrationMismatch, state.refill.is_unknown()),
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
