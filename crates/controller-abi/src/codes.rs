//! Words of closed lists as numbers. A structure holds the number and not the enum, because a stranger may write
//! any number there.

use infusion_types::{Line, Memory, Mode, PeerClock, PumpState, Quiet, SessionRecord, StopCause};

use crate::Nonsense;

/// Makes a code of a word, and a word of a code.
macro_rules! mirrors {
    ($name:ident = $core:ident { $($word:ident),* $(,)? }) => {
        impl From<$core> for $name {
            fn from(core: $core) -> Self {
                match core { $($core::$word => Self::$word),* }
            }
        }

        impl $name {
            /// The word of a code.
            ///
            /// # Errors
            /// A number that is none of them.
            pub fn read(code: u32) -> Result<$core, Nonsense> {
                $(if code == Self::$word as u32 { return Ok($core::$word); })*
                Err(Nonsense::code(stringify!($name), code))
            }
        }
    };
}

/// Whether there is a value; if not, why. For the last three `value` has the bits that were refused.
#[repr(u32)]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum WbStatus {
    /// There is one.
    Value,
    /// The device has no such sensor, or the person did not look.
    NotFitted,
    /// A sensor exists and has not spoken yet.
    NeverSeen,
    /// The sensor itself reports that it is broken.
    SensorFault,
    /// Nothing comes from the other end.
    LinkSilent,
    /// A number that is not finite was refused on the way.
    NotFinite,
    /// A number below zero was refused on the way.
    Negative,
    /// A number out of range was refused on the way.
    OutOfRange,
}

/// What a pump is told to do.
#[repr(u32)]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum WbActionKind {
    /// Infuse at a rate above zero.
    Infuse,
    /// Fill the open line.
    Prime,
    /// Move nothing.
    Stop,
}

/// Why nothing flows.
#[repr(u32)]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(missing_docs, reason = "words of StopCause")]
pub enum WbCause {
    OverDelivery,
    FreeFlow,
    ReverseFlow,
    OverdoseSigns,
    OcclusionDownstream,
    OcclusionUpstream,
    Disconnected,
    ConcentrationMismatch,
    CsfOverdrainage,
    Air,
    Ordered,
    Paused,
    Weaned,
    Primed,
}
mirrors!(
    WbCause = StopCause {
        OverDelivery,
        FreeFlow,
        ReverseFlow,
        OverdoseSigns,
        OcclusionDownstream,
        OcclusionUpstream,
        Disconnected,
        ConcentrationMismatch,
        CsfOverdrainage,
        Air,
        Ordered,
        Paused,
        Weaned,
        Primed,
    }
);

/// What the pump does.
#[repr(u32)]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(missing_docs, reason = "words of PumpState")]
pub enum WbPumpState {
    Idle,
    Priming,
    Infusing,
    Holding,
    Stopped,
    Empty,
}
mirrors!(
    WbPumpState = PumpState {
        Idle,
        Priming,
        Infusing,
        Holding,
        Stopped,
        Empty
    }
);

/// What can be ordered; the number, the alarm or the line that goes with it is beside it.
#[repr(u32)]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum WbOrderKind {
    /// A daily dose, `number` in ug/day.
    Authorise,
    /// Begin therapy.
    Start,
    /// Stop for a moment.
    Pause,
    /// Go on.
    Resume,
    /// Stop until somebody resumes.
    Stop,
    /// Keep priming.
    HoldToRun,
    /// The drug, `number` in ug/mL.
    SetConcentration,
    /// Leave the next decrement out.
    SkipDecrement,
    /// The wean is over.
    ConfirmComplete,
    /// A person sees withdrawal.
    FlagWithdrawal,
    /// A person sees overdose.
    FlagOverdose,
    /// An alarm was seen: `alarm`.
    Acknowledge,
    /// Silence for a moment.
    PauseAudio,
    /// Whether the patient side is open: `line`.
    DeclareLine,
    /// Volume that holds no drug, `number` in uL.
    EnterUnprimed,
    /// The reservoir as weighed, `number` in uL.
    VolumeCheck,
    /// The reservoir as filled, `number` in uL.
    Refilled,
    /// The catheter is out.
    CatheterOut,
}

/// The patient side of the line.
#[repr(u32)]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(missing_docs, reason = "words of Line")]
pub enum WbLine {
    Open,
    Connected,
}
mirrors!(WbLine = Line { Open, Connected });

/// What has become of what must outlive a reset.
#[repr(u32)]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(missing_docs, reason = "words of Memory")]
pub enum WbMemory {
    Sound,
    Damaged,
    Lost,
    Unwritable,
}
mirrors!(
    WbMemory = Memory {
        Sound,
        Damaged,
        Lost,
        Unwritable
    }
);

/// What is loaded against the sealed record.
#[repr(u32)]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(missing_docs, reason = "words of SessionRecord")]
pub enum WbRecord {
    Agrees,
    OtherDrug,
    OtherVersion,
}
mirrors!(
    WbRecord = SessionRecord {
        Agrees,
        OtherDrug,
        OtherVersion
    }
);

/// The pump's clock.
#[repr(u32)]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(missing_docs, reason = "words of PeerClock")]
pub enum WbPeerClock {
    Agrees,
    Moved,
}
mirrors!(WbPeerClock = PeerClock { Agrees, Moved });

/// What leaves for the pump.
#[repr(u32)]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum WbSend {
    /// Nothing, for the reason in `quiet`.
    Quiet,
    /// A sign of life.
    Ping,
    /// The command.
    Command,
}

/// Why nothing leaves.
#[repr(u32)]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(missing_docs, reason = "words of Quiet")]
pub enum WbQuiet {
    NothingStarted,
    SelfTest,
    Unreconciled,
    AwaitingReadBack,
    NothingNew,
}
mirrors!(
    WbQuiet = Quiet {
        NothingStarted,
        SelfTest,
        Unreconciled,
        AwaitingReadBack,
        NothingNew
    }
);

/// What the controller does.
#[repr(u32)]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(missing_docs, reason = "words of Mode")]
pub enum WbMode {
    Off,
    Post,
    Idle,
    Prime,
    Active,
    Hold,
    Fallback,
    Paused,
    Stopped,
    Complete,
}
mirrors!(
    WbMode = Mode {
        Off,
        Post,
        Idle,
        Prime,
        Active,
        Hold,
        Fallback,
        Paused,
        Stopped,
        Complete
    }
);

/// Which rule moved, held or refused the dose; which fields go with it is said beside each.
#[repr(u32)]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum WbReasonKind {
    /// No therapy runs.
    NotStarted,
    /// The open line is being filled.
    Priming,
    /// Therapy began: `to`.
    Started,
    /// One rung down: `from`, `to`, `permille`, `cut`.
    Decremented,
    /// Two users changed the dose: `from`, `to`.
    Authorised,
    /// `detail` is a `WbWait`, with `at_ms` or `alarm`.
    Waiting,
    /// `detail` is a `WbHold`, with `alarm`.
    Held,
    /// `detail` is a `WbRefusal`, with `from` (wanted), `to` (least or most), `status`, `bits`, `mode`, `alarm`.
    Refused,
    /// `detail` is a `WbCause`.
    Stopped,
    /// The wean is over.
    Completed,
}

/// What the next decrement waits for.
#[repr(u32)]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(missing_docs, reason = "words of Wait")]
pub enum WbWait {
    NotDue,
    FreshAssessment,
    SecondAssessment,
    Response,
    Alarm,
    AfterWithdrawal,
    Bridge,
    LastRung,
    Skipped,
    Slope,
    Report,
}

/// Why the wean holds.
#[repr(u32)]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(missing_docs, reason = "words of HoldCause")]
pub enum WbHold {
    Alarm,
    OverdoseUnconfirmed,
    Unreconciled,
}

/// What was refused. Rates are ng/h and daily doses ng/day, in `from` and `to`.
#[repr(u32)]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(missing_docs, reason = "words of Refusal")]
pub enum WbRefusal {
    BadValue,
    BelowPumpFloor,
    AbovePumpMost,
    AboveCeiling,
    AboveGapDose,
    SlopeSpent,
    NotAuthorised,
    GapNeedsAuthorisation,
    NotPrimed,
    LineNotOpen,
    WrongMode,
    AlarmStands,
    NotAtFloor,
    TooManyFronts,
    PumpSilent,
    Stranger,
    ByPump,
}

/// What is wanted of people, as bits.
#[repr(u32)]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum WbAsk {
    /// Look at the patient again.
    Assessment = 1,
    /// Weigh the reservoir again.
    Weighing = 2,
    /// Authorise `authorisation_ng_per_day`.
    Authorisation = 4,
    /// Another concentration.
    Concentration = 8,
    /// Confirm that the wean is over.
    Completion = 16,
    /// Go on.
    Resumption = 32,
    /// Refill: `refill_nl` are left.
    Refill = 64,
}

/// What a decrement is a share of.
#[repr(u32)]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum WbBasis {
    /// The rung in force.
    Current,
    /// The dose that the wean began with.
    Initial,
}
