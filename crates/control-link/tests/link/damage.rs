//! What is not a whole frame as it was sealed has no effect at all.

use control_link::{Direction, Receiver, Refusal};
use proptest::prelude::*;

use crate::support::{any_report, at, config, forge, receiver, samples, sender};

/// Refused, and nothing of the receiver has changed.
#[track_caller]
fn assert_no_effect(receiver: &mut Receiver, bytes: &[u8]) -> Refusal {
    let before = receiver.heard();
    let refused = receiver.open(at(10_000), bytes);
    assert_eq!(receiver.heard(), before);
    refused.expect_err("refused")
}

/// Does something to every frame, and then lets in what was not touched: so that it was not for another
/// reason that it was refused.
fn for_every_frame(mut damage: impl FnMut(&mut Receiver, &[u8])) {
    for (direction, frame) in samples() {
        let mut receiver = receiver(direction);
        damage(&mut receiver, frame.bytes());
        assert!(receiver.open(at(10_000), frame.bytes()).is_ok());
    }
}

#[test]
fn every_bit_turned_over_is_seen() {
    for_every_frame(|receiver, whole| {
        for bit in 0..whole.len() * 8 {
            let mut bytes = whole.to_vec();
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert_no_effect(receiver, &bytes);
        }
    });
}

#[test]
fn every_byte_left_out_is_seen() {
    for_every_frame(|receiver, whole| {
        for left_out in 0..whole.len() {
            let mut bytes = whole.to_vec();
            bytes.remove(left_out);
            assert_no_effect(receiver, &bytes);
        }
    });
}

#[test]
fn every_byte_put_in_is_seen() {
    for_every_frame(|receiver, whole| {
        for place in 0..=whole.len() {
            for byte in [0, 1, 0xff] {
                let mut bytes = whole.to_vec();
                bytes.insert(place, byte);
                assert_no_effect(receiver, &bytes);
            }
        }
    });
}

#[test]
fn every_cut_is_seen_from_either_end() {
    for_every_frame(|receiver, whole| {
        for length in 0..whole.len() {
            assert_no_effect(receiver, &whole[..length]);
            assert_no_effect(receiver, &whole[whole.len() - length..]);
        }
    });
}

#[test]
fn a_seal_belongs_to_one_frame() {
    for (direction, frame) in samples() {
        let mut receiver = receiver(direction);
        for (_, other) in samples() {
            if other == frame {
                continue;
            }
            let (body, _) = frame.bytes().split_last_chunk::<16>().expect("a seal");
            let (_, seal) = other.bytes().split_last_chunk::<16>().expect("a seal");
            let refused = assert_no_effect(&mut receiver, &[body, &seal[..]].concat());
            assert_eq!(refused, Refusal::Seal);
        }
    }
}

#[test]
fn what_a_holder_of_the_key_seals_is_no_message_with_a_byte_more_or_less() {
    for_every_frame(|receiver, whole| {
        let (sealed, _) = whole.split_last_chunk::<16>().expect("a seal");
        let (head, body) = sealed.split_at(26);
        if body.len() < 213 {
            let longer = forge(head, &[body, &[0]].concat());
            assert_eq!(assert_no_effect(receiver, &longer), Refusal::Malformed);
        }
        if let Some((_, shorter)) = body.split_last() {
            let shorter = forge(head, shorter);
            assert_eq!(
                assert_no_effect(receiver, &shorter),
                if shorter.len() < 42 {
                    Refusal::Length { bytes: 41 }
                } else {
                    Refusal::Malformed
                }
            );
        }
    });
}

/// Of nothing, of a version, of each kind, and of a session.
const BEGINNINGS: &[&[u8]] = &[&[], &[1], &[1, 1], &[1, 2], &[1, 0x81], &[1, 1, 7, 0, 0, 0]];

proptest! {
    #![proptest_config(config(2_000))]

    /// Rubbish of any length, also where it begins as a frame does.
    #[test]
    fn rubbish_never_opens(
        mut bytes in prop::collection::vec(any::<u8>(), 0..300),
        begins in prop::sample::select(BEGINNINGS),
        now in any::<u64>(),
    ) {
        for (to, from) in bytes.iter_mut().zip(begins) {
            *to = *from;
        }
        for hears in [Direction::Down, Direction::Up] {
            let mut receiver = receiver(hears);
            prop_assert!(receiver.open(at(now), &bytes).is_err());
            prop_assert_eq!(receiver.heard(), self::receiver(hears).heard());
        }
    }

    /// Rubbish that a holder of the key has sealed is refused or opens, and nothing panics.
    #[test]
    fn sealed_rubbish_does_not_panic(bytes in prop::collection::vec(any::<u8>(), 0..260), now in any::<u64>()) {
        for kind in [0x01, 0x02, 0x81] {
            let mut receiver = receiver(if kind == 0x81 { Direction::Up } else { Direction::Down });
            let bytes = forge(&[1, kind, 7, 0, 0, 0], &bytes);
            let before = receiver.heard();
            if receiver.open(at(now), &bytes).is_err() {
                prop_assert_eq!(receiver.heard(), before);
            }
        }
    }

    /// Any report with any stretch of it overwritten.
    #[test]
    fn no_overwritten_stretch_passes(
        (sent, report) in any_report(),
        from in any::<prop::sample::Index>(),
        with in prop::collection::vec(any::<u8>(), 1..40),
    ) {
        let frame = sender().seal_report(sent, &report).expect("numbers are left");
        let mut bytes = frame.bytes().to_vec();
        let from = from.index(bytes.len());
        for (to, from) in bytes.iter_mut().skip(from).zip(with) {
            *to = from;
        }
        let mut receiver = receiver(Direction::Up);
        let opened = receiver.open(sent, &bytes).is_ok();
        prop_assert_eq!(opened, bytes == frame.bytes());
    }
}
