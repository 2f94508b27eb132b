//! What the platform says of itself: clock, supply, self-test, deadlines, memory, log, sounder, record.
//!
//! It is heard in every mode, the self-test among them, and whether the pump is heard or not. Nothing here
//! moves a dose: it holds the wean, keeps a therapy from starting, and in one case stops it, where the drug
//! is another than the one that was signed for.

use core::time::Duration;

use infusion_types::{Alarm, AlarmSet, Host, Memory, PeerClock, SessionRecord, Timestamp};

use super::wall::Wall;
use super::{lasts, set};

/// Mains may be away so long (AL-32).
const MAINS: Duration = Duration::from_secs(5);
/// A clock that is wrong so long is more urgent (AL-29).
const CLOCK: Duration = Duration::from_secs(300);
/// And so is a log that cannot be written (AL-36).
const LOG: Duration = Duration::from_secs(3_600);
/// So many deadlines missed in a row (SR-64).
const MISSED: u32 = 2;

/// What has become of the platform.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Platform {
    shown: AlarmSet,
    record: SessionRecord,
    wall: Wall,
    clock_since: Option<Timestamp>,
    mains_since: Option<Timestamp>,
    log_since: Option<Timestamp>,
    /// What was stored was not fit to go on with, and nobody has seen that yet.
    refused: bool,
}

impl Platform {
    /// Alarms that keep a therapy from starting.
    pub(crate) const HINDERING: AlarmSet = AlarmSet::EMPTY
        .with(Alarm::ConcentrationMismatch, true)
        .with(Alarm::SelfTestFail, true)
        .with(Alarm::AudioFail, true);

    /// Takes in what it says.
    pub(crate) fn see(&mut self, now: Timestamp, host: &Host) {
        self.record = host.record;
        let moved = host.peer_clock == PeerClock::Moved;
        let clock = self.wall.see(now, host.wall) || moved;
        lasts(&mut self.clock_since, now, clock, CLOCK);
        lasts(&mut self.log_since, now, !host.log_works, LOG);
        let failed = !host.self_test_passed || host.key_stuck;
        self.shown = set([
            (
                Alarm::ConcentrationMismatch,
                host.record == SessionRecord::OtherDrug,
            ),
            (Alarm::ClockFault, clock),
            (
                Alarm::MainsLost,
                lasts(&mut self.mains_since, now, !host.on_mains, MAINS),
            ),
            (
                Alarm::SelfTestFail,
                failed || host.record == SessionRecord::OtherVersion,
            ),
            (Alarm::ControllerFault, host.missed_deadlines >= MISSED),
            (
                Alarm::PlanCorrupt,
                host.memory != Memory::Sound || self.refused,
            ),
            (Alarm::LogFail, !host.log_works),
            (Alarm::AudioFail, !host.sounder_works),
        ]);
    }

    /// Alarms whose cause the platform has named.
    pub(crate) const fn shown(&self) -> AlarmSet {
        self.shown
    }

    /// Of those, the ones that have stood for too long.
    pub(crate) fn raised(&self, now: Timestamp) -> AlarmSet {
        let late = |since: Option<Timestamp>, most| since.is_some_and(|at| now.since(at) > most);
        set([
            (Alarm::ClockFault, late(self.clock_since, CLOCK)),
            (Alarm::LogFail, late(self.log_since, LOG)),
        ])
    }

    /// Whether what is loaded is what was signed for (SR-80).
    pub(crate) fn record_agrees(&self) -> bool {
        self.record == SessionRecord::Agrees
    }

    /// What was stored is not gone on with.
    pub(crate) const fn refuse_stored(&mut self) {
        self.refused = true;
    }

    /// Somebody has seen that nothing is known of what was stored.
    pub(crate) const fn seen(&mut self) {
        self.refused = false;
    }

    /// When time alone adds an alarm.
    pub(crate) fn due(&self) -> Option<Timestamp> {
        self.mains_since.map(|since| since.after(MAINS))
    }

    /// Whether every time in it lies before `now`.
    pub(crate) fn is_past(&self, now: Timestamp) -> bool {
        let times = [self.clock_since, self.mains_since, self.log_since];
        self.wall.is_past(now) && times.into_iter().flatten().all(|at| at <= now)
    }
}
