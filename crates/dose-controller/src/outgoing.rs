//! What leaves in a cycle: for the pump, and for whoever watches.

use infusion_types::{
    Action, Alarm, Asks, Decision, DoseEstimate, DoseRate, Mode, Quiet, Reason, Refusal, Send,
    StopCause, Timestamp,
};

use crate::guard;
use crate::ledger::Window;
use crate::protocol::Protocol;
use crate::state::State;
use crate::watch;

impl State {
    pub(crate) fn send(&mut self, protocol: &Protocol, now: Timestamp) -> Send {
        let timing = protocol.timing();
        let quiet = match self.mode {
            Mode::Off | Mode::Post => Some(Quiet::SelfTest),
            Mode::Fallback => Some(Quiet::Unreconciled),
            Mode::Idle
            | Mode::Prime
            | Mode::Active
            | Mode::Hold
            | Mode::Paused
            | Mode::Stopped
            | Mode::Complete => None,
        };
        let wanted = match quiet {
            // A self-test keeps every change of rate but a stop (SR-55).
            Some(_) => self.stop_meanwhile(),
            None => self.wanted_action(protocol),
        };
        match (wanted, quiet) {
            (Some(action), _) => {
                let readable = self.may_command(protocol, now);
                self.exchange.want(timing, now, (action, readable))
            }
            (None, Some(quiet)) => match self.exchange.keep_alive(timing, now) {
                Send::Quiet(_) => Send::Quiet(quiet),
                ping @ (Send::Ping | Send::Command(_)) => ping,
            },
            (None, None) => Send::Quiet(Quiet::NothingStarted),
        }
    }

    /// A stop that cannot wait until the therapy is taken up again.
    fn stop_meanwhile(&self) -> Option<Action> {
        let cause = watch::stop_cause(self).filter(|_| self.in_session())?;
        Some(self.stop_for(cause))
    }

    /// The stop for `cause`. Until the pump has been read after a reset, one that is on its way and does as
    /// much is not given again under another number (SR-28).
    fn stop_for(&self, cause: StopCause) -> Action {
        let enough = |told: &Action| match told {
            Action::Stop { clamp, .. } => *clamp || !cause.clamps(),
            Action::Infuse { .. } | Action::Prime { .. } => false,
        };
        let told = self.exchange.stop_told().filter(enough);
        told.filter(|_| self.unread()).unwrap_or(stop(cause))
    }

    /// Whether the pump has not been read, or not taken up, since a reset.
    fn unread(&self) -> bool {
        let booting = matches!(self.mode, Mode::Off | Mode::Post | Mode::Fallback);
        booting || !self.exchange.is_read()
    }

    /// What the pump should be doing.
    fn wanted_action(&self, protocol: &Protocol) -> Option<Action> {
        match self.mode {
            Mode::Off | Mode::Post | Mode::Fallback => None,
            Mode::Idle if self.must_close().is_some() => self.must_close().map(stop),
            Mode::Complete if self.must_close().is_some() => self.must_close().map(stop),
            Mode::Idle => {
                let primed = matches!(self.exchange.in_force(), Some(Action::Prime { .. }));
                let stopped = matches!(self.exchange.in_force(), Some(Action::Stop { .. }));
                (primed || stopped).then(|| stop(StopCause::Primed))
            }
            Mode::Prime => {
                let volume_left = protocol.line().open.saturating_sub(self.primed);
                Some(Action::Prime { volume_left })
            }
            Mode::Active | Mode::Hold => {
                let drug = self.contents.drug();
                let quantum = guard::quantum(protocol.limits(), drug);
                let rate = self.plan.to_nearest(quantum).positive()?;
                Some(Action::Infuse { rate, at: drug })
            }
            Mode::Paused => Some(stop(StopCause::Paused)),
            Mode::Stopped => Some(self.stop_for(self.stopped_by.unwrap_or(StopCause::Ordered))),
            Mode::Complete => Some(stop(StopCause::Weaned)),
        }
    }

    /// A cause to close the line that holds before therapy and after it as well.
    fn must_close(&self) -> Option<StopCause> {
        watch::stop_cause(self).filter(|cause| cause.clamps())
    }

    pub(crate) fn decision(
        &self,
        protocol: &Protocol,
        now: Timestamp,
        (send, reason, store): (Send, Reason, bool),
    ) -> Decision {
        let day = self.ledger.window(Window::Day);
        // Both ends are rounded by themselves: where nothing is in doubt they may cross by a nanogram.
        let high = day.given.high;
        let low = day.given.low.min(self.measured_at_most(protocol)).min(high);
        Decision {
            send,
            plan: if self.mode.is_therapy() {
                self.plan
            } else {
                DoseRate::ZERO
            },
            reason,
            mode: self.mode,
            alarms: *self.alarms.panel(),
            planned_24h: day.planned,
            estimate_24h: DoseEstimate { low, high },
            deficit_permille: self.deficit_permille(protocol),
            asks: self.asks(protocol, now),
            store,
        }
    }

    fn asks(&self, protocol: &Protocol, now: Timestamp) -> Asks {
        let in_use = self.mode.is_therapy();
        let gap = self.gap_needs_authorisation(protocol, now);
        // After a gap the signs are those of the gap, and the rung before it is more than may be given (SR-15).
        let withdrawing =
            self.alarms.stands(Alarm::WithdrawalSigns) && !self.gap_over(protocol, now);
        let back = self.history.previous().max(self.plan);
        let back = (withdrawing && in_use && back > self.plan).then(|| back.daily());
        let again = self.needs_authorising_again(protocol, now);
        let again = again.then(|| self.plan.daily());
        let waits = matches!(self.mode, Mode::Paused | Mode::Stopped);
        let below_floor = matches!(self.rung_refused, Some(Refusal::BelowPumpFloor { .. }));
        Asks {
            assessment: in_use
                && (self.titration.inconsistent() || self.titration.overdose_suspected()),
            weighing: in_use && self.reservoir.wants_weighing(protocol.sensing(), now),
            authorisation: if gap {
                Some(self.gap_dose(protocol, now))
            } else {
                back.or(again)
            },
            concentration: in_use && below_floor,
            completion: self.may_complete(protocol, now),
            resumption: waits && watch::stop_cause(self).is_none(),
            refill: self
                .alarms
                .stands(Alarm::ReservoirLow)
                .then(|| self.reservoir.usable(protocol.sensing())),
        }
    }
}

impl State {
    /// The pump is heard, runs at another rate than the plan, and what could be done from here has been done:
    /// somebody has lowered its own limit, and only people at the pump raise that (SR-02). Nothing is asked for
    /// that two users have not authorised before.
    fn needs_authorising_again(&self, protocol: &Protocol, now: Timestamp) -> bool {
        let refused = self.exchange.is_unresolved() && self.refusals.stand(now);
        self.mode.infuses()
            && self.may_command(protocol, now)
            && (self.exchange.is_in_vain() || refused)
            && self.plan <= self.authorised
    }
}

const fn stop(cause: StopCause) -> Action {
    Action::Stop {
        cause,
        clamp: cause.clamps(),
    }
}
