//! What goes wrong with what the controller runs on.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::words::{LogName, PhaseName};

/// A fault of the controller's platform.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub enum PlatformFault {
    /// The controller's task hangs.
    #[schemars(extend("x-shows" = "the controller is not called when it is due"))]
    Hang {
        /// The watchdog that would end it by a reset is dead as well.
        #[serde(default)]
        watchdog_dead: bool,
    },
    /// The controller is called late.
    #[schemars(extend("x-shows" = "the controller is called late"))]
    Late {
        /// How late.
        #[schemars(range(min = 1, max = 600_000))]
        late_ms: u32,
    },
    /// The supply dips within the next command to infuse.
    #[schemars(extend("x-shows" = "the controller restarts"))]
    ResetAt {
        /// When in its course.
        phase: PhaseName,
    },
    /// The supply dips while a state is stored.
    #[schemars(extend("x-shows" = "the controller restarts"))]
    PowerCut {
        /// Which of the states that are stored from then on, from 1.
        #[schemars(range(min = 1, max = 1_000))]
        write: u32,
        /// How much of it arrives; the rest is what was there before.
        #[schemars(range(min = 0, max = 1_000))]
        written_permille: u32,
    },
    /// The supply dips.
    #[schemars(extend("x-shows" = "the controller restarts"))]
    Restart,
    /// The controller has served another patient before, and is used again: at the explant, and at no other time.
    #[schemars(extend("x-shows" = "the controller was called before its first cycle"))]
    ReuseController,
    /// Nothing more can be stored.
    #[schemars(extend("x-shows" = "a state is not stored"))]
    MemoryFull,
    /// To store takes long.
    #[schemars(extend("x-shows" = "a command waits for its state to be stored"))]
    MemorySlow {
        /// How long.
        #[schemars(range(min = 1, max = 600_000))]
        takes_ms: u32,
    },
    /// What is stored loses its end.
    #[schemars(extend("x-shows" = "a stored state cannot be read back"))]
    TornWrite,
    /// A bit of what is stored turns over.
    #[schemars(extend("x-shows" = "a stored state is another"))]
    BitFlip {
        /// In which copy: 0 is the newest, 1 the one before it.
        #[schemars(range(min = 0, max = 1))]
        copy: u8,
        /// Which, counted from the first and round the end.
        #[schemars(range(min = 0, max = 1_000_000))]
        bit: u32,
    },
    /// All that was stored is gone.
    #[schemars(extend("x-shows" = "a stored state is another"))]
    MemoryLost,
    /// The log cannot be written as it should.
    #[schemars(extend("x-shows" = "an entry is not written, or does not read back"))]
    Log {
        /// What is wrong with it.
        state: LogName,
    },
    /// The log is slow.
    #[schemars(extend("x-shows" = "an entry is written late"))]
    LogSlow {
        /// How long an entry takes.
        #[schemars(range(min = 1, max = 86_400))]
        takes_s: u32,
    },
    /// An entry of the log is changed after it was written.
    #[schemars(extend("x-shows" = "an entry is another"))]
    LogAltered,
    /// The self-test does not pass.
    #[schemars(extend("x-shows" = "the platform says so"))]
    SelfTestFails,
    /// The mains are off; the battery holds.
    #[schemars(extend("x-shows" = "the platform says so"))]
    MainsOff,
    /// Sounder and display are dead.
    #[schemars(extend("x-shows" = "the platform says so"))]
    SounderDead,
    /// A key is stuck.
    #[schemars(extend("x-shows" = "the platform says so"))]
    KeyStuck,
    /// Software or a table is of another version than the session's record.
    #[schemars(extend("x-shows" = "the platform says so"))]
    OtherVersion,
    /// The drug's data are others than in the session's record.
    #[schemars(extend("x-shows" = "the platform says so"))]
    OtherDrug,
}
