//! One record: what is, what was said, what was decided; and the signals in it.
//!
//! [`SIGNALS`] is the one list of names, units and meanings. The digest of a run is taken over it in its
//! order, a trace has a column for each, and formulas will name them.

use dose_controller::Decision;
use infusion_device::Truth;
use infusion_types::{Alarm, Assessment, Order, Telemetry};
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
    /// What the controller decided.
    pub decision: Option<&'a Decision>,
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
