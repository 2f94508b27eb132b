//! One record: what is, what was said, what was decided; and the signals in it.
//!
//! [`SIGNALS`] is the one list of names, units and meanings. The digest of a run is taken over it in its
//! order, a trace has a column for each, and formulas will name them.

use infusion_device::Truth;
use infusion_types::{Alarm, Assessment, Decision, Host, Order, Telemetry};
use virtual_patient::Signs;

use crate::clock::SimTime;
use crate::signals::{self, SIGNALS};
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
    /// For how long the controller should have been called, s; 0 where nobody has asked for that yet.
    pub overdue_s: f64,
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

/// The signals of one record: which of them exist, and their bits. Read once, for everybody who looks.
#[derive(Clone, Copy, Debug)]
pub struct Words {
    at: SimTime,
    bits: [u64; SIGNALS.len()],
    /// Bit n: the n-th exists.
    present: u64,
}

impl Words {
    /// Those of a record before the first: none exists.
    pub(crate) const NONE: Self = Self {
        at: SimTime::ZERO,
        bits: [0; SIGNALS.len()],
        present: 0,
    };

    /// Those of a record.
    #[must_use]
    pub fn of(record: &Record<'_>) -> Self {
        let mut words = Self {
            at: record.at,
            ..Self::NONE
        };
        let mut place = 0;
        signals::read_each(record, |bits| {
            words.bits[place] = bits.unwrap_or_default();
            words.present |= u64::from(bits.is_some()) << place;
            place += 1;
        });
        words
    }

    /// Whether a signal is the same in both, bit for bit.
    pub(crate) const fn agree(&self, other: &Self, place: usize) -> bool {
        (self.present ^ other.present) >> place & 1 == 0 && self.bits[place] == other.bits[place]
    }

    /// Enters them into a digest: the time, the bits of those that exist, and which these are.
    pub fn digest(&self, digest: &mut Digest) {
        let mut words = [0_u64; SIGNALS.len() + 2];
        words[0] = self.at.millis();
        let mut count = 1;
        for (place, bits) in self.bits.iter().enumerate() {
            words[count] = *bits;
            count += (self.present >> place & 1) as usize;
        }
        words[count] = self.present;
        digest.words(&words[..=count]);
    }
}

/// Enters a record into a digest: its time, which signals exist, and their bits.
pub fn digest(digest: &mut Digest, record: &Record<'_>) {
    Words::of(record).digest(digest);
}

/// The name under which alarm columns and formulas know an alarm, such as `AL_05`.
#[must_use]
pub fn alarm_column(alarm: Alarm) -> String {
    alarm.id().replace('-', "_")
}
