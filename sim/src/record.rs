//! One record: what is, what was said, what was decided; and the signals in it.
//!
//! [`SIGNALS`] is the one list of names, units and meanings. The digest of a run is taken over it in its
//! order, a trace has a column for each, and formulas will name them.

use dose_controller::Decision;
use infusion_device::Truth;
use infusion_types::{Alarm, Assessment, Host, Order, Telemetry};
use virtual_patient::Signs;

use crate::clock::SimTime;
use crate::signals::SIGNALS;
use crate::trace::{Digest, Oracle};

/// Everything about one moment of a run. Only the bench ever holds all three circles together.
#[derive(Clone, Copy, Debug)]
pub struct Record<'a> {
    /// True time.
    pub at: SimTime,
    /// What the device really does; none in an arm without one.
    pub truth: Option<&'a Truth>,
    /// What the patient really shows.
    pub signs: &'a Signs,
    /// Which faults act, by their place in the scenario.
    pub faults: u64,
    /// What the pump said.
    pub telemetry: Option<&'a Telemetry>,
    /// What a nurse wrote.
    pub assessment: Option<&'a Assessment>,
    /// What people ordered.
    pub orders: &'a [Order],
    /// What the controller decided; while it is not called, what it decided last, with nothing to send.
    pub decision: Option<&'a Decision>,
    /// What the controller runs on, and what became of its words.
    pub platform: Option<&'a PlatformTruth>,
}

/// What is true of computer and link.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PlatformTruth {
    /// The controller is called.
    pub runs: bool,
    /// How often it has been restarted.
    pub restarts: u32,
    /// Decisions so far that nobody saw: the computer went down before it could pass them on.
    pub unseen: u32,
    /// What the computer last said of itself.
    pub host: Host,
    /// How long the oldest thing that should be in the log has waited, s.
    pub log_lag_s: f64,
    /// Frames that the controller's end has refused.
    pub refused_by_controller: u32,
    /// Frames a second that neither party sent.
    pub rubbish_per_s: u32,
    /// Somebody else has the key of this session.
    pub key_stolen: bool,
    /// Entries in the log.
    pub logged: u32,
    /// Commands that the pump has applied.
    pub applied: u32,
    /// Of those, the ones that it had applied before.
    pub applied_twice: u32,
}

/// How the 64 bits of a value are meant.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// An `f64`.
    Number,
    /// A whole number.
    Count,
    /// A word of a closed list.
    Word(fn(u64) -> &'static str),
}

/// One named signal.
#[derive(Clone, Copy, Debug)]
pub struct Signal {
    /// Its name, unit last where it has one.
    pub name: &'static str,
    /// Its unit; empty for none.
    pub unit: &'static str,
    /// Whose word it is.
    pub oracle: Oracle,
    /// How its bits are meant.
    pub kind: Kind,
    /// What it means, in one line.
    pub meaning: &'static str,
    /// Its bits in a record, if it exists there.
    pub read: fn(&Record<'_>) -> Option<u64>,
}

/// Enters a record into a digest: its time, which signals exist, and their bits.
pub fn digest(digest: &mut Digest, record: &Record<'_>) {
    let mut present = 0_u64;
    digest.u64(record.at.millis());
    for (index, signal) in SIGNALS.iter().enumerate() {
        if let Some(bits) = (signal.read)(record) {
            present |= 1 << index;
            digest.u64(bits);
        }
    }
    digest.u64(present);
}

/// The name under which alarm columns and formulas know an alarm, such as `AL_05`.
#[must_use]
pub fn alarm_column(alarm: Alarm) -> String {
    alarm.id().replace('-', "_")
}
