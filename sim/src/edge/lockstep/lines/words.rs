//! Words of closed lists, as they are written in a line: in small letters, with underscores.
//!
//! Each is a list of its own beside the core's, so that a change of the core cannot change the wire without
//! this file: the compiler wants both ends of every row.

use infusion_types::{Line, Memory, Mode, PeerClock, PumpState, Quiet, SessionRecord, StopCause};
use serde::{Deserialize, Serialize};

/// A list of words that mirrors an enum of the core.
macro_rules! words {
    ($(#[doc = $doc:literal])* $case:literal $name:ident = $core:ident { $($word:ident),* $(,)? }) => {
        $(#[doc = $doc])*
        #[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
        #[serde(rename_all = $case)]
        pub(crate) enum $name { $($word),* }

        impl From<$core> for $name {
            fn from(core: $core) -> Self {
                match core { $($core::$word => Self::$word),* }
            }
        }

        impl From<$name> for $core {
            fn from(word: $name) -> Self {
                match word { $($name::$word => Self::$word),* }
            }
        }
    };
}

words! {
    /// Why nothing flows.
    "snake_case" StopWord = StopCause {
        OverDelivery, FreeFlow, ReverseFlow, OverdoseSigns, OcclusionDownstream, OcclusionUpstream,
        Disconnected, ConcentrationMismatch, CsfOverdrainage, Air, Ordered, Paused, Weaned, Primed,
    }
}
words! {
    /// What the pump does.
    "snake_case" PumpWord = PumpState { Idle, Priming, Infusing, Holding, Stopped, Empty }
}
words! {
    /// What the controller does, in capitals as everywhere.
    "UPPERCASE" ModeWord = Mode {
        Off, Post, Idle, Prime, Active, Hold, Fallback, Paused, Stopped, Complete,
    }
}
words! {
    /// Why nothing leaves.
    "snake_case" QuietWord = Quiet { NothingStarted, SelfTest, Unreconciled, AwaitingReadBack, NothingNew }
}
words! {
    /// Whether the patient's side of the line is open.
    "snake_case" LineWord = Line { Open, Connected }
}
words! {
    /// What has become of what must outlive a reset.
    "snake_case" MemoryWord = Memory { Sound, Damaged, Lost, Unwritable }
}
words! {
    /// What is loaded against the sealed record.
    "snake_case" RecordWord = SessionRecord { Agrees, OtherDrug, OtherVersion }
}
words! {
    /// The pump's clock.
    "snake_case" ClockWord = PeerClock { Agrees, Moved }
}
