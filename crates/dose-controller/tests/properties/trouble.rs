//! What link, platform and strangers can do, as turns of the world.

use core::time::Duration;

use infusion_types::{Host, Memory, PeerClock, SessionRecord, Telemetry};
use proptest::prelude::*;

use super::support::{Dip, Rig, dated_ahead};

/// Something goes wrong with the way to the pump, or with what the controller runs on.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Trouble {
    /// From now on reports take so long, ms.
    Delay(u64),
    /// The report of so many reports ago comes again.
    Again(usize),
    /// This report is dated so far ahead, ms.
    Ahead(u64),
    /// Reports lack the read-back, or no longer.
    Unread(bool),
    /// The next commands do not arrive.
    Misses(u32),
    /// The next command meets a reset.
    Dips(Dip),
    /// The pump takes no more than it infuses now, or whatever it is told.
    Limit(bool),
    /// The pump refuses frames, and so does this end.
    Frames(u32, u32),
    /// The platform has this to say, or nothing any more.
    Says(Says),
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Says {
    Sound,
    NoMains,
    SelfTest,
    Key,
    OtherVersion,
    OtherDrug,
    Missed,
    Memory(Memory),
    NoLog,
    NoSound,
    Clock,
}

impl Says {
    fn put(self, host: &mut Host) {
        match self {
            Self::Sound => *host = Host::SOUND,
            Self::NoMains => host.on_mains = false,
            Self::SelfTest => host.self_test_passed = false,
            Self::Key => host.key_stuck = true,
            Self::OtherVersion => host.record = SessionRecord::OtherVersion,
            Self::OtherDrug => host.record = SessionRecord::OtherDrug,
            Self::Missed => host.missed_deadlines = 2,
            Self::Memory(memory) => host.memory = memory,
            Self::NoLog => host.log_works = false,
            Self::NoSound => host.sounder_works = false,
            Self::Clock => host.peer_clock = PeerClock::Moved,
        }
    }
}

impl Trouble {
    /// Brings it about. The report that comes at this moment, if it is another than the usual one.
    pub(crate) fn begin(self, rig: &mut Rig) -> Option<Telemetry> {
        match self {
            Self::Delay(millis) => rig.link.delay = Duration::from_millis(millis),
            Self::Again(ago) => {
                rig.telemetry();
                return rig.link.again(ago);
            }
            Self::Ahead(millis) => {
                let report = rig.telemetry();
                return Some(dated_ahead(&report, Duration::from_millis(millis)));
            }
            Self::Unread(unread) => rig.pump.unread = unread,
            Self::Misses(count) => rig.pump.misses = count,
            Self::Dips(dip) => rig.dips = Some((dip, Duration::ZERO)),
            Self::Limit(limit) => rig.pump.limit = limit.then(|| rig.pump.infusing()),
            Self::Frames(pump, here) => {
                rig.pump.refuses_frames(pump);
                rig.host.refused_frames += here;
            }
            Self::Says(says) => says.put(&mut rig.host),
        }
        None
    }
}

pub(crate) fn trouble() -> impl Strategy<Value = Trouble> {
    let delays = prop_oneof![
        2 => Just(0),
        2 => 1_u64..130_000,
        1 => 130_000_u64..1_000_000,
    ];
    let ahead = prop_oneof![1_u64..5_001, 5_001_u64..100_000_000];
    let dips = [Dip::MidWrite, Dip::BeforeSend, Dip::BeforeReadBack];
    prop_oneof![
        2 => delays.prop_map(Trouble::Delay),
        2 => (0_usize..40).prop_map(Trouble::Again),
        2 => ahead.prop_map(Trouble::Ahead),
        2 => any::<bool>().prop_map(Trouble::Unread),
        2 => (1_u32..5).prop_map(Trouble::Misses),
        4 => (0..dips.len()).prop_map(move |index| Trouble::Dips(dips[index])),
        1 => any::<bool>().prop_map(Trouble::Limit),
        1 => (0_u32..4, 0_u32..4).prop_map(|(pump, here)| Trouble::Frames(pump, here)),
        2 => says().prop_map(Trouble::Says),
    ]
}

fn says() -> impl Strategy<Value = Says> {
    let all = [
        Says::Sound,
        Says::NoMains,
        Says::SelfTest,
        Says::Key,
        Says::OtherVersion,
        Says::OtherDrug,
        Says::Missed,
        Says::Memory(Memory::Damaged),
        Says::Memory(Memory::Lost),
        Says::Memory(Memory::Unwritable),
        Says::NoLog,
        Says::NoSound,
        Says::Clock,
    ];
    prop_oneof![
        1 => Just(Says::Sound),
        2 => (0..all.len()).prop_map(move |index| all[index]),
    ]
}
