//! What passes between controller and pump at one moment: who speaks, what arrives, and what others put on
//! the way.

use std::time::Duration;

use infusion_device::{Acceptance, Noise, Profile};
use infusion_types::{Action, Command, Decision, DoseRate, Send, Telemetry};

use super::{Bedside, Scene};
use crate::draw::Purpose;
use crate::link::{Arrived, Message, Weather, Wire};
use crate::port::ControllerPort;

/// The lease of a forged command. An assumption: whoever forges gives the one of the shipped prescription.
const FORGED_LEASE: Duration = Duration::from_secs(90);

impl<C: ControllerPort> Bedside<C> {
    /// Others put frames on the link.
    pub(super) fn attack(&mut self, scene: &Scene<'_, '_>) {
        if !self.link.is_sealed() {
            return;
        }
        let down = weather(scene, &self.world.down);
        let forged = self.forged(self.world.down.forged_rate_times);
        let local = self.computer.clock().local(scene.now);
        self.link.attack_down(&down, local, forged);
        for _ in 0..self.link.rubbish_down(&down) {
            self.device.refuse_frame();
        }
        let up = weather(scene, &self.world.up);
        self.link.rubbish_up(&up);
    }

    /// A command that somebody else would give: what runs, at another rate.
    fn forged(&self, rate_times: f64) -> Option<Command> {
        let accepted = self.device.accepted()?.value;
        let Action::Infuse { rate, at } = accepted.action else {
            return None;
        };
        let scaled = libm::round(rate.get().nanograms_per_hour() as f64 * rate_times);
        let rate = DoseRate::from_nanograms_per_hour(scaled as u64).positive()?;
        Some(Command {
            session: accepted.session,
            sequence: accepted.sequence.saturating_add(1),
            action: Action::Infuse { rate, at },
            lease: FORGED_LEASE,
        })
    }

    /// What is on its way and due arrives. True when the controller has something to hear at
    /// this very moment: its answer to a command, or that a frame was refused.
    pub(super) fn deliver(&mut self, scene: &mut Scene<'_, '_>) -> bool {
        let now = scene.now;
        let mut answered = false;
        let pump_time = self.pump_clock.local(now);
        while let Some(arrived) = self.link.at_pump(now, pump_time) {
            let answers = match arrived {
                Arrived::Message(Message::Command(command), _) => {
                    self.take_command(scene, command);
                    true
                }
                Arrived::Message(Message::Ping, _) => {
                    // A pump of another session would be silent; ours is paired once and for all.
                    let _ = self.device.ping(self.computer.session());
                    false
                }
                Arrived::Refused => {
                    self.device.refuse_frame();
                    continue;
                }
            };
            // Where nothing can be lost, the report of the next cycle says the same as the answer to a ping.
            if answers || self.link.is_sealed() {
                self.speak(scene, answers);
            }
        }
        let local = self.computer.clock().local(now);
        while let Some(arrived) = self.link.at_controller(now, local) {
            let Arrived::Message(telemetry, wakes) = arrived else {
                // What is refused is news, too.
                answered |= self.computer.runs();
                self.computer.wake(now);
                continue;
            };
            // Nobody listens at a computer that is down.
            if !self.computer.runs() || (wakes && !self.computer.takes_read_back(now)) {
                continue;
            }
            self.computer.heard = telemetry;
            if wakes {
                answered = true;
                self.computer.wake(now);
            }
        }
        answered
    }

    fn take_command(&mut self, scene: &Scene<'_, '_>, command: Command) {
        let before = self.device.accepted().map(|it| it.value.sequence);
        let acceptance = self
            .device
            .accept(self.pump_clock.local(scene.now), command);
        if acceptance == Acceptance::Applied {
            self.applied += 1;
            self.applied_twice += u32::from(before == Some(command.sequence));
        }
    }

    /// The pump says what it has to say.
    pub(super) fn speak(&mut self, scene: &mut Scene<'_, '_>, answers: bool) {
        if !self.device.powered() {
            return;
        }
        let telemetry = self.telemetry(scene);
        let up = weather(scene, &self.world.up);
        let local = self.pump_clock.local(scene.now);
        self.link.send_up(&up, local, &telemetry, answers);
    }

    fn telemetry(&self, scene: &mut Scene<'_, '_>) -> Telemetry {
        let noise = match self.device.spec().profile {
            Profile::P0 | Profile::P1 => Noise::default(),
            Profile::P2 => {
                let mut draw = scene.draws.at(Purpose::Sensors, "line", scene.now.millis());
                Noise {
                    flow: draw.normal(),
                    pressure: draw.normal(),
                    air: draw.normal(),
                    drained_csf: draw.normal(),
                }
            }
        };
        let local = self.pump_clock.local(scene.now);
        scene.faults.telemetry(&self.device, local, &noise)
    }

    /// Passes on what leaves.
    pub(super) fn tell_pump(&mut self, scene: &Scene<'_, '_>, decision: &Decision, wait_ms: u64) {
        let message = match decision.send {
            Send::Command(command) => Message::Command(command),
            Send::Ping => Message::Ping,
            Send::Quiet(_) => return,
        };
        let down = weather(scene, &self.world.down);
        let local = self.computer.clock().local(scene.now);
        self.link.send_down(&down, (local, wait_ms), message);
    }
}

fn weather<'a>(scene: &Scene<'a, '_>, wire: &'a Wire) -> Weather<'a> {
    Weather {
        now: scene.now,
        wire,
        draws: scene.draws,
    }
}
