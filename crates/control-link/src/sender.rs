//! Which number comes next, and how long a frame is worth something.

use core::time::Duration;

use infusion_types::{Command, Session, Telemetry, Timestamp};

use crate::clock::AGE_MOST;
use crate::field::Field;
use crate::frame::{Frame, Head, Kind};
use crate::report;
use crate::seal::{Sealer, SessionKey};

/// Why nothing leaves.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum NotSealed {
    /// The command belongs to another pairing.
    #[error("a command of session {} in session {}", command.number(), sender.number())]
    OtherSession {
        /// That of the command.
        command: Session,
        /// That of the sender.
        sender: Session,
    },
    /// This epoch has given all its numbers; the session has to be begun anew.
    #[error("no number is left in epoch {epoch}")]
    NumbersSpent {
        /// The epoch.
        epoch: u32,
    },
}

/// One end's voice.
#[derive(Clone, Debug)]
pub struct Sender {
    sealer: Sealer,
    session: Session,
    epoch: u32,
    /// How many frames have left in this epoch.
    count: u32,
    worth_ms: u32,
}

impl Sender {
    /// A sender that has said nothing in this epoch.
    ///
    /// The epoch is the high half of every number. A party that restarts takes a higher one, which it has
    /// made durable before it speaks; so it goes on above whatever it said before, without having stored
    /// the number of each frame.
    #[must_use]
    pub fn new(session: Session, key: &SessionKey, epoch: u32) -> Self {
        Self {
            sealer: Sealer::new(key),
            session,
            epoch,
            count: 0,
            worth_ms: worth_ms(AGE_MOST),
        }
    }

    /// The same, whose frames are worth something for so long, in whole milliseconds. A receiver takes
    /// nothing that is older than [`AGE_MOST`], whatever it is worth.
    #[must_use]
    pub fn worth(self, worth: Duration) -> Self {
        Self {
            worth_ms: worth_ms(worth),
            ..self
        }
    }

    /// The pairing that it speaks in.
    #[must_use]
    pub const fn session(&self) -> Session {
        self.session
    }

    /// An order to the pump, that leaves at `now`.
    ///
    /// # Errors
    /// [`NotSealed`].
    pub fn seal_command(&mut self, now: Timestamp, command: &Command) -> Result<Frame, NotSealed> {
        let Command {
            session,
            sequence,
            action,
            lease,
        } = *command;
        if session != self.session {
            return Err(NotSealed::OtherSession {
                command: session,
                sender: self.session,
            });
        }
        self.seal(Kind::Command, now, |frame| {
            sequence.put(frame);
            lease.put(frame);
            action.put(frame);
        })
    }

    /// A sign of life, which the pump answers.
    ///
    /// # Errors
    /// [`NotSealed::NumbersSpent`].
    pub fn seal_ping(&mut self, now: Timestamp) -> Result<Frame, NotSealed> {
        self.seal(Kind::Ping, now, |_| ())
    }

    /// What the pump says.
    ///
    /// # Errors
    /// [`NotSealed::NumbersSpent`].
    pub fn seal_report(
        &mut self,
        now: Timestamp,
        telemetry: &Telemetry,
    ) -> Result<Frame, NotSealed> {
        self.seal(Kind::Report, now, |frame| {
            report::put(telemetry, now, frame);
        })
    }

    fn seal(
        &mut self,
        kind: Kind,
        sent: Timestamp,
        body: impl FnOnce(&mut Frame),
    ) -> Result<Frame, NotSealed> {
        let epoch = self.epoch;
        let spent = NotSealed::NumbersSpent { epoch };
        self.count = self.count.checked_add(1).ok_or(spent)?;
        let mut frame = Frame::empty();
        let head = Head {
            kind,
            session: self.session,
            number: u64::from(epoch) << 32 | u64::from(self.count),
            sent,
            worth_ms: self.worth_ms,
        };
        head.put(&mut frame);
        body(&mut frame);
        frame.put(self.sealer.seal(frame.bytes()));
        Ok(frame)
    }
}

fn worth_ms(worth: Duration) -> u32 {
    u32::try_from(worth.as_millis()).unwrap_or(u32::MAX)
}
