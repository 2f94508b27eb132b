//! The exchange with the pump: what it was told, whether it has read it back, and whether it still speaks.

use core::time::Duration;

use infusion_types::{
    Accepted, Action, Command, DoseRate, Prescription, PumpState, Quiet, Readings, Send, Sensing,
    Session, Temperature, Timestamp, Timing,
};

/// So often a command is told again before it is uncertain.
const REPEATS: u32 = 2;

/// What the pump was told last.
#[derive(Clone, Copy, Debug)]
struct Told {
    action: Action,
    at: Timestamp,
    repeats: u32,
    /// The pump has said that it took it.
    read: bool,
}

/// The pump, as far as it is known.
#[derive(Clone, Debug)]
pub(crate) struct Pump {
    session: Session,
    on_since: Timestamp,
    /// The number of the last command.
    pub(crate) sequence: u32,
    told: Option<Told>,
    in_force: Option<Action>,
    /// It says that it infuses.
    infuses: bool,
    /// What its flow may be wrong by, in thousandths: nothing within its rated temperatures.
    error_permille: u32,
    spoken_at: Option<Timestamp>,
    /// When anything was last said to it.
    addressed_at: Option<Timestamp>,
}

impl Pump {
    /// A pump that has not spoken since the power came on.
    pub(crate) const fn new(session: Session, on_since: Timestamp) -> Self {
        Self {
            session,
            on_since,
            sequence: 0,
            told: None,
            in_force: None,
            infuses: false,
            error_permille: 0,
            spoken_at: None,
            addressed_at: None,
        }
    }

    /// Takes a report in that was made at `spoken`. One from before the power came on, or from the future, is none.
    pub(crate) fn hear(
        &mut self,
        now: Timestamp,
        rx: &Prescription,
        spoken: Option<Timestamp>,
        report: &Readings,
    ) {
        let latest = now.after(rx.timing.report_ahead);
        let spoken = spoken.filter(|at| (self.on_since..=latest).contains(at));
        self.spoken_at = self.spoken_at.max(spoken);
        if !self.is_heard(now, &rx.timing) {
            return;
        }
        if let Ok(state) = report.state {
            self.infuses = matches!(state.value, PumpState::Infusing | PumpState::Holding);
        }
        if let Ok(temperature) = report.temperature {
            self.error_permille = error_permille(&rx.sensing, temperature.value);
        }
        if let Ok(accepted) = report.accepted {
            self.in_force = Some(accepted.value.action);
            let mine = |told: &Told| Accepted {
                session: self.session,
                sequence: self.sequence,
                action: told.action,
            };
            self.told = self.told.map(|told| Told {
                read: told.read || accepted.value == mine(&told),
                ..told
            });
        }
    }

    /// Whether it has spoken since the power came on, and lately.
    pub(crate) fn is_heard(&self, now: Timestamp, timing: &Timing) -> bool {
        let counts_for = timing.cycle.saturating_mul(timing.report_cycles);
        self.spoken_at.is_some_and(|at| now.since(at) <= counts_for)
    }

    /// Whether it has spoken since the power came on.
    pub(crate) const fn has_spoken(&self) -> bool {
        self.spoken_at.is_some()
    }

    /// For how long it has said nothing.
    pub(crate) fn silent_for(&self, now: Timestamp) -> Duration {
        now.since(self.spoken_at.unwrap_or(self.on_since))
    }

    /// Whether the last command has been read back.
    pub(crate) fn has_read(&self) -> bool {
        self.told.is_some_and(|told| told.read)
    }

    /// Whether a command was told as often as it may be, and nobody has read it back.
    pub(crate) fn is_uncertain(&self, now: Timestamp, timing: &Timing) -> bool {
        let waits = |told: &Told| now.since(told.at) >= timing.read_back;
        self.told
            .is_some_and(|told| !told.read && told.repeats >= REPEATS && waits(&told))
    }

    /// Whether it has been told anything since the power came on.
    pub(crate) const fn has_been_told(&self) -> bool {
        self.told.is_some()
    }

    /// The least and the most that may flow; none while nothing is known of it.
    pub(crate) fn rates(&self) -> Option<(DoseRate, DoseRate)> {
        let told = self.told.map(|told| rate_of(told.action));
        let held = self.in_force.map(rate_of);
        let (told, held) = (told.or(held)?, held.unwrap_or(DoseRate::ZERO));
        let low = if self.infuses {
            told.min(held)
        } else {
            DoseRate::ZERO
        };
        let error = self.error_permille;
        let (less, more) = (1_000_u32.saturating_sub(error), error.saturating_add(1_000));
        Some((low.permille(less), told.max(held).permille_up(more)))
    }

    /// Tells it what is wanted: once if that is new, again if it has not been read back, and else a sign of life.
    pub(crate) fn tell(&mut self, now: Timestamp, timing: &Timing, want: Action) -> Send {
        let Some(told) = self.told.filter(|told| !is_due(told, want, now, timing)) else {
            self.sequence = self.sequence.saturating_add(1);
            return self.send(now, timing, want, 0);
        };
        if !told.read && told.repeats < REPEATS && now.since(told.at) >= timing.read_back {
            return self.send(now, timing, told.action, told.repeats.saturating_add(1));
        }
        let quiet = if told.read {
            Quiet::NothingNew
        } else {
            Quiet::AwaitingReadBack
        };
        self.ping(now, timing, quiet)
    }

    fn send(&mut self, now: Timestamp, timing: &Timing, action: Action, repeats: u32) -> Send {
        self.told = Some(Told {
            action,
            at: now,
            repeats,
            read: false,
        });
        self.addressed_at = Some(now);
        let lease = match action {
            Action::Prime { .. } => timing.prime_lease,
            Action::Infuse { .. } | Action::Stop { .. } => timing.lease,
        };
        Send::Command(Command {
            session: self.session,
            sequence: self.sequence,
            action,
            lease,
        })
    }

    /// A sign of life, when it is time for one.
    pub(crate) fn ping(&mut self, now: Timestamp, timing: &Timing, quiet: Quiet) -> Send {
        if self
            .addressed_at
            .is_some_and(|at| now.since(at) < timing.ping_every)
        {
            return Send::Quiet(quiet);
        }
        self.addressed_at = Some(now);
        Send::Ping
    }
}

/// Whether `want` has to be told as something new. A prime ends with its lease, and is renewed in time.
fn is_due(told: &Told, want: Action, now: Timestamp, timing: &Timing) -> bool {
    match (told.action, want) {
        (Action::Prime { .. }, Action::Prime { .. }) => {
            now.since(told.at).saturating_mul(2) >= timing.prime_lease
        }
        (told, want) => told != want,
    }
}

/// What the flow may be wrong by outside the rated band (SR-79).
fn error_permille(rules: &Sensing, now: Temperature) -> u32 {
    let [cold, warm] = rules.temperature;
    let beyond = cold.saturating_sub(now).max(now.saturating_sub(warm));
    let degrees = u32::try_from(beyond.millidegrees())
        .unwrap_or(0)
        .div_ceil(1_000);
    degrees.saturating_mul(rules.temperature_error_permille_per_c)
}

fn rate_of(action: Action) -> DoseRate {
    match action {
        Action::Infuse { rate, .. } => rate.get(),
        Action::Prime { .. } | Action::Stop { .. } => DoseRate::ZERO,
    }
}
