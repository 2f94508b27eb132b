//! Faults of the controller's platform.

use infusion_types::SessionRecord;

use crate::fault::Event;
use crate::host::{Cut, LogState, Platform, ResetPhase};
use crate::scenario::{LogName, PhaseName, PlatformFault};

pub(super) fn act(what: &PlatformFault, platform: &mut Platform) -> Option<Event> {
    match *what {
        PlatformFault::Hang { watchdog_dead } => {
            platform.hung = true;
            platform.watchdog &= !watchdog_dead;
        }
        PlatformFault::Late { late_ms } => platform.late_ms += u64::from(late_ms),
        PlatformFault::ResetAt { phase } => platform.reset_in = Some(reset_phase(phase)),
        PlatformFault::PowerCut {
            write,
            written_permille,
        } => {
            platform.cut = Some(Cut {
                write,
                written_permille,
            });
        }
        PlatformFault::MemoryFull => platform.memory_full = true,
        PlatformFault::MemorySlow { takes_ms } => platform.memory_slow_ms += u64::from(takes_ms),
        PlatformFault::TornWrite => platform.memory_tears = true,
        PlatformFault::Log { state } => platform.log = log(state),
        PlatformFault::LogSlow { takes_s } => platform.log = LogState::Slow(takes_s),
        PlatformFault::SelfTestFails => platform.self_test_passes = false,
        PlatformFault::MainsOff => platform.on_mains = false,
        PlatformFault::SounderDead => platform.sounder_works = false,
        PlatformFault::KeyStuck => platform.key_down = true,
        PlatformFault::OtherVersion => platform.record = SessionRecord::OtherVersion,
        PlatformFault::OtherDrug => platform.record = SessionRecord::OtherDrug,
        PlatformFault::Restart => return Some(Event::Reset),
        PlatformFault::ReuseController => return Some(Event::Reused),
        PlatformFault::BitFlip { copy, bit } => return Some(Event::BitFlips { copy, bit }),
        PlatformFault::MemoryLost => return Some(Event::MemoryLost),
        PlatformFault::LogAltered => return Some(Event::LogAltered),
    }
    None
}

const fn reset_phase(name: PhaseName) -> ResetPhase {
    match name {
        PhaseName::MidWrite => ResetPhase::MidWrite,
        PhaseName::BeforeSend => ResetPhase::BeforeSend,
        PhaseName::BeforeReadBack => ResetPhase::BeforeReadBack,
        PhaseName::AfterReadBack => ResetPhase::AfterReadBack,
    }
}

const fn log(name: LogName) -> LogState {
    match name {
        LogName::Full => LogState::Full,
        LogName::Torn => LogState::Torn,
        LogName::Reordered => LogState::Reordered,
    }
}
