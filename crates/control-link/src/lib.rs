//! What passes between an infusion controller and its pump, as bytes: sealed, numbered and dated.
//!
//! Bytes in, bytes out, and the time is an argument. A [`Sender`] seals; a [`Receiver`] opens, or says why
//! not. What a frame tells is never looked at before its seal holds, and a frame whose seal does not hold
//! changes nothing at all.
//!
//! ```text
//!  byte  0 | 1          | 2..6    | 6..14  | 14..22 | 22..26 | 26..  | the last 16
//!  version | direction, | session | number | sent,  | worth, | body  | HMAC-SHA256 over all before it,
//!        1 | kind       |         |        | ms     | ms     |       | its first 16 bytes
//! ```
//!
//! Whole numbers stand with their low byte first. A command is 55 bytes before its seal at most, so that
//! with the key's own two blocks worked out beforehand a seal takes two compressions.
//!
//! | module | knows |
//! |---|---|
//! | `frame` | how long a frame is, and what its head says |
//! | `field` | how a value is written and read |
//! | `report` | the pump's telemetry, reading by reading |
//! | `seal` | the key |
//! | `sender` | which number comes next |
//! | `receiver` | what is let in, and in which order that is asked |
//! | `clock` | how the peer's clock stands to one's own |
//!
//! # What is held off
//!
//! Without the key nobody can make, alter, shorten, reflect or repeat a frame, or bring one from another
//! session. Whoever can hold frames back can do that for 30 s unseen by the age of one frame, and by a
//! constant delay from the first frame on for as long as he likes: one-way times cannot tell a delay from a
//! clock that stands elsewhere. He cannot move what has been learned by more than 1 ms a second, and by no
//! more than 60 s without [`PeerClock::Moved`](infusion_types::PeerClock).
//!
//! # What is not modelled
//!
//! How the two come to a key (32 bytes are handed in), its storage and its erasure from memory; secrecy,
//! because the frames are sealed and not encrypted; the radio with its addresses and its fragments, so that
//! a frame comes whole or not at all; round trips, which would bound the delay.
//!
//! Engineering simulation only; never for clinical use.
#![cfg_attr(not(test), no_std)]
#![cfg_attr(
    not(test),
    deny(clippy::arithmetic_side_effects, clippy::as_conversions)
)]

mod clock;
mod field;
mod frame;
mod receiver;
mod report;
mod seal;
mod sender;

pub use clock::{AGE_MOST, AHEAD_MOST, DRIFT_MOST, FOLLOWS_PERMILLE, STEP_MOST};
pub use frame::{Direction, FRAME_MOST, Frame};
pub use receiver::{Body, Heard, Message, Receiver, Refusal};
pub use seal::SessionKey;
pub use sender::{NotSealed, Sender};
