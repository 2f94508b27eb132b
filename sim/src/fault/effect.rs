//! What shows that a fault has had its effect, where somebody else applies it: link, clocks, platform, people
//! and the controller's mouth say what they did to what passed through them.

use infusion_types::{Host, Memory, PeerClock, SessionRecord};

use crate::defect::Bent;
use crate::scenario::{
    ClockFault, DefectFault, FaultKind, PeopleFault, PlatformFault, WayName, WireFault,
};
use crate::ward::Departure;

/// A way of the link.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Side {
    /// From the pump to the controller.
    Up,
    /// From the controller to the pump.
    Down,
}

/// What became of a frame.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum FrameEffect {
    /// It did not arrive.
    Lost,
    /// It came late.
    Late,
    /// It came twice.
    Doubled,
    /// It came after the one behind it.
    Swapped,
    /// It came with other bytes than it left with.
    Damaged,
    /// An old one came in its place.
    Frozen,
    /// It was a read-back, and did not arrive.
    ReadBackLost,
    /// An old one came besides.
    Replayed,
    /// One came that its sender never sent.
    Forged,
    /// Rubbish came.
    Rubbish,
}

/// Something that happened, which would not have happened without a fault.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Effect {
    /// On the link.
    Frame(Side, FrameEffect),
    /// The pump's clock showed another time.
    PumpClock,
    /// The clock on the wall showed another time.
    WallClock,
    /// The controller was due and not called.
    NotCalled,
    /// The controller was called late.
    CalledLate,
    /// The controller restarted.
    Restarted,
    /// A state was to be stored, and was not, or did not read back.
    NotStored,
    /// A command waited for its state to be stored.
    StoredLate,
    /// What is stored is another than was stored, or gone.
    StoreChanged,
    /// An entry of the log was not written, or late, or does not read back.
    Log,
    /// The platform says that its self-test has not passed.
    SelfTest,
    /// The platform says that the mains are off.
    Mains,
    /// The platform says that sounder and display are dead.
    Sounder,
    /// The platform says that a key is stuck.
    Key,
    /// The platform says that versions differ.
    OtherVersion,
    /// The platform says that the drug differs.
    OtherDrug,
    /// What was said is not what was decided.
    Bent(Bent),
    /// People departed from their rules.
    People(Departure),
}

/// Whether this effect is the one that a fault must show.
pub(super) fn shows(what: &FaultKind, effect: Effect) -> bool {
    match what {
        FaultKind::Wire(what) => {
            let Effect::Frame(side, frame) = effect else {
                return false;
            };
            of_wire(what, side) == Some(frame)
        }
        FaultKind::Clock(what) => effect == of_clock(what),
        FaultKind::Platform(what) => of_platform(what) == Some(effect),
        FaultKind::People(what) => {
            of_people(what).is_some_and(|departure| effect == Effect::People(departure))
        }
        FaultKind::Defect(what) => {
            let Effect::Bent(bent) = effect else {
                return false;
            };
            of_defect(what, bent)
        }
        // Judged on truth and on readings.
        FaultKind::Pump(_) | FaultKind::Line(_) | FaultKind::Sensor(_) | FaultKind::BuiltIn(_) => {
            false
        }
    }
}

fn of_wire(what: &WireFault, side: Side) -> Option<FrameEffect> {
    let (way, frame) = match *what {
        WireFault::LinkLoss { direction, .. } => (direction, FrameEffect::Lost),
        WireFault::Delay { direction, .. } => (direction, FrameEffect::Late),
        WireFault::Double { direction, .. } => (direction, FrameEffect::Doubled),
        WireFault::Swap { direction, .. } => (direction, FrameEffect::Swapped),
        WireFault::Flip { direction, .. } | WireFault::Cut { direction, .. } => {
            (direction, FrameEffect::Damaged)
        }
        WireFault::Freeze { direction } => (direction, FrameEffect::Frozen),
        WireFault::ReadBackLoss => (WayName::Up, FrameEffect::ReadBackLost),
        WireFault::Replay { .. } => (WayName::Down, FrameEffect::Replayed),
        WireFault::Forge { .. } => (WayName::Down, FrameEffect::Forged),
        WireFault::Flood { direction, .. } => (direction, FrameEffect::Rubbish),
    };
    let here = match way {
        WayName::Both => true,
        WayName::Up => side == Side::Up,
        WayName::Down => side == Side::Down,
    };
    here.then_some(frame)
}

const fn of_clock(what: &ClockFault) -> Effect {
    match what {
        ClockFault::PumpClockDrift { .. } | ClockFault::PumpClockJump { .. } => Effect::PumpClock,
        ClockFault::WallClockJump { .. }
        | ClockFault::WallClockDrift { .. }
        | ClockFault::WallClockStops
        | ClockFault::WallClockEpoch => Effect::WallClock,
    }
}

/// None where it is seen as it happens.
const fn of_platform(what: &PlatformFault) -> Option<Effect> {
    Some(match what {
        PlatformFault::Hang { .. } => Effect::NotCalled,
        PlatformFault::Late { .. } => Effect::CalledLate,
        PlatformFault::ResetAt { .. } | PlatformFault::PowerCut { .. } | PlatformFault::Restart => {
            Effect::Restarted
        }
        PlatformFault::ReuseController => return None,
        PlatformFault::MemoryFull | PlatformFault::TornWrite => Effect::NotStored,
        PlatformFault::MemorySlow { .. } => Effect::StoredLate,
        PlatformFault::BitFlip { .. } | PlatformFault::MemoryLost => Effect::StoreChanged,
        PlatformFault::Log { .. } | PlatformFault::LogSlow { .. } | PlatformFault::LogAltered => {
            Effect::Log
        }
        PlatformFault::SelfTestFails => Effect::SelfTest,
        PlatformFault::MainsOff => Effect::Mains,
        PlatformFault::SounderDead => Effect::Sounder,
        PlatformFault::KeyStuck => Effect::Key,
        PlatformFault::OtherVersion => Effect::OtherVersion,
        PlatformFault::OtherDrug => Effect::OtherDrug,
    })
}

fn of_defect(what: &DefectFault, bent: Bent) -> bool {
    match *what {
        DefectFault::WrongRate { .. } => bent == Bent::Scaled,
        DefectFault::SignFlip => bent == Bent::Flipped,
        DefectFault::StopLost => bent == Bent::Unstopped,
        DefectFault::AlarmDropped { alarm } => bent == Bent::Dropped(alarm.0),
        DefectFault::AlarmsDead => matches!(bent, Bent::Dropped(_)),
        DefectFault::AlarmsLate { .. } => bent == Bent::Late,
        DefectFault::PrioritiesSwapped => bent == Bent::Priority,
    }
}

/// None where an order or a sheet shows it.
const fn of_people(what: &PeopleFault) -> Option<Departure> {
    match what {
        PeopleFault::NurseAway => Some(Departure::RoundMissed),
        PeopleFault::Unattended => Some(Departure::Left),
        PeopleFault::AcknowledgesOnly => Some(Departure::OnlyAcknowledged),
        PeopleFault::AcknowledgesAnother => Some(Departure::OtherAcknowledged),
        PeopleFault::NobodyStarts => Some(Departure::StartLeft),
        PeopleFault::NobodyConfirms => Some(Departure::EndLeft),
        PeopleFault::SwappedScales => Some(Departure::Swapped),
        PeopleFault::OldSheet => Some(Departure::Old),
        PeopleFault::Masked { .. } => Some(Departure::Hidden),
        PeopleFault::Fever { .. } => Some(Departure::Feverish),
        PeopleFault::UnitSlip { .. } | PeopleFault::WrongDose { .. } => {
            Some(Departure::DoseChanged)
        }
        PeopleFault::KeyBounces => Some(Departure::Bounced),
        PeopleFault::KeyDead => Some(Departure::KeyDead),
        PeopleFault::ConfirmsEarly
        | PeopleFault::Pause
        | PeopleFault::ModeFlap { .. }
        | PeopleFault::Mistype { .. }
        | PeopleFault::Tamper { .. }
        | PeopleFault::RefillUnbridged { .. }
        | PeopleFault::LineOpened => None,
    }
}

/// What a platform says of itself that a sound one would not say.
pub(super) fn said(host: &Host) -> impl Iterator<Item = Effect> {
    let memory = match host.memory {
        Memory::Sound => None,
        Memory::Damaged | Memory::Lost => Some(Effect::StoreChanged),
        Memory::Unwritable => Some(Effect::NotStored),
    };
    let record = match host.record {
        SessionRecord::Agrees => None,
        SessionRecord::OtherDrug => Some(Effect::OtherDrug),
        SessionRecord::OtherVersion => Some(Effect::OtherVersion),
    };
    let effects = [
        memory,
        record,
        (host.peer_clock == PeerClock::Moved).then_some(Effect::PumpClock),
        (host.missed_deadlines > 0).then_some(Effect::CalledLate),
        (!host.log_works).then_some(Effect::Log),
        (!host.self_test_passed).then_some(Effect::SelfTest),
        (!host.on_mains).then_some(Effect::Mains),
        (!host.sounder_works).then_some(Effect::Sounder),
        host.key_stuck.then_some(Effect::Key),
    ];
    effects.into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use infusion_types::Alarm;

    use super::*;
    use crate::catalogue::{FaultEntry, faults};
    use crate::scenario::Acts;

    /// Everything that anybody can report.
    fn all() -> Vec<Effect> {
        let frames = [
            FrameEffect::Lost,
            FrameEffect::Late,
            FrameEffect::Doubled,
            FrameEffect::Swapped,
            FrameEffect::Damaged,
            FrameEffect::Frozen,
            FrameEffect::ReadBackLost,
            FrameEffect::Replayed,
            FrameEffect::Forged,
            FrameEffect::Rubbish,
        ];
        let sides = [Side::Up, Side::Down];
        let frames = sides.map(|side| frames.map(|frame| Effect::Frame(side, frame)));
        let mut all = frames.concat();
        all.extend(Departure::ALL.map(Effect::People));
        all.extend([
            Effect::PumpClock,
            Effect::WallClock,
            Effect::NotCalled,
            Effect::CalledLate,
            Effect::Restarted,
            Effect::NotStored,
            Effect::StoredLate,
            Effect::StoreChanged,
            Effect::Log,
            Effect::SelfTest,
            Effect::Mains,
            Effect::Sounder,
            Effect::Key,
            Effect::OtherVersion,
            Effect::OtherDrug,
        ]);
        let bent = [
            Bent::Scaled,
            Bent::Flipped,
            Bent::Unstopped,
            Bent::Late,
            Bent::Priority,
        ];
        all.extend(bent.map(Effect::Bent));
        all.extend(Alarm::ALL.map(Bent::Dropped).map(Effect::Bent));
        all
    }

    #[test]
    fn each_kind_that_others_apply_is_shown_by_one_effect_on_its_way() {
        for entry in faults() {
            let shown: Vec<Effect> = all()
                .into_iter()
                .filter(|effect| shows(&entry.example, *effect))
                .collect();
            let others = match entry.known.acts {
                Acts::Platform => usize::from(matches!(
                    &entry.example,
                    FaultKind::Platform(what) if of_platform(what).is_some()
                )),
                // Whichever alarm stands.
                Acts::Defect if entry.name() == "alarms_dead" => Alarm::ALL.len(),
                Acts::Wire | Acts::Clock | Acts::Defect => 1,
                Acts::People => usize::from(matches!(
                    &entry.example,
                    FaultKind::People(what) if of_people(what).is_some()
                )),
                Acts::Pump | Acts::Line | Acts::Sensor | Acts::BuiltIn => 0,
            };
            let ways = match shown.first() {
                Some(Effect::Frame(..)) if !entry.written.contains("direction") => 1..=2,
                _ => others..=others,
            };
            assert!(ways.contains(&shown.len()), "{}: {shown:?}", entry.name());
        }
    }

    #[test]
    fn no_effect_of_one_defect_is_shown_by_another_but_of_all_alarms() {
        let defects = || faults().iter().filter(|it| it.known.acts == Acts::Defect);
        for effect in all() {
            let shown: Vec<&str> = defects()
                .filter(|it| shows(&it.example, effect))
                .map(FaultEntry::name)
                .collect();
            let dropped = matches!(effect, Effect::Bent(Bent::Dropped(_)));
            let one = shown.len() <= 1 || (dropped && shown.len() == 2);
            assert!(one, "{effect:?}: {shown:?}");
        }
    }

    #[test]
    fn a_sound_platform_shows_nothing() {
        assert_eq!(said(&Host::SOUND).count(), 0);
        let odd = Host {
            memory: Memory::Unwritable,
            on_mains: false,
            missed_deadlines: 2,
            ..Host::SOUND
        };
        let shown: Vec<Effect> = said(&odd).collect();
        assert_eq!(
            shown,
            [Effect::NotStored, Effect::CalledLate, Effect::Mains]
        );
    }

    #[test]
    fn a_fault_of_one_way_is_not_shown_by_the_other() {
        let up = FaultKind::Wire(WireFault::LinkLoss {
            direction: WayName::Up,
            lost_permille: 5,
        });
        let lost = |side| Effect::Frame(side, FrameEffect::Lost);
        assert!(shows(&up, lost(Side::Up)));
        assert!(!shows(&up, lost(Side::Down)));
        assert!(!shows(&up, Effect::Frame(Side::Up, FrameEffect::Late)));
    }
}
