//! Commands and their read-backs: one at a time, retried under the same number, never doubled.

use infusion_types::{
    Accepted, Action, Command, DoseRate, NoData, Quiet, Reading, Send, Session, Timestamp, Timing,
};

/// After this many retries nobody knows what the pump does (SR-21).
const RETRIES: u8 = 2;

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
struct Awaiting {
    command: Command,
    sent: Timestamp,
    retries: u8,
}

/// The conversation with the pump.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
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
    /// A command went unanswered to the end; since then none has been answered, and what the pump reads back
    /// is not what is wanted.
    unresolved: bool,
    /// What it was last read back to do is no command that was ever given here.
    strange: bool,
    /// It has been read since the controller was switched on.
    read: bool,
    spoke: Timestamp,
    heard: Timestamp,
}

/// What a read-back tells.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Told {
    /// Another command than before.
    pub(crate) new: bool,
    /// It has a higher number than any that was given here, as far as anybody here remembers.
    pub(crate) beyond: Option<Accepted>,
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
            strange: false,
            read: false,
            spoke: now,
            heard: now,
        }
    }

    /// Takes the read-back of a report in that was made at `at`. Without one, the report is a sign of life.
    pub(crate) fn hear(
        &mut self,
        timing: &Timing,
        at: Timestamp,
        accepted: Reading<Accepted>,
    ) -> Told {
        self.heard = self.heard.max(at);
        let read = match accepted {
            Ok(sample) => Some(sample.value),
            // It says that it has taken nothing: that is an answer as well.
            Err(NoData::NeverSeen) => None,
            Err(_) => return Told::default(),
        };
        let ours = read.filter(|accepted| accepted.session == self.session);
        let beyond = ours.filter(|accepted| accepted.sequence > self.sequence);
        if let Some(accepted) = beyond {
            self.go_on_above(accepted.sequence);
        }
        let settled = self.settle(timing, at, ours);
        let new = ours.is_some() && ours != self.accepted;
        let first = !core::mem::replace(&mut self.read, true);
        // A number from beyond what was stored is one's own; later on it is somebody else's.
        self.strange = match beyond {
            Some(_) => !first,
            None => self.strange && !new,
        };
        self.compare(read, ours, settled);
        self.accepted = if first { ours } else { ours.or(self.accepted) };
        Told { new, beyond }
    }

    /// Whether a read-back is from before the one that is known.
    pub(crate) fn is_behind(&self, read: Reading<Accepted>) -> bool {
        match (self.accepted, read) {
            (Some(known), Ok(sample)) => {
                let other = sample.value;
                other.session == known.session && other.sequence < known.sequence
            }
            (Some(_), Err(NoData::NeverSeen)) => true,
            (Some(_) | None, _) => false,
        }
    }

    /// The pump has taken a number that was not given here, so it takes none up to it any more (SR-23).
    fn go_on_above(&mut self, sequence: u32) {
        self.sequence = sequence;
        self.awaiting = None;
        self.overtaken = [None; 2];
    }

    /// Whether the command under way is answered, or given up.
    ///
    /// A pump that still reads back another command long after the last retry has never had this one, and
    /// a frame that old has no effect any more (SR-24): it is given up, so that what is wanted leaves
    /// again under a new number (SR-28).
    fn settle(&mut self, timing: &Timing, at: Timestamp, ours: Option<Accepted>) -> (bool, bool) {
        let answers = |awaiting: &Awaiting| {
            ours.is_some_and(|accepted| {
                accepted.sequence == awaiting.command.sequence
                    && accepted.action == awaiting.command.action
            })
        };
        let never_had = |awaiting: &Awaiting| {
            let twice = timing.read_back.saturating_mul(2);
            awaiting.retries >= RETRIES && at.since(awaiting.sent) >= twice
        };
        let answered = self.awaiting.as_ref().is_some_and(answers);
        let given_up = self.awaiting.as_ref().is_some_and(never_had);
        self.unresolved = (self.unresolved || given_up) && !answered;
        if answered || given_up {
            self.awaiting = None;
            self.overtaken = [None; 2];
        }
        (answered, given_up)
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
    /// A command that was under way may be in force, and stays under way.
    pub(crate) const fn wake(&mut self) {
        self.confirmed = None;
        self.differs_since = None;
        (self.told_again, self.strange, self.read) = (false, false, false);
    }

    /// Whether the pump has been read since the controller was switched on.
    pub(crate) const fn is_read(&self) -> bool {
        self.read
    }

    /// Whether a command waits for its read-back.
    pub(crate) const fn waits(&self) -> bool {
        self.awaiting.is_some()
    }

    /// It was told again, once, and still does something else: only a person can help (SR-29).
    pub(crate) const fn is_in_vain(&self) -> bool {
        self.told_again && self.awaiting.is_none() && self.differs_since.is_some()
    }

    /// Whether the last command went unanswered to the end, and none has been answered since.
    pub(crate) const fn is_unresolved(&self) -> bool {
        self.unresolved
    }

    /// Two users have seen to the pump: it may be told once more.
    pub(crate) const fn attend(&mut self) {
        if self.awaiting.is_none() {
            self.told_again = false;
        }
    }

    /// Whether the pump does what nobody told it to under the session's own name.
    pub(crate) const fn is_strange(&self) -> bool {
        self.strange
    }

    /// Whether the pump primes, or may prime, because it was told to from here.
    pub(crate) fn told_to_prime(&self) -> bool {
        let force = self.in_force().filter(|_| !self.strange);
        let mut told = force.into_iter().chain(self.perhaps());
        told.any(|action| matches!(action, Action::Prime { .. }))
    }

    /// The stop that is in force or on its way.
    pub(crate) fn stop_told(&self) -> Option<Action> {
        let awaited = self.awaiting.map(|awaiting| awaiting.command.action);
        let last = awaited.or(self.in_force());
        last.filter(|action| matches!(action, Action::Stop { .. }))
    }

    /// When the command under way is to be repeated, or becomes uncertain.
    pub(crate) fn due(&self, timing: &Timing) -> Option<Timestamp> {
        self.awaiting
            .map(|awaiting| awaiting.sent.after(timing.read_back))
    }

    /// When the pump last spoke.
    pub(crate) const fn heard(&self) -> Timestamp {
        self.heard
    }

    /// Whether every time in it lies before `now`.
    pub(crate) fn is_past(&self, now: Timestamp) -> bool {
        let sent = self.awaiting.map(|awaiting| awaiting.sent);
        let times = [sent, self.differs_since, Some(self.spoke), Some(self.heard)];
        times.into_iter().flatten().all(|at| at <= now)
    }

    /// Whether its numbers are ones that it can have given.
    pub(crate) fn is_sound(&self) -> bool {
        let given = |it: &Accepted| it.session != self.session || it.sequence <= self.sequence;
        let newest = |it: &Awaiting| {
            let ours = it.command.session == self.session && it.command.sequence == self.sequence;
            ours && it.retries <= RETRIES
        };
        self.accepted.iter().chain(&self.confirmed).all(given) && self.awaiting.iter().all(newest)
    }

    /// The pairing.
    pub(crate) const fn session(&self) -> Session {
        self.session
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
    ///
    /// Nothing new leaves for a pump that cannot be read (SR-28), but a stop: that harms nobody twice.
    pub(crate) fn want(
        &mut self,
        timing: &Timing,
        now: Timestamp,
        (wanted, readable): (Action, bool),
    ) -> Send {
        let may = readable || matches!(wanted, Action::Stop { .. });
        match self.awaiting {
            Some(awaiting) if awaiting.command.action == wanted => self.wait(timing, now, awaiting),
            None if self.was_told(wanted) => self.tell_again(timing, now, (wanted, may)),
            None if self.in_force().is_some_and(|force| agrees(force, wanted)) => {
                // What went unanswered is not wanted any more, and no other command will leave for it.
                self.unresolved = false;
                self.renew(timing, now, (wanted, may))
            }
            Some(_) | None if may => self.issue(timing, now, wanted),
            Some(_) | None => self.blind(timing, now),
        }
    }

    /// Something else is wanted, and has to wait for a report.
    fn blind(&mut self, timing: &Timing, now: Timestamp) -> Send {
        match self.keep_alive(timing, now) {
            Send::Quiet(_) => Send::Quiet(Quiet::Unreconciled),
            ping @ (Send::Ping | Send::Command(_)) => ping,
        }
    }

    /// Whether the pump has left what is wanted by itself.
    fn was_told(&self, wanted: Action) -> bool {
        let told = self.confirmed.map(|confirmed| confirmed.action);
        self.differs_since.is_some() && told.is_some_and(|told| agrees(told, wanted))
    }

    /// Once, when it has lasted, without a retry; if that does not help, nobody knows what the pump does.
    fn tell_again(
        &mut self,
        timing: &Timing,
        now: Timestamp,
        (wanted, may): (Action, bool),
    ) -> Send {
        if self.told_again || !self.differs(timing) || !may {
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
    fn renew(&mut self, timing: &Timing, now: Timestamp, (wanted, may): (Action, bool)) -> Send {
        let half = timing.prime_lease.checked_div(2).unwrap_or_default();
        match wanted {
            Action::Prime { .. } if now.since(self.spoke) >= half && may => {
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
