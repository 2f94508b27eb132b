//! A decision for every word that a decision can say.

use infusion_types::{
    Alarm, AlarmPanel, AlarmSet, Asks, Command, DailyDose, Decision, Dose, DoseEstimate, DoseRate,
    HoldCause, Mode, NoData, Quiet, Reason, Refusal, Send, Session, StopCause, Timestamp, Volume,
    Wait,
};

use super::actions;

const DOSE: DailyDose = DailyDose::from_nanograms_per_day(9);

fn refusals() -> Vec<Refusal> {
    let rate = DoseRate::from_nanograms_per_hour;
    let (to, wanted) = (rate(0), rate(5));
    let (dose, most) = (DOSE, DailyDose::ZERO);
    let bad = |bits| NoData::NotFinite { bits };
    vec![
        Refusal::BadValue(bad(f64::NAN.to_bits())),
        Refusal::BadValue(NoData::NeverSeen),
        Refusal::BelowPumpFloor { wanted, least: to },
        Refusal::AbovePumpMost { wanted },
        Refusal::AboveCeiling { wanted: dose },
        Refusal::AboveGapDose { wanted: dose, most },
        Refusal::SlopeSpent,
        Refusal::NotAuthorised,
        Refusal::GapNeedsAuthorisation,
        Refusal::NotPrimed,
        Refusal::LineNotOpen,
        Refusal::WrongMode(Mode::Fallback),
        Refusal::AlarmStands(Alarm::FreeFlow),
        Refusal::NotAtFloor,
        Refusal::TooManyFronts,
        Refusal::PumpSilent,
        Refusal::Stranger,
        Refusal::ByPump,
    ]
}

fn reasons_of_a_decision() -> impl Iterator<Item = Reason> {
    let rate = DoseRate::from_nanograms_per_hour;
    let (from, to) = (rate(u64::MAX), rate(0));
    let waits = [
        Wait::NotDue {
            at: Timestamp::NEVER,
        },
        Wait::FreshAssessment,
        Wait::SecondAssessment,
        Wait::Response,
        Wait::Alarm(Alarm::WithdrawalSigns),
        Wait::AfterWithdrawal,
        Wait::Bridge,
        Wait::LastRung,
        Wait::Skipped,
        Wait::Slope,
        Wait::Report,
    ];
    let holds = [
        HoldCause::Alarm(Alarm::SensorFault),
        HoldCause::OverdoseUnconfirmed,
        HoldCause::Unreconciled,
    ];
    let plain = [
        Reason::NotStarted,
        Reason::Priming,
        Reason::Started { at: from },
        Reason::Decremented {
            from,
            to,
            permille: 200,
            cut: true,
        },
        Reason::Authorised { from, to },
        Reason::Stopped(StopCause::CsfOverdrainage),
        Reason::Completed,
    ];
    plain
        .into_iter()
        .chain(refusals().into_iter().map(Reason::Refused))
        .chain(waits.map(Reason::Waiting))
        .chain(holds.map(Reason::Held))
}

fn sends() -> Vec<Send> {
    let quiet = [
        Quiet::NothingStarted,
        Quiet::SelfTest,
        Quiet::Unreconciled,
        Quiet::AwaitingReadBack,
        Quiet::NothingNew,
    ];
    let command = |action| {
        Send::Command(Command {
            session: Session::new(u32::MAX),
            sequence: 77,
            action,
            lease: std::time::Duration::from_millis(90_000),
        })
    };
    quiet
        .map(Send::Quiet)
        .into_iter()
        .chain([Send::Ping])
        .chain(actions().into_iter().map(command))
        .collect()
}

/// A decision for every word that a decision can say.
pub(super) fn decisions() -> Vec<Decision> {
    let rate = DoseRate::from_nanograms_per_hour;
    let sends = sends();
    let set = |bits| AlarmSet::from_bits(bits);
    let one = |(index, reason): (usize, Reason)| Decision {
        send: sends[index % sends.len()],
        plan: rate(index as u64),
        reason,
        mode: Mode::ALL[index % 10],
        alarms: AlarmPanel {
            condition: set(1 << index),
            active: set(u64::MAX >> index),
            latched: set(0x155),
            acknowledged: set(0xaaa),
            escalated: set(7),
            raised_to_high: set(2),
            sounding: set(1 << 43),
            audio_paused: index.is_multiple_of(2),
        },
        planned_24h: Dose::from_nanograms(u64::MAX),
        estimate_24h: DoseEstimate {
            low: Dose::from_nanograms(1),
            high: Dose::from_nanograms(u64::MAX),
        },
        deficit_permille: u32::MAX,
        asks: Asks {
            assessment: index.is_multiple_of(2),
            weighing: index.is_multiple_of(3),
            authorisation: index.is_multiple_of(5).then_some(DOSE),
            concentration: index.is_multiple_of(7),
            completion: index == 11,
            resumption: index == 13,
            refill: index.is_multiple_of(3).then(|| Volume::from_nanolitres(4)),
        },
        store: index.is_multiple_of(2),
    };
    reasons_of_a_decision().enumerate().map(one).collect()
}
