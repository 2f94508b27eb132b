//! The way between controller and pump: two ends, and a direction each way.
//!
//! Without a fault on it a message passes as a value: what arrives is what was sent, at the same moment. In a
//! scenario that has such a fault, or where it is asked for, each message is a frame of bytes, sealed at one
//! end and opened at the other, and its bytes are what is lost, changed, doubled and replayed on the way. A
//! test sees that both give the same records.

mod ends;
mod way;
mod wire;

use infusion_types::{Accepted, Command, PeerClock, Session, Telemetry, Timestamp};

pub use wire::{Forgery, Wire};

use crate::clock::SimTime;
use crate::draw::Draws;
use crate::fault::{FrameEffect, Side};
use ends::Ends;
use way::{Carried, Way};

/// A wean has about so many commands, and a replay may want any of them; more make more room.
const COMMANDS: usize = 1_024;

/// What is said to the pump. What it says is always a report.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Message {
    /// Do this.
    Command(Command),
    /// Somebody is here.
    Ping,
}

/// What arrives: a message, and whether it answers a command; or a frame that is refused.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Arrived<M> {
    Message(M, bool),
    Refused,
}

/// What a direction is like at a moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Weather<'a> {
    pub(crate) now: SimTime,
    pub(crate) wire: &'a Wire,
    pub(crate) draws: &'a Draws,
}

/// The link between one controller and one pump.
#[derive(Clone, Debug)]
pub(crate) struct Link {
    ends: Option<Box<Ends>>,
    down: Way<Message>,
    up: Way<Telemetry>,
    refused: u32,
    /// The read-back in the last report that left.
    told: Option<Accepted>,
}

impl Link {
    /// A link that carries frames, or values.
    pub(crate) fn new(sealed: bool, session: Session) -> Self {
        let kept = if sealed { COMMANDS } else { 0 };
        Self {
            ends: sealed.then(|| Box::new(Ends::new(session))),
            down: Way::new("down").with_room(kept),
            up: Way::new("up"),
            refused: 0,
            told: None,
        }
    }

    /// Whether messages are frames.
    pub(crate) const fn is_sealed(&self) -> bool {
        self.ends.is_some()
    }

    /// When something arrives next.
    pub(crate) fn due(&self) -> SimTime {
        self.down.due().min(self.up.due())
    }

    /// Frames that the controller's end has refused.
    pub(crate) const fn refused(&self) -> u32 {
        self.refused
    }

    /// What the controller's end makes of the pump's clock.
    pub(crate) fn peer_clock(&self) -> PeerClock {
        self.ends
            .as_ref()
            .map_or(PeerClock::Agrees, |ends| ends.peer_clock())
    }

    /// What has been done to frames since it was last asked.
    pub(crate) fn take_effects(&mut self) -> impl Iterator<Item = (Side, FrameEffect)> + use<> {
        let down = self.down.take_effects().into_iter();
        let up = self.up.take_effects().into_iter();
        let down = down.map(|effect| (Side::Down, effect));
        down.chain(up.map(|effect| (Side::Up, effect)))
    }

    /// The controller's end has lost its power: its numbers go on above all that it used.
    pub(crate) fn restart_controller(&mut self) {
        if let Some(ends) = &mut self.ends {
            ends.restart_controller();
        }
    }

    /// Something leaves for the pump, `wait_ms` late.
    pub(crate) fn send_down(
        &mut self,
        weather: &Weather<'_>,
        (local, wait_ms): (Timestamp, u64),
        message: Message,
    ) {
        let carried = match &mut self.ends {
            Some(ends) => ends.controller_seals(local, &message).map(Carried::Frame),
            None => Some(Carried::Value(message)),
        };
        let Some(carried) = carried else { return };
        if matches!(message, Message::Command(_)) {
            self.down.keep(weather.now, &carried);
        }
        let (when, by) = ((weather.now, wait_ms), (weather.wire, weather.draws));
        self.down.send(when, by, carried, false);
    }

    /// Something leaves for the controller.
    pub(crate) fn send_up(
        &mut self,
        weather: &Weather<'_>,
        local: Timestamp,
        report: &Telemetry,
        answers: bool,
    ) {
        let carried = match &mut self.ends {
            Some(ends) => ends.pump_seals(local, report).map(Carried::Frame),
            None => Some(Carried::Value(*report)),
        };
        let Some(carried) = carried else { return };
        let told = report.accepted.ok().map(|sample| sample.value);
        if weather.wire.read_back_lost && told != self.told {
            self.up.note(FrameEffect::ReadBackLost);
            return;
        }
        self.told = told;
        let (when, by) = ((weather.now, 0), (weather.wire, weather.draws));
        self.up.send(when, by, carried, answers);
    }

    /// What others put on the way down at this moment: a command of before, or one that nobody gave.
    pub(crate) fn attack_down(
        &mut self,
        weather: &Weather<'_>,
        local: Timestamp,
        forged: Option<Command>,
    ) {
        let Some(ends) = &self.ends else { return };
        let wire = weather.wire;
        if wire.replayed_ms.is_none() && wire.forged.is_none() {
            return;
        }
        if !self.down.attacks(weather.now) {
            return;
        }
        if let Some(age_ms) = wire.replayed_ms {
            self.down.replay(weather.now, age_ms);
        }
        if let (Some(how), Some(command)) = (wire.forged, forged)
            && let Some(bytes) = ends.forge(local, how, &command)
        {
            self.down.slip_in(weather.now, Carried::Frame(bytes));
        }
    }

    /// Rubbish that has come down since it was last asked.
    pub(crate) fn rubbish_down(&mut self, weather: &Weather<'_>) -> u32 {
        self.down.rubbish(weather.now, weather.wire)
    }

    /// Counts the rubbish that has come up.
    pub(crate) fn rubbish_up(&mut self, weather: &Weather<'_>) {
        let count = self.up.rubbish(weather.now, weather.wire);
        self.refused = self.refused.saturating_add(count);
    }

    /// The next thing that has reached the pump.
    pub(crate) fn at_pump(&mut self, now: SimTime, local: Timestamp) -> Option<Arrived<Message>> {
        let packet = self.down.arrived(now)?;
        Some(match packet.what {
            Carried::Value(message) => Arrived::Message(message, false),
            Carried::Frame(bytes) => self
                .ends
                .as_mut()
                .and_then(|ends| ends.pump_opens(local, bytes.as_slice()))
                .map_or(Arrived::Refused, |message| Arrived::Message(message, false)),
        })
    }

    /// The next thing that has reached the controller.
    pub(crate) fn at_controller(
        &mut self,
        now: SimTime,
        local: Timestamp,
    ) -> Option<Arrived<Telemetry>> {
        let packet = self.up.arrived(now)?;
        let arrived = match packet.what {
            Carried::Value(report) => Arrived::Message(report, packet.wakes),
            Carried::Frame(bytes) => self
                .ends
                .as_mut()
                .and_then(|ends| ends.controller_opens(local, bytes.as_slice()))
                .map_or(Arrived::Refused, |report| {
                    Arrived::Message(report, packet.wakes)
                }),
        };
        if matches!(arrived, Arrived::Refused) {
            self.refused = self.refused.saturating_add(1);
        }
        Some(arrived)
    }
}

#[cfg(test)]
mod tests;
