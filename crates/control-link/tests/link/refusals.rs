//! Every reason for which a sound-looking frame has no effect, and that it has none.

use core::time::Duration;

use control_link::{Body, Direction, Frame, NotSealed, Receiver, Refusal, Sender, SessionKey};
use infusion_types::{Command, Session, Timestamp};

use crate::support::{
    SESSION, at, command, forge, full_report, infuse, key, receiver, samples, sender,
};

fn ping(sender: &mut Sender, now: Timestamp) -> Frame {
    sender.seal_ping(now).expect("numbers are left")
}

/// A receiver that has let in one ping at `now`, and the sender of it.
fn met(now: Timestamp) -> (Sender, Receiver) {
    let (mut sender, mut receiver) = (sender(), receiver(Direction::Down));
    let first = ping(&mut sender, now);
    receiver.open(now, first.bytes()).expect("a sound frame");
    (sender, receiver)
}

#[test]
fn no_frame_is_taken_in_the_other_direction() {
    for (direction, frame) in samples() {
        let other = match direction {
            Direction::Down => Direction::Up,
            Direction::Up => Direction::Down,
        };
        let mut receiver = receiver(other);
        let before = receiver.heard();
        assert_eq!(
            receiver.open(at(10_000), frame.bytes()),
            Err(Refusal::Direction)
        );
        // Nor when somebody writes another direction on it.
        let mut turned = frame.bytes().to_vec();
        turned[1] = if other == Direction::Up { 0x81 } else { 0x01 };
        assert_eq!(receiver.open(at(10_000), &turned), Err(Refusal::Seal));
        assert_eq!(receiver.heard(), before);
    }
}

#[test]
fn a_copy_has_no_effect() {
    let (mut sender, mut receiver) = met(at(0));
    let frames = [
        sender.seal_command(at(5), &command(1, infuse(9))),
        sender.seal_ping(at(6)),
    ];
    for frame in frames.map(|frame| frame.expect("numbers are left")) {
        let message = receiver.open(at(7), frame.bytes()).expect("the first");
        let before = receiver.heard();
        let (number, last) = (message.number, message.number);
        for now in [7, 8, 40_000] {
            let refused = receiver.open(at(now), frame.bytes());
            assert_eq!(refused, Err(Refusal::Number { number, last }));
        }
        assert_eq!(receiver.heard(), before);
    }
}

#[test]
fn a_report_that_was_overtaken_has_no_effect() {
    let (mut pump, mut controller) = (sender(), receiver(Direction::Up));
    let mut report = |now| {
        let frame = pump.seal_report(at(now), &full_report(at(now)));
        frame.expect("numbers are left")
    };
    let (first, second, third) = (report(1), report(2), report(3));
    assert!(controller.open(at(5), first.bytes()).is_ok());
    assert!(controller.open(at(5), third.bytes()).is_ok());
    assert_eq!(
        controller.open(at(5), second.bytes()),
        Err(Refusal::Number { number: 2, last: 3 })
    );
}

#[test]
fn only_the_key_of_the_session_seals() {
    let mut bytes = crate::support::KEY;
    bytes[31] ^= 0x80;
    let other = SessionKey::from_bytes(bytes);
    let frame = Sender::new(SESSION, &other, 0).seal_ping(at(0));
    let frame = frame.expect("numbers are left");
    let mut receiver = receiver(Direction::Down);
    assert_eq!(receiver.open(at(0), frame.bytes()), Err(Refusal::Seal));
}

#[test]
fn a_frame_of_an_ended_session_has_no_effect() {
    let old = Session::new(6);
    let frame = Sender::new(old, &key(), 9).seal_ping(at(0));
    let frame = frame.expect("numbers are left");
    let mut receiver = receiver(Direction::Down);
    let refused = receiver.open(at(0), frame.bytes());
    assert_eq!(refused, Err(Refusal::Session { session: old }));
    assert_eq!(receiver.heard(), self::receiver(Direction::Down).heard());
}

#[test]
fn a_command_of_another_session_does_not_leave() {
    let mut sender = sender();
    let foreign = Command {
        session: Session::new(8),
        ..command(1, infuse(1))
    };
    let refused = sender.seal_command(at(0), &foreign);
    let why = NotSealed::OtherSession {
        command: Session::new(8),
        sender: SESSION,
    };
    assert_eq!(refused, Err(why));
    assert_eq!(why.to_string(), "a command of session 8 in session 7");
}

#[test]
fn thirty_seconds_are_not_too_old_and_a_moment_more_is() {
    for (late, refused) in [(30_000, None), (30_001, Some(Refusal::TooOld))] {
        let (mut sender, mut receiver) = met(at(100_000));
        let frame = ping(&mut sender, at(101_000));
        let opened = receiver.open(at(101_000 + late), frame.bytes());
        assert_eq!(opened.err(), refused, "{late}");
    }
}

#[test]
fn five_seconds_ahead_are_taken_and_a_moment_more_is_not() {
    for (early, refused) in [(5_000, None), (5_001, Some(Refusal::FromTheFuture))] {
        let (mut sender, mut receiver) = met(at(100_000));
        let frame = ping(&mut sender, at(100_500 + early));
        let opened = receiver.open(at(100_500), frame.bytes());
        assert_eq!(opened.err(), refused, "{early}");
    }
}

#[test]
fn a_frame_is_worth_as_long_as_its_sender_says_and_never_longer_than_it_may_be() {
    let opened = |worth: Duration, late: u64| {
        let (mut sender, mut receiver) = met(at(0));
        sender = sender.worth(worth);
        let frame = ping(&mut sender, at(500));
        receiver.open(at(500 + late), frame.bytes()).err()
    };
    let second = Duration::from_secs(1);
    assert_eq!(opened(second, 1_000), None);
    assert_eq!(opened(second, 1_001), Some(Refusal::Expired));
    assert_eq!(opened(second, 30_001), Some(Refusal::TooOld));
    assert_eq!(opened(Duration::MAX, 30_000), None);
    assert_eq!(opened(Duration::MAX, 30_001), Some(Refusal::TooOld));
    assert_eq!(opened(Duration::ZERO, 0), None);
    assert_eq!(opened(Duration::ZERO, 1), Some(Refusal::Expired));
}

#[test]
fn a_frame_that_came_at_a_wrong_time_uses_up_no_number() {
    let (mut sender, mut receiver) = met(at(0));
    let frame = ping(&mut sender, at(9_000));
    let ahead = receiver.open(at(900), frame.bytes());
    assert_eq!(ahead, Err(Refusal::FromTheFuture));
    let message = receiver.open(at(9_000), frame.bytes()).expect("its time");
    assert_eq!(message.number, 2);
}

#[test]
fn a_sender_that_restarted_goes_on_above_what_it_said() {
    let (mut before, mut receiver) = met(at(0));
    let held_up = ping(&mut before, at(1));
    let mut after = Sender::new(SESSION, &key(), 1);
    let message = receiver.open(at(2), ping(&mut after, at(2)).bytes());
    assert_eq!(message.map(|message| message.number), Ok(1 << 32 | 1));
    // What it had said before is behind it, however much that was.
    let refused = receiver.open(at(2), held_up.bytes());
    assert!(matches!(refused, Err(Refusal::Number { number: 2, .. })));
}

#[test]
fn a_receiver_that_restarted_takes_nothing_twice() {
    let (mut sender, mut receiver) = met(at(0));
    let frame = ping(&mut sender, at(1));
    receiver.open(at(1), frame.bytes()).expect("a sound frame");
    let mut back = Receiver::resume(Direction::Down, SESSION, &key(), receiver.heard());
    let refused = back.open(at(2), frame.bytes());
    assert_eq!(refused, Err(Refusal::Number { number: 2, last: 2 }));
    assert_eq!(back.offset_ms(), Some(0));
    assert!(back.open(at(3), ping(&mut sender, at(3)).bytes()).is_ok());
}

#[test]
fn frames_of_other_builds_are_named() {
    let mut receiver = receiver(Direction::Down);
    let head = |version, kind| {
        let rest = [7, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0];
        [&[version, kind][..], &rest, &[0; 12]].concat()
    };
    let mut open = |version, kind| receiver.open(at(0), &forge(&head(version, kind), &[]));
    assert_eq!(open(2, 2), Err(Refusal::Version { version: 2 }));
    assert_eq!(open(1, 3), Err(Refusal::Kind { code: 3 }));
    assert_eq!(open(1, 0x82), Err(Refusal::Kind { code: 0x82 }));
    assert_eq!(open(1, 1), Err(Refusal::Malformed));
    let opened = open(1, 2).map(|message| message.body);
    assert_eq!(opened, Ok(Body::Ping));
}

#[test]
fn no_secret_is_printed() {
    let (sender, receiver) = met(at(0));
    let said = format!("{:?} {sender:?} {receiver:?}", key());
    assert!(!said.contains("116"), "the first byte of the key: {said}");
    assert!(said.contains("SessionKey(..)") && said.contains("Sealer(..)"));
}
