//! What the platform under a controller says of itself.
//!
//! The controller owns no clock, memory, log, sounder or key. Whoever hosts it does, and says in every
//! cycle what has become of them. Nothing here may change a plan; it may raise an alarm, hold a wean, keep a
//! therapy from starting, and stop one whose drug is another than the one that was signed for.

use crate::{NoData, Reading};

/// The time on the wall, in whole milliseconds since 1970-01-01 UTC. It may jump, and may be wrong.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct WallTime {
    millis: i64,
}

impl WallTime {
    /// So many milliseconds after the beginning of 1970, UTC.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        Self { millis }
    }

    /// Milliseconds since the beginning of 1970, UTC.
    #[must_use]
    pub const fn millis(self) -> i64 {
        self.millis
    }
}

/// What has become of what must outlive a reset.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Memory {
    /// It reads back as it was written.
    #[default]
    Sound,
    /// A copy was damaged; another one is in use, or what is in use was written again.
    Damaged,
    /// No copy can be read.
    Lost,
    /// It cannot be written.
    Unwritable,
}

/// What is loaded, held against the sealed record of the session (SR-80).
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum SessionRecord {
    /// All of it agrees.
    #[default]
    Agrees,
    /// The drug, its concentration or the drug's limits are others.
    OtherDrug,
    /// The software or a table is of another version.
    OtherVersion,
}

/// Whether the other party's clock goes like one's own.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum PeerClock {
    /// It does.
    #[default]
    Agrees,
    /// It has stepped by more than 5 s, or drifted by more than 60 s, since the session began.
    Moved,
}

/// What the platform says of itself.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Host {
    /// The time on the wall.
    pub wall: Reading<WallTime>,
    /// What must outlive a reset.
    pub memory: Memory,
    /// The sealed record of the session.
    pub record: SessionRecord,
    /// Frames from the pump that were refused since the controller was switched on: seal, session, number
    /// or age was wrong.
    pub refused_frames: u32,
    /// The pump's clock.
    pub peer_clock: PeerClock,
    /// Deadlines missed in a row; zero for a controller that is called in time.
    pub missed_deadlines: u32,
    /// The log can be written.
    pub log_works: bool,
    /// The platform has passed its self-test.
    pub self_test_passed: bool,
    /// It runs on mains.
    pub on_mains: bool,
    /// The sounder and the display work.
    pub sounder_works: bool,
    /// A key has been down for longer than anybody presses one.
    pub key_stuck: bool,
}

impl Host {
    /// A platform with nothing wrong, and no clock on the wall.
    pub const SOUND: Self = Self {
        wall: Err(NoData::NotFitted),
        memory: Memory::Sound,
        record: SessionRecord::Agrees,
        refused_frames: 0,
        peer_clock: PeerClock::Agrees,
        missed_deadlines: 0,
        log_works: true,
        self_test_passed: true,
        on_mains: true,
        sounder_works: true,
        key_stuck: false,
    };
}
