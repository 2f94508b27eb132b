//! The two ends of the link: who seals and who opens.
//!
//! Both know the key of the session; how they came to it is not simulated.

use control_link::{Body, Direction, Receiver, Sender, SessionKey};
use infusion_types::{Command, PeerClock, Session, Telemetry, Timestamp};

use super::way::Bytes;
use super::{Forgery, Message};

/// Any key would do.
const KEY: [u8; 32] = *b"a key that both ends were given.";
const OTHER_KEY: [u8; 32] = *b"a key that neither of them knows";

/// Controller's end and pump's end.
#[derive(Clone, Debug)]
pub(super) struct Ends {
    session: Session,
    epoch: u32,
    controller: (Sender, Receiver),
    pump: (Sender, Receiver),
}

impl Ends {
    pub(super) fn new(session: Session) -> Self {
        let key = SessionKey::from_bytes(KEY);
        let end = |hears| {
            let sender = Sender::new(session, &key, 1);
            (sender, Receiver::new(hears, session, &key))
        };
        Self {
            session,
            epoch: 1,
            controller: end(Direction::Up),
            pump: end(Direction::Down),
        }
    }

    pub(super) fn peer_clock(&self) -> PeerClock {
        self.controller.1.peer_clock()
    }

    /// The controller's end comes back with a higher epoch, which it counts where no restart can lose it.
    pub(super) fn restart_controller(&mut self) {
        self.epoch += 1;
        let key = SessionKey::from_bytes(KEY);
        self.controller.0 = Sender::new(self.session, &key, self.epoch);
    }

    pub(super) fn controller_seals(&mut self, now: Timestamp, message: &Message) -> Option<Bytes> {
        seal(&mut self.controller.0, now, message)
    }

    pub(super) fn pump_seals(&mut self, now: Timestamp, report: &Telemetry) -> Option<Bytes> {
        let frame = self.pump.0.seal_report(now, report).ok()?;
        Some(Bytes::of(&frame))
    }

    pub(super) fn pump_opens(&mut self, now: Timestamp, bytes: &[u8]) -> Option<Message> {
        match self.pump.1.open(now, bytes).ok()?.body {
            Body::Command(command) => Some(Message::Command(command)),
            Body::Ping => Some(Message::Ping),
            Body::Report(_) => None,
        }
    }

    pub(super) fn controller_opens(&mut self, now: Timestamp, bytes: &[u8]) -> Option<Telemetry> {
        match self.controller.1.open(now, bytes).ok()?.body {
            Body::Report(report) => Some(report),
            Body::Command(_) | Body::Ping => None,
        }
    }

    /// A command as somebody else would send it.
    pub(super) fn forge(&self, now: Timestamp, how: Forgery, command: &Command) -> Option<Bytes> {
        let message = Message::Command(*command);
        let key = SessionKey::from_bytes(KEY);
        match how {
            Forgery::BadSeal => {
                let other = SessionKey::from_bytes(OTHER_KEY);
                let mut sender = Sender::new(self.session, &other, self.epoch + 1);
                seal(&mut sender, now, &message)
            }
            Forgery::OldSession => {
                let old = Session::new(self.session.number().wrapping_sub(1));
                let mut sender = Sender::new(old, &key, self.epoch);
                let command = Command {
                    session: old,
                    ..*command
                };
                seal(&mut sender, now, &Message::Command(command))
            }
            // It takes the number that the controller would give next.
            Forgery::StolenKey => seal(&mut self.controller.0.clone(), now, &message),
        }
    }
}

/// The frame, or nothing where a sender must not speak: of another session, or without a number left.
fn seal(sender: &mut Sender, now: Timestamp, message: &Message) -> Option<Bytes> {
    let frame = match message {
        Message::Command(command) => sender.seal_command(now, command),
        Message::Ping => sender.seal_ping(now),
    };
    frame.ok().map(|frame| Bytes::of(&frame))
}
