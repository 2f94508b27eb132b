//! One direction of the link, as numbers.

/// A frame that somebody else makes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Forgery {
    /// It is sealed with a key that is not the session's.
    BadSeal,
    /// It is sealed with the right key, of a session that has ended.
    OldSession,
    /// It is sealed with the right key and session: the key has leaked.
    StolenKey,
}

/// What becomes of frames in one direction. Chances are whole thousandths for each frame.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Wire {
    /// It does not arrive.
    pub lost_permille: u32,
    /// It takes so long, ms.
    pub delay_ms: u64,
    /// It arrives twice.
    pub doubled_permille: u32,
    /// It arrives after the one that follows it.
    pub swapped_permille: u32,
    /// One of its bits is turned over.
    pub flipped_permille: u32,
    /// Its end is missing.
    pub cut_permille: u32,
    /// In place of each frame the last one from before arrives again.
    pub frozen: bool,
    /// Once a minute a frame that is so old, ms, is sent again.
    pub replayed_ms: Option<u64>,
    /// Once a minute a command that nobody gave is sent.
    pub forged: Option<Forgery>,
    /// The rate of a forged command, in multiples of the one in force.
    pub forged_rate_times: f64,
    /// So much rubbish a second arrives.
    pub flood_per_s: u32,
    /// Read-backs alone do not arrive: what the pump has taken stays unknown.
    pub read_back_lost: bool,
}

impl Wire {
    /// Every frame arrives at once, once, and whole.
    pub const CLEAR: Self = Self {
        lost_permille: 0,
        delay_ms: 0,
        doubled_permille: 0,
        swapped_permille: 0,
        flipped_permille: 0,
        cut_permille: 0,
        frozen: false,
        replayed_ms: None,
        forged: None,
        forged_rate_times: 1.0,
        flood_per_s: 0,
        read_back_lost: false,
    };
}
