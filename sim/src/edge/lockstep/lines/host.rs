//! What the platform says of itself.

use infusion_types::{Host, WallTime};
use serde::{Deserialize, Serialize};

use super::number::{NoReading, Said};
use super::words::{ClockWord, MemoryWord, RecordWord};

/// The platform, as in [`Host`]; `wall_utc_ms` is the time on the wall, for alarms and logs and never for a dose.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
pub(crate) struct HostLine {
    wall_utc_ms: Said<i64>,
    memory: MemoryWord,
    record: RecordWord,
    refused_frames: u32,
    peer_clock: ClockWord,
    missed_deadlines: u32,
    log_works: bool,
    self_test_passed: bool,
    on_mains: bool,
    sounder_works: bool,
    key_stuck: bool,
}

impl From<&Host> for HostLine {
    fn from(host: &Host) -> Self {
        Self {
            wall_utc_ms: Said::of(host.wall, WallTime::millis),
            memory: host.memory.into(),
            record: host.record.into(),
            refused_frames: host.refused_frames,
            peer_clock: host.peer_clock.into(),
            missed_deadlines: host.missed_deadlines,
            log_works: host.log_works,
            self_test_passed: host.self_test_passed,
            on_mains: host.on_mains,
            sounder_works: host.sounder_works,
            key_stuck: host.key_stuck,
        }
    }
}

impl TryFrom<HostLine> for Host {
    type Error = NoReading;

    fn try_from(line: HostLine) -> Result<Self, NoReading> {
        Ok(Self {
            wall: line
                .wall_utc_ms
                .reading(|millis| Ok(WallTime::from_millis(millis)))?,
            memory: line.memory.into(),
            record: line.record.into(),
            refused_frames: line.refused_frames,
            peer_clock: line.peer_clock.into(),
            missed_deadlines: line.missed_deadlines,
            log_works: line.log_works,
            self_test_passed: line.self_test_passed,
            on_mains: line.on_mains,
            sounder_works: line.sounder_works,
            key_stuck: line.key_stuck,
        })
    }
}
