//! What can be wrong with a platform, as numbers.

use infusion_types::SessionRecord;

/// When, in the course of a command to infuse, a supply dips.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ResetPhase {
    /// While what must be durable is written: the copy is torn.
    MidWrite,
    /// It is durable, and has not left.
    BeforeSend,
    /// It has left, and its read-back has not come.
    BeforeReadBack,
    /// Its read-back has come, and has not been stored.
    AfterReadBack,
}

/// A supply that dips while a state is stored.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Cut {
    /// Which of them, from the first after this was set.
    pub write: u32,
    /// How much of it arrives, thousandths.
    pub written_permille: u32,
}

/// What is wrong with the log.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum LogState {
    /// Nothing.
    #[default]
    Sound,
    /// There is no room.
    Full,
    /// Each entry loses its end.
    Torn,
    /// An entry takes so long, s.
    Slow(u32),
    /// Entries change places.
    Reordered,
}

/// What is wrong with the clock on the wall. It counts from the beginning of the fault.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct WallClock {
    /// It stands so far off, ms.
    pub offset_ms: i64,
    /// It runs too fast by so many parts in a million.
    pub drift_ppm: i64,
    /// It stands still.
    pub stopped: bool,
    /// It shows the beginning of 1970.
    pub epoch: bool,
}

/// The numbers of a platform.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Platform {
    /// The controller is not called at all.
    pub hung: bool,
    /// The controller is called so late, ms.
    pub late_ms: u64,
    /// The watchdog that ends a hang by a reset works.
    pub watchdog: bool,
    /// The next command to infuse meets a reset in this phase, once.
    pub reset_in: Option<ResetPhase>,
    /// The supply dips while one of the next states is stored, once.
    pub cut: Option<Cut>,
    /// Nothing more can be stored.
    pub memory_full: bool,
    /// To store takes so long, ms.
    pub memory_slow_ms: u64,
    /// Whatever is stored loses its end.
    pub memory_tears: bool,
    /// The log.
    pub log: LogState,
    /// The clock on the wall.
    pub wall: WallClock,
    /// What is loaded, against the sealed record of the session.
    pub record: SessionRecord,
    /// The self-test passes.
    pub self_test_passes: bool,
    /// It runs on mains.
    pub on_mains: bool,
    /// Sounder and display work.
    pub sounder_works: bool,
    /// A key is down.
    pub key_down: bool,
}

impl Platform {
    /// Nothing is wrong.
    pub const SOUND: Self = Self {
        hung: false,
        late_ms: 0,
        watchdog: true,
        reset_in: None,
        cut: None,
        memory_full: false,
        memory_slow_ms: 0,
        memory_tears: false,
        log: LogState::Sound,
        wall: WallClock {
            offset_ms: 0,
            drift_ppm: 0,
            stopped: false,
            epoch: false,
        },
        record: SessionRecord::Agrees,
        self_test_passes: true,
        on_mains: true,
        sounder_works: true,
        key_down: false,
    };
}
