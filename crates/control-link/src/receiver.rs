//! What is let in, and in which order that is asked.
//!
//! Whether a frame is sound is asked by a function that cannot change anything. Only then is the time
//! looked at, and last the body.

use core::time::Duration;

use infusion_types::{Action, Command, PeerClock, Session, Telemetry, Timestamp};

use crate::clock::PeerTime;
use crate::field::{Field, Reader};
use crate::frame::{Direction, FRAME_LEAST, FRAME_MOST, Head, Kind, VERSION};
use crate::report;
use crate::seal::{SEAL, Sealer, SessionKey};

/// Why a frame has no effect, in the order in which it is asked.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, thiserror::Error)]
pub enum Refusal {
    /// No frame is so short, or so long.
    #[error("{bytes} bytes are no frame")]
    Length {
        /// How many came.
        bytes: usize,
    },
    /// Of a layout that this build does not read.
    #[error("version {version} is not read here")]
    Version {
        /// Its version.
        version: u8,
    },
    /// It says that it is something that is not known.
    #[error("kind {code:#04x} is not known")]
    Kind {
        /// What it says.
        code: u8,
    },
    /// It was sent the other way.
    #[error("it goes the other way")]
    Direction,
    /// It was made or changed by somebody without the key.
    #[error("the seal does not hold")]
    Seal,
    /// Of another pairing.
    #[error("it is of session {}", .session.number())]
    Session {
        /// Its own.
        session: Session,
    },
    /// It has been here before, or a later one has.
    #[error("number {number} is not above {last}")]
    Number {
        /// Its own.
        number: u64,
        /// That of the last frame that was let in.
        last: u64,
    },
    /// Older than 30 s (SR-24).
    #[error("it is too old")]
    TooOld,
    /// Its sender wants it to have no effect any more.
    #[error("it is worth nothing any more")]
    Expired,
    /// More than 5 s in the future (SR-30).
    #[error("it is from the future")]
    FromTheFuture,
    /// Sealed by a holder of the key, and no message: the peer is of another build.
    #[error("it says nothing that can be read")]
    Malformed,
}

/// A frame that was let in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Message {
    /// Its number: above those of all messages before it.
    pub number: u64,
    /// When it was sent, on the receiver's clock.
    pub sent: Timestamp,
    /// What it says.
    pub body: Body,
}

/// What a message says.
#[derive(Clone, Copy, Debug, PartialEq)]
#[expect(
    clippy::large_enum_variant,
    reason = "there is no heap to put the large one on"
)]
pub enum Body {
    /// An order to the pump.
    Command(Command),
    /// A sign of life.
    Ping,
    /// What the pump says; the times are on the receiver's clock.
    Report(Telemetry),
}

/// What a receiver has to know again after a restart, so that nothing comes twice. It is worth something
/// only where the clock has gone on meanwhile; where it began anew a new session has to.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Heard {
    /// The number of the last frame that was let in; 0 when there was none.
    last: u64,
    peer: Option<PeerTime>,
}

/// One end's ear.
#[derive(Clone, Debug)]
pub struct Receiver {
    hears: Direction,
    sealer: Sealer,
    session: Session,
    heard: Heard,
}

impl Receiver {
    /// A receiver that has heard nothing in this session. `hears` is the way that frames come to it.
    #[must_use]
    pub fn new(hears: Direction, session: Session, key: &SessionKey) -> Self {
        Self::resume(hears, session, key, Heard::default())
    }

    /// The same for a party that was away, and knows what it had heard.
    #[must_use]
    pub fn resume(hears: Direction, session: Session, key: &SessionKey, heard: Heard) -> Self {
        Self {
            hears,
            sealer: Sealer::new(key),
            session,
            heard,
        }
    }

    /// What has to be known again after a restart: all that a frame can change here.
    #[must_use]
    pub const fn heard(&self) -> Heard {
        self.heard
    }

    /// Whether the peer's clock goes like one's own.
    #[must_use]
    pub fn peer_clock(&self) -> PeerClock {
        self.heard
            .peer
            .map_or(PeerClock::Agrees, |peer| peer.state())
    }

    /// One's own clock less the peer's, milliseconds, as far as it has been learned. The way that the first
    /// frame took is in it.
    #[must_use]
    pub fn offset_ms(&self) -> Option<i64> {
        self.heard.peer.map(|peer| peer.offset_ms())
    }

    /// Opens what came at `now`.
    ///
    /// # Errors
    /// [`Refusal`]: then nothing has changed, but that a sound frame at a wrong time may have moved what is
    /// known of the peer's clock.
    pub fn open(&mut self, now: Timestamp, bytes: &[u8]) -> Result<Message, Refusal> {
        let (head, mut body) = self.sound(bytes)?;
        let mut peer = self
            .heard
            .peer
            .unwrap_or_else(|| PeerTime::learn(now, head.sent));
        if let Err(refusal) = peer.judge(now, head.sent, head.worth_ms) {
            self.heard.peer = Some(peer);
            return Err(refusal);
        }
        let said = match head.kind {
            Kind::Command => command(head.session, &mut body).map(Body::Command),
            Kind::Ping => Some(Body::Ping),
            Kind::Report => {
                report::take(&mut body, head.sent, |at| peer.local(at)).map(Body::Report)
            }
        };
        let said = said
            .and_then(|said| body.end(said))
            .ok_or(Refusal::Malformed)?;
        self.heard = Heard {
            last: head.number,
            peer: Some(peer),
        };
        Ok(Message {
            number: head.number,
            sent: peer.local(head.sent),
            body: said,
        })
    }

    /// The head of a frame that the peer made in this session and that is new, and what stands behind it.
    fn sound<'a>(&self, bytes: &'a [u8]) -> Result<(Head, Reader<'a>), Refusal> {
        let length = Refusal::Length { bytes: bytes.len() };
        if !(FRAME_LEAST..=FRAME_MOST).contains(&bytes.len()) {
            return Err(length);
        }
        let (sealed, seal) = bytes.split_last_chunk::<SEAL>().ok_or(length)?;
        let mut reader = Reader::new(sealed);
        let version = u8::take(&mut reader).ok_or(length)?;
        if version != VERSION {
            return Err(Refusal::Version { version });
        }
        let code = u8::take(&mut reader).ok_or(length)?;
        let kind = Kind::from_code(code).ok_or(Refusal::Kind { code })?;
        if kind.direction() != self.hears {
            return Err(Refusal::Direction);
        }
        if !self.sealer.holds(sealed, seal) {
            return Err(Refusal::Seal);
        }
        let head = Head::take(kind, &mut reader).ok_or(length)?;
        let (number, last) = (head.number, self.heard.last);
        if head.session != self.session {
            return Err(Refusal::Session {
                session: head.session,
            });
        }
        if number <= last {
            return Err(Refusal::Number { number, last });
        }
        Ok((head, reader))
    }
}

fn command(session: Session, body: &mut Reader<'_>) -> Option<Command> {
    Some(Command {
        session,
        sequence: u32::take(body)?,
        lease: Duration::take(body)?,
        action: Action::take(body)?,
    })
}
