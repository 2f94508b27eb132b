//! Commands and their read-backs: one at a time, retried under the same number, never doubled.

use core::time::Duration;

use infusion_types::{Accepted, Action, Command, DoseRate, Session, Timestamp};

use crate::decision::{Quiet, Send};
use crate::protocol::Timing;

/// After this many retries nobody knows what the pump does (SR-21).
const RETRIES: u8 = 2;

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Awaiting {
    command: Command,
    sent: Timestamp,
    retries: u8,
}

/// The conversation with the pump.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Exchange {
    session: Session,
    sequence: u32,
    awaiting: Option<Awaiting>,
    /// Of the commands that another one overtook unanswered, the slowest and the fastest.
    overtaken: [Option<Action>; 2],
    accepted: Option<Accepted>,
    /// What the pump last confirmed, or was found doing after a restart.
    confirmed: Option<Accepted>,
    /// Since when it reads back something else though nobody told it to (SR-29).
    differs_since: Option<Timestamp>,
    /// It has been told once more for that.
    told_again: bool,
    /// A command went unanswered to the end, and none has been answered since.
    unresolved: bool,
    spoke: Timestamp,
    heard: Timestamp,
}

impl Exchange {
    pub(crate) const fn new(session: Session, now: Timestamp) -> Self {
        Self {
            session,
            sequence: 0,
            awaiting: None,
            overtaken: [None; 2],
            accepted: None,
            confirmed: None,
            differs_since: None,
            told_again: false,
            unresolved: false,
            spoke: now,
            heard: now,
        }
    }

    /// Takes a read-back in. True when it tells something new.
    ///
    /// A pump that still reads back another command long after the last retry has never had this one:
    /// it is given up, so that what is wanted leaves again under a new number (SR-28).
    pub(crate) fn hear(
        &mut self,
        timing: &Timing,
        at: Timestamp,
        accepted: Option<Accepted>,
    ) -> bool {
        self.heard = self.heard.max(at);
        let ours = accepted.filter(|accepted| accepted.session == self.session);
        let answers = |awaiting: &Awaiting| {
            ours.is_some_and(|accepted| {
                accepted.sequence == awaiting.command.sequence
                    && accepted.action == awaiting.command.action
            })
        };
        let never_had = |awaiting: &Awaiting| {
            let twice = timing.read_back.saturating_mul(2);
            ours.is_some() && awaiting.retries >= RETRIES && at.since(awaiting.sent) >= twice
        };
        let answered = self.awaiting.as_ref().is_some_and(answers);
        let given_up = self.awaiting.as_ref().is_some_and(never_had);
        self.unresolved = (self.unresolved || given_up) && !answered;
        if answered || given_up {
            self.awaiting = None;
            self.overtaken = [None; 2];
        }
        self.compare(accepted, ours, (answered, given_up));
        let new = ours.is_some() && ours != self.accepted;
        self.accepted = ours.or(self.accepted);
        new
    }

    /// Holds the read-back against what was confirmed.
    fn compare(
        &mut self,
        read: Option<Accepted>,
        ours: Option<Accepted>,
        (answered, given_up): (bool, bool),
    ) {
        if self.awaiting.is_some() {
            self.differs_since = self.differs_since.filter(|_| self.told_again);
            return;
        }
        // A pump that never had a command is where it was; one that was told again for nothing is not.
        let found = answered || (given_up && !self.told_again) || self.confirmed.is_none();
        if found {
            self.confirmed = ours;
        }
        if self.confirmed.is_none() || read == self.confirmed {
            (self.differs_since, self.told_again) = (None, false);
        } else {
            self.differs_since = self.differs_since.or(Some(self.heard));
        }
    }

    /// The pump reads back something else, and has done so for too long (AL-37).
    pub(crate) fn differs(&self, timing: &Timing) -> bool {
        self.differs_since
            .is_some_and(|since| self.heard.since(since) > timing.differs)
    }

    /// Takes whatever the pump is found doing as what it was told: for a controller that was away.
    pub(crate) const fn forget(&mut self) {
        self.confirmed = None;
        self.differs_since = None;
        self.told_again = false;
    }

    /// Age of the newest word from the pump.
    pub(crate) fn age(&self, now: Timestamp) -> Duration {
        now.since(self.heard)
    }

    /// The action that the pump has confirmed.
    pub(crate) fn in_force(&self) -> Option<Action> {
        self.accepted.map(|accepted| accepted.action)
    }

    /// What the pump may be doing by now instead of what it has confirmed (SR-27).
    pub(crate) fn perhaps(&self) -> impl Iterator<Item = Action> {
        let awaited = self.awaiting.map(|awaiting| awaiting.command.action);
        awaited
            .into_iter()
            .chain(self.overtaken.into_iter().flatten())
    }

    /// Nobody knows whether the last command took effect (SR-21, SR-27).
    pub(crate) fn uncertain(&self, timing: &Timing, now: Timestamp) -> bool {
        let silent = self.awaiting.is_some_and(|awaiting| {
            awaiting.retries >= RETRIES && now.since(awaiting.sent) >= timing.read_back
        });
        silent || self.unresolved
    }

    /// What leaves so that the pump does `wanted`.
    pub(crate) fn want(&mut self, timing: &Timing, now: Timestamp, wanted: Action) -> Send {
        match self.awaiting {
            Some(awaiting) if awaiting.command.action == wanted => self.wait(timing, now, awaiting),
            Some(_) => self.issue(timing, now, wanted),
            None if self.was_told(wanted) => self.tell_again(timing, now, wanted),
            None if self.in_force().is_some_and(|force| agrees(force, wanted)) => {
                self.renew(timing, now, wanted)
            }
            None => self.issue(timing, now, wanted),
        }
    }

    /// Whether the pump has left what is wanted by itself.
    fn was_told(&self, wanted: Action) -> bool {
        let told = self.confirmed.map(|confirmed| confirmed.action);
        self.differs_since.is_some() && told.is_some_and(|told| agrees(told, wanted))
    }

    /// Once, when it has lasted, without a retry; if that does not help, nobody knows what the pump does.
    fn tell_again(&mut self, timing: &Timing, now: Timestamp, wanted: Action) -> Send {
        if self.told_again || !self.differs(timing) {
            return self.keep_alive(timing, now);
        }
        let sent = self.issue(timing, now, wanted);
        self.told_again = true;
        if let Some(awaiting) = &mut self.awaiting {
            awaiting.retries = RETRIES;
        }
        sent
    }

    /// Keeps what is in force in force. A prime is not renewed by a sign of life: it needs a command.
    fn renew(&mut self, timing: &Timing, now: Timestamp, wanted: Action) -> Send {
        let half = timing.prime_lease.checked_div(2).unwrap_or_default();
        match wanted {
            Action::Prime { .. } if now.since(self.spoke) >= half => {
                self.issue(timing, now, wanted)
            }
            Action::Prime { .. } => Send::Quiet(Quiet::NothingNew),
            Action::Infuse { .. } | Action::Stop { .. } => self.keep_alive(timing, now),
        }
    }

    /// A sign of life when nothing has been sent for long enough.
    pub(crate) fn keep_alive(&mut self, timing: &Timing, now: Timestamp) -> Send {
        if now.since(self.spoke) < timing.ping_every {
            return Send::Quiet(Quiet::NothingNew);
        }
        self.spoke = now;
        Send::Ping
    }

    fn wait(&mut self, timing: &Timing, now: Timestamp, awaiting: Awaiting) -> Send {
        if awaiting.retries >= RETRIES {
            return match self.keep_alive(timing, now) {
                Send::Quiet(_) => Send::Quiet(Quiet::AwaitingReadBack),
                ping @ (Send::Ping | Send::Command(_)) => ping,
            };
        }
        if now.since(awaiting.sent) < timing.read_back {
            return Send::Quiet(Quiet::AwaitingReadBack);
        }
        let retries = awaiting.retries.saturating_add(1);
        self.awaiting = Some(Awaiting {
            sent: now,
            retries,
            ..awaiting
        });
        self.spoke = now;
        Send::Command(awaiting.command)
    }

    fn overtake(&mut self, action: Action) {
        let [slowest, fastest] = self.overtaken.map(|known| known.unwrap_or(action));
        let slower = infused(action) < infused(slowest);
        let faster = infused(action) > infused(fastest);
        self.overtaken = [
            Some(if slower { action } else { slowest }),
            Some(if faster { action } else { fastest }),
        ];
    }

    fn issue(&mut self, timing: &Timing, now: Timestamp, action: Action) -> Send {
        if let Some(awaiting) = self.awaiting {
            self.overtake(awaiting.command.action);
        }
        self.told_again = false;
        self.sequence = self.sequence.saturating_add(1);
        let lease = match action {
            Action::Prime { .. } => timing.prime_lease,
            Action::Infuse { .. } | Action::Stop { .. } => timing.lease,
        };
        let command = Command {
            session: self.session,
            sequence: self.sequence,
            action,
            lease,
        };
        self.awaiting = Some(Awaiting {
            command,
            sent: now,
            retries: 0,
        });
        self.spoke = now;
        Send::Command(command)
    }
}

/// The rate at which an action infuses.
pub(crate) fn infused(action: Action) -> DoseRate {
    match action {
        Action::Infuse { rate, .. } => rate.get(),
        Action::Prime { .. } | Action::Stop { .. } => DoseRate::ZERO,
    }
}

/// Whether the pump already does what is wanted. The volume left of a prime runs down by itself.
fn agrees(force: Action, wanted: Action) -> bool {
    match (force, wanted) {
        (Action::Prime { .. }, Action::Prime { .. }) => true,
        (force, wanted) => force == wanted,
    }
}
