//! How long a frame is, and what its head says.

use infusion_types::{Session, Timestamp};

use crate::field::{Field, Reader};
use crate::seal::SEAL;

/// The layout that this build writes and reads; no other is read.
pub(crate) const VERSION: u8 = 1;
/// Bytes before the body.
pub(crate) const HEAD: usize = 26;
/// The longest body: a report in which every reading is there and has a time of its own.
const BODY_MOST: usize = 213;
/// The most bytes that a frame has.
pub const FRAME_MOST: usize = HEAD + BODY_MOST + SEAL;
/// The fewest: a ping.
pub(crate) const FRAME_LEAST: usize = HEAD + SEAL;

/// Which way a frame goes.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Direction {
    /// From the controller to the pump.
    Down,
    /// From the pump to the controller.
    Up,
}

/// What a frame is about.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    Command,
    Ping,
    Report,
}

impl Kind {
    /// The byte that says it. Its highest bit is the direction.
    const fn code(self) -> u8 {
        match self {
            Self::Command => 0x01,
            Self::Ping => 0x02,
            Self::Report => 0x81,
        }
    }

    pub(crate) fn from_code(code: u8) -> Option<Self> {
        [Self::Command, Self::Ping, Self::Report]
            .into_iter()
            .find(|kind| kind.code() == code)
    }

    pub(crate) const fn direction(self) -> Direction {
        match self {
            Self::Command | Self::Ping => Direction::Down,
            Self::Report => Direction::Up,
        }
    }
}

/// What every frame says before its body.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Head {
    pub(crate) kind: Kind,
    pub(crate) session: Session,
    /// Strictly increasing for each sender within a session.
    pub(crate) number: u64,
    /// On the sender's clock.
    pub(crate) sent: Timestamp,
    /// So many milliseconds after that it is worth nothing any more.
    pub(crate) worth_ms: u32,
}

impl Head {
    pub(crate) fn put(&self, to: &mut Frame) {
        VERSION.put(to);
        self.kind.code().put(to);
        self.session.put(to);
        self.number.put(to);
        self.sent.millis().put(to);
        self.worth_ms.put(to);
    }

    /// What stands behind the version and the kind.
    pub(crate) fn take(kind: Kind, from: &mut Reader<'_>) -> Option<Self> {
        Some(Self {
            kind,
            session: Session::take(from)?,
            number: u64::take(from)?,
            sent: Timestamp::from_millis(u64::take(from)?),
            worth_ms: u32::take(from)?,
        })
    }
}

/// One frame, ready to leave.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Frame {
    bytes: [u8; FRAME_MOST],
    length: usize,
}

impl Frame {
    pub(crate) const fn empty() -> Self {
        Self {
            bytes: [0; FRAME_MOST],
            length: 0,
        }
    }

    /// What goes over the wire.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }

    /// Puts bytes at the end. The longest frame there is fills it to the last byte, so they always fit.
    pub(crate) fn put<const N: usize>(&mut self, bytes: [u8; N]) {
        let room = self.bytes.get_mut(self.length..);
        if let Some(to) = room.and_then(|room| room.first_chunk_mut::<N>()) {
            *to = bytes;
            self.length = self.length.saturating_add(N);
        }
    }
}

impl AsRef<[u8]> for Frame {
    fn as_ref(&self) -> &[u8] {
        self.bytes()
    }
}
