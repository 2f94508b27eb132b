//! The whole answer of one cycle.

use infusion_types::{
    Asks, Command, DailyDose, Decision, Dose, DoseEstimate, DoseRate, HoldCause, Mode, NoData,
    Reason, Refusal, Send, Timestamp, Volume, Wait,
};
use serde::{Deserialize, Serialize};

use super::alarm::{AlarmId, PanelLine};
use super::number::{Missing, NoReading};
use super::pump::{CommandLine, NoCommand};
use super::words::{ModeWord, QuietWord, StopWord};

/// What a controller decided. Doses are whole nanograms, rates whole nanograms per hour, times whole
/// milliseconds on the controller's clock.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AnswerLine {
    /// As asked.
    pub(crate) at: u64,
    /// When it wants to be asked again.
    pub(crate) next: u64,
    send: SendLine,
    mode: ModeWord,
    plan_ng_per_h: u64,
    reason: ReasonLine,
    alarms: PanelLine,
    planned_24h_ng: u64,
    given_24h_ng: [u64; 2],
    deficit_permille: u32,
    #[serde(default)]
    asks: AsksLine,
    #[serde(default)]
    store: bool,
}

/// What leaves for the pump.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
enum SendLine {
    Command(CommandLine),
    Ping,
    Quiet(QuietWord),
}

/// Which rule moved, held or refused the dose.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum ReasonLine {
    NotStarted,
    Priming,
    Started {
        at_ng_per_h: u64,
    },
    Decremented {
        from_ng_per_h: u64,
        to_ng_per_h: u64,
        permille: u32,
        #[serde(default)]
        cut: bool,
    },
    Authorised {
        from_ng_per_h: u64,
        to_ng_per_h: u64,
    },
    Waiting(WaitLine),
    Held(HoldLine),
    Refused(RefusalLine),
    Stopped(StopWord),
    Completed,
}

/// What the next decrement waits for.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum WaitLine {
    NotDue { at: u64 },
    FreshAssessment,
    SecondAssessment,
    Response,
    Alarm(AlarmId),
    AfterWithdrawal,
    Bridge,
    LastRung,
    Skipped,
    Slope,
    Report,
}

/// Why the wean holds.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
enum HoldLine {
    Alarm(AlarmId),
    OverdoseUnconfirmed,
    Unreconciled,
}

/// What was refused.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum RefusalLine {
    BadValue(Missing),
    BelowPumpFloor {
        wanted_ng_per_h: u64,
        least_ng_per_h: u64,
    },
    AbovePumpMost {
        wanted_ng_per_h: u64,
    },
    AboveCeiling {
        wanted_ng_per_day: u64,
    },
    AboveGapDose {
        wanted_ng_per_day: u64,
        most_ng_per_day: u64,
    },
    SlopeSpent,
    NotAuthorised,
    GapNeedsAuthorisation,
    NotPrimed,
    LineNotOpen,
    WrongMode(ModeWord),
    AlarmStands(AlarmId),
    NotAtFloor,
    TooManyFronts,
    PumpSilent,
    Stranger,
    ByPump,
}

/// What is wanted of people; what is left out is not wanted.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
struct AsksLine {
    #[serde(skip_serializing_if = "is_not")]
    assessment: bool,
    #[serde(skip_serializing_if = "is_not")]
    weighing: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    authorisation_ng_per_day: Option<u64>,
    #[serde(skip_serializing_if = "is_not")]
    concentration: bool,
    #[serde(skip_serializing_if = "is_not")]
    completion: bool,
    #[serde(skip_serializing_if = "is_not")]
    resumption: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    refill_nl: Option<u64>,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the signature that the decoder asks for"
)]
const fn is_not(wanted: &bool) -> bool {
    !*wanted
}

/// What an answer says that no decision can say.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub(crate) enum NoDecision {
    /// A command that is none.
    #[error(transparent)]
    Command(#[from] NoCommand),
    /// A reason for a missing value that is none.
    #[error(transparent)]
    Reading(#[from] NoReading),
    /// The interval is turned round.
    #[error("`given_24h_ng` is [{0}, {1}]: the least comes first")]
    Interval(u64, u64),
}

impl AnswerLine {
    /// The line of a decision.
    pub(crate) fn of(at: Timestamp, next: Timestamp, decision: &Decision) -> Self {
        Self {
            at: at.millis(),
            next: next.millis(),
            send: match decision.send {
                Send::Command(command) => SendLine::Command(command.into()),
                Send::Ping => SendLine::Ping,
                Send::Quiet(why) => SendLine::Quiet(why.into()),
            },
            mode: decision.mode.into(),
            plan_ng_per_h: decision.plan.nanograms_per_hour(),
            reason: decision.reason.into(),
            alarms: (&decision.alarms).into(),
            planned_24h_ng: decision.planned_24h.nanograms(),
            given_24h_ng: [
                decision.estimate_24h.low.nanograms(),
                decision.estimate_24h.high.nanograms(),
            ],
            deficit_permille: decision.deficit_permille,
            asks: (&decision.asks).into(),
            store: decision.store,
        }
    }

    /// The decision of a line.
    pub(crate) fn decision(&self) -> Result<Decision, NoDecision> {
        let [low, high] = self.given_24h_ng;
        if low > high {
            return Err(NoDecision::Interval(low, high));
        }
        Ok(Decision {
            send: match self.send {
                SendLine::Command(line) => Send::Command(Command::try_from(line)?),
                SendLine::Ping => Send::Ping,
                SendLine::Quiet(why) => Send::Quiet(why.into()),
            },
            plan: DoseRate::from_nanograms_per_hour(self.plan_ng_per_h),
            reason: self.reason.try_into()?,
            mode: self.mode.into(),
            alarms: self.alarms.into(),
            planned_24h: Dose::from_nanograms(self.planned_24h_ng),
            estimate_24h: DoseEstimate {
                low: Dose::from_nanograms(low),
                high: Dose::from_nanograms(high),
            },
            deficit_permille: self.deficit_permille,
            asks: (&self.asks).into(),
            store: self.store,
        })
    }
}

const fn rate(ng_per_h: u64) -> DoseRate {
    DoseRate::from_nanograms_per_hour(ng_per_h)
}

const fn daily(ng_per_day: u64) -> DailyDose {
    DailyDose::from_nanograms_per_day(ng_per_day)
}

impl From<Reason> for ReasonLine {
    fn from(reason: Reason) -> Self {
        match reason {
            Reason::NotStarted => Self::NotStarted,
            Reason::Priming => Self::Priming,
            Reason::Started { at } => Self::Started {
                at_ng_per_h: at.nanograms_per_hour(),
            },
            Reason::Decremented {
                from,
                to,
                permille,
                cut,
            } => Self::Decremented {
                from_ng_per_h: from.nanograms_per_hour(),
                to_ng_per_h: to.nanograms_per_hour(),
                permille,
                cut,
            },
            Reason::Authorised { from, to } => Self::Authorised {
                from_ng_per_h: from.nanograms_per_hour(),
                to_ng_per_h: to.nanograms_per_hour(),
            },
            Reason::Waiting(wait) => Self::Waiting(wait.into()),
            Reason::Held(cause) => Self::Held(match cause {
                HoldCause::Alarm(alarm) => HoldLine::Alarm(AlarmId(alarm)),
                HoldCause::OverdoseUnconfirmed => HoldLine::OverdoseUnconfirmed,
                HoldCause::Unreconciled => HoldLine::Unreconciled,
            }),
            Reason::Refused(refusal) => Self::Refused(refusal.into()),
            Reason::Stopped(cause) => Self::Stopped(cause.into()),
            Reason::Completed => Self::Completed,
        }
    }
}

impl TryFrom<ReasonLine> for Reason {
    type Error = NoReading;

    fn try_from(line: ReasonLine) -> Result<Self, NoReading> {
        Ok(match line {
            ReasonLine::NotStarted => Self::NotStarted,
            ReasonLine::Priming => Self::Priming,
            ReasonLine::Started { at_ng_per_h } => Self::Started {
                at: rate(at_ng_per_h),
            },
            ReasonLine::Decremented {
                from_ng_per_h,
                to_ng_per_h,
                permille,
                cut,
            } => Self::Decremented {
                from: rate(from_ng_per_h),
                to: rate(to_ng_per_h),
                permille,
                cut,
            },
            ReasonLine::Authorised {
                from_ng_per_h,
                to_ng_per_h,
            } => Self::Authorised {
                from: rate(from_ng_per_h),
                to: rate(to_ng_per_h),
            },
            ReasonLine::Waiting(wait) => Self::Waiting(wait.into()),
            ReasonLine::Held(cause) => Self::Held(match cause {
                HoldLine::Alarm(AlarmId(alarm)) => HoldCause::Alarm(alarm),
                HoldLine::OverdoseUnconfirmed => HoldCause::OverdoseUnconfirmed,
                HoldLine::Unreconciled => HoldCause::Unreconciled,
            }),
            ReasonLine::Refused(refusal) => Self::Refused(refusal.try_into()?),
            ReasonLine::Stopped(cause) => Self::Stopped(cause.into()),
            ReasonLine::Completed => Self::Completed,
        })
    }
}

impl From<Wait> for WaitLine {
    fn from(wait: Wait) -> Self {
        match wait {
            Wait::NotDue { at } => Self::NotDue { at: at.millis() },
            Wait::FreshAssessment => Self::FreshAssessment,
            Wait::SecondAssessment => Self::SecondAssessment,
            Wait::Response => Self::Response,
            Wait::Alarm(alarm) => Self::Alarm(AlarmId(alarm)),
            Wait::AfterWithdrawal => Self::AfterWithdrawal,
            Wait::Bridge => Self::Bridge,
            Wait::LastRung => Self::LastRung,
            Wait::Skipped => Self::Skipped,
            Wait::Slope => Self::Slope,
            Wait::Report => Self::Report,
        }
    }
}

impl From<WaitLine> for Wait {
    fn from(line: WaitLine) -> Self {
        match line {
            WaitLine::NotDue { at } => Self::NotDue {
                at: Timestamp::from_millis(at),
            },
            WaitLine::FreshAssessment => Self::FreshAssessment,
            WaitLine::SecondAssessment => Self::SecondAssessment,
            WaitLine::Response => Self::Response,
            WaitLine::Alarm(AlarmId(alarm)) => Self::Alarm(alarm),
            WaitLine::AfterWithdrawal => Self::AfterWithdrawal,
            WaitLine::Bridge => Self::Bridge,
            WaitLine::LastRung => Self::LastRung,
            WaitLine::Skipped => Self::Skipped,
            WaitLine::Slope => Self::Slope,
            WaitLine::Report => Self::Report,
        }
    }
}

impl From<Refusal> for RefusalLine {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::BadValue(reason) => Self::BadValue(reason.into()),
            Refusal::BelowPumpFloor { wanted, least } => Self::BelowPumpFloor {
                wanted_ng_per_h: wanted.nanograms_per_hour(),
                least_ng_per_h: least.nanograms_per_hour(),
            },
            Refusal::AbovePumpMost { wanted } => Self::AbovePumpMost {
                wanted_ng_per_h: wanted.nanograms_per_hour(),
            },
            Refusal::AboveCeiling { wanted } => Self::AboveCeiling {
                wanted_ng_per_day: wanted.nanograms_per_day(),
            },
            Refusal::AboveGapDose { wanted, most } => Self::AboveGapDose {
                wanted_ng_per_day: wanted.nanograms_per_day(),
                most_ng_per_day: most.nanograms_per_day(),
            },
            Refusal::SlopeSpent => Self::SlopeSpent,
            Refusal::NotAuthorised => Self::NotAuthorised,
            Refusal::GapNeedsAuthorisation => Self::GapNeedsAuthorisation,
            Refusal::NotPrimed => Self::NotPrimed,
            Refusal::LineNotOpen => Self::LineNotOpen,
            Refusal::WrongMode(mode) => Self::WrongMode(mode.into()),
            Refusal::AlarmStands(alarm) => Self::AlarmStands(AlarmId(alarm)),
            Refusal::NotAtFloor => Self::NotAtFloor,
            Refusal::TooManyFronts => Self::TooManyFronts,
            Refusal::PumpSilent => Self::PumpSilent,
            Refusal::Stranger => Self::Stranger,
            Refusal::ByPump => Self::ByPump,
        }
    }
}

impl TryFrom<RefusalLine> for Refusal {
    type Error = NoReading;

    fn try_from(line: RefusalLine) -> Result<Self, NoReading> {
        Ok(match line {
            RefusalLine::BadValue(missing) => Self::BadValue(NoData::try_from(missing)?),
            RefusalLine::BelowPumpFloor {
                wanted_ng_per_h,
                least_ng_per_h,
            } => Self::BelowPumpFloor {
                wanted: rate(wanted_ng_per_h),
                least: rate(least_ng_per_h),
            },
            RefusalLine::AbovePumpMost { wanted_ng_per_h } => Self::AbovePumpMost {
                wanted: rate(wanted_ng_per_h),
            },
            RefusalLine::AboveCeiling { wanted_ng_per_day } => Self::AboveCeiling {
                wanted: daily(wanted_ng_per_day),
            },
            RefusalLine::AboveGapDose {
                wanted_ng_per_day,
                most_ng_per_day,
            } => Self::AboveGapDose {
                wanted: daily(wanted_ng_per_day),
                most: daily(most_ng_per_day),
            },
            RefusalLine::SlopeSpent => Self::SlopeSpent,
            RefusalLine::NotAuthorised => Self::NotAuthorised,
            RefusalLine::GapNeedsAuthorisation => Self::GapNeedsAuthorisation,
            RefusalLine::NotPrimed => Self::NotPrimed,
            RefusalLine::LineNotOpen => Self::LineNotOpen,
            RefusalLine::WrongMode(mode) => Self::WrongMode(Mode::from(mode)),
            RefusalLine::AlarmStands(AlarmId(alarm)) => Self::AlarmStands(alarm),
            RefusalLine::NotAtFloor => Self::NotAtFloor,
            RefusalLine::TooManyFronts => Self::TooManyFronts,
            RefusalLine::PumpSilent => Self::PumpSilent,
            RefusalLine::Stranger => Self::Stranger,
            RefusalLine::ByPump => Self::ByPump,
        })
    }
}

impl From<&Asks> for AsksLine {
    fn from(asks: &Asks) -> Self {
        Self {
            assessment: asks.assessment,
            weighing: asks.weighing,
            authorisation_ng_per_day: asks.authorisation.map(DailyDose::nanograms_per_day),
            concentration: asks.concentration,
            completion: asks.completion,
            resumption: asks.resumption,
            refill_nl: asks.refill.map(Volume::nanolitres),
        }
    }
}

impl From<&AsksLine> for Asks {
    fn from(line: &AsksLine) -> Self {
        Self {
            assessment: line.assessment,
            weighing: line.weighing,
            authorisation: line.authorisation_ng_per_day.map(daily),
            concentration: line.concentration,
            completion: line.completion,
            resumption: line.resumption,
            refill: line.refill_nl.map(Volume::from_nanolitres),
        }
    }
}
