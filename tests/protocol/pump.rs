//! The real pump, and pumps that are wrong on purpose.

use std::time::Duration;

use infusion_device::{Acceptance, Condition, Device, DeviceSpec, Noise, Truth};
use infusion_types::{Action, Command, DailyDose, Session, StopCause, Telemetry, Timestamp};

/// What a pump makes of what reaches it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Manners {
    /// What `infusion_device` makes of it.
    Sound,
    /// It applies whatever comes, however often and in whatever order.
    AppliesEverything,
    /// It primes for an hour, whatever lease it is given.
    PrimesOn,
    /// It stops when nobody has spoken to it for too long.
    StopsWhenAlone,
}

/// A pump as its end of the link sees it. A wrong one gives the device within commands under numbers of its
/// own, and reads back the number that was meant.
#[derive(Clone, Debug)]
pub(super) struct Pump {
    device: Device,
    manners: Manners,
    /// The number under which the device last took something.
    inner: u32,
    /// The number that is read back.
    named: u32,
}

impl Pump {
    /// A pump that is paired, and moves exactly what it is told.
    pub(super) fn new(spec: DeviceSpec, session: Session, manners: Manners) -> Self {
        let mut exact = spec;
        exact.pump.bias = 0.0;
        exact.pump.bias_per_c_below_37 = 0.0;
        let mut device = Device::new(exact, Condition::healthy(37.0, 0.0));
        device.pair(session);
        Self {
            device,
            manners,
            inner: 0,
            named: 0,
        }
    }

    pub(super) fn authorise(&mut self, dose: DailyDose) {
        self.device.authorise(dose);
    }

    pub(super) fn connect(&mut self) {
        self.device.connect_patient();
    }

    pub(super) fn advance(&mut self, now: Timestamp, by: Duration) {
        self.device.advance(by);
        let truth = self.device.truth();
        if self.manners == Manners::StopsWhenAlone
            && truth.lease_ended
            && let Some(accepted) = truth.accepted
        {
            self.inner += 1;
            let by_itself = Command {
                session: accepted.value.session,
                sequence: self.inner,
                action: Action::Stop {
                    cause: StopCause::Ordered,
                    clamp: false,
                },
                lease: Duration::from_secs(90),
            };
            self.device.accept(now, by_itself);
        }
    }

    pub(super) fn accept(&mut self, now: Timestamp, command: Command) -> Acceptance {
        let anything = self.manners == Manners::AppliesEverything;
        let sequence = match self.manners {
            Manners::Sound => command.sequence,
            Manners::AppliesEverything | Manners::PrimesOn | Manners::StopsWhenAlone => {
                if anything || command.sequence > self.named {
                    self.inner + 1
                } else if command.sequence == self.named {
                    self.inner
                } else {
                    0
                }
            }
        };
        let primes_on = self.manners == Manners::PrimesOn;
        let lease = match command.action {
            Action::Prime { .. } if primes_on => Duration::from_secs(3_600),
            Action::Prime { .. } | Action::Infuse { .. } | Action::Stop { .. } => command.lease,
        };
        let given = Command {
            sequence,
            lease,
            ..command
        };
        let taken = self.device.accept(now, given);
        if taken == Acceptance::Applied {
            (self.inner, self.named) = (sequence, command.sequence);
        }
        taken
    }

    pub(super) fn ping(&mut self, session: Session) {
        self.device.ping(session).expect("it is paired");
    }

    /// Counts a frame that its end of the link has refused.
    pub(super) const fn refuse(&mut self) {
        self.device.refuse_frame();
    }

    pub(super) fn telemetry(&self, now: Timestamp) -> Telemetry {
        let mut said = self.device.telemetry(now, &Noise::default());
        if let Ok(accepted) = &mut said.accepted {
            accepted.value.sequence = self.number(accepted.value.sequence);
        }
        said
    }

    /// What is, with the number of the command that is in force.
    pub(super) fn truth(&self) -> Truth {
        let mut truth = self.device.truth();
        if let Some(accepted) = &mut truth.accepted {
            accepted.value.sequence = self.number(accepted.value.sequence);
        }
        truth
    }

    const fn number(&self, sequence: u32) -> u32 {
        match self.manners {
            Manners::Sound => sequence,
            Manners::AppliesEverything | Manners::PrimesOn | Manners::StopsWhenAlone => self.named,
        }
    }
}
