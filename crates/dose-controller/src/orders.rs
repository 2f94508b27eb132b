//! What a person may change, and what is refused with a reason.
//!
//! Whoever has not said who they are changes nothing, not even by a stop: stopping this drug harms as well,
//! and a hand on the panel may be anybody's. The alarm that it raises calls somebody who may (AL-24).

use core::time::Duration;

use infusion_types::{
    Alarm, Concentration, DailyDose, DoseRate, Limits, Line, Mode, Order, OrderKind, Reason,
    Refusal, Timestamp, User, Volume, door,
};

use crate::guard::{self, PlanHistory};
use crate::ledger::Window;
use crate::mode::Situation;
use crate::protocol::Protocol;
use crate::reservoir::{Finding, Reservoir};
use crate::state::State;
use crate::wean::Wean;

/// A critical value that one user has given and a second one has not (SR-74).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) enum Pending {
    Dose(DailyDose, User, Timestamp),
    Drug(Concentration, User, Timestamp),
}

impl Pending {
    /// When it was given.
    pub(crate) const fn at(self) -> Timestamp {
        match self {
            Self::Dose(.., at) | Self::Drug(.., at) => at,
        }
    }
}

type Outcome = Result<Option<Reason>, Refusal>;

/// Applies one order, if somebody is known to have given it; `situation` collects what bears on the mode.
pub(crate) fn apply(
    protocol: &Protocol,
    state: &mut State,
    (now, order): (Timestamp, &Order),
    situation: &mut Situation,
) -> Outcome {
    if order.by == User::STRANGER {
        state.security.alert(now);
        return Err(Refusal::Stranger);
    }
    match order.what {
        OrderKind::Authorise(raw) => authorise(protocol, state, now, (raw, order.by)),
        OrderKind::SetConcentration(raw) => set_drug(protocol, state, now, (raw, order.by)),
        OrderKind::Start => start(protocol, state, now, situation),
        OrderKind::Resume => resume(protocol, state, now, situation),
        OrderKind::ConfirmComplete => complete(protocol, state, now, situation),
        OrderKind::HoldToRun => hold_to_run(protocol, state, now),
        OrderKind::VolumeCheck(raw) => volume_check(protocol, state, now, raw),
        OrderKind::Refilled(raw) => {
            let filled = volume(raw)?;
            state.reservoir = Reservoir::new(filled, now);
            state.refill.fill(now, protocol.timing().second_user_within);
            Ok(None)
        }
        OrderKind::EnterUnprimed(raw) => {
            let empty = volume(raw)?;
            state.contents.enter_unprimed(empty);
            state.primed = protocol.line().open;
            Ok(None)
        }
        OrderKind::Pause if state.in_session() || situation.start => {
            state.ordered_pause = true;
            state.ordered_unread |= !state.exchange.is_read();
            situation.resume = false;
            Ok(None)
        }
        OrderKind::Pause => Err(Refusal::WrongMode(state.mode)),
        OrderKind::Stop
        | OrderKind::SkipDecrement
        | OrderKind::FlagWithdrawal
        | OrderKind::FlagOverdose
        | OrderKind::Acknowledge(_)
        | OrderKind::PauseAudio
        | OrderKind::DeclareLine(_)
        | OrderKind::CatheterOut => {
            note(state, now, order, situation.start);
            Ok(None)
        }
    }
}

/// Orders that cannot be refused; `starts` says that a therapy begins in this cycle.
fn note(state: &mut State, now: Timestamp, order: &Order, starts: bool) {
    match order.what {
        OrderKind::Stop => {
            // Where nothing runs there is nothing to stop but a prime.
            state.ordered_stop |= state.in_session() || starts;
            state.ordered_unread |= state.ordered_stop && !state.exchange.is_read();
            state.prime_until = now;
        }
        OrderKind::SkipDecrement => {
            if let Some(wean) = &mut state.wean {
                wean.skip();
            }
        }
        OrderKind::FlagWithdrawal => state.withdrawal_flag = true,
        OrderKind::FlagOverdose => state.overdose_flag = true,
        OrderKind::Acknowledge(alarm) => {
            state.alarms.acknowledge(alarm);
            state.withdrawal_flag &= alarm != Alarm::WithdrawalSigns;
            state.overdose_flag &= alarm != Alarm::OverdoseSigns;
            if alarm == Alarm::PlanCorrupt {
                state.platform.seen();
            }
        }
        OrderKind::PauseAudio => state.alarms.pause_audio(now),
        OrderKind::DeclareLine(line) => state.declare(line, now),
        OrderKind::CatheterOut => state.catheter_since = None,
        OrderKind::Authorise(_)
        | OrderKind::Start
        | OrderKind::Pause
        | OrderKind::Resume
        | OrderKind::HoldToRun
        | OrderKind::SetConcentration(_)
        | OrderKind::ConfirmComplete
        | OrderKind::EnterUnprimed(_)
        | OrderKind::VolumeCheck(_)
        | OrderKind::Refilled(_) => {}
    }
}

fn volume(raw: f64) -> Result<Volume, Refusal> {
    door::volume_ul(raw).map_err(Refusal::BadValue)
}

/// The dose that a second user has confirmed, if this order is the second of a pair.
fn authorise(
    protocol: &Protocol,
    state: &mut State,
    now: Timestamp,
    (raw, by): (f64, User),
) -> Outcome {
    let dose = door::daily_dose_ug(raw).map_err(Refusal::BadValue)?;
    check_dose(protocol, state, now, dose)?;
    if state.mode.is_therapy() && !state.gap_over(protocol, now) {
        hears(protocol, state, now)?;
    }
    let window = protocol.timing().second_user_within;
    let paired = match state.pending {
        Some(Pending::Dose(other, user, at)) => {
            other == dose && user != by && within(now, at, window)
        }
        Some(Pending::Drug(..)) | None => false,
    };
    if !paired {
        state.pending = Some(Pending::Dose(dose, by, now));
        return Ok(None);
    }
    state.pending = None;
    state.authorised_at = Some(now);
    let quantum = guard::quantum(protocol.limits(), state.contents.drug());
    let rate = dose.rate().to_nearest(quantum);
    state.authorised = rate;
    if state.mode.is_therapy() && !state.gap_over(protocol, now) {
        return Ok(change_plan(protocol, state, now, rate));
    }
    Ok(None)
}

/// A pump that cannot be heard is not told to begin, to go on, or to change: the order would be carried out
/// at some later time, when nobody thinks of it any more.
fn hears(protocol: &Protocol, state: &State, now: Timestamp) -> Result<(), Refusal> {
    if state.may_command(protocol, now) {
        Ok(())
    } else {
        Err(Refusal::PumpSilent)
    }
}

/// What may be authorised at all, now.
fn check_dose(
    protocol: &Protocol,
    state: &State,
    now: Timestamp,
    dose: DailyDose,
) -> Result<(), Refusal> {
    let (limits, rate) = (protocol.limits(), dose.rate());
    if dose > limits.ceiling {
        return Err(Refusal::AboveCeiling { wanted: dose });
    }
    for drug in state.contents.drugs() {
        check_deliverable(limits, drug, rate)?;
    }
    let most = state.gap_dose(protocol, now);
    if state.gap_over(protocol, now) {
        return if dose > most {
            Err(Refusal::AboveGapDose { wanted: dose, most })
        } else {
            Ok(())
        };
    }
    let left = state
        .history
        .peak(now)
        .permille_up(limits.kept_in_24h_permille);
    if state.mode.is_therapy() && rate < left {
        Err(Refusal::SlopeSpent)
    } else {
        Ok(())
    }
}

/// A rate that the pump cannot give is refused, never rounded (SR-17).
fn check_deliverable(limits: &Limits, drug: Concentration, rate: DoseRate) -> Result<(), Refusal> {
    let least = guard::least(limits, drug);
    if rate < least {
        let wanted = rate;
        return Err(Refusal::BelowPumpFloor { wanted, least });
    }
    if guard::deliverable(limits, drug, rate) {
        Ok(())
    } else {
        Err(Refusal::AbovePumpMost { wanted: rate })
    }
}

/// The plan becomes what two users want of it.
fn change_plan(
    protocol: &Protocol,
    state: &mut State,
    now: Timestamp,
    rate: DoseRate,
) -> Option<Reason> {
    let from = state.plan;
    state.limit = rate;
    state.plan = rate;
    state.rung_refused = None;
    state.history.change(now, rate);
    state.exchange.attend();
    if let Some(wean) = &mut state.wean {
        wean.rebase(protocol.wean(), now);
    }
    Some(Reason::Authorised { from, to: rate })
}

fn set_drug(
    protocol: &Protocol,
    state: &mut State,
    now: Timestamp,
    (raw, by): (f64, User),
) -> Outcome {
    let drug = door::concentration_ug_per_ml(raw).map_err(Refusal::BadValue)?;
    let window = protocol.timing().second_user_within;
    if state.in_session()
        && let Err(refusal) = check_deliverable(protocol.limits(), drug, state.plan)
    {
        state.refill.refuse(now, window, (drug, by));
        return Err(refusal);
    }
    let paired = match state.pending {
        Some(Pending::Drug(other, user, at)) => {
            other == drug && user != by && within(now, at, window)
        }
        Some(Pending::Dose(..)) | None => false,
    };
    if paired {
        state.pending = None;
        state.rung_refused = None;
        if !state.contents.refill(drug, protocol.line().to_tip) {
            state.refill.lose();
            return Err(Refusal::TooManyFronts);
        }
        state.refill.know();
    } else {
        state.pending = Some(Pending::Drug(drug, by, now));
    }
    Ok(None)
}

fn within(now: Timestamp, then: Timestamp, window: Duration) -> bool {
    now.since(then) <= window
}

fn start(
    protocol: &Protocol,
    state: &mut State,
    now: Timestamp,
    situation: &mut Situation,
) -> Outcome {
    if state.mode != Mode::Idle {
        return Err(Refusal::WrongMode(state.mode));
    }
    if let Some(alarm) = state.hinders_start() {
        return Err(Refusal::AlarmStands(alarm));
    }
    let recent = state
        .authorised_at
        .is_some_and(|at| within(now, at, protocol.timing().start_within));
    if !recent {
        return Err(Refusal::NotAuthorised);
    }
    if state.primed < protocol.line().open || state.line != Some(Line::Connected) {
        return Err(Refusal::NotPrimed);
    }
    let next_drug = state.contents.next_drug();
    check_deliverable(protocol.limits(), next_drug, state.authorised)?;
    hears(protocol, state, now)?;
    situation.start = true;
    // From idle every wean is a new one.
    state.wean = None;
    begin(protocol, state, now);
    Ok(Some(Reason::Started { at: state.plan }))
}

/// Therapy begins, for the first time or after a gap, at what is authorised.
fn begin(protocol: &Protocol, state: &mut State, now: Timestamp) {
    state.plan = state.authorised;
    state.limit = state.authorised;
    state.history = PlanHistory::constant(state.plan);
    match &mut state.wean {
        Some(wean) => wean.rebase(protocol.wean(), now),
        None => state.wean = Some(Wean::start(protocol.wean(), now, state.plan)),
    }
}

fn resume(
    protocol: &Protocol,
    state: &mut State,
    now: Timestamp,
    situation: &mut Situation,
) -> Outcome {
    if !matches!(state.mode, Mode::Paused | Mode::Stopped) {
        return Err(Refusal::WrongMode(state.mode));
    }
    if !state.platform.record_agrees() {
        // What is loaded is not what was signed for (SR-80).
        let alarm = state.hinders_start().unwrap_or(Alarm::SelfTestFail);
        return Err(Refusal::AlarmStands(alarm));
    }
    hears(protocol, state, now)?;
    state.ordered_stop = false;
    state.ordered_pause = false;
    if let Some(alarm) = state.blocking_stop() {
        return Err(Refusal::AlarmStands(alarm));
    }
    if !state.gap_over(protocol, now) {
        situation.resume = true;
        state.restarts.attended();
        return Ok(Some(Reason::Started { at: state.plan }));
    }
    if state.gap_needs_authorisation(protocol, now) {
        return Err(Refusal::GapNeedsAuthorisation);
    }
    let next_drug = state.contents.next_drug();
    check_deliverable(protocol.limits(), next_drug, state.authorised)?;
    situation.resume = true;
    state.restarts.attended();
    begin(protocol, state, now);
    Ok(Some(Reason::Started { at: state.plan }))
}

fn complete(
    protocol: &Protocol,
    state: &mut State,
    now: Timestamp,
    situation: &mut Situation,
) -> Outcome {
    if !matches!(state.mode, Mode::Active | Mode::Hold) {
        return Err(Refusal::WrongMode(state.mode));
    }
    if !state.may_complete(protocol, now) {
        return Err(Refusal::NotAtFloor);
    }
    situation.complete = true;
    Ok(Some(Reason::Completed))
}

fn hold_to_run(protocol: &Protocol, state: &mut State, now: Timestamp) -> Outcome {
    if !matches!(state.mode, Mode::Idle | Mode::Prime) {
        return Err(Refusal::WrongMode(state.mode));
    }
    if state.line != Some(Line::Open) {
        return Err(Refusal::LineNotOpen);
    }
    if let Some(alarm) = state.blocking_stop() {
        return Err(Refusal::AlarmStands(alarm));
    }
    // A line that is full is not primed any further, however long somebody holds the button.
    state.prime_until = now.after(protocol.timing().prime_lease);
    Ok(None)
}

fn volume_check(protocol: &Protocol, state: &mut State, now: Timestamp, raw: f64) -> Outcome {
    let weighed = volume(raw)?;
    let planned = state.ledger.window(Window::Day).planned;
    let drug = state.contents.drug();
    match state
        .reservoir
        .weigh(protocol, (planned, drug), now, weighed)
    {
        Finding::Agrees | Finding::Doubtful => {}
        Finding::Discrepant {
            since,
            missing,
            extra,
        } => {
            let (missing, extra) = (missing.dose(drug), extra.dose(drug));
            let apart = state.ledger.misplace(since, missing, extra);
            state.own_count.widen(apart);
        }
    }
    Ok(None)
}
