//! What a fault does once, at its beginning.

use infusion_types::Order;

/// One thing that happens.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Event {
    /// The pump begins to prime by itself, whatever it is connected to.
    PrimesByItself {
        /// Volume, µL.
        volume_ul: f64,
    },
    /// The pump goes over to a program that nobody gave it.
    RunsOwnProgram {
        /// Flow, µL/h.
        flow_ul_per_h: f64,
    },
    /// Drug is gone from the reservoir, down to this much, µL. The pump knows nothing of it.
    ReservoirAt {
        /// What is left, µL.
        left_ul: f64,
    },
    /// The controller's platform restarts.
    Reset,
    /// All that was stored is gone.
    MemoryLost,
    /// A bit of what is stored turns over.
    BitFlips {
        /// Which copy: 0 is the newest, 1 the one before it.
        copy: u8,
        /// Which bit, counted from the first and round the end.
        bit: u32,
    },
    /// Somebody orders something.
    Orders(Order),
    /// An entry of the log is changed after it was written.
    LogAltered,
}
