use dose_controller::Controller;

use super::*;
use crate::case::Case;
use crate::config::Library;
use crate::host::{Cut, ResetPhase};

/// The computer of the shortest scenario, after its first cycle at 0, and what was decided there.
fn started() -> (Computer<Controller>, Decision) {
    let library = Library::shipped("first", &[]).expect("it ships");
    let library = library.expect("it is sound");
    let case = Case::new(&library, &library.scenario.arms[0], 1).expect("checked");
    let protocol = case.protocol().expect("it weans");
    let session = Session::new(1);
    let controller = Controller::new(protocol, session);
    let mut computer = Computer::new(controller, session);
    let decision = cycle(&mut computer, SimTime::ZERO);
    computer.set_next(SimTime::ZERO).expect("it goes on");
    (computer, decision)
}

fn cycle(computer: &mut Computer<Controller>, now: SimTime) -> Decision {
    let brought = Brought {
        sheet: None,
        orders: &[],
        refused_frames: 0,
        peer_clock: PeerClock::Agrees,
    };
    let called = computer.call(now, &Defect::NONE, &brought);
    called.expect("no stall").decision
}

#[test]
fn a_cycle_that_is_called_twice_at_a_late_moment_is_late_once() {
    let (mut computer, _) = started();
    let now = computer.due().after_millis(20_000);
    cycle(&mut computer, now);
    cycle(&mut computer, now);
    assert_eq!(computer.said().missed_deadlines, 1);
}

#[test]
fn a_call_that_is_late_at_all_shows() {
    let (mut computer, _) = started();
    let due = computer.due();
    cycle(&mut computer, due);
    assert!(!computer.take_effects().contains(&Effect::CalledLate));
    let (mut computer, _) = started();
    let now = computer.due().after_millis(1);
    cycle(&mut computer, now);
    assert_eq!(computer.said().missed_deadlines, 0);
    assert!(computer.take_effects().contains(&Effect::CalledLate));
}

#[test]
fn a_hang_that_the_watchdog_ends_shows() {
    let (mut computer, _) = started();
    let platform = Platform {
        hung: true,
        ..Platform::SOUND
    };
    let now = SimTime::from_millis(1_000);
    computer.due = SimTime::from_millis(30_000);
    computer.live(now, &platform).expect("no stall");
    assert!(!computer.runs() && computer.take_effects().is_empty());
    let bites = computer.due();
    assert_eq!(bites, now.after_millis(WATCHDOG_MS));
    computer.live(bites, &platform).expect("no stall");
    assert_eq!(computer.take_effects(), [Effect::NotCalled]);
}

/// A computer that has stored two states, of which the newer is damaged; and a decision to store another.
fn damaged() -> (Computer<Controller>, Decision) {
    let (mut computer, decision) = started();
    let stores = Decision {
        store: true,
        ..decision
    };
    computer.keep(SimTime::ZERO, &stores).unwrap();
    computer.keep(SimTime::ZERO, &stores).unwrap();
    computer.flip(0, 100);
    computer.memory_state = MemoryState::Damaged;
    (computer, stores)
}

#[test]
fn what_tears_every_write_leaves_the_copy_that_is_whole() {
    let (mut computer, stores) = damaged();
    computer.platform.memory_tears = true;
    for _ in 0..3 {
        computer.keep(SimTime::ZERO, &stores).unwrap();
        assert!(!computer.memory.is_sound());
        assert_eq!(computer.memory_state, MemoryState::Unwritable);
        computer.memory_state = MemoryState::Damaged;
        let found = computer.memory.clone().find();
        assert!(matches!(found, Found::State(_)));
    }
    computer.platform.memory_tears = false;
    computer.keep(SimTime::ZERO, &stores).unwrap();
    assert_eq!(computer.memory_state, MemoryState::Sound);
}

#[test]
fn a_cut_while_a_copy_is_mended_leaves_the_other() {
    let (mut computer, stores) = damaged();
    computer.platform.cut = Some(Cut {
        write: 1,
        written_permille: 600,
    });
    assert_eq!(computer.keep(SimTime::ZERO, &stores), Ok(None));
    assert!(!computer.memory.is_sound());
    let found = computer.memory.find();
    assert!(matches!(found, Found::State(_)));
}

#[test]
fn what_was_lost_is_sound_again_once_a_state_is_stored() {
    let (mut computer, stores) = damaged();
    computer.lose_memory();
    computer.platform.memory_tears = true;
    computer.keep(SimTime::ZERO, &stores).unwrap();
    assert_eq!(computer.memory_state, MemoryState::Unwritable);
    computer.platform.memory_tears = false;
    computer.keep(SimTime::ZERO, &stores).unwrap();
    assert_eq!(computer.memory_state, MemoryState::Sound);
}

#[test]
fn a_power_cut_is_not_the_reset_that_was_asked_for() {
    let (mut computer, decision) = started();
    let stores = Decision {
        store: true,
        ..decision
    };
    computer.platform.reset_in = Some(ResetPhase::BeforeSend);
    computer.platform.cut = Some(Cut {
        write: 1,
        written_permille: 1_000,
    });
    assert!(!matches!(stores.send, Send::Command(_)));
    assert_eq!(computer.keep(SimTime::ZERO, &stores), Ok(None));
    assert!(!computer.reset_done, "it is still to come");
}
