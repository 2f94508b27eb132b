//! The two sides of the link, each with its end of it: what ships, in surroundings that may be wrong on
//! purpose.

use std::hash::{Hash, Hasher};

use control_link::{Body, Direction, Frame, Heard, Receiver, Sender, SessionKey};
use dose_controller::{Controller, Protocol, Saved};
use infusion_device::{Acceptance, DeviceSpec};
use infusion_types::{
    Alarm, Command, Decision, Host, Inputs, NoData, Order, Send, Session, Telemetry, Timestamp,
};

use super::kept::{Kept, mark};
use super::pump::{Manners, Pump};

const SESSION: Session = Session::new(1);
const KEY: SessionKey = SessionKey::from_bytes([7; 32]);

/// What stands around the controller and the pump.
#[derive(Clone, Copy, Debug)]
pub(super) struct Surroundings {
    pub(super) pump: Manners,
    pub(super) host: HostManners,
    /// Commands and pings go as they are, without a frame: what the pump's own numbers are worth.
    pub(super) bare_down: bool,
    /// The same for reports.
    pub(super) bare_up: bool,
}

/// What the controller's platform makes of what it is told to store.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum HostManners {
    /// It stores before anything leaves, and counts its epochs.
    Sound,
    /// What it stores is what the controller knew one step before.
    StoresLate,
    /// It begins each time with the same epoch.
    KeepsItsEpoch,
    /// It does not show that nobody knows what the pump does.
    HidesUncertainty,
}

impl Surroundings {
    pub(super) const SOUND: Self = Self {
        pump: Manners::Sound,
        host: HostManners::Sound,
        bare_down: false,
        bare_up: false,
    };
}

/// Something on its way.
#[derive(Clone, Copy, Debug)]
pub(super) enum Carried {
    Frame(Frame),
    Command(Command),
    Ping,
    Report(Telemetry),
}

impl Carried {
    /// What it says to the end that opens it.
    fn open(&self, now: Timestamp, by: &mut Receiver) -> Option<Body> {
        match self {
            Self::Frame(frame) => {
                let opened = by.open(now, frame.bytes());
                opened.ok().map(|message| message.body)
            }
            Self::Command(command) => Some(Body::Command(*command)),
            Self::Ping => Some(Body::Ping),
            Self::Report(report) => Some(Body::Report(*report)),
        }
    }
}

impl Hash for Carried {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        match self {
            Self::Frame(frame) => frame.bytes().hash(hasher),
            Self::Command(_) | Self::Ping | Self::Report(_) => mark(self).hash(hasher),
        }
    }
}

/// The controller, what it runs on, and its end of the link.
#[derive(Clone, Debug)]
pub(super) struct ControllerSide {
    around: Surroundings,
    protocol: Protocol,
    controller: Controller,
    sender: Sender,
    receiver: Receiver,
    /// What was last heard of the pump.
    inbox: Telemetry,
    refused_frames: u32,
    stored: Stored,
    pub(super) decision: Decision,
}

/// What survives a restart.
#[derive(Clone, Debug)]
struct Stored {
    saved: Kept<Saved>,
    heard: Heard,
    epoch: u32,
}

impl ControllerSide {
    /// One that is switched on at time zero.
    pub(super) fn new(around: Surroundings, protocol: Protocol) -> Self {
        let mut controller = Controller::new(protocol, SESSION);
        let inbox = Telemetry::silent(NoData::NeverSeen);
        let first = Inputs {
            telemetry: &inbox,
            assessment: None,
            orders: &[],
            host: &Host::SOUND,
        };
        let decision = controller.step(Timestamp::ZERO, &first);
        let stored = Stored {
            saved: Kept::new(controller.saved()),
            heard: Heard::default(),
            epoch: 0,
        };
        Self {
            around,
            protocol,
            controller,
            sender: Sender::new(SESSION, &KEY, stored.epoch),
            receiver: Receiver::new(Direction::Up, SESSION, &KEY),
            inbox,
            refused_frames: 0,
            stored,
            decision,
        }
    }

    /// When it wants to be woken.
    pub(super) fn due(&self) -> Timestamp {
        self.controller.poll_timeout()
    }

    /// Its turn; what leaves.
    pub(super) fn step(&mut self, now: Timestamp, orders: &[Order]) -> Option<Carried> {
        let late = self.around.host == HostManners::StoresLate;
        let before = late.then(|| self.controller.saved());
        let host = Host {
            refused_frames: self.refused_frames,
            ..Host::SOUND
        };
        let inputs = Inputs {
            telemetry: &self.inbox,
            assessment: None,
            orders,
            host: &host,
        };
        self.decision = self.controller.step(now, &inputs);
        if self.around.host == HostManners::HidesUncertainty {
            let shown = &mut self.decision.alarms;
            shown.active = shown.active.with(Alarm::CommandUncertain, false);
        }
        if self.decision.store {
            self.stored.saved = Kept::new(before.unwrap_or_else(|| self.controller.saved()));
            self.stored.heard = self.receiver.heard();
        }
        let bare = self.around.bare_down;
        let frame = match self.decision.send {
            Send::Command(command) if bare => return Some(Carried::Command(command)),
            Send::Ping if bare => return Some(Carried::Ping),
            Send::Command(command) => self.sender.seal_command(now, &command),
            Send::Ping => self.sender.seal_ping(now),
            Send::Quiet(_) => return None,
        };
        Some(Carried::Frame(frame.expect("numbers are left")))
    }

    /// What a report tells it, if its end of the link lets it in.
    pub(super) fn hear(&mut self, now: Timestamp, carried: &Carried) -> Option<Telemetry> {
        match carried.open(now, &mut self.receiver) {
            Some(Body::Report(report)) => {
                self.inbox = report;
                Some(report)
            }
            Some(Body::Command(_) | Body::Ping) | None => {
                self.refused_frames += 1;
                None
            }
        }
    }

    /// It comes back with what was stored.
    pub(super) fn restart(&mut self, now: Timestamp) {
        self.stored.epoch += u32::from(self.around.host != HostManners::KeepsItsEpoch);
        let Stored {
            saved,
            heard,
            epoch,
        } = self.stored.clone();
        self.controller =
            Controller::resume(self.protocol, SESSION, Some(saved.get().clone()), now);
        self.sender = Sender::new(SESSION, &KEY, epoch);
        self.receiver = Receiver::resume(Direction::Up, SESSION, &KEY, heard);
        self.inbox = Telemetry::silent(NoData::NeverSeen);
    }
}

/// The pump and its end of the link.
#[derive(Clone, Debug)]
pub(super) struct PumpSide {
    bare: bool,
    pub(super) pump: Pump,
    sender: Sender,
    receiver: Receiver,
}

/// What became of what reached the pump.
#[derive(Clone, Copy, Debug)]
pub(super) enum Outcome {
    /// A command took effect.
    Applied(Command),
    /// It is answered, and nothing has changed but perhaps a lease.
    Answered,
    /// Its end of the link did not let it in.
    Refused,
}

impl PumpSide {
    pub(super) fn new(around: Surroundings, spec: DeviceSpec) -> Self {
        Self {
            bare: around.bare_up,
            pump: Pump::new(spec, SESSION, around.pump),
            sender: Sender::new(SESSION, &KEY, 0),
            receiver: Receiver::new(Direction::Down, SESSION, &KEY),
        }
    }

    pub(super) fn hear(&mut self, now: Timestamp, carried: &Carried) -> Outcome {
        match carried.open(now, &mut self.receiver) {
            Some(Body::Command(command)) => match self.pump.accept(now, command) {
                Acceptance::Applied => Outcome::Applied(command),
                Acceptance::Repeated | Acceptance::Refused(_) => Outcome::Answered,
            },
            Some(Body::Ping) => {
                self.pump.ping(SESSION);
                Outcome::Answered
            }
            Some(Body::Report(_)) | None => {
                self.pump.refuse();
                Outcome::Refused
            }
        }
    }

    /// What it says now.
    pub(super) fn report(&mut self, now: Timestamp) -> Carried {
        let report = self.pump.telemetry(now);
        if self.bare {
            return Carried::Report(report);
        }
        let frame = self.sender.seal_report(now, &report);
        Carried::Frame(frame.expect("numbers are left"))
    }
}
