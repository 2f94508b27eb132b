//! The order of one cycle. No arithmetic lives here.

use core::time::Duration;

use infusion_types::{
    Alarm, AlarmSet, Assessment, Decision, DoseRate, Host, Inputs, Mode, Observed, Order, Readings,
    Reason, Refusal, Send, Session, StopCause, Timestamp,
};

use crate::mode::{self, Situation};
use crate::orders;
use crate::protocol::Protocol;
use crate::report::Heard;
use crate::saved::Saved;
use crate::state::State;
use crate::watch;

/// The controller: a protocol and a memory.
#[derive(Clone, Debug)]
pub struct Controller {
    protocol: Protocol,
    state: State,
}

impl Controller {
    /// A controller that has just been switched on, at time zero of its clock.
    #[must_use]
    pub fn new(protocol: Protocol, session: Session) -> Self {
        Self {
            protocol,
            state: State::new(&protocol, session, Timestamp::ZERO),
        }
    }

    /// A controller that comes back at `now`, with what it had stored or with nothing. Its clock has gone on
    /// meanwhile.
    ///
    /// With a session it infuses as the pump last knew until it has read the pump; its windows, plan
    /// and sequence numbers are those that were stored. Without one it waits, idle, for people. What no
    /// controller can have stored counts as nothing, with AL-35: see [`Saved::check`].
    #[must_use]
    pub fn resume(
        protocol: Protocol,
        session: Session,
        saved: Option<Saved>,
        now: Timestamp,
    ) -> Self {
        let stored = saved.map(|saved| saved.check(&protocol).map(|()| saved.into_state()));
        let state = match stored {
            Some(Ok(stored)) => stored.wake(now),
            Some(Err(_)) => {
                let mut state = State::new(&protocol, session, now);
                state.platform.refuse_stored();
                state
            }
            None => State::new(&protocol, session, now),
        };
        Self { protocol, state }
    }

    /// What has to be durable before a command leaves.
    #[must_use]
    pub fn saved(&self) -> Saved {
        Saved::of(&self.state)
    }

    /// The same, over what was stored before: a state is large, and this copies it once.
    pub fn save_over(&self, saved: &mut Saved) {
        saved.renew(&self.state);
    }

    /// The prescription.
    #[must_use]
    pub const fn protocol(&self) -> &Protocol {
        &self.protocol
    }

    /// When the next decision is due; calling [`Controller::step`] early is harmless.
    #[must_use]
    pub fn poll_timeout(&self) -> Timestamp {
        let timing = self.protocol.timing();
        let wait = match self.state.mode {
            Mode::Complete => timing.ping_every.max(Duration::from_secs(3_600)),
            Mode::Off | Mode::Post => timing.cycle.min(Duration::from_secs(1)),
            Mode::Prime => timing
                .cycle
                .min(timing.prime_lease.checked_div(2).unwrap_or_default()),
            Mode::Idle
            | Mode::Active
            | Mode::Hold
            | Mode::Fallback
            | Mode::Paused
            | Mode::Stopped => timing.cycle.min(timing.ping_every),
        };
        let by = self.state.tells_by(&self.protocol, self.state.stepped);
        self.state.stepped.after(wait).min(by)
    }

    /// Takes one cycle's inputs and decides.
    pub fn step(&mut self, now: Timestamp, inputs: &Inputs<'_>) -> Decision {
        let (protocol, state) = (&self.protocol, &mut self.state);
        let (plan_before, dry_before) = (state.plan, state.dry);
        let stood = *state.alarms.panel();
        let heard = state.read(protocol, now, inputs.telemetry);
        let readings = &heard.readings;
        state.account(protocol, now, &heard);
        let told = state.hear(protocol, now, &heard)
            || inputs.assessment.is_some()
            || !inputs.orders.is_empty();
        state.platform.see(now, inputs.host);
        let by_pump = state.count_refusals(now, &heard, inputs.host);
        state.discard_idle_entry(protocol, now);
        let mut situation = Situation::default();
        let mut reason = state.take_orders(protocol, now, inputs.orders, &mut situation);
        if let Some(assessment) = inputs.assessment {
            reason = state.take_assessment(protocol, now, assessment).or(reason);
        }
        let reason = reason.or(by_pump);
        let condition = watch::conditions(protocol, state, now, readings);
        let raised = watch::raised(protocol, state, now);
        state.alarms.update(now, condition, raised);
        let mode_before = state.mode;
        state.move_mode(protocol, now, readings, situation);
        let schedule = state.follow_schedule(protocol, now);
        if matches!(schedule, Reason::Refused(_)) {
            // A refused rung is said in the cycle that refuses it, not in the next.
            let clamped = condition.with(Alarm::LimitClamped, true);
            state.alarms.update(now, clamped, raised);
        }
        let send = state.send(protocol, now);
        let moved = matches!(schedule, Reason::Decremented { .. } | Reason::Refused(_));
        let reason = if moved {
            schedule
        } else {
            reason.unwrap_or(schedule)
        };
        let store = told
            || state.plan != plan_before
            || state.mode != mode_before
            || state.dry != dry_before
            || !state.alarms.panel().stands_like(&stood)
            || matches!(send, Send::Command(_));
        state.decision(protocol, now, (send, reason, store))
    }
}

impl State {
    /// What the pump has not taken, and frames that either end has not (AL-20, AL-24).
    fn count_refusals(&mut self, now: Timestamp, heard: &Heard, host: &Host) -> Option<Reason> {
        let pump = heard.readings.refused.ok().filter(|_| heard.new);
        let pump = pump.map(|sample| sample.value);
        let commands = self.security.count(now, pump, host.refused_frames);
        self.refusals.note_all(now, commands);
        (commands > 0).then_some(Reason::Refused(Refusal::ByPump))
    }

    /// Applies orders one by one; the last outcome worth telling is returned.
    fn take_orders(
        &mut self,
        protocol: &Protocol,
        now: Timestamp,
        orders: &[Order],
        situation: &mut Situation,
    ) -> Option<Reason> {
        let mut told = None;
        for order in orders {
            match orders::apply(protocol, self, (now, order), situation) {
                Ok(outcome) => told = outcome.or(told),
                Err(refusal) => told = Some(self.refuse(now, refusal)),
            }
        }
        told
    }

    fn take_assessment(
        &mut self,
        protocol: &Protocol,
        now: Timestamp,
        assessment: &Assessment,
    ) -> Option<Reason> {
        let seen = assessment.admit();
        // Nobody has seen the patient of tomorrow: such a time would stay fresh for ever.
        let at = seen.at.min(now);
        self.titration
            .observe(protocol.observation(), &Observed { at, ..seen });
        let bad = self.titration.refused()?;
        Some(self.refuse(now, Refusal::BadValue(bad)))
    }

    fn refuse(&mut self, now: Timestamp, refusal: Refusal) -> Reason {
        self.refusals.note(now);
        Reason::Refused(refusal)
    }

    fn move_mode(
        &mut self,
        protocol: &Protocol,
        now: Timestamp,
        readings: &Readings,
        orders: Situation,
    ) {
        let timing = protocol.timing();
        self.stop_after_a_dry_gap(protocol, now);
        let stop = watch::stop_cause(self).filter(|_| self.mode.is_therapy() || orders.start);
        self.watch_stop(now, stop);
        let by_itself = self.clears_by_itself(protocol, now);
        if watch::prime_is_over(protocol, self, readings) {
            self.prime_to(protocol, protocol.line().open);
        }
        let situation = Situation {
            tested: now.since(self.powered_at) >= timing.self_test,
            restored: self.restored,
            reconciled: self.reconciled(),
            priming: now < self.prime_until
                && self.primed < protocol.line().open
                && self.blocking_stop().is_none(),
            stop,
            hold: !self
                .alarms
                .panel()
                .active
                .intersection(AlarmSet::HOLDING)
                .is_empty()
                || self.titration.overdose_suspected(),
            pause: self.ordered_pause,
            resume: orders.resume || by_itself,
            ..orders
        };
        let infused = self.mode.infuses();
        self.mode = mode::next(self.mode, &situation);
        if infused && self.mode == Mode::Stopped {
            self.count_stop(now);
        }
        self.note_move(now);
    }

    fn watch_stop(&mut self, now: Timestamp, stop: Option<StopCause>) {
        if stop.is_some() {
            self.stopped_by = stop;
        }
        self.stop_gone_at = match (stop, self.stop_gone_at) {
            (Some(_), _) => None,
            (None, None) => Some(now),
            (None, since) => since,
        };
    }

    /// A reservoir that was empty for too long has been filled: the old rate may not come back by itself
    /// (SR-15). Whoever filled it goes on with it.
    fn stop_after_a_dry_gap(&mut self, protocol: &Protocol, now: Timestamp) {
        if self.mode.infuses() && !self.dry && self.gap_over(protocol, now) {
            self.ordered_stop = true;
        }
    }

    /// Counts a stop that could end by itself (SR-73).
    fn count_stop(&mut self, now: Timestamp) {
        if let Some((alarm, cause)) = watch::stop_alarm(self)
            && cause.clears_by_itself()
        {
            self.restarts.note(now, cause, alarm);
        }
    }

    /// A passing occlusion that was seen to pass: the pump begins again by itself, unless it has done so too
    /// often (SR-73).
    fn clears_by_itself(&self, protocol: &Protocol, now: Timestamp) -> bool {
        matches!(self.mode, Mode::Stopped)
            && !self.ordered_pause
            && self.platform.record_agrees()
            && self.may_command(protocol, now)
            && self.restarts.kept().is_empty()
            && self.stopped_by.is_some_and(StopCause::clears_by_itself)
            && !self.gap_over(protocol, now)
            && self
                .stop_gone_at
                .is_some_and(|at| now.since(at) >= protocol.timing().settle)
    }

    fn note_move(&mut self, now: Timestamp) {
        if self.mode.is_therapy() {
            self.therapy_since = self.therapy_since.or(Some(now));
        }
        if self.idle_since.is_none() {
            self.gap_plan = self.plan;
        }
        self.idle_since = match self.mode {
            Mode::Paused | Mode::Stopped => self.idle_since.or(Some(now)),
            // A pump that has run dry infuses nothing, whatever it was told.
            Mode::Active | Mode::Hold if self.dry => self.idle_since.or(Some(now)),
            Mode::Off | Mode::Post | Mode::Fallback => self.idle_since,
            Mode::Idle | Mode::Prime | Mode::Active | Mode::Hold | Mode::Complete => None,
        };
        if self.mode == Mode::Complete {
            self.plan = DoseRate::ZERO;
        }
    }
}
