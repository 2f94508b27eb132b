//! What a controller decided: the core's types as a structure, and back, word by word.

use std::time::Duration;

use infusion_types::{
    AlarmPanel, AlarmSet, Asks, Command, DailyDose, Decision, Dose, DoseEstimate, DoseRate,
    HoldCause, NoData, Reason, Refusal, Send, Session, Timestamp, Volume, Wait,
};

use crate::Nonsense;
use crate::codes::{
    WbAsk, WbCause, WbHold, WbMode, WbQuiet, WbReasonKind, WbRefusal, WbSend, WbWait,
};
use crate::given::{absence, action, alarm, flag, read_action, status};
use crate::layout::{WbAlarms, WbCommand, WbDecision, WbReason};

impl WbDecision {
    /// The structure of a decision.
    #[must_use]
    pub fn of(next: Timestamp, decision: &Decision) -> Self {
        let (send, quiet, command) = match decision.send {
            Send::Quiet(why) => (WbSend::Quiet, WbQuiet::from(why) as u32, None),
            Send::Ping => (WbSend::Ping, 0, None),
            Send::Command(command) => (WbSend::Command, 0, Some(command)),
        };
        Self {
            next_ms: next.millis(),
            command: command.map_or_else(WbCommand::default, |it| WbCommand {
                action: action(it.action),
                lease_ms: u64::try_from(it.lease.as_millis()).unwrap_or(u64::MAX),
                session: it.session.number(),
                sequence: it.sequence,
            }),
            plan_ng_per_h: decision.plan.nanograms_per_hour(),
            reason: reason(&decision.reason),
            alarms: panel(&decision.alarms),
            planned_24h_ng: decision.planned_24h.nanograms(),
            given_low_24h_ng: decision.estimate_24h.low.nanograms(),
            given_high_24h_ng: decision.estimate_24h.high.nanograms(),
            authorisation_ng_per_day: decision
                .asks
                .authorisation
                .map_or(0, DailyDose::nanograms_per_day),
            refill_nl: decision.asks.refill.map_or(0, Volume::nanolitres),
            send: send as u32,
            quiet,
            mode: WbMode::from(decision.mode) as u32,
            deficit_permille: decision.deficit_permille,
            asks: asks(&decision.asks),
            store: u32::from(decision.store),
        }
    }

    /// The decision of a structure.
    ///
    /// # Errors
    /// The first code that is none.
    pub fn read(&self) -> Result<Decision, Nonsense> {
        let (low, high) = (self.given_low_24h_ng, self.given_high_24h_ng);
        if low > high {
            return Err(Nonsense::of(format!(
                "given at least {low} ng and at most {high} ng"
            )));
        }
        Ok(Decision {
            send: self.read_send()?,
            plan: DoseRate::from_nanograms_per_hour(self.plan_ng_per_h),
            reason: read_reason(&self.reason)?,
            mode: WbMode::read(self.mode)?,
            alarms: read_panel(&self.alarms)?,
            planned_24h: Dose::from_nanograms(self.planned_24h_ng),
            estimate_24h: DoseEstimate {
                low: Dose::from_nanograms(low),
                high: Dose::from_nanograms(high),
            },
            deficit_permille: self.deficit_permille,
            asks: self.read_asks()?,
            store: flag(self.store)?,
        })
    }

    fn read_send(&self) -> Result<Send, Nonsense> {
        if self.send == WbSend::Quiet as u32 {
            return WbQuiet::read(self.quiet).map(Send::Quiet);
        }
        if self.send == WbSend::Ping as u32 {
            return Ok(Send::Ping);
        }
        if self.send != WbSend::Command as u32 {
            return Err(Nonsense::code("WbSend", self.send));
        }
        Ok(Send::Command(Command {
            session: Session::new(self.command.session),
            sequence: self.command.sequence,
            action: read_action(&self.command.action)?,
            lease: Duration::from_millis(self.command.lease_ms),
        }))
    }

    fn read_asks(&self) -> Result<Asks, Nonsense> {
        if self.asks >= 2 * WbAsk::Refill as u32 {
            return Err(Nonsense::code("set of WbAsk", self.asks));
        }
        let asks = |ask: WbAsk| self.asks & ask as u32 != 0;
        let dose = DailyDose::from_nanograms_per_day(self.authorisation_ng_per_day);
        let left = Volume::from_nanolitres(self.refill_nl);
        Ok(Asks {
            assessment: asks(WbAsk::Assessment),
            weighing: asks(WbAsk::Weighing),
            authorisation: asks(WbAsk::Authorisation).then_some(dose),
            concentration: asks(WbAsk::Concentration),
            completion: asks(WbAsk::Completion),
            resumption: asks(WbAsk::Resumption),
            refill: asks(WbAsk::Refill).then_some(left),
        })
    }
}

fn asks(asks: &Asks) -> u32 {
    let all = [
        (asks.assessment, WbAsk::Assessment),
        (asks.weighing, WbAsk::Weighing),
        (asks.authorisation.is_some(), WbAsk::Authorisation),
        (asks.concentration, WbAsk::Concentration),
        (asks.completion, WbAsk::Completion),
        (asks.resumption, WbAsk::Resumption),
        (asks.refill.is_some(), WbAsk::Refill),
    ];
    let set = all.into_iter().filter(|(wanted, _)| *wanted);
    set.fold(0, |bits, (_, ask)| bits | ask as u32)
}

fn panel(panel: &AlarmPanel) -> WbAlarms {
    WbAlarms {
        condition: panel.condition.bits(),
        active: panel.active.bits(),
        latched: panel.latched.bits(),
        acknowledged: panel.acknowledged.bits(),
        escalated: panel.escalated.bits(),
        raised_to_high: panel.raised_to_high.bits(),
        sounding: panel.sounding.bits(),
        audio_paused: u64::from(panel.audio_paused),
    }
}

fn read_panel(panel: &WbAlarms) -> Result<AlarmPanel, Nonsense> {
    let set = |bits: u64| {
        let beyond = || Nonsense::of(format!("{bits:#x} has an alarm beyond the table"));
        AlarmSet::try_from(bits).map_err(|_| beyond())
    };
    Ok(AlarmPanel {
        condition: set(panel.condition)?,
        active: set(panel.active)?,
        latched: set(panel.latched)?,
        acknowledged: set(panel.acknowledged)?,
        escalated: set(panel.escalated)?,
        raised_to_high: set(panel.raised_to_high)?,
        sounding: set(panel.sounding)?,
        audio_paused: flag(u32::try_from(panel.audio_paused).unwrap_or(u32::MAX))?,
    })
}

fn of(kind: WbReasonKind, detail: u32) -> WbReason {
    WbReason {
        kind: kind as u32,
        detail,
        ..WbReason::default()
    }
}

fn reason(reason: &Reason) -> WbReason {
    match *reason {
        Reason::NotStarted => of(WbReasonKind::NotStarted, 0),
        Reason::Priming => of(WbReasonKind::Priming, 0),
        Reason::Started { at } => WbReason {
            to: at.nanograms_per_hour(),
            ..of(WbReasonKind::Started, 0)
        },
        Reason::Decremented {
            from,
            to,
            permille,
            cut,
        } => WbReason {
            from: from.nanograms_per_hour(),
            to: to.nanograms_per_hour(),
            permille,
            cut: u32::from(cut),
            ..of(WbReasonKind::Decremented, 0)
        },
        Reason::Authorised { from, to } => WbReason {
            from: from.nanograms_per_hour(),
            to: to.nanograms_per_hour(),
            ..of(WbReasonKind::Authorised, 0)
        },
        Reason::Waiting(wait) => waiting(wait),
        Reason::Held(HoldCause::Alarm(alarm)) => WbReason {
            alarm: u32::from(alarm.number()),
            ..of(WbReasonKind::Held, WbHold::Alarm as u32)
        },
        Reason::Held(HoldCause::OverdoseUnconfirmed) => {
            of(WbReasonKind::Held, WbHold::OverdoseUnconfirmed as u32)
        }
        Reason::Held(HoldCause::Unreconciled) => {
            of(WbReasonKind::Held, WbHold::Unreconciled as u32)
        }
        Reason::Refused(refusal) => refused(refusal),
        Reason::Stopped(cause) => of(WbReasonKind::Stopped, WbCause::from(cause) as u32),
        Reason::Completed => of(WbReasonKind::Completed, 0),
    }
}

fn waiting(wait: Wait) -> WbReason {
    let plain = |wait: WbWait| of(WbReasonKind::Waiting, wait as u32);
    match wait {
        Wait::NotDue { at } => WbReason {
            at_ms: at.millis(),
            ..plain(WbWait::NotDue)
        },
        Wait::FreshAssessment => plain(WbWait::FreshAssessment),
        Wait::SecondAssessment => plain(WbWait::SecondAssessment),
        Wait::Response => plain(WbWait::Response),
        Wait::Alarm(alarm) => WbReason {
            alarm: u32::from(alarm.number()),
            ..plain(WbWait::Alarm)
        },
        Wait::AfterWithdrawal => plain(WbWait::AfterWithdrawal),
        Wait::Bridge => plain(WbWait::Bridge),
        Wait::LastRung => plain(WbWait::LastRung),
        Wait::Skipped => plain(WbWait::Skipped),
        Wait::Slope => plain(WbWait::Slope),
        Wait::Report => plain(WbWait::Report),
    }
}

fn refused(refusal: Refusal) -> WbReason {
    let plain = |refusal: WbRefusal| of(WbReasonKind::Refused, refusal as u32);
    let between = |refusal, from, to| WbReason {
        from,
        to,
        ..plain(refusal)
    };
    match refusal {
        Refusal::BadValue(reason) => {
            let (status, bits) = status(reason);
            WbReason {
                status,
                bits,
                ..plain(WbRefusal::BadValue)
            }
        }
        Refusal::BelowPumpFloor { wanted, least } => between(
            WbRefusal::BelowPumpFloor,
            wanted.nanograms_per_hour(),
            least.nanograms_per_hour(),
        ),
        Refusal::AbovePumpMost { wanted } => {
            between(WbRefusal::AbovePumpMost, wanted.nanograms_per_hour(), 0)
        }
        Refusal::AboveCeiling { wanted } => {
            between(WbRefusal::AboveCeiling, wanted.nanograms_per_day(), 0)
        }
        Refusal::AboveGapDose { wanted, most } => between(
            WbRefusal::AboveGapDose,
            wanted.nanograms_per_day(),
            most.nanograms_per_day(),
        ),
        Refusal::SlopeSpent => plain(WbRefusal::SlopeSpent),
        Refusal::NotAuthorised => plain(WbRefusal::NotAuthorised),
        Refusal::GapNeedsAuthorisation => plain(WbRefusal::GapNeedsAuthorisation),
        Refusal::NotPrimed => plain(WbRefusal::NotPrimed),
        Refusal::LineNotOpen => plain(WbRefusal::LineNotOpen),
        Refusal::WrongMode(mode) => WbReason {
            mode: WbMode::from(mode) as u32,
            ..plain(WbRefusal::WrongMode)
        },
        Refusal::AlarmStands(alarm) => WbReason {
            alarm: u32::from(alarm.number()),
            ..plain(WbRefusal::AlarmStands)
        },
        Refusal::NotAtFloor => plain(WbRefusal::NotAtFloor),
        Refusal::TooManyFronts => plain(WbRefusal::TooManyFronts),
        Refusal::PumpSilent => plain(WbRefusal::PumpSilent),
        Refusal::Stranger => plain(WbRefusal::Stranger),
        Refusal::ByPump => plain(WbRefusal::ByPump),
    }
}

/// The word of a list whose words are these.
fn one<W: Copy, T>(
    what: &str,
    code: u32,
    all: impl IntoIterator<Item = (W, T)>,
    number: impl Fn(W) -> u32,
) -> Result<T, Nonsense> {
    let found = all.into_iter().find(|(word, _)| number(*word) == code);
    found
        .map(|(_, of)| of)
        .ok_or_else(|| Nonsense::code(what, code))
}

fn read_reason(it: &WbReason) -> Result<Reason, Nonsense> {
    if it.reserved != 0 {
        return Err(Nonsense::code("0, which is reserved", it.reserved));
    }
    let (from, to) = (
        DoseRate::from_nanograms_per_hour(it.from),
        DoseRate::from_nanograms_per_hour(it.to),
    );
    if it.kind == WbReasonKind::Waiting as u32 {
        return read_wait(it).map(Reason::Waiting);
    }
    if it.kind == WbReasonKind::Held as u32 {
        return read_hold(it).map(Reason::Held);
    }
    if it.kind == WbReasonKind::Refused as u32 {
        return read_refusal(it).map(Reason::Refused);
    }
    if it.kind == WbReasonKind::Stopped as u32 {
        return WbCause::read(it.detail).map(Reason::Stopped);
    }
    let decremented = Reason::Decremented {
        from,
        to,
        permille: it.permille,
        cut: flag(it.cut)?,
    };
    let all = [
        (WbReasonKind::NotStarted, Reason::NotStarted),
        (WbReasonKind::Priming, Reason::Priming),
        (WbReasonKind::Started, Reason::Started { at: to }),
        (WbReasonKind::Decremented, decremented),
        (WbReasonKind::Authorised, Reason::Authorised { from, to }),
        (WbReasonKind::Completed, Reason::Completed),
    ];
    one("WbReasonKind", it.kind, all, |word| word as u32)
}

fn read_wait(it: &WbReason) -> Result<Wait, Nonsense> {
    if it.detail == WbWait::Alarm as u32 {
        return alarm(it.alarm).map(Wait::Alarm);
    }
    let at = Timestamp::from_millis(it.at_ms);
    let all = [
        (WbWait::NotDue, Wait::NotDue { at }),
        (WbWait::FreshAssessment, Wait::FreshAssessment),
        (WbWait::SecondAssessment, Wait::SecondAssessment),
        (WbWait::Response, Wait::Response),
        (WbWait::AfterWithdrawal, Wait::AfterWithdrawal),
        (WbWait::Bridge, Wait::Bridge),
        (WbWait::LastRung, Wait::LastRung),
        (WbWait::Skipped, Wait::Skipped),
        (WbWait::Slope, Wait::Slope),
        (WbWait::Report, Wait::Report),
    ];
    one("WbWait", it.detail, all, |word| word as u32)
}

fn read_hold(it: &WbReason) -> Result<HoldCause, Nonsense> {
    if it.detail == WbHold::Alarm as u32 {
        return alarm(it.alarm).map(HoldCause::Alarm);
    }
    let all = [
        (WbHold::OverdoseUnconfirmed, HoldCause::OverdoseUnconfirmed),
        (WbHold::Unreconciled, HoldCause::Unreconciled),
    ];
    one("WbHold", it.detail, all, |word| word as u32)
}

fn read_refusal(it: &WbReason) -> Result<Refusal, Nonsense> {
    let rate = DoseRate::from_nanograms_per_hour;
    let daily = DailyDose::from_nanograms_per_day;
    if it.detail == WbRefusal::BadValue as u32 {
        let reason: Option<NoData> = absence(it.status, it.bits)?;
        let reason = reason.ok_or_else(|| Nonsense::of("a bad value without its reason"))?;
        return Ok(Refusal::BadValue(reason));
    }
    if it.detail == WbRefusal::WrongMode as u32 {
        return WbMode::read(it.mode).map(Refusal::WrongMode);
    }
    if it.detail == WbRefusal::AlarmStands as u32 {
        return alarm(it.alarm).map(Refusal::AlarmStands);
    }
    let (wanted, least) = (rate(it.from), rate(it.to));
    let (dose, most) = (daily(it.from), daily(it.to));
    let all = [
        (
            WbRefusal::BelowPumpFloor,
            Refusal::BelowPumpFloor { wanted, least },
        ),
        (WbRefusal::AbovePumpMost, Refusal::AbovePumpMost { wanted }),
        (
            WbRefusal::AboveCeiling,
            Refusal::AboveCeiling { wanted: dose },
        ),
        (
            WbRefusal::AboveGapDose,
            Refusal::AboveGapDose { wanted: dose, most },
        ),
        (WbRefusal::SlopeSpent, Refusal::SlopeSpent),
        (WbRefusal::NotAuthorised, Refusal::NotAuthorised),
        (
            WbRefusal::GapNeedsAuthorisation,
            Refusal::GapNeedsAuthorisation,
        ),
        (WbRefusal::NotPrimed, Refusal::NotPrimed),
        (WbRefusal::LineNotOpen, Refusal::LineNotOpen),
        (WbRefusal::NotAtFloor, Refusal::NotAtFloor),
        (WbRefusal::TooManyFronts, Refusal::TooManyFronts),
        (WbRefusal::PumpSilent, Refusal::PumpSilent),
        (WbRefusal::Stranger, Refusal::Stranger),
        (WbRefusal::ByPump, Refusal::ByPump),
    ];
    one("WbRefusal", it.detail, all, |word| word as u32)
}
