//! Any bytes at both ends of the link, one frame after the other, mended so far that some get behind each door: with
//! the seal of a holder of the key, with a head that fits, at a time that fits. Nothing that is refused has an effect,
//! nothing comes twice, and what is let in has one spelling.
//!
//! | bytes | |
//! |---|---|
//! | 8 | when the first frame comes |
//! | 1 | how each frame is mended: the constants below |
//! | 2 | how long after the one before it |
//! | 1 | how long it is, and so many bytes |

use std::time::Duration;

use control_link::{Body, Direction, Receiver, Refusal, Sender, SessionKey};
use infusion_types::{Session, Timestamp};
use sha2::{Digest, Sha256};

const SESSION: Session = Session::new(7);
const KEY: [u8; 32] = *b"thirty-two bytes of no secret...";
/// The bytes of a head, and its places.
const HEAD: usize = 26;
const NUMBER: usize = 6;
const SENT: usize = 14;
const WORTH: usize = 22;

/// A holder of the key seals it.
const SEALED: u8 = 1;
/// Version and session are those of the receiver.
const FITS: u8 = 2;
/// It is sent when it comes.
const IN_TIME: u8 = 4;
/// Its number is the next.
const NEXT: u8 = 8;
/// Its kind, if it is to be a known one: 0 as it is, then command, ping, report.
const KIND: [Option<u8>; 4] = [None, Some(0x01), Some(0x02), Some(0x81)];
/// What the wait is counted in: ms, s, hours, or more than anybody lives.
const WAITS: [u64; 4] = [1, 1_000, 3_600_000, 1 << 48];

/// HMAC-SHA256 as RFC 2104 writes it, its first half.
fn seal(bytes: &[u8]) -> [u8; 16] {
    let pad = |with: u8| {
        let mut block = [with; 64];
        block.iter_mut().zip(KEY).for_each(|(to, from)| *to ^= from);
        block
    };
    let inner = Sha256::new().chain_update(pad(0x36)).chain_update(bytes);
    let outer = Sha256::new()
        .chain_update(pad(0x5c))
        .chain_update(inner.finalize());
    *outer.finalize().first_chunk().expect("32 bytes")
}

fn put(frame: &mut [u8], at: usize, bytes: &[u8]) {
    let place = frame.get_mut(at..at + bytes.len());
    if let Some(place) = place {
        place.copy_from_slice(bytes);
    }
}

fn number(frame: &[u8], at: usize) -> u64 {
    let bytes = frame.get(at..).and_then(|rest| rest.first_chunk());
    bytes.map_or(0, |bytes| u64::from_le_bytes(*bytes))
}

/// What is let in when it comes in no time is said again in the same bytes.
fn has_one_spelling(hears: Direction, frame: &[u8]) {
    let key = SessionKey::from_bytes(KEY);
    let sent = Timestamp::from_millis(number(frame, SENT));
    let mut fresh = Receiver::new(hears, SESSION, &key);
    let Ok(message) = fresh.open(sent, frame) else {
        return;
    };
    assert_eq!(
        (message.number, message.sent),
        (number(frame, NUMBER), sent)
    );
    let worth = number(frame, WORTH) & u64::from(u32::MAX);
    let mut sender = Sender::new(SESSION, &key, 0).worth(Duration::from_millis(worth));
    let again = match message.body {
        Body::Command(command) => sender.seal_command(sent, &command),
        Body::Ping => sender.seal_ping(sent),
        Body::Report(report) => sender.seal_report(sent, &report),
    };
    let again = again.expect("numbers are left");
    let mut again = again.bytes().to_vec();
    put(&mut again, NUMBER, &message.number.to_le_bytes());
    let sealed = again.len() - 16;
    let seal = seal(&again[..sealed]);
    put(&mut again, sealed, &seal);
    assert_eq!(again, frame);
}

fn comes(receiver: &mut Receiver, hears: Direction, now: Timestamp, frame: &[u8]) -> Option<u64> {
    let before = receiver.heard();
    match receiver.open(now, frame) {
        Ok(message) => {
            let again = receiver.open(now, frame);
            let (number, last) = (message.number, message.number);
            assert_eq!(again, Err(Refusal::Number { number, last }));
            has_one_spelling(hears, frame);
            Some(number)
        }
        // A sound frame at a wrong time may tell of the peer's clock.
        Err(Refusal::TooOld | Refusal::Expired | Refusal::FromTheFuture) => None,
        Err(_) => {
            assert_eq!(receiver.heard(), before);
            None
        }
    }
}

pub(crate) fn check(bytes: &[u8]) {
    let key = SessionKey::from_bytes(KEY);
    let ends = [Direction::Down, Direction::Up];
    let mut receivers = ends.map(|hears| Receiver::new(hears, SESSION, &key));
    let mut last = 0_u64;
    let mut now = Timestamp::from_millis(number(bytes, 0));
    let mut rest = bytes.get(8..).unwrap_or_default();
    while let Some(([how, low, high, length], behind)) = rest.split_first_chunk() {
        let (frame, behind) = behind.split_at(behind.len().min(usize::from(*length)));
        rest = behind;
        let wait = u64::from(u16::from_le_bytes([*low, *high]));
        let unit = WAITS[usize::from(how >> 4 & 3)];
        now = now.after(Duration::from_millis(wait.saturating_mul(unit)));
        let mut frame = frame.to_vec();
        if how & FITS != 0 {
            frame.resize(frame.len().max(HEAD), 0);
            put(&mut frame, 0, &[1]);
            put(&mut frame, 2, &SESSION.number().to_le_bytes());
        }
        if how & IN_TIME != 0 {
            put(&mut frame, SENT, &now.millis().to_le_bytes());
        }
        if how & NEXT != 0 {
            put(&mut frame, NUMBER, &last.saturating_add(1).to_le_bytes());
        }
        if let Some(kind) = KIND[usize::from(how >> 6)] {
            put(&mut frame, 1, &[kind]);
        }
        if how & SEALED != 0 {
            let seal = seal(&frame);
            frame.extend(seal);
        }
        for (receiver, hears) in receivers.iter_mut().zip(ends) {
            if let Some(number) = comes(receiver, hears, now, &frame) {
                last = last.max(number);
            }
            let _ = (receiver.peer_clock(), receiver.offset_ms());
        }
    }
}
