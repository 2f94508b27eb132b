//! What one cycle answers: what leaves, what stands, what is asked of people, and why.

use crate::{
    Alarm, AlarmPanel, Command, DailyDose, Dose, DoseEstimate, DoseRate, Mode, NoData, StopCause,
    Timestamp, Volume,
};

/// The whole answer of one cycle.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Decision {
    /// What leaves for the pump.
    pub send: Send,
    /// The planned rate; zero before therapy and after it.
    pub plan: DoseRate,
    /// Which rule moved, held or refused the dose.
    pub reason: Reason,
    /// The mode after this cycle.
    pub mode: Mode,
    /// What stands.
    pub alarms: AlarmPanel,
    /// What was planned over the last 24 h.
    pub planned_24h: Dose,
    /// What was given over the last 24 h, as far as anybody can know.
    pub estimate_24h: DoseEstimate,
    /// Dose missing from the rolling 24 h plan, in thousandths of a day's plan.
    pub deficit_permille: u32,
    /// What is wanted of people.
    pub asks: Asks,
    /// Whether what must outlive a reset has changed: make it durable before `send` leaves.
    pub store: bool,
}

/// What leaves for the pump this cycle.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Send {
    /// An action.
    Command(Command),
    /// A sign of life, answered with the read-back.
    Ping,
    /// Nothing.
    Quiet(Quiet),
}

/// Why nothing leaves.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Quiet {
    /// No therapy: off, idle or complete.
    NothingStarted,
    /// The self-test runs.
    SelfTest,
    /// After a restart or a silence the pump's own history has not been read yet, or after a restart what is
    /// loaded is not what was signed for.
    Unreconciled,
    /// A command is on its way.
    AwaitingReadBack,
    /// The pump already does what is wanted.
    NothingNew,
}

/// Which rule moved, held or refused the dose.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Reason {
    /// No therapy runs.
    NotStarted,
    /// The open line is being filled.
    Priming,
    /// Therapy began, or began again, at the authorised dose.
    Started {
        /// The rate.
        at: DoseRate,
    },
    /// The schedule went down one rung.
    Decremented {
        /// Rate before.
        from: DoseRate,
        /// Rate after.
        to: DoseRate,
        /// The decrement that the response allowed, in thousandths of the basis.
        permille: u32,
        /// Whether the guard let less through than the schedule wanted.
        cut: bool,
    },
    /// Two users changed the dose.
    Authorised {
        /// Rate before.
        from: DoseRate,
        /// Rate after.
        to: DoseRate,
    },
    /// The rung in force stays, and the wean goes on.
    Waiting(Wait),
    /// The wean holds.
    Held(HoldCause),
    /// Something was asked for and refused.
    Refused(Refusal),
    /// Nothing is infused.
    Stopped(StopCause),
    /// The wean is over.
    Completed,
}

/// What the next decrement waits for.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Wait {
    /// The schedule: due at this time.
    NotDue {
        /// When.
        at: Timestamp,
    },
    /// An assessment that is fresh enough (SR-06).
    FreshAssessment,
    /// A second assessment that permits it (SR-37).
    SecondAssessment,
    /// A better response.
    Response,
    /// An alarm that blocks (SR-07).
    Alarm(Alarm),
    /// Twelve hours without withdrawal signs (SR-07).
    AfterWithdrawal,
    /// The new drug to reach the tip (AL-19).
    Bridge,
    /// Nothing: the last rung is reached.
    LastRung,
    /// The decrement that a person left out.
    Skipped,
    /// The last 24 h to pass: the plan has fallen by as much as it may (SR-04).
    Slope,
    /// The pump to speak: no report is fresh, or a command is not read back (SR-30).
    Report,
}

/// Why the wean holds.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum HoldCause {
    /// An alarm whose row says so.
    Alarm(Alarm),
    /// A first sign of overdose that nobody has confirmed yet.
    OverdoseUnconfirmed,
    /// After a restart: the pump has not been read yet, or what is loaded is not what was signed for.
    Unreconciled,
}

/// What was refused.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Refusal {
    /// A number that no door lets in.
    BadValue(NoData),
    /// Less than the pump can deliver at this concentration (SR-17).
    BelowPumpFloor {
        /// The rate wanted.
        wanted: DoseRate,
        /// The least that can be had.
        least: DoseRate,
    },
    /// More than the pump can deliver at this concentration.
    AbovePumpMost {
        /// The rate wanted.
        wanted: DoseRate,
    },
    /// More than the ceiling.
    AboveCeiling {
        /// The dose wanted.
        wanted: DailyDose,
    },
    /// More than may be given after a gap (SR-15).
    AboveGapDose {
        /// The dose wanted.
        wanted: DailyDose,
        /// The most.
        most: DailyDose,
    },
    /// The guard leaves nothing of the decrement (SR-04).
    SlopeSpent,
    /// Nothing is authorised, or not recently (SR-03).
    NotAuthorised,
    /// A gap needs a new authorisation (SR-15).
    GapNeedsAuthorisation,
    /// The line is not primed (SR-48).
    NotPrimed,
    /// Priming is only possible with the line declared open (SR-49).
    LineNotOpen,
    /// Not in this mode.
    WrongMode(Mode),
    /// An alarm has to be acknowledged, and gone, first.
    AlarmStands(Alarm),
    /// The wean is not at its end (SR-16).
    NotAtFloor,
    /// As many changes of drug as can be followed are on their way.
    TooManyFronts,
    /// The pump cannot be heard, so it cannot be told (SR-28).
    PumpSilent,
    /// Nobody is known to have asked for it (AL-24).
    Stranger,
    /// The pump has not taken a command: beyond what it may or can do.
    ByPump,
}

/// What the controller asks of people: levels, like alarms.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Asks {
    /// Look at the patient again.
    pub assessment: bool,
    /// Weigh the reservoir again.
    pub weighing: bool,
    /// Authorise this dose: one rung back, the dose after a gap, or once more the plan that the pump does not
    /// take.
    pub authorisation: Option<DailyDose>,
    /// Another concentration, because the plan is below what the pump can deliver.
    pub concentration: bool,
    /// Confirm that the wean is over.
    pub completion: bool,
    /// Go on: the cause of a stop has gone.
    pub resumption: bool,
    /// Drug left at which somebody should think of a refill.
    pub refill: Option<Volume>,
}
