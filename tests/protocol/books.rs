//! What somebody who sees both ends writes down, so that a law can be asked of one moment.

use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};

use infusion_device::Truth;
use infusion_types::{Action, Alarm, Command, Decision, PumpState, Send, Telemetry, Timestamp};

use super::kept::mark;

/// So long an unanswered command may go without being told of (SR-21).
const UNTOLD_MOST_MS: u64 = 120_000;
/// How long a prime may last without a new command (SR-25): its lease, and a second.
const PRIME_MOST_MS: u64 = 11_000;
/// The least step of the pump's flow, µL/h.
const QUANTUM_UL_PER_H: f64 = 0.01;

/// One command, as both ends have treated it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    action: Action,
    first_sent: Timestamp,
    pub(super) sent: u32,
    pub(super) applied: u32,
}

/// The books. What is broken once stays broken.
#[derive(Clone, Debug, Default)]
pub(super) struct Books {
    pub(super) commands: BTreeMap<u32, Entry>,
    /// The newest command that a report has told the controller of.
    answered: u32,
    /// The newest command that has been in force.
    newest: u32,
    /// What the pump last took.
    taken: Option<Action>,
    /// When it last took a command to prime.
    primed: Timestamp,
    /// Nanograms that it had moved when the controller last decided.
    pub(super) moved_ng: f64,
    /// One number has meant two actions.
    pub(super) ambiguous: bool,
    /// What is in force was never said, or an older command came back.
    pub(super) unsaid: bool,
    /// The motor does not do what the pump last took.
    pub(super) by_itself: bool,
    /// It primed for longer than it may.
    pub(super) overprimed: bool,
    /// A command went unanswered for too long, and nobody was told.
    pub(super) untold: bool,
    /// An end of the link has refused something.
    pub(super) refused: bool,
    /// The controller has restarted while a command was unanswered.
    pub(super) restarted_unanswered: bool,
}

impl Hash for Books {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        mark(self).hash(hasher);
    }
}

impl Books {
    /// What the controller has decided, and what the pump had done by then.
    pub(super) fn decided(&mut self, now: Timestamp, decision: &Decision, truth: &Truth) {
        self.moved_ng = truth.moved_ug * 1e3;
        if let Send::Command(command) = decision.send {
            let entry = self.commands.entry(command.sequence).or_insert(Entry {
                action: command.action,
                first_sent: now,
                sent: 0,
                applied: 0,
            });
            entry.sent += 1;
            self.ambiguous |= entry.action != command.action;
        }
        // Only the newest command is waited for, and during the self-test nobody can tell of it.
        let newest = self.commands.last_key_value();
        let waited = newest.is_some_and(|(sequence, entry)| {
            *sequence > self.answered && now.millis_since(entry.first_sent) >= UNTOLD_MOST_MS
        });
        let told = decision.alarms.active.contains(Alarm::CommandUncertain);
        self.untold |= waited && decision.mode.is_therapy() && !told;
    }

    /// The pump has put a command in force.
    pub(super) fn applied(&mut self, now: Timestamp, command: &Command) {
        if let Some(entry) = self.commands.get_mut(&command.sequence) {
            entry.applied += 1;
        }
        self.taken = Some(command.action);
        if matches!(command.action, Action::Prime { .. }) {
            self.primed = now;
        }
    }

    /// A report has reached the controller.
    pub(super) fn read_back(&mut self, report: &Telemetry) {
        if let Ok(accepted) = report.accepted {
            self.answered = self.answered.max(accepted.value.sequence);
        }
    }

    pub(super) fn restarted(&mut self) {
        let newest = self.commands.keys().next_back();
        self.restarted_unanswered |= newest.is_some_and(|newest| *newest > self.answered);
    }

    /// What the pump really does.
    pub(super) fn look(&mut self, now: Timestamp, truth: &Truth) {
        if let Some(accepted) = truth.accepted.map(|accepted| accepted.value) {
            let said = self.commands.get(&accepted.sequence);
            self.unsaid |= said.is_none_or(|entry| entry.action != accepted.action);
            self.unsaid |= accepted.sequence < self.newest;
            self.newest = self.newest.max(accepted.sequence);
        }
        let flow = truth.set_flow_ul_per_h;
        let primes = truth.state == PumpState::Priming;
        self.by_itself |= match self.taken {
            Some(Action::Infuse { rate, at }) => {
                let rate = rate.get().nanograms_per_hour() as f64;
                let asked = rate / f64::from(at.micrograms_per_millilitre());
                (flow - asked).abs() > QUANTUM_UL_PER_H
            }
            // It ends by itself, when the volume has been moved or the lease is over.
            Some(Action::Prime { .. }) => flow > 0.0 && !primes,
            Some(Action::Stop { .. }) | None => flow > 0.0,
        };
        self.overprimed |= primes && now.millis_since(self.primed) > PRIME_MOST_MS;
    }
}
